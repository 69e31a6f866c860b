//! Two runs side by side: the first moment at which they part, then rows, events and availability that differ.

use crate::recording::seconds;
use crate::run::Run;
use podplay_api::{Pod, SimTime, ToRaw, Value};
use podplay_core::What;
use podplay_core::record::{Stored, Verb};
use podplay_views::get::row_of_pod;
use std::collections::BTreeMap;

/// What a pod showed from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From when.
    pub at: SimTime,
    /// `1/1 Running 0`, or `gone`.
    pub text: String,
}

/// A list that is not the same in both runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing<T> {
    /// Of what: a pod's name, an event's words.
    pub name: String,
    /// In the first run.
    pub a: T,
    /// In the second run.
    pub b: T,
}

/// The differences of two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The first moment at which a row or an event differs.
    pub first: Option<SimTime>,
    /// Pods whose rows differ.
    pub rows: Vec<Differing<Vec<Row>>>,
    /// Events whose times differ.
    pub events: Vec<Differing<Vec<SimTime>>>,
    /// Milliseconds for which a pod was ready.
    pub ready: Vec<Differing<u64>>,
}

impl Differences {
    /// Whether the runs went the same way.
    pub const fn is_empty(&self) -> bool {
        self.first.is_none()
    }
    /// The differences as text; `a` and `b` name the runs.
    pub fn text(&self, a: &str, b: &str) -> String {
        let Some(first) = self.first else { return "The two runs show the same.\n".to_owned() };
        let mut out = format!("--- {a}\n+++ {b}\nFirst difference at {first}\n");
        for pod in &self.rows {
            out.push_str(&format!("\npod/{}\n", pod.name));
            out.push_str(&sides(&pod.a, &pod.b));
        }
        if !self.events.is_empty() {
            out.push_str("\nEvents\n");
        }
        for event in &self.events {
            let times = |times: &[SimTime]| {
                if times.is_empty() {
                    "never".to_owned()
                } else {
                    times.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                }
            };
            out.push_str(&format!(
                "  {}\n- {}\n+ {}\n",
                event.name,
                times(&event.a),
                times(&event.b)
            ));
        }
        if !self.ready.is_empty() {
            out.push_str("\nReady for\n");
        }
        for pod in &self.ready {
            let text = |millis: u64| seconds(SimTime::from_millis(millis)).to_string();
            out.push_str(&format!(
                "  pod/{}: {} s, then {} s\n",
                pod.name,
                text(pod.a),
                text(pod.b)
            ));
        }
        out
    }
}

/// Rows of both sides, equal ones once.
fn sides(a: &[Row], b: &[Row]) -> String {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let line = |mark: char, row: &Row| format!("{mark} {:>10}  {}\n", row.at.to_string(), row.text);
    let mut out: String = a[..same].iter().map(|row| line(' ', row)).collect();
    out.extend(a[same..].iter().map(|row| line('-', row)));
    out.extend(b[same..].iter().map(|row| line('+', row)));
    out
}

/// Compares two runs.
pub fn runs(a: &Run, b: &Run) -> Differences {
    let (one, two) = (Summary::of(a), Summary::of(b));
    let mut found = Differences::default();
    for name in one.rows.keys().chain(two.rows.keys().filter(|name| !one.rows.contains_key(*name)))
    {
        let (a, b) = (
            one.rows.get(name).cloned().unwrap_or_default(),
            two.rows.get(name).cloned().unwrap_or_default(),
        );
        if a != b {
            note(&mut found.first, parting(&a, &b, |row| row.at));
            found.rows.push(Differing { name: name.clone(), a, b });
        }
        let (a, b) =
            (one.ready.get(name).copied().unwrap_or(0), two.ready.get(name).copied().unwrap_or(0));
        if a != b {
            found.ready.push(Differing { name: name.clone(), a, b });
        }
    }
    for name in
        one.events.keys().chain(two.events.keys().filter(|name| !one.events.contains_key(*name)))
    {
        let (a, b) = (
            one.events.get(name).cloned().unwrap_or_default(),
            two.events.get(name).cloned().unwrap_or_default(),
        );
        if a != b {
            note(&mut found.first, parting(&a, &b, |at| *at));
            found.events.push(Differing { name: name.clone(), a, b });
        }
    }
    found
}

fn note(first: &mut Option<SimTime>, at: Option<SimTime>) {
    *first = (*first).into_iter().chain(at).min();
}

/// When two lists part.
fn parting<T: PartialEq>(a: &[T], b: &[T], at: impl Fn(&T) -> SimTime) -> Option<SimTime> {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    a.get(same).into_iter().chain(b.get(same)).map(at).min()
}

/// What a run showed.
#[derive(Default)]
struct Summary {
    rows: BTreeMap<String, Vec<Row>>,
    events: BTreeMap<String, Vec<SimTime>>,
    ready: BTreeMap<String, u64>,
}

impl Summary {
    fn of(run: &Run) -> Self {
        let mut summary = Self::default();
        let mut since: BTreeMap<String, SimTime> = BTreeMap::new();
        for record in run.trace() {
            match &record.what {
                What::Stored(verb, Stored::Pod(pod)) => {
                    summary.pod(record.at, *verb, pod);
                    let ready = *verb != Verb::Deleted && pod.status.is_true("Ready");
                    match (ready, since.get(&pod.meta.name).copied()) {
                        (true, None) => {
                            since.insert(pod.meta.name.clone(), record.at);
                        }
                        (false, Some(from)) => {
                            since.remove(&pod.meta.name);
                            summary.add_ready(&pod.meta.name, from, record.at);
                        }
                        _ => {}
                    }
                }
                What::Event(event) => {
                    let event = event.to_raw().unwrap_or_default();
                    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
                    let about = &event["involvedObject"];
                    let name = format!(
                        "{}/{}: {} {}",
                        text(&about["kind"]),
                        text(&about["name"]),
                        text(&event["reason"]),
                        text(&event["message"])
                    );
                    summary.events.entry(name).or_default().push(record.at);
                }
                _ => {}
            }
        }
        for (name, from) in since {
            summary.add_ready(&name, from, run.now());
        }
        summary
    }
    fn add_ready(&mut self, name: &str, from: SimTime, to: SimTime) {
        let millis = u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX);
        *self.ready.entry(name.to_owned()).or_default() += millis;
    }
    fn pod(&mut self, at: SimTime, verb: Verb, pod: &Pod) {
        let row = row_of_pod(pod);
        let text = if verb == Verb::Deleted {
            "gone".to_owned()
        } else {
            format!("{}/{} {} {}", row.ready, row.total, row.status, row.restarts)
        };
        let rows = self.rows.entry(pod.meta.name.clone()).or_default();
        if rows.last().is_none_or(|last| last.text != text) {
            rows.push(Row { at, text });
        }
    }
}
