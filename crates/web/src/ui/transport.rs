//! Play, pause, speed, steps, and breaking things.

use super::{format, svg};
use crate::app::{App, Dialog, DialogMsg, Scope, play, text, view};
use podplay_timeline::control::{Ask, SPEEDS};
use wasm_bindgen::JsCast;
use yew::{Callback, Event, Html, MouseEvent, classes, html};

/// The row between the panes and the timeline.
pub(crate) fn transport(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let playing = app.play.control.playing();
    let (label, path) = if playing { (lang.pause(), svg::PAUSE) } else { (lang.play(), svg::PLAY) };
    let ask = |ask: Ask| link.callback(move |_: MouseEvent| play::Msg::Ask(ask));
    let no_pod = app.view.selected.is_none();
    html! {
        <section class="transport" aria-label={lang.play()}>
            <div class="buttons">
                { round(lang.to_start(), svg::START, "to-start", ask(Ask::Seek(podplay_api::SimTime::ZERO))) }
                { round(lang.previous_record(), svg::BACK, "step-back", ask(Ask::Previous)) }
                <button class="round play" data-testid="play" aria-pressed={playing.to_string()} aria-label={label} title={label} onclick={ask(Ask::Toggle)}>{ svg::symbol(path) }</button>
                { round(lang.next_record(), svg::ON, "step-forward", ask(Ask::Next)) }
            </div>
            <p class="time"><span id="clock" class="clock">{ format::clock(app.play.control.at()) }</span><span class="clock-end">{ " / " }{ format::clock(app.play.end) }</span></p>
            <label class="speed"><span class="unseen">{ lang.speed() }</span>
                <select data-testid="speed" onchange={speed(link)}>
                    { for SPEEDS.iter().map(|speed| html! {
                        <option value={speed.to_string()} selected={*speed == app.play.control.speed()}>{ times(*speed) }</option>
                    }) }
                </select>
            </label>
            <button class="button quiet" data-testid="next-change" onclick={link.callback(|_| play::Msg::NextChange)}>{ lang.next_change() }</button>
            <button class="button quiet wide-only" data-testid="next-restart" onclick={link.callback(|_| play::Msg::NextRestart)}>{ lang.next_restart() }</button>
            { computing(app, link) }
            { range(app, link) }
            <span class="spring" />
            <button class="button" data-testid="faults" aria-haspopup="dialog" disabled={no_pod} onclick={link.callback(|_| DialogMsg::Show(Some(Dialog::Faults)))}>
                <span class="bolt" aria-hidden="true">{ "ϟ" }</span>{ lang.faults() }
            </button>
            <button class="button quiet roomy-only" data-testid="delete-pod" disabled={no_pod} onclick={link.callback(|_| text::Msg::DeletePod)}>{ lang.delete_pod() }</button>
            <span class="divider wide-only" />
            <button class="button quiet wide-only" data-testid="as-table" aria-haspopup="dialog" onclick={link.callback(|_| DialogMsg::Show(Some(Dialog::Table)))}>{ lang.as_table() }</button>
            <button class={classes!("button", "quiet", "wide-only")} aria-pressed={app.view.lanes.folded.to_string()} onclick={link.callback(|_| view::Msg::Fold)}>{ lang.fold() }</button>
            <button class={classes!("button", "quiet", "wide-only")} aria-pressed={app.view.lanes.conditions.to_string()} onclick={link.callback(|_| view::Msg::Conditions)}>{ lang.conditions() }</button>
            <span class="zoom">
                <button class="button quiet icon" aria-label={lang.zoom_out()} title={lang.zoom_out()} onclick={link.callback(|_| view::Msg::Zoom(1.0 / 0.6, None))}>{ "−" }</button>
                <button class="button quiet" onclick={link.callback(|_| view::Msg::Fit)}>{ lang.fit() }</button>
                <button class="button quiet icon" aria-label={lang.zoom_in()} title={lang.zoom_in()} onclick={link.callback(|_| view::Msg::Zoom(0.6, None))}>{ "+" }</button>
            </span>
        </section>
    }
}

fn round(
    label: &'static str,
    path: &'static str,
    id: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! { <button class="round" data-testid={id} aria-label={label} title={label} {onclick}>{ svg::symbol(path) }</button> }
}

fn speed(link: &Scope) -> Callback<Event> {
    link.callback(|event: Event| {
        let select =
            event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        play::Msg::Ask(Ask::Speed(
            select.and_then(|select| select.value().parse().ok()).unwrap_or(100),
        ))
    })
}

/// `0.25×`, `1000×`
fn times(speed: u32) -> String {
    let text = format!("{}.{:02}", speed / 100, speed % 100);
    format!("{}×", text.trim_end_matches('0').trim_end_matches('.'))
}

/// How far the run is computed, while it is.
fn computing(app: &App, link: &Scope) -> Html {
    let (now, end) = (app.play.known.as_nanos(), app.play.end.as_nanos().max(1));
    if now >= end || app.play.rev == 0 {
        return Html::default();
    }
    let percent = now / (end / 100).max(1);
    if !app.play.computing {
        return html! { <button class="button quiet" onclick={link.callback(|_| play::Msg::Compute(true))}>{ app.prefs.lang.stopped_computing() }</button> };
    }
    html! {
        <span class="computing">
            <progress max="100" value={percent.to_string()} aria-label={app.prefs.lang.computing(percent)} />
            <button class="button quiet icon" aria-label={app.prefs.lang.stop_computing()} title={app.prefs.lang.stop_computing()} onclick={link.callback(|_| play::Msg::Compute(false))}>{ "✕" }</button>
        </span>
    }
}

fn range(app: &App, link: &Scope) -> Html {
    let Some((from, to)) = app.play.control.range() else { return Html::default() };
    html! {
        <button class="button quiet chosen" title={app.prefs.lang.loop_off()} onclick={link.callback(|_| play::Msg::Ask(Ask::Loop(None)))}>
            { app.prefs.lang.loop_range(format::moment(from), format::moment(to)) }{ " ✕" }
        </button>
    }
}
