//! The pages that explain advice, as the command prints them.

use podplay_analysis::{pages, verdict};

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// English
    #[default]
    En,
    /// Korean
    Ko,
}

/// The page about a code.
pub(crate) fn page(code: &str, lang: Lang) -> Option<&'static str> {
    let lang = match lang {
        Lang::En => verdict::Lang::En,
        Lang::Ko => verdict::Lang::Ko,
    };
    pages::page(code, lang)
}

/// All codes that have a page.
pub(crate) fn codes() -> String {
    podplay_analysis::codes().collect::<Vec<_>>().join(", ")
}
