//! The page inside another page: what the address asks for, and the conversation with the page around it.
//!
//! `www/boot.js` notes the address's parameters on the root element, where the style sheets see them too.
//! `js/embed.js` checks who speaks and in what shape; here is what the words mean.

use crate::app::{App, Msg, Pane, Scope};
use crate::lang::Lang;
use crate::{dom, why};
use podplay_api::SimTime;
use podplay_playback::control::Ask;
use podplay_playback::{Span, share};
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
            "at" => Self::Ask(Ask::Seek(SimTime::ZERO + Span::parse(&about)?.0)),
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

    fn report(&mut self, app: &App) {
        if !self.talks {
            return;
        }
        let (at, playing) = (app.control.at(), app.control.playing());
        self.report_records(app, at);
        let now = dom::now();
        let moved = at != self.told.at || playing != self.told.playing;
        if moved && (!playing || playing != self.told.playing || now - self.told.when >= REPORT) {
            (self.told.at, self.told.playing, self.told.when) = (at, playing, now);
            say_time(seconds(at), seconds(app.run.end()), playing);
        }
        if !Rc::ptr_eq(&self.told.text, &app.text) {
            if self.told.text != app.text {
                say_text(&app.text);
            }
            self.told.text = Rc::clone(&app.text);
        }
    }

    /// Tells what the playhead has passed since the last report.
    fn report_records(&mut self, app: &App, at: SimTime) {
        let until = app.run.records_until(at);
        let passed = self.told.records.min(until)..until;
        self.told.records = until;
        if passed.len() > RECORDS {
            return;
        }
        for record in &app.run.trace()[passed] {
            if let Some(text) = why::told(&app.run, record, app.lang) {
                let pod = record.subject.pod().map(|pod| pod.name.as_str());
                say_record(seconds(record.at), &text, pod, record.subject.container());
            }
        }
    }
}

fn seconds(at: SimTime) -> f64 {
    at.as_millis() as f64 / 1000.0
}

impl App {
    /// Whether the reader may not change the text.
    pub(crate) fn is_readonly(&self) -> bool {
        self.embed.as_ref().is_some_and(Embed::readonly)
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

    /// Whether the editor is there: an embedded page may leave it out, and then does not fetch it.
    pub(crate) fn has_editor(&self) -> bool {
        self.embed.is_none() || dom::asked("panels").is_some_and(|panels| panels.contains("editor"))
    }

    /// How a frame without a script around it begins.
    pub(crate) fn begin_embedded(&mut self) {
        if self.embed.is_none() {
            return;
        }
        let end = self.run.end();
        if let Some(speed) = dom::asked("speed").as_deref().and_then(hundredths) {
            self.control.ask(Ask::Speed(speed), end, &[]);
        }
        if dom::asked("autoplay").is_some() {
            self.control.ask(Ask::Play, end, &[]);
        }
    }

    /// Does what the page around asks.
    pub(crate) fn hear(&mut self, heard: Heard, link: &Scope) {
        match heard {
            Heard::Text(text) => {
                let playing = self.control.playing();
                self.set_text(text, link);
                // Another text begins to play by itself; here the page around decides.
                if !playing {
                    self.play(Msg::Ask(Ask::Pause), link);
                }
                if let Some(embed) = &mut self.embed {
                    embed.told.text = Rc::clone(&self.text);
                    embed.told.records = self.run.records_until(self.control.at());
                }
            }
            Heard::Ask(ask) => self.play(Msg::Ask(ask), link),
            Heard::Lang(lang) if lang != self.lang => self.chrome(Msg::Language, link),
            Heard::Lang(_) => {}
            Heard::Theme(theme) => {
                dom::set_theme(Some(&theme));
                self.theme = Some(theme);
            }
        }
    }

    /// Tells the page around what has changed.
    pub(crate) fn report(&mut self) {
        if let Some(mut embed) = self.embed.take() {
            embed.report(self);
            self.embed = Some(embed);
        }
    }

    /// The head of an embedded page: whose it is, and the way to the whole one.
    pub(crate) fn embedded_head(&self) -> Html {
        let link = self.embed.as_ref().map(|embed| embed.link(self)).unwrap_or_default();
        html! {
            <header class="head">
                <h1 class="brand">{ crate::ui::svg::logo() }{ "podplay" }</h1>
                <span class="spring" />
                <a class="link" data-testid="open-in-podplay" href={link} target="_blank" rel="noopener">{ self.lang.open_in_podplay() }<span aria-hidden="true">{ " ↗" }</span></a>
            </header>
        }
    }
}

impl Embed {
    /// The address of this text and this moment on the whole page.
    fn link(&self, app: &App) -> String {
        let mut made = self.link.borrow_mut();
        if !Rc::ptr_eq(&made.0, &app.text) {
            let payload = (app.text.len() <= LINKED).then(|| share::encode(&app.text, None));
            *made = (Rc::clone(&app.text), dom::address() + &payload.unwrap_or_default());
        }
        if made.1.contains('#') {
            format!("{}&t={}", made.1, seconds(app.control.at()))
        } else {
            made.1.clone()
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
