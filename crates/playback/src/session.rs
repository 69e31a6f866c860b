//! A series of kubectl commands against one cluster, each at its moment: what `podplay session` runs.

use podplay_api::{SimTime, Timestamp, Value, json};
use podplay_core::{Budget, Cluster, Command, Config, DeleteOptions, Profile};
use podplay_kubectl::Files;
use std::time::Duration;

/// A command may take this long in simulated time, unless it says how long it may.
const LONGEST: Duration = Duration::from_secs(3600);

/// A cluster and its clock.
#[derive(Clone, Debug)]
pub struct Session {
    cluster: Cluster,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// An empty cluster of the recorded profile.
    pub fn new() -> Self {
        let mut config = Config::new(0, Profile::Recorded);
        config.start = Timestamp::from_civil(2026, 11, 22, 10, 0);
        let mut cluster = Cluster::new(config);
        // A session's namespace stands for one of its own, which has no Service of the API server.
        let _ = cluster.apply(Command::Delete {
            kind: "Service".to_owned(),
            namespace: "default".to_owned(),
            name: "kubernetes".to_owned(),
            options: DeleteOptions::default(),
        });
        Self { cluster }
    }
    /// Runs one command: `{"t": seconds, "argv": [...], "stdin": "…", "killed_after": seconds}`, and returns
    /// `{"exit", "stdout", "stderr"}`.
    pub fn answer(&mut self, asked: &Value, files: &dyn Files) -> Value {
        let at = moment(&asked["t"]).unwrap_or(SimTime::ZERO).max(self.cluster.now());
        let _ = self.cluster.run_until(at, &mut Budget(u64::MAX));
        let words = asked["argv"].as_array().into_iter().flatten();
        let mut argv: Vec<String> = words
            .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
            .collect();
        if argv.first().is_some_and(|word| word == "kubectl") {
            argv.remove(0);
        }
        let stdin = asked["stdin"].as_str().unwrap_or_default().as_bytes();
        let limit = moment(&asked["killed_after"]).map_or(LONGEST, |at| at.since(SimTime::ZERO));
        let until = self.cluster.now() + limit;
        let mut command = podplay_kubectl::start(&argv, stdin, &mut self.cluster, files);
        let output = command.finish(&mut self.cluster, until);
        let _ = self.cluster.take_records();
        json!({"exit": output.exit, "stdout": output.stdout, "stderr": output.stderr})
    }
}

/// Seconds as they stand in JSON.
fn moment(value: &Value) -> Option<SimTime> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    crate::Span::parse(&text).map(|span| SimTime::ZERO + span.0)
}
