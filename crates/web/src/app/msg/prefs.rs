//! To language and colours.

use crate::lang::Lang;

/// What can happen to them.
#[derive(Debug)]
pub enum Msg {
    /// The next language.
    Language,
    /// The language of the page around.
    Speak(Lang),
    /// The next colours.
    Theme,
    /// The colours of the page around: `light` or `dark`.
    Paint(String),
}
