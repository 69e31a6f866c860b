//! The little of `jq` that people use behind kubectl: paths, iteration, `length`, `keys`, and pipes.

use podplay_api::Value;

/// Said to a filter that is not understood.
const UNKNOWN: &str =
    "jq: only paths such as .items[].metadata.name, length, keys and | are known here\n";
/// Most values that a filter gives.
const MOST: usize = 10_000;

/// Runs `jq` with its arguments on a text: what it prints, and what it says on standard error.
pub(crate) fn run(args: &[String], input: &str) -> (String, String) {
    let failed = |why: &str| (String::new(), why.to_owned());
    let (mut raw, mut compact, mut filter) = (false, false, None);
    for arg in args {
        match arg.as_str() {
            "-r" | "--raw-output" => raw = true,
            "-c" | "--compact-output" => compact = true,
            "-rc" | "-cr" => (raw, compact) = (true, true),
            "-M" | "-S" => {}
            other if filter.is_none() && !other.starts_with('-') => filter = Some(other),
            _ => return failed(UNKNOWN),
        }
    }
    let Some(steps) = filter.map_or(Some(Vec::new()), steps) else { return failed(UNKNOWN) };
    let Ok(value) = serde_json::from_str::<Value>(input) else {
        return failed("jq: error: the input is not JSON; ask kubectl for -o json\n");
    };
    let mut values = vec![value];
    for step in &steps {
        match apply(step, values) {
            Ok(next) => values = next,
            Err(why) => return failed(&format!("jq: error: {why}\n")),
        }
    }
    let print = |value: &Value| match value {
        Value::String(text) if raw => text.clone(),
        value if compact => value.to_string(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    (values.iter().map(|value| print(value) + "\n").collect(), String::new())
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    At(i64),
    Each,
    Length,
    Keys,
    /// What fails gives nothing.
    Maybe(Box<Self>),
}

/// The steps of a filter; none if it is not understood.
fn steps(filter: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in filter.split('|') {
        match part.trim() {
            "length" => steps.push(Step::Length),
            "keys" => steps.push(Step::Keys),
            path => steps.extend(path_of(path)?),
        }
    }
    Some(steps)
}

fn path_of(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('.')?;
    let mut first = true;
    while !rest.is_empty() {
        let step;
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']')?;
            let (index, behind) = (inner[..end].trim(), &inner[end + 1..]);
            step = match index.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(name) => Step::Field(name.to_owned()),
                None if index.is_empty() => Step::Each,
                None => Step::At(index.parse().ok()?),
            };
            rest = behind;
        } else {
            let name = match rest.strip_prefix('.') {
                Some(name) => name,
                None if first => rest,
                None => return None,
            };
            if let Some(quoted) = name.strip_prefix('"') {
                let end = quoted.find('"')?;
                step = Step::Field(quoted[..end].to_owned());
                rest = &quoted[end + 1..];
            } else {
                let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                let end = end.unwrap_or(name.len());
                step = (end > 0).then(|| Step::Field(name[..end].to_owned()))?;
                rest = &name[end..];
            }
        }
        let maybe = rest.strip_prefix('?');
        rest = maybe.unwrap_or(rest);
        steps.push(if maybe.is_some() { Step::Maybe(Box::new(step)) } else { step });
        first = false;
    }
    Some(steps)
}

fn apply(step: &Step, values: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut out = Vec::new();
    for value in values {
        match one(step, &value) {
            Ok(found) => out.extend(found),
            Err(why) if !matches!(step, Step::Maybe(_)) => return Err(why),
            Err(_) => {}
        }
        out.truncate(MOST);
    }
    Ok(out)
}

fn one(step: &Step, value: &Value) -> Result<Vec<Value>, String> {
    Ok(match (step, value) {
        (Step::Maybe(step), value) => return one(step, value),
        (Step::Field(_) | Step::At(_), Value::Null) => vec![Value::Null],
        (Step::Field(name), Value::Object(map)) => vec![map.get(name).cloned().unwrap_or_default()],
        (Step::At(index), Value::Array(list)) => {
            let from_end = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let at = if *index < 0 { index + from_end } else { *index };
            let found = usize::try_from(at).ok().and_then(|at| list.get(at));
            vec![found.cloned().unwrap_or_default()]
        }
        (Step::Each, Value::Array(list)) => list.clone(),
        (Step::Each, Value::Object(map)) => map.values().cloned().collect(),
        (Step::Length, Value::Array(list)) => vec![list.len().into()],
        (Step::Length, Value::Object(map)) => vec![map.len().into()],
        (Step::Length, Value::String(text)) => vec![text.chars().count().into()],
        (Step::Length, Value::Null) => vec![0.into()],
        (Step::Keys, Value::Object(map)) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            vec![keys.into_iter().map(|key| Value::from(key.as_str())).collect()]
        }
        (Step::Keys, Value::Array(list)) => vec![(0..list.len()).map(Value::from).collect()],
        (Step::Field(name), other) => {
            return Err(format!("Cannot index {} with \"{name}\"", kind(other)));
        }
        (Step::At(_), other) => return Err(format!("Cannot index {} with number", kind(other))),
        (Step::Each, other) => return Err(format!("Cannot iterate over {}", kind(other))),
        (Step::Length, other) => return Err(format!("{} has no length", kind(other))),
        (Step::Keys, other) => return Err(format!("{} has no keys", kind(other))),
    })
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
