//! `wget`, and the exchange that it has in common with `curl`.

use super::curl::{Retry, failure, write_out};
use super::*;

/// A request that is under way.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    pub(super) request: Request,
    /// When the outcome is known; `None`: not yet sent.
    pub(super) due: Option<(Nanos, Reply)>,
    pub(super) limit: Option<Nanos>,
    pub(super) left: u32,
    pub(super) style: Style,
    /// When it tries again.
    pub(super) again: Option<Nanos>,
}

#[derive(Clone, Debug)]
pub(super) enum Style {
    Wget { quiet: bool, output: Option<String>, spider: bool, show: bool, url: String },
    Curl { flags: String, output: Option<String>, format: Option<String>, max: Nanos, retry: Retry },
}

pub(super) struct Url {
    pub(super) proto: Proto,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) path: String,
}

pub(super) fn parse_url(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let (proto, default) = match scheme {
        "http" => (Proto::Http, 80),
        "https" => (Proto::Https, 443),
        _ => return None,
    };
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = match authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or("")),
        None => authority.rsplit_once(':').unwrap_or((authority, "")),
    };
    let port = if port.is_empty() { default } else { port.parse().ok()? };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some(Url { proto, host: host.to_owned(), port, path })
}

impl Fetch {
    pub(super) fn send(&mut self, cx: &mut Cx<'_, '_>) {
        if let Style::Wget { quiet: false, .. } = &self.style {
            let address = address_of(cx, &self.request.host);
            if cx.sys.resolves(&self.request.host) {
                let Request { host, port, .. } = &self.request;
                cx.sys.warn(&format!("Connecting to {host}:{port} ({address}:{port})"));
            }
        }
        let reply = match cx.sys.resolve(&self.request.host) {
            Lookup::NxDomain => Reply { after: 0, outcome: Outcome::BadName },
            Lookup::Timeout => Reply { after: 10 * SECOND, outcome: Outcome::BadName },
            Lookup::Addresses { .. } => cx.sys.request(&self.request),
        };
        // Without a limit a lost packet is noticed by TCP after some two minutes.
        let limit = self.limit.unwrap_or(127 * SECOND);
        let reply = if reply.after > limit || reply.outcome == Outcome::Timeout {
            Reply { after: limit, outcome: Outcome::Timeout }
        } else {
            reply
        };
        let at = cx.sys.after(reply.after);
        self.due = Some((at, reply));
    }
}

impl Tool for Fetch {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(at) = self.again {
            if cx.sys.now() < at {
                return Next::Wait(Wait::Until(at));
            }
            self.again = None;
        }
        let Some((at, reply)) = &self.due else {
            self.send(cx);
            return Next::Again;
        };
        if cx.sys.now() < *at {
            return Next::Wait(Wait::Until(*at));
        }
        let outcome = reply.outcome.clone();
        if let Style::Curl { retry, flags, .. } = &mut self.style
            && let Some(pause) = retry.after(&outcome)
        {
            let text = format!(
                "curl: Will retry in {} second{}. {} retr{} left.",
                pause / SECOND,
                if pause / SECOND == 1 { "" } else { "s" },
                retry.left + 1,
                if retry.left == 0 { "y" } else { "ies" }
            );
            if !flags.contains('s') || flags.contains('S') {
                cx.sys.warn(&text);
            }
            self.due = None;
            self.again = Some(cx.sys.after(pause));
            return Next::Again;
        }
        if let Outcome::Http { status, headers, .. } = &outcome
            && matches!(status, 301 | 302 | 303 | 307 | 308)
            && self.left > 0
            && let Some(target) = header(headers, "location")
        {
            self.left -= 1;
            return self.redirect(&target);
        }
        match &self.style {
            Style::Wget { .. } => self.wget_end(cx, outcome),
            Style::Curl { .. } => self.curl_end(cx, outcome),
        }
    }

    boxed!();
}

pub(super) fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone())
}

impl Fetch {
    pub(super) fn redirect(&mut self, target: &str) -> Next {
        if target.starts_with('/') {
            target.clone_into(&mut self.request.path);
        } else if let Some(url) = parse_url(target) {
            self.request = Request {
                proto: url.proto,
                host: url.host,
                port: url.port,
                path: url.path,
                ..self.request.clone()
            };
        }
        self.due = None;
        Next::Again
    }

    pub(super) fn wget_end(&self, cx: &mut Cx<'_, '_>, outcome: Outcome) -> Next {
        let Style::Wget { quiet, output, spider, show, url } = &self.style else {
            return Next::Exit(1);
        };
        let Request { host, .. } = &self.request;
        let (status, headers, body) = match outcome {
            Outcome::Http { status, headers, body } => (status, headers, body),
            failure => {
                let address = address_of(cx, host);
                let text = match failure {
                    Outcome::Refused => {
                        format!("can't connect to remote host ({address}): Connection refused")
                    }
                    Outcome::Unreachable => {
                        format!("can't connect to remote host ({address}): No route to host")
                    }
                    Outcome::Timeout if self.limit.is_some() => "download timed out".to_owned(),
                    Outcome::Timeout => {
                        format!("can't connect to remote host ({address}): Connection timed out")
                    }
                    Outcome::BadName => format!("bad address '{host}'"),
                    _ => "error getting response".to_owned(),
                };
                cx.warn(&text);
                return Next::Exit(1);
            }
        };
        if *show {
            cx.sys.warn(&format!("  HTTP/1.1 {status} {}", reason(status)));
            for (name, value) in &headers {
                cx.sys.warn(&format!("  {name}: {value}"));
            }
        }
        if !(200..300).contains(&status) {
            cx.warn(&format!("server returned error: HTTP/1.1 {status} {}", reason(status)));
            return Next::Exit(1);
        }
        if *spider {
            if !quiet {
                cx.sys.warn("remote file exists");
            }
            return Next::Exit(0);
        }
        self.save(cx, output.as_deref(), url, &body, *quiet)
    }

    pub(super) fn save(
        &self,
        cx: &mut Cx<'_, '_>,
        output: Option<&str>,
        url: &str,
        body: &[u8],
        quiet: bool,
    ) -> Next {
        if output == Some("-") {
            if !quiet {
                cx.sys.warn("writing to stdout");
            }
            cx.write(body);
            if !quiet {
                cx.sys.warn(&progress("-", body.len()));
                cx.sys.warn("written to stdout");
            }
            return Next::Exit(0);
        }
        let default = url.split(['?', '#']).next().unwrap_or("").rsplit('/').next().unwrap_or("");
        let has_path = url.split_once("://").map_or(url, |u| u.1).contains('/');
        let default = if default.is_empty() || !has_path { "index.html" } else { default };
        let path = output.unwrap_or(default);
        let mode = if output.is_some() { OpenMode::WRITE } else { OpenMode::EXCLUSIVE };
        match cx.sys.open_fd(path, mode) {
            Ok(fd) => {
                if !quiet {
                    cx.sys.warn(&format!("saving to '{path}'"));
                }
                let _ = cx.sys.write(fd, &Rope::from(body));
                cx.sys.close(fd);
                if !quiet {
                    cx.sys.warn(&progress(path, body.len()));
                    cx.sys.warn(&format!("'{path}' saved"));
                }
                Next::Exit(0)
            }
            Err(error) => {
                cx.warn(&format!("can't open '{path}': {error}"));
                Next::Exit(1)
            }
        }
    }

    pub(super) fn curl_end(&self, cx: &mut Cx<'_, '_>, outcome: Outcome) -> Next {
        let Style::Curl { flags, output, format, max, .. } = &self.style else {
            return Next::Exit(1);
        };
        let quiet = flags.contains('s') && !flags.contains('S');
        let (status, headers, body) = match outcome {
            Outcome::Http { status, headers, body } => (status, headers, body),
            failure => {
                let (code, text) = self::failure(&failure, &self.request, *max);
                if let Some(format) = format {
                    cx.print(&write_out(format, 0, 0));
                }
                if !quiet {
                    cx.sys.warn(&format!("curl: ({code}) {text}"));
                }
                return Next::Exit(code);
            }
        };
        if flags.contains('f') && status >= 400 {
            if let Some(format) = format {
                cx.print(&write_out(format, status, 0));
            }
            if !quiet {
                cx.sys.warn(&format!("curl: (22) The requested URL returned error: {status}"));
            }
            return Next::Exit(22);
        }
        let mut bytes = Vec::new();
        if flags.contains(['i', 'I']) {
            bytes.extend(format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes());
            for (name, value) in &headers {
                bytes.extend(format!("{name}: {value}\r\n").into_bytes());
            }
            bytes.extend(b"\r\n");
        }
        if !flags.contains('I') {
            bytes.extend(&body);
        }
        match output.as_deref() {
            None | Some("-") => cx.write(&bytes),
            Some(path) => {
                if let Err(error) = cx.sys.write_all(path, &bytes.into()) {
                    cx.sys.warn(&format!(
                        "curl: (23) Failure writing output to destination: {error}"
                    ));
                    return Next::Exit(23);
                }
            }
        }
        if let Some(format) = format {
            cx.print(&write_out(format, status, body.len()));
        }
        Next::Exit(0)
    }
}

/// The last state of busybox wget's progress bar.
pub(super) fn progress(name: &str, size: usize) -> String {
    format!("{name:<20} 100% |********************************| {size:>5}  0:00:00 ETA")
}

pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

pub(super) fn header_pair(text: &str) -> Option<(String, String)> {
    text.split_once(':').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
}

pub(super) fn wget(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...\n\nRetrieve files via HTTP or FTP\n";
    let (mut spider, mut headers, mut body, mut plain) =
        (false, Vec::new(), None, vec![args[0].clone()]);
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        let (name, mut value) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let mut take = || value.take().or_else(|| rest.next().cloned()).unwrap_or_default();
        match name {
            "--spider" => spider = true,
            "--header" => headers.extend(header_pair(&take())),
            "--post-data" => body = Some(take()),
            "--timeout" => plain.extend(["-T".to_owned(), take()]),
            "--tries" => drop(take()),
            "--output-document" => plain.extend(["-O".to_owned(), take()]),
            "--quiet" => plain.push("-q".to_owned()),
            "--no-check-certificate" | "--no-verbose" | "-nv" => {}
            "--server-response" => plain.push("-S".to_owned()),
            _ => plain.push(arg.clone()),
        }
    }
    let options =
        Options::parse(&plain, "cqS", "OoPUTYt").map_err(|bad| cx.bad_option(&bad, usage))?;
    let Some(url) = options.operands.first().cloned() else { return Err(cx.usage(usage)) };
    let Some(target) = parse_url(&url) else {
        cx.warn(&format!("not an http or ftp url: {url}"));
        return Err(1);
    };
    let method = if body.is_some() {
        "POST"
    } else if spider {
        "HEAD"
    } else {
        "GET"
    };
    headers.push(("User-Agent".to_owned(), options.value('U').unwrap_or("Wget").to_owned()));
    let request = Request {
        proto: target.proto,
        host: target.host,
        port: target.port,
        method: method.to_owned(),
        path: target.path,
        headers,
        body: body.unwrap_or_default().into_bytes(),
    };
    let output = options.value('O').map(str::to_owned);
    let style =
        Style::Wget { quiet: options.has('q'), output, spider, show: options.has('S'), url };
    Ok(Box::new(Fetch {
        request,
        due: None,
        limit: options.value('T').and_then(duration).filter(|t| *t > 0),
        left: 5,
        style,
        again: None,
    }))
}
