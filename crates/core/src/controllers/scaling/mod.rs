//! How many replicas an autoscaler wants: pure functions of usage, of recommendations of the past, and of the rules.
//!
//! Models `pkg/controller/podautoscaler/{replica_calculator,horizontal}.go`, in whole numbers.

pub mod behavior;
pub mod calculator;
pub mod metrics;
pub mod state;
pub mod usage;

/// Rounds up.
pub(super) const fn ceil(number: i64, by: i64) -> i64 {
    let whole = number / by;
    if number % by > 0 { whole + 1 } else { whole }
}
