//! Verdicts over all recordings, and verdicts and remedies over the known causes.

use podplay_analysis::remedy::remedies;
use podplay_analysis::verdict::{Lang, Target, verdicts};
use podplay_api::{Assume, ContainerState, Pod, SimTime};
use podplay_playback::{Plan, Run};
use podplay_tests::data;
use std::path::PathBuf;
use std::time::Duration;

/// The texts of the recordings, by name.
fn recordings() -> Vec<(String, String)> {
    let folder = data::tests_dir().join("conformance");
    let entries = std::fs::read_dir(folder).expect("the recordings are part of the project");
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths
        .iter()
        .map(|path| (name(path), std::fs::read_to_string(path).unwrap_or_default()))
        .collect()
}

/// What a pod's status says of its trouble: reasons, exit codes, messages.
fn said(pod: &Pod) -> Vec<String> {
    let mut words = vec![pod.status.reason.clone()];
    for status in pod.status.all_containers() {
        for state in [&status.state, &status.last_state] {
            match state {
                ContainerState::Waiting { reason, message } => {
                    words.extend([reason.clone(), message.clone()]);
                }
                ContainerState::Terminated(end) => {
                    words.extend([end.reason.clone(), format!("exit code {}", end.exit_code)]);
                    words.push(end.message.trim().to_owned());
                }
                _ => {}
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn what_is_not_ready_has_a_verdict_and_what_is_healthy_none() {
    let (mut silent, mut loud, mut judged) = (Vec::new(), Vec::new(), 0);
    for (name, text) in recordings() {
        let mut run = Run::new(&text);
        run.finish();
        for pod in run.cluster().pods() {
            let target = Target::new("Pod", &pod.meta.namespace, &pod.meta.name);
            let found = verdicts(&run, run.cluster(), &target);
            // Ended well, whether the kubelet has written it yet or not.
            let ended = pod.status.phase == podplay_api::PodPhase::Succeeded
                || pod
                    .status
                    .container_statuses
                    .iter()
                    .all(|of| of.state.terminated().is_some_and(|end| end.exit_code == 0))
                    && !pod.status.container_statuses.is_empty();
            let restarts: u32 = pod.status.all_containers().map(|of| of.restart_count).sum();
            let failed = pod.status.phase == podplay_api::PodPhase::Failed;
            let leaving = pod.meta.deletion_timestamp.is_some();
            if !pod.status.is_true("Ready") && !ended && !leaving {
                judged += 1;
                if found.is_empty() {
                    silent.push(format!("{name}: {} {:?}", pod.meta.name, said(pod)));
                }
                for verdict in &found {
                    for lang in [Lang::En, Lang::Ko] {
                        let sentence = verdict.sentence(lang);
                        assert!(!sentence.contains(['{', '\n']), "{name}: {sentence}");
                    }
                }
            } else if restarts == 0 && !leaving && !failed && !found.is_empty() {
                loud.push(format!("{name}: {} {}", pod.meta.name, found[0].sentence(Lang::En)));
            }
        }
    }
    assert!(judged > 90, "only {judged} pods are not ready at the end of their recordings");
    assert!(
        silent.is_empty(),
        "{} of {judged} have no verdict:\n{}",
        silent.len(),
        silent.join("\n")
    );
    assert!(loud.is_empty(), "healthy, and yet:\n{}", loud.join("\n"));
}

#[test]
fn an_exit_is_named_with_its_code_and_its_reason() {
    let mut wrong = Vec::new();
    let mut judged = 0;
    for (name, text) in recordings() {
        let mut run = Run::new(&text);
        run.finish();
        for pod in run.cluster().pods() {
            let target = Target::new("Pod", &pod.meta.namespace, &pod.meta.name);
            let found = verdicts(&run, run.cluster(), &target);
            let crashed = pod
                .status
                .all_containers()
                .find(|of| of.state.waiting() == Some("CrashLoopBackOff"));
            let Some(end) = crashed.and_then(|of| of.last_state.terminated()) else { continue };
            judged += 1;
            let told: String =
                found.iter().map(|of| of.sentence(Lang::En) + &of.evidence.join(" ")).collect();
            let code = format!("exit code {}", end.exit_code);
            // A container that a probe or a hook ended is told of by what made that necessary.
            let by_other = ["probe", "hook", "no program", "not permitted", "OOMKilled"];
            if !told.contains(&code) && !by_other.iter().any(|word| told.contains(word)) {
                wrong.push(format!("{name}: {} {:?}: {told}", pod.meta.name, said(pod)));
            }
        }
    }
    assert!(judged > 10, "only {judged} crash loops");
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The first verdict names the cause, and the first remedy reaches the goal, for nearly all known causes.
#[test]
fn known_causes_are_named_and_mended() {
    let Some(folder) = data::shared("diagnosis/cases") else { return };
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let (mut all, mut named, mut mended, mut missed) = (0, 0, 0, Vec::new());
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let Some(stem) = path.to_string_lossy().strip_suffix(".expect.json").map(str::to_owned)
        else {
            continue;
        };
        let expect = data::read_json(&path);
        let text = std::fs::read_to_string(format!("{stem}.yaml")).unwrap_or_default();
        let at = SimTime::ZERO + Duration::from_secs(expect["at"].as_u64().unwrap_or(0));
        // The cases are about a cluster that has only what the text says.
        let mut run = Run::of(Plan::read_as(&text, Some(Assume::STRICT)));
        run.finish();
        let subject = expect["subject"].as_str().unwrap_or_default();
        let Some(target) = Target::parse(subject, "default") else { continue };
        let moment = run.seek(at, None);
        let found = verdicts(&run, moment.cluster(), &target);
        let codes = expect["codes"].as_array().cloned().unwrap_or_default();
        let lines: Vec<u64> = expect["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        let good = found.first().is_some_and(|first| {
            let lined = first.places.iter().any(|place| lines.contains(&(place.span.line as u64)));
            codes.iter().any(|code| code == first.code()) && lined
        });
        let offers = remedies(&run, &text, &target, at, &found);
        all += 1;
        named += u32::from(good);
        mended += u32::from(offers.iter().any(|offer| !offer.weakens));
        if !good || offers.is_empty() {
            missed.push(format!(
                "{stem}: {:?}, {} remedies",
                found.first().map(|of| of.code()),
                offers.len()
            ));
        }
    }
    println!("named {named}, mended {mended} of {all}");
    assert!(
        named * 100 >= all * 95 && mended * 100 >= all * 90,
        "named {named}, mended {mended} of {all}:\n{}",
        missed.join("\n")
    );
}
