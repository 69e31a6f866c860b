//! `grep`, `egrep`, `fgrep`.

use super::filter::{Filter, Lines};
use super::input::Input;
use super::regex::{Range, Regex, Syntax};
use super::{Begun, Cx, Options, Start, walk};
use crate::kernel::FileType;
use std::collections::VecDeque;

pub(super) const TOOLS: &[(&str, Start)] =
    &[("grep", Start::Run(grep)), ("egrep", Start::Run(grep)), ("fgrep", Start::Run(grep))];

#[derive(Clone, Debug)]
struct Grep {
    patterns: Vec<Regex>,
    flags: String,
    names: bool,
    name: String,
    number: u64,
    count: u64,
    found: bool,
    most: u64,
    before: usize,
    after: usize,
    /// Earlier lines that may be shown as context.
    kept: VecDeque<(u64, Vec<u8>)>,
    due: usize,
    /// Number of the last line shown, for the `--` between groups.
    shown: Option<u64>,
    error: Option<String>,
}

impl Grep {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn find(
        &self,
        cx: &mut Cx<'_, '_>,
        line: &[u8],
        start: usize,
    ) -> Result<Option<Range>, &'static str> {
        let mut at = start;
        loop {
            let mut best: Option<Range> = None;
            for pattern in &self.patterns {
                if let Some((a, b)) = cx.sys.find(pattern, line, at)?
                    && best.is_none_or(|(x, y)| a < x || (a == x && b > y))
                {
                    best = Some((a, b));
                }
            }
            let Some((a, b)) = best else { return Ok(None) };
            let word = |i: Option<usize>| {
                i.and_then(|i| line.get(i)).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_')
            };
            let fits = (!self.has('w') || (!word(a.checked_sub(1)) && !word(Some(b))))
                && (!self.has('x') || (a == 0 && b == line.len()));
            if fits {
                return Ok(Some((a, b)));
            }
            if a >= line.len() {
                return Ok(None);
            }
            at = a + 1;
        }
    }

    /// A search that was given up ends it: a wrong answer would be worse.
    fn give_up(&mut self, message: &str) -> bool {
        self.error = Some(message.to_owned());
        false
    }

    fn prefix(&self, number: u64, separator: char) -> String {
        let mut out = String::new();
        if self.names {
            out += &format!(
                "{}{separator}",
                if self.name == "-" { "(standard input)" } else { &self.name }
            );
        }
        if self.has('n') {
            out += &format!("{number}{separator}");
        }
        out
    }

    fn show(&mut self, cx: &mut Cx<'_, '_>, number: u64, line: &[u8], separator: char) {
        if (self.before > 0 || self.after > 0) && self.shown.is_some_and(|last| number > last + 1) {
            cx.print("--\n");
        }
        self.shown = Some(number);
        cx.print(&self.prefix(number, separator));
        cx.write(line);
        cx.write(b"\n");
    }

    fn matched(&mut self, cx: &mut Cx<'_, '_>, line: &[u8]) {
        if self.has('o') && !self.has('v') {
            let mut at = 0;
            while let Ok(Some((a, b))) = self.find(cx, line, at) {
                if b > a {
                    cx.print(&self.prefix(self.number, ':'));
                    cx.write(&line[a..b]);
                    cx.write(b"\n");
                }
                at = b.max(a + 1);
                if at > line.len() {
                    break;
                }
            }
            return;
        }
        for (number, line) in std::mem::take(&mut self.kept) {
            self.show(cx, number, &line, '-');
        }
        self.show(cx, self.number, line, ':');
        self.due = self.after;
    }
}

impl Filter for Grep {
    fn name_now(&mut self, name: &str) {
        if self.name != name {
            name.clone_into(&mut self.name);
        }
    }

    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], _: bool) -> bool {
        self.number += 1;
        cx.sys.cost += line.len() as u64 / 32;
        let found = match self.find(cx, line, 0) {
            Ok(found) => found.is_some(),
            Err(message) => return self.give_up(message),
        };
        if found == self.has('v') {
            if self.due > 0 {
                self.due -= 1;
                let number = self.number;
                self.show(cx, number, line, '-');
            } else if self.before > 0 {
                self.kept.push_back((self.number, line.to_vec()));
                if self.kept.len() > self.before {
                    self.kept.pop_front();
                }
            }
            return true;
        }
        self.count += 1;
        self.found = true;
        if self.has('q') {
            return false;
        }
        if !self.has('c') && !self.has('l') && !self.has('L') {
            self.matched(cx, line);
        }
        self.count < self.most
    }

    fn end_of_file(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> bool {
        let shown_name = if name == "-" { "(standard input)" } else { name };
        if self.has('c') {
            let prefix = if self.names { format!("{shown_name}:") } else { String::new() };
            cx.print(&format!("{prefix}{}\n", self.count));
        } else if (self.has('l') && self.count > 0) || (self.has('L') && self.count == 0) {
            cx.print(&format!("{shown_name}\n"));
        }
        (self.number, self.count, self.due, self.shown) = (0, 0, 0, None);
        self.kept.clear();
        true
    }

    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8 {
        if let Some(error) = self.error.take() {
            cx.warn(&error);
            return 2;
        }
        if self.count > 0 && self.count >= self.most && self.has('c') {
            let name = self.name.clone();
            self.end_of_file(cx, &name);
        }
        match (self.found, failed) {
            (true, false) => 0,
            (true, true) if self.has('q') => 0,
            (_, true) => 2,
            (false, false) => 1,
        }
    }
}

const USAGE: &str = "[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n\nSearch for PATTERN in FILEs (or stdin)\n";

/// Replaces long options by letters.
fn short_options(args: &[String]) -> Vec<String> {
    let short = |arg: &String| match arg.as_str() {
        "--quiet" | "--silent" => "-q".to_owned(),
        "--ignore-case" => "-i".to_owned(),
        "--extended-regexp" => "-E".to_owned(),
        "--fixed-strings" => "-F".to_owned(),
        "--invert-match" => "-v".to_owned(),
        "--line-buffered" => "-s".to_owned(),
        _ => arg.clone(),
    };
    args.iter().filter(|a| !a.starts_with("--color")).map(short).collect()
}

/// The texts of the patterns: from `-e`, `-f`, or the first operand.
fn sources(cx: &mut Cx<'_, '_>, options: &mut Options) -> Result<Vec<String>, u8> {
    let mut sources: Vec<String> = Vec::new();
    for (option, value) in options.values.iter().filter(|(o, _)| "ef".contains(*o)) {
        if *option == 'e' {
            sources.push(value.clone());
            continue;
        }
        match cx.sys.read_all(value) {
            Ok(data) => {
                let text = String::from_utf8_lossy(&data.to_vec()).into_owned();
                sources.extend(text.lines().map(str::to_owned));
            }
            Err(error) => {
                cx.warn(&format!("{value}: {error}"));
                return Err(2);
            }
        }
    }
    if !options.values.iter().any(|(o, _)| "ef".contains(*o)) {
        if options.operands.is_empty() {
            cx.usage(USAGE);
            return Err(2);
        }
        sources.push(options.operands.remove(0));
    }
    Ok(sources.iter().flat_map(|s| s.split('\n')).map(str::to_owned).collect())
}

fn compile(cx: &mut Cx<'_, '_>, options: &Options, sources: &[String]) -> Result<Vec<Regex>, u8> {
    let icase = options.has('i') || options.has('y');
    let extended = options.has('E') || options.has('P') || cx.name == "egrep";
    let fixed = options.has('F') || cx.name == "fgrep";
    let mut patterns = Vec::new();
    for source in sources {
        if fixed {
            match Regex::literal(source, icase) {
                Ok(regex) => patterns.push(regex),
                Err(error) => {
                    cx.warn(error);
                    return Err(2);
                }
            }
            continue;
        }
        match Regex::new(source, Syntax { extended, icase }) {
            Ok(regex) => patterns.push(regex),
            Err(error) => {
                cx.warn(&format!("bad regex '{source}': {error}"));
                return Err(2);
            }
        }
    }
    Ok(patterns)
}

/// The regular files below the operands (`-r`).
fn files_below(cx: &mut Cx<'_, '_>, operands: &[String]) -> Vec<String> {
    let here = [".".to_owned()];
    let roots = if operands.is_empty() { &here[..] } else { operands };
    let mut found = Vec::new();
    for root in roots {
        let below = walk::tree(cx, root, false);
        if below.is_empty() {
            found.push(root.clone());
        }
        let files = below.into_iter().filter(|(_, s)| s.file_type == FileType::File);
        found.extend(files.map(|(path, _)| path));
    }
    if found.is_empty() { vec!["/dev/null".to_owned()] } else { found }
}

fn grep(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let args = short_options(args);
    let mut options = Options::parse(&args, "HhnlLoqvsrRiywxFEzcaIPG", "mABCef")
        .map_err(|bad| cx.bad_option(&bad, USAGE).max(2))?;
    let sources = sources(cx, &mut options)?;
    let patterns = compile(cx, &options, &sources)?;
    let number = |o: char| options.value(o).and_then(|v| v.parse::<usize>().ok());
    let context = number('C').unwrap_or(0);
    let (before, after) = (number('B').unwrap_or(context), number('A').unwrap_or(context));
    let most = number('m').map_or(u64::MAX, |n| n as u64);
    let recursive = options.has('r') || options.has('R');
    let files =
        if recursive { files_below(cx, &options.operands) } else { options.operands.clone() };
    let names = (files.len() > 1 || recursive || options.has('H')) && !options.has('h');
    let mut input = Input::new(&files);
    input.short = true;
    input.silent = options.has('s');
    let filter = Grep {
        patterns,
        flags: options.flags.clone(),
        names,
        name: "-".to_owned(),
        number: 0,
        count: 0,
        found: false,
        most,
        before,
        after,
        kept: VecDeque::new(),
        due: 0,
        shown: None,
        error: None,
    };
    Ok(Lines::start(filter, input))
}
