//! `declare`, `local`, `readonly` of arrays, `unset`, `readarray`: variables with attributes.

use super::Flow;
use crate::kernel::Sys;
use crate::sh::expand::{ansi_quote, attributes};
use crate::sh::lexer::is_name;
use crate::sh::machine::Frame;
use crate::sh::variables::Key;
use crate::sh::{Data, Dialect, Shell, Var};

/// The letters behind `-` and `+`, and the operands.
struct Asked<'a> {
    on: String,
    off: String,
    names: Vec<&'a str>,
}

fn asked(args: &[String]) -> Asked<'_> {
    let mut asked = Asked { on: String::new(), off: String::new(), names: Vec::new() };
    for arg in &args[1..] {
        match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some("-"), _) => {}
            (Some(letters), _) if !letters.is_empty() => asked.on += letters,
            (_, Some(letters)) => asked.off += letters,
            _ => asked.names.push(arg),
        }
    }
    asked
}

fn split_assign(arg: &str) -> (&str, Option<&str>, bool) {
    match arg.split_once('=') {
        Some((name, value)) => match name.strip_suffix('+') {
            Some(name) => (name, Some(value), true),
            None => (name, Some(value), false),
        },
        None => (arg, None, false),
    }
}

impl Shell {
    pub(in crate::sh) fn in_function(&self) -> bool {
        self.stack.iter().any(|frame| matches!(frame, Frame::Call { .. }))
    }

    /// Remembers what a variable was before the running function, once.
    fn keep_local(&mut self, name: &str) {
        let old = self.vars.get(name).cloned();
        let locals = self.stack.iter_mut().rev().find_map(|frame| match frame {
            Frame::Call { locals, .. } => Some(locals),
            _ => None,
        });
        let Some(locals) = locals else { return };
        if locals.contains_key(name) {
            return;
        }
        locals.insert(name.to_owned(), old);
        if self.dialect == Dialect::Dash {
            return;
        }
        if let Some(var) = self.vars.get_mut(name) {
            // ash's and bash's begin without a value.
            var.data = Data::Unset;
            var.integer = false;
            var.upper = None;
            var.reference = false;
        }
    }

    /// Gives a variable the attributes of these letters.
    fn attribute(&mut self, name: &str, on: &str, off: &str) {
        if on.contains('A') {
            self.make_map(name);
        } else if on.contains('a') {
            self.make_list(name);
        }
        let var = self.vars.entry(name.to_owned()).or_default();
        for (letters, value) in [(on, true), (off, false)] {
            for letter in letters.chars() {
                match letter {
                    'x' => var.exported = value,
                    'r' => var.readonly |= value,
                    'i' => var.integer = value,
                    'n' => var.reference = value,
                    'u' | 'l' => var.upper = value.then_some(letter == 'u'),
                    _ => {}
                }
            }
        }
    }

    fn declare_one(
        &mut self,
        sys: &mut Sys<'_>,
        asked: &Asked<'_>,
        arg: &str,
        local: bool,
    ) -> Result<(), String> {
        let (name, value, append) = split_assign(arg);
        let base = name.split('[').next().unwrap_or(name);
        if !is_name(base) {
            return Err(self.bad_name(arg));
        }
        if local {
            self.keep_local(base);
        }
        if value.is_some() && self.is_readonly(base) {
            return Err(self.read_only(base));
        }
        // Read-only comes last: the value has to be set before.
        let before: String = asked.on.chars().filter(|c| *c != 'r').collect();
        self.attribute(base, &before, &asked.off);
        if let Some(value) = value {
            let old = if append { self.var(name).unwrap_or_default() } else { String::new() };
            if asked.on.contains('n') {
                if let Some(var) = self.vars.get_mut(base) {
                    var.set_text(value);
                }
            } else {
                self.set_var(sys, name, &(old + value))?;
            }
        }
        self.attribute(base, if asked.on.contains('r') { "r" } else { "" }, "");
        Ok(())
    }

    pub(super) fn bad_name(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Bash => format!("`{name}': not a valid identifier"),
            _ => format!("{}: bad variable name", split_assign(name).0),
        }
    }
}

pub(super) fn local(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    if !shell.in_function() {
        let bash = shell.dialect == Dialect::Bash;
        let what = if bash { "can only be used in a function" } else { "not in a function" };
        return Flow::Error(if bash { 1 } else { 2 }, what.to_owned());
    }
    declare_all(shell, sys, &asked(args), true)
}

pub(super) fn declare(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let asked = asked(args);
    if asked.on.contains(['f', 'F']) {
        let missing = asked.names.iter().any(|name| !shell.functions.contains_key(*name));
        let names: Vec<&str> = match asked.names.is_empty() {
            true => shell.functions.keys().map(String::as_str).collect(),
            false => asked.names.clone(),
        };
        let known = names.into_iter().filter(|name| shell.functions.contains_key(*name));
        let line = |name: &str| match asked.names.is_empty() {
            true => format!("declare -f {name}\n"),
            false => format!("{name}\n"),
        };
        let out: String = known.map(line).collect();
        return Flow::Print(out.into_bytes(), u8::from(missing));
    }
    if asked.on.contains('p') || asked.names.is_empty() {
        return show(shell, sys, &asked);
    }
    let local = shell.in_function() && !asked.on.contains('g');
    declare_all(shell, sys, &asked, local)
}

fn declare_all(shell: &mut Shell, sys: &mut Sys<'_>, asked: &Asked<'_>, local: bool) -> Flow {
    for arg in &asked.names {
        if let Err(message) = shell.declare_one(sys, asked, arg, local) {
            let status = if shell.dialect == Dialect::Bash { 1 } else { 2 };
            return Flow::Error(status, message);
        }
    }
    Flow::Done(0)
}

fn show(shell: &mut Shell, sys: &mut Sys<'_>, asked: &Asked<'_>) -> Flow {
    let mut out = String::new();
    let mut status = 0;
    let names: Vec<String> = match asked.names.is_empty() {
        true => shell.vars.keys().cloned().collect(),
        false => asked.names.iter().map(|name| (*name).to_owned()).collect(),
    };
    for name in names {
        match shell.vars.get(&name) {
            Some(var) => out += &line(&name, var),
            None => {
                shell.complain(sys, &format!("{name}: not found"));
                status = 1;
            }
        }
    }
    Flow::Print(out.into_bytes(), status)
}

/// A variable as `declare -p` prints it.
pub(super) fn line(name: &str, var: &Var) -> String {
    let letters = attributes(var);
    let letters = if letters.is_empty() { "-".to_owned() } else { letters };
    let value = |text: &str| {
        if text.chars().any(char::is_control) {
            return ansi_quote(text);
        }
        let mut quoted = String::from('"');
        for c in text.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted + "\""
    };
    let key = |text: &str| {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/%+,@".contains(c));
        if plain && !text.is_empty() { text.to_owned() } else { value(text) }
    };
    match &var.data {
        Data::Unset => format!("declare -{letters} {name}\n"),
        Data::Text(text) => format!("declare -{letters} {name}={}\n", value(text)),
        Data::List(_) | Data::Map(_) => {
            let items: Vec<String> =
                var.elements().iter().map(|(k, v)| format!("[{}]={}", key(k), value(v))).collect();
            let space =
                if matches!(var.data, Data::Map(_)) && !items.is_empty() { " " } else { "" };
            format!("declare -{letters} {name}=({}{space})\n", items.join(" "))
        }
    }
}

pub(super) fn unset(shell: &mut Shell, sys: &mut Sys<'_>, args: &[String]) -> Flow {
    let Asked { on, names, .. } = asked(args);
    for name in names {
        if on.contains('f') {
            shell.functions.remove(name);
            continue;
        }
        let base = name.split('[').next().unwrap_or(name);
        if !is_name(base) {
            let status = if shell.dialect == Dialect::Bash { 1 } else { 2 };
            return Flow::Error(status, shell.bad_name(name));
        }
        let result = match name.strip_prefix(base).filter(|rest| rest.ends_with(']')) {
            Some(rest) => unset_element(shell, sys, base, &rest[1..rest.len() - 1]),
            None if on.contains('n') => shell.unset_var(base),
            None => {
                let target = shell.target(base);
                let function = on.is_empty() && !shell.vars.contains_key(&target);
                if function && shell.dialect == Dialect::Bash {
                    shell.functions.remove(base);
                }
                shell.unset_var(&target)
            }
        };
        if let Err(message) = result {
            return Flow::Error(if shell.dialect == Dialect::Bash { 1 } else { 2 }, message);
        }
    }
    Flow::Done(0)
}

fn unset_element(
    shell: &mut Shell,
    sys: &mut Sys<'_>,
    name: &str,
    subscript: &str,
) -> Result<(), String> {
    let name = shell.target(name);
    if matches!(subscript, "@" | "*") && !shell.is_map(&name) {
        return shell.unset_var(&name);
    }
    let plain = subscript.trim_matches(['"', '\'']);
    let key = shell.key(sys, &name, plain)?;
    let key = if shell.is_map(&name) { Key::Text(plain.to_owned()) } else { key };
    shell.unset_element(&name, &key)
}
