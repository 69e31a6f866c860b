//! Verdicts on what owns or selects pods: workloads, Jobs, CronJobs, Services.

use super::view::View;
use super::{Cause, Place, Target, Verdict, near, places, scheduling, whatif};
use podplay_api::{Pod, ServiceSpec, Value};
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
        Wait::Selector => return selector(view, hold, &target),
        Wait::Listener(port, number, listens) => {
            return port_of(view, hold, &target, *port, *number, listens);
        }
        wait => {
            let (cause, more) = scheduling::admission(view, wait, &target.namespace)?;
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
    let runs = pod.spec.containers.iter().enumerate().filter(|(_, one)| {
        pod.status.container(&one.name).is_some_and(|status| status.state.is_running())
    });
    // With one that has ended, the other is the one that must not go on.
    let (n, container) = runs.last()?;
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

/// A selector that matches nothing: the labels that come nearest.
fn selector(view: &View<'_>, hold: &Hold, target: &Target) -> Option<Verdict> {
    let object = view.cluster.get("Service", &target.namespace, &target.name)?;
    let spec: ServiceSpec = podplay_api::raw::field(&object, "spec");
    let text = |labels: &podplay_api::StringMap| {
        labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
    };
    let mut places = view.places(&hold.subject, &hold.paths);
    let best = templates(view, &target.namespace)
        .into_iter()
        .filter(|(_, labels, _)| !labels.is_empty())
        .min_by_key(|(name, labels, _)| {
            unlike(&spec.selector, labels) + near::distance(name, &target.name)
        });
    let mut nearest = None;
    if let Some((_, labels, written)) = &best {
        let wanted = spec.selector.iter().filter(|(key, value)| labels.get(*key) != Some(value));
        let meant: podplay_api::StringMap =
            wanted.filter_map(|(key, value)| label_meant(key, value, labels)).collect();
        nearest = (!meant.is_empty()).then(|| text(&meant));
        for (key, value) in &spec.selector {
            if labels.get(key) != Some(value) {
                places.insert(
                    0,
                    view.places(&hold.subject, &[format!("spec.selector.{key}")]).pop()?,
                );
            }
        }
        let base = places::template(written.kind);
        for key in meant.keys() {
            places.push(written.place(&format!("{base}metadata.labels.{key}")));
        }
    }
    let cause = Cause::SelectorMatchesNothing { selector: text(&spec.selector), nearest };
    Some(view.verdict(hold, cause, places))
}

/// How little some labels are like those of a selector.
fn unlike(selector: &podplay_api::StringMap, labels: &podplay_api::StringMap) -> usize {
    selector
        .iter()
        .map(|(key, value)| match labels.get(key) {
            Some(other) => near::distance(value, other),
            None => {
                2 + labels
                    .iter()
                    .map(|(k, v)| near::distance(key, k).min(9) + near::distance(value, v))
                    .min()
                    .unwrap_or(20)
            }
        })
        .sum()
}

/// The label that a selector's key and value were probably meant to be.
pub(crate) fn label_meant(
    key: &str,
    value: &str,
    labels: &podplay_api::StringMap,
) -> Option<(String, String)> {
    if let Some(other) = labels.get(key) {
        return Some((key.to_owned(), other.clone()));
    }
    let same = labels.iter().find(|(_, other)| *other == value);
    let near =
        || labels.iter().min_by_key(|(k, v)| near::distance(key, k) + near::distance(value, v));
    same.or_else(near).map(|(key, value)| (key.clone(), value.clone()))
}

/// Pods and pod templates of the text in a namespace: name of the object, labels, where it is written.
fn templates<'a>(
    view: &View<'a>,
    namespace: &str,
) -> Vec<(String, podplay_api::StringMap, places::Written<'a>)> {
    let objects = view.plan.reading.objects.iter().filter(|object| {
        object.accepted
            && object.namespace == namespace
            && matches!(
                object.kind.as_str(),
                "Pod"
                    | "Deployment"
                    | "StatefulSet"
                    | "DaemonSet"
                    | "ReplicaSet"
                    | "ReplicationController"
            )
    });
    objects
        .filter_map(|object| {
            let target = Target::new(&object.kind, namespace, &object.name);
            let written = places::written(view.plan, &target)?;
            let path = format!("{}metadata", places::template(&object.kind));
            let meta = path.split('.').fold(&object.object, |value, key| &value[key]);
            Some((object.name.clone(), podplay_api::raw::field(meta, "labels"), written))
        })
        .collect()
}

fn port_of(
    view: &View<'_>,
    hold: &Hold,
    target: &Target,
    port: u16,
    number: Option<u16>,
    listens: &[u16],
) -> Option<Verdict> {
    let object = view.cluster.get("Service", &target.namespace, &target.name)?;
    let ports = object["spec"]["ports"].as_array()?;
    let entry = ports.iter().find(|one| one["port"] == port)?;
    let shown = match &entry["targetPort"] {
        Value::String(name) => match number {
            Some(number) => format!("{name} ({number})"),
            None => name.clone(),
        },
        Value::Number(number) => number.to_string(),
        _ => port.to_string(),
    };
    let mut places = view.places(&hold.subject, &hold.paths);
    let pods = selected(view, target);
    let mut nearest = None;
    if let Some((pod, subject)) = pods.first() {
        let names: Vec<&str> = pod
            .spec
            .containers
            .iter()
            .flat_map(|one| &one.ports)
            .map(|port| port.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        if number.is_none() {
            let only = (names.len() == 1).then(|| names[0]);
            nearest = near::nearest(&shown, names.iter().copied()).or(only).map(str::to_owned);
        }
        // A container that is still starting listens soon: that is its pod's affair.
        let starting = listens.is_empty() && number.is_some() && will_listen(view, subject, number);
        if starting {
            return None;
        }
        for (c, container) in pod.spec.containers.iter().enumerate() {
            let fields = (0..container.ports.len()).flat_map(|n| {
                ["name", "containerPort"]
                    .map(|field| format!("spec.containers[{c}].ports[{n}].{field}"))
            });
            places.extend(view.places(subject, &fields.collect::<Vec<_>>()));
        }
    }
    let cause = Cause::PortMismatch {
        port: port.to_string(),
        target: shown,
        listens: listens.to_vec(),
        nearest,
    };
    Some(view.verdict(hold, cause, places))
}

/// Whether a pod listens on a port later in the run.
fn will_listen(view: &View<'_>, subject: &Subject, port: Option<u16>) -> bool {
    use podplay_core::record::ProcessEffectKind;
    let from = view.run.records_until(view.at);
    view.run.trace()[from..].iter().any(|record| {
        record.subject.pod() == subject.pod()
            && matches!(&record.what, What::Process(effect) if matches!(effect.kind, ProcessEffectKind::Listening(of) if Some(of) == port))
    })
}

/// The pods that a Service selects.
pub(super) fn selected<'a>(view: &View<'a>, target: &Target) -> Vec<(&'a Pod, Subject)> {
    let Some(object) = view.cluster.get("Service", &target.namespace, &target.name) else {
        return Vec::new();
    };
    let spec: ServiceSpec = podplay_api::raw::field(&object, "spec");
    let store = &view.cluster.world().store;
    store
        .pod_entries()
        .filter(|entry| {
            entry.pod.meta.namespace == target.namespace
                && !spec.selector.is_empty()
                && podplay_api::labels_match(&spec.selector, &entry.pod.meta.labels)
        })
        .map(|entry| (&*entry.pod, Subject::Pod(entry.pod_ref.clone())))
        .collect()
}

/// Requests to a Service that failed, by what became of the pod that they went to.
pub(super) fn lost(view: &View<'_>, target: &Target) -> Option<Verdict> {
    let clients: Vec<_> = view
        .cluster
        .traffic()
        .filter(|(_, client)| {
            let service = &client.wants.service;
            *service.name == *target.name && *service.namespace == *target.namespace
        })
        .collect();
    let failed: u64 = clients.iter().map(|(_, client)| client.seen.failures()).sum();
    let total: u64 = clients.iter().map(|(_, client)| client.seen.total()).sum();
    if failed == 0 {
        return None;
    }
    let until = view.run.records_until(view.at);
    let (mut ending, mut starting, mut since) = (0_u64, 0_u64, None);
    for record in &view.run.trace()[..until] {
        let What::Request(request) = &record.what else { continue };
        if request.end.is_ok() || !clients.iter().any(|(number, _)| *number == request.client) {
            continue;
        }
        since.get_or_insert(record.at);
        let Some(pod) = &request.pod else { continue };
        if deleted_before(view, &pod.name, record.at) {
            ending += 1;
        } else {
            starting += 1;
        }
    }
    if ending == 0 && starting == 0 {
        return None;
    }
    let service = target.to_string();
    let pods = selected(view, target);
    let (pod, subject) = pods.first()?;
    let (c, container) = pod
        .spec
        .containers
        .iter()
        .enumerate()
        .find(|(_, one)| !one.ports.is_empty())
        .or_else(|| pod.spec.containers.iter().enumerate().next())?;
    let base = format!("spec.containers[{c}]");
    let (cause, paths) = if ending > starting {
        let paths = vec![
            format!("{base}.lifecycle.preStop"),
            format!("{base}.name"),
            base,
            "spec.terminationGracePeriodSeconds".to_owned(),
        ];
        (Cause::RequestsLostOnRollout { service, failed, total }, paths)
    } else {
        if container.readiness_probe.is_some() {
            return None;
        }
        let container = container.name.clone();
        let paths = vec![
            format!("{base}.readinessProbe"),
            format!("{base}.ports"),
            format!("{base}.ports[0].containerPort"),
            format!("{base}.name"),
            format!("{base}.image"),
        ];
        (Cause::RequestsLostNotReady { service, failed, total, container }, paths)
    };
    let mut places = view.places(subject, &paths);
    let bare = container.image.split(':').next().unwrap_or_default();
    places.extend(places::scenario(view.plan, &format!("spec.images.{bare}.startup")));
    places.extend(rolled(view));
    let since = since.unwrap_or(view.at);
    Some(Verdict {
        subject: target.clone(),
        container: None,
        cause,
        since,
        places,
        evidence: Vec::new(),
    })
}

/// Whether a pod was being deleted at a moment.
fn deleted_before(view: &View<'_>, name: &str, at: podplay_api::SimTime) -> bool {
    let until = view.run.records_until(at);
    view.run.trace()[..until].iter().rev().find_map(|record| match &record.what {
        What::Stored(verb, Stored::Pod(pod)) if pod.meta.name == name => Some(
            *verb == podplay_core::record::Verb::Deleted || pod.meta.deletion_timestamp.is_some(),
        ),
        _ => None,
    }) == Some(true)
}

/// The entries of the timeline that change or restart a workload.
fn rolled(view: &View<'_>) -> Vec<Place> {
    let verbs = ["set", "rollout", "scale", "delete", "apply", "patch"];
    let changes = view.plan.entries.iter().filter(|entry| {
        entry.act.argv().first().is_some_and(|word| verbs.contains(&word.as_str()))
    });
    changes
        .filter_map(|entry| {
            places::scenario(view.plan, &format!("spec.timeline[{}].kubectl", entry.index))
        })
        .collect()
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
        let (cause, more) = scheduling::admission(view, &wait, &target.namespace)?;
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
