//! nginx: it reads its configuration at its start, says what is wrong with it, and serves by it.

mod config;
mod pattern;
mod serve;
mod tokens;

pub(crate) use config::Config;
pub(crate) use serve::{answer, lookup};

use super::program::Spec;
use super::served::Served;
use super::start::{Start, behaviour, done};
use config::Reader;
use podplay_shell::{Behaviour, InUse, Signal};

/// It tries to bind so often, with pauses of half a second.
const TRIES: u64 = 5;
const PAUSE: u64 = 500_000_000;
/// Where the image's configuration is.
const MAIN: &str = "/etc/nginx/nginx.conf";
const VERSION: &str = "nginx/1.27.5";
/// Directories for temporary files, made at the start.
const TEMP: [&str; 5] = ["client_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp"];

/// `nginx`, `nginx -t`, `nginx -s quit`.
pub(crate) fn start(start: &mut Start<'_, '_>, spec: &Spec) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let options = match Options::of(&args) {
        Ok(options) => options,
        Err(wrong) => return emerg(start, &[format!("nginx: invalid option: \"{wrong}\"")], 1),
    };
    if options.version {
        return super::start::said("", &format!("nginx version: {VERSION}"), 0);
    }
    if let Some(signal) = &options.signal {
        return send(start, signal);
    }
    let main = options.file.clone().unwrap_or_else(|| MAIN.to_owned());
    if start.configured_elsewhere(&["/etc/nginx", &main]) {
        return unknown(start, options.test);
    }
    let read = Reader::new(start).read(&main, &options.globals);
    let config = match read {
        Ok(config) => config,
        Err(error) => return refuse(start, &error, options.test, &main),
    };
    let mut warnings = Vec::new();
    if start.call.uid != 0
        && let Some(place) = &config.user
    {
        warnings.push(format!("[warn] 1#1: the \"user\" directive makes sense only if the master process runs with super-user privileges, ignored in {place}"));
    }
    if let Some(error) = unwritable(start, &config, spec) {
        return refuse_after(start, &warnings, &error, options.test, &main);
    }
    if options.test {
        let said = format!(
            "nginx: the configuration file {main} syntax is ok\nnginx: configuration file {main} test is successful"
        );
        return super::start::said("", &said, 0);
    }
    serve(start, config, warnings, &args)
}

/// A server by a configuration that nobody knows.
fn unknown(start: &Start<'_, '_>, test: bool) -> Behaviour {
    if test {
        return done(0);
    }
    Behaviour {
        ignores: vec![Signal::USR1, Signal::WINCH, Signal::USR2, Signal::HUP],
        title: "nginx: master process nginx -g daemon off;".to_owned(),
        workers: vec!["nginx: worker process".to_owned()],
        ..start.listening()
    }
}

/// The server itself.
fn serve(
    start: &mut Start<'_, '_>,
    config: Config,
    warnings: Vec<String>,
    args: &[String],
) -> Behaviour {
    let ports = config.ports();
    let pid = config.pid.clone().unwrap_or_else(|| "/run/nginx.pid".to_owned());
    let _ = start.own.fs_mut().write_file(&mut start.host.volumes, &pid, b"1\n", 0o644);
    let in_use = busy(start, &config);
    let daemon = config.daemon;
    let workers = config.workers();
    let tag = start.serve("nginx", Served::Nginx(Box::new(config)));
    let mut lines: Vec<String> = warnings;
    lines.push("[notice] 1#1: using the \"epoll\" event method".into());
    lines.push(format!("[notice] 1#1: {VERSION}"));
    lines.push("[notice] 1#1: OS: Linux 6.1.0".into());
    lines.push("[notice] 1#1: getrlimit(RLIMIT_NOFILE): 1048576:1048576".into());
    lines.push("[notice] 1#1: start worker processes".into());
    lines.extend((0..workers).map(|n| format!("[notice] 1#1: start worker process {}", 29 + n)));
    let title = format!(
        "nginx: master process nginx{}",
        args.iter().map(|arg| format!(" {arg}")).collect::<String>()
    );
    let stop = |signal, after| (signal, after, 0);
    Behaviour {
        errors: lines.iter().map(|line| (0, start.fill(&format!("{{slashes}} {line}")))).collect(),
        on_signal: vec![stop(Signal::TERM, 0), stop(Signal::INT, 0), stop(Signal::QUIT, 0)],
        ignores: vec![Signal::USR1, Signal::WINCH, Signal::USR2],
        reload: Some(Signal::HUP),
        title,
        workers: vec!["nginx: worker process".to_owned(); workers],
        in_use: Some(in_use),
        // Without `daemon off` the first process ends, and with it the container.
        exit: daemon.then_some((50_000_000, 0)),
        ..behaviour(&tag, ports)
    }
}

/// What it says while its port is taken.
fn busy(start: &Start<'_, '_>, config: &Config) -> InUse {
    let mut errors = Vec::new();
    for n in 0..TRIES {
        for line in config.binds() {
            let text = format!("bind() to {line} failed (98: Address already in use)");
            let at = n * PAUSE;
            errors.push((at, start.fill(&format!("{{slashes}} [emerg] 1#1: {text}"))));
            errors.push((at, format!("nginx: [emerg] {text}")));
        }
    }
    let end = TRIES * PAUSE;
    errors.push((end, start.fill("{slashes} [emerg] 1#1: still could not bind()")));
    errors.push((end, "nginx: [emerg] still could not bind()".to_owned()));
    InUse { errors, after: end, code: 1 }
}

/// The first thing that it cannot write, in its words.
fn unwritable(start: &Start<'_, '_>, config: &Config, spec: &Spec) -> Option<String> {
    let cache = spec.more.get("cache").map_or("/var/cache/nginx", String::as_str);
    let why = |path: &str| {
        if start.read_only(path) {
            "(30: Read-only file system)"
        } else {
            "(13: Permission denied)"
        }
    };
    if let Some(log) = config.error_log.as_ref().filter(|log| !start.writable(log)) {
        return Some(format!("open() \"{log}\" failed {}", why(log)));
    }
    for dir in TEMP {
        let moved = config.temps.get(dir.trim_end_matches("_temp")).cloned();
        let path = moved.unwrap_or_else(|| format!("{cache}/{dir}"));
        if !start.writable(&path) {
            return Some(format!("mkdir() \"{path}\" failed {}", why(&path)));
        }
    }
    let pid = config.pid.clone().unwrap_or_else(|| "/run/nginx.pid".to_owned());
    if !start.writable(&pid) {
        return Some(format!("open() \"{pid}\" failed {}", why(&pid)));
    }
    let host_network = start
        .host
        .world
        .workers
        .get(&start.host.uid)
        .is_some_and(|worker| worker.pod.spec.host_network);
    let low = config.binds().into_iter().find(|line| {
        line.rsplit(':')
            .next()
            .and_then(|port| port.parse::<u16>().ok())
            .is_some_and(|port| port < 1024)
    });
    // Inside a pod's own network every port is free to everyone: containerd says so to the kernel.
    low.filter(|_| host_network && start.call.uid != 0)
        .map(|line| format!("bind() to {line} failed (13: Permission denied)"))
}

fn refuse(start: &Start<'_, '_>, error: &str, test: bool, main: &str) -> Behaviour {
    refuse_after(start, &[], error, test, main)
}

fn refuse_after(
    start: &Start<'_, '_>,
    before: &[String],
    error: &str,
    test: bool,
    main: &str,
) -> Behaviour {
    let mut lines: Vec<String> =
        before.iter().map(|line| start.fill(&format!("{{slashes}} {line}"))).collect();
    lines.extend(before.iter().map(|line| format!("nginx: {}", line.replace(" 1#1:", ""))));
    lines.push(start.fill(&format!("{{slashes}} [emerg] 1#1: {error}")));
    lines.push(format!("nginx: [emerg] {error}"));
    if test {
        lines.push(format!("nginx: configuration file {main} test failed"));
    }
    emerg(start, &lines, 1)
}

fn emerg(_: &Start<'_, '_>, lines: &[String], code: u8) -> Behaviour {
    Behaviour { errors: lines.iter().map(|line| (0, line.clone())).collect(), ..done(code) }
}

/// `nginx -s`: a signal to the master process.
fn send(start: &mut Start<'_, '_>, name: &str) -> Behaviour {
    let signal = match name {
        "stop" => Signal::TERM,
        "quit" => Signal::QUIT,
        "reload" => Signal::HUP,
        "reopen" => Signal::USR1,
        other => {
            return super::start::said("", &format!("nginx: invalid option: \"-s {other}\""), 1);
        }
    };
    let processes = start.own.processes();
    let master = processes.iter().find(|process| {
        process.argv.first().is_some_and(|title| title.starts_with("nginx: master process"))
    });
    match master.map(|process| process.pid) {
        Some(pid) => {
            start.own.kill(pid, signal);
            let line = start.fill("{slashes} [notice] 33#33: signal process started");
            super::start::said("", &line, 0)
        }
        None => {
            let line = "nginx: [error] invalid PID number \"\" in \"/run/nginx.pid\"";
            super::start::said("", line, 1)
        }
    }
}

/// The command line.
#[derive(Default)]
struct Options {
    test: bool,
    version: bool,
    signal: Option<String>,
    file: Option<String>,
    globals: String,
}

impl Options {
    fn of(args: &[String]) -> Result<Self, String> {
        let mut found = Self::default();
        let mut words = args.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-t" | "-T" => found.test = true,
                "-v" | "-V" | "-?" | "-h" => found.version = true,
                "-q" => {}
                "-s" => found.signal = Some(words.next().cloned().unwrap_or_default()),
                "-c" => found.file = Some(words.next().cloned().unwrap_or_default()),
                "-g" => found.globals += words.next().map_or("", String::as_str),
                "-p" | "-e" => drop(words.next()),
                other => return Err(other.trim_start_matches('-').to_owned()),
            }
        }
        Ok(found)
    }
}
