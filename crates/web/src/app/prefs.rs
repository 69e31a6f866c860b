//! The language and the colours.

use super::effect::{Effect, Effects, Facts, Page};
pub(crate) use super::msg::prefs::Msg;
use super::msg::{judge, play};
use crate::lang::Lang;

/// The language and the colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefs {
    /// The language.
    pub(crate) lang: Lang,
    /// `light`, `dark`, or the system's.
    pub(crate) theme: Option<String>,
}

impl Prefs {
    /// Everything that can happen to them.
    pub(crate) fn update(&mut self, msg: Msg, _: &Facts) -> Effects {
        match msg {
            Msg::Language => self.speak(self.lang.other()),
            Msg::Speak(lang) if lang == self.lang => Vec::new(),
            Msg::Speak(lang) => self.speak(lang),
            Msg::Theme => {
                let next = match self.theme.as_deref() {
                    None => Some("light"),
                    Some("light") => Some("dark"),
                    Some(_) => None,
                };
                self.paint(next.map(str::to_owned))
            }
            Msg::Paint(theme) => self.paint(Some(theme)),
        }
    }

    fn speak(&mut self, lang: Lang) -> Effects {
        self.lang = lang;
        vec![
            Effect::Page(Page::Language(lang)),
            Effect::Page(Page::AdviceWords(lang)),
            Effect::Do(play::Msg::Refresh.into()),
            Effect::Do(judge::Msg::Spoken.into()),
        ]
    }

    fn paint(&mut self, theme: Option<String>) -> Effects {
        self.theme.clone_from(&theme);
        vec![Effect::Page(Page::Theme(theme))]
    }
}
