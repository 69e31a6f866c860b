//! Verdicts, terminal, dialogs, language.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

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
    let becomes =
        |msg: &&Msg| matches!(msg, Msg::Text(text::Msg::Then(text, _)) if text == "a: mended");
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
    let (terminal, _) =
        typed(Typed::Printed { shown: shown(), said: "web".to_owned(), not_added: false });
    assert_eq!(terminal.answers[0].said, "web");
    assert_eq!(*terminal.history, ["get pods"]);
    let (terminal, _) = typed(Typed::History);
    assert_eq!(terminal.answers[0].said, "   1  get pods\n");
    let (mut terminal, effects) =
        typed(Typed::Entry { shown: shown(), text: "t".to_owned(), to: at(2) });
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
