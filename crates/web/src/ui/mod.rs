//! The parts of the page. Each is a function of the state; what changes every frame is painted elsewhere.

pub(crate) mod chips;
pub(crate) mod dialogs;
pub(crate) mod findings;
pub(crate) mod format;
pub(crate) mod header;
pub(crate) mod held;
pub(crate) mod inspector;
pub(crate) mod lessons;
pub(crate) mod memo;
pub(crate) mod share;
pub(crate) mod splitter;
pub(crate) mod stage;
pub(crate) mod svg;
pub(crate) mod table;
pub(crate) mod terminal;
pub(crate) mod timeline;
pub(crate) mod transport;
pub(crate) mod verdict;
