//! What an end-to-end test can make the engine do, by a comment in the text; only builds for tests have it.

/// Does what the text asks for.
pub(crate) fn obey(text: &str) {
    let asked = text.lines().find_map(|line| line.strip_prefix("# podplay-test: "));
    match asked {
        Some("panic") => panic!("a test asked for this"),
        Some("memory") => exhaust(),
        Some("freeze") => loop {
            core::hint::spin_loop();
        },
        _ => {}
    }
}

/// Takes all the memory that there is, and more.
fn exhaust() {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(Vec::with_capacity(256 << 20));
        core::hint::black_box(&taken);
    }
}
