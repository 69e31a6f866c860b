//! The editor: a textarea that works at once, and a code editor in its place when the browser has fetched it.

use crate::lang::Lang;
use podplay_protocol::{Finding, Severity};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, html};

#[wasm_bindgen(module = "/js/bridge.js")]
extern "C" {
    type Handle;
    #[wasm_bindgen(js_name = openEditor)]
    fn open(
        textarea: &HtmlTextAreaElement,
        host: &HtmlElement,
        changed: &Closure<dyn Fn(String)>,
        complete: &Closure<dyn Fn(String, u32, bool, js_sys::Function)>,
        explain: &Closure<dyn Fn(String, u32, js_sys::Function)>,
        cursor: &Closure<dyn Fn(u32)>,
    ) -> Handle;
    #[wasm_bindgen(js_name = editorSetText)]
    fn set_text(editor: &Handle, text: &str);
    #[wasm_bindgen(js_name = editorSetLabel)]
    fn set_label(editor: &Handle, label: &str);
    #[wasm_bindgen(js_name = editorSetDiagnostics)]
    fn set_diagnostics(editor: &Handle, json: &str);
    #[wasm_bindgen(js_name = editorSetCauses)]
    fn set_causes(editor: &Handle, lines: &[u32]);
    #[wasm_bindgen(js_name = editorReveal)]
    fn reveal(editor: &Handle, line: u32);
    #[wasm_bindgen(js_name = editorFocus)]
    fn focus(editor: &Handle);
    #[wasm_bindgen(js_name = editorUndo)]
    fn undo(editor: &Handle);
}

/// Findings; the same ones found again are others, since the editor may have lost their marks meanwhile.
#[derive(Clone)]
pub(crate) struct Findings(pub(crate) std::rc::Rc<[Finding]>);

impl PartialEq for Findings {
    fn eq(&self, other: &Self) -> bool {
        std::rc::Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What the editor shows, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The text; one that differs from what is shown replaces it, as one change that can be undone.
    pub(crate) text: std::rc::Rc<str>,
    /// Findings, underlined where they stand.
    pub(crate) findings: Findings,
    /// Lines that caused what is selected.
    pub(crate) causes: std::rc::Rc<[u32]>,
    /// A wish that counts up with each wish, so that the same one can be made twice.
    pub(crate) wish: (u32, Wish),
    /// Hears of each change.
    pub(crate) changed: Callback<String>,
    /// Hears of each question; the answer comes when it is there.
    pub(crate) asks: Callback<Hint>,
    /// The language of its name.
    pub(crate) lang: Lang,
}

/// What the page asks of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    #[default]
    Nothing,
    /// Show a line and put the cursor there.
    Reveal(u32),
    /// Take the keyboard.
    Focus,
    /// Undo the last change.
    Undo,
}

/// What the editor wants to know.
#[derive(Debug)]
pub struct Hint {
    /// The text.
    pub(crate) text: String,
    /// The place in it, in UTF-16 units.
    pub(crate) offset: u32,
    /// For completion, whether a person asked for it; otherwise the field at the place is meant.
    pub(crate) complete: Option<bool>,
    /// Hears the answer as JSON.
    pub(crate) done: js_sys::Function,
}

/// The closures that the browser calls; they live as long as the editor.
struct Ears {
    changed: Closure<dyn Fn(String)>,
    complete: Closure<dyn Fn(String, u32, bool, js_sys::Function)>,
    explain: Closure<dyn Fn(String, u32, js_sys::Function)>,
    cursor: Closure<dyn Fn(u32)>,
}

/// The component.
pub(crate) struct Editor {
    textarea: NodeRef,
    host: NodeRef,
    ears: Ears,
    handle: Option<Handle>,
}

impl Component for Editor {
    type Message = ();
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let changed = ctx.props().changed.clone();
        let (completes, explains) = (ctx.props().asks.clone(), ctx.props().asks.clone());
        let ears = Ears {
            changed: Closure::new(move |text| changed.emit(text)),
            complete: Closure::new(move |text: String, offset, explicit, done| {
                completes.emit(Hint { text, offset, complete: Some(explicit), done });
            }),
            explain: Closure::new(move |text: String, offset, done| {
                explains.emit(Hint { text, offset, complete: None, done });
            }),
            cursor: Closure::new(|_| {}),
        };
        Self { textarea: NodeRef::default(), host: NodeRef::default(), ears, handle: None }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        let (Some(handle), new) = (&self.handle, ctx.props()) else { return false };
        if new.text != old.text {
            set_text(handle, &new.text);
        }
        if new.findings != old.findings {
            set_diagnostics(handle, &marks(&new.text, &new.findings.0));
        }
        if new.causes != old.causes {
            set_causes(handle, &new.causes);
        }
        if new.lang != old.lang {
            set_label(handle, new.lang.editor_label());
        }
        if new.wish != old.wish {
            match new.wish.1 {
                Wish::Nothing => {}
                Wish::Reveal(line) => reveal(handle, line),
                Wish::Focus => focus(handle),
                Wish::Undo => undo(handle),
            }
        }
        false
    }

    fn view(&self, _: &Context<Self>) -> Html {
        html! {
            <div class="editor">
                <textarea ref={self.textarea.clone()} data-testid="editor" spellcheck="false" autocomplete="off"
                    autocapitalize="off" wrap="off" />
                <div ref={self.host.clone()} class="editor-host" hidden=true />
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        let (Some(textarea), Some(host)) =
            (self.textarea.cast::<HtmlTextAreaElement>(), self.host.cast::<HtmlElement>())
        else {
            return;
        };
        if first {
            textarea.set_value(&ctx.props().text);
            let _ = textarea.set_attribute("aria-label", ctx.props().lang.editor_label());
            let Ears { changed, complete, explain, cursor } = &self.ears;
            let handle = open(&textarea, &host, changed, complete, explain, cursor);
            set_diagnostics(&handle, &marks(&ctx.props().text, &ctx.props().findings.0));
            self.handle = Some(handle);
        }
    }
}

/// The findings for the editor: offsets in UTF-16 units.
fn marks(text: &str, findings: &[Finding]) -> String {
    let units = |offset: usize| {
        text.get(..offset.min(text.len())).map_or(0, |before| before.encode_utf16().count())
    };
    let marks = findings.iter().take(200).map(|finding| {
        // The names that the code editor knows.
        let severity = match finding.severity {
            Severity::Advice => "hint",
            other => severity_class(other),
        };
        let message = finding.help.as_ref().map_or_else(|| finding.message.clone(), |help| format!("{}\n{help}", finding.message));
        serde_json::json!({"from": units(finding.start), "to": units(finding.end), "severity": severity, "message": message})
    });
    serde_json::Value::Array(marks.collect()).to_string()
}

/// The class of a severity.
pub(crate) const fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
        Severity::Info => "info",
    }
}
