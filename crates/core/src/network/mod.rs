//! The pod network: who listens where, what answers, and how faults show.

mod api_server;
pub mod dns;
pub mod endpoints;
pub mod proxy;
pub(crate) mod route;

pub(crate) use route::{taken, target_port};

use crate::faults;
use crate::ids::{At, ContainerIx, Uid};
use crate::images;
use crate::kubelet::worker::Worker;
use crate::runtime::PodHost;
use crate::world::World;
use podplay_api::HttpGetAction;
use podplay_shell::{Accept, Outcome, Proto, Reply, Request, Userland};
use route::Route;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Servers that ask further servers are followed this far.
const DEPTH: u32 = 6;

/// Who asks.
pub(crate) enum From<'a> {
    /// Nobody of the cluster.
    Outside,
    /// A node: its kubelet.
    Node(Arc<str>),
    /// A pod, by none of its processes.
    Pod(Uid),
    /// A process of a container, whose processes are lent out at the moment.
    Process(At, &'a mut Userland),
}

/// What becomes of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody listens.
    Refused,
    /// No such address.
    Unreachable,
    /// Nothing comes back.
    Silent,
    /// The server does not use TLS.
    NotTls,
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
        /// Headers.
        headers: Vec<(String, String)>,
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

/// Something that is sent to an address.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    /// An address, or `localhost`.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Path and query.
    pub(crate) path: &'a str,
    /// `http`, `https` or `tcp`.
    pub(crate) scheme: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) method: &'a str,
    pub(crate) headers: &'a [(String, String)],
    /// How many servers have passed it on.
    pub(crate) depth: u32,
}

impl<'a> Exchange<'a> {
    /// A GET as the kubelet sends it.
    pub(crate) const fn get(
        scheme: &'a str,
        host: &'a str,
        port: u16,
        path: &'a str,
        headers: &'a [(String, String)],
    ) -> Self {
        Self { host, port, path, scheme, body: &[], method: "GET", headers, depth: 0 }
    }
    /// A bare connection.
    const fn tcp(host: &'a str, port: u16) -> Self {
        Self { host, port, path: "", scheme: "tcp", body: &[], method: "", headers: &[], depth: 0 }
    }
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// An HTTP response at once.
    pub(crate) fn http(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        Self::Http { after: Duration::ZERO, status, headers: Vec::new(), body: body.into() }
    }
    /// The same with one more header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Self::Http { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.into()));
        }
        self
    }
}

/// The target of a redirect.
pub(crate) fn location(headers: &[(String, String)]) -> Option<&str> {
    let mut all = headers.iter();
    all.find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value.as_str())
}

/// The kubelet of a pod opens a connection.
pub fn connect(world: &mut World, uid: Uid, host: &str, port: u16) -> Answer {
    let from = of_kubelet(world, uid);
    exchange(world, from, &Exchange::tcp(host, port))
}

/// The kubelet of a pod sends an HTTP request.
pub(crate) fn kubelet_get(world: &mut World, uid: Uid, what: &Exchange<'_>) -> Answer {
    let from = of_kubelet(world, uid);
    exchange(world, from, what)
}

fn of_kubelet(world: &World, uid: Uid) -> From<'static> {
    let worker = world.workers.get(&uid);
    worker.map_or(From::Outside, |worker| From::Node(Arc::clone(&worker.node)))
}

/// Sends an HTTP GET from outside.
pub fn http_get(world: &mut World, host: &str, port: u16, path: &str, scheme: &str) -> Answer {
    exchange(world, From::Outside, &Exchange::get(scheme, host, port, path, &[]))
}

/// The container that listens on a port of a pod.
pub(crate) fn listening(world: &World, uid: Uid, port: u16) -> Option<At> {
    route::listener(world, &From::Outside, &route::of_pod(world, uid), port).map(|(at, _)| at)
}

/// Sends something and says what comes back.
pub(crate) fn exchange(world: &mut World, mut from: From<'_>, what: &Exchange<'_>) -> Answer {
    let (route, port) = route::route(world, &from, what.host, what.port);
    match route {
        Route::Refused => return Answer::Refused,
        Route::Unreachable => return Answer::Unreachable,
        Route::ApiServer => return api_server::answer(world, what),
        Route::Internet if matches!(what.scheme, "http" | "https") => {
            return Answer::http(200, "ok\n");
        }
        Route::Internet => return Answer::Open { bytes: Vec::new() },
        Route::Pod(_) | Route::Node(_) => {}
    }
    let Some((at, program)) = route::listener(world, &from, &route, port) else {
        if let Some(fault) = route::slowed(world, &route) {
            world.meet(fault, false);
        }
        return Answer::Refused;
    };
    let At { uid, ix } = at;
    if images::answers_by_the_clock(&program) {
        world.stir();
    }
    if let Some(fault) = faults::refuses(world, uid, ix) {
        world.meet(fault, false);
        return Answer::Refused;
    }
    let silent = faults::hangs(world, uid, ix).or_else(|| faults::partitioned(world, uid));
    if let Some(fault) = silent {
        world.meet(fault, false);
        return Answer::Silent;
    }
    if what.scheme == "tcp" && images::answers_http(&program) && what.body.is_empty() {
        return Answer::Open { bytes: Vec::new() };
    }
    let slow = late(world, at);
    if let Some((status, fault)) = faults::http_status(world, uid, ix, what.path) {
        world.meet(fault, false);
        return Answer::Http { after: slow, status, headers: Vec::new(), body: Cow::Borrowed("") };
    }
    if what.depth > DEPTH {
        return Answer::Silent;
    }
    let served = serving(world, &mut from, at, |process, host| {
        images::respond(process, host, &program, port, what)
    });
    match served.flatten() {
        Some(mut answer) => {
            if let Answer::Http { after, .. } = &mut answer {
                *after += slow;
            }
            answer
        }
        None => served_by_shell(world, &mut from, at, port, what, slow),
    }
}

/// How much later a fault makes the container answer.
fn late(world: &mut World, At { uid, ix }: At) -> Duration {
    let Some((by, fault)) = faults::slow(world, uid, ix) else { return Duration::ZERO };
    world.meet(fault, true);
    by
}

/// Lends out the processes of the container that serves: those that ask are lent out already.
fn serving<T>(
    world: &mut World,
    from: &mut From<'_>,
    at: At,
    act: impl FnOnce(&mut Userland, &mut PodHost<'_>) -> T,
) -> Option<T> {
    match from {
        From::Process(own, process) if *own == at => {
            crate::runtime::with_lent(world, at.uid, at.ix, process, act)
        }
        _ => crate::runtime::with_process(world, at.uid, at.ix, act),
    }
}

/// A port that a script serves, with `nc -l` or `httpd`.
fn served_by_shell(
    world: &mut World,
    from: &mut From<'_>,
    at: At,
    port: u16,
    what: &Exchange<'_>,
    slow: Duration,
) -> Answer {
    let payload = if what.scheme == "tcp" { what.body.to_vec() } else { request_text(world, what) };
    let now = world.now.as_nanos();
    world.stir();
    let accepted =
        serving(world, from, at, |process, host| process.accept(now, port, &payload, host));
    let when = world.now;
    world.arm_earlier(crate::queue::Timer::Process(at.uid, at.ix), when);
    match accepted.unwrap_or(Accept::Refused) {
        Accept::Refused => Answer::Refused,
        Accept::NoAnswer if what.scheme == "tcp" => Answer::Open { bytes: Vec::new() },
        Accept::NoAnswer => Answer::Silent,
        Accept::Answered(bytes) if what.scheme == "tcp" => Answer::Open { bytes },
        Accept::Answered(_) if what.scheme == "https" => Answer::NotTls,
        Accept::Answered(bytes) => parse_response(&bytes, slow),
    }
}

fn request_text(world: &World, what: &Exchange<'_>) -> Vec<u8> {
    let host = match what.header("host") {
        Some(name) => name.to_owned(),
        None => format!("{}:{}", what.host, what.port),
    };
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", what.method, what.path);
    for (name, value) in what.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
    {
        head += &format!("{name}: {value}\r\n");
    }
    if what.header("user-agent").is_none() {
        let version = world.config.kubernetes.version.name();
        head += &format!("User-Agent: kube-probe/{version}\r\n");
    }
    if what.header("accept").is_none() {
        head += "Accept: */*\r\n";
    }
    head += "Connection: close\r\n\r\n";
    [head.as_bytes(), what.body].concat()
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
    let headers = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Answer::Http { after, status, headers, body: Cow::Owned(body.to_string()) }
}

/// A request of a process to an address.
pub(crate) fn request(world: &mut World, from: From<'_>, request: &Request) -> Reply {
    let scheme = match request.proto {
        Proto::Tcp => "tcp",
        Proto::Http => "http",
        Proto::Https => "https",
    };
    let what = Exchange {
        host: &request.host,
        port: request.port,
        path: &request.path,
        scheme,
        body: &request.body,
        method: &request.method,
        headers: &request.headers,
        depth: 0,
    };
    let now = |outcome| Reply { after: 0, outcome };
    match exchange(world, from, &what) {
        Answer::Refused => now(Outcome::Refused),
        Answer::Unreachable => now(Outcome::Unreachable),
        Answer::Silent => now(Outcome::Timeout),
        Answer::NotTls => now(Outcome::NotTls),
        Answer::Open { .. } if scheme == "https" => now(Outcome::NotTls),
        Answer::Open { .. } if scheme == "http" => now(Outcome::Reset),
        Answer::Open { bytes } => now(Outcome::Connected { bytes }),
        Answer::Http { after, status, headers, body } => Reply {
            after: u64::try_from(after.as_nanos()).unwrap_or(u64::MAX),
            outcome: Outcome::Http { status, headers, body: body.into_owned().into_bytes() },
        },
    }
}

/// An HTTP hook: only transport errors count.
///
/// Models `pkg/kubelet/lifecycle/handlers.go` runHTTPHandler.
pub fn hook_get(world: &mut World, uid: Uid, ix: ContainerIx, get: &HttpGetAction) -> HookAnswer {
    let at_once = |error| HookAnswer { after: Duration::ZERO, error };
    let Some(worker) = world.workers.get(&uid) else { return at_once(None) };
    let port = match route::resolve_port(worker, ix, &get.port) {
        Ok(port) => port,
        Err(message) => return at_once(Some(message)),
    };
    let host = host_of(worker, &get.host);
    let scheme = if get.scheme.eq_ignore_ascii_case("https") { "https" } else { "http" };
    let path = if get.path.starts_with('/') { get.path.clone() } else { format!("/{}", get.path) };
    let url = format!("{scheme}://{host}:{port}{path}");
    let headers = headers_of(get);
    let answer = kubelet_get(world, uid, &Exchange::get(scheme, &host, port, &path, &headers));
    if let Answer::Http { after, .. } = answer {
        return HookAnswer { after, error: None };
    }
    let after = if answer == Answer::Silent { Duration::from_secs(86_400) } else { Duration::ZERO };
    let error = transport_error(&answer, scheme, &host, port).unwrap_or("EOF".into());
    HookAnswer { after, error: Some(format!("Get \"{url}\": {error}")) }
}

/// The address that a probe or a hook means: the pod's own unless it names one.
pub(crate) fn host_of(worker: &Worker, host: &str) -> String {
    if host.is_empty() {
        let own = worker.ip().map(ToString::to_string);
        own.unwrap_or_else(|| worker.status.pod_ip.clone())
    } else {
        host.to_owned()
    }
}

/// The headers that a probe or hook asks for.
pub(crate) fn headers_of(get: &HttpGetAction) -> Vec<(String, String)> {
    get.http_headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect()
}

/// What Go's HTTP client says of a failed exchange; `None` if it is a response.
pub(crate) fn transport_error(
    answer: &Answer,
    scheme: &str,
    host: &str,
    port: u16,
) -> Option<String> {
    // The client dials the address of the name.
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    Some(match answer {
        Answer::Refused => format!("dial tcp {host}:{port}: connect: connection refused"),
        Answer::Unreachable => format!("dial tcp {host}:{port}: connect: no route to host"),
        Answer::Silent => "i/o timeout".to_owned(),
        Answer::NotTls => "http: server gave HTTP response to HTTPS client".to_owned(),
        Answer::Open { .. } if scheme == "https" => {
            "http: server gave HTTP response to HTTPS client".to_owned()
        }
        Answer::Open { bytes } if !bytes.is_empty() => {
            let text = String::from_utf8_lossy(bytes);
            let first = text.lines().next().unwrap_or_default();
            format!(
                "net/http: HTTP/1.x transport connection broken: malformed HTTP response {first:?}"
            )
        }
        Answer::Open { .. } => "EOF".to_owned(),
        Answer::Http { .. } => return None,
    })
}

/// Asks the gRPC health service: `None` when nothing comes back, otherwise serving or not, or an error in the kubelet's words.
pub fn grpc_health(
    world: &mut World,
    uid: Uid,
    host: &str,
    port: u16,
    service: &str,
) -> Option<Result<bool, String>> {
    let from = of_kubelet(world, uid);
    let (route, port) = route::route(world, &from, host, port);
    let (At { uid, ix }, program) = route::listener(world, &from, &route, port)?;
    if images::answers_by_the_clock(&program) {
        world.stir();
    }
    let silent = faults::hangs(world, uid, ix).or_else(|| faults::refuses(world, uid, ix));
    if let Some(fault) = silent {
        world.meet(fault, false);
        return None;
    }
    let status = faults::http_status(world, uid, ix, "/").filter(|(status, _)| *status >= 400);
    if let Some((_, fault)) = status {
        world.meet(fault, false);
        return Some(Ok(false));
    }
    images::grpc_health(world, uid, ix, &program, service)
}
