//! The engine asked directly: what it answers is what the run gives.

use crate::{Engine, scene, session};
use podplay_api::SimTime;
use podplay_playback::{Run, digest};
use podplay_protocol::{
    Answer, Assumption, Edit, Frame, Look, Opened, Remedies, Report, Request, Selection, Tab,
    Target, Typed, from_bytes, to_bytes,
};
use podplay_timeline::Timeline;
use podplay_views::timeline::Builder;
use std::cell::Cell;
use std::rc::Rc;

const LIVENESS: &str = include_str!("../../web/examples/liveness.yaml");
const ROLLOUT: &str = include_str!("../../web/examples/rollout.yaml");
const WRONG_IMAGE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: app, image: 'nginx:1.27', command: [shh]}\n";

/// An engine whose clock moves a little with each look, so that slices end.
struct Asked {
    engine: Engine,
    lanes: Timeline,
    moments: Vec<SimTime>,
    computed: (SimTime, SimTime),
}

impl Asked {
    fn new(text: &str) -> (Self, Opened) {
        let clock = Rc::new(Cell::new(0.0));
        let engine = Engine::new(move || {
            clock.set(clock.get() + 1.0);
            clock.get()
        });
        let mut asked = Self {
            engine,
            lanes: Timeline::default(),
            moments: Vec::new(),
            computed: (SimTime::ZERO, SimTime::ZERO),
        };
        assert!(matches!(asked.engine.answers()[..], [Answer::Ready { .. }]));
        let opened = asked.open(1, text);
        (asked, opened)
    }
    fn open(&mut self, rev: u32, text: &str) -> Opened {
        let (text, look) = (text.to_owned(), Look::default());
        self.ask(&Request::Open { rev, text, fresh: false, at: SimTime::ZERO, look });
        let answers = self.engine.answers();
        let Some(Answer::Opened(opened)) = answers.into_iter().next() else {
            panic!("a text is opened at once")
        };
        if !opened.stale {
            self.lanes = Timeline::default();
            self.moments.clear();
            self.grow(opened.grown.clone());
        }
        *opened
    }
    /// Asks as a page does: by bytes.
    fn ask(&mut self, request: &Request) {
        self.engine.handle(from_bytes(&to_bytes(request)).expect("it can be read"));
    }
    fn grow(&mut self, grown: podplay_protocol::Grown) {
        self.lanes.take(grown.piece);
        self.moments.extend(grown.moments);
        self.computed = (grown.now, grown.end);
    }
    /// Works until there is nothing to do; the answers but those about growth.
    fn finish(&mut self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for _ in 0..100_000 {
            let more = self.engine.work();
            for answer in self.engine.answers() {
                let answer: Answer = from_bytes(&to_bytes(&answer)).expect("it can be read");
                match answer {
                    Answer::Grown(grown) => self.grow(*grown),
                    other => answers.push(other),
                }
            }
            if !more {
                return answers;
            }
        }
        panic!("the engine never rests");
    }
    fn frame(&mut self, at: SimTime, look: Look) -> Frame {
        self.ask(&Request::Frame { rev: 1, id: 7, at, look });
        let answers = self.finish();
        let frame = answers.into_iter().find_map(|answer| match answer {
            Answer::Frame { id: 7, frame, .. } => Some(*frame),
            _ => None,
        });
        frame.expect("a frame comes")
    }
}

fn finished(text: &str) -> (Run, Builder) {
    let mut run = Run::new(text);
    run.finish();
    let mut lanes = Builder::default();
    lanes.extend(run.trace());
    (run, lanes)
}

#[test]
fn lanes_and_digest_are_those_of_the_run() {
    for text in [LIVENESS, ROLLOUT] {
        let (mut asked, opened) = Asked::new(text);
        assert!(opened.any && !opened.stale && opened.grown.now < opened.grown.end);
        asked.finish();
        let (run, lanes) = finished(text);
        assert_eq!(asked.computed, (run.now(), run.end()));
        assert_eq!(&asked.lanes, lanes.timeline(), "what came in pieces is the whole");
        assert!(asked.moments.iter().eq(run.trace().iter().map(|record| &record.at)));
        asked.ask(&Request::Digest { rev: 1, id: 3 });
        let digest = Some(digest::of(run.trace()));
        assert_eq!(asked.engine.answers(), [Answer::Digest { rev: 1, id: 3, digest }]);
    }
}

#[test]
fn a_frame_is_a_function_of_run_moment_and_selection() {
    let (mut asked, _) = Asked::new(LIVENESS);
    asked.finish();
    let (run, lanes) = finished(LIVENESS);
    for second in [40, 3, 90, 40] {
        let at = SimTime::from_secs(second);
        let moment = run.seek(at, None);
        let frame = asked.frame(at, Look::default());
        assert_eq!(frame.scene, scene::scene(lanes.timeline(), &run, moment.cluster(), at));
        assert_eq!(frame.at, at);
        assert!(frame.pods[0].line.starts_with("NAME"), "{:?}", frame.pods);
        assert!(!frame.why.is_empty());
    }
    let look = Look { tab: Tab::Describe, ..Look::default() };
    let frame = asked.frame(SimTime::from_secs(40), look);
    assert!(frame.text.starts_with("Name:"), "{}", frame.text);
    let command = frame.command.expect("it has a command");
    assert_eq!(command, format!("describe pod {}", frame.selected.expect("a pod").pod));
}

#[test]
fn of_frames_that_wait_the_newest_is_answered() {
    let (mut asked, _) = Asked::new(LIVENESS);
    let look = Look::default;
    for (id, second) in [(1, 10), (2, 20), (3, 30)] {
        let at = SimTime::from_secs(second);
        asked.ask(&Request::Frame { rev: 1, id, at, look: look() });
    }
    asked.ask(&Request::Judge { rev: 1, id: 4, at: SimTime::ZERO, look: look(), chosen: true });
    asked.ask(&Request::Cancel { id: 4 });
    // A question about a text that is not open any more is dropped.
    asked.ask(&Request::Judge { rev: 0, id: 5, at: SimTime::ZERO, look: look(), chosen: true });
    let ids: Vec<u32> = asked
        .finish()
        .iter()
        .filter_map(|answer| match answer {
            Answer::Frame { id, .. } | Answer::Said { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [3]);
}

#[test]
fn a_text_that_cannot_be_read_leaves_the_run_before_it() {
    let (mut asked, _) = Asked::new(LIVENESS);
    asked.finish();
    let pods = asked.lanes.pods().len();
    let broken = asked.open(2, "apiVersion: v1\nkind: Pod\nmetadata: [");
    assert!(broken.stale && broken.has_errors && !broken.findings.is_empty());
    asked.ask(&Request::Digest { rev: 2, id: 3 });
    let digest = asked.engine.answers().pop();
    assert_eq!(digest, Some(Answer::Digest { rev: 2, id: 3, digest: None }));
    assert_eq!(asked.lanes.pods().len(), pods);
    let mended = asked.open(3, &LIVENESS.replace("periodSeconds: 5", "periodSeconds: 6"));
    assert!(!mended.stale && !mended.another);
    asked.finish();
    let (run, lanes) = finished(&LIVENESS.replace("periodSeconds: 5", "periodSeconds: 6"));
    assert_eq!((&asked.lanes, asked.computed.0), (lanes.timeline(), run.now()));
}

#[test]
fn edits_come_back_as_texts() {
    let (mut asked, opened) = Asked::new(LIVENESS);
    assert!(opened.entries.is_empty());
    let at = SimTime::from_millis(42_500);
    let edit = Edit::Command { at, line: "delete pod web".to_owned() };
    asked.ask(&Request::Edit { id: 1, text: LIVENESS.to_owned(), edit });
    let Some(Answer::Edited { text, .. }) = asked.engine.answers().pop() else {
        panic!("it is answered at once")
    };
    assert!(text.contains("- {at: 42.5s, kubectl: \"delete pod web\"}"), "{text}");
    let opened = asked.open(2, &text);
    let entry = &opened.entries[0];
    assert_eq!(
        (entry.at, entry.title.as_str(), entry.breaks),
        (at, "kubectl delete pod web", false)
    );
    let edit = Edit::Remove { index: 0 };
    asked.ask(&Request::Edit { id: 2, text, edit });
    let back = Answer::Edited { id: 2, text: LIVENESS.to_owned(), line: None };
    assert_eq!(asked.engine.answers(), [back]);
}

#[test]
fn lines_of_the_terminal_look_follow_and_change() {
    let (mut asked, _) = Asked::new(LIVENESS);
    asked.finish();
    let pod = asked.lanes.pods()[0].name.clone();
    let at = SimTime::from_secs(20);
    let typed = |asked: &mut Asked, id: u32, line: &str| {
        let (line, namespace) = (line.to_owned(), "default".to_owned());
        asked.ask(&Request::Typed { rev: 1, id, line, at, namespace, readonly: false });
        let Some(Answer::Typed { typed, .. }) = asked.engine.answers().pop() else {
            panic!("it is answered at once")
        };
        typed
    };
    let Typed::Printed { shown, said, .. } = typed(&mut asked, 1, "get pods") else {
        panic!("it only looks")
    };
    assert_eq!((shown.as_str(), said.contains(&pod)), ("kubectl get pods", true));
    assert!(matches!(typed(&mut asked, 2, "ls"), Typed::Refused(_)));
    assert!(matches!(typed(&mut asked, 3, "get pods -w"), Typed::Live { .. }));
    let live = asked.frame(SimTime::from_secs(100), Look::default()).live.expect("it follows");
    assert!(live.id == 3 && !live.over && live.said.lines().count() > 2, "{live:?}");
    let line = format!("label pod {pod} tier=web");
    let Typed::Entry { text, to, .. } = typed(&mut asked, 4, &line) else {
        panic!("it changes something")
    };
    assert!(to > at && text.contains(&line));
    // Its answer comes once the text with it is open.
    asked.ask(&Request::Open { rev: 2, text, fresh: false, at: to, look: Look::default() });
    let printed = asked.engine.answers().into_iter().find_map(|answer| match answer {
        Answer::Printed { id: 4, said } => Some(said),
        _ => None,
    });
    assert_eq!(printed, Some(format!("pod/{pod} labeled\n")));
}

#[test]
fn what_holds_a_pod_up_comes_with_what_mends_it() {
    let (mut asked, _) = Asked::new(WRONG_IMAGE);
    asked.finish();
    let (rev, at) = (1, SimTime::from_secs(30));
    asked.ask(&Request::Judge { rev, id: 1, at, look: Look::default(), chosen: false });
    let Some(Answer::Said { said, .. }) = asked.finish().pop() else { panic!("it is said") };
    let subject = Target::new("Pod", "default", "web");
    assert_eq!((said.subject.as_ref(), said.worst_pod.as_ref()), (Some(&subject), Some(&subject)));
    assert!(!said.verdicts[0].sentence.is_empty() && said.computed);
    let lang = podplay_protocol::Lang::En;
    asked.ask(&Request::Remedies { rev, id: 2, at, subject, lang, forced: false });
    let Some(Answer::Remedies { remedies: Remedies::Found(found), .. }) = asked.finish().pop()
    else {
        panic!("remedies come")
    };
    assert!(!found.is_empty() && found[0].text != WRONG_IMAGE, "{found:?}");
    asked.ask(&Request::Compare { rev, id: 3, text: found[0].text.clone() });
    let Some(Answer::Compared { compared, .. }) = asked.engine.answers().pop() else {
        panic!("they are compared")
    };
    assert!(compared.first.is_some() && !compared.rows.is_empty());
}

#[test]
fn a_lesson_is_read_and_judged() {
    let (mut asked, _) = Asked::new(LIVENESS);
    let pod = "patient";
    let check = format!(
        "try \"periodSeconds: 5\" -> \"periodSeconds: 1\"\n  once: pod {pod} ready == 1/1\npass\n  once: pod {pod} ready == 1/1\n"
    );
    asked.ask(&Request::Lesson { id: 1, manifest: LIVENESS.to_owned(), check: check.clone() });
    let Some(Answer::Lesson { lesson: Some(lesson), .. }) = asked.engine.answers().pop() else {
        panic!("it can be read")
    };
    assert_eq!(lesson.trial.expect("it proposes an edit").from, "periodSeconds: 5");
    asked.ask(&Request::Check { rev: 1, id: 2, manifest: LIVENESS.to_owned(), check });
    let Some(Answer::Report { report: Report::Judged(changed, lines), .. }) =
        asked.engine.answers().pop()
    else {
        panic!("it is judged")
    };
    assert!(changed.is_empty() && lines.len() == 1);
}

#[test]
fn what_is_assumed_about_an_image_is_on_the_stage() {
    let text = WRONG_IMAGE.replace("nginx:1.27', command: [shh]", "example.org/shop:1.4'");
    let (mut asked, _) = Asked::new(&text);
    let chosen = Selection {
        namespace: "default".to_owned(),
        pod: "web".to_owned(),
        container: Some("app".to_owned()),
    };
    let look = Look { selected: Some(chosen.clone()), ..Look::default() };
    let frame = asked.frame(SimTime::from_secs(20), look);
    let container = &frame.scene.nodes.iter().flat_map(|(_, pods)| pods).next().expect("a pod");
    let image = Assumption::Image("example.org/shop:1.4".to_owned());
    assert_eq!(container.containers[0].assumptions, [image]);
    assert_eq!(frame.selected, Some(chosen));
    assert!(frame.unfit.hooks && frame.unfit.config && !frame.unfit.http);
}

#[test]
fn a_run_is_computed_in_slices() {
    let mut run = Run::new(ROLLOUT);
    let clock = Cell::new(0.0);
    let now = move || {
        clock.set(clock.get() + 1.0);
        clock.get()
    };
    let now: &dyn Fn() -> f64 = &now;
    session::advance(&mut run, SimTime::MAX, now, now() + 8.0);
    assert!(run.now() > SimTime::ZERO && run.now() < run.end(), "{}", run.now());
}
