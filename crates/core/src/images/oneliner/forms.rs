//! The forms of statements and expressions, and what each runtime brings.

use super::SECOND;

/// A line with its indentation.
pub(super) type Line = (usize, String);

/// The statements of a program: lines, and what semicolons divide.
pub(super) fn lines(code: &str) -> Vec<Line> {
    let mut out = Vec::new();
    for line in code.lines().filter(|line| !line.trim().is_empty()) {
        let depth = line.len() - line.trim_start().len();
        let (mut inner, mut quote, mut word) = (0i32, None, String::new());
        for c in line.trim().chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'' | '`') => quote = Some(c),
                (None, '(' | '[' | '{') => inner += 1,
                (None, ')' | ']' | '}') => inner -= 1,
                (None, ';') if inner <= 0 => {
                    out.push((depth, std::mem::take(&mut word).trim().to_owned()));
                    continue;
                }
                _ => {}
            }
            word.push(c);
        }
        out.push((depth, word.trim().to_owned()));
    }
    out.retain(|(_, text)| !text.is_empty() && !text.starts_with('#') && !text.starts_with("//"));
    out
}

/// A compound statement's head and what stands behind its colon.
pub(super) fn head(text: &str) -> Option<(&str, &str)> {
    let word = text.split([' ', ':', '(']).next().unwrap_or_default();
    let compound = matches!(
        word,
        "while"
            | "for"
            | "if"
            | "elif"
            | "else"
            | "try"
            | "except"
            | "finally"
            | "with"
            | "def"
            | "class"
    );
    if !compound {
        return None;
    }
    match text.split_once(": ").or_else(|| text.strip_suffix(':').map(|head| (head, ""))) {
        Some((head, rest)) => Some((head.trim(), rest.trim())),
        None if text.contains('{') => {
            let (head, body) = text.split_once('{')?;
            Some((head.trim(), body.trim().trim_end_matches('}').trim()))
        }
        None => text.split_once(") ").map(|(head, body)| (head, body.trim())),
    }
}

/// Whether a statement that follows in the same line belongs to the body before it.
pub(super) fn is_plain(text: &str) -> bool {
    head(text).is_none()
}

/// The port of a server that a statement starts.
pub(super) fn server(text: &str) -> Option<u16> {
    let forms = [
        ".listen(",
        "HTTPServer((",
        "TCPServer((",
        "UDPServer((",
        ".bind((",
        "Port =>",
        "Port:",
        "port=",
    ];
    forms.iter().find_map(|form| {
        let rest = after(text, form)?;
        let rest = if form.ends_with("((") { rest.split_once(',')?.1 } else { rest };
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// The body and the pause of `() => …, 1000)`.
pub(super) fn callback(rest: &str) -> (String, u64) {
    let (body, pause) = rest.rsplit_once(',').unwrap_or((rest, "0"));
    let digits: String = pause
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '_')
        .filter(char::is_ascii_digit)
        .collect();
    let body = body.split_once("=>").map_or(body, |(_, body)| body).trim();
    let body = body.strip_prefix('{').and_then(|body| body.strip_suffix('}')).unwrap_or(body);
    (body.to_owned(), digits.parse::<u64>().unwrap_or(0).saturating_mul(1_000_000))
}

pub(super) fn after<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    text.find(form).and_then(|at| text.get(at + form.len()..))
}

pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = after(text, from)?;
    rest.find(to).and_then(|end| rest.get(..end))
}

/// The argument before the parenthesis that closes it.
pub(super) fn argument(rest: &str) -> &str {
    let (mut depth, mut quote) = (0i32, None);
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')') if depth == 0 => return &rest[..at],
            (None, ')' | ']') => depth -= 1,
            _ => {}
        }
    }
    rest
}

pub(super) fn quoted(code: &str) -> Option<String> {
    let first = code.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = &code[1..];
    let end = inner.find(first)?;
    (end + 2 == code.len()).then(|| inner[..end].replace("\\n", "\n"))
}

/// A sum of products.
pub(super) fn sum(code: &str) -> Option<i64> {
    let mut terms = code.split('+').map(|term| {
        term.split('*').try_fold(1i64, |all, factor| all.checked_mul(factor.trim().parse().ok()?))
    });
    terms.try_fold(0i64, |all, term| all.checked_add(term?))
}

/// Seconds, with a fraction, as nanoseconds.
pub(super) fn parsed(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u64 =
        if whole.is_empty() { 0 } else { sum(whole).and_then(|n| u64::try_from(n).ok())? };
    let part: u64 = format!("{part:0<9}").get(..9)?.parse().ok()?;
    whole.checked_mul(SECOND)?.checked_add(part)
}

/// The bytes that an expression takes: `bytearray(n)`, `'x' * n`, `Buffer.alloc(n)`.
pub(super) fn size(value: &str) -> u64 {
    let inner =
        ["bytearray(", "bytes(", "Buffer.alloc("].iter().find_map(|form| between(value, form, ")"));
    let product = inner.or_else(|| {
        value
            .split_once('*')
            .filter(|(left, _)| left.trim().ends_with(['"', '\'', ']']))
            .map(|(_, n)| n)
    });
    let product = product.map(|text| text.replace(['_', '(', ')'], ""));
    product.as_deref().and_then(sum).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}

/// Modules that every Python has.
pub(super) const STDLIB: &str = "abc argparse array ast asyncio atexit base64 binascii bisect builtins calendar cgi cmath code codecs \
collections concurrent configparser contextlib copy csv ctypes curses dataclasses datetime decimal difflib dis email enum errno \
fcntl filecmp fnmatch fractions ftplib functools gc getopt getpass gettext glob grp gzip hashlib heapq hmac html http imaplib \
importlib inspect io ipaddress itertools json locale logging lzma mailbox math mimetypes mmap multiprocessing netrc numbers \
operator os pathlib pdb pickle pip pkgutil platform plistlib poplib posix pprint profile pwd queue quopri random re readline \
resource sched secrets select selectors setuptools shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat \
statistics string struct subprocess sys sysconfig syslog tarfile tempfile termios textwrap threading time timeit token tokenize \
trace traceback tracemalloc tty types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser wsgiref \
xml xmlrpc zipapp zipfile zipimport zlib zoneinfo __future__";

/// Modules that every node has.
pub(super) const NODE: &str = "assert async_hooks buffer child_process cluster console crypto dgram dns events fs fs/promises http http2 \
https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder timers \
timers/promises tls tty url util v8 vm worker_threads zlib";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_apart() {
        let table = [
            ("import time; time.sleep(5); print('a;b')", 3),
            ("while True:\n  print(1)\n  time.sleep(1)", 3),
            ("setTimeout(() => { a(); b(); }, 10)", 1),
        ];
        for (code, count) in table {
            assert_eq!(lines(code).len(), count, "{code}");
        }
        assert_eq!(head("for i in range(3): print(i)"), Some(("for i in range(3)", "print(i)")));
        assert_eq!(server("HTTPServer(('0.0.0.0', 9000), H).serve_forever()"), Some(9000));
        assert_eq!(server("require('http').createServer(f).listen(3000)"), Some(3000));
        assert_eq!(
            callback("()=>process.exit(1),3000)"),
            ("process.exit(1)".to_owned(), 3_000_000_000)
        );
        assert_eq!(parsed("0.5"), Some(SECOND / 2));
        assert_eq!(size(" bytearray(200*1024*1024)"), 200 << 20);
    }
}
