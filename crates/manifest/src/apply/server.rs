//! The API server's side of one object: decode, admit, default, validate; create or update.
//!
//! Models `apiserver/pkg/endpoints/handlers/{create,patch}.go` and the registry strategies.

use serde_json::{Map, Value, json};

use super::admission::{self, Refusal};
use super::client::Info;
use super::merge;
use super::stored::{self, StoreOptions};
use super::words::Failure;
use super::{Accepted, Action, DryRun, Live, Options, Validate, Verb};
use crate::defaults;
use crate::schema;
use crate::validate;
use crate::value::{Seen, at, ensure, put, text};
use crate::yaml::{gofmt, quote};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What the server makes of one object.
#[derive(Debug)]
pub struct Outcome {
    /// Lines for `Warning: …`.
    pub warnings: Vec<String>,
    /// The object, or why not.
    pub result: Result<Accepted, Failure>,
}

impl Outcome {
    fn failed(failure: Failure) -> Self {
        Self { warnings: Vec::new(), result: Err(failure) }
    }
}

/// One object of `apply` or `create`.
pub(super) fn one(info: &Info, options: &Options, live: &dyn Live) -> Outcome {
    match (options.verb, options.server_side) {
        (Verb::Create, _) => {
            if options.dry_run == DryRun::Client {
                return unchecked(info, &info.object, Action::Created);
            }
            create(info, &info.object.clone(), options, live)
        }
        (Verb::Apply, true) => server_side(info, options, live),
        (Verb::Apply, false) => apply(info, options, live),
    }
}

fn apply(info: &Info, options: &Options, live: &dyn Live) -> Outcome {
    let generate =
        at(&info.object, "metadata.generateName").and_then(Value::as_str).unwrap_or_default();
    if info.name.is_empty() && !generate.is_empty() {
        let text = format!("from {generate}: cannot use generate name with apply");
        return Outcome::failed(Failure::Plain(text));
    }
    if let Some(problem) = bad_url_name(&info.name) {
        let file = quote(&options.file);
        let text = format!(
            "error when retrieving current configuration of:\n{}\nfrom server for: {file}: {problem}",
            resource_words(info)
        );
        return Outcome::failed(Failure::Plain(text));
    }
    let annotated = annotate(info);
    match live.get(info.kind.api_version, info.kind.kind, &info.namespace, &info.name) {
        None if options.dry_run == DryRun::Client => unchecked(info, &annotated, Action::Created),
        None => create(info, &annotated, options, live),
        Some(current) => update(info, &annotated, &current, options, live),
    }
}

/// kubectl's lines about which object it asked for.
fn resource_words(info: &Info) -> String {
    let (group, version) = (info.kind.group(), info.kind.version());
    format!(
        "Resource: \"{group}/{version}, Resource={}\", GroupVersionKind: \"{group}/{version}, Kind={}\"\nName: {}, Namespace: {}",
        info.kind.plural,
        info.kind.kind,
        quote(&info.name),
        quote(&info.namespace)
    )
}

/// Names that cannot be part of a URL are refused before anything is sent.
fn bad_url_name(name: &str) -> Option<String> {
    let problem = match name {
        "" => return Some("resource name may not be empty".to_owned()),
        "." => "may not be '.'",
        ".." => "may not be '..'",
        n if n.contains('/') => "may not contain '/'",
        n if n.contains('%') => "may not contain '%'",
        _ => return None,
    };
    Some(format!("invalid resource name {}: [{problem}]", quote(name)))
}

fn unchecked(info: &Info, object: &Value, action: Action) -> Outcome {
    Outcome { warnings: Vec::new(), result: Ok(accepted(info, object.clone(), action)) }
}

fn accepted(info: &Info, object: Value, action: Action) -> Accepted {
    let printed = format!("{}/{}", info.kind.printed(), crate::value::name(&object));
    Accepted { action, printed, object, submitted: without_nulls(&info.object) }
}

/// The object as `apply` sends it: without nulls, in its namespace, with itself as annotation.
fn annotate(info: &Info) -> Value {
    let mut object = info.object.clone();
    let metadata = ensure(&mut object, "metadata");
    if info.kind.namespaced {
        put(metadata, "namespace", info.namespace.clone());
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    ensure(metadata, "annotations");
    let configuration = format!("{}\n", go_json(&object));
    let mut object = without_nulls(&object);
    let annotations = ensure(ensure(&mut object, "metadata"), "annotations");
    put(annotations, LAST_APPLIED, configuration);
    object
}

/// JSON as Go writes it: `<`, `>` and `&` escaped.
pub(crate) fn go_json(value: &Value) -> String {
    let text = match value {
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{}:{}", go_json(&Value::String(k.clone())), go_json(v)))
                .collect();
            return format!("{{{}}}", parts.join(","));
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(go_json).collect();
            return format!("[{}]", parts.join(","));
        }
        Value::Number(n) => gofmt::number_text(n),
        other => other.to_string(),
    };
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Keys with null values are left out, at every depth; items of lists stay.
pub(crate) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, item) in map.iter().filter(|(_, v)| !v.is_null()) {
                out.insert(key.clone(), without_nulls(item));
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

/// Decoding as the server does it; the answer is the object with unknown fields dropped.
fn decode(
    info: &Info,
    object: &Value,
    validate: Validate,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    let kind = info.kind.kind;
    let version = info.kind.version();
    if let Some(written) = &info.misspelled {
        return Err(format!(
            "{written} in version {} cannot be handled as a {kind}: no kind {} is registered for version {} in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"",
            quote(version),
            quote(written),
            quote(info.kind.api_version)
        ));
    }
    let found = schema::check(info.kind.api_version, kind, object);
    let head = format!("{kind} in version {} cannot be handled as a {kind}", quote(version));
    if let Some(error) = found.reported() {
        return Err(format!("{head}: {}", error.message));
    }
    let mut texts: Vec<String> = Vec::new();
    let mut seen = Seen::default();
    for unknown in &found.unknown {
        let text = format!("unknown field {}", quote(&unknown.path));
        if seen.insert(&text) {
            texts.push(text);
        }
    }
    match validate {
        Validate::Ignore => Ok(()),
        Validate::Warn => {
            warnings.extend(texts);
            Ok(())
        }
        Validate::Strict if texts.is_empty() => Ok(()),
        Validate::Strict => Err(format!("{head}: strict decoding error: {}", texts.join(", "))),
    }
}

/// Creates one object.
#[must_use]
pub fn create(info: &Info, object: &Value, options: &Options, live: &dyn Live) -> Outcome {
    let doing = format!("error when creating {}", quote(&options.file));
    create_doing(info, object, options, live, &doing)
}

fn create_doing(
    info: &Info,
    object: &Value,
    options: &Options,
    live: &dyn Live,
    doing: &str,
) -> Outcome {
    let mut warnings = Vec::new();
    let result = try_create(info, object, options, live, doing, &mut warnings);
    Outcome { warnings, result }
}

fn status(reason: &'static str, message: String, doing: &str) -> Failure {
    Failure::Status { reason, message, doing: doing.to_owned() }
}

fn try_create(
    info: &Info,
    object: &Value,
    options: &Options,
    live: &dyn Live,
    doing: &str,
    warnings: &mut Vec<String>,
) -> Result<Accepted, Failure> {
    if info.misspelled.as_deref() == Some("") {
        let message = "the server could not find the requested resource".to_owned();
        return Err(status("NotFound", message, doing));
    }
    decode(info, object, options.validate, warnings)
        .map_err(|message| status("BadRequest", message, doing))?;
    let mut object = object.clone();
    put_namespace(&mut object, info);
    defaults::apply_defaults(&mut object);
    if info.kind.namespaced && !live.namespace_exists(&info.namespace) {
        let message = format!("namespaces {} not found", quote(&info.namespace));
        return Err(status("NotFound", message, doing));
    }
    let mut stored = object.clone();
    admission::admit(&mut stored, live).map_err(|refusal| refused(refusal, info, doing))?;
    stored::prepare_for_create(&mut stored, &StoreOptions::checking());
    let errors = validate::validate_create(&stored);
    warnings.extend(super::warnings(&stored));
    if !errors.is_empty() {
        return Err(invalid(info, &stored, errors, doing));
    }
    if let Some(refusal) = admission::after_validation(&stored) {
        return Err(refused(refusal, info, doing));
    }
    if !info.name.is_empty()
        && live.get(info.kind.api_version, info.kind.kind, &info.namespace, &info.name).is_some()
    {
        let message = format!("{} {} already exists", info.kind.resource(), quote(&info.name));
        return Err(status("AlreadyExists", message, doing));
    }
    Ok(accepted(info, object, Action::Created))
}

fn put_namespace(object: &mut Value, info: &Info) {
    let metadata = ensure(object, "metadata");
    if info.kind.namespaced {
        put(metadata, "namespace", info.namespace.clone());
    } else {
        crate::value::remove(metadata, "namespace");
    }
}

fn refused(refusal: Refusal, info: &Info, doing: &str) -> Failure {
    let message =
        format!("{} {} is forbidden: {}", info.kind.resource(), quote(&info.name), refusal.0);
    status("Forbidden", message, doing)
}

fn invalid(info: &Info, object: &Value, errors: Vec<validate::FieldError>, doing: &str) -> Failure {
    Failure::Invalid {
        kind: info.kind.kind.to_owned(),
        group: info.kind.group().to_owned(),
        name: crate::value::name(object).to_owned(),
        errors,
        doing: doing.to_owned(),
    }
}

/// Applies to an object that exists: a three-way merge, then the rules for updates.
#[must_use]
pub fn update(
    info: &Info,
    annotated: &Value,
    current: &Value,
    options: &Options,
    live: &dyn Live,
) -> Outcome {
    let mut warnings = Vec::new();
    let result = try_update(info, annotated, current, options, live, &mut warnings);
    Outcome { warnings, result }
}

fn try_update(
    info: &Info,
    annotated: &Value,
    current: &Value,
    options: &Options,
    live: &dyn Live,
    warnings: &mut Vec<String>,
) -> Result<Accepted, Failure> {
    // Server-side apply takes nothing away that others set.
    let original = if options.server_side { json!({}) } else { last_applied(current) };
    let (version, kind) = (info.kind.api_version, info.kind.kind);
    let merged = merge::three_way(version, kind, &original, annotated, current);
    if merged == *current {
        return Ok(accepted(info, current.clone(), Action::Unchanged));
    }
    if options.dry_run == DryRun::Client {
        return Ok(accepted(info, merged, Action::Configured));
    }
    let doing = format!(
        "error when applying patch:\n{}\nto:\n{}\nfor: {}",
        merge::patch_text(version, kind, &original, annotated, current),
        resource_words(info),
        quote(&options.file)
    );
    let found = schema::check(version, kind, &merged);
    if let Some(error) = found.reported() {
        let message =
            format!("patch: Invalid value: {}: {}", shown_patch(annotated), error.message);
        return Err(Failure::InvalidRequest(message));
    }
    if !found.unknown.is_empty() && options.validate == Validate::Strict {
        let texts: Vec<String> =
            found.unknown.iter().map(|u| format!("unknown field {}", quote(&u.path))).collect();
        return Err(Failure::InvalidRequest(format!(
            "patch: Invalid value: {}: strict decoding error: {}",
            shown_patch(annotated),
            texts.join(", ")
        )));
    }
    let mut new = merged;
    defaults::apply_defaults(&mut new);
    admission::readmit(&mut new);
    stored::prepare_for_update(&mut new, current);
    let errors = validate::validate_update(current, &new);
    warnings.extend(super::warnings(&new));
    if !errors.is_empty() {
        return Err(invalid(info, &new, errors, &doing));
    }
    let _ = live;
    let action = if same_but_annotation(&new, current) && new == *current {
        Action::Unchanged
    } else {
        Action::Configured
    };
    Ok(accepted(info, new, action))
}

fn same_but_annotation(a: &Value, b: &Value) -> bool {
    let strip = |v: &Value| {
        let mut v = v.clone();
        if let Some(map) = v.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            map.remove(LAST_APPLIED);
        }
        v
    };
    strip(a) == strip(b)
}

/// What the object looked like when it was last applied.
fn last_applied(current: &Value) -> Value {
    at(current, "metadata.annotations")
        .and_then(|a| a.get(LAST_APPLIED))
        .and_then(Value::as_str)
        .and_then(|t| serde_json::from_str(t).ok())
        .unwrap_or_else(|| json!({}))
}

/// The patch as Go prints a map, after the server has consumed it.
fn shown_patch(annotated: &Value) -> String {
    let annotation = at(annotated, "metadata.annotations")
        .map(|a| text(a, LAST_APPLIED).to_owned())
        .unwrap_or_default();
    quote(&format!("map[metadata:map[annotations:map[{LAST_APPLIED}:{annotation}]] spec:map[]]"))
}

/// `apply --server-side`.
fn server_side(info: &Info, options: &Options, live: &dyn Live) -> Outcome {
    if info.name.is_empty() {
        return Outcome::failed(Failure::Plain("resource name may not be empty".to_owned()));
    }
    let mut object = without_nulls(&info.object);
    put_namespace(&mut object, info);
    if let Some(message) = untyped(info, &object) {
        return Outcome::failed(status("", message, ""));
    }
    let current = live.get(info.kind.api_version, info.kind.kind, &info.namespace, &info.name);
    let mut outcome = match current {
        None => create_doing(info, &object, options, live, ""),
        Some(current) => update(info, &object, &current, options, live),
    };
    if let Ok(accepted) = &mut outcome.result {
        accepted.action = Action::ServerSideApplied;
    }
    outcome
}

/// Server-side apply has its own messages for wrong types and unknown fields.
fn untyped(info: &Info, object: &Value) -> Option<String> {
    let found = schema::check(info.kind.api_version, info.kind.kind, object);
    let (version, kind) = (info.kind.api_version, info.kind.kind);
    let group_version =
        if version.contains('/') { version.to_owned() } else { format!("/{version}") };
    let head = format!(
        "failed to create typed patch object ({}/{}; {group_version}, Kind={kind})",
        info.namespace, info.name
    );
    if let Some(error) = found.reported() {
        let value = crate::yaml::value_at(object, &error.path).cloned().unwrap_or(Value::Null);
        let want = error.message.rsplit(' ').next().unwrap_or("string");
        return Some(format!(
            "{head}: {}: expected {want}, got &value.valueUnstructured{{Value:{}}}",
            keyed_path(object, &error.path),
            gofmt::go_syntax(&value)
        ));
    }
    let fields: Vec<String> = found
        .unknown
        .iter()
        .map(|u| format!("{}: field not declared in schema", keyed_path(object, &u.path)))
        .collect();
    match fields.as_slice() {
        [] => None,
        [one] => Some(format!("{head}: {one}")),
        many => Some(format!(
            "{head}: errors:\n{}",
            many.iter().map(|f| format!("  {f}\n")).collect::<String>().trim_end()
        )),
    }
}

/// `spec.containers[0].image` as `.spec.containers[name="a"].image`.
fn keyed_path(object: &Value, path: &str) -> String {
    let mut out = String::new();
    let mut walked = String::new();
    for part in path.split('.') {
        let (key, index) = match part.split_once('[') {
            Some((key, rest)) => (key, Some(rest.trim_end_matches(']'))),
            None => (part, None),
        };
        crate::yaml::push_key(&mut walked, part);
        out.push('.');
        out.push_str(key);
        if let Some(index) = index {
            let item = crate::yaml::value_at(object, &walked);
            match item.map(|i| text(i, "name")).filter(|n| !n.is_empty()) {
                Some(name) => out.push_str(&format!("[name={}]", quote(name))),
                None => out.push_str(&format!("[{index}]")),
            }
        }
    }
    out
}
