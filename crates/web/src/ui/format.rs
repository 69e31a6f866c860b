//! Times and states as people read them.

use crate::lang::Lang;
use podplay_api::SimTime;
use podplay_timeline::{LaneKey, Part, Role, State};
use yew::{Html, html};

/// Pixels, to a tenth: a picture has hundreds of them, and the usual way of writing a float is a slow one.
#[derive(Clone, Copy)]
pub(crate) struct Px(pub(crate) f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        if tenth == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenth}") }
    }
}

/// `0:52.4`, `1:02:03.4`
pub(crate) fn clock(at: SimTime) -> String {
    let tenths = at.as_millis() / 100;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}.{tenth}")
    } else {
        format!("{minutes}:{rest:02}.{tenth}")
    }
}

/// A moment as the axis says it: `52.4s`, `3:05.0`, `2:10:00.0`.
pub(crate) fn moment(at: SimTime) -> String {
    if at < SimTime::from_secs(60) { length(at.as_millis() as f64 / 1000.0) } else { clock(at) }
}

/// A number of seconds: `52.4s`, `3m05s`, `2h10m`.
pub(crate) fn length(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    if seconds < 0.0005 {
        "0s".to_owned()
    } else if seconds < 10.0 {
        format!("{}s", trimmed(seconds, 2))
    } else if seconds < 119.95 {
        format!("{}s", trimmed(seconds, 1))
    } else if whole < 3600 {
        format!("{}m{:02}s", whole / 60, whole % 60)
    } else {
        format!("{}h{:02}m", whole / 3600, whole / 60 % 60)
    }
}

fn trimmed(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A mark of the axis: `45s`, `1:30`, `2:00:00`.
pub(crate) fn mark(second: f64, step_is_small: bool) -> String {
    if step_is_small {
        return format!("{}s", trimmed(second, 3));
    }
    let whole = second.round() as u64;
    match whole {
        0..60 => format!("{whole}s"),
        60..3600 => format!("{}:{:02}", whole / 60, whole % 60),
        _ => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

/// A state in words.
pub(crate) fn state(state: &State, lang: Lang) -> String {
    match state {
        State::Status(word, ready) if &**word == "Running" => {
            format!("Running · {}", if *ready { lang.ready() } else { lang.not_ready() })
        }
        State::Status(word, _) | State::Waiting(word) | State::Fault(word) => word.to_string(),
        State::Condition(true) => lang.state_true().to_owned(),
        State::Condition(false) => lang.state_false().to_owned(),
        State::Pulling => lang.state_pulling().to_owned(),
        State::Running(0) => lang.state_running().to_owned(),
        State::Running(n) => lang.state_running_again(n),
        State::Stopping(_) => lang.state_stopping().to_owned(),
        State::Exited(code, reason) if reason.is_empty() => lang.state_exited(code),
        State::Exited(code, reason) => lang.state_exited_reason(reason, code),
        State::BackOff(reason, _) => lang.state_backoff(reason),
        State::Hook(true) => lang.state_running().to_owned(),
        State::Hook(false) => lang.state_hook_failed().to_owned(),
        State::Exists => lang.state_exists().to_owned(),
        State::Ready(0, 0) => lang.state_none().to_owned(),
        State::Ready(ready, all) => lang.state_ready(ready, all),
    }
}

/// Text with its `code` set as such.
pub(crate) fn rich(text: &str) -> Html {
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => html! { <>{ part }</> },
        _ => html! { <code>{ part }</code> },
    };
    // A lone back-quote stands for itself.
    match text.matches('`').count() % 2 {
        0 => text.split('`').enumerate().map(part).collect(),
        _ => html! { <>{ text }</> },
    }
}

/// The state of a lane in words: a Job's pods are done, others are ready.
pub(crate) fn lane_state(key: &LaneKey, of: &State, lang: Lang) -> String {
    match (&key.part, of) {
        (Part::Workload(kind, _), State::Ready(done, all)) if &**kind == "Job" => {
            lang.state_done(done, all)
        }
        _ => state(of, lang),
    }
}

/// A glyph for a state, so that it is never told by colour alone.
pub(crate) fn glyph(state: &State) -> &'static str {
    match state.kind() {
        "running" | "true" => "●",
        "completed" => "✓",
        "failed" | "fault" => "✕",
        "backoff" => "↻",
        "stopping" => "◐",
        "unready" | "some" | "false" => "◔",
        "pulling" => "↓",
        _ => "○",
    }
}

/// What kind of lane it is.
pub(crate) fn lane_kind(key: &LaneKey, lang: Lang) -> String {
    match &key.part {
        Part::Pod => lang.lane_pod().to_owned(),
        Part::Condition(_) => lang.lane_condition().to_owned(),
        Part::Container(Role::Regular) => lang.lane_container().to_owned(),
        Part::Container(Role::Init) => lang.lane_init().to_owned(),
        Part::Container(Role::Sidecar) => lang.lane_sidecar().to_owned(),
        Part::Container(Role::Ephemeral) => lang.lane_ephemeral().to_owned(),
        Part::Probe(_) => lang.lane_probe().to_owned(),
        Part::Hook(_) => lang.lane_hook().to_owned(),
        Part::File(_) => lang.lane_file().to_owned(),
        Part::Workload(kind, _) => kind.to_string(),
        Part::Service(_) => lang.lane_service().to_owned(),
        Part::Fault(_) => lang.lane_fault().to_owned(),
    }
}

/// Text cut to about so many pixels, at so many pixels for a Latin letter.
pub(crate) fn fitting(text: &str, width: f64, letter: f64) -> Option<String> {
    let wide = |c: char| if c >= '\u{1100}' { letter * 1.75 } else { letter };
    let whole: f64 = text.chars().map(wide).sum();
    if whole <= width {
        return Some(text.to_owned());
    }
    let mut left = width - letter;
    let cut: String = text
        .chars()
        .take_while(|c| {
            left -= wide(*c);
            left >= 0.0
        })
        .collect();
    (cut.chars().count() >= 3).then(|| format!("{}…", cut.trim_end()))
}

/// A name cut in its middle to about so many pixels: names of pods differ at their ends.
pub(crate) fn middle_cut(text: &str, width: f64, letter: f64) -> String {
    let room = (width / letter).max(4.0) as usize;
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    let tail = (room / 2).min(5);
    let head: String = text.chars().take(room - tail - 1).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{head}…{end}")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn times_read_well() {
        let table = [
            (0, "0:00.0", "0s"),
            (52_400, "0:52.4", "52.4s"),
            (80_000, "1:20.0", "1:20.0"),
            (7_800_000, "2:10:00.0", "2:10:00.0"),
        ];
        for (millis, as_clock, as_moment) in table {
            assert_eq!(clock(SimTime::from_millis(millis)), as_clock);
            assert_eq!(moment(SimTime::from_millis(millis)), as_moment);
        }
    }

    #[test]
    fn lengths_read_well() {
        for (seconds, text) in [
            (0.0, "0s"),
            (0.72, "0.72s"),
            (52.4, "52.4s"),
            (80.0, "80s"),
            (185.0, "3m05s"),
            (7800.0, "2h10m"),
        ] {
            assert_eq!(length(seconds), text);
        }
    }

    #[test]
    fn text_is_cut_to_its_room() {
        assert_eq!(fitting("Running", 60.0, 7.0).as_deref(), Some("Running"));
        assert_eq!(fitting("Running", 40.0, 7.0).as_deref(), Some("Runn…"));
        assert_eq!(fitting("Running", 20.0, 7.0), None);
        assert_eq!(middle_cut("web-67f46fbb69-474wq", 84.0, 7.0), "web-67…474wq");
        assert_eq!(middle_cut("web", 84.0, 7.0), "web");
    }
}
