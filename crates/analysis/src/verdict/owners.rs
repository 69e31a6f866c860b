//! Verdicts on what owns or selects pods: workloads, Jobs, CronJobs, Services.

use super::view::View;
use super::{Cause, Place, Target, Verdict, admission, places, services, whatif};
use podplay_core::Subject;
use podplay_core::What;
use podplay_core::holds::{Hold, Wait};
use podplay_core::record::Stored;
use podplay_playback::Act;
use std::time::Duration;

/// The verdict on a hold of an object other than a pod.
pub(super) fn of(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let target = Target::of(&hold.subject);
    let mut places = view.places(&hold.subject, &hold.paths);
    let index = view.source(&hold.subject).and_then(|(written, _)| written.index);
    let cause = match &hold.wait {
        Wait::Paused => {
            let paused = view
                .plan
                .entries
                .iter()
                .filter(|entry| entry.act.argv().iter().any(|word| word == "pause"));
            let at = paused.filter_map(|entry| {
                places::scenario(view.plan, &format!("spec.timeline[{}].kubectl", entry.index))
            });
            places.splice(0..0, at.collect::<Vec<_>>());
            Cause::RolloutPaused { object: target.to_string() }
        }
        Wait::Suspended if target.kind == "CronJob" => {
            Cause::CronJobSuspended { object: target.to_string() }
        }
        Wait::Suspended => Cause::JobSuspended { object: target.to_string() },
        Wait::Progress(seconds) => {
            let needs = ready_takes(view, &target);
            places.extend(slow_fields(view, &target));
            Cause::ProgressDeadlineExceeded { seconds: *seconds, needs }
        }
        Wait::MinReady(seconds) => {
            // What is available soon only takes time.
            if view.available(&target) {
                return None;
            }
            Cause::RolloutWaits { object: target.to_string(), seconds: *seconds }
        }
        Wait::OldPods => {
            let field = places.first().map_or("", |place| &place.path);
            let field = field.rsplit('.').next().unwrap_or_default().to_owned();
            let field = if field == "type" { "updateStrategy OnDelete".to_owned() } else { field };
            Cause::RolloutHeld { object: target.to_string(), field }
        }
        Wait::JobFailed(reason) => return job_failed(view, hold, reason, places),
        Wait::Ends(pods) => return never_ends(view, hold, pods),
        Wait::RunBefore(_) => {
            let object = view.cluster.get("CronJob", &target.namespace, &target.name)?;
            let schedule = object["spec"]["schedule"].as_str().unwrap_or_default().to_owned();
            let takes = index.and_then(|n| whatif::job_takes(view.plan, n));
            let base = "spec.jobTemplate.spec.template.spec.containers[0].command".to_owned();
            places.extend(view.places(&hold.subject, &[base]));
            Cause::CronJobForbidSkips { schedule, takes, skipped: 1 }
        }
        Wait::Selector => return services::selector(view, hold, &target),
        Wait::Listener(port, number, listens) => {
            return services::port_of(view, hold, &target, *port, *number, listens);
        }
        wait => {
            let (cause, more) = admission::admission(view, wait, &target.namespace)?;
            places.extend(more);
            cause
        }
    };
    Some(view.verdict(hold, cause, places))
}

/// How long pods of an owner take from their creation until they are ready, as far as the run knows.
fn ready_takes(view: &View<'_>, owner: &Target) -> Option<Duration> {
    let prefix = format!("{}-", owner.name);
    view.run.trace().iter().find_map(|record| match &record.what {
        What::Stored(_, Stored::Pod(pod))
            if pod.meta.name.starts_with(&prefix) && pod.status.is_true("Ready") =>
        {
            let nanos = view.cluster.start().0;
            let created = pod.meta.creation_timestamp?.0 - nanos;
            let created = podplay_api::SimTime(u64::try_from(created).ok()?);
            Some(record.at.since(created))
        }
        _ => None,
    })
}

/// Fields that say how long a start takes.
fn slow_fields(view: &View<'_>, target: &Target) -> Vec<Place> {
    let written = places::written(view.plan, target);
    let image = written.as_ref().and_then(|written| {
        written.value["spec"]["template"]["spec"]["containers"][0]["image"].as_str()
    });
    let bare = image.and_then(|image| image.split(':').next()).unwrap_or_default();
    places::scenario(view.plan, &format!("spec.images.{bare}.startup")).into_iter().collect()
}

/// A Job that failed: through its deadline, or through its last failed pod.
fn job_failed(
    view: &View<'_>,
    hold: &Hold,
    reason: &str,
    mut places: Vec<Place>,
) -> Option<Verdict> {
    let target = Target::of(&hold.subject);
    let job = view.cluster.get("Job", &target.namespace, &target.name)?;
    let written = view.source(&hold.subject);
    let index = written.as_ref().and_then(|(written, _)| written.index);
    let spec = &job["spec"];
    let base = match &written {
        Some((written, _)) => places::template(written.kind),
        None => "spec.template.",
    };
    let program =
        ["command", "args", "image"].map(|field| format!("{base}spec.containers[0].{field}"));
    let (cause, evidence) = if reason == "DeadlineExceeded" {
        let seconds = spec["activeDeadlineSeconds"].as_i64().unwrap_or(0);
        let needs = index.and_then(|n| whatif::job_takes(view.plan, n));
        (Cause::JobDeadline { seconds, needs }, Vec::new())
    } else {
        let limit = spec["backoffLimit"].as_i64().unwrap_or(6);
        let exits = view.holds.iter().filter_map(|of| match &of.wait {
            Wait::Exit(exit) => Some((exit.at, exit.code, &of.subject)),
            _ => None,
        });
        let mine =
            exits.filter(|(.., subject)| places::owners(view.cluster, subject).contains(&target));
        let last = mine.max_by_key(|(at, ..)| *at);
        let (code, container, words) =
            last.map_or((1, String::new(), Vec::new()), |(_, code, subject)| {
                (code, subject.container().unwrap_or_default().to_owned(), view.words(subject, 3))
            });
        let cause = Cause::JobBackoffLimit { limit, container, code, last: words.last().cloned() };
        (cause, words)
    };
    places.extend(view.places(&hold.subject, &program));
    let container = match &cause {
        Cause::JobBackoffLimit { container, .. } => Some(container.clone()),
        _ => None,
    };
    let mut verdict = view.verdict(hold, cause, places);
    verdict.container = container;
    verdict.evidence = evidence;
    Some(verdict)
}

/// A Job whose containers go on for ever.
fn never_ends(view: &View<'_>, hold: &Hold, pods: &[Subject]) -> Option<Verdict> {
    let (written, _) = view.source(&hold.subject)?;
    let index = written.index?;
    let pod = view.pod(pods.first()?)?;
    let started = pod.status.start_time.map(|at| view.cluster.wall_clock().0 - at.0)?;
    if started < 20_000_000_000 || whatif::job_takes(view.plan, index).is_some() {
        return None;
    }
    let mut runs = pod.spec.containers.iter().enumerate().filter(|(_, one)| {
        pod.status.container(&one.name).is_some_and(|status| status.state.is_running())
    });
    // With one that has ended, the other is the one that must not go on.
    let (n, container) = runs.next_back()?;
    let program = if container.command.is_empty() && container.args.is_empty() {
        container.image.clone()
    } else {
        [container.command.clone(), container.args.clone()].concat().join(" ")
    };
    let program: String = program.lines().next().unwrap_or_default().chars().take(80).collect();
    let base = format!("{}spec.containers[{n}]", places::template(written.kind));
    let fields = ["command", "args", "image", "name"];
    let places = fields
        .iter()
        .map(|field| format!("{base}.{field}"))
        .filter(|path| written.has(path))
        .map(|path| written.place(&path))
        .collect();
    let cause = Cause::JobNeverEnds { container: container.name.clone(), program };
    let named = Some(container.name.clone());
    Some(Verdict { container: named, ..view.verdict(hold, cause, places) })
}

/// Objects that the API server refused: why the target is not there, or stays as it was.
pub(super) fn refused(view: &View<'_>, target: &Target) -> Option<Verdict> {
    let is_there = view.cluster.get(&target.kind, &target.namespace, &target.name).is_some();
    for written in places::applied(view.plan, target) {
        let index = written.outer.trim_start_matches("spec.timeline[").split(']').next()?;
        let index: usize = index.parse().ok()?;
        let entry = view.plan.entries.iter().find(|entry| entry.index == index)?;
        if !matches!(entry.act, Act::Apply(_)) || entry.at > view.at {
            continue;
        }
        let Some(refusal) = view.run.refusals().iter().find(|refusal| refusal.entry == Some(index))
        else {
            continue;
        };
        let (field, message) = split(&refusal.message);
        let cause =
            Cause::RolloutRefused { object: target.to_string(), field: field.clone(), message };
        let mut places = vec![written.place(&field)];
        let inner = written.spans.iter().filter_map(|(path, _)| {
            let own = path.strip_prefix(&written.outer)?;
            own.starts_with(&field).then(|| own.to_owned())
        });
        let inner: Vec<String> = inner.collect();
        places.extend(inner.iter().map(|path| written.place(path)));
        let (subject, since) = (target.clone(), entry.at);
        let evidence = vec![refusal.message.trim().to_owned()];
        return Some(Verdict { subject, container: None, cause, since, places, evidence });
    }
    if is_there {
        return None;
    }
    not_made(view, target)
}

/// `The Deployment "web" is invalid: spec.selector: Invalid value: …: field is immutable`.
fn split(message: &str) -> (String, String) {
    let rest = message.split_once("is invalid: ").map_or(message, |(_, rest)| rest);
    let rest = rest.trim_start_matches(['*', ' ']);
    let line = rest.lines().next().unwrap_or_default();
    let (field, tail) = line.split_once(": ").unwrap_or(("", line));
    let known = field.starts_with("spec") || field.starts_with("metadata");
    let last = tail.rsplit("}: ").next().unwrap_or(tail);
    let last: String = last.chars().take(200).collect();
    if known { (field.to_owned(), last) } else { (String::new(), line.chars().take(200).collect()) }
}

/// An object of the text that is not in the cluster.
fn not_made(view: &View<'_>, target: &Target) -> Option<Verdict> {
    let written = places::written(view.plan, target)?;
    let object = written.index.and_then(|index| view.plan.reading.objects.get(index));
    let (base, since) = (places::template(written.kind), podplay_api::SimTime::ZERO);
    let finish = |cause, places| {
        Some(Verdict {
            subject: target.clone(),
            container: None,
            cause,
            since,
            places,
            evidence: Vec::new(),
        })
    };
    if let Some(object) = object.filter(|object| object.accepted) {
        let path = format!("{base}spec");
        let spec = path.split('.').fold(&object.object, |value, key| &value[key]);
        let found = podplay_core::holds::admission(view.cluster.world(), &target.namespace, spec);
        let (wait, paths) = found?;
        let (cause, more) = admission::admission(view, &wait, &target.namespace)?;
        let own = paths.iter().map(|path| written.place(&format!("{base}spec.{path}")));
        let namespace =
            matches!(wait, Wait::Namespace(_)).then(|| written.place("metadata.namespace"));
        return finish(cause, own.chain(namespace).chain(more).collect());
    }
    let object = object?;
    let end = object.spans.iter().map(|(_, field)| field.value.end).max().unwrap_or(0);
    let start = object.spans.nearest("").start;
    let error = view.plan.reading.diagnostics.iter().find(|found| {
        found.severity == podplay_manifest::Severity::Error
            && (start..=end).contains(&found.span.start)
    })?;
    let field = error.path.clone().unwrap_or_default();
    let place = Place { path: field.clone(), span: error.span };
    let cause = if error.message.contains("namespaces \"") {
        let near = view.nearest("Namespace", "", &target.namespace);
        Cause::MissingNamespace { name: target.namespace.clone(), nearest: near }
    } else {
        let message = error.message.trim_start_matches(&format!("{field}: ")).to_owned();
        Cause::RolloutRefused { object: target.to_string(), field, message }
    };
    finish(cause, vec![place])
}
