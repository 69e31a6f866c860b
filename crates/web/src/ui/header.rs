//! The head of the page.

use crate::app::{App, Dialog, DialogMsg, Scope, lessons, prefs, text};
use yew::{Html, html};

/// Name, examples, language, colours, links.
pub(crate) fn header(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let (glyph, theme) = match app.prefs.theme.as_deref() {
        Some("light") => ("☀", lang.theme_light()),
        Some(_) => ("☾", lang.theme_dark()),
        None => ("◐", lang.theme_system()),
    };
    let open = |dialog| link.callback(move |_: web_sys::MouseEvent| DialogMsg::Show(Some(dialog)));
    html! {
        <header class="head">
            <h1 class="brand">{ super::svg::logo() }{ "podplay" }</h1>
            <p class="tagline">{ lang.tagline() }</p>
            <button class="button" data-testid="examples" aria-haspopup="dialog" onclick={open(Dialog::Examples)}>{ lang.examples() }</button>
            <button class="button" id="lessons-button" data-testid="lessons-open" aria-pressed={app.lessons.open.to_string()} onclick={link.callback(|_| lessons::Msg::Toggle)}>{ lang.lessons() }</button>
            if app.text.mine {
                <button class="button" data-testid="back-to-mine" onclick={link.callback(|_| text::Msg::BackToMine)}>{ lang.back_to_mine() }</button>
            }
            <span class="spring" />
            <button class="button quiet" data-testid="language" lang={lang.other().tag()} aria-label={lang.switch_language()} onclick={link.callback(|_| prefs::Msg::Language)}>
                { lang.other().own_name() }
            </button>
            <button class="button quiet icon" data-testid="theme" aria-label={theme} title={theme} onclick={link.callback(|_| prefs::Msg::Theme)}>{ glyph }</button>
            <button class="button quiet icon roomy-only" aria-label={lang.help()} title={lang.help()} onclick={open(Dialog::Help)}>{ "?" }</button>
            <button class="button primary" data-testid="share" aria-haspopup="dialog" onclick={open(Dialog::Share)}>{ lang.share() }</button>
        </header>
    }
}
