//! `kubectl taint`.
//!
//! Models `kubectl/pkg/cmd/taint`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update::replace;
use podplay_api::{Value, json};

/// A taint to set, or to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spec {
    key: String,
    value: String,
    effect: String,
    remove: bool,
}

const NAME: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let words = cx.flags.words.clone();
    let is_taint = |word: &String| {
        word.contains('=') || word.contains(':') || (word.ends_with('-') && word.len() > 1)
    };
    let first = words.iter().position(is_taint).unwrap_or(words.len());
    let (resources, taints) = words.split_at(first);
    if let Some(kind) =
        resources.first().map(|word| word.split('/').next().unwrap_or_default().to_owned())
        && !matches!(kind.to_ascii_lowercase().as_str(), "node" | "nodes" | "no")
    {
        return Err(Failure::error(format!(
            "invalid resource type {kind}, only node types are supported"
        )));
    }
    if taints.is_empty() {
        return Err(Failure::error("at least one taint update is required"));
    }
    let specs: Vec<Spec> = taints.iter().map(|text| parse(text)).collect::<Result<_, _>>()?;
    let found = named(cx, resources, Rules::default())?;
    let mut failures = found.failures;
    for target in &found.targets {
        failures.extend(one(cx, target, &specs).err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn parse(text: &str) -> Result<Spec, Failure> {
    let wrong = |message: String| Failure::usage("taint", message);
    let (body, remove) = text.strip_suffix('-').map_or((text, false), |body| (body, true));
    let (pair, effect) = body.split_once(':').map_or((body, ""), |(pair, effect)| (pair, effect));
    let (key, value) = pair.split_once('=').map_or((pair, ""), |(key, value)| (key, value));
    let name = key.rsplit('/').next().unwrap_or_default();
    let inner =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !inner || (effect.is_empty() && !remove && pair.contains('=')) {
        return Err(wrong(format!("invalid taint spec: {text}, {NAME}")));
    }
    let known = matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute");
    let any = remove && effect.is_empty();
    if !known && !any {
        return Err(wrong(format!("invalid taint effect: {effect}, unsupported taint effect")));
    }
    Ok(Spec { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned(), remove })
}

fn one(cx: &mut Cx, target: &Target, specs: &[Spec]) -> Result<(), Failure> {
    let mut taints: Vec<Value> =
        target.object["spec"]["taints"].as_array().cloned().unwrap_or_default();
    let same = |taint: &Value, spec: &Spec| {
        taint["key"] == spec.key.as_str()
            && (spec.effect.is_empty() || taint["effect"] == spec.effect.as_str())
    };
    for spec in specs {
        let known = taints.iter().position(|taint| same(taint, spec));
        match (known, spec.remove) {
            (None, true) => {
                let shown = if spec.effect.is_empty() {
                    spec.key.clone()
                } else {
                    format!("{}:{}", spec.key, spec.effect)
                };
                return Err(Failure::error(format!("taint \"{shown}\" not found")));
            }
            (Some(_), true) => taints.retain(|taint| !same(taint, spec)),
            (Some(_), false) if !cx.flags.on("overwrite") => {
                let text = format!(
                    "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                    target.name, spec.key
                );
                return Err(Failure::error(text));
            }
            (known, false) => {
                if let Some(at) = known {
                    taints.remove(at);
                }
                let mut taint = json!({"key": spec.key, "effect": spec.effect});
                if !spec.value.is_empty() {
                    taint["value"] = spec.value.clone().into();
                }
                taints.push(taint);
            }
        }
    }
    let mut new = target.object.clone();
    if let Some(spec) = new["spec"].as_object_mut() {
        spec.remove("taints");
        if !taints.is_empty() {
            spec.insert("taints".into(), Value::Array(taints));
        }
    }
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    let done = match (specs.iter().any(|spec| spec.remove), specs.iter().all(|spec| spec.remove)) {
        (true, true) => "untainted",
        (true, false) => "modified",
        _ => "tainted",
    };
    cx.print(&stored, &format!("{} {done}", target.printed()))
}
