//! Wakeups: what is to happen when, and why. Re-arming a timer replaces it, so a stale timer cannot exist.

pub use crate::ids::ContainerIx;
use crate::ids::{RecordId, Uid};
use podplay_api::{ProbeKind, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A timer. Each has one slot; arming it again moves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The scheduler looks at a pod.
    Schedule(Uid),
    /// The kubelet's worker starts the sync that is pending.
    PodSync(Uid),
    /// The pod's entry in the work queue is due; taken up at the kubelet's tick of a second.
    PodRequeue(Uid),
    /// A blocking step of a running sync goes on.
    PodTask(Uid),
    /// A step of stopping a container goes on.
    Kill(Uid, ContainerIx),
    /// A volume that failed to mount is tried again.
    Volumes(Uid),
    /// The node's relist of its containers, once a second while something changed.
    Relist(Arc<str>),
    /// The next tick of a prober.
    Probe(Uid, ContainerIx, ProbeKind),
    /// The handler of a probe that is under way has answered.
    ProbeAnswer(Uid, ContainerIx, ProbeKind),
    /// A process of a container goes on.
    Process(Uid, ContainerIx),
    /// The time limit of an exec is over.
    ExecTimeout(Uid, ContainerIx, u32),
    /// The pod's active deadline.
    ActiveDeadline(Uid),
    /// The last status of a terminated pod is written and the object removed.
    PodGone(Uid),
    /// The kubelet's eviction monitor.
    Eviction(Arc<str>),
    /// A fault ends.
    FaultEnd(u32),
    /// The node's lease is checked.
    NodeMonitor,
    /// A NoExecute taint's toleration ends for a pod.
    TaintEviction(Uid),
    /// A kubelet that was down comes back.
    KubeletUp(Arc<str>),
    /// A controller looks at one of its objects: kind, namespace, name.
    Controller(&'static str, Arc<str>, Arc<str>),
    /// A client of the Scenario's traffic sends its next request.
    Traffic(u32),
    /// A request in flight, of a client and by its number, is looked at.
    Answer(u32, u32),
}

/// Why a wakeup exists, for people.
pub type WakeReason = Timer;

/// A timer and its arming. It keeps its slot when it has gone off: most timers are armed again.
#[derive(Clone, Debug)]
struct Slot {
    timer: Timer,
    at: SimTime,
    order: u64,
    cause: Option<RecordId>,
    /// Where in the heap it stands, while it is armed.
    place: Option<usize>,
}

/// Slots of timers that are not armed are given up when there are this many more than armed ones.
const SPARE: usize = 64;

/// The queue, ordered by time and then by the order of arming: a heap of slots, and where each timer's slot is.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    slots: Vec<Slot>,
    index: BTreeMap<Timer, usize>,
    heap: Vec<usize>,
    next: u64,
}

impl Queue {
    /// Arms `timer` for `at`, replacing an earlier arming.
    pub fn arm(&mut self, timer: Timer, at: SimTime, cause: Option<RecordId>) {
        let order = self.next;
        self.next += 1;
        let slot = match self.index.get(&timer) {
            Some(&slot) => slot,
            None => self.new_slot(timer),
        };
        let entry = &mut self.slots[slot];
        (entry.at, entry.order, entry.cause) = (at, order, cause);
        let place = match entry.place {
            Some(place) => place,
            None => {
                self.heap.push(slot);
                self.heap.len() - 1
            }
        };
        self.settle(place);
    }
    /// Arms `timer` for `at` unless it is armed for an earlier time.
    pub fn arm_earlier(&mut self, timer: Timer, at: SimTime, cause: Option<RecordId>) {
        if self.armed_at(&timer).is_none_or(|armed| armed > at) {
            self.arm(timer, at, cause);
        }
    }
    /// Takes `timer` off.
    pub fn cancel(&mut self, timer: &Timer) {
        let place = self.index.get(timer).and_then(|&slot| self.slots[slot].place);
        if let Some(place) = place {
            self.take(place);
        }
    }
    /// When `timer` goes off.
    pub fn armed_at(&self, timer: &Timer) -> Option<SimTime> {
        let slot = &self.slots[*self.index.get(timer)?];
        slot.place.map(|_| slot.at)
    }
    /// The next wakeup and its timer.
    pub fn peek(&self) -> Option<(SimTime, &Timer)> {
        self.heap.first().map(|&slot| (self.slots[slot].at, &self.slots[slot].timer))
    }
    /// Takes the next wakeup.
    pub fn pop(&mut self) -> Option<(SimTime, Timer, Option<RecordId>)> {
        let slot = &self.slots[*self.heap.first()?];
        let popped = (slot.at, slot.timer.clone(), slot.cause);
        self.take(0);
        Some(popped)
    }
    /// All wakeups in order, for "what next?".
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &Timer)> {
        let mut armed = self.heap.clone();
        armed.sort_unstable_by_key(|&slot| self.key(slot));
        armed.into_iter().map(|slot| (self.slots[slot].at, &self.slots[slot].timer))
    }
    /// Takes off every timer that `of` selects.
    pub fn cancel_all(&mut self, of: impl Fn(&Timer) -> bool) {
        let chosen = |slot: &&Slot| slot.place.is_some() && of(&slot.timer);
        let gone: Vec<Timer> =
            self.slots.iter().filter(chosen).map(|slot| slot.timer.clone()).collect();
        for timer in gone {
            self.cancel(&timer);
        }
    }
    fn key(&self, slot: usize) -> (SimTime, u64) {
        (self.slots[slot].at, self.slots[slot].order)
    }
    fn new_slot(&mut self, timer: Timer) -> usize {
        if self.slots.len() > 2 * self.heap.len() + SPARE {
            self.tidy();
        }
        let slot = self.slots.len();
        self.index.insert(timer.clone(), slot);
        let (at, order, cause, place) = (SimTime::ZERO, 0, None, None);
        self.slots.push(Slot { timer, at, order, cause, place });
        slot
    }
    /// Gives up the slots of timers that are not armed.
    fn tidy(&mut self) {
        self.slots.retain(|slot| slot.place.is_some());
        self.index.clear();
        for (number, slot) in self.slots.iter().enumerate() {
            self.index.insert(slot.timer.clone(), number);
            if let Some(place) = slot.place {
                self.heap[place] = number;
            }
        }
    }
    /// Takes the slot at that place out of the heap.
    fn take(&mut self, place: usize) {
        let slot = self.heap.swap_remove(place);
        self.slots[slot].place = None;
        if place < self.heap.len() {
            self.settle(place);
        }
    }
    /// Moves the slot at that place up or down to where it belongs.
    fn settle(&mut self, mut place: usize) {
        let slot = self.heap[place];
        let key = self.key(slot);
        while place > 0 && self.key(self.heap[(place - 1) / 2]) > key {
            let above = (place - 1) / 2;
            self.put(place, self.heap[above]);
            place = above;
        }
        loop {
            let below = 2 * place + 1;
            let least = (below..self.heap.len().min(below + 2))
                .min_by_key(|&child| self.key(self.heap[child]))
                .filter(|&child| self.key(self.heap[child]) < key);
            let Some(child) = least else { break };
            self.put(place, self.heap[child]);
            place = child;
        }
        self.put(place, slot);
    }
    fn put(&mut self, place: usize, slot: usize) {
        self.heap[place] = slot;
        self.slots[slot].place = Some(place);
    }
}

impl Timer {
    /// The pod that the timer belongs to.
    pub const fn pod(&self) -> Option<Uid> {
        match self {
            Self::Schedule(uid)
            | Self::PodSync(uid)
            | Self::PodRequeue(uid)
            | Self::PodTask(uid)
            | Self::Kill(uid, _)
            | Self::Volumes(uid)
            | Self::Probe(uid, _, _)
            | Self::ProbeAnswer(uid, _, _)
            | Self::Process(uid, _)
            | Self::ExecTimeout(uid, _, _)
            | Self::ActiveDeadline(uid)
            | Self::PodGone(uid)
            | Self::TaintEviction(uid) => Some(*uid),
            Self::Relist(_)
            | Self::Eviction(_)
            | Self::FaultEnd(_)
            | Self::NodeMonitor
            | Self::KubeletUp(_)
            | Self::Controller(..)
            | Self::Traffic(_)
            | Self::Answer(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Queue, Timer};
    use crate::ids::Uid;
    use podplay_api::SimTime;
    use std::collections::BTreeMap;

    /// The queue against a list that is searched: random arming, cancelling and popping.
    #[test]
    fn the_queue_is_a_sorted_list_without_duplicates() {
        let (mut queue, mut list) = (Queue::default(), BTreeMap::new());
        for n in 0..20_000u64 {
            let bits = crate::random::draw(1, "queue", "", n);
            let timer = Timer::PodSync(Uid((bits % 300) as u32));
            let at = SimTime(bits >> 8 & 0x3f);
            let next = |list: &BTreeMap<Timer, (SimTime, u64)>| {
                list.iter().min_by_key(|(_, key)| **key).map(|(timer, key)| (key.0, timer.clone()))
            };
            match bits >> 32 & 3 {
                0 => {
                    queue.cancel(&timer);
                    list.remove(&timer);
                }
                1 => {
                    let popped = queue.pop().map(|(at, timer, _)| (at, timer));
                    assert_eq!(popped, next(&list), "step {n}");
                    list.retain(|timer, _| Some(timer) != popped.as_ref().map(|(_, timer)| timer));
                }
                _ => {
                    queue.arm(timer.clone(), at, None);
                    list.insert(timer.clone(), (at, n));
                }
            }
            assert_eq!(queue.armed_at(&timer), list.get(&timer).map(|key| key.0), "step {n}");
            assert_eq!(queue.iter().count(), list.len(), "step {n}");
            assert_eq!(queue.peek().map(|(at, timer)| (at, timer.clone())), next(&list));
        }
    }
}
