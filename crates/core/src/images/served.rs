//! What servers of the catalogue serve, and how each answers.

use super::databases::{Redis, Sql};
use super::{agnhost, httpd, nginx};
use crate::network::{Answer, Exchange};
use crate::runtime::PodHost;
use crate::runtime::instance::Kept;
use podplay_shell::Userland;
use std::borrow::Cow;
use std::time::Duration;

/// What one server serves.
#[derive(Clone, Debug)]
pub(crate) enum Served {
    /// What its entry says.
    Http(Http),
    /// nginx by its configuration.
    Nginx(Box<nginx::Config>),
    /// Apache by its configuration.
    Httpd(Box<httpd::Config>),
    /// agnhost, with its arguments.
    Agnhost(Vec<String>),
    /// The files below a directory.
    Files(String),
    /// redis.
    Redis(Redis),
    /// An SQL database.
    Sql(Sql),
}

/// A server that its entry describes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    /// `http`, `https` or another protocol.
    pub(crate) speaks: String,
    /// Path, status, body.
    pub(crate) routes: Vec<(String, u16, String)>,
    /// The server that it needs for any answer of its own.
    pub(crate) backend: Option<Backend>,
}

/// A server that another one needs, and the answer while it cannot be reached.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Backend {
    /// The answer while the server cannot be reached.
    fn missing(&self, process: &mut Userland, host: &mut PodHost<'_>) -> Option<Answer> {
        let there = nginx::lookup(host, process, &self.host).is_some_and(|address| {
            let what = Exchange {
                host: &address,
                port: self.port,
                path: "",
                scheme: "tcp",
                body: &[],
                method: "",
                headers: &[],
                depth: 1,
            };
            matches!(host.exchange(process, &what), Answer::Open { .. } | Answer::Http { .. })
        });
        (!there).then(|| Answer::http(self.status, self.body.clone()))
    }
}

/// What a program of the catalogue answers to a request; `None` if a script must answer.
pub(crate) fn respond(
    process: &mut Userland,
    host: &mut PodHost<'_>,
    tag: &str,
    port: u16,
    what: &Exchange<'_>,
) -> Option<Answer> {
    if matches!(tag, super::ASSUMED | super::CONFIGURED) {
        return Some(assumed(host, tag, port, what));
    }
    let worker = host.world.workers.get(&host.uid)?;
    let served = worker.newest(host.ix)?.served.get(tag)?.clone();
    let answer = match served.get::<Served>()? {
        Served::Redis(state) => redis(process, host, tag, state, what),
        Served::Sql(sql) => sql.answer(what),
        _ if what.scheme == "tcp" => Answer::Open { bytes: Vec::new() },
        Served::Http(http) => {
            let asks = matches!(what.scheme, "http" | "https");
            let backend = http.backend.as_ref().filter(|_| asks);
            let missing = backend.and_then(|backend| backend.missing(process, host));
            missing.unwrap_or_else(|| http.answer(what))
        }
        Served::Nginx(config) => nginx::answer(config, process, host, port, what),
        Served::Httpd(config) => httpd::answer(config, process, host, port, what),
        Served::Agnhost(argv) if plain(what) => agnhost::answer(argv, host, port, what),
        Served::Files(root) if plain(what) => files(root, process, host, what),
        Served::Agnhost(_) | Served::Files(_) => Answer::NotTls,
    };
    Some(match answer {
        Answer::Http { after, status, headers, .. } if what.method == "HEAD" => {
            Answer::Http { after, status, headers, body: Cow::Borrowed("") }
        }
        answer => answer,
    })
}

/// A request without TLS.
pub(crate) fn plain(what: &Exchange<'_>) -> bool {
    what.scheme != "https"
}

fn redis(
    process: &mut Userland,
    host: &mut PodHost<'_>,
    tag: &str,
    state: &Redis,
    what: &Exchange<'_>,
) -> Answer {
    let mut state = state.clone();
    let answer = state.answer(process, what);
    let worker = host.world.workers.get_mut(&host.uid);
    if let Some(instance) = worker.and_then(|worker| worker.newest_mut(host.ix)) {
        instance.served.insert(tag.to_owned(), Kept::new(Served::Redis(state)));
    }
    answer
}

/// The answer of a program that is not known: everything succeeds.
fn assumed(host: &PodHost<'_>, tag: &str, port: u16, what: &Exchange<'_>) -> Answer {
    match what.scheme {
        "redis" => Answer::Open { bytes: b"PONG\n".to_vec() },
        "http" | "https" if tag == super::CONFIGURED => configured(host, port, what),
        "http" | "https" => Answer::http(200, "ok"),
        _ => Answer::Open { bytes: Vec::new() },
    }
}

fn configured(host: &PodHost<'_>, port: u16, what: &Exchange<'_>) -> Answer {
    let path = what.path.split(['?', '#']).next().unwrap_or(what.path);
    let own = super::start::own_behaviour(host.world, &host.image);
    let Some(paths) = own.and_then(|own| own.http.get(&port)) else { return Answer::http(200, "") };
    let code = paths.get(path).or_else(|| paths.get("*")).copied();
    Answer::http(code.unwrap_or(if paths.is_empty() { 200 } else { 404 }), "")
}

impl Http {
    fn answer(&self, what: &Exchange<'_>) -> Answer {
        let tls = self.speaks == "https" || self.speaks == "tls";
        match (what.scheme, tls) {
            // Not everyone says what is wrong.
            ("http", true) if self.speaks == "tls" => return Answer::Open { bytes: Vec::new() },
            ("http", true) => {
                return Answer::http(400, "Client sent an HTTP request to an HTTPS server.\n");
            }
            ("https", false) => return Answer::NotTls,
            ("http" | "https", _) => {}
            (scheme, _) if scheme == self.speaks => return Answer::Open { bytes: Vec::new() },
            _ => return Answer::Open { bytes: Vec::new() },
        }
        if self.routes.is_empty() {
            return Answer::Open { bytes: Vec::new() };
        }
        let path = what.path.split(['?', '#']).next().unwrap_or(what.path);
        let fits = |route: &str| match route.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == route,
        };
        let exact = self.routes.iter().find(|(route, ..)| route == path);
        let longest = || {
            let fitting = self.routes.iter().filter(|(route, ..)| fits(route));
            fitting.max_by_key(|(route, ..)| route.len())
        };
        match exact.or_else(longest) {
            Some((_, status @ 300..400, target)) => {
                Answer::http(*status, "").with("Location", target.clone())
            }
            Some((_, status, body)) => Answer::http(*status, body.clone()),
            None => Answer::http(404, "404 page not found\n"),
        }
    }
}

/// A file below a directory, as Python's `http.server` gives it.
fn files(root: &str, process: &Userland, host: &PodHost<'_>, what: &Exchange<'_>) -> Answer {
    if !matches!(what.method, "GET" | "HEAD") {
        return Answer::http(501, format!("Unsupported method ('{}')", what.method));
    }
    let path = what.path.split(['?', '#']).next().unwrap_or("/");
    let full = format!("{}{path}", root.trim_end_matches('/'));
    let file = match process.fs().exists(&host.volumes, &full) {
        Some(true) => {
            let index = format!("{}/index.html", full.trim_end_matches('/'));
            match process.fs().exists(&host.volumes, &index) {
                Some(false) => index,
                _ => {
                    let names = process.fs().list(&host.volumes, &full).unwrap_or_default();
                    let list: String = names
                        .iter()
                        .map(|name| format!("<li><a href=\"{name}\">{name}</a></li>\n"))
                        .collect();
                    let page = format!(
                        "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<title>Directory listing for {path}</title>\n</head>\n<body>\n<h1>Directory listing for {path}</h1>\n<hr>\n<ul>\n{list}</ul>\n<hr>\n</body>\n</html>\n"
                    );
                    return Answer::http(200, page)
                        .with("Content-type", "text/html; charset=utf-8");
                }
            }
        }
        Some(false) => full,
        None => return Answer::http(404, "File not found"),
    };
    match process.fs().read_file(&host.volumes, &file, 1 << 22) {
        Ok(bytes) => Answer::http(200, String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => Answer::http(404, "File not found"),
    }
}

/// The gRPC health service of a program: serving or not, or an error in the kubelet's words; `None` if the program
/// does not speak gRPC: the connection is then never ready.
pub fn grpc_health(
    world: &crate::world::World,
    uid: crate::ids::Uid,
    ix: crate::ids::ContainerIx,
    tag: &str,
    service: &str,
) -> Option<Result<bool, String>> {
    if matches!(tag, super::ASSUMED | super::CONFIGURED) {
        return Some(Ok(true));
    }
    let instance = world.workers.get(&uid)?.newest(ix)?;
    match instance.served.get(tag)?.get::<Served>()? {
        Served::Agnhost(argv) => {
            let ran = instance.status.started_at.map(|at| world.now.since(at)).unwrap_or_default();
            agnhost::grpc_health(argv, ran, service)
        }
        Served::Http(http) if http.speaks.split(' ').any(|word| word == "grpc") => Some(Ok(true)),
        _ => None,
    }
}

/// How long the container has been running.
pub(crate) fn ran(host: &PodHost<'_>) -> Duration {
    let worker = host.world.workers.get(&host.uid);
    worker
        .and_then(|worker| worker.newest(host.ix))
        .and_then(|instance| instance.status.started_at)
        .map(|at| host.world.now.since(at))
        .unwrap_or_default()
}
