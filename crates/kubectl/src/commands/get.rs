//! `kubectl get`.
//!
//! Models `kubectl/pkg/cmd/get/get.go` and `sorter.go`.

use crate::commands::watch;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::jsonpath::{Template, relaxed};
use crate::output::Format;
use crate::resources::{Named, Rules, Target, named};
use podplay_api::Value;
use podplay_core::apiserver::ApiError;
use podplay_manifest::schema::{KindInfo, all_kinds};
use podplay_views::get::{Options, table};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    if let Some(path) = cx.flags.text("raw").map(str::to_owned) {
        return raw(cx, &path);
    }
    if cx.flags.words.is_empty() && !cx.flags.given("filename") {
        cx.warn("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n");
        return Err(Failure::usage(
            "get",
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    let format = Format::of_get(&cx.flags)?;
    let words = cx.flags.words.clone();
    if words
        .first()
        .is_some_and(|word| matches!(word.as_str(), "cs" | "componentstatus" | "componentstatuses"))
    {
        return component_statuses(cx);
    }
    let mut found = named(
        cx,
        &words,
        Rules { kind_alone: true, ignore_missing: cx.flags.on("ignore-not-found") },
    )?;
    if found
        .kinds
        .iter()
        .chain(found.targets.iter().map(|target| &target.kind))
        .any(|kind| kind.kind == "Endpoints")
    {
        cx.warn(
            "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        );
    }
    if cx.flags.on("watch") || cx.flags.on("watch-only") {
        return watch::start(cx, found, format);
    }
    let failures = std::mem::take(&mut found.failures);
    match format {
        Some(format) => print(cx, &found, &format, failures.is_empty())?,
        None => tables(cx, found, failures.is_empty())?,
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn print(cx: &mut Cx, found: &Named, format: &Format, complete: bool) -> Result<(), Failure> {
    let mut objects: Vec<Value> =
        found.targets.iter().map(|target| target.object.clone()).collect();
    sort(cx, &mut objects);
    let text = match objects.as_slice() {
        [] if found.single => String::new(),
        [one] if found.single && complete => format.object(one, &cx.flags)?,
        all => format.objects(all, &cx.flags)?,
    };
    cx.out.stdout.push_str(&text);
    Ok(())
}

/// Tables, one for each run of objects of a kind.
fn tables(cx: &mut Cx, found: Named, complete: bool) -> Result<(), Failure> {
    let mut targets = found.targets;
    if let Some(path) = cx.flags.text("sort-by").map(str::to_owned) {
        targets = sorted(targets, &path);
    }
    if targets.is_empty() {
        if complete && !cx.flags.on("ignore-not-found") && !found.single {
            nothing(cx, &found.kinds);
        }
        return Ok(());
    }
    let options = options(cx, found.several_kinds);
    let now = cx.now();
    let no_headers = cx.flags.on("no-headers");
    let mut widths = Vec::new();
    let mut at = 0;
    while at < targets.len() {
        let kind = targets[at].kind;
        let end = targets[at..]
            .iter()
            .position(|target| target.kind != kind)
            .map_or(targets.len(), |length| at + length);
        let objects = targets[at..end].iter().map(|target| &target.object);
        let table = table(kind.kind, objects, now, &options);
        if at > 0 && !no_headers {
            cx.out.stdout.push('\n');
        }
        if !no_headers {
            widths.clear();
        }
        let text = table.text_from(no_headers, &mut widths);
        cx.out.stdout.push_str(&text);
        at = end;
    }
    Ok(())
}

/// What the flags say about tables.
pub(crate) fn options(cx: &Cx, several_kinds: bool) -> Options {
    Options {
        wide: cx.flags.text("output") == Some("wide"),
        namespace: cx.all_namespaces(),
        kind: several_kinds || cx.flags.on("show-kind"),
        show_labels: cx.flags.on("show-labels"),
        label_columns: cx.flags.list("label-columns").to_vec(),
    }
}

fn nothing(cx: &mut Cx, kinds: &[KindInfo]) {
    let namespaced = kinds.is_empty() || kinds.iter().any(|kind| kind.namespaced);
    if namespaced && !cx.all_namespaces() {
        let line = format!("No resources found in {} namespace.", cx.namespace());
        cx.warn(line);
    } else {
        cx.warn("No resources found");
    }
}

fn sort(cx: &Cx, objects: &mut [Value]) {
    if let Some(template) =
        cx.flags.text("sort-by").and_then(|path| Template::parse(&relaxed(path)).ok())
    {
        objects.sort_by_cached_key(|object| SortKey::of(key(&template, object)));
    }
}

/// Targets by the value at a path; none if no object has it.
fn sorted(mut targets: Vec<Target>, path: &str) -> Vec<Target> {
    let closed = !path.starts_with('{') || path.ends_with('}');
    let Some(template) = Template::parse(&relaxed(path)).ok().filter(|_| closed) else {
        return Vec::new();
    };
    if targets.iter().all(|target| key(&template, &target.object).is_none()) {
        return Vec::new();
    }
    targets.sort_by_cached_key(|target| SortKey::of(key(&template, &target.object)));
    targets
}

fn key(template: &Template, object: &Value) -> Option<Value> {
    template.values(object).ok()?.into_iter().next()
}

/// What `--sort-by` compares; objects without a value come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Absent,
    Text(String),
    /// A number, as bits that are ordered as numbers are.
    Number(i64),
    /// Anything else by its JSON.
    Other(String),
}

impl SortKey {
    fn of(value: Option<Value>) -> Self {
        match value {
            None => Self::Absent,
            Some(Value::String(text)) => Self::Text(text),
            Some(Value::Number(number)) => {
                // The order of `f64::total_cmp`; adding zero makes -0 and 0 one.
                let bits = (number.as_f64().unwrap_or_default() + 0.0).to_bits().cast_signed();
                Self::Number(bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed())
            }
            Some(other) => Self::Other(other.to_string()),
        }
    }
}

/// `get --raw`: the API as it is, as far as paths name objects.
fn raw(cx: &mut Cx, path: &str) -> Outcome {
    let missing = || {
        Err(ApiError::new(
            podplay_core::apiserver::Reason::NotFound,
            "the server could not find the requested resource",
        )
        .into())
    };
    if matches!(path, "/healthz" | "/livez" | "/readyz") {
        cx.out.stdout.push_str("ok");
        return Ok(Next::Done);
    }
    let parts: Vec<&str> =
        path.split('?').next().unwrap_or_default().trim_matches('/').split('/').collect();
    let (["api", "v1", rest @ ..] | ["apis", _, _, rest @ ..]) = parts.as_slice() else {
        return missing();
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let Some(kind) =
        rest.first().and_then(|plural| all_kinds().find(|kind| kind.plural == *plural))
    else {
        return missing();
    };
    let value = match rest {
        [_] => {
            let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
            podplay_api::json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version, "metadata": {},
                "items": cx.cluster.list(kind.kind, namespace)})
        }
        [_, name] => cx.get_in(&kind, namespace, name)?.object,
        _ => return missing(),
    };
    cx.say(crate::output::compact(&value));
    Ok(Next::Done)
}

fn component_statuses(cx: &mut Cx) -> Outcome {
    cx.warn("Warning: v1 ComponentStatus is deprecated in v1.19+");
    let text = "NAME                 STATUS    MESSAGE   ERROR\nscheduler            Healthy   ok        \netcd-0               Healthy   ok        \ncontroller-manager   Healthy   ok        \n";
    cx.out.stdout.push_str(text);
    Ok(Next::Done)
}
