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
        return one_liner(code);
    }
    if let Some(missing) = missing_file(start, kind, &args) {
        return missing;
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

/// A script that is not there, where its directory is known: the image brings nothing, so it comes from a volume.
fn missing_file(start: &Start<'_, '_>, kind: &str, args: &[String]) -> Option<Behaviour> {
    let known = start.image.is_some();
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

/// The forms of one-liners that people use: an end by `exit(n)`, a sleep, a server that listens.
fn one_liner(code: &str) -> Behaviour {
    if let Some(port) = number_after(
        code,
        &[
            ".listen(",
            "port:",
            "HTTPServer(('',",
            "HTTPServer((\"\",",
            "HTTPServer(('0.0.0.0',",
            "HTTPServer((\"0.0.0.0\",",
            "bind(('',",
            "Port =>",
            "Port:",
        ],
    ) && let Ok(port) = u16::try_from(port)
    {
        return behaviour(super::ASSUMED, vec![port]);
    }
    if let Some(text) = pi(code) {
        return Behaviour {
            exit: Some((5_000_000_000, 0)),
            log: vec![(5_000_000_000, text)],
            ..done(0)
        };
    }
    let forever = [
        "while True",
        "while true",
        "while(true)",
        "while (true)",
        "while(1)",
        "while (1)",
        "while 1",
        "serve_forever",
        "loop do",
        "loop {",
        "setInterval",
    ];
    if forever.iter().any(|form| code.contains(form)) {
        return Behaviour { exit: None, on_signal: Vec::new(), ..behaviour("", Vec::new()) };
    }
    let sleep =
        number_after(code, &["sleep(", "sleep "]).unwrap_or(0).saturating_mul(1_000_000_000);
    let fails = ["raise ", "throw ", "die ", "abort"].iter().any(|form| code.contains(form));
    let exit = number_after(code, &["sys.exit(", "exit(", "process.exit(", "exit "]);
    let exit = exit.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(u8::from(fails));
    Behaviour {
        exit: Some((sleep.max(20_000_000), exit)),
        log: printed(code).into_iter().map(|line| (0, line)).collect(),
        on_signal: Vec::new(),
        ..done(exit)
    }
}

/// The number that stands right behind one of these forms.
fn number_after(code: &str, forms: &[&str]) -> Option<u64> {
    forms.iter().find_map(|form| {
        let rest = code[code.find(form)? + form.len()..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// What `print` and its like say of literals and of small products.
fn printed(code: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for form in ["print(", "console.log(", "puts ", "print \"", "print '", "echo "] {
        let mut rest = code;
        while let Some(at) = rest.find(form) {
            let quoted = form.ends_with(['"', '\'']);
            let start = at + form.len() - usize::from(quoted);
            rest = &rest[start..];
            if let Some(text) = literal(rest) {
                lines.push(text);
            }
        }
    }
    lines
}

/// A literal text or a small product at the beginning of the code.
fn literal(code: &str) -> Option<String> {
    let first = code.chars().next()?;
    if matches!(first, '"' | '\'') {
        let rest = &code[1..];
        return Some(rest[..rest.find(first)?].replace("\\n", "\n"));
    }
    let end = code.find([')', ';', '\n']).unwrap_or(code.len());
    let mut terms = code[..end].split('+').map(|term| {
        term.split('*').try_fold(1i64, |all, factor| all.checked_mul(factor.trim().parse().ok()?))
    });
    let sum = terms.try_fold(0i64, |all, term| all.checked_add(term?))?;
    Some(sum.to_string())
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
