//! Statements as people say them: `ready deployment/web by 60s`, `no request lost`.

use super::parse::moment;
use super::subject::Pods;
use super::{Op, Statement, Subject, When};
use podplay_api::SimTime;

/// Kinds that a sentence can name, as they are written before the slash.
const KINDS: [(&str, &str); 13] = [
    ("pod", "Pod"),
    ("po", "Pod"),
    ("deployment", "Deployment"),
    ("deploy", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("sts", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("ds", "DaemonSet"),
    ("replicaset", "ReplicaSet"),
    ("rs", "ReplicaSet"),
    ("job", "Job"),
    ("service", "Service"),
    ("svc", "Service"),
];

const ALWAYS: When = When::Always(SimTime::ZERO, SimTime::MAX);

/// Reads a sentence; nothing if the text does not begin like one.
pub(super) fn parse(line: usize, text: &str) -> Option<Result<Statement, &'static str>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let read = match words[..] {
        ["ready", of, ref rest @ ..] => ready(of, rest),
        ["always", ">=", count, "ready", "of", of, ref rest @ ..] => at_least(count, of, rest),
        ["no", "request", "lost", ref rest @ ..] => requests(rest),
        ["no", signal, ref rest @ ..] if signal.starts_with("SIG") => no_signal(signal, rest),
        [of, "never", "restarts"] => object(of)
            .map(|of| (ALWAYS, Subject::Restarts(Pods::of(Some(of))), Op::Equal, "0".to_owned())),
        [of, "completes", ref rest @ ..] => completes(of, rest),
        _ => return None,
    };
    Some(read.map(|(when, subject, op, value)| Statement {
        line,
        text: text.to_owned(),
        when,
        subject,
        op,
        value,
    }))
}

type Read = Result<(When, Subject, Op, String), &'static str>;

/// `deployment/web` as kind and name.
fn object(text: &str) -> Result<(String, String), &'static str> {
    let wanted =
        "KIND/NAME with pod, deployment, statefulset, daemonset, replicaset, job or service";
    let (kind, name) = text.split_once('/').ok_or(wanted)?;
    let kind = kind.to_ascii_lowercase();
    let found = KINDS.iter().find(|(written, _)| *written == kind).ok_or(wanted)?;
    Ok((found.1.to_owned(), name.to_owned()))
}

/// `by 60s`; some moment of the run without it.
fn by(rest: &[&str], wanted: &'static str) -> Result<When, &'static str> {
    match rest {
        [] => Ok(When::Once(SimTime::ZERO, SimTime::MAX)),
        ["by", at] => Ok(When::Once(SimTime::ZERO, moment(at).map_err(|_| wanted)?)),
        _ => Err(wanted),
    }
}

fn ready(of: &str, rest: &[&str]) -> Read {
    let (kind, name) = object(of)?;
    let when = by(rest, "ready KIND/NAME by 60s")?;
    Ok((when, Subject::Ready(kind, name), Op::Equal, "true".to_owned()))
}

fn at_least(count: &str, of: &str, rest: &[&str]) -> Read {
    let wanted = "always >= 2 ready of KIND/NAME after 30s";
    let (kind, name) = object(of)?;
    let from = match rest {
        [] => SimTime::ZERO,
        ["after", at] => moment(at).map_err(|_| wanted)?,
        _ => return Err(wanted),
    };
    let count: u32 = count.parse().map_err(|_| wanted)?;
    let when = When::Always(from, SimTime::MAX);
    Ok((when, Subject::ReadyCount(kind, name), Op::AtLeast, count.to_string()))
}

fn requests(rest: &[&str]) -> Read {
    let subject = match rest {
        [] => Subject::AnyRequests,
        ["to", service] => {
            let name = service.split_once('/').map_or(*service, |(_, name)| name);
            Subject::Requests(name.to_owned(), false)
        }
        _ => return Err("no request lost to SERVICE"),
    };
    Ok((ALWAYS, subject, Op::Equal, "0".to_owned()))
}

fn no_signal(signal: &str, rest: &[&str]) -> Read {
    let pods = match rest {
        [] => Pods::of(None),
        ["to", of] => Pods::of(Some(object(of)?)),
        _ => return Err("no SIGKILL to KIND/NAME"),
    };
    Ok((ALWAYS, Subject::Signalled(pods, signal.to_owned()), Op::Equal, "0".to_owned()))
}

fn completes(of: &str, rest: &[&str]) -> Read {
    let (kind, name) = object(of)?;
    let when = by(rest, "job/NAME completes by 5m")?;
    let (subject, value) = match kind.as_str() {
        "Job" => {
            (Subject::Object(kind, name, "status.conditions[Complete].status".to_owned()), "True")
        }
        "Pod" => (Subject::Pod(name, "status.phase".to_owned()), "Succeeded"),
        _ => return Err("job/NAME or pod/NAME completes by 5m"),
    };
    Ok((when, subject, Op::Equal, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Statement;
    use crate::Run;

    const TEXT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: 'nginx:1.27'}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: busybox, command: [sh, -c, 'sleep 20; exit 3']}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: app, image: busybox, command: [sh, -c, 'sleep 10']}]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 90s
  node: {profile: instant}
  traffic: [{service: web, rps: 2, from: 10s}]
  timeline:
  - {at: 40s, kubectl: scale deployment/web --replicas=1}
  - {at: 30s, kubectl: delete pod crash}
";

    #[test]
    fn a_run_answers_sentences() {
        let mut run = Run::new(TEXT);
        run.finish();
        for (text, holds) in [
            ("ready deployment/web by 10s", true),
            ("ready deploy/web by 0s", false),
            ("ready service/web by 10s", true),
            ("ready svc/web by 10s", true),
            ("ready pod/crash", true),
            ("ready pod/nope", false),
            ("always >= 1 ready of deployment/web after 10s", true),
            ("always >= 2 ready of deployment/web after 10s", false),
            ("always >= 1 ready of deployment/web after 0s", false),
            ("deployment/web never restarts", true),
            ("pod/crash never restarts", false),
            ("job/once completes by 15s", true),
            ("job/once completes by 9s", false),
            ("no request lost", true),
            ("no request lost to web", true),
            ("no SIGKILL", false),
            ("no SIGKILL to deployment/web", true),
            ("no SIGKILL to pod/crash", false),
        ] {
            let statement = Statement::read(text).expect(text);
            let verdict = statement.judge(&run);
            assert_eq!(verdict.holds, holds, "{text}: {verdict:?}");
        }
    }

    #[test]
    fn what_is_no_sentence_is_refused() {
        for text in [
            "ready web",
            "ready ingress/web by 5s",
            "ready pod/web by noon",
            "always >= two ready of pod/web",
            "no request lost from web",
            "deployment/web completes",
            "nothing breaks",
        ] {
            assert!(Statement::read(text).is_err(), "{text}");
        }
    }
}
