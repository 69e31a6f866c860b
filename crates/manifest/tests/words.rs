//! The words about fields, which the page fetches: each names a field that there is.

use podplay_manifest::schema::{bring_docs, doc, has_docs, table};

const TABLE: &str = include_str!("../../../www/words/fields.en.tsv");

#[test]
fn each_line_names_a_field_and_says_something_about_it() {
    for line in TABLE.lines() {
        let parts: Vec<_> = line.split('\t').collect();
        let [owner, field, text] = parts.as_slice() else { panic!("{line}") };
        let known = table()
            .types()
            .any(|of| (owner.is_empty() || of.short() == *owner) && of.field(field).is_some());
        assert!(known, "{owner}.{field} is no field");
        assert!(text.ends_with(['.', '…']) && text.len() < 200, "{line}");
    }
    let lines: Vec<_> =
        TABLE.lines().map(|line| line.rsplit_once('\t').map(|(field, _)| field)).collect();
    let unique: std::collections::BTreeSet<_> = lines.iter().collect();
    assert_eq!(unique.len(), lines.len(), "a field is told twice");
}

#[test]
fn words_come_when_they_are_brought() {
    assert!(!has_docs());
    assert_eq!(doc("PodSpec", "containers"), "");
    bring_docs(TABLE.to_owned());
    assert!(doc("PodSpec", "containers").starts_with("The containers that run side by side"));
    assert_eq!(doc("PodSpec", "noSuchField"), "");
}
