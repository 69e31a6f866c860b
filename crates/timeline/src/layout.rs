//! Lanes to rows of bars, ticks and flags, in pixels.

use super::scale::{Scale, Window};
use super::{Band, Flag, Lane, LaneKey, Part, Span, State, Timeline};
use podplay_api::{RecordId, SimTime};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bars narrower than this are merged with their neighbours, in pixels.
pub const NARROW: f64 = 4.0;
/// Ticks closer than this are merged, in pixels.
pub const CLOSE: f64 = 3.0;
/// Flags closer than this are merged, in pixels.
pub const FLAG_WIDTH: f64 = 34.0;

/// Room between the lanes of two pods, in pixels.
const BETWEEN_BANDS: f64 = 8.0;

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The window of time.
    pub window: Window,
    /// Bands of which only the first row is shown.
    pub collapsed: BTreeSet<Band>,
    /// Whether all conditions are shown, not only `Ready`.
    pub conditions: bool,
    /// Whether quiet stretches are folded.
    pub folded: bool,
    /// How far the run is known.
    pub known: SimTime,
}

/// The timeline in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Its rows from top to bottom.
    pub rows: Vec<Row>,
    /// The height of all rows.
    pub height: f64,
    /// Between time and pixels.
    pub scale: Scale,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The lane it shows.
    pub key: LaneKey,
    /// The lane's name.
    pub name: Arc<str>,
    /// Its upper edge.
    pub y: f64,
    /// Its height.
    pub height: f64,
    /// Height of its bars.
    pub bar: f64,
    /// Whether it can be collapsed, and is.
    pub collapsed: Option<bool>,
    /// Its states.
    pub bars: Vec<Bar>,
    /// Its probe attempts.
    pub marks: Vec<Mark>,
    /// Its flags.
    pub flags: Vec<Pennant>,
}

/// One state, or several that are too narrow to tell apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Left edge.
    pub x: f64,
    /// Width, at least 1.
    pub width: f64,
    /// The state; of merged ones the one that stands out most.
    pub state: State,
    /// How many states it stands for.
    pub count: usize,
    /// When it begins.
    pub from: SimTime,
    /// When it ends; `None` while it lasts.
    pub to: Option<SimTime>,
    /// The record that began it.
    pub record: RecordId,
}

/// One probe attempt, or several that are too close to tell apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its middle.
    pub x: f64,
    /// How many attempts.
    pub count: usize,
    /// How many of them failed.
    pub failures: usize,
    /// The first one's time.
    pub at: SimTime,
    /// The first one's record.
    pub record: RecordId,
}

/// One flag, or several.
#[derive(Clone, Debug, PartialEq)]
pub struct Pennant {
    /// Its pole.
    pub x: f64,
    /// The signal.
    pub signal: Arc<str>,
    /// How many flags of this signal it stands for.
    pub count: usize,
    /// When.
    pub at: SimTime,
    /// Its record.
    pub record: RecordId,
    /// Every flag that it stands for: signal and moment.
    pub all: Vec<(Arc<str>, SimTime)>,
}

/// Lays out the rows of a view.
pub fn layout(timeline: &Timeline, view: &View) -> Layout {
    let scale = if view.folded {
        Scale::folded(view.window, timeline.changes())
    } else {
        Scale::linear(view.window)
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut y = 0.0;
    for (key, lane) in timeline.lanes() {
        if !shown(timeline, key, lane, view) {
            continue;
        }
        let (height, bar) = heights(key, lane);
        let collapsed = matches!(key.part, Part::Pod).then(|| view.collapsed.contains(&key.band));
        if let Some(above) = rows.last().filter(|above| above.key.band != key.band) {
            // Collapsed pods stand together like the rows of a table.
            let together = above.collapsed == Some(true) && collapsed == Some(true);
            y += if together { 0.0 } else { BETWEEN_BANDS };
        }
        rows.push(Row {
            key: key.clone(),
            name: Arc::clone(&lane.name),
            y,
            height,
            bar,
            collapsed,
            bars: bars(&lane.spans, &scale, view),
            marks: marks(lane, &scale, view.window),
            flags: flags(&lane.flags, &scale, view.window),
        });
        y += height;
    }
    Layout { rows, height: y, scale }
}

fn shown(timeline: &Timeline, key: &LaneKey, lane: &Lane, view: &View) -> bool {
    if view.collapsed.contains(&key.band) && key.part != Part::Pod {
        return false;
    }
    match (&key.part, key.band) {
        (Part::Pod, Band::Pod(index)) => timeline.pods().get(index as usize).is_some(),
        (Part::Condition(kind), _) => view.conditions || &**kind == "Ready",
        (Part::Workload(..) | Part::Service(_) | Part::Fault(_), _) => !lane.spans.is_empty(),
        _ => true,
    }
}

/// Height of a row and of its bars.
fn heights(key: &LaneKey, lane: &Lane) -> (f64, f64) {
    match key.part {
        Part::Pod => (26.0, 18.0),
        Part::Container(_) if lane.flags.is_empty() => (34.0, 26.0),
        Part::Container(_) => (48.0, 26.0),
        Part::Probe(_) => (20.0, 12.0),
        Part::Condition(_) | Part::Hook(_) | Part::File(_) | Part::Fault(_) => (20.0, 9.0),
        Part::Workload(..) | Part::Service(_) => (26.0, 16.0),
    }
}

/// How much a state stands out when it is merged with others.
fn weight(state: &State) -> u8 {
    match state.kind() {
        "failed" | "fault" => 5,
        "backoff" => 4,
        "stopping" => 3,
        "unready" | "false" | "some" => 2,
        "waiting" | "pulling" => 0,
        _ => 1,
    }
}

/// The bars of a row. Long runs of narrow spans are crossed by bisection.
fn bars(spans: &[Span], scale: &Scale, view: &View) -> Vec<Bar> {
    let known = view.known;
    let end = |span: &Span| span.to.unwrap_or(known).max(span.from);
    let (left, right) = (scale.second(0.0), scale.second(view.window.width));
    let mut index = spans.partition_point(|span| super::scale::seconds(end(span)) < left);
    let mut bars: Vec<Bar> = Vec::new();
    while let Some(span) = spans.get(index).filter(|span| super::scale::seconds(span.from) <= right)
    {
        let x = scale.x(span.from).max(-1.0);
        let stop = scale.x(end(span)).min(view.window.width + 1.0);
        if stop - x >= NARROW {
            bars.push(Bar {
                x,
                width: stop - x,
                state: span.state.clone(),
                count: 1,
                from: span.from,
                to: span.to,
                record: span.record,
            });
            index += 1;
            continue;
        }
        // Everything that ends before the next pixels becomes one bar.
        let limit = super::scale::moment(scale.second(x + NARROW));
        let next =
            (index + 1).max(index + spans[index..].partition_point(|span| end(span) <= limit));
        let group = &spans[index..next];
        let sample = group.iter().take(64).max_by_key(|span| weight(&span.state)).unwrap_or(span);
        let last = &group[group.len() - 1];
        let width = (scale.x(end(last)).min(view.window.width + 1.0) - x).max(1.0);
        bars.push(Bar {
            x,
            width,
            state: sample.state.clone(),
            count: group.len(),
            from: span.from,
            to: last.to,
            record: sample.record,
        });
        index = next;
    }
    bars
}

/// The ticks of a row.
fn marks(lane: &Lane, scale: &Scale, window: Window) -> Vec<Mark> {
    let ticks = &lane.ticks;
    let from = super::scale::moment(scale.second(-CLOSE));
    let mut index = ticks.partition_point(|tick| tick.at < from);
    let mut marks = Vec::new();
    while let Some(tick) = ticks.get(index) {
        let x = scale.x(tick.at);
        if x > window.width + CLOSE {
            break;
        }
        let limit = super::scale::moment(scale.second(x + CLOSE));
        let next = (index + 1).max(index + ticks[index..].partition_point(|tick| tick.at < limit));
        let last = &ticks[next - 1];
        let failures = last.failures_before + u32::from(!last.success) - tick.failures_before;
        marks.push(Mark {
            x,
            count: next - index,
            failures: failures as usize,
            at: tick.at,
            record: tick.record,
        });
        index = next;
    }
    marks
}

/// The flags of a row: of those too close to each other the first is shown, or SIGKILL, with its number.
fn flags(flags: &[Flag], scale: &Scale, window: Window) -> Vec<Pennant> {
    let from = super::scale::moment(scale.second(-FLAG_WIDTH));
    let mut index = flags.partition_point(|flag| flag.at < from);
    let mut pennants = Vec::new();
    while let Some(flag) = flags.get(index) {
        let x = scale.x(flag.at);
        if x > window.width {
            break;
        }
        let limit = super::scale::moment(scale.second(x + FLAG_WIDTH));
        let next = (index + 1).max(index + flags[index..].partition_point(|flag| flag.at < limit));
        let shown =
            flags[index..next].iter().find(|flag| &*flag.signal == "SIGKILL").unwrap_or(flag);
        pennants.push(Pennant {
            x,
            signal: Arc::clone(&shown.signal),
            count: flags[index..next].iter().filter(|flag| flag.signal == shown.signal).count(),
            at: shown.at,
            record: shown.record,
            all: flags[index..next].iter().map(|one| (Arc::clone(&one.signal), one.at)).collect(),
        });
        index = next;
    }
    pennants
}
