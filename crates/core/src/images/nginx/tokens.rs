//! The words of nginx's configuration files.
//!
//! Models `src/core/ngx_conf_file.c` ngx_conf_read_token.

/// One statement: its words, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) words: Vec<String>,
    pub(super) line: usize,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// `;`
    Plain,
    /// `{`
    Opens,
    /// `}`
    Closes,
    /// The end of the file.
    File,
}

/// Reads statement after statement.
pub(super) struct Tokens<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { chars: text.chars().peekable(), line: 1 }
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// The next statement, or what is wrong, and on which line.
    pub(super) fn next(&mut self) -> Result<Statement, (String, usize)> {
        let mut words: Vec<String> = Vec::new();
        loop {
            let Some(&c) = self.chars.peek() else {
                if words.is_empty() {
                    return Ok(Statement { words, line: self.line, end: End::File });
                }
                return Err(("unexpected end of file, expecting \";\" or \"}\"".into(), self.line));
            };
            match c {
                c if c.is_whitespace() => drop(self.bump()),
                '#' => while self.bump().is_some_and(|c| c != '\n') {},
                ';' | '{' => {
                    self.bump();
                    if words.is_empty() {
                        return Err((format!("unexpected \"{c}\""), self.line));
                    }
                    let end = if c == ';' { End::Plain } else { End::Opens };
                    return Ok(Statement { words, line: self.line, end });
                }
                '}' => {
                    self.bump();
                    if !words.is_empty() {
                        return Err(("unexpected \"}\"".into(), self.line));
                    }
                    return Ok(Statement { words, line: self.line, end: End::Closes });
                }
                '"' | '\'' => words.push(self.quoted(c)?),
                _ => words.push(self.plain()),
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, (String, usize)> {
        self.bump();
        let mut word = String::new();
        loop {
            match self.bump() {
                None => {
                    return Err((
                        "unexpected end of file, expecting \";\" or \"}\"".into(),
                        self.line,
                    ));
                }
                Some('\\') => match self.bump() {
                    Some('n') => word.push('\n'),
                    Some('t') => word.push('\t'),
                    Some('r') => word.push('\r'),
                    Some(c @ ('"' | '\'' | '\\')) => word.push(c),
                    Some(c) => word.extend(['\\', c]),
                    None => {}
                },
                Some(c) if c == quote => break,
                Some(c) => word.push(c),
            }
        }
        match self.chars.peek() {
            Some(c) if !c.is_whitespace() && !matches!(c, ';' | '{' | ')') => {
                Err((format!("unexpected \"{c}\""), self.line))
            }
            _ => Ok(word),
        }
    }

    /// A word without quotes: blanks, `;` and `{` end it; `${name}` does not.
    fn plain(&mut self) -> String {
        let mut word = String::new();
        while let Some(&c) = self.chars.peek() {
            if c.is_whitespace() || c == ';' || (c == '{' && !word.ends_with('$')) {
                break;
            }
            self.bump();
            word.push(c);
            if c == '\\' {
                word.extend(self.bump());
            }
        }
        word
    }
}
