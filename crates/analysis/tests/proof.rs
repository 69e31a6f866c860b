//! The rules that only a run can judge: each on a text that it speaks of, with a proof that shows it and, where there
//! is one, a mend with which it is not given any more; and on a text that it leaves alone.

use podplay_analysis::proof::{Proved, prove};
use podplay_analysis::proved_codes;
use podplay_manifest::Assume;
use podplay_playback::{Plan, Run};

/// The table: blocks of `== CODE LINE` (spoken of, on that line), `== CODE LINE mended` and `== CODE ok`.
const TABLE: &str = include_str!("proof.yaml");

struct Case<'a> {
    code: &'a str,
    line: Option<usize>,
    mended: bool,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    TABLE
        .split("\n== ")
        .skip(1)
        .map(|block| {
            let (head, text) = block.split_once('\n').unwrap_or((block, ""));
            let words: Vec<&str> = head.split_whitespace().collect();
            Case { code: words[0], line: words[1].parse().ok(), mended: words.len() > 2, text }
        })
        .collect()
}

/// What is said of a text by one rule. What a cluster lacks is judged against one that has only what the text says.
fn of(code: &str, text: &str) -> Vec<Proved> {
    let plan = Plan::read_as(text, code.starts_with("PP-140").then_some(Assume::STRICT));
    assert!(!plan.has_errors(), "{code}: {:?}\n{text}", plan.reading.diagnostics);
    prove(text, &plan).into_iter().filter(|one| one.advice.code == code).collect()
}

#[test]
fn each_rule_proves_what_it_says_and_leaves_alone_what_is_well() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = of(case.code, case.text);
        let lines: Vec<usize> = found.iter().map(|one| one.advice.span.line).collect();
        if lines != Vec::from_iter(case.line) {
            wrong.push(format!("{} {:?}: said on {lines:?}\n{}", case.code, case.line, case.text));
            continue;
        }
        let Some(one) = found.first() else { continue };
        let message = one.advice.message();
        assert!(!message.contains(['{', '\n']), "{message}");
        let Some(proof) = &one.proof else {
            wrong.push(format!("{}: no proof\n{}", case.code, case.text));
            continue;
        };
        // The text of the proof runs as far as the moment that it tells of.
        let plan = Plan::read(&proof.text);
        assert!(!plan.has_errors(), "{}: {:?}", case.code, plan.reading.diagnostics);
        let mut run = Run::of(plan);
        run.finish();
        assert!(run.now() >= proof.at, "{}: {} {}", case.code, run.now(), proof.at);
        if let Some(mended) = &proof.mended {
            let left: Vec<_> = of(case.code, &mended.fixed);
            assert!(left.is_empty(), "{}: still said of\n{}", case.code, mended.fixed);
        }
        if case.mended != proof.mended.is_some() {
            wrong.push(format!("{}: mended {:?}\n{}", case.code, proof.mended, case.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_a_text_that_it_speaks_of_and_one_that_it_leaves_alone() {
    let cases = cases();
    for code in proved_codes() {
        for spoken in [true, false] {
            let has = cases.iter().any(|case| case.code == code && case.line.is_some() == spoken);
            assert!(has, "{code}: spoken of {spoken}");
        }
    }
}

#[test]
fn what_nothing_proves_is_not_said() {
    // Both probes ask the same, and nothing that lasts a minute makes the liveness probe give up.
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: nginx:1.27\n    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 100, timeoutSeconds: 90}\n    livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 100, timeoutSeconds: 90}\n";
    let plan = Plan::read(text);
    let written = podplay_analysis::advise(text, &plan);
    assert!(written.iter().any(|one| one.code == "PP-1001"), "{written:?}");
    let proved = prove(text, &plan);
    assert!(proved.iter().all(|one| one.advice.code != "PP-1001"), "{proved:?}");
}
