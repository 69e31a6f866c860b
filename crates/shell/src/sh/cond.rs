//! `[[ … ]]` of bash.

use super::ast::Cond;
use super::expand::{Expander, Halt};
use super::{Shell, pattern};
use crate::kernel::Sys;
use crate::tools::regex::{Regex, Syntax};
use crate::tools::test;

/// A condition whose words are expanded.
#[derive(Clone, Debug)]
pub(super) enum Expanded {
    Word(String),
    Unary(String, String),
    /// The right side of `==` and `!=` is a pattern.
    Binary(String, String, String),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

pub(super) fn expand(e: &mut Expander<'_, '_>, cond: &Cond) -> Result<Expanded, Halt> {
    Ok(match cond {
        Cond::Word(word) => Expanded::Word(e.single(word)?),
        Cond::Unary(op, word) => Expanded::Unary(op.clone(), e.single(word)?),
        Cond::Binary(left, op, right) => {
            let pattern = matches!(op.as_str(), "=" | "==" | "!=");
            let right = if pattern { e.pattern(right)? } else { e.single(right)? };
            Expanded::Binary(e.single(left)?, op.clone(), right)
        }
        Cond::Not(inner) => Expanded::Not(Box::new(expand(e, inner)?)),
        Cond::And(a, b) => Expanded::And(Box::new(expand(e, a)?), Box::new(expand(e, b)?)),
        Cond::Or(a, b) => Expanded::Or(Box::new(expand(e, a)?), Box::new(expand(e, b)?)),
    })
}

impl Shell {
    /// The status of a condition: 0 true, 1 false, 2 error.
    pub(super) fn test_condition(&mut self, sys: &mut Sys<'_>, cond: &Expanded) -> u8 {
        match self.holds(sys, cond) {
            Ok(true) => 0,
            Ok(false) => 1,
            Err(message) => {
                self.complain(sys, &message);
                2
            }
        }
    }

    fn holds(&mut self, sys: &mut Sys<'_>, cond: &Expanded) -> Result<bool, String> {
        match cond {
            Expanded::Word(word) => Ok(!word.is_empty()),
            Expanded::Not(inner) => Ok(!self.holds(sys, inner)?),
            Expanded::And(a, b) => Ok(self.holds(sys, a)? && self.holds(sys, b)?),
            Expanded::Or(a, b) => Ok(self.holds(sys, a)? || self.holds(sys, b)?),
            Expanded::Unary(op, word) if op == "-v" => Ok(match word.split_once('[') {
                Some((name, key)) => self.keys(name).iter().any(|k| k == key.trim_end_matches(']')),
                None => self.vars.contains_key(word),
            }),
            Expanded::Unary(op, word) => test::evaluate(sys, &[op.clone(), word.clone()]),
            Expanded::Binary(left, op, right) => match op.as_str() {
                "=" | "==" => pattern::judge(sys, right, left),
                "!=" => pattern::judge(sys, right, left).map(|matches| !matches),
                "<" => Ok(left < right),
                ">" => Ok(left > right),
                "=~" => self.regex(sys, left, right),
                _ => {
                    let number = |text: &str| {
                        if text.trim().is_empty() { "0".to_owned() } else { text.to_owned() }
                    };
                    test::evaluate(sys, &[number(left), op.clone(), number(right)])
                }
            },
        }
    }

    fn regex(&mut self, sys: &mut Sys<'_>, text: &str, pattern: &str) -> Result<bool, String> {
        let regex = Regex::new(pattern, Syntax::EXTENDED)
            .map_err(|_| "invalid regular expression".to_owned())?;
        let found = sys.captures(&regex, text.as_bytes(), 0)?;
        let groups = found.as_ref().map_or_else(Vec::new, |groups| {
            let group = |range: &Option<(usize, usize)>| match range {
                Some((a, b)) => String::from_utf8_lossy(&text.as_bytes()[*a..*b]).into_owned(),
                None => String::new(),
            };
            groups.iter().map(group).collect()
        });
        self.set_array(sys, "BASH_REMATCH", groups)?;
        Ok(found.is_some())
    }
}
