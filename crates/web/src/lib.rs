//! The Yew page and the embed entry points.

use yew::{Html, component, html};

/// The whole page.
#[component]
pub fn App() -> Html {
    html! {
        <main>
            <h1>{ "podplay" }</h1>
            <textarea aria-label="Manifest" data-testid="editor" />
        </main>
    }
}
