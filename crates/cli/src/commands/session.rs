//! `podplay session`: JSON lines in and out: kubectl commands against one cluster, or named clusters step by step.

use super::Outcome;
use crate::clusters::{Ask, Clusters};
use crate::files::Disk;
use podplay_api::{Value, json};
use podplay_playback::session::Session;
use std::io::{BufRead, Write};

pub(crate) fn run() -> Outcome {
    let mut session = Session::new();
    let mut clusters = Clusters::default();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Value =
            serde_json::from_str(&line).map_err(|error| format!("a line is no JSON: {error}"))?;
        let answer = match asked.get("do") {
            Some(_) => step(&mut clusters, asked),
            None => session.answer(&asked, &Disk),
        };
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{answer}").and_then(|()| out.flush());
        written.map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(0)
}

/// One step with named clusters; `error` says why it cannot be done.
fn step(clusters: &mut Clusters, asked: Value) -> Value {
    let ask: Result<Ask, String> = serde_json::from_value(asked).map_err(|error| error.to_string());
    ask.and_then(|ask| clusters.answer(ask)).unwrap_or_else(|error| json!({"error": error}))
}
