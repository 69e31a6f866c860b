//! The network: `nslookup`, `wget`, `curl`, `nc`, `ping`, `httpd`, `netstat`.

use super::{Cx, Next, Options, Start, Tool, duration};
use crate::kernel::{Io, OpenMode, Served, Wait};
use crate::rope::Rope;
use crate::{Lookup, Nanos, Outcome, Proto, Reply, Request, SECOND};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("nslookup", Start::Run(nslookup)),
    ("wget", Start::Run(wget)),
    ("curl", Start::Run(curl)),
    ("nc", Start::Run(nc)),
    ("telnet", Start::Run(nc)),
    ("ping", Start::Run(ping)),
    ("httpd", Start::Run(httpd)),
    ("netstat", Start::Now(netstat)),
    ("ifconfig", Start::Now(ifconfig)),
    ("ip", Start::Now(ifconfig)),
];

type Begun = Result<Box<dyn Tool>, u8>;

macro_rules! boxed {
    () => {
        fn boxed(&self) -> Box<dyn Tool> {
            Box::new(self.clone())
        }
    };
}

/// Ends with a text and a status at a time.
#[derive(Clone, Debug)]
struct Later {
    at: Nanos,
    out: String,
    err: String,
    status: u8,
}

impl Tool for Later {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if cx.sys.now() < self.at {
            return Next::Wait(Wait::Until(self.at));
        }
        if !self.err.is_empty() {
            cx.sys.warn(&self.err);
        }
        cx.print(&self.out);
        Next::Exit(self.status)
    }

    boxed!();
}

fn name_server(cx: &mut Cx<'_, '_>) -> String {
    let text = cx.sys.read_all("/etc/resolv.conf").map(|d| d.to_vec()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("nameserver"));
    line.map_or_else(|| "127.0.0.1".to_owned(), |s| s.trim().to_owned())
}

fn nslookup(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let words: Vec<&String> = args[1..].iter().filter(|a| !a.starts_with('-')).collect();
    let Some(name) = words.first() else {
        return Err(
            cx.usage("[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n")
        );
    };
    let server = match words.get(1) {
        Some(server) => (*server).clone(),
        None => name_server(cx),
    };
    let mut later = Later { at: cx.sys.now(), out: String::new(), err: String::new(), status: 0 };
    let head = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
    // DNS only: the hosts file does not count here.
    match cx.sys.host.resolve(name) {
        Lookup::Addresses { name: full, addresses } => {
            later.out = head;
            for address in &addresses {
                later.out += &format!("Name:\t{full}\nAddress: {address}\n");
            }
            // The answer to the AAAA query is empty.
            later.out += "\n\n";
        }
        Lookup::NxDomain => {
            later.out =
                format!("{head}{}", format!("** server can't find {name}: NXDOMAIN\n\n").repeat(2));
            later.status = 1;
        }
        Lookup::Timeout => {
            later.at = cx.sys.after(10 * SECOND);
            later.out = ";; connection timed out; no servers could be reached\n\n".to_owned();
            later.status = 1;
        }
    }
    Ok(Box::new(later))
}

/// A request that is under way.
#[derive(Clone, Debug)]
struct Fetch {
    request: Request,
    /// When the outcome is known; `None`: not yet sent.
    due: Option<(Nanos, Reply)>,
    limit: Option<Nanos>,
    left: u32,
    style: Style,
}

#[derive(Clone, Debug)]
enum Style {
    Wget { quiet: bool, output: Option<String>, spider: bool, show: bool, url: String },
    Curl { flags: String, output: Option<String>, format: Option<String>, max: Nanos },
}

struct Url {
    proto: Proto,
    host: String,
    port: u16,
    path: String,
}

fn parse_url(text: &str) -> Option<Url> {
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

fn address_of(cx: &mut Cx<'_, '_>, host: &str) -> String {
    match cx.sys.resolve(host) {
        Lookup::Addresses { addresses, .. } => addresses.into_iter().next().unwrap_or_default(),
        _ => host.to_owned(),
    }
}

impl Fetch {
    fn send(&mut self, cx: &mut Cx<'_, '_>) {
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
        let Some((at, reply)) = &self.due else {
            self.send(cx);
            return Next::Again;
        };
        if cx.sys.now() < *at {
            return Next::Wait(Wait::Until(*at));
        }
        let outcome = reply.outcome.clone();
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

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone())
}

impl Fetch {
    fn redirect(&mut self, target: &str) -> Next {
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

    fn wget_end(&self, cx: &mut Cx<'_, '_>, outcome: Outcome) -> Next {
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

    fn save(
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

    fn curl_end(&self, cx: &mut Cx<'_, '_>, outcome: Outcome) -> Next {
        let Style::Curl { flags, output, format, max, .. } = &self.style else {
            return Next::Exit(1);
        };
        let Request { host, port, .. } = &self.request;
        let quiet = flags.contains('s') && !flags.contains('S');
        let (status, headers, body) = match outcome {
            Outcome::Http { status, headers, body } => (status, headers, body),
            failure => {
                let ms = max / 1_000_000;
                let (code, text) = match failure {
                    Outcome::Refused => (
                        7,
                        format!(
                            "Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"
                        ),
                    ),
                    Outcome::Unreachable => (
                        7,
                        format!(
                            "Failed to connect to {host} port {port} after 0 ms: No route to host"
                        ),
                    ),
                    Outcome::Timeout => {
                        (28, format!("Connection timed out after {ms} milliseconds"))
                    }
                    Outcome::BadName => (6, format!("Could not resolve host: {host}")),
                    Outcome::Reset => (52, "Empty reply from server".to_owned()),
                    _ => (56, "Recv failure: Connection reset by peer".to_owned()),
                };
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

fn write_out(format: &str, status: u16, size: usize) -> String {
    let text = format
        .replace("%{http_code}", &format!("{status:03}"))
        .replace("%{response_code}", &format!("{status:03}"))
        .replace("%{size_download}", &size.to_string())
        .replace("%{time_total}", "0.001000");
    String::from_utf8_lossy(&super::escapes(&text, true).0).into_owned()
}

/// The last state of busybox wget's progress bar.
fn progress(name: &str, size: usize) -> String {
    format!("{name:<20} 100% |********************************| {size:>5}  0:00:00 ETA")
}

fn reason(status: u16) -> &'static str {
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

fn header_pair(text: &str) -> Option<(String, String)> {
    text.split_once(':').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
}

fn wget(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
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
    }))
}

fn curl(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let long = [
        ("--silent", "-s"),
        ("--fail", "-f"),
        ("--head", "-I"),
        ("--include", "-i"),
        ("--location", "-L"),
        ("--insecure", "-k"),
        ("--verbose", "-v"),
        ("--show-error", "-S"),
        ("--output", "-o"),
        ("--max-time", "-m"),
        ("--request", "-X"),
        ("--header", "-H"),
        ("--data", "-d"),
        ("--data-raw", "-d"),
        ("--write-out", "-w"),
        ("--user", "-u"),
        ("--user-agent", "-A"),
        ("--connect-timeout", "-m"),
        ("--retry", "-Y"),
        ("--retry-delay", "-Y"),
        ("--compressed", "-q"),
        ("--http1.1", "-q"),
    ];
    let mut plain = Vec::new();
    for arg in args {
        let (name, value) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((name, value)) => (name, Some(value)),
            None => (arg.as_str(), None),
        };
        plain.push(
            long.iter()
                .find(|(l, _)| *l == name)
                .map_or_else(|| name.to_owned(), |(_, s)| (*s).to_owned()),
        );
        plain.extend(value.map(str::to_owned));
    }
    let options = Options::parse(&plain, "sfIiLkvSqgN046", "omXHdwuAYbcet").map_err(|bad| {
        cx.sys.warn(&format!(
            "curl: option {bad}: is unknown\ncurl: try 'curl --help' for more information"
        ));
        2
    })?;
    let Some(url) = options.operands.first().cloned() else {
        cx.sys.warn("curl: try 'curl --help' or 'curl --manual' for more information");
        return Err(2);
    };
    let Some(target) = parse_url(&url) else {
        cx.sys.warn(&format!(
            "curl: (1) Protocol \"{}\" not supported",
            url.split(':').next().unwrap_or("")
        ));
        return Err(1);
    };
    let body: Vec<&str> =
        options.values.iter().filter(|(o, _)| *o == 'd').map(|(_, v)| v.as_str()).collect();
    let method = match options.value('X') {
        Some(method) => method,
        None if options.has('I') => "HEAD",
        None if !body.is_empty() => "POST",
        None => "GET",
    };
    let headers = options
        .values
        .iter()
        .filter(|(o, _)| *o == 'H')
        .filter_map(|(_, v)| header_pair(v))
        .collect();
    let request = Request {
        proto: target.proto,
        host: target.host,
        port: target.port,
        method: method.to_owned(),
        path: target.path,
        headers,
        body: body.join("&").into_bytes(),
    };
    let max = options.value('m').and_then(duration).unwrap_or(127 * SECOND);
    let follow = if options.has('L') { 50 } else { 0 };
    let output = options.value('o').map(str::to_owned);
    let format = options.value('w').map(str::to_owned);
    let style = Style::Curl { flags: options.flags.clone(), output, format, max };
    Ok(Box::new(Fetch { request, due: None, limit: Some(max), left: follow, style }))
}

/// `nc` as a client: sends what it reads, prints what comes back.
#[derive(Clone, Debug)]
struct Client {
    request: Request,
    scan: bool,
    verbose: bool,
    limit: Option<Nanos>,
    sent: bool,
    due: Option<(Nanos, Reply)>,
}

impl Tool for Client {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if !self.sent && !self.scan {
            match cx.sys.read(0, 65_536) {
                Io::Ready(data) if data.is_empty() => self.sent = true,
                Io::Ready(data) => {
                    self.request.body.extend(data.to_vec());
                    // A request line is answered without waiting for the end of the input.
                    self.sent = self.request.body.ends_with(b"\n\n")
                        || self.request.body.ends_with(b"\r\n\r\n");
                    return Next::Again;
                }
                Io::Block(wait) if self.request.body.is_empty() => return Next::Wait(wait),
                _ => self.sent = true,
            }
        }
        let Some((at, reply)) = self.due.clone() else {
            self.connect(cx);
            return Next::Again;
        };
        if cx.sys.now() < at {
            return Next::Wait(Wait::Until(at));
        }
        let Request { host, port, .. } = &self.request;
        let address = address_of(cx, host);
        match reply.outcome {
            Outcome::Connected { bytes } => {
                if self.verbose {
                    cx.sys.warn(&format!("{host} ({address}:{port}) open"));
                }
                if !self.scan {
                    cx.write(&bytes);
                }
                Next::Exit(0)
            }
            Outcome::Http { body, .. } => {
                if self.verbose {
                    cx.sys.warn(&format!("{host} ({address}:{port}) open"));
                }
                if !self.scan {
                    cx.write(&body);
                }
                Next::Exit(0)
            }
            Outcome::BadName => {
                cx.warn(&format!("bad address '{host}'"));
                Next::Exit(1)
            }
            Outcome::Reset => Next::Exit(0),
            Outcome::Timeout => {
                cx.warn(if self.limit.is_some() {
                    "timed out"
                } else {
                    "can't connect to remote host: Connection timed out"
                });
                Next::Exit(1)
            }
            failure => {
                if self.verbose || !self.scan {
                    let what = if failure == Outcome::Refused {
                        "Connection refused"
                    } else {
                        "No route to host"
                    };
                    cx.warn(&format!("can't connect to remote host ({address}): {what}"));
                }
                Next::Exit(1)
            }
        }
    }

    boxed!();
}

impl Client {
    fn connect(&mut self, cx: &mut Cx<'_, '_>) {
        let reply = match cx.sys.resolve(&self.request.host) {
            Lookup::NxDomain | Lookup::Timeout => Reply { after: 0, outcome: Outcome::BadName },
            Lookup::Addresses { .. } => cx.sys.request(&self.request),
        };
        let limit = self.limit.unwrap_or(127 * SECOND);
        let late = reply.after > limit || reply.outcome == Outcome::Timeout;
        let reply = if late { Reply { after: limit, outcome: Outcome::Timeout } } else { reply };
        let at = cx.sys.after(reply.after);
        self.due = Some((at, reply));
    }
}

/// `nc -l`: one connection (or, with `-k` or `-lk`, many), answered from standard input or a program.
#[derive(Clone, Debug)]
struct Server {
    port: u16,
    program: Option<Vec<String>>,
    again: bool,
    /// A program that answers, the pipe with its output, and what it said.
    child: Option<(u32, u32)>,
}

impl Server {
    fn accept(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let Some(connection) = cx.sys.connection(self.port).filter(|c| !c.taken) else {
            return Next::Wait(Wait::Forever);
        };
        connection.taken = true;
        let incoming = std::mem::take(&mut connection.incoming);
        if let Some(program) = self.program.clone() {
            return self.answer(cx, &program, incoming);
        }
        let answer = match cx.sys.read(0, 1 << 20) {
            Io::Ready(data) => data.to_vec(),
            _ => Vec::new(),
        };
        if let Some(connection) = cx.sys.connection(self.port) {
            connection.outgoing = answer;
            connection.closed = true;
        }
        cx.out.append(&incoming);
        if self.again { Next::Again } else { Next::Exit(0) }
    }

    fn answer(&mut self, cx: &mut Cx<'_, '_>, program: &[String], incoming: Rope) -> Next {
        let env = cx.sys.proc().env.clone();
        let path = env.get("PATH").cloned().unwrap_or_default();
        let Ok(loaded) = cx.sys.load(program, &env, &path) else {
            cx.warn(&format!("can't execute '{}': No such file or directory", program[0]));
            return Next::Exit(127);
        };
        let (read, write) = cx.sys.u.new_pipe();
        let stdin = cx.sys.static_desc(incoming);
        let Some(child) = cx.sys.fork(loaded, program.into(), Some(env)) else {
            return Next::Exit(1);
        };
        cx.sys.child_install(child, 0, stdin);
        cx.sys.child_install(child, 1, write);
        let fd = cx.sys.install_from(3, read);
        self.child = Some((child, fd));
        Next::Again
    }
}

impl Tool for Server {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let Some((child, fd)) = self.child else { return self.accept(cx) };
        match cx.sys.read(fd, 65_536) {
            Io::Ready(data) if !data.is_empty() => {
                if let Some(connection) = cx.sys.connection(self.port) {
                    connection.outgoing.extend(data.to_vec());
                }
                Next::Again
            }
            Io::Block(wait) => Next::Wait(wait),
            _ => {
                if cx.sys.reap(child).is_none() {
                    return Next::Wait(Wait::Child);
                }
                cx.sys.close(fd);
                self.child = None;
                if self.again { Next::Again } else { Next::Exit(0) }
            }
        }
    }

    boxed!();
}

fn nc(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]\n\nOpen a pipe to IP:PORT or FILE\n";
    let split = args.iter().position(|a| {
        a == "-e" || (a.starts_with('-') && a.ends_with('e') && !a.starts_with("--"))
    });
    let (head, program) = match split {
        Some(at) => {
            let mut head = args[..at].to_vec();
            let letters = args[at].trim_end_matches('e');
            if letters.len() > 1 {
                head.push(letters.to_owned());
            }
            (head, Some(args[at + 1..].to_vec()).filter(|p| !p.is_empty()))
        }
        None => (args.to_vec(), None),
    };
    let options =
        Options::parse(&head, "lzvkuntN46", "pwisq").map_err(|bad| cx.bad_option(&bad, usage))?;
    let port_of = |text: Option<&String>| text.and_then(|t| t.parse::<u16>().ok());
    if options.has('l') {
        let own = options.value('p').map(str::to_owned);
        let port = port_of(own.as_ref()).or_else(|| port_of(options.operands.last()));
        let Some(port) = port else { return Err(cx.usage(usage)) };
        if !cx.sys.listen(port, "nc", Served::Raw) {
            cx.warn("bind: Address already in use");
            return Err(1);
        }
        return Ok(Box::new(Server { port, program, again: options.has('k'), child: None }));
    }
    let (Some(host), Some(port)) = (
        options.operands.first(),
        port_of(options.operands.get(1)).or(if cx.name == "telnet" { Some(23) } else { None }),
    ) else {
        return Err(cx.usage(usage));
    };
    let request = Request {
        proto: Proto::Tcp,
        host: host.clone(),
        port,
        method: String::new(),
        path: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let limit = options.value('w').and_then(duration).filter(|t| *t > 0);
    Ok(Box::new(Client {
        request,
        scan: options.has('z'),
        verbose: options.has('v'),
        limit,
        sent: false,
        due: None,
    }))
}

#[derive(Clone, Debug)]
struct Ping {
    host: String,
    address: String,
    count: u64,
    done: u64,
    next: Nanos,
    interval: Nanos,
    quiet: bool,
}

impl Tool for Ping {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if cx.sys.now() < self.next {
            return Next::Wait(Wait::Until(self.next));
        }
        if self.done == 0 {
            cx.print(&format!("PING {} ({}): 56 data bytes\n", self.host, self.address));
        }
        if !self.quiet {
            cx.print(&format!(
                "64 bytes from {}: seq={} ttl=64 time=0.060 ms\n",
                self.address, self.done
            ));
        }
        self.done += 1;
        if self.done >= self.count {
            cx.print(&format!(
                "\n--- {} ping statistics ---\n{n} packets transmitted, {n} packets received, 0% packet loss\nround-trip min/avg/max = 0.060/0.060/0.060 ms\n",
                self.host, n = self.done
            ));
            return Next::Exit(0);
        }
        let interval = self.interval;
        self.next = cx.sys.after(interval);
        Next::Again
    }

    boxed!();
}

fn ping(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "q46", "ciwWsIt")
        .map_err(|bad| cx.bad_option(&bad, "[OPTIONS] HOST\n"))?;
    let Some(host) = options.operands.first().cloned() else {
        return Err(cx.usage("[OPTIONS] HOST\n\nSend ICMP ECHO_REQUESTs to HOST\n"));
    };
    let Lookup::Addresses { addresses, .. } = cx.sys.resolve(&host) else {
        cx.warn(&format!("bad address '{host}'"));
        return Err(1);
    };
    let count = options.value('c').and_then(|c| c.parse().ok()).unwrap_or(u64::MAX);
    let interval = options.value('i').and_then(duration).unwrap_or(SECOND).max(2_000_000);
    let address = addresses.into_iter().next().unwrap_or_default();
    Ok(Box::new(Ping { host, address, count, done: 0, next: 0, interval, quiet: options.has('q') }))
}

/// `httpd`: serves files until it is stopped.
#[derive(Clone, Debug)]
struct Httpd;

impl Tool for Httpd {
    fn step(&mut self, _: &mut Cx<'_, '_>) -> Next {
        Next::Wait(Wait::Forever)
    }

    boxed!();
}

fn httpd(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "ifv", "pucrhdme").map_err(|bad| {
        cx.bad_option(
            &bad,
            "[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]\n",
        )
    })?;
    let port = options.value('p').and_then(|p| p.rsplit(':').next()).unwrap_or("80");
    let Ok(port) = port.parse::<u16>() else {
        cx.warn(&format!("bad port '{port}'"));
        return Err(1);
    };
    let root = cx.sys.absolute(options.value('h').unwrap_or("."));
    if cx.sys.stat(&root, true).is_err() {
        cx.warn(&format!("can't change directory to '{root}': No such file or directory"));
        return Err(1);
    }
    if options.has('f') {
        if !cx.sys.listen(port, "httpd", Served::Files(root.into())) {
            cx.warn("bind: Address already in use");
            return Err(1);
        }
        return Ok(Box::new(Httpd));
    }
    // Without -f it goes to the background: a child serves, the parent ends.
    let mut argv = args.to_vec();
    argv.insert(1, "-f".to_owned());
    let env = cx.sys.proc().env.clone();
    let path = env.get("PATH").cloned().unwrap_or_default();
    let Ok(program) = cx.sys.load(&argv, &env, &path) else { return Err(1) };
    cx.sys.fork(program, argv.into(), None);
    Err(0)
}

fn netstat(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n");
    for port in cx.sys.u.ports.keys().copied().collect::<Vec<_>>() {
        cx.print(&format!(
            "tcp        0      0 {:<23} 0.0.0.0:*               LISTEN      \n",
            format!("0.0.0.0:{port}")
        ));
    }
    0
}

fn ifconfig(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let host = cx.sys.u.setup.hostname.clone();
    let address = match cx.sys.resolve(&host) {
        Lookup::Addresses { addresses, .. } => addresses.into_iter().next().unwrap_or_default(),
        _ => "127.0.0.1".to_owned(),
    };
    if cx.name == "ip" {
        cx.print(&format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    inet 127.0.0.1/8 scope host lo\n2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue\n    inet {address}/24 scope global eth0\n"
        ));
    } else {
        cx.print(&format!(
            "eth0      Link encap:Ethernet  HWaddr 0A:58:0A:F4:00:05\n          inet addr:{address}  Bcast:10.244.0.255  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metric:1\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n"
        ));
    }
    0
}
