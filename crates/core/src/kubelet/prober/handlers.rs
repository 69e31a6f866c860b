//! The attempts themselves: exec, HTTP, TCP, gRPC, and what each says when it fails.
//!
//! Models `pkg/kubelet/prober/prober.go` and `pkg/probe/{exec,http,tcp,grpc}`.

use super::conclude;
use crate::events;
use crate::ids::{ContainerIx, Uid};
use crate::limits;
use crate::network::{self, Answer, Exchange};
use crate::queue::Timer;
use crate::record::What;
use crate::runtime;
use crate::runtime::answer::{Outcome, Reply, Said};
use crate::runtime::instance::{ExecEnd, Purpose};
use crate::world::World;
use podplay_api::{EventType, Probe, ProbeKind};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

impl Said {
    /// The reason of a failure that is no HTTP response.
    fn because_of(self, answer: &Answer) -> Self {
        match answer {
            Answer::Refused => self.because(Reply::Refused),
            Answer::Unreachable => self.because(Reply::Unreachable),
            Answer::NotTls => self.because(Reply::PlainHttp),
            _ => self,
        }
    }
}

/// Begins an attempt.
pub fn begin(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind) {
    let now = world.now;
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let pod = Arc::clone(&worker.pod);
    let spec = pod.spec.all_containers().nth(usize::from(ix));
    let Some(probe) = spec.and_then(|spec| kind.of(spec)) else { return };
    if let Some(prober) = worker.probers.get_mut(&(ix, kind)) {
        prober.in_flight = Some(now);
    }
    if let Some(exec) = &probe.exec {
        let limit = Some(Duration::from_secs(probe.timeout()));
        runtime::exec(world, uid, ix, &exec.command, Purpose::Probe(kind), limit, Vec::new());
        return;
    }
    world.take_met();
    let (after, mut said) = match over_network(world, uid, ix, probe) {
        Ok(pair) => pair,
        Err(text) => (Duration::ZERO, Said::error(text)),
    };
    let late = said.reply == Some(Reply::TimedOut);
    said.fault = world.take_met().filter(|met| late || !met.late).map(|met| met.fault);
    if after.is_zero() {
        finish(world, uid, ix, kind, said);
    } else if let Some(instance) =
        world.workers.get_mut(&uid).and_then(|worker| worker.newest_mut(ix))
    {
        instance.answers.insert(kind, said);
        world.arm_in(Timer::ProbeAnswer(uid, ix, kind), after);
    }
}

/// An answer that took its time has come.
pub fn answered(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind) {
    let said = world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.newest_mut(ix))
        .and_then(|instance| instance.answers.remove(&kind));
    match said {
        Some(said) => finish(world, uid, ix, kind, said),
        None => conclude(world, uid, ix, kind, Outcome::Error),
    }
}

fn over_network(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    probe: &Probe,
) -> Result<(Duration, Said), String> {
    let worker = world.workers.get(&uid).ok_or("no pod")?;
    let timeout = Duration::from_secs(probe.timeout());
    let own = network::host_of(worker, "");
    if let Some(get) = &probe.http_get {
        let port = network::route::resolve_port(worker, ix, &get.port)?;
        let host = network::host_of(worker, &get.host);
        let path: Cow<'_, str> = match get.path.starts_with('/') {
            true => Cow::Borrowed(&get.path),
            false => format!("/{}", get.path).into(),
        };
        let scheme = if get.scheme.eq_ignore_ascii_case("https") { "https" } else { "http" };
        let headers = network::headers_of(get);
        let what = Exchange::get(scheme, &host, port, &path, &headers);
        return Ok(http(world, uid, &what, timeout));
    }
    if let Some(tcp) = &probe.tcp_socket {
        let port = network::route::resolve_port(worker, ix, &tcp.port)?;
        let host = network::host_of(worker, &tcp.host);
        let answer = network::connect(world, uid, &host, port);
        return Ok(match answer {
            Answer::Silent => {
                let said = Said::failure(format!("dial tcp {host}:{port}: i/o timeout"));
                (timeout, said.because(Reply::TimedOut))
            }
            Answer::Refused | Answer::Unreachable => {
                let error = network::transport_error(&answer, "tcp", &host, port);
                let said = Said::failure(error.unwrap_or_default());
                (Duration::ZERO, said.because_of(&answer))
            }
            _ => (Duration::ZERO, Said::success()),
        });
    }
    if let Some(grpc) = &probe.grpc {
        let port = u16::try_from(grpc.port).map_err(|_| "invalid port".to_string())?;
        return Ok(self::grpc(world, (uid, &own, port), &grpc.service, timeout));
    }
    Err("missing probe handler".into())
}

/// Models `pkg/probe/http/http.go` DoHTTPProbe.
fn http(world: &mut World, uid: Uid, what: &Exchange<'_>, timeout: Duration) -> (Duration, Said) {
    let answer = network::kubelet_get(world, uid, what);
    if let Answer::Http { after, status: 200..300, .. } = answer
        && after < timeout
    {
        return (after, Said::success());
    }
    let Exchange { scheme, host, port, path, .. } = *what;
    let url = format!("{scheme}://{host}:{port}{path}");
    let timed_out = format!(
        "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    );
    match answer {
        Answer::Silent => (timeout, Said::failure(timed_out).because(Reply::TimedOut)),
        Answer::Http { after, .. } if after >= timeout => {
            (timeout, Said::failure(timed_out).because(Reply::TimedOut))
        }
        Answer::Http { after, status, headers, body } => {
            let target = network::location(&headers).map(str::to_owned);
            (after, redirected(world, uid, what, (status, target, body)))
        }
        failed => {
            let error = network::transport_error(&failed, scheme, host, port).unwrap_or_default();
            let said = Said::failure(format!("Get \"{url}\": {error}"));
            (Duration::ZERO, said.because_of(&failed))
        }
    }
}

/// Where a redirect leads.
struct Target {
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// Resolves the target of a redirect against where it came from.
    fn of(text: &str, from: &Self) -> Self {
        let Some((scheme, rest)) = text.split_once("://") else {
            let path = if text.starts_with('/') {
                text.to_owned()
            } else {
                let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{folder}/{text}")
            };
            return Self { scheme: from.scheme.clone(), host: from.host.clone(), path, ..*from };
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let default = if scheme == "https" { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(default)),
            None => (authority, default),
        };
        let path = if path.is_empty() { "/" } else { path };
        Self { scheme: scheme.to_owned(), host: host.to_owned(), port, path: path.to_owned() }
    }
}

/// A status code, after following redirects on the same host. A redirect that is left counts with a warning.
///
/// Models `pkg/probe/http/http.go` RedirectChecker.
fn redirected(
    world: &mut World,
    uid: Uid,
    what: &Exchange<'_>,
    (mut status, mut location, mut body): (u16, Option<String>, Cow<'static, str>),
) -> Said {
    let mut at = Target {
        scheme: what.scheme.to_owned(),
        host: what.host.to_owned(),
        port: what.port,
        path: what.path.to_owned(),
    };
    for _ in 0..10 {
        let follows = matches!(status, 301 | 302 | 303 | 307 | 308);
        let Some(text) = location.take().filter(|_| follows) else { return judged(status, &body) };
        let next = Target::of(&text, &at);
        if next.host != what.host {
            return judged(status, &body);
        }
        at = next;
        let hop = Exchange::get(&at.scheme, &at.host, at.port, &at.path, what.headers);
        match network::kubelet_get(world, uid, &hop) {
            Answer::Http { status: code, headers, body: text, .. } => {
                location = network::location(&headers).map(str::to_owned);
                (status, body) = (code, text);
            }
            failed => {
                let error = network::transport_error(&failed, &at.scheme, &at.host, at.port);
                return Said::failure(format!("Get \"{text}\": {}", error.unwrap_or_default()));
            }
        }
    }
    Said::failure(format!("Get \"{}\": stopped after 10 redirects", location.unwrap_or_default()))
}

fn judged(status: u16, body: &str) -> Said {
    match status {
        200..300 => Said::success(),
        300..400 => {
            let text = format!("Probe terminated redirects, Response body: {body}");
            Said {
                outcome: Outcome::Success,
                text,
                warning: true,
                exit: None,
                reply: None,
                fault: None,
            }
        }
        _ => Said::failure(format!("HTTP probe failed with statuscode: {status}"))
            .because(Reply::Status(status)),
    }
}

/// Models `pkg/probe/grpc/grpc.go`.
fn grpc(
    world: &mut World,
    (uid, host, port): (Uid, &str, u16),
    service: &str,
    timeout: Duration,
) -> (Duration, Said) {
    let seconds = crate::kubelet::backoff::go_duration(timeout);
    match network::grpc_health(world, uid, host, port, service) {
        Some(Ok(true)) => (Duration::ZERO, Said::success()),
        Some(Ok(false)) => {
            (Duration::ZERO, Said::failure("service unhealthy (responded with \"NOT_SERVING\")"))
        }
        Some(Err(message)) => (Duration::ZERO, Said::failure(message)),
        None => (
            timeout,
            Said::failure(format!(
                "timeout: failed to connect service \"{host}:{port}\" within {seconds}: context deadline exceeded"
            ))
            .because(Reply::TimedOut),
        ),
    }
}

/// An exec probe has ended.
pub fn exec_finished(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    kind: ProbeKind,
    command: &[String],
    end: ExecEnd,
) {
    let met = runtime::traces_of(world, uid, ix).and_then(|traces| traces.met.take());
    let mut said = match end {
        ExecEnd::Exited { code: 0, .. } => Said { exit: Some(0), ..Said::success() },
        ExecEnd::Exited { output, code } => {
            let cut = output.len().min(limits::PROBE_OUTPUT);
            let text = String::from_utf8_lossy(&output[..cut]).into_owned();
            let reply = Reply::Exit(code, text.trim_end().to_owned());
            Said { exit: Some(code), ..Said::failure(text).because(reply) }
        }
        ExecEnd::TimedOut { after } => {
            let limit = crate::kubelet::backoff::go_duration(after);
            Said::failure(format!(
                "command timed out: \"{}\" timed out after {limit}",
                command.join(" ")
            ))
            .because(Reply::TimedOut)
        }
        ExecEnd::Failed(message) => Said::error(message),
        ExecEnd::NotStarted(program, message) => {
            Said::error(message).because(Reply::NoProgram(program))
        }
    };
    said.fault = met;
    finish(world, uid, ix, kind, said);
}

fn finish(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind, mut said: Said) {
    let success = said.outcome == Outcome::Success;
    let fault = said.fault.filter(|_| !success);
    let cause = fault.or_else(|| runtime::traces_of(world, uid, ix)?.began);
    let reply = said.reply.take().or_else(|| (!success).then(|| Reply::Other(said.text.clone())));
    if let Some(prober) =
        world.workers.get_mut(&uid).and_then(|worker| worker.probers.get_mut(&(ix, kind)))
    {
        prober.reply = reply;
    }
    let subject = world.container_subject(uid, ix);
    let exit = said.exit;
    let message = (!said.text.is_empty()).then(|| Arc::from(said.text.as_str()));
    world.record_after(cause, subject, What::Probe { kind, success, message, exit });
    let name = kind.as_str();
    let (reason, text) = match said.outcome {
        Outcome::Success if said.warning => {
            ("ProbeWarning", format!("{name} probe warning: {}", said.text))
        }
        Outcome::Success => ("", String::new()),
        Outcome::Failure => ("Unhealthy", format!("{name} probe failed: {}", said.text)),
        Outcome::Error => (
            "Unhealthy",
            format!("{name} probe errored and resulted in unknown state: {}", said.text),
        ),
    };
    if !reason.is_empty() {
        events::pod_event(world, uid, Some(ix), EventType::Warning, reason, &text);
    }
    conclude(world, uid, ix, kind, said.outcome);
}
