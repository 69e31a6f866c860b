//! Each lesson of the page: complete in both languages, true, open at first, and solved by its model answer.

use podplay_playback::lesson::{self, LANGUAGES, Lesson};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../www/lessons")
}

/// The lessons of the index, in order.
fn lessons() -> Vec<Lesson> {
    let list = fs::read_to_string(folder().join("index.txt")).expect("lessons have an index");
    let read = |name: &str| {
        let file = |file: &str| {
            fs::read_to_string(folder().join(name).join(file)).map_err(|error| error.to_string())
        };
        Lesson::read(name, file).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    lesson::index(&list).into_iter().map(read).collect()
}

#[test]
fn every_lesson_is_true_and_can_be_solved() {
    let lessons = lessons();
    let wrong: Vec<String> = lessons
        .iter()
        .flat_map(|lesson| {
            lesson::complaints(lesson).into_iter().map(|what| format!("{}/{what}", lesson.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} lessons", lessons.len());
}

#[test]
fn the_index_names_every_folder_once() {
    let listed: Vec<String> = lessons().into_iter().map(|lesson| lesson.name).collect();
    let folders: BTreeSet<String> = fs::read_dir(folder())
        .expect("lessons have a folder")
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), folders);
    assert_eq!(listed.len(), folders.len(), "a lesson is listed twice");
    for name in &listed {
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{name} stands in links: small letters and hyphens"
        );
    }
}

#[test]
fn both_languages_lead_to_the_same_places() {
    for lesson in lessons() {
        let links: Vec<BTreeSet<&str>> =
            lesson.texts.iter().map(|text| text.links().into_iter().collect()).collect();
        assert_eq!(links.len(), LANGUAGES.len());
        assert_eq!(links[0], links[1], "{}", lesson.name);
    }
}

#[test]
fn an_answer_is_found_wrong_for_what_it_changed() {
    for lesson in lessons() {
        let original = podplay_playback::Plan::read(&lesson.manifest);
        let mut run = podplay_playback::Run::new("");
        run.finish();
        let outcome = lesson.script.outcome(&original, &run);
        assert!(!outcome.passes() && !outcome.changed.is_empty(), "{}: an empty text", lesson.name);
    }
}
