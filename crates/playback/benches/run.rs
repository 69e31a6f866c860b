//! What the page waits for: a new run after a keystroke, a day of one probed pod, a seek in it.
//!
//! `cargo xtask bench` runs it natively and in wasm; each measurement is one JSON object a line.

// A benchmark reads a clock.
#![allow(clippy::disallowed_methods, missing_docs)]

use podplay_api::SimTime;
use podplay_playback::Run;
use podplay_views::timeline::Builder;
use std::cell::OnceCell;
use std::hint::black_box;
use std::time::Duration;

/// What a first visit shows.
const EXAMPLE: &str = include_str!("../../web/examples/liveness.yaml");

/// A day of a healthy pod whose probes run every ten seconds.
const DAY: &str = concat!(
    include_str!("../../core/tests/scenes/probed.yaml"),
    "---\napiVersion: podplay/v1\nkind: Scenario\nspec: {duration: 24h}\n"
);

/// Something to measure.
struct Scene {
    name: &'static str,
    /// Milliseconds, in wasm.
    budget: Option<u32>,
    play: fn() -> usize,
}

const SCENES: [Scene; 3] = [
    Scene { name: "a keystroke in the first example", budget: Some(16), play: keystroke },
    Scene {
        name: "a day of one probed pod, with checkpoints and lanes",
        budget: None,
        play: whole,
    },
    Scene { name: "a seek in that day", budget: Some(16), play: seek },
];

thread_local! {
    static EXAMPLE_RUN: OnceCell<Run> = const { OnceCell::new() };
    static DAY_RUN: OnceCell<Run> = const { OnceCell::new() };
}

/// A run computed to its end, and its lanes.
fn drawn(mut run: Run) -> (Run, Builder) {
    run.finish();
    let mut lanes = Builder::default();
    lanes.extend(run.trace());
    (run, lanes)
}

/// The edit changes what the container does from the start on: nothing of the old run can be kept.
fn keystroke() -> usize {
    EXAMPLE_RUN.with(|cell| {
        let before = cell.get_or_init(|| drawn(Run::new(EXAMPLE)).0);
        let edited = EXAMPLE.replace("periodSeconds: 5", "periodSeconds: 6");
        let (run, lanes) = drawn(before.edited(&edited));
        black_box(lanes);
        run.trace().len()
    })
}

fn whole() -> usize {
    let (run, lanes) = drawn(Run::new(DAY));
    black_box(lanes);
    run.trace().len()
}

/// The farthest from any checkpoint: just before the end of the run.
fn seek() -> usize {
    DAY_RUN.with(|cell| {
        let run = cell.get_or_init(|| drawn(Run::new(DAY)).0);
        let moment = run.seek(run.end() - Duration::from_nanos(1), None);
        assert!(moment.cluster().now() > SimTime::ZERO);
        moment.cluster().pods().count()
    })
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::time::Instant;
    for Scene { name, play, .. } in SCENES {
        let rounds = (0..9).map(|_| {
            let begun = Instant::now();
            black_box(play());
            begun.elapsed()
        });
        let mut rounds: Vec<Duration> = rounds.collect();
        rounds.sort();
        let millis = rounds[rounds.len() / 2].as_secs_f64() * 1000.0;
        let name = format!("{name}, native");
        println!("{}", serde_json::json!({"name": name, "value": millis, "unit": "ms"}));
    }
    let _ = SCENES.map(|scene| scene.budget);
}

#[cfg(target_arch = "wasm32")]
fn main() {}

/// The scenes and their budgets, for the program that holds the clock.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn scenes() -> String {
    let one = |scene: &Scene| serde_json::json!({"name": format!("{}, wasm", scene.name), "budget": scene.budget});
    serde_json::Value::Array(SCENES.iter().map(one).collect()).to_string()
}

/// Plays a scene.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn play(scene: usize) -> usize {
    SCENES.get(scene).map_or(0, |scene| (scene.play)())
}

/// Pages of 64 KiB that the module has asked for. They are never given back: the most that any scene needed.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn pages() -> usize {
    core::arch::wasm32::memory_size::<0>()
}
