//! The Yew page and the embed entry points.

mod advice;
mod app;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod dom;
mod editor;
mod embed;
mod engine;
mod examples;
mod export;
mod faults;
mod lang;
mod safety;
mod texts;
mod ui;

pub use app::App;
pub use lang::Lang;
pub use safety::on_panic;
