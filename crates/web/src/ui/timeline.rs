//! The timeline: lanes painted from their geometry, and what hands do on it.

mod hands;
mod rows;

use super::memo::Shared;
use super::{format, svg};
use crate::app::{Msg, Scope, play, text, view};
use crate::dom;
use crate::lang::Lang;
use podplay_api::RecordId;
use podplay_api::SimTime;
use podplay_protocol::{Entry, Said, Selection};
use podplay_timeline::Ask;
use podplay_timeline::layout::{Layout, View};
use podplay_timeline::scale::{moment, seconds};
use std::cell::Cell;
use std::rc::Rc;
use yew::{Html, KeyboardEvent, classes, html};

/// Height of the axis.
const AXIS: f64 = 30.0;
/// Height of the row of flags above it, if there are any.
const FLAGS: f64 = 20.0;
/// Room behind the plot, half a playhead wide.
const MARGIN: f64 = 30.0;
/// Room for the names, where there is little and where there is enough.
const NARROW: f64 = 96.0;
const WIDE: f64 = 208.0;
/// Width of the page, in pixels, from which on there is enough.
const MIDDLE: i32 = 640;
/// Height of the overview.
const OVERVIEW: f64 = 26.0;

/// What the timeline needs.
#[derive(Clone, PartialEq)]
pub(crate) struct TimelineView {
    /// The window in pixels.
    pub(crate) layout: Shared<Layout>,
    /// The whole run in pixels.
    pub(crate) overview: Shared<Layout>,
    /// What is shown.
    pub(crate) view: View,
    /// The end of the run.
    pub(crate) end: SimTime,
    /// The entries of the Scenario.
    pub(crate) entries: Rc<[Entry]>,
    /// What holds things up.
    pub(crate) said: Rc<Said>,
    /// The chosen record.
    pub(crate) record: Option<RecordId>,
    /// The chosen pod.
    pub(crate) selected: Option<Selection>,
    /// The repeated range.
    pub(crate) range: Option<(SimTime, SimTime)>,
    /// Namespace and name of the pods.
    pub(crate) pods: Rc<[(String, String)]>,
    /// The language.
    pub(crate) lang: Lang,
}

thread_local! {
    /// The room for the names on this page: it follows from the page's width, not from the plot's.
    static NAMES: Cell<f64> = const { Cell::new(WIDE) };
}

/// Width of the names beside the plot.
pub(crate) fn labels() -> f64 {
    NAMES.get()
}

/// The room for the plot on this page.
pub(crate) fn plot_width() -> Option<f64> {
    let whole = dom::by_id("timeline-room")?.client_width();
    (whole > 60).then(|| {
        NAMES.set(if whole < MIDDLE { NARROW } else { WIDE });
        (f64::from(whole) - labels() - MARGIN).max(40.0)
    })
}

/// The timeline.
pub(crate) fn timeline(view: &TimelineView, link: &Scope) -> Html {
    let width = view.view.window.width;
    let names = labels();
    let whole = names + width + MARGIN;
    let height = view.layout.height.max(96.0) + 6.0;
    // Flags have a row of their own, so that none is below the playhead.
    let flags = if view.entries.is_empty() { 0.0 } else { FLAGS };
    let axis_height = AXIS + flags;
    html! {
        <div class="timeline-inner">
            <svg class="axis" width={whole.to_string()} height={axis_height.to_string()} viewBox={format!("0 0 {whole} {axis_height}")}
                onpointerdown={hands::scrub(view, link)} onpointermove={hands::scrub_on(view, link)} onwheel={hands::wheel(view, link)}>
                { for view.entries.iter().map(|entry| flag(view, entry, names, link)) }
                <g transform={format!("translate(0 {flags})")}>
                    { axis(view, names) }
                    { playhead(view, link) }
                </g>
            </svg>
            <div class="rows" id="rows">
                <svg class="lanes" width={whole.to_string()} height={height.to_string()} viewBox={format!("0 0 {whole} {height}")}
                    onpointerdown={hands::down(view)} onpointermove={hands::moved(view, link)} onpointerup={hands::up(view, link)} onpointercancel={hands::up(view, link)}
                    onwheel={hands::wheel(view, link)} ondblclick={link.callback(|_| view::Msg::Fit)}>
                    { svg::patterns() }
                    <clipPath id="plot"><rect x={names.to_string()} y="0" width={width.to_string()} height={height.to_string()} /></clipPath>
                    { grid(view, names, height) }
                    { rows::rows(view, names, link) }
                    { range(view, names, height) }
                    <rect id="veil" class="veil" y="0" height={height.to_string()} />
                    { folds(view, names, height) }
                    <g id="playline" class="playline"><path d={format!("M0 0V{height}")} /></g>
                    <rect id="lasso" class="lasso" y="0" height={height.to_string()} width="0" />
                </svg>
            </div>
            { overview(view, names, whole, link) }
        </div>
    }
}

fn axis(view: &TimelineView, names: f64) -> Html {
    let marks = view.layout.scale.marks(64.0);
    let labelled: Vec<f64> =
        marks.iter().filter(|(_, _, label)| *label).map(|(_, second, _)| *second).collect();
    let small = labelled.windows(2).any(|pair| pair[1] - pair[0] < 0.99);
    let ticks: String = marks
        .iter()
        .map(|(x, _, label)| format!("M{:.1} {}V{AXIS}", names + x, if *label { 20 } else { 25 }))
        .collect();
    html! {
        <g class="axis-marks" aria-hidden="true">
            <path d={ticks} />
            { for marks.iter().filter(|(x, _, label)| *label && *x < view.view.window.width - 8.0).map(|(x, second, _)| html! {
                <text x={format!("{:.1}", names + x + 4.0)} y="20">{ format::mark(*second, small) }</text>
            }) }
        </g>
    }
}

/// The words of a flag that has so much room, and its width.
fn cloth(title: &str, room: f64) -> (String, f64) {
    let short = title.strip_prefix("kubectl ").unwrap_or(title);
    let text = format::fitting(short, (room - 20.0).min(150.0), 6.6).unwrap_or_default();
    let width = text.chars().map(|c| if c > '\u{1100}' { 11.0 } else { 6.6 }).sum::<f64>() + 18.0;
    (text, width)
}

fn grid(view: &TimelineView, names: f64, height: f64) -> Html {
    let lines: String = view
        .layout
        .scale
        .marks(64.0)
        .iter()
        .filter(|(_, _, label)| *label)
        .map(|(x, _, _)| format!("M{:.1} 0V{height}", names + x))
        .collect();
    html! { <path class="grid" d={lines} aria-hidden="true" /> }
}

fn folds(view: &TimelineView, names: f64, height: f64) -> Html {
    html! {
        <g class="folds">
            { for view.layout.scale.folds().map(|(x, from, to)| {
                let (left, right) = (names + x, names + x + podplay_timeline::scale::FOLD_WIDTH);
                let zigzag = |x: f64| (0..=(height / 8.0) as u32).map(|n| format!("L{:.1} {}", x + if n % 2 == 0 { 3.0 } else { -3.0 }, n * 8)).collect::<String>();
                html! {
                    <g>
                        <title>{ view.lang.quiet_for(format::length(to - from)) }</title>
                        <rect class="fold" x={left.to_string()} y="0" width={(right - left).to_string()} height={height.to_string()} />
                        <path class="zigzag" d={format!("M{left} 0{}M{right} 0{}", zigzag(left), zigzag(right))} />
                    </g>
                }
            }) }
        </g>
    }
}

fn range(view: &TimelineView, names: f64, height: f64) -> Html {
    let Some((from, to)) = view.range else { return Html::default() };
    let (left, right) = (view.layout.scale.x(from), view.layout.scale.x(to));
    html! { <rect class="range" x={(names + left).to_string()} y="0" width={(right - left).max(1.0).to_string()} height={height.to_string()} clip-path="url(#plot)" /> }
}

/// The playhead with its time; it is moved by each frame.
fn playhead(view: &TimelineView, link: &Scope) -> Html {
    let keys = {
        let link = link.clone();
        move |event: KeyboardEvent| {
            let ask = match event.key().as_str() {
                "ArrowUp" => Ask::Next,
                "ArrowDown" => Ask::Previous,
                _ => return,
            };
            event.prevent_default();
            link.send_message(play::Msg::Ask(ask));
        }
    };
    html! {
        <g id="playhead" class="playhead" role="slider" tabindex="0" data-testid="playhead" aria-label={view.lang.playhead()}
            aria-valuemin="0" aria-valuemax={format!("{:.3}", seconds(view.end))} aria-valuenow="0" onkeydown={keys}>
            <rect id="playhead-box" class="playhead-box" x="-27" y="2" width="54" height="18" rx="9" />
            <text id="playhead-time" x="0" y="15" text-anchor="middle" />
            <path d={format!("M0 20V{AXIS}")} />
        </g>
    }
}

/// A timed action: a flag that can be moved and removed.
fn flag(view: &TimelineView, entry: &Entry, names: f64, link: &Scope) -> Html {
    let (index, at, title) = (entry.index, entry.at, &entry.title);
    let x = view.layout.scale.x(at);
    if x < -2.0 || x > view.view.window.width + 2.0 {
        return Html::default();
    }
    // A flag ends before the next one begins.
    let later = view.entries.iter().filter(|other| other.at > at);
    let next = later.map(|other| view.layout.scale.x(other.at)).fold(f64::MAX, f64::min);
    let (text, width) = cloth(title, next - x);
    let keys = {
        let link = link.clone();
        let step = if view.view.window.density() > 8.0 { 0.1 } else { 1.0 };
        move |event: KeyboardEvent| {
            let msg: Msg = match event.key().as_str() {
                "ArrowLeft" => text::Msg::MoveEntry(index, moment(seconds(at) - step)).into(),
                "ArrowRight" => text::Msg::MoveEntry(index, moment(seconds(at) + step)).into(),
                "Delete" | "Backspace" => text::Msg::RemoveEntry(index).into(),
                "Enter" => play::Msg::Record(None, at).into(),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            link.send_message(msg);
        }
    };
    html! {
        <g key={format!("entry-{index}")} class={classes!("marker", (!entry.breaks).then_some("command-marker"))} role="button" tabindex="0" data-testid="fault-marker" data-keys="marker" data-index={index.to_string()}
            aria-label={view.lang.fault_marker(title, format::moment(at))} transform={format!("translate({:.1} 0)", names + x)}
            onkeydown={keys} onpointerdown={hands::grab(index)} onpointermove={hands::drag(view)} onpointerup={hands::release(view, index, at, link)}>
            <title>{ format!("{title} · {}", format::moment(at)) }</title>
            <path class="marker-pole" d={format!("M0 3V{}", AXIS + FLAGS)} />
            <path class="marker-flag" d={format!("M0 3H{width:.1}l-4 7l4 7H0z")} />
            <text x="6" y="14">{ text }</text>
        </g>
    }
}

/// The whole run in small, with the window on it.
fn overview(view: &TimelineView, names: f64, whole: f64, link: &Scope) -> Html {
    let scale = &view.overview.scale;
    let lanes: Vec<_> = view
        .overview
        .rows
        .iter()
        .filter(|row| rows::is_container(&row.key) || row.collapsed == Some(true))
        .take(7)
        .collect();
    let each = 14.0 / lanes.len().max(1) as f64;
    let (from, to) = (scale.x_of(view.view.window.from), scale.x_of(view.view.window.to));
    html! {
        <svg class="overview" width={whole.to_string()} height={OVERVIEW.to_string()} viewBox={format!("0 0 {whole} {OVERVIEW}")} role="img" aria-label={view.lang.overview()}
            onpointerdown={hands::overview(view, link, true)} onpointermove={hands::overview(view, link, false)}>
            <rect class="overview-room" x={names.to_string()} y="4" width={view.view.window.width.to_string()} height="18" rx="4" />
            { for lanes.iter().enumerate().map(|(index, row)| {
                let y = 6.0 + each * index as f64;
                rows::strip(&row.bars, names, y, (each - 1.0).max(1.5))
            }) }
            <rect class="overview-window" x={(names + from).to_string()} y="3" width={(to - from).max(3.0).to_string()} height="20" rx="4" />
            <g id="overview-playhead" class="playline"><path d={format!("M0 0V{OVERVIEW}")} /></g>
        </svg>
    }
}
