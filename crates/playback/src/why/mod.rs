//! "Why?": the chain of causes behind a record, back to a field of the text, a command or the start of the run;
//! what a record led to; and what is due to happen next.
//!
//! Every record names its cause, so a chain is walked, not guessed. Only the file that a probe's command looks at is
//! looked for, in `evidence`.

mod evidence;
mod next;
mod place;
mod words;

pub use next::{Due, next};
pub use place::Place;
pub use words::Lang;

use crate::run::Run;
use podplay_api::{Pod, SimTime};
use podplay_core::record::{ProcessEffectKind, Stored, Verb};
use podplay_core::{Decision, Record, RecordId, What};
use podplay_views::get::row_of_pod;

/// One link of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The record that it is about.
    pub record: RecordId,
    /// When it happened.
    pub at: SimTime,
    /// The field of the text that set it, if there is one.
    pub place: Option<Place>,
}

/// The record of that number.
pub fn record(run: &Run, id: RecordId) -> Option<&Record> {
    let trace = run.trace();
    let index = trace.binary_search_by_key(&id, |record| record.id).ok()?;
    trace.get(index)
}

/// The chain from a record back to where it began, newest first.
pub fn chain(run: &Run, id: RecordId) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut here = record(run, id);
    while let Some(found) = here {
        let cause =
            evidence::of(run, found).or_else(|| found.cause.and_then(|cause| record(run, cause)));
        let before = steps.last().and_then(|step| record(run, step.record));
        // A fault says all that its request would.
        let asked = |before: &Record| {
            matches!((&found.what, &before.what), (What::Command(..), What::Fault(..)))
        };
        let wanted = |before: &Record| tells(found, before) || cause.is_none();
        if before.is_none_or(|before| wanted(before) && !asked(before)) {
            steps.push(step(run, found));
            steps.extend(back_off(run, found).map(|held| step(run, held)));
        }
        // Causes are older than what they cause; anything else would be a loop.
        here = cause.filter(|cause| cause.id < found.id);
    }
    steps
}

fn step(run: &Run, record: &Record) -> Step {
    Step { record: record.id, at: record.at, place: place::of(run, record) }
}

/// What held a restart back since the exit that led to it.
fn back_off<'a>(run: &'a Run, started: &Record) -> Option<&'a Record> {
    let (What::Running { .. }, Some(cause)) = (&started.what, started.cause) else { return None };
    let from = run.trace().partition_point(|record| record.id <= cause);
    let to = run.trace().partition_point(|record| record.id < started.id);
    let held = |record: &&Record| {
        matches!(record.what, What::BackOff { .. }) && record.subject == started.subject
    };
    run.trace()[from..to].iter().rev().find(held)
}

/// Whether a record in the middle of a chain helps to understand the one `before` it, which it led to.
fn tells(record: &Record, before: &Record) -> bool {
    match &record.what {
        What::Decision(decision) => {
            matches!(decision, Decision::Assigned { .. } | Decision::NoNode { .. })
        }
        What::Stored(_, Stored::Pod(_))
        | What::Event(_)
        | What::Timer(_)
        | What::Sandbox { .. }
        | What::Created { .. } => false,
        // A file says something of the probe that looks at it, and of nothing else.
        What::Process(effect) => match effect.kind {
            ProcessEffectKind::Out(_) | ProcessEffectKind::Err(_) => false,
            ProcessEffectKind::Wrote(_) | ProcessEffectKind::Removed(_) => {
                matches!(before.what, What::Probe { .. })
            }
            _ => true,
        },
        _ => true,
    }
}

/// The newest state of a pod that was stored before a record.
pub(crate) fn newest_pod<'a>(run: &'a Run, before: RecordId, uid: &str) -> Option<&'a Pod> {
    let index = run.trace().partition_point(|record| record.id <= before);
    run.trace()[..index].iter().rev().find_map(|record| match &record.what {
        What::Stored(_, Stored::Pod(pod)) if pod.meta.uid == uid => Some(&**pod),
        _ => None,
    })
}

/// The chain behind what a pod, by namespace and name, shows at a moment: from the record of its last visible change.
/// Without one, the only pod or the one that changed last is meant.
pub fn of_pod(run: &Run, pod: Option<(&str, &str)>, at: SimTime) -> Option<Vec<Step>> {
    let until = run.records_until(at);
    let mut last: Option<(RecordId, String, String)> = None;
    for record in &run.trace()[..until] {
        let What::Stored(verb, Stored::Pod(stored)) = &record.what else { continue };
        let meta = &stored.meta;
        if pod.is_some_and(|wanted| wanted != (&*meta.namespace, &*meta.name)) {
            continue;
        }
        let shown = shown(*verb, stored);
        if last.as_ref().is_none_or(|(_, before, of)| *before != shown || *of != stored.key()) {
            last = Some((record.id, shown, stored.key()));
        }
    }
    last.map(|(id, _, _)| chain(run, id))
}

/// A pod's row as text.
pub(crate) fn shown(verb: Verb, pod: &Pod) -> String {
    if verb == Verb::Deleted {
        return "gone".to_owned();
    }
    let row = row_of_pod(pod);
    format!("{}/{} {} {}", row.ready, row.total, row.status, row.restarts)
}

/// Everything that a record led to, in order: the other direction of [`chain`].
pub fn effects(run: &Run, id: RecordId) -> Vec<RecordId> {
    let mut caused = std::collections::BTreeSet::from([id]);
    let mut found = Vec::new();
    let from = run.trace().partition_point(|record| record.id <= id);
    for record in &run.trace()[from..] {
        if record.cause.is_some_and(|cause| caused.contains(&cause)) {
            caused.insert(record.id);
            found.push(record.id);
        }
    }
    found
}

/// The sentence of a link.
pub fn sentence(run: &Run, step: &Step, lang: Lang) -> String {
    let Some(found) = record(run, step.record) else { return String::new() };
    let mut text = words::of(run, found, lang);
    if let Some(place) = &step.place {
        text.push_str(&words::place(place, lang));
    }
    text
}

/// A chain as lines, each with its time.
pub fn text(run: &Run, chain: &[Step], lang: Lang) -> String {
    let mut out = String::new();
    for (n, step) in chain.iter().enumerate() {
        let arrow = if n == 0 { "" } else { "← " };
        out.push_str(&format!(
            "{:>10}  {arrow}{}\n",
            step.at.to_string(),
            sentence(run, step, lang)
        ));
    }
    out
}
