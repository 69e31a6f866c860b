//! Variables and special parameters.

use super::{Shell, Var};
use crate::kernel::Sys;
use std::collections::BTreeMap;

/// Variables larger than this count as memory of the process.
const LARGE: usize = 64 << 10;

impl Shell {
    pub(super) fn var(&self, name: &str) -> Option<String> {
        let var = self.vars.get(name)?;
        match &var.array {
            Some(array) => array.first().cloned(),
            None => var.value.clone(),
        }
    }

    pub(super) fn array(&self, name: &str) -> Vec<String> {
        match self.vars.get(name) {
            Some(Var { array: Some(array), .. }) => array.clone(),
            Some(Var { value: Some(value), .. }) => vec![value.clone()],
            _ => Vec::new(),
        }
    }

    pub(super) fn is_readonly(&self, name: &str) -> bool {
        self.vars.get(name).is_some_and(|var| var.readonly)
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
            "LINENO" if self.dialect == super::Dialect::Ash && !self.script => {
                Some(self.line.saturating_sub(1).to_string())
            }
            "LINENO" => Some(self.line.to_string()),
            "RANDOM" => Some(((sys.u.random ^ sys.cost) >> 20 & 0x7fff).to_string()),
            "SECONDS" if self.dialect == super::Dialect::Bash => {
                Some(((sys.now() - sys.proc().started) / crate::SECOND).to_string())
            }
            "UID" | "EUID" if self.dialect == super::Dialect::Bash => {
                Some(sys.proc().cred.uid.to_string())
            }
            _ => {
                let n: usize = name.parse().ok()?;
                self.params.get(n.checked_sub(1)?).cloned()
            }
        }
    }

    /// Sets a variable. An error is a message without the shell's name.
    pub(super) fn set_var(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        value: &str,
    ) -> Result<(), String> {
        let allexport = self.opts.allexport;
        let var = self.vars.entry(name.to_owned()).or_default();
        if var.readonly {
            return Err(format!("{name}: is read only"));
        }
        match &mut var.array {
            Some(array) if array.is_empty() => array.push(value.to_owned()),
            Some(array) => value.clone_into(&mut array[0]),
            None => var.value = Some(value.to_owned()),
        }
        var.exported |= allexport;
        if name == "OPTIND" {
            self.option_at = 1;
        }
        if value.len() > LARGE {
            let total: usize =
                self.vars.values().filter_map(|v| v.value.as_ref()).map(String::len).sum();
            sys.charge(total as u64);
        }
        Ok(())
    }

    pub(super) fn set_array(&mut self, name: &str, items: Vec<String>) -> Result<(), String> {
        let var = self.vars.entry(name.to_owned()).or_default();
        if var.readonly {
            return Err(format!("{name}: is read only"));
        }
        var.array = Some(items);
        var.value = None;
        Ok(())
    }

    pub(super) fn set_element(
        &mut self,
        name: &str,
        index: usize,
        value: &str,
    ) -> Result<(), String> {
        let mut items = self.array(name);
        if index > 100_000 {
            return Err(format!("{name}: bad array subscript"));
        }
        if items.len() <= index {
            items.resize(index + 1, String::new());
        }
        value.clone_into(&mut items[index]);
        self.set_array(name, items)
    }

    pub(super) fn unset_var(&mut self, name: &str) -> Result<(), String> {
        if self.is_readonly(name) {
            return Err(format!("{name}: is read only"));
        }
        self.vars.remove(name);
        Ok(())
    }

    /// The environment of the programs that it starts.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        self.vars
            .iter()
            .filter(|(_, var)| var.exported)
            .filter_map(|(name, var)| Some((name.clone(), var.value.clone()?)))
            .collect()
    }

    /// The environment that an unchanged set of exported variables would give, or the new one.
    pub(super) fn same_environment(&self, old: &BTreeMap<String, String>) -> bool {
        let mut count = 0;
        for (name, var) in &self.vars {
            if var.exported
                && let Some(value) = &var.value
            {
                count += 1;
                if old.get(name) != Some(value) {
                    return false;
                }
            }
        }
        count == old.len()
    }
}
