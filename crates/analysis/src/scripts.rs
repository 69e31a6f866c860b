//! What can be said of a command line without running it.
//!
//! Only what is certain is said: a script with loops, functions or jobs in the background has no known length.

use std::time::Duration;

const SHELLS: [&str; 4] = ["sh", "ash", "bash", "dash"];

/// The last part of a path.
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The script of `sh -c SCRIPT`.
pub(crate) fn script(argv: &[String]) -> Option<&str> {
    let shell = SHELLS.contains(&base_name(argv.first()?));
    let flag = argv.get(1).is_some_and(|word| word.starts_with('-') && word.ends_with('c'));
    (shell && flag).then(|| argv.get(2).map(String::as_str)).flatten()
}

/// The commands of a script, in order, each as words; comments and quotes stay as they are.
pub(crate) fn commands(script: &str) -> impl Iterator<Item = Vec<&str>> {
    let pieces = script.split(['\n', ';', '&', '|']);
    pieces
        .map(|piece| piece.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.first().is_some_and(|first| !first.starts_with('#')))
}

/// Whether the shell goes back, waits or runs something beside itself.
fn winding(script: &str) -> bool {
    let word = |wanted: &[&str]| {
        script.split(|c: char| c.is_whitespace() || c == ';').any(|word| wanted.contains(&word))
    };
    let alone = script.replace("&&", "").replace("2>&1", "").replace(">&2", "");
    word(&["while", "until", "for", "if", "case", "wait", "read"])
        || alone.contains('&')
        || script.contains("()")
}

/// How long `sleep WORD…` takes; none for words that are no plain numbers.
pub(crate) fn sleep(words: &[&str]) -> Option<Duration> {
    if base_name(words.first()?) != "sleep" {
        return None;
    }
    let total = words[1..].iter().try_fold(Duration::ZERO, |total, word| {
        let word = word.trim_matches(['"', '\'', ')']);
        if matches!(word, "infinity" | "inf") {
            return Some(Duration::from_secs(u64::from(u32::MAX)));
        }
        total.checked_add(podplay_api::length::parse_length(word)?)
    })?;
    (words.len() > 1).then_some(total)
}

/// How long a command line sleeps in all, as far as is certain.
pub(crate) fn sleeps(argv: &[String]) -> Option<Duration> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match script(argv) {
        None => sleep(&words),
        Some(script) if winding(script) => None,
        Some(script) => {
            let found: Vec<Duration> = commands(script).filter_map(|words| sleep(&words)).collect();
            (!found.is_empty())
                .then(|| found.into_iter().fold(Duration::ZERO, Duration::saturating_add))
        }
    }
}

/// How long a script takes until it writes a file; none if it does not, or if that is not certain.
pub(crate) fn writes_after(script: &str, path: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    for words in commands(script) {
        let first = words.first().copied().unwrap_or_default();
        if matches!(first, "while" | "until" | "for" | "if" | "case" | "wait" | "read")
            || first.contains("()")
        {
            return None;
        }
        let touches = base_name(first) == "touch" && words.contains(&path);
        let redirects =
            words.windows(2).any(|pair| matches!(pair, [">" | ">>", file] if *file == path))
                || words
                    .iter()
                    .any(|word| word.trim_start_matches('>') == path && word.starts_with('>'));
        if touches || redirects {
            return Some(total);
        }
        if let Some(slept) = sleep(&words) {
            total = total.checked_add(slept)?;
        }
    }
    None
}

/// Whether a command line never ends by itself.
pub(crate) fn endless(argv: &[String]) -> bool {
    let forever = |words: &[&str]| {
        let tail = base_name(words.first().copied().unwrap_or_default()) == "tail"
            && words.iter().any(|word| matches!(*word, "-f" | "-F"));
        tail || sleep(words).is_some_and(|span| span.as_secs() >= u64::from(u32::MAX))
    };
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    let Some(script) = script(argv) else { return forever(&words) };
    let leaves = commands(script).filter(|words| words[0] != "trap").flatten().any(|word| {
        matches!(word.trim_end_matches(')'), "break" | "exit" | "exec" | "kill" | "return")
    });
    let looped = commands(script)
        .any(|words| matches!(words.as_slice(), ["while", "true" | ":"] | ["until", "false"]));
    !leaves && (looped || commands(script).any(|words| forever(&words)))
}

/// Whether a command line goes on for long: it sleeps, loops or follows a file.
pub(crate) fn long(argv: &[String]) -> bool {
    let lasting = |words: &[&str]| sleep(words).is_some_and(|span| span >= Duration::from_secs(30));
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    endless(argv)
        || lasting(&words)
        || script(argv).is_some_and(|script| {
            commands(script).any(|words| lasting(&words) || matches!(words[0], "while" | "until"))
        })
}

/// Tools that are done as soon as they have begun.
const BRIEF: [&str; 19] = [
    "cat", "cp", "date", "echo", "env", "false", "hostname", "id", "ls", "mkdir", "mv", "printenv",
    "printf", "pwd", "rm", "touch", "true", "uname", "whoami",
];

/// Whether a command line certainly ends at once.
pub(crate) fn brief(argv: &[String]) -> bool {
    let done = |words: &[&str]| {
        let first = base_name(words.first().copied().unwrap_or_default());
        let waits = first == "cat" && words.len() == 1;
        (BRIEF.contains(&first) && !waits) || first == "exit"
    };
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match script(argv) {
        None => done(&words),
        Some(script) => {
            let mut found = commands(script).peekable();
            !winding(script) && found.peek().is_some() && found.all(|words| done(&words))
        }
    }
}

/// Words that only a shell understands.
pub(crate) fn is_shell_sign(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | "&" | ">" | ">>" | "<" | "2>&1")
        || word.starts_with(">/")
        || word.starts_with("2>")
}
