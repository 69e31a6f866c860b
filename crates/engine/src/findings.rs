//! What is said of a text: what was found when it was read, and advice.

use podplay_analysis::{Advice, advise, fill};
use podplay_manifest::{Diagnostic, Reading, Severity as Own, in_order};
use podplay_playback::Plan;
use podplay_protocol::{Finding, Fix, Severity};

/// What was found, as it travels.
pub(crate) fn plain(found: &[Diagnostic]) -> Vec<Finding> {
    found.iter().map(finding).collect()
}

/// What was found, and advice, in the order of the text. `words` holds the sentences of another language, by code.
pub(crate) fn with_advice(text: &str, plan: &Plan, words: &str) -> Vec<Finding> {
    let Reading { diagnostics, .. } = &plan.reading;
    let mut all = diagnostics.clone();
    all.extend(advise(text, plan).iter().map(|advice| said(advice, words)));
    in_order(&all, |found| [found.severity as u8, 0]).into_iter().map(finding).collect()
}

/// Advice as a finding.
fn said(advice: &Advice, words: &str) -> Diagnostic {
    let mut found = advice.diagnostic();
    let row = words.lines().filter_map(|line| line.split_once('\t'));
    if let Some((_, sentence)) = row.into_iter().find(|(code, _)| *code == advice.code) {
        found.message = fill(sentence, &advice.args);
    }
    found
}

fn finding(found: &Diagnostic) -> Finding {
    Finding {
        code: found.code.to_owned(),
        severity: match found.severity {
            Own::Error => Severity::Error,
            Own::Warning => Severity::Warning,
            Own::Advice => Severity::Advice,
            Own::Info => Severity::Info,
        },
        message: found.message.clone(),
        help: found.help.clone(),
        start: found.span.start,
        end: found.span.end,
        line: found.span.line,
        column: found.span.column,
        fix: found.fix.as_ref().map(|fix| Fix {
            title: fix.title.clone(),
            start: fix.span.start,
            end: fix.span.end,
            with: fix.replacement.clone(),
        }),
    }
}
