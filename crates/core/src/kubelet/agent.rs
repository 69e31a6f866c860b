//! What is known of a node and its kubelet: its clock phases, its health, what it has and does.

use crate::faults::rules::NodeHealth;
use crate::ids::Uid;
use podplay_api::SimTime;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The kubelet of a node.
#[derive(Clone, Debug)]
pub struct NodeAgent {
    /// The node's name.
    pub name: Arc<str>,
    /// Its address.
    pub address: String,
    /// The kubelet runs.
    pub up: bool,
    /// What the faults in force keep the node from, as of their last change.
    pub health: NodeHealth,
    /// What it was short of when it last reported: of memory, of disk.
    pub reported: (bool, bool),
    /// When the machine will be up, after it was off.
    pub booted: SimTime,
    /// When the kubelet started.
    pub started: SimTime,
    /// From then on it syncs pods.
    pub syncs_from: SimTime,
    /// Phase of its tick of a second, in nanoseconds.
    pub phase: u64,
    /// Pulls that are under way end then.
    pub pulling_until: SimTime,
    /// Volumes of another pod can be mounted from then on.
    pub mounting_until: SimTime,
    /// Images that were pulled, beside those of the start.
    pub images: BTreeSet<String>,
    /// Images that a fault removed.
    pub lost_images: BTreeSet<String>,
    /// When it last renewed its lease.
    pub last_heartbeat: SimTime,
    /// The last relist that pod workers wait for, and how many do.
    pub waiting: (SimTime, u32),
    /// Pods whose sandbox and containers are being made.
    pub starting: BTreeSet<Uid>,
    /// Position among the nodes, for addresses.
    pub number: u32,
    pub(super) addresses: u32,
}

impl NodeAgent {
    /// The first tick of the kubelet's second at or after `time`.
    pub const fn next_tick(&self, time: SimTime) -> SimTime {
        next(time, self.phase)
    }
    /// The first relist after `time`.
    pub const fn next_relist(&self, time: SimTime) -> SimTime {
        next(SimTime(time.0 + 1), (self.phase + RELIST_PHASE) % SECOND)
    }
    /// The last relist at or before `now`.
    pub const fn last_relist(&self, now: SimTime) -> SimTime {
        let phase = (self.phase + RELIST_PHASE) % SECOND;
        if now.0 < phase { SimTime::ZERO } else { SimTime(now.0 - (now.0 - phase) % SECOND) }
    }
    /// When the kubelet started, if that was during the run.
    pub fn restarted(&self) -> Option<SimTime> {
        (self.started > SimTime::ZERO).then_some(self.started)
    }
    /// A pod worker that waits for the relist at `relist` gets its turn then: they wake at once, but share the machine.
    pub fn turn(&mut self, relist: SimTime, each: Duration) -> SimTime {
        if self.waiting.0 != relist {
            self.waiting = (relist, 0);
        }
        let turn = relist + each * self.waiting.1;
        self.waiting.1 += 1;
        turn
    }
    /// The kubelet hears of changes at the API server.
    pub const fn hears(&self) -> bool {
        self.up && !self.health.cut_off
    }
    /// The kubelet can write to the API server.
    pub const fn speaks(&self) -> bool {
        self.up && !self.health.cut_off
    }
}

const fn next(time: SimTime, phase: u64) -> SimTime {
    let into = (time.0 + SECOND - phase) % SECOND;
    SimTime(if into == 0 { time.0 } else { time.0 + SECOND - into })
}

pub(super) const SECOND: u64 = 1_000_000_000;

/// The relist follows the kubelet's tick by this much.
const RELIST_PHASE: u64 = 110_000_000;
