//! nginx's configuration: which directives stand where, and what becomes of those that decide an answer.
//!
//! Models `src/core/ngx_conf_file.c` ngx_conf_parse and ngx_conf_handler, `src/http/ngx_http_core_module.c` and
//! `src/http/modules/ngx_http_proxy_module.c` for their errors.

mod checks;

mod directives;

use directives::{allowed, arguments, check_return, known, listen};

use super::tokens::{End, Statement, Tokens};
use crate::images::start::Start;
use std::collections::BTreeMap;

/// Files included within each other.
const DEPTH: usize = 10;

/// A directive with its words.
pub(super) type Words = Vec<String>;

/// What an nginx serves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(super) servers: Vec<Server>,
    /// Servers of upstream groups: host and port.
    pub(super) upstreams: BTreeMap<String, Vec<(String, u16)>>,
    /// Ports that are passed on as they are.
    pub(super) streams: Vec<(u16, String)>,
    /// Directives of `http` that servers inherit.
    pub(super) rules: Vec<Words>,
    pub(super) daemon: bool,
    pub(super) pid: Option<String>,
    /// Where `user` stands.
    pub(super) user: Option<String>,
    pub(super) error_log: Option<String>,
    /// Directories of temporary files, by the first part of their directive.
    pub(super) temps: BTreeMap<String, String>,
    count: Option<usize>,
}

/// A `server` block.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    pub(super) listens: Vec<Listen>,
    pub(super) names: Vec<String>,
    pub(super) rules: Vec<Words>,
    pub(super) locations: Vec<Location>,
}

/// A `listen` directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listen {
    /// `0.0.0.0:80`, as messages have it.
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) default: bool,
}

/// A `location` block.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    /// `=`, `^~`, `~`, `~*`, `@` or nothing.
    pub(super) kind: String,
    pub(super) path: String,
    pub(super) rules: Vec<Words>,
    pub(super) inner: Vec<Self>,
}

impl Config {
    /// The ports that it opens, each once.
    pub(super) fn ports(&self) -> Vec<u16> {
        let http = self.servers.iter().flat_map(|server| &server.listens).map(|listen| listen.port);
        let mut ports: Vec<u16> = http.chain(self.streams.iter().map(|(port, _)| *port)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
    /// The addresses that it binds to, as messages have them.
    pub(super) fn binds(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for listen in self.servers.iter().flat_map(|server| &server.listens) {
            if !all.contains(&listen.address) {
                all.push(listen.address.clone());
            }
        }
        all
    }
    pub(super) fn workers(&self) -> usize {
        self.count.unwrap_or(2)
    }
}

/// Where a directive stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Main,
    Events,
    Http,
    Server,
    Location,
    Upstream,
    Stream,
    /// `map`, `geo`, `types`: their lines are no directives.
    Table,
    /// `if`, `limit_except`.
    Condition,
}

/// Reads the configuration of one container.
pub(super) struct Reader<'a, 's, 'h> {
    start: &'a mut Start<'s, 'h>,
    config: Config,
    events: bool,
    depth: usize,
}

type Read<T> = Result<T, String>;

/// What the directives of a block go to.
enum Into<'b> {
    Config,
    Server(&'b mut Server),
    Location(&'b mut Location),
    Upstream(String),
    Ignored,
}

impl<'a, 's, 'h> Reader<'a, 's, 'h> {
    pub(super) fn new(start: &'a mut Start<'s, 'h>) -> Self {
        Self {
            start,
            config: Config { daemon: true, ..Config::default() },
            events: false,
            depth: 0,
        }
    }

    /// Reads a file and the directives of `-g`; the error is nginx's, with file and line.
    pub(super) fn read(mut self, main: &str, globals: &str) -> Read<Config> {
        if !globals.trim().is_empty() {
            let text = if globals.trim_end().ends_with(';') {
                globals.to_owned()
            } else {
                format!("{globals};")
            };
            self.block(
                &mut Tokens::new(&text),
                "command line",
                Context::Main,
                &mut Into::Config,
                false,
            )?;
        }
        self.file(main, Context::Main, &mut Into::Config, None)?;
        if !self.events {
            return Err("no \"events\" section in configuration".into());
        }
        for server in &mut self.config.servers {
            if server.listens.is_empty() {
                let port = if self.start.call.uid == 0 { 80 } else { 8000 };
                server.listens.push(Listen {
                    address: format!("0.0.0.0:{port}"),
                    port,
                    tls: false,
                    default: false,
                });
            }
        }
        Ok(self.config)
    }

    fn file(
        &mut self,
        path: &str,
        context: Context,
        into: &mut Into<'_>,
        from: Option<&str>,
    ) -> Read<()> {
        let place = from.map(|place| format!(" in {place}")).unwrap_or_default();
        let Some(text) = self.start.read(path) else {
            return Err(format!("open() \"{path}\" failed (2: No such file or directory){place}"));
        };
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("include is nested too deep{place}"));
        }
        self.block(&mut Tokens::new(&text), path, context, into, false)?;
        self.depth -= 1;
        Ok(())
    }

    fn block(
        &mut self,
        tokens: &mut Tokens<'_>,
        file: &str,
        context: Context,
        into: &mut Into<'_>,
        inner: bool,
    ) -> Read<()> {
        loop {
            let statement =
                tokens.next().map_err(|(error, line)| format!("{error} in {file}:{line}"))?;
            let place = format!("{file}:{}", statement.line);
            match statement.end {
                End::File if inner => {
                    return Err(format!("unexpected end of file, expecting \"}}\" in {place}"));
                }
                End::File => return Ok(()),
                End::Closes if inner => return Ok(()),
                End::Closes => return Err(format!("unexpected \"}}\" in {place}")),
                End::Plain | End::Opens => {
                    self.statement(tokens, statement, (file, &place), context, into)?
                }
            }
        }
    }

    fn statement(
        &mut self,
        tokens: &mut Tokens<'_>,
        statement: Statement,
        (file, place): (&str, &str),
        context: Context,
        into: &mut Into<'_>,
    ) -> Read<()> {
        let opens = statement.end == End::Opens;
        let words = statement.words;
        let name = words[0].as_str();
        if context == Context::Table {
            return if opens { Err(format!("unexpected \"{{\" in {place}")) } else { Ok(()) };
        }
        let Some(block) = known(name) else {
            return Err(format!("unknown directive \"{name}\" in {place}"));
        };
        if !allowed(name, context) {
            return Err(format!("\"{name}\" directive is not allowed here in {place}"));
        }
        if opens && !block {
            return Err(format!("directive \"{name}\" is not terminated by \";\" in {place}"));
        }
        if !opens && block && name != "server" {
            return Err(format!("directive \"{name}\" has no opening \"{{\" in {place}"));
        }
        if !arguments(name, words.len() - 1) {
            return Err(format!("invalid number of arguments in \"{name}\" directive in {place}"));
        }
        if opens {
            self.open(tokens, &words, (file, place), context, into)
        } else {
            self.plain(words, place, context, into)
        }
    }

    fn open(
        &mut self,
        tokens: &mut Tokens<'_>,
        words: &Words,
        (file, place): (&str, &str),
        context: Context,
        into: &mut Into<'_>,
    ) -> Read<()> {
        match (words[0].as_str(), context) {
            ("server", Context::Stream) => {
                let mut server = Server::default();
                self.block(tokens, file, Context::Stream, &mut Into::Server(&mut server), true)?;
                let target = rule(&server.rules, "proxy_pass")
                    .and_then(|words| words.get(1))
                    .cloned()
                    .unwrap_or_default();
                let ports: Vec<_> =
                    server.listens.iter().map(|listen| (listen.port, target.clone())).collect();
                self.config.streams.extend(ports);
                Ok(())
            }
            ("server", _) => {
                let mut server = Server::default();
                self.block(tokens, file, Context::Server, &mut Into::Server(&mut server), true)?;
                self.config.servers.push(server);
                Ok(())
            }
            ("location", _) => {
                let mut location = self.location(words, place, into)?;
                self.block(
                    tokens,
                    file,
                    Context::Location,
                    &mut Into::Location(&mut location),
                    true,
                )?;
                match into {
                    Into::Server(server) => server.locations.push(location),
                    Into::Location(outer) => outer.inner.push(location),
                    _ => {}
                }
                Ok(())
            }
            ("upstream", _) => {
                let name = words[1].clone();
                self.config.upstreams.insert(name.clone(), Vec::new());
                self.block(
                    tokens,
                    file,
                    Context::Upstream,
                    &mut Into::Upstream(name.clone()),
                    true,
                )?;
                if self.config.upstreams.get(&name).is_some_and(Vec::is_empty) {
                    return Err(format!("no servers are inside upstream in {place}"));
                }
                Ok(())
            }
            ("if", _) => {
                // Conditions are taken as they most often turn out: not met.
                self.block(tokens, file, Context::Condition, &mut Into::Ignored, true)
            }
            (name, _) => {
                let (inner, mut to) = match name {
                    "events" => {
                        self.events = true;
                        (Context::Events, Into::Ignored)
                    }
                    "http" => (Context::Http, Into::Config),
                    "stream" => (Context::Stream, Into::Ignored),
                    "limit_except" => (Context::Condition, Into::Ignored),
                    _ => (Context::Table, Into::Ignored),
                };
                self.block(tokens, file, inner, &mut to, true)
            }
        }
    }

    fn location(&self, words: &Words, place: &str, into: &Into<'_>) -> Read<Location> {
        let (kind, path) = match words.as_slice() {
            [_, kind, path] if matches!(kind.as_str(), "=" | "^~" | "~" | "~*") => {
                (kind.clone(), path.clone())
            }
            [_, kind, _] => return Err(format!("invalid location modifier \"{kind}\" in {place}")),
            [_, path] if path.starts_with('@') => ("@".into(), path.clone()),
            [_, path] => (String::new(), path.clone()),
            _ => {
                return Err(format!(
                    "invalid number of arguments in \"location\" directive in {place}"
                ));
            }
        };
        let twice = |location: &Location| {
            location.path == path
                && (location.kind == "=") == (kind == "=")
                && !location.kind.starts_with('~')
        };
        if let Into::Server(server) = into
            && !kind.starts_with('~')
            && server.locations.iter().any(twice)
        {
            return Err(format!("duplicate location \"{path}\" in {place}"));
        }
        Ok(Location { kind, path, ..Location::default() })
    }

    fn plain(
        &mut self,
        words: Words,
        place: &str,
        context: Context,
        into: &mut Into<'_>,
    ) -> Read<()> {
        let name = words[0].clone();
        match (name.as_str(), context) {
            ("include", _) => return self.include(&words[1], place, context, into),
            ("server", Context::Upstream) => return self.upstream_server(&words, place, into),
            ("daemon", _) => self.config.daemon = words[1] != "off",
            ("pid", _) => self.config.pid = Some(words[1].clone()),
            ("user", _) => self.config.user = Some(place.to_owned()),
            ("worker_processes", _) => self.config.count = Some(words[1].parse().unwrap_or(2)),
            ("error_log", Context::Main) => {
                let path = words[1].clone();
                let file = path.starts_with('/')
                    && !path.starts_with("/dev/")
                    && !path.starts_with("/var/log/nginx/");
                self.config.error_log = file.then_some(path);
            }
            ("listen", _) => {
                let listen = listen(&words, place)?;
                let default = listen.default;
                if let Into::Server(server) = into {
                    if server.listens.iter().any(|other| other.address == listen.address) {
                        return Err(format!("a duplicate listen {} in {place}", listen.address));
                    }
                    let twice = self.config.servers.iter().flat_map(|server| &server.listens);
                    if default
                        && twice
                            .into_iter()
                            .any(|other| other.default && other.address == listen.address)
                    {
                        return Err(format!(
                            "a duplicate default server for {} in {place}",
                            listen.address
                        ));
                    }
                    server.listens.push(listen);
                }
                return Ok(());
            }
            ("server_name", _) => {
                if let Into::Server(server) = into {
                    server.names.extend(words[1..].iter().cloned());
                }
                return Ok(());
            }
            ("return", _) => check_return(&words, place)?,
            ("proxy_pass" | "grpc_pass" | "fastcgi_pass" | "uwsgi_pass", _) => {
                self.check_pass(&words, place, context)?
            }
            ("ssl_certificate" | "ssl_certificate_key", _) => {
                self.check_certificate(&words, place)?
            }
            _ => {
                if let Some(kind) = name.strip_suffix("_temp_path") {
                    let kind = kind.strip_suffix("_body").unwrap_or(kind);
                    self.config.temps.insert(kind.to_owned(), words[1].clone());
                }
            }
        }
        match into {
            Into::Config => self.config.rules.push(words),
            Into::Server(server) => server.rules.push(words),
            Into::Location(location) => location.rules.push(words),
            Into::Upstream(_) | Into::Ignored => {}
        }
        Ok(())
    }

    fn include(
        &mut self,
        path: &str,
        place: &str,
        context: Context,
        into: &mut Into<'_>,
    ) -> Read<()> {
        let path =
            if path.starts_with('/') { path.to_owned() } else { format!("/etc/nginx/{path}") };
        if !path.contains('*') {
            // Parameters of other protocols, which the image brings, decide nothing here.
            let brought = [
                "mime.types",
                "fastcgi_params",
                "fastcgi.conf",
                "proxy_params",
                "uwsgi_params",
                "scgi_params",
            ];
            if brought.iter().any(|name| path == format!("/etc/nginx/{name}")) {
                return Ok(());
            }
            return self.file(&path, context, into, Some(place));
        }
        let (dir, pattern) = path.rsplit_once('/').unwrap_or(("", &path));
        let names = self.start.own.fs().list(&self.start.host.volumes, dir).unwrap_or_default();
        let (head, tail) = pattern.split_once('*').unwrap_or((pattern, ""));
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            if name.len() >= head.len() + tail.len()
                && name.starts_with(head)
                && name.ends_with(tail)
            {
                self.file(&format!("{dir}/{name}"), context, into, Some(place))?;
            }
        }
        Ok(())
    }
}

/// The last of the directives of that name.
pub(super) fn rule<'r>(rules: &'r [Words], name: &str) -> Option<&'r Words> {
    rules.iter().rev().find(|words| words[0] == name)
}

/// `host:port`, the port with a default.
pub(super) fn host_port(text: &str, default: u16) -> (String, u16) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => {
            (host.to_owned(), port.parse().unwrap_or(default))
        }
        _ => (text.to_owned(), default),
    }
}
