//! `getopt`: a command line put in order, for scripts.

use super::{Cx, Start};

pub(super) const TOOLS: &[(&str, Start)] = &[("getopt", Start::Now(getopt))];

/// Whether an option takes an argument.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    Nothing,
    Argument,
    Perhaps,
}

/// What `getopt` was asked to look for.
#[derive(Default)]
struct Wanted {
    short: String,
    long: Vec<String>,
    name: Option<String>,
    quiet: bool,
    silent: bool,
    plain: bool,
}

/// Splits the colons off a name.
fn takes(rest: &str) -> Takes {
    match (rest.starts_with("::"), rest.starts_with(':')) {
        (true, _) => Takes::Perhaps,
        (_, true) => Takes::Argument,
        _ => Takes::Nothing,
    }
}

impl Wanted {
    fn short(&self, letter: char) -> Option<Takes> {
        let at = self.short.find(letter).filter(|_| letter != ':')?;
        Some(takes(&self.short[at + letter.len_utf8()..]))
    }
    /// The whole name of a long option, which may be written short if no other begins so.
    fn long(&self, name: &str) -> Option<(String, Takes)> {
        let bare = |known: &String| known.trim_end_matches(':').to_owned();
        let mut found = self.long.iter().filter(|known| bare(known) == name);
        let mut begun = self.long.iter().filter(|known| bare(known).starts_with(name));
        let known = match found.next() {
            Some(known) => known,
            None => begun.next().filter(|_| begun.next().is_none())?,
        };
        Some((bare(known), takes(&known[bare(known).len()..])))
    }
    fn quoted(&self, text: &str) -> String {
        if self.plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
    }
}

/// Reads getopt's own options; what is left is what it has to put in order.
fn asked(args: &[String]) -> Result<(Wanted, &[String]), u8> {
    let mut wanted = Wanted::default();
    let mut rest = args;
    if let Some(first) = rest.first().filter(|first| !first.starts_with('-')) {
        (wanted.short, wanted.plain) = (first.clone(), true);
        return Ok((wanted, &rest[1..]));
    }
    while let Some((arg, after)) = rest.split_first() {
        rest = after;
        let (option, attached) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((option, value)) => (option, Some(value.to_owned())),
            None if !arg.starts_with("--") && arg.len() > 2 => match arg.split_at_checked(2) {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (arg.as_str(), None),
            },
            None => (arg.as_str(), None),
        };
        let mut value = || {
            attached.clone().or_else(|| {
                let (value, after) = rest.split_first()?;
                rest = after;
                Some(value.clone())
            })
        };
        match option {
            "--" => break,
            "-o" | "--options" => wanted.short = value().unwrap_or_default(),
            "-l" | "--long" | "--longoptions" => {
                let names = value().unwrap_or_default();
                let names = names.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty());
                wanted.long.extend(names.map(str::to_owned));
            }
            "-n" | "--name" => wanted.name = value(),
            "-s" | "--shell" => drop(value()),
            "-q" | "--quiet" => wanted.quiet = true,
            "-Q" | "--quiet-output" => wanted.silent = true,
            "-u" | "--unquoted" => wanted.plain = true,
            "-a" | "--alternative" => {}
            "-T" | "--test" => return Err(4),
            _ => return Err(2),
        }
    }
    Ok((wanted, rest))
}

fn getopt(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let (wanted, mut rest) = match asked(&args[1..]) {
        Ok(asked) => asked,
        Err(status) => return status,
    };
    let (mut out, mut others, mut wrong) = (String::new(), Vec::new(), Vec::new());
    while let Some((arg, after)) = rest.split_first() {
        rest = after;
        if arg == "--" {
            others.extend(rest.iter().cloned());
            break;
        }
        let given = if let Some(long) = arg.strip_prefix("--") {
            long_option(&wanted, long, &mut rest)
        } else if arg.len() > 1 && arg.starts_with('-') {
            short_options(&wanted, &arg[1..], &mut rest, &mut wrong)
        } else {
            others.push(arg.clone());
            if wanted.short.starts_with('+') {
                others.extend(rest.iter().cloned());
                break;
            }
            continue;
        };
        match given {
            Ok(text) => out += &text,
            Err(message) => wrong.push(message),
        }
    }
    out += " --";
    others.iter().for_each(|other| out += &format!(" {}", wanted.quoted(other)));
    let name = wanted.name.as_deref().unwrap_or("getopt");
    for message in wrong.iter().filter(|_| !wanted.quiet) {
        cx.sys.warn(&format!("{name}: {message}"));
    }
    if !wanted.silent {
        cx.print(&format!("{out}\n"));
    }
    u8::from(!wrong.is_empty())
}

fn long_option(wanted: &Wanted, text: &str, rest: &mut &[String]) -> Result<String, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    let (name, takes) =
        wanted.long(name).ok_or_else(|| format!("unrecognized option '--{name}'"))?;
    let value = match (takes, value) {
        (Takes::Nothing, None) => return Ok(format!(" --{name}")),
        (Takes::Nothing, Some(_)) => {
            return Err(format!("option '--{name}' doesn't allow an argument"));
        }
        (_, Some(value)) => value,
        (Takes::Perhaps, None) => String::new(),
        (Takes::Argument, None) => {
            let missing = || format!("option '--{name}' requires an argument");
            let (value, after) = rest.split_first().ok_or_else(missing)?;
            *rest = after;
            value.clone()
        }
    };
    Ok(format!(" --{name} {}", wanted.quoted(&value)))
}

fn short_options(
    wanted: &Wanted,
    letters: &str,
    rest: &mut &[String],
    wrong: &mut Vec<String>,
) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = letters.chars();
    while let Some(letter) = chars.next() {
        let value = match wanted.short(letter) {
            None => {
                wrong.push(format!("invalid option -- '{letter}'"));
                continue;
            }
            Some(Takes::Nothing) => {
                out += &format!(" -{letter}");
                continue;
            }
            Some(Takes::Perhaps) => chars.as_str().to_owned(),
            Some(Takes::Argument) if !chars.as_str().is_empty() => chars.as_str().to_owned(),
            Some(Takes::Argument) => match rest.split_first() {
                Some((value, after)) => {
                    *rest = after;
                    value.clone()
                }
                None => {
                    wrong.push(format!("option requires an argument -- '{letter}'"));
                    break;
                }
            },
        };
        out += &format!(" -{letter} {}", wanted.quoted(&value));
        break;
    }
    Ok(out)
}
