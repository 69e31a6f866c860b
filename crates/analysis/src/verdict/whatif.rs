//! Runs of a text that differs in one thing: what would have happened?

use super::places;
use podplay_api::{ProbeKind, SimTime, Value};
use podplay_core::{Budget, Record, Subject, What};
use podplay_playback::{Plan, Run};
use std::time::Duration;

/// How long a program may take that is only waited for.
const PATIENCE: Duration = Duration::from_secs(900);
/// Steps in which such a run is computed.
const STEP: Duration = Duration::from_secs(30);
/// Wakeups that such a run may take.
const WAKEUPS: u64 = 400_000;

/// A plan in which one object of the text is another.
pub(crate) fn altered(plan: &Plan, index: usize, edit: impl FnOnce(&mut Value)) -> Option<Plan> {
    let object = plan.reading.objects.get(index)?;
    let mut plan = plan.clone();
    let same = |value: &&mut Value| {
        value["kind"] == object.kind.as_str()
            && value["metadata"]["name"] == object.name.as_str()
            && value["metadata"]["namespace"].as_str().is_none_or(|at| at == object.namespace)
    };
    edit(plan.objects.iter_mut().find(same)?);
    Some(plan)
}

/// The container of that name in a pod template.
pub(crate) fn container_of<'a>(
    object: &'a mut Value,
    kind: &str,
    name: &str,
) -> Option<&'a mut Value> {
    let path = places::template(kind);
    let keys = path.split('.').filter(|key| !key.is_empty()).chain(["spec"]);
    let spec = keys.fold(object, |value, key| &mut value[key]);
    let lists = ["containers", "initContainers"];
    let list = lists.into_iter().find(|list| {
        spec[*list].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name))
    })?;
    spec[list].as_array_mut()?.iter_mut().find(|one| one["name"] == name)
}

/// Computes a run in steps until something is found in its trace.
pub(crate) fn until<T>(run: &mut Run, find: impl Fn(&Run) -> Option<T>) -> Option<T> {
    let mut budget = Budget(WAKEUPS);
    let mut to = SimTime::ZERO;
    while to < run.end() {
        to = (to + STEP).min(run.end());
        let _ = run.advance(to, &mut budget);
        if let Some(found) = find(run) {
            return Some(found);
        }
        if budget.0 == 0 {
            return None;
        }
    }
    None
}

fn is_of(record: &Record, owner: &str, container: &str) -> bool {
    let pod = record.subject.pod();
    matches!(&record.subject, Subject::Container(_, name) if &**name == container)
        && pod.is_some_and(|pod| pod.name.starts_with(owner))
}

/// How long a container takes from its start until a probe would succeed, if nobody killed it before; `None` if the
/// probe never would.
pub(crate) fn needs(
    plan: &Plan,
    index: usize,
    container: &str,
    kind: ProbeKind,
) -> Option<Duration> {
    let object = plan.reading.objects.get(index)?;
    let (of, owner) = (object.kind.clone(), object.name.clone());
    let mut patient = altered(plan, index, |object| {
        let Some(container) = container_of(object, &of, container) else { return };
        for other in ProbeKind::ALL {
            let field = format!("{}Probe", other.as_str().to_ascii_lowercase());
            let Some(probe) = container.get_mut(&field).and_then(Value::as_object_mut) else {
                continue;
            };
            probe.insert("failureThreshold".into(), 1_000_000.into());
            if other == kind {
                probe.insert("periodSeconds".into(), 1.into());
                probe.insert("initialDelaySeconds".into(), 0.into());
            }
        }
        // A startup probe would keep the others from being asked.
        if kind != ProbeKind::Startup
            && let Some(container) = container.as_object_mut()
        {
            container.remove("startupProbe");
        }
    })?;
    patient.duration = PATIENCE;
    let mut run = Run::of(patient);
    until(&mut run, |run| {
        let mut started = None;
        for record in run.trace().iter().filter(|record| is_of(record, &owner, container)) {
            match &record.what {
                What::Running { restart: 0 } => started = Some(record.at),
                What::Probe { kind: of, success: true, .. } if *of == kind => {
                    return Some(record.at.since(started?));
                }
                _ => {}
            }
        }
        None
    })
}

/// How long an attempt of a probe takes if it may take as long as it wants; `None` if it never succeeds.
pub(crate) fn answer_takes(
    plan: &Plan,
    index: usize,
    container: &str,
    kind: ProbeKind,
) -> Option<Duration> {
    let object = plan.reading.objects.get(index)?;
    let (of, owner) = (object.kind.clone(), object.name.clone());
    let field = format!("{}Probe", kind.as_str().to_ascii_lowercase());
    let mut patient = altered(plan, index, |object| {
        let probe = container_of(object, &of, container).and_then(|one| one.get_mut(&field));
        if let Some(probe) = probe.and_then(Value::as_object_mut) {
            probe.insert("timeoutSeconds".into(), 300.into());
            probe.insert("failureThreshold".into(), 1_000_000.into());
        }
    })?;
    patient.duration = PATIENCE;
    let mut run = Run::of(patient);
    let (at, uid) = until(&mut run, |run| {
        run.trace().iter().find_map(|record| match &record.what {
            What::Probe { kind: of, success: true, .. }
                if *of == kind && is_of(record, &owner, container) =>
            {
                Some((record.at, record.subject.pod()?.uid.clone()))
            }
            _ => None,
        })
    })?;
    let before = run.seek(SimTime(at.0.saturating_sub(1)), None);
    let world = before.cluster().world();
    let worker = world.workers.values().find(|worker| worker.pod_ref.uid == uid)?;
    let prober = worker.probers.get(&(worker.index(container)?, kind))?;
    prober.in_flight.map(|since| at.since(since))
}

/// How long a Job takes if nothing stops it; `None` if it does not end.
pub(crate) fn job_takes(plan: &Plan, index: usize) -> Option<Duration> {
    let object = plan.reading.objects.get(index)?;
    let (kind, name) = (object.kind.clone(), object.name.clone());
    let mut patient = altered(plan, index, |object| {
        let spec = if kind == "CronJob" {
            &mut object["spec"]["jobTemplate"]["spec"]
        } else {
            &mut object["spec"]
        };
        if let Some(spec) = spec.as_object_mut() {
            spec.remove("activeDeadlineSeconds");
        }
    })?;
    patient.duration = PATIENCE * 4;
    let mut run = Run::of(patient);
    until(&mut run, |run| {
        let jobs = run.cluster().list("Job", None);
        let done = jobs.iter().find(|job| {
            job["metadata"]["name"].as_str().is_some_and(|job| job.starts_with(&name))
                && job["status"]["completionTime"].is_string()
        })?;
        let moment =
            |field: &str| done["status"][field].as_str().and_then(podplay_api::Timestamp::parse);
        let nanos = moment("completionTime")?.0 - moment("startTime")?.0;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    })
}
