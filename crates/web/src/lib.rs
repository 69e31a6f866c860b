//! The Yew page and the embed entry points.

mod advice;
mod app;
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
mod words;

pub use app::App;
pub use lang::Lang;
pub use safety::on_panic;
