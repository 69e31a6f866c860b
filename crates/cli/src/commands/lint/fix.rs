//! Applying fixes: each is tried, and kept if its finding goes and no error comes.

use super::config::Rules;
use super::{Linted, findings};
use podplay_manifest::{Diagnostic, Severity, Stage};
use similar::TextDiff;
use std::collections::BTreeSet;

/// Most fixes that are tried on one text.
const TRIES: usize = 200;

/// Applies fixes until none is left that helps.
pub(super) fn apply(linted: &mut Linted, rules: &Rules) {
    let mut tried = BTreeSet::new();
    for _ in 0..TRIES {
        let next = linted.found.iter().find_map(|found| {
            let fix = found.fix.as_ref()?;
            let key = (found.code, found.path.clone(), fix.replacement.clone());
            tried.insert(key).then(|| (found.clone(), fix.apply(&linted.text)))
        });
        let Some((found, text)) = next else { return };
        // All findings are looked at, also those that are not reported.
        let plain = rules.without_choice();
        let everything = |text: &str| findings(text, &plain, &linted.file);
        if helps(&everything(&linted.text), &everything(&text), &found) {
            let after = findings(&text, rules, &linted.file);
            linted.text = text;
            linted.found = after;
            linted.fixed += 1;
            // What a fix moved may be tried again at its new place.
            tried.retain(|(code, _, _)| *code != found.code);
        }
    }
}

/// Whether a finding went away and no error or warning came.
fn helps(before: &[Diagnostic], after: &[Diagnostic], fixed: &Diagnostic) -> bool {
    let count = |list: &[Diagnostic], like: &Diagnostic| {
        list.iter().filter(|one| one.code == like.code && one.path == like.path).count()
    };
    // What kubectl cannot read hides everything else that is wrong with it.
    let hid = fixed.stage <= Stage::Client;
    let worse = after
        .iter()
        .filter(|one| one.severity <= Severity::Warning)
        .any(|one| count(after, one) > count(before, one));
    count(after, fixed) < count(before, fixed) && (hid || !worse)
}

/// Writes the fixed text, or prints what would change.
pub(super) fn hand_over(linted: &Linted, before: &str, only_show: bool) -> Result<(), String> {
    if only_show {
        let diff = TextDiff::from_lines(before, &linted.text);
        let names = (format!("a/{}", linted.file), format!("b/{}", linted.file));
        let shown = diff.unified_diff().header(&names.0, &names.1).to_string();
        super::super::run::print(&shown);
        return Ok(());
    }
    if linted.file == "-" {
        super::super::run::print(&linted.text);
        return Ok(());
    }
    if linted.fixed == 0 {
        return Ok(());
    }
    std::fs::write(&linted.file, &linted.text).map_err(|error| format!("{}: {error}", linted.file))
}
