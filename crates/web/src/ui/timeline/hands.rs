//! Wheel, drag, pinch: what hands do on the timeline.

use super::{TimelineView, labels};
use crate::app::{Msg, Scope, play, text, view as look};
use crate::dom;
use podplay_api::SimTime;
use podplay_timeline::Ask;
use podplay_timeline::scale::{Window, moment, seconds};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent, WheelEvent};
use yew::Callback;

/// Pixels before a press becomes a drag.
const SLOP: f64 = 4.0;

/// What a press on the lanes has become.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grip {
    /// Not moved yet.
    Press,
    /// The window is pulled along.
    Pan,
    /// A range is chosen.
    Lasso,
    /// Two fingers.
    Pinch,
}

/// The pointers that are down: id, first x, last x; and the window when it began.
#[derive(Default)]
struct Hold {
    pointers: Vec<(i32, f64, f64)>,
    window: Option<Window>,
    grip: Option<Grip>,
    marker: Option<(usize, f64)>,
}

thread_local! {
    /// There is one person with one pair of hands.
    static HOLD: RefCell<Hold> = RefCell::default();
}

/// The pixel of the plot below a pointer.
fn plot_x(client: i32, target: Option<Element>) -> f64 {
    let svg = target.and_then(|target| target.closest("svg").ok().flatten());
    let left = svg.map_or(0.0, |svg| svg.get_bounding_client_rect().left());
    f64::from(client) - left - labels()
}

fn under(event: &PointerEvent) -> f64 {
    plot_x(event.client_x(), event.target().and_then(|target| target.dyn_into().ok()))
}

/// The nearest element around a pointer that `selector` finds. What the framework calls the current target is
/// the root of the page, for all its listeners are there.
fn around(event: &PointerEvent, selector: &str) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok().flatten()
}

/// Keeps the pointer's moves coming to an element when it leaves it.
fn capture(event: &PointerEvent, selector: &str) {
    if let Some(element) = around(event, selector) {
        // Refused for pointers that are gone already.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

fn seek(view: &TimelineView, x: f64) -> play::Msg {
    let second = view.layout.scale.second(x.clamp(0.0, view.view.window.width));
    play::Msg::Ask(Ask::Seek(moment(second)))
}

/// A press on the axis moves the playhead.
pub(super) fn scrub(view: &TimelineView, link: &Scope) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        if event.button() != 0 || around(&event, ".marker").is_some() {
            return;
        }
        capture(&event, "svg");
        link.send_message(play::Msg::Ask(Ask::Pause));
        link.send_message(seek(&view, under(&event)));
    })
}

/// The playhead follows the pressed pointer.
pub(super) fn scrub_on(view: &TimelineView, link: &Scope) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        if event.buttons() & 1 == 1 && HOLD.with_borrow(|hold| hold.marker.is_none()) {
            link.send_message(seek(&view, under(&event)));
        }
    })
}

/// The wheel zooms at the pointer; sideways it moves.
pub(super) fn wheel(view: &TimelineView, link: &Scope) -> Callback<WheelEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: WheelEvent| {
        let width = view.view.window.width;
        let x = plot_x(event.client_x(), event.target().and_then(|target| target.dyn_into().ok()));
        // Over the names the wheel scrolls the lanes, as everywhere.
        if x < 0.0 {
            return;
        }
        event.prevent_default();
        let unit = if event.delta_mode() == 0 { 1.0 } else { 30.0 };
        let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
        if dx.abs() > dy.abs() || event.shift_key() {
            let by = if dx.abs() > dy.abs() { dx } else { dy };
            link.send_message(look::Msg::Window(
                view.view.window.panned(by / view.view.window.density(), seconds(view.end)),
            ));
        } else if dy != 0.0 {
            link.send_message(look::Msg::Zoom(
                (dy * 0.0018).exp(),
                Some(view.layout.scale.second(x.clamp(0.0, width))),
            ));
        }
    })
}

/// A pointer goes down on the lanes.
pub(super) fn down(view: &TimelineView) -> Callback<PointerEvent> {
    let window = view.view.window;
    Callback::from(move |event: PointerEvent| {
        let x = under(&event);
        if event.button() != 0 || x < 0.0 {
            return;
        }
        HOLD.with_borrow_mut(|hold| {
            if hold.pointers.is_empty() {
                *hold = Hold::default();
            }
            hold.window = Some(window);
            hold.pointers.retain(|(id, _, _)| *id != event.pointer_id());
            hold.pointers.push((event.pointer_id(), x, x));
            hold.grip = Some(if hold.pointers.len() > 1 { Grip::Pinch } else { Grip::Press });
            // What lies under a finger is drawn anew while it moves, and would take the finger's events along.
            let picture = (hold.pointers.len() > 1).then(|| around(&event, "svg")).flatten();
            for pointer in &mut hold.pointers {
                pointer.1 = pointer.2;
                if let Some(picture) = &picture {
                    // Refused for pointers that are gone already.
                    let _ = picture.set_pointer_capture(pointer.0);
                }
            }
        });
    })
}

/// A pointer that is down moves.
pub(super) fn moved(view: &TimelineView, link: &Scope) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        let width = view.view.window.width;
        let x = under(&event);
        let msg = HOLD.with_borrow_mut(|hold| {
            let pointer = hold.pointers.iter_mut().find(|(id, _, _)| *id == event.pointer_id())?;
            pointer.2 = x;
            let (first, last) = (pointer.1, pointer.2);
            let window = hold.window?;
            if hold.grip == Some(Grip::Press) && (last - first).abs() > SLOP {
                hold.grip = Some(if event.shift_key() { Grip::Lasso } else { Grip::Pan });
                capture(&event, "svg");
            }
            match hold.grip? {
                Grip::Press => None,
                Grip::Pan => Some(look::Msg::Window(
                    window.panned((first - last) / window.density(), seconds(view.end)),
                )),
                Grip::Lasso => {
                    let (from, to) = (first.min(last), first.max(last));
                    dom::set("lasso", "x", &(labels() + from.max(0.0)).to_string());
                    dom::set(
                        "lasso",
                        "width",
                        &(to.min(width) - from.max(0.0)).max(0.0).to_string(),
                    );
                    None
                }
                Grip::Pinch => {
                    pinch(&hold.pointers, window, seconds(view.end)).map(look::Msg::Window)
                }
            }
        });
        if let Some(msg) = msg {
            link.send_message(msg);
        }
    })
}

/// The window that keeps what is under two fingers under them.
fn pinch(pointers: &[(i32, f64, f64)], window: Window, end: f64) -> Option<Window> {
    let [(_, a0, a1), (_, b0, b1), ..] = pointers else { return None };
    let factor = (a0 - b0).abs().max(8.0) / (a1 - b1).abs().max(8.0);
    let middle = window.from + f64::midpoint(*a0, *b0) / window.density();
    let zoomed = window.zoomed(factor, middle, end);
    let shift = (f64::midpoint(*a0, *b0) - f64::midpoint(*a1, *b1)) / zoomed.density();
    Some(zoomed.panned(shift, end))
}

/// A pointer goes up: a press that did not move goes to its moment.
pub(super) fn up(view: &TimelineView, link: &Scope) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        let ended = HOLD.with_borrow_mut(|hold| {
            let index = hold.pointers.iter().position(|(id, _, _)| *id == event.pointer_id())?;
            let pointer = hold.pointers.remove(index);
            let grip = hold.grip;
            if hold.pointers.is_empty() {
                hold.grip = None;
            }
            Some((grip?, pointer))
        });
        match ended {
            // Bars and flags answer to a click themselves.
            Some((Grip::Press, (_, _, x)))
                if around(&event, ".span, .pennant, .lane-label").is_none() =>
            {
                link.send_message(seek(&view, x));
            }
            Some((Grip::Lasso, (_, first, last))) => {
                dom::set("lasso", "width", "0");
                let scale = &view.layout.scale;
                let ends =
                    (moment(scale.second(first.min(last))), moment(scale.second(first.max(last))));
                link.send_message(play::Msg::Ask(Ask::Loop(Some(ends))));
                link.send_message(play::Msg::Ask(Ask::Seek(ends.0)));
            }
            Some((Grip::Press | Grip::Pan | Grip::Pinch, _)) | None => {}
        }
    })
}

/// A press or a drag on the overview moves the window.
pub(super) fn overview(view: &TimelineView, link: &Scope, press: bool) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        if event.buttons() & 1 == 0 {
            return;
        }
        if press {
            capture(&event, "svg");
        }
        let window = view.view.window;
        let second = view.overview.scale.second(under(&event));
        let half = (window.to - window.from) / 2.0;
        if half * 2.0 >= seconds(view.end) - 1e-6 {
            link.send_message(play::Msg::Ask(Ask::Seek(moment(second))));
        } else {
            link.send_message(look::Msg::Window(
                window.panned(second - window.from - half, seconds(view.end)),
            ));
        }
    })
}

/// A marker is taken hold of.
pub(super) fn grab(index: usize) -> Callback<PointerEvent> {
    Callback::from(move |event: PointerEvent| {
        event.stop_propagation();
        capture(&event, ".marker");
        HOLD.with_borrow_mut(|hold| hold.marker = Some((index, f64::from(event.client_x()))));
    })
}

/// A marker is dragged: only the picture moves.
pub(super) fn drag(view: &TimelineView) -> Callback<PointerEvent> {
    let view = view.clone();
    Callback::from(move |event: PointerEvent| {
        if HOLD.with_borrow(|hold| hold.marker.is_some()) {
            event.stop_propagation();
            let x = under(&event).clamp(0.0, view.view.window.width);
            if let Some(element) = around(&event, ".marker") {
                dom::set_on(&element, "transform", &format!("translate({:.1} 0)", labels() + x));
            }
        }
    })
}

/// A marker is let go: the text follows. A press that did not move goes to its moment.
pub(super) fn release(
    view: &TimelineView,
    index: usize,
    at: SimTime,
    link: &Scope,
) -> Callback<PointerEvent> {
    let (view, link) = (view.clone(), link.clone());
    Callback::from(move |event: PointerEvent| {
        let Some((_, began)) = HOLD.with_borrow_mut(|hold| hold.marker.take()) else { return };
        event.stop_propagation();
        let msg: Msg = if (f64::from(event.client_x()) - began).abs() <= SLOP {
            play::Msg::Record(None, at).into()
        } else {
            let x = under(&event).clamp(0.0, view.view.window.width);
            text::Msg::MoveEntry(index, moment(view.layout.scale.second(x))).into()
        };
        link.send_message(msg);
    })
}
