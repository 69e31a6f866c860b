//! Simulated clients of Services: requests at a steady rate, and what became of each.
//!
//! A request is sent to an endpoint that the client's side knows at that moment, is in flight for a while, and is
//! answered, refused, cut off or given up. Clients in the cluster go through kube-proxy, whose rules lag behind the
//! slices; clients outside come through an Ingress or load balancer, which learns of endpoints with a delay of its own
//! and connects to pods itself.

mod endpoints;
mod request;

pub(crate) use request::{answer, send};

use crate::apiserver::{ApiError, Key, Reason};
use crate::queue::Timer;
use crate::record::{Lost, PodRef, RecordId};
use crate::world::{Uid, World};
use podplay_api::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Most requests of one client in a second.
pub const MOST_PER_SECOND: u32 = 1000;
/// Most connections that a client keeps open.
pub const MOST_CONNECTIONS: u32 = 1000;
/// How long a client waits for an answer if it does not say, as `curl -m 10` in many examples.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// All clients by number.
#[derive(Clone, Debug, Default)]
pub struct State {
    clients: BTreeMap<u32, Client>,
    /// Pods that requests went to. A pod's rule outlives the pod.
    pods: BTreeMap<Uid, PodRef>,
    /// The last end of a container of these pods, for who still sends to them.
    ends: BTreeMap<Uid, RecordId>,
}

/// A client, what it asks for, and what it saw.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it asks for, and how.
    pub wants: Wants,
    /// What it saw.
    pub seen: Seen,
    /// Requests sent so far.
    sent: u32,
    /// Requests without an answer so far.
    flights: BTreeMap<u32, request::Flight>,
    /// Connections that are kept open, by their number.
    open: BTreeMap<u32, request::Connection>,
    /// The pod that session affinity leads to, and when it was last used.
    affinity: Option<(Uid, SimTime)>,
    /// Ready endpoints as slices showed them, each since a moment, for clients outside.
    history: Vec<(SimTime, Vec<Uid>)>,
}

/// What a client asks for, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants {
    /// The Service.
    pub service: Key,
    /// The Service's port; `None` for its first.
    pub port: Option<u16>,
    /// Path of the requests.
    pub path: Arc<str>,
    /// Requests per second, from 1 to [`MOST_PER_SECOND`].
    pub rps: u32,
    /// When it stops; `None` for never.
    pub until: Option<SimTime>,
    /// How long a request is in flight at least: the time that its answer takes to make and to travel.
    pub latency: Duration,
    /// How long it waits for an answer.
    pub patience: Duration,
    /// Connections that it keeps open and sends over in turn; 0 for a new one for each request.
    pub connections: u32,
    /// It is outside: how long after a change of the slice the load balancer knows.
    pub outside: Option<Duration>,
    /// The node that it runs on, for `internalTrafficPolicy: Local`; `None` for the first.
    pub node: Option<Arc<str>>,
}

/// Outcomes of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Requests answered, by pod.
    pub answered: BTreeMap<String, u64>,
    /// Requests that failed, by reason.
    pub failed: BTreeMap<Lost, u64>,
}

impl Seen {
    /// All requests that have ended.
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
    /// A container of a pod ended.
    pub(crate) fn ended(&mut self, uid: Uid, record: RecordId) {
        if !self.clients.is_empty() {
            self.ends.insert(uid, record);
        }
    }
}

/// Starts a client; its first request comes after `after`.
///
/// # Errors
/// `BadRequest` for no or too many requests a second, or too many connections.
#[inline(never)]
pub fn begin(world: &mut World, wants: Wants, after: Duration) -> Result<u32, ApiError> {
    let bad = |message: String| Err(ApiError::new(Reason::BadRequest, message));
    if wants.rps == 0 || wants.rps > MOST_PER_SECOND {
        return bad(format!("rps must be between 1 and {MOST_PER_SECOND}"));
    }
    if wants.connections > MOST_CONNECTIONS {
        return bad(format!("connections must be at most {MOST_CONNECTIONS}"));
    }
    let number = world.count("traffic");
    let client = Client {
        wants,
        seen: Seen::default(),
        sent: 0,
        flights: BTreeMap::new(),
        open: BTreeMap::new(),
        affinity: None,
        history: Vec::new(),
    };
    world.traffic.clients.insert(number, client);
    world.arm_in(Timer::Traffic(number), after);
    Ok(number)
}
