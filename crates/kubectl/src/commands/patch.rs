//! `kubectl patch`.
//!
//! Models `kubectl/pkg/cmd/patch/patch.go`.

use crate::cx::{Cx, no_subresource};
use crate::failure::{Failure, Next, Outcome};
use crate::patch::{PatchError, bad_request, go_value, json_patch, merge_patch, strategic};
use crate::resources::{Rules, Target, named};
use crate::update::{replace, replace_status};
use podplay_api::{Value, json};
use podplay_manifest::schema;

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let text =
        match (cx.flags.text("patch").filter(|text| !text.is_empty()), cx.flags.text("patch-file"))
        {
            (Some(_), Some(_)) => {
                return Err(Failure::error("cannot specify --patch and --patch-file together"));
            }
            (Some(text), None) => text.to_owned(),
            (None, Some(path)) => {
                let bytes = cx.read(path).map_err(|why| {
                    Failure::error(format!("unable to read patch file: open {path}: {why}"))
                })?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
            (None, None) => {
                return Err(Failure::error(
                    "must specify --patch or --patch-file containing the contents of the patch",
                ));
            }
        };
    let kind = cx.flags.text("type").unwrap_or("strategic").to_ascii_lowercase();
    if !matches!(kind.as_str(), "json" | "merge" | "strategic") {
        return Err(Failure::error(format!(
            "--type must be one of [json merge strategic], not \"{kind}\""
        )));
    }
    let words = cx.flags.words.clone();
    let found = named(cx, &words, Rules::default())?;
    if found.targets.is_empty() && found.failures.is_empty() {
        return Err(Failure::error(
            "You must provide one or more resources by argument or filename.",
        ));
    }
    let patch = decode(&text)?;
    let mut failures = found.failures;
    for target in &found.targets {
        if let Err(failure) = one(cx, target, &patch, &kind) {
            failures.push(failure);
        }
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

/// The patch as a value: JSON or YAML.
fn decode(text: &str) -> Result<Value, Failure> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let document = podplay_manifest::yaml::documents(text).into_iter().next();
    match document.map(|document| document.content) {
        Some(Ok(built)) => Ok(built.value),
        Some(Err(_)) if text.trim_start().starts_with('{') => {
            let bad = text.trim_start().chars().nth(1).unwrap_or('}');
            Err(bad_request(format!(
                "invalid character '{bad}' looking for beginning of object key string"
            )))
        }
        Some(Err(error)) => Err(Failure::error(format!(
            "unable to parse \"{text}\": {}",
            error.kubectl.trim_start_matches("error converting YAML to JSON: ")
        ))),
        None => Err(bad_request("unexpected end of JSON input")),
    }
}

fn one(cx: &mut Cx, target: &Target, patch: &Value, kind: &str) -> Result<(), Failure> {
    let subresource = cx.flags.text("subresource").unwrap_or_default().to_owned();
    if kind != "json" && !patch.is_object() {
        let of = if patch.is_array() {
            "array"
        } else if patch.is_string() {
            "string"
        } else {
            "number"
        };
        return Err(bad_request(format!(
            "json: cannot unmarshal {of} into Go value of type map[string]interface {{}}"
        )));
    }
    let mut base = target.object.clone();
    if subresource == "scale" {
        base = scale_of(target)?;
    }
    let patched = match kind {
        "json" => json_patch(&base, patch).map_err(|error| match error {
            PatchError::Shape(text) => bad_request(text),
            PatchError::Misfit(_) | PatchError::Test => {
                Failure::plain("The request is invalid: the server rejected our request due to an error in our request")
            }
        })?,
        "merge" => merge_patch(&base, patch),
        _ => strategic(&target.kind, &base, patch)?,
    };
    let patched =
        if subresource.is_empty() { fitting(cx, target, patched, patch)? } else { patched };
    let stored = store(cx, target, patched, &subresource)?;
    let changed = stored["metadata"]["resourceVersion"]
        != target.object["metadata"]["resourceVersion"]
        || !cx.for_real()?;
    let suffix = if changed { "" } else { " (no change)" };
    let printed = if subresource == "scale" {
        format!("scale.autoscaling/{}", target.name)
    } else {
        target.printed()
    };
    cx.print(&stored, &format!("{printed} patched{suffix}"))
}

/// Unknown fields are dropped with a warning; values of a wrong type are refused.
fn fitting(
    cx: &mut Cx,
    target: &Target,
    mut patched: Value,
    patch: &Value,
) -> Result<Value, Failure> {
    let found = schema::check(target.kind.api_version, target.kind.kind, &patched);
    if let Some(error) = found.reported() {
        let words = error.message.split(" into Go ").next().unwrap_or_default();
        let from = words.rsplit(' ').next().unwrap_or_default();
        let text = match from {
            "number" => "cannot convert int64 to string".to_owned(),
            "bool" => "cannot convert bool to string".to_owned(),
            _ => error.message.clone(),
        };
        return Err(Failure::plain(format!(
            "The request is invalid: patch: Invalid value: \"{}\": {text}",
            go_value(patch)
        )));
    }
    for unknown in &found.unknown {
        cx.warn(format!("Warning: unknown field \"{}\"", unknown.path));
        remove_path(&mut patched, &unknown.path);
    }
    Ok(patched)
}

/// Takes `spec.containers[0].nope` away.
fn remove_path(object: &mut Value, path: &str) {
    let mut here = object;
    let parts: Vec<&str> = path.split('.').collect();
    let Some((last, before)) = parts.split_last() else { return };
    for part in before {
        let (key, index) = part.split_once('[').map_or((*part, None), |(key, rest)| {
            (key, rest.trim_end_matches(']').parse::<usize>().ok())
        });
        let Some(next) = here.get_mut(key) else { return };
        here = match index {
            Some(index) => match next.get_mut(index) {
                Some(item) => item,
                None => return,
            },
            None => next,
        };
    }
    if let Some(map) = here.as_object_mut() {
        map.remove(*last);
    }
}

/// The `scale` subresource of an object.
fn scale_of(target: &Target) -> Result<Value, Failure> {
    if !matches!(
        target.kind.kind,
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
    ) {
        return Err(no_subresource());
    }
    let (meta, replicas) = (&target.object["metadata"], &target.object["spec"]["replicas"]);
    Ok(
        json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": meta, "spec": {"replicas": replicas},
        "status": {"replicas": target.object["status"]["replicas"]}}),
    )
}

fn store(
    cx: &mut Cx,
    target: &Target,
    patched: Value,
    subresource: &str,
) -> Result<Value, Failure> {
    match subresource {
        "" => replace(cx, target, patched).map_err(crate::update::Refused::failure),
        "status" => replace_status(cx, patched).map_err(crate::update::Refused::failure),
        "scale" => {
            let mut whole = target.object.clone();
            whole["spec"]["replicas"] = patched["spec"]["replicas"].clone();
            replace(cx, target, whole).map_err(crate::update::Refused::failure)
        }
        "resize" if target.kind.kind == "Pod" => resize(cx, target, patched),
        _ => Err(no_subresource()),
    }
}

/// Changes the resources of a pod.
fn resize(cx: &mut Cx, target: &Target, patched: Value) -> Result<Value, Failure> {
    let taken = crate::patch::resized(&target.kind, &target.object, patched)
        .map_err(crate::update::Refused::failure)?;
    if cx.dry_run().unwrap_or_default() != podplay_manifest::apply::DryRun::None {
        return Ok(taken);
    }
    match cx.cluster.apply(podplay_core::Command::Resize(taken))? {
        podplay_core::Applied::Object(object) => Ok(object),
        _ => Ok(Value::Null),
    }
}
