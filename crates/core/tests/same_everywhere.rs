//! The same text and seed give the same run: twice in one program, and native as in wasm.
//!
//! Each digest is printed; `cargo xtask test` compares those of the two machines.

mod scenes;

use scenes::{SCENES, Scene};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{
    console_log as println, wasm_bindgen_test as test, wasm_bindgen_test_configure,
};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

#[test]
fn a_run_can_be_repeated() {
    for scene in SCENES {
        let Scene { name, .. } = scene;
        let first = digest(&scene);
        assert_eq!(first, digest(&scene), "{name}");
        println!("digest {first:016x} {name}");
    }
}

#[test]
fn something_happens_in_every_scene() {
    for scene in SCENES {
        let (cluster, records) = scene.play();
        assert!(records.len() > 20, "{}: {} records", scene.name, records.len());
        assert!(cluster.pods().count() > 0, "{}", scene.name);
    }
}

/// A number that two runs share only when every record and every object at the end are equal.
fn digest(scene: &Scene) -> u64 {
    let (cluster, records) = scene.play();
    let records = records.iter().map(|record| format!("{record:?}"));
    let objects = cluster.kinds().into_iter().flat_map(|kind| cluster.list(&kind, None));
    let lines = records.chain(objects.map(|object| object.to_string()));
    lines.fold(0xcbf2_9ce4_8422_2325, |hash, line| {
        line.bytes()
            .chain([b'\n'])
            .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    })
}
