//! Reading a script command by command, from an argument, a file or standard input.

use super::*;
use crate::sh::parser::SyntaxError;

impl Shell {
    pub(super) fn next_input(
        &mut self,
        sys: &mut Sys<'_>,
        mut data: Vec<u8>,
        eof: bool,
        line: u32,
    ) -> Step {
        if data.len() as u64 > limits::STRING_BYTES {
            sys.exhaust("bytes of one string");
            return Step::Block(Wait::Forever);
        }
        // Looked at from the beginning for each block.
        sys.pay(data.len() as u64);
        let text = String::from_utf8_lossy(&data).into_owned();
        let complete = eof || text.ends_with('\n');
        if complete && !text.is_empty() {
            let mut parser = Parser::new(&text, 0, line, self.dialect);
            match parser.next_command() {
                Ok(Some(node)) if eof || !parser.at_end() || text.ends_with('\n') => {
                    let rest = text.as_bytes()[parser.pos.min(text.len())..].to_vec();
                    let line = parser.line;
                    self.stack.push(Frame::Input { data: rest, eof, line });
                    if let Some(node) = node {
                        self.stack.push(Frame::node(&node, 0));
                    }
                    return Step::Continue;
                }
                Err(error)
                    if eof
                        || !error.message.contains("end of file")
                            && !error.message.contains("unterminated") =>
                {
                    self.line = error.line;
                    self.syntax_error(sys, &error, &text);
                    return Step::Continue;
                }
                _ => {}
            }
        }
        if eof {
            return Step::Continue;
        }
        // As in ash, what the buffer takes is lost for the commands.
        match sys.read(0, 1024) {
            Io::Ready(read) => {
                let eof = read.is_empty();
                data.extend(sys.bytes(&read));
                self.stack.push(Frame::Input { data, eof, line });
                Step::Continue
            }
            Io::Block(wait) => {
                self.stack.push(Frame::Input { data, eof, line });
                Step::Block(wait)
            }
            Io::Err(_) => Step::Continue,
        }
    }

    pub(super) fn start(&mut self, sys: &mut Sys<'_>, argv: &[String]) -> Step {
        self.root_pid = Some(sys.pid);
        self.initial_variables(sys);
        let mut text = None;
        let mut rest = argv;
        while let Some(arg) = rest.first().filter(|a| a.len() > 1 && a.starts_with(['-', '+'])) {
            rest = &rest[1..];
            if arg == "--" {
                break;
            }
            if arg.starts_with("--") {
                continue;
            }
            let on = arg.starts_with('-');
            for letter in arg.chars().skip(1) {
                match letter {
                    'c' => {
                        text = Some(String::new());
                        self.opts.command = on;
                    }
                    'l' => {}
                    'o' => {
                        let name = rest.first().cloned().unwrap_or_default();
                        rest = rest.get(1..).unwrap_or_default();
                        let known = self.has_option(&name);
                        match self.opts.by_name(&name).filter(|_| known) {
                            Some(flag) => *flag = on,
                            None => return self.bad_start(sys, &format!("-o {name}")),
                        }
                    }
                    other => match self.opts.by_letter(other) {
                        Some(flag) => *flag = on,
                        None => return self.bad_start(sys, &format!("-{other}")),
                    },
                }
            }
        }
        if text.is_some() {
            let Some(command) = rest.first() else {
                self.fatal(sys, "-c requires an argument");
                return Step::Continue;
            };
            if let Some(name) = rest.get(1) {
                self.arg0.clone_from(name);
            }
            self.params = rest.get(2..).unwrap_or_default().into();
            self.stack.push(Frame::script(command.as_str().into(), EXIT));
        } else if let Some(file) = rest.first().filter(|_| !self.opts.stdin) {
            self.params = rest[1..].into();
            self.start_file(sys, file);
        } else {
            self.params = rest.into();
            self.stack.push(Frame::Input { data: Vec::new(), eof: false, line: 1 });
        }
        Step::Continue
    }

    /// An option of the shell's own command line that it does not know.
    fn bad_start(&mut self, sys: &mut Sys<'_>, option: &str) -> Step {
        let arg0 = self.arg0.clone();
        match self.dialect {
            Dialect::Dash => sys.warn(&format!("{arg0}: 0: Illegal option {option}")),
            Dialect::Ash => sys.warn(&format!("{arg0}: illegal option {option}")),
            Dialect::Bash => sys.warn(&format!("{arg0}: {option}: invalid option")),
        }
        self.exit(2);
        Step::Continue
    }

    pub(super) fn start_file(&mut self, sys: &mut Sys<'_>, file: &str) {
        match sys.open(file, OpenMode::READ) {
            Ok(id) => {
                sys.u.release_desc(id);
                let data = sys.read_all(file).map(|data| data.to_vec()).unwrap_or_default();
                file.clone_into(&mut self.arg0);
                self.script = true;
                let text = String::from_utf8_lossy(&data).into_owned();
                self.stack.push(Frame::script(text.into(), EXIT));
            }
            Err(error) => {
                let what = if self.dialect == Dialect::Ash {
                    format!("can't open '{file}': {error}")
                } else {
                    format!("{file}: {error}")
                };
                self.complain(sys, &what);
                self.exit(if error == crate::Errno::NotFound && self.dialect != Dialect::Ash {
                    127
                } else {
                    2
                });
            }
        }
    }

    pub(super) fn initial_variables(&mut self, sys: &mut Sys<'_>) {
        let cwd = sys.proc().cwd.to_string();
        let ppid = sys.proc().ppid.to_string();
        for (name, value, exported) in [("PWD", cwd, true), ("PPID", ppid, false)] {
            let var = self.vars.entry(name.to_owned()).or_default();
            var.set_text(&value);
            var.exported |= exported && sys.proc().ppid == 0 && self.dialect != Dialect::Dash;
        }
        if self.dialect == Dialect::Bash {
            for (name, value) in [("BASH_VERSION", "5.2.15(1)-release"), ("BASH", "/bin/bash")] {
                self.vars.entry(name.to_owned()).or_default().set_text(value);
            }
        }
        if sys.proc().ppid == 0 {
            let level = self.vars.entry("SHLVL".to_owned()).or_default();
            level.set_text("1");
            level.exported = true;
        }
    }

    /// Ends the shell with a syntax error in the words of the dialect.
    pub(super) fn syntax_error(&mut self, sys: &mut Sys<'_>, error: &SyntaxError, source: &str) {
        let message = &error.message;
        match self.dialect {
            Dialect::Ash => self.complain(sys, &format!("syntax error: {message}")),
            Dialect::Dash => self.complain(sys, &dash_words(message)),
            Dialect::Bash => {
                let place = if self.opts.command { "-c: " } else { "" };
                // The end of the text is on the line behind it.
                let at_end = message.starts_with("unexpected end of file");
                let line = error.line + u32::from(at_end && !source.ends_with('\n'));
                for words in bash_words(message, source, error.line) {
                    sys.warn(&format!("{}: {place}line {line}: {words}", self.arg0));
                }
            }
        }
        self.exit(2);
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn dash_words(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unexpected ") else {
        return format!("Syntax error: {}", capital(message));
    };
    let (token, expecting) = match rest.split_once(" (expecting") {
        Some((token, expecting)) => (token, format!(" (expecting{expecting}")),
        None => (rest, String::new()),
    };
    format!("Syntax error: {token} unexpected{expecting}")
}

fn bash_words(message: &str, source: &str, line: u32) -> Vec<String> {
    if message.starts_with("unterminated") {
        let mark = if message.contains("${") { '}' } else { '"' };
        return vec![format!("unexpected EOF while looking for matching `{mark}'")];
    }
    let Some(rest) = message.strip_prefix("unexpected ") else {
        return vec![format!("syntax error: {message}")];
    };
    let token = rest.split(" (expecting").next().unwrap_or(rest);
    if token == "end of file" {
        return vec!["syntax error: unexpected end of file".to_owned()];
    }
    let token = token.trim_matches('"');
    let at = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let text = source.lines().nth(at).unwrap_or_default();
    vec![format!("syntax error near unexpected token `{token}'"), format!("`{text}'")]
}
