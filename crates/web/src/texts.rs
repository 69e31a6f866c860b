//! Which texts are kept, and where: each tab's own, the visitor's, and those that another one replaced.
//!
//! What a link brought is kept for the tab alone. It does not take the place of the visitor's own text, and when the
//! visitor goes on with it, the own text is put aside and can be had back.

use crate::dom::{self, TEXT};
use crate::safety::fingerprint;

/// Where a text is kept that another tab's has replaced.
const OTHER: &str = "podplay.other";
/// Where a tab that shows a link's text keeps the visitor's.
const MINE: &str = "podplay.mine";
/// Where a tab notes that its text came by a link: the fingerprint of that text, or [`CHANGED`].
const FOREIGN: &str = "podplay.foreign";
/// The text came by a link and was changed since.
const CHANGED: &str = "changed";

/// The text of this tab, or of the last visit.
pub(crate) fn saved() -> Option<String> {
    dom::own(TEXT).or_else(shared)
}

/// The text that was saved last, by whichever tab.
pub(crate) fn shared() -> Option<String> {
    dom::stored(TEXT)
}

/// A text that this or another tab replaced by its own.
pub(crate) fn other() -> Option<String> {
    dom::stored(OTHER).filter(|text| !text.trim().is_empty())
}

/// Keeps a link's text for this tab, in which the visitor's own was shown so far.
pub(crate) fn save_foreign(text: &str) {
    let before = saved();
    if before.as_deref() == Some(text) {
        return;
    }
    if dom::own(FOREIGN).is_none() {
        dom::keep_own(MINE, before.as_deref());
    }
    dom::keep_own(TEXT, Some(text));
    dom::keep_own(FOREIGN, Some(&fingerprint(text)));
}

/// Keeps the text, for this tab and for the next visit. What another tab kept is put aside, not lost.
pub(crate) fn save(text: &str) {
    let before = dom::own(TEXT);
    let foreign = dom::own(FOREIGN).filter(|foreign| foreign != CHANGED);
    if foreign.as_deref() == Some(fingerprint(text).as_str()) {
        return;
    }
    if foreign.is_some() {
        dom::keep_own(FOREIGN, Some(CHANGED));
    }
    dom::keep_own(TEXT, Some(text));
    let aside =
        |theirs: &String| theirs != text && (foreign.is_some() || before.as_ref() != Some(theirs));
    if let Some(theirs) = shared().filter(aside) {
        dom::keep(OTHER, &theirs);
    }
    dom::keep(TEXT, text);
}

/// The visitor's own text, while the tab shows one that came by a link.
pub(crate) fn mine() -> Option<String> {
    dom::own(FOREIGN)?;
    dom::own(MINE).filter(|text| !text.trim().is_empty())
}

/// The tab's text is the visitor's own again; what it showed instead is put aside.
pub(crate) fn take_back(shown: &str, mine: &str) {
    dom::keep(OTHER, shown);
    dom::keep_own(FOREIGN, None);
    dom::keep_own(MINE, None);
    dom::keep_own(TEXT, Some(mine));
    dom::keep(TEXT, mine);
}
