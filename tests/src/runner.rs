//! The one place where a text becomes a run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use podplay_core::{Kubernetes, Version};
use podplay_playback::{Plan, Run, recording};
use serde_json::Value;

/// Runs a text to its horizon with a seed and a version of Kubernetes, and returns what `podplay run -o json` prints, or why there is no run.
///
/// # Errors
/// If the text cannot be run, or the simulator panics on it.
pub fn record(text: &str, seed: u64, version: Version) -> Result<Value, String> {
    catch_unwind(AssertUnwindSafe(|| record_text(text, seed, version))).map_err(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        format!("the run panicked: {said}")
    })
}

/// The door to the simulator.
fn record_text(text: &str, seed: u64, version: Version) -> Value {
    let mut plan = Plan::read(text);
    plan.config.seed = seed;
    plan.config.kubernetes = Kubernetes::of(version);
    let mut run = Run::of(plan);
    run.finish();
    recording(&run, "")
}
