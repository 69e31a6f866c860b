//! `podplay session`: a series of kubectl commands against one cluster, JSON lines in and out.

use super::Outcome;
use crate::files::Disk;
use podplay_api::{SimTime, Timestamp, Value, json};
use podplay_core::{Budget, Cluster, Command, Config, DeleteOptions, Profile};
use std::io::{BufRead, Write};
use std::time::Duration;

/// A command may take this long in simulated time.
const LONGEST: Duration = Duration::from_secs(3600);

pub(crate) fn run() -> Outcome {
    let mut config = Config::new(0, Profile::Recorded);
    config.start = Timestamp::from_civil(2026, 11, 22, 10, 0);
    let mut cluster = Cluster::new(config);
    forget_kubernetes(&mut cluster)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Value =
            serde_json::from_str(&line).map_err(|error| format!("a line is no JSON: {error}"))?;
        let answer = one(&mut cluster, &asked);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(0)
}

/// A session's namespace stands for one of its own, which has no Service of the API server.
fn forget_kubernetes(cluster: &mut Cluster) -> Result<(), String> {
    let command = Command::Delete {
        kind: "Service".to_owned(),
        namespace: "default".to_owned(),
        name: "kubernetes".to_owned(),
        options: DeleteOptions::default(),
    };
    cluster.apply(command).map(|_| ()).map_err(|error| error.to_string())
}

/// Seconds as they stand in JSON.
fn moment(value: &Value) -> Option<SimTime> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    podplay_playback::Span::parse(&text).map(|span| SimTime::ZERO + span.0)
}

fn one(cluster: &mut Cluster, asked: &Value) -> Value {
    let at = moment(&asked["t"]).unwrap_or(SimTime::ZERO).max(cluster.now());
    let _ = cluster.run_until(at, &mut Budget(u64::MAX));
    let words = asked["argv"].as_array().into_iter().flatten();
    let mut argv: Vec<String> =
        words.map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect();
    if argv.first().is_some_and(|word| word == "kubectl") {
        argv.remove(0);
    }
    let stdin = asked["stdin"].as_str().unwrap_or_default();
    let limit = moment(&asked["killed_after"]).map_or(LONGEST, |after| after.since(SimTime::ZERO));
    let until = cluster.now() + limit;
    let output =
        podplay_kubectl::start(&argv, stdin.as_bytes(), cluster, &Disk).finish(cluster, until);
    let _ = cluster.take_records();
    json!({"exit": output.exit, "stdout": output.stdout, "stderr": output.stderr})
}
