//! A series of kubectl commands against one cluster, each at its moment: what `podplay session` runs.

use podplay_api::{SimTime, Timestamp, Value, json};
use podplay_core::limits::SESSION_WAKEUPS;
use podplay_core::{Budget, Cluster, Command, Config, DeleteOptions, Profile, Progress};
use podplay_kubectl::Files;
use std::time::Duration;

/// A command may take this long in simulated time, unless it says how long it may.
const LONGEST: Duration = Duration::from_secs(3600);
/// What goes on until somebody stops it is stopped after this long.
const WATCHED: Duration = Duration::from_secs(600);

/// Wakeups after which the records are thrown away.
const PIECE: u64 = 10_000;

/// A cluster and its clock.
#[derive(Clone, Debug)]
pub struct Session {
    cluster: Cluster,
    /// Wakeups that it may still process.
    left: Budget,
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
        Self { cluster, left: Budget(SESSION_WAKEUPS) }
    }
    /// The same with another bound on the wakeups that it may process.
    pub fn bounded(wakeups: u64) -> Self {
        Self { left: Budget(wakeups), ..Self::new() }
    }
    /// Runs one command: `{"t": seconds, "argv": [...], "stdin": "…", "killed_after": seconds}`, and returns
    /// `{"exit", "stdout", "stderr"}`.
    pub fn answer(&mut self, asked: &Value, files: &dyn Files) -> Value {
        let at = moment(&asked["t"]).unwrap_or(SimTime::ZERO).max(self.cluster.now());
        self.pass(at);
        let words = asked["argv"].as_array().into_iter().flatten();
        let mut argv: Vec<String> = words
            .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
            .collect();
        if argv.first().is_some_and(|word| word == "kubectl") {
            argv.remove(0);
        }
        let stdin = asked["stdin"].as_str().unwrap_or_default().as_bytes();
        let mut command = podplay_kubectl::start(&argv, stdin, &mut self.cluster, files);
        let longest = if command.endless() { WATCHED } else { LONGEST };
        let limit = moment(&asked["killed_after"]).map_or(longest, |at| at.since(SimTime::ZERO));
        let until = self.cluster.now() + limit;
        let mut output = command.finish_within(&mut self.cluster, until, &mut self.left);
        let _ = self.cluster.take_records();
        if self.left.0 == 0 {
            let now = self.cluster.now();
            let most = SESSION_WAKEUPS;
            output.stderr += &format!(
                "podplay: a session processes at most {most} wakeups; its cluster stands at {now}\n"
            );
        }
        json!({"exit": output.exit, "stdout": output.stdout, "stderr": output.stderr})
    }
    /// Lets time pass. What happens is forgotten as it goes.
    fn pass(&mut self, to: SimTime) {
        while self.left.0 > 0 {
            let mut some = Budget(self.left.0.min(PIECE));
            let before = some.0;
            let progress = self.cluster.run_until(to, &mut some);
            self.left.0 -= before - some.0;
            let _ = self.cluster.take_records();
            if progress == Progress::Reached {
                return;
            }
        }
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
