//! `kubectl set image|env|resources|selector|serviceaccount`.
//!
//! Models `kubectl/pkg/cmd/set`.

use crate::commands::scale::NO_RESOURCES;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::patch::go_value;
use crate::resources::{Rules, Target, named};
use crate::update::replace;
use podplay_api::{Map, Value, json};

pub(crate) fn run(cx: &mut Cx, what: &str) -> Outcome {
    let words = cx.flags.words.clone();
    if cx.flags.on("local") && !cx.flags.given("filename") {
        return Err(Failure::error(
            "you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        ));
    }
    let is_change = |word: &String| match what {
        "env" => word.contains('=') || (word.ends_with('-') && word.len() > 1),
        "selector" | "image" => word.contains('='),
        _ => false,
    };
    let first = words.iter().position(is_change).unwrap_or(words.len());
    let (resources, changes) = words.split_at(first);
    let (resources, changes) = match what {
        "serviceaccount" if words.is_empty() => {
            return Err(Failure::error("serviceaccount is required"));
        }
        // The last word is the account, whatever it looks like.
        "serviceaccount" => words.split_at(words.len() - 1),
        _ => (resources, changes),
    };
    if resources.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(NO_RESOURCES));
    }
    check_words(cx, what, resources, changes)?;
    let found =
        named(cx, resources, Rules { kind_alone: cx.flags.on("all"), ignore_missing: false })?;
    let mut failures = found.failures;
    for target in &found.targets {
        failures.extend(one(cx, what, target, changes).err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn check_words(
    cx: &Cx,
    what: &str,
    resources: &[String],
    changes: &[String],
) -> Result<(), Failure> {
    let slash = resources.iter().any(|word| word.contains('/'))
        && resources.iter().any(|word| !word.contains('/'));
    if slash {
        return named(cx, resources, Rules::default()).map(|_| ());
    }
    let wanted = match what {
        "image" if changes.is_empty() => "at least one image update is required",
        "env"
            if changes.is_empty()
                && !cx.flags.on("list")
                && !cx.flags.given("env")
                && !cx.flags.given("from") =>
        {
            "at least one environment variable must be provided"
        }
        "resources" if !cx.flags.given("limits") && !cx.flags.given("requests") => {
            "you must specify an update to requests or limits (in the form of --requests/--limits)"
        }
        "selector" if changes.is_empty() => {
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        }
        _ => return Ok(()),
    };
    Err(Failure::error(wanted))
}

/// The pod spec inside an object.
pub(crate) fn pod_spec<'a>(object: &'a mut Value, kind: &str) -> Option<&'a mut Value> {
    let pointer = match kind {
        "Pod" => "/spec",
        "Deployment"
        | "ReplicaSet"
        | "StatefulSet"
        | "DaemonSet"
        | "Job"
        | "ReplicationController" => "/spec/template/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => return None,
    };
    object.pointer_mut(pointer)
}

fn one(cx: &mut Cx, what: &str, target: &Target, changes: &[String]) -> Result<(), Failure> {
    let mut new = target.object.clone();
    if what == "selector" {
        return selector(cx, target, changes);
    }
    let no_template = || {
        let kind = format!("*{}.{}", target.kind.version(), target.kind.kind);
        Failure::error(format!(
            "{} the object is not a pod or does not have a pod template: {kind}",
            target.path()
        ))
    };
    let spec = pod_spec(&mut new, target.kind.kind).ok_or_else(no_template)?;
    let mut missing = Vec::new();
    match what {
        "image" => missing = images(spec, changes),
        "env" => {
            if cx.flags.on("list") {
                return list_env(cx, target, spec);
            }
            if !env(cx, spec, changes)? {
                let names = cx.flags.text("containers").unwrap_or("*");
                let line = format!(
                    "Warning: {}/{} does not have any containers matching \"{names}\"",
                    target.kind.kind, target.name
                );
                cx.warn(line);
                return Ok(());
            }
        }
        "resources" => {
            if !resources(cx, spec)? {
                let names = cx.flags.text("containers").unwrap_or("*");
                return Err(Failure::error(format!("unable to find container named {names}")));
            }
        }
        _ => {
            let account = changes.first().cloned().unwrap_or_default();
            spec["serviceAccountName"] = account.clone().into();
            spec["serviceAccount"] = account.into();
        }
    }
    let unfit: Vec<Failure> = missing
        .into_iter()
        .map(|name| Failure::error(format!("unable to find container named \"{name}\"")))
        .collect();
    if new != target.object || unfit.is_empty() {
        send(cx, what, target, new)?;
    }
    Failure::all(unfit).map_or(Ok(()), Err)
}

fn send(cx: &mut Cx, what: &str, target: &Target, new: Value) -> Result<(), Failure> {
    let (failed, done) = match what {
        "image" => ("image update to pod template: ", "image"),
        "env" => ("env update to pod template: ", "env"),
        "resources" => ("resources update to pod template ", "resource requirements"),
        _ => ("ServiceAccountName update to pod template: ", "serviceaccount"),
    };
    let changed = new != target.object;
    let stored = replace(cx, target, new).map_err(|refused| {
        Failure::error(format!("failed to patch {failed}{}", refused.message()))
    })?;
    if !changed && what == "image" {
        return Ok(());
    }
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("{} {done} updated{suffix}", target.printed()))
}

fn containers(spec: &mut Value) -> impl Iterator<Item = &mut Value> {
    let Value::Object(map) = spec else { return Vec::new().into_iter() };
    let lists =
        map.iter_mut().filter(|(key, _)| matches!(key.as_str(), "containers" | "initContainers"));
    let all: Vec<&mut Value> =
        lists.filter_map(|(_, list)| list.as_array_mut()).flatten().collect();
    all.into_iter()
}

/// Sets images; returns the names that no container has.
fn images(spec: &mut Value, changes: &[String]) -> Vec<String> {
    let mut missing = Vec::new();
    for change in changes {
        let Some((name, image)) = change.split_once('=') else { continue };
        let mut known = false;
        for container in
            containers(spec).filter(|container| name == "*" || container["name"] == name)
        {
            known = true;
            container["image"] = image.into();
        }
        if !known {
            missing.push(name.to_owned());
        }
    }
    missing
}

/// Whether a container is meant by `-c`: all, a name, or a beginning with `*`.
fn meant(cx: &Cx, container: &Value) -> bool {
    let wanted = cx.flags.text("containers").unwrap_or("*");
    let name = container["name"].as_str().unwrap_or_default();
    wanted.strip_suffix('*').map_or(wanted == name, |start| name.starts_with(start))
}

/// Sets and removes environment variables; whether any container was meant.
fn env(cx: &mut Cx, spec: &mut Value, changes: &[String]) -> Result<bool, Failure> {
    let mut changes: Vec<String> = changes.iter().chain(cx.flags.list("env")).cloned().collect();
    changes.extend(from_object(cx)?);
    let mut any = false;
    for container in containers(spec) {
        if !meant(cx, container) {
            continue;
        }
        any = true;
        let mut list = container["env"].as_array().cloned().unwrap_or_default();
        for change in &changes {
            let (name, entry) = match change.split_once('=') {
                Some((name, value)) => (name, Some(entry(name, value))),
                None => (change.trim_end_matches('-'), None),
            };
            let at = list.iter().position(|each| each["name"] == name);
            match (at, entry) {
                (Some(at), Some(entry)) => list[at] = entry,
                (None, Some(entry)) => list.push(entry),
                (Some(at), None) => {
                    list.remove(at);
                }
                (None, None) => {}
            }
        }
        if let Some(map) = container.as_object_mut() {
            map.remove("env");
            if !list.is_empty() {
                map.insert("env".into(), Value::Array(list));
            }
        }
    }
    Ok(any)
}

fn entry(name: &str, value: &str) -> Value {
    match serde_json::from_str::<Value>(value) {
        Ok(from) if from.get("valueFrom").is_some() => {
            json!({"name": name, "valueFrom": from["valueFrom"]})
        }
        _ => json!({"name": name, "value": value}),
    }
}

/// `--from=configmap/x`: a variable for each key.
fn from_object(cx: &Cx) -> Result<Vec<String>, Failure> {
    let Some(from) = cx.flags.text("from") else { return Ok(Vec::new()) };
    let (kind, name) = from
        .split_once('/')
        .ok_or_else(|| Failure::error("resource(s) were provided, but no name was specified"))?;
    let source = cx.get(&crate::resources::lookup(kind)?, name)?;
    let reference = if source.kind.kind == "Secret" { "secretKeyRef" } else { "configMapKeyRef" };
    let prefix = cx.flags.text("prefix").unwrap_or_default();
    let wanted = cx.flags.list("keys");
    let keys = source.object["data"].as_object().cloned().unwrap_or_default();
    let variable = |key: &String| {
        let name: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        let value = json!({"valueFrom": {reference: {"name": source.name, "key": key}}});
        format!("{prefix}{name}={value}")
    };
    Ok(keys.keys().filter(|key| wanted.is_empty() || wanted.contains(key)).map(variable).collect())
}

fn list_env(cx: &mut Cx, target: &Target, spec: &mut Value) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for container in containers(spec) {
        lines.push(format!(
            "# {} {}, container {}",
            target.kind.plural,
            target.name,
            container["name"].as_str().unwrap_or_default()
        ));
        for each in container["env"].as_array().into_iter().flatten() {
            let name = each["name"].as_str().unwrap_or_default();
            match each.get("valueFrom") {
                None => {
                    lines.push(format!("{name}={}", each["value"].as_str().unwrap_or_default()))
                }
                Some(from) => lines.push(format!("# {name} from {}", go_value(from))),
            }
        }
    }
    for line in lines {
        cx.say(line);
    }
    Ok(())
}

fn resources(cx: &Cx, spec: &mut Value) -> Result<bool, Failure> {
    let mut any = false;
    let (limits, requests) = (quantities(cx, "limits")?, quantities(cx, "requests")?);
    let only = cx.flags.given("containers");
    let Some(list) = spec["containers"].as_array_mut() else { return Ok(false) };
    for container in list {
        if only && !meant(cx, container) {
            continue;
        }
        any = true;
        for (key, change) in [("limits", &limits), ("requests", &requests)] {
            for (name, quantity) in change {
                container["resources"][key][name] = quantity.clone();
            }
        }
    }
    Ok(any)
}

/// `NAME=AMOUNT,…` of a flag.
///
/// Models `kubectl/pkg/generate/versioned/run.go` populateResourceListV1.
pub(super) fn quantities(cx: &Cx, flag: &str) -> Result<Map<String, Value>, Failure> {
    let mut map = Map::new();
    for part in cx.flags.text(flag).unwrap_or_default().split(',').filter(|part| !part.is_empty()) {
        let Some((name, quantity)) = part.split_once('=') else {
            return Err(Failure::error(format!(
                "invalid argument syntax {part}, expected <resource>=<value>"
            )));
        };
        if podplay_api::Quantity::parse(quantity).is_none() {
            return Err(Failure::error(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ));
        }
        map.insert(name.to_owned(), quantity.into());
    }
    Ok(map)
}

fn selector(cx: &mut Cx, target: &Target, changes: &[String]) -> Result<(), Failure> {
    if target.kind.kind != "Service" {
        return Err(Failure::error("setting a selector is only supported for Services"));
    }
    let pairs =
        changes.iter().flat_map(|change| change.split(',')).filter_map(|pair| pair.split_once('='));
    let labels: Map<String, Value> =
        pairs.map(|(key, value)| (key.to_owned(), value.into())).collect();
    let mut new = target.object.clone();
    new["spec"]["selector"] = Value::Object(labels);
    let stored = replace(cx, target, new).map_err(crate::update::Refused::failure)?;
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("{} selector updated{suffix}", target.printed()))
}
