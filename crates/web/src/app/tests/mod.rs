//! Updates: what a message changes, and what it asks for. No browser, no engine.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

mod others;
mod texts;

use super::effect::{Effect, Effects, Facts, Page, Timer};
use super::{Dialog, Msg, Notice, Pane, dialogs, judge, play, prefs, terminal, text, view};
use crate::lang::Lang;
use crate::safety::Lost;
use podplay_api::{RecordId, SimTime};
use podplay_protocol::{
    Edit, Finding, Fix, Frame, Grown, Live, Look, Opened, Proposal, Remedies, Request, Said,
    Selection, Severity, Tab, Target, Told, Typed,
};
use podplay_timeline::scale::Window;
use podplay_timeline::{Ask, Control};
use std::rc::Rc;

const fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

fn facts() -> Facts {
    Facts {
        lang: Lang::En,
        text: "a: b".into(),
        rev: 1,
        id: 7,
        current: true,
        waiting: false,
        frame: Rc::default(),
        sharing: false,
        readonly: false,
        embedded: false,
        autoplay: false,
        still: false,
        at: at(0),
        end: at(100),
        known: at(100),
        records: 10,
        playing: false,
        look: Look::default(),
        chosen: false,
        lesson: false,
        now: 1000.0,
    }
}

fn grown(rev: u32, now: u64) -> Grown {
    Grown {
        rev,
        now: at(now),
        end: at(100),
        moments: vec![at(1), at(5), at(9)],
        ..Grown::default()
    }
}

fn opened(rev: u32, another: bool) -> Opened {
    Opened { rev, another, grown: grown(rev, 100), ..Opened::default() }
}

/// A run that is known to its end.
fn running() -> play::Play {
    let mut play = play::Play::default();
    play.update(play::Msg::Opened(Box::new(opened(1, false))), &facts());
    play
}

fn asks(effects: &Effects) -> Vec<&Request> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Ask(asked) = effect { Some(asked) } else { None })
        .collect()
}

fn told(effects: &Effects) -> Vec<&Msg> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Do(msg) = effect { Some(msg) } else { None })
        .collect()
}

fn refreshes(effects: &Effects) -> bool {
    told(effects).iter().any(|msg| matches!(msg, Msg::Play(play::Msg::Refresh)))
}

#[test]
fn the_playhead_goes_where_it_is_sent() {
    let table: [(&[play::Msg], u64, bool); 8] = [
        (&[play::Msg::Ask(Ask::Seek(at(42)))], 42, false),
        (&[play::Msg::Ask(Ask::Next), play::Msg::Ask(Ask::Next)], 5, false),
        (&[play::Msg::Ask(Ask::Seek(at(9))), play::Msg::Ask(Ask::Previous)], 5, false),
        (&[play::Msg::Nudge(3.0), play::Msg::Nudge(-1.0)], 2, false),
        (&[play::Msg::Ask(Ask::Play), play::Msg::Record(None, at(30))], 30, false),
        (&[play::Msg::Forward(at(20)), play::Msg::Forward(at(10))], 20, false),
        (&[play::Msg::Ask(Ask::Play), play::Msg::Past(at(10))], 0, true),
        (&[play::Msg::NextChange], 100, false),
    ];
    for (msgs, to, playing) in table {
        let mut play = running();
        for msg in msgs {
            let said = format!("{msg:?}");
            let again = match msg {
                play::Msg::Ask(ask) => play::Msg::Ask(*ask),
                play::Msg::Nudge(by) => play::Msg::Nudge(*by),
                play::Msg::Record(record, at) => play::Msg::Record(*record, *at),
                play::Msg::Forward(to) => play::Msg::Forward(*to),
                play::Msg::Past(to) => play::Msg::Past(*to),
                play::Msg::NextChange => play::Msg::NextChange,
                _ => unreachable!("{said}"),
            };
            play.update(again, &facts());
        }
        assert_eq!((play.control.at(), play.control.playing()), (at(to), playing), "{msgs:?}");
    }
}

#[test]
fn of_frames_that_are_wanted_only_the_newest_is_asked_for() {
    let mut play = running();
    let first = play.update(play::Msg::Refresh, &facts());
    let [Request::Frame { id, at: SimTime(0), .. }] = asks(&first)[..] else { panic!("{first:?}") };
    let id = *id;
    for second in [10, 20, 30] {
        play.update(play::Msg::Ask(Ask::Seek(at(second))), &facts());
        assert!(asks(&play.update(play::Msg::Refresh, &facts())).is_empty(), "one is on its way");
    }
    assert!(!play.is_settled());
    let shown = |second| Box::new(Frame { at: at(second), ..Frame::default() });
    let effects = play.update(play::Msg::Framed(id, shown(1)), &facts());
    assert!(refreshes(&effects), "the newest is wanted still: {effects:?}");
    assert_eq!(play.frame.at, at(1), "what came is drawn meanwhile");
    let next = play.update(play::Msg::Refresh, &facts());
    assert!(matches!(asks(&next)[..], [Request::Frame { at: SimTime(30_000_000_000), .. }]));
    play.update(play::Msg::Framed(99, shown(77)), &facts());
    assert_eq!(play.frame.at, at(1), "nobody asked for that");
    // A command that goes on by itself: the engine sends the frame that is shown once more.
    play.update(play::Msg::Framed(id, shown(2)), &facts());
    assert_eq!(play.frame.at, at(2));
}

#[test]
fn another_text_is_shown_living_from_its_beginning_and_an_edit_where_it_was() {
    for (another, still, to, playing) in
        [(false, false, 42, false), (true, false, 0, true), (true, true, 0, false)]
    {
        let mut play = running();
        play.update(play::Msg::Ask(Ask::Seek(at(42))), &facts());
        let known = Facts { still, ..facts() };
        play.update(play::Msg::Opened(Box::new(opened(2, another))), &known);
        let Control { .. } = play.control;
        assert_eq!((play.control.at(), play.control.playing(), play.rev), (at(to), playing, 2));
    }
}

#[test]
fn lanes_of_an_older_run_are_not_taken() {
    let mut play = running();
    play.update(play::Msg::Grown(Box::new(Grown { end: at(500), ..grown(9, 400) })), &facts());
    assert_eq!((play.end, play.moments.len()), (at(100), 3));
    play.update(play::Msg::Closed, &facts());
    assert_eq!((play.rev, play.moments.len()), (0, 0));
    assert!(asks(&play.update(play::Msg::Refresh, &facts())).is_empty(), "nothing is run");
}

fn pod(name: &str) -> Selection {
    Selection { namespace: "default".to_owned(), pod: name.to_owned(), container: None }
}

#[test]
fn a_frame_says_what_is_left_of_the_choice() {
    let framed = |look: &view::View, kept: &str, of: Option<&str>| view::Msg::Framed {
        look: look.look(podplay_protocol::Lang::En),
        kept: Some(pod(kept)),
        pinned: of.map(|of| (at(3), of.to_owned())),
    };
    let mut view = view::View::new(Pane::Run);
    view.update(view::Msg::Select(Some(pod("gone"))), &facts());
    let msg = framed(&view, "there", None);
    view.update(msg, &facts());
    assert_eq!(view.selected, Some(pod("there")));
    // A choice that was made after the question stays.
    let msg = framed(&view, "there", None);
    view.update(view::Msg::Select(Some(pod("mine"))), &facts());
    view.update(msg, &facts());
    assert_eq!(view.selected, Some(pod("mine")));
    // The record of that number is another object's now.
    view.update(view::Msg::Pin(Some(RecordId(5)), at(3)), &facts());
    assert_eq!(view.tab, Tab::Why);
    for (of, stays) in [(Some("pod a"), true), (Some("pod a"), true), (Some("pod b"), false)] {
        let msg = framed(&view, "mine", of);
        view.update(msg, &facts());
        assert_eq!(view.record.is_some(), stays, "{of:?}");
    }
}

#[test]
fn nobody_takes_a_choice_from_a_person() {
    let target = Target::new("Deployment", "default", "web");
    let worst = || view::Msg::Worst {
        target: Some(target.clone()),
        pod: Some(Target::new("Pod", "default", "web-1")),
    };
    let mut view = view::View::new(Pane::Run);
    assert!(refreshes(&view.update(worst(), &facts())));
    assert_eq!(
        (view.target.clone(), view.selected.clone()),
        (Some(target.clone()), Some(pod("web-1")))
    );
    assert!(!refreshes(&view.update(worst(), &facts())), "the same again");
    view.update(view::Msg::Select(Some(pod("mine"))), &facts());
    view.update(worst(), &facts());
    assert_eq!((view.target, view.selected), (None, Some(pod("mine"))));
}

#[test]
fn the_window_follows_the_playhead_until_somebody_moves_it_away() {
    let play = running();
    let mut view = view::View::new(Pane::Run);
    view.lay_out(&play);
    let near = Window { from: 0.0, to: 10.0, width: 900.0 };
    view.update(view::Msg::Window(near), &facts());
    let playing = |second| Facts { at: at(second), playing: true, ..facts() };
    assert!(!view.update(view::Msg::Follow, &playing(50)).is_empty());
    assert!(view.lanes.window.from > 40.0, "{:?}", view.lanes.window);
    view.update(view::Msg::Window(near), &playing(50));
    assert!(view.update(view::Msg::Follow, &playing(51)).is_empty(), "it was moved away");
    view.update(view::Msg::Fit, &facts());
    view.lay_out(&play);
    assert_eq!((view.lanes.window.from, view.lanes.window.to), (0.0, 100.0));
}
