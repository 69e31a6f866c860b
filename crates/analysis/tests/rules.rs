//! Each rule on a text that it speaks of and on one that it leaves alone; the fixes; the corpus.

use podplay_analysis::{Advice, advise, codes};
use podplay_manifest::{Assume, Severity};
use podplay_playback::Plan;
use std::collections::BTreeMap;
use std::path::Path;

fn advice(text: &str) -> Vec<Advice> {
    advise(text, &Plan::read(text))
}

/// The plan of a case: what a cluster lacks is judged against one that has only what the text says.
fn plan(code: &str, text: &str) -> Plan {
    Plan::read_as(text, code.starts_with("PP-14").then_some(Assume::STRICT))
}

/// The table: blocks of `== CODE LINE` (spoken of, on that line) and `== CODE ok`.
const TABLE: &str = include_str!("rules.yaml");

struct Case<'a> {
    code: &'a str,
    line: Option<usize>,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let mut out = Vec::new();
    for block in TABLE.split("\n== ").skip(1) {
        let (head, text) = block.split_once('\n').unwrap_or((block, ""));
        let (code, line) = head.split_once(' ').expect("a code and a line");
        out.push(Case { code, line: line.trim().parse().ok(), text });
    }
    out
}

#[test]
fn each_rule_speaks_where_it_should_and_nowhere_else() {
    let mut wrong = Vec::new();
    for case in cases() {
        let plan = plan(case.code, case.text);
        // These two explain what the API server refuses.
        let refused = ["PP-1301", "PP-1307"].contains(&case.code) && case.line.is_some();
        assert!(
            refused || !plan.has_errors(),
            "{}: {:?}\n{}",
            case.code,
            plan.reading.diagnostics,
            case.text
        );
        let all = advise(case.text, &plan);
        let found: Vec<_> = all.iter().filter(|advice| advice.code == case.code).collect();
        let lines: Vec<usize> = found.iter().map(|advice| advice.span.line).collect();
        let said: Vec<String> = all
            .iter()
            .map(|advice| {
                format!("{} line {}: {}", advice.code, advice.span.line, advice.message())
            })
            .collect();
        if lines != Vec::from_iter(case.line) || (case.line.is_none() && !all.is_empty()) {
            wrong.push(format!("== {} {:?}\n{}\nsaid: {said:#?}", case.code, case.line, case.text));
        }
        for advice in &all {
            let message = advice.message();
            assert!(!message.contains(['{', '\n']), "{}: {message}", advice.code);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_a_text_that_it_speaks_of_and_one_that_it_leaves_alone() {
    let cases = cases();
    // Those that only a run can judge have a table of their own.
    let by_run: Vec<_> = podplay_analysis::proved_codes().collect();
    for code in codes().filter(|code| !by_run.contains(code)) {
        let of = |spoken: bool| {
            cases.iter().any(|case| case.code == code && case.line.is_some() == spoken)
        };
        assert!(of(true), "{code}: no text that it speaks of");
        assert!(of(false), "{code}: no text that it leaves alone");
    }
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let mut fixes = 0;
    for case in cases().iter().filter(|case| case.line.is_some()) {
        let found = advise(case.text, &plan(case.code, case.text))
            .into_iter()
            .find(|advice| advice.code == case.code);
        let Some(fix) = found.and_then(|advice| advice.fix) else { continue };
        fixes += 1;
        let mended = fix.apply(case.text);
        let plan = plan(case.code, &mended);
        assert!(!plan.has_errors(), "{}: {:?}\n{mended}", case.code, plan.reading.diagnostics);
        let again = advise(&mended, &plan);
        assert!(
            again.iter().all(|advice| advice.code != case.code),
            "{}: {again:?}\n{mended}",
            case.code
        );
    }
    assert!(fixes >= 14, "{fixes} texts with a fix");
}

#[test]
fn any_text_gets_advice_without_a_panic() {
    for case in cases() {
        for end in (0..case.text.len()).filter(|end| case.text.is_char_boundary(*end)).step_by(7) {
            let _ = advice(&case.text[..end]);
        }
    }
}

#[test]
fn codes_are_in_order_and_stable() {
    let all: Vec<_> = codes().collect();
    assert!(all.is_sorted() && all.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(all.iter().all(|code| code.len() == 7 && code.starts_with("PP-1")));
}

/// Files of a folder and what is below it.
fn files(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            out.push(path);
        }
    }
}

#[test]
fn the_corpus_gets_little_advice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut all = Vec::new();
    files(&folder, &mut all);
    if all.is_empty() {
        eprintln!("skipped: the corpus is not there");
        return;
    }
    let (mut counts, mut spoken) = (BTreeMap::<&str, usize>::new(), 0);
    for file in &all {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let plan = Plan::read(&text);
        let found = advise(&text, &plan);
        spoken += usize::from(!found.is_empty());
        if std::env::var_os("PRINT_ADVICE").is_some() {
            for advice in &found {
                let name = file.strip_prefix(&folder).unwrap_or(file).display();
                println!("{name}:{}: {} {}", advice.span.line, advice.code, advice.message());
            }
        }
        for advice in found {
            *counts.entry(advice.code).or_default() += 1;
        }
        assert!(plan.reading.diagnostics.iter().all(|found| found.severity != Severity::Advice));
    }
    println!("{spoken} of {} files get advice: {counts:?}", all.len());
    assert!(spoken * 2 < all.len(), "advice on {spoken} of {} files is noise", all.len());
}
