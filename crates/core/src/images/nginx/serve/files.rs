//! Files, redirects and variables of an answer.

use super::*;
use crate::images::unknown;

impl<'a> Request<'a, '_, '_> {
    pub(super) fn file(&mut self, location: Option<&'a Location>, path: &str) -> Answer {
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
                match listed {
                    true => self.listing(&full, path),
                    false if self.unknown(&full) => Answer::http(200, ""),
                    false => self.error(403, path),
                }
            }
            Some(false) if !path.ends_with('/') => self.send(&full, path),
            _ if self.unknown(&full) => Answer::http(200, ""),
            _ => self.error(404, path),
        }
    }
    /// Whether nobody knows what is there.
    fn unknown(&self, path: &str) -> bool {
        unknown::may_be_filled(self.host.world, self.host.uid, self.host.ix, path)
    }
    pub(super) fn send(&mut self, file: &str, path: &str) -> Answer {
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
    pub(super) fn worker_user(&self) -> (u32, u32) {
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
    pub(super) fn listing(&self, full: &str, path: &str) -> Answer {
        let names = self.process.fs().list(&self.host.volumes, full).unwrap_or_default();
        let list: String = names
            .iter()
            .filter(|name| !name.starts_with('.'))
            .map(|name| format!("<a href=\"{name}\">{name}</a>\n"))
            .collect();
        Answer::http(200, format!("<html>\r\n<head><title>Index of {path}</title></head>\r\n<body>\r\n<h1>Index of {path}</h1><hr><pre><a href=\"../\">../</a>\n{list}</pre><hr></body>\r\n</html>\r\n"))
            .with("Content-Type", "text/html")
    }
    pub(super) fn try_files(
        &mut self,
        location: &'a Location,
        words: &Words,
        path: &str,
    ) -> Answer {
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
    /// An answer with the headers that nginx adds.
    pub(super) fn decorated(&self, answer: Answer, path: &str) -> Answer {
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
    pub(super) fn absolute(&self, path: &str) -> String {
        let name = self.what.header("host").map_or(self.what.host, |name| name);
        let name = name.split(':').next().unwrap_or(name);
        let port =
            if matches!(self.port, 80 | 443) { String::new() } else { format!(":{}", self.port) };
        format!("{}://{name}{port}{path}", self.what.scheme)
    }
    /// A text with its variables.
    pub(super) fn filled(&self, text: &str, path: &str) -> String {
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
    pub(super) fn variable(&self, name: &str, path: &str) -> String {
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
                .map(crate::runtime::etc::hostname)
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

pub(super) fn redirect(status: u16, target: &str) -> Answer {
    page(status, title(status)).with("Location", target)
}

pub(super) fn kind_of(file: &str) -> &'static str {
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
