//! Edits of the Scenario document in the text, as a person would make them: one line changes, comments stay.

mod images;

pub(crate) use images::assume;

use podplay_api::SimTime;
use podplay_manifest::{Scenario, Spans};

/// Adds an action to the timeline: `action` is the rest of its flow mapping, such as `kubectl: "get pods"`.
pub(crate) fn add(text: &str, at: SimTime, action: &str) -> String {
    let entry = format!("{{at: {}, {action}}}", moment(at));
    match podplay_manifest::read(text).scenario {
        Some(scenario) => add_to(text, &scenario, at, &entry),
        None => append_document(text, &entry),
    }
}

/// Removes an action. A timeline, and a document, that holds nothing else goes with it.
pub(crate) fn remove(text: &str, index: usize) -> String {
    let Some(scenario) = podplay_manifest::read(text).scenario else { return text.to_owned() };
    let Some(entry) = Item::find(text, &scenario.spans, index) else { return text.to_owned() };
    let count = count(&scenario);
    let fields = |path: &str| {
        scenario
            .value
            .pointer(path)
            .and_then(|value| value.as_object())
            .map_or(0, serde_json::Map::len)
    };
    let range = if count > 1 {
        entry.removal(text, count)
    } else if fields("/spec") > 1 {
        let Some(place) = scenario.spans.get("spec.timeline") else { return text.to_owned() };
        let start = place.key.map_or(place.value.start, |key| key.start);
        let end = last_byte(text, place.value.end);
        if flow_spec(text, &scenario).is_some() {
            one_of_several(text, start, end)
        } else {
            line_start(text, start)..line_end(text, end)
        }
    } else {
        document(text, &scenario)
    };
    let mut out = text.to_owned();
    out.replace_range(range, "");
    out
}

/// Moves an action to another moment.
pub(crate) fn shift(text: &str, index: usize, at: SimTime) -> String {
    let Some(scenario) = podplay_manifest::read(text).scenario else { return text.to_owned() };
    let Some(place) = scenario.spans.get(&format!("spec.timeline[{index}].at")) else {
        return text.to_owned();
    };
    let mut out = text.to_owned();
    let end = last_byte(text, place.value.end);
    if place.value.start < end && out.get(place.value.start..end).is_some() {
        out.replace_range(place.value.start..end, &moment(at));
    }
    out
}

/// `42.5s`, with as few digits as say it; milliseconds at most.
pub(crate) fn moment(at: SimTime) -> String {
    let millis = at.as_millis();
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Text in double quotes, as YAML reads it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.extend(format!("\\u{:04X}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out + "\""
}

fn count(scenario: &Scenario) -> usize {
    scenario.value.pointer("/spec/timeline").and_then(|list| list.as_array()).map_or(0, Vec::len)
}

fn append_document(text: &str, entry: &str) -> String {
    append(text, &format!("spec:\n  timeline:\n  - {entry}\n"))
}

/// A new Scenario document at the end of a text.
fn append(text: &str, spec: &str) -> String {
    let mut out = text.trim_end().to_owned();
    if !out.is_empty() {
        out.push('\n');
        if !out.ends_with("---\n") {
            out.push_str("---\n");
        }
    }
    out + &format!("apiVersion: podplay/v1\nkind: Scenario\n{spec}")
}

fn add_to(text: &str, scenario: &Scenario, at: SimTime, entry: &str) -> String {
    let items: Vec<Item> =
        (0..count(scenario)).filter_map(|index| Item::find(text, &scenario.spans, index)).collect();
    let times = items.iter().enumerate().map(|(index, _)| time_of(scenario, index));
    let later = times.map(|time| time.is_some_and(|time| time > at)).position(|later| later);
    let mut out = text.to_owned();
    match (items.last(), later) {
        (Some(last), None) if last.block => {
            insert_line(&mut out, line_end(text, last.end), &format!("{}- {entry}", last.indent))
        }
        (Some(last), Some(later)) if last.block => {
            out.insert_str(
                above_comments(text, items[later].line),
                &format!("{}- {entry}\n", last.indent),
            );
        }
        (Some(last), None) => out.insert_str(last.end, &format!(", {entry}")),
        (Some(_), Some(later)) => out.insert_str(items[later].start, &format!("{entry}, ")),
        (None, _) => return first_entry(text, scenario, entry),
    }
    out
}

/// The document is there, its timeline has no entry yet.
fn first_entry(text: &str, scenario: &Scenario, entry: &str) -> String {
    let mut out = text.to_owned();
    let timeline = scenario.spans.get("spec.timeline");
    if let Some(end) = flow_spec(text, scenario) {
        match timeline {
            // An empty list, or nothing.
            Some(place) if place.value.start < last_byte(text, place.value.end) => out
                .replace_range(
                    place.value.start..last_byte(text, place.value.end),
                    &format!("[{entry}]"),
                ),
            Some(_) => return text.to_owned(),
            None => {
                let fields = text[..end].trim_end();
                let comma = if fields.ends_with(['{', ',']) { "" } else { ", " };
                out.replace_range(fields.len()..end, &format!("{comma}timeline: [{entry}]"));
            }
        }
        return out;
    }
    if let Some(place) = timeline
        && let Some(key) = place.key
    {
        let indent = indent_of(text, key.start);
        let from = text[key.end..].find(':').map_or(key.end, |at| key.end + at + 1);
        let to = line_end(text, last_byte(text, place.value.end).max(from)).max(from);
        let to = if text[..to].ends_with('\n') { to - 1 } else { to };
        out.replace_range(from..to, &format!("\n{indent}- {entry}"));
        return out;
    }
    let spec = scenario.spans.get("spec").filter(|_| {
        scenario
            .value
            .get("spec")
            .is_some_and(|spec| spec.as_object().is_some_and(|map| !map.is_empty()))
    });
    match spec {
        Some(place) => {
            let indent = indent_of(text, place.value.start);
            let end = line_end(text, last_byte(text, place.value.end));
            insert_line(&mut out, end, &format!("{indent}timeline:\n{indent}- {entry}"));
        }
        None => {
            let range = scenario
                .spans
                .get("spec")
                .and_then(|place| Some(place.key?.start..last_byte(text, place.value.end)));
            let block = format!("spec:\n  timeline:\n  - {entry}");
            match range {
                Some(range) => out.replace_range(range.start..range.end.max(range.start), &block),
                None => insert_line(&mut out, last_byte(text, scenario.end), &block),
            }
        }
    }
    out
}

fn time_of(scenario: &Scenario, index: usize) -> Option<SimTime> {
    let at = scenario.value.pointer(&format!("/spec/timeline/{index}/at"))?;
    let word = at.as_str().map_or_else(|| at.to_string(), str::to_owned);
    podplay_playback::Span::parse(&word).map(|span| SimTime::ZERO + span.0)
}

/// An entry of the timeline in the text.
struct Item {
    /// Start of its line.
    line: usize,
    /// White space before its dash.
    indent: String,
    /// Whether it stands on a line of its own behind a dash.
    block: bool,
    /// Its first byte.
    start: usize,
    /// One past its last byte.
    end: usize,
}

impl Item {
    fn find(text: &str, spans: &Spans, index: usize) -> Option<Self> {
        let place = spans.get(&format!("spec.timeline[{index}]"))?.value;
        let line = line_start(text, place.start);
        let before = text.get(line..place.start)?;
        let indent: String = before.chars().take_while(|c| c.is_whitespace()).collect();
        let block = before.trim() == "-";
        Some(Self { line, indent, block, start: place.start, end: last_byte(text, place.end) })
    }
    /// What goes when it goes, one of `count`.
    fn removal(&self, text: &str, count: usize) -> std::ops::Range<usize> {
        if self.block {
            return self.line..line_end(text, self.end);
        }
        match count {
            1 => text[..self.start].rfind(',').unwrap_or(self.start)..self.end,
            _ => one_of_several(text, self.start, self.end),
        }
    }
}

/// What goes when a part of a flow collection goes: it, and the comma behind or before it.
fn one_of_several(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    match text[end..].trim_start().strip_prefix(',') {
        Some(rest) => start..text.len() - rest.trim_start().len(),
        None => text[..start].rfind(',').unwrap_or(start)..end,
    }
}

/// Where the fields of the Scenario's spec end, before its brace, if it is a flow mapping.
fn flow_spec(text: &str, scenario: &Scenario) -> Option<usize> {
    let value = scenario.spans.get("spec")?.value;
    let end = last_byte(text, value.end);
    let whole = text.get(value.start..end)?;
    let inner = whole.strip_prefix('{')?.strip_suffix('}')?;
    (!inner.trim().is_empty()).then(|| end - 1)
}

/// The whole Scenario document with the separator before it.
fn document(text: &str, scenario: &Scenario) -> std::ops::Range<usize> {
    let start = scenario.start.min(text.len());
    let before = text[..start].trim_end();
    let start = before.strip_suffix("---").map_or(start, str::len);
    start..scenario.end.max(start).min(text.len())
}

/// The end of what stands before `end`, without white space.
fn last_byte(text: &str, end: usize) -> usize {
    text[..end.min(text.len())].trim_end().len()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// One past the newline that ends the line of `at`.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

fn indent_of(text: &str, at: usize) -> String {
    text[line_start(text, at)..].chars().take_while(|c| *c == ' ').collect()
}

/// The start of the comment lines directly above the line at `line`, which speak of what follows.
fn above_comments(text: &str, line: usize) -> usize {
    let mut at = line;
    while at > 0 {
        let above = line_start(text, at - 1);
        if !text[above..at].trim_start().starts_with('#') {
            break;
        }
        at = above;
    }
    at
}

/// Inserts a line at the start of a line, or at the end of a text that has no newline there.
fn insert_line(out: &mut String, at: usize, line: &str) {
    let newline = if out[..at].ends_with('\n') || at == 0 { "" } else { "\n" };
    out.insert_str(at, &format!("{newline}{line}\n"));
    if newline == "\n" && out[at + line.len() + 2..].starts_with('\n') {
        out.remove(at + line.len() + 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";
    const HEAD: &str = "apiVersion: podplay/v1\nkind: Scenario\n";
    const CRASH: &str = "fault: {pod: web, kind: Crash}";

    fn at(millis: u64) -> SimTime {
        SimTime::from_millis(millis)
    }

    #[test]
    fn entries_are_added_as_a_person_would() {
        let new = "{at: 42.5s, fault: {pod: web, kind: Crash}}";
        let table = [
            (POD.to_owned(), format!("{POD}---\n{HEAD}spec:\n  timeline:\n  - {new}\n")),
            (POD.trim_end().to_owned(), format!("{POD}---\n{HEAD}spec:\n  timeline:\n  - {new}\n")),
            (
                format!("{POD}---\n{HEAD}"),
                format!("{POD}---\n{HEAD}spec:\n  timeline:\n  - {new}\n"),
            ),
            (
                format!("{POD}---\n{HEAD}spec:\n  seed: 7\n"),
                format!("{POD}---\n{HEAD}spec:\n  seed: 7\n  timeline:\n  - {new}\n"),
            ),
            (
                format!("{POD}---\n{HEAD}spec: {{seed: 7}} # of old\n"),
                format!("{POD}---\n{HEAD}spec: {{seed: 7, timeline: [{new}]}} # of old\n"),
            ),
            (
                format!("{POD}---\n{HEAD}spec: {{timeline: [], seed: 7}}\n"),
                format!("{POD}---\n{HEAD}spec: {{timeline: [{new}], seed: 7}}\n"),
            ),
            (
                format!("{POD}---\n{HEAD}spec:\n  timeline: []\n  seed: 7\n"),
                format!("{POD}---\n{HEAD}spec:\n  timeline:\n  - {new}\n  seed: 7\n"),
            ),
            (
                format!(
                    "{POD}---\n{HEAD}spec:\n  timeline:\n  # first\n  - {{at: 10s, kubectl: get pods}}\n  # last\n  - {{at: 1m, kubectl: get pods}} # end\n  seed: 7\n"
                ),
                format!(
                    "{POD}---\n{HEAD}spec:\n  timeline:\n  # first\n  - {{at: 10s, kubectl: get pods}}\n  - {new}\n  # last\n  - {{at: 1m, kubectl: get pods}} # end\n  seed: 7\n"
                ),
            ),
            (
                format!(
                    "{POD}---\n{HEAD}spec:\n  timeline:\n    - at: 10s\n      kubectl: get pods\n"
                ),
                format!(
                    "{POD}---\n{HEAD}spec:\n  timeline:\n    - at: 10s\n      kubectl: get pods\n    - {new}\n"
                ),
            ),
            (
                format!("{POD}---\n{HEAD}spec: {{timeline: [{{at: 60s, kubectl: get pods}}]}}\n"),
                format!(
                    "{POD}---\n{HEAD}spec: {{timeline: [{new}, {{at: 60s, kubectl: get pods}}]}}\n"
                ),
            ),
            (
                format!("{HEAD}spec:\n  timeline:\n  - {{at: 10s, kubectl: get pods}}\n---\n{POD}"),
                format!(
                    "{HEAD}spec:\n  timeline:\n  - {{at: 10s, kubectl: get pods}}\n  - {new}\n---\n{POD}"
                ),
            ),
        ];
        for (before, after) in table {
            assert_eq!(add(&before, at(42_500), CRASH), after, "before:\n{before}");
        }
    }

    #[test]
    fn what_was_added_can_be_removed() {
        let two = add(&add(POD, at(10_000), CRASH), at(5_000), CRASH);
        assert_eq!(remove(&two, 0), add(POD, at(10_000), CRASH));
        assert_eq!(remove(&two, 1), add(POD, at(5_000), CRASH));
        assert_eq!(remove(&remove(&two, 0), 0), POD);
        for spec in ["spec:\n  seed: 7\n", "spec: {seed: 7}\n"] {
            let seeded = format!("{POD}---\n{HEAD}{spec}");
            let one = add(&seeded, at(5_000), CRASH);
            assert_eq!(remove(&one, 0), seeded);
            let two = add(&one, at(9_000), CRASH);
            assert_eq!(remove(&two, 1), one);
            assert_eq!(remove(&two, 0), add(&seeded, at(9_000), CRASH));
        }
        assert_eq!(remove(POD, 3), POD);
    }

    #[test]
    fn entries_move() {
        let one = add(POD, at(10_000), CRASH);
        assert_eq!(shift(&one, 0, at(70_125)), add(POD, at(70_125), CRASH));
        assert_eq!(shift(&one, 9, at(1)), one);
    }

    #[test]
    fn commands_are_quoted() {
        assert_eq!(quoted("exec web -- sh -c \"a\\b\""), r#""exec web -- sh -c \"a\\b\"""#);
    }
}
