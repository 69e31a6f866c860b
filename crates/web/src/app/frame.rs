//! One frame: compute a slice, move the playhead, paint what moves without rendering the tree again.

use super::{App, Msg, Scope};
use crate::dom;
use crate::ui::{format, timeline};
use podplay_api::SimTime;
use podplay_core::{Budget, Progress};
use podplay_playback::Run;
use podplay_views::timeline::scale::seconds;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Milliseconds of a frame that go into computing.
const SLICE: f64 = 8.0;
/// Most wakeups between two looks at the clock, and how few it may come down to when they cost much.
const WAKEUPS: (u64, u64) = (1, 512);
/// Milliseconds that pass between two looks at the clock, if it can be helped.
const LOOK: f64 = 1.0;
/// Longest step of the playhead, so that a hidden tab does not jump.
const LONGEST: f64 = 100.0;
/// Milliseconds between two drawings of stage and inspector while playing.
const REFRESH: f64 = 80.0;
/// Milliseconds between two drawings of the timeline while the run grows.
const GROWTH: f64 = 150.0;

/// What frames need to remember.
#[derive(Default)]
pub(super) struct Clock {
    tick: Option<Closure<dyn FnMut(f64)>>,
    armed: bool,
    last: Option<f64>,
    drawn: f64,
    grown: f64,
    /// Whole seconds and records of what stage and inspector show.
    shown: (u64, usize),
}

/// Computes for as long as a frame may take.
pub(super) fn advance_a_slice(run: &mut Run) {
    advance(run, dom::now() + SLICE);
}

fn advance(run: &mut Run, until: f64) {
    let end = run.end();
    // A wakeup may cost a microsecond or, with a script that computes, some milliseconds: what the last ones cost says
    // how many come before the next look at the clock.
    let mut wakeups = 16;
    let mut before = dom::now();
    while run.now() < end {
        let progress = run.advance(end, &mut Budget(wakeups));
        let now = dom::now();
        if progress == Progress::Reached || now >= until {
            break;
        }
        wakeups = next_slice(wakeups, now - before, until - now);
        before = now;
    }
}

/// How many wakeups come next, when the last ones took so many milliseconds and so many are left.
fn next_slice(wakeups: u64, took: f64, left: f64) -> u64 {
    let aim = LOOK.min(left / 2.0);
    let scaled = if took <= 0.0 { wakeups * 2 } else { (wakeups as f64 * aim / took) as u64 };
    scaled.clamp(WAKEUPS.0, (wakeups * 2).min(WAKEUPS.1))
}

impl App {
    /// Asks for a frame if one is needed and none is coming.
    pub(super) fn wake(&mut self, link: &Scope) {
        let busy = self.control.playing() || self.is_computing() || self.terminal.lags();
        if self.clock.armed || !busy {
            return;
        }
        let link = link.clone();
        let tick = self
            .clock
            .tick
            .get_or_insert_with(|| Closure::new(move |now| link.send_message(Msg::Frame(now))));
        let asked = dom::window()
            .and_then(|window| window.request_animation_frame(tick.as_ref().unchecked_ref()).ok());
        self.clock.armed = asked.is_some();
    }

    /// Whether there is something left to compute.
    pub(crate) fn is_computing(&self) -> bool {
        self.computing && self.run.now() < self.run.end()
    }

    /// Does one frame; whether the tree has to be rendered.
    pub(super) fn frame(&mut self, now: f64, link: &Scope) -> bool {
        self.clock.armed = false;
        let passed = self.clock.last.map_or(16.0, |last| (now - last).clamp(0.0, LONGEST));
        self.clock.last = Some(now);
        let was_computing = self.is_computing();
        let was_playing = self.control.playing();
        if was_computing {
            self.compute(dom::now() + SLICE);
        }
        let end = self.run.end();
        self.control.update(Duration::from_micros((passed * 1000.0) as u64), end, self.run.now());
        let mut render = was_playing != self.control.playing();
        if was_computing && (!self.is_computing() || now - self.clock.grown > GROWTH) {
            self.clock.grown = now;
            self.draw_timeline();
            // What comes next is known only now.
            self.refresh();
            render = true;
        }
        render |= self.follow();
        let shown =
            (self.control.at().as_millis() / 1000, self.run.records_until(self.control.at()));
        if self.terminal.lags() {
            self.follow_live();
            render = true;
        }
        if shown != self.clock.shown
            && (now - self.clock.drawn > REFRESH || !self.control.playing())
        {
            self.clock.shown = shown;
            self.clock.drawn = now;
            self.refresh();
            render = true;
        }
        if !self.control.playing() && !self.is_computing() {
            self.clock.last = None;
        }
        self.paint();
        self.report();
        self.wake(link);
        render
    }

    /// Computes until the moment comes, and tells the timeline.
    fn compute(&mut self, until: f64) {
        advance(&mut self.run, until);
        self.feed();
    }

    /// Keeps the playhead in the window while playing.
    fn follow(&mut self) -> bool {
        let at = seconds(self.control.at());
        let window = self.view.window;
        let seen = (window.from..=window.to).contains(&at);
        // Whoever moved the window away from the playhead wants to look there, until the two meet again.
        self.follows |= seen;
        if seen || !self.control.playing() || !self.follows {
            return false;
        }
        self.view.window = window
            .panned(at - window.from - (window.to - window.from) * 0.1, seconds(self.run.end()));
        self.fits = false;
        self.draw_timeline();
        true
    }

    /// Paints what moves: playhead, clock, draining bars.
    pub(crate) fn paint(&self) {
        let at = self.control.at();
        let x = self.layout.scale.x(at);
        let width = self.view.window.width;
        let place =
            format!("translate({:.2} 0)", timeline::labels() + x.clamp(-60.0, width + 60.0));
        let hidden = if (-1.0..=width + 1.0).contains(&x) { "visible" } else { "hidden" };
        for id in ["playhead", "playline"] {
            dom::set(id, "transform", &place);
            dom::set(id, "visibility", hidden);
        }
        let future = x.clamp(0.0, width);
        dom::set("veil", "x", &format!("{:.2}", timeline::labels() + future));
        dom::set("veil", "width", &format!("{:.2}", width - future));
        dom::set(
            "overview-playhead",
            "transform",
            &format!("translate({:.2} 0)", timeline::labels() + self.overview.scale.x(at)),
        );
        dom::set_text("clock", &format::clock(at));
        let words = format::moment(at);
        let half = (words.len() as f64 * 3.6 + 9.0).max(24.0);
        dom::set("playhead-box", "x", &format!("{:.1}", -half));
        dom::set("playhead-box", "width", &format!("{:.1}", half * 2.0));
        dom::set_text("playhead-time", &words);
        let value = format!("{:.3}", seconds(at));
        dom::set("playhead", "aria-valuenow", value.trim_end_matches('0').trim_end_matches('.'));
        dom::set(
            "playhead",
            "aria-valuetext",
            &self.lang.playhead_value(format::clock(at), format::clock(self.run.end())),
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
            let Some(element) =
                found.item(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok())
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
            Some("kill") if millis <= 0.0 => self.lang.kill_now().to_owned(),
            Some("kill") => self.lang.kill_in(left),
            _ if millis <= 0.0 => self.lang.retry_now().to_owned(),
            _ => self.lang.retry_in(left),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::next_slice;

    #[test]
    fn dear_wakeups_come_in_small_numbers() {
        let table = [
            ((16, 0.0, 8.0), 32),
            ((512, 0.1, 8.0), 512),
            ((512, 64.0, 8.0), 8),
            ((8, 40.0, 2.0), 1),
            ((1, 50.0, 8.0), 1),
            ((1, 0.5, 8.0), 2),
            ((100, 1.0, 1.0), 50),
        ];
        for ((wakeups, took, left), expected) in table {
            assert_eq!(next_slice(wakeups, took, left), expected, "{wakeups} in {took}");
        }
    }
}
