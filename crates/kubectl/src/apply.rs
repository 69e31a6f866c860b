//! `apply`, `create -f`, `replace`: texts to stored objects.

use crate::cx::{Cx, Text};
use crate::failure::{Failure, Next, Outcome};
use crate::output::Format;
use crate::update::Server;
use podplay_api::Value;
use podplay_core::{Applied, Cluster, Command};
use podplay_manifest::apply::{
    self as manifest, Accepted, Action, DryRun, Info, Options, Validate, Verb,
};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object of a text as `kubectl apply` sends it the first time, with its annotation.
pub fn first_applied(object: &podplay_manifest::Object) -> Value {
    let mut stored = object.object.clone();
    let mut submitted = without_nulls(&object.submitted);
    place(&mut submitted, &object.namespace);
    if let Some(annotations) = submitted["metadata"]["annotations"].as_object_mut() {
        annotations.remove(LAST_APPLIED);
    }
    let text = crate::output::compact(&submitted) + "\n";
    place(&mut stored, &object.namespace);
    stored["metadata"]["annotations"][LAST_APPLIED] = text.into();
    stored
}

/// Makes sure that there are metadata with annotations, in a namespace.
fn place(object: &mut Value, namespace: &str) {
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(podplay_api::Map::new());
    }
    let meta = &mut object["metadata"];
    if !namespace.is_empty() {
        meta["namespace"] = namespace.into();
    }
    if !meta["annotations"].is_object() {
        meta["annotations"] = Value::Object(podplay_api::Map::new());
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// The objects of a text as kubectl reads them, and what it cannot read.
pub(crate) fn infos(cx: &Cx, text: &Text) -> (Vec<Info>, Vec<String>) {
    let options = options(cx, Verb::Apply, text).unwrap_or_default();
    let (infos, failures) = manifest::read_infos(&manifest::decode(&text.bytes), &options);
    (infos, failures.into_iter().map(|failure| failure.0).collect())
}

fn options(cx: &Cx, verb: Verb, text: &Text) -> Result<Options, Failure> {
    let validate =
        Validate::parse(cx.flags.text("validate").unwrap_or_default()).map_err(Failure::plain)?;
    Ok(Options {
        verb,
        file: text.shown.clone(),
        dry_run: cx.dry_run()?,
        validate,
        namespace: cx.flags.text("namespace").unwrap_or_default().to_owned(),
        server_side: cx.flags.on("server-side"),
    })
}

/// `kubectl apply`.
pub(crate) fn apply(cx: &mut Cx) -> Outcome {
    if !cx.flags.words.is_empty() {
        return Err(Failure::usage(
            "apply",
            format!("Unexpected args: [{}]", cx.flags.words.join(" ")),
        ));
    }
    if cx.flags.on("prune") && cx.flags.text("selector").is_none() && !cx.flags.on("all") {
        return Err(Failure::error(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    run(cx, Verb::Apply)
}

/// `kubectl create -f`.
pub(crate) fn create(cx: &mut Cx) -> Outcome {
    run(cx, Verb::Create)
}

fn run(cx: &mut Cx, verb: Verb) -> Outcome {
    if !cx.flags.given("filename") {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let format = Format::of(&cx.flags)?;
    let texts = cx.texts()?;
    let mut failed = false;
    let mut objects = Vec::new();
    for text in &texts {
        let options = options(cx, verb, text)?;
        let outcome = {
            let live = Server { cluster: cx.cluster, coming: coming(text, &options) };
            manifest::run(&text.bytes, &options, &live)
        };
        let mut lines = outcome.stdout.lines();
        if verb == Verb::Apply && !options.server_side {
            warn_unmanaged(cx, &outcome.accepted);
        }
        cx.out.stderr.push_str(&outcome.stderr);
        failed |= outcome.exit != 0;
        for accepted in &outcome.accepted {
            let line = lines.next().unwrap_or_default();
            match store(cx.cluster, accepted, options.dry_run) {
                Ok(object) => {
                    let name = object["metadata"]["name"].as_str().unwrap_or_default();
                    let line = if accepted.printed.ends_with('/') {
                        line.replacen('/', &format!("/{name}"), 1)
                    } else {
                        line.to_owned()
                    };
                    if format.is_none() {
                        cx.say(line);
                    }
                    objects.push(object);
                }
                Err(failure) => {
                    failed = true;
                    cx.warn(failure.message.replacen(
                        "): ",
                        &format!("): error when creating \"{}\": ", text.shown),
                        1,
                    ));
                }
            }
        }
    }
    if let Some(format) = format {
        let text = match objects.as_slice() {
            [] => String::new(),
            [one] => format.object(one, &cx.flags)?,
            many => format.objects(many, &cx.flags)?,
        };
        cx.out.stdout.push_str(&text);
    }
    Ok(if failed { Next::Exit(1) } else { Next::Done })
}

/// Objects that `apply` did not make get their annotation now.
fn warn_unmanaged(cx: &mut Cx, accepted: &[Accepted]) {
    for each in accepted {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, meta) = (text(&each.object["kind"]), &each.object["metadata"]);
        let Some(live) = cx.cluster.get(&kind, &text(&meta["namespace"]), &text(&meta["name"]))
        else {
            continue;
        };
        if live["metadata"]["annotations"][LAST_APPLIED].is_null() {
            cx.warn(format!(
                "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
                crate::resource_plural(&kind), text(&meta["name"])
            ));
        }
    }
}

/// Namespaces that the text makes before others need them.
fn coming(text: &Text, options: &Options) -> Vec<String> {
    if options.dry_run != DryRun::None {
        return Vec::new();
    }
    let (infos, _) = manifest::read_infos(&manifest::decode(&text.bytes), options);
    infos.into_iter().filter(|info| info.kind.kind == "Namespace").map(|info| info.name).collect()
}

fn store(cluster: &mut Cluster, accepted: &Accepted, dry: DryRun) -> Result<Value, Failure> {
    let object = accepted.object.clone();
    if dry == DryRun::Client || accepted.action == Action::Unchanged {
        return Ok(object);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, meta) = (text(&object["kind"]), &object["metadata"]);
    let exists = cluster.get(&kind, &text(&meta["namespace"]), &text(&meta["name"])).is_some();
    if dry == DryRun::Server {
        return Ok(if exists { object } else { cluster.dry_create(&object)? });
    }
    let command = if exists { Command::Replace(object) } else { Command::Create(object) };
    match cluster.apply(command)? {
        Applied::Object(object) => Ok(object),
        _ => Ok(Value::Null),
    }
}

/// `kubectl replace`.
pub(crate) fn replace(cx: &mut Cx) -> Outcome {
    if !cx.flags.given("filename") {
        return Err(Failure::error("must specify --filename"));
    }
    let force = cx.flags.on("force");
    let (mut failures, mut done) = (Vec::new(), Vec::new());
    for text in cx.texts()? {
        let (infos, unread) = infos(cx, &text);
        failures.extend(unread.into_iter().map(Failure::error));
        for info in infos {
            match replace_one(cx, &info, &text, force) {
                Ok(object) => done.push((info, object)),
                Err(failure) => failures.push(failure),
            }
        }
    }
    let suffix = cx.dry_run()?.suffix();
    for (info, object) in done {
        cx.print(&object, &format!("{}/{} replaced{suffix}", info.kind.printed(), info.name))?;
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn replace_one(cx: &mut Cx, info: &Info, text: &Text, force: bool) -> Result<Value, Failure> {
    let mut object = without_nulls(&info.object);
    if info.kind.namespaced {
        object["metadata"]["namespace"] = info.namespace.clone().into();
    }
    match cx.get_in(&info.kind, &info.namespace, &info.name) {
        Ok(target) if force => {
            crate::commands::delete::remove(cx, &target, Some(0))?;
            cx.say(format!(
                "{} \"{}\" deleted{}",
                info.kind.printed(),
                info.name,
                crate::commands::delete::from_namespace(&target)
            ));
            crate::update::create(cx, object).map_err(crate::update::Refused::failure)
        }
        Ok(target) => {
            crate::update::replace(cx, &target, object).map_err(crate::update::Refused::failure)
        }
        Err(_) if force => {
            crate::update::create(cx, object).map_err(crate::update::Refused::failure)
        }
        Err(failure) => Err(Failure::plain(failure.message.replacen(
            "): ",
            &format!("): error when replacing \"{}\": ", text.shown),
            1,
        ))),
    }
}
