//! Where the page starts from, and the links that it makes.

use super::{App, Msg, Notice, Scope};
use crate::lang::Lang;
use crate::{dom, examples, texts};
use gloo_timers::callback::Timeout;
use podplay_api::SimTime;
use podplay_playback::control::Ask;
use podplay_playback::share::{self, ShareError};
use podplay_views::timeline::scale::seconds;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;

/// Where a tab keeps the fragment of the address that it knows.
const LINK: &str = "podplay.link";
/// Milliseconds of rest before the address follows what is seen: browsers refuse to change it too often.
const ADDRESS_REST: u32 = 700;
/// Largest text that the address carries, in bytes.
const ADDRESSED: usize = 60_000;
/// Longest trace of which a fingerprint is shown, in records: a longer one would hold up the page.
const FINGERPRINT_RECORDS: usize = 20_000;

/// Where the page starts from.
pub(super) struct Start {
    /// The text.
    pub(super) text: String,
    /// The moment of a link.
    pub(super) at: Option<SimTime>,
    /// The lesson of a link or of the page around this one; or that of the last visit, whose text is kept.
    pub(super) lesson: Option<(String, bool)>,
    /// What was wrong with the link.
    pub(super) problem: Option<ShareError>,
    /// Whether nobody was here before.
    pub(super) first_visit: bool,
}

/// A link, the text of the last visit, or the first example.
pub(super) fn start() -> Start {
    let fragment = dom::fragment();
    let saved = texts::saved();
    let first_visit = saved.is_none() && !dom::hint_read();
    let first_visit = first_visit && !dom::is_embedded();
    let own = || match saved.clone() {
        Some(text) => text,
        // The page around has the text, or its link is all that there was to show.
        None if dom::asked("host").is_some() || (dom::is_embedded() && fragment.len() > 1) => {
            String::new()
        }
        None => (examples::FIRST.text)().to_owned(),
    };
    let lesson = lesson_of(&fragment).or_else(|| dom::asked("lesson"));
    let last_lesson = || dom::kept(dom::LESSON).map(|name| (name, true));
    if lesson.is_some() {
        dom::replace_fragment("");
    }
    if fragment.len() < 2 || lesson.is_some() {
        let lesson = lesson.map(|name| (name, false)).or_else(last_lesson);
        return Start { text: own(), at: None, problem: None, first_visit, lesson };
    }
    let start = |text, at| Start { text, at, problem: None, first_visit: false, lesson: None };
    match share::decode(&fragment) {
        // A reload keeps what was changed since the address was written.
        Ok(shared) if is_ours(&fragment) && dom::own(dom::TEXT).is_some() => {
            Start { lesson: last_lesson(), ..start(own(), shared.at) }
        }
        Ok(shared) => {
            take_in(&fragment, &shared.text);
            start(shared.text, shared.at)
        }
        Err(problem) => {
            Start { text: own(), at: None, problem: Some(problem), first_visit, lesson: None }
        }
    }
}

/// The lesson that a fragment names.
fn lesson_of(fragment: &str) -> Option<String> {
    fragment.strip_prefix("#lesson=").map(str::to_owned)
}

/// Whether this tab wrote the fragment itself, or has opened it before.
fn is_ours(fragment: &str) -> bool {
    dom::own(LINK).as_deref() == Some(fragment)
}

/// A link is opened: its text is kept for this tab.
fn take_in(fragment: &str, text: &str) {
    texts::save_foreign(text);
    dom::forget(dom::LESSON);
    dom::keep_own(LINK, Some(fragment));
}

/// Why a link could not be opened.
pub(super) fn explain(problem: ShareError, lang: Lang) -> &'static str {
    match problem {
        _ if dom::is_embedded() => lang.link_unreadable(),
        ShareError::Version => lang.link_newer(),
        ShareError::NotALink | ShareError::TooLong | ShareError::Damaged => lang.link_bad(),
    }
}

/// What the address says is seen, and when it is next written.
#[derive(Default)]
pub(crate) struct Address {
    /// Whether the visitor's own text is put aside for a link's.
    pub(crate) mine: bool,
    /// The text and the moment; none before the page was drawn.
    says: Option<(Rc<str>, SimTime)>,
    due: Option<Timeout>,
}

impl App {
    /// The address follows what is seen, once that rests.
    pub(super) fn address_follows(&mut self, link: &Scope) {
        let seen = (Rc::clone(&self.text), self.control.at());
        let known = self.address.says.get_or_insert_with(|| seen.clone());
        let waits = self.control.playing() || self.held.is_some() || self.lessons.open;
        if *known == seen || waits || self.embed.is_some() {
            return;
        }
        *known = seen;
        let link = link.clone();
        self.address.due =
            Some(Timeout::new(ADDRESS_REST, move || link.send_message(Msg::Address)));
    }

    /// Writes the address.
    pub(super) fn write_address(&mut self) {
        self.address.due = None;
        let at = Some(self.control.at()).filter(|at| *at > SimTime::ZERO);
        let fits = self.text.len() <= ADDRESSED && !self.text.trim().is_empty();
        let fragment = if fits { share::encode(&self.text, at) } else { String::new() };
        dom::replace_fragment(&fragment);
        dom::keep_own(LINK, Some(&fragment));
    }

    /// The address has another fragment: somebody has put a link into it.
    pub(super) fn arrive(&mut self, link: &Scope) {
        let fragment = dom::fragment();
        if fragment.len() < 2 || is_ours(&fragment) {
            return;
        }
        if let Some(name) = lesson_of(&fragment) {
            dom::replace_fragment("");
            return self.begin_lessons(name, false, link);
        }
        match share::decode(&fragment) {
            Ok(shared) => {
                texts::save(&self.text);
                take_in(&fragment, &shared.text);
                self.notice = None;
                self.anew(shared.text, link);
                if let Some(at) = shared.at {
                    self.play(Msg::Record(None, at), link);
                }
                self.address.says = Some((Rc::clone(&self.text), self.control.at()));
            }
            Err(problem) => {
                self.notice = Some(Notice::Says(explain(problem, self.lang).to_owned()))
            }
        }
    }

    /// The visitor's own text again, after a link's.
    pub(super) fn back_to_mine(&mut self, link: &Scope) {
        if let Some(mine) = texts::mine() {
            texts::take_back(&self.text, &mine);
            self.anew(mine, link);
        }
    }

    /// The page begins: the run is taken over, and time perhaps set going.
    pub(super) fn begin(
        &mut self,
        at: Option<SimTime>,
        first_visit: bool,
        lesson: Option<(String, bool)>,
        link: &Scope,
    ) {
        self.taken_over(link);
        self.begin_playing(at, first_visit && self.held.is_none());
        self.begin_embedded();
        // A visit without a lesson needs nothing of them.
        if let Some((name, same_text)) = lesson {
            self.begin_lessons(name, same_text, link);
        }
        self.wake(link);
        crate::advice::fetch_words(self.lang, link);
        let link = link.clone();
        let complete = move || link.send_message(Msg::Complete);
        dom::when_complete(&Closure::once_into_js(complete));
    }

    /// Where the playhead begins, and whether it moves.
    fn begin_playing(&mut self, at: Option<SimTime>, first_visit: bool) {
        self.control.ask(Ask::Speed(500), self.run.end(), &[]);
        match at {
            Some(at) => self.control.ask(Ask::Seek(at), self.run.end(), &[]),
            None if first_visit && !dom::matches("(prefers-reduced-motion: reduce)") => {
                self.control.ask(Ask::Play, self.run.end(), &[])
            }
            None => {}
        }
    }

    /// The link to this text, at this moment if that is wanted.
    pub(crate) fn share_link(&self) -> String {
        let at = self.share_moment.then(|| self.control.at());
        dom::address() + &share::encode(&self.text, at)
    }
    /// What two runs share exactly when they went the same way; not for a run that is still being computed,
    /// nor for one of an older text.
    pub(crate) fn digest(&self) -> Option<u64> {
        let short = self.run.trace().len() <= FINGERPRINT_RECORDS;
        let of_this_text = self.settle.is_none() && !self.stale;
        (of_this_text && short && self.run.now() >= self.run.end())
            .then(|| podplay_playback::digest::of(self.run.trace()))
    }
    /// What makes an article playable: the text stays readable where scripts do not run.
    pub(crate) fn embed_code(&self) -> String {
        let address = dom::address();
        let folder = address.rfind('/').map_or("", |slash| &address[..=slash]);
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;");
        let at = match self.share_moment {
            true => format!(" at=\"{:.3}\"", seconds(self.control.at())),
            false => String::new(),
        };
        format!(
            "<script type=\"module\" src=\"{folder}podplay-embed.js\"></script>\n<pod-playground{at}><pre>\n{}\n</pre></pod-playground>",
            text.trim_end()
        )
    }
    /// A command that applies the manifests of the text to a real cluster.
    pub(crate) fn apply_command(&self) -> String {
        let scenario = self.run.plan().reading.scenario.as_ref();
        let range = scenario.map_or(0..0, |scenario| scenario.start..scenario.end);
        let mut text = self.text.to_string();
        if text.get(range.clone()).is_some() {
            text.replace_range(range, "");
        }
        let text = text.trim().trim_end_matches("---").trim_end();
        podplay_playback::paste::apply_command(text)
    }
}
