//! Advice in the page: beside the findings, in the page's language, with pages that are fetched on a click.

use crate::app::{Msg, Scope};
use crate::lang::Lang;
use podplay_analysis::{Advice, advise, fill};
use podplay_manifest::{Diagnostic, Reading, in_order, schema};
use podplay_playback::Plan;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/advice.js")]
extern "C" {
    #[wasm_bindgen(js_name = fetchText)]
    fn fetch_text(path: &str, done: JsValue);
    #[wasm_bindgen(js_name = togglePage)]
    fn toggle_page(id: &str, path: &str, failure: &str);
}

/// Everything that is said of a text: what the front door found, and advice, in the order of the text.
pub(crate) fn findings(text: &str, plan: &Plan, words: &str) -> Rc<[Diagnostic]> {
    let Reading { diagnostics, .. } = &plan.reading;
    let mut all = diagnostics.clone();
    all.extend(advise(text, plan).iter().map(|advice| said(advice, words)));
    in_order(&all, |found| [found.severity as u8, 0]).into_iter().cloned().collect()
}

/// Advice as a finding; `words` holds the sentences of another language, by code.
fn said(advice: &Advice, words: &str) -> Diagnostic {
    let mut found = advice.diagnostic();
    let row = words.lines().filter_map(|line| line.split_once('\t'));
    if let Some((_, sentence)) = row.into_iter().find(|(code, _)| *code == advice.code) {
        found.message = fill(sentence, &advice.args);
    }
    found
}

/// Fetches the sentences of a language, if it is not the one that the program carries.
pub(crate) fn fetch_words(lang: Lang, link: &Scope) {
    if lang == Lang::En {
        return link.send_message(Msg::AdviceWords(String::new()));
    }
    let link = link.clone();
    let path = format!("advice/{}.tsv", lang.tag());
    fetch_text(&path, Closure::once_into_js(move |text| link.send_message(Msg::AdviceWords(text))));
}

/// Fetches the words about fields for completion, once, and those of the second language if it is spoken.
pub(crate) fn fetch_fields() {
    let second = crate::dom::spoken() == Lang::Ko;
    schema::speak_second_language(second);
    if !schema::has_docs() {
        fetch_text("words/fields.en.tsv", Closure::once_into_js(schema::bring_docs));
    }
    if second && !schema::has_translated_docs() {
        fetch_text("words/fields.ko.tsv", Closure::once_into_js(schema::bring_translated_docs));
    }
}

/// Opens or closes the page that explains a code, in the element of that id.
pub(crate) fn explain(id: &str, code: &str, lang: Lang) {
    let path = format!("advice/{}/{code}.md", lang.tag());
    toggle_page(id, &path, lang.advice_unavailable());
}
