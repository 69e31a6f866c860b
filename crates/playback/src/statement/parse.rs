//! Reading `[WHEN:] SUBJECT OPERATOR VALUE`.

use super::sentences;
use super::{Op, Statement, Subject, When};
use crate::Span;
use podplay_api::SimTime;

/// Splits at spaces; quotes hold words together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

pub(super) fn moment(text: &str) -> Result<SimTime, &'static str> {
    Span::parse(text).map(|Span(span)| SimTime::ZERO + span).ok_or("at 1m30s: …")
}

fn when(text: &str) -> Result<When, &'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(match words[..] {
        ["at", at] => When::At(moment(at)?),
        ["by", to] => When::Once(SimTime::ZERO, moment(to)?),
        ["once"] => When::Once(SimTime::ZERO, SimTime::MAX),
        ["once", "from", from, "to", to] => When::Once(moment(from)?, moment(to)?),
        ["always"] => When::Always(SimTime::ZERO, SimTime::MAX),
        ["from", from] => When::Always(moment(from)?, SimTime::MAX),
        ["from", from, "to", to] => When::Always(moment(from)?, moment(to)?),
        ["never"] => When::Never,
        _ => {
            return Err("at 40s: …, by 40s: …, from 10s to 40s: …, once: …, always: … or never: …");
        }
    })
}

/// Reads a statement; the error is what one looks like.
pub(crate) fn parse(line: usize, text: &str) -> Result<Statement, &'static str> {
    if let Some(statement) = sentences::parse(line, text) {
        return statement;
    }
    let (time, rest) = match text.split_once(": ") {
        Some((time, rest)) if !time.contains('"') => (when(time)?, rest),
        _ => (When::At(SimTime::MAX), text),
    };
    let words = words(rest);
    let wanted = "[WHEN:] SUBJECT FIELD == VALUE";
    let [about @ .., op, value] = &words[..] else { return Err(wanted) };
    let op = Op::parse(op).ok_or(wanted)?;
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let subject = subject(&about)?;
    Ok(Statement { line, text: text.to_owned(), when: time, subject, op, value: value.clone() })
}

fn subject(words: &[&str]) -> Result<Subject, &'static str> {
    let own = str::to_owned;
    let pair =
        |text: &str, wanted| text.split_once('/').map(|(a, b)| (own(a), own(b))).ok_or(wanted);
    Ok(match *words {
        ["pod", name, field] => Subject::Pod(own(name), own(field)),
        ["pod", name, "condition", kind] => {
            Subject::Pod(own(name), format!("status.conditions[{kind}].status"))
        }
        ["container", of, field] => {
            let (pod, name) = pair(of, "container POD/NAME FIELD == VALUE")?;
            Subject::Container(pod, name, own(field))
        }
        ["endpoint", of, field] => {
            let (service, pod) = pair(of, "endpoint SERVICE/POD serving == true")?;
            Subject::Endpoint(service, pod, own(field))
        }
        ["object", of, field] => {
            let (kind, name) = pair(of, "object KIND/NAME status.field == VALUE")?;
            Subject::Object(kind, name, own(field))
        }
        ["events", object, reason] => Subject::Events(own(object), own(reason), String::new()),
        ["events", object, reason, part] => Subject::Events(own(object), own(reason), own(part)),
        ["log", of, part] => {
            let (pod, name) = pair(of, "log POD/CONTAINER \"text\" >= 1")?;
            Subject::Log(pod, name, own(part))
        }
        ["signals", of, signal] => {
            let (pod, name) = pair(of, "signals POD/CONTAINER SIGKILL == 0")?;
            Subject::Signals(pod, name, own(signal))
        }
        ["probes", of, kind, outcome @ ("success" | "failure")] => {
            let (pod, name) = pair(of, "probes POD/CONTAINER liveness failure == 0")?;
            Subject::Probes(pod, name, own(kind), outcome == "success")
        }
        ["requests", service, outcome @ ("answered" | "failed")] => {
            Subject::Requests(own(service), outcome == "answered")
        }
        _ => {
            return Err(
                "pod NAME ready == 1/1 (or container, endpoint, object, events, log, signals, probes, requests)",
            );
        }
    })
}
