//! What a panic leaves on the page: the text is safe, and there is a report to copy.

use crate::dom;
use crate::lang::Lang;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::Element;

/// The event of the document by which a test asks for a panic; nobody else sends it.
const ASKED_FOR: &str = "podplay-test-panic";

thread_local! {
    /// Whether the panel is shown: what else fails after a panic is only its echo.
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// Shows the panel. This is the panic hook.
pub fn on_panic(info: &std::panic::PanicHookInfo<'_>) {
    if SHOWN.replace(true) {
        return;
    }
    let text = dom::saved_text().unwrap_or_default();
    let report = format!("podplay {}\n{info}\n\n{text}", env!("CARGO_PKG_VERSION"));
    // What cannot be shown is at least on the console.
    if panel(&report, dom::language()).is_none() {
        wasm_bindgen::throw_str(&report);
    }
}

fn panel(report: &str, lang: Lang) -> Option<()> {
    let document = dom::document()?;
    let panel = document.create_element("section").ok()?;
    let attribute = |element: &Element, name: &str, value: &str| dom::set_on(element, name, value);
    attribute(&panel, "class", "crashed");
    attribute(&panel, "role", "alertdialog");
    attribute(&panel, "aria-labelledby", "crashed-title");
    let add = |tag: &str, text: &str| -> Option<Element> {
        let element = document.create_element(tag).ok()?;
        element.set_text_content(Some(text));
        panel.append_child(&element).ok()?;
        Some(element)
    };
    attribute(&add("h1", lang.crashed_title())?, "id", "crashed-title");
    add("p", lang.crashed_text())?;
    let reload = add("a", lang.reload())?;
    attribute(&reload, "href", &dom::address());
    attribute(&reload, "class", "button primary");
    let copy = add("button", lang.copy_report())?;
    attribute(&copy, "class", "button");
    attribute(&copy, "data-testid", "copy-report");
    dom::copies(&copy, report);
    let pre = add("pre", report)?;
    attribute(&pre, "tabindex", "0");
    // What lies below no longer answers.
    if let Some(app) = dom::by_id("app") {
        attribute(&app, "inert", "");
    }
    document.body()?.append_child(&panel).ok()?;
    reload.dyn_into::<web_sys::HtmlElement>().ok()?.focus().ok()
}

/// Lets a test see the panel.
pub(crate) fn listen() {
    let Some(document) = dom::document() else { return };
    let closure = Closure::<dyn FnMut()>::new(|| panic!("a test asked for this"));
    let added = document
        .add_event_listener_with_callback(ASKED_FOR, closure.as_ref().unchecked_ref())
        .is_ok();
    if added {
        closure.forget();
    }
}
