//! The `podplay` command.

fn main() {}
