//! JSONPath templates: `{.items[*].metadata.name}`, `{range …}{end}`, filters.
//!
//! Models `k8s.io/client-go/util/jsonpath`.

use podplay_api::Value;
use std::cmp::Ordering;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    source: String,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Self>),
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Root,
    Field(String),
    Wildcard,
    Recursive,
    Index(i64),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    Union(Vec<Vec<Self>>),
    Filter(Operand, Option<(&'static str, Operand)>),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(Vec<Step>),
    Literal(Value),
}

/// `.metadata.name` and `metadata.name` as `{.metadata.name}`.
///
/// Models `kubectl/pkg/cmd/get/customcolumn.go` RelaxedJSONPathExpression.
pub(crate) fn relaxed(path: &str) -> String {
    let inner = path.strip_prefix('{').and_then(|path| path.strip_suffix('}')).unwrap_or(path);
    let inner = inner.strip_prefix('.').unwrap_or(inner);
    if inner.is_empty() { "{}".to_owned() } else { format!("{{.{inner}}}") }
}

/// A value as templates print it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => crate::output::compact(other),
    }
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// With the parser's words.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: source };
        let mut nodes = Vec::new();
        parser.nodes(&mut nodes, false)?;
        Ok(Self { source: source.to_owned(), nodes })
    }
    pub(crate) fn source(&self) -> &str {
        &self.source
    }
    /// The text that the template makes of an object.
    pub(crate) fn text(&self, object: &Value) -> Result<String, String> {
        let mut out = String::new();
        print(&self.nodes, object, object, &mut out)?;
        Ok(out)
    }
    /// The values that its paths find.
    pub(crate) fn values(&self, object: &Value) -> Result<Vec<Value>, String> {
        let mut found = Vec::new();
        for node in &self.nodes {
            if let Node::Path(steps) = node {
                found.extend(walk(steps, object, object)?.into_iter().cloned());
            }
        }
        Ok(found)
    }
}

fn print(nodes: &[Node], root: &Value, here: &Value, out: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Path(steps) => {
                let found = walk(steps, root, here)?;
                out.push_str(&found.into_iter().map(plain).collect::<Vec<_>>().join(" "));
            }
            Node::Range(steps, body) => {
                for each in walk(steps, root, here)? {
                    print(body, root, each, out)?;
                }
            }
        }
    }
    Ok(())
}

fn walk<'a>(steps: &[Step], root: &'a Value, here: &'a Value) -> Result<Vec<&'a Value>, String> {
    let mut found = vec![here];
    for step in steps {
        let mut next = Vec::new();
        for value in found {
            take(step, root, value, &mut next)?;
        }
        found = next;
    }
    Ok(found)
}

fn take<'a>(
    step: &Step,
    root: &'a Value,
    value: &'a Value,
    next: &mut Vec<&'a Value>,
) -> Result<(), String> {
    match step {
        Step::Root => next.push(root),
        Step::Field(name) => next.extend(value.get(name).filter(|value| !value.is_null())),
        Step::Wildcard => match value {
            Value::Array(items) => next.extend(items),
            Value::Object(map) => next.extend(map.values()),
            _ => {}
        },
        Step::Recursive => descend(value, next),
        Step::Index(index) => match value {
            Value::Array(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let at = if *index < 0 { index + length } else { *index };
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                next.push(item.ok_or_else(|| {
                    format!("array index out of bounds: index {index}, length {length}")
                })?);
            }
            _ => return Err(format!("{} is not array or slice", plain(value))),
        },
        Step::Slice(from, to, by) => {
            let Value::Array(items) = value else {
                return Err(format!("{} is not array or slice", plain(value)));
            };
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let place = |given: Option<i64>, usual| {
                given.map_or(usual, |at| if at < 0 { at + length } else { at }).clamp(0, length)
            };
            let (from, to) = (place(*from, 0), place(*to, length));
            let by = usize::try_from(by.unwrap_or(1).max(1)).unwrap_or(1);
            let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
            next.extend(items.get(range).into_iter().flatten().step_by(by));
        }
        Step::Union(paths) => {
            for path in paths {
                next.extend(walk(path, root, value)?);
            }
        }
        Step::Filter(left, right) => {
            let Value::Array(items) = value else { return Ok(()) };
            for item in items {
                if holds(left, right.as_ref(), root, item)? {
                    next.push(item);
                }
            }
        }
    }
    Ok(())
}

fn descend<'a>(value: &'a Value, next: &mut Vec<&'a Value>) {
    next.push(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| descend(item, next)),
        Value::Object(map) => map.values().for_each(|item| descend(item, next)),
        _ => {}
    }
}

fn holds(
    left: &Operand,
    right: Option<&(&'static str, Operand)>,
    root: &Value,
    item: &Value,
) -> Result<bool, String> {
    let value = |operand: &Operand| match operand {
        Operand::Literal(value) => Ok(Some(value.clone())),
        Operand::Path(steps) => {
            walk(steps, root, item).map(|found| found.first().map(|value| (*value).clone()))
        }
    };
    let left = value(left)?;
    let Some((operator, right)) = right else { return Ok(left.is_some()) };
    let (Some(left), Some(right)) = (left, value(right)?) else { return Ok(false) };
    let order = match (&left, &right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (a, b) => (a == b).then_some(Ordering::Equal),
    };
    Ok(match *operator {
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        ">" => order == Some(Ordering::Greater),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    })
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// Nodes up to `{end}` or the end of the text.
    fn nodes(&mut self, nodes: &mut Vec<Node>, inside: bool) -> Result<(), String> {
        while !self.rest.is_empty() {
            let Some(open) = self.rest.find('{') else {
                nodes.push(Node::Text(std::mem::take(&mut self.rest).to_owned()));
                break;
            };
            if open > 0 {
                nodes.push(Node::Text(self.rest[..open].to_owned()));
            }
            self.rest = &self.rest[open + 1..];
            let end = closing(self.rest).ok_or("unclosed action")?;
            let action = self.rest[..end].trim();
            self.rest = &self.rest[end + 1..];
            if action == "end" {
                return if inside {
                    Ok(())
                } else {
                    Err("not in range, nothing to end".to_owned())
                };
            }
            if let Some(path) = action.strip_prefix("range ") {
                let steps = path_of(path.trim())?;
                let mut body = Vec::new();
                self.nodes(&mut body, true)?;
                nodes.push(Node::Range(steps, body));
                continue;
            }
            nodes.extend(self::action(action)?);
        }
        Ok(())
    }
}

/// One or more paths and texts in braces.
fn action(text: &str) -> Result<Vec<Node>, String> {
    if let Some(quoted) = literal(text) {
        return Ok(vec![Node::Text(quoted)]);
    }
    let mut nodes = Vec::new();
    for (n, part) in text.split_whitespace().enumerate() {
        if n > 0 && !text.contains("[?(") {
            nodes.push(Node::Path(path_of(part)?));
        } else if n == 0 {
            let whole = if text.contains("[?(") { text } else { part };
            nodes.push(Node::Path(path_of(whole)?));
        }
    }
    Ok(nodes)
}

/// Where the brace closes, outside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') => return Some(at),
            _ => {}
        }
    }
    None
}

/// A quoted text, unescaped.
fn literal(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text[1..].strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    Some(out)
}

fn path_of(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('$') {
        steps.push(Step::Root);
        rest = after;
    } else if let Some(after) = rest.strip_prefix('@') {
        rest = after;
    } else if !rest.starts_with(['.', '[']) && !rest.is_empty() {
        return Err(format!("unrecognized identifier {rest}"));
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            steps.push(Step::Recursive);
            rest = after;
            if !rest.starts_with('[') && !rest.is_empty() {
                rest = field(rest, &mut steps);
            }
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            if !rest.is_empty() && !rest.starts_with('[') {
                rest = field(rest, &mut steps);
            }
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = bracket(after).ok_or("unterminated array")?;
            steps.push(subscript(after[..end].trim())?);
            rest = &after[end + 1..];
        } else {
            return Err(format!(
                "unrecognized character in action: {:?}",
                rest.chars().next().unwrap_or(' ')
            ));
        }
    }
    Ok(steps)
}

/// A field name; a backslash keeps the character behind it.
fn field<'a>(text: &'a str, steps: &mut Vec<Step>) -> &'a str {
    let mut name = String::new();
    let mut chars = text.char_indices();
    let mut end = text.len();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            '.' | '[' | ' ' | ')' | '=' | '!' | '<' | '>' => {
                end = at;
                break;
            }
            c => name.push(c),
        }
    }
    steps.push(if name == "*" { Step::Wildcard } else { Step::Field(name) });
    &text[end..]
}

/// Where the square bracket closes, outside quotes and inner brackets.
fn bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(at),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn subscript(text: &str) -> Result<Step, String> {
    if text == "*" {
        return Ok(Step::Wildcard);
    }
    if let Some(filter) = text.strip_prefix("?(").and_then(|text| text.strip_suffix(')')) {
        return filter_of(filter.trim());
    }
    if let Some(name) = literal(text) {
        return Ok(Step::Field(name));
    }
    let number =
        |text: &str| text.trim().parse::<i64>().map_err(|_| format!("invalid array index {text}"));
    if text.contains(':') {
        let part = |n: usize| {
            text.split(':').nth(n).filter(|part| !part.is_empty()).map(number).transpose()
        };
        return Ok(Step::Slice(part(0)?, part(1)?, part(2)?));
    }
    if text.contains(',') {
        let paths = text.split(',').map(|part| match literal(part.trim()) {
            Some(name) => Ok(vec![Step::Field(name)]),
            None => number(part).map(|index| vec![Step::Index(index)]),
        });
        return paths.collect::<Result<_, _>>().map(Step::Union);
    }
    number(text).map(Step::Index)
}

fn filter_of(text: &str) -> Result<Step, String> {
    for operator in ["==", "!=", "<=", ">=", "<", ">"] {
        if let Some((left, right)) = text.split_once(operator) {
            return Ok(Step::Filter(
                operand(left.trim())?,
                Some((operator, operand(right.trim())?)),
            ));
        }
    }
    Ok(Step::Filter(operand(text)?, None))
}

fn operand(text: &str) -> Result<Operand, String> {
    if let Some(text) = literal(text) {
        return Ok(Operand::Literal(Value::String(text)));
    }
    if text.starts_with(['@', '$', '.']) {
        return path_of(text).map(Operand::Path);
    }
    serde_json::from_str(text)
        .map(Operand::Literal)
        .map_err(|_| format!("unrecognized operand {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::json;

    #[test]
    fn templates() {
        let object = json!({"items": [{"n": "a", "c": [{"image": "x", "name": "log"}]}, {"n": "b", "c": []}],
            "labels": {"app": "web", "example.com/x": "y"}, "count": 3, "none": null});
        let table = [
            ("{.items[*].n}", "a b"),
            ("{.items[0].n}", "a"),
            ("{.items[-1:].n}", "b"),
            ("{range .items[*]}{.n}{\"\\t\"}{.c[*].image}{\"\\n\"}{end}", "a\tx\nb\t\n"),
            ("{.labels}", "{\"app\":\"web\",\"example.com/x\":\"y\"}"),
            ("{.labels.example\\.com/x}", "y"),
            ("{.labels['example.com/x']}", "y"),
            ("{.items[0].c[?(@.name=='log')].image}", "x"),
            ("{.items[0].c[?(@.name == \"log\")].image}", "x"),
            ("{.nope}", ""),
            (".metadata", ".metadata"),
            ("{.count} {.none}", "3 "),
            ("{..n}", "a b"),
            ("{.items[0,1].n}", "a b"),
        ];
        for (template, expected) in table {
            let text = Template::parse(template).and_then(|template| template.text(&object));
            assert_eq!(text.as_deref(), Ok(expected), "{template}");
        }
        let beyond = Template::parse("{.items[5].n}").and_then(|template| template.text(&object));
        assert_eq!(beyond, Err("array index out of bounds: index 5, length 2".to_owned()));
        assert!(Template::parse("{.items").is_err());
    }
}
