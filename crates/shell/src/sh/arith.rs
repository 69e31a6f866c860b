//! Arithmetic expansion: all operators of C, on wrapping 64-bit integers.

/// Variables as an expression reads and assigns them.
pub(crate) trait Variables {
    fn get(&self, name: &str) -> Option<String>;
    fn set(&mut self, name: &str, value: String) -> Result<(), String>;
    /// Whether names may have subscripts, and whether this one's is a text.
    fn subscripts(&self, _name: &str) -> Option<bool> {
        None
    }
}

const DEPTH: u32 = 60;
const SYNTAX: &str = "arithmetic syntax error";

/// Binary operators by precedence, loosest first.
const BINARY: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];
const ASSIGN: [&str; 11] = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

struct Eval<'a, V: Variables> {
    text: &'a str,
    pos: usize,
    depth: u32,
    vars: &'a mut V,
}

/// Evaluates an expression whose parameters are already expanded.
pub(crate) fn evaluate<V: Variables>(text: &str, vars: &mut V) -> Result<i64, String> {
    evaluate_at(text, vars, 0)
}

fn evaluate_at<V: Variables>(text: &str, vars: &mut V, depth: u32) -> Result<i64, String> {
    if depth > DEPTH {
        return Err("expression recursion loop detected".to_owned());
    }
    let mut eval = Eval { text, pos: 0, depth, vars };
    eval.blanks();
    if eval.rest().is_empty() {
        return Ok(0);
    }
    let value = eval.comma(true)?;
    eval.blanks();
    if eval.rest().is_empty() { Ok(value) } else { Err(SYNTAX.to_owned()) }
}

impl<V: Variables> Eval<'_, V> {
    fn rest(&self) -> &str {
        &self.text[self.pos..]
    }

    fn blanks(&mut self) {
        let skipped = self.rest().len() - self.rest().trim_start().len();
        self.pos += skipped;
    }

    fn eat(&mut self, op: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(op);
        if found {
            self.pos += op.len();
        }
        found
    }

    fn comma(&mut self, live: bool) -> Result<i64, String> {
        let mut value = self.ternary(live)?;
        while self.eat(",") {
            value = self.ternary(live)?;
        }
        Ok(value)
    }

    fn ternary(&mut self, live: bool) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression nested too deep".to_owned());
        }
        let result = self.ternary_inner(live);
        self.depth -= 1;
        result
    }

    fn ternary_inner(&mut self, live: bool) -> Result<i64, String> {
        let cond = self.binary(0, live)?;
        if !self.eat("?") {
            return Ok(cond);
        }
        let yes = self.ternary(live && cond != 0)?;
        if !self.eat(":") {
            return Err(SYNTAX.to_owned());
        }
        let no = self.ternary(live && cond == 0)?;
        Ok(if cond != 0 { yes } else { no })
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let rest = self.rest();
        let op = BINARY[level].iter().find(|op| rest.starts_with(**op))?;
        let after = &rest[op.len()..];
        let longer = match *op {
            "|" | "&" | "^" | "+" | "-" | "*" | "/" | "%" | "<<" | ">>" => {
                after.starts_with('=') || (after.starts_with(*op) && matches!(*op, "|" | "&" | "*"))
            }
            "<" | ">" => after.starts_with(*op),
            _ => false,
        };
        if longer {
            return None;
        }
        self.pos += op.len();
        Some(op)
    }

    fn binary(&mut self, level: usize, live: bool) -> Result<i64, String> {
        if level == BINARY.len() {
            return self.power(live);
        }
        let mut left = self.binary(level + 1, live)?;
        while let Some(op) = self.operator(level) {
            let live = live
                && match op {
                    "||" => left == 0,
                    "&&" => left != 0,
                    _ => true,
                };
            let right = self.binary(level + 1, live)?;
            left = match op {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                _ => apply(op, left, right, live)?,
            };
        }
        Ok(left)
    }

    fn power(&mut self, live: bool) -> Result<i64, String> {
        let base = self.unary(live)?;
        self.blanks();
        if !self.rest().starts_with("**") {
            return Ok(base);
        }
        self.pos += 2;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression nested too deep".to_owned());
        }
        let exponent = self.power(live)?;
        self.depth -= 1;
        if exponent < 0 {
            return Err("exponent less than 0".to_owned());
        }
        Ok(power(base, exponent))
    }

    fn unary(&mut self, live: bool) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression nested too deep".to_owned());
        }
        let result = self.unary_inner(live);
        self.depth -= 1;
        result
    }

    fn unary_inner(&mut self, live: bool) -> Result<i64, String> {
        self.blanks();
        for (op, change) in [("++", 1), ("--", -1)] {
            if self.rest().starts_with(op) {
                let before = self.pos;
                self.pos += 2;
                self.blanks();
                if let Some(name) = self.element()? {
                    let value = self.value(&name)?.wrapping_add(change);
                    return self.store(&name, value, live);
                }
                self.pos = before;
            }
        }
        let Some(c) = self.rest().chars().next() else { return Err(SYNTAX.to_owned()) };
        match c {
            '-' | '+' | '!' | '~' => {
                self.pos += 1;
                let value = self.unary(live)?;
                Ok(match c {
                    '-' => value.wrapping_neg(),
                    '!' => i64::from(value == 0),
                    '~' => !value,
                    _ => value,
                })
            }
            '(' => {
                self.pos += 1;
                let value = self.comma(live)?;
                if self.eat(")") { Ok(value) } else { Err(SYNTAX.to_owned()) }
            }
            '0'..='9' => self.number(),
            _ => match self.element()? {
                Some(name) => self.variable(&name, live),
                None => Err(SYNTAX.to_owned()),
            },
        }
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = rest[..len].to_owned();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.pos += len;
        Some(name)
    }

    /// A name with its subscript computed: `a[3]`.
    fn element(&mut self) -> Result<Option<String>, String> {
        let Some(name) = self.name() else { return Ok(None) };
        let Some(textual) = self.vars.subscripts(&name) else { return Ok(Some(name)) };
        if !self.rest().starts_with('[') {
            return Ok(Some(name));
        }
        self.pos += 1;
        let inside = self.rest();
        if textual {
            let end = inside.find(']').ok_or(SYNTAX)?;
            let key = inside[..end].to_owned();
            self.pos += end + 1;
            return Ok(Some(format!("{name}[{key}]")));
        }
        let n = self.comma(true)?;
        if self.eat("]") { Ok(Some(format!("{name}[{n}]"))) } else { Err(SYNTAX.to_owned()) }
    }

    fn number(&mut self) -> Result<i64, String> {
        let rest = self.rest();
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(rest.len());
        let text = rest[..len].to_owned();
        self.pos += len;
        parse_number(&text).ok_or_else(|| SYNTAX.to_owned())
    }

    fn value(&mut self, name: &str) -> Result<i64, String> {
        match self.vars.get(name) {
            None => Ok(0),
            Some(text) => match parse_number(text.trim()) {
                Some(number) => Ok(number),
                None => evaluate_at(&text, self.vars, self.depth + 1),
            },
        }
    }

    fn store(&mut self, name: &str, value: i64, live: bool) -> Result<i64, String> {
        if live {
            self.vars.set(name, value.to_string())?;
        }
        Ok(value)
    }

    fn variable(&mut self, name: &str, live: bool) -> Result<i64, String> {
        self.blanks();
        let rest = self.rest();
        let assign = ASSIGN.iter().find(|op| rest.starts_with(**op) && !rest.starts_with("=="));
        if let Some(op) = assign {
            self.pos += op.len();
            let right = self.ternary(live)?;
            let value = match op.strip_suffix('=') {
                Some("") | None => right,
                Some(op) => {
                    let left = self.value(name)?;
                    apply(op, left, right, live)?
                }
            };
            return self.store(name, value, live);
        }
        let value = self.value(name)?;
        if self.rest().starts_with("++") || self.rest().starts_with("--") {
            let change = if self.rest().starts_with("++") { 1 } else { -1 };
            self.pos += 2;
            self.store(name, value.wrapping_add(change), live)?;
        }
        Ok(value)
    }
}

fn power(mut base: i64, mut exponent: i64) -> i64 {
    let mut result = 1i64;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

fn apply(op: &str, left: i64, right: i64, live: bool) -> Result<i64, String> {
    Ok(match op {
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(right as u32),
        ">>" => left.wrapping_shr(right as u32),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        _ if right == 0 && live => return Err("divide by zero".to_owned()),
        _ if right == 0 => 0,
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}

/// Decimal, octal, hexadecimal, and `base#digits`.
pub(crate) fn parse_number(text: &str) -> Option<i64> {
    if let Some(rest) = text.strip_prefix('-') {
        return parse_number(rest).map(i64::wrapping_neg);
    }
    if text.is_empty() || !text.is_ascii() {
        return None;
    }
    let (digits, base) =
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            (hex, 16)
        } else if let Some((base, digits)) = text.split_once('#') {
            (digits, base.parse().ok().filter(|b| (2..=36).contains(b))?)
        } else if text.len() > 1 && text.starts_with('0') {
            (&text[1..], 8)
        } else {
            (text, 10)
        };
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(digits, base).map(|n| n as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::{Variables, evaluate};
    use std::collections::BTreeMap;

    struct Map(BTreeMap<String, String>);

    impl Variables for Map {
        fn get(&self, name: &str) -> Option<String> {
            self.0.get(name).cloned()
        }
        fn set(&mut self, name: &str, value: String) -> Result<(), String> {
            self.0.insert(name.to_owned(), value);
            Ok(())
        }
    }

    #[test]
    fn expressions() {
        for (text, expected) in [
            ("1 + 2 * 3", 7),
            ("(1+2)*3", 9),
            ("7 % 3 - -1", 2),
            ("2 ** 10", 1024),
            ("1 << 4 | 1", 17),
            ("x = 5, x += 2, x * x", 49),
            ("y++ + ++y", 2),
            ("1 ? 2 : 3 / 0", 2),
            ("0 && 1 / 0", 0),
            ("!0 + ~0", 0),
            ("0x1f + 010 + 2#101", 44),
            ("3 > 2 && 2 >= 2 && 1 != 2", 1),
            ("", 0),
            ("-9223372036854775807 - 1", i64::MIN),
            ("a=b=4, a+b", 8),
        ] {
            let mut map = Map(BTreeMap::new());
            assert_eq!(evaluate(text, &mut map), Ok(expected), "{text}");
        }
        for text in ["1 +", "1 / 0", "(1", "1 2", "$", "08", "5 = 3"] {
            assert!(evaluate(text, &mut Map(BTreeMap::new())).is_err(), "{text}");
        }
        let mut map = Map([("r".to_owned(), "r".to_owned())].into());
        assert!(evaluate("r", &mut map).is_err());
    }
}
