//! The inspector: why, and what kubectl says at the playhead.

use super::format;
use crate::app::{App, Msg, Panel, PodRow, Scope, Tab};
use crate::lang::Lang;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::{Callback, Html, KeyboardEvent, SubmitEvent, classes, html};

/// What the inspector needs.
#[derive(Clone)]
pub(crate) struct Inspector {
    /// What it shows.
    pub(crate) panel: Rc<Panel>,
    /// Which tab.
    pub(crate) tab: Tab,
    /// The command of the tab.
    pub(crate) command: Option<String>,
    /// Whether the logs are of the instance before.
    pub(crate) previous: bool,
    /// The commands that were typed, with their answers.
    pub(crate) answers: Rc<Vec<(String, String)>>,
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
                            onclick={link.callback(move |_| Msg::Tab(tab))}>{ name }</button>
                    }
                }) }
            </div>
            <div class="tab-panel" role="tabpanel" id="tab-panel" tabindex="0" aria-label={view.command.clone().unwrap_or_else(|| view.lang.tab_why().to_owned())}>
                { if view.tab == Tab::Why { why(view, link) } else { printed(view, link) } }
            </div>
            { terminal(view, link) }
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
        link.send_message(Msg::Tab(order[to].0));
    })
}

#[inline(never)]
fn why(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    let Some(first) = view.panel.why.first() else {
        return html! { <p class="quiet-note">{ lang.why_nothing() }</p> };
    };
    html! {
        <div class="why">
            <h2>{ format::rich(&first.text) }</h2>
            <p class="why-when">{ lang.why_at(format::moment(first.at)) }{ place(first, lang, link) }</p>
            <div class="next">
                <h3>{ lang.why_next() }</h3>
                { match &view.panel.next {
                    Some((at, text)) => {
                        let at = *at;
                        html! { <p><button class="when" onclick={link.callback(move |_| Msg::Record(None, at))}>{ format::moment(at) }</button>{ " " }{ format::rich(text) }</p> }
                    }
                    None => html! { <p class="quiet-note">{ lang.why_next_nothing() }</p> },
                } }
            </div>
            <ol class="chain">
                { for view.panel.why.iter().skip(1).map(|cause| {
                    let (record, at) = (cause.record, cause.at);
                    html! {
                        <li>
                            <button class="when" onclick={link.callback(move |_| Msg::Record(Some(record), at))}>{ format::moment(at) }</button>
                            <span>{ format::rich(&cause.text) }{ place(cause, lang, link) }</span>
                        </li>
                    }
                }) }
            </ol>
        </div>
    }
}

/// The line of the text that a cause goes back to.
fn place(cause: &crate::why::Link, lang: Lang, link: &Scope) -> Html {
    let Some((line, field)) = cause.place.clone() else { return Html::default() };
    html! {
        <>{ " " }<button class="link" onclick={link.callback(move |_| App::reveal(line as usize))}>{ format!("{field} ({})", lang.why_line(line)) }</button></>
    }
}

#[inline(never)]
fn printed(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    let empty = view.panel.text.trim().is_empty();
    html! {
        <>
            <div class="command-line">
                <code>{ "$ kubectl " }{ view.command.clone().unwrap_or_default() }</code>
                if view.tab == Tab::Logs {
                    <label class="check"><input type="checkbox" checked={view.previous} onchange={
                        let previous = view.previous;
                        link.callback(move |_| Msg::Previous(!previous))
                    } />{ lang.previous_log() }</label>
                }
            </div>
            if empty && view.tab == Tab::Logs { <p class="quiet-note">{ lang.nothing_logged() }</p> } else { <pre class="printed">{ &view.panel.text }</pre> }
        </>
    }
}

/// A line of `kubectl get pods`; a row of a pod asks why it shows what it shows.
fn pod_row(PodRow { line, state }: &PodRow, view: &Inspector, link: &Scope) -> Html {
    let Some((chosen, record, at)) = state.clone() else {
        return html! { <>{ line }{ "\n" }</> };
    };
    let label = view.lang.why_row(line.split_whitespace().collect::<Vec<_>>().join(" "));
    let ask = link.batch_callback(move |_: yew::MouseEvent| {
        vec![Msg::Select(Some(chosen.clone())), Msg::Record(Some(record), at)]
    });
    html! { <><button class="pod-row" aria-label={label} onclick={ask}>{ line }</button>{ "\n" }</> }
}

/// What `kubectl get pods` prints, and a line to type in.
#[inline(never)]
fn terminal(view: &Inspector, link: &Scope) -> Html {
    let lang = view.lang;
    let submit = link.batch_callback(|event: SubmitEvent| {
        event.prevent_default();
        let input =
            crate::dom::by_id("terminal-input")?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
        let line = input.value();
        input.set_value("");
        Some(Msg::Command(line))
    });
    html! {
        <section class="terminal" aria-label={lang.terminal()}>
            <div class="screen" tabindex="0" role="group" aria-label="kubectl get pods">
                <pre class="printed"><span class="prompt">{ "$ " }</span>{ "kubectl get pods\n" }<span data-testid="pods-table">{ for view.panel.pods.iter().map(|line| pod_row(line, view, link)) }</span>
                </pre>
            </div>
            if !view.answers.is_empty() {
                <div class="scrollback" tabindex="0" role="log" aria-label={lang.terminal_log()}>
                    <pre class="printed">{ for view.answers.iter().map(|(command, output)| html! {
                        <><span class="prompt">{ "$ " }</span><span class="typed">{ format!("kubectl {command}") }</span>{ format!("\n{}\n", output.trim_end()) }</>
                    }) }</pre>
                </div>
            }
            <form class="command" onsubmit={submit}>
                <span class="prompt" aria-hidden="true">{ "$" }</span>
                <input id="terminal-input" data-testid="terminal" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-label={lang.terminal()} placeholder={lang.terminal_hint()} onkeydown={recall(&view.answers)} />
            </form>
        </section>
    }
}

/// The arrow keys bring back what was typed before.
fn recall(answers: &Rc<Vec<(String, String)>>) -> Callback<KeyboardEvent> {
    let answers = Rc::clone(answers);
    Callback::from(move |event: KeyboardEvent| {
        let back = match event.key().as_str() {
            "ArrowUp" => true,
            "ArrowDown" => false,
            _ => return,
        };
        let input =
            event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        event.prevent_default();
        // Where the walk stands is what the line holds.
        let held = input.value();
        let here =
            answers.iter().rposition(|(command, _)| *command == held).unwrap_or(answers.len());
        let to = if back {
            answers[..here].iter().rposition(|(command, _)| *command != held)
        } else {
            Some(here + 1)
        };
        if let Some(to) = to {
            input.set_value(answers.get(to).map_or("", |(command, _)| command));
        }
    })
}
