//! The Yew page and the embed entry points.

mod app;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod dom;
mod editor;
mod examples;
mod faults;
mod lang;
mod scenario_edit;
mod scene;
mod ui;
mod why;
mod words;

pub use app::App;
pub use dom::on_panic;
pub use lang::Lang;
