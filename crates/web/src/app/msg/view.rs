//! To what is looked at.

use podplay_api::{RecordId, SimTime};
use podplay_protocol::{Look, Selection, Tab, Target};
use podplay_timeline::Band;
use podplay_timeline::scale::Window;

/// What a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The text.
    Text,
    /// Stage and timeline.
    #[default]
    Run,
    /// The inspector.
    Inspect,
    /// The lessons.
    Lesson,
}

/// What can happen to what is looked at.
#[derive(Debug)]
pub enum Msg {
    /// The window of the timeline.
    Window(Window),
    /// Zoom by a factor around a second; around the playhead without.
    Zoom(f64, Option<f64>),
    /// Show the whole run.
    Fit,
    /// The timeline has so many pixels.
    Width(f64),
    /// Fold quiet time, or not.
    Fold,
    /// Show all conditions, or not.
    Conditions,
    /// Collapse a pod, or not.
    Collapse(Band),
    /// The playhead moves by itself: the window goes along.
    Follow,
    /// The playhead was moved: the window shows it.
    Reveal,
    /// A pod or a container was chosen.
    Select(Option<Selection>),
    /// An object was chosen that is no pod.
    Look(Target),
    /// Nobody has chosen: this is the most broken.
    Worst {
        /// The object, if it is no pod.
        target: Option<Target>,
        /// Its pod.
        pod: Option<Target>,
    },
    /// A record was chosen at its moment, or none.
    Pin(Option<RecordId>, SimTime),
    /// The chosen record is let go, because the playhead goes elsewhere.
    LetGo,
    /// The chosen record is let go by hand.
    Unpin,
    /// Another tab of the inspector.
    Tab(Tab),
    /// The logs of the instance before, or of this one.
    Previous(bool),
    /// Another pane of a narrow screen.
    Pane(Pane),
    /// A frame came.
    Framed {
        /// What was looked at when it was asked for.
        look: Look,
        /// The selection that it shows.
        kept: Option<Selection>,
        /// What its chosen record is of.
        pinned: Option<(SimTime, String)>,
    },
    /// Another text: nobody has chosen anything in it.
    Anew,
    /// Lanes of a run that begins.
    Begins,
}
