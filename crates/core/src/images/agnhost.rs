//! agnhost, Kubernetes' own test image, and `stress`.

use super::program::Spec;
use super::served::{Served, ran};
use super::start::{Start, behaviour, done, flag, said};
use crate::network::{Answer, Exchange};
use crate::runtime::PodHost;
use podplay_shell::{Behaviour, Signal};
use std::time::Duration;

/// A Go server of this size listens this soon after its start: of seven starts that recordings show with a probe at
/// once, the five probes of the first eight milliseconds were refused and those after ten were answered.
const GO_START: u64 = 10_000_000;
/// A Go program without a handler: the runtime turns the signal into exit status 2.
const GO: [Signal; 3] = [Signal::TERM, Signal::INT, Signal::QUIT];

/// A subcommand; the first argument names it.
pub(crate) fn start(start: &mut Start<'_, '_>, spec: &Spec) -> Behaviour {
    let mut argv: Vec<String> = start.call.argv.to_vec();
    // Older images have one program for each subcommand.
    if let Some(sub) = spec.more.get("subcommand") {
        argv.insert(1, sub.clone());
    }
    let args = argv.get(1..).unwrap_or_default().to_vec();
    let sub = args.first().map_or("pause", String::as_str);
    let Some(ports) = ports(&args) else {
        return match sub {
            "pause" => behaviour("", Vec::new()),
            "--help" | "help" => said("Usage:\n  app [command]", "", 0),
            "fake-gitserver" | "logs-generator" | "entrypoint-tester" | "inclusterclient"
            | "nettest" | "net" | "test-webserver" | "dns-server-list" | "dns-suffix"
            | "etc-hosts" => done(0),
            other => said(
                "",
                &format!(
                    "Error: unknown command \"{other}\" for \"app\"\nRun 'app --help' for usage."
                ),
                1,
            ),
        };
    };
    let tag = start.serve("agnhost", Served::Agnhost(args));
    Behaviour {
        listen_after: GO_START,
        on_signal: GO.map(|signal| (signal, 0, 2)).to_vec(),
        in_use: Some(super::start::in_use("listen tcp :{port}: bind: address already in use", 2)),
        ..behaviour(&tag, ports)
    }
}

/// The ports of a subcommand that serves.
pub(crate) fn ports(args: &[String]) -> Option<Vec<u16>> {
    let port = |name: &str, default: u16| {
        flag(args, name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    Some(match args.first()?.as_str() {
        "liveness" => vec![8080],
        "netexec" => vec![port("--http-port", 8080)],
        "test-webserver" => vec![port("--port", 80)],
        "porter" => vec![port("--port", 8080)],
        "serve-hostname" => vec![port("--port", 9376)],
        "guestbook" => vec![port("--http-port", 80)],
        "webhook" => vec![port("--port", 443)],
        "grpc-health-checking" => vec![port("--port", 5000), port("--http-port", 8080)],
        _ => return None,
    })
}

pub(crate) fn answer(args: &[String], host: &PodHost<'_>, _: u16, what: &Exchange<'_>) -> Answer {
    let path = what.path.split(['?', '#']).next().unwrap_or(what.path);
    let ran = ran(host);
    let pod = host.world.workers.get(&host.uid).map_or("", |worker| worker.pod.meta.name.as_str());
    match args.first().map_or("", String::as_str) {
        "liveness" if path == "/healthz" && ran > Duration::from_secs(10) => {
            Answer::http(500, format!("error: {}", ran.as_secs()))
        }
        "liveness" => Answer::http(200, "ok"),
        "serve-hostname" => Answer::http(200, pod.to_owned()),
        "netexec" => netexec(pod, path, ran, what),
        _ => Answer::http(200, "ok"),
    }
}

fn netexec(name: &str, path: &str, ran: Duration, what: &Exchange<'_>) -> Answer {
    let query = |name: &str| {
        let (_, query) = what.path.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace('+', " "))
    };
    let number = |name: &str| query(name).and_then(|text| text.parse::<u64>().ok());
    let code = |name: &str, default: u16| {
        number(name).and_then(|code| u16::try_from(code).ok()).unwrap_or(default)
    };
    match path {
        "/status" => Answer::http(code("code", 200), ""),
        "/after" => {
            let there = ran >= Duration::from_secs(number("s").unwrap_or(0));
            Answer::http(if there { 200 } else { 503 }, "")
        }
        "/slow" => Answer::Http {
            after: Duration::from_secs(number("s").unwrap_or(1)),
            status: 200,
            headers: Vec::new(),
            body: "".into(),
        },
        "/redirect" => {
            let target = query("to").or_else(|| query("location")).unwrap_or_else(|| "/".into());
            let body = format!("<a href=\"{target}\">Found</a>.\n\n");
            Answer::http(code("code", 302), body).with("Location", target)
        }
        "/hostname" | "/hostName" => Answer::http(200, name.to_owned()),
        "/header" => {
            let key = query("key").unwrap_or_default();
            Answer::http(200, what.header(&key).unwrap_or_default().to_owned())
        }
        "/echo" => Answer::http(code("code", 200), query("msg").unwrap_or_default()),
        "/" | "/healthz" | "/clientip" => Answer::http(200, "ok"),
        _ => Answer::http(404, "404 page not found\n"),
    }
}

pub(super) fn grpc_health(
    args: &[String],
    ran: Duration,
    service: &str,
) -> Option<Result<bool, String>> {
    if args.first().map(String::as_str) != Some("grpc-health-checking") {
        return None;
    }
    if !service.is_empty() {
        let error =
            "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service";
        return Some(Err(error.into()));
    }
    let delay = flag(args, "--delay-unhealthy-sec").and_then(|text| text.parse().ok()).unwrap_or(0);
    // The program counts from when it serves.
    Some(Ok(delay == 0 || ran < Duration::from_secs(delay) + Duration::from_nanos(GO_START)))
}

/// `stress --vm N --vm-bytes B`: takes memory, computes, or does both, until its time is over.
pub(crate) fn stress(argv: &[String]) -> Behaviour {
    let args = argv.get(1..).unwrap_or_default();
    let value = |long: &str, short: &str| flag(args, long).or_else(|| flag(args, short));
    let count = |long: &str, short: &str| {
        value(long, short).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
    };
    let (vm, cpu, io, hdd) =
        (count("--vm", "-m"), count("--cpu", "-c"), count("--io", "-i"), count("--hdd", "-d"));
    if vm + cpu + io + hdd == 0 {
        return said(
            "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...",
            "",
            0,
        );
    }
    let bytes = value("--vm-bytes", "-B").map_or(256 << 20, size);
    let timeout = value("--timeout", "-t").and_then(seconds);
    let line =
        format!("stress: info: [1] dispatching hogs: {cpu} cpu, {io} io, {vm} vm, {hdd} hdd");
    let end = timeout.map(|after| {
        (after, format!("stress: info: [1] successful run completed in {}s", after / 1_000_000_000))
    });
    Behaviour {
        log: std::iter::once((0, line)).chain(end).collect(),
        exit: timeout.map(|after| (after, 0)),
        memory: vm.saturating_mul(bytes),
        // It has no handlers: as process 1 it is deaf.
        on_signal: Vec::new(),
        ..behaviour("", Vec::new())
    }
}

/// `250M` in bytes.
fn size(text: &str) -> u64 {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => 1,
    };
    digits.parse::<u64>().unwrap_or(0).saturating_mul(unit)
}

/// `10s`, `2m`, `600` in nanoseconds.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => 1,
    };
    Some(digits.parse::<u64>().ok()?.saturating_mul(unit * 1_000_000_000))
}
