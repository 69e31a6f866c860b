//! The run as a trace in the JSON format that Perfetto and the tracing page of Chromium open.

use crate::lang::Lang;
use crate::ui::format;
use podplay_api::SimTime;
use podplay_timeline::{Band, Lane, Timeline};
use serde_json::Value;
use std::fmt::Write;

/// Lanes as threads, pods as processes; states are slices, probes and signals instants. Times in microseconds.
pub(crate) fn trace(timeline: &Timeline, known: SimTime, lang: Lang) -> String {
    let mut out = String::from("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    let mut thread = 0;
    let mut band = None;
    for (key, lane) in timeline.lanes() {
        let process = number(key.band);
        if band != Some(key.band) {
            band = Some(key.band);
            thread = 0;
            name(&mut out, "process_name", process, 0, &title(timeline, key.band));
        }
        thread += 1;
        let label = format!("{} · {}", lane.name, format::lane_kind(key, lang));
        name(&mut out, "thread_name", process, thread, &label);
        slices(&mut out, lane, (process, thread), known, lang);
        for tick in &lane.ticks {
            let word = if tick.success { lang.probe_success() } else { lang.probe_failure() };
            instant(&mut out, word, (process, thread), tick.at, tick.message.as_deref());
        }
        for flag in &lane.flags {
            instant(&mut out, &flag.signal, (process, thread), flag.at, None);
        }
    }
    out.truncate(out.trim_end_matches(',').len());
    out + "]}"
}

const fn number(band: Band) -> u32 {
    match band {
        Band::Faults => 1,
        Band::Workloads => 2,
        Band::Services => 3,
        Band::Pod(index) => 10 + index,
    }
}

fn title(timeline: &Timeline, band: Band) -> String {
    match band {
        Band::Faults => "faults".to_owned(),
        Band::Workloads => "workloads".to_owned(),
        Band::Services => "Services".to_owned(),
        Band::Pod(index) => {
            let pod = timeline.pods().get(index as usize);
            pod.map(|pod| format!("{}/{}", pod.namespace, pod.name)).unwrap_or_default()
        }
    }
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// Microseconds, with the digits below.
fn micros(at: SimTime) -> String {
    format!("{}.{:03}", at.as_nanos() / 1000, at.as_nanos() % 1000)
}

fn name(out: &mut String, what: &str, process: u32, thread: u32, text: &str) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{\"ph\":\"M\",\"name\":\"{what}\",\"pid\":{process},\"tid\":{thread},\"args\":{{\"name\":{}}}}},",
        quoted(text)
    );
}

fn slices(
    out: &mut String,
    lane: &Lane,
    (process, thread): (u32, u32),
    known: SimTime,
    lang: Lang,
) {
    for span in &lane.spans {
        let to = span.to.unwrap_or(known).max(span.from);
        let lasted = SimTime::ZERO + to.since(span.from);
        let _ = write!(
            out,
            "{{\"ph\":\"X\",\"name\":{},\"cat\":\"{}\",\"pid\":{process},\"tid\":{thread},\"ts\":{},\"dur\":{},\"args\":{{\"record\":{}}}}},",
            quoted(&format::state(&span.state, lang)),
            span.state.kind(),
            micros(span.from),
            micros(lasted),
            span.record.0
        );
    }
}

fn instant(
    out: &mut String,
    what: &str,
    (process, thread): (u32, u32),
    at: SimTime,
    message: Option<&str>,
) {
    let _ = write!(
        out,
        "{{\"ph\":\"i\",\"s\":\"t\",\"name\":{},\"pid\":{process},\"tid\":{thread},\"ts\":{},\"args\":{{\"message\":{}}}}},",
        quoted(what),
        micros(at),
        quoted(message.unwrap_or_default())
    );
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use podplay_api::RecordId;
    use podplay_timeline::{Flag, LaneKey, Part, PodBand, Role, Span, State, Tick};

    /// A container that runs, fails a probe and is killed.
    fn timeline() -> Timeline {
        let at = SimTime::from_secs;
        let span = |from, to, state| Span { from: at(from), to, state, record: RecordId(1) };
        let container = Lane {
            name: "app".into(),
            spans: vec![
                span(0, Some(at(1)), State::Pulling),
                span(1, Some(at(9)), State::Running(0)),
                span(9, None, State::Exited(137, "Error".into())),
            ],
            flags: vec![Flag { at: at(9), signal: "SIGKILL".into(), record: RecordId(2) }],
            ..Lane::default()
        };
        let tick = Tick {
            at: at(5),
            success: false,
            failures_before: 0,
            message: Some("HTTP \"500\"".into()),
            record: RecordId(3),
        };
        let probe = Lane { name: "liveness".into(), ticks: vec![tick], ..Lane::default() };
        let key = |part| LaneKey { band: Band::Pod(0), container: 1, part };
        let pod = PodBand {
            namespace: "default".to_owned(),
            name: "web".to_owned(),
            uid: String::new(),
            from: at(0),
            to: None,
            owned: false,
        };
        let mut timeline = Timeline { pods: vec![pod], ..Timeline::default() };
        timeline.lanes.insert(key(Part::Container(Role::Regular)), container);
        timeline.lanes.insert(key(Part::Probe(podplay_api::ProbeKind::Liveness)), probe);
        timeline
    }

    #[test]
    fn a_trace_holds_every_state_and_probe() {
        let text = trace(&timeline(), SimTime::from_secs(20), Lang::En);
        let value: Value = serde_json::from_str(&text).expect("the trace is JSON");
        let events = value["traceEvents"].as_array().expect("it holds a list");
        let count = |phase: &str| events.iter().filter(|event| event["ph"] == phase).count();
        assert_eq!((count("X"), count("i")), (3, 2));
        assert!(events.iter().any(|event| event["name"] == "SIGKILL"));
        for (before, after) in [("X", "dur"), ("X", "ts"), ("i", "ts")] {
            let all = events.iter().filter(|event| event["ph"] == before);
            assert!(all.into_iter().all(|event| event[after].is_number()), "{before} has {after}");
        }
    }
}
