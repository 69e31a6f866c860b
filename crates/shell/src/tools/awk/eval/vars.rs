//! Variables, arrays and fields.

use super::*;

impl Machine {
    pub(super) fn assign_var(&mut self, cx: &mut Cx<'_, '_>, name: &str, value: Value) {
        if name == "NF" {
            let n = value.number().clamp(0.0, 10_000.0) as usize;
            let mut fields = self.split_record(cx);
            fields.resize(n, String::new());
            self.rebuild(fields);
            return;
        }
        match self.frames.last_mut() {
            Some(frame) if frame.params.iter().any(|p| p == name) => {
                frame.vars.insert(name.to_owned(), value);
            }
            _ => drop(self.vars.insert(name.to_owned(), value)),
        }
    }

    pub(super) fn array(&mut self, name: &str) -> &mut BTreeMap<String, Value> {
        let mut name = name.to_owned();
        for frame in self.frames.iter_mut().rev() {
            if !frame.params.contains(&name) {
                break;
            }
            match frame.aliases.get(&name) {
                Some(outer) => name.clone_from(outer),
                None => return frame.arrays.entry(name).or_default(),
            }
        }
        self.arrays.entry(name).or_default()
    }

    pub(super) fn key(&mut self, cx: &mut Cx<'_, '_>, index: &[Expr]) -> String {
        let parts: Vec<String> = index.iter().map(|e| self.eval(cx, e).text()).collect();
        parts.join(&self.var("SUBSEP").text())
    }

    pub(super) fn split_record(&mut self, cx: &mut Cx<'_, '_>) -> Vec<String> {
        if let Some(fields) = &self.fields {
            cx.sys.pay(fields.len() as u64 * 8);
            return fields.clone();
        }
        let (record, separator) = (self.record.clone(), self.var("FS").text());
        let fields = self.split(cx, &record, &separator);
        self.fields = Some(fields.clone());
        fields
    }

    pub(super) fn record_text(&self) -> String {
        self.record.clone()
    }

    pub(super) fn rebuild(&mut self, fields: Vec<String>) {
        self.record = fields.join(&self.var("OFS").text());
        self.fields = Some(fields);
    }

    pub(super) fn field(&mut self, cx: &mut Cx<'_, '_>, n: f64) -> Value {
        if n < 0.0 {
            self.fail("Access to negative field".to_owned());
        }
        let Some(n) = (n as usize).checked_sub(1) else {
            cx.sys.pay(self.record.len() as u64);
            return Value::Input(self.record.clone());
        };
        if self.fields.is_none() {
            self.split_record(cx);
        }
        let field = self.fields.as_ref().and_then(|fields| fields.get(n));
        Value::Input(field.cloned().unwrap_or_default())
    }

    pub(super) fn assign(&mut self, cx: &mut Cx<'_, '_>, target: &Expr, value: Value) {
        match target {
            Expr::Var(name) => self.assign_var(cx, name, value),
            Expr::Index(name, index) => {
                let key = self.key(cx, index);
                let text = value.text();
                let size = key.len() + text.len() + 64;
                self.stored += size as u64;
                if cx.sys.too_much(self.stored) {
                    cx.sys.exhaust("bytes of a process");
                    self.fail("out of memory".to_owned());
                }
                self.array(name).insert(key, value);
            }
            Expr::Field(n) => {
                let n = self.eval(cx, n).number().clamp(0.0, 10_000.0) as usize;
                if n == 0 {
                    self.record = value.text();
                    self.fields = None;
                } else {
                    let mut fields = self.split_record(cx);
                    if fields.len() < n {
                        fields.resize(n, String::new());
                    }
                    fields[n - 1] = value.text();
                    self.rebuild(fields);
                }
            }
            _ => {}
        }
    }
}
