//! What was seen, on a timeline: spans whose ends are known, gaps between them, and events with their ages.
//!
//! Times are seconds before the paste was made, because that is how most of a paste tells them.

use super::ages::{Seconds, instant};
use super::causes::View;
use super::observed::Observed;
use podplay_api::Value;

/// A stretch of time in which a container showed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// How long before the paste it began.
    pub from: Seconds,
    /// How long before the paste it ended; zero if it still lasts.
    pub to: Seconds,
    /// What it showed: `running`, `ended with 137 (OOMKilled)`; empty in a gap.
    pub shows: String,
    /// The line that says it; 0 in a gap.
    pub line: u32,
}

/// An event on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How long before the paste it was seen first.
    pub first: Seconds,
    /// How long before the paste it was seen last.
    pub last: Seconds,
    /// How often, where that is told.
    pub count: Option<u32>,
    /// Its reason.
    pub reason: String,
    /// Whether it is a warning.
    pub warning: bool,
    /// The line that says it.
    pub line: u32,
}

/// What is known of one container, or of an object's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// `pod/web-0/app`, `deployment/web`.
    pub subject: String,
    /// What it showed, the earliest first, without overlaps.
    pub stretches: Vec<Stretch>,
    /// Its events.
    pub marks: Vec<Mark>,
}

/// When the paste was made, in seconds since 1970, as far as its own times tell.
pub(crate) fn now(observed: &Observed) -> Option<i64> {
    // A moment that is told both by the clock and by its age tells when the paste was made.
    let mut best = observed.latest();
    for seen in observed.of_kind("Pod") {
        let Some(start) = instant(seen.tree.text("status.startTime")) else { continue };
        let event = observed
            .events
            .iter()
            .find(|event| event.name == seen.name && event.reason == "Scheduled");
        if let Some(age) = event.and_then(|event| event.since()) {
            best = best.max(Some(start + age.least));
        }
    }
    best
}

/// Lanes of all that was seen.
pub fn lanes(observed: &Observed) -> Vec<Lane> {
    let view = View::of(observed);
    let now = now(observed);
    let mut out = Vec::new();
    for pod in &view.pods {
        let start = now.zip(instant(pod.text("status.startTime"))).map(|(now, start)| now - start);
        for container in &pod.containers {
            let mut stretches = Vec::new();
            for state in ["lastState", "state"] {
                let shown = pod.shown(container, state);
                stretches.extend(now.and_then(|now| {
                    stretch(shown, now, pod.line(&format!("{}.{state}", container.status)))
                }));
            }
            if !stretches.is_empty() {
                let subject = format!("pod/{}/{}", pod.name, container.name);
                out.push(Lane {
                    subject,
                    stretches: with_gaps(stretches, start),
                    marks: Vec::new(),
                });
            }
        }
    }
    for event in &observed.events {
        let Some(mark) = mark(event, now) else { continue };
        let subject = match event.container.as_str() {
            "" => format!("{}/{}", event.kind.to_ascii_lowercase(), event.name),
            container => format!("{}/{}/{container}", event.kind.to_ascii_lowercase(), event.name),
        };
        match out.iter_mut().find(|lane| lane.subject == subject) {
            Some(lane) => lane.marks.push(mark),
            None => out.push(Lane { subject, stretches: Vec::new(), marks: vec![mark] }),
        }
    }
    out
}

fn mark(event: &super::events::Event, now: Option<i64>) -> Option<Mark> {
    let clock = event.moments.zip(now);
    let last =
        event.often.last.or_else(|| clock.map(|((_, last), now)| Seconds::exactly(now - last)))?;
    let first =
        event.often.first.or_else(|| clock.map(|((first, _), now)| Seconds::exactly(now - first)));
    Some(Mark {
        first: first.unwrap_or(last),
        last,
        count: event.often.count,
        reason: event.reason.clone(),
        warning: event.warning,
        line: event.line,
    })
}

/// What a state says of a time.
fn stretch(state: &Value, now: i64, line: u32) -> Option<Stretch> {
    let moment = |of: &Value, name: &str| instant(of.get(name)?.as_str()?);
    // Moments are written to the second.
    let ago =
        |moment: i64| Seconds { least: (now - moment).max(0), most: (now - moment).max(0) + 1 };
    if let Some(running) = state.get("running") {
        let from = ago(moment(running, "startedAt")?);
        return Some(Stretch { from, to: Seconds::exactly(0), shows: "running".to_owned(), line });
    }
    let end = state.get("terminated")?;
    let code = end.get("exitCode").and_then(Value::as_i64).unwrap_or(0);
    let reason = end.get("reason").and_then(Value::as_str).unwrap_or_default();
    Some(Stretch {
        from: ago(moment(end, "startedAt")?),
        to: ago(moment(end, "finishedAt")?),
        shows: format!("ended with {code} ({reason})"),
        line,
    })
}

/// Gaps before, between and behind what is known.
fn with_gaps(known: Vec<Stretch>, start: Option<i64>) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    let mut at = start.map(Seconds::exactly);
    let gap = |from: Seconds, to: Seconds| Stretch { from, to, shows: String::new(), line: 0 };
    for one in known {
        if let Some(at) = at.filter(|at| at.least > one.from.most) {
            out.push(gap(at, one.from));
        }
        at = Some(one.to);
        out.push(one);
    }
    if let Some(at) = at.filter(|at| at.least > 0) {
        out.push(gap(at, Seconds::exactly(0)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_gap() {
        let paste = "Name: web\nNamespace: prod\nNode: n/1\nPriority: 0\nStart Time: Sun, 29 Nov 2026 09:00:00 +0000\n\
                     Containers:\n  app:\n    Image: x\n    State: Waiting\n      Reason: CrashLoopBackOff\n    \
                     Last State: Terminated\n      Reason: OOMKilled\n      Exit Code: 137\n      \
                     Started: Sun, 29 Nov 2026 09:00:10 +0000\n      Finished: Sun, 29 Nov 2026 09:00:20 +0000\n\
                     Events:\n  Type Reason Age From Message\n  ---- ------ ---- ---- -------\n  \
                     Normal Scheduled 60s default-scheduler Successfully assigned prod/web to n\n";
        let lanes = lanes(&super::super::read(paste));
        let shown: Vec<(i64, i64, &str)> = lanes
            .first()
            .into_iter()
            .flat_map(|lane| &lane.stretches)
            .map(|one| (one.from.least, one.to.least, one.shows.as_str()))
            .collect();
        assert_eq!(shown, [(60, 50, ""), (50, 40, "ended with 137 (OOMKilled)"), (40, 0, "")]);
        assert!(lanes.iter().any(|lane| lane.subject == "pod/web" && lane.marks.len() == 1));
    }
}
