//! How long the simulator takes, natively and (through its exports) in wasm.
//!
//! `cargo xtask bench` runs both; each measurement is one JSON object a line.

// A benchmark reads a clock.
#![allow(clippy::disallowed_methods, missing_docs)]

#[path = "../tests/scenes/mod.rs"]
mod scenes;

use scenes::SCENES;

/// Milliseconds in wasm, from the budget of the page; the other scenes have none.
const BUDGETS: [Option<u32>; SCENES.len()] = [Some(20), None, None, None];

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::time::{Duration, Instant};
    for scene in SCENES {
        let rounds = (0..9).map(|_| {
            let begun = Instant::now();
            std::hint::black_box(scene.play());
            begun.elapsed()
        });
        let mut rounds: Vec<Duration> = rounds.collect();
        rounds.sort();
        let name = format!("{}, native", scene.name);
        let millis = rounds[rounds.len() / 2].as_secs_f64() * 1000.0;
        println!("{}", serde_json::json!({"name": name, "value": millis, "unit": "ms"}));
    }
    let _ = BUDGETS;
}

#[cfg(target_arch = "wasm32")]
fn main() {}

/// The scenes and their budgets, for the program that holds the clock.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn scenes() -> String {
    let one = |(scene, budget): (&scenes::Scene, &Option<u32>)| serde_json::json!({"name": format!("{}, wasm", scene.name), "budget": budget});
    serde_json::Value::Array(SCENES.iter().zip(&BUDGETS).map(one).collect()).to_string()
}

/// Plays a scene; returns the number of its records.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn play(scene: usize) -> usize {
    SCENES.get(scene).map_or(0, |scene| scene.play().1.len())
}
