//! The Yew page and the embed entry points.

mod advice;
mod app;
mod assume;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod dom;
mod editor;
mod embed;
mod examples;
mod export;
mod faults;
mod flow;
mod lang;
mod safety;
mod scenario_edit;
mod scene;
mod texts;
mod ui;
mod why;
mod words;

pub use app::App;
pub use lang::Lang;
pub use safety::on_panic;
