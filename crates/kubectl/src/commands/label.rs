//! `kubectl label` and `kubectl annotate`.
//!
//! Models `kubectl/pkg/cmd/label/label.go` and `kubectl/pkg/cmd/annotate/annotate.go`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update::replace;
use podplay_api::{Map, Value};

/// Which map is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Labels,
    Annotations,
}

impl Which {
    const fn field(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Annotations => "annotations",
        }
    }
    const fn word(self) -> &'static str {
        match self {
            Self::Labels => "label",
            Self::Annotations => "annotation",
        }
    }
    const fn done(self) -> &'static str {
        match self {
            Self::Labels => "labeled",
            Self::Annotations => "annotated",
        }
    }
}

/// What is to be set and removed.
#[derive(Clone, Debug, Default)]
struct Change {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

pub(crate) fn run(cx: &mut Cx, which: Which) -> Outcome {
    let words = cx.flags.words.clone();
    let is_change = |word: &String| word.contains('=') || (word.ends_with('-') && word.len() > 1);
    let first = words.iter().position(is_change).unwrap_or(words.len());
    let (resources, changes) = words.split_at(first);
    let word = which.word();
    let change = parse(changes, which)?;
    let list = cx.flags.on("list");
    if changes.is_empty() && !list {
        return Err(Failure::error(format!("at least one {word} update is required")));
    }
    if resources.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
                .to_string(),
        ));
    }
    let found = named(cx, resources, Rules::default())?;
    let mut failures = found.failures;
    for target in &found.targets {
        let result =
            if list { print_list(cx, target, which) } else { one(cx, target, &change, which) };
        failures.extend(result.err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn parse(words: &[String], which: Which) -> Result<Change, Failure> {
    let mut change = Change::default();
    for word in words {
        if let Some((key, value)) = word.split_once('=') {
            if which == Which::Labels && !valid_label_value(value) {
                return Err(Failure::error(format!(
                    "invalid label value: \"{word}\": {LABEL_VALUE}"
                )));
            }
            change.set.retain(|(known, _)| known != key);
            change.set.push((key.to_owned(), value.to_owned()));
        } else if let Some(key) = word.strip_suffix('-') {
            change.remove.push(key.to_owned());
        } else {
            return Err(Failure::error(format!("unknown {} spec: {word}", which.word())));
        }
    }
    if change.remove.iter().any(|key| change.set.iter().any(|(set, _)| set == key)) {
        let article = if which == Which::Labels { "a label" } else { "an annotation" };
        return Err(Failure::error(format!(
            "can not both modify and remove {article} in the same command"
        )));
    }
    Ok(change)
}

const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn valid_label_value(value: &str) -> bool {
    let inner = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let ends = [value.chars().next(), value.chars().last()]
        .into_iter()
        .flatten()
        .all(|c| c.is_ascii_alphanumeric());
    value.is_empty() || (inner && ends && value.len() <= 63)
}

fn one(cx: &mut Cx, target: &Target, change: &Change, which: Which) -> Result<(), Failure> {
    let before = target.object["metadata"][which.field()].as_object().cloned().unwrap_or_default();
    if !cx.flags.on("overwrite") {
        refuse_overwrite(&before, change, which)?;
    }
    let mut after = before.clone();
    for (key, value) in &change.set {
        after.insert(key.clone(), value.clone().into());
    }
    for key in &change.remove {
        if after.remove(key).is_none() && which == Which::Labels {
            cx.say(format!("label \"{key}\" not found."));
        }
    }
    let mut new = target.object.clone();
    if after.is_empty() {
        if let Some(meta) = new["metadata"].as_object_mut() {
            meta.remove(which.field());
        }
    } else {
        new["metadata"][which.field()] = Value::Object(after.clone());
    }
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    let done = done(&before, &after, change, which);
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("{} {done}{suffix}", target.printed()))
}

fn done(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    change: &Change,
    which: Which,
) -> &'static str {
    match which {
        Which::Annotations => which.done(),
        Which::Labels if before == after => "not labeled",
        Which::Labels if change.set.is_empty() => "unlabeled",
        Which::Labels => which.done(),
    }
}

fn refuse_overwrite(
    before: &Map<String, Value>,
    change: &Change,
    which: Which,
) -> Result<(), Failure> {
    let declared: Vec<String> = change
        .set
        .iter()
        .filter_map(|(key, value)| {
            let old = before.get(key)?.as_str()?;
            (old != value).then(|| format!("'{key}' already has a value ({old})"))
        })
        .collect();
    match (which, declared.first()) {
        (_, None) => Ok(()),
        (Which::Labels, Some(first)) => {
            Err(Failure::error(format!("{first}, and --overwrite is false")))
        }
        (Which::Annotations, Some(_)) => Err(Failure::error(format!(
            "--overwrite is false but found the following declared annotation(s): {}",
            declared.join("; ")
        ))),
    }
}

fn print_list(cx: &mut Cx, target: &Target, which: Which) -> Result<(), Failure> {
    for (key, value) in target.object["metadata"][which.field()].as_object().into_iter().flatten() {
        cx.out.say(format!("{key}={}", value.as_str().unwrap_or_default()));
    }
    Ok(())
}
