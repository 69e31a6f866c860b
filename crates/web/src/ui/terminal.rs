//! The terminal: the pods at the playhead, what was typed, and a line to type in.

use crate::app::terminal::{self, Answer};
use crate::app::{Msg, Scope, play, view};
use crate::lang::Lang;
use podplay_protocol::{Frame, PodRow};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::{Callback, Html, KeyboardEvent, SubmitEvent, html};

/// What the terminal shows.
#[derive(Clone, PartialEq)]
pub(crate) struct Screen {
    /// The commands that were typed, with their answers.
    pub(crate) answers: Rc<Vec<Answer>>,
    /// What was typed, the oldest first.
    pub(crate) history: Rc<Vec<String>>,
    /// Whether a command is in front that Ctrl-C ends.
    pub(crate) live: bool,
}

/// A line of `kubectl get pods`; a row of a pod asks why it shows what it shows.
fn pod_row(PodRow { line, state }: &PodRow, lang: Lang, link: &Scope) -> Html {
    let Some((chosen, record, at)) = state.clone() else {
        return html! { <>{ line }{ "\n" }</> };
    };
    let label = lang.why_row(line.split_whitespace().collect::<Vec<_>>().join(" "));
    let ask = link.batch_callback(move |_: yew::MouseEvent| {
        vec![
            Msg::from(view::Msg::Select(Some(chosen.clone()))),
            play::Msg::Record(Some(record), at).into(),
        ]
    });
    html! { <><button class="pod-row" aria-label={label} onclick={ask}>{ line }</button>{ "\n" }</> }
}

/// What `kubectl get pods` prints, what was typed, and a line to type in.
pub(crate) fn terminal(screen: &Screen, frame: &Frame, lang: Lang, link: &Scope) -> Html {
    let submit = link.batch_callback(|event: SubmitEvent| {
        event.prevent_default();
        let input = crate::dom::by_id("terminal-input")?.dyn_into::<HtmlInputElement>().ok()?;
        let line = input.value();
        input.set_value("");
        Some(Msg::from(terminal::Msg::Line(line)))
    });
    let command = format!("kubectl {}", frame.pods_command);
    html! {
        <section class="terminal" aria-label={lang.terminal()}>
            <div class="screen" tabindex="0" role="group" aria-label={command.clone()}>
                <pre class="printed"><span class="prompt">{ "$ " }</span>{ command }{ "\n" }<span data-testid="pods-table">{ for frame.pods.iter().map(|line| pod_row(line, lang, link)) }</span>
                </pre>
            </div>
            if !screen.answers.is_empty() {
                <div class="scrollback" tabindex="0" role="log" aria-label={lang.terminal_log()}>
                    <pre class="printed">{ for screen.answers.iter().map(answer) }</pre>
                </div>
            }
            <form class="command" onsubmit={submit}>
                <span class="prompt" aria-hidden="true">{ "$" }</span>
                <input id="terminal-input" data-testid="terminal" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-label={lang.terminal()} placeholder={lang.terminal_hint()} onkeydown={keys(screen, link)} />
                if screen.live {
                    <button class="button quiet" type="button" data-testid="interrupt" onclick={link.callback(|_| terminal::Msg::Interrupt)}>{ lang.terminal_stop() }</button>
                }
            </form>
        </section>
    }
}

fn answer(answer: &Answer) -> Html {
    let said = answer.said.trim_end();
    html! {
        <><span class="prompt">{ "$ " }</span><span class="typed">{ &answer.line }</span>{ "\n" }
            if !said.is_empty() { <span data-testid="answer">{ said }</span>{ "\n" } }
            if let Some(note) = &answer.note { <span class="terminal-note">{ note }</span>{ "\n" } }
        </>
    }
}

/// Arrows bring back what was typed before, Tab completes, Ctrl-C ends the command in front.
fn keys(screen: &Screen, link: &Scope) -> Callback<KeyboardEvent> {
    let history = Rc::clone(&screen.history);
    let link = link.clone();
    Callback::from(move |event: KeyboardEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        match event.key().as_str() {
            key @ ("ArrowUp" | "ArrowDown") => {
                event.prevent_default();
                recall(&history, &input, key == "ArrowUp");
            }
            "Tab" if !event.shift_key() => complete(&event, &input, &link),
            "c" if event.ctrl_key() && input.selection_start() == input.selection_end() => {
                event.prevent_default();
                input.set_value("");
                link.send_message(terminal::Msg::Interrupt);
            }
            _ => {}
        }
    })
}

/// Tab completes; a second one that could change nothing leaves the line, as does one in an empty line.
fn complete(event: &KeyboardEvent, input: &HtmlInputElement, link: &Scope) {
    const TRIED: &str = "data-tried";
    let line = input.value();
    let tried = input.get_attribute(TRIED).as_deref() == Some(line.as_str());
    if line.trim().is_empty() || tried {
        let _ = input.remove_attribute(TRIED);
        return;
    }
    event.prevent_default();
    crate::dom::set_on(input, TRIED, &line);
    link.send_message(terminal::Msg::Complete(line));
}

fn recall(history: &[String], input: &HtmlInputElement, back: bool) {
    // Where the walk stands is what the line holds.
    let held = input.value();
    let here = history.iter().rposition(|line| *line == held).unwrap_or(history.len());
    let to = match back {
        true => history[..here].iter().rposition(|line| *line != held),
        false => Some(here + 1),
    };
    if let Some(to) = to {
        input.set_value(history.get(to).map_or("", String::as_str));
    }
}
