//! The examples in the documents: every fenced `yaml` block is a whole text, runs to its end and is refused nothing.

use std::fs;
use std::path::{Path, PathBuf};

use podplay_playback::Run;

/// The documents with examples.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = fs::read_dir(root.join("docs")).expect("the documents are part of the project");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.push(root.join("README.md"));
    paths.sort();
    paths
}

/// The fenced `yaml` blocks of a document, each with the line where it begins.
fn examples(document: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (index, line) in document.lines().enumerate() {
        match (inside, line) {
            (false, "```yaml") => {
                inside = true;
                found.push((index + 2, String::new()));
            }
            (true, "```") => inside = false,
            (true, line) => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            _ => {}
        }
    }
    found
}

/// What is wrong with a text: errors that were found in it, and what the cluster refused.
fn complaints(text: &str) -> Vec<String> {
    let mut run = Run::new(text);
    run.finish();
    let plan = run.plan();
    let mut wrong: Vec<String> = plan
        .has_errors()
        .then(|| plan.reading.diagnostics.iter().map(|found| found.message.clone()))
        .into_iter()
        .flatten()
        .collect();
    wrong.extend(run.refusals().iter().map(|refusal| refusal.message.clone()));
    if plan.objects.is_empty() {
        wrong.push("there is nothing to run".to_owned());
    }
    wrong
}

#[test]
fn examples_run() {
    let (mut count, mut wrong) = (0, Vec::new());
    for path in documents() {
        let document = fs::read_to_string(&path).expect("a readable document");
        for (line, text) in examples(&document) {
            count += 1;
            let found = complaints(&text).into_iter();
            wrong.extend(found.map(|what| format!("{}:{line}: {what}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 0, "no document has an example");
}
