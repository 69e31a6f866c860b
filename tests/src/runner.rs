//! The one place where a text becomes a run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use podplay_playback::{Plan, Run, recording};
use serde_json::Value;

/// Runs a text to its horizon with a seed and returns what `podplay run -o json` prints, or why there is no run.
///
/// # Errors
/// If the text cannot be run, or the simulator panics on it.
pub fn record(text: &str, seed: u64) -> Result<Value, String> {
    catch_unwind(AssertUnwindSafe(|| record_text(text, seed))).map_err(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        format!("the run panicked: {said}")
    })
}

/// The door to the simulator.
fn record_text(text: &str, seed: u64) -> Value {
    let mut plan = Plan::read(text);
    plan.config.seed = seed;
    let mut run = Run::of(plan);
    run.finish();
    recording(&run, "")
}
