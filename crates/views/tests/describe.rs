//! Descriptions of objects (`describe/*.yaml`: the object first, then what belongs to it) against what a real cluster
//! printed for them (`describe/*.txt`).

use std::fs;
use std::path::Path;

use podplay_api::Timestamp;
use podplay_views::describe::{Related, describe};
use serde_json::Value;

#[test]
fn descriptions_are_those_of_a_real_cluster() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/describe");
    let mut cases = 0;
    for entry in fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        cases += 1;
        let text = fs::read_to_string(&path).expect("a case");
        let documents: Vec<Value> = text
            .split("\n---\n")
            .map(|document| {
                serde_yaml::from_str(document).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
            })
            .collect();
        let now =
            Timestamp::parse(documents[0]["now"].as_str().expect("a clock")).expect("a moment");
        let related = Related { now, objects: &documents[2..], show_events: true };
        let expected = fs::read_to_string(path.with_extension("txt")).expect("the text");
        assert_eq!(describe(&documents[1], &related), expected, "{}", path.display());
    }
    assert!(cases > 8, "{cases} cases");
}
