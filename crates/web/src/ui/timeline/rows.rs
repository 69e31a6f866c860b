//! The rows of the timeline.

use super::TimelineView;
use crate::app::{Scope, judge, play, view as look};
use crate::ui::format::{self, Px};
use crate::ui::svg;
use podplay_protocol::Selection;
use podplay_timeline::layout::{Bar, Mark, Pennant, Row};
use podplay_timeline::{Band, LaneKey, Part, State};
use yew::{Html, KeyboardEvent, classes, html};

/// Width of a letter in bars.
const LETTER: f64 = 6.7;

/// Whether a lane is a container's.
pub(super) const fn is_container(key: &LaneKey) -> bool {
    matches!(key.part, Part::Container(_))
}

/// All rows.
pub(super) fn rows(view: &TimelineView, names: f64, link: &Scope) -> Html {
    view.layout.rows.iter().map(|row| draw(row, view, names, link)).collect()
}

/// `pod/container`, `pod`, or the name.
fn lane_id(row: &Row, view: &TimelineView) -> String {
    let Band::Pod(index) = row.key.band else { return row.name.to_string() };
    let pod = view.pods.get(index as usize).map(|(_, name)| name.as_str()).unwrap_or_default();
    match row.key.part {
        Part::Pod => pod.to_owned(),
        _ => format!("{pod}/{}", row.name),
    }
}

fn draw(row: &Row, view: &TimelineView, names: f64, link: &Scope) -> Html {
    let id = lane_id(row, view);
    let kind = format::lane_kind(&row.key, view.lang);
    let chosen = match (row.key.band, &view.selected) {
        (Band::Pod(index), Some(chosen)) => view
            .pods
            .get(index as usize)
            .is_some_and(|(namespace, name)| *namespace == chosen.namespace && *name == chosen.pod),
        _ => false,
    };
    let part = match row.key.part {
        Part::Pod => "of-pod",
        Part::Container(_) => "of-container",
        Part::Workload(..) | Part::Service(_) => "of-object",
        _ => "of-part",
    };
    html! {
        <g key={format!("{:?}", row.key)} class={classes!("lane", part, chosen.then_some("chosen"))} data-testid="lane" data-lane={id} role="group" aria-label={format!("{} {kind}", row.name)}
            transform={format!("translate(0 {})", Px(row.y))}>
            { label(row, &kind, view, names, link) }
            <g clip-path="url(#plot)">
                <g transform={format!("translate({} 0)", Px(names))}>
                    <g>{ for row.bars.iter().enumerate().map(|(index, bar)| draw_bar(index, bar, row, view, link)) }</g>
                    { marks(&row.marks, row) }
                    <g>{ for row.flags.iter().enumerate().map(|(index, flag)| {
                        let next = row.flags.get(index + 1).map_or(f64::MAX, |next| next.x);
                        pennant(index, flag, row, next - flag.x, link)
                    }) }</g>
                </g>
            </g>
        </g>
    }
}

fn label(row: &Row, kind: &str, view: &TimelineView, names: f64, link: &Scope) -> Html {
    let middle = (row.height.min(row.bar + 8.0) / 2.0 + 4.0).round();
    let narrow = names < 120.0;
    let indent = match row.key.part {
        Part::Pod | Part::Workload(..) | Part::Service(_) if narrow => 20.0,
        Part::Pod | Part::Workload(..) | Part::Service(_) => 26.0,
        _ if narrow => 12.0,
        _ => 34.0,
    };
    let kind_room = if narrow {
        0.0
    } else {
        kind.chars().map(|c| if c > '\u{1100}' { 10.5 } else { 5.9 }).sum::<f64>() + 8.0
    };
    let bold = matches!(
        row.key.part,
        Part::Pod | Part::Container(_) | Part::Workload(..) | Part::Service(_)
    );
    let letter = if bold { 8.9 } else { 7.2 };
    let name = format::middle_cut(&row.name, names - indent - kind_room - 10.0, letter);
    let text = html! {
        <>
            <text class="lane-name" x={indent.to_string()} y={middle.to_string()}>{ name }</text>
            if !narrow { <text class="lane-kind" x={(names - 10.0).to_string()} y={middle.to_string()} text-anchor="end">{ kind }</text> }
        </>
    };
    let band = row.key.band;
    match row.collapsed {
        Some(collapsed) => {
            let keys = {
                let link = link.clone();
                move |event: KeyboardEvent| {
                    if matches!(event.key().as_str(), "Enter" | " ") {
                        event.prevent_default();
                        event.stop_propagation();
                        link.send_message(look::Msg::Collapse(band));
                    }
                }
            };
            html! {
                <g class="lane-label fold-button" role="button" tabindex="0" data-keys="lane" aria-expanded={(!collapsed).to_string()}
                    onclick={link.callback(move |_| look::Msg::Collapse(band))} onkeydown={keys}>
                    <title>{ &*row.name }</title>
                    <rect class="hit" x="0" y="0" width={(names - 6.0).to_string()} height={row.height.to_string()} />
                    <path class="chevron" d={if collapsed { "M3 0l4 4l-4 4" } else { "M1 2l4 4l4-4" }} transform={format!("translate({} {})", Px(indent - 14.0), Px(middle - 8.0))} />
                    { text }
                </g>
            }
        }
        None => {
            let choose = selection(row, view).map(|chosen| {
                link.callback(move |_: yew::MouseEvent| look::Msg::Select(Some(chosen.clone())))
            });
            html! { <g class="lane-label" onclick={choose}><title>{ format!("{} · {kind}", row.name) }</title>{ text }</g> }
        }
    }
}

fn selection(row: &Row, view: &TimelineView) -> Option<Selection> {
    let Band::Pod(index) = row.key.band else { return None };
    let (namespace, pod) = view.pods.get(index as usize)?.clone();
    let container = is_container(&row.key).then(|| row.name.to_string());
    Some(Selection { namespace, pod, container })
}

/// The key makes bars of two runs meet in the order of time: when there is one more at the end, the others stay.
/// It needs a list in which all have one, hence the group around the bars.
fn draw_bar(index: usize, bar: &Bar, row: &Row, view: &TimelineView, link: &Scope) -> Html {
    let kind = bar.state.kind();
    let words = if bar.count > 1 {
        view.lang.merged(bar.count)
    } else {
        format::lane_state(&row.key, &bar.state, view.lang)
    };
    let from = format::moment(bar.from);
    let label = match bar.to {
        Some(to) => view.lang.span_label(&words, from, format::moment(to)),
        None => view.lang.span_label_open(&words, from),
    };
    let why = verdict_of(bar, row, view);
    let label = why.map_or_else(|| label.clone(), |told| format!("{label}. {told}"));
    let thin = row.bar < 14.0;
    let y = if thin { (row.height - row.bar) / 2.0 } else { 4.0 };
    // A hair of room between neighbours, so that they can be told apart.
    let width = (bar.width - 1.0).max(1.0);
    let text_from = bar.x.max(0.0);
    let room = (bar.x + width).min(view.view.window.width) - text_from - 12.0;
    let text = (!thin).then(|| short_enough(bar, &words, room, view)).flatten();
    let (record, at) = (bar.record, bar.from);
    let chosen = view.record == Some(bar.record);
    let radius = if thin { row.bar / 2.0 } else { 3.0 }.min(width / 2.0);
    let shape = |class: &'static str, fill: Option<&'static str>| {
        html! {
            <rect {class} fill={fill} x={Px(bar.x).to_string()} y={Px(y).to_string()} width={Px(width).to_string()} height={Px(row.bar).to_string()} rx={Px(radius).to_string()} />
        }
    };
    html! {
        <g key={index} class={classes!("span", format!("s-{kind}"), chosen.then_some("chosen"))} data-testid="span" data-state={kind} role="img" aria-label={label.clone()}
            data-record={record.0.to_string()} data-at={at.as_millis().to_string()} onclick={link.callback(move |_| play::Msg::Record(Some(record), at))}>
            <title>{ label }</title>
            { shape("bar", None) }
            if let Some(hatch) = svg::hatch(kind).filter(|_| width > 3.0) { { shape("bar-hatch", Some(hatch)) } }
            if let Some(text) = text {
                <text x={Px(text_from + 7.0).to_string()} y={Px(y + row.bar / 2.0 + 4.0).to_string()}>{ text }</text>
            }
        </g>
    }
}

/// What is said of the state that a bar shows at the playhead, if it holds something up.
fn verdict_of<'a>(bar: &Bar, row: &Row, view: &'a TimelineView) -> Option<&'a str> {
    let told = match (row.key.band, &row.key.part) {
        (Band::Pod(index), Part::Pod | Part::Container(_)) => {
            let (namespace, name) = view.pods.get(index as usize)?;
            judge::of_pod(&view.said, namespace, name)
        }
        (_, Part::Workload(kind, _)) => judge::of(&view.said, kind, &row.name),
        (_, Part::Service(_)) => judge::of(&view.said, "Service", &row.name),
        _ => None,
    }?;
    let then = bar.from <= told.since.max(bar.from) && bar.to.is_none_or(|to| to > told.since);
    let well = matches!(bar.state.kind(), "running" | "completed" | "true");
    (then && !well).then_some(told.sentence.as_str())
}

/// The longest words for a bar that fit on it.
fn short_enough(bar: &Bar, words: &str, room: f64, view: &TimelineView) -> Option<String> {
    let again = match bar.state {
        State::Running(n) if n > 0 && bar.count == 1 => {
            vec![view.lang.state_again(n), format!("↻{n}")]
        }
        State::Ready(ready, all) if bar.count == 1 => vec![format!("{ready}/{all}")],
        _ => Vec::new(),
    };
    let whole =
        |text: &str| format::fitting(text, room, LETTER).filter(|fits| !fits.ends_with('…'));
    let short = std::iter::once(words).chain(again.iter().map(String::as_str)).find_map(whole);
    short.or_else(|| format::fitting(words, room, LETTER).filter(|_| again.is_empty()))
}

/// Attempts of a probe: successes as dots, failures as crosses, each kind in one path.
fn marks(marks: &[Mark], row: &Row) -> Html {
    if marks.is_empty() {
        return Html::default();
    }
    let y = row.height / 2.0;
    let (mut good, mut bad) = (String::new(), String::new());
    for mark in marks {
        if mark.failures > 0 {
            bad += &format!("M{} {}l6 6m0 -6l-6 6", Px(mark.x - 3.0), Px(y - 3.0));
        } else {
            good += &format!("M{} {}h.01", Px(mark.x), Px(y));
        }
    }
    let attempts: usize = marks.iter().map(|mark| mark.count).sum();
    let failures: usize = marks.iter().map(|mark| mark.failures).sum();
    html! {
        <g class="marks" role="img" aria-label={format!("{attempts}: ● {} ✕ {failures}", attempts - failures)}>
            <path class="good-marks" d={good} />
            <path class="bad-marks" d={bad} />
        </g>
    }
}

/// A signal as a flag below its bar.
fn pennant(index: usize, flag: &Pennant, row: &Row, room: f64, link: &Scope) -> Html {
    let short = flag.signal.strip_prefix("SIG").unwrap_or(&flag.signal);
    let width = |text: &str| text.chars().count() as f64 * 7.0 + 8.0;
    let bare = |signal: &str| signal.strip_prefix("SIG").unwrap_or(signal).to_owned();
    let mut kinds: Vec<String> = flag.all.iter().map(|(signal, _)| bare(signal)).collect();
    kinds.dedup();
    let counted = if kinds.len() > 1 && kinds.len() < 4 {
        kinds.join("→")
    } else {
        format!("{short} ×{}", flag.count)
    };
    let several = flag.count > 1 || kinds.len() > 1;
    // Where there is little room, initials: one signal's name would stand for what the others did too.
    let initials: Vec<&str> = kinds.iter().filter_map(|kind| kind.get(..1)).collect();
    let initials = initials.join("→");
    let narrow = if kinds.len() > 1 { initials.as_str() } else { short };
    let text = [counted.as_str(), narrow]
        .into_iter()
        .skip(usize::from(!several))
        .find(|text| width(text) <= room)
        .unwrap_or_else(
            || if kinds.len() > 1 { &initials } else { short.get(..1).unwrap_or(short) },
        )
        .to_owned();
    let width = width(&text);
    let (top, record, at) = (row.bar + 6.0, flag.record, flag.at);
    let class = if short == "KILL" { "kill" } else { "term" };
    let each = flag.all.iter().take(12);
    let each = each.map(|(signal, at)| format!("{signal} · {}", format::moment(*at)));
    let told = each.collect::<Vec<_>>().join("\n");
    html! {
        <g key={index} class={classes!("pennant", class)} role="img" aria-label={flag.signal.to_string()} transform={format!("translate({} 0)", Px(flag.x))}
            onclick={link.callback(move |_| play::Msg::Record(Some(record), at))}>
            <title>{ told }</title>
            <path class="pole" d={format!("M0 2V{}", top + 12.0)} />
            <path class="cloth" d={format!("M0 {}h{}v12h-{}z", Px(top), Px(width), Px(width))} />
            <text x={Px(width / 2.0).to_string()} y={Px(top + 9.5).to_string()} text-anchor="middle">{ text }</text>
        </g>
    }
}

/// Bars in small, without words.
pub(super) fn strip(bars: &[Bar], names: f64, y: f64, height: f64) -> Html {
    bars.iter().enumerate().map(|(index, bar)| html! {
        <rect key={index} class={classes!("strip", format!("s-{}", bar.state.kind()))} x={Px(names + bar.x.max(0.0)).to_string()} y={Px(y).to_string()}
            width={Px(bar.width.max(1.0)).to_string()} height={Px(height).to_string()} />
    }).collect()
}
