//! Small doors to the browser. Each answers with nothing where the browser refuses.

use crate::lang::Lang;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Storage, Window};

/// Where the text is kept between visits.
const TEXT: &str = "podplay.text";
/// Where the language is kept.
const LANG: &str = "podplay.lang";
/// Where the colours are kept.
const THEME: &str = "podplay.theme";
/// Where it is kept that the hint was read.
const HINT: &str = "podplay.hint";

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

/// Moves the keyboard to the element of that id.
pub(crate) fn focus(id: &str) {
    if let Some(element) =
        by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
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

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn store(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// The text of the last visit.
pub(crate) fn saved_text() -> Option<String> {
    stored(TEXT)
}

/// Keeps the text; `false` where the browser does not.
pub(crate) fn save_text(text: &str) -> bool {
    store(TEXT, text)
}

/// Whether a storage event is about the text.
pub(crate) fn is_text_key(key: Option<&str>) -> bool {
    key == Some(TEXT)
}

/// The language: the one chosen, or the browser's.
pub(crate) fn language() -> Lang {
    let browser =
        || window()?.navigator().languages().iter().find_map(|tag| Lang::of_tag(&tag.as_string()?));
    stored(LANG).and_then(|tag| Lang::of_tag(&tag)).or_else(browser).unwrap_or_default()
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
    stored(THEME).filter(|theme| theme == "light" || theme == "dark")
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

/// The address without its fragment.
pub(crate) fn address() -> String {
    let whole = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    whole.split('#').next().unwrap_or_default().to_owned()
}

/// Takes the fragment out of the address, so that a reload shows the saved text.
pub(crate) fn drop_fragment() {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address()));
    }
}

#[wasm_bindgen(module = "/js/bridge.js")]
extern "C" {
    /// Copies a text; a refusal is the browser's to explain.
    #[wasm_bindgen(js_name = copyText)]
    pub(crate) fn copy(text: &str);
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

/// Shows what a panic leaves: the text is safe, and a report can be copied. Called by the panic hook.
pub fn on_panic(info: &std::panic::PanicHookInfo<'_>) {
    let lang = language();
    let show = || -> Option<()> {
        let document = document()?;
        let panel = document.create_element("section").ok()?;
        let _ = panel.set_attribute("class", "crashed");
        let _ = panel.set_attribute("role", "alert");
        let add = |tag: &str, text: &str| -> Option<Element> {
            let element = document.create_element(tag).ok()?;
            element.set_text_content(Some(text));
            panel.append_child(&element).ok()?;
            Some(element)
        };
        add("h1", lang.crashed_title())?;
        add("p", lang.crashed_text())?;
        let link = add("a", lang.reload())?;
        let _ = link.set_attribute("href", &address());
        let _ = link.set_attribute("class", "button primary");
        add(
            "pre",
            &format!(
                "podplay {}\n{info}\n\n{}",
                env!("CARGO_PKG_VERSION"),
                saved_text().unwrap_or_default()
            ),
        )?;
        document.body()?.append_child(&panel).ok()?;
        Some(())
    };
    // What cannot be shown is at least on the console.
    if show().is_none() {
        wasm_bindgen::throw_str(&info.to_string());
    }
}
