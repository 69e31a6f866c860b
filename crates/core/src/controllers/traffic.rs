//! Simulated clients of Services: requests at a steady rate, and what became of them.
//!
//! Each request goes the way of a new connection through kube-proxy, whose rules lag behind the slices.

use super::endpointslice;
use crate::apiserver::{ApiError, Key, Reason};
use crate::network::{self, Answer};
use crate::queue::Timer;
use crate::record::{Subject, What};
use crate::world::World;
use podplay_api::{ServicePort, ServiceSpec, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Most requests of one client in a second.
pub const MOST_PER_SECOND: u32 = 1000;

/// All clients by number.
#[derive(Clone, Debug, Default)]
pub struct State {
    clients: BTreeMap<u32, Client>,
}

/// A client, what it asks for, and what it saw.
#[derive(Clone, Debug)]
pub struct Client {
    /// The Service.
    pub service: Key,
    /// The Service's port; `None` for its first.
    pub port: Option<u16>,
    /// Path of the requests.
    pub path: Arc<str>,
    /// Requests per second.
    pub rps: u32,
    /// When it stops; `None` for never.
    pub until: Option<SimTime>,
    /// What it saw.
    pub seen: Seen,
}

/// Outcomes of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Requests answered, by pod.
    pub answered: BTreeMap<String, u64>,
    /// Requests that failed, by error.
    pub failed: BTreeMap<String, u64>,
}

impl Seen {
    /// All requests.
    pub fn total(&self) -> u64 {
        self.answered.values().sum::<u64>() + self.failures()
    }
    /// Those that failed.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
    /// Failed requests out of a million.
    pub fn failed_ppm(&self) -> u64 {
        (self.failures() * 1_000_000).checked_div(self.total()).unwrap_or(0)
    }
}

impl State {
    /// The clients in the order in which they came.
    pub fn clients(&self) -> impl Iterator<Item = (u32, &Client)> {
        self.clients.iter().map(|(number, client)| (*number, client))
    }
}

/// Starts a client; its first request comes after `after`.
///
/// # Errors
/// `BadRequest` for no or too many requests a second.
#[inline(never)]
pub fn begin(world: &mut World, client: Client, after: Duration) -> Result<u32, ApiError> {
    if client.rps == 0 || client.rps > MOST_PER_SECOND {
        let message = format!("rps must be between 1 and {MOST_PER_SECOND}");
        return Err(ApiError::new(Reason::BadRequest, message));
    }
    let number = world.count("traffic");
    world.controllers.traffic.clients.insert(number, client);
    world.arm_in(Timer::Traffic(number), after);
    Ok(number)
}

/// A client sends its next request.
#[inline(never)]
pub fn send(world: &mut World, number: u32) {
    let Some(client) = world.controllers.traffic.clients.get(&number).cloned() else { return };
    if client.until.is_some_and(|until| world.now >= until) {
        return;
    }
    world.arm_in(Timer::Traffic(number), Duration::from_secs(1) / client.rps.max(1));
    let (by, error) = request(world, &client);
    let key = &client.service;
    let subject =
        Subject::Object(Arc::clone(&key.kind), Arc::clone(&key.namespace), Arc::clone(&key.name));
    let what = What::Request {
        answered_by: by.as_deref().map(Arc::from),
        error: error.as_deref().map(Arc::from),
    };
    world.record(subject, what);
    if let Some(client) = world.controllers.traffic.clients.get_mut(&number) {
        let slot = match error {
            Some(error) => client.seen.failed.entry(error).or_default(),
            None => client.seen.answered.entry(by.unwrap_or_default()).or_default(),
        };
        *slot += 1;
    }
}

/// One request: the pod it reached, and the error, if any.
fn request(world: &mut World, client: &Client) -> (Option<String>, Option<String>) {
    let key = &client.service;
    let Some(service) = world.store.resource("Service", &key.namespace, &key.name) else {
        return (None, Some("no such host".into()));
    };
    let spec: ServiceSpec = service.typed_spec();
    let port = spec.ports.iter().find(|port| client.port.is_none_or(|wanted| wanted == port.port));
    let backends = endpointslice::backends(world, key);
    let (Some(port), false) = (port.cloned(), backends.is_empty()) else {
        return (None, Some("connection refused".into()));
    };
    let n = u64::from(world.count("service pick"));
    let pick = world.draw("service pick", &key.name, n) % backends.len() as u64;
    let uid = backends[usize::try_from(pick).unwrap_or(0)];
    let name = world.store.pod_ref(uid).map(|pod| pod.name.clone());
    let Some(host) = world.workers.get(&uid).and_then(|worker| worker.ip()).cloned() else {
        // The rules still lead to an address that nobody has any more.
        return (name, Some("no route to host".into()));
    };
    let answer = ask(world, uid, &host, &port, &client.path);
    (name, answer)
}

fn ask(
    world: &mut World,
    uid: crate::world::Uid,
    host: &str,
    port: &ServicePort,
    path: &str,
) -> Option<String> {
    let number = network::target_port(world, uid, port);
    match network::http_get(world, host, number, path, "http") {
        Answer::Http { status, .. } if status < 400 => None,
        Answer::Http { status, .. } => Some(format!("HTTP {status}")),
        Answer::Open { .. } | Answer::NotTls => None,
        Answer::Refused => Some("connection refused".into()),
        Answer::Unreachable => Some("no route to host".into()),
        Answer::Silent => Some("timeout".into()),
    }
}
