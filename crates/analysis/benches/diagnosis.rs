//! What a person who asks "why?" waits for: the verdict, the first remedy, all remedies, each the slowest of some
//! causes that are common.
//!
//! `cargo xtask bench` runs it; each measurement is one JSON object a line.

// A benchmark reads a clock.
#![allow(clippy::disallowed_methods, missing_docs)]

use podplay_analysis::remedy::{first, remedies};
use podplay_analysis::verdict::{Target, verdicts};
use podplay_api::{Assume, SimTime};
use podplay_playback::{Plan, Run};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

const SECRET: &str = include_str!("texts/secret.yaml");
const PROBE: &str = include_str!("texts/probe.yaml");
const CRASH: &str = include_str!("texts/crash.yaml");
/// Text, object, second of the question.
const CASES: [(&str, &str, u64); 3] =
    [(SECRET, "deployment/api", 30), (PROBE, "deployment/slow", 120), (CRASH, "pod/worker", 60)];

/// A question: a text, an object, a second.
struct Question {
    text: String,
    object: String,
    second: u64,
}

/// The known causes where they are at hand, else the few above.
fn questions() -> Vec<Question> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/diagnosis/cases");
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = path.path();
        let Some(stem) = path.to_string_lossy().strip_suffix(".expect.json").map(str::to_owned)
        else {
            continue;
        };
        let read = |end: &str| std::fs::read_to_string(format!("{stem}.{end}")).unwrap_or_default();
        let expect: serde_json::Value =
            serde_json::from_str(&read("expect.json")).unwrap_or_default();
        let object = expect["subject"].as_str().unwrap_or_default().to_owned();
        found.push(Question {
            text: read("yaml"),
            object,
            second: expect["at"].as_u64().unwrap_or(0),
        });
    }
    if found.is_empty() {
        let own = |(text, object, second): &(&str, &str, u64)| Question {
            text: (*text).to_owned(),
            object: (*object).to_owned(),
            second: *second,
        };
        found.extend(CASES.iter().map(own));
    }
    found
}

/// The median and the longest time of an answer, in milliseconds.
fn times(questions: &[Question], of: impl Fn(&Run, &str, &Target, SimTime)) -> (f64, f64) {
    let mut times: Vec<f64> = questions
        .iter()
        .filter_map(|question| {
            let plan = Plan::read_as(&question.text, Some(Assume::STRICT));
            let mut run = Run::of(plan);
            run.finish();
            let target = Target::parse(&question.object, "default")?;
            let at = SimTime::ZERO + Duration::from_secs(question.second);
            let begun = Instant::now();
            of(&run, &question.text, &target, at);
            Some(begun.elapsed().as_secs_f64() * 1000.0)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let last = times.len().saturating_sub(1);
    (times.get(times.len() / 2).copied().unwrap_or(0.0), times.get(last).copied().unwrap_or(0.0))
}

fn main() {
    let questions = questions();
    let judged = |run: &Run, target: &Target, at: SimTime| {
        verdicts(run, run.seek(at, None).cluster(), target)
    };
    let verdict = times(&questions, |run, _, target, at| {
        black_box(judged(run, target, at));
    });
    let one = times(&questions, |run, text, target, at| {
        black_box(first(run, text, target, at, &judged(run, target, at)));
    });
    let all = times(&questions, |run, text, target, at| {
        black_box(remedies(run, text, target, at, &judged(run, target, at)));
    });
    let rows = [
        ("the verdict on a stuck object", verdict, 5),
        ("its first remedy, proved", one, 300),
        ("all its remedies, proved", all, 2_000),
    ];
    for (name, (median, longest), budget) in rows {
        for (which, value) in [("median", median), ("longest", longest)] {
            let name = format!("{name}, {which} of {}, native", questions.len());
            println!(
                "{}",
                serde_json::json!({"name": name, "value": value, "unit": "ms", "budget": budget})
            );
        }
    }
}
