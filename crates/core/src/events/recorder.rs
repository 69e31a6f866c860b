//! The correlators of events: what was recorded, aggregated and counted.

use podplay_api::{Event, EventType, SimTime};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The correlators of all clients: they share nothing, because the source is part of each key.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    groups: BTreeMap<Group, (BTreeSet<String>, SimTime)>,
    pub(super) counted: BTreeMap<(Group, String), usize>,
    buckets: BTreeMap<(String, String), (u64, SimTime)>,
    pub(super) events: Vec<Event>,
    pub(super) dropped: BTreeSet<usize>,
}

impl Recorder {
    /// All events in the order in which they were first recorded. One that the spam filter dropped is not there.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .enumerate()
            .filter(|(n, _)| !self.dropped.contains(n))
            .map(|(_, event)| event)
    }
    /// A client starts anew, as a kubelet's restart does: later events are new objects.
    pub fn forget_source(&mut self, sender: &str) {
        self.buckets.retain(|(source, _), _| source != sender);
        self.groups.retain(|group, _| group.0 != sender);
        self.counted.retain(|(group, _), _| group.0 != sender);
    }
    /// A message, or the combined form when there are too many different ones.
    pub(super) fn aggregate(
        &mut self,
        group: &Group,
        message: &str,
        now: SimTime,
    ) -> (String, String) {
        let (messages, last) =
            self.groups.entry(group.clone()).or_insert_with(|| (BTreeSet::new(), now));
        if now.since(*last) > INTERVAL {
            messages.clear();
        }
        *last = now;
        messages.insert(message.to_string());
        if messages.len() < SIMILAR {
            return (message.to_string(), message.to_string());
        }
        messages.pop_first();
        (String::from("(combined)"), format!("(combined from similar events): {message}"))
    }
    /// Whether the spam filter lets one more event of this source about this object pass.
    pub(super) fn passes(&mut self, source: &str, object: &str, now: SimTime) -> bool {
        let (tokens, at) =
            self.buckets.entry((source.to_string(), object.to_string())).or_insert((BURST, now));
        let refills = now.since(*at).as_secs() / REFILL.as_secs();
        if refills > 0 {
            *tokens = (*tokens + refills).min(BURST);
            *at += REFILL * u32::try_from(refills).unwrap_or(u32::MAX);
        }
        if *tokens == 0 {
            return false;
        }
        *tokens -= 1;
        true
    }
}

/// What an event is grouped by: source, object, field path, type, reason.
pub(super) type Group = (String, String, String, EventType, String);

/// More different messages than this in one group are combined.
const SIMILAR: usize = 10;

/// A group's messages are forgotten after this long without one.
const INTERVAL: Duration = Duration::from_secs(600);

/// Events of one source and type about one object that may come at once.
const BURST: u64 = 25;

/// One more every so often.
const REFILL: Duration = Duration::from_secs(300);
