//! The page inside another page: what the address asks for, and the conversation with the page around it.
//!
//! `www/boot.js` notes the address's parameters on the root element, where the style sheets see them too.
//! `js/embed.js` checks who speaks and in what shape; here is what the words mean.

use crate::app::effect::{Effect, Effects, Facts};
use crate::app::{App, Msg, Pane, Scope, play, prefs, text};
use crate::dom;
use crate::lang::Lang;
use podplay_api::SimTime;
use podplay_api::length::parse_length;
use podplay_protocol::{Passed, Request, share};
use podplay_timeline::Ask;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::{Html, html};

/// Milliseconds between two reports of the playhead while it moves.
const REPORT: f64 = 100.0;
/// Most records that are reported one by one; a jump over more is not told.
const RECORDS: usize = 200;
/// Largest text of which the link in the head carries a copy, in bytes: browsers cut longer addresses.
const LINKED: usize = 200_000;

#[wasm_bindgen(module = "/js/embed.js")]
extern "C" {
    #[wasm_bindgen(js_name = embedOpen)]
    fn open(heard: &Closure<dyn Fn(String, String)>) -> bool;
    #[wasm_bindgen(js_name = embedTime)]
    fn say_time(seconds: f64, end: f64, playing: bool);
    #[wasm_bindgen(js_name = embedRecord)]
    fn say_record(seconds: f64, text: &str, pod: Option<&str>, container: Option<&str>);
    #[wasm_bindgen(js_name = embedText)]
    fn say_text(text: &str);
}

/// What the page around this one asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The text becomes this.
    Text(String),
    /// Play control.
    Ask(Ask),
    /// The language of the page around.
    Lang(Lang),
    /// The colours of the page around: `light` or `dark`.
    Theme(String),
}

impl Heard {
    /// What a word means, with what it is about.
    fn read(word: &str, about: String) -> Option<Self> {
        Some(match word {
            "text" => Self::Text(about),
            "play" => Self::Ask(Ask::Play),
            "pause" => Self::Ask(Ask::Pause),
            "at" => Self::Ask(Ask::Seek(SimTime::ZERO + parse_length(&about)?)),
            "speed" => Self::Ask(Ask::Speed(hundredths(&about)?)),
            "lang" => Self::Lang(Lang::of_tag(&about)?),
            "theme" => Self::Theme(about),
            _ => return None,
        })
    }
}

/// `0.5` as 50, `10` as 1000.
fn hundredths(text: &str) -> Option<u32> {
    let speed: f64 = text.parse().ok()?;
    (speed > 0.0 && speed <= 1_000_000.0).then_some((speed * 100.0) as u32)
}

/// What the page around this one knows.
struct Told {
    at: SimTime,
    playing: bool,
    when: f64,
    text: Rc<str>,
    records: usize,
}

/// The page as a part of another one.
pub(crate) struct Embed {
    readonly: bool,
    ears: Option<Closure<dyn Fn(String, String)>>,
    talks: bool,
    told: Told,
    /// The text whose link was made last, and the link.
    link: RefCell<(Rc<str>, String)>,
}

impl Embed {
    /// The embedded page, if this is one.
    pub(crate) fn new(text: &Rc<str>) -> Option<Self> {
        dom::is_embedded().then(|| Self {
            readonly: dom::asked("readonly").is_some(),
            ears: None,
            talks: false,
            told: Told {
                at: SimTime::MAX,
                playing: false,
                when: 0.0,
                text: Rc::clone(text),
                records: 0,
            },
            link: RefCell::new((Rc::from(""), String::new())),
        })
    }

    /// Whether the text stays as it is.
    pub(crate) const fn readonly(&self) -> bool {
        self.readonly
    }

    /// Begins to listen to the page around; the page must have been drawn.
    pub(crate) fn listen(&mut self, link: &Scope) {
        let link = link.clone();
        let ears = Closure::<dyn Fn(String, String)>::new(move |word: String, about| {
            if let Some(heard) = Heard::read(&word, about) {
                link.send_message(Msg::Host(heard));
            }
        });
        self.talks = open(&ears);
        self.ears = Some(ears);
    }

    /// Does what the page around asks.
    pub(crate) fn update(&mut self, heard: Heard, facts: &Facts) -> Effects {
        let msg: Msg = match heard {
            Heard::Text(text) => {
                self.told.text = text.as_str().into();
                // Another text begins to play by itself; here the page around decides.
                let pause = || play::Msg::Ask(Ask::Pause).into();
                let then = if facts.playing { Vec::new() } else { vec![pause()] };
                text::Msg::Then(text, then).into()
            }
            // What is asked of a text that is on its way waits for it.
            Heard::Ask(ask) => text::Msg::WhenOpen(vec![play::Msg::Ask(ask).into()]).into(),
            Heard::Lang(lang) => prefs::Msg::Speak(lang).into(),
            Heard::Theme(theme) => prefs::Msg::Paint(theme).into(),
        };
        vec![Effect::Do(msg)]
    }

    /// Tells the page around what has changed; asks for the records that the playhead has passed.
    pub(crate) fn report(&mut self, facts: &Facts, passed: usize) -> Option<Request> {
        if !self.talks {
            return None;
        }
        let (at, playing) = (facts.at, facts.playing);
        let moved = at != self.told.at || playing != self.told.playing;
        let due = !playing || playing != self.told.playing || facts.now - self.told.when >= REPORT;
        if moved && due && facts.end > SimTime::ZERO {
            (self.told.at, self.told.playing, self.told.when) = (at, playing, facts.now);
            say_time(seconds(at), seconds(facts.end), playing);
        }
        if !Rc::ptr_eq(&self.told.text, &facts.text) {
            if self.told.text != facts.text {
                say_text(&facts.text);
            }
            self.told.text = Rc::clone(&facts.text);
        }
        if !facts.current {
            return None;
        }
        let from = self.told.records.min(passed);
        self.told.records = passed;
        let some = from < passed && passed - from <= RECORDS;
        let (rev, id, lang) = (facts.rev, facts.id, facts.look.lang);
        some.then_some(Request::Passed { rev, id, from, until: passed, lang })
    }

    /// Tells the page around of records.
    pub(crate) fn tell(&self, records: &[Passed]) {
        for record in records.iter().filter(|_| self.talks) {
            let Passed { at, text, pod, container } = record;
            say_record(seconds(*at), text, pod.as_deref(), container.as_deref());
        }
    }

    /// The address of this text and this moment on the whole page.
    fn link(&self, app: &App) -> String {
        let mut made = self.link.borrow_mut();
        let text = &app.text.text;
        if !Rc::ptr_eq(&made.0, text) {
            let payload = (text.len() <= LINKED).then(|| share::encode(text, None));
            *made = (Rc::clone(text), dom::address() + &payload.unwrap_or_default());
        }
        if made.1.contains('#') {
            format!("{}&t={}", made.1, seconds(app.play.control.at()))
        } else {
            made.1.clone()
        }
    }
}

fn seconds(at: SimTime) -> f64 {
    at.as_millis() as f64 / 1000.0
}

/// The pane that a narrow frame shows first.
pub(crate) fn first_pane() -> Pane {
    let panels = dom::asked("panels").unwrap_or_default();
    let has = |name: &str| panels.split(' ').any(|panel| panel == name);
    match () {
        () if panels.is_empty() || has("stage") || has("timeline") => Pane::Run,
        () if has("editor") => Pane::Text,
        () => Pane::Inspect,
    }
}

/// How a frame without a script around it begins.
pub(crate) fn begin() -> Vec<Msg> {
    if !dom::is_embedded() {
        return Vec::new();
    }
    let speed = dom::asked("speed").as_deref().and_then(hundredths).map(Ask::Speed);
    let play = dom::asked("autoplay").map(|_| Ask::Play);
    speed.into_iter().chain(play).map(|ask| play::Msg::Ask(ask).into()).collect()
}

impl App {
    /// Whether the reader may not change the text.
    pub(crate) fn is_readonly(&self) -> bool {
        self.host.as_ref().is_some_and(Embed::readonly)
    }

    /// Whether the editor is there: an embedded page may leave it out, and then does not fetch it.
    pub(crate) fn has_editor(&self) -> bool {
        self.host.is_none() || dom::asked("panels").is_some_and(|panels| panels.contains("editor"))
    }

    /// The head of an embedded page: whose it is, and the way to the whole one.
    pub(crate) fn embedded_head(&self) -> Html {
        let link = self.host.as_ref().map(|host| host.link(self)).unwrap_or_default();
        html! {
            <header class="head">
                <h1 class="brand">{ crate::ui::svg::logo() }{ "podplay" }</h1>
                <span class="spring" />
                <a class="link" data-testid="open-in-podplay" href={link} target="_blank" rel="noopener">{ self.prefs.lang.open_in_podplay() }<span aria-hidden="true">{ " ↗" }</span></a>
            </header>
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Ask, Heard, SimTime};
    use crate::lang::Lang;

    #[test]
    fn words_of_the_page_around_are_understood_or_dropped() {
        let seek = |millis| Some(Heard::Ask(Ask::Seek(SimTime::from_millis(millis))));
        let table = [
            ("text", "a: b", Some(Heard::Text("a: b".to_owned()))),
            ("play", "", Some(Heard::Ask(Ask::Play))),
            ("pause", "", Some(Heard::Ask(Ask::Pause))),
            ("at", "42.5", seek(42_500)),
            ("at", "1m30s", seek(90_000)),
            ("at", "soon", None),
            ("speed", "0.5", Some(Heard::Ask(Ask::Speed(50)))),
            ("speed", "-1", None),
            ("speed", "inf", None),
            ("lang", "ko-KR", Some(Heard::Lang(Lang::Ko))),
            ("lang", "fr", None),
            ("eval", "alert(1)", None),
        ];
        for (word, about, expected) in table {
            assert_eq!(Heard::read(word, about.to_owned()), expected, "{word} {about}");
        }
    }
}
