//! Processes and signals: `kill`, `ps` and their like.

use super::{Cx, Options, Start};
use crate::Signal;
use crate::kernel::Sys;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("kill", Start::Now(kill_tool)),
    ("killall", Start::Now(killall)),
    ("pkill", Start::Now(pkill)),
    ("pgrep", Start::Now(pgrep)),
    ("pidof", Start::Now(pidof)),
    ("ps", Start::Now(ps)),
    ("top", Start::Now(top)),
    ("uptime", Start::Now(uptime)),
    ("free", Start::Now(free)),
];

/// `kill`, for the tool and the shell's builtin: output and status. `who` is named in messages.
pub(crate) fn kill(sys: &mut Sys<'_>, who: &str, args: &[String]) -> (String, u8) {
    let mut signal = Some(Signal::TERM);
    let mut rest = &args[1..];
    if let Some(first) = rest.first() {
        match first.as_str() {
            "-l" | "-L" => return list(&rest[1..]),
            "-s" | "-n" => {
                let Some(name) = rest.get(1) else {
                    sys.warn(&format!("{who}: option requires an argument -- 's'"));
                    return (String::new(), 1);
                };
                match parse(name) {
                    Some(found) => signal = found,
                    None => return bad_signal(sys, who, name),
                }
                rest = &rest[2..];
            }
            "--" => rest = &rest[1..],
            other if other.starts_with('-') && other.len() > 1 => {
                match parse(&other[1..]) {
                    Some(found) => signal = found,
                    None => return bad_signal(sys, who, &other[1..]),
                }
                rest = &rest[1..];
            }
            _ => {}
        }
    }
    if rest.first().is_some_and(|a| a == "--") {
        rest = &rest[1..];
    }
    if rest.is_empty() {
        sys.warn(&format!("{who}: you need to specify whom to kill"));
        return (String::new(), 1);
    }
    let mut status = 0;
    for target in rest {
        let Ok(pid) = target.parse::<i64>() else {
            sys.warn(&format!("{who}: invalid number '{target}'"));
            status = 1;
            continue;
        };
        if let Err(error) = sys.kill(pid, signal) {
            sys.warn(&format!("{who}: can't kill pid {pid}: {error}"));
            status = 1;
        }
    }
    (String::new(), status)
}

/// A signal by name or number; 0 only asks (`Some(None)`).
fn parse(text: &str) -> Option<Option<Signal>> {
    if text == "0" { Some(None) } else { Signal::parse(text).map(Some) }
}

fn bad_signal(sys: &mut Sys<'_>, who: &str, name: &str) -> (String, u8) {
    sys.warn(&format!("{who}: bad signal name '{name}'"));
    (String::new(), 1)
}

fn list(args: &[String]) -> (String, u8) {
    if args.is_empty() {
        let line = |s: Signal| format!("{:2}) {}\n", s.number(), s.name());
        return ((1..=31).filter_map(Signal::from_number).map(line).collect(), 0);
    }
    let mut out = String::new();
    for arg in args {
        match arg.parse::<u16>() {
            Ok(n) => {
                let signal = u8::try_from(n & 127).ok().and_then(Signal::from_number);
                out += &signal.map_or_else(|| format!("{n}\n"), |s| format!("{}\n", s.name()));
            }
            Err(_) => match Signal::parse(arg) {
                Some(signal) => out += &format!("{}\n", signal.number()),
                None => return (out, 1),
            },
        }
    }
    (out, 0)
}

fn kill_tool(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let (out, status) = kill(cx.sys, "kill", args);
    cx.print(&out);
    status
}

/// Living processes whose program's name contains this; flag `x`: is this, `f`: the command line.
fn named(cx: &Cx<'_, '_>, name: &str, flags: &str) -> Vec<u32> {
    let (exact, full) = (flags.contains('x'), flags.contains('f'));
    let me = cx.sys.pid;
    let fits = |p: &&crate::kernel::Proc| {
        let text = if full { p.argv.join(" ") } else { p.name().to_owned() };
        p.alive() && p.pid != me && if exact { text == name } else { text.contains(name) }
    };
    let own = cx.sys.u.procs.values().filter(fits).map(|p| p.pid);
    let others = cx.sys.u.neighbours.iter().filter(|p| {
        let text =
            if full { p.argv.join(" ") } else { crate::kernel::command_name(&p.argv).to_owned() };
        if exact { text == name } else { text.contains(name) }
    });
    let mut pids: Vec<u32> = own.chain(others.map(|p| p.pid)).collect();
    pids.sort_unstable();
    if flags.contains('o') {
        pids.truncate(1);
    } else if flags.contains('n') {
        pids.drain(..pids.len().saturating_sub(1));
    }
    pids
}

/// Takes a leading `-SIGNAL` off.
fn signal_option(args: &[String]) -> (Option<Signal>, Vec<String>) {
    let mut signal = Some(Signal::TERM);
    let mut rest = Vec::new();
    let mut iter = args[1..].iter();
    while let Some(arg) = iter.next() {
        match arg.strip_prefix('-').and_then(parse) {
            Some(found) => signal = found,
            None if arg == "-s" => {
                signal = iter.next().and_then(|name| parse(name)).unwrap_or(signal);
            }
            None => rest.push(arg.clone()),
        }
    }
    (signal, rest)
}

fn killall(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let (signal, names) = signal_option(args);
    let quiet = names.iter().any(|n| n == "-q");
    let names: Vec<&String> = names.iter().filter(|n| !n.starts_with('-')).collect();
    if names.is_empty() {
        return cx.usage("[-lq] [-SIG] PROCESS_NAME...");
    }
    let mut status = 0;
    for name in names {
        let pids = named(cx, name, "x");
        if pids.is_empty() {
            status = 1;
            if !quiet {
                cx.warn(&format!("{name}: no process killed"));
            }
        }
        for pid in pids {
            // It was in the table a moment ago.
            let _ = cx.sys.kill(i64::from(pid), signal);
        }
    }
    status
}

fn pkill(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let (signal, rest) = signal_option(args);
    let flags: String = rest.iter().filter(|a| a.starts_with('-')).map(String::as_str).collect();
    let Some(name) = rest.iter().find(|a| !a.starts_with('-')) else {
        return cx.usage("[-l|-SIGNAL] [-xfvno] [-s SID|-] [-P PPID] [PATTERN]");
    };
    let pids = named(cx, name, &flags);
    for pid in &pids {
        let _ = cx.sys.kill(i64::from(*pid), signal);
    }
    u8::from(pids.is_empty())
}

fn pgrep(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let flags: String =
        args[1..].iter().filter(|a| a.starts_with('-')).map(String::as_str).collect();
    let Some(name) = args[1..].iter().find(|a| !a.starts_with('-')) else {
        return cx.usage("[-flanovx] [-s SID|-P PPID|PATTERN]");
    };
    let pids = named(cx, name, &flags);
    for pid in &pids {
        let line = match (flags.contains('a'), flags.contains('l'), cx.sys.u.procs.get(pid)) {
            (true, _, Some(p)) => format!("{pid} {}\n", p.argv.join(" ")),
            (_, true, Some(p)) => format!("{pid} {}\n", p.name()),
            _ => format!("{pid}\n"),
        };
        cx.print(&line);
    }
    u8::from(pids.is_empty())
}

fn pidof(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let mut pids: Vec<u32> = Vec::new();
    for name in args[1..].iter().filter(|a| !a.starts_with('-')) {
        pids.extend(named(cx, name, "x"));
    }
    if pids.is_empty() {
        return 1;
    }
    let text: Vec<String> = pids.iter().rev().map(u32::to_string).collect();
    cx.print(&format!("{}\n", text.join(" ")));
    0
}

fn user_name(uid: u32) -> String {
    if uid == 0 { "root".to_owned() } else { uid.to_string() }
}

fn ps(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let columns = match Options::parse(args, "TZlwefAaux", "o") {
        Ok(options) => options.value('o').map(str::to_owned),
        Err(bad) => {
            return cx.bad_option(&bad, "[-o COL1,COL2=HEADER] [-T]\n\nShow list of processes");
        }
    };
    let columns = columns.unwrap_or_else(|| "pid,user,time,args".to_owned());
    let columns: Vec<(String, String)> = columns
        .split(',')
        .map(|column| match column.split_once('=') {
            Some((name, header)) => (name.to_owned(), header.to_owned()),
            None => (column.to_owned(), header(column).to_owned()),
        })
        .collect();
    let mut lines = vec![columns.iter().map(|(_, header)| header.clone()).collect::<Vec<_>>()];
    for process in &cx.sys.u.neighbours {
        let cell = |name: &str| match name {
            "pid" => process.pid.to_string(),
            "ppid" => process.ppid.to_string(),
            "user" | "ruser" => "root".to_owned(),
            "time" => "0:00".to_owned(),
            "args" | "command" => process.argv.join(" "),
            "comm" => crate::kernel::command_name(&process.argv).to_owned(),
            "stat" => "S".to_owned(),
            _ => String::new(),
        };
        lines.push(columns.iter().map(|(name, _)| cell(name)).collect());
    }
    for process in cx.sys.u.procs.values().filter(|p| p.alive() || !p.adopted) {
        lines.push(columns.iter().map(|(name, _)| cell(cx, process, name)).collect());
    }
    let last = columns.len() - 1;
    let mut out = String::new();
    for line in lines {
        for (i, ((name, _), text)) in columns.iter().zip(line).enumerate() {
            let (width, right) = layout(name);
            out += &match (i == last, right) {
                (true, _) => text,
                (false, true) => format!("{text:>width$} ", width = width.min(1000)),
                (false, false) => format!("{text:<width$} ", width = width.min(1000)),
            };
        }
        out.push('\n');
    }
    cx.print(&out);
    0
}

fn header(column: &str) -> &str {
    match column {
        "pid" => "PID",
        "ppid" => "PPID",
        "pgid" => "PGID",
        "user" | "ruser" => "USER",
        "time" => "TIME",
        "args" | "command" => "COMMAND",
        "comm" => "COMMAND",
        "stat" => "STAT",
        "etime" => "ELAPSED",
        "rss" => "RSS",
        "vsz" => "VSZ",
        other => other,
    }
}

fn layout(column: &str) -> (usize, bool) {
    match column {
        "pid" | "ppid" | "pgid" => (5, true),
        "user" | "ruser" => (8, false),
        "time" => (5, false),
        "etime" => (7, true),
        "rss" | "vsz" => (4, true),
        "comm" => (16, false),
        _ => (4, false),
    }
}

fn cell(cx: &Cx<'_, '_>, process: &crate::kernel::Proc, column: &str) -> String {
    let args = process.argv.join(" ");
    match column {
        "pid" => process.pid.to_string(),
        "ppid" => process.ppid.to_string(),
        "pgid" => process.pid.to_string(),
        "user" | "ruser" => user_name(process.cred.uid),
        "time" => "0:00".to_owned(),
        "comm" => process.name().to_owned(),
        "stat" => cx.sys.u.state_letter(process).to_string(),
        "etime" => {
            let seconds = (cx.sys.now() - process.started) / crate::SECOND;
            format!("{}:{:02}", seconds / 60, seconds % 60)
        }
        "rss" | "vsz" => format!("{}", 1024 + process.memory / 1024),
        _ if process.alive() => args,
        _ => format!("[{}]", process.name()),
    }
}

fn top(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("Mem: 4203620K used, 20480480K free, 0K shrd, 102400K buff, 1945600K cached\n");
    cx.print("CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n");
    cx.print("Load average: 0.00 0.01 0.05 1/2 1\n");
    cx.print("  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n");
    let lines: Vec<String> = cx
        .sys
        .u
        .procs
        .values()
        .filter(|p| p.alive())
        .map(|p| {
            let state = cx.sys.u.state_letter(p);
            format!(
                "{:5} {:5} {:8} {state}     {:5}   0%   0   0% {}\n",
                p.pid,
                p.ppid,
                user_name(p.cred.uid),
                1024,
                p.argv.join(" ")
            )
        })
        .collect();
    cx.print(&lines.concat());
    0
}

fn uptime(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let day = cx.sys.unix_nanos().div_euclid(1_000_000_000).rem_euclid(86_400);
    let up = cx.sys.u.setup.uptime + cx.sys.now() / crate::SECOND;
    let (days, hours, minutes) = (up / 86_400, up / 3600 % 24, up / 60 % 60);
    let days = if days > 0 {
        format!("{days} day{}, ", if days == 1 { "" } else { "s" })
    } else {
        String::new()
    };
    let span = if hours > 0 { format!("{hours:2}:{minutes:02}") } else { format!("{minutes} min") };
    cx.print(&format!(
        " {:02}:{:02}:{:02} up {days}{span},  0 users,  load average: 0.00, 0.01, 0.05\n",
        day / 3600,
        day / 60 % 60,
        day % 60
    ));
    0
}

fn free(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("              total        used        free      shared  buff/cache   available\n\
Mem:       24684100     2156000    20480000           0     2048000    22528000\nSwap:             0           0           0\n");
    0
}
