//! What a run has to show: restarts, states and ends of containers, events of pods.

use super::super::causes::View;
use super::super::observed::Observed;
use std::collections::BTreeMap;

/// A container as it was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) restarts: Option<u32>,
    /// `running`, `waiting`, `terminated`; with the reason.
    pub(super) state: Option<(String, String)>,
    /// Exit code and reason of its last end.
    pub(super) last: Option<(i64, String)>,
    pub(super) ready: Option<bool>,
    /// How long its last instance ran, in seconds.
    pub(super) ran: Option<i64>,
    /// Whether its last end was shown as the state that it is in.
    pub(super) ended: bool,
    pub(super) image: String,
}

/// A pod as it was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pod {
    pub(super) name: String,
    pub(super) containers: Vec<Container>,
    /// Reasons of its events, with the count where it is told.
    pub(super) events: BTreeMap<String, Option<u32>>,
}

/// What was observed.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) pods: Vec<Pod>,
}

impl Expected {
    pub(super) fn of(observed: &Observed) -> Self {
        let view = View::of(observed);
        let mut out = Self::default();
        for pod in view.pods.iter().filter(|pod| pod.seen.is_some()) {
            let mut events: BTreeMap<String, Option<u32>> = BTreeMap::new();
            for event in &pod.events {
                let counted =
                    event.often.count.or(event.often.first.filter(|_| once(event)).map(|_| 1));
                let slot = events.entry(event.reason.clone()).or_insert(Some(0));
                *slot = slot.zip(counted).map(|(sum, count)| sum + count);
            }
            let containers = pod.containers.iter().filter(|c| !c.status.is_empty());
            let containers = containers.map(|c| {
                let word = |path: &str| pod.shown(c, path).as_str().unwrap_or_default().to_owned();
                let state = ["running", "waiting", "terminated"].into_iter().find_map(|name| {
                    let there = !pod.shown(c, &format!("state.{name}")).is_null();
                    there.then(|| (name.to_owned(), word(&format!("state.{name}.reason"))))
                });
                let now = pod.end(c, "state");
                let before = pod.end(c, "lastState");
                Container {
                    name: c.name.clone(),
                    restarts: pod
                        .shown(c, "restartCount")
                        .as_u64()
                        .and_then(|n| u32::try_from(n).ok()),
                    state,
                    last: before.as_ref().map(|end| (end.code, end.reason.clone())),
                    ready: pod.shown(c, "ready").as_bool(),
                    ran: now.as_ref().or(before.as_ref()).and_then(|end| end.ran),
                    ended: now.is_some(),
                    image: pod.of(c, "image").as_str().unwrap_or_default().to_owned(),
                }
            });
            out.pods.push(Pod { name: pod.name.clone(), containers: containers.collect(), events });
        }
        out
    }
}

/// Whether an event is told as seen once: an age of its own, without a count.
fn once(event: &super::super::events::Event) -> bool {
    event.often.count.is_none() && event.often.first == event.often.last && event.moments.is_none()
}
