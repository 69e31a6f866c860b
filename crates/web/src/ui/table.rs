//! The timeline as a table, for those who cannot see it or would rather read.

use super::format;
use crate::app::{App, DialogMsg, Msg, Scope, play};
use podplay_api::RecordId;
use podplay_api::SimTime;
use podplay_timeline::{Band, Lane, LaneKey, Timeline};
use wasm_bindgen::JsCast;
use yew::{Html, html};

/// Most rows that are shown at once.
const MOST: usize = 300;

/// One row.
struct Line {
    lane: String,
    words: String,
    from: SimTime,
    to: Option<SimTime>,
    record: RecordId,
}

/// The table, with a choice of the lane.
pub(super) fn table(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let timeline = &app.play.timeline;
    let names: Vec<String> = timeline.lanes().keys().map(|key| name(timeline, key, app)).collect();
    let (lines, all) = lines(app);
    let pick = link.batch_callback(|event: yew::Event| {
        let select = event.target()?.dyn_into::<web_sys::HtmlSelectElement>().ok()?;
        let index = usize::try_from(select.selected_index()).ok()?;
        Some(Msg::from(DialogMsg::TableLane(index.checked_sub(1))))
    });
    html! {
        <div class="dialog-body" data-testid="table">
            <p class="row"><label>{ lang.table_lane() }{ " " }
                <select onchange={pick}>
                    <option selected={app.dialogs.table_lane.is_none()}>{ lang.table_all() }</option>
                    { for names.iter().enumerate().map(|(index, name)| html! { <option selected={app.dialogs.table_lane == Some(index)}>{ name }</option> }) }
                </select></label></p>
            if lines.len() < all { <p class="quiet-note">{ lang.table_note(lines.len(), all) }</p> }
            <div class="table-room" tabindex="0" role="region" aria-label={lang.table_title()}>
                <table class="states">
                    <thead><tr>
                        <th scope="col">{ lang.column_from() }</th><th scope="col">{ lang.column_to() }</th>
                        <th scope="col">{ lang.column_lane() }</th><th scope="col">{ lang.column_state() }</th>
                    </tr></thead>
                    <tbody>{ for lines.iter().map(|line| row(line, app, link)) }</tbody>
                </table>
            </div>
        </div>
    }
}

fn row(line: &Line, app: &App, link: &Scope) -> Html {
    let (record, at) = (line.record, line.from);
    let go = link.batch_callback(move |_: yew::MouseEvent| {
        vec![Msg::from(DialogMsg::Show(None)), play::Msg::Record(Some(record), at).into()]
    });
    let to = line.to.map_or_else(|| app.prefs.lang.still().to_owned(), format::moment);
    html! {
        <tr>
            <td><button class="when" onclick={go}>{ format::moment(at) }</button></td>
            <td>{ to }</td><td>{ &line.lane }</td><td>{ &line.words }</td>
        </tr>
    }
}

/// `pod / app · container`
fn name(timeline: &Timeline, key: &LaneKey, app: &App) -> String {
    let lane = timeline.lane(key).map(|lane| lane.name.to_string()).unwrap_or_default();
    let kind = format::lane_kind(key, app.prefs.lang);
    match key.band {
        Band::Pod(index)
            if key.container > 0 || !matches!(key.part, podplay_timeline::Part::Pod) =>
        {
            let pod =
                timeline.pods().get(index as usize).map(|pod| pod.name.clone()).unwrap_or_default();
            format!("{pod} / {lane} · {kind}")
        }
        _ => format!("{lane} · {kind}"),
    }
}

/// The rows in order of time, and how many there would be.
fn lines(app: &App) -> (Vec<Line>, usize) {
    let timeline = &app.play.timeline;
    let mut lines = Vec::new();
    let chosen = timeline
        .lanes()
        .iter()
        .enumerate()
        .filter(|(index, _)| app.dialogs.table_lane.is_none_or(|lane| lane == *index));
    for (_, (key, lane)) in chosen {
        let label = name(timeline, key, app);
        lines.extend(lane.spans.iter().map(|span| Line {
            lane: label.clone(),
            words: format::lane_state(key, &span.state, app.prefs.lang),
            from: span.from,
            to: span.to,
            record: span.record,
        }));
        lines.extend(lane.flags.iter().map(|flag| Line {
            lane: label.clone(),
            words: flag.signal.to_string(),
            from: flag.at,
            to: Some(flag.at),
            record: flag.record,
        }));
        lines.extend(probes(lane, &label, app));
    }
    let all = lines.len();
    lines.sort_by_key(|line| line.from);
    lines.truncate(MOST);
    (lines, all)
}

/// The attempts of a probe: a line for each stretch of successes or failures.
fn probes(lane: &Lane, label: &str, app: &App) -> Vec<Line> {
    let stretches = lane.ticks.chunk_by(|one, next| one.success == next.success);
    let line = |ticks: &[podplay_timeline::Tick]| {
        let (first, last) = (ticks.first()?, ticks.last()?);
        let (good, bad) = if first.success { (ticks.len(), 0) } else { (0, ticks.len()) };
        let mut words = app.prefs.lang.probe_sum(good, bad);
        if let Some(message) = first.message.as_deref().filter(|_| bad > 0) {
            words = format!("{words}: {}", message.trim_end());
        }
        Some(Line {
            lane: label.to_owned(),
            words,
            from: first.at,
            to: Some(last.at),
            record: first.record,
        })
    };
    stretches.filter_map(line).collect()
}
