//! The life of one request: sent, in flight, ended.

use super::endpoints;
use super::state::{Connection, Flight, Wants};
use crate::ids::{At, InstanceId, RecordId, Uid};
use crate::network::{self, Answer};
use crate::queue::Timer;
use crate::record::{Lost, PodRef, RequestEnd, Subject, What};
use crate::world::World;
use podplay_api::{ServiceSpec, SimTime};
use std::sync::Arc;
use std::time::Duration;

/// How often a request in flight looks whether its server still lives.
const LOOK: Duration = Duration::from_millis(50);

/// Where a request was led to.
enum Led {
    /// To a container that listens, over a new connection or one that was open.
    There(Connection),
    /// To a pod where nobody answers.
    Nowhere(Uid, Lost),
    /// Not even to a pod.
    Lost(Lost),
}

/// A client sends its next request.
pub(crate) fn send(world: &mut World, number: u32) {
    let Some(client) = world.traffic.clients.get_mut(&number) else { return };
    let (now, wants) = (world.now, client.wants.clone());
    if wants.until.is_some_and(|until| now >= until) {
        return;
    }
    let n = client.sent;
    client.sent += 1;
    world.arm_in(Timer::Traffic(number), Duration::from_secs(1) / wants.rps.max(1));
    let flight = match lead(world, number, n) {
        Led::There(connection) => ask(world, &wants, connection),
        Led::Nowhere(uid, lost) => {
            let stale = is_stale(world, number, uid);
            let pod = name(world, uid);
            Flight { pod, stale, ..failed(now, lost, wants.patience) }
        }
        Led::Lost(lost) => failed(now, lost, wants.patience),
    };
    let ends = flight.ends;
    if let Some(client) = world.traffic.clients.get_mut(&number) {
        client.flights.insert(n, flight);
    }
    if ends <= now {
        answer(world, number, n);
    } else {
        world.arm_at(Timer::Answer(number, n), ends.min(now + LOOK));
    }
}

/// A request that fails by itself: at once, or when the client gives up.
fn failed(now: SimTime, lost: Lost, patience: Duration) -> Flight {
    let ends = if lost == Lost::TimedOut { now + patience } else { now };
    Flight { sent: now, connection: None, ends, end: Err(lost), pod: None, stale: false }
}

/// The connection that the n-th request of a client takes.
fn lead(world: &mut World, number: u32, n: u32) -> Led {
    let Some(client) = world.traffic.clients.get(&number) else {
        return Led::Lost(Lost::NoSuchService);
    };
    let slot = n.checked_rem(client.wants.connections);
    if let Some(open) =
        slot.and_then(|slot| client.open.get(&slot)).filter(|open| is_open(world, open))
    {
        return Led::There(open.clone());
    }
    let led = connect(world, number);
    if let (Some(slot), Some(client)) = (slot, world.traffic.clients.get_mut(&number)) {
        match &led {
            Led::There(connection) => client.open.insert(slot, connection.clone()),
            _ => client.open.remove(&slot),
        };
    }
    led
}

/// Opens a connection to one of the endpoints that the client's side knows.
fn connect(world: &mut World, number: u32) -> Led {
    let Some(client) = world.traffic.clients.get(&number) else {
        return Led::Lost(Lost::NoSuchService);
    };
    let (key, wanted) = (client.wants.service.clone(), client.wants.port);
    let Some(service) = world.store.resource("Service", &key.namespace, &key.name) else {
        return Led::Lost(Lost::NoSuchService);
    };
    let spec: ServiceSpec = service.typed_spec();
    let port = spec.ports.iter().find(|port| wanted.is_none_or(|wanted| wanted == port.port));
    let Some(port) = port.cloned() else { return Led::Lost(Lost::Refused) };
    let known = endpoints::known(world, number, &spec);
    let Some(uid) = endpoints::pick(world, number, &spec, &known) else {
        return Led::Lost(Lost::NoEndpoints);
    };
    if let Some(pod) = world.pod_ref(uid) {
        world.traffic.pods.insert(uid, pod);
    }
    if world.workers.get(&uid).is_none_or(|worker| worker.ip().is_none()) {
        // The rules still lead to an address that nobody has any more.
        return Led::Nowhere(uid, Lost::Unreachable);
    }
    if crate::faults::partitioned(world, uid).is_some() {
        return Led::Nowhere(uid, Lost::TimedOut);
    }
    let number = network::target_port(world, uid, &port);
    match network::listening(world, uid, number)
        .filter(|at| crate::faults::refuses(world, at.uid, at.ix).is_none())
    {
        Some(at) => match instance(world, at) {
            Some(instance) => Led::There(Connection { at, instance, port: number }),
            None => Led::Nowhere(uid, Lost::Refused),
        },
        None => Led::Nowhere(uid, Lost::Refused),
    }
}

/// Sends a request over a connection: what will come back if nothing comes between.
fn ask(world: &mut World, wants: &Wants, connection: Connection) -> Flight {
    let (now, at) = (world.now, connection.at);
    let pod = name(world, at.uid);
    let host = world.workers.get(&at.uid).and_then(|worker| worker.ip()).cloned();
    let host = host.as_deref().unwrap_or_default();
    let (took, end) = match network::http_get(world, host, connection.port, &wants.path, "http") {
        Answer::Http { after, status, .. } if status < 400 => (after, Ok(())),
        Answer::Http { after, status, .. } => (after, Err(Lost::Status(status))),
        Answer::Open { .. } => (Duration::ZERO, Ok(())),
        Answer::Refused => (Duration::ZERO, Err(Lost::Refused)),
        Answer::Unreachable => (Duration::ZERO, Err(Lost::Unreachable)),
        Answer::Silent => (Duration::MAX, Err(Lost::TimedOut)),
        _ => (Duration::ZERO, Err(Lost::Reset)),
    };
    let took = match end {
        Err(Lost::Refused | Lost::Unreachable) => took,
        _ => took.saturating_add(wants.latency),
    };
    let (took, end) =
        if took > wants.patience { (wants.patience, Err(Lost::TimedOut)) } else { (took, end) };
    Flight { sent: now, connection: Some(connection), ends: now + took, end, pod, stale: false }
}

/// A request's server is looked at, or its answer has come.
pub(crate) fn answer(world: &mut World, number: u32, n: u32) {
    let now = world.now;
    let Some(client) = world.traffic.clients.get(&number) else { return };
    let Some(flight) = client.flights.get(&n).cloned() else { return };
    let cut = flight
        .connection
        .as_ref()
        .filter(|open| !lives(world, open))
        .map(|open| cut_off(world, open));
    if cut.is_none() && now < flight.ends {
        return world.arm_at(Timer::Answer(number, n), flight.ends.min(now + LOOK));
    }
    let end = cut.map_or(flight.end, Err);
    let uid = flight
        .connection
        .as_ref()
        .map(|open| open.at.uid)
        .or_else(|| uid_of(world, flight.pod.as_ref()));
    if let Some(client) = world.traffic.clients.get_mut(&number) {
        client.flights.remove(&n);
        match &end {
            Ok(()) => {
                let pod = flight.pod.as_ref().map(|pod| pod.name.clone()).unwrap_or_default();
                *client.seen.answered.entry(pod).or_default() += 1;
            }
            Err(lost) => *client.seen.failed.entry(*lost).or_default() += 1,
        }
    }
    let stale = flight.stale;
    note(
        world,
        number,
        RequestEnd { client: number, sent: flight.sent, pod: flight.pod, end, stale },
        uid,
    );
}

/// Writes the record of a request's end. A lost one is caused by the end of the container that it was sent to.
fn note(world: &mut World, number: u32, end: RequestEnd, uid: Option<Uid>) {
    let Some(client) = world.traffic.clients.get(&number) else { return };
    let key = &client.wants.service;
    let subject =
        Subject::Object(Arc::clone(&key.kind), Arc::clone(&key.namespace), Arc::clone(&key.name));
    let cause = match end.end {
        Err(Lost::Refused | Lost::Unreachable | Lost::Reset | Lost::Killed) => {
            uid.and_then(|uid| end_of(world, uid))
        }
        _ => None,
    };
    match cause {
        Some(cause) => world.record_caused_by(Some(cause), subject, What::Request(end)),
        None => world.record(subject, What::Request(end)),
    };
}

fn end_of(world: &World, uid: Uid) -> Option<RecordId> {
    world.traffic.ends.get(&uid).copied()
}

fn uid_of(world: &World, pod: Option<&PodRef>) -> Option<Uid> {
    let pod = pod?;
    world.traffic.pods.iter().find(|(_, known)| *known == pod).map(|(uid, _)| *uid)
}

fn name(world: &World, uid: Uid) -> Option<PodRef> {
    world.pod_ref(uid).or_else(|| world.traffic.pods.get(&uid).cloned())
}

fn instance(world: &World, at: At) -> Option<InstanceId> {
    let newest = world.workers.get(&at.uid)?.newest(at.ix)?;
    newest.is_running().then_some(newest.status.id)
}

/// Whether the process at the other end still runs.
fn lives(world: &World, open: &Connection) -> bool {
    instance(world, open.at) == Some(open.instance)
}

/// Whether a connection can take another request: a server that stops closes those that are idle before the runtime
/// reports its end.
fn is_open(world: &World, open: &Connection) -> bool {
    lives(world, open) && network::listening(world, open.at.uid, open.port) == Some(open.at)
}

/// How a request ends whose server went away in the middle.
fn cut_off(world: &World, open: &Connection) -> Lost {
    let worker = world.workers.get(&open.at.uid);
    let ended = worker.and_then(|worker| worker.instance(open.instance));
    match ended.map(|instance| instance.status.exit_code) {
        Some(137) => Lost::Killed,
        _ => Lost::Reset,
    }
}

/// Whether a client's side still leads to a pod that its slice no longer shows as ready.
fn is_stale(world: &World, number: u32, uid: Uid) -> bool {
    let Some(client) = world.traffic.clients.get(&number) else { return false };
    !network::endpoints::ready(world, &client.wants.service).contains(&uid)
}
