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

#[cfg(test)]
mod tests {
    use super::Sent;
    use crate::{Band, LaneKey, Part, PodBand, RecordId, State, Timeline};
    use podplay_api::SimTime;

    #[test]
    fn pieces_make_the_whole_and_say_nothing_twice() {
        let at = SimTime::from_secs;
        let key = LaneKey { band: Band::Pod(0), container: 0, part: Part::Pod };
        let (mut built, mut taken, mut sent) =
            (Timeline::default(), Timeline::default(), Sent::default());
        let pod = |to| PodBand {
            namespace: "default".to_owned(),
            name: "web".to_owned(),
            uid: "u".to_owned(),
            from: at(0),
            to,
            owned: false,
        };
        built.pods.push(pod(None));
        // What lasts, another state at the same moment, what ends.
        let steps: [&dyn Fn(&mut Timeline); 4] = [
            &|built| {
                let _ = built.lanes.entry(key.clone()).or_default().begin(
                    at(1),
                    State::Pulling,
                    RecordId(1),
                );
            },
            &|built| {
                let _ = built.lanes.entry(key.clone()).or_default().begin(
                    at(1),
                    State::Exists,
                    RecordId(2),
                );
            },
            &|built| {
                let _ = built.lanes.entry(key.clone()).or_default().begin(
                    at(3),
                    State::Running(0),
                    RecordId(3),
                );
            },
            &|built| {
                built.lanes.entry(key.clone()).or_default().end(at(9));
                built.pods[0].to = Some(at(9));
                built.changes.push(at(9));
            },
        ];
        for step in steps {
            step(&mut built);
            taken.take(sent.next(&built));
            assert_eq!(taken, built);
            let nothing = sent.next(&built);
            assert!(nothing.lanes.is_empty() && nothing.pods.is_empty(), "{nothing:?}");
        }
    }
}
