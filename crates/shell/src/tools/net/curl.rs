//! `curl`: its options, its retries and its words.

use super::fetch::{Fetch, Style, header_pair, parse_url};
use super::*;

/// How often `curl` tries again.
#[derive(Clone, Debug, Default)]
pub(super) struct Retry {
    pub(super) left: u64,
    /// Pause between tries; without one it doubles from a second.
    pause: Option<Nanos>,
    next: Nanos,
    /// A refused connection is worth another try, too.
    refused: bool,
    /// Any failure is.
    all: bool,
}

impl Retry {
    /// The pause before the next try, if there is one.
    ///
    /// Models curl's `src/tool_operate.c` retrycheck.
    pub(super) fn after(&mut self, outcome: &Outcome) -> Option<Nanos> {
        let again = match outcome {
            Outcome::Http { status, .. } => {
                matches!(status, 408 | 429 | 500 | 502 | 503 | 504) || self.all && *status >= 400
            }
            Outcome::Timeout | Outcome::BadName => true,
            Outcome::Refused => self.refused || self.all,
            Outcome::Connected { .. } => false,
            _ => self.all,
        };
        if !again || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let pause = self.pause.filter(|pause| *pause > 0).unwrap_or(self.next.max(SECOND));
        self.next = (pause * 2).min(600 * SECOND);
        Some(pause)
    }
}

/// curl's exit code and message for a failed exchange.
pub(super) fn failure(failure: &Outcome, request: &Request, max: Nanos) -> (u8, String) {
    let Request { host, port, .. } = request;
    let connect = format!("Failed to connect to {host} port {port} after 0 ms:");
    match failure {
        Outcome::Refused => (7, format!("{connect} Couldn't connect to server")),
        Outcome::Unreachable => (7, format!("{connect} No route to host")),
        Outcome::Timeout => {
            (28, format!("Connection timed out after {} milliseconds", max / 1_000_000))
        }
        Outcome::BadName => (6, format!("Could not resolve host: {host}")),
        Outcome::Reset => (52, "Empty reply from server".to_owned()),
        Outcome::NotTls => (35, "error:0A00010B:SSL routines::wrong version number".to_owned()),
        _ => (56, "Recv failure: Connection reset by peer".to_owned()),
    }
}

pub(super) fn write_out(format: &str, status: u16, size: usize) -> String {
    let text = format
        .replace("%{http_code}", &format!("{status:03}"))
        .replace("%{response_code}", &format!("{status:03}"))
        .replace("%{size_download}", &size.to_string())
        .replace("%{time_total}", "0.001000");
    String::from_utf8_lossy(&super::super::escapes(&text, true).0).into_owned()
}

/// Long options with the letters that stand for them; capital letters that curl does not have are ours.
const CURL_LONG: &[(&str, &str)] = &[
    ("--silent", "-s"),
    ("--fail", "-f"),
    ("--fail-with-body", "-f"),
    ("--fail-early", "-q"),
    ("--head", "-I"),
    ("--include", "-i"),
    ("--location", "-L"),
    ("--insecure", "-k"),
    ("--verbose", "-v"),
    ("--show-error", "-S"),
    ("--output", "-o"),
    ("--remote-name", "-O"),
    ("--max-time", "-m"),
    ("--request", "-X"),
    ("--header", "-H"),
    ("--data", "-d"),
    ("--data-raw", "-d"),
    ("--data-ascii", "-d"),
    ("--data-binary", "-d"),
    ("--data-urlencode", "-d"),
    ("--json", "-d"),
    ("--form", "-F"),
    ("--upload-file", "-T"),
    ("--write-out", "-w"),
    ("--user", "-u"),
    ("--user-agent", "-A"),
    ("--connect-timeout", "-C"),
    ("--retry", "-Y"),
    ("--retry-delay", "-Z"),
    ("--retry-max-time", "-z"),
    ("--retry-connrefused", "-J"),
    ("--retry-all-errors", "-K"),
    ("--compressed", "-q"),
    ("--no-progress-meter", "-q"),
    ("--progress-bar", "-q"),
    ("--no-buffer", "-q"),
    ("--globoff", "-q"),
    ("--path-as-is", "-q"),
    ("--create-dirs", "-q"),
    ("--tlsv1.2", "-q"),
    ("--tlsv1.3", "-q"),
    ("--http1.0", "-q"),
    ("--http1.1", "-q"),
    ("--http2", "-q"),
    ("--http2-prior-knowledge", "-q"),
    ("--ipv4", "-q"),
    ("--ipv6", "-q"),
    ("--get", "-G"),
    ("--cacert", "-E"),
    ("--capath", "-E"),
    ("--cert", "-E"),
    ("--key", "-E"),
    ("--resolve", "-E"),
    ("--proto", "-E"),
    ("--proxy", "-x"),
    ("--noproxy", "-E"),
    ("--cookie", "-b"),
    ("--cookie-jar", "-c"),
    ("--referer", "-e"),
    ("--range", "-r"),
    ("--max-redirs", "-E"),
    ("--limit-rate", "-E"),
    ("--unix-socket", "-E"),
    ("--interface", "-E"),
    ("--oauth2-bearer", "-E"),
    ("--speed-limit", "-y"),
    ("--speed-time", "-y"),
    ("--url", "-U"),
];

/// Replaces long options by letters.
fn curl_letters(args: &[String]) -> Vec<String> {
    let mut plain = Vec::new();
    for arg in args {
        let (name, value) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((name, value)) => (name, Some(value)),
            None => (arg.as_str(), None),
        };
        let letter = CURL_LONG.iter().find(|(long, _)| *long == name);
        plain.push(letter.map_or_else(|| name.to_owned(), |(_, letter)| (*letter).to_owned()));
        plain.extend(value.map(str::to_owned));
    }
    plain
}

pub(super) fn curl(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    if args.iter().any(|word| word == "--version" || word == "-V") {
        cx.print("curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1\n");
        return Err(0);
    }
    let plain = curl_letters(args);
    let options = Options::parse(&plain, "sfIiLkvSqgN046OGJK#a", "omXHdwuAYbcetZzFTCExryU")
        .map_err(|bad| {
            cx.sys.warn(&format!(
                "curl: option {bad}: is unknown\ncurl: try 'curl --help' for more information"
            ));
            2
        })?;
    let url = options.operands.first().cloned().or_else(|| options.value('U').map(str::to_owned));
    let Some(url) = url else {
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
        None if options.has('G') => "GET",
        None if options.value('T').is_some() => "PUT",
        None if !body.is_empty() || options.value('F').is_some() => "POST",
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
    let max = options.value('m').or_else(|| options.value('C')).and_then(duration);
    let max = max.unwrap_or(127 * SECOND);
    let follow = if options.has('L') { 50 } else { 0 };
    let own = url.split(['?', '#']).next().and_then(|url| url.rsplit('/').next());
    let own = own.filter(|name| options.has('O') && !name.is_empty());
    let output = options.value('o').or(own).map(str::to_owned);
    let format = options.value('w').map(str::to_owned);
    let retry = Retry {
        left: options.value('Y').and_then(|text| text.parse().ok()).unwrap_or(0),
        pause: options.value('Z').and_then(duration),
        next: 0,
        refused: options.has('J'),
        all: options.has('K'),
    };
    let style = Style::Curl { flags: options.flags.clone(), output, format, max, retry };
    Ok(Box::new(Fetch { request, due: None, limit: Some(max), left: follow, style, again: None }))
}
