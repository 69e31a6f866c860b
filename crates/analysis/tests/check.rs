//! The search for what a text does not bear: on an ordinary web server, mended and unmended.

use podplay_analysis::check::{Check, Options, Report};
use podplay_core::Budget;
use podplay_playback::{Plan, Run};

const WEB: &str = include_str!("texts/web.yaml");

fn report(text: &str, runs: usize) -> Report {
    let check = Check::new(text, Options { runs, seeds: 1, rps: 50 }).expect("a text that runs");
    check.report(&check.run_all())
}

fn kinds(report: &Report) -> Vec<&'static str> {
    report.weaknesses.iter().map(|one| one.kind).collect()
}

#[test]
fn a_rollout_that_loses_requests_is_found_and_made_small() {
    let report = report(WEB, 120);
    let lost = report.weaknesses.iter().find(|one| one.kind == "requests-lost").expect("a loss");
    assert_eq!(lost.subject, "service/web");
    assert_eq!(lost.timeline.len(), 1, "{:?}", lost.timeline);
    assert!(report.weaknesses.iter().all(|one| (1..=3).contains(&one.timeline.len())));
    // The text that is handed out shows it by itself.
    let plan = Plan::read(&lost.text);
    assert!(!plan.has_errors(), "{:?}", plan.reading.diagnostics);
    assert!(lost.text.contains("# the shop") && lost.text.contains("kind: Scenario"));
    let mut run = Run::of(plan);
    let _ = run.advance(run.end(), &mut Budget(400_000));
    let client = run.cluster().traffic().next().expect("a client").1;
    assert!(client.seen.failures() > 0);
}

#[test]
fn with_a_pause_before_the_stop_none_is_lost() {
    let hook = "        lifecycle: {preStop: {sleep: {seconds: 5}}}\n";
    let mended = WEB.replace(
        "        ports: [{containerPort: 80}]\n",
        &format!("        ports: [{{containerPort: 80}}]\n{hook}"),
    );
    assert_ne!(mended, WEB);
    let found = kinds(&report(&mended, 120));
    assert!(!found.contains(&"requests-lost"), "{found:?}");
}

#[test]
fn one_replica_is_an_outage_and_a_pod_alone_does_not_come_back() {
    let alone = WEB.replace("replicas: 3", "replicas: 1");
    let found = kinds(&report(&alone, 60));
    assert!(found.contains(&"outage"), "{found:?}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: app, image: nginx:1.27}]\n";
    let report = report(pod, 60);
    let gone = report.weaknesses.iter().find(|one| one.kind == "never-ready").expect("gone");
    assert_eq!(gone.timeline.len(), 1, "{:?}", gone.timeline);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let (one, other) = (report(WEB, 40), report(WEB, 40));
    assert_eq!(one, other);
    assert_eq!(one.runs, 40);
    assert!(one.possible > 40 && one.alike > 0);
    assert!(one.text("https://x/").contains("40 runs of"));
}

#[test]
fn what_cannot_be_searched_is_said() {
    for (text, word) in [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "nothing in it"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\n", "containers"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {nodeSelector: {x: z}, containers: [{name: a, image: nginx}]}\n---\napiVersion: podplay/v1\nkind: Scenario\nspec: {assume: strict}\n",
            "podplay why",
        ),
    ] {
        let error = Check::new(text, Options::default()).expect_err(text);
        assert!(error.contains(word), "{error}");
    }
}
