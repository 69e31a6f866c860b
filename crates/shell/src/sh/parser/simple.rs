//! Simple commands, redirections, assignments, functions.

use super::*;

impl<'a> Parser<'a> {
    pub(super) fn redirs(&mut self) -> Parsed<Vec<Redir>> {
        let mut redirs = Vec::new();
        while let Some(redir) = self.redir()? {
            redirs.push(redir);
        }
        Ok(redirs)
    }

    pub(super) fn redir(&mut self) -> Parsed<Option<Redir>> {
        self.blanks();
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[digits..];
        if self.dialect != Dialect::Dash && rest.starts_with("&>") {
            let append = rest.starts_with("&>>");
            self.pos += if append { 3 } else { 2 };
            let op = if append { RedirOp::BothAppend } else { RedirOp::Both };
            return self.redir_target(None, op).map(Some);
        }
        if !after.starts_with(['<', '>']) || (digits == 0 && self.process_here()) {
            return Ok(None);
        }
        let fd = if digits == 0 { None } else { rest[..digits].parse().ok() };
        self.pos += digits;
        let bash = self.dialect == Dialect::Bash;
        let table = [
            ("<<<", RedirOp::HereString),
            ("<<-", RedirOp::HereDoc),
            ("<<", RedirOp::HereDoc),
            ("<>", RedirOp::ReadWrite),
            ("<&", RedirOp::DupIn),
            ("<", RedirOp::In),
            (">>", RedirOp::Append),
            (">&", RedirOp::DupOut),
            (">|", RedirOp::Out),
            (">", RedirOp::Out),
        ];
        let found = table
            .into_iter()
            .find(|(text, op)| (bash || *op != RedirOp::HereString) && after.starts_with(text));
        let Some((text, op)) = found else { return Ok(None) };
        self.pos += text.len();
        if op == RedirOp::HereDoc {
            let Some(delimiter) = self.word()? else { return self.unexpected(None) };
            let target = self.here_document(&delimiter, text == "<<-")?;
            return Ok(Some(Redir { fd, op, target }));
        }
        self.redir_target(fd, op).map(Some)
    }

    pub(super) fn redir_target(&mut self, fd: Option<u32>, op: RedirOp) -> Parsed<Redir> {
        match self.word()? {
            Some(target) => Ok(Redir { fd, op, target }),
            None => self.unexpected(None),
        }
    }

    pub(super) fn simple(&mut self) -> Parsed<Arc<Node>> {
        self.blanks();
        let (start, line) = (self.pos, self.line);
        let mut command = Simple {
            assigns: Vec::new(),
            words: Vec::new(),
            declares: Vec::new(),
            redirs: Vec::new(),
            line,
            text: "".into(),
        };
        loop {
            if let Some(redir) = self.redir()? {
                command.redirs.push(redir);
                continue;
            }
            if command.words.is_empty()
                && let Some(assign) = self.assignment()?
            {
                command.assigns.push(assign);
                continue;
            }
            if self.declares(&command)
                && let Some(assign) = self.array_operand()?
            {
                command.words.push(Word::of(Part::Lit(assign.name.clone())));
                command.declares.push(assign);
                continue;
            }
            let Some(word) = self.word()? else { break };
            command.words.push(word);
            if command.words.len() == 1
                && command.assigns.is_empty()
                && command.redirs.is_empty()
                && self.function_follows(&command.words[0])
            {
                return self.function(command.words.swap_remove(0));
            }
            if self.dialect == Dialect::Ash && command.words[0].literal() == Some("[[") {
                self.bracket_operator(&mut command);
            }
        }
        if command.words.is_empty() && command.assigns.is_empty() && command.redirs.is_empty() {
            return self.unexpected(None);
        }
        let end = self.pos.max(start);
        command.text = shorten(self.src.get(start..end).unwrap_or("")).into();
        Ok(Arc::new(Node::Simple(command)))
    }

    /// Whether the operands of the command may be arrays: `declare -a x=(…)`.
    fn declares(&self, command: &Simple) -> bool {
        self.dialect == Dialect::Bash
            && command.words.first().and_then(Word::literal).is_some_and(|name| {
                matches!(name, "declare" | "typeset" | "local" | "readonly" | "export")
            })
    }

    fn array_operand(&mut self) -> Parsed<Option<Assign>> {
        self.blanks();
        let before = self.pos;
        let len = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let opens = len.is_some_and(|len| self.rest()[len..].starts_with("=("));
        match self.assignment()? {
            Some(assign) if opens => Ok(Some(assign)),
            _ => {
                self.pos = before;
                Ok(None)
            }
        }
    }

    /// ash's `[[` takes `&&` and `||` as `-a` and `-o`.
    pub(super) fn bracket_operator(&mut self, command: &mut Simple) {
        if command.words.last().and_then(Word::literal) == Some("]]") {
            return;
        }
        self.blanks();
        for (op, word) in [("&&", "-a"), ("||", "-o")] {
            if self.eat(op) {
                command.words.push(Word::of(Part::Lit(word.to_owned())));
            }
        }
    }

    pub(super) fn function_follows(&mut self, word: &Word) -> bool {
        if word.literal() == Some("function") && self.dialect != Dialect::Dash {
            self.blanks();
            return self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        }
        self.blanks();
        self.peek() == Some('(')
    }

    pub(super) fn function(&mut self, word: Word) -> Parsed<Arc<Node>> {
        let mut name = word.literal().map(str::to_owned);
        if name.as_deref() == Some("function") && self.peek() != Some('(') {
            name = self.word()?.and_then(|word| word.literal().map(str::to_owned));
            self.blanks();
        }
        if self.peek() == Some('(') {
            self.bump();
            self.blanks();
            if self.peek().is_some_and(|c| !"\n;&|()<>".contains(c)) {
                return self.error("unexpected word (expecting \")\")");
            }
            if self.peek() != Some(')') {
                return self.unexpected(Some(")"));
            }
            self.bump();
        }
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return self.error("bad function name");
        };
        self.newlines();
        let body = self.deeper(Self::command)?;
        Ok(Arc::new(Node::Function { name, body }))
    }

    /// `name=value`, `name+=value`, and in bash `name[i]=value`, `name=(…)`.
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assign>> {
        self.blanks();
        let rest = self.rest();
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = &rest[..len];
        if !is_name(name) {
            return Ok(None);
        }
        let bash = self.dialect == Dialect::Bash;
        let before = self.pos;
        let mut index = None;
        self.pos += len;
        if bash
            && self.peek() == Some('[')
            && let Some(end) = closing(self.rest())
            && (self.rest()[end + 1..].starts_with('=') || self.rest()[end + 1..].starts_with("+="))
        {
            let text = &self.src[self.pos + 1..self.pos + end];
            index = Some(self.subscript(text)?);
            self.pos += end + 1;
        }
        let append = bash && self.eat("+=");
        if !append && !self.eat("=") {
            self.pos = before;
            return Ok(None);
        }
        let name = name.to_owned();
        if bash && self.peek() == Some('(') {
            let value = Value::Array(self.array()?);
            return Ok(Some(Assign { name, index, append, value }));
        }
        let ends = " \t\n;&|()<>";
        let value = match self.peek() {
            Some(c) if !ends.contains(c) || self.process_here() => {
                self.deeper(|p| p.word_until(None))?
            }
            _ => Word::default(),
        };
        Ok(Some(Assign { name, index, append, value: Value::Scalar(value) }))
    }

    pub(super) fn array(&mut self) -> Parsed<Vec<Element>> {
        self.bump();
        let mut words = Vec::new();
        loop {
            self.newlines();
            if let Some(element) = self.keyed()? {
                words.push(element);
                continue;
            }
            match self.word()? {
                Some(word) => words.push(Element { index: None, append: false, word }),
                None if self.peek() == Some(')') => {
                    self.bump();
                    return Ok(words);
                }
                None => return self.unexpected(Some(")")),
            }
        }
    }

    /// `[subscript]=value` between the parentheses of an array.
    fn keyed(&mut self) -> Parsed<Option<Element>> {
        let Some(end) = closing(self.rest()) else { return Ok(None) };
        let behind = &self.rest()[end + 1..];
        let append = behind.starts_with("+=");
        if !append && !behind.starts_with('=') {
            return Ok(None);
        }
        let text = &self.src[self.pos + 1..self.pos + end];
        let index = Some(self.subscript(text)?);
        self.pos += end + if append { 3 } else { 2 };
        let word = match self.peek() {
            Some(c) if !" \t\n;&|()<>".contains(c) => self.deeper(|p| p.word_until(None))?,
            _ => Word::default(),
        };
        Ok(Some(Element { index, append, word }))
    }
}

/// Where the bracket that opens the text is closed, quotes and nested ones skipped.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (None, '[') => depth += 1,
            (None, ']') if depth == 1 => return Some(i),
            (None, ']') => depth = depth.checked_sub(1)?,
            (None, '\n') => return None,
            (None, _) if depth == 0 => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            _ => {}
        }
    }
    None
}
