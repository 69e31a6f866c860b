//! The clients, what each asks for and saw, and its requests in flight.

use crate::apiserver::store::Key;
use crate::ids::{At, InstanceId, RecordId, Uid};
use crate::record::{Lost, PodRef};
use podplay_api::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// All clients by number.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) clients: BTreeMap<u32, Client>,
    /// Pods that requests went to. A pod's rule outlives the pod.
    pub(super) pods: BTreeMap<Uid, PodRef>,
    /// The last end of a container of these pods, for who still sends to them.
    pub(super) ends: BTreeMap<Uid, RecordId>,
}

/// A client, what it asks for, and what it saw.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it asks for, and how.
    pub wants: Wants,
    /// What it saw.
    pub seen: Seen,
    /// Requests sent so far.
    pub(super) sent: u32,
    /// Requests without an answer so far.
    pub(super) flights: BTreeMap<u32, Flight>,
    /// Connections that are kept open, by their number.
    pub(super) open: BTreeMap<u32, Connection>,
    /// The pod that session affinity leads to, and when it was last used.
    pub(super) affinity: Option<(Uid, SimTime)>,
    /// Ready endpoints as slices showed them, each since a moment, for clients outside.
    pub(super) history: Vec<(SimTime, Vec<Uid>)>,
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
    /// Requests per second, from 1 to [`super::MOST_PER_SECOND`].
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
    /// A container of a pod was told to stop, or ended: what requests to it are lost by.
    pub(crate) fn ended(&mut self, uid: Uid, record: RecordId) {
        if !self.clients.is_empty() {
            self.ends.insert(uid, record);
        }
    }
}

/// A connection to a container's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub(super) at: At,
    pub(super) instance: InstanceId,
    pub(super) port: u16,
}

/// A request in flight.
#[derive(Clone, Debug)]
pub struct Flight {
    pub(super) sent: SimTime,
    pub(super) connection: Option<Connection>,
    /// When it ends if nothing comes between, and how.
    pub(super) ends: SimTime,
    pub(super) end: Result<(), Lost>,
    pub(super) pod: Option<PodRef>,
    pub(super) stale: bool,
}
