//! Where the page starts from, and the links that it makes.

use super::msg::{dialogs, lessons, play, text};
use super::{App, Msg};
use crate::lang::Lang;
use crate::{dom, examples, texts};
use podplay_api::SimTime;
use podplay_protocol::paste;
use podplay_protocol::share::{self, ShareError};
use podplay_timeline::scale::seconds;

/// Where a tab keeps the fragment of the address that it knows.
const LINK: &str = "podplay.link";

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
        None => examples::FIRST.text.to_owned(),
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

/// The address carries this text and moment.
pub(super) fn write_address(text: &str, at: Option<SimTime>) {
    let fragment = if text.is_empty() { String::new() } else { share::encode(text, at) };
    dom::replace_fragment(&fragment);
    dom::keep_own(LINK, Some(&fragment));
}

/// The address has another fragment: what happens, if somebody has put a link into it.
pub(super) fn arrived(shown: &str, lang: Lang) -> Vec<Msg> {
    let fragment = dom::fragment();
    if fragment.len() < 2 || is_ours(&fragment) {
        return Vec::new();
    }
    if let Some(name) = lesson_of(&fragment) {
        dom::replace_fragment("");
        return vec![lessons::Msg::Begin(name, false).into()];
    }
    match share::decode(&fragment) {
        Ok(shared) => {
            texts::save(shown);
            take_in(&fragment, &shared.text);
            let to = |at| play::Msg::Record(None, at).into();
            let mut then: Vec<Msg> = shared.at.map(to).into_iter().collect();
            then.push(text::Msg::Arrived.into());
            vec![dialogs::Msg::Notice(None).into(), text::Msg::Anew(shared.text, then).into()]
        }
        Err(problem) => {
            let words = explain(problem, lang).to_owned();
            vec![dialogs::Msg::Notice(Some(dialogs::Notice::Says(words))).into()]
        }
    }
}

impl App {
    /// The link to this text, at this moment if that is wanted.
    pub(crate) fn share_link(&self) -> String {
        let at = self.dialogs.share_moment.then(|| self.play.control.at());
        dom::address() + &share::encode(&self.text.text, at)
    }
    /// What makes an article playable: the text stays readable where scripts do not run.
    pub(crate) fn embed_code(&self) -> String {
        let address = dom::address();
        let folder = address.rfind('/').map_or("", |slash| &address[..=slash]);
        let text = self.text.text.replace('&', "&amp;").replace('<', "&lt;");
        let at = match self.dialogs.share_moment {
            true => format!(" at=\"{:.3}\"", seconds(self.play.control.at())),
            false => String::new(),
        };
        format!(
            "<script type=\"module\" src=\"{folder}podplay-embed.js\"></script>\n<pod-playground{at}><pre>\n{}\n</pre></pod-playground>",
            text.trim_end()
        )
    }
    /// A command that applies the manifests of the text to a real cluster.
    pub(crate) fn apply_command(&self) -> String {
        let scenario = self.text.read.scenario.filter(|_| self.text.is_current());
        let (start, end) = scenario.unwrap_or_default();
        let mut text = self.text.text.to_string();
        if text.get(start..end).is_some() {
            text.replace_range(start..end, "");
        }
        let text = text.trim().trim_end_matches("---").trim_end();
        paste::apply_command(text)
    }
}
