//! Which process answers at an address and port, as seen from a pod or from a node.

use super::From;
use crate::ids::{At, ContainerIx, RecordId, Uid};
use crate::kubelet::worker::Worker;
use crate::world::World;
use podplay_api::{IntOrString, ServicePort, ServiceSpec, Topic};
use podplay_shell::Userland;
use std::sync::Arc;

/// The address of the API server's Service.
pub(super) const API_SERVER: &str = "10.96.0.1";

/// Who answers at an address and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A pod, in its own network.
    Pod(Uid),
    /// The pods that share a node's network.
    Node(Arc<str>),
    /// The API server.
    ApiServer,
    /// A host of the internet, which answers everything.
    Internet,
    /// Nobody listens.
    Refused,
    /// No such address.
    Unreachable,
}

/// The network that an address leads to: a pod's own, a node's, or a Service's, which picks one of its ready endpoints.
pub(super) fn route(world: &mut World, from: &From<'_>, host: &str, port: u16) -> (Route, u16) {
    if host == "localhost" || host == "::1" || host == "0.0.0.0" || host.starts_with("127.") {
        return (loopback(world, from), port);
    }
    let own = |worker: &&Worker| {
        !worker.pod.spec.host_network && worker.ip().is_some_and(|ip| **ip == *host)
    };
    if let Some(worker) = world.workers.values().find(own) {
        return (Route::Pod(worker.uid), port);
    }
    if let Some((uid, port)) = service_endpoint(world, host, port) {
        return (uid.map_or(Route::Refused, |uid| of_pod(world, uid)), port);
    }
    if host == API_SERVER && port == 443 {
        return (Route::ApiServer, port);
    }
    let node = world.nodes.values().find(|agent| agent.address == host);
    let Some(node) = node.map(|agent| Arc::clone(&agent.name)) else {
        let internet = world.config.assume.has(Topic::Internet) && is_public(host);
        return (if internet { Route::Internet } else { Route::Unreachable }, port);
    };
    if let Some((uid, target)) = host_port(world, &node, port) {
        return (Route::Pod(uid), target);
    }
    match node_port(world, port) {
        Some((uid, port)) => (uid.map_or(Route::Refused, |uid| of_pod(world, uid)), port),
        None => (Route::Node(node), port),
    }
}

/// Whether an address is one of the internet.
fn is_public(host: &str) -> bool {
    let parts: Vec<u8> = host.split('.').map_while(|part| part.parse().ok()).collect();
    match parts.as_slice() {
        [10 | 127 | 0, ..] | [192, 168, ..] | [169, 254, ..] => false,
        [172, second, ..] if (16..32).contains(second) => false,
        [100, second, ..] if (64..128).contains(second) => false,
        [first, _, _, _] => *first < 224,
        _ => false,
    }
}

fn loopback(world: &World, from: &From<'_>) -> Route {
    match from {
        From::Pod(uid) => of_pod(world, *uid),
        From::Process(at, _) => of_pod(world, at.uid),
        From::Node(node) => Route::Node(Arc::clone(node)),
        From::Outside => Route::Refused,
    }
}

pub(super) fn of_pod(world: &World, uid: Uid) -> Route {
    match world.workers.get(&uid) {
        Some(worker) if worker.pod.spec.host_network => Route::Node(Arc::clone(&worker.node)),
        Some(_) => Route::Pod(uid),
        None => Route::Unreachable,
    }
}

/// The pod whose `hostPort` that is.
fn host_port(world: &World, node: &Arc<str>, port: u16) -> Option<(Uid, u16)> {
    world.workers.values().filter(|worker| worker.node == *node).find_map(|worker| {
        let ports = worker.pod.spec.containers.iter().flat_map(|container| &container.ports);
        let mut ports = ports.filter(|_| !worker.pod.spec.host_network && worker.ip().is_some());
        let found = ports.find(|declared| declared.host_port == port && port != 0)?;
        Some((worker.uid, found.container_port))
    })
}

/// The endpoint that a Service's address leads to.
fn service_endpoint(world: &mut World, host: &str, port: u16) -> Option<(Option<Uid>, u16)> {
    let found = world.store.resources("Service").find_map(|(key, resource)| {
        let spec: ServiceSpec = resource.typed_spec();
        (spec.cluster_ip == host && !(host == API_SERVER && &*key.name == "kubernetes"))
            .then(|| (key.clone(), spec))
    });
    let (key, spec) = found?;
    let service_port = spec.ports.iter().find(|candidate| candidate.port == port).cloned();
    Some(pick(world, &key, service_port, port))
}

/// The endpoint that a node's port leads to.
fn node_port(world: &mut World, port: u16) -> Option<(Option<Uid>, u16)> {
    let found = world.store.resources("Service").find_map(|(key, resource)| {
        let spec: ServiceSpec = resource.typed_spec();
        let found = spec.ports.iter().find(|candidate| candidate.node_port == port)?;
        Some((key.clone(), found.clone()))
    });
    let (key, service_port) = found.filter(|_| port != 0)?;
    Some(pick(world, &key, Some(service_port), port))
}

fn pick(
    world: &mut World,
    key: &crate::apiserver::store::Key,
    service_port: Option<ServicePort>,
    port: u16,
) -> (Option<Uid>, u16) {
    let Some(service_port) = service_port else { return (None, port) };
    let candidates = crate::network::endpoints::backends(world, key);
    if candidates.is_empty() {
        return (None, port);
    }
    world.stir();
    let n = u64::from(world.count("service pick"));
    let pick = usize::try_from(world.draw("service pick", &key.name, n) % candidates.len() as u64)
        .unwrap_or(0);
    let uid = candidates[pick];
    (Some(uid), target_port(world, uid, &service_port))
}

pub(crate) fn target_port(world: &World, uid: Uid, port: &ServicePort) -> u16 {
    match &port.target_port {
        IntOrString::Int(0) => port.port,
        IntOrString::Int(number) => u16::try_from(*number).unwrap_or(port.port),
        IntOrString::Text(name) => {
            let worker = world.workers.get(&uid);
            let named = worker.and_then(|worker| {
                worker
                    .pod
                    .spec
                    .all_containers()
                    .flat_map(|container| &container.ports)
                    .find(|declared| declared.name == *name)
            });
            named.map_or(port.port, |declared| declared.container_port)
        }
    }
}

/// The pods that share the network of a route.
fn sharing(world: &World, route: &Route) -> Vec<Uid> {
    match route {
        Route::Pod(uid) => vec![*uid],
        Route::Node(node) => {
            let there = |worker: &&Worker| worker.pod.spec.host_network && worker.node == *node;
            world.workers.values().filter(there).map(|worker| worker.uid).collect()
        }
        _ => Vec::new(),
    }
}

/// The container that listens on a port, and what its program is called.
pub(super) fn listener(
    world: &World,
    from: &From<'_>,
    route: &Route,
    port: u16,
) -> Option<(At, Arc<str>)> {
    let own = match from {
        From::Process(at, process) => Some((*at, &**process)),
        _ => None,
    };
    sharing(world, route).into_iter().find_map(|uid| {
        let worker = world.workers.get(&uid)?;
        worker.indexes().find_map(|ix| {
            let instance = worker.newest(ix).filter(|instance| instance.is_running());
            let at = At { uid, ix };
            let process = match own {
                Some((own, process)) if own == at => process,
                _ => instance?.process.as_deref()?,
            };
            process.listener(port).map(|found| (at, Arc::clone(&found.program)))
        })
    })
}

/// Whether another container of the same network listens on a port.
pub(crate) fn taken(world: &World, uid: Uid, ix: ContainerIx, port: u16) -> bool {
    let route = of_pod(world, uid);
    sharing(world, &route).into_iter().any(|other| {
        let Some(worker) = world.workers.get(&other) else { return false };
        worker.indexes().filter(|&at| (other, at) != (uid, ix)).any(|at| {
            let instance = worker.newest(at).filter(|instance| instance.is_running());
            let process: Option<&Userland> = instance.and_then(|found| found.process.as_deref());
            process.is_some_and(|process| process.listener(port).is_some())
        })
    })
}

/// The fault that makes a container of the pod listen later than it would.
pub(super) fn slowed(world: &World, route: &Route) -> Option<RecordId> {
    let Route::Pod(uid) = route else { return None };
    let worker = world.workers.get(uid)?;
    worker.indexes().find_map(|ix| worker.newest(ix)?.traces.slowed)
}

/// The port that a hook or probe means: a number, or the name of a declared port.
pub fn resolve_port(worker: &Worker, ix: ContainerIx, port: &IntOrString) -> Result<u16, String> {
    match port {
        IntOrString::Int(number) => {
            u16::try_from(*number).map_err(|_| format!("invalid port number: {number}"))
        }
        IntOrString::Text(name) => {
            let declared = worker
                .spec(ix)
                .and_then(|spec| spec.ports.iter().find(|declared| declared.name == *name));
            match declared {
                Some(declared) => Ok(declared.container_port),
                None => name
                    .parse()
                    .map_err(|_| format!("strconv.Atoi: parsing {name:?}: invalid syntax")),
            }
        }
    }
}
