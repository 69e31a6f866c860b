//! `${…}`.

use super::*;

/// `@` or `*` as a subscript.
pub(in crate::sh) fn is_all(parts: &[Part]) -> bool {
    matches!(parts, [Part::Lit(text) | Part::Quoted(text)] if text == "@" || text == "*")
}

impl<'a> Parser<'a> {
    /// `${…}` after the brace.
    pub(super) fn braced(&mut self, quoted: bool) -> Parsed<Part> {
        let length = self.rest().starts_with('#')
            && self
                .peek_at(1)
                .is_some_and(|c| c != '}' && (is_name_char(c) || "@*#?$!-".contains(c)))
            && !(self.rest().starts_with("#-") || self.rest().starts_with("#?"))
                | self.rest().starts_with("#?}")
                | self.rest().starts_with("#-}");
        if length {
            self.bump();
        }
        let bash = self.dialect == Dialect::Bash;
        let indirect =
            bash && self.rest().starts_with('!') && self.peek_at(1).is_some_and(is_name_start);
        if indirect {
            self.bump();
        }
        let name = match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                let len = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(1);
                let name = self.rest()[..len].to_owned();
                self.pos += len;
                name
            }
            Some(c) if is_name_start(c) => self.name(),
            Some(c) if "@*#?$!-".contains(c) => {
                self.bump();
                c.to_string()
            }
            _ => return self.bad_substitution(),
        };
        let index = match self.peek() {
            Some('[') if self.dialect == Dialect::Bash => {
                self.bump();
                let text = self.arith_text(&[']'])?;
                self.bump();
                Some(self.subscript(text)?)
            }
            _ => None,
        };
        let all = index.as_deref().is_some_and(is_all);
        let op = if length {
            Op::Length
        } else if indirect && all {
            Op::Keys
        } else if indirect && index.is_none() && (self.eat("*}") || self.eat("@}")) {
            self.pos -= 1;
            Op::Names
        } else if indirect {
            Op::Indirect
        } else {
            self.param_op(quoted)?
        };
        if op == Op::Bad || self.peek() != Some('}') {
            return self.bad_substitution();
        }
        self.bump();
        Ok(Part::Param(Box::new(Param { name, index, op })))
    }

    /// The parts of a subscript: a word with its quotes, or an expression.
    pub(in crate::sh) fn subscript(&mut self, text: &'a str) -> Parsed<Vec<Part>> {
        let mut inner = self.nested(text);
        if let Ok(word) = inner.word_until(None)
            && inner.peek().is_none()
        {
            return Ok(word.parts);
        }
        self.nested(text).double_quoted(None)
    }

    /// Skips to the closing brace; the error comes when the word is expanded.
    pub(super) fn bad_substitution(&mut self) -> Parsed<Part> {
        let len = self.rest().find('}');
        match len {
            Some(len) => self.pos += len + 1,
            None => return self.error("unterminated ${"),
        }
        Ok(Part::Param(Box::new(Param { name: String::new(), index: None, op: Op::Bad })))
    }

    pub(super) fn param_op(&mut self, quoted: bool) -> Parsed<Op> {
        let colon =
            self.rest().starts_with(':') && self.peek_at(1).is_some_and(|c| "-=?+".contains(c));
        if colon {
            self.bump();
        }
        let Some(c) = self.peek() else { return self.error("unterminated ${") };
        if c != '}' {
            self.bump();
        }
        Ok(match c {
            '}' => Op::Plain,
            '-' => Op::Default { colon, word: self.brace_word(quoted)? },
            '=' => Op::Assign { colon, word: self.brace_word(quoted)? },
            '?' => Op::Error { colon, word: self.brace_word(quoted)? },
            '+' => Op::Alternate { colon, word: self.brace_word(quoted)? },
            '#' => {
                let longest = self.eat("#");
                Op::TrimPrefix { longest, pattern: self.word_until(Some(&['}']))? }
            }
            '%' => {
                let longest = self.eat("%");
                Op::TrimSuffix { longest, pattern: self.word_until(Some(&['}']))? }
            }
            '/' if self.dialect != Dialect::Dash => self.replacement(quoted)?,
            ':' if self.dialect != Dialect::Dash => self.slice()?,
            '^' if self.dialect == Dialect::Bash => Op::Case { upper: true, all: self.eat("^") },
            ',' if self.dialect == Dialect::Bash => Op::Case { upper: false, all: self.eat(",") },
            '@' if self.dialect == Dialect::Bash => match self.bump() {
                Some(letter) if "QEPAKaUuLk".contains(letter) => Op::Transform(letter),
                _ => Op::Bad,
            },
            _ => Op::Bad,
        })
    }

    pub(super) fn brace_word(&mut self, quoted: bool) -> Parsed<Word> {
        if !quoted {
            return self.deeper(|p| p.word_until(Some(&['}'])));
        }
        let parts = self.deeper(|p| p.double_quoted(Some('}')))?;
        // The caller looks for the brace itself.
        self.pos -= 1;
        Ok(Word::of(Part::Double(parts)))
    }

    pub(super) fn replacement(&mut self, quoted: bool) -> Parsed<Op> {
        let how = match self.peek() {
            Some('/') => Replace::All,
            Some('#') if self.dialect == Dialect::Bash => Replace::Prefix,
            Some('%') if self.dialect == Dialect::Bash => Replace::Suffix,
            _ => Replace::First,
        };
        if how != Replace::First {
            self.bump();
        }
        let pattern = self.word_until(Some(&['/', '}']))?;
        let with = if self.eat("/") { self.brace_word(quoted)? } else { Word::default() };
        Ok(Op::Replace { how, pattern, with })
    }

    pub(super) fn slice(&mut self) -> Parsed<Op> {
        let text = self.arith_text(&[':', '}'])?;
        let offset = self.nested(text).double_quoted(None)?;
        let length = if self.eat(":") {
            let text = self.arith_text(&['}'])?;
            Some(self.nested(text).double_quoted(None)?)
        } else {
            None
        };
        Ok(Op::Slice { offset, length })
    }

    /// Raw text of an expression up to a delimiter outside of nested braces and parentheses.
    pub(super) fn arith_text(&mut self, ends: &[char]) -> Parsed<&'a str> {
        let mut depth = 0usize;
        for (i, c) in self.rest().char_indices() {
            match c {
                _ if depth == 0 && ends.contains(&c) => {
                    let text = &self.rest()[..i];
                    self.pos += i;
                    return Ok(text);
                }
                '{' | '(' => depth += 1,
                '}' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.error("unterminated ${")
    }
}
