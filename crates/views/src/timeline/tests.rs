//! Tables over hand-made traces.

use super::layout::{self, Layout, Row, View};
use super::scale::{Scale, Window, moment, seconds};
use super::{Band, Builder, LaneKey, Part, Role, State, Timeline};
use podplay_api::{Pod, ProbeKind, SimTime, json};
use podplay_core::record::{PodIdentity, PodRef, ProcessEffect, ProcessEffectKind, Stored, Verb};
use podplay_core::{Record, RecordId, Subject, What};
use std::collections::BTreeSet;
use std::sync::Arc;

struct Trace {
    pod: PodRef,
    records: Vec<Record>,
}

impl Trace {
    fn new() -> Self {
        let pod = PodIdentity { namespace: "default".into(), name: "web".into(), uid: "u".into() };
        let mut trace = Self { pod: Arc::new(pod), records: Vec::new() };
        let object = json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"containers": [{
            "name": "app", "livenessProbe": {"exec": {"command": ["cat", "/tmp/healthy"]}}}]},
            "status": {"phase": "Pending"}});
        let stored = What::Stored(Verb::Created, Stored::Pod(Arc::new(Pod::from_object(&object))));
        trace.push(0.0, Subject::Pod(Arc::clone(&trace.pod)), stored);
        trace
    }
    fn push(&mut self, at: f64, subject: Subject, what: What) {
        let id = RecordId(u32::try_from(self.records.len()).unwrap_or(u32::MAX));
        self.records.push(Record { id, at: moment(at), cause: None, subject, what });
    }
    fn app(&mut self, at: f64, what: What) {
        self.push(at, Subject::Container(Arc::clone(&self.pod), "app".into()), what);
    }
    fn probe(&mut self, at: f64, success: bool) {
        self.app(at, What::Probe { kind: ProbeKind::Liveness, success, message: None, exit: None });
    }
    fn file(&mut self, at: f64, kind: ProcessEffectKind) {
        self.app(
            at,
            What::Process(ProcessEffect { pid: 1, line: 1, command: "touch".into(), kind }),
        );
    }
    fn timeline(&self) -> Timeline {
        let mut timeline = Builder::default();
        timeline.extend(&self.records);
        timeline.timeline().clone()
    }
}

fn container() -> LaneKey {
    LaneKey { band: Band::Pod(0), container: 1, part: Part::Container(Role::Regular) }
}

fn one_life() -> Trace {
    let mut trace = Trace::new();
    trace.app(1.0, What::Pull { image: "busybox".into(), began: true, error: None });
    trace.app(3.0, What::Pull { image: "busybox".into(), began: false, error: None });
    trace.app(4.0, What::Running { restart: 0 });
    trace.file(4.0, ProcessEffectKind::Wrote("/tmp/healthy".into()));
    trace.probe(9.0, true);
    trace.file(34.0, ProcessEffectKind::Removed("/tmp/healthy".into()));
    for at in [39.0, 44.0, 49.0] {
        trace.probe(at, false);
    }
    trace.app(49.0, What::Signal("SIGTERM".into()));
    trace.app(79.0, What::Signal("SIGKILL".into()));
    trace.app(79.0, What::Exited { code: 137, reason: "Error".into() });
    trace.app(79.5, What::Running { restart: 1 });
    trace
}

#[test]
fn states_of_a_container_follow_its_records() {
    let timeline = one_life().timeline();
    let lane = timeline.lane(&container()).expect("the container has a lane");
    let table = [
        (0.5, "waiting"),
        (2.0, "pulling"),
        (3.5, "waiting"),
        (20.0, "running"),
        (60.0, "stopping"),
        (79.2, "failed"),
        (90.0, "running"),
    ];
    for (at, kind) in table {
        assert_eq!(lane.span_at(moment(at)).map(|span| span.state.kind()), Some(kind), "at {at}");
    }
    assert_eq!(
        lane.span_at(moment(60.0)).map(|span| &span.state),
        Some(&State::Stopping(Some(moment(79.0))))
    );
    assert_eq!(timeline.restarts(), [moment(79.5)]);
}

#[test]
fn files_that_probes_ask_for_have_lanes() {
    let timeline = one_life().timeline();
    let key = LaneKey { band: Band::Pod(0), container: 1, part: Part::File("/tmp/healthy".into()) };
    let lane = timeline.lane(&key).expect("the file has a lane");
    let spans: Vec<_> =
        lane.spans.iter().map(|span| (seconds(span.from), span.to.map(seconds))).collect();
    assert_eq!(spans, [(4.0, Some(34.0))]);
}

#[test]
fn probes_count_in_a_row() {
    let timeline = one_life().timeline();
    let key = LaneKey { band: Band::Pod(0), container: 1, part: Part::Probe(ProbeKind::Liveness) };
    let lane = timeline.lane(&key).expect("the probe has a lane");
    for (at, expected) in
        [(8.0, None), (10.0, Some((true, 1))), (45.0, Some((false, 2))), (60.0, Some((false, 3)))]
    {
        assert_eq!(
            lane.tick_at(moment(at)).map(|(tick, row)| (tick.success, row)),
            expected,
            "at {at}"
        );
    }
}

fn view(from: f64, to: f64, width: f64, known: f64) -> View {
    let window = Window { from, to, width };
    View {
        window,
        collapsed: BTreeSet::new(),
        conditions: false,
        folded: false,
        known: moment(known),
    }
}

fn row<'a>(layout: &'a Layout, key: &LaneKey) -> &'a Row {
    layout.rows.iter().find(|row| row.key == *key).expect("the row is shown")
}

#[test]
fn bars_lie_where_their_times_are() {
    let timeline = one_life().timeline();
    let layout = layout::layout(&timeline, &view(0.0, 100.0, 1000.0, 100.0));
    let bars: Vec<_> = row(&layout, &container())
        .bars
        .iter()
        .map(|bar| (bar.x, bar.width, bar.state.kind(), bar.count))
        .collect();
    let expected = [
        (0.0, 10.0, "waiting", 1),
        (10.0, 20.0, "pulling", 1),
        (30.0, 10.0, "waiting", 1),
        (40.0, 450.0, "running", 1),
        (490.0, 300.0, "stopping", 1),
        (790.0, 5.0, "failed", 1),
        (795.0, 205.0, "running", 1),
    ];
    assert_eq!(bars, expected);
    let probe = LaneKey { part: Part::Probe(ProbeKind::Liveness), ..container() };
    let marks: Vec<_> =
        row(&layout, &probe).marks.iter().map(|mark| (mark.x, mark.failures)).collect();
    assert_eq!(marks, [(90.0, 0), (390.0, 1), (440.0, 1), (490.0, 1)]);
}

#[test]
fn what_is_narrow_is_merged_and_nothing_is_lost() {
    let mut trace = Trace::new();
    for cycle in 0..10_000_u32 {
        let at = f64::from(cycle) * 8.0;
        trace.app(at, What::Running { restart: cycle });
        trace.probe(at + 5.0, cycle % 3 == 0);
        trace.app(at + 7.0, What::Exited { code: 1, reason: "Error".into() });
    }
    let timeline = trace.timeline();
    for (from, to) in [(0.0, 80_000.0), (100.0, 40_000.0), (70_000.0, 80_000.0)] {
        let layout = layout::layout(&timeline, &view(from, to, 1000.0, 80_000.0));
        let bars = &row(&layout, &container()).bars;
        assert!(bars.len() <= 260, "{} bars", bars.len());
        assert!(
            bars.windows(2).all(|pair| pair[0].x + pair[0].width <= pair[1].x + 1e-6),
            "no overlap"
        );
        let probe = LaneKey { part: Part::Probe(ProbeKind::Liveness), ..container() };
        let marks = &row(&layout, &probe).marks;
        assert!(marks.len() <= 340, "{} marks", marks.len());
    }
    let all = layout::layout(&timeline, &view(0.0, 80_000.0, 1000.0, 80_000.0));
    let probe = LaneKey { part: Part::Probe(ProbeKind::Liveness), ..container() };
    assert_eq!(row(&all, &probe).marks.iter().map(|mark| mark.count).sum::<usize>(), 10_000);
    assert_eq!(row(&all, &probe).marks.iter().map(|mark| mark.failures).sum::<usize>(), 6_666);
}

#[test]
fn pods_collapse_to_one_row() {
    let timeline = one_life().timeline();
    let mut view = view(0.0, 100.0, 500.0, 100.0);
    let rows = |view: &View| layout::layout(&timeline, view).rows.len();
    assert_eq!(rows(&view), 4, "pod, container, liveness probe, file");
    view.collapsed.insert(Band::Pod(0));
    assert_eq!(rows(&view), 1);
}

#[test]
fn scales_go_there_and_back() {
    let window = Window { from: 0.0, to: 600.0, width: 1000.0 };
    let changes: Vec<SimTime> = [1.0, 2.0, 10.0, 400.0, 410.0].map(moment).to_vec();
    for scale in [Scale::linear(window), Scale::folded(window, &changes)] {
        for second in [0.0, 1.5, 50.0, 399.0, 405.0, 600.0] {
            assert!((scale.second(scale.x_of(second)) - second).abs() < 1e-6, "{second}");
        }
        assert!((scale.x_of(600.0) - 1000.0).abs() < 1e-6);
    }
    assert_eq!(Scale::folded(window, &changes).folds().count(), 2);
}

#[test]
fn windows_stay_within_the_run() {
    let window = Window { from: 10.0, to: 20.0, width: 100.0 };
    let table = [
        (window.panned(-30.0, 60.0), 0.0, 10.0),
        (window.panned(100.0, 60.0), 50.0, 60.0),
        (window.zoomed(2.0, 15.0, 60.0), 5.0, 25.0),
        (window.zoomed(100.0, 15.0, 60.0), 0.0, 60.0),
        (window.zoomed(0.5, 10.0, 60.0), 10.0, 15.0),
    ];
    for (found, from, to) in table {
        assert!((found.from - from).abs() < 1e-9 && (found.to - to).abs() < 1e-9, "{found:?}");
    }
}
