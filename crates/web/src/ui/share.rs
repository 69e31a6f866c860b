//! The dialog of links and files.

use super::format;
use crate::app::{App, DialogMsg, Msg, Scope};
use crate::dom;
use crate::lang::Lang;
use wasm_bindgen::JsCast;
use yew::{Html, html};

/// Its content.
pub(super) fn share(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let address = app.share_link();
    let on = app.dialogs.share_moment;
    html! {
        <div class="dialog-body">
            <p class="quiet-note">{ lang.share_note() }</p>
            { copyable(lang.share_link(), "share-link", address.clone(), lang, link) }
            <label class="check"><input type="checkbox" checked={on} onchange={link.callback(move |_| DialogMsg::ShareMoment(!on))} />
                { lang.share_with_moment() }{ " " }<b>{ format::moment(app.play.control.at()) }</b></label>
            { copyable(lang.share_markdown(), "share-markdown", format!("[podplay]({address})"), lang, link) }
            { copyable(lang.share_embed(), "share-embed", app.embed_code(), lang, link) }
            { copyable(lang.share_apply(), "share-apply", app.apply_command(), lang, link) }
            { files(app, link) }
            if let Some(digest) = app.text.digest() {
                <p class="quiet-note">{ lang.share_digest() }{ " " }<code data-testid="digest">{ format!("{digest:016x}") }</code></p>
            }
            <p class="unseen" role="status">{ if app.dialogs.copied { lang.copied() } else { "" } }</p>
        </div>
    }
}

/// What can be saved as a file.
fn files(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let text = app.text.text.to_string();
    html! {
        <div>
            <p class="row-title">{ lang.share_save() }</p>
            <p class="row">
                <button class="button" data-testid="save-text" onclick={link.callback(move |_| DialogMsg::Download("podplay.yaml", "application/yaml", text.clone()))}>{ lang.share_download() }</button>
                <button class="button" data-testid="save-svg" onclick={link.batch_callback(|_| {
                    let picture = dom::timeline_svg();
                    (!picture.is_empty()).then(|| Msg::from(DialogMsg::Download("podplay.svg", "image/svg+xml", picture)))
                })}>{ lang.share_svg() }</button>
                <button class="button" data-testid="save-trace" onclick={link.callback(|_| DialogMsg::SaveTrace)}>{ lang.share_trace() }</button>
            </p>
        </div>
    }
}

fn copyable(label: &'static str, id: &'static str, text: String, lang: Lang, link: &Scope) -> Html {
    let copy = {
        let text = text.clone();
        link.callback(move |event: yew::MouseEvent| {
            // What is copied is seen at the button itself.
            if let Some(button) =
                event.target().and_then(|one| one.dyn_into::<web_sys::Element>().ok())
            {
                dom::flash(&button, lang.copied());
            }
            DialogMsg::Copy(text.clone())
        })
    };
    // What has lines shows them: nobody should paste what cannot be seen.
    let field = if text.contains('\n') {
        html! { <textarea {id} data-testid={id} readonly=true rows="3" wrap="off" value={text} /> }
    } else {
        html! { <input {id} data-testid={id} type="text" readonly=true value={text} /> }
    };
    html! {
        <div class="copyable">
            <label for={id}>{ label }</label>
            <span class="row">{ field }<button class="button" onclick={copy}>{ lang.copy() }</button></span>
        </div>
    }
}
