//! To the run and its playing.

use podplay_api::{RecordId, SimTime};
use podplay_protocol::{Frame, Grown, Opened};
use podplay_timeline::Ask;

/// What can happen to the run.
#[derive(Debug)]
pub enum Msg {
    /// The browser paints; milliseconds since the page began.
    Tick(f64),
    /// Play control.
    Ask(Ask),
    /// So many seconds on, or back.
    Nudge(f64),
    /// To the next change.
    NextChange,
    /// To the next restart.
    NextRestart,
    /// Repeat the stretch around the playhead, or stop that.
    LoopHere,
    /// Choose a record, and go to its moment.
    Record(Option<RecordId>, SimTime),
    /// Stop or continue computing.
    Compute(bool),
    /// Another run takes the place of this one.
    Opened(Box<Opened>),
    /// The text cannot be read; the run of the one before stays under the new number.
    Stays(u32),
    /// The run is known further.
    Grown(Box<Grown>),
    /// That moment is computed before anything else.
    Reach(SimTime),
    /// On to a moment that may not be computed yet, if it is not passed.
    Forward(SimTime),
    /// Past a moment, if the playhead stands before it.
    Past(SimTime),
    /// The frame of that number.
    Framed(u32, Box<Frame>),
    /// What is looked at is another thing.
    Refresh,
    /// Nothing is run.
    Closed,
    /// The engine that owed answers is gone.
    Lost,
}
