//! A text that ended the engine, or froze it, is remembered and not run again by itself; the page stays alive. After a
//! panic of the page itself there is a panel with a report. `js/safety.js` does what must work without the program.

use crate::lang::Lang;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/safety.js")]
extern "C" {
    #[wasm_bindgen(js_name = safetyBegin)]
    fn begin_with(memory: &JsValue, version: &str);
    #[wasm_bindgen(js_name = safetyWords)]
    fn words_of(json: &str);
    #[wasm_bindgen(js_name = safetyRuns)]
    fn runs_with(print: &str);
    /// All of the run is computed and drawn.
    #[wasm_bindgen(js_name = safetyDrawn)]
    pub(crate) fn drawn();
    #[wasm_bindgen(js_name = safetyLost)]
    fn lost_with(print: &str) -> Option<String>;
    #[wasm_bindgen(js_name = safetyReport)]
    fn report_of(print: &str) -> Option<String>;
    #[wasm_bindgen(js_name = safetyForgive)]
    fn forgive_with(print: &str);
    #[wasm_bindgen(js_name = safetyCrash)]
    fn crash(what: &str);
    /// The engine ended while it ran the text that is marked: how, and the words of that.
    #[wasm_bindgen(js_name = safetyNote)]
    pub(crate) fn note(kind: &str, what: &str);
}

/// How a run of a text ended the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The engine made a mistake.
    Panic,
    /// There was not enough memory.
    Memory,
    /// It never came to its end.
    Frozen,
}

/// Shows the panel. This is the panic hook.
pub fn on_panic(info: &std::panic::PanicHookInfo<'_>) {
    crash(&info.to_string());
}

/// Begins to look after the page, in a language.
pub(crate) fn begin(lang: Lang) {
    begin_with(&wasm_bindgen::memory(), env!("CARGO_PKG_VERSION"));
    speak(lang);
}

/// The panel speaks another language.
pub(crate) fn speak(lang: Lang) {
    let words = serde_json::json!({
        "title": lang.crashed_title(),
        "panic": lang.crashed_panic(),
        "memory": lang.crashed_memory(),
        "kept": lang.crashed_kept(),
        "unkept": lang.crashed_unkept(),
        "reload": lang.reload(),
        "copy": lang.copy_report(),
        "copied": lang.copied(),
    });
    words_of(&words.to_string());
}

/// A run of the text begins.
pub(crate) fn runs(text: &str) {
    runs_with(&fingerprint(text));
}

/// How a run of the text was lost, if it was and has not been forgiven.
pub(crate) fn lost(text: &str) -> Option<Lost> {
    Some(match lost_with(&fingerprint(text))?.as_str() {
        "memory" => Lost::Memory,
        "frozen" => Lost::Frozen,
        _ => Lost::Panic,
    })
}

/// What is known of how it was lost, with the text itself.
pub(crate) fn report(text: &str) -> String {
    let known = report_of(&fingerprint(text));
    let known = known.unwrap_or_else(|| format!("frozen\npodplay {}", env!("CARGO_PKG_VERSION")));
    format!("{known}\n\n{text}")
}

/// The text may be run again.
pub(crate) fn forgive(text: &str) {
    forgive_with(&fingerprint(text));
}

/// What a text is remembered by: FNV-1a of 64 bits.
pub(crate) fn fingerprint(text: &str) -> String {
    format!("{:016x}", podplay_api::hash::Fnv::default().with(text.bytes()).0)
}
