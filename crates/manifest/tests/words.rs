//! The words about fields, which the page fetches: each names a field that there is.

use podplay_manifest::schema::{
    bring_docs, bring_translated_docs, doc, has_docs, speak_second_language, table,
};

const TABLE: &str = include_str!("../words/fields.en.tsv");
const KOREAN: &str = include_str!("../words/fields.ko.tsv");

#[test]
fn each_line_names_a_field_and_says_something_about_it() {
    for line in TABLE.lines().chain(KOREAN.lines()) {
        let parts: Vec<_> = line.split('\t').collect();
        let [owner, field, text] = parts.as_slice() else { panic!("{line}") };
        let known = table()
            .types()
            .any(|of| (owner.is_empty() || of.short() == *owner) && of.field(field).is_some());
        assert!(known, "{owner}.{field} is no field");
        assert!(text.ends_with(['.', '…']) && text.chars().count() < 200, "{line}");
    }
    assert_eq!(fields(TABLE), fields(KOREAN), "both languages tell of the same fields");
}

/// Which fields a table tells of, each once.
fn fields(table: &str) -> std::collections::BTreeSet<&str> {
    let lines: Vec<_> = table.lines().filter_map(|line| Some(line.rsplit_once('\t')?.0)).collect();
    let unique: std::collections::BTreeSet<_> = lines.iter().copied().collect();
    assert_eq!(unique.len(), lines.len(), "a field is told twice");
    unique
}

#[test]
fn words_come_when_they_are_brought() {
    assert!(!has_docs());
    assert_eq!(doc("PodSpec", "containers"), "");
    bring_docs(TABLE.to_owned());
    assert!(doc("PodSpec", "containers").starts_with("The containers that run side by side"));
    assert_eq!(doc("PodSpec", "noSuchField"), "");
    // Until the second language is there, the first one answers.
    speak_second_language(true);
    assert!(doc("PodSpec", "containers").starts_with("The containers"));
    bring_translated_docs(KOREAN.to_owned());
    assert!(doc("PodSpec", "containers").contains("컨테이너"));
    speak_second_language(false);
    assert!(doc("PodSpec", "containers").starts_with("The containers"));
}
