//! Mounts the page where `index.html` shows its loading state.

use podplay_web::App;

fn main() {
    // Yew would put its own hook in the place of one that was set otherwise.
    yew::set_custom_panic_hook(Box::new(podplay_web::on_panic));
    let document = web_sys::window().and_then(|window| window.document());
    let place = document.and_then(|document| document.get_element_by_id("app"));
    // A document without that place is somebody else's by now.
    if let Some(place) = place {
        yew::Renderer::<App>::with_root(place).render();
    }
}
