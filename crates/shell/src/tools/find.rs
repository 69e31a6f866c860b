//! `find`.

use super::{Begun, Cx, Next, Start, Tool, walk};
use crate::kernel::{FileType, Stat, Wait};
use crate::sh::pattern_matches;
use std::collections::VecDeque;

pub(super) const TOOLS: &[(&str, Start)] = &[("find", Start::Run(find))];

#[derive(Clone, Copy, Debug)]
enum Compare {
    More(i64),
    Less(i64),
    Equal(i64),
}

impl Compare {
    fn parse(text: &str) -> Option<Self> {
        let digits =
            text.trim_start_matches(['+', '-']).trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let n = digits.parse().ok()?;
        Some(match text.chars().next()? {
            '+' => Self::More(n),
            '-' => Self::Less(n),
            _ => Self::Equal(n),
        })
    }

    fn holds(self, value: i64) -> bool {
        match self {
            Self::More(n) => value > n,
            Self::Less(n) => value < n,
            Self::Equal(n) => value == n,
        }
    }
}

#[derive(Clone, Debug)]
enum Test {
    Name(String, bool),
    Path(String),
    Type(char),
    Size(Compare, u64),
    Minutes(Compare, i64),
    Newer(u64),
    Perm(u16, char),
    User(u32),
    Empty,
    Print(char),
    Exec(Vec<String>, bool),
    Delete,
    Prune,
    True,
    False,
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

struct Parser<'a> {
    words: &'a [String],
    at: usize,
    acts: bool,
    max: usize,
    min: usize,
    depth_first: bool,
    nesting: u32,
}

type Parsed = Result<Test, String>;

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn or(&mut self, cx: &mut Cx<'_, '_>) -> Parsed {
        self.nesting += 1;
        if self.nesting > 50 {
            return Err("unrecognized: (".to_owned());
        }
        let mut all = vec![self.and(cx)?];
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            all.push(self.and(cx)?);
        }
        self.nesting -= 1;
        Ok(Test::Or(all))
    }

    fn and(&mut self, cx: &mut Cx<'_, '_>) -> Parsed {
        let mut all = Vec::new();
        loop {
            match self.peek() {
                None | Some("-o" | "-or" | ")") => return Ok(Test::And(all)),
                Some("-a" | "-and") => self.at += 1,
                Some(_) => all.push(self.primary(cx)?),
            }
        }
    }

    fn argument(&mut self, option: &str) -> Result<String, String> {
        let word = self
            .words
            .get(self.at)
            .cloned()
            .ok_or_else(|| format!("{option} requires an argument"))?;
        self.at += 1;
        Ok(word)
    }

    fn primary(&mut self, cx: &mut Cx<'_, '_>) -> Parsed {
        let word = self.argument("")?;
        match word.as_str() {
            "!" | "-not" => {
                self.nesting += 1;
                if self.nesting > 50 {
                    return Err("unrecognized: !".to_owned());
                }
                let inner = self.primary(cx)?;
                self.nesting -= 1;
                Ok(Test::Not(Box::new(inner)))
            }
            "(" => {
                let inner = self.or(cx)?;
                if self.peek() != Some(")") {
                    return Err("unmatched '('".to_owned());
                }
                self.at += 1;
                Ok(inner)
            }
            "-print" => Ok(self.act(Test::Print('\n'))),
            "-print0" => Ok(self.act(Test::Print('\0'))),
            "-delete" => {
                self.depth_first = true;
                Ok(self.act(Test::Delete))
            }
            "-exec" | "-ok" => self.exec(),
            "-maxdepth" | "-mindepth" => {
                let value = self.argument(&word)?;
                let n = value.parse().map_err(|_| format!("invalid number '{value}'"))?;
                *(if word == "-maxdepth" { &mut self.max } else { &mut self.min }) = n;
                Ok(Test::True)
            }
            "-depth" => {
                self.depth_first = true;
                Ok(Test::True)
            }
            _ => self.test(cx, &word),
        }
    }

    fn compare(&mut self, option: &str) -> Result<(Compare, String), String> {
        let value = self.argument(option)?;
        match Compare::parse(&value) {
            Some(compare) => Ok((compare, value)),
            None => Err(format!("invalid number '{value}'")),
        }
    }

    /// Tests that only look at the file.
    fn test(&mut self, cx: &mut Cx<'_, '_>, word: &str) -> Parsed {
        Ok(match word {
            "-name" => Test::Name(self.argument(word)?, false),
            "-iname" => Test::Name(self.argument(word)?.to_ascii_lowercase(), true),
            "-path" | "-wholename" => Test::Path(self.argument(word)?),
            "-type" => Test::Type(self.argument(word)?.chars().next().unwrap_or('f')),
            "-size" => {
                let (compare, value) = self.compare(word)?;
                let unit = match value.chars().last() {
                    Some('c') => 1,
                    Some('k') => 1024,
                    Some('M') => 1 << 20,
                    _ => 512,
                };
                Test::Size(compare, unit)
            }
            "-mmin" | "-amin" | "-cmin" => Test::Minutes(self.compare(word)?.0, 1),
            "-mtime" | "-atime" | "-ctime" => Test::Minutes(self.compare(word)?.0, 1440),
            "-newer" => {
                let path = self.argument(word)?;
                let stat = cx.sys.stat(&path, true).map_err(|e| format!("{path}: {e}"))?;
                Test::Newer(stat.mtime)
            }
            "-perm" => {
                let value = self.argument(word)?;
                let kind = value.chars().next().filter(|c| "-/+".contains(*c)).unwrap_or('=');
                let mode = u16::from_str_radix(value.trim_start_matches(['-', '/', '+']), 8);
                Test::Perm(mode.map_err(|_| format!("invalid mode '{value}'"))?, kind)
            }
            "-user" => {
                let name = self.argument(word)?;
                let id = super::sysinfo::look_up(cx, "/etc/passwd", &name);
                let id = name.parse().ok().or(id);
                Test::User(id.ok_or_else(|| format!("unknown user {name}"))?)
            }
            "-empty" => Test::Empty,
            "-prune" => Test::Prune,
            "-true" | "-follow" | "-xdev" | "-mount" => Test::True,
            "-false" => Test::False,
            other => return Err(format!("unrecognized: {other}")),
        })
    }

    fn act(&mut self, test: Test) -> Test {
        self.acts = true;
        test
    }

    fn exec(&mut self) -> Parsed {
        self.acts = true;
        let mut command = Vec::new();
        loop {
            let word = self.argument("-exec")?;
            if word == ";" || (word == "+" && command.last().is_some_and(|w| w == "{}")) {
                let batch = word == "+";
                if batch {
                    command.pop();
                }
                return Ok(Test::Exec(command, batch));
            }
            command.push(word);
        }
    }
}

#[derive(Clone, Debug)]
struct Find {
    entries: VecDeque<(String, Stat, usize)>,
    test: Test,
    min: usize,
    max: usize,
    /// Commands to run, in order, with the state of the walk behind them.
    child: Option<u32>,
    batch: Vec<String>,
    batch_command: Option<Vec<String>>,
    pruned: Option<String>,
    status: u8,
}

impl Find {
    fn holds(&mut self, cx: &mut Cx<'_, '_>, test: &Test, path: &str, stat: &Stat) -> bool {
        let name = match path.trim_end_matches('/').rsplit('/').next() {
            Some("") | None => path,
            Some(name) => name,
        };
        match test {
            Test::Name(pattern, fold) => {
                if *fold {
                    pattern_matches(pattern, &name.to_ascii_lowercase())
                } else {
                    pattern_matches(pattern, name)
                }
            }
            Test::Path(pattern) => pattern_matches(pattern, path),
            Test::Type(kind) => match kind {
                'f' => stat.file_type == FileType::File,
                'd' => stat.file_type == FileType::Dir,
                'l' => stat.file_type == FileType::Link,
                'p' => stat.file_type == FileType::Fifo,
                'c' => stat.file_type == FileType::Device,
                _ => false,
            },
            Test::Size(compare, unit) => compare.holds(stat.size.div_ceil(*unit) as i64),
            Test::Minutes(compare, unit) => {
                let age = cx.sys.now().saturating_sub(stat.mtime) / (60 * crate::SECOND);
                compare.holds(age as i64 / unit)
            }
            Test::Newer(than) => stat.mtime > *than,
            Test::Perm(mode, '=') => stat.mode & 0o7777 == *mode,
            Test::Perm(mode, '-') => stat.mode & mode == *mode,
            Test::Perm(mode, _) => stat.mode & mode != 0,
            Test::User(id) => stat.uid == *id,
            Test::Empty => match stat.file_type {
                FileType::Dir => cx.sys.list(path).is_ok_and(|names| names.is_empty()),
                _ => stat.size == 0,
            },
            Test::Print(end) => {
                cx.print(&format!("{path}{end}"));
                true
            }
            Test::Delete => {
                let result = if stat.is_dir() { cx.sys.rmdir(path) } else { cx.sys.unlink(path) };
                if let Err(error) = &result {
                    cx.warn(&format!("{path}: {error}"));
                    self.status = 1;
                }
                result.is_ok()
            }
            Test::Exec(command, true) => {
                self.batch.push(path.to_owned());
                self.batch_command = Some(command.clone());
                true
            }
            Test::Exec(command, false) => {
                let argv: Vec<String> = command.iter().map(|w| w.replace("{}", path)).collect();
                self.start(cx, &argv)
            }
            Test::Prune => {
                self.pruned = Some(format!("{}/", path.trim_end_matches('/')));
                true
            }
            Test::True => true,
            Test::False => false,
            Test::Not(inner) => !self.holds(cx, inner, path, stat),
            Test::And(all) => all.iter().all(|test| self.holds(cx, test, path, stat)),
            Test::Or(all) => all.iter().any(|test| self.holds(cx, test, path, stat)),
        }
    }

    /// Starts a command; what follows `-exec` is evaluated as if it had succeeded.
    fn start(&mut self, cx: &mut Cx<'_, '_>, argv: &[String]) -> bool {
        let env = cx.sys.proc().env.clone();
        let path = env.get("PATH").cloned().unwrap_or_default();
        match cx.sys.load(argv, &env, &path) {
            Ok(program) => {
                self.child = cx.sys.fork(program, argv.into(), Some(env));
                self.child.is_some()
            }
            Err(_) => {
                cx.warn(&format!(
                    "{}: No such file or directory",
                    argv.first().map_or("", String::as_str)
                ));
                self.status = 1;
                false
            }
        }
    }
}

impl Tool for Find {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if let Some(child) = self.child {
            if cx.sys.reap(child).is_none() {
                return Next::Wait(Wait::Child);
            }
            self.child = None;
        }
        let Some((path, stat, depth)) = self.entries.pop_front() else {
            if let Some(mut command) = self.batch_command.take() {
                command.append(&mut self.batch);
                self.start(cx, &command);
                return Next::Again;
            }
            return Next::Exit(self.status);
        };
        if depth < self.min
            || depth > self.max
            || self.pruned.as_ref().is_some_and(|p| path.starts_with(p))
        {
            return Next::Again;
        }
        let test = self.test.clone();
        self.holds(cx, &test, &path, &stat);
        Next::Again
    }

    boxed!();
}

fn find(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let starts = |a: &String| (a.starts_with('-') && a.len() > 1) || a == "(" || a == "!";
    let begin = args[1..].iter().take_while(|a| *a == "-H" || *a == "-L").count() + 1;
    let split = args[begin..].iter().position(starts).map_or(args.len(), |n| n + begin);
    let mut roots = args[begin..split].to_vec();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let mut parser = Parser {
        words: &args[split..],
        at: 0,
        acts: false,
        max: usize::MAX,
        min: 0,
        depth_first: false,
        nesting: 0,
    };
    let parsed = parser.or(cx).and_then(|test| match parser.peek() {
        Some(word) => Err(format!("unrecognized: {word}")),
        None => Ok(test),
    });
    let test = match parsed {
        Ok(test) => test,
        Err(message) => {
            cx.warn(&message);
            if message.starts_with("unrecognized") {
                cx.usage("[-HL] [PATH]... [OPTIONS] [ACTIONS]\n\nSearch for files and perform actions on them.\n");
            }
            return Err(1);
        }
    };
    let test = if parser.acts { test } else { Test::And(vec![test, Test::Print('\n')]) };
    let mut entries: VecDeque<(String, Stat, usize)> = VecDeque::new();
    let mut status = 0;
    for root in &roots {
        let below = walk::tree(cx, root, false);
        if below.is_empty() {
            cx.warn(&format!("{root}: No such file or directory"));
            status = 1;
        }
        let base = root.trim_end_matches('/').len();
        let mut found: Vec<_> = below
            .into_iter()
            .map(|(path, stat)| {
                let depth = path[base.min(path.len())..].matches('/').count();
                (path, stat, depth)
            })
            .collect();
        if parser.depth_first {
            found.reverse();
        }
        entries.extend(found);
    }
    Ok(Box::new(Find {
        entries,
        test,
        min: parser.min,
        max: parser.max,
        child: None,
        batch: Vec::new(),
        batch_command: None,
        pruned: None,
        status,
    }))
}
