//! Why something happened, for the inspector: which record to explain, its chain of causes, and what follows it.

use podplay_api::{EventType, SimTime};
use podplay_core::record::Verb;
use podplay_core::{Record, RecordId, What};
use podplay_playback::why::Lang;
use podplay_playback::{Run, why};
use podplay_protocol::Link;

/// Longest chain that is shown.
const LINKS: usize = 9;
/// Events that say why a pod does not get on.
const HINDERS: [&str; 6] = [
    "FailedScheduling",
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
    "FailedCreate",
    "FailedToRetrieveImagePullSecret",
];
/// How far back and ahead is looked for a record that says something.
const REACH: usize = 20_000;

/// The chain of causes of a record, the newest first.
pub(crate) fn chain(run: &Run, from: RecordId, lang: Lang) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for step in why::chain(run, from) {
        let bare = why::Step { place: None, ..step.clone() };
        let text = sentence(run, &bare, lang);
        if links.last().is_none_or(|last| last.text != text) {
            let place = step.place.as_ref().map(place);
            links.push(Link { at: step.at, text, place, record: step.record });
        }
    }
    links.truncate(LINKS);
    links
}

/// The record to explain at a moment: the last one that says something about the pod, if one is chosen.
pub(crate) fn newest(
    run: &Run,
    until: usize,
    pod: Option<(&str, &str)>,
    container: Option<&str>,
) -> Option<RecordId> {
    let about = |record: &&Record| {
        let of_container =
            container.is_none_or(|name| record.subject.container().is_none_or(|own| own == name));
        of_pod(record, pod) && of_container && tells(&record.what)
    };
    let trace = run.trace();
    let past = trace[..until.min(trace.len())].iter().rev().take(REACH);
    past.into_iter().find(|record| about(record) || hinders(record, pod)).map(|record| record.id)
}

/// Whether a record is an Event that says why a pod does not get on, where no other record does.
pub(crate) fn hinders(record: &Record, pod: Option<(&str, &str)>) -> bool {
    let What::Event(event) = &record.what else { return false };
    event.kind == EventType::Warning && HINDERS.contains(&&*event.reason) && of_pod(record, pod)
}

/// The first record after a moment that says something, and its sentence.
pub(crate) fn following(
    run: &Run,
    after: usize,
    pod: Option<(&str, &str)>,
    lang: Lang,
) -> Option<(SimTime, String)> {
    let trace = run.trace();
    let about = |record: &&Record| {
        let minor = matches!(
            record.what,
            What::Probe { success: true, .. }
                | What::Process(_)
                | What::ProbeResult { .. }
                | What::Created { .. }
        );
        of_pod(record, pod) && tells(&record.what) && !minor
    };
    let record = trace[after.min(trace.len())..].iter().take(REACH).find(about)?;
    let step = why::Step { record: record.id, at: record.at, place: None };
    Some((record.at, sentence(run, &step, lang)))
}

/// Whether anything at all is recorded of a pod, or of whatever has its name, after a moment.
pub(crate) fn goes_on(run: &Run, after: usize, pod: Option<(&str, &str)>) -> bool {
    let trace = run.trace();
    trace[after.min(trace.len())..].iter().take(REACH).any(|record| of_pod(record, pod))
}

fn of_pod(record: &Record, pod: Option<(&str, &str)>) -> bool {
    pod.is_none_or(|(namespace, name)| {
        record.subject.pod().is_some_and(|pod| pod.namespace == namespace && pod.name == name)
    })
}

/// Whether a record is worth standing at the head of a chain.
const fn tells(what: &What) -> bool {
    !matches!(
        what,
        What::Stored(Verb::StatusUpdated | Verb::Updated, _)
            | What::Event(_)
            | What::Timer(_)
            | What::Decision(_)
            | What::Request { .. }
    )
}

/// The sentence of a record that says something; `None` for the others.
pub(crate) fn told(run: &Run, record: &Record, lang: Lang) -> Option<String> {
    let step = why::Step { record: record.id, at: record.at, place: None };
    tells(&record.what).then(|| sentence(run, &step, lang))
}

/// A sentence that begins like one.
fn sentence(run: &Run, step: &why::Step, lang: Lang) -> String {
    capital(why::sentence(run, step, lang))
}

/// A sentence that begins like one; names of things in lower case stay as they are.
pub(crate) fn capital(text: String) -> String {
    let name =
        text.split([' ', '/']).next().is_some_and(|word| word.contains(['-', '.', '`', '"']));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !name => format!("{}{}", first.to_ascii_uppercase(), chars.as_str()),
        _ => text,
    }
}

/// The line of a place, and its field: `failureThreshold 3`.
fn place(place: &why::Place) -> (u32, String) {
    let field =
        place.path.rsplit('.').next().unwrap_or_default().split('[').next().unwrap_or_default();
    let value = place.value.as_deref().map(|value| format!(" {value}")).unwrap_or_default();
    (u32::try_from(place.span.line).unwrap_or(1), format!("{field}{value}"))
}
