//! How long many pods on many nodes take, and how much memory.
//!
//! `cargo xtask bench` runs it; each measurement is one JSON object a line.

// A benchmark reads a clock.
#![allow(clippy::disallowed_methods, missing_docs)]

#[path = "../tests/scenes/crowd.rs"]
mod scene;

use serde_json::{Value, json};
use std::time::Instant;

/// Milliseconds that the largest crowd may take.
const BUDGET: u32 = 1000;
/// Megabytes that the process may have used at most.
const MEMORY: u32 = 200;

fn main() {
    for count in scene::SIZES {
        let mut rounds = [0; 3].map(|_| {
            let begun = Instant::now();
            let crowd = scene::crowd(count);
            let spent = begun.elapsed();
            std::hint::black_box((&crowd.cluster, &crowd.records));
            (spent, crowd.wakeups)
        });
        rounds.sort_unstable();
        let (spent, wakeups) = rounds[rounds.len() / 2];
        let millis = spent.as_secs_f64() * 1000.0;
        let largest = scene::SIZES.iter().max() == Some(&count);
        let budget = if largest { json!(BUDGET) } else { Value::Null };
        let of = format!("{count} pods on 20 nodes, ten minutes");
        println!("{}", json!({"name": of, "value": millis, "unit": "ms", "budget": budget}));
        let pods = f64::from(count);
        println!(
            "{}",
            json!({"name": format!("{of}: a pod"), "value": millis / pods, "unit": "ms"})
        );
        let each = wakeups / u64::from(count);
        println!(
            "{}",
            json!({"name": format!("{of}: wakeups of a pod"), "value": each, "unit": ""})
        );
    }
    if let Some(kilobytes) = peak() {
        let megabytes = f64::from(kilobytes) / 1000.0;
        let name = "500 pods on 20 nodes, ten minutes: memory";
        println!("{}", json!({"name": name, "value": megabytes, "unit": "MB", "budget": MEMORY}));
    }
}

/// The most memory that this process has had, where the system says.
fn peak() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
