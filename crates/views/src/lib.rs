//! Pure text and geometry from snapshots and traces.
//!
//! Text: what kubectl prints of objects, which come as the API's JSON together with the wall clock (`now`),
//! so that a simulated cluster, a recording and a table of cases all go through the same door.

pub mod describe;
pub mod duration;
pub mod events;
pub mod get;
pub mod json;
pub mod labels;
pub mod table;
pub mod timeline;
