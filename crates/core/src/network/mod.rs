//! The pod network: who listens where, what answers, and how faults show.

pub mod dns;

use crate::faults;
use crate::images;
use crate::queue::ContainerIx;
use crate::runtime::Instance;
use crate::world::{Uid, World};
use podplay_api::{HttpGetAction, ServiceSpec};
use podplay_shell::{Accept, Outcome, Proto, Reply, Request};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody listens.
    Refused,
    /// No such address.
    Unreachable,
    /// Nothing comes back.
    Silent,
    /// Connected; this came back.
    Open {
        /// Bytes before the peer closed.
        bytes: Vec<u8>,
    },
    /// An HTTP response.
    Http {
        /// How long it took.
        after: Duration,
        /// Status code.
        status: u16,
        /// Target of a redirect.
        location: Option<String>,
        /// Body.
        body: Cow<'static, str>,
    },
}

/// The end of an HTTP hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookAnswer {
    /// How long it took.
    pub after: Duration,
    /// A transport error.
    pub error: Option<String>,
}

/// Who answers at an address and port.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Pod(Uid),
    Refused,
    Unreachable,
}

/// The pod behind an address: a pod's own, a node's, or a Service's, which picks one of its ready endpoints.
fn route(world: &mut World, from: Option<Uid>, host: &str, port: u16) -> (Route, u16) {
    if matches!(host, "localhost" | "127.0.0.1" | "::1") {
        return (from.map_or(Route::Unreachable, Route::Pod), port);
    }
    if let Some(worker) =
        world.workers.values().find(|worker| worker.ip().is_some_and(|ip| **ip == *host))
    {
        return (Route::Pod(worker.uid), port);
    }
    if let Some((uid, port)) = service_endpoint(world, host, port) {
        return (uid.map_or(Route::Refused, Route::Pod), port);
    }
    let on_node = world.nodes.values().any(|agent| agent.address == host);
    (if on_node { Route::Refused } else { Route::Unreachable }, port)
}

/// The endpoint that a Service's address leads to.
fn service_endpoint(world: &mut World, host: &str, port: u16) -> Option<(Option<Uid>, u16)> {
    let found = world.store.resources("Service").find_map(|(key, resource)| {
        let spec: ServiceSpec = resource.typed_spec();
        (spec.cluster_ip == host).then(|| (key.clone(), spec))
    });
    let (key, spec) = found?;
    let Some(service_port) = spec.ports.iter().find(|candidate| candidate.port == port).cloned()
    else {
        return Some((None, port));
    };
    let candidates = crate::controllers::endpointslice::backends(world, &key);
    if candidates.is_empty() {
        return Some((None, port));
    }
    world.stir();
    let n = u64::from(world.count("service pick"));
    let pick = usize::try_from(world.draw("service pick", &key.name, n) % candidates.len() as u64)
        .unwrap_or(0);
    let uid = candidates[pick];
    Some((Some(uid), target_port(world, uid, &service_port)))
}

pub(crate) fn target_port(world: &World, uid: Uid, port: &podplay_api::ServicePort) -> u16 {
    use podplay_api::IntOrString;
    match &port.target_port {
        IntOrString::Int(0) => port.port,
        IntOrString::Int(number) => u16::try_from(*number).unwrap_or(port.port),
        IntOrString::Text(name) => {
            let worker = world.workers.get(&uid);
            let named = worker.and_then(|worker| {
                worker
                    .pod
                    .spec
                    .containers
                    .iter()
                    .flat_map(|container| &container.ports)
                    .find(|declared| declared.name == *name)
            });
            named.map_or(port.port, |declared| declared.container_port)
        }
    }
}

/// The container of a pod that listens on a port, and what program does.
fn listener(world: &World, uid: Uid, port: u16) -> Option<(ContainerIx, Arc<str>)> {
    let worker = world.workers.get(&uid)?;
    worker.indexes().find_map(|ix| {
        let instance = worker.newest(ix).filter(|instance| Instance::is_running(instance))?;
        let found = instance.process.as_ref()?.listener(port)?;
        Some((ix, Arc::clone(&found.program)))
    })
}

/// Opens a connection.
pub fn connect(world: &mut World, host: &str, port: u16) -> Answer {
    exchange(world, None, &Exchange { host, port, path: "", scheme: "tcp", body: &[], method: "" })
}

/// Sends an HTTP GET as the kubelet does.
pub fn http_get(world: &mut World, host: &str, port: u16, path: &str, scheme: &str) -> Answer {
    exchange(world, None, &Exchange { host, port, path, scheme, body: &[], method: "GET" })
}

struct Exchange<'a> {
    host: &'a str,
    port: u16,
    path: &'a str,
    scheme: &'a str,
    body: &'a [u8],
    method: &'a str,
}

fn exchange(world: &mut World, from: Option<Uid>, what: &Exchange<'_>) -> Answer {
    let (uid, port) = match route(world, from, what.host, what.port) {
        (Route::Pod(uid), port) => (uid, port),
        (Route::Refused, _) => return Answer::Refused,
        (Route::Unreachable, _) => return Answer::Unreachable,
    };
    let Some((ix, program)) = listener(world, uid, port) else { return Answer::Refused };
    if images::answers_by_the_clock(&program) {
        world.stir();
    }
    if faults::refuses(world, uid, ix) {
        return Answer::Refused;
    }
    if faults::hangs(world, uid, ix) || faults::partitioned(world, uid) {
        return Answer::Silent;
    }
    // A plain server answers a TLS client's greeting with an error of its own.
    let unlike = what.scheme == "tcp" || (what.scheme == "https" && images::is_plain(&program));
    if unlike && images::answers_http(&program) {
        return Answer::Open { bytes: Vec::new() };
    }
    let slow = faults::slow(world, uid, ix);
    if let Some(status) = faults::http_status(world, uid, ix, what.path) {
        return Answer::Http { after: slow, status, location: None, body: Cow::Borrowed("") };
    }
    match images::respond(world, uid, ix, &program, port, what.method, what.path) {
        Some(mut answer) => {
            if let Answer::Http { after, .. } = &mut answer {
                *after += slow;
            }
            answer
        }
        None => served_by_shell(world, uid, ix, port, what, slow),
    }
}

/// A port that a script serves, with `nc -l` or `httpd`.
fn served_by_shell(
    world: &mut World,
    uid: Uid,
    ix: ContainerIx,
    port: u16,
    what: &Exchange<'_>,
    slow: Duration,
) -> Answer {
    let payload = if what.scheme == "tcp" {
        what.body.to_vec()
    } else {
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            what.method, what.path, what.host, what.port
        );
        [head.as_bytes(), what.body].concat()
    };
    match crate::runtime::accept(world, uid, ix, port, &payload) {
        Accept::Refused => Answer::Refused,
        Accept::NoAnswer if what.scheme == "tcp" => Answer::Open { bytes: Vec::new() },
        Accept::NoAnswer => Answer::Silent,
        Accept::Answered(bytes) if what.scheme == "tcp" => Answer::Open { bytes },
        Accept::Answered(bytes) => parse_response(&bytes, slow),
    }
}

fn parse_response(bytes: &[u8], after: Duration) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let Some(status) = text
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_whitespace().nth(1))
        .and_then(|word| word.parse().ok())
    else {
        return Answer::Open { bytes: bytes.to_vec() };
    };
    let (head, body) =
        text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((&text, ""));
    let location = head
        .lines()
        .find_map(|line| {
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("location"))
        })
        .map(|(_, value)| value.trim().to_string());
    Answer::Http { after, status, location, body: Cow::Owned(body.to_string()) }
}

/// A request of a process: names are resolved first.
pub fn request(world: &mut World, from: Option<Uid>, request: &Request) -> Reply {
    let now = |outcome| Reply { after: 0, outcome };
    let address = match from {
        Some(uid)
            if request.host.parse::<std::net::IpAddr>().is_err() && request.host != "localhost" =>
        {
            match dns::resolve(world, uid, &request.host) {
                podplay_shell::Lookup::Addresses { addresses, .. } => {
                    addresses.into_iter().next().unwrap_or_default()
                }
                podplay_shell::Lookup::NxDomain => return now(Outcome::BadName),
                podplay_shell::Lookup::Timeout => return now(Outcome::Timeout),
            }
        }
        _ => request.host.clone(),
    };
    let scheme = match request.proto {
        Proto::Tcp => "tcp",
        Proto::Http => "http",
        Proto::Https => "https",
    };
    let what = Exchange {
        host: &address,
        port: request.port,
        path: &request.path,
        scheme,
        body: &request.body,
        method: &request.method,
    };
    match exchange(world, from, &what) {
        Answer::Refused => now(Outcome::Refused),
        Answer::Unreachable => now(Outcome::Unreachable),
        Answer::Silent => now(Outcome::Timeout),
        Answer::Open { bytes } => now(Outcome::Connected { bytes }),
        Answer::Http { after, status, location, body } => {
            let headers =
                location.map(|target| ("Location".to_string(), target)).into_iter().collect();
            Reply {
                after: u64::try_from(after.as_nanos()).unwrap_or(u64::MAX),
                outcome: Outcome::Http { status, headers, body: body.into_owned().into_bytes() },
            }
        }
    }
}

/// An HTTP hook: only transport errors count.
///
/// Models `pkg/kubelet/lifecycle/handlers.go` runHTTPHandler.
pub fn hook_get(world: &mut World, uid: Uid, ix: ContainerIx, get: &HttpGetAction) -> HookAnswer {
    let Some(worker) = world.workers.get(&uid) else {
        return HookAnswer { after: Duration::ZERO, error: None };
    };
    let port = match crate::kubelet::hooks::resolve_port(worker, ix, &get.port) {
        Ok(port) => port,
        Err(message) => return HookAnswer { after: Duration::ZERO, error: Some(message) },
    };
    let host = if get.host.is_empty() {
        worker.ip().map(|ip| ip.to_string()).unwrap_or_default()
    } else {
        get.host.clone()
    };
    let path = if get.path.starts_with('/') { get.path.clone() } else { format!("/{}", get.path) };
    let url = format!("http://{host}:{port}{path}");
    match http_get(world, &host, port, &path, "http") {
        Answer::Http { after, .. } => HookAnswer { after, error: None },
        Answer::Refused => HookAnswer {
            after: Duration::ZERO,
            error: Some(format!(
                "Get \"{url}\": dial tcp {host}:{port}: connect: connection refused"
            )),
        },
        Answer::Unreachable => HookAnswer {
            after: Duration::ZERO,
            error: Some(format!(
                "Get \"{url}\": dial tcp {host}:{port}: connect: no route to host"
            )),
        },
        Answer::Open { .. } => {
            HookAnswer { after: Duration::ZERO, error: Some(format!("Get \"{url}\": EOF")) }
        }
        Answer::Silent => HookAnswer {
            after: Duration::from_secs(86_400),
            error: Some(format!("Get \"{url}\": i/o timeout")),
        },
    }
}

/// Asks the gRPC health service: `None` when nothing comes back, otherwise serving or not, or an error in the kubelet's words.
pub fn grpc_health(
    world: &mut World,
    host: &str,
    port: u16,
    service: &str,
) -> Option<Result<bool, String>> {
    let (Route::Pod(uid), port) = route(world, None, host, port) else { return None };
    let (ix, program) = listener(world, uid, port)?;
    if images::answers_by_the_clock(&program) {
        world.stir();
    }
    if faults::hangs(world, uid, ix) || faults::refuses(world, uid, ix) {
        return None;
    }
    if faults::http_status(world, uid, ix, "/").is_some_and(|status| status >= 400) {
        return Some(Ok(false));
    }
    images::grpc_health(world, uid, ix, &program, service)
}
