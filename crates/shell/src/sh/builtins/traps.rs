//! `trap` and `kill`.

use super::{Flow, single_quote};
use crate::Signal;
use crate::kernel::Sys;
use crate::sh::machine::{ERR, RETURN};
use crate::sh::{Dialect, Shell};

fn trap_number(shell: &Shell, text: &str) -> Option<u8> {
    let bash = shell.dialect == Dialect::Bash;
    match text {
        "0" | "EXIT" => Some(0),
        "ERR" if bash => Some(ERR),
        "RETURN" if bash => Some(RETURN),
        "ERR" | "DEBUG" | "RETURN" => None,
        // dash knows no names that begin by SIG.
        _ if shell.dialect == Dialect::Dash && text.starts_with("SIG") => None,
        _ => Signal::parse(text).map(Signal::number),
    }
}

fn trap_name(number: u8) -> &'static str {
    match number {
        ERR => "ERR",
        RETURN => "RETURN",
        _ => Signal::from_number(number).map_or("EXIT", Signal::name),
    }
}

fn listing(shell: &Shell) -> String {
    let bash = shell.dialect == Dialect::Bash;
    let line = |(number, action): (&u8, &String)| {
        let prefix = if bash && (1..ERR).contains(number) { "SIG" } else { "" };
        format!("trap -- {} {prefix}{}\n", single_quote(action), trap_name(*number))
    };
    shell.traps.iter().map(line).collect()
}

pub(super) fn trap(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let mut args = &args[1..];
    if args.first().is_some_and(|a| a == "--") {
        args = &args[1..];
    }
    match args.first().map(String::as_str) {
        None | Some("-p") => return Flow::Print(listing(shell).into_bytes(), 0),
        Some("-l") => return Flow::Print(list_signals().into_bytes(), 0),
        _ => {}
    }
    let only_signal = args.len() == 1 || args[0].parse::<u8>().is_ok();
    let (action, signals) =
        if only_signal { (None, args) } else { (Some(args[0].as_str()), &args[1..]) };
    let action = action.filter(|action| *action != "-");
    let mut status = 0;
    for text in signals {
        let Some(number) = trap_number(shell, text) else {
            if shell.dialect == Dialect::Bash && text == "DEBUG" {
                continue;
            }
            match shell.dialect {
                Dialect::Dash => sys.warn(&format!("trap: {text}: bad trap")),
                _ => shell.complain(sys, &format!("{text}: invalid signal specification")),
            }
            status = 1;
            continue;
        };
        set_trap(shell, sys, number, action);
    }
    Flow::Done(status)
}

fn set_trap(shell: &mut Shell, sys: &mut Sys<'_>, number: u8, action: Option<&str>) {
    match action {
        Some(action) => {
            shell.had_traps |= !action.is_empty();
            shell.traps.insert(number, action.to_owned());
        }
        None => drop(shell.traps.remove(&number)),
    }
    let Some(signal) = Signal::from_number(number) else { return };
    let process = sys.proc_mut();
    process.caught &= !signal.bit();
    process.ignored &= !signal.bit();
    match action {
        Some("") => process.ignored |= signal.bit(),
        Some(_) => process.caught |= signal.bit(),
        None => {}
    }
}

pub(super) fn list_signals() -> String {
    let line = |s: Signal| format!("{:2}) {}\n", s.number(), s.name());
    (1..=31).filter_map(Signal::from_number).map(line).collect()
}

pub(super) fn kill(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    // Job specifications are resolved here, the rest is the tool's.
    let args: Vec<String> = args
        .iter()
        .map(|arg| match arg.strip_prefix('%') {
            Some(n) => {
                let job = n.parse::<usize>().ok().and_then(|n| shell.jobs.get(n.checked_sub(1)?));
                job.map_or_else(|| arg.clone(), |job| job.pid.to_string())
            }
            None => arg.clone(),
        })
        .collect();
    let (out, status) = crate::tools::kill(sys, &shell.arg0.clone(), &args);
    Flow::Print(out.into_bytes(), status)
}
