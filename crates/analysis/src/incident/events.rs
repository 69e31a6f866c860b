//! Events: from `get events`, `kubectl events`, descriptions and objects, of every width and version.

use super::ages::{Often, Seconds, age, often};
use super::marked::Marked;
use super::paste::Line;
use super::table::{kind_and_name, kind_of, positions};

/// An event that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Where it stands.
    pub line: u32,
    /// The kind of what it is about; empty where the paste does not say.
    pub kind: String,
    /// The name of what it is about.
    pub name: String,
    /// The namespace, where the paste says it.
    pub namespace: String,
    /// The container, where the paste says it.
    pub container: String,
    /// Whether it is a warning.
    pub warning: bool,
    /// Its reason.
    pub reason: String,
    /// Its message.
    pub message: String,
    /// How often, and when.
    pub often: Often,
    /// When it was seen first and last, in seconds since 1970, where the paste says it.
    pub moments: Option<(i64, i64)>,
}

/// Titles of columns as they are called here.
fn title(words: &str) -> &str {
    match words {
        "LAST SEEN" | "LASTSEEN" | "LastSeen" => "last",
        "Age" => "age",
        "FIRST SEEN" | "FIRSTSEEN" | "FirstSeen" => "first",
        "COUNT" | "Count" => "count",
        "TYPE" | "Type" => "type",
        "REASON" | "Reason" => "reason",
        "OBJECT" => "object",
        "KIND" => "kind",
        "NAME" => "name",
        "NAMESPACE" => "namespace",
        "SUBOBJECT" | "SubObjectPath" | "SubobjectPath" => "sub",
        "SOURCE" | "From" => "source",
        "MESSAGE" | "Message" => "message",
        _ => "",
    }
}

/// The columns of a table of events, in order; `None` if the line is no such titles.
pub(crate) fn columns(text: &str) -> Option<Vec<(usize, &'static str)>> {
    let mut out: Vec<(usize, &'static str)> = Vec::new();
    let words = positions(text);
    let mut at = 0;
    while let Some((start, word)) = words.get(at) {
        let next = words.get(at + 1).map_or("", |(_, word)| word);
        let both = format!("{word} {next}");
        let name = if title(&both).is_empty() {
            title(word)
        } else {
            at += 1;
            title(&both)
        };
        let name = NAMES.iter().find(|known| **known == name)?;
        out.push((*start, name));
        at += 1;
    }
    let has = |name: &str| out.iter().any(|(_, column)| *column == name);
    (has("type") && has("reason") && has("message")).then_some(out)
}

const NAMES: [&str; 13] = [
    "age",
    "last",
    "first",
    "count",
    "type",
    "reason",
    "object",
    "kind",
    "name",
    "namespace",
    "sub",
    "source",
    "message",
];

/// The columns of a table of events, and on how many lines its titles stand: a narrow chat breaks them, too.
pub(crate) fn titles(lines: &[Line]) -> Option<(Vec<(usize, &'static str)>, usize)> {
    let mut filled = lines.iter().filter(|line| !line.is_blank());
    let first = filled.next()?;
    if let Some(columns) = columns(&first.text) {
        return Some((columns, 1));
    }
    let both = format!("{}   {}", first.text, filled.next()?.words());
    Some((columns(&both)?, 2))
}

/// Reads a table of events whose first line is its titles. What is no row goes on with the message before it.
pub(crate) fn table(
    lines: &[Line],
    wrapped: Option<usize>,
    about: Option<(&str, &str)>,
) -> Vec<Event> {
    let Some((columns, titles)) = titles(lines) else { return Vec::new() };
    let rows = lines.iter().filter(|line| !line.is_blank() && !ruler(&line.text));
    let lines = rows.skip(titles);
    let mut out: Vec<Event> = Vec::new();
    let mut full = false;
    for line in lines {
        match row(&columns, line) {
            Some(mut event) => {
                if let (true, Some((kind, name))) = (event.kind.is_empty(), about) {
                    event.kind = kind.to_owned();
                    event.name = name.to_owned();
                }
                out.push(event);
            }
            None => {
                if let Some(last) = out.last_mut() {
                    if !full {
                        last.message.push(' ');
                    }
                    last.message.push_str(line.words());
                }
            }
        }
        full = wrapped == Some(line.text.chars().count());
    }
    out.iter_mut().for_each(complete);
    out
}

/// The line of dashes under the titles in a description.
fn ruler(text: &str) -> bool {
    text.chars().all(|c| c == '-' || c == ' ') && text.contains("---")
}

/// One row: by columns if they fit, else word by word.
fn row(columns: &[(usize, &'static str)], line: &Line) -> Option<Event> {
    by_columns(columns, line).or_else(|| by_words(columns, line))
}

fn by_columns(columns: &[(usize, &'static str)], line: &Line) -> Option<Event> {
    let chars: Vec<char> = line.text.chars().collect();
    let mut event = Event { line: line.number, ..Event::default() };
    for (number, (start, name)) in columns.iter().enumerate() {
        let end = columns.get(number + 1).map_or(chars.len(), |next| next.0).min(chars.len());
        let start = (*start).min(chars.len());
        if start > 0 && start < chars.len() && chars.get(start - 1).is_some_and(|c| *c != ' ') {
            return None;
        }
        let cell: String = chars.get(start..end)?.iter().collect();
        fill(&mut event, name, cell.trim())?;
    }
    whole(event)
}

fn by_words(columns: &[(usize, &'static str)], line: &Line) -> Option<Event> {
    let mut words: Vec<&str> = line.text.split_whitespace().collect();
    let mut event = Event { line: line.number, ..Event::default() };
    let message = columns.iter().position(|(_, name)| *name == "message")?;
    for (_, name) in columns.get(message + 1..)?.iter().rev() {
        fill(&mut event, name, words.pop()?)?;
    }
    let mut rest = words.into_iter().peekable();
    for (_, name) in columns.get(..message)? {
        // The place within the object is left out where there is none.
        if *name == "sub" && rest.peek().is_some_and(|word| !word.contains('{')) {
            continue;
        }
        let mut cell = rest.next()?.to_owned();
        let goes_on = |cell: &str, next: &str| match *name {
            "last" | "age" => {
                next.starts_with("(x") || (cell.contains("(x") && !cell.ends_with(')'))
            }
            "source" => cell.ends_with(','),
            _ => false,
        };
        while rest.peek().is_some_and(|next| goes_on(&cell, next)) {
            cell.push(' ');
            cell.push_str(rest.next().unwrap_or_default());
        }
        fill(&mut event, name, &cell)?;
    }
    event.message = rest.collect::<Vec<_>>().join(" ");
    whole(event)
}

/// A row without a type or a reason is none.
fn whole(event: Event) -> Option<Event> {
    (!event.reason.is_empty() && !event.reason.contains(' ')).then_some(event)
}

fn fill(event: &mut Event, name: &str, cell: &str) -> Option<()> {
    match name {
        "last" | "age" => {
            let mut seen = often(cell)?;
            // `get events` tells only when it was seen last; a description without a count means once.
            if name == "last" && seen.count.is_none() {
                seen.first = None;
            }
            event.often.last = seen.last;
            event.often.count = event.often.count.or(seen.count);
            event.often.first = event.often.first.or(seen.first);
        }
        "first" => event.often.first = Some(age(cell)?),
        "count" => event.often.count = Some(cell.parse().ok()?),
        "type" => {
            event.warning = match cell {
                "Warning" => true,
                "Normal" => false,
                _ => return None,
            }
        }
        "reason" => event.reason = cell.to_owned(),
        "object" => {
            let (kind, name) = kind_and_name(cell).unwrap_or(("", cell));
            event.kind = kind.to_owned();
            event.name = name.to_owned();
        }
        "kind" => event.kind = kind_of(cell).unwrap_or(cell).to_owned(),
        // Old versions print the event's own name, which is the object's with a number behind it.
        "name" if event.name.is_empty() => {
            event.name = cell.rsplit_once('.').map_or(cell, |(name, _)| name).to_owned();
        }
        "namespace" => event.namespace = cell.to_owned(),
        "sub" => event.container = container_of(cell).to_owned(),
        "message" => event.message = cell.to_owned(),
        _ => {}
    }
    Some(())
}

/// What a message itself says of its object: `spec.containers{web}: …`, `… in pod web_prod(uid)`.
fn complete(event: &mut Event) {
    if event.message.starts_with("spec.")
        && let Some((place, rest)) = event.message.split_once("}: ")
    {
        event.container = container_of(&format!("{place}}}")).to_owned();
        event.message = rest.to_owned();
    }
    if event.container.is_empty() {
        let named = [
            ("Back-off restarting failed container ", " in pod "),
            ("Created container ", ""),
            ("Started container ", ""),
            ("Stopping container ", ""),
            ("Created container: ", ""),
        ];
        let found = named.iter().find_map(|(lead, tail)| {
            let rest = event.message.strip_prefix(lead)?;
            if tail.is_empty() { Some(rest) } else { Some(rest.split_once(tail)?.0) }
        });
        let killed = || Some(event.message.strip_prefix("Container ")?.split_once(" failed ")?.0);
        let found = found.or_else(killed).filter(|name| !name.contains(' '));
        event.container = found.unwrap_or_default().to_owned();
    }
    if event.name.is_empty()
        && let Some((_, rest)) = event.message.split_once(" in pod ")
        && let Some((pod, _)) = rest.split_once('_')
    {
        event.kind = "Pod".to_owned();
        event.name = pod.to_owned();
    }
    if event.name.is_empty()
        && let Some(rest) = event.message.strip_prefix("Successfully assigned ")
        && let Some((whom, _)) = rest.split_once(" to ")
    {
        event.kind = "Pod".to_owned();
        event.name = whom.rsplit('/').next().unwrap_or_default().to_owned();
    }
}

/// `spec.containers{web}` names a container.
fn container_of(path: &str) -> &str {
    path.split_once('{').map_or("", |(_, rest)| rest.trim_end_matches('}'))
}

/// An Event object.
pub(crate) fn of_object(object: &Marked) -> Event {
    let first_of = |paths: [&str; 3]| {
        paths.iter().map(|path| object.text(path)).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let about = if object.get("involvedObject").is_null() { "regarding" } else { "involvedObject" };
    let field = |name: &str| object.text(&format!("{about}.{name}")).to_owned();
    let first =
        super::ages::instant(first_of(["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"]));
    let last =
        super::ages::instant(first_of(["lastTimestamp", "series.lastObservedTime", "eventTime"]));
    let count = object.get("count").as_u64().or_else(|| object.get("series.count").as_u64());
    let mut event = Event {
        line: object.line("message").unwrap_or(0),
        kind: field("kind"),
        name: field("name"),
        namespace: field("namespace"),
        container: container_of(&field("fieldPath")).to_owned(),
        warning: object.text("type") == "Warning",
        reason: object.text("reason").to_owned(),
        message: first_of(["message", "note", "message"]).to_owned(),
        often: Often {
            count: count.and_then(|count| u32::try_from(count).ok()),
            last: None,
            first: None,
        },
        moments: first.or(last).zip(last.or(first)),
    };
    complete(&mut event);
    event
}

impl Event {
    /// How long ago it was first seen.
    pub fn since(&self) -> Option<Seconds> {
        self.often.first.or(self.often.last)
    }
    /// How often it was seen at least.
    pub fn count(&self) -> u32 {
        self.often.count.unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::paste;

    #[test]
    fn tables_of_every_version_say_the_same() {
        let texts = [
            "LAST SEEN   TYPE      REASON    OBJECT      MESSAGE\n4s          Warning   BackOff   pod/web-0   Back-off restarting failed container app in pod web-0_prod(1)\n",
            "NAMESPACE LAST SEEN TYPE REASON OBJECT MESSAGE\nprod 4s (x3 over 40s) Warning BackOff pod/web-0 Back-off restarting failed container app in pod web-0_prod(1)\n",
            "LAST SEEN   FIRST SEEN   COUNT   NAME               KIND   SUBOBJECT              TYPE      REASON    SOURCE            MESSAGE\n4s          40s          3       web-0.15a1b2c3d4   Pod    spec.containers{app}   Warning   BackOff   kubelet, node01   Back-off restarting failed container app in pod web-0_prod(1)\n",
            "  Type     Reason   Age                From     Message\n  ----     ------   ----               ----     -------\n  Warning  BackOff  4s (x3 over 40s)   kubelet  spec.containers{app}: Back-off restarting failed\n  container app in pod web-0_prod(1)\n",
            "LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME\n4s Warning BackOff pod/web-0 spec.containers{app} kubelet, node01 Back-off restarting failed container app in pod web-0_prod(1) 40s 3 web-0.15a1b2c3d4\n",
        ];
        for text in texts {
            let found = table(&paste::lines(text), None, None);
            assert_eq!(found.len(), 1, "{text}");
            for event in found {
                assert_eq!((event.kind.as_str(), event.name.as_str()), ("Pod", "web-0"), "{text}");
                assert_eq!((event.container.as_str(), event.warning), ("app", true), "{text}");
                assert!(event.message.ends_with("container app in pod web-0_prod(1)"), "{text}");
                assert_eq!(event.often.last, Some(Seconds::exactly(4)), "{text}");
            }
        }
    }
}
