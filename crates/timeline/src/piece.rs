//! Lanes on their way: what a growing timeline has more than was sent of it.

use crate::{Flag, Lane, LaneKey, PodBand, Span, Tick, Timeline};
use podplay_api::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What came to a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanePiece {
    /// Which lane.
    pub key: LaneKey,
    /// Its name.
    pub name: Arc<str>,
    /// How many of the spans that are known stay; the others are replaced, for a span that lasted may have ended.
    pub keep: usize,
    /// The spans after those.
    pub spans: Vec<Span>,
    /// New attempts.
    pub ticks: Vec<Tick>,
    /// New flags.
    pub flags: Vec<Flag>,
    /// New lines.
    pub said: Vec<(SimTime, Arc<str>)>,
}

/// What came to a timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Lanes that are new or have more.
    pub lanes: Vec<LanePiece>,
    /// Pods that are new or another than before, with their places.
    pub pods: Vec<(usize, PodBand)>,
    /// New changes.
    pub changes: Vec<SimTime>,
    /// New restarts.
    pub restarts: Vec<SimTime>,
}

/// How much of a lane was sent.
#[derive(Clone, Debug, Default)]
struct Known {
    spans: usize,
    last: Option<Span>,
    ticks: usize,
    flags: usize,
    said: usize,
}

/// How much of a timeline was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    lanes: BTreeMap<LaneKey, Known>,
    pods: Vec<PodBand>,
    changes: usize,
    restarts: usize,
}

impl Sent {
    /// What the timeline has more; from now on that counts as sent.
    pub fn next(&mut self, timeline: &Timeline) -> Piece {
        let mut piece = Piece::default();
        for (key, lane) in &timeline.lanes {
            let new = !self.lanes.contains_key(key);
            let known = self.lanes.entry(key.clone()).or_default();
            let more = known.next(key, lane);
            piece.lanes.extend(more.filter(|more| new || !more.is_empty()));
        }
        for (index, pod) in timeline.pods.iter().enumerate() {
            if self.pods.get(index) != Some(pod) {
                piece.pods.push((index, pod.clone()));
                self.pods.truncate(index.max(self.pods.len()));
                match self.pods.get_mut(index) {
                    Some(known) => *known = pod.clone(),
                    None => self.pods.push(pod.clone()),
                }
            }
        }
        piece.changes = timeline.changes[self.changes..].to_vec();
        piece.restarts = timeline.restarts[self.restarts..].to_vec();
        (self.changes, self.restarts) = (timeline.changes.len(), timeline.restarts.len());
        piece
    }
}

impl Known {
    fn next(&mut self, key: &LaneKey, lane: &Lane) -> Option<LanePiece> {
        let changed = self.spans > 0 && lane.spans.get(self.spans - 1) != self.last.as_ref();
        let keep = self.spans - usize::from(changed);
        let piece = LanePiece {
            key: key.clone(),
            name: Arc::clone(&lane.name),
            keep,
            spans: lane.spans.get(keep..)?.to_vec(),
            ticks: lane.ticks.get(self.ticks..)?.to_vec(),
            flags: lane.flags.get(self.flags..)?.to_vec(),
            said: lane.said.get(self.said..)?.to_vec(),
        };
        *self = Self {
            spans: lane.spans.len(),
            last: lane.spans.last().cloned(),
            ticks: lane.ticks.len(),
            flags: lane.flags.len(),
            said: lane.said.len(),
        };
        Some(piece)
    }
}

impl LanePiece {
    const fn is_empty(&self) -> bool {
        self.spans.is_empty()
            && self.ticks.is_empty()
            && self.flags.is_empty()
            && self.said.is_empty()
    }
}

impl Timeline {
    /// Takes the next piece of what somebody else builds.
    pub fn take(&mut self, piece: Piece) {
        for more in piece.lanes {
            let lane = self.lanes.entry(more.key).or_default();
            lane.name = more.name;
            lane.spans.truncate(more.keep);
            lane.spans.extend(more.spans);
            lane.ticks.extend(more.ticks);
            lane.flags.extend(more.flags);
            lane.said.extend(more.said);
        }
        for (index, pod) in piece.pods {
            match self.pods.get_mut(index) {
                Some(known) => *known = pod,
                None => self.pods.push(pod),
            }
        }
        self.changes.extend(piece.changes);
        self.restarts.extend(piece.restarts);
    }
}
