//! Each code has a page in both languages, of the same make, and a sentence in Korean with the same places.

use podplay_analysis::{codes, fill, template};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("advice")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `{0}`, `{1}`, … that occur in a sentence.
fn places(text: &str) -> Vec<String> {
    (0..10).map(|n| format!("{{{n}}}")).filter(|place| text.contains(place.as_str())).collect()
}

#[test]
fn each_code_has_a_page_in_both_languages() {
    for (lang, parts) in [
        ("en", ["\n## Why\n", "\n## In a run\n", "\n## Mend it\n", "\nBefore:\n", "\nAfter:\n"]),
        ("ko", ["\n## 왜 그런가\n", "\n## 실행하면\n", "\n## 고치는 법\n", "\n전:\n", "\n후:\n"]),
    ] {
        for code in codes() {
            let page = read(&format!("{lang}/{code}.md"));
            assert!(page.starts_with("# "), "{lang} {code}");
            let found: Vec<_> = parts.iter().map(|part| page.find(part)).collect();
            assert!(found.is_sorted() && found[0].is_some(), "{lang} {code}: {found:?}");
            assert_eq!(page.matches("```").count(), 4, "{lang} {code}: before and after");
            assert!((300..3500).contains(&page.len()), "{lang} {code}: {} bytes", page.len());
        }
        let there = std::fs::read_dir(folder().join(lang)).into_iter().flatten().count();
        assert_eq!(there, codes().count(), "{lang}: a page of a code that is none");
    }
}

#[test]
fn each_sentence_is_said_in_korean_too() {
    let table = read("ko.tsv");
    let rows: Vec<_> = table.lines().filter_map(|line| line.split_once('\t')).collect();
    assert_eq!(rows.iter().map(|(code, _)| *code).collect::<Vec<_>>(), codes().collect::<Vec<_>>());
    for (code, korean) in rows {
        assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{code}");
        let english = template(code).unwrap_or_default();
        let (said, wanted) = (places(korean), places(english));
        assert!(said.iter().all(|place| wanted.contains(place)), "{code}: {korean}");
    }
}

#[test]
fn korean_particles_follow_what_is_put_in() {
    let args = ["80", "app", "liveness probe"].map(str::to_owned);
    let table = [
        ("{0}이(가) {1}을(를)", "80이 app을"),
        ("{2}은(는) {0}(으)로", "liveness probe는 80으로"),
        ("{1}(이)라는 {9}", "app이라는 {9}"),
        ("{1} ({0})", "app (80)"),
    ];
    for (template, wanted) in table {
        assert_eq!(fill(template, &args), wanted);
    }
}
