//! A run is the same however it is computed: in one go, in slices, by seeking, after an edit.

use podplay_api::SimTime;
use podplay_core::Budget;
use podplay_playback::{Run, digest, record};

const TEXT: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 3
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "sleep 7; exit 1"]
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 1; done"]
---
apiVersion: podplay/v1
kind: Scenario
spec:
  seed: 3
  duration: 2m
  timeline:
  - {at: 20s, kubectl: "delete pod other"}
  - {at: 30s, kubectl: "get pods"}
  - {at: 50s, fault: {pod: web, container: app, kind: Crash, exitCode: 3}}
"#;

fn finished(text: &str) -> Run {
    let mut run = Run::new(text);
    run.finish();
    run
}

#[test]
fn slices_make_no_difference() {
    let whole = finished(TEXT);
    let mut sliced = Run::new(TEXT);
    for second in 0..=240 {
        let to = SimTime::from_millis(second * 500);
        while sliced.advance(to, &mut Budget(7)) != podplay_core::Progress::Reached {}
    }
    assert_eq!(digest::of(whole.trace()), digest::of(sliced.trace()));
    assert_eq!(whole.commands(), sliced.commands());
}

#[test]
fn seeking_finds_the_same_cluster() {
    let run = finished(TEXT);
    for seconds in [0, 1, 19, 20, 21, 33, 60, 119, 120] {
        let at = SimTime::from_secs(seconds);
        let mut fresh = Run::new(TEXT);
        let _ = fresh.advance(at, &mut Budget(u64::MAX));
        let sought = run.seek(at, None);
        assert_eq!(sought.cluster().list("Pod", None), fresh.cluster().list("Pod", None), "{at}");
        let earlier = run.seek(SimTime::from_secs(seconds / 2), None);
        let again = run.seek(at, Some(earlier));
        assert_eq!(again.cluster().list("Pod", None), fresh.cluster().list("Pod", None), "{at}");
    }
}

#[test]
fn an_edit_gives_the_run_of_the_new_text() {
    let run = finished(TEXT);
    for (from, to) in [
        ("at: 50s", "at: 70s"),
        ("exitCode: 3", "exitCode: 4"),
        ("duration: 2m", "duration: 3m"),
        ("seed: 3", "seed: 4"),
        ("exit 1", "exit 2"),
    ] {
        let text = TEXT.replace(from, to);
        let mut edited = run.edited(&text);
        edited.finish();
        let fresh = finished(&text);
        assert_eq!(digest::of(edited.trace()), digest::of(fresh.trace()), "{to}");
        assert_eq!(edited.commands(), fresh.commands(), "{to}");
    }
}

#[test]
fn an_edit_keeps_what_was_computed() {
    let run = finished(TEXT);
    let edited = run.edited(&TEXT.replace("at: 50s", "at: 70s"));
    // From the last checkpoint before both texts part, not from the beginning.
    assert!(edited.now() > SimTime::from_secs(30), "{}", edited.now());
}

#[test]
fn a_recording_has_every_part() {
    let recording = record(TEXT, "two");
    assert_eq!(recording["name"], "two");
    assert_eq!(recording["seconds"], 120);
    assert_eq!(
        recording["commands"][0]["stdout"],
        "pod \"other\" deleted from default namespace\n"
    );
    let rows = recording["rows"]["other"].as_array().cloned().unwrap_or_default();
    assert!(rows.last().is_some_and(|row| row["gone"] == true), "{rows:?}");
    assert!(recording["events"].as_array().is_some_and(|events| !events.is_empty()));
}

#[test]
fn broken_texts_end_in_findings() {
    let table = [
        "",
        "a: [",
        "kind: Pod",
        "apiVersion: podplay/v1\nkind: Scenario\nspec: {timeline: [{at: x}]}\n",
    ];
    for text in table {
        let run = finished(text);
        assert!(!run.trace().is_empty());
        assert!(text.is_empty() || run.plan().has_errors(), "{text}");
    }
}
