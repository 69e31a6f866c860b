//! Updates: what a message changes, and what it asks for. No browser, no engine.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
    let asked = |effect| match effect {
        &Effect::Ask(ref request) => Some(request),
        _ => None,
    };
    effects.iter().filter_map(asked).collect()
}

fn told(effects: &Effects) -> Vec<&Msg> {
    let told = |effect| match effect {
        &Effect::Do(ref msg) => Some(msg),
        _ => None,
    };
    effects.iter().filter_map(told).collect()
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
    assert_eq!((view.target.clone(), view.selected.clone()), (Some(target), Some(pod("web-1"))));
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

/// A text that is open under the number 1.
fn open_text() -> text::Text {
    let mut text = text::Text::new("a: b".into());
    text.update(text::Msg::Begin(Vec::new()), &facts());
    let effects = text.update(text::Msg::Open { lost: None, fresh: false }, &facts());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { rev: 1, .. })));
    text.update(text::Msg::Opened(Box::new(opened(1, false))), &facts());
    text
}

#[test]
fn a_keystroke_is_followed_by_a_rest_and_then_by_its_run() {
    let mut text = open_text();
    assert!(text.is_current());
    let effects = text.update(text::Msg::Typed("a: c".to_owned()), &facts());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::After(Timer::Settle, ..))));
    assert!(!text.is_current());
    let effects = text.update(text::Msg::Settled, &facts());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Page(Page::CheckLost(false)))));
    let effects = text.update(text::Msg::Open { lost: None, fresh: false }, &facts());
    assert!(matches!(effects[..], [Effect::Page(Page::Secure(_)), Effect::Open { rev: 2, .. }]));
    // The answer about the text before comes late.
    assert!(text.update(text::Msg::Opened(Box::new(opened(1, false))), &facts()).is_empty());
    assert!(!text.is_current());
    let effects = text.update(text::Msg::Opened(Box::new(opened(2, false))), &facts());
    assert!(told(&effects).iter().any(|msg| matches!(msg, Msg::Play(play::Msg::Opened(_)))));
    assert!(text.is_current());
}

#[test]
fn what_waits_for_a_run_happens_when_it_is_there() {
    let mut text = open_text();
    let then = vec![play::Msg::Forward(at(9)).into()];
    text.update(text::Msg::Then("a: d".to_owned(), then), &facts());
    text.update(text::Msg::Open { lost: None, fresh: false }, &facts());
    let effects = text.update(text::Msg::Opened(Box::new(opened(2, true))), &facts());
    let order: Vec<usize> = told(&effects)
        .iter()
        .enumerate()
        .filter(|(_, msg)| {
            matches!(msg, Msg::Play(play::Msg::Opened(_) | play::Msg::Forward(_)))
                || matches!(msg, Msg::View(view::Msg::Anew))
        })
        .map(|(index, _)| index)
        .collect();
    assert_eq!(order.len(), 3, "{effects:?}");
    let last = told(&effects)[order[2]];
    assert!(matches!(last, Msg::Play(play::Msg::Forward(_))), "{effects:?}");
}

#[test]
fn a_lost_run_is_held_with_its_text() {
    let mut text = open_text();
    let effects = text.update(text::Msg::Lost(Lost::Panic), &facts());
    assert_eq!((text.held, &*text.text), (Some(Lost::Panic), "a: b"));
    assert!(told(&effects).iter().any(|msg| matches!(msg, Msg::Play(play::Msg::Closed))));
    assert!(text.update(text::Msg::Opened(Box::new(opened(1, false))), &facts()).is_empty());
    let again = text.update(text::Msg::RunAgain, &facts());
    assert!(matches!(again[0], Effect::Page(Page::Forgive)), "{again:?}");
    text.update(text::Msg::Open { lost: None, fresh: false }, &facts());
    assert_eq!(text.held, None);
}

#[test]
fn a_text_that_cannot_be_read_leaves_the_run() {
    let mut text = open_text();
    text.update(text::Msg::Set("a: [".to_owned()), &facts());
    text.update(text::Msg::Open { lost: None, fresh: false }, &facts());
    let stale = Opened { stale: true, ..opened(2, false) };
    let effects = text.update(text::Msg::Opened(Box::new(stale)), &facts());
    assert!(text.stale);
    assert!(matches!(told(&effects)[..], [Msg::Play(play::Msg::Stays(2))]), "{effects:?}");
}

#[test]
fn changes_are_made_one_after_the_other_in_the_text_as_it_is() {
    let mut text = open_text();
    let effects = text.update(text::Msg::RemoveEntry(0), &facts());
    let [Request::Edit { id: 7, edit: Edit::Remove { index: 0 }, .. }] = asks(&effects)[..] else {
        panic!("{effects:?}")
    };
    let moved = text.update(text::Msg::MoveEntry(0, at(3)), &facts());
    assert!(asks(&moved).is_empty(), "one is being made");
    let next = Facts { id: 8, ..facts() };
    let effects = text.update(text::Msg::Edited(7, "a: c".to_owned(), None), &next);
    assert_eq!(&*text.text, "a: c");
    let [Request::Edit { id: 8, text: of, edit: Edit::Shift { .. } }] = asks(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(of, "a: c");
    // Somebody types before the answer: it is asked for again, in that text.
    text.update(text::Msg::Typed("a: typed".to_owned()), &facts());
    let last = Facts { id: 9, ..facts() };
    let effects = text.update(text::Msg::Edited(8, "a: moved".to_owned(), None), &last);
    assert_eq!(&*text.text, "a: typed");
    assert!(matches!(asks(&effects)[..], [Request::Edit { id: 9, .. }]), "{effects:?}");
}

#[test]
fn a_finding_is_mended_in_the_text_that_it_is_about() {
    let fix = Fix { title: "mend".to_owned(), start: 3, end: 4, with: "z".to_owned() };
    let finding = Finding {
        code: "PP-1".to_owned(),
        severity: Severity::Advice,
        message: String::new(),
        help: None,
        start: 3,
        end: 4,
        line: 1,
        column: 4,
        fix: Some(fix),
    };
    let mut text = open_text();
    // Advice is due: it is asked for before anything is mended.
    let effects = text.update(text::Msg::Fix("PP-1".to_owned(), 0), &facts());
    assert!(matches!(asks(&effects)[..], [Request::Advise { rev: 1, .. }]), "{effects:?}");
    text.update(text::Msg::Findings(0, vec![finding.clone()]), &facts());
    assert_eq!(&*text.text, "a: b", "of an older text");
    text.update(text::Msg::Findings(1, vec![finding]), &facts());
    assert_eq!(&*text.text, "a: z");
}

#[test]
fn the_address_follows_what_is_seen_once_it_rests() {
    let mut text = open_text();
    let drawn = |text: &mut text::Text, facts: &Facts| text.update(text::Msg::Drawn, facts).len();
    assert_eq!(drawn(&mut text, &facts()), 0, "what the page begins with");
    let table = [
        (Facts { at: at(5), playing: true, ..facts() }, 0),
        (Facts { at: at(5), embedded: true, ..facts() }, 0),
        (Facts { at: at(5), lesson: true, ..facts() }, 0),
        (Facts { at: at(5), ..facts() }, 1),
        (Facts { at: at(5), ..facts() }, 0),
    ];
    for (index, (known, effects)) in table.iter().enumerate() {
        assert_eq!(drawn(&mut text, known), *effects, "{index}");
    }
}

fn verdict() -> Said {
    let subject = Target::new("Pod", "default", "web");
    let told = Told {
        code: "C1".to_owned(),
        subject: subject.clone(),
        sentence: "it waits".to_owned(),
        since: at(0),
        places: vec![(3, "image".to_owned())],
        evidence: Vec::new(),
    };
    Said {
        verdicts: vec![told],
        subject: Some(subject),
        records: 100,
        computed: true,
        ..Said::default()
    }
}

/// A judgement that has been asked by the question 7.
fn asked() -> judge::Judge {
    let mut judge = judge::Judge::default();
    let effects = judge.update(judge::Msg::Due, &facts());
    assert!(matches!(asks(&effects)[..], [Request::Judge { id: 7, .. }]), "{effects:?}");
    judge
}

#[test]
fn remedies_are_tried_unasked_where_that_is_cheap() {
    let table = [
        (verdict(), false, Remedies::Trying),
        (Said { records: 9_000, ..verdict() }, false, Remedies::Unasked),
        (Said { computed: false, ..verdict() }, false, Remedies::Unasked),
        (Said::default(), false, Remedies::None),
        (verdict(), true, Remedies::None),
    ];
    for (said, readonly, expected) in table {
        let mut judge = asked();
        let known = Facts { readonly, ..facts() };
        judge.update(judge::Msg::Said(7, Box::new(said.clone())), &known);
        assert_eq!(*judge.remedies, expected, "{said:?}");
    }
}

#[test]
fn a_remedy_becomes_the_text() {
    let mut judge = asked();
    judge.update(judge::Msg::Said(7, Box::new(verdict())), &facts());
    judge.update(judge::Msg::Try, &Facts { id: 8, ..facts() });
    let proposal = Proposal {
        title: "mend".to_owned(),
        proof: "ran".to_owned(),
        text: "a: mended".to_owned(),
        at: at(9),
    };
    judge.update(judge::Msg::Remedies(3, Remedies::Found(Vec::new())), &facts());
    assert_eq!(*judge.remedies, Remedies::Trying, "an older answer");
    judge.update(judge::Msg::Remedies(8, Remedies::Found(vec![proposal])), &facts());
    let effects = judge.update(judge::Msg::Apply(0), &facts());
    let becomes = |msg: &&Msg| matches!(msg, Msg::Text(text::Msg::Then(text, _)) if text == "a: mended");
    assert!(told(&effects).iter().any(becomes), "{effects:?}");
}

#[test]
fn a_verdict_is_due_once_the_playhead_rests() {
    let mut judge = judge::Judge::default();
    let first = judge.update(judge::Msg::Later, &facts());
    assert!(matches!(first[..], [Effect::After(Timer::Judge, 60, _)]), "{first:?}");
    assert!(judge.update(judge::Msg::Later, &facts()).is_empty(), "it is due already");
    let mut judge = judge::Judge::default();
    let playing = judge.update(judge::Msg::Later, &Facts { playing: true, ..facts() });
    assert!(matches!(playing[..], [Effect::After(Timer::Judge, 700, _)]), "{playing:?}");
}

#[test]
fn the_terminal_shows_what_became_of_a_line() {
    let typed = |typed: Typed| {
        let mut terminal = terminal::Terminal::default();
        terminal.update(terminal::Msg::Line(" get pods ".to_owned()), &facts());
        let effects = terminal.update(terminal::Msg::Typed(7, typed), &facts());
        (terminal, effects)
    };
    let shown = || "kubectl get pods".to_owned();
    let (terminal, _) = typed(Typed::Printed { shown: shown(), said: "web".to_owned(), not_added: false });
    assert_eq!(terminal.answers[0].said, "web");
    assert_eq!(*terminal.history, ["get pods"]);
    let (terminal, _) = typed(Typed::History);
    assert_eq!(terminal.answers[0].said, "   1  get pods\n");
    let (mut terminal, effects) = typed(Typed::Entry { shown: shown(), text: "t".to_owned(), to: at(2) });
    assert!(matches!(told(&effects)[..], [Msg::Text(text::Msg::Then(..))]), "{effects:?}");
    terminal.update(terminal::Msg::Printed(7, "deleted".to_owned()), &facts());
    assert_eq!(terminal.answers[0].said, "deleted");
    let (mut terminal, _) = typed(Typed::Live { shown: shown() });
    assert!(terminal.is_live());
    let live = Live { id: 7, said: "row".to_owned(), over: false, lags: false };
    let frame = Rc::new(Frame { live: Some(live), ..Frame::default() });
    terminal.update(terminal::Msg::Moved, &Facts { frame, ..facts() });
    terminal.update(terminal::Msg::Interrupt, &facts());
    assert_eq!((terminal.answers[0].said.as_str(), terminal.is_live()), ("row^C\n", false));
}

#[test]
fn dialogs_pause_and_the_hint_goes_when_somebody_acts() {
    let mut dialogs = dialogs::Dialogs::new(true, Some(Notice::Says("hello".to_owned())));
    let playing = Facts { playing: true, ..facts() };
    let effects = dialogs.update(dialogs::Msg::Show(Some(Dialog::Share)), &playing);
    let expected = ["Play(Ask(Pause))", "Text(AskDigest)"];
    let said: Vec<String> = told(&effects).iter().map(|msg| format!("{msg:?}")).collect();
    assert_eq!(said, expected);
    assert!(!dialogs.update(dialogs::Msg::Acted, &facts()).is_empty());
    assert!(dialogs.update(dialogs::Msg::Acted, &facts()).is_empty(), "once");
}

#[test]
fn another_language_asks_for_everything_that_speaks() {
    let mut prefs = prefs::Prefs { lang: Lang::En, theme: None };
    assert!(prefs.update(prefs::Msg::Speak(Lang::En), &facts()).is_empty());
    let effects = prefs.update(prefs::Msg::Language, &facts());
    assert!(refreshes(&effects));
    assert_eq!(prefs.lang, Lang::Ko);
    for theme in [Some("light"), Some("dark"), None] {
        prefs.update(prefs::Msg::Theme, &facts());
        assert_eq!(prefs.theme.as_deref(), theme);
    }
}
