//! Assignments: variables, elements of arrays, and for the time of one command.

use super::{Assign, Assigned, Expander, Halt, Item, Key, Shell, Sys, Value, Var};

impl Shell {
    pub(super) fn make_assignments(
        &mut self,
        sys: &mut Sys<'_>,
        assigns: &[Assigned],
    ) -> Result<(), String> {
        for assign in assigns {
            match assign {
                Assigned::Scalar { name, index: Some(index), value, append } => {
                    let name = self.target(name);
                    let key = self.key(sys, &name, index)?;
                    let item = Item { key: None, value: value.clone(), append: *append };
                    self.put_element(sys, &name, &key, &item)?;
                }
                Assigned::Scalar { name, index: None, value, append } => {
                    self.assign_scalar(sys, name, value, *append)?;
                }
                Assigned::Array { name, items, append } => {
                    self.assign_array(sys, name, items, *append)?;
                }
            }
        }
        Ok(())
    }

    fn assign_scalar(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        value: &str,
        append: bool,
    ) -> Result<(), String> {
        if !append {
            return self.set_var(sys, name, value);
        }
        let old = self.var(name).unwrap_or_default();
        let integer = self.vars.get(name).is_some_and(|var| var.integer);
        let sum = if integer { format!("{old}+({value})") } else { old + value };
        self.set_var(sys, name, &sum)
    }

    /// The subscript of an element of a variable.
    pub(in crate::sh) fn key(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        text: &str,
    ) -> Result<Key, String> {
        if self.is_map(name) {
            return Ok(Key::Text(text.to_owned()));
        }
        self.compute(sys, text).map(Key::Number)
    }

    fn put_element(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        key: &Key,
        item: &Item,
    ) -> Result<(), String> {
        if !item.append {
            return self.set_element(sys, name, key, &item.value);
        }
        let old = self.element(name, key).map(|old| old.to_string()).unwrap_or_default();
        let integer = self.vars.get(name).is_some_and(|var| var.integer);
        let value = &item.value;
        let sum = if integer { format!("{old}+({value})") } else { old + value };
        self.set_element(sys, name, key, &sum)
    }

    fn assign_array(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        items: &[Item],
        append: bool,
    ) -> Result<(), String> {
        let name = self.target(name);
        if self.is_map(&name) {
            if !append {
                self.clear_map(&name)?;
            }
            return self.fill_map(sys, &name, items);
        }
        let plain = items.iter().all(|item| item.key.is_none());
        if plain && !append {
            let values = items.iter().map(|item| item.value.clone()).collect();
            return self.set_array(sys, &name, values);
        }
        if append {
            self.make_list(&name);
        } else {
            self.set_array(sys, &name, Vec::new())?;
        }
        let mut next = self.next_index(&name);
        for item in items {
            let key = match &item.key {
                Some(text) => self.key(sys, &name, text)?,
                None => Key::Number(next),
            };
            self.put_element(sys, &name, &key, item)?;
            if let Key::Number(n) = key {
                next = n.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Keys and values in turn, or with subscripts.
    fn fill_map(&mut self, sys: &mut Sys<'_>, name: &str, items: &[Item]) -> Result<(), String> {
        let mut key: Option<String> = None;
        for item in items {
            match (&item.key, key.take()) {
                (Some(text), _) => {
                    self.put_element(sys, name, &Key::Text(text.clone()), item)?;
                }
                (None, Some(text)) => {
                    self.set_element(sys, name, &Key::Text(text), &item.value)?;
                }
                (None, None) => key = Some(item.value.clone()),
            }
        }
        match key {
            Some(text) => self.set_element(sys, name, &Key::Text(text), ""),
            None => Ok(()),
        }
    }

    /// Sets variables for the time of one command; says what they were before.
    pub(super) fn temporary(
        &mut self,
        sys: &mut Sys<'_>,
        assigns: &[Assigned],
    ) -> Result<Vec<(String, Option<Var>)>, String> {
        let mut saved = Vec::new();
        for assign in assigns {
            let (Assigned::Scalar { name, .. } | Assigned::Array { name, .. }) = assign;
            saved.push((name.clone(), self.vars.get(name).cloned()));
        }
        self.make_assignments(sys, assigns)?;
        for (name, _) in &saved {
            if let Some(var) = self.vars.get_mut(name) {
                var.exported = true;
            }
        }
        saved.reverse();
        Ok(saved)
    }
}

pub(super) fn expand_assign(e: &mut Expander<'_, '_>, assign: &Assign) -> Result<Assigned, Halt> {
    let (name, append) = (assign.name.clone(), assign.append);
    match &assign.value {
        Value::Array(elements) => {
            let mut items = Vec::new();
            for element in elements {
                match &element.index {
                    Some(parts) => {
                        let key = Some(e.text(parts)?);
                        let value = e.single(&element.word)?;
                        items.push(Item { key, value, append: element.append });
                    }
                    None => {
                        let words = e.words(std::slice::from_ref(&element.word))?;
                        let item = |value| Item { key: None, value, append: false };
                        items.extend(words.into_iter().map(item));
                    }
                }
            }
            Ok(Assigned::Array { name, items, append })
        }
        Value::Scalar(word) => {
            let value = e.single(word)?;
            let index = match &assign.index {
                Some(parts) => Some(e.text(parts)?),
                None => None,
            };
            if index.is_none() {
                let shown = if append { e.current_value(&name) + &value } else { value.clone() };
                e.overlay_assign(&name, &shown);
            }
            Ok(Assigned::Scalar { name, index, value, append })
        }
    }
}
