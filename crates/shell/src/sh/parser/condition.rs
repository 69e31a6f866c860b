//! Expressions between `[[` and `]]`.

use super::*;

impl Parser<'_> {
    pub(super) fn cond_or(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_and()?;
        loop {
            self.newlines();
            if !self.eat("||") {
                return Ok(left);
            }
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
    }

    pub(super) fn cond_and(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_primary()?;
        loop {
            self.newlines();
            if !self.eat("&&") {
                return Ok(left);
            }
            left = Cond::And(Box::new(left), Box::new(self.cond_primary()?));
        }
    }

    pub(super) fn cond_word(&mut self, text: &str) -> bool {
        self.newlines();
        let found = self.rest().strip_prefix(text).is_some_and(|after| {
            after.is_empty() || after.starts_with([' ', '\t', '\n', ';', '&', '|', ')'])
        });
        if found {
            self.pos += text.len();
        }
        found
    }

    pub(super) fn cond_primary(&mut self) -> Parsed<Cond> {
        if self.cond_word("!") {
            return Ok(Cond::Not(Box::new(self.deeper(Self::cond_primary)?)));
        }
        self.newlines();
        if self.peek() == Some('(') {
            self.bump();
            let inner = self.deeper(Self::cond_or)?;
            self.newlines();
            if self.peek() != Some(')') {
                return self.unexpected(Some(")"));
            }
            self.bump();
            return Ok(inner);
        }
        let Some(first) = self.word()? else { return self.unexpected(None) };
        if let Some(flag) = first.literal()
            && flag.len() == 2
            && flag.starts_with('-')
            && let Some(operand) = self.cond_operand()?
        {
            return Ok(Cond::Unary(flag.to_owned(), operand));
        }
        self.blanks();
        for op in [
            "==", "=~", "!=", "<", ">", "=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt",
            "-ot", "-ef",
        ] {
            if self.rest().starts_with(op) {
                self.pos += op.len();
                self.blanks();
                let right = if op == "=~" {
                    self.regex_word()?
                } else {
                    self.cond_operand()?.unwrap_or_default()
                };
                return Ok(Cond::Binary(first, op.to_owned(), right));
            }
        }
        Ok(Cond::Word(first))
    }

    pub(super) fn cond_operand(&mut self) -> Parsed<Option<Word>> {
        self.blanks();
        if self.rest().starts_with("]]") {
            return Ok(None);
        }
        self.word()
    }

    /// The right side of `=~`: parentheses and bars belong to it.
    pub(super) fn regex_word(&mut self) -> Parsed<Word> {
        let mut word = Word::default();
        loop {
            match self.peek() {
                Some(c @ ('(' | ')' | '|' | '<' | '>' | '&' | ';'))
                    if !(c == '&' && self.rest().starts_with("&&")) =>
                {
                    self.bump();
                    word.parts.push(Part::Lit(c.to_string()));
                }
                None | Some(' ' | '\t' | '\n' | '&') => return Ok(word),
                Some('\r') => drop(self.bump()),
                Some(_) => word.parts.extend(self.deeper(|p| p.word_until(None))?.parts),
            }
        }
    }
}
