//! Where the page starts from, and the links that it makes.

use super::{App, Msg, Scope};
use crate::lang::Lang;
use crate::{dom, examples};
use podplay_api::SimTime;
use podplay_playback::control::Ask;
use podplay_playback::share::{self, ShareError};
use podplay_views::timeline::scale::seconds;
use wasm_bindgen::prelude::Closure;

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
    let saved = dom::saved_text();
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
    let lesson =
        fragment.strip_prefix("#lesson=").map(str::to_owned).or_else(|| dom::asked("lesson"));
    if lesson.is_some() {
        dom::drop_fragment();
    }
    if fragment.len() < 2 || lesson.is_some() {
        let lesson = lesson
            .map(|name| (name, false))
            .or_else(|| dom::kept(dom::LESSON).map(|name| (name, true)));
        return Start { text: own(), at: None, problem: None, first_visit, lesson };
    }
    match share::decode(&fragment) {
        Ok(shared) => {
            // A reload keeps what was changed since; the link itself is still in the history.
            dom::save_text(&shared.text);
            dom::forget(dom::LESSON);
            dom::drop_fragment();
            Start {
                text: shared.text,
                at: shared.at,
                problem: None,
                first_visit: false,
                lesson: None,
            }
        }
        Err(problem) => {
            Start { text: own(), at: None, problem: Some(problem), first_visit, lesson: None }
        }
    }
}

/// Why a link could not be opened.
pub(super) fn explain(problem: ShareError, lang: Lang) -> &'static str {
    match problem {
        _ if dom::is_embedded() => lang.link_unreadable(),
        ShareError::Version => lang.link_newer(),
        ShareError::NotALink | ShareError::TooLong | ShareError::Damaged => lang.link_bad(),
    }
}

impl App {
    /// The page begins: the run is taken over, and time perhaps set going.
    pub(super) fn begin(
        &mut self,
        at: Option<SimTime>,
        first_visit: bool,
        lesson: Option<(String, bool)>,
        link: &Scope,
    ) {
        self.taken_over(link);
        self.begin_playing(at, first_visit);
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
    /// What two runs share exactly when they went the same way; not for a run that is still being computed.
    pub(crate) fn digest(&self) -> Option<u64> {
        let short = self.run.trace().len() <= FINGERPRINT_RECORDS;
        (short && self.run.now() >= self.run.end())
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
        format!("kubectl apply -f - <<'EOF'\n{text}\nEOF")
    }
}
