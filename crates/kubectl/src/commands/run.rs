//! `kubectl run`: a pod from flags.
//!
//! Models `kubectl/pkg/cmd/run/run.go`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::output::Format;
use crate::update;
use podplay_api::{Map, Value, json};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let usage = |message: &str| Err(Failure::usage("run", message));
    if !cx.flags.given("image") {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    }
    let Some((name, rest)) =
        cx.flags.words.clone().split_first().map(|(name, rest)| (name.clone(), rest.to_vec()))
    else {
        return usage("NAME is required for run");
    };
    let image = cx.flags.text("image").unwrap_or_default().to_owned();
    if podplay_core::images::Reference::parse(&image).is_err() {
        return Err(Failure::error(format!(
            "Invalid image name \"{image}\": invalid reference format"
        )));
    }
    let attached = cx.flags.on("stdin") || cx.flags.on("tty") || cx.flags.on("attach");
    if cx.flags.on("rm") && !attached {
        return usage("--rm should only be used for attached containers");
    }
    if attached && !cx.for_real()? {
        return usage(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        );
    }
    if cx.flags.on("expose") && !cx.flags.given("port") {
        return usage("--port must be set when exposing a service");
    }
    let restart = cx.flags.text("restart").unwrap_or("Always").to_owned();
    if !matches!(restart.as_str(), "Always" | "OnFailure" | "Never") {
        return usage(&format!("invalid restart policy: {restart}"));
    }
    let mut pod = pod(cx, &name, &image, &restart, &rest)?;
    if let Some(text) = cx.flags.text("overrides") {
        let overrides: Value =
            serde_json::from_str(text).map_err(|_| Failure::error("Invalid JSON Patch"))?;
        pod = crate::patch::merge_patch(&pod, &overrides);
        let kind = crate::patch::kind_of(&pod);
        if let Some(kind) = kind {
            for unknown in
                podplay_manifest::schema::check(kind.api_version, kind.kind, &pod).unknown
            {
                drop_field(&mut pod, &unknown.path);
            }
        }
    }
    let mut printed = Vec::new();
    if cx.flags.on("expose") {
        let service = exposed(cx, &name);
        let stored = update::create(cx, service).map_err(update::Refused::failure)?;
        printed.push(("service", stored));
    }
    let stored = update::create(cx, pod).map_err(update::Refused::failure)?;
    printed.push(("pod", stored));
    print(cx, &name, &printed)?;
    Ok(Next::Done)
}

/// Takes `spec.x` away.
fn drop_field(object: &mut Value, path: &str) {
    let pointer = format!("/{}", path.replace('.', "/"));
    if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(map) = object.pointer_mut(parent).and_then(Value::as_object_mut)
    {
        map.remove(key);
    }
}

fn print(cx: &mut Cx, name: &str, printed: &[(&str, Value)]) -> Result<(), Failure> {
    let suffix = cx.dry_run()?.suffix();
    let format = Format::of(&cx.flags)?;
    for (n, (kind, object)) in printed.iter().enumerate() {
        match &format {
            None => cx.say(format!("{kind}/{name} created{suffix}")),
            Some(format) => {
                if n > 0 {
                    cx.say("---");
                    cx.say("---");
                }
                let text = format.object(object, &cx.flags)?;
                cx.out.stdout.push_str(&text);
            }
        }
    }
    Ok(())
}

fn pairs(text: &str) -> Map<String, Value> {
    text.split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect()
}

fn pod(cx: &Cx, name: &str, image: &str, restart: &str, rest: &[String]) -> Result<Value, Failure> {
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !rest.is_empty() {
        container[if cx.flags.on("command") { "command" } else { "args" }] = rest.into();
    }
    if let Some(policy) = cx.flags.text("image-pull-policy").filter(|policy| !policy.is_empty()) {
        container["imagePullPolicy"] = policy.into();
    }
    if let Some(port) = cx.flags.text("port") {
        let number: i64 = port.parse().map_err(|_| {
            Failure::error(format!("strconv.Atoi: parsing \"{port}\": invalid syntax"))
        })?;
        container["ports"] = json!([{"containerPort": number}]);
    }
    let mut env = Vec::new();
    for variable in cx.flags.list("env") {
        let (key, value) = variable
            .split_once('=')
            .ok_or_else(|| Failure::error(format!("invalid env: {variable}")))?;
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        container["env"] = Value::Array(env);
    }
    for flag in ["stdin", "tty"] {
        if cx.flags.on(flag) {
            container[flag] = true.into();
        }
    }
    if cx.flags.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    let labels = cx
        .flags
        .text("labels")
        .map_or_else(|| Map::from_iter([("run".to_owned(), Value::from(name))]), pairs);
    let mut meta = json!({"name": name, "labels": labels});
    for annotation in cx.flags.list("annotations") {
        if let Some((key, value)) = annotation.split_once('=') {
            meta["annotations"][key] = value.into();
        }
    }
    if cx.flags.given("namespace") {
        meta["namespace"] = cx.namespace().into();
    }
    Ok(json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta,
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart}, "status": {}}))
}

fn exposed(cx: &Cx, name: &str) -> Value {
    let port: i64 = cx.flags.text("port").and_then(|port| port.parse().ok()).unwrap_or(80);
    let selector = cx
        .flags
        .text("labels")
        .map_or_else(|| Map::from_iter([("run".to_owned(), Value::from(name))]), pairs);
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": selector}, "status": {"loadBalancer": {}}})
}
