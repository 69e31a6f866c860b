//! Regular expressions of a program.

use super::*;

impl Machine {
    pub(super) fn pattern(&mut self, cx: &mut Cx<'_, '_>, expr: &Expr) -> String {
        match expr {
            Expr::Regex(pattern) => pattern.clone(),
            other => self.eval(cx, other).text(),
        }
    }
    pub(super) fn regex(&mut self, pattern: &str) -> Option<Regex> {
        if let Some(regex) = self.compiled.get(pattern) {
            return Some(regex.clone());
        }
        match Regex::new(pattern, Syntax::EXTENDED) {
            Ok(regex) => {
                if self.compiled.len() >= REMEMBERED {
                    self.compiled.clear();
                }
                self.compiled.insert(pattern.to_owned(), regex.clone());
                Some(regex)
            }
            Err(error) => {
                self.error = Some(format!("bad regex '{pattern}': {error}"));
                self.exit = Some(2);
                None
            }
        }
    }
    pub(super) fn matches(
        &mut self,
        cx: &mut Cx<'_, '_>,
        text: &str,
        pattern: &str,
    ) -> Option<Range> {
        let regex = self.regex(pattern)?;
        self.find(cx, &regex, text.as_bytes(), 0)
    }
    pub(super) fn find(
        &mut self,
        cx: &mut Cx<'_, '_>,
        regex: &Regex,
        text: &[u8],
        at: usize,
    ) -> Option<Range> {
        cx.sys.find(regex, text, at).unwrap_or_else(|message| {
            self.fail(message.to_owned());
            None
        })
    }
}
