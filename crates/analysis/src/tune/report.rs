//! What a sweep found, as text and as JSON.

use super::choose::Written;
use super::measure::{Alarm, Exchange};
use super::settings::{Numbers, Probes, Rollout};
use podplay_api::{Value, json};
use std::time::Duration;

/// A setting of the probes, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The setting.
    pub probes: Probes,
    /// What was measured.
    pub alarm: Alarm,
    /// Within which time a hang is noticed, whenever it comes.
    pub promise: Duration,
    /// The longest pause that never restarts the program.
    pub bears: Duration,
}

/// A good choice, written into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// `balanced`, `quick` or `patient`.
    pub name: &'static str,
    /// The probes.
    pub probes: Probes,
    /// How pods are exchanged.
    pub rollout: Rollout,
    /// What was measured.
    pub alarm: Alarm,
    /// Within which time a hang is noticed, whenever it comes.
    pub promise: Duration,
    /// What a rollout led to.
    pub exchange: Exchange,
    /// The longest pause that never restarts the program.
    pub bears: Duration,
    /// How long one pod is without an answer in a day at worst: until each hang is noticed, and while it starts again.
    pub down: Duration,
    /// The text with it.
    pub text: String,
}

/// What a sweep found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The workload.
    pub target: String,
    /// Its container.
    pub container: String,
    /// Samples of the program for each choice.
    pub samples: u64,
    /// Settings that were run.
    pub tried: usize,
    /// What the text leads to as it is.
    pub written: Written,
    /// What no other setting of the probes beats in every respect, the quickest first.
    pub front: Vec<Point>,
    /// Good choices, the best first.
    pub choices: Vec<Choice>,
}

/// Seconds with one decimal.
fn secs(span: Duration) -> String {
    format!("{}.{} s", span.as_secs(), span.subsec_millis() / 100)
}

fn millis(span: Duration) -> Value {
    json!(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
}

fn numbers(of: Numbers) -> String {
    format!("{}/{}/{}", of.period, of.timeout, of.failures)
}

/// How a rollout goes.
fn exchanged(of: &Exchange) -> String {
    let takes = if of.failed > 0 {
        "a rollout does not get done in time".to_owned()
    } else {
        format!("a rollout takes {}", secs(of.takes))
    };
    match of.sent {
        0 => takes,
        sent => format!("{takes} and loses {} of {sent} requests", of.lost),
    }
}

impl Choice {
    /// What it promises, in one sentence.
    pub fn sentence(&self) -> String {
        format!(
            "notices a hang within {}, no false restart in {} runs, bears a pause of {}; {}; at worst {} a day without an answer",
            secs(self.promise),
            self.alarm.samples,
            secs(self.bears),
            exchanged(&self.exchange),
            secs(self.down)
        )
    }
    fn to_json(&self) -> Value {
        json!({
            "name": self.name, "sentence": self.sentence(),
            "probes": probes(&self.probes), "rollout": rollout(&self.rollout),
            "promise": millis(self.promise), "bears": millis(self.bears),
            "downPerDay": millis(self.down), "notice": {"longest": millis(self.alarm.notice), "average": millis(self.alarm.usual)},
            "falseRestarts": self.alarm.false_restarts, "samples": self.alarm.samples,
            "exchange": exchange(&self.exchange), "text": self.text,
        })
    }
}

fn probes(of: &Probes) -> Value {
    let one = |of: Numbers| json!({"periodSeconds": of.period, "timeoutSeconds": of.timeout, "failureThreshold": of.failures});
    json!({"startup": one(of.startup), "liveness": one(of.liveness), "readiness": one(of.readiness)})
}

fn rollout(of: &Rollout) -> Value {
    json!({
        "preStopSeconds": of.pre_stop, "terminationGracePeriodSeconds": of.grace,
        "maxSurge": of.strategy.map(|pair| pair.0), "maxUnavailable": of.strategy.map(|pair| pair.1),
        "minReadySeconds": of.min_ready, "progressDeadlineSeconds": of.deadline,
    })
}

fn exchange(of: &Exchange) -> Value {
    json!({
        "takes": millis(of.takes), "lost": of.lost, "sent": of.sent, "killed": of.killed, "failed": of.failed,
    })
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let (alarm, exchange) = (&self.written.alarm, &self.written.exchange);
        let mut out = format!(
            "{}, container {}, {} settings tried\n\n",
            self.target, self.container, self.tried
        );
        let noticed = if alarm.unnoticed > 0 {
            format!("{} of {} hangs are not noticed", alarm.unnoticed, alarm.samples)
        } else {
            format!("a hang is noticed after {} at most", secs(alarm.notice))
        };
        out += &format!(
            "as written: {noticed}, {} false restarts in {} runs; {}\n\n",
            alarm.false_restarts,
            alarm.samples,
            exchanged(exchange)
        );
        out += "what no other setting of the probes beats (period/timeout/failures):\n";
        out += "  LIVENESS    NOTICES WITHIN   BEARS A PAUSE OF   FALSE RESTARTS\n";
        for point in &self.front {
            out += &format!(
                "  {:<11} {:<16} {:<18} {} in {} runs\n",
                numbers(point.probes.liveness),
                secs(point.promise),
                secs(point.bears),
                point.alarm.false_restarts,
                point.alarm.samples
            );
        }
        for (n, choice) in self.choices.iter().enumerate() {
            let (of, how) = (&choice.probes, &choice.rollout);
            out += &format!("\n{}. {}: {}\n", n + 1, choice.name, choice.sentence());
            out += &format!(
                "   startup {}, liveness {}, readiness {}; preStop {} s, grace {} s",
                numbers(of.startup),
                numbers(of.liveness),
                numbers(of.readiness),
                how.pre_stop,
                how.grace
            );
            if let Some((surge, gone)) = how.strategy {
                out += &format!(", maxSurge {surge}, maxUnavailable {gone}");
            }
            if how.min_ready > 0 {
                out += &format!(", minReadySeconds {}", how.min_ready);
            }
            if let Some(deadline) = how.deadline {
                out += &format!(", progressDeadlineSeconds {deadline}");
            }
            out.push('\n');
        }
        if self.choices.is_empty() {
            out += "\nno setting fits a program that behaves so\n";
        }
        out
    }
    /// For programs. Lengths of time are milliseconds.
    pub fn to_json(&self) -> Value {
        let point = |of: &Point| {
            json!({
                "probes": probes(&of.probes), "promise": millis(of.promise), "bears": millis(of.bears),
                "falseRestarts": of.alarm.false_restarts, "samples": of.alarm.samples,
            })
        };
        let alarm = &self.written.alarm;
        json!({
            "target": self.target, "container": self.container, "samples": self.samples, "tried": self.tried,
            "written": {
                "falseRestarts": alarm.false_restarts, "unnoticed": alarm.unnoticed, "samples": alarm.samples,
                "notice": {"longest": millis(alarm.notice), "average": millis(alarm.usual)},
                "exchange": exchange(&self.written.exchange),
            },
            "front": self.front.iter().map(point).collect::<Vec<_>>(),
            "choices": self.choices.iter().map(Choice::to_json).collect::<Vec<_>>(),
        })
    }
}
