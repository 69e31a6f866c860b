//! What is fetched when it is first wanted: pages that explain advice, words about fields, sentences of other languages.

use crate::lang::Lang;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/advice.js")]
extern "C" {
    #[wasm_bindgen(js_name = fetchText)]
    fn fetch_text(path: &str, done: JsValue);
    #[wasm_bindgen(js_name = togglePage)]
    fn toggle_page(id: &str, path: &str, failure: &str);
}

/// Fetches a file of the site, once, and hands its text on; nothing is heard of what cannot be had.
pub(crate) fn fetch(path: &str, heard: impl FnOnce(String) + 'static) {
    fetch_text(path, Closure::once_into_js(heard));
}

/// Opens or closes the page that explains a code, in the element of that id.
pub(crate) fn explain(id: &str, code: &str, lang: Lang) {
    let path = format!("advice/{}/{code}.md", lang.pages());
    toggle_page(id, &path, lang.advice_unavailable());
}
