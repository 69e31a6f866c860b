//! The engine in a browser: bytes in, bytes out. The script around it (`www/engine-host.js`) runs it in a worker, or
//! in slices beside the page.

#[cfg(target_arch = "wasm32")]
mod host {
    use js_sys::{Function, Uint8Array};
    use podplay_engine::Engine;
    use podplay_protocol::{from_bytes, to_bytes};
    use std::cell::RefCell;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        /// The same in a worker and beside a page.
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }

    thread_local! {
        /// Who hears of a panic.
        static LOST: RefCell<Option<Function>> = const { RefCell::new(None) };
    }

    /// An engine with its voice.
    #[wasm_bindgen]
    pub struct Host {
        engine: Engine,
        say: Function,
    }

    #[wasm_bindgen]
    impl Host {
        /// `say` hears each answer as bytes, `lost` the words of a panic.
        #[wasm_bindgen(constructor)]
        pub fn new(say: Function, lost: Function) -> Self {
            LOST.set(Some(lost));
            std::panic::set_hook(Box::new(|info| {
                let said = JsValue::from_str(&info.to_string());
                LOST.with_borrow(|lost| {
                    lost.as_ref().map(|lost| lost.call1(&JsValue::NULL, &said))
                });
            }));
            let mut host = Self { engine: Engine::new(now), say };
            host.tell();
            host
        }

        /// Takes a question.
        pub fn ask(&mut self, bytes: &[u8]) {
            // What another build asks is not understood.
            if let Some(request) = from_bytes(bytes) {
                self.engine.handle(request);
                self.tell();
            }
        }

        /// Does a slice of work; whether there is more.
        pub fn work(&mut self) -> bool {
            let more = self.engine.work();
            self.tell();
            more
        }

        fn tell(&mut self) {
            for answer in self.engine.answers() {
                let bytes = Uint8Array::from(to_bytes(&answer).as_slice());
                // Whoever does not listen any more hears nothing.
                let _ = self.say.call1(&JsValue::NULL, &bytes);
            }
        }
    }
}

fn main() {}
