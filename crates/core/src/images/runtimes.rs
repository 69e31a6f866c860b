//! Language runtimes: what they run is not known, so it runs until it is stopped.

use super::served::Served;
use super::start::{Start, behaviour, done, said};
use podplay_shell::Behaviour;

/// The runtime that a program name means.
pub(crate) fn of_name(name: &str) -> Option<&'static str> {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    [
        "python", "node", "nodejs", "java", "ruby", "php", "php-fpm", "perl", "go", "dotnet",
        "deno", "bun", "npm", "yarn", "pnpm", "gunicorn", "uvicorn", "flask", "bundle", "rails",
        "celery",
    ]
    .into_iter()
    .find(|known| *known == bare)
}

/// Starts a runtime with its arguments.
pub(crate) fn start(start: &mut Start<'_, '_>, kind: &str) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let first = args.first().map_or("", String::as_str);
    if matches!(first, "--version" | "-version" | "-V" | "version")
        || (kind == "node" && first == "-v")
    {
        return said(version(kind), "", 0);
    }
    if kind == "python"
        && first == "-m"
        && args.get(1).is_some_and(|module| module == "http.server")
    {
        return http_server(start, &args[2..]);
    }
    let inline =
        matches!(first, "-c" | "-e" | "-r" | "-p" | "--eval" | "-pe" | "-wle" | "-le" | "-ne")
            || first.starts_with("-M")
            || first.starts_with("-E");
    let code =
        args.iter().rev().map(String::as_str).find(|word| !word.starts_with('-')).unwrap_or("");
    if inline {
        let kind = if kind == "nodejs" { "node" } else { kind };
        return one_liner(start, kind, code);
    }
    if kind == "php"
        && let Some(place) = super::start::flag(&args, "-S").map(str::to_owned)
    {
        return php_server(start, &place, &args);
    }
    if let Some(missing) = missing_file(start, kind, &args) {
        return missing;
    }
    let typed = start.host.world.workers.get(&start.host.uid).and_then(|w| w.spec(start.host.ix));
    if args.is_empty() && start.call.lasting && typed.is_some_and(|spec| spec.stdin || spec.tty) {
        // It waits for what is typed.
        return Behaviour { on_signal: Vec::new(), ..behaviour("", Vec::new()) };
    }
    let command = matches!(
        (kind, first),
        ("npm" | "yarn" | "pnpm", "install" | "ci" | "add" | "test" | "build")
    ) || (matches!(kind, "npm" | "yarn" | "pnpm")
        && first == "run"
        && args
            .get(1)
            .is_some_and(|name| ["build", "test", "lint", "migrate"].contains(&name.as_str())))
        || (kind == "go" && matches!(first, "build" | "mod" | "get" | "install" | "vet" | "test"))
        || (kind == "python"
            && first == "-m"
            && args.get(1).is_some_and(|module| {
                ["pip", "venv", "compileall", "pytest", "json.tool"].contains(&module.as_str())
            }))
        || (kind == "bundle" && first == "install")
        || (args.is_empty() && matches!(kind, "python" | "node" | "ruby" | "perl" | "php"));
    if command || !start.call.lasting {
        return done(0);
    }
    if start.is_task() {
        return Behaviour { exit: Some((1_000_000_000, 0)), ..start.listening() };
    }
    start.listening()
}

fn version(kind: &str) -> &'static str {
    match kind {
        "python" => "Python 3.12.11",
        "node" | "nodejs" => "v20.19.4",
        "java" => "openjdk version \"21.0.8\" 2025-07-15 LTS",
        "ruby" => "ruby 3.3.9 (2025-07-24 revision f5c772fc7c) [x86_64-linux]",
        "perl" => "This is perl 5, version 40, subversion 2 (v5.40.2) built for x86_64-linux-gnu",
        "php" | "php-fpm" => "PHP 8.3.24 (cli)",
        "go" => "go version go1.24.5 linux/amd64",
        _ => "1.0.0",
    }
}

/// `npm start` without a `package.json`, `go run` of a file that is not there.
fn no_package(start: &Start<'_, '_>, kind: &str, args: &[String]) -> Option<Behaviour> {
    let cwd = start.call.cwd.trim_end_matches('/');
    let there = |path: &str| {
        start.own.fs().exists(&start.host.volumes, path).is_some() || start.may_be_filled(path)
    };
    let first = args.first().map_or("", String::as_str);
    let package = format!("{cwd}/package.json");
    if kind == "npm" && matches!(first, "start" | "run" | "test" | "run-script") && !there(&package)
    {
        let text = format!(
            "npm error code ENOENT\nnpm error syscall open\nnpm error path {package}\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{package}'"
        );
        return Some(said("", &text, 254));
    }
    let file = args.get(1).filter(|_| kind == "go" && first == "run");
    let file = file.filter(|file| file.ends_with(".go"))?;
    let path = if file.starts_with('/') { file.clone() } else { format!("{cwd}/{file}") };
    let text = format!("no required module provides package {file}; to add it:\n\tgo get {file}");
    (!there(&path)).then(|| said("", &text, 1))
}

/// A script that is not there, where its directory is known: the image brings nothing, so it comes from a volume.
fn missing_file(start: &Start<'_, '_>, kind: &str, args: &[String]) -> Option<Behaviour> {
    let known = start.image.is_some();
    if let Some(missing) = no_package(start, kind, args).filter(|_| known) {
        return Some(missing);
    }
    let jar = args.iter().position(|word| word == "-jar").and_then(|at| args.get(at + 1));
    let file = match kind {
        "java" => jar?,
        "python" | "node" | "ruby" | "perl" | "php" => {
            args.iter().find(|word| !word.starts_with('-'))?
        }
        _ => return None,
    };
    if args.first().is_some_and(|first| matches!(first.as_str(), "-m" | "-c" | "-e" | "-r" | "-p"))
    {
        return None;
    }
    let path = if file.starts_with('/') {
        file.clone()
    } else {
        format!("{}/{file}", start.call.cwd.trim_end_matches('/'))
    };
    let there = || start.own.fs().exists(&start.host.volumes, &path).is_some();
    if !known || there() || start.may_be_filled(&path) {
        return None;
    }
    Some(match kind {
        "python" => said(
            "",
            &format!("python: can't open file '{path}': [Errno 2] No such file or directory"),
            2,
        ),
        "node" => said(
            "",
            &format!(
                "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module '{path}'\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}}\n\nNode.js v20.19.4"
            ),
            1,
        ),
        "java" => said("", &format!("Error: Unable to access jarfile {file}"), 1),
        "ruby" => said("", &format!("ruby: No such file or directory -- {file} (LoadError)"), 1),
        "perl" => {
            said("", &format!("Can't open perl script \"{file}\": No such file or directory"), 2)
        }
        _ => said(&format!("Could not open input file: {file}"), "", 1),
    })
}

/// `php -S address:port [-t directory]`.
fn php_server(start: &mut Start<'_, '_>, place: &str, args: &[String]) -> Behaviour {
    let port = place.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(8000);
    let root = super::start::flag(args, "-t").unwrap_or(start.call.cwd).to_owned();
    let tag = start.serve("php", Served::Files(root));
    Behaviour {
        listen_after: 50_000_000,
        errors: vec![(
            50_000_000,
            format!("PHP 8.3.24 Development Server (http://{place}) started"),
        )],
        on_signal: vec![(podplay_shell::Signal::INT, 0, 0)],
        ..behaviour(&tag, vec![port])
    }
}

/// `python -m http.server [port] [--directory d] [--bind a]`.
fn http_server(start: &mut Start<'_, '_>, args: &[String]) -> Behaviour {
    let value = |long: &str, short: &str| {
        super::start::flag(args, long).or_else(|| super::start::flag(args, short))
    };
    let root = value("--directory", "-d").unwrap_or(start.call.cwd).to_owned();
    let mut skip = false;
    let port = args.iter().find_map(|word| {
        if std::mem::take(&mut skip) {
            return None;
        }
        skip =
            matches!(word.as_str(), "-d" | "--directory" | "-b" | "--bind" | "-p" | "--protocol");
        word.parse::<u16>().ok()
    });
    let root = if root.starts_with('/') {
        root
    } else {
        format!("{}/{root}", start.call.cwd.trim_end_matches('/'))
    };
    let tag = start.serve("http.server", Served::Files(root));
    Behaviour {
        listen_after: 150_000_000,
        // It has no handler for SIGTERM: as process 1 it is deaf to it.
        on_signal: vec![(podplay_shell::Signal::INT, 0, 0)],
        in_use: Some(super::start::in_use("OSError: [Errno 98] Address already in use", 1)),
        ..behaviour(&tag, vec![port.unwrap_or(8000)])
    }
}

/// A one-liner: the digits of pi, or what it says.
fn one_liner(start: &mut Start<'_, '_>, kind: &str, code: &str) -> Behaviour {
    if let Some(text) = pi(code) {
        return Behaviour {
            exit: Some((5_000_000_000, 0)),
            log: vec![(5_000_000_000, text)],
            ..done(0)
        };
    }
    super::oneliner::run(start, kind, code)
}

/// The number that stands right behind one of these forms.
fn number_after(code: &str, forms: &[&str]) -> Option<u64> {
    forms.iter().find_map(|form| {
        let rest = code[code.find(form)? + form.len()..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// The digits of pi that perl's `bpi(n)` prints.
fn pi(code: &str) -> Option<String> {
    let count = number_after(code, &["bpi("])?.clamp(1, 2000);
    // Rabinowitz and Wagon's spigot.
    let wanted = usize::try_from(count).ok()?;
    let length = wanted * 10 / 3 + 2;
    let mut digits = vec![2u64; length];
    let (mut out, mut nines, mut predigit) = (String::new(), 0, 0u64);
    for _ in 0..=wanted {
        let mut carry = 0;
        for at in (0..length).rev() {
            let place = at as u64;
            let value = 10 * digits[at] + carry * (place + 1);
            let divisor = if at == 0 { 10 } else { 2 * place + 1 };
            digits[at] = value % divisor;
            carry = value / divisor;
        }
        match carry {
            9 => nines += 1,
            10 => {
                out += &(predigit + 1).to_string();
                out += &"0".repeat(nines);
                (predigit, nines) = (0, 0);
            }
            next => {
                out += &predigit.to_string();
                out += &"9".repeat(nines);
                (predigit, nines) = (next, 0);
            }
        }
    }
    let out = out.trim_start_matches('0');
    let cut = out.get(..wanted.min(out.len()))?;
    Some(format!("{}.{}", &cut[..1], &cut[1..]))
}
