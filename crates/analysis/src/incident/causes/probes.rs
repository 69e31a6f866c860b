//! Probes: those that restart a container, and those for which it is not ready.

use super::life::{hook, seconds};
use super::messages::{any, between, port};
use super::view::Container;
use super::{Certainty, Found, Pod, View};
use crate::verdict::{Answer, Cause};
use podplay_api::Value;

/// What a probe asks, in words, with its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) words: String,
    pub(super) path: String,
    /// The port that it asks, if it is a number.
    pub(super) port: Option<u16>,
}

impl Asked {
    /// A probe of a container, by its field.
    pub(super) fn of(pod: &Pod<'_>, container: &Container, field: &str) -> Self {
        let path = format!("{}.{field}", container.spec);
        let at = |name: &str| pod.of(container, &format!("{field}.{name}"));
        let number = |value: &Value| u16::try_from(value.as_u64()?).ok();
        let named = |value: &Value| match value {
            Value::String(name) => {
                let ports = pod.of(container, "ports").as_array().into_iter().flatten();
                let found =
                    ports.filter(|port| port.get("name") == Some(&Value::from(name.as_str())));
                found.filter_map(|port| number(port.get("containerPort")?)).next()
            }
            other => number(other),
        };
        let get = at("httpGet");
        if let Some(asked) = get.get("port") {
            let tls = get.get("scheme").and_then(Value::as_str) == Some("HTTPS");
            let what = get.get("path").and_then(Value::as_str).unwrap_or("/");
            let lead = if tls { "HTTPS GET " } else { "GET " };
            let words = format!("{lead}{what} on port {}", super::super::observed::plain(asked));
            return Self { words, path: path + ".httpGet", port: named(asked) };
        }
        if let Some(asked) = at("tcpSocket").get("port").or_else(|| at("grpc").get("port")) {
            let words = format!("port {}", super::super::observed::plain(asked));
            return Self { words, path, port: named(asked) };
        }
        let words: Vec<&str> =
            at("exec.command").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Self { words: words.join(" "), path: path + ".exec.command", port: None }
    }
    /// What a message says was asked, where the paste does not show the probe.
    fn said(message: &str) -> Self {
        if let Some(url) = between(message, "Get \"", "\"") {
            let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
            let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
            let lead = if url.starts_with("https") { "HTTPS GET " } else { "GET " };
            let port = port(url);
            let shown = port.map_or_else(|| "80".to_owned(), |port| port.to_string());
            return Self {
                words: format!("{lead}{path} on port {shown}"),
                path: String::new(),
                port,
            };
        }
        if let Some(address) = between(message, "dial tcp ", ": ") {
            let port = port(&format!("{address}/"));
            let shown = port.map_or_else(String::new, |port| port.to_string());
            return Self { words: format!("port {shown}"), path: String::new(), port };
        }
        if let Some(command) = between(message, "command timed out: \"", "\"") {
            return Self { words: command.to_owned(), ..Self::default() };
        }
        Self { words: "exec".to_owned(), ..Self::default() }
    }
}

/// The answer in the words of an `Unhealthy` event, without `Readiness probe failed: `.
pub(super) fn answer(text: &str) -> Answer {
    if any(text, &["executable file not found", "no such file or directory: unknown"])
        && let Some(program) = between(text, "exec: \"", "\"")
    {
        return Answer::NoProgram(program.to_owned());
    }
    if let Some((_, code)) = text.split_once("statuscode: ") {
        return Answer::Status(code.trim().parse().unwrap_or(500));
    }
    if any(text, &["gave http response to https"]) {
        return Answer::PlainHttp;
    }
    if any(text, &["deadline exceeded", "timed out", "timeout"]) {
        return Answer::TimedOut;
    }
    if any(text, &["connection refused"]) && any(text, &["dial tcp", "connect:"]) {
        return Answer::Refused(Vec::new());
    }
    if any(text, &["get \"http", "dial tcp", "grpc", "eof", "connection reset", "no route"]) {
        return Answer::Said(text.to_owned());
    }
    Answer::Exit(1, text.trim().to_owned())
}

/// The last answer to a probe that an event tells.
pub(super) fn answer_of(pod: &Pod<'_>, probe: &str, container: &Container) -> Answer {
    let unhealthy = pod.with("Unhealthy");
    let told = unhealthy.iter().rev().find(|event| {
        event.message.starts_with(probe)
            && (event.container.is_empty() || event.container == container.name)
    });
    match told {
        Some(event) => answer(after_lead(&event.message)),
        None => Answer::Said("no event tells how it answered".to_owned()),
    }
}

/// The words behind `Readiness probe failed: ` and the like.
fn after_lead(message: &str) -> &str {
    ["probe failed: ", "unknown state: ", "probe errored: ", "probe warning: "]
        .iter()
        .find_map(|lead| Some(message.split_once(lead)?.1))
        .unwrap_or(message)
}

/// A container that was killed because of a probe, as events tell.
pub(super) fn killed(pod: &Pod<'_>) -> Option<Found> {
    let unhealthy = pod.with("Unhealthy");
    let killing = pod.with("Killing").into_iter().rev().find_map(|event| {
        let probe = ["liveness", "startup"]
            .into_iter()
            .find(|probe| event.message.contains(&format!("failed {probe} probe")))?;
        Some((probe, event))
    });
    let (probe, lead) = match killing {
        Some(("startup", _)) => ("startup", "Startup"),
        Some(_) => ("liveness", "Liveness"),
        None => {
            let lead = |lead: &str| unhealthy.iter().any(|event| event.message.starts_with(lead));
            let startup = lead("Startup probe") && !pod.containers.iter().any(|c| c.sidecar);
            match () {
                () if lead("Liveness probe") => ("liveness", "Liveness"),
                () if startup => ("startup", "Startup"),
                () => return None,
            }
        }
    };
    let event = unhealthy.iter().rev().find(|event| event.message.starts_with(lead)).copied();
    let event = event.or_else(|| killing.map(|(_, event)| event))?;
    let field = format!("{probe}Probe");
    let container = pod.container_of(event).cloned();
    let mut asked = container.as_ref().map(|c| Asked::of(pod, c, &field)).unwrap_or_default();
    if asked.words.is_empty() {
        asked = Asked::said(&event.message);
    }
    let answer = if event.reason == "Killing" {
        Answer::Said(event.message.clone())
    } else {
        answer(after_lead(&event.message))
    };
    let name = pod.container_name(event);
    let cause = match container {
        Some(container) => restarting(pod, &container, &field, &asked, answer),
        None => restarting_unseen(name, &field, &asked, answer),
    };
    let line = if asked.path.is_empty() { 0 } else { pod.line(&asked.path) };
    Some(
        Found::new(pod.subject(), cause)
            .at(line, asked.path)
            .at(event.line, "")
            .because(&event.message),
    )
}

/// Why a probe restarts a container that the paste shows.
pub(super) fn restarting(
    pod: &Pod<'_>,
    container: &Container,
    field: &str,
    asked: &Asked,
    answer: Answer,
) -> Cause {
    let number = |name: &str, otherwise: i64| {
        pod.of(container, &format!("{field}.{name}")).as_i64().unwrap_or(otherwise)
    };
    let timeout = number("timeoutSeconds", 1);
    let patience = number("initialDelaySeconds", 0)
        + number("periodSeconds", 10) * number("failureThreshold", 3);
    let name = container.name.clone();
    let probe = field.trim_end_matches("Probe").to_owned();
    match answer {
        Answer::NoProgram(program) => {
            Cause::ProbeCommandMissing { container: name, probe, program }
        }
        Answer::TimedOut => Cause::ProbeTimeout {
            container: name,
            probe,
            asked: asked.words.clone(),
            timeout: seconds(timeout),
            needs: None,
        },
        Answer::Refused(_) | Answer::Exit(..) if field == "startupProbe" => {
            Cause::StartupTooShort { container: name, needs: None, allows: seconds(patience) }
        }
        answer if field == "startupProbe" => {
            Cause::StartupFails { container: name, asked: asked.words.clone(), answer }
        }
        answer => Cause::LivenessFails { container: name, asked: asked.words.clone(), answer },
    }
}

fn restarting_unseen(container: String, field: &str, asked: &Asked, answer: Answer) -> Cause {
    let probe = field.trim_end_matches("Probe").to_owned();
    let words = asked.words.clone();
    match answer {
        Answer::NoProgram(program) => Cause::ProbeCommandMissing { container, probe, program },
        Answer::TimedOut => {
            Cause::ProbeTimeout { container, probe, asked: words, timeout: seconds(1), needs: None }
        }
        Answer::Refused(_) | Answer::Exit(..) if field == "startupProbe" => {
            Cause::StartupTooShort { container, needs: None, allows: seconds(30) }
        }
        answer if field == "startupProbe" => {
            Cause::StartupFails { container, asked: words, answer }
        }
        answer => Cause::LivenessFails { container, asked: words, answer },
    }
}

/// Containers that run and are not ready: hooks that do not end, readiness probes, gates.
pub(super) fn waiting(_: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let found = hangs(pod).or_else(|| unready(pod)).or_else(|| untold(pod)).or_else(|| gate(pod));
    found.into_iter().collect()
}

/// A container that was started and is shown as being created: its postStart hook has not returned.
fn hangs(pod: &Pod<'_>) -> Option<Found> {
    let started = pod.with("Started");
    let container = pod.containers.iter().find(|container| {
        let reason = pod.shown(container, "state.waiting.reason").as_str().unwrap_or_default();
        matches!(reason, "ContainerCreating" | "PodInitializing") && !container.init
    })?;
    let inits = pod.containers.iter().filter(|c| c.init || c.sidecar).count();
    let own = started
        .iter()
        .filter(|event| event.container.is_empty() || event.container == container.name);
    let sandbox =
        pod.condition("PodReadyToStartContainers").is_some_and(|(status, _, _)| status == "True");
    let hook_words = hook(pod, container);
    let started_already =
        own.count() > inits || (started.is_empty() && sandbox && !hook_words.is_empty());
    if !started_already
        || pod.condition("Initialized").is_some_and(|(status, _, _)| status == "False")
    {
        return None;
    }
    let path = format!("{}.lifecycle.postStart", container.spec);
    let state = format!("{}.state", container.status);
    let asked = if hook_words.is_empty() { "lifecycle.postStart".to_owned() } else { hook_words };
    let cause = Cause::PostStartHangs { container: container.name.clone(), asked };
    let found =
        Found::new(pod.subject(), cause).at(pod.line(&path), path).at(pod.line(&state), state);
    let found = started
        .last()
        .map_or(found.clone(), |event| found.at(event.line, "").because(&event.message));
    Some(found.only(Certainty::Follows))
}

/// A readiness probe whose failures events tell.
fn unready(pod: &Pod<'_>) -> Option<Found> {
    if pod.ready() == Some(true) {
        return None;
    }
    let events = pod.with("Unhealthy");
    let event = events.iter().rev().find(|event| event.message.starts_with("Readiness"))?;
    let container = pod.container_of(event).cloned();
    let mut asked =
        container.as_ref().map(|c| Asked::of(pod, c, "readinessProbe")).unwrap_or_default();
    let said = Asked::said(&event.message);
    if asked.words.is_empty() {
        asked = said.clone();
    }
    let words = after_lead(&event.message);
    let timeout =
        container.as_ref().and_then(|c| pod.of(c, "readinessProbe.timeoutSeconds").as_i64());
    let told = between(words, "timed out after ", "s").and_then(|digits| digits.parse().ok());
    let cause = not_ready(
        pod.container_name(event),
        &asked,
        said.port,
        answer(words),
        timeout.or(told).unwrap_or(1),
    );
    let line = if asked.path.is_empty() { 0 } else { pod.line(&asked.path) };
    Some(
        Found::new(pod.subject(), cause)
            .at(line, asked.path)
            .at(event.line, "")
            .because(&event.message),
    )
}

fn not_ready(
    container: String,
    asked: &Asked,
    said: Option<u16>,
    answer: Answer,
    timeout: i64,
) -> Cause {
    let probe = "readiness".to_owned();
    match (answer, asked.port.or(said)) {
        (Answer::NoProgram(program), _) => Cause::ProbeCommandMissing { container, probe, program },
        (Answer::TimedOut, _) => Cause::ProbeTimeout {
            container,
            probe,
            asked: asked.words.clone(),
            timeout: seconds(timeout),
            needs: None,
        },
        (Answer::Refused(_), Some(port)) => {
            Cause::ReadinessPortClosed { container, port, listens: Vec::new() }
        }
        (answer, _) => Cause::ReadinessFails { container, asked: asked.words.clone(), answer },
    }
}

/// A container that runs and is not ready while the paste has no event about it.
fn untold(pod: &Pod<'_>) -> Option<Found> {
    let container = pod.containers.iter().find(|container| {
        !container.init
            && !pod.shown(container, "state.running").is_null()
            && pod.shown(container, "ready").as_bool() == Some(false)
    })?;
    let fields = ["startupProbe", "readinessProbe"];
    let started = pod.shown(container, "started").as_bool() == Some(true);
    let field = fields.into_iter().find(|field| {
        !(pod.of(container, field).is_null() || *field == "startupProbe" && started)
    })?;
    let asked = Asked::of(pod, container, field);
    let timeout = pod.of(container, &format!("{field}.timeoutSeconds")).as_i64().unwrap_or(1);
    let answer = Answer::Said(format!(
        "no event tells whether it answered badly or later than timeoutSeconds ({timeout} s) allows"
    ));
    let cause = if field == "startupProbe" {
        restarting(pod, container, field, &asked, answer)
    } else {
        let declared = pod.of(container, "ports").as_array().into_iter().flatten();
        let mut declared =
            declared.filter_map(|port| port.get("containerPort")?.as_u64()).peekable();
        let elsewhere = asked.port.filter(|port| {
            declared.peek().is_some() && !declared.any(|other| other == u64::from(*port))
        });
        match elsewhere {
            Some(port) => Cause::ReadinessPortClosed {
                container: container.name.clone(),
                port,
                listens: Vec::new(),
            },
            None => Cause::ReadinessFails {
                container: container.name.clone(),
                asked: asked.words.clone(),
                answer,
            },
        }
    };
    Some(
        Found::new(pod.subject(), cause)
            .at(pod.line(&asked.path), asked.path)
            .only(Certainty::Follows),
    )
}

/// A readiness gate whose condition nobody has set.
fn gate(pod: &Pod<'_>) -> Option<Found> {
    let gates = pod.spec("readinessGates").as_array()?;
    let (at, gate) = gates.iter().enumerate().find_map(|(at, gate)| {
        let kind = gate.get("conditionType")?.as_str()?;
        let set = pod.condition(kind).is_some_and(|(status, _, _)| status == "True");
        let shown = gate.get("seen").and_then(Value::as_str) == Some("True");
        (!set && !shown).then(|| (at, kind.to_owned()))
    })?;
    let ready = pod
        .containers
        .iter()
        .filter(|c| !c.init)
        .all(|c| pod.shown(c, "ready").as_bool() == Some(true));
    let path = format!("spec.readinessGates[{at}].conditionType");
    ready.then(|| {
        Found::new(pod.subject(), Cause::ReadinessGateUnset { gate }).at(pod.line(&path), path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_the_kubelets_words() {
        let table = [
            ("HTTP probe failed with statuscode: 503", Answer::Status(503)),
            (
                "Get \"http://10.0.0.1:8080/\": dial tcp 10.0.0.1:8080: connect: connection refused",
                Answer::Refused(Vec::new()),
            ),
            (
                "Get \"http://10.0.0.1:8080/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                Answer::TimedOut,
            ),
            (
                "Get \"https://10.0.0.1:80/\": http: server gave HTTP response to HTTPS client",
                Answer::PlainHttp,
            ),
            (
                "rpc error: code = Unknown desc = failed to exec: exec: \"curl\": executable file not found in $PATH",
                Answer::NoProgram("curl".to_owned()),
            ),
            (
                "cat: can't open '/tmp/ready': No such file or directory",
                Answer::Exit(
                    1,
                    "cat: can't open '/tmp/ready': No such file or directory".to_owned(),
                ),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(answer(text), expected, "{text}");
        }
        let asked =
            Asked::said("Readiness probe failed: Get \"https://10.0.0.1:8443/ok?x=1\": EOF");
        assert_eq!(
            (asked.words.as_str(), asked.port),
            ("HTTPS GET /ok?x=1 on port 8443", Some(8443))
        );
    }
}
