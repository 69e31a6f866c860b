//! The page in a browser: it draws, and asks an engine.

use crate::app::Scope;
use crate::ui::memo::{Memo, Props};
use crate::{App, dom};
use std::cell::Cell;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::platform::time::sleep;
use yew::{Html, Renderer, html};

wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    /// How often the part was drawn.
    static DRAWN: Cell<u32> = const { Cell::new(0) };
}

/// A place of its own in the test's document.
fn place() -> web_sys::Element {
    let document = dom::document().expect("a browser has a document");
    let place = document.create_element("div").expect("div is a name");
    document
        .body()
        .expect("a document has a body")
        .append_child(&place)
        .expect("a body takes children");
    place
}

/// An engine that never answers, in the place of the one that `www/boot.js` starts.
fn silent_engine() {
    let engine = "return { asked: 0, listen() {}, ask() { globalThis.asked = (globalThis.asked ?? 0) + 1; }, stop() {} };";
    let start = js_sys::Function::new_no_args(engine);
    js_sys::Reflect::set(&js_sys::global(), &"podplayEngine".into(), &start)
        .expect("it is an object");
}

#[wasm_bindgen_test]
async fn the_page_is_there_before_the_engine_answers() {
    silent_engine();
    let place = place();
    let app = Renderer::<App>::with_root(place.clone()).render();
    sleep(Duration::from_millis(100)).await;
    for found in ["[data-testid=play]", "[data-testid=stage]", "[data-testid=playhead]"] {
        assert!(place.query_selector(found).ok().flatten().is_some(), "{found} is drawn");
    }
    assert!(
        place.query_selector("[style]").ok().flatten().is_none(),
        "no style attribute: the policy refuses it"
    );
    let asked = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("asked"));
    assert!(asked.is_ok_and(|asked| asked.as_f64() >= Some(1.0)), "the text is to be opened");
    // A part is drawn again only when what it shows differs.
    let props = |view| Props { view, draw, link: Scope::clone(&app) };
    let part = crate::browser_tests::place();
    let mut memo = Renderer::<Memo<u32>>::with_root_and_props(part.clone(), props(1)).render();
    for (view, times) in [(1, 1), (2, 2), (2, 2)] {
        memo.update(props(view));
        sleep(Duration::from_millis(30)).await;
        assert_eq!(DRAWN.get(), times, "view {view}");
    }
    assert_eq!(part.text_content().as_deref(), Some("2"));
    memo.destroy();
    app.destroy();
}

fn draw(view: &u32, _: &Scope) -> Html {
    DRAWN.set(DRAWN.get() + 1);
    html! { <p>{ *view }</p> }
}
