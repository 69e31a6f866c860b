//! The edge between the panes and the timeline: it is dragged, or moved by arrow keys, and stays where it was put.

use crate::dom;
use crate::lang::Lang;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use yew::{Callback, Html, KeyboardEvent, MouseEvent, PointerEvent, html};

/// Least height of the timeline, and of what is above it, in pixels.
const LEAST: f64 = 176.0;
const ABOVE: f64 = 220.0;
/// What a key moves.
const STEP: f64 = 24.0;

thread_local! {
    /// From the top of the timeline to the pressed pointer.
    static GRIP: Cell<f64> = const { Cell::new(0.0) };
}

/// The edge; where it stands is set past the virtual tree.
pub(crate) fn splitter(lang: Lang) -> Html {
    let pressed = Callback::from(|event: PointerEvent| {
        event.prevent_default();
        let Some((top, _)) = edges() else { return };
        GRIP.set(f64::from(event.client_y()) - top);
        if let Some(edge) = dom::by_id("splitter") {
            // Without it the drag ends at the edge, no worse.
            let _ = edge.set_pointer_capture(event.pointer_id());
        }
        dom::focus("splitter");
    });
    let moved = Callback::from(|event: PointerEvent| {
        if event.buttons() & 1 == 1
            && let Some((_, bottom)) = edges()
        {
            set(bottom - f64::from(event.client_y()) + GRIP.get());
        }
    });
    let keys = Callback::from(|event: KeyboardEvent| {
        let Some((top, bottom)) = edges() else { return };
        match event.key().as_str() {
            "ArrowUp" => set(bottom - top + STEP),
            "ArrowDown" => set(bottom - top - STEP),
            "Home" => set(LEAST),
            "End" => set(f64::MAX),
            "Enter" => reset(),
            _ => return,
        }
        event.prevent_default();
        keep();
    });
    html! {
        <div id="splitter" class="splitter" role="separator" tabindex="0" data-keys="splitter" aria-orientation="horizontal" aria-controls="timeline-room"
            aria-label={lang.splitter()} title={lang.splitter()} aria-valuenow="40" onpointerdown={pressed} onpointermove={moved}
            onpointerup={Callback::from(|_: PointerEvent| keep())} onkeydown={keys}
            ondblclick={Callback::from(|_: MouseEvent| { reset(); keep(); })} />
    }
}

/// Puts the edge where it was at the last visit.
pub(crate) fn restore() {
    if let Some(height) = dom::kept(dom::SPLIT).and_then(|kept| kept.parse().ok()) {
        set(height);
    }
}

/// The upper and the lower edge of the timeline.
fn edges() -> Option<(f64, f64)> {
    let room = dom::by_id("timeline-room")?.get_bounding_client_rect();
    Some((room.top(), room.bottom()))
}

fn style() -> Option<web_sys::CssStyleDeclaration> {
    let room = dom::by_id("timeline-room")?.dyn_into::<web_sys::HtmlElement>().ok()?;
    Some(room.style())
}

fn set(height: f64) {
    let Some(page) = dom::window()
        .and_then(|window| window.inner_height().ok())
        .and_then(|height| height.as_f64())
    else {
        return;
    };
    let height = height.min(page - ABOVE).max(LEAST);
    if let Some(style) = style() {
        // Refused only for names that are no properties.
        let _ = style.set_property("--split", &format!("{height:.0}px"));
    }
    dom::set("timeline-room", "data-split", "");
    dom::set("splitter", "aria-valuenow", &format!("{:.0}", height / page * 100.0));
}

/// As high as it needs to be.
fn reset() {
    if let Some(room) = dom::by_id("timeline-room") {
        // It may not be there.
        let _ = room.remove_attribute("data-split");
    }
}

fn keep() {
    let split = dom::by_id("timeline-room").is_some_and(|room| room.has_attribute("data-split"));
    match edges() {
        Some((top, bottom)) if split => dom::keep(dom::SPLIT, &format!("{:.0}", bottom - top)),
        _ => dom::forget(dom::SPLIT),
    }
}
