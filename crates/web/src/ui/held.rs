//! What stands in the place of the stage when the text was lost the last time, and is not run.

use crate::app::{App, Dialog, DialogMsg, Scope, text};
use crate::safety::{self, Lost};
use yew::{Html, html};

/// What happened, and what can be done now.
pub(crate) fn held(app: &App, lost: Lost, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let what = match lost {
        Lost::Panic => lang.held_panic(),
        Lost::Memory => lang.held_memory(),
        Lost::Frozen => lang.held_frozen(),
    };
    let text = app.text.text.clone();
    let copy = link.callback(move |_| DialogMsg::Copy(safety::report(&text)));
    html! {
        <section class="held" role="alert" data-testid="held">
            <h2>{ lang.held_title() }</h2>
            <p>{ what }</p>
            <p class="row">
                <button class="button primary" data-testid="held-edit" onclick={link.callback(|_| text::Msg::EditText)}>{ lang.held_edit() }</button>
                <button class="button" data-testid="held-again" onclick={link.callback(|_| text::Msg::RunAgain)}>{ lang.held_again() }</button>
                <button class="button" data-testid="held-example" onclick={link.callback(|_| DialogMsg::Show(Some(Dialog::Examples)))}>{ lang.held_example() }</button>
                <button class="button" data-testid="held-copy" onclick={copy}>{ if app.dialogs.copied { lang.copied() } else { lang.copy_report() } }</button>
            </p>
        </section>
    }
}
