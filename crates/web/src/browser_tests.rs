//! The page in a browser: it draws, and a run goes the same way however it is computed.

use crate::examples;
use crate::ui::memo::{Content, Memo, Props};
use crate::{App, dom};
use podplay_api::SimTime;
use podplay_core::Budget;
use podplay_playback::{Run, digest};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::platform::time::sleep;
use yew::{Renderer, html};

wasm_bindgen_test_configure!(run_in_browser);

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

#[wasm_bindgen_test]
async fn the_page_draws_a_run() {
    let place = place();
    let app = Renderer::<App>::with_root(place.clone()).render();
    for _ in 0..100 {
        sleep(Duration::from_millis(50)).await;
        if place.query_selector("[data-testid=span][data-state=stopping]").ok().flatten().is_some()
        {
            break;
        }
    }
    for found in [
        "[data-testid=lane]",
        "[data-testid=span][data-state=running]",
        "[data-testid=play]",
        "[data-container]",
    ] {
        assert!(place.query_selector(found).ok().flatten().is_some(), "{found} is drawn");
    }
    assert!(
        place.query_selector("[style]").ok().flatten().is_none(),
        "no style attribute: the policy refuses it"
    );
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_part_is_drawn_again_only_with_a_new_version() {
    let drawn = Rc::new(Cell::new(0));
    let props = |version| {
        let drawn = Rc::clone(&drawn);
        let content = Content::new(move || {
            drawn.set(drawn.get() + 1);
            html! { <p>{ version }</p> }
        });
        Props { version, content }
    };
    let place = place();
    let mut memo = Renderer::<Memo>::with_root_and_props(place.clone(), props(1)).render();
    for (version, times) in [(1, 1), (2, 2), (2, 2)] {
        memo.update(props(version));
        sleep(Duration::from_millis(30)).await;
        assert_eq!(drawn.get(), times, "version {version}");
    }
    assert_eq!(place.text_content().as_deref(), Some("2"));
    memo.destroy();
}

#[wasm_bindgen_test]
fn a_run_in_slices_goes_as_one_in_one_piece() {
    for example in examples::ALL {
        let mut whole = Run::new((example.text)());
        whole.finish();
        let mut sliced = Run::new((example.text)());
        while sliced.now() < sliced.end() {
            let _ = sliced.advance(SimTime::MAX, &mut Budget(37));
        }
        assert_eq!(digest::of(whole.trace()), digest::of(sliced.trace()), "{}", example.id);
    }
}
