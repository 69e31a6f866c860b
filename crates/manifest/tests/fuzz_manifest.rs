//! Any text ends in a reading: damaged manifests, and what kubectl would say to them.

#[path = "../../../tests/src/fuzz.rs"]
#[allow(dead_code, unreachable_pub, reason = "what all fuzz tests share")]
mod fuzz;

use std::path::Path;

use fuzz::{Dice, search};
use podplay_manifest::apply::{self, DryRun, Nothing, Options, Verb};
use podplay_manifest::read;
use serde_json::Value;

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
            0 => text.insert_str(from, dice.pick::<&str>(PIECES)),
            1 => {
                let to = boundary(&text, (from + dice.below(12)).min(text.len()));
                text.replace_range(from..to.max(from), dice.pick::<&str>(PIECES));
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
                let piece = *dice.pick::<&str>(PIECES);
                let piece = piece.repeat(dice.below(40));
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

#[test]
fn fuzz_manifest() {
    let seeds = seeds();
    search("manifest", 1_500, |dice| damaged(dice, &seeds), |text| check(text));
}
