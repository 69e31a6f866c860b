//! Every recording of a real cluster, run through the simulator with several seeds and compared: all seeds but one agree.
//!
//! `PODPLAY_ONLY=name` runs one and prints every difference; the `conformance` binary does more.

use podplay_core::Version;
use podplay_tests::suite::{Recording, SEEDS, recordings, recordings_of, run_all};
use podplay_tests::{report, unmatched};

#[test]
fn recordings_are_reproduced() {
    let only = std::env::var("PODPLAY_ONLY").ok();
    let chosen = recordings(|name| only.as_ref().is_none_or(|only| only == name));
    assert!(!chosen.is_empty(), "no recording is called {only:?}");
    let outcomes = run_all(&chosen, SEEDS, 2);
    if only.is_some() {
        outcomes.iter().for_each(|outcome| println!("{}", report::differences(outcome)));
    }
    println!("{}\n{}", report::table(&outcomes), report::totals(&outcomes));
    let complaints = unmatched::complaints(&unmatched::load(), &outcomes);
    assert!(
        complaints.is_empty(),
        "{}\n(the list is {})",
        complaints.join("\n"),
        unmatched::path().display()
    );
}

/// Recordings of the older version, with its switch and without it: the switch must make the difference.
#[test]
fn recordings_of_1_34_are_reproduced() {
    let mut chosen = recordings_of(Version::V1_34, |_| true);
    let count = |chosen: &[Recording]| {
        let outcomes = run_all(chosen, SEEDS, 2);
        println!("{}\n{}", report::table(&outcomes), report::totals(&outcomes));
        outcomes.iter().filter(|outcome| outcome.passes()).count()
    };
    let with = count(&chosen);
    chosen.iter_mut().for_each(|recording| recording.version = Version::V1_36);
    let without = count(&chosen);
    // Two of the 41 are decided by draws: a wait after a back-off, and when a volume is measured.
    assert!(with >= 39, "{with} of {}", chosen.len());
    assert!(without * 5 < chosen.len(), "{without} agree with v1.36 too");
}

#[test]
fn the_list_names_only_recordings() {
    let known: Vec<String> =
        recordings(|_| true).into_iter().map(|recording| recording.name).collect();
    let strange: Vec<String> =
        unmatched::load().into_keys().filter(|name| !known.contains(name)).collect();
    assert!(strange.is_empty(), "not recordings: {strange:?}");
}
