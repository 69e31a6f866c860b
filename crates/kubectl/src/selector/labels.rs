//! Label selectors as text, and what is wrong with one in the API server's words.
//!
//! Models `apimachinery/pkg/labels/selector.go`: its lexer, parser and the rules for a requirement.

use super::Rule;
use podplay_manifest::validate::{broken_label_key, broken_label_value};
use podplay_manifest::yaml::quote;

/// A token and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Close,
    Open,
    Comma,
    Not,
    Operator(&'static str),
    Bad(String),
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Bad(text) => text,
            Self::Close => ")",
            Self::Open => "(",
            Self::Comma => ",",
            Self::Not => "!",
            Self::Operator(text) => text,
            Self::End => "",
        }
    }
    /// Where values are expected, `in` and `notin` are words like any other.
    fn into_value(self) -> Self {
        match self {
            Self::Operator(text @ ("in" | "notin")) => Self::Word(text.to_owned()),
            other => other,
        }
    }
}

const SPECIAL: &str = "=!(),><";

fn symbol(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::Close,
        "(" => Token::Open,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" => Token::Operator("=="),
        "=" => Token::Operator("="),
        ">" => Token::Operator(">"),
        "<" => Token::Operator("<"),
        "!=" => Token::Operator("!="),
        _ => return None,
    })
}

fn tokens(text: &str) -> Vec<Token> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches(blank);
    while !rest.is_empty() {
        let (token, length) = if rest.starts_with(|c| SPECIAL.contains(c)) {
            special(rest)
        } else {
            let end = rest.find(|c| blank(c) || SPECIAL.contains(c)).unwrap_or(rest.len());
            let token = match &rest[..end] {
                "in" => Token::Operator("in"),
                "notin" => Token::Operator("notin"),
                word => Token::Word(word.to_owned()),
            };
            (token, end)
        };
        out.push(token);
        rest = rest[length..].trim_start_matches(blank);
    }
    out.push(Token::End);
    out
}

/// The longest operator at the beginning; special characters that are none are one bad token.
fn special(text: &str) -> (Token, usize) {
    let run = text.find(|c| !SPECIAL.contains(c)).unwrap_or(text.len());
    let mut last = None;
    for end in 1..=run {
        match symbol(&text[..end]) {
            Some(token) => last = Some((token, end)),
            None if last.is_some() => break,
            None => {}
        }
    }
    last.unwrap_or_else(|| {
        let found = &text[..run];
        (Token::Bad(format!("error expected: keyword found '{found}'")), run)
    })
}

/// Reads a selector.
pub(super) fn parse(text: &str) -> Result<Vec<Rule>, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut rules = Vec::new();
    loop {
        match parser.peek() {
            Token::Word(_) | Token::Not => {
                let rule =
                    parser.rule().map_err(|why| format!("unable to parse requirement: {why}"))?;
                rules.push(rule);
                match parser.next() {
                    Token::End => return Ok(rules),
                    Token::Comma => match parser.peek() {
                        Token::Word(_) | Token::Not => {}
                        other => return Err(found(&other, "identifier after ','")),
                    },
                    other => return Err(found(&other, "',' or 'end of string'")),
                }
            }
            Token::End => return Ok(rules),
            other => return Err(found(&other, "!, identifier, or 'end of string'")),
        }
    }
}

fn found(token: &Token, expected: &str) -> String {
    format!("found '{}', expected: {expected}", token.text())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn raw(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }
    fn peek(&self) -> Token {
        self.raw().into_value()
    }
    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }
    fn rule(&mut self) -> Result<Rule, String> {
        let mut token = self.next();
        let absent = token == Token::Not;
        if absent {
            token = self.next();
        }
        let Token::Word(key) = token else { return Err(found(&token, "identifier")) };
        let broken = broken_label_key(&key);
        if !broken.is_empty() {
            return Err(format!("<nil>: Invalid value: {}: {}", quote(&key), broken.join("; ")));
        }
        let ends = matches!(self.peek(), Token::End | Token::Comma);
        match (absent, ends) {
            (true, _) => return Ok(Rule::HasNot(key)),
            (false, true) => return Ok(Rule::Has(key)),
            (false, false) => {}
        }
        let operator = self.raw();
        self.at += 1;
        let Token::Operator(operator) = operator else {
            return Err(found(&operator, "in, notin, =, ==, !=, gt, lt"));
        };
        let mut values = match operator {
            "in" | "notin" => self.values()?,
            _ => vec![self.exact()?],
        };
        values.sort_unstable();
        values.dedup();
        check_values(&key, operator, &values)?;
        Ok(match operator {
            "in" | "=" | "==" => Rule::In(key, values),
            "notin" | "!=" => Rule::NotIn(key, values),
            _ => Rule::Compare(key, operator == ">", values.concat().parse().unwrap_or(0)),
        })
    }
    /// `(x,y,z)`; values may be empty.
    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.next();
        if open != Token::Open {
            return Err(format!("found '{}' expected: '('", open.text()));
        }
        let first = self.peek();
        match first {
            Token::Word(_) | Token::Comma => {
                let values = self.list()?;
                match self.next() {
                    Token::Close => Ok(values),
                    _ => Err(found(&first, "')'")),
                }
            }
            Token::Close => {
                self.at += 1;
                Ok(vec![String::new()])
            }
            other => Err(found(&other, "',', ')' or identifier")),
        }
    }
    fn list(&mut self) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        loop {
            match self.next() {
                Token::Word(word) => {
                    values.push(word);
                    match self.peek() {
                        Token::Comma => {}
                        Token::Close => return Ok(values),
                        other => return Err(found(&other, "',' or ')'")),
                    }
                }
                Token::Comma => {
                    if values.is_empty() {
                        values.push(String::new());
                    }
                    match self.peek() {
                        Token::Close => {
                            values.push(String::new());
                            return Ok(values);
                        }
                        Token::Comma => values.push(String::new()),
                        _ => {}
                    }
                }
                other => return Err(found(&other, "',', or identifier")),
            }
        }
    }
    fn exact(&mut self) -> Result<String, String> {
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.next() {
            Token::Word(word) => Ok(word),
            other => Err(found(&other, "identifier")),
        }
    }
}

/// The rules for the values of a requirement, all that are broken together.
fn check_values(key: &str, operator: &str, values: &[String]) -> Result<(), String> {
    let mut errors = Vec::new();
    let compares = matches!(operator, ">" | "<");
    for (n, value) in values.iter().enumerate() {
        if compares && value.parse::<i64>().is_err() {
            errors.push(format!(
                "values[{n}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                quote(value)
            ));
        }
    }
    for (n, value) in values.iter().enumerate() {
        let broken = broken_label_value(value);
        if !broken.is_empty() {
            errors.push(format!(
                "values[{n}][{key}]: Invalid value: {}: {}",
                quote(value),
                broken.join("; ")
            ));
        }
    }
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_wrong_is_told_in_the_servers_words() {
        let table = [
            ("a in", "unable to parse requirement: found '' expected: '('"),
            (
                "a b",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
            ("a=b,", "found '', expected: identifier after ','"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            (",a", "found ',', expected: !, identifier, or 'end of string'"),
            ("a in (x", "unable to parse requirement: found '', expected: ',' or ')'"),
            (
                "a in ((x)",
                "unable to parse requirement: found '(', expected: ',', ')' or identifier",
            ),
            ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
            ("a===b", "unable to parse requirement: found '=', expected: identifier"),
            (
                "a>x",
                "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
            ),
        ];
        for (text, why) in table {
            assert_eq!(parse(text).err().as_deref(), Some(why), "{text}");
        }
        assert!(parse("-a=b").is_err_and(|why| {
            why.starts_with("unable to parse requirement: <nil>: Invalid value: \"-a\": name part")
        }));
        assert!(parse("a=-b").is_err_and(|why| {
            why.starts_with(
                "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label",
            )
        }));
        for text in ["", "a", "!a,b", "a in (x,,y)", "a notin ()", "a in (in)", "a>3", "a= ,b"] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }
}
