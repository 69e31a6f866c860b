//! Programs of known images: which ports they open, what they answer, how they take signals.

use super::ENTRYPOINT;
use crate::config::ImageBehaviour;
use crate::ids::{ContainerIx, Uid};
use crate::network::{Answer, Exchange};
use crate::runtime::PodHost;
use crate::world::World;
use podplay_api::{Container, ServiceSpec, Topic};
use podplay_shell::{Behaviour, Call, Signal, Userland};
use std::borrow::Cow;
use std::time::Duration;

const MILLI: u64 = 1_000_000;
/// A small Go server listens this soon.
const GO_START: u64 = 2 * MILLI;
/// Prefix of the tags of programs of unknown images.
const ASSUMED: &str = "assumed";

/// What a server of the catalogue does.
struct Server {
    name: &'static str,
    ports: &'static [u16],
    listen_after: u64,
    signals: &'static [(Signal, u8)],
}

const STOP_0: &[(Signal, u8)] = &[(Signal::TERM, 0), (Signal::QUIT, 0), (Signal::INT, 0)];
/// A Go program without a handler: the runtime turns the signal into exit status 2.
const GO: &[(Signal, u8)] = &[(Signal::TERM, 2), (Signal::INT, 2), (Signal::QUIT, 2)];

static SERVERS: &[Server] = &[
    Server { name: "nginx", ports: &[80], listen_after: 0, signals: STOP_0 },
    Server {
        name: "httpd-foreground",
        ports: &[80],
        listen_after: 50 * MILLI,
        signals: &[(Signal::TERM, 0), (Signal::WINCH, 0), (Signal::INT, 0)],
    },
    Server {
        name: "apache2",
        ports: &[80],
        listen_after: 50 * MILLI,
        signals: &[(Signal::TERM, 0), (Signal::WINCH, 0)],
    },
    Server { name: "redis-server", ports: &[6379], listen_after: 30 * MILLI, signals: STOP_0 },
    Server { name: "postgres", ports: &[5432], listen_after: 1500 * MILLI, signals: STOP_0 },
    Server { name: "mysqld", ports: &[3306], listen_after: 6000 * MILLI, signals: STOP_0 },
    Server { name: "mongod", ports: &[27017], listen_after: 900 * MILLI, signals: STOP_0 },
    Server { name: "memcached", ports: &[11211], listen_after: 10 * MILLI, signals: STOP_0 },
    Server { name: "goproxy", ports: &[8080], listen_after: 20 * MILLI, signals: GO },
    Server { name: "pause", ports: &[], listen_after: 0, signals: STOP_0 },
];

/// A program of the image that the shell does not implement; `None` if the image has no such file.
///
/// Whatever it is, the fault `SlowStart` makes it listen later.
pub(crate) fn start(
    host: &mut PodHost<'_>,
    _: &mut Userland,
    call: &Call<'_>,
) -> Option<Behaviour> {
    let (world, uid, ix, image, argv) =
        (&*host.world, host.uid, host.ix, host.image.as_str(), call.argv);
    let mut found = healthy(world, uid, ix, image, argv)?;
    let later =
        nanos(crate::faults::slow_start(world, uid, ix).map_or(Duration::ZERO, |(by, _)| by));
    found.listen_after = found.listen_after.saturating_add(later);
    Some(found)
}

/// The program as it is without faults.
fn healthy(
    world: &World,
    uid: Uid,
    ix: ContainerIx,
    image: &str,
    argv: &[String],
) -> Option<Behaviour> {
    let path = argv.first()?;
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some(own) = own_behaviour(world, image) {
        return Some(configured(world, uid, ix, own));
    }
    if path == ENTRYPOINT || super::find(image).is_none() {
        return Some(assumed(world, uid, ix));
    }
    if name == "docker-entrypoint.sh" && argv.len() > 1 {
        return healthy(world, uid, ix, image, &argv[1..]);
    }
    match name {
        "agnhost" => agnhost(&argv[1..]),
        "hello" => Some(Behaviour {
            tag: "hello".into(),
            exit: Some((0, 0)),
            log: vec![(0, "Hello from Docker!".into())],
            ..Behaviour::default()
        }),
        _ => {
            let server =
                SERVERS.iter().find(|server| server.name == name && belongs(server.name, image))?;
            let ports = nginx_port(world, uid, ix, name).unwrap_or_else(|| server.ports.to_vec());
            Some(behaviour(server.name, ports, server.listen_after, server.signals))
        }
    }
}

/// What a server of the catalogue does by itself: the ports that it opens, and how long after its start.
pub fn server(image: &str, argv: &[String]) -> Option<(Vec<u16>, Duration)> {
    let path = argv.first()?;
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "docker-entrypoint.sh" {
        return server(image, &argv[1..]);
    }
    let behaviour = match SERVERS.iter().find(|server| server.name == name) {
        Some(known) if belongs(known.name, image) => {
            behaviour(known.name, known.ports.to_vec(), known.listen_after, known.signals)
        }
        _ if name == "agnhost" && super::known(image) => agnhost(&argv[1..])?,
        _ => return None,
    };
    Some((behaviour.ports, Duration::from_nanos(behaviour.listen_after)))
}

/// The port that `NGINX_PORT` asks for, as the image's configuration template reads it.
fn nginx_port(world: &World, uid: Uid, ix: ContainerIx, server: &str) -> Option<Vec<u16>> {
    let spec = world.workers.get(&uid)?.spec(ix).filter(|_| server == "nginx")?;
    let variable = spec.env.iter().find(|variable| variable.name == "NGINX_PORT")?;
    variable.value.parse().ok().map(|port| vec![port])
}

/// Whether an image carries that server.
fn belongs(server: &str, image: &str) -> bool {
    let entry = super::find(image);
    entry.is_some_and(|entry| {
        entry.entrypoint.iter().chain(entry.cmd).any(|word| word.rsplit('/').next() == Some(server))
            || (server == "apache2" && entry.names.contains(&"httpd"))
    })
}

fn behaviour(tag: &str, ports: Vec<u16>, listen_after: u64, signals: &[(Signal, u8)]) -> Behaviour {
    Behaviour {
        tag: tag.into(),
        ports,
        listen_after,
        on_signal: signals.iter().map(|&(signal, code)| (signal, 0, code)).collect(),
        ..Behaviour::default()
    }
}

fn own_behaviour<'a>(world: &'a World, image: &str) -> Option<&'a ImageBehaviour> {
    let bare = image.rsplit_once(':').map_or(image, |(name, _)| name);
    world.config.images.get(image).or_else(|| world.config.images.get(bare))
}

fn declared_ports(world: &World, uid: Uid, ix: ContainerIx) -> Vec<u16> {
    let spec = world.workers.get(&uid).and_then(|worker| worker.spec(ix));
    spec.map(|spec| spec.ports.iter().map(|port| port.container_port).collect()).unwrap_or_default()
}

/// An image that nobody knows: it runs, listens on its declared ports, and ends at once when asked to.
///
/// In a helpful cluster it also does what the text wants of it.
fn assumed(world: &World, uid: Uid, ix: ContainerIx) -> Behaviour {
    let signals = [(Signal::TERM, 0), (Signal::INT, 0), (Signal::QUIT, 0)];
    let plain = |ports| behaviour(ASSUMED, ports, 0, &signals);
    let worker = world.workers.get(&uid).filter(|_| world.config.assume.has(Topic::Images));
    let Some(worker) = worker else { return plain(declared_ports(world, uid, ix)) };
    let pod = &worker.pod;
    let selecting: Vec<ServiceSpec> = world
        .store
        .resources("Service")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
        .map(|(_, service)| service.typed_spec::<ServiceSpec>())
        .filter(|spec| {
            !spec.selector.is_empty() && podplay_api::labels_match(&spec.selector, &pod.meta.labels)
        })
        .collect();
    let unknown = |container: &Container| super::find(&container.image).is_none();
    let ports = super::assumed::ports(&pod.spec, usize::from(ix), &selecting, unknown);
    let of_job = pod.meta.owner_references.iter().any(|owner| owner.kind == "Job");
    let sidecar = worker.spec(ix).is_some_and(Container::is_sidecar);
    let ends = !sidecar && (worker.is_init(ix) || of_job);
    let exit = ends.then(|| (nanos(super::assumed::MOMENT), 0));
    Behaviour { exit, ..plain(ports) }
}

fn configured(world: &World, uid: Uid, ix: ContainerIx, own: &ImageBehaviour) -> Behaviour {
    let mut ports: Vec<u16> = own.http.keys().copied().collect();
    if ports.is_empty() {
        ports = declared_ports(world, uid, ix);
    }
    let delay = nanos(own.startup.unwrap_or_default());
    let signals = match own.on_sigterm {
        None => vec![(Signal::TERM, 0, 0)],
        Some((None, _)) => Vec::new(),
        Some((Some(after), code)) => {
            vec![(Signal::TERM, nanos(after), u8::try_from(code & 0xff).unwrap_or(1))]
        }
    };
    let ignores = if signals.is_empty() { vec![Signal::TERM] } else { Vec::new() };
    let exit =
        own.exits.map(|(after, code)| (nanos(after), u8::try_from(code & 0xff).unwrap_or(1)));
    Behaviour {
        tag: "configured".into(),
        ports,
        listen_after: delay,
        on_signal: signals,
        ignores,
        exit,
        ..Behaviour::default()
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn flag<'a>(argv: &'a [String], name: &str) -> Option<&'a str> {
    argv.iter().enumerate().find_map(|(n, word)| {
        let rest = word.strip_prefix("--")?.strip_prefix(name)?;
        rest.strip_prefix('=')
            .or_else(|| rest.is_empty().then(|| argv.get(n + 1).map(String::as_str)).flatten())
    })
}

/// The subcommands of agnhost.
fn agnhost(argv: &[String]) -> Option<Behaviour> {
    let sub = argv.first().map_or("pause", String::as_str);
    let port = |name: &str, default: u16| {
        flag(argv, name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    match sub {
        "pause" => Some(behaviour("pause", Vec::new(), 0, STOP_0)),
        "liveness" => Some(behaviour("agnhost liveness", vec![8080], GO_START, GO)),
        "netexec" => {
            Some(behaviour("agnhost netexec", vec![port("http-port", 8080)], GO_START, GO))
        }
        "test-webserver" => {
            Some(behaviour("agnhost netexec", vec![port("port", 80)], GO_START, GO))
        }
        "serve-hostname" => {
            Some(behaviour("agnhost serve-hostname", vec![port("port", 9376)], GO_START, GO))
        }
        "grpc-health-checking" => {
            let delay = flag(argv, "delay-unhealthy-sec").unwrap_or("0");
            Some(behaviour(
                &format!("agnhost grpc {delay}"),
                vec![port("port", 5000), port("http-port", 8080)],
                GO_START,
                GO,
            ))
        }
        _ => None,
    }
}

/// Whether a program of that tag speaks HTTP or anything else of its own; others are a script's.
pub fn answers_http(tag: &str) -> bool {
    tag == ASSUMED
        || tag == "configured"
        || tag.starts_with("agnhost")
        || SERVERS.iter().any(|server| server.name == tag)
}

/// Whether what a program of that tag answers may change without anything having happened.
pub fn answers_by_the_clock(tag: &str) -> bool {
    tag.starts_with("agnhost")
}

fn ok(body: impl Into<Cow<'static, str>>) -> Answer {
    status(200, body)
}

fn status(status: u16, body: impl Into<Cow<'static, str>>) -> Answer {
    Answer::http(status, body)
}

/// What a program of the catalogue answers to a request; `None` if a script must answer.
pub(crate) fn respond(
    _: &mut Userland,
    host: &mut PodHost<'_>,
    tag: &str,
    port: u16,
    what: &Exchange<'_>,
) -> Option<Answer> {
    let (world, uid, ix) = (&*host.world, host.uid, host.ix);
    let (method, path) = (what.method, what.path);
    let bare = path.split(['?', '#']).next().unwrap_or(path);
    let query = |name: &str| {
        path.split_once('?').and_then(|(_, query)| {
            query
                .split('&')
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value.to_string())
        })
    };
    let worker = world.workers.get(&uid)?;
    let ran = worker
        .newest(ix)
        .and_then(|instance| instance.status.started_at)
        .map(|at| world.now.since(at))
        .unwrap_or_default();
    let answer = match tag {
        "nginx" | "httpd-foreground" | "apache2" => static_file(tag == "nginx", method, bare),
        "agnhost liveness" if bare == "/healthz" && ran > Duration::from_secs(10) => {
            status(500, format!("error: {}", ran.as_secs()))
        }
        "agnhost liveness" | ASSUMED => ok("ok"),
        "agnhost serve-hostname" => ok(worker.pod.meta.name.clone()),
        "agnhost netexec" => netexec(&worker.pod.meta.name, bare, ran, &query),
        "configured" => {
            configured_answer(world, worker.spec(ix).map_or("", |spec| &spec.image), port, bare)
        }
        "goproxy" => status(502, ""),
        _ if answers_http(tag) => Answer::Open { bytes: Vec::new() },
        _ => return None,
    };
    if what.scheme == "https" && tag != ASSUMED && tag != "configured" {
        return Some(Answer::NotTls);
    }
    Some(match answer {
        Answer::Http { after, status, headers, .. } if method == "HEAD" => {
            Answer::Http { after, status, headers, body: Cow::Borrowed("") }
        }
        answer => answer,
    })
}

/// What a web server that has one page says.
///
/// Models nginx's `ngx_http_static_module.c`, which takes no POST for a file, and httpd's default handler, which does.
fn static_file(nginx: bool, method: &str, path: &str) -> Answer {
    let page = |title| format!("<html>\n<head><title>{title}</title></head>\n</html>\n");
    let there = matches!(path, "/" | "/index.html");
    let refused = match method {
        "GET" | "HEAD" | "" => false,
        "POST" => nginx && there,
        _ => true,
    };
    match (refused, there) {
        (true, _) if nginx => status(405, page("405 Not Allowed")),
        (true, _) => status(405, page("405 Method Not Allowed")),
        (false, true) => ok(
            "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n</html>\n",
        ),
        (false, false) => status(404, page("404 Not Found")),
    }
}

fn netexec(
    name: &str,
    path: &str,
    ran: Duration,
    query: &dyn Fn(&str) -> Option<String>,
) -> Answer {
    match path {
        "/status" => status(query("code").and_then(|code| code.parse().ok()).unwrap_or(200), ""),
        "/after" => {
            let seconds = query("s").and_then(|s| s.parse().ok()).unwrap_or(0);
            status(if ran >= Duration::from_secs(seconds) { 200 } else { 503 }, "")
        }
        "/slow" => {
            let seconds = query("s").and_then(|s| s.parse().ok()).unwrap_or(1);
            Answer::Http {
                after: Duration::from_secs(seconds),
                status: 200,
                headers: Vec::new(),
                body: Cow::Borrowed(""),
            }
        }
        "/redirect" => {
            let target = query("to").or_else(|| query("location")).unwrap_or_else(|| "/".into());
            let code = query("code").and_then(|code| code.parse().ok()).unwrap_or(302);
            let body = format!("<a href=\"{target}\">Found</a>.\n\n");
            Answer::http(code, body).with("Location", target)
        }
        "/hostname" | "/hostName" => ok(name.to_string()),
        "/echo" => ok(query("msg").unwrap_or_default()),
        "/" | "/healthz" | "/clientip" => ok("ok"),
        _ => status(404, "404 page not found\n"),
    }
}

fn configured_answer(world: &World, image: &str, port: u16, path: &str) -> Answer {
    let Some(own) = own_behaviour(world, image) else { return ok("") };
    let Some(paths) = own.http.get(&port) else { return ok("") };
    let code = paths.get(path).or_else(|| paths.get("*")).copied();
    status(code.unwrap_or(if paths.is_empty() { 200 } else { 404 }), "")
}

/// The gRPC health service of a program: serving or not, or an error in the kubelet's words; `None` if the program
/// does not speak gRPC: the connection is then never ready.
pub fn grpc_health(
    world: &World,
    uid: Uid,
    ix: ContainerIx,
    tag: &str,
    service: &str,
) -> Option<Result<bool, String>> {
    if let Some(delay) = tag.strip_prefix("agnhost grpc ") {
        let worker = world.workers.get(&uid);
        let ran = worker
            .and_then(|worker| worker.newest(ix))
            .and_then(|instance| instance.status.started_at)
            .map(|at| world.now.since(at))
            .unwrap_or_default();
        let delay: u64 = delay.parse().unwrap_or(0);
        if !service.is_empty() {
            return Some(Err(
                "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"
                    .into(),
            ));
        }
        return Some(Ok(delay == 0 || ran < Duration::from_secs(delay)));
    }
    matches!(tag, ASSUMED | "configured").then_some(Ok(true))
}
