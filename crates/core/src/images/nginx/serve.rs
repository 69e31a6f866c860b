//! How nginx answers a request by its configuration.

mod files;

use files::redirect;

use super::config::{Config, Listen, Location, Server, Words, host_port, rule};
use super::pattern;
use crate::network::{Answer, Exchange, dns};
use crate::runtime::PodHost;
use podplay_shell::{Lookup, Userland};
use std::time::Duration;

/// Internal redirects of one request.
const HOPS: u32 = 10;
/// `proxy_connect_timeout`.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request on its way through a server.
struct Request<'a, 'p, 'h> {
    config: &'a Config,
    server: &'a Server,
    process: &'p mut Userland,
    host: &'p mut PodHost<'h>,
    what: &'a Exchange<'a>,
    port: u16,
    hops: u32,
    groups: Vec<String>,
    /// It follows an error: error pages are not looked for again.
    erring: bool,
}

pub(crate) fn answer(
    config: &Config,
    process: &mut Userland,
    host: &mut PodHost<'_>,
    port: u16,
    what: &Exchange<'_>,
) -> Answer {
    if let Some((_, target)) = config.streams.iter().find(|(stream, _)| *stream == port) {
        return pass_on(config, process, host, what, target);
    }
    let name = what.header("host").map_or(what.host, |name| name);
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let Some((server, listen)) = choose(config, port, name) else { return Answer::Refused };
    match (what.scheme, listen.tls) {
        ("https", false) => return Answer::NotTls,
        ("http", true) => return page(400, "The plain HTTP request was sent to HTTPS port"),
        _ => {}
    }
    let path = what.path.split(['?', '#']).next().unwrap_or("/").to_owned();
    let mut request = Request {
        config,
        server,
        process,
        host,
        what,
        port,
        hops: 0,
        groups: Vec::new(),
        erring: false,
    };
    let said = request.server_level(&path);
    let said = said.unwrap_or_else(|| request.locate(&path));
    request.decorated(said, &path)
}

/// The server that a port and a name lead to.
fn choose<'a>(config: &'a Config, port: u16, name: &str) -> Option<(&'a Server, &'a Listen)> {
    let all: Vec<(&Server, &Listen)> = config
        .servers
        .iter()
        .filter_map(|server| {
            Some((server, server.listens.iter().find(|listen| listen.port == port)?))
        })
        .collect();
    let exact = |wanted: &String| wanted == name;
    let wild = |wanted: &String| {
        wanted.strip_prefix('*').is_some_and(|tail| name.ends_with(tail))
            || wanted.strip_suffix(".*").is_some_and(|head| name.starts_with(head))
            || wanted.strip_prefix('.').is_some_and(|tail| name.ends_with(tail))
            || wanted
                .strip_prefix('~')
                .is_some_and(|text| pattern::find(text, name, false).is_some())
    };
    let found = all.iter().find(|(server, _)| server.names.iter().any(exact));
    let found = found.or_else(|| all.iter().find(|(server, _)| server.names.iter().any(wild)));
    let found = found.or_else(|| all.iter().find(|(_, listen)| listen.default));
    found.or(all.first()).copied()
}

/// The page that nginx makes itself.
fn page(status: u16, title: &str) -> Answer {
    let title = format!("{status} {title}");
    Answer::http(
        status,
        format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx/1.27.5</center>\r\n</body>\r\n</html>\r\n"
        ),
    )
}

fn title(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Authorization Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        413 => "Request Entity Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        504 => "Gateway Time-out",
        _ => "",
    }
}

/// A TCP connection that is passed on.
fn pass_on(
    config: &Config,
    process: &mut Userland,
    host: &mut PodHost<'_>,
    what: &Exchange<'_>,
    target: &str,
) -> Answer {
    let (name, port) = match config.upstreams.get(target).and_then(|group| group.first()) {
        Some((name, port)) => (name.clone(), *port),
        None => host_port(target, 80),
    };
    let Some(address) = lookup(host, process, &name) else {
        return Answer::Open { bytes: Vec::new() };
    };
    let passed = Exchange { host: &address, port, depth: what.depth + 1, ..*what };
    match host.exchange(process, &passed) {
        Answer::Refused | Answer::Unreachable => Answer::Open { bytes: Vec::new() },
        answer => answer,
    }
}

/// The address of a name, by the container's hosts file and its resolver.
pub(crate) fn lookup(host: &mut PodHost<'_>, process: &Userland, name: &str) -> Option<String> {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return Some(name.to_owned());
    }
    let hosts = process.fs().read_file(&host.volumes, "/etc/hosts", 1 << 16).unwrap_or_default();
    for line in String::from_utf8_lossy(&hosts).lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        if let Some(address) = words.next()
            && words.any(|word| word.eq_ignore_ascii_case(name))
        {
            return Some(address.to_owned());
        }
    }
    match dns::resolve(host.world, host.uid, name) {
        Lookup::Addresses { addresses, .. } => addresses.into_iter().next(),
        Lookup::NxDomain | Lookup::Timeout => None,
    }
}

impl<'a> Request<'a, '_, '_> {
    /// Directives of the server itself that answer before any location.
    fn server_level(&mut self, path: &str) -> Option<Answer> {
        let server = self.server;
        self.rewritten(&server.rules, path)
    }

    /// `return` and `rewrite` in a list of directives, in their order.
    fn rewritten(&mut self, rules: &'a [Words], path: &str) -> Option<Answer> {
        for words in rules {
            match words[0].as_str() {
                "return" => return Some(self.returned(words, path)),
                "rewrite" => {
                    let Some(groups) = pattern::find(&words[1], path, false) else { continue };
                    self.groups = groups;
                    let target = self.filled(&words[2], path);
                    let last = words.get(3).map_or("", String::as_str);
                    let away = target.starts_with("http://") || target.starts_with("https://");
                    match last {
                        "permanent" => return Some(redirect(301, &target)),
                        "redirect" => return Some(redirect(302, &target)),
                        _ if away => return Some(redirect(302, &target)),
                        _ => return Some(self.again(target.split('?').next().unwrap_or(&target))),
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn returned(&self, words: &Words, path: &str) -> Answer {
        let Ok(code) = words[1].parse::<u16>() else {
            return redirect(302, &self.filled(&words[1], path));
        };
        let text = words.get(2).map(|text| self.filled(text, path));
        match (code, text) {
            (301 | 302 | 303 | 307 | 308, Some(target)) => redirect(code, &target),
            (444, _) => Answer::Open { bytes: Vec::new() },
            (_, Some(text)) => Answer::http(code, text),
            (200..=299, None) => Answer::http(code, ""),
            (_, None) => page(code, title(code)),
        }
    }

    /// Looks for a location again, with another path.
    fn again(&mut self, path: &str) -> Answer {
        self.hops += 1;
        if self.hops > HOPS {
            return page(500, title(500));
        }
        self.locate(path)
    }

    fn locate(&mut self, path: &str) -> Answer {
        let server = self.server;
        match self.matching(&server.locations, path) {
            Some(location) => self.at(location, path),
            None => self.content(None, path),
        }
    }

    /// The location of a path: exact, then the longest prefix unless an expression fits.
    fn matching(&mut self, locations: &'a [Location], path: &str) -> Option<&'a Location> {
        if let Some(exact) =
            locations.iter().find(|location| location.kind == "=" && location.path == path)
        {
            return Some(exact);
        }
        let prefixes = locations.iter().filter(|location| {
            matches!(location.kind.as_str(), "" | "^~") && path.starts_with(&location.path)
        });
        let longest = prefixes.max_by_key(|location| location.path.len());
        if let Some(inner) = longest.filter(|location| !location.inner.is_empty()) {
            let found = self.matching(&inner.inner, path);
            if found.is_some() {
                return found;
            }
        }
        if longest.is_some_and(|location| location.kind == "^~") {
            return longest;
        }
        for location in locations.iter().filter(|location| location.kind.starts_with('~')) {
            if let Some(groups) = pattern::find(&location.path, path, location.kind == "~*") {
                self.groups = groups;
                return Some(location);
            }
        }
        longest
    }

    fn at(&mut self, location: &'a Location, path: &str) -> Answer {
        if let Some(said) = self.rewritten(&location.rules, path) {
            return said;
        }
        if location.rules.iter().any(|words| words[0] == "deny" && words[1] == "all")
            && !location.rules.iter().any(|words| words[0] == "allow")
        {
            return self.error(403, path);
        }
        if let Some(words) = rule(&location.rules, "try_files") {
            return self.try_files(location, words, path);
        }
        self.content(Some(location), path)
    }

    fn content(&mut self, location: Option<&'a Location>, path: &str) -> Answer {
        let own = |name: &str| location.and_then(|location| rule(&location.rules, name));
        if let Some(words) = own("proxy_pass") {
            return self.proxy(location, &words[1].clone(), path);
        }
        if own("fastcgi_pass").or(own("uwsgi_pass")).or(own("grpc_pass")).is_some() {
            let name = ["fastcgi_pass", "uwsgi_pass", "grpc_pass"].into_iter().find_map(own);
            let target = name.map(|words| {
                format!("http://{}", words[1].rsplit("://").next().unwrap_or(&words[1]))
            });
            return self.proxy(None, &target.unwrap_or_default(), path);
        }
        if own("stub_status").is_some() {
            return Answer::http(
                200,
                "Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n",
            );
        }
        self.file(location, path)
    }

    /// The directive of a location, or of what it inherits from.
    fn inherited(&self, location: Option<&'a Location>, name: &str) -> Option<&'a Words> {
        let own = location.and_then(|location| rule(&location.rules, name));
        own.or_else(|| rule(&self.server.rules, name)).or_else(|| rule(&self.config.rules, name))
    }

    /// The file that a path means.
    fn full(&self, location: Option<&'a Location>, path: &str) -> String {
        let alias = location.and_then(|location| Some((location, rule(&location.rules, "alias")?)));
        if let Some((location, words)) = alias {
            if location.kind.starts_with('~') {
                return self.filled(&words[1], path);
            }
            return format!(
                "{}{}",
                words[1],
                path.strip_prefix(location.path.as_str()).unwrap_or("")
            );
        }
        let root =
            self.inherited(location, "root").map_or("/etc/nginx/html", |words| words[1].as_str());
        let root =
            if root.starts_with('/') { root.to_owned() } else { format!("/etc/nginx/{root}") };
        format!("{}{path}", self.filled(&root, path).trim_end_matches('/'))
    }

    /// An error, by its error page if there is one.
    fn error(&mut self, status: u16, path: &str) -> Answer {
        let server = self.server;
        let rules = server.rules.iter().chain(&self.config.rules);
        let found = rules
            .filter(|words| words[0] == "error_page")
            .find(|words| words[1..words.len() - 1].iter().any(|code| code.parse() == Ok(status)));
        let Some(words) = found.filter(|_| !self.erring) else {
            return page(status, title(status));
        };
        self.erring = true;
        let target = words.last().cloned().unwrap_or_default();
        let changed = words[1..].iter().find_map(|word| word.strip_prefix('='));
        if target.starts_with("http://") || target.starts_with("https://") {
            return redirect(302, &self.filled(&target, path));
        }
        let said = if target.starts_with('@') {
            let named = server.locations.iter().find(|location| location.path == target);
            named.map_or_else(|| page(status, title(status)), |named| self.at(named, path))
        } else {
            self.again(&target)
        };
        match said {
            Answer::Http { after, status: inner, headers, body } => {
                let code = match changed {
                    Some("") => inner,
                    Some(code) => code.parse().unwrap_or(status),
                    None => status,
                };
                if inner >= 400 && changed.is_none() {
                    return page(status, title(status));
                }
                Answer::Http { after, status: code, headers, body }
            }
            other => other,
        }
    }

    /// What an upstream server answers.
    fn proxy(&mut self, location: Option<&'a Location>, target: &str, path: &str) -> Answer {
        let target = self.filled(target, path);
        let (scheme, rest) = target.split_once("://").unwrap_or(("http", &target));
        let (authority, replaced) = match rest.find('/') {
            Some(at) => (&rest[..at], Some(&rest[at..])),
            None => (rest, None),
        };
        let query = self
            .what
            .path
            .split_once('?')
            .map(|(_, query)| format!("?{query}"))
            .unwrap_or_default();
        let prefix = location.map_or("", |location| location.path.as_str());
        let passed = match replaced {
            Some(new) if location.is_some_and(|location| location.kind.starts_with('~')) => {
                new.to_owned()
            }
            Some(new) => format!("{new}{}", path.strip_prefix(prefix).unwrap_or(path)),
            None => path.to_owned(),
        };
        let passed = format!("{passed}{query}");
        let default = if scheme == "https" { 443 } else { 80 };
        let group = self.config.upstreams.get(authority).cloned();
        let members = group.unwrap_or_else(|| vec![host_port(authority, default)]);
        let mut headers: Vec<(String, String)> = self
            .what
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
            .cloned()
            .collect();
        let mut name = authority.to_owned();
        let set = location.map(|location| location.rules.as_slice()).unwrap_or_default();
        for words in set.iter().chain(&self.server.rules).chain(&self.config.rules) {
            if words[0] == "proxy_set_header" && words[1].eq_ignore_ascii_case("host") {
                name = self.filled(&words[2], path);
                break;
            }
        }
        headers.push(("Host".to_owned(), name));
        let mut worst = 502;
        for (host, port) in members {
            let Some(address) = lookup(self.host, self.process, &host) else { continue };
            let onward = Exchange {
                host: &address,
                port,
                path: &passed,
                scheme,
                headers: &headers,
                depth: self.what.depth + 1,
                ..*self.what
            };
            match self.host.exchange(self.process, &onward) {
                answer @ Answer::Http { .. } => return answer,
                Answer::Silent => worst = 504,
                _ => {}
            }
        }
        let said = self.error(worst, path);
        match said {
            Answer::Http { status, headers, body, .. } if worst == 504 => {
                Answer::Http { after: PATIENCE, status, headers, body }
            }
            said => said,
        }
    }
}
