//! Verdicts on Services: selectors, ports, requests that were lost.

use super::view::View;
use super::{Cause, Place, Target, Verdict, near, places};
use podplay_api::{Pod, ServiceSpec, Value};
use podplay_core::holds::Hold;
use podplay_core::record::Stored;
use podplay_core::{Subject, What};

/// A selector that matches nothing: the labels that come nearest.
pub(super) fn selector(view: &View<'_>, hold: &Hold, target: &Target) -> Option<Verdict> {
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
pub(super) fn unlike(selector: &podplay_api::StringMap, labels: &podplay_api::StringMap) -> usize {
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
pub(super) fn templates<'a>(
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

pub(super) fn port_of(
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
pub(super) fn will_listen(view: &View<'_>, subject: &Subject, port: Option<u16>) -> bool {
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
    let numbers: Vec<u32> = clients.iter().map(|(number, _)| *number).collect();
    let (ending, starting, since) = counted(view, &numbers);
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
pub(super) fn deleted_before(view: &View<'_>, name: &str, at: podplay_api::SimTime) -> bool {
    let until = view.run.records_until(at);
    view.run.trace()[..until].iter().rev().find_map(|record| match &record.what {
        What::Stored(verb, Stored::Pod(pod)) if pod.meta.name == name => Some(
            *verb == podplay_core::record::Verb::Deleted || pod.meta.deletion_timestamp.is_some(),
        ),
        _ => None,
    }) == Some(true)
}

/// The entries of the timeline that change or restart a workload.
pub(super) fn rolled(view: &View<'_>) -> Vec<Place> {
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

/// Failed requests of some clients to pods that were being deleted, to others, and when the first one failed.
fn counted(view: &View<'_>, clients: &[u32]) -> (u64, u64, Option<podplay_api::SimTime>) {
    let until = view.run.records_until(view.at);
    let (mut ending, mut starting, mut since) = (0_u64, 0_u64, None);
    for record in &view.run.trace()[..until] {
        let What::Request(request) = &record.what else { continue };
        if request.end.is_ok() || !clients.contains(&request.client) {
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
    (ending, starting, since)
}
