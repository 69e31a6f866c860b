//! The tokens of `awk`.

use super::*;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Op(&'static str),
    Newline,
    End,
}

pub(super) const OPS: [&str; 46] = [
    "**=", "&&", "||", "==", "!=", "<=", ">=", "!~", "++", "--", "+=", "-=", "*=", "/=", "%=",
    "^=", ">>", "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!",
    ">", "<", "|", "?", ":", "~", "$", "=", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}",
];

impl Parser<'_> {
    pub(super) fn fail<T>(&self) -> Parsed<T> {
        Err(format!("{}: Unexpected token", self.line))
    }

    pub(super) fn advance(&mut self) -> Parsed<()> {
        self.token = self.scan()?;
        Ok(())
    }

    pub(super) fn scan(&mut self) -> Parsed<Token> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches([' ', '\t', '\r']);
            self.at += rest.len() - trimmed.len();
            if let Some(after) = trimmed.strip_prefix("\\\n") {
                self.at = self.text.len() - after.len();
                self.line += 1;
            } else if trimmed.starts_with('#') {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else {
                break;
            }
        }
        let rest = &self.text[self.at..];
        self.begin = self.at;
        let Some(c) = rest.chars().next() else { return Ok(Token::End) };
        if c == '\n' {
            self.at += 1;
            self.line += 1;
            return Ok(Token::Newline);
        }
        if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())) {
            let mut len =
                rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            if rest[len..].starts_with(['e', 'E']) {
                let tail = &rest[len + 1..];
                let sign = usize::from(tail.starts_with(['+', '-']));
                let digits = tail[sign..].bytes().take_while(u8::is_ascii_digit).count();
                if digits > 0 {
                    len += 1 + sign + digits;
                }
            }
            self.at += len;
            return Ok(Token::Number(rest[..len].parse().unwrap_or(0.0)));
        }
        if c.is_ascii_alphabetic() || c == '_' {
            let len =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            self.at += len;
            return Ok(Token::Name(rest[..len].to_owned()));
        }
        if c == '"' {
            return self.string();
        }
        match OPS.iter().find(|op| rest.starts_with(**op)) {
            Some(op) => {
                self.at += op.len();
                Ok(Token::Op(op))
            }
            None => self.fail(),
        }
    }

    pub(super) fn string(&mut self) -> Parsed<Token> {
        let mut raw = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 2;
                    let bytes = crate::tools::escapes(&raw.replace("\\/", "/"), true).0;
                    return Ok(Token::Text(String::from_utf8_lossy(&bytes).into_owned()));
                }
                '\\' => {
                    raw.push(c);
                    raw.extend(chars.next().map(|(_, c)| c));
                }
                _ => raw.push(c),
            }
        }
        Err(format!("{}: Unexpected end of string", self.line))
    }

    /// Reads from the `/` of the present token on as a regular expression.
    pub(super) fn regex(&mut self) -> Parsed<Expr> {
        let mut out = String::new();
        let mut chars = self.text[self.begin + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '/' => {
                    self.at = self.begin + i + 2;
                    self.advance()?;
                    return Ok(Expr::Regex(out));
                }
                '\\' => match chars.next() {
                    Some((_, '/')) => out.push('/'),
                    Some((_, next)) => out.extend(['\\', next]),
                    None => break,
                },
                '\n' => break,
                _ => out.push(c),
            }
        }
        Err(format!("{}: Unexpected end of regex", self.line))
    }

    pub(super) fn is(&self, op: &str) -> bool {
        matches!(&self.token, Token::Op(o) if *o == op)
    }

    pub(super) fn eat(&mut self, op: &str) -> Parsed<bool> {
        let found = self.is(op);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, op: &str) -> Parsed<()> {
        if self.eat(op)? { Ok(()) } else { self.fail() }
    }

    pub(super) fn eat_name(&mut self, name: &str) -> Parsed<bool> {
        let found = matches!(&self.token, Token::Name(n) if n == name);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    pub(super) fn only_newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    pub(super) fn name(&mut self) -> Parsed<String> {
        match std::mem::replace(&mut self.token, Token::End) {
            Token::Name(name) => {
                self.advance()?;
                Ok(name)
            }
            _ => self.fail(),
        }
    }
}
