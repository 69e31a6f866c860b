//! What was seen: objects, rows, events and log lines of a paste, each with its line.

use super::ages::{Seconds, age, instant};
use super::blocks::{self, Block, Form};
use super::events::{self, Event};
use super::marked::Marked;
use super::paste::{self, Line};
use super::table::{self, Row};
use super::{describe, flow, yaml};
use podplay_api::Value;

/// Most objects of a paste.
const OBJECTS: usize = 2_000;

/// From what an object was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The object itself, as YAML or JSON.
    Object,
    /// A description of it.
    Description,
}

/// An object that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its kind.
    pub kind: String,
    /// Its name; empty where the paste is cut.
    pub name: String,
    /// Its namespace, where the paste says it.
    pub namespace: String,
    /// From what it was read.
    pub shape: Shape,
    /// The line with which it begins.
    pub line: u32,
    /// Its fields.
    pub tree: Marked,
}

/// A row of a table about one object.
#[derive(Clone, Debug)]
pub struct SeenRow {
    /// The kind.
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// The cells.
    pub row: Row,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it stands.
    pub line: u32,
    /// The pod; empty where the paste does not say.
    pub pod: String,
    /// The container; empty where the paste does not say.
    pub container: String,
    /// Whether it is from the instance before.
    pub previous: bool,
    /// What was written.
    pub text: String,
}

/// A line that says what something refused, or that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it stands.
    pub line: u32,
    /// The line.
    pub text: String,
}

/// Everything that was read of a paste.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Objects, in the order of the paste.
    pub objects: Vec<Seen>,
    /// Rows of tables.
    pub rows: Vec<SeenRow>,
    /// Events.
    pub events: Vec<Event>,
    /// Log lines.
    pub logs: Vec<LogLine>,
    /// What kubectl or the API server refused.
    pub errors: Vec<Said>,
    /// What was not understood.
    pub unread: Vec<Said>,
    /// Names of pods and workloads whose events were shown, and were none.
    pub without_events: Vec<String>,
    /// Whether there is a table of a namespace's events, or of events alone.
    pub events_shown: bool,
    /// How many lines the paste has.
    pub lines: u32,
}

/// Reads a paste.
pub fn read(text: &str) -> Observed {
    let lines = paste::lines(text);
    let wrapped = paste::wrap_width(&lines);
    let mut out =
        Observed { lines: lines.last().map_or(0, |line| line.number), ..Observed::default() };
    for block in blocks::blocks(&lines) {
        match block.form {
            Form::Yaml => out.yaml(&block),
            Form::Json => out.json(&block),
            Form::Describe => out.describe(&block, wrapped),
            Form::Table => out.table(&block, wrapped),
            Form::Log => out.logs(&block),
            Form::Error => out.say(&block),
            Form::Other => out.unread(&block.lines),
        }
    }
    out.without_doubles();
    out
}

impl Observed {
    fn unread(&mut self, lines: &[Line]) {
        let filled = lines.iter().filter(|line| !line.is_blank() && line.text != "---");
        self.unread.extend(filled.map(|line| Said { line: line.number, text: line.text.clone() }));
    }
    fn say(&mut self, block: &Block) {
        let mut text = String::new();
        for line in block.lines.iter().filter(|line| !line.is_blank()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line.words());
        }
        let line = block.lines.first().map_or(0, |line| line.number);
        self.errors.push(Said { line, text });
    }
    fn yaml(&mut self, block: &Block) {
        let read = yaml::read(&block.lines);
        let odd: Vec<Line> =
            block.lines.iter().filter(|line| read.odd.contains(&line.number)).cloned().collect();
        self.unread(&odd);
        let line = block.lines.first().map_or(0, |line| line.number);
        self.tree(read.tree, line);
    }
    fn json(&mut self, block: &Block) {
        let lines: Vec<(u32, String)> =
            block.lines.iter().map(|line| (line.number, line.text.clone())).collect();
        let line = block.lines.first().map_or(0, |line| line.number);
        self.tree(flow::read(&lines, ""), line);
    }
    /// An object, a list of them, or the rest of one.
    fn tree(&mut self, tree: Marked, line: u32) {
        if self.objects.len() >= OBJECTS {
            return;
        }
        let lists = [("", tree.value.as_array()), ("items", tree.get("items").as_array())];
        for (path, list) in lists {
            let Some(list) = list else { continue };
            for number in 0..list.len().min(OBJECTS) {
                let item = tree.under(&format!("{path}[{number}]"));
                let line = tree.line(&format!("{path}[{number}]")).unwrap_or(line);
                self.tree(item, line);
            }
            return;
        }
        let kind = match tree.text("kind") {
            "" => guessed(&tree),
            kind => kind.to_owned(),
        };
        match kind.as_str() {
            "" | "List" | "Scenario" => {}
            "Event" => self.events.push(events::of_object(&tree)),
            _ => self.objects.push(Seen {
                name: tree.text("metadata.name").to_owned(),
                namespace: tree.text("metadata.namespace").to_owned(),
                shape: Shape::Object,
                line,
                kind,
                tree,
            }),
        }
    }
    fn describe(&mut self, block: &Block, wrapped: Option<usize>) {
        let read = describe::read(&block.lines, wrapped);
        let odd: Vec<Line> =
            block.lines.iter().filter(|line| read.odd.contains(&line.number)).cloned().collect();
        self.unread(&odd);
        if read.no_events {
            self.without_events.push(read.tree.text("metadata.name").to_owned());
        }
        self.events.extend(read.events);
        if !read.kind.is_empty() {
            self.objects.push(Seen {
                kind: read.kind.to_owned(),
                name: read.tree.text("metadata.name").to_owned(),
                namespace: read.tree.text("metadata.namespace").to_owned(),
                shape: Shape::Description,
                line: block.lines.first().map_or(0, |line| line.number),
                tree: read.tree,
            });
        }
    }
    fn table(&mut self, block: &Block, wrapped: Option<usize>) {
        if events::titles(&block.lines).is_some() {
            self.events_shown = true;
            self.events.extend(events::table(&block.lines, wrapped, None));
            return;
        }
        let mut odd = Vec::new();
        let rows = table::rows(&block.lines, |line| odd.push(line.clone()));
        self.unread(&odd);
        let typed = block.command.iter().skip(1).find_map(|word| table::kind_of(word));
        for row in rows {
            let cell = row.cell("NAME").to_owned();
            let found = table::kind_and_name(&cell);
            let kind =
                found.map(|(kind, _)| kind).or_else(|| table::kind_by_titles(&row)).or(typed);
            let name = found.map_or(cell.as_str(), |(_, name)| name).to_owned();
            match kind {
                Some(kind) if !name.is_empty() => self.rows.push(SeenRow { kind, name, row }),
                _ => self.unread.push(Said { line: row.line, text: cell }),
            }
        }
    }
    fn logs(&mut self, block: &Block) {
        let previous = block
            .command
            .iter()
            .any(|word| matches!(word.as_str(), "-p" | "--previous" | "--previous=true"));
        let flag = |names: [&str; 2]| {
            let at = block.command.iter().position(|word| names.contains(&word.as_str()))?;
            block.command.get(at + 1).cloned()
        };
        let container = flag(["-c", "--container"]).unwrap_or_default();
        let named = block.command.get(1).filter(|word| !word.starts_with('-'));
        let pod = named.map_or("", |word| word.rsplit('/').next().unwrap_or_default()).to_owned();
        for line in block.lines.iter().filter(|line| !line.is_blank()) {
            let (pod, container, text) = match blocks::logged(&line.text) {
                Some((pod, container, text)) => (pod, container, text),
                None => (pod.as_str(), container.as_str(), line.text.as_str()),
            };
            self.logs.push(LogLine {
                line: line.number,
                pod: pod.to_owned(),
                container: container.to_owned(),
                previous,
                text: text.to_owned(),
            });
        }
    }
    /// An event of a description stands in `get events`, too: the one with the count is kept.
    fn without_doubles(&mut self) {
        let mut out: Vec<Event> = Vec::new();
        for event in std::mem::take(&mut self.events) {
            let same = out.iter_mut().find(|other| {
                (&other.kind, &other.name, &other.reason, &other.message)
                    == (&event.kind, &event.name, &event.reason, &event.message)
                    && (other.often.last == event.often.last
                        || other.often.count.is_some() != event.often.count.is_some())
            });
            match same {
                Some(other) if other.often.count.is_none() && event.often.count.is_some() => {
                    *other = event;
                }
                Some(other) => {
                    if other.container.is_empty() {
                        other.container = event.container;
                    }
                }
                None => out.push(event),
            }
        }
        self.events = out;
    }
    /// Whether nothing was understood.
    pub const fn is_empty(&self) -> bool {
        self.objects.is_empty()
            && self.rows.is_empty()
            && self.events.is_empty()
            && self.logs.is_empty()
            && self.errors.is_empty()
    }
    /// Objects of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Seen> {
        self.objects.iter().filter(move |seen| seen.kind == kind)
    }
    /// Every fact as a text, without the line on which it stands.
    pub fn facts(&self) -> Vec<String> {
        let mut out = Vec::new();
        for seen in &self.objects {
            for (path, value) in seen.tree.leaves() {
                out.push(format!("{} {path}={value}", seen.kind));
            }
        }
        for row in &self.rows {
            for (title, cell) in &row.row.cells {
                out.push(format!("row {} {} {title}={cell}", row.kind, row.name));
            }
        }
        for event in &self.events {
            out.push(format!("event {} {} {}", event.reason, event.warning, event.message));
        }
        out.extend(self.logs.iter().map(|log| format!("log {}", log.text)));
        out
    }
    /// The latest moment that an object or an event shows, in seconds since 1970.
    pub fn latest(&self) -> Option<i64> {
        let of_objects = self.objects.iter().flat_map(|seen| seen.tree.leaves());
        let moments = of_objects
            .filter(|(path, _)| {
                path.ends_with("At") || path.ends_with("Time") || path.ends_with("Timestamp")
            })
            .filter_map(|(_, value)| instant(&value));
        moments.chain(self.events.iter().filter_map(|event| Some(event.moments?.1))).max()
    }
    /// How long ago something was seen first, as far as ages tell.
    pub fn oldest_age(&self) -> Option<Seconds> {
        let rows = self.rows.iter().filter_map(|row| age(row.row.cell("AGE")));
        rows.chain(self.events.iter().filter_map(Event::since)).max()
    }
}

/// The kind of what has lost its first lines.
fn guessed(tree: &Marked) -> String {
    let has = |path: &str| !tree.get(path).is_null();
    let kind = if has("spec.containers") || has("status.containerStatuses") {
        "Pod"
    } else if has("spec.strategy.rollingUpdate.maxSurge") {
        "Deployment"
    } else if has("spec.jobTemplate") {
        "CronJob"
    } else if has("spec.clusterIP") {
        "Service"
    } else {
        ""
    };
    kind.to_owned()
}

/// A value as a text, whatever it is.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
