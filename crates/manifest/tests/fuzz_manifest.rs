//! Any text ends in a reading: damaged manifests, and what kubectl would say to them.
//!
//! Runs a few hundred cases as an ordinary test; `PODPLAY_FUZZ_SECONDS` and `PODPLAY_FUZZ_SEED`
//! make it go on for longer from another seed.

use std::path::Path;
use std::time::{Duration, Instant};

use podplay_manifest::apply::{self, DryRun, Nothing, Options, Verb};
use podplay_manifest::read;
use serde_json::Value;

/// A small generator of its own, so that a seed means the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\t",
    "-",
    "- ",
    ":",
    ": ",
    "'",
    "\"",
    "|",
    ">",
    "|+\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "!",
    "!!int ",
    "!!str ",
    "!a,b",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "~",
    "null",
    "yes",
    "0777",
    "1e400",
    ".inf",
    "9223372036854775808",
    "-1",
    "é",
    "🚀",
    "\u{feff}",
    "\u{2028}",
    "\r\n",
    "\0",
    "\\",
    "\\'",
    "\"\\x\"",
    "spec:",
    "  containers:\n  - name: a\n",
    "metadata:\n",
    "kind: List\nitems:\n",
    "image: x\n",
    "livenessProbe: {}\n",
    "apiVersion: podplay/v1\nkind: Scenario\n",
    "timeline: [{at: 1s}]\n",
    "0",
    "1Gi",
];

fn seeds() -> Vec<String> {
    let mut out = vec![String::new(), "a: b".to_owned()];
    for file in ["yaml", "strict", "validation", "fragments"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/verdicts/{file}.json"));
        let data: Value = std::fs::read_to_string(path)
            .ok()
            .and_then(|t| serde_json::from_str(&t).ok())
            .unwrap_or_default();
        let inputs =
            data["cases"].as_array().into_iter().flatten().filter_map(|c| c["input"].as_str());
        out.extend(inputs.filter(|t| t.len() < 4000).map(str::to_owned));
    }
    out
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn damaged(dice: &mut Dice, seeds: &[String]) -> String {
    let mut text = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let from = dice.below(text.len() + 1);
        let from = boundary(&text, from);
        match dice.below(6) {
            0 => text.insert_str(from, dice.pick(PIECES)),
            1 => {
                let to = boundary(&text, (from + dice.below(12)).min(text.len()));
                text.replace_range(from..to.max(from), dice.pick(PIECES));
            }
            2 => text.truncate(from),
            3 => {
                let to = boundary(&text, (from + dice.below(80)).min(text.len()));
                let part = text[from..to.max(from)].to_owned();
                let at = dice.below(text.len() + 1);
                text.insert_str(boundary(&text, at), &part);
            }
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let at = boundary(other, dice.below(other.len() + 1));
                text.push_str(&other[at..]);
            }
            _ => {
                let piece = dice.pick(PIECES).repeat(dice.below(40));
                text.insert_str(from, &piece);
            }
        }
    }
    text
}

fn check(text: &str) {
    let reading = read(text);
    for finding in &reading.diagnostics {
        assert!(text.get(finding.span.range()).is_some(), "a place outside the text: {finding:?}");
        if let Some(fix) = &finding.fix {
            let _ = fix.apply(text);
        }
    }
    for edit in &reading.completions {
        let whole = read(&edit.apply(text));
        assert!(whole.completions.len() < reading.completions.len().max(1) + 1);
    }
    for verb in [Verb::Apply, Verb::Create] {
        let options =
            Options { verb, file: "f".to_owned(), dry_run: DryRun::Server, ..Options::default() };
        let outcome = apply::run(text.as_bytes(), &options, &Nothing);
        assert_eq!(
            outcome.exit != 0,
            !outcome.stderr.lines().all(|l| l.starts_with("Warning: ")),
            "{}",
            outcome.stderr
        );
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long to search is a matter of the wall clock")]
fn fuzz_manifest() {
    let first = number("PODPLAY_FUZZ_SEED").unwrap_or(1);
    let until = number("PODPLAY_FUZZ_SECONDS").map(|s| Instant::now() + Duration::from_secs(s));
    let seeds = seeds();
    let mut seed = first;
    loop {
        let done = match until {
            Some(end) => Instant::now() >= end,
            None => seed >= first + 1500,
        };
        if done {
            break;
        }
        let text = damaged(&mut Dice(seed), &seeds);
        let outcome = std::panic::catch_unwind(|| check(&text));
        assert!(outcome.is_ok(), "seed {seed} found this text:\n{text:?}");
        seed += 1;
    }
    println!("fuzz: {} executions of manifest, from seed {first}", seed - first);
}
