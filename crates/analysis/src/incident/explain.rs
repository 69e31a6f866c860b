//! The whole way of a paste: read, explained, made to run, fitted; what the run shows explains what the paste leaves out.

use super::causes::{Found, causes};
use super::events::Event;
use super::fit::{Fit, fit};
use super::observed::{Observed, read};
use super::text::draft;

/// What became of a paste.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What was seen.
    pub observed: Observed,
    /// What holds things up, the most important first.
    pub found: Vec<Found>,
    /// The run that fits, where the paste has an object.
    pub fit: Option<Fit>,
}

/// Reads and explains a paste. `progress` is told how many runs were done.
pub fn explain(paste: &str, progress: &mut dyn FnMut(usize)) -> Incident {
    let observed = read(paste);
    let found = causes(&observed);
    let fit = draft(&observed, &found).map(|draft| fit(&observed, &found, draft, progress));
    let found = match &fit {
        Some(fit) => causes(&with_run(&observed, fit)),
        None => found,
    };
    Incident { observed, found, fit }
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
