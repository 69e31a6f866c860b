//! kubectl's flags: which command takes which, and the words of the flag parser when it refuses.
//!
//! Models `github.com/spf13/pflag`.

use crate::failure::Failure;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// `--flag`, `--flag=true`.
    Bool,
    /// `--flag value`.
    Text,
    /// A list; commas part its items, and it can be given again.
    List,
    /// A list whose items are not parted.
    Each,
    /// A whole number.
    Int,
    /// A length of time.
    Time,
    /// `--flag` or `--flag=value`: without a value it has this meaning.
    Optional(&'static str),
}

/// One flag: long name, shorthand or NUL, what it takes.
type Flag = (&'static str, char, Takes);

use Takes::{Bool, Each, Int, List, Optional, Text, Time};

const GLOBAL: &[Flag] = &[
    ("namespace", 'n', Text),
    ("context", '\0', Text),
    ("cluster", '\0', Text),
    ("user", '\0', Text),
    ("kubeconfig", '\0', Text),
    ("server", 's', Text),
    ("token", '\0', Text),
    ("as", '\0', Text),
    ("as-group", '\0', List),
    ("request-timeout", '\0', Text),
    ("cache-dir", '\0', Text),
    ("insecure-skip-tls-verify", '\0', Bool),
    ("warnings-as-errors", '\0', Bool),
    ("v", 'v', Int),
    ("help", 'h', Bool),
];
const FILES: &[Flag] = &[("filename", 'f', List), ("recursive", 'R', Bool), ("kustomize", 'k', Text)];
const PRINT: &[Flag] = &[
    ("output", 'o', Text),
    ("show-managed-fields", '\0', Bool),
    ("template", '\0', Text),
    ("allow-missing-template-keys", '\0', Bool),
];
const SELECT: &[Flag] = &[("selector", 'l', Text), ("all", '\0', Bool), ("all-namespaces", 'A', Bool), ("field-selector", '\0', Text)];
const DRY: &[Flag] = &[
    ("dry-run", '\0', Optional("unchanged")),
    ("field-manager", '\0', Text),
    ("validate", '\0', Optional("strict")),
    ("save-config", '\0', Bool),
    ("record", '\0', Bool),
];

const GET: &[Flag] = &[
    ("watch", 'w', Bool),
    ("watch-only", '\0', Bool),
    ("output-watch-events", '\0', Bool),
    ("ignore-not-found", '\0', Bool),
    ("no-headers", '\0', Bool),
    ("show-kind", '\0', Bool),
    ("show-labels", '\0', Bool),
    ("label-columns", 'L', List),
    ("sort-by", '\0', Text),
    ("chunk-size", '\0', Int),
    ("raw", '\0', Text),
    ("server-print", '\0', Bool),
    ("subresource", '\0', Text),
];
const APPLY: &[Flag] = &[
    ("prune", '\0', Bool),
    ("prune-allowlist", '\0', Each),
    ("force", '\0', Bool),
    ("overwrite", '\0', Bool),
    ("server-side", '\0', Bool),
    ("force-conflicts", '\0', Bool),
    ("wait", '\0', Bool),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("cascade", '\0', Optional("background")),
    ("openapi-patch", '\0', Bool),
    ("edit", '\0', Bool),
    ("raw", '\0', Text),
    ("windows-line-endings", '\0', Bool),
    ("subresource", '\0', Text),
];
const DELETE: &[Flag] = &[
    ("force", '\0', Bool),
    ("now", '\0', Bool),
    ("wait", '\0', Bool),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("cascade", '\0', Optional("background")),
    ("ignore-not-found", '\0', Bool),
    ("interactive", 'i', Bool),
    ("raw", '\0', Text),
];
const LOGS: &[Flag] = &[
    ("container", 'c', Text),
    ("follow", 'f', Bool),
    ("previous", 'p', Bool),
    ("tail", '\0', Int),
    ("timestamps", '\0', Bool),
    ("all-containers", '\0', Bool),
    ("all-pods", '\0', Bool),
    ("prefix", '\0', Bool),
    ("since", '\0', Time),
    ("since-time", '\0', Text),
    ("limit-bytes", '\0', Int),
    ("ignore-errors", '\0', Bool),
    ("max-log-requests", '\0', Int),
    ("pod-running-timeout", '\0', Time),
    ("insecure-skip-tls-verify-backend", '\0', Bool),
    ("selector", 'l', Text),
];
const EXEC: &[Flag] = &[
    ("container", 'c', Text),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("quiet", 'q', Bool),
    ("filename", 'f', List),
    ("pod-running-timeout", '\0', Time),
];
const LABEL: &[Flag] = &[("overwrite", '\0', Bool), ("list", '\0', Bool), ("local", '\0', Bool), ("resource-version", '\0', Text)];
const SCALE: &[Flag] = &[("replicas", '\0', Int), ("current-replicas", '\0', Int), ("resource-version", '\0', Text), ("timeout", '\0', Time)];
const PATCH: &[Flag] = &[("patch", 'p', Text), ("patch-file", '\0', Text), ("type", '\0', Text), ("local", '\0', Bool), ("subresource", '\0', Text)];
const SET: &[Flag] = &[
    ("local", '\0', Bool),
    ("containers", 'c', Text),
    ("env", 'e', Each),
    ("list", '\0', Bool),
    ("overwrite", '\0', Bool),
    ("resolve", '\0', Bool),
    ("from", '\0', Text),
    ("keys", '\0', List),
    ("prefix", '\0', Text),
    ("limits", '\0', Text),
    ("requests", '\0', Text),
    ("resource-version", '\0', Text),
];
const ROLLOUT: &[Flag] = &[
    ("watch", 'w', Bool),
    ("timeout", '\0', Time),
    ("revision", '\0', Int),
    ("to-revision", '\0', Int),
];
const WAIT: &[Flag] = &[("for", '\0', Text), ("timeout", '\0', Time), ("local", '\0', Bool)];
const DRAIN: &[Flag] = &[
    ("force", '\0', Bool),
    ("ignore-daemonsets", '\0', Bool),
    ("delete-emptydir-data", '\0', Bool),
    ("disable-eviction", '\0', Bool),
    ("grace-period", '\0', Int),
    ("timeout", '\0', Time),
    ("pod-selector", '\0', Text),
    ("skip-wait-for-delete-timeout", '\0', Int),
    ("chunk-size", '\0', Int),
    ("overwrite", '\0', Bool),
];
const CREATE: &[Flag] = &[
    ("image", '\0', List),
    ("replicas", 'r', Int),
    ("port", '\0', Text),
    ("from", '\0', Text),
    ("schedule", '\0', Text),
    ("restart", '\0', Text),
    ("from-literal", '\0', Each),
    ("from-file", '\0', Each),
    ("from-env-file", '\0', Each),
    ("type", '\0', Text),
    ("cert", '\0', Text),
    ("key", '\0', Text),
    ("docker-server", '\0', Text),
    ("docker-username", '\0', Text),
    ("docker-password", '\0', Text),
    ("docker-email", '\0', Text),
    ("append-hash", '\0', Bool),
    ("tcp", '\0', List),
    ("clusterip", '\0', Text),
    ("external-name", '\0', Text),
    ("node-port", '\0', Int),
    ("hard", '\0', Text),
    ("scopes", '\0', Text),
    ("min-available", '\0', Text),
    ("max-unavailable", '\0', Text),
    ("value", '\0', Int),
    ("description", '\0', Text),
    ("global-default", '\0', Bool),
    ("preemption-policy", '\0', Text),
];
const RUN: &[Flag] = &[
    ("image", '\0', Text),
    ("image-pull-policy", '\0', Text),
    ("port", '\0', Text),
    ("env", '\0', Each),
    ("labels", 'l', Text),
    ("annotations", '\0', Each),
    ("restart", '\0', Text),
    ("command", '\0', Bool),
    ("expose", '\0', Bool),
    ("overrides", '\0', Text),
    ("override-type", '\0', Text),
    ("rm", '\0', Bool),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("attach", '\0', Bool),
    ("leave-stdin-open", '\0', Bool),
    ("quiet", 'q', Bool),
    ("privileged", '\0', Bool),
    ("pod-running-timeout", '\0', Time),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("force", '\0', Bool),
    ("wait", '\0', Bool),
];
const EXPOSE: &[Flag] = &[
    ("port", '\0', Text),
    ("target-port", '\0', Text),
    ("protocol", '\0', Text),
    ("name", '\0', Text),
    ("type", '\0', Text),
    ("selector", '\0', Text),
    ("labels", 'l', Text),
    ("cluster-ip", '\0', Text),
    ("external-ip", '\0', Text),
    ("load-balancer-ip", '\0', Text),
    ("session-affinity", '\0', Text),
    ("override-type", '\0', Text),
    ("overrides", '\0', Text),
];
const EVENTS: &[Flag] = &[("for", '\0', Text), ("types", '\0', List), ("watch", 'w', Bool), ("no-headers", '\0', Bool), ("all-namespaces", 'A', Bool)];
const DEBUG: &[Flag] = &[
    ("image", '\0', Text),
    ("image-pull-policy", '\0', Text),
    ("target", '\0', Text),
    ("container", 'c', Text),
    ("copy-to", '\0', Text),
    ("env", '\0', Each),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("attach", '\0', Bool),
    ("profile", '\0', Text),
    ("quiet", 'q', Bool),
    ("share-processes", '\0', Bool),
    ("arguments-only", '\0', Bool),
];
const DESCRIBE: &[Flag] = &[("show-events", '\0', Bool), ("chunk-size", '\0', Int)];
const EXPLAIN: &[Flag] = &[("recursive", '\0', Bool), ("api-version", '\0', Text), ("output", 'o', Text)];
const ABOUT: &[Flag] = &[
    ("client", '\0', Bool),
    ("output", 'o', Text),
    ("namespaced", '\0', Bool),
    ("api-group", '\0', Text),
    ("verbs", '\0', List),
    ("no-headers", '\0', Bool),
    ("sort-by", '\0', Text),
    ("categories", '\0', List),
    ("cached", '\0', Bool),
];
const TAINT: &[Flag] = &[("overwrite", '\0', Bool)];

/// The flags of a command, beside the global ones.
fn flags_of(command: &str) -> Vec<&'static [Flag]> {
    match command {
        "get" => vec![GET, FILES, PRINT, SELECT],
        "describe" => vec![DESCRIBE, FILES, SELECT],
        "apply" => vec![APPLY, FILES, PRINT, SELECT, DRY],
        "replace" => vec![APPLY, FILES, PRINT, DRY],
        "create" => vec![APPLY, FILES, PRINT, &[("selector", 'l', Text)], DRY],
        "delete" => vec![DELETE, FILES, PRINT, SELECT, DRY],
        "logs" => vec![LOGS],
        "exec" => vec![EXEC],
        "label" | "annotate" => vec![LABEL, FILES, PRINT, SELECT, DRY],
        "scale" => vec![SCALE, FILES, PRINT, SELECT, DRY],
        "patch" => vec![PATCH, FILES, PRINT, DRY],
        "wait" => vec![WAIT, FILES, PRINT, SELECT],
        "cordon" | "uncordon" | "drain" => vec![DRAIN, &[("selector", 'l', Text)], DRY],
        "taint" => vec![TAINT, PRINT, SELECT, DRY],
        "run" => vec![RUN, PRINT, DRY, FILES],
        "expose" => vec![EXPOSE, FILES, PRINT, DRY],
        "events" => vec![EVENTS, PRINT],
        "debug" => vec![DEBUG, FILES],
        "explain" => vec![EXPLAIN],
        "version" | "api-resources" | "api-versions" | "cluster-info" | "config" => vec![ABOUT],
        _ if command.starts_with("set") => vec![SET, FILES, PRINT, SELECT, DRY],
        _ if command.starts_with("rollout") => vec![ROLLOUT, FILES, PRINT, SELECT, DRY],
        _ if command.starts_with("create ") => vec![CREATE, PRINT, &[("selector", 'l', Text)], DRY],
        _ => vec![],
    }
}

/// A command line apart: flags by their long names, and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    flags: BTreeMap<&'static str, Vec<String>>,
    /// Words that are not flags.
    pub(crate) words: Vec<String>,
    /// How many of them stand before `--`.
    pub(crate) dash: Option<usize>,
}

/// Takes the words behind the command's own apart.
pub(crate) fn parse(command: &str, args: &[String]) -> Result<Parsed, Failure> {
    let sets = flags_of(command);
    let known = || sets.iter().copied().chain([GLOBAL]).flatten();
    let mut parsed = Parsed::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            parsed.dash = Some(parsed.words.len());
            parsed.words.extend(args.by_ref().cloned());
        } else if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
            let flag = known().find(|flag| flag.0 == name);
            let flag = flag.ok_or_else(|| Failure::flag(command, format!("unknown flag: --{name}")))?;
            let value = match (value, flag.2) {
                (Some(value), _) => value,
                (None, Bool) => "true".to_owned(),
                (None, Optional(value)) => value.to_owned(),
                (None, _) => args.next().cloned().ok_or_else(|| Failure::flag(command, format!("flag needs an argument: --{name}")))?,
            };
            parsed.put(command, flag, value)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            let mut rest = arg[1..].chars();
            while let Some(short) = rest.next() {
                let flag = known().find(|flag| flag.1 == short);
                let flag = flag.ok_or_else(|| Failure::flag(command, format!("unknown shorthand flag: '{short}' in {arg}")))?;
                let attached = rest.as_str();
                if flag.2 == Bool && !attached.starts_with('=') {
                    parsed.put(command, flag, "true".to_owned())?;
                    continue;
                }
                let value = match attached.strip_prefix('=').unwrap_or(attached) {
                    "" if attached.is_empty() => {
                        let missing = || Failure::flag(command, format!("flag needs an argument: '{short}' in {arg}"));
                        args.next().cloned().ok_or_else(missing)?
                    }
                    value => value.to_owned(),
                };
                parsed.put(command, flag, value)?;
                break;
            }
        } else {
            parsed.words.push(arg.clone());
        }
    }
    Ok(parsed)
}

impl Parsed {
    fn put(&mut self, command: &str, flag: &Flag, value: String) -> Result<(), Failure> {
        let &(name, short, takes) = flag;
        let shown = if short == '\0' { format!("--{name}") } else { format!("-{short}, --{name}") };
        let wrong = |why: String| Failure::flag(command, format!("invalid argument \"{value}\" for \"{shown}\" flag: {why}"));
        match takes {
            Bool if !matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False") => {
                return Err(wrong(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax")));
            }
            Int if value.parse::<i64>().is_err() => return Err(wrong(format!("strconv.ParseInt: parsing \"{value}\": invalid syntax"))),
            Time => {
                duration(&value).map_err(wrong)?;
            }
            _ => {}
        }
        let values = self.flags.entry(name).or_default();
        match takes {
            List => values.extend(value.split(',').map(str::to_owned)),
            Each => values.push(value),
            _ => *values = vec![value],
        }
        Ok(())
    }
    /// The value of a flag.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.flags.get(name)?.last().map(String::as_str)
    }
    /// All values of a flag.
    pub(crate) fn list(&self, name: &str) -> &[String] {
        self.flags.get(name).map_or(&[], Vec::as_slice)
    }
    /// Whether a flag is given at all.
    pub(crate) fn given(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }
    /// Whether a switch is on.
    pub(crate) fn on(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    }
    /// Whether a switch that is on by itself is still on.
    pub(crate) fn still_on(&self, name: &str) -> bool {
        !self.given(name) || self.on(name)
    }
    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }
    /// A length of time.
    pub(crate) fn time(&self, name: &str) -> Option<Span> {
        duration(self.text(name)?).ok()
    }
}

/// A length of time as a flag gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Negative.
    Before,
    /// Zero or more.
    For(Duration),
}

/// Parses Go's durations, with Go's words where it cannot.
fn duration(text: &str) -> Result<Span, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Span::For(Duration::ZERO));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() || number == "." {
            return Err(invalid());
        }
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let nanos: u64 = match unit {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            _ => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        total += Duration::from_nanos(nanos.checked_mul(whole).ok_or_else(invalid)?);
        let mut place = nanos;
        for digit in fraction.bytes() {
            place /= 10;
            total += Duration::from_nanos(place * u64::from(digit.wrapping_sub(b'0')));
        }
        rest = tail;
    }
    Ok(if negative { Span::Before } else { Span::For(total) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(command: &str, line: &str) -> String {
        let args = crate::words::split(line).expect(line);
        parse(command, &args).map_or_else(|failure| failure.message, |parsed| format!("{:?} {:?}", parsed.words, parsed.flags))
    }

    #[test]
    fn what_the_parser_says() {
        let table = [
            ("get", "pods -o", "error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage."),
            ("get", "pods --foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage."),
            ("apply", "-g web.yaml", "error: unknown shorthand flag: 'g' in -g\nSee 'kubectl apply --help' for usage."),
            ("wait", "--timeout=abc", "error: invalid argument \"abc\" for \"--timeout\" flag: time: invalid duration \"abc\"\nSee 'kubectl wait --help' for usage."),
            ("logs", "x --since=1x", "error: invalid argument \"1x\" for \"--since\" flag: time: unknown unit \"x\" in duration \"1x\"\nSee 'kubectl logs --help' for usage."),
            ("get", "pods -owide -A", "[\"pods\"] {\"all-namespaces\": [\"true\"], \"output\": [\"wide\"]}"),
            ("exec", "-it web -c a -- sh -c x", "[\"web\", \"sh\", \"-c\", \"x\"] {\"container\": [\"a\"], \"stdin\": [\"true\"], \"tty\": [\"true\"]}"),
            ("apply", "-f a,b -f c", "[] {\"filename\": [\"a\", \"b\", \"c\"]}"),
        ];
        for (command, line, expected) in table {
            assert_eq!(message(command, line), expected, "{line}");
        }
    }
}
