//! Simple Go templates: fields, variables of `range`, `if`, `else`, `with`, literals.
//!
//! Models the part of `text/template` that people type behind `-o go-template=`.

use podplay_api::Value;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Print(Term),
    Range(Term, Vec<Self>, Vec<Self>, Vec<String>),
    If(Term, Vec<Self>, Vec<Self>, bool),
}

/// A value: a path from here or from a variable, a literal, or a function of terms.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    Path(Option<String>, Vec<String>),
    Literal(Value),
    Call(String, Vec<Self>),
}

/// Where a template stands: the value, the root, variables.
#[derive(Clone)]
struct Scope<'a> {
    here: &'a Value,
    root: &'a Value,
    variables: Vec<(String, Value)>,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// With the words of Go's parser.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut rest = source;
        let (nodes, end) = nodes(&mut rest)?;
        match end {
            None => Ok(Self { nodes }),
            Some(word) => Err(format!("template: output:1: unexpected {{{{{word}}}}}")),
        }
    }
    /// The text that it makes of an object.
    pub(crate) fn text(&self, object: &Value) -> Result<String, String> {
        let mut out = String::new();
        let scope = Scope { here: object, root: object, variables: Vec::new() };
        print(&self.nodes, &scope, &mut out)?;
        Ok(out)
    }
}

fn print(nodes: &[Node], scope: &Scope<'_>, out: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Print(term) => out.push_str(&shown(value(term, scope)?.as_ref())),
            Node::If(term, then, other, with) => {
                let found = value(term, scope)?;
                let body = if truth(found.as_ref()) { then } else { other };
                match (&found, *with && truth(found.as_ref())) {
                    (Some(found), true) => {
                        print(body, &Scope { here: found, ..scope.clone() }, out)?
                    }
                    _ => print(body, scope, out)?,
                }
            }
            Node::Range(term, body, other, names) => {
                let found = value(term, scope)?.unwrap_or_default();
                let entries: Vec<(Value, &Value)> = match &found {
                    Value::Array(items) => {
                        items.iter().enumerate().map(|(n, item)| (Value::from(n), item)).collect()
                    }
                    Value::Object(map) => {
                        map.iter().map(|(key, item)| (Value::from(key.as_str()), item)).collect()
                    }
                    _ => Vec::new(),
                };
                if entries.is_empty() {
                    print(other, scope, out)?;
                }
                for (key, item) in entries {
                    let mut inner = Scope { here: item, ..scope.clone() };
                    match names.as_slice() {
                        [one] => inner.variables.push((one.clone(), item.clone())),
                        [first, second] => inner
                            .variables
                            .extend([(first.clone(), key), (second.clone(), item.clone())]),
                        _ => {}
                    }
                    print(body, &inner, out)?;
                }
            }
        }
    }
    Ok(())
}

fn value(term: &Term, scope: &Scope<'_>) -> Result<Option<Value>, String> {
    match term {
        Term::Literal(value) => Ok(Some(value.clone())),
        Term::Path(variable, fields) => {
            let start = match variable.as_deref() {
                None => scope.here,
                Some("") => scope.root,
                Some(name) => {
                    let found = scope.variables.iter().rev().find(|(known, _)| known == name);
                    &found.ok_or_else(|| format!("undefined variable \"${name}\""))?.1
                }
            };
            let mut here = start;
            for field in fields {
                match here.get(field) {
                    Some(next) => here = next,
                    None => return Ok(None),
                }
            }
            Ok(Some(here.clone()))
        }
        Term::Call(name, terms) => {
            let values: Vec<Option<Value>> =
                terms.iter().map(|term| value(term, scope)).collect::<Result<_, _>>()?;
            call(name, &values).map(Some)
        }
    }
}

fn call(name: &str, values: &[Option<Value>]) -> Result<Value, String> {
    check_number(name, values.len())?;
    let first = values.first().and_then(Option::as_ref);
    let second = values.get(1).and_then(Option::as_ref);
    Ok(match name {
        "len" => Value::from(match first {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(map)) => map.len(),
            Some(Value::String(text)) => text.len(),
            _ => 0,
        }),
        "index" => match (first, second) {
            (Some(Value::Array(items)), Some(at)) => {
                let at = at.as_u64().and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| items.get(at))
                    .cloned()
                    .ok_or("error calling index: index out of range")?
            }
            (Some(map), Some(key)) => {
                map.get(key.as_str().unwrap_or_default()).cloned().unwrap_or_default()
            }
            _ => Value::Null,
        },
        "eq" => Value::from(values.iter().skip(1).any(|other| other.as_ref() == first)),
        "ne" => Value::from(first != second),
        "not" => Value::from(!truth(first)),
        "and" => values
            .iter()
            .find(|value| !truth(value.as_ref()))
            .or_else(|| values.last())
            .cloned()
            .flatten()
            .unwrap_or_default(),
        "or" => values
            .iter()
            .find(|value| truth(value.as_ref()))
            .or_else(|| values.last())
            .cloned()
            .flatten()
            .unwrap_or_default(),
        "print" | "println" | "printf" | "html" | "js" => {
            let text: String = values.iter().map(|value| shown(value.as_ref())).collect();
            Value::from(if name == "println" { text + "\n" } else { text })
        }
        "base64decode" => {
            let bytes =
                podplay_manifest::base64::decode(first.and_then(Value::as_str).unwrap_or_default());
            Value::from(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
        }
        other => return Err(format!("function \"{other}\" not defined")),
    })
}

/// Go's words for a function that got too few or too many arguments.
fn check_number(name: &str, got: usize) -> Result<(), String> {
    let (least, most) = match name {
        "len" | "not" | "base64decode" => (1, 1),
        "ne" => (2, 2),
        "index" | "and" | "or" | "printf" => (1, usize::MAX),
        "eq" if got == 1 => {
            return Err("error calling eq: missing argument for comparison".to_owned());
        }
        "eq" => (1, usize::MAX),
        _ => return Ok(()),
    };
    if got >= least && got <= most {
        return Ok(());
    }
    let want = if most == usize::MAX { format!("at least {least}") } else { least.to_string() };
    Err(format!("wrong number of args for {name}: want {want} got {got}"))
}

fn truth(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::Bool(true)) => true,
    }
}

/// A value as Go prints it with `%v`.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "<no value>".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => format!(
            "[{}]",
            items.iter().map(|item| shown(Some(item))).collect::<Vec<_>>().join(" ")
        ),
        Some(Value::Object(map)) => {
            let entries: Vec<String> =
                map.iter().map(|(key, item)| format!("{key}:{}", shown(Some(item)))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Some(other) => other.to_string(),
    }
}

/// Nodes up to the end, or to an `end` or `else` that is returned.
fn nodes(rest: &mut &str) -> Result<(Vec<Node>, Option<String>), String> {
    let mut found = Vec::new();
    loop {
        let Some(open) = rest.find("{{") else {
            if !rest.is_empty() {
                found.push(Node::Text(std::mem::take(rest).to_owned()));
            }
            return Ok((found, None));
        };
        let mut before = &rest[..open];
        let inside = &rest[open + 2..];
        let close = inside.find("}}").ok_or("template: output:1: unclosed action")?;
        let mut action = &inside[..close];
        *rest = &inside[close + 2..];
        if let Some(trimmed) = action.strip_prefix("- ") {
            (action, before) = (trimmed, before.trim_end());
        }
        if let Some(trimmed) = action.strip_suffix(" -") {
            action = trimmed;
            *rest = rest.trim_start();
        }
        if !before.is_empty() {
            found.push(Node::Text(before.to_owned()));
        }
        let action = action.trim();
        let word = action.split_whitespace().next().unwrap_or_default();
        match word {
            "end" | "else" => return Ok((found, Some(action.to_owned()))),
            "range" => {
                let (names, term) = range_head(action["range".len()..].trim());
                let (body, other) = bodies(rest)?;
                found.push(Node::Range(term_of(&term)?, body, other, names));
            }
            "if" | "with" => {
                let term = term_of(action[word.len()..].trim())?;
                let (body, other) = bodies(rest)?;
                found.push(Node::If(term, body, other, word == "with"));
            }
            _ if action.starts_with("/*") => {}
            _ => found.push(Node::Print(term_of(action)?)),
        }
    }
}

/// `$i, $e := .items` apart.
fn range_head(text: &str) -> (Vec<String>, String) {
    match text.split_once(":=") {
        Some((names, term)) => (
            names.split(',').map(|name| name.trim().trim_start_matches('$').to_owned()).collect(),
            term.trim().to_owned(),
        ),
        None => (Vec::new(), text.to_owned()),
    }
}

fn bodies(rest: &mut &str) -> Result<(Vec<Node>, Vec<Node>), String> {
    let (body, end) = nodes(rest)?;
    match end.as_deref() {
        Some("end") => Ok((body, Vec::new())),
        Some("else") => match nodes(rest)? {
            (other, Some(end)) if end == "end" => Ok((body, other)),
            _ => Err("template: output:1: unexpected EOF".to_owned()),
        },
        Some(other) => {
            let condition =
                other.strip_prefix("else if ").ok_or("template: output:1: unexpected EOF")?;
            let term = term_of(condition)?;
            let (then, last) = bodies(rest)?;
            Ok((body, vec![Node::If(term, then, last, false)]))
        }
        None => Err("template: output:1: unexpected EOF".to_owned()),
    }
}

/// A pipeline of terms.
fn term_of(text: &str) -> Result<Term, String> {
    let mut result: Option<Term> = None;
    for stage in text.split('|') {
        let words = quoted_words(stage);
        let Some((head, arguments)) = words.split_first() else {
            return Err("template: output:1: missing value for command".to_owned());
        };
        let mut terms: Vec<Term> =
            arguments.iter().map(|word| atom(word)).collect::<Result<_, _>>()?;
        terms.extend(result.take());
        let plain = head.starts_with(['.', '$', '"', '('])
            || head.parse::<i64>().is_ok()
            || matches!(head.as_str(), "true" | "false");
        result = Some(if plain && terms.is_empty() {
            atom(head)?
        } else {
            Term::Call(head.clone(), terms)
        });
    }
    result.ok_or_else(|| "template: output:1: missing value for command".to_owned())
}

/// Words with their quotes kept.
fn quoted_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut inside) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => {
                inside = !inside;
                word.push(c);
            }
            ' ' if !inside => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn atom(word: &str) -> Result<Term, String> {
    if let Some(inner) = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')) {
        return term_of(inner);
    }
    if word.starts_with('"') {
        return serde_json::from_str(word)
            .map(Term::Literal)
            .map_err(|_| "template: output:1: unterminated quoted string".to_owned());
    }
    if let Some(path) = word.strip_prefix('$') {
        let (variable, fields) = path.split_once('.').unwrap_or((path, ""));
        return Ok(Term::Path(
            Some(variable.to_owned()),
            fields.split('.').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        ));
    }
    if let Some(path) = word.strip_prefix('.') {
        return Ok(Term::Path(
            None,
            path.split('.').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        ));
    }
    serde_json::from_str(word)
        .map(Term::Literal)
        .map_err(|_| format!("template: output:1: function \"{word}\" not defined"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::json;

    #[test]
    fn templates() {
        let object = json!({"metadata": {"name": "web"}, "items": [{"n": "a"}, {"n": "b"}], "data": {"k": "dg=="}});
        let table = [
            ("{{.metadata.name}}{{\"\\n\"}}", Ok("web\n")),
            ("{{.nope}}", Ok("<no value>")),
            ("{{range .items}}{{.n}},{{end}}", Ok("a,b,")),
            ("{{range $i, $e := .items}}{{$i}}={{$e.n}} {{end}}", Ok("0=a 1=b ")),
            ("{{if .nope}}x{{else}}y{{end}}", Ok("y")),
            ("{{if eq .metadata.name \"web\"}}yes{{end}}", Ok("yes")),
            ("{{.data.k | base64decode}}", Ok("v")),
            ("{{index .items 1}}", Ok("map[n:b]")),
            ("{{len .items}}", Ok("2")),
            ("{{.metadata.name", Err("template: output:1: unclosed action")),
        ];
        for (template, expected) in table {
            let text = Template::parse(template).and_then(|template| template.text(&object));
            assert_eq!(text.as_deref().map_err(String::as_str), expected, "{template}");
        }
    }
}
