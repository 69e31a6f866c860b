//! Keys of the whole page, and other things that happen to its window.

use super::msg::{io, play, view};
use super::{Dialog, DialogMsg, Msg, Scope};
use crate::dom;
use podplay_timeline::Ask;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DragEvent, Event, KeyboardEvent, StorageEvent};

/// The closures that the browser calls; they live as long as the page.
#[derive(Default)]
pub(super) struct Ears {
    kept: Vec<Closure<dyn FnMut(Event)>>,
}

/// Begins to listen.
pub(super) fn listen(link: &Scope) -> Ears {
    let mut ears = Ears::default();
    let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return ears };
    let key = {
        let link = link.clone();
        move |event: Event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                pressed(event, &link);
            }
        }
    };
    ears.add(&document, "keydown", key);
    let resize = link.clone();
    ears.add(&window, "resize", move |_| resize.send_message(io::Msg::Resize));
    let arrived = link.clone();
    ears.add(&window, "hashchange", move |_| arrived.send_message(io::Msg::Arrived));
    let storage = link.clone();
    ears.add(&window, "storage", move |event| {
        if event
            .dyn_ref::<StorageEvent>()
            .is_some_and(|event| dom::is_text_key(event.key().as_deref()))
        {
            storage.send_message(io::Msg::Saved);
        }
    });
    ears.add(&document, "dragover", |event| event.prevent_default());
    let drop = link.clone();
    ears.add(&document, "drop", move |event| {
        let file = event
            .dyn_ref::<DragEvent>()
            .and_then(DragEvent::data_transfer)
            .and_then(|data| data.files()?.get(0));
        if let Some(file) = file {
            event.prevent_default();
            drop.send_message(io::Msg::File(file));
        }
    });
    ears
}

impl Ears {
    fn add(
        &mut self,
        target: &web_sys::EventTarget,
        name: &str,
        hear: impl FnMut(Event) + 'static,
    ) {
        let closure = Closure::<dyn FnMut(Event)>::new(hear);
        if target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).is_ok() {
            self.kept.push(closure);
        }
    }
}

/// Whether the keyboard belongs to something that takes text or arrows for itself.
fn is_taken(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return false;
    };
    target.closest("input, textarea, select, .editor, [data-keys]").ok().flatten().is_some()
}

fn pressed(event: &KeyboardEvent, link: &Scope) {
    if event.default_prevented()
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || event.is_composing()
    {
        return;
    }
    if event.key() == "Escape" {
        link.send_message(DialogMsg::Show(None));
        return;
    }
    let on_button = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let on_button = on_button.is_some_and(|element| {
        element.closest("button, a, summary, [role=tab]").ok().flatten().is_some()
    });
    if is_taken(event) || (on_button && matches!(event.key().as_str(), " " | "Enter")) {
        return;
    }
    let ask = |ask| play::Msg::Ask(ask).into();
    let dialog = |dialog| DialogMsg::Show(Some(dialog)).into();
    let msg: Msg = match (event.key().as_str(), event.shift_key()) {
        (" ", _) => ask(Ask::Toggle),
        ("ArrowLeft", false) => ask(Ask::Previous),
        ("ArrowRight", false) => ask(Ask::Next),
        ("ArrowLeft", true) => play::Msg::Nudge(-1.0).into(),
        ("ArrowRight", true) => play::Msg::Nudge(1.0).into(),
        ("Home", _) => ask(Ask::Seek(podplay_api::SimTime::ZERO)),
        ("End", _) => ask(Ask::Seek(podplay_api::SimTime::MAX)),
        ("+" | "=", _) => view::Msg::Zoom(0.6, None).into(),
        ("-", _) => view::Msg::Zoom(1.0 / 0.6, None).into(),
        ("[", _) => ask(Ask::Slower),
        ("]", _) => ask(Ask::Faster),
        ("n", _) => play::Msg::NextChange.into(),
        ("r", _) => play::Msg::NextRestart.into(),
        ("l", _) => play::Msg::LoopHere.into(),
        ("t", _) => dialog(Dialog::Table),
        ("f", _) => view::Msg::Fit.into(),
        ("b", _) => dialog(Dialog::Faults),
        ("?", _) => dialog(Dialog::Help),
        _ => return,
    };
    event.prevent_default();
    link.send_message(msg);
}
