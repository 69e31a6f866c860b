//! Steps with clusters, as lines of `podplay session` would take them.

use super::{Ask, Clusters};
use podplay_api::{Value, json};

const WEB: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: app, image: 'nginx:1.27'}\n---\napiVersion: podplay/v1\nkind: Scenario\nspec: {duration: 2m}\n";

fn steps(clusters: &mut Clusters, ask: Value) -> Result<Value, String> {
    let ask: Ask = serde_json::from_value(ask).map_err(|error| error.to_string())?;
    clusters.answer(ask)
}

fn open() -> Clusters {
    let mut clusters = Clusters::default();
    let opened = steps(&mut clusters, json!({"do": "open", "text": WEB})).expect("it opens");
    assert_eq!(
        opened,
        json!({"cluster": "main", "at": 0, "end": 120, "objects": 1, "findings": []})
    );
    clusters
}

#[test]
fn what_is_done_is_in_the_text_and_rewinding_takes_it_out() {
    let mut clusters = open();
    let mut ask = |ask: Value| steps(&mut clusters, ask).expect("it is done");
    ask(json!({"do": "advance", "to": 10}));
    let deleted = ask(json!({"do": "kubectl", "command": "delete pod web --wait=false"}));
    assert_eq!(deleted["output"], "pod \"web\" deleted from default namespace\n");
    assert_eq!(deleted["changed"], true);
    let gone = ask(json!({"do": "advance", "by": 40}));
    assert_eq!(gone["pods"], json!(["No resources found in default namespace."]));
    let text = ask(json!({"do": "text"}));
    assert!(
        text["text"].as_str().is_some_and(
            |text| text.contains("{at: 10s, kubectl: \"delete pod web --wait=false\"}")
        )
    );
    let back = ask(json!({"do": "rewind", "to": 5}));
    assert_eq!((&back["at"], &back["undone"]), (&json!(5), &json!(1)));
    let pods = ask(json!({"do": "state", "at": 60}))["pods"].clone();
    assert!(
        pods[1].as_str().is_some_and(|row| row.starts_with("web") && row.contains("Running")),
        "{pods}"
    );
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut clusters = open();
    let mut ask = |ask: Value| steps(&mut clusters, ask).expect("it is done");
    ask(json!({"do": "advance", "to": 10}));
    ask(json!({"do": "fork", "name": "crashed"}));
    ask(json!({"do": "fault", "cluster": "crashed", "fault": {"pod": "web", "kind": "Crash"}}));
    let restarts = json!(["pod/web never restarts"]);
    let here = ask(json!({"do": "expect", "that": restarts}));
    let there = ask(json!({"do": "expect", "that": restarts, "cluster": "crashed"}));
    assert_eq!((&here["holds"], &there["holds"]), (&json!(true), &json!(false)));
    let listed = ask(json!({"do": "list"}));
    assert_eq!(
        listed,
        json!([
            {"cluster": "crashed", "at": 10, "end": 120}, {"cluster": "main", "at": 10, "end": 120},
        ])
    );
}

#[test]
fn a_command_that_waits_takes_its_time() {
    let mut clusters = open();
    let waited = json!({"do": "kubectl", "command": "kubectl wait --for=condition=Ready pod/web"});
    let waited = steps(&mut clusters, waited).expect("it is done");
    assert_eq!(
        (&waited["output"], &waited["over"]),
        (&json!("pod/web condition met\n"), &json!(true))
    );
    assert!(waited["at"].as_f64().is_some_and(|at| (1.0..30.0).contains(&at)), "{waited}");
}

#[test]
fn what_cannot_be_done_says_why_and_changes_nothing() {
    let table = [
        (json!({"do": "state", "at": 500}), "the run ends at 120.000s"),
        (json!({"do": "state", "at": -1}), "no moment of the run"),
        (json!({"do": "advance"}), "either `to` or `by`"),
        (json!({"do": "fault", "fault": {"pod": "web", "kind": "Crush"}}), "Crash"),
        (json!({"do": "fault", "fault": "Crash"}), "as an object"),
        (json!({"do": "kubectl", "command": "get pods > list"}), "no files here"),
        (json!({"do": "why", "object": "web"}), "no KIND/NAME"),
        (json!({"do": "expect", "that": ["all is well"]}), "is no statement"),
        (json!({"do": "open", "text": "kind: ["}), "line 1"),
        (json!({"do": "dance"}), "unknown variant"),
        (json!({"do": "state", "when": 3}), "unknown field"),
    ];
    let mut clusters = open();
    for (ask, why) in table {
        let answer = steps(&mut clusters, ask.clone());
        assert!(answer.as_ref().is_err_and(|error| error.contains(why)), "{ask}: {answer:?}");
        let text = steps(&mut clusters, json!({"do": "text"})).expect("it is still there");
        assert_eq!(text["text"], WEB);
    }
}
