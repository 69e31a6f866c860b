//! `cargo xtask`: set-up, serve, test, bench, dist, check.

fn main() {}
