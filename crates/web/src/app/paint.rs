//! What moves with each frame of the browser is painted past the virtual tree.

use super::App;
use crate::dom;
use crate::ui::{format, timeline};
use podplay_api::SimTime;
use podplay_timeline::scale::seconds;
use std::cell::RefCell;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Holds the elements that it paints, as long as they are in the page.
#[derive(Default)]
pub(super) struct Painter {
    held: RefCell<BTreeMap<&'static str, Element>>,
}

impl Painter {
    fn element(&self, id: &'static str) -> Option<Element> {
        let mut held = self.held.borrow_mut();
        if let Some(element) = held.get(id).filter(|element| element.is_connected()) {
            return Some(element.clone());
        }
        let element = dom::by_id(id)?;
        held.insert(id, element.clone());
        Some(element)
    }

    /// Sets an attribute, if it differs.
    fn set(&self, id: &'static str, name: &str, value: &str) {
        if let Some(element) = self.element(id) {
            dom::set_on(&element, name, value);
        }
    }

    /// Sets the text, if it differs.
    fn set_text(&self, id: &'static str, text: &str) {
        let element = self.element(id);
        let element = element.filter(|one| one.text_content().as_deref() != Some(text));
        if let Some(element) = element {
            element.set_text_content(Some(text));
        }
    }
}

impl App {
    /// Paints what moves: playhead, clock, draining bars.
    pub(super) fn paint(&self) {
        let painter = self.io.painter();
        let at = self.play.control.at();
        let x = self.view.layout.scale.x(at);
        let width = self.view.lanes.window.width;
        let place =
            format!("translate({:.2} 0)", timeline::labels() + x.clamp(-60.0, width + 60.0));
        let hidden = if (-1.0..=width + 1.0).contains(&x) { "visible" } else { "hidden" };
        for id in ["playhead", "playline"] {
            painter.set(id, "transform", &place);
            painter.set(id, "visibility", hidden);
        }
        let future = x.clamp(0.0, width);
        painter.set("veil", "x", &format!("{:.2}", timeline::labels() + future));
        painter.set("veil", "width", &format!("{:.2}", width - future));
        painter.set(
            "overview-playhead",
            "transform",
            &format!("translate({:.2} 0)", timeline::labels() + self.view.overview.scale.x(at)),
        );
        painter.set_text("clock", &format::clock(at));
        let words = format::moment(at);
        let half = (words.len() as f64 * 3.6 + 9.0).max(24.0);
        painter.set("playhead-box", "x", &format!("{:.1}", -half));
        painter.set("playhead-box", "width", &format!("{:.1}", half * 2.0));
        painter.set_text("playhead-time", &words);
        let value = format!("{:.3}", seconds(at));
        painter.set("playhead", "aria-valuenow", value.trim_end_matches('0').trim_end_matches('.'));
        painter.set(
            "playhead",
            "aria-valuetext",
            &self.prefs.lang.playhead_value(format::clock(at), format::clock(self.play.end)),
        );
        self.drain(at);
    }

    /// Bars that drain between two moments: `data-from` and `data-until`, in milliseconds.
    fn drain(&self, at: SimTime) {
        let Some(found) =
            dom::document().and_then(|document| document.query_selector_all("[data-until]").ok())
        else {
            return;
        };
        let now = at.as_millis() as f64;
        for index in 0..found.length() {
            let Some(element) = found.item(index).and_then(|node| node.dyn_into::<Element>().ok())
            else {
                continue;
            };
            let number =
                |name: &str| element.get_attribute(name).and_then(|text| text.parse::<f64>().ok());
            let (Some(from), Some(until)) = (number("data-from"), number("data-until")) else {
                continue;
            };
            let left = ((until - now) / (until - from).max(1.0)).clamp(0.0, 1.0);
            match number("data-room") {
                Some(room) => dom::set_on(&element, "width", &format!("{:.2}", room * left)),
                None => element.set_text_content(Some(
                    &self.left_text(until - now, element.get_attribute("data-words").as_deref()),
                )),
            }
        }
    }

    fn left_text(&self, millis: f64, words: Option<&str>) -> String {
        let left = format!("{:.1}s", millis.max(0.0) / 1000.0);
        match words {
            Some("kill") if millis <= 0.0 => self.prefs.lang.kill_now().to_owned(),
            Some("kill") => self.prefs.lang.kill_in(left),
            _ if millis <= 0.0 => self.prefs.lang.retry_now().to_owned(),
            _ => self.prefs.lang.retry_in(left),
        }
    }
}
