//! Places in an object: `spec.containers[app].command`, where brackets hold an item's name or its number.

use podplay_api::Value;

/// The parts of a path: keys, and what stood in brackets.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|part| !part.is_empty())
}

/// Where the item is in a list: by its `name` or `type`, or by number.
fn index(list: &[Value], part: &str) -> Option<usize> {
    let called = |item: &Value| item["name"] == *part || item["type"] == *part;
    list.iter().position(called).or_else(|| part.parse().ok().filter(|at| *at < list.len()))
}

/// What is there.
pub(crate) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    parts(path).try_fold(value, |value, part| match value {
        Value::Array(list) => list.get(index(list, part)?),
        _ => value.get(part),
    })
}

/// Takes out what is there.
pub(crate) fn remove(value: &mut Value, path: &str) {
    let parts: Vec<&str> = parts(path).collect();
    let Some((last, before)) = parts.split_last() else { return };
    let mut place = value;
    for part in before {
        let next = match place {
            Value::Array(list) => index(list, part).and_then(|at| list.get_mut(at)),
            _ => place.get_mut(*part),
        };
        let Some(next) = next else { return };
        place = next;
    }
    match place {
        Value::Array(list) => drop(index(list, last).map(|at| list.remove(at))),
        Value::Object(map) => drop(map.remove(*last)),
        _ => {}
    }
}

/// The first place where two values differ, below `at`.
pub(crate) fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let deeper = match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let of = |map: &podplay_api::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or_default()
                };
                let dot = if at.is_empty() { "" } else { "." };
                difference(&of(one), &of(other), &format!("{at}{dot}{key}"))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(number, (one, other))| {
                let name = one["name"].as_str().map_or_else(|| number.to_string(), str::to_owned);
                difference(one, other, &format!("{at}[{name}]"))
            })
        }
        _ => None,
    };
    deeper.or_else(|| Some(at.to_owned()))
}

/// A value in one line, as a statement writes it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => super::subject::ABSENT.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{difference, find, remove, shown};
    use podplay_api::{Value, json};

    fn pod() -> Value {
        json!({"spec": {"containers": [
            {"name": "web", "ports": [{"containerPort": 80}]},
            {"name": "log", "command": ["sh", "-c", "x"]},
        ]}})
    }

    #[test]
    fn places_are_found_by_name_and_by_number() {
        let table = [
            ("spec.containers[web].ports[0].containerPort", "80"),
            ("spec.containers[1].command[2]", "x"),
            ("spec.containers[none].command", "absent"),
            ("spec.containers[7]", "absent"),
            ("spec.restartPolicy", "absent"),
        ];
        for (path, expected) in table {
            let found = find(&pod(), path).map_or_else(|| "absent".to_owned(), shown);
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn the_first_difference_has_a_place() {
        let table: [(&str, Value, Option<&str>); 4] = [
            ("spec.none", json!(1), None),
            ("spec.containers[log].command", json!(null), Some("spec.containers[log].command")),
            ("spec.containers[web].ports[0]", json!(null), Some("spec.containers[web].ports")),
            ("spec.containers[web]", json!(null), Some("spec.containers")),
        ];
        for (path, _, expected) in table {
            let mut other = pod();
            remove(&mut other, path);
            assert_eq!(difference(&pod(), &other, "").as_deref(), expected, "{path}");
        }
    }
}
