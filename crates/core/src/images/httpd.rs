//! Apache httpd: it reads its configuration at its start and serves by it, as far as ports, files, redirects, error
//! pages and proxies go.

use super::program::Spec;
use super::served::Served;
use super::start::{Start, behaviour, done, said};
use super::unknown;
use crate::network::{Answer, Exchange};
use crate::runtime::PodHost;
use podplay_shell::{Behaviour, InUse, Signal, Userland};

/// What an httpd serves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    listens: Vec<u16>,
    hosts: Vec<Host>,
    named: bool,
    log: Option<String>,
}

/// The main server, or a `<VirtualHost>`.
#[derive(Clone, Debug, Default)]
struct Host {
    port: Option<u16>,
    names: Vec<String>,
    root: String,
    /// Directives that decide an answer.
    rules: Vec<Vec<String>>,
}

/// Starts `httpd`, `httpd-foreground`, `apache2-foreground` or `httpd -t`.
pub(crate) fn start(start: &mut Start<'_, '_>, spec: &Spec) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let main = start.flag("-f").map(str::to_owned);
    let main = main.or_else(|| spec.more.get("config").cloned());
    let main = main.unwrap_or_else(|| "/usr/local/apache2/conf/httpd.conf".to_owned());
    if args.iter().any(|word| word == "-v") {
        return said("Server version: Apache/2.4.65 (Unix)", "", 0);
    }
    if let Some(signal) = start.flag("-k").map(str::to_owned) {
        let found = start.own.processes().into_iter().find(|found| {
            found
                .argv
                .first()
                .is_some_and(|word| word.contains("httpd") || word.contains("apache2"))
        });
        let signal = match signal.as_str() {
            "stop" => Signal::TERM,
            "graceful-stop" => Signal::WINCH,
            _ => Signal::USR1,
        };
        if let Some(pid) = found.map(|found| found.pid) {
            start.own.kill(pid, signal);
        }
        return done(0);
    }
    let dir = main.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
    if start.configured_elsewhere(&[&dir, &main, "/etc/apache2"]) {
        let test = args.iter().any(|word| word == "-t");
        return if test { done(0) } else { start.listening() };
    }
    let mut config = Config::default();
    let mut host =
        Host { root: spec.more.get("root").cloned().unwrap_or_default(), ..Host::default() };
    if let Err(error) = read(start, &main, &mut config, &mut host, 0) {
        return said("", &error, 1);
    }
    config.hosts.push(host);
    if args.iter().any(|word| word == "-t") {
        return said("", "Syntax OK", 0);
    }
    if let Some(failed) = start.refused(spec) {
        return failed;
    }
    if config.listens.is_empty() {
        return said(
            "",
            "(2)No such file or directory: no listening sockets available, shutting down\nAH00015: Unable to open logs",
            1,
        );
    }
    serve(start, config, spec)
}

fn serve(start: &mut Start<'_, '_>, config: Config, spec: &Spec) -> Behaviour {
    let ports = config.listens.clone();
    let mut lines = Vec::new();
    if !config.named {
        let line = "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {ip}. Set the 'ServerName' directive globally to suppress this message";
        lines.push((0, start.fill(line)));
        lines.push((0, start.fill(line)));
    }
    lines.push((
        spec.ready,
        "AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations".to_owned(),
    ));
    lines.push((spec.ready, "AH00094: Command line: 'httpd -D FOREGROUND'".to_owned()));
    let host_network = start
        .host
        .world
        .workers
        .get(&start.host.uid)
        .is_some_and(|worker| worker.pod.spec.host_network);
    if host_network
        && start.call.uid != 0
        && let Some(port) = ports.iter().find(|port| **port < 1024)
    {
        return said(
            "",
            &format!(
                "(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:{port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs"
            ),
            1,
        );
    }
    let in_use = InUse {
        errors: [
            "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:{port}",
            "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:{port}",
            "no listening sockets available, shutting down",
            "AH00015: Unable to open logs",
        ]
        .map(|line| (0, line.to_owned()))
        .to_vec(),
        after: 20_000_000,
        code: 1,
    };
    let tag = start.serve("httpd", Served::Httpd(Box::new(config)));
    Behaviour {
        listen_after: spec.ready,
        errors: lines,
        on_signal: [Signal::TERM, Signal::WINCH, Signal::INT].map(|signal| (signal, 0, 0)).to_vec(),
        ignores: vec![Signal::USR1, Signal::HUP],
        in_use: Some(in_use),
        title: "httpd -DFOREGROUND".to_owned(),
        workers: vec!["httpd -DFOREGROUND".to_owned(); 3],
        ..behaviour(&tag, ports)
    }
}

/// Reads a file; the error is Apache's.
fn read(
    start: &Start<'_, '_>,
    path: &str,
    config: &mut Config,
    host: &mut Host,
    depth: u32,
) -> Result<(), String> {
    let Some(text) = start.read(path) else {
        return Err(format!(
            "httpd: Could not open configuration file {path}: No such file or directory"
        ));
    };
    let mut sections: Vec<String> = Vec::new();
    let mut inner: Option<Host> = None;
    let mut lines = text.lines().enumerate();
    while let Some((n, line)) = lines.next() {
        let wrong =
            |said: &str| Err(format!("AH00526: Syntax error on line {} of {path}:\n{said}", n + 1));
        let mut line = line.trim().to_owned();
        while line.ends_with('\\') {
            line.pop();
            line += lines.next().map_or("", |(_, more)| more.trim());
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix("</") {
            let name = name.trim_end_matches('>').to_owned();
            match sections.pop() {
                Some(open) if open.eq_ignore_ascii_case(&name) => {}
                Some(open) => return wrong(&format!("Expected </{open}> but saw </{name}>")),
                None => return wrong(&format!("</{name}> without matching <{name}> section")),
            }
            if name.eq_ignore_ascii_case("VirtualHost") {
                config.hosts.extend(inner.take());
            }
            continue;
        }
        if let Some(open) = line.strip_prefix('<') {
            let Some(open) = open.strip_suffix('>') else {
                let name = open.split_whitespace().next().unwrap_or(open);
                return wrong(&format!("<{name}> directive missing closing '>'"));
            };
            let mut words = super::databases::words(open).into_iter();
            let name = words.next().unwrap_or_default();
            if name.eq_ignore_ascii_case("VirtualHost") {
                let port = words.next().and_then(|place| place.rsplit(':').next()?.parse().ok());
                inner = Some(Host { port, root: host.root.clone(), ..Host::default() });
            }
            sections.push(name);
            continue;
        }
        let words = super::databases::words(&line);
        let to = inner.as_mut().unwrap_or(host);
        let within = sections.iter().any(|name| {
            !name.eq_ignore_ascii_case("VirtualHost")
                && !name.eq_ignore_ascii_case("IfModule")
                && !name.eq_ignore_ascii_case("IfDefine")
        });
        if let Err(said) = directive(start, &words, config, to, within, depth) {
            return match said.strip_prefix('!') {
                Some(whole) => Err(whole.to_owned()),
                None => wrong(&said),
            };
        }
    }
    match sections.pop() {
        Some(open) => Err(format!(
            "AH00526: Syntax error on line {} of {path}:\n<{open}> was not closed.",
            text.lines().count() + 1
        )),
        None => Ok(()),
    }
}

/// One directive; an error that begins with `!` is a whole message of its own.
fn directive(
    start: &Start<'_, '_>,
    words: &[String],
    config: &mut Config,
    host: &mut Host,
    within: bool,
    depth: u32,
) -> Result<(), String> {
    let name = words[0].to_lowercase();
    let value = words.get(1).cloned().unwrap_or_default();
    match name.as_str() {
        "listen" => {
            let port = value.rsplit(':').next().and_then(|port| port.parse().ok());
            match port {
                Some(port) if !config.listens.contains(&port) => config.listens.push(port),
                Some(_) => {}
                None => return Err("Port must be specified".into()),
            }
        }
        "servername" => {
            config.named = true;
            host.names.push(value.split(':').next().unwrap_or(&value).to_owned());
        }
        "serveralias" => host.names.extend(words[1..].iter().cloned()),
        "documentroot" => {
            if start.own.fs().exists(&start.host.volumes, &value) != Some(true) {
                return Err(format!(
                    "DocumentRoot '{value}' is not a directory, or is not readable"
                ));
            }
            host.root = value;
        }
        "errorlog"
            if value.starts_with('/')
                && !value.starts_with("/proc/")
                && !value.starts_with("/dev/") =>
        {
            config.log = Some(value);
        }
        "include" | "includeoptional" => {
            let path = if value.starts_with('/') {
                value.clone()
            } else {
                format!("/usr/local/apache2/{value}")
            };
            return include(start, &path, name == "include", config, host, depth);
        }
        _ if KNOWN.split_whitespace().any(|known| known == name) => {
            if !within || name == "proxypass" {
                host.rules.push(std::iter::once(name).chain(words[1..].iter().cloned()).collect());
            }
        }
        _ => {
            return Err(format!(
                "Invalid command '{}', perhaps misspelled or defined by a module not included in the server configuration",
                words[0]
            ));
        }
    }
    Ok(())
}

fn include(
    start: &Start<'_, '_>,
    path: &str,
    must: bool,
    config: &mut Config,
    host: &mut Host,
    depth: u32,
) -> Result<(), String> {
    if depth > 8 {
        return Ok(());
    }
    let (dir, pattern) = path.rsplit_once('/').unwrap_or(("", path));
    let whole = |error: String| format!("!{error}");
    let Some((head, tail)) = pattern.split_once('*') else {
        if start.read(path).is_none() {
            return if must {
                Err(format!("Could not open configuration file {path}: No such file or directory"))
            } else {
                Ok(())
            };
        }
        return read(start, path, config, host, depth + 1).map_err(whole);
    };
    let names = start.own.fs().list(&start.host.volumes, dir).unwrap_or_default();
    for name in names
        .iter()
        .filter(|name| !name.starts_with('.') && name.starts_with(head) && name.ends_with(tail))
    {
        read(start, &format!("{dir}/{name}"), config, host, depth + 1).map_err(whole)?;
    }
    Ok(())
}

pub(crate) fn answer(
    config: &Config,
    process: &mut Userland,
    host: &mut PodHost<'_>,
    port: u16,
    what: &Exchange<'_>,
) -> Answer {
    if what.scheme == "https" && port != 443 {
        return Answer::NotTls;
    }
    let name = what.header("host").unwrap_or(what.host);
    let name = name.split(':').next().unwrap_or(name);
    let fits = |host: &&Host| host.port.is_none_or(|own| own == port);
    let virtual_hosts = || config.hosts.iter().filter(|host| host.port.is_some()).filter(fits);
    let chosen = virtual_hosts().find(|host| host.names.iter().any(|own| own == name));
    let Some(own) = chosen.or_else(|| virtual_hosts().next()).or(config.hosts.last()) else {
        return page(500);
    };
    let path = what.path.split(['?', '#']).next().unwrap_or("/");
    for words in &own.rules {
        if let Some(said) = by_rule(words, path, process, host, what) {
            return said;
        }
    }
    let said = file(own, path, process, host, what);
    let Answer::Http { status, .. } = said else { return said };
    let document = own.rules.iter().find(|words| {
        words[0] == "errordocument" && words.get(1).is_some_and(|code| code.parse() == Ok(status))
    });
    match document.and_then(|words| words.get(2)) {
        Some(target) if target.starts_with('/') => match file(own, target, process, host, what) {
            Answer::Http { after, status: 200, headers, body } => {
                Answer::Http { after, status, headers, body }
            }
            _ => said,
        },
        Some(target) if target.starts_with("http") => {
            Answer::http(302, "").with("Location", target.clone())
        }
        Some(text) => Answer::http(status, text.clone()),
        None => said,
    }
}

/// `Redirect`, `RedirectMatch`, `ProxyPass`.
fn by_rule(
    words: &[String],
    path: &str,
    process: &mut Userland,
    host: &mut PodHost<'_>,
    what: &Exchange<'_>,
) -> Option<Answer> {
    match words[0].as_str() {
        "redirect" => {
            let (code, from, to) = match words {
                [_, from, to] => (302, from, to),
                [_, code, from, to] => {
                    let code = match code.as_str() {
                        "permanent" => 301,
                        "temp" => 302,
                        "seeother" => 303,
                        other => other.parse().unwrap_or(302),
                    };
                    (code, from, to)
                }
                _ => return None,
            };
            let rest = path.strip_prefix(from.as_str())?;
            Some(Answer::http(code, "").with("Location", format!("{to}{rest}")))
        }
        "proxypass" => {
            let (from, to) = (words.get(1)?, words.get(2)?);
            let rest = path.strip_prefix(from.as_str())?;
            if to == "!" {
                return None;
            }
            let (scheme, place) = to.split_once("://")?;
            let (authority, base) = place.split_at(place.find('/').unwrap_or(place.len()));
            let (name, port) = authority.split_once(':').unwrap_or((authority, "80"));
            let Some(address) = super::nginx::lookup(host, process, name) else {
                return Some(page(502));
            };
            let passed = format!("{base}{rest}");
            let onward = Exchange {
                host: &address,
                port: port.parse().ok()?,
                path: &passed,
                scheme,
                depth: what.depth + 1,
                ..*what
            };
            Some(match host.exchange(process, &onward) {
                answer @ Answer::Http { .. } => answer,
                _ => page(503),
            })
        }
        _ => None,
    }
}

fn file(
    own: &Host,
    path: &str,
    process: &Userland,
    host: &PodHost<'_>,
    what: &Exchange<'_>,
) -> Answer {
    let alias = own
        .rules
        .iter()
        .find(|words| words[0] == "alias" && words.len() > 2 && path.starts_with(&words[1]));
    let mut full = match alias {
        Some(words) => format!("{}{}", words[2], &path[words[1].len()..]),
        None => format!("{}{path}", own.root.trim_end_matches('/')),
    };
    if !matches!(what.method, "GET" | "HEAD" | "POST") {
        return page(405);
    }
    if process.fs().exists(&host.volumes, &full) == Some(true) {
        let index = format!("{}/index.html", full.trim_end_matches('/'));
        if process.fs().exists(&host.volumes, &index) != Some(false) {
            if unknown::may_be_filled(host.world, host.uid, host.ix, &full) {
                return Answer::http(200, "");
            }
            return page(403);
        }
        full = index;
    }
    match process.fs().read_file(&host.volumes, &full, 1 << 22) {
        Ok(bytes) => Answer::http(200, String::from_utf8_lossy(&bytes).into_owned())
            .with("Server", "Apache/2.4.65 (Unix)"),
        Err(_) if unknown::may_be_filled(host.world, host.uid, host.ix, &full) => {
            Answer::http(200, "")
        }
        Err(_) => page(404),
    }
}

fn page(status: u16) -> Answer {
    let (title, text) = match status {
        403 => ("Forbidden", "You don't have permission to access this resource."),
        404 => ("Not Found", "The requested URL was not found on this server."),
        405 => ("Method Not Allowed", "The requested method is not allowed for this URL."),
        502 => ("Proxy Error", "The proxy server could not handle the request"),
        503 => ("Service Unavailable", "The server is temporarily unable to service your request."),
        _ => ("Internal Server Error", "The server encountered an internal error."),
    };
    Answer::http(status, format!("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {title}</title>\n</head><body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"))
        .with("Server", "Apache/2.4.65 (Unix)")
}

/// Directives that Apache's usual modules know.
const KNOWN: &str = "acceptfilter acceptpathinfo accessfilename action addcharset adddefaultcharset adddescription \
addencoding addhandler addicon addiconbyencoding addiconbytype addlanguage addoutputfilter addoutputfilterbytype \
addtype alias aliasmatch allow allowencodedslashes allowoverride authname authtype authuserfile browsermatch \
cachedisable cacheenable cacheroot charsetdefault contentdigest customlog defaulticon defaultlanguage defaulttype define deflatecompressionlevel \
deny directoryindex directoryslash documentroot enablemmap enablesendfile errordocument errorlog errorlogformat expiresactive \
expiresbytype expiresdefault extendedstatus fallbackresource fileetag forcelanguagepriority group header headername \
hostnamelookups indexignore indexoptions keepalive keepalivetimeout languagepriority limitrequestbody \
limitrequestfieldsize loadmodule logformat loglevel maxconnectionsperchild maxkeepaliverequests maxrequestworkers \
maxsparethreads mimemagicfile minsparethreads mutex options order passenv php_admin_value php_value php_flag \
php_admin_flag pidfile protocols proxyaddheaders proxypass proxypassmatch proxypassreverse proxypreservehost \
proxyrequests proxytimeout proxyvia readmename redirect redirectmatch remoteipheader remoteipinternalproxy \
requestheader require rewritebase rewritecond rewriteengine rewritemap rewriteoptions rewriterule satisfy scriptalias \
serveradmin serverlimit serverroot serversignature servertokens setenv setenvif setenvifnocase sethandler \
setoutputfilter sslcacertificatefile sslcertificatefile sslcertificatekeyfile sslciphersuite sslengine sslhonorcipherorder \
sslprotocol sslproxyengine sslrandomseed sslsessioncache sslsessioncachetimeout sslsessiontickets startservers \
startthreads threadlimit threadsperchild timeout traceenable typesconfig undefine unsetenv usecanonicalname user userdir";
