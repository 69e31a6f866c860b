//! The one place where a text becomes a run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

/// Runs a text to its horizon and returns what `podplay run -o json` prints, or why there is no run.
///
/// # Errors
/// If the text cannot be run, or the simulator panics on it.
pub fn record(text: &str) -> Result<Value, String> {
    catch_unwind(AssertUnwindSafe(|| record_text(text))).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        Err(format!("the run panicked: {said}"))
    })
}

/// The door to the simulator.
fn record_text(text: &str) -> Result<Value, String> {
    Ok(podplay_playback::record(text, ""))
}
