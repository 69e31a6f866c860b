//! The commands that the documents show: each is run by a shell, and prints what the document says it prints.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands for lines that a document leaves out.
const CUT: &str = "…";

/// Documents that show commands. `YAML` blocks behind `<!-- file: NAME -->` are files for those.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "docs/cli.md",
    "docs/expect.md",
    "docs/incident.md",
    "docs/lessons.md",
    "docs/lint.md",
    "docs/session.md",
    "docs/sharing.md",
];

/// Files that a document describes by words: name, whose text, what is replaced by what.
const VARIANTS: &[(&str, &str, &str, &str)] = &[
    (
        "patient.yaml",
        "liveness.yaml",
        "      periodSeconds: 5\n",
        "      periodSeconds: 5\n      failureThreshold: 6\n",
    ),
    ("typo.yaml", "liveness.yaml", "livenessProbe", "livenesProbe"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A fenced block of a document: where it begins, its language, the file that it is, its text.
struct Block<'a> {
    line: usize,
    language: &'a str,
    file: Option<&'a str>,
    text: String,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let (mut inside, mut file) = (false, None);
    for (index, line) in document.lines().enumerate() {
        let fence = line.strip_prefix("```");
        match (fence, found.last_mut()) {
            (Some(language), _) if !inside => {
                let (line, text) = (index + 2, String::new());
                found.push(Block { line, language, file: file.take(), text });
                inside = true;
            }
            (Some(_), _) => inside = false,
            (None, Some(block)) if inside => block.text.extend([line, "\n"]),
            _ => {
                let named = line.strip_prefix("<!-- file: ");
                file = named.and_then(|rest| rest.strip_suffix(" -->")).or(file);
            }
        }
    }
    found
}

/// A folder with the files of all documents, the lessons and the command itself.
fn folder(documents: &[(&str, String)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("bin")).expect("a folder");
    let link = |from: &Path, to: &str| std::os::unix::fs::symlink(from, folder.join(to));
    link(Path::new(env!("CARGO_BIN_EXE_podplay")), "bin/podplay").expect("a link");
    link(&root().canonicalize().expect("the project").join("www"), "www").expect("a link");
    for (_, text) in documents {
        for block in blocks(text) {
            let Some(file) = block.file else { continue };
            fs::write(folder.join(file), block.text).expect("written");
        }
    }
    for (file, of, from, to) in VARIANTS {
        let text = fs::read_to_string(folder.join(of)).expect("a file of the documents");
        assert!(text.contains(from), "{of} has no {from:?}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).expect("written");
    }
    folder
}

/// The commands of a block, each with its line and the lines that are shown of its output.
fn commands<'a>(block: &'a Block<'_>) -> Vec<(usize, &'a str, Vec<&'a str>)> {
    let mut found: Vec<(usize, &str, Vec<&str>)> = Vec::new();
    for (index, line) in block.text.lines().enumerate() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((block.line + index, command, Vec::new())),
            (None, Some((_, _, output))) => output.push(line),
            (None, None) => {}
        }
    }
    found
}

/// Whether a command is ours and whole.
fn runs(command: &str) -> bool {
    ["podplay ", "printf "].iter().any(|start| command.starts_with(start))
        && command.contains("podplay ")
        && !command.contains(CUT)
}

/// Whether output is as shown, where a `…` alone on its line stands for any lines.
fn agrees(shown: &[&str], printed: &[&str]) -> bool {
    let mut parts = shown.split(|line| *line == CUT);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let at = (0..=rest.len()).find(|&at| rest[at..].starts_with(part));
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Runs a command in the folder: its status, standard output, standard error.
fn run(folder: &Path, command: &str) -> (i32, String, String) {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("COLUMNS", "100")
        .output()
        .expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// What is wrong with a command of a document, if anything is. Standard error may be left out.
fn complaint(folder: &Path, command: &str, shown: &[&str]) -> Option<String> {
    let (status, out, err) = run(folder, command);
    let both = out.clone() + &err;
    let same = [&out, &both].iter().any(|printed| {
        let printed: Vec<&str> = printed.lines().collect();
        agrees(shown, &printed)
    });
    (status == 2 || !shown.is_empty() && !same).then(|| format!("{command} ({status})\n{both}"))
}

#[test]
fn commands_print_what_is_shown() {
    let read = |name: &&'static str| {
        (*name, fs::read_to_string(root().join(name)).expect("a document of the project"))
    };
    let documents: Vec<(&str, String)> = DOCUMENTS.iter().map(read).collect();
    let folder = folder(&documents);
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, text) in &documents {
        let shown = blocks(text);
        for block in shown.iter().filter(|block| block.language == "console") {
            for (line, command, output) in commands(block) {
                let command = command.split("  #").next().unwrap_or_default();
                if runs(command) {
                    count += 1;
                    let found = complaint(&folder, command, &output);
                    wrong.extend(found.map(|what| format!("{name}:{line}: {what}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count > 15, "the documents show {count} commands");
}

#[test]
fn parts_may_be_left_out() {
    let printed = ["a", "b", "c", "d"];
    for (shown, same) in [
        (&["a", "b", "c", "d"][..], true),
        (&["a", "b", "c"], false),
        (&["a", CUT], true),
        (&["b", CUT], false),
        (&[CUT, "d"], true),
        (&["a", CUT, "c", CUT], true),
        (&["a", CUT, "d", CUT, "d"], false),
        (&["a", CUT, "x", CUT], false),
    ] {
        assert_eq!(agrees(shown, &printed), same, "{shown:?}");
    }
}

/// The help of `podplay`, or of one of its commands.
fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podplay"))
        .args(command)
        .arg("--help")
        .output()
        .expect("the command was built for this test");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The long options that a help text lists.
fn options(help: &str) -> impl Iterator<Item = &str> {
    let listed = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = listed.flat_map(|line| line.split([' ', ',']));
    words.filter(|word| word.starts_with("--") && !matches!(*word, "--help" | "--version"))
}

#[test]
fn every_command_and_option_is_documented() {
    let folder = fs::read_dir(root().join("docs")).expect("the documents");
    let pages = folder.map(|entry| entry.expect("an entry").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|end| end == "md"));
    let pages: String = pages.map(|page| fs::read_to_string(page).expect("a document")).collect();
    let overview = help(&[]);
    let commands = overview.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next());
    let mut missing = Vec::new();
    for name in names.filter(|name| *name != "help") {
        if !pages.contains(&format!("`podplay {name}")) {
            missing.push(format!("podplay {name}"));
        }
        let text = help(&[name]);
        let unknown = options(&text).filter(|option| !pages.contains(*option));
        missing.extend(unknown.map(|option| format!("podplay {name} {option}")));
    }
    assert!(missing.is_empty(), "docs/ says nothing of {missing:#?}");
}
