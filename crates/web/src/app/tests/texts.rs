//! The text.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

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
