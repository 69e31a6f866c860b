//! `cargo xtask`: set-up, serve, test, check, bench and dist.
//!
//! Each command is a module; `tools.rs` names every outside tool and its version,
//! `ctx.rs` knows the folders, `say.rs` speaks to the person at the terminal.

// The one crate that reads a clock: it reports how long real work took.
#![allow(clippy::disallowed_methods)]

mod arrows;
mod bench;
mod check;
mod cli;
mod ctx;
mod dist;
mod failure;
mod floors;
mod fuzz;
mod html;
mod lessons;
mod locales;
mod markdown;
mod offline;
mod post_build;
mod run;
mod say;
mod schema;
mod schema_table;
mod screenshots;
mod serve;
mod sizes;
mod stages;
mod test;
mod tidy;
mod tools;
mod wasm;
mod workspace;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Args::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::failure(&failure);
            ExitCode::FAILURE
        }
    }
}
