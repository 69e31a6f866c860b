//! What the tests of the whole share: finding test data, running recordings, comparing runs.

pub mod answers;
pub mod compare;
pub mod data;
pub mod fuzz;
pub mod history;
pub mod report;
pub mod runner;
pub mod side_by_side;
pub mod suite;
pub mod unmatched;
