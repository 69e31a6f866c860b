//! Why what was seen does not get on: causes from the facts of a paste, the true one first.
//!
//! Each step of a pod's life is asked for in its order: placed, admitted, mounted, pulled, created, initialized,
//! started, alive, ready. The first step that is stuck is the pod's cause; what comes after only follows from it.

mod admission;
mod hosts;
mod life;
mod messages;
mod probes;
mod scheduling;
mod services;
mod silent;
mod start;
mod stop;
#[cfg(test)]
mod tests;
mod view;
mod workloads;

use super::observed::Observed;
use crate::verdict::{Cause, Lang};
use view::Pod;
pub(crate) use view::View;

/// A line of the paste, with the field that stands on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// The line, from 1.
    pub line: u32,
    /// The field, where it is one: `spec.containers[0].image`.
    pub path: String,
}

/// How certain a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The paste says it.
    Said,
    /// It follows from what the paste shows.
    Follows,
    /// Something around the workload, which no field of it would mend.
    Around,
    /// The paste does not decide; this is the likeliest.
    Likely,
}

/// What holds something up, as far as a paste tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whom it is about: `pod/web-0`.
    pub subject: String,
    /// Why.
    pub cause: Cause,
    /// What is said instead of the cause's own sentence where the paste does not show all of its parts: English and
    /// Korean.
    pub instead: Option<(String, String)>,
    /// How certain it is.
    pub certainty: Certainty,
    /// Where it stands in the paste.
    pub spots: Vec<Spot>,
    /// The cluster's own words.
    pub evidence: Vec<String>,
}

impl Found {
    fn new(subject: String, cause: Cause) -> Self {
        Self {
            subject,
            cause,
            instead: None,
            certainty: Certainty::Said,
            spots: Vec::new(),
            evidence: Vec::new(),
        }
    }
    fn at(mut self, line: u32, path: impl Into<String>) -> Self {
        let spot = Spot { line, path: path.into() };
        if line > 0 && !self.spots.contains(&spot) {
            self.spots.push(spot);
        }
        self
    }
    fn because(mut self, words: &str) -> Self {
        if !words.is_empty() {
            self.evidence.push(words.to_owned());
        }
        self
    }
    fn only(mut self, certainty: Certainty) -> Self {
        self.certainty = certainty;
        self
    }
    fn saying(mut self, en: String, ko: String) -> Self {
        self.instead = Some((en, ko));
        self
    }
    /// The code, as the documentation lists it.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }
    /// The sentence, one line.
    pub fn sentence(&self, lang: Lang) -> String {
        match (&self.instead, lang) {
            (None, lang) => self.cause.sentence(lang),
            (Some((en, _)), Lang::En) => en.clone(),
            (Some((_, ko)), Lang::Ko) => ko.clone(),
        }
    }
}

/// Most causes that are told.
const MOST: usize = 20;

/// The causes that a paste shows, the most important first; the same cause of several pods once.
pub fn causes(observed: &Observed) -> Vec<Found> {
    let view = View::of(observed);
    let mut out: Vec<Found> = Vec::new();
    out.extend(admission::refused(&view));
    let (of_workloads, rest): (Vec<Found>, Vec<Found>) =
        workloads::all(&view).into_iter().partition(|found| found.certainty == Certainty::Said);
    out.extend(of_workloads);
    for pod in &view.pods {
        out.extend(of_pod(&view, pod));
    }
    out.extend(rest);
    out.extend(services::all(&view));
    if out.iter().all(|found| found.certainty >= Certainty::Around) {
        out.extend(silent::likely(&view));
    }
    out.sort_by_key(|found| found.certainty);
    let mut told: Vec<Found> = Vec::new();
    for found in out {
        let same = told.iter_mut().find(|other| {
            other.code() == found.code() && other.sentence(Lang::En) == found.sentence(Lang::En)
        });
        match same {
            Some(other) => other.spots.extend(found.spots),
            None => told.push(found),
        }
    }
    told.truncate(MOST);
    told
}

/// What holds one pod up: the first step that is stuck.
fn of_pod(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let steps: [fn(&View<'_>, &Pod<'_>) -> Vec<Found>; 10] = [
        stop::evicted,
        scheduling::unplaced,
        stop::node_lost,
        start::mounts,
        start::containers,
        life::init,
        life::restarts,
        probes::waiting,
        stop::terminating,
        workloads::never_ends,
    ];
    steps.iter().map(|step| step(view, pod)).find(|found| !found.is_empty()).unwrap_or_default()
}
