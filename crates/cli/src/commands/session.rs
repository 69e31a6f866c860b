//! `podplay session`: a series of kubectl commands against one cluster, JSON lines in and out.

use super::Outcome;
use crate::files::Disk;
use podplay_api::Value;
use podplay_playback::session::Session;
use std::io::{BufRead, Write};

pub(crate) fn run() -> Outcome {
    let mut session = Session::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Value =
            serde_json::from_str(&line).map_err(|error| format!("a line is no JSON: {error}"))?;
        let answer = session.answer(&asked, &Disk);
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{answer}").and_then(|()| out.flush());
        written.map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(0)
}
