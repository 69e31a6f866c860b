//! Variables and special parameters.

use super::values::{Data, Var};
use super::{Dialect, Shell};
use crate::kernel::Sys;
use crate::limits;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Variables larger than this count as memory of the process.
const LARGE: u64 = 64 << 10;

/// The subscript of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Number(i64),
    Text(String),
}

impl Shell {
    pub(super) fn var(&self, name: &str) -> Option<String> {
        if self.dialect == Dialect::Bash {
            if name.ends_with(']') {
                let (name, key) = self.element_name(name)?;
                return self.element(&name, &key).map(|value| value.to_string());
            }
            if self.vars.get(name).is_some_and(|var| var.reference) {
                return self.vars.get(&self.target(name))?.text().map(str::to_owned);
            }
        }
        self.vars.get(name)?.text().map(str::to_owned)
    }

    /// The values of an array's elements; a plain value is an array of one.
    pub(super) fn array(&self, name: &str) -> Vec<String> {
        if self.dialect == Dialect::Bash {
            match name {
                "PIPESTATUS" if self.pipe_status.is_empty() => {
                    return vec![self.status.to_string()];
                }
                "PIPESTATUS" => return self.pipe_status.iter().map(u8::to_string).collect(),
                "FUNCNAME" => return self.function_names(),
                "BASH_SOURCE" => return vec![self.arg0.clone()],
                _ => {}
            }
        }
        let elements = self.vars.get(name).map(Var::elements).unwrap_or_default();
        elements.into_iter().map(|(_, value)| value.to_string()).collect()
    }

    pub(super) fn keys(&self, name: &str) -> Vec<String> {
        let elements = self.vars.get(name).map(Var::elements).unwrap_or_default();
        elements.into_iter().map(|(key, _)| key).collect()
    }

    fn function_names(&self) -> Vec<String> {
        let calls = self.stack.iter().rev().filter_map(|frame| match frame {
            super::machine::Frame::Call { name, .. } => Some(name.to_string()),
            _ => None,
        });
        let mut names: Vec<String> = calls.collect();
        if !names.is_empty() {
            names.push("main".to_owned());
        }
        names
    }

    pub(super) fn is_map(&self, name: &str) -> bool {
        self.vars.get(name).is_some_and(|var| matches!(var.data, Data::Map(_)))
    }

    /// One element; negative numbers count from the end.
    pub(super) fn element(&self, name: &str, key: &Key) -> Option<Arc<str>> {
        if let Key::Number(n @ 0..) = key
            && !self.vars.contains_key(name)
        {
            return self.array(name).get(*n as usize).map(|value| value.as_str().into());
        }
        let var = self.vars.get(name)?;
        match (&var.data, key) {
            (Data::Map(items), Key::Text(key)) => items.get(key).cloned(),
            (Data::List(items), Key::Number(n)) => items.get(&position(items, *n)?).cloned(),
            (Data::Text(text), Key::Number(0 | -1)) => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn is_readonly(&self, name: &str) -> bool {
        self.vars.get(name).is_some_and(|var| var.readonly)
    }

    /// The words with which an assignment to a read-only variable is refused.
    pub(super) fn read_only(&self, name: &str) -> String {
        let what = if self.dialect == Dialect::Bash { "readonly variable" } else { "is read only" };
        format!("{name}: {what}")
    }

    /// `name[key]` apart; none for a plain name.
    pub(super) fn element_name(&self, text: &str) -> Option<(String, Key)> {
        let (name, key) = text.strip_suffix(']')?.split_once('[')?;
        let name = self.target(name);
        let key = if self.is_map(&name) {
            Key::Text(key.to_owned())
        } else {
            Key::Number(key.parse().ok()?)
        };
        Some((name, key))
    }

    /// The variable that a name stands for (`declare -n`).
    pub(super) fn target(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..8 {
            match self.vars.get(&name) {
                Some(var) if var.reference => match var.text() {
                    Some(next) if !next.is_empty() => name = next.to_owned(),
                    _ => break,
                },
                _ => break,
            }
        }
        name
    }

    /// The value of `$name`, special parameters included.
    pub(super) fn parameter(&self, name: &str, sys: &Sys<'_>) -> Option<String> {
        if let Some(var) = self.var(name) {
            return Some(var);
        }
        match name {
            "#" => Some(self.params.len().to_string()),
            "?" => Some(self.status.to_string()),
            "$" => Some(self.root_pid.unwrap_or(sys.pid).to_string()),
            "!" => self.last_background.map(|pid| pid.to_string()),
            "-" => Some(self.opts.letters()),
            "0" => Some(self.arg0.clone()),
            "LINENO" if self.dialect == Dialect::Ash && !self.script => {
                Some(self.line.saturating_sub(1).to_string())
            }
            "LINENO" => Some(self.line.to_string()),
            "RANDOM" if self.dialect != Dialect::Dash => {
                Some(((sys.u.random ^ sys.cost) >> 20 & 0x7fff).to_string())
            }
            "SECONDS" if self.dialect == Dialect::Bash => {
                Some(((sys.now() - sys.proc().started) / crate::SECOND).to_string())
            }
            "EPOCHSECONDS" if self.dialect != Dialect::Dash => {
                Some((sys.unix_nanos() / 1_000_000_000).to_string())
            }
            "UID" | "EUID" if self.dialect == Dialect::Bash => {
                Some(sys.proc().cred.uid.to_string())
            }
            "PIPESTATUS" | "FUNCNAME" | "BASH_SOURCE" if self.dialect == Dialect::Bash => {
                self.array(name).into_iter().next()
            }
            "BASHPID" if self.dialect == Dialect::Bash => Some(sys.pid.to_string()),
            _ => {
                let n: usize = name.parse().ok()?;
                self.params.get(n.checked_sub(1)?).cloned()
            }
        }
    }

    /// Counts what the variables take; too much takes the container out of memory.
    fn grow(&mut self, sys: &mut Sys<'_>, bytes: i64) {
        self.stored = self.stored.saturating_add_signed(bytes);
        if self.stored > limits::PROCESS_BYTES {
            sys.exhaust("bytes of a process");
        } else if self.stored > LARGE {
            sys.charge(self.stored);
        }
    }

    /// Sets a variable. An error is a message without the shell's name.
    pub(super) fn set_var(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        value: &str,
    ) -> Result<(), String> {
        if name.ends_with(']')
            && let Some((name, key)) = self.element_name(name)
        {
            return self.set_element(sys, &name, &key, value);
        }
        let name = &self.target(name);
        if self.is_readonly(name) {
            return Err(self.read_only(name));
        }
        let value = self.shaped(sys, name, value)?;
        let allexport = self.opts.allexport;
        let new = if self.vars.contains_key(name) { 0 } else { name.len() as i64 + 64 };
        let var = self.vars.entry(name.to_owned()).or_default();
        let grown = var.set_text(&value);
        var.exported |= allexport;
        if name == "OPTIND" {
            self.option_at = 1;
        }
        self.grow(sys, grown + new);
        Ok(())
    }

    /// A value as the variable's attributes want it (`declare -i`, `-u`, `-l`).
    fn shaped(&mut self, sys: &mut Sys<'_>, name: &str, value: &str) -> Result<String, String> {
        match self.vars.get(name) {
            Some(Var { integer: true, .. }) => {
                self.compute(sys, value).map(|number| number.to_string())
            }
            Some(Var { upper: Some(true), .. }) => Ok(value.to_uppercase()),
            Some(Var { upper: Some(false), .. }) => Ok(value.to_lowercase()),
            _ => Ok(value.to_owned()),
        }
    }

    /// Makes a list of a variable.
    pub(super) fn set_array(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        items: Vec<String>,
    ) -> Result<(), String> {
        let items = items.into_iter().enumerate().map(|(i, item)| (i as u64, item)).collect();
        self.set_list(sys, name, items)
    }

    pub(super) fn set_list(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        items: Vec<(u64, String)>,
    ) -> Result<(), String> {
        if self.is_readonly(name) {
            return Err(self.read_only(name));
        }
        let bytes: usize = items.iter().map(|(_, item)| item.len() + 48).sum();
        sys.pay(bytes as u64);
        let old = self.vars.get(name).map_or(0, |var| var.len() * 48);
        let items = items.into_iter().map(|(i, item)| (i, item.as_str().into())).collect();
        self.vars.entry(name.to_owned()).or_default().data = Data::List(Arc::new(items));
        self.grow(sys, bytes as i64 - old as i64);
        Ok(())
    }

    /// Makes an empty associative array of a variable, unless it is one.
    pub(super) fn make_map(&mut self, name: &str) {
        let var = self.vars.entry(name.to_owned()).or_default();
        if !matches!(var.data, Data::Map(_)) {
            var.data = Data::Map(Arc::default());
        }
    }

    /// Takes all elements out of an associative array.
    pub(super) fn clear_map(&mut self, name: &str) -> Result<(), String> {
        if self.is_readonly(name) {
            return Err(self.read_only(name));
        }
        if let Some(var) = self.vars.get_mut(name) {
            var.data = Data::Map(Arc::default());
        }
        Ok(())
    }

    /// The number behind the last element of a list.
    pub(super) fn next_index(&self, name: &str) -> i64 {
        match self.vars.get(name).map(|var| &var.data) {
            Some(Data::List(items)) => items
                .keys()
                .next_back()
                .map_or(0, |last| i64::try_from(*last).unwrap_or(0).saturating_add(1)),
            _ => 0,
        }
    }

    /// Makes an empty list of a variable, unless it is an array; a plain value becomes its element 0.
    pub(super) fn make_list(&mut self, name: &str) {
        let var = self.vars.entry(name.to_owned()).or_default();
        if var.is_array() {
            return;
        }
        let items = var.shared().cloned().map(|value| (0, value)).into_iter().collect();
        var.data = Data::List(Arc::new(items));
    }

    pub(super) fn set_element(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        key: &Key,
        value: &str,
    ) -> Result<(), String> {
        if self.is_readonly(name) {
            return Err(self.read_only(name));
        }
        let value = self.shaped(sys, name, value)?;
        self.make_list(name);
        let bad = || format!("{name}: bad array subscript");
        let Some(var) = self.vars.get_mut(name) else { return Ok(()) };
        if var.len() >= limits::ELEMENTS {
            sys.exhaust("elements of an array");
            return Err("out of memory".to_owned());
        }
        let before = var.len();
        match (&mut var.data, key) {
            (Data::List(items), Key::Number(n)) => {
                let at = position(items, *n).ok_or_else(bad)?;
                Arc::make_mut(items).insert(at, value.as_str().into());
            }
            (Data::Map(items), Key::Text(key)) => {
                Arc::make_mut(items).insert(key.clone(), value.as_str().into());
            }
            _ => return Err(bad()),
        }
        let grown = (var.len() - before) as i64 * 64 + value.len() as i64;
        self.grow(sys, grown);
        Ok(())
    }

    pub(super) fn unset_element(&mut self, name: &str, key: &Key) -> Result<(), String> {
        if self.is_readonly(name) {
            return Err(self.read_only(name));
        }
        match (self.vars.get_mut(name).map(|var| &mut var.data), key) {
            (Some(Data::List(items)), Key::Number(n)) => {
                let Some(at) = position(items, *n) else {
                    return Err(format!("[{n}]: bad array subscript"));
                };
                Arc::make_mut(items).remove(&at);
            }
            (Some(Data::Map(items)), Key::Text(key)) => {
                Arc::make_mut(items).remove(key);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn unset_var(&mut self, name: &str) -> Result<(), String> {
        if self.is_readonly(name) {
            let what = if self.dialect == Dialect::Bash {
                format!("{name}: cannot unset: readonly variable")
            } else {
                self.read_only(name)
            };
            return Err(what);
        }
        if let Some(var) = self.vars.remove(name) {
            let bytes: usize = var.elements().iter().map(|(_, value)| value.len()).sum();
            self.stored = self.stored.saturating_sub(bytes as u64 + 64);
        }
        Ok(())
    }

    /// The environment of the programs that it starts.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        self.vars
            .iter()
            .filter(|(_, var)| var.exported && !var.is_array())
            .filter_map(|(name, var)| Some((name.clone(), var.text()?.to_owned())))
            .collect()
    }

    /// The environment that an unchanged set of exported variables would give, or the new one.
    pub(super) fn same_environment(&self, old: &BTreeMap<String, String>) -> bool {
        let mut count = 0;
        for (name, var) in &self.vars {
            if var.exported
                && !var.is_array()
                && let Some(value) = var.text()
            {
                count += 1;
                if old.get(name).map(String::as_str) != Some(value) {
                    return false;
                }
            }
        }
        count == old.len()
    }
}

/// The number of an element; negative ones count from behind the last.
fn position(items: &BTreeMap<u64, Arc<str>>, n: i64) -> Option<u64> {
    if n >= 0 {
        return u64::try_from(n).ok();
    }
    let end = items.keys().next_back().map_or(0, |last| last + 1);
    end.checked_add_signed(n)
}
