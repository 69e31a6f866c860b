//! Containers that end, or do not end: init containers, restarts, memory, probes that kill.

use super::hosts::host_in;
use super::messages::{any, behind};
use super::probes::{self, Asked};
use super::view::{Container, End};
use super::{Certainty, Found, Pod, View};
use crate::verdict::Cause;
use podplay_api::Value;
use std::time::Duration;

/// Init containers that fail, or that do not end.
pub(super) fn init(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    for container in pod.containers.iter().filter(|container| container.init) {
        let state = |name: &str| !pod.shown(container, &format!("state.{name}")).is_null();
        if let Some(end) = pod.last_end(container)
            && end.code != 0
        {
            return vec![failed(pod, container, &end)];
        }
        if state("running") {
            return runs(view, pod, container).into_iter().collect();
        }
    }
    for container in pod.containers.iter().filter(|container| container.sidecar) {
        let started = pod.shown(container, "started").as_bool();
        let running = !pod.shown(container, "state.running").is_null();
        let probed = !pod.of(container, "startupProbe").is_null();
        if running && started != Some(true) && probed && waits_for_init(pod) {
            let asked = Asked::of(pod, container, "startupProbe");
            let answer = probes::answer_of(pod, "Startup", container);
            let cause = Cause::SidecarNotStarted {
                container: container.name.clone(),
                asked: asked.words,
                answer,
            };
            return vec![Found::new(pod.subject(), cause).at(pod.line(&asked.path), asked.path)];
        }
    }
    by_row(pod).into_iter().collect()
}

/// Whether the main containers wait for the ones before.
fn waits_for_init(pod: &Pod<'_>) -> bool {
    pod.containers.iter().any(|container| {
        !container.init
            && pod.shown(container, "state.waiting.reason").as_str() == Some("PodInitializing")
    })
}

fn failed(pod: &Pod<'_>, container: &Container, end: &End) -> Found {
    if end.reason == "OOMKilled" {
        return oom(pod, container, end);
    }
    let words = words_of(pod, container, end);
    let cause = Cause::InitFails {
        container: container.name.clone(),
        code: i32::try_from(end.code).unwrap_or(1),
        last: words.as_ref().map(|(words, _)| words.clone()),
    };
    let path = format!("{}.command", container.spec);
    let found = Found::new(pod.subject(), cause).at(pod.line(&path), path);
    let found = found.at(end.line, end.path.clone());
    match words {
        Some((words, line)) => found.at(line, "").because(&words),
        None => found,
    }
}

/// The last words of a program: its message, or the last line of its log.
fn words_of(pod: &Pod<'_>, container: &Container, end: &End) -> Option<(String, u32)> {
    let message = end.message.trim().lines().last().unwrap_or_default().to_owned();
    if !message.is_empty() {
        return Some((message, end.line));
    }
    pod.last_words(&container.name)
}

/// An init container that runs and does not end.
fn runs(view: &View<'_>, pod: &Pod<'_>, container: &Container) -> Option<Found> {
    let command = command(pod, container);
    let words = pod.last_words(&container.name);
    let path = format!("{}.command", container.spec);
    let line = pod.line(&path);
    let host = host_in(&command);
    let cause = match host {
        Some(host) => {
            let short = host.split('.').next().unwrap_or_default().to_owned();
            let mut services = services(view);
            let exists = services.any(|name| name == short);
            Cause::InitWaitsForService {
                container: container.name.clone(),
                host,
                exists,
                nearest: None,
            }
        }
        None => Cause::InitNeverEnds {
            container: container.name.clone(),
            last: words.map(|(words, _)| words),
        },
    };
    Some(Found::new(pod.subject(), cause).at(line, path).only(Certainty::Follows))
}

/// Names of the Services that the paste shows.
fn services<'a>(view: &'a View<'_>) -> impl Iterator<Item = &'a str> {
    let objects = view.observed.of_kind("Service").map(|seen| seen.name.as_str());
    let rows = view.observed.rows.iter().filter(|row| row.kind == "Service");
    objects.chain(rows.map(|row| row.name.as_str()))
}

/// A container's command and arguments as one text.
pub(super) fn command(pod: &Pod<'_>, container: &Container) -> String {
    let list = |field: &str| pod.of(container, field).as_array().into_iter().flatten();
    let words: Vec<&str> = list("command").chain(list("args")).filter_map(Value::as_str).collect();
    words.join(" ")
}

/// An init container of which only the row of the pod tells.
fn by_row(pod: &Pod<'_>) -> Option<Found> {
    let status = pod.status().strip_prefix("Init:")?;
    if pod.seen.is_some() {
        return None;
    }
    let row = pod.row.map_or(0, |row| row.row.line);
    let container = pod.containers.iter().find(|c| c.init);
    let name = container.map_or_else(|| format!("of pod {}", pod.name), |c| c.name.clone());
    let cause = match status {
        "Error" | "CrashLoopBackOff" | "OOMKilled" => {
            let last = pod.last_words(&name).map(|(words, _)| words);
            Cause::InitFails { container: name, code: 1, last }
        }
        _ => {
            let host = container.and_then(|c| host_in(&command(pod, c)));
            match host {
                Some(host) => Cause::InitWaitsForService {
                    container: name,
                    host,
                    exists: false,
                    nearest: None,
                },
                None => Cause::InitNeverEnds { container: name, last: None },
            }
        }
    };
    Some(Found::new(pod.subject(), cause).at(row, "").only(Certainty::Follows))
}

/// Containers that were restarted, or that ended and should not have.
pub(super) fn restarts(_: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    if let Some(found) = hook_failed(pod) {
        return vec![found];
    }
    if let Some(found) = probes::killed(pod) {
        return vec![found];
    }
    let mains = pod.containers.iter().filter(|container| !container.init);
    let mut out: Vec<Found> = mains.filter_map(|container| ended(pod, container)).collect();
    if out.is_empty() {
        out.extend(crashes(pod));
    }
    out
}

/// A postStart hook that failed.
fn hook_failed(pod: &Pod<'_>) -> Option<Found> {
    let event = pod.with("FailedPostStartHook").last().copied()?;
    let container = pod.container_of(event);
    let path = container.map_or_else(String::new, |c| format!("{}.lifecycle.postStart", c.spec));
    let asked = container.map(|c| hook(pod, c)).unwrap_or_default();
    let said = event.message.rsplit("message: ").next().unwrap_or_default();
    let cause = Cause::PostStartFails {
        container: pod.container_name(event),
        asked: if asked.is_empty() { "lifecycle.postStart".to_owned() } else { asked },
        said: said.trim_matches('"').to_owned(),
    };
    Some(
        Found::new(pod.subject(), cause)
            .at(pod.line(&path), path)
            .at(event.line, "")
            .because(&event.message),
    )
}

/// What a postStart hook does.
pub(super) fn hook(pod: &Pod<'_>, container: &Container) -> String {
    let words = pod.of(container, "lifecycle.postStart.exec.command").as_array();
    let words: Vec<&str> = words.into_iter().flatten().filter_map(Value::as_str).collect();
    if !words.is_empty() {
        return words.join(" ");
    }
    let get = pod.of(container, "lifecycle.postStart.httpGet");
    match get.get("port") {
        Some(port) => format!(
            "GET {} on port {}",
            get.get("path").and_then(Value::as_str).unwrap_or("/"),
            super::super::observed::plain(port)
        ),
        None => String::new(),
    }
}

/// What the end of a container says.
fn ended(pod: &Pod<'_>, container: &Container) -> Option<Found> {
    let end = pod.last_end(container)?;
    let stopped = pod
        .events
        .iter()
        .any(|event| event.reason == "Killing" && event.message.starts_with("Stopping container"));
    let again = pod.restarts(container) > 0 || pod.shown(container, "state.terminated").is_object();
    if stopped || !again || owned_by_finished(pod) {
        return None;
    }
    if end.reason == "OOMKilled" {
        return Some(oom(pod, container, &end));
    }
    let path = format!("{}.command", container.spec);
    let line = pod.line(&path);
    if end.code == 0 {
        let always = !matches!(pod.spec("restartPolicy").as_str(), Some("Never" | "OnFailure"));
        let probed = !pod.of(container, "livenessProbe").is_null()
            || !pod.of(container, "startupProbe").is_null();
        if !always
            || (pod.restarts(container) == 0 && !pod.events.iter().any(|e| e.reason == "BackOff"))
        {
            return None;
        }
        if probed && end.ran.is_none_or(|ran| ran >= 3) {
            return Some(by_probe(pod, container, &end));
        }
        let image = pod.of(container, "image").as_str().unwrap_or_default().to_owned();
        let cause = Cause::ExitsZero { container: container.name.clone(), image };
        return Some(Found::new(pod.subject(), cause).at(line, path).at(end.line, end.path));
    }
    let probed = !pod.of(container, "livenessProbe").is_null()
        || !pod.of(container, "startupProbe").is_null();
    if matches!(end.code, 137 | 143) && probed && end.reason != "OOMKilled" {
        return Some(by_probe(pod, container, &end));
    }
    let words = words_of(pod, container, &end);
    let last = words.as_ref().map(|(words, _)| words.clone());
    let found = Found::new(pod.subject(), exit(pod, container, &end, last))
        .at(line, path)
        .at(end.line, end.path);
    Some(match words {
        Some((words, line)) => found.at(line, "").because(&words),
        None => found,
    })
}

/// What an exit code and last words mean.
fn exit(pod: &Pod<'_>, container: &Container, end: &End, last: Option<String>) -> Cause {
    let name = container.name.clone();
    let code = i32::try_from(end.code).unwrap_or(1);
    let words = last.clone().unwrap_or_default();
    match code {
        127 if words.is_empty() => {
            let first = pod
                .of(container, "command[0]")
                .as_str()
                .or_else(|| pod.of(container, "args[0]").as_str());
            Cause::CommandNotFound {
                container: name,
                program: first.unwrap_or_default().to_owned(),
            }
        }
        127 => {
            let program = words.split(": not found").next().unwrap_or_default();
            let program = program.rsplit(": ").next().unwrap_or_default();
            Cause::CommandNotFound { container: name, program: program.to_owned() }
        }
        126 => Cause::PermissionDenied { container: name, what: words },
        _ if any(
            &words,
            &["permission denied", "operation not permitted", "read-only file system"],
        ) =>
        {
            Cause::PermissionDenied { container: name, what: words }
        }
        _ => Cause::ExitsNonZero { container: name, code, last },
    }
}

/// A restart that no event explains, of a container whose probe restarts it.
fn by_probe(pod: &Pod<'_>, container: &Container, end: &End) -> Found {
    let field =
        if pod.of(container, "livenessProbe").is_null() { "startupProbe" } else { "livenessProbe" };
    let asked = Asked::of(pod, container, field);
    let answer = probes::answer_of(
        pod,
        if field == "startupProbe" { "Startup" } else { "Liveness" },
        container,
    );
    let cause = probes::restarting(pod, container, field, &asked, answer);
    Found::new(pod.subject(), cause)
        .at(pod.line(&asked.path), asked.path)
        .at(end.line, end.path.clone())
        .only(Certainty::Follows)
}

fn oom(pod: &Pod<'_>, container: &Container, end: &End) -> Found {
    let limit =
        pod.of(container, "resources.limits").get("memory").map(super::super::observed::plain);
    let path = format!("{}.resources.limits.memory", container.spec);
    let cause = Cause::OomKilled { container: container.name.clone(), limit };
    Found::new(pod.subject(), cause).at(pod.line(&path), path).at(end.line, end.path.clone())
}

/// Whether the pod belongs to something that it is right for to end.
fn owned_by_finished(pod: &Pod<'_>) -> bool {
    pod.text("status.phase") == "Succeeded"
}

/// A crash of which only rows, events and logs tell.
fn crashes(pod: &Pod<'_>) -> Option<Found> {
    let status = pod.status();
    let event = pod
        .with("BackOff")
        .into_iter()
        .find(|event| event.message.contains("restarting failed container"));
    let loops = matches!(status, "CrashLoopBackOff" | "Error" | "OOMKilled" | "RunContainerError")
        || status.starts_with("Init:Crash");
    if (event.is_none() && !loops) || pod.containers.iter().any(|c| pod.last_end(c).is_some()) {
        return None;
    }
    let line = event.map_or_else(|| pod.row.map_or(0, |row| row.row.line), |event| event.line);
    let named = event.and_then(|event| behind(&event.message, "failed container ", &[' ']));
    let name = match (named, pod.containers.iter().find(|c| !c.init)) {
        (Some(name), _) => name.to_owned(),
        (None, Some(container)) => container.name.clone(),
        (None, None) => format!("of pod {}", pod.name),
    };
    let known = pod.containers.iter().find(|c| c.name == name);
    let init =
        known.is_some_and(|c| c.init) || status.starts_with("Init:") || lone_start(pod, &name);
    let last = pod.last_words(&name);
    let words = last.as_ref().map(|(words, _)| words.clone());
    let cause = match () {
        () if status == "OOMKilled" => Cause::OomKilled { container: name, limit: None },
        () if init => Cause::InitFails { container: name, code: 1, last: words },
        () if known.is_none() && status != "Error" && words.is_none() && idle(pod) => {
            let image = super::start::pulled(pod).unwrap_or_default().to_owned();
            let cause = Cause::ExitsZero { container: name, image };
            return Some(Found::new(pod.subject(), cause).at(line, "").only(Certainty::Follows));
        }
        () => Cause::ExitsNonZero { container: name, code: 1, last: words },
    };
    let mut found = Found::new(pod.subject(), cause).at(line, "").only(Certainty::Follows);
    if matches!(found.cause, Cause::ExitsNonZero { .. } | Cause::InitFails { .. })
        && known.is_none()
    {
        found = without_code(found);
    }
    Some(found)
}

/// Whether a pod's image has nothing to do unless it is told: a distribution, or the runtime of a language.
fn idle(pod: &Pod<'_>) -> bool {
    let image = super::start::pulled(pod).unwrap_or_default();
    let name =
        image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
    matches!(
        name,
        "ubuntu"
            | "debian"
            | "alpine"
            | "centos"
            | "fedora"
            | "rockylinux"
            | "almalinux"
            | "amazonlinux"
            | "archlinux"
            | "opensuse"
            | "python"
            | "node"
            | "golang"
            | "ruby"
            | "openjdk"
            | "eclipse-temurin"
            | "bash"
            | "kali-rolling"
    )
}

/// Whether the container that crashes is not the one that the pod is named after: then it is likely an init
/// container, because pods are commonly named after what they run.
fn lone_start(pod: &Pod<'_>, name: &str) -> bool {
    let known = pod.containers.is_empty() && pod.seen.is_none();
    let role = [
        "init", "migrat", "wait", "seed", "setup", "prepare", "schema", "fetch", "download",
        "copy", "perm", "chown", "install",
    ];
    known && any(name, &role) && !pod.name.contains(name)
}

/// The sentence where the exit code is not shown.
fn without_code(found: Found) -> Found {
    let (container, last, init) = match &found.cause {
        Cause::ExitsNonZero { container, last, .. } => (container, last, false),
        Cause::InitFails { container, last, .. } => (container, last, true),
        _ => return found,
    };
    let (lead, lead_ko) = if init {
        ("Init container", "초기화 컨테이너")
    } else {
        ("Container", "컨테이너")
    };
    let tail = last.as_ref().map(|last| format!("; its last words: {last}")).unwrap_or_default();
    let tail_ko = last.as_ref().map(|last| format!(" 마지막 출력: {last}")).unwrap_or_default();
    let en = format!(
        "{lead} {container} ends again and again and is restarted each time later (the paste does not show its exit code){tail}."
    );
    let ko = format!(
        "{lead_ko} {container}이(가) 계속 종료되어 점점 늦게 재시작됩니다(종료 코드는 붙여 넣은 글에 없습니다).{tail_ko}"
    );
    let ko = crate::fill(&ko, &[]);
    found.saying(en, ko)
}

/// A length of time in seconds.
pub(super) fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
