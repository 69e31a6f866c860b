//! Reading a script command by command, from an argument, a file or standard input.

use super::*;

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
                    self.fatal(sys, &format!("syntax error: {}", error.message));
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
                        if let Some(flag) = self.opts.by_name(&name) {
                            *flag = on;
                        }
                    }
                    other => match self.opts.by_letter(other) {
                        Some(flag) => *flag = on,
                        None => {
                            self.fatal(sys, &format!("illegal option -{other}"));
                            return Step::Continue;
                        }
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
}
