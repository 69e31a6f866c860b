//! `xargs`.

use super::*;

#[derive(Clone, Debug)]
pub(super) struct Xargs {
    pub(super) input: Input,
    pub(super) data: Vec<u8>,
    pub(super) items: Option<VecDeque<String>>,
    pub(super) command: Vec<String>,
    pub(super) flags: String,
    pub(super) most: usize,
    pub(super) replace: Option<String>,
    pub(super) end: Option<String>,
    pub(super) child: Option<u32>,
    pub(super) ran: bool,
    pub(super) status: u8,
}

impl Xargs {
    pub(super) fn next_command(&mut self) -> Option<Vec<String>> {
        let items = self.items.as_mut()?;
        if let Some(mark) = &self.replace {
            let item = items.pop_front()?;
            return Some(
                self.command.iter().map(|word| word.replace(mark.as_str(), &item)).collect(),
            );
        }
        if items.is_empty() && (self.ran || self.flags.contains('r')) {
            return None;
        }
        let count = items.len().min(self.most);
        let mut command = self.command.clone();
        command.extend(items.drain(..count));
        Some(command)
    }

    pub(super) fn run(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(child) = self.child {
            let Some(status) = cx.sys.reap(child) else { return Next::Wait(Wait::Child) };
            self.child = None;
            match status {
                ExitStatus::Code(0) => {}
                ExitStatus::Code(255) => {
                    cx.warn(&format!("{}: exited with status 255; aborting", self.command[0]));
                    return Next::Exit(124);
                }
                ExitStatus::Code(_) => self.status = 123,
                _ => return Next::Exit(125),
            }
        }
        let Some(command) = self.next_command() else { return Next::Exit(self.status) };
        self.ran = true;
        if self.flags.contains('t') {
            cx.sys.warn(&command.join(" "));
        }
        match start(cx, &command) {
            Ok(child) => {
                let null = cx.sys.null_desc();
                cx.sys.child_install(child, 0, null);
                self.child = Some(child);
                Next::Again
            }
            Err(error) => {
                let (what, status) = reason(error);
                cx.warn(&format!("{}: {what}", command[0]));
                Next::Exit(status)
            }
        }
    }
}

impl Tool for Xargs {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if self.items.is_some() {
            return self.run(cx);
        }
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                if cx.sys.too_much(self.data.len() as u64 + data.len()) {
                    cx.sys.exhaust("bytes of a process");
                    return Next::Wait(Wait::Forever);
                }
                self.data.extend(cx.sys.bytes(&data));
            }
            Get::EndOfFile(_) => {}
            Get::Wait(wait) => return Next::Wait(wait),
            Get::End => {
                let text = String::from_utf8_lossy(&self.data).into_owned();
                let mut items = if self.flags.contains('0') {
                    text.split('\0').filter(|i| !i.is_empty()).map(str::to_owned).collect()
                } else if self.replace.is_some() {
                    text.lines()
                        .map(|l| l.trim_start().to_owned())
                        .filter(|l| !l.is_empty())
                        .collect()
                } else {
                    words(&text)
                };
                if let Some(end) = &self.end {
                    items = items.into_iter().take_while(|i| i != end).collect();
                }
                self.items = Some(items);
            }
        }
        Next::Again
    }

    boxed!();
}

/// Words with quotes and backslashes.
pub(super) fn words(text: &str) -> VecDeque<String> {
    let mut out = VecDeque::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

pub(super) fn xargs(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[OPTIONS] [PROG ARGS]\n\nRun PROG on every item given by stdin\n";
    // Options end at the first word that is not one.
    let mut at = 1;
    while let Some(arg) = args.get(at).filter(|a| a.len() > 1 && a.starts_with('-')) {
        let takes = arg.len() == 2 && "nsELIPa".contains(&arg[1..]);
        at += if takes { 2 } else { 1 };
    }
    let at = at.min(args.len());
    let options = Options::parse(&args[..at], "0prtxo", "nsELIPa")
        .map_err(|bad| cx.bad_option(&bad, usage))?;
    let mut command = args[at..].to_vec();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    Ok(Box::new(Xargs {
        input: Input::new(&[]),
        data: Vec::new(),
        items: None,
        command,
        flags: options.flags.clone(),
        most: options
            .value('n')
            .or(options.value('L'))
            .and_then(|n| n.parse().ok())
            .unwrap_or(usize::MAX)
            .max(1),
        replace: options.value('I').map(str::to_owned),
        end: options.value('E').map(str::to_owned),
        child: None,
        ran: false,
        status: 0,
    }))
}
