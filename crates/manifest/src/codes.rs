//! The codes of findings about texts, each with what it stands for.
//!
//! A code is never used again for something else, so that a configuration or a comment that names it stays true.
//! The codes of advice, from PP-1001, belong to the `analysis` crate.

/// Code and what it stands for, in order.
pub const CODES: &[(&str, &str)] = &[
    ("PP-0100", "the text is not valid YAML"),
    ("PP-0101", "a tab where YAML wants spaces"),
    ("PP-0102", "a `key: value` where none can begin"),
    ("PP-0103", "a key without its colon"),
    ("PP-0104", "an indentation that fits nothing"),
    ("PP-0105", "a quote or bracket that is not closed"),
    ("PP-0106", "an alias without its anchor"),
    ("PP-0107", "a template that has to be rendered first"),
    ("PP-0108", "a separator of documents with something behind it"),
    ("PP-0109", "a key that stands twice"),
    ("PP-0110", "a text nested too deeply, or with too many aliases"),
    ("PP-0111", "a character that looks like another one"),
    ("PP-0201", "not a manifest: apiVersion, kind or metadata is missing"),
    ("PP-0202", "a fragment that was completed to a manifest"),
    ("PP-0203", "a kind or version that the API server does not know"),
    ("PP-0204", "a generated name, which apply cannot use"),
    ("PP-0205", "a text without any object"),
    ("PP-0206", "a text of which nothing becomes a pod"),
    ("PP-0210", "not a manifest but something else that people copy"),
    ("PP-0301", "a value of the wrong type"),
    ("PP-0401", "an unknown field, or one that stands twice"),
    ("PP-0501", "refused by an admission plugin"),
    ("PP-0502", "an object that is missing and is needed before this one"),
    ("PP-0503", "a workload whose pods admission refuses"),
    ("PP-0601", "a required field is missing"),
    ("PP-0602", "an invalid value"),
    ("PP-0603", "a value that is not one of the supported ones"),
    ("PP-0604", "a field that is forbidden here"),
    ("PP-0605", "a value that stands twice"),
    ("PP-0606", "a name that refers to nothing"),
    ("PP-0607", "a value that is too long, or too many of them"),
    ("PP-0701", "a second Scenario; only the first is read"),
    ("PP-0702", "a Scenario of another apiVersion"),
    ("PP-0703", "a value of the wrong type in the Scenario"),
    ("PP-0704", "an unknown field of the Scenario"),
    ("PP-0705", "an unknown word in the Scenario"),
    ("PP-0706", "a fault without kind"),
    ("PP-0707", "a field that this kind of fault does not take"),
    ("PP-0708", "an entry of the timeline without an action, or with several"),
    ("PP-0709", "an entry of the timeline without at"),
    ("PP-0710", "words of the Scenario that the run cannot use"),
    ("PP-0801", "a warning of the API server"),
    ("PP-0802", "a kind without effect in a run"),
    ("PP-0803", "a field without effect in a run"),
    ("PP-0811", "a namespace that is assumed"),
    ("PP-0812", "a ServiceAccount that is assumed"),
    ("PP-0813", "a PriorityClass that is assumed"),
    ("PP-0814", "a RuntimeClass that is assumed"),
    ("PP-0815", "a StorageClass that is assumed"),
    ("PP-0816", "an IngressClass that is assumed"),
    ("PP-0817", "a node, or a label, room or device of one, that is assumed"),
    ("PP-0818", "a claim or a volume that is assumed"),
    ("PP-0819", "a custom resource that is kept without effect"),
    ("PP-0820", "an API version that is no longer served"),
    ("PP-0821", "what a cluster wrote into an object, set aside"),
    ("PP-0822", "an image that is assumed"),
    ("PP-0823", "a path of the node that is assumed"),
    ("PP-0824", "a Secret or ConfigMap of another text that is assumed"),
    ("PP-0825", "a ConfigMap that is assumed"),
    ("PP-0826", "a host of the internet that is assumed to answer"),
    ("PP-0901", "a text over a limit of this program"),
];

/// What a code stands for.
#[must_use]
pub fn meaning(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::{CODES, meaning};
    use std::path::Path;

    /// Every literal code in the sources of a folder.
    fn used(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the crate's sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                used(&path, found);
            } else if path.file_name().is_some_and(|name| name != "codes.rs") {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                found.extend(
                    text.match_indices("\"PP-0")
                        .filter_map(|(at, _)| text.get(at + 1..at + 8).map(str::to_owned)),
                );
            }
        }
    }

    #[test]
    fn each_code_that_is_used_is_listed_in_order() {
        let mut found = Vec::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.len() > 30, "{found:?}");
        for code in found {
            assert!(meaning(&code).is_some(), "{code} is not in codes.rs");
        }
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
