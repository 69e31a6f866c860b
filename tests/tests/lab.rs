//! The lab on manifests of others: whatever it finds is small, and its text shows it.

use podplay_analysis::check::{Check, Options};
use podplay_playback::Plan;

/// Texts with a workload behind a Service, in the order of their names.
fn manifests(most: usize) -> Vec<(String, Check)> {
    let Some(folder) = podplay_tests::data::shared("manifests") else { return Vec::new() };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let kinds = text.matches("\nkind: Deployment").count();
        let served = text.contains("kind: Service\n") && text.contains("replicas:");
        // Small ones, so that the test stays short.
        if out.len() >= most || kinds != 1 || !served || text.len() > 6000 {
            continue;
        }
        if let Ok(check) = Check::new(&text, Options { runs: 90, seeds: 1, rps: 20 }) {
            out.push((path.display().to_string(), check));
        }
    }
    out
}

#[test]
fn weaknesses_of_manifests_are_small_and_true() {
    for (name, check) in manifests(3) {
        let report = check.report(&check.run_all());
        println!("{name}: {}", report.coverage());
        for one in &report.weaknesses {
            println!("  {}: {}", one.kind, one.sentence);
            assert!((1..=3).contains(&one.timeline.len()), "{name}: {:?}", one.timeline);
            let plan = Plan::read(&one.text);
            assert!(!plan.has_errors(), "{name}: {:?}", plan.reading.diagnostics);
            assert!(plan.end() >= one.at, "{name}: {}", one.sentence);
        }
    }
}
