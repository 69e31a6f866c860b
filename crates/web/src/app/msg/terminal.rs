//! To the terminal.

use podplay_protocol::Typed;

/// What can happen to the terminal.
#[derive(Debug)]
pub enum Msg {
    /// A line was typed.
    Line(String),
    /// The line that was typed after the last one has its turn.
    Next,
    /// What became of the line of that question.
    Typed(u32, Typed),
    /// What the entry of that question has printed.
    Printed(u32, String),
    /// The engine that read a line is gone.
    Lost,
    /// Another frame is shown: the command in front may have gone on.
    Moved,
    /// Ctrl-C.
    Interrupt,
    /// Tab.
    Complete(String),
    /// How the line of that question can go on: where the word begins, and what it could be.
    Completed(u32, usize, Vec<String>),
}
