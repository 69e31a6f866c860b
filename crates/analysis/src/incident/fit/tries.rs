//! What could explain a difference: behaviours of programs, and of the outside.

use super::super::causes::Found;
use super::super::observed::Observed;
use super::Candidate;
use super::expected::{Container, Expected};
use super::measure::Measured;
use crate::verdict::{Answer, Cause};
use podplay_api::{Value, json};

/// Something to try.
pub(super) enum Try {
    /// A text.
    Once(Candidate),
    /// Ends of a container whose moments follow from the run.
    Crashes(Crashes),
}

/// A container that ends again and again.
#[derive(Clone, Debug)]
pub(super) struct Crashes {
    /// The pod of the run.
    pub(super) pod: String,
    pub(super) container: String,
    /// How long each instance runs, in seconds.
    after: i64,
    code: i64,
    /// Whether the kernel kills it for memory.
    memory: bool,
    pub(super) times: u32,
}

impl Crashes {
    pub(super) fn words(&self) -> String {
        let how = if self.memory {
            "is killed for its memory".to_owned()
        } else {
            format!("ends with {}", self.code)
        };
        format!("{} {how} {} s after each start", self.container, self.after)
    }
    /// The fault that ends the instance that was started at a moment, in milliseconds.
    pub(super) fn entry(&self, started: u64) -> Value {
        let after = u64::try_from(self.after.max(0)).unwrap_or(0).saturating_mul(1000).max(200);
        let mut fault = json!({"kind": if self.memory { "OOMKill" } else { "Crash" }, "pod": self.pod, "container": self.container});
        if !self.memory {
            fault["exitCode"] = self.code.into();
        }
        json!({"at": format!("{}ms", started.saturating_add(after)), "fault": fault})
    }
}

/// What to try for the containers that differ.
pub(super) fn of(
    observed: &Observed,
    found: &[Found],
    expected: &Expected,
    base: &Candidate,
    measured: &Measured,
    round: usize,
) -> Vec<Try> {
    let mut out = Vec::new();
    for (pod, twin) in &measured.pairs {
        let Some(seen) = expected.pods.iter().find(|other| other.name == *pod) else { continue };
        for container in &seen.containers {
            let lead = format!("{pod}/{}:", container.name);
            if !measured.differs.iter().any(|words| words.starts_with(&lead)) {
                continue;
            }
            let subject = Subject { pod: twin, container, base };
            out.extend(subject.ends(round));
            for one in found.iter().filter(|one| one.subject == format!("pod/{pod}")) {
                out.extend(subject.answers(&one.cause));
            }
        }
    }
    if round == 0 {
        out.extend(longer(observed, base));
    }
    out
}

/// A container of the run that does something else than was observed.
struct Subject<'a> {
    pod: &'a str,
    container: &'a Container,
    base: &'a Candidate,
}

impl Subject<'_> {
    fn behaves(&self, behaviour: Value, words: String) -> Try {
        let mut candidate = self.base.clone();
        candidate.draft = candidate.draft.behaves(&self.container.image, behaviour);
        candidate.behaviours.push(words);
        Try::Once(candidate)
    }
    fn fault(&self, at: i64, mut fault: Value, words: String) -> Try {
        fault["pod"] = self.pod.into();
        fault["container"] = self.container.name.clone().into();
        let mut candidate = self.base.clone();
        candidate.draft = candidate.draft.then(json!({"at": format!("{at}s"), "fault": fault}));
        candidate.behaviours.push(words);
        Try::Once(candidate)
    }
    /// Ends: by itself after as long as was seen, once or again and again.
    fn ends(&self, round: usize) -> Vec<Try> {
        let mut out = Vec::new();
        let restarts = self.container.restarts.unwrap_or(0);
        let reason = self.container.state.as_ref().map_or("", |(_, reason)| reason.as_str());
        let end = self.container.last.clone();
        let Some((code, why)) =
            end.or_else(|| self.container.ended.then(|| (1, reason.to_owned())))
        else {
            return out;
        };
        let after = self.container.ran.unwrap_or(1);
        let memory = why == "OOMKilled";
        if !memory && round == 0 {
            for after in [after, after + 1] {
                let behaviour = json!({"exits": {"after": format!("{after}s"), "code": code}});
                out.push(self.behaves(
                    behaviour,
                    format!("{} ends with {code} after {after} s", self.container.image),
                ));
            }
        }
        let times = restarts + u32::from(self.container.ended);
        if times > 0 {
            out.push(Try::Crashes(Crashes {
                pod: self.pod.to_owned(),
                container: self.container.name.clone(),
                after,
                code,
                memory,
                times,
            }));
        }
        out
    }
    /// Answers to probes that fail.
    fn answers(&self, cause: &Cause) -> Vec<Try> {
        let (answer, asked) = match cause {
            Cause::LivenessFails { answer, asked, .. }
            | Cause::StartupFails { answer, asked, .. }
            | Cause::ReadinessFails { answer, asked, .. } => (answer.clone(), asked.as_str()),
            Cause::ProbeTimeout { asked, .. } => (Answer::TimedOut, asked.as_str()),
            Cause::ReadinessPortClosed { .. }
            | Cause::StartupTooShort { .. }
            | Cause::LivenessTooEager { .. } => (Answer::Refused(Vec::new()), ""),
            _ => return Vec::new(),
        };
        let name = &self.container.name;
        let fault = match &answer {
            Answer::Status(status) => {
                let path = asked
                    .strip_prefix("GET ")
                    .and_then(|rest| rest.split(" on port").next())
                    .unwrap_or("/");
                json!({"kind": "FailHTTP", "path": path, "status": status})
            }
            Answer::Refused(_) => json!({"kind": "RefuseConnections"}),
            Answer::TimedOut => json!({"kind": "Hang"}),
            Answer::PlainHttp | Answer::NoProgram(_) => return Vec::new(),
            Answer::Exit(..) | Answer::Said(_) => json!({"kind": "FailHTTP", "status": 503}),
        };
        let kind = fault["kind"].as_str().unwrap_or_default().to_owned();
        let mut out = Vec::new();
        for at in [0, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300] {
            out.push(self.fault(
                at.max(1),
                fault.clone(),
                format!("{name}: {kind} from {at} s on"),
            ));
        }
        for code in [0, 143] {
            let behaviour = json!({"onSigterm": {"code": code}});
            out.push(self.behaves(
                behaviour,
                format!("{} ends with {code} when it is told to stop", self.container.image),
            ));
        }
        let ignores = json!({"onSigterm": {"ignore": true}});
        out.push(self.behaves(ignores, format!("{} ignores SIGTERM", self.container.image)));
        out
    }
}

/// The moment of the paste is known to the second only, and the run may be a little slower.
fn longer(observed: &Observed, base: &Candidate) -> Vec<Try> {
    let length = super::super::text::length(observed);
    [1, 2, 4, -1, -2]
        .into_iter()
        .map(|more| {
            let mut candidate = base.clone();
            let seconds = (length + more).max(1);
            candidate.draft.scenario.insert("duration".into(), format!("{seconds}s").into());
            Try::Once(candidate)
        })
        .collect()
}
