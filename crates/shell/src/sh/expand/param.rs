//! Parameters in words: their values, and what stands in for those that are missing.

use super::{Dialect, Expanded, Expander, Key, Many, Op, Param, Part, Place, Value, fail, is_all};

impl Expander<'_, '_> {
    fn value(&mut self, param: &Param) -> Expanded<Value> {
        let name = param.name.as_str();
        if let Some(index) = &param.index {
            let target = self.shell.target(name);
            let name = target.as_str();
            if is_all(index) {
                let star = matches!(index.as_slice(), [Part::Lit(t) | Part::Quoted(t)] if t == "*");
                let kind = if star { Many::Star } else { Many::At };
                let items = match param.op {
                    Op::Keys => self.shell.keys(name),
                    _ => self.shell.array(name),
                };
                return Ok(Value::Many(items, kind));
            }
            let key = if self.shell.is_map(name) {
                Key::Text(self.text(index)?)
            } else {
                Key::Number(self.arithmetic(index)?)
            };
            let item = self.shell.element(name, &key);
            return Ok(item.map_or(Value::Unset, |item| Value::One(item.to_string())));
        }
        Ok(match name {
            _ if param.op == Op::Names => {
                let names = self.shell.vars.keys().filter(|known| known.starts_with(name));
                Value::Many(names.cloned().collect(), Many::At)
            }
            "@" => Value::Many(self.shell.params.to_vec(), Many::At),
            "*" => Value::Many(self.shell.params.to_vec(), Many::Star),
            _ => self.variable(name).map_or(Value::Unset, Value::One),
        })
    }

    pub(super) fn param(&mut self, param: &Param, quoted: bool) -> Expanded<()> {
        let place = if quoted { Place::Quoted } else { Place::Inner };
        let value = match (&param.op, self.value(param)?) {
            (Op::Bad, _) if self.shell.dialect == Dialect::Dash => {
                return fail("Bad substitution");
            }
            (Op::Bad, _) => return fail("syntax error: bad substitution"),
            (Op::Indirect, Value::One(name)) => {
                self.variable(&name).map_or(Value::Unset, Value::One)
            }
            (_, value) => value,
        };
        let empty = match &value {
            Value::Unset => true,
            Value::One(text) => text.is_empty(),
            Value::Many(items, _) => items.iter().all(String::is_empty) && items.len() < 2,
        };
        let unset = match &value {
            Value::Unset => true,
            Value::One(_) => false,
            Value::Many(items, _) => items.is_empty(),
        };
        let missing = |colon: bool| if colon { empty } else { unset };
        match &param.op {
            Op::Default { colon, word } if missing(*colon) => {
                return self.parts(&word.parts, place);
            }
            Op::Alternate { colon, word } => {
                return if missing(*colon) { Ok(()) } else { self.parts(&word.parts, place) };
            }
            Op::Assign { colon, word } if missing(*colon) => {
                let text = self.single(word)?;
                self.assign(&param.name, text.clone()).or_else(fail)?;
                self.push_value(Value::One(text), quoted);
                return Ok(());
            }
            Op::Error { colon, word } if missing(*colon) => {
                let text = self.single(word)?;
                let name = &param.name;
                let text = if !text.is_empty() {
                    text
                } else if *colon {
                    "parameter null or not set".to_owned()
                } else {
                    "parameter not set".to_owned()
                };
                return fail(format!("{name}: {text}"));
            }
            _ => {}
        }
        let exempt = matches!(param.op, Op::Default { .. } | Op::Assign { .. } | Op::Error { .. });
        if self.shell.opts.nounset && matches!(value, Value::Unset) && !exempt {
            let text = if self.shell.dialect == Dialect::Bash {
                "unbound variable"
            } else {
                "parameter not set"
            };
            return fail(format!("{}: {text}", param.name));
        }
        let value = self.transform(param, value)?;
        self.push_value(value, quoted);
        Ok(())
    }

    fn push_value(&mut self, value: Value, quoted: bool) {
        match value {
            Value::Unset => {}
            Value::One(text) if quoted => self.push_quoted(&text),
            Value::One(text) => self.push_expanded(&text),
            Value::Many(items, star) => self.push_many(&items, star, quoted),
        }
    }
}
