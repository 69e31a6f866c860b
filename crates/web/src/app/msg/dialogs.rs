//! To what lies over the page.

/// What lies over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The links.
    Share,
    /// The keys.
    Help,
    /// The faults.
    Faults,
    /// The examples.
    Examples,
    /// The run as a table.
    Table,
    /// A run beside the one with a remedy.
    Compare,
}

/// A note above the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A sentence.
    Says(String),
    /// Another tab changed the text.
    Elsewhere(String),
}

/// What can happen to what lies over the page.
#[derive(Debug)]
pub enum Msg {
    /// Open or close a dialog.
    Show(Option<Dialog>),
    /// Somebody acts, who needs no hint any more.
    Acted,
    /// The hint was read.
    HintRead,
    /// Something stands in the hint's place.
    NoHint,
    /// There is something to say, or it was read.
    Notice(Option<Notice>),
    /// A text to copy.
    Copy(String),
    /// Links carry the moment, or not.
    ShareMoment(bool),
    /// The lane that the table shows; all of them without.
    TableLane(Option<usize>),
    /// Save a file: name, kind, content.
    Download(&'static str, &'static str, String),
    /// Save the run as a trace.
    SaveTrace,
}
