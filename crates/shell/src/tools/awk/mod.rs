//! `awk`: patterns, actions, fields, variables, arrays, control flow, `printf`, functions of the
//! library and of the program. Left out: `getline`, pipes and redirections inside programs.

mod eval;
mod parse;

use super::filter::{Filter, Lines};
use super::input::Input;
use super::{Begun, Cx, Start};
use eval::Machine;
use std::sync::Arc;

pub(super) const TOOLS: &[(&str, Start)] = &[("awk", Start::Run(awk)), ("gawk", Start::Run(awk))];

#[derive(Clone, Debug)]
struct Awk {
    machine: Machine,
    begun: bool,
    /// Nothing but BEGIN: input is not read.
    only_begin: bool,
    file: String,
}

impl Awk {
    fn begin(&mut self, cx: &mut Cx<'_, '_>) -> bool {
        if !std::mem::replace(&mut self.begun, true) {
            self.machine.begin(cx);
        }
        self.machine.exit.is_none() && !self.only_begin
    }
}

impl Filter for Awk {
    fn name_now(&mut self, name: &str) {
        if self.file != name {
            name.clone_into(&mut self.file);
            self.machine.new_file(name);
        }
    }

    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        if !self.begin(cx) {
            return false;
        }
        self.machine.record(cx, &String::from_utf8_lossy(line));
        self.machine.exit.is_none()
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        self.begin(cx);
        self.machine.end(cx);
        if let Some(error) = self.machine.error.take() {
            cx.warn(&error);
            return 2;
        }
        self.machine.exit.unwrap_or(if failed { 2 } else { 0 })
    }
}

fn awk(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[OPTIONS] [AWK_PROGRAM] [FILE]...\n\n\t-v VAR=VAL\tSet variable\n\t-F SEP\t\tUse SEP as field separator\n\t-f FILE\t\tRead program from FILE\n";
    let (mut separator, mut assigns, mut program) = (None, Vec::new(), None);
    let mut rest = &args[1..];
    while let Some(arg) = rest.first().filter(|a| a.starts_with('-') && a.len() > 1) {
        rest = &rest[1..];
        if arg == "--" {
            break;
        }
        let mut letters = arg[1..].chars();
        let letter = letters.next().unwrap_or('-');
        let attached = letters.as_str().to_owned();
        let mut value = || {
            if !attached.is_empty() {
                return attached.clone();
            }
            let value = rest.first().cloned().unwrap_or_default();
            rest = rest.get(1..).unwrap_or_default();
            value
        };
        match letter {
            'F' => separator = Some(value()),
            'v' => assigns.push(value()),
            'f' => {
                let path = value();
                match cx.sys.read_all(&path) {
                    Ok(data) => {
                        program = Some(String::from_utf8_lossy(&data.to_vec()).into_owned())
                    }
                    Err(error) => {
                        cx.warn(&format!("{path}: {error}"));
                        return Err(1);
                    }
                }
            }
            _ => return Err(cx.bad_option(arg, usage)),
        }
    }
    if program.is_none() {
        let Some(text) = rest.first() else { return Err(cx.usage(usage)) };
        program = Some(text.clone());
        rest = &rest[1..];
    }
    let program = match parse::parse(&program.unwrap_or_default()) {
        Ok(program) => Arc::new(program),
        Err(message) => {
            cx.warn(&format!("cmd. line:{message}"));
            return Err(1);
        }
    };
    let only_begin = program.rules.is_empty() && program.ends.is_empty();
    let env = cx.sys.proc().env.clone();
    let mut machine = Machine::new(program, &env, rest);
    if let Some(separator) = separator {
        machine.set_text("FS", &String::from_utf8_lossy(&super::escapes(&separator, true).0));
    }
    for (name, value) in assigns.iter().filter_map(|assign: &String| assign.split_once('=')) {
        machine.set_input(name, &String::from_utf8_lossy(&super::escapes(value, true).0));
    }
    let files: Vec<String> =
        rest.iter().filter(|a| !a.contains('=') || a.contains('/')).cloned().collect();
    for assign in rest.iter().filter(|a| a.contains('=') && !a.contains('/')) {
        if let Some((name, value)) = assign.split_once('=') {
            machine.set_input(name, value);
        }
    }
    let mut input =
        if only_begin { Input::new(&["/dev/null".to_owned()]) } else { Input::new(&files) };
    input.short = true;
    Ok(Lines::start(Awk { machine, begun: false, only_begin, file: String::new() }, input))
}
