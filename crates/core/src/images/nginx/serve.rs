//! How nginx answers a request by its configuration.

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
        self.locate(&path.to_owned())
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

    fn file(&mut self, location: Option<&'a Location>, path: &str) -> Answer {
        if !matches!(self.what.method, "GET" | "HEAD" | "POST") {
            return self.error(405, path);
        }
        let full = self.full(location, path);
        match self.process.fs().exists(&self.host.volumes, &full) {
            Some(true) if !path.ends_with('/') => {
                redirect(301, &format!("{}/", self.absolute(path)))
            }
            Some(true) => {
                let names = self
                    .inherited(location, "index")
                    .map_or_else(|| vec!["index.html".to_owned()], |words| words[1..].to_vec());
                for name in names {
                    let file = format!("{}/{name}", full.trim_end_matches('/'));
                    if self.process.fs().exists(&self.host.volumes, &file) == Some(false) {
                        return self.send(&file, path);
                    }
                }
                let listed =
                    self.inherited(location, "autoindex").is_some_and(|words| words[1] == "on");
                if listed { self.listing(&full, path) } else { self.error(403, path) }
            }
            Some(false) if !path.ends_with('/') => self.send(&full, path),
            _ => self.error(404, path),
        }
    }

    fn send(&mut self, file: &str, path: &str) -> Answer {
        match self.what.method {
            "GET" | "HEAD" => {}
            _ => return self.error(405, path),
        }
        // The workers of a master that runs as root are the user nginx.
        let (uid, gid) = self.worker_user();
        if !self.process.may(&self.host.volumes, file, uid, gid, 4) {
            return self.error(403, path);
        }
        match self.process.fs().read_file(&self.host.volumes, file, 1 << 22) {
            Ok(bytes) => Answer::http(200, String::from_utf8_lossy(&bytes).into_owned())
                .with("Content-Type", kind_of(file)),
            Err(_) => self.error(403, path),
        }
    }

    fn worker_user(&self) -> (u32, u32) {
        let worker = self.host.world.workers.get(&self.host.uid);
        let shown = worker
            .and_then(|worker| worker.newest(self.host.ix))
            .map(|found| &found.status.shown.user);
        match shown {
            Some(user) if user.uid != 0 => {
                (u32::try_from(user.uid).unwrap_or(101), u32::try_from(user.gid).unwrap_or(0))
            }
            _ => (101, 101),
        }
    }

    fn listing(&self, full: &str, path: &str) -> Answer {
        let names = self.process.fs().list(&self.host.volumes, full).unwrap_or_default();
        let list: String = names
            .iter()
            .filter(|name| !name.starts_with('.'))
            .map(|name| format!("<a href=\"{name}\">{name}</a>\n"))
            .collect();
        Answer::http(200, format!("<html>\r\n<head><title>Index of {path}</title></head>\r\n<body>\r\n<h1>Index of {path}</h1><hr><pre><a href=\"../\">../</a>\n{list}</pre><hr></body>\r\n</html>\r\n"))
            .with("Content-Type", "text/html")
    }

    fn try_files(&mut self, location: &'a Location, words: &Words, path: &str) -> Answer {
        let (last, first) = words[1..]
            .split_last()
            .map_or((String::new(), Vec::new()), |(last, first)| (last.clone(), first.to_vec()));
        for text in first {
            let wanted = self.filled(&text, path);
            let full = self.full(Some(location), &wanted);
            let found = self.process.fs().exists(&self.host.volumes, full.trim_end_matches('/'));
            if found == Some(wanted.ends_with('/')) && !(wanted.is_empty()) {
                return self.content(Some(location), &wanted);
            }
        }
        let last = self.filled(&last, path);
        if let Some(code) = last.strip_prefix('=').and_then(|code| code.parse().ok()) {
            return self.error(code, path);
        }
        let server = self.server;
        if last.starts_with('@') {
            let named = server.locations.iter().find(|location| location.path == last);
            return match named {
                Some(named) => self.at(named, path),
                None => self.error(500, path),
            };
        }
        self.again(last.split('?').next().unwrap_or(&last))
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

    /// An answer with the headers that nginx adds.
    fn decorated(&self, answer: Answer, path: &str) -> Answer {
        let location = self
            .server
            .locations
            .iter()
            .find(|location| location.kind == "=" && location.path == path);
        let location = location.or_else(|| {
            let prefixes = self.server.locations.iter().filter(|location| {
                !location.kind.starts_with('~') && path.starts_with(&location.path)
            });
            prefixes.max_by_key(|location| location.path.len())
        });
        let own = location.map(|location| location.rules.as_slice()).unwrap_or_default();
        let lists = [own, &self.server.rules, &self.config.rules];
        let mut answer = answer.with("Server", "nginx/1.27.5");
        if let Some(list) =
            lists.iter().find(|list| list.iter().any(|words| words[0] == "add_header"))
        {
            for words in list.iter().filter(|words| words[0] == "add_header") {
                answer = answer.with(&words[1], self.filled(&words[2], path));
            }
        }
        answer
    }

    fn absolute(&self, path: &str) -> String {
        let name = self.what.header("host").map_or(self.what.host, |name| name);
        let name = name.split(':').next().unwrap_or(name);
        let port =
            if matches!(self.port, 80 | 443) { String::new() } else { format!(":{}", self.port) };
        format!("{}://{name}{port}{path}", self.what.scheme)
    }

    /// A text with its variables.
    fn filled(&self, text: &str, path: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out += &rest[..at];
            rest = &rest[at + 1..];
            let (name, after) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}'))
            {
                Some(found) => found,
                None => {
                    let end = rest
                        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                        .unwrap_or(rest.len());
                    let end = if rest.starts_with(|c: char| c.is_ascii_digit()) { 1 } else { end };
                    rest.split_at(end)
                }
            };
            out += &self.variable(name, path);
            rest = after;
        }
        out + rest
    }

    fn variable(&self, name: &str, path: &str) -> String {
        let query = self.what.path.split_once('?').map_or("", |(_, query)| query);
        if let Ok(n) = name.parse::<usize>() {
            return self.groups.get(n).cloned().unwrap_or_default();
        }
        match name {
            "uri" | "document_uri" => path.to_owned(),
            "request_uri" => self.what.path.to_owned(),
            "args" | "query_string" => query.to_owned(),
            "is_args" => if query.is_empty() { "" } else { "?" }.to_owned(),
            "host" | "http_host" | "server_name" => {
                let name_of = self.what.header("host").unwrap_or(self.what.host);
                if name == "http_host" {
                    name_of.to_owned()
                } else {
                    name_of.split(':').next().unwrap_or(name_of).to_owned()
                }
            }
            "proxy_host" => String::new(),
            "hostname" => self
                .host
                .world
                .workers
                .get(&self.host.uid)
                .map(crate::kubelet::etc::hostname)
                .unwrap_or_default(),
            "scheme" => self.what.scheme.to_owned(),
            "server_port" => self.port.to_string(),
            "request_method" => self.what.method.to_owned(),
            "remote_addr" | "proxy_add_x_forwarded_for" => "10.244.0.1".to_owned(),
            "server_addr" => self.what.host.to_owned(),
            "nginx_version" => "1.27.5".to_owned(),
            "server_protocol" => "HTTP/1.1".to_owned(),
            "document_root" => {
                self.inherited(None, "root").map_or(String::new(), |words| words[1].clone())
            }
            _ => {
                if let Some(header) = name.strip_prefix("http_") {
                    return self
                        .what
                        .header(&header.replace('_', "-"))
                        .unwrap_or_default()
                        .to_owned();
                }
                if let Some(wanted) = name.strip_prefix("arg_") {
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    return pairs
                        .find(|(key, _)| *key == wanted)
                        .map(|(_, value)| value.to_owned())
                        .unwrap_or_default();
                }
                let set = self
                    .server
                    .rules
                    .iter()
                    .chain(self.server.locations.iter().flat_map(|location| &location.rules));
                let found = set
                    .filter(|words| words[0] == "set")
                    .find(|words| words[1].trim_start_matches('$') == name);
                found
                    .map(|words| {
                        if words[2].contains(&format!("${name}")) {
                            String::new()
                        } else {
                            self.filled(&words[2], path)
                        }
                    })
                    .unwrap_or_default()
            }
        }
    }
}

fn redirect(status: u16, target: &str) -> Answer {
    page(status, title(status)).with("Location", target)
}

fn kind_of(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html" | "htm") => "text/html",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("xml") => "text/xml",
        _ => "application/octet-stream",
    }
}
