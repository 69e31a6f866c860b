//! The line to an engine: questions go out as bytes, answers and the news of its end come in.

use podplay_protocol::{Answer, Request, from_bytes, to_bytes};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/bridge.js")]
extern "C" {
    type Line;
    #[wasm_bindgen(js_name = engineStart)]
    fn start(heard: &Closure<dyn Fn(Vec<u8>)>, lost: &Closure<dyn Fn(String, String)>) -> Line;
    #[wasm_bindgen(js_name = engineAsk)]
    fn ask(line: &Line, bytes: js_sys::Uint8Array);
    #[wasm_bindgen(js_name = engineStop)]
    fn stop(line: &Line);
}

/// An engine; it ends when this is dropped.
pub(crate) struct Engine {
    line: Line,
    _heard: Closure<dyn Fn(Vec<u8>)>,
    _lost: Closure<dyn Fn(String, String)>,
}

impl Engine {
    /// Starts an engine. `lost` hears how it ended, `panic`, `memory` or `start`, and the words of that.
    pub(crate) fn start(
        heard: impl Fn(Answer) + 'static,
        lost: impl Fn(String, String) + 'static,
    ) -> Self {
        let heard = Closure::<dyn Fn(Vec<u8>)>::new(move |bytes: Vec<u8>| {
            // What another build says is not understood.
            if let Some(answer) = from_bytes(&bytes) {
                heard(answer);
            }
        });
        let lost = Closure::<dyn Fn(String, String)>::new(lost);
        Self { line: start(&heard, &lost), _heard: heard, _lost: lost }
    }
    /// Asks.
    pub(crate) fn ask(&self, request: &Request) {
        ask(&self.line, js_sys::Uint8Array::from(to_bytes(request).as_slice()));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        stop(&self.line);
    }
}
