//! Small doors to the browser. Each answers with nothing where the browser refuses.

use crate::lang::Lang;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Storage, Window};

/// Where the text is kept between visits; each tab keeps its own besides.
pub(crate) const TEXT: &str = "podplay.text";
/// Where the language is kept.
const LANG: &str = "podplay.lang";
/// Where the colours are kept.
const THEME: &str = "podplay.theme";
/// Where the height of the timeline is kept.
pub(crate) const SPLIT: &str = "podplay.split";
/// Where it is kept that the hint was read.
const HINT: &str = "podplay.hint";
/// Where it is kept which lessons were passed.
pub(crate) const PASSED: &str = "podplay.lessons";
/// Where it is kept which lesson is open.
pub(crate) const LESSON: &str = "podplay.lesson";
/// Where the text from before the lessons is kept.
pub(crate) const OWN: &str = "podplay.own";

/// The window.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// The element of that id.
pub(crate) fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Sets an attribute of the element of that id.
pub(crate) fn set(id: &str, name: &str, value: &str) {
    if let Some(element) = by_id(id) {
        set_on(&element, name, value);
    }
}

/// Sets an attribute if it differs, so that nothing is painted for nothing.
pub(crate) fn set_on(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // Refused only for names that are no names.
        let _ = element.set_attribute(name, value);
    }
}

/// Sets the text of the element of that id.
pub(crate) fn set_text(id: &str, text: &str) {
    if let Some(element) = by_id(id)
        && element.text_content().as_deref() != Some(text)
    {
        element.set_text_content(Some(text));
    }
}

/// Sets what stands in the line of text of that id.
pub(crate) fn set_value(id: &str, value: &str) {
    if let Some(input) =
        by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
    {
        input.set_value(value);
    }
}

/// Moves the keyboard to the element of that id.
pub(crate) fn focus(id: &str) {
    if let Some(element) =
        by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}

/// Scrolls until the element of that id can be seen to its end.
pub(crate) fn reveal(id: &str) {
    if let Some(element) = by_id(id) {
        element.scroll_into_view_with_bool(false);
    }
}

/// What has the keyboard.
pub(crate) fn focused() -> Option<web_sys::HtmlElement> {
    document()?.active_element()?.dyn_into().ok()
}

/// Milliseconds since the page began.
pub(crate) fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Whether a media query matches.
pub(crate) fn matches(query: &str) -> bool {
    window()
        .and_then(|window| window.match_media(query).ok())
        .flatten()
        .is_some_and(|list| list.matches())
}

/// Whether this page is part of another one.
pub(crate) fn is_embedded() -> bool {
    asked("embed").is_some()
}

/// What the address asks of an embedded page, as `www/boot.js` noted it.
pub(crate) fn asked(name: &str) -> Option<String> {
    document()?.document_element()?.get_attribute(&format!("data-{name}"))
}

/// Where things are kept; an embedded page keeps nothing and reads nothing.
fn storage() -> Option<Storage> {
    if is_embedded() {
        return None;
    }
    window()?.local_storage().ok()?
}

/// What is kept under one of the names, be it empty.
pub(crate) fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn store(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// What is kept under one of the names above.
pub(crate) fn kept(key: &str) -> Option<String> {
    stored(key).filter(|value| !value.is_empty())
}

/// Keeps something, where the browser does.
pub(crate) fn keep(key: &str, value: &str) {
    store(key, value);
}

/// Keeps it no longer.
pub(crate) fn forget(key: &str) {
    store(key, "");
}

fn own_storage() -> Option<Storage> {
    if is_embedded() {
        return None;
    }
    window()?.session_storage().ok()?
}

/// What this tab keeps for itself under a name.
pub(crate) fn own(key: &str) -> Option<String> {
    own_storage()?.get_item(key).ok()?
}

/// Keeps something for this tab; nothing is kept no longer.
pub(crate) fn keep_own(key: &str, value: Option<&str>) {
    if let Some(storage) = own_storage() {
        // Without room there is still the other storage.
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Whether a storage event is about the text.
pub(crate) fn is_text_key(key: Option<&str>) -> bool {
    key == Some(TEXT)
}

/// The language: the one chosen, or the browser's.
pub(crate) fn language() -> Lang {
    let browser =
        || window()?.navigator().languages().iter().find_map(|tag| Lang::of_tag(&tag.as_string()?));
    let chosen = stored(LANG).or_else(|| asked("lang"));
    chosen.and_then(|tag| Lang::of_tag(&tag)).or_else(browser).unwrap_or_default()
}

/// The language that the document speaks now.
pub(crate) fn spoken() -> Lang {
    let root = document().and_then(|document| document.document_element());
    root.and_then(|root| Lang::of_tag(&root.get_attribute("lang")?)).unwrap_or_default()
}

/// Keeps the language and tells the document.
pub(crate) fn set_language(lang: Lang, chosen: bool) {
    if chosen {
        store(LANG, lang.tag());
    }
    if let Some(root) = document().and_then(|document| document.document_element()) {
        set_on(&root, "lang", lang.tag());
    }
}

/// The colours: `light`, `dark`, or nothing for the system's.
pub(crate) fn theme() -> Option<String> {
    stored(THEME).or_else(|| asked("theme")).filter(|theme| theme == "light" || theme == "dark")
}

/// Keeps the colours and tells the document.
pub(crate) fn set_theme(theme: Option<&str>) {
    store(THEME, theme.unwrap_or_default());
    if let Some(root) = document().and_then(|document| document.document_element()) {
        match theme {
            Some(theme) => set_on(&root, "data-theme", theme),
            None => drop(root.remove_attribute("data-theme")),
        }
    }
}

/// Whether the hint was read.
pub(crate) fn hint_read() -> bool {
    stored(HINT).is_some()
}

/// Remembers that the hint was read.
pub(crate) fn read_hint() {
    store(HINT, "1");
}

/// The part of the address behind `#`.
pub(crate) fn fragment() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The address without its fragment, and without what is asked of an embedded page.
pub(crate) fn address() -> String {
    let whole = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let page = whole.split('#').next().unwrap_or_default();
    let end = if is_embedded() { page.find('?') } else { None };
    page[..end.unwrap_or(page.len())].to_owned()
}

/// Puts another fragment into the address, with its `#`, or takes it out; an embedded page's stays.
pub(crate) fn replace_fragment(fragment: &str) {
    if is_embedded() {
        return;
    }
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let address = address() + fragment;
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

#[wasm_bindgen(module = "/js/bridge.js")]
extern "C" {
    /// Copies a text; a refusal is the browser's to explain.
    #[wasm_bindgen(js_name = copyText)]
    pub(crate) fn copy(text: &str);
    #[wasm_bindgen(js_name = fetchText)]
    fn fetch_with(path: &str, done: &JsValue);
    /// Shows other words on a button for a moment.
    #[wasm_bindgen(js_name = flashWords)]
    pub(crate) fn flash(button: &Element, words: &str);
    /// The timeline as a picture of its own, with the colours that it has now; empty if there is none.
    #[wasm_bindgen(js_name = timelineSvg)]
    pub(crate) fn timeline_svg() -> String;
}

/// Fetches a file of the site and hands its text on; nothing if it cannot be had.
pub(crate) fn fetch_text(path: &str, done: impl FnOnce(Option<String>) + 'static) {
    fetch_with(path, &Closure::once_into_js(done));
}

/// Offers a text as a file.
pub(crate) fn download(name: &str, kind: &str, text: &str) {
    let link = || -> Option<()> {
        let parts = js_sys::Array::of1(&JsValue::from_str(text));
        let blob = web_sys::Blob::new_with_str_sequence(&parts).ok()?;
        let blob = blob.slice_with_f64_and_f64_and_content_type(0.0, blob.size(), kind).ok()?;
        let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
        let anchor =
            document()?.create_element("a").ok()?.dyn_into::<web_sys::HtmlAnchorElement>().ok()?;
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
        web_sys::Url::revoke_object_url(&address).ok()
    };
    // Without a link there is nothing to offer.
    let _ = link();
}

/// Reads a file and hands its text on.
pub(crate) fn read_file(file: &web_sys::File, done: impl FnOnce(String) + 'static) {
    let Ok(reader) = web_sys::FileReader::new() else { return };
    let source = reader.clone();
    let loaded = Closure::once_into_js(move || {
        if let Some(text) = source.result().ok().and_then(|text| text.as_string()) {
            done(text);
        }
    });
    reader.set_onload(Some(loaded.unchecked_ref()));
    // A file that cannot be read leaves the text as it is.
    let _ = reader.read_as_text(file);
}
