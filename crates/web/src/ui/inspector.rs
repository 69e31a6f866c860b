//! The inspector: why, and what kubectl says at the playhead.

use super::format;
use crate::app::{App, Scope, play, view};
use crate::lang::Lang;
use podplay_api::SimTime;
use podplay_protocol::{Frame, Link, Remedies, Said, Tab};
use std::rc::Rc;
use yew::{Callback, Html, KeyboardEvent, classes, html};

/// What the inspector needs.
#[derive(Clone, PartialEq)]
pub(crate) struct Inspector {
    /// What it shows.
    pub(crate) frame: Rc<Frame>,
    /// Which tab.
    pub(crate) tab: Tab,
    /// Whether the logs are of the instance before.
    pub(crate) previous: bool,
    /// What holds things up.
    pub(crate) said: Rc<Said>,
    /// What would mend it.
    pub(crate) remedies: Rc<Remedies>,
    /// When the chosen record was, if one is.
    pub(crate) pinned: Option<SimTime>,
    /// The terminal.
    pub(crate) terminal: super::terminal::Screen,
    /// The language.
    pub(crate) lang: Lang,
}

/// The tabs: which, its name, its id.
fn tabs(lang: Lang) -> [(Tab, &'static str, &'static str); 5] {
    [
        (Tab::Why, lang.tab_why(), "why"),
        (Tab::Describe, "describe", "describe"),
        (Tab::Events, "events", "events"),
        (Tab::Logs, "logs", "logs"),
        (Tab::Yaml, "yaml", "yaml"),
    ]
}

/// The inspector.
pub(crate) fn inspector(view: &Inspector, link: &Scope) -> Html {
    html! {
        <div class="inspector" data-testid="inspector">
            <div class="tabs" role="tablist" aria-label={view.lang.inspector_label()} data-keys="tabs" onkeydown={arrows(view, link)}>
                { for tabs(view.lang).into_iter().map(|(tab, name, id)| {
                    let chosen = tab == view.tab;
                    html! {
                        <button role="tab" id={format!("tab-{id}")} data-tab={id} aria-selected={chosen.to_string()} aria-controls="tab-panel"
                            tabindex={if chosen { "0" } else { "-1" }} class={classes!("tab", chosen.then_some("chosen"))}
                            onclick={link.callback(move |_| view::Msg::Tab(tab))}>{ name }</button>
                    }
                }) }
            </div>
            <div class="tab-panel" role="tabpanel" id="tab-panel" tabindex="0" aria-label={view.frame.command.clone().unwrap_or_else(|| view.lang.tab_why().to_owned())}>
                { if view.tab == Tab::Why { why(view, link) } else { printed(view, link) } }
            </div>
            { super::terminal::terminal(&view.terminal, &view.frame, view.lang, link) }
        </div>
    }
}

/// Arrow keys between tabs, as everywhere.
fn arrows(view: &Inspector, link: &Scope) -> Callback<KeyboardEvent> {
    let order = tabs(view.lang).map(|(tab, _, id)| (tab, id));
    let at = order.iter().position(|(tab, _)| *tab == view.tab).unwrap_or(0);
    let link = link.clone();
    Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % order.len(),
            "ArrowLeft" => (at + order.len() - 1) % order.len(),
            _ => return,
        };
        event.prevent_default();
        crate::dom::focus(&format!("tab-{}", order[to].1));
        link.send_message(view::Msg::Tab(order[to].0));
    })
}

fn why(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    // What a person has chosen comes first, and says that it stays.
    let verdict = super::verdict::verdict(&view.said, &view.remedies, lang, link);
    let Some(first) = view.frame.why.first() else {
        return html! { <div class="why">{ verdict }<p class="quiet-note">{ lang.why_nothing() }</p></div> };
    };
    let judged = !view.said.verdicts.is_empty();
    let head = format::rich(&first.text);
    html! {
        <div class="why">
            if let Some(at) = view.pinned {
                <p class="pinned" data-testid="pinned">{ lang.pinned(format::moment(at)) }
                    <button class="button quiet icon" data-testid="unpin" aria-label={lang.unpin()} title={lang.unpin()} onclick={link.callback(|_| view::Msg::Unpin)}>{ "✕" }</button></p>
                <h2>{ head.clone() }</h2>
            } else {
                { verdict.clone() }
                if judged { <h3>{ lang.why_before() }</h3><p class="chain-head">{ head.clone() }</p> } else { <h2>{ head }</h2> }
            }
            <p class="why-when">{ lang.why_at(format::moment(first.at)) }{ place(first, lang, link) }</p>
            { next(view, link) }
            <ol class="chain">
                { for view.frame.why.iter().skip(1).map(|cause| {
                    let (record, at) = (cause.record, cause.at);
                    html! {
                        <li>
                            <button class="when" onclick={link.callback(move |_| play::Msg::Record(Some(record), at))}>{ format::moment(at) }</button>
                            <span>{ format::rich(&cause.text) }{ place(cause, lang, link) }</span>
                        </li>
                    }
                }) }
            </ol>
            if view.pinned.is_some() { { verdict } }
        </div>
    }
}

/// What comes next: what its pods will show, or the next record that says something. That nothing changes any more is
/// said only of a run that is known to its end, and in which nothing more is recorded.
fn next(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    let later = view.said.next.iter().flatten().find(|(at, _)| *at > view.frame.at);
    let coming = match (later, &view.frame.next) {
        (Some(shows), Some(record)) => Some(if shows.0 <= record.0 { shows } else { record }),
        (shows, record) => shows.or(record.as_ref()),
    };
    let text = match coming {
        Some((at, text)) => {
            let at = *at;
            html! { <p><button class="when" onclick={link.callback(move |_| play::Msg::Record(None, at))}>{ format::moment(at) }</button>{ " " }{ format::rich(text) }</p> }
        }
        None if view.said.next.is_none() => return Html::default(),
        None if view.frame.goes_on => html! { <p class="quiet-note">{ lang.why_next_same() }</p> },
        None => html! { <p class="quiet-note">{ lang.why_next_nothing() }</p> },
    };
    html! { <div class="next"><h3>{ lang.why_next() }</h3>{ text }</div> }
}

/// The line of the text that a cause goes back to.
fn place(cause: &Link, lang: Lang, link: &Scope) -> Html {
    let Some((line, field)) = cause.place.clone() else { return Html::default() };
    html! {
        <>{ " " }<button class="link" onclick={link.callback(move |_| App::reveal(line as usize))}>{ format!("{field} ({})", lang.why_line(line)) }</button></>
    }
}

fn printed(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    let empty = view.frame.text.trim().is_empty();
    html! {
        <>
            <div class="command-line">
                <code>{ "$ kubectl " }{ view.frame.command.clone().unwrap_or_default() }</code>
                if view.tab == Tab::Logs {
                    <label class="check"><input type="checkbox" checked={view.previous} onchange={
                        let previous = view.previous;
                        link.callback(move |_| view::Msg::Previous(!previous))
                    } />{ lang.previous_log() }</label>
                }
            </div>
            if empty && view.tab == Tab::Logs { <p class="quiet-note">{ lang.nothing_logged() }</p> } else { <pre class={classes!("printed", (view.tab == Tab::Events).then_some("wraps"))}>{ &view.frame.text }</pre> }
        </>
    }
}
