//! What a search found, as text and as JSON.

use super::judge::{Broken, Kind};
use super::{Check, Found, shrink};
use crate::lab::Line;
use podplay_api::{SimTime, Value, json};
use podplay_playback::{recording::seconds, share};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most weaknesses that are made small and reported.
const MOST: usize = 12;

/// Something that an author would not accept, with the smallest Scenario that shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakness {
    /// Which expectation is broken, such as `requests-lost`.
    pub kind: &'static str,
    /// Whose.
    pub subject: String,
    /// What happens.
    pub sentence: String,
    /// When, in the run of `text`.
    pub at: SimTime,
    /// The entries of the timeline that bring it about, in words.
    pub timeline: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// The text with its Scenario: it runs, and shows it.
    pub text: String,
    /// How many trials showed it.
    pub seen: usize,
}

impl Weakness {
    /// The share link to its moment.
    pub fn link(&self) -> String {
        share::encode(&self.text, Some(self.at))
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What the lab added to the text.
    pub added: Vec<String>,
    /// What was found, the worst first.
    pub weaknesses: Vec<Weakness>,
    /// Weaknesses that were found and are not in the list.
    pub more: usize,
    /// Trials that were run, of how many.
    pub runs: usize,
    /// How many there are.
    pub possible: u64,
    /// Trials that were left out because they cannot differ from others.
    pub alike: u64,
    /// Kinds of trials: who is hit by what during what. Each was tried if there were enough runs.
    pub kinds: usize,
    /// How many seeds.
    pub seeds: usize,
    /// Time that was simulated.
    pub simulated: Duration,
}

impl Check {
    /// Puts together what the trials found, and makes each finding small.
    pub fn report(&self, found: &[Found]) -> Report {
        let mut by: BTreeMap<(Kind, String), Vec<(usize, &Broken)>> = BTreeMap::new();
        for one in found {
            for broken in &one.broken {
                by.entry((broken.kind, broken.of.clone())).or_default().push((one.trial, broken));
            }
        }
        let mut weaknesses = Vec::new();
        let mut more = 0;
        for mut seen in by.into_values() {
            if weaknesses.len() >= MOST {
                more += 1;
                continue;
            }
            seen.sort_by_key(|(trial, _)| {
                let of = &self.trials[*trial];
                (of.lines.len(), of.ground, of.lines.iter().map(|line| line.at).max(), *trial)
            });
            let small = seen
                .iter()
                .take(3)
                .find_map(|(trial, broken)| shrink::shrink(self, &self.trials[*trial], broken));
            let Some(small) = small else { continue };
            weaknesses.push(Weakness {
                kind: small.broken.kind.word(),
                subject: small.broken.of,
                sentence: small.broken.sentence,
                at: small.broken.at,
                timeline: small.trial.lines.iter().map(Line::words).collect(),
                seed: self.grounds[small.trial.ground].seed,
                text: small.text,
                seen: seen.len(),
            });
        }
        Report {
            added: self.lab.added.clone(),
            weaknesses,
            more,
            runs: found.len(),
            possible: self.possible,
            alike: self.alike,
            kinds: self.strata,
            seeds: self.grounds.len(),
            simulated: found.iter().map(|one| one.simulated).sum(),
        }
    }
}

impl Report {
    /// For people. `site` is put in front of links.
    pub fn text(&self, site: &str) -> String {
        let mut out = String::new();
        if !self.added.is_empty() {
            out += &format!("beside the text: {}\n", self.added.join("; "));
        }
        for one in &self.weaknesses {
            out += &format!("\n✗ {}: {}\n", one.kind, one.sentence);
            for line in &one.timeline {
                out += &format!("    {line}\n");
            }
            let runs = if one.seen == 1 { "run" } else { "runs" };
            out +=
                &format!("  at {} with seed {}; seen in {} {runs}\n", one.at, one.seed, one.seen);
            out += &format!("  {site}{}\n", one.link());
        }
        if self.weaknesses.is_empty() {
            out += "✓ nothing was found that an author would not accept\n";
        }
        if self.more > 0 {
            out += &format!("\n{} more, of the same texts\n", self.more);
        }
        out + &format!("\n{}\n", self.coverage())
    }
    /// How much was covered.
    pub fn coverage(&self) -> String {
        let percent = (self.runs as u64 * 100).checked_div(self.possible).unwrap_or(100);
        format!(
            "{} runs of {} ({percent} %) in {} kinds, {} seeds, {} s simulated; {} left out, as they cannot differ from these",
            self.runs,
            self.possible,
            self.kinds,
            self.seeds,
            self.simulated.as_secs(),
            self.alike
        )
    }
    /// For programs.
    pub fn to_json(&self, site: &str) -> Value {
        let weakness = |one: &Weakness| {
            json!({
                "kind": one.kind, "subject": one.subject, "sentence": one.sentence,
                "at": seconds(one.at), "seed": one.seed, "timeline": one.timeline, "seen": one.seen,
                "text": one.text, "link": format!("{site}{}", one.link()),
            })
        };
        json!({
            "added": self.added,
            "weaknesses": self.weaknesses.iter().map(weakness).collect::<Vec<_>>(),
            "more": self.more,
            "coverage": {
                "runs": self.runs, "possible": self.possible, "alike": self.alike,
                "kinds": self.kinds, "seeds": self.seeds,
                "simulatedSeconds": self.simulated.as_secs(),
            },
        })
    }
}
