//! What people copy of a cluster when something is wrong: read, explained, made to run again.
//!
//! `read` turns a paste into what was observed. Nothing here knows a cluster; every fact has the line on which it
//! stands, and what is not understood is kept.

mod ages;
mod blocks;
mod causes;
mod describe;
mod events;
mod explain;
mod fit;
mod flow;
mod lanes;
mod marked;
mod observed;
mod paste;
mod table;
mod text;
mod yaml;

pub use ages::{Often, Seconds};
pub use causes::{Certainty, Found, Spot, causes};
pub use events::Event;
pub use explain::{Incident, explain};
pub use fit::{Fit, RUNS};
pub use lanes::{Lane, Mark, Stretch, lanes};
pub use marked::Marked;
pub use observed::{LogLine, Observed, Said, Seen, SeenRow, Shape, read};
pub use paste::{BYTES, LINES};
pub use table::Row;
pub use text::Draft;
