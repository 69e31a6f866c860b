//! The whole way of a paste: read, explained, made to run, fitted; what the run shows explains what the paste leaves out.

use super::causes::{Certainty, Found, causes};
use super::events::Event;
use super::fit::{Fit, fit};
use super::observed::{Observed, read};
use super::text::{UNKNOWN_KEY, draft};
use crate::remedy::{self, Remedy};
use crate::verdict::{self, Target};
use crate::why;
use podplay_core::Budget;
use podplay_playback::Run;

/// What became of a paste.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What was seen.
    pub observed: Observed,
    /// What holds things up, the most important first.
    pub found: Vec<Found>,
    /// The run that fits, where the paste has an object.
    pub fit: Option<Fit>,
    /// Edits of the text of the run that were run and mend it, the best first.
    pub remedies: Vec<Remedy>,
}

/// Reads and explains a paste. `progress` is told how many runs were done.
pub fn explain(paste: &str, progress: &mut dyn FnMut(usize)) -> Incident {
    let observed = read(paste);
    let found = causes(&observed);
    let fit = draft(&observed, &found).map(|draft| fit(&observed, &found, draft, progress));
    let Some(fit) = fit else {
        return Incident { observed, found, fit: None, remedies: Vec::new() };
    };
    let mut found = causes(&with_run(&observed, &fit));
    let text = fit.draft.text();
    let mut run = Run::new(&text);
    let end = run.end();
    let _ = run.advance(end, &mut Budget(WAKEUPS));
    sharpen(&mut found, &fit, &run);
    let remedies = if fit.percent() >= ALIKE { mends(&run, &text) } else { Vec::new() };
    Incident { observed, found, fit: Some(fit), remedies }
}

/// From this agreement on (in percent) what mends the run is worth to be told.
const ALIKE: usize = 60;
/// Most wakeups of the run that is asked.
const WAKEUPS: u64 = 400_000;

/// What mends the most broken object of a run.
fn mends(run: &Run, text: &str) -> Vec<Remedy> {
    let cluster = run.cluster();
    let Some(target) = why::most_broken(run, cluster) else { return Vec::new() };
    let verdicts = verdict::verdicts(run, cluster, &target);
    let mut out = remedy::remedies(run, text, &target, run.now(), &verdicts);
    // An edit that writes a name which only stands in is none.
    out.retain(|remedy| !remedy.title(verdict::Lang::En).contains(UNKNOWN_KEY));
    out
}

/// Where a paste only shows that something fails, the run that shows the same may tell how.
fn sharpen(found: &mut [Found], fit: &Fit, run: &Run) {
    for (pod, twin) in &fit.pods {
        let subject = format!("pod/{pod}");
        for one in found
            .iter_mut()
            .filter(|one| one.subject == subject && one.certainty != Certainty::Said)
        {
            let space = run
                .cluster()
                .pods()
                .find(|pod| pod.meta.name == *twin)
                .map(|pod| pod.meta.namespace.clone());
            let target = Target::new("Pod", &space.unwrap_or_default(), twin);
            let told = verdict::verdicts(run, run.cluster(), &target).into_iter().next();
            if let Some(told) = told.filter(|told| sharper(one.code(), told.code())) {
                one.cause = told.cause;
                one.instead = None;
                one.evidence.extend(told.evidence);
            }
        }
    }
}

/// Whether a code says of the same failure more than another.
fn sharper(seen: &str, told: &str) -> bool {
    match seen {
        "LivenessFails" => matches!(
            told,
            "LivenessTooEager" | "ProbeTimeout" | "ProbeCommandMissing" | "LivenessFails"
        ),
        "StartupFails" | "StartupTooShort" => {
            matches!(told, "StartupTooShort" | "ProbeTimeout" | "ProbeCommandMissing")
        }
        "ReadinessFails" => {
            matches!(told, "ReadinessPortClosed" | "ProbeTimeout" | "ProbeCommandMissing")
        }
        "InitNeverEnds" => told == "InitWaitsForService",
        "ExitsNonZero" => matches!(told, "CommandNotFound" | "PermissionDenied"),
        _ => false,
    }
}

/// What was seen, and for pods of which the paste has no events or no log, those of the run that shows the same.
fn with_run(observed: &Observed, fit: &Fit) -> Observed {
    let mut out = observed.clone();
    let recording = &fit.recording;
    let mut text = String::from("$ kubectl describe pods\n");
    text += recording["describe"].as_str().unwrap_or_default();
    text += "\n$ kubectl logs --all-containers --prefix\n";
    for (_, log) in recording["logs"].as_object().into_iter().flatten() {
        text += log.as_str().unwrap_or_default();
    }
    let run = read(&text);
    for (pod, twin) in &fit.pods {
        if !observed.events.iter().any(|event| event.kind == "Pod" && event.name == *pod) {
            // A file that is missing in the run may be one whose content only the cluster has.
            let stands_in = |event: &&Event| {
                event.reason == "Unhealthy"
                    && !fit.draft.assumed.is_empty()
                    && event.message.contains("No such file")
            };
            let own = run.events.iter().filter(|event| event.kind == "Pod" && event.name == *twin);
            for event in own.filter(|event| !stands_in(event)) {
                let mut event = event.clone();
                event.name.clone_from(pod);
                event.line = 0;
                out.events.push(event);
            }
        }
        if !observed.logs.iter().any(|log| log.pod == *pod || log.pod.is_empty()) {
            for log in run.logs.iter().filter(|log| log.pod == *twin) {
                let mut log = log.clone();
                log.pod.clone_from(pod);
                log.line = 0;
                out.logs.push(log);
            }
        }
    }
    out
}
