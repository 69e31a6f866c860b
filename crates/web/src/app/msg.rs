//! The messages that change the page.

use super::*;

/// What can happen to the page.
pub enum Msg {
    /// The browser paints; milliseconds since the page began.
    Frame(f64),
    /// A person changed the text.
    Typed(String),
    /// The text has rested for a moment: time to work ahead.
    Ahead,
    /// The text has rested long enough.
    Settled,
    /// The text becomes this.
    Text(String),
    /// Play control.
    Ask(Ask),
    /// So many seconds on, or back.
    Nudge(f64),
    /// To the next change.
    NextChange,
    /// To the next restart.
    NextRestart,
    /// The window of the timeline.
    Window(Window),
    /// Zoom by a factor around a second; around the playhead without.
    Zoom(f64, Option<f64>),
    /// Show the whole run.
    Fit,
    /// The size of the page changed.
    Resize,
    /// Fold quiet time, or not.
    Fold,
    /// Show all conditions, or not.
    Conditions,
    /// Collapse a pod, or not.
    Collapse(Band),
    /// Choose a pod or a container.
    Select(Option<Selection>),
    /// Choose a record, and go to its moment.
    Record(Option<RecordId>, SimTime),
    /// Another tab of the inspector.
    Tab(Tab),
    /// The logs of the instance before, or of this one.
    Previous(bool),
    /// Another pane of a narrow screen.
    Pane(Pane),
    /// Open or close a dialog.
    Dialog(Option<Dialog>),
    /// The other language.
    Language,
    /// The sentences of advice in the page's language have come; none for English.
    AdviceWords(String),
    /// The text has rested long enough for advice.
    Advise,
    /// All parts of the program are there.
    Complete,
    /// The next colours.
    Theme,
    /// Break something: index in the palette, how long.
    Fault(usize, Option<&'static str>),
    /// Delete the chosen pod.
    DeletePod,
    /// Move an entry of the timeline.
    MoveEntry(usize, SimTime),
    /// Remove an entry of the timeline.
    RemoveEntry(usize),
    /// A command was typed.
    Command(String),
    /// Something else was typed into the terminal's line.
    Line(terminal::Typed),
    /// An example was chosen.
    Example(usize),
    /// Mend what a finding says: its code, its place in the list.
    Fix(&'static str, usize),
    /// Write down how an image behaves.
    Assume(String),
    /// Save the run as a trace.
    SaveTrace,
    /// The lane that the table shows.
    TableLane(Option<usize>),
    /// Repeat the stretch around the playhead, or stop that.
    LoopHere,
    /// A wish to the editor.
    Wish(Wish),
    /// The hint was read.
    HintRead,
    /// The notice was read.
    NoticeRead,
    /// Another tab saved a text.
    Saved,
    /// The address has another fragment.
    Arrived,
    /// The address is due to say what is seen.
    Address,
    /// The visitor's own text again, after a link's.
    BackToMine,
    /// The text that was lost is run after all.
    RunAgain,
    /// The editor takes the keyboard, on a narrow screen too.
    EditText,
    /// Stop or continue computing.
    Compute(bool),
    /// A text to copy.
    Copy(String),
    /// Links carry the moment, or not.
    ShareMoment(bool),
    /// A file was chosen or dropped.
    File(web_sys::File),
    /// Save a file: name, kind, content.
    Download(&'static str, &'static str, String),
    /// What holds things up.
    Judged(judge::Judged),
    /// The lessons.
    Learn(lessons::Learn),
    /// The page around this one asks something.
    Host(Heard),
}

impl Msg {
    /// Whether it changes the text; commands are looked at when they are read.
    pub(super) const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Typed(_)
                | Self::Text(_)
                | Self::Fix(..)
                | Self::Fault(..)
                | Self::DeletePod
                | Self::MoveEntry(..)
                | Self::RemoveEntry(_)
                | Self::Example(_)
                | Self::File(_)
                | Self::BackToMine
                | Self::Judged(judge::Judged::Apply(_))
                | Self::Learn(
                    lessons::Learn::Again
                        | lessons::Learn::Answer
                        | lessons::Learn::Edit
                        | lessons::Learn::Own
                )
        )
    }
}
