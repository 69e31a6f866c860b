//! Advice with its proof: a Scenario for this text in which following it helps, and the same run with the mend.
//!
//! The rules of `rules` speak of a text as it is written; those that are about behaviour are given only if a run
//! shows it. The rules of [`PROVED`] begin at the other end: an experiment breaks an expectation of the lab, and the
//! text has what is behind it.

mod bench;
mod plain;
mod planned;
mod statics;

use crate::Advice;
use bench::Bench;
use podplay_api::{SimTime, Value, json};
use podplay_playback::{Plan, recording::seconds, share};

/// Code and sentence of the rules that only a run can judge. Codes are never used twice.
pub(crate) const PROVED: &[(&str, &str)] = &[
    ("PP-1010", "the liveness probe of container {0} depends on others: it is restarted when {1}"),
    (
        "PP-1108",
        "nothing keeps container {0} alive until {1} stops sending to it: a rollout loses requests",
    ),
    (
        "PP-1109",
        "container {0} takes longer to stop than the {1} s that it has: it is killed in the middle",
    ),
    ("PP-1110", "nobody sets the readiness gate {1}: pod {0} never gets ready"),
    ("PP-1309", "{0} has one pod at a time: while it is replaced, nobody answers requests to {1}"),
    ("PP-1310", "the Job {0} never completes: container {1} goes on when the others have ended"),
    (
        "PP-1311",
        "nothing spreads the pods of {0}: the loss of one node takes them all, and nobody answers requests to {1}",
    ),
    (
        "PP-1312",
        "nothing limits how many pods of {0} may be evicted together: when nodes are drained, nobody answers requests to {1}",
    ),
    ("PP-1313", "PodDisruptionBudget {0} selects no pod: it protects nothing"),
    ("PP-1314", "{0} PodDisruptionBudgets select the pods of {1}: none of them can be evicted"),
    ("PP-1315", "HorizontalPodAutoscaler {0} has nothing to scale: there is no {1}"),
    (
        "PP-1316",
        "StatefulSet {0} names Service {1}, which is not there: its pods have no names of their own in DNS",
    ),
    ("PP-1317", "the runs of CronJob {0} pile up: each takes longer than the time to the next one"),
    ("PP-1405", "the pods of {0} cannot be made: there is no ServiceAccount {1}"),
    ("PP-1406", "the pods of {0} cannot be made: there is no PriorityClass {1}"),
    ("PP-1407", "image {1} of {0} may need a login: there is no pull Secret {2}"),
    (
        "PP-1408",
        "container {1} of {0} asks for no memory: when its node runs short, its pod is evicted first",
    ),
];

/// What a run of the text shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// What happens.
    pub sentence: String,
    /// When.
    pub at: SimTime,
    /// The text with the Scenario in which it happens.
    pub text: String,
    /// The same with a change that helps, where there is one.
    pub mended: Option<Mended>,
}

/// The same run with a change that helps.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended {
    /// What was changed.
    pub title: String,
    /// The text with the change, and without the Scenario of the proof.
    pub fixed: String,
    /// The text with the change and the Scenario.
    pub text: String,
}

impl Proof {
    /// The share link to the moment.
    pub fn link(&self) -> String {
        share::encode(&self.text, Some(self.at))
    }
    /// As a finding of `podplay lint -o json` has it. `site` is put in front of links.
    pub fn to_json(&self, site: &str) -> Value {
        let mended = self.mended.as_ref().map(|mended| {
            let link = share::encode(&mended.text, Some(self.at));
            json!({"title": mended.title, "text": mended.fixed, "link": format!("{site}{link}")})
        });
        json!({
            "sentence": self.sentence, "at": seconds(self.at),
            "link": format!("{site}{}", self.link()), "mended": mended,
        })
    }
}

/// A piece of advice with what proves it; none where it speaks of the text and not of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// The advice.
    pub advice: Advice,
    /// What proves it.
    pub proof: Option<Proof>,
}

/// All advice about a text for which there is a proof, or which needs none, in the order of the text.
pub fn prove(text: &str, plan: &Plan) -> Vec<Proved> {
    let written = crate::advise(text, plan);
    let Some(bench) = Bench::new(text, plan) else {
        // A text that does not run proves nothing; what is wrong with it is said elsewhere.
        return written.into_iter().map(|advice| Proved { advice, proof: None }).collect();
    };
    let mut out: Vec<Proved> =
        written.into_iter().filter_map(|advice| statics::prove(&bench, advice)).collect();
    out.extend(plain::all(&bench));
    let told = |code: &str| out.iter().any(|one| one.advice.code == code);
    let deaf = told("PP-1102") || told("PP-1101") || told("PP-1103");
    out.extend(planned::all(&bench, deaf));
    out.sort_by_key(|one| (one.advice.span.start, one.advice.code));
    out.dedup_by_key(|one| (one.advice.span.start, one.advice.code));
    out.truncate(crate::MOST);
    out
}
