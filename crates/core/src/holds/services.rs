//! Services: selectors that match nothing, ports that nobody listens on.

use super::{Hold, Wait, object};
use crate::ids::{ContainerIx, Uid};
use crate::network;
use crate::record::Subject;
use crate::world::World;
use podplay_api::{IntOrString, Pod, ServicePort, ServiceSpec, labels_match};
use std::sync::Arc;

/// The ports that a pod listens on, or one container of it.
pub fn listens(world: &World, uid: Uid, ix: Option<ContainerIx>) -> Vec<u16> {
    let Some(worker) = world.workers.get(&uid) else { return Vec::new() };
    let wanted = worker.indexes().filter(|of| ix.is_none_or(|ix| ix == *of));
    let mut ports: Vec<u16> = wanted
        .filter_map(|ix| worker.newest(ix).filter(|instance| instance.is_running()))
        .filter_map(|instance| instance.process.as_ref())
        .flat_map(|process| process.listeners().into_iter().map(|listener| listener.port))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Adds what holds up every Service that is to have endpoints.
pub(super) fn all(world: &World, found: &mut Vec<Hold>) {
    for (key, resource) in world.store.resources("Service") {
        let spec: ServiceSpec = resource.typed_spec();
        if spec.selector.is_empty() {
            continue;
        }
        let since = super::moment(world, resource.meta.creation_timestamp);
        let hold = |wait, paths| Hold { subject: object(key), since, wait, paths };
        let selected: Vec<(Uid, &Pod, Subject)> = world
            .store
            .pod_entries()
            .filter(|entry| {
                entry.pod.meta.namespace == *key.namespace
                    && entry.pod.meta.deletion_timestamp.is_none()
                    && labels_match(&spec.selector, &entry.pod.meta.labels)
            })
            .map(|entry| (entry.uid, &*entry.pod, Subject::Pod(Arc::clone(&entry.pod_ref))))
            .collect();
        if selected.is_empty() {
            let first = spec.selector.keys().next().map(|key| format!("spec.selector.{key}"));
            let paths = first.into_iter().chain(["spec.selector".to_owned()]).collect();
            found.push(hold(Wait::Selector, paths));
            continue;
        }
        let ready: Vec<Uid> = selected
            .iter()
            .filter(|(_, pod, _)| pod.status.is_true("Ready"))
            .map(|(uid, ..)| *uid)
            .collect();
        for (n, port) in spec.ports.iter().enumerate() {
            found.extend(silent(world, &ready, port).map(|wait| {
                let paths = ["targetPort", "port"].map(|field| format!("spec.ports[{n}].{field}"));
                hold(wait, paths.to_vec())
            }));
        }
        if ready.is_empty() {
            let pods = selected.into_iter().map(|(.., subject)| subject).collect();
            found.push(hold(Wait::Pods(pods), Vec::new()));
        }
    }
}

/// The port of a Service that none of its ready pods listens on.
fn silent(world: &World, ready: &[Uid], port: &ServicePort) -> Option<Wait> {
    let first = *ready.first()?;
    if port.protocol == "UDP" || port.protocol == "SCTP" {
        return None;
    }
    let named = |uid: Uid| match &port.target_port {
        IntOrString::Text(name) => world.store.pod(uid).is_some_and(|pod| {
            pod.spec.containers.iter().flat_map(|of| &of.ports).any(|port| port.name == *name)
        }),
        IntOrString::Int(_) => true,
    };
    if !named(first) {
        return Some(Wait::Listener(port.port, None, listens(world, first, None)));
    }
    let answers = |uid: &Uid| {
        let target = network::target_port(world, *uid, port);
        listens(world, *uid, None).contains(&target)
    };
    if ready.iter().any(answers) {
        return None;
    }
    let target = network::target_port(world, first, port);
    Some(Wait::Listener(port.port, Some(target), listens(world, first, None)))
}
