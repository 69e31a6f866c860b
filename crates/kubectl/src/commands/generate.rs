//! `kubectl create KIND`: objects made from flags.
//!
//! Models `kubectl/pkg/cmd/create`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::output::name_line;
use crate::task::Output;
use crate::update;
use podplay_api::{Map, Value, json};
use podplay_manifest::base64;

/// Kinds that can be made from flags.
pub(crate) const KINDS: &[&str] = &[
    "configmap",
    "cronjob",
    "deployment",
    "job",
    "namespace",
    "poddisruptionbudget",
    "priorityclass",
    "quota",
    "secret",
    "service",
    "serviceaccount",
    "token",
];

/// The word for a kind behind `create`.
pub(crate) fn canonical(word: &str) -> String {
    match word {
        "cm" => "configmap",
        "cj" => "cronjob",
        "deploy" => "deployment",
        "ns" => "namespace",
        "pdb" => "poddisruptionbudget",
        "pc" => "priorityclass",
        "resourcequota" => "quota",
        "svc" => "service",
        "sa" => "serviceaccount",
        other => other,
    }
    .to_owned()
}

const SECRET: &str = "Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.\n\nAvailable Commands:\n  docker-registry   Create a secret for use with a Docker registry\n  generic           Create a secret from a local file, directory, or literal value\n  tls               Create a TLS secret\n\nUsage:\n  kubectl create secret (docker-registry | generic | tls) [options]\n";
const SERVICE: &str = "Create a service using a specified subcommand.\n\nAliases:\nservice, svc\n\nAvailable Commands:\n  clusterip      Create a ClusterIP service\n  externalname   Create an ExternalName service\n  loadbalancer   Create a LoadBalancer service\n  nodeport       Create a NodePort service\n\nUsage:\n  kubectl create service [flags] [options]\n";

/// `create secret generic`, `create service clusterip`: the command with its second word.
pub(crate) fn nested(
    kind: &str,
    mut rest: Vec<String>,
    out: &mut Output,
) -> Result<Option<(String, Vec<String>)>, Failure> {
    let known: &[&str] = if kind == "secret" {
        &["generic", "tls", "docker-registry"]
    } else {
        &["clusterip", "nodeport", "loadbalancer", "externalname"]
    };
    let at = rest.iter().position(|word| !word.starts_with('-'));
    match at {
        Some(at) if known.contains(&rest[at].as_str()) => {
            let word = rest.remove(at);
            Ok(Some((format!("create {kind} {word}"), rest)))
        }
        Some(at) => Err(Failure::usage(
            &format!("create {kind}"),
            format!("unknown command \"{}\"", rest[at]),
        )),
        None => {
            let help = if kind == "secret" { SECRET } else { SERVICE };
            let tail = "Use \"kubectl options\" for a list of global command-line options (applies to all commands).";
            out.warn(format!("{help}\nUse \"kubectl create {kind} <command> --help\" for more information about a given command.\n{tail}"));
            Ok(None)
        }
    }
}

/// `create -f`.
pub(crate) fn from_files(cx: &mut Cx) -> Outcome {
    if !cx.flags.words.is_empty() {
        let words = cx.flags.words.join(" ");
        return Err(Failure::usage("create", format!("Unexpected args: [{words}]")));
    }
    if !cx.flags.given("filename") {
        let text = crate::commands::help::of("create");
        cx.out.stdout.push_str(&text);
        return Err(Failure::error("must specify one of -f and -k"));
    }
    crate::apply::create(cx)
}

/// `create KIND NAME`.
pub(crate) fn run(cx: &mut Cx, what: &str) -> Outcome {
    if what == "token" {
        return super::token::run(cx);
    }
    require(cx, what)?;
    let positional = cx.flags.dash.unwrap_or(cx.flags.words.len());
    let (names, command) = cx.flags.words.split_at(positional);
    let ([name], command) = (names, command.to_vec()) else {
        return Err(Failure::usage(
            &cx.command,
            format!("exactly one NAME is required, got {}", names.len()),
        ));
    };
    let name = name.clone();
    let object = match what {
        "deployment" => deployment(cx, &name, &command)?,
        "job" => job(cx, &name, &command)?,
        "cronjob" => cron_job(cx, &name, &command),
        "configmap" => config_map(cx, &name)?,
        "namespace" => {
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}})
        }
        "serviceaccount" => {
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
        }
        "poddisruptionbudget" => budget(cx, &name)?,
        "priorityclass" => priority_class(cx, &name),
        "quota" => quota(cx, &name)?,
        _ => match what.split_once(' ') {
            Some(("secret", kind)) => secret(cx, &name, kind)?,
            Some(("service", kind)) => service(cx, &name, kind)?,
            _ => return Err(Failure::error(format!("unknown kind {what}"))),
        },
    };
    send(cx, what, object)
}

/// Flags without which a command does not even look at its words.
fn require(cx: &Cx, what: &str) -> Result<(), Failure> {
    let needed: &[&str] = match what {
        "deployment" => &["image"],
        "cronjob" => &["image", "schedule"],
        _ => &[],
    };
    let missing: Vec<String> = needed
        .iter()
        .filter(|flag| !cx.flags.given(flag))
        .map(|flag| format!("\"{flag}\""))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::error(format!("required flag(s) {} not set", missing.join(", "))))
    }
}

/// Creates the object and prints it.
fn send(cx: &mut Cx, what: &str, object: Value) -> Outcome {
    let suffix = cx.dry_run()?.suffix();
    let mut object = object;
    let namespaced = !matches!(what, "namespace" | "priorityclass");
    if namespaced && (cx.for_real()? || cx.flags.given("namespace")) {
        object["metadata"]["namespace"] = cx.namespace().into();
    }
    let word = match what {
        "poddisruptionbudget" => "poddisruptionbudgets",
        "quota" => "resource quota",
        other => other.split(' ').next().unwrap_or_default(),
    };
    let stored = update::create(cx, object).map_err(|refused| {
        let quiet = matches!(what, "namespace" | "serviceaccount" | "quota");
        match (&refused, quiet) {
            (update::Refused::Api(error), true) => error.clone().into(),
            _ => Failure::error(format!("failed to create {}: {}", word, refused.message())),
        }
    })?;
    let line = format!("{} created{suffix}", name_line(&stored));
    cx.print(&stored, &line)?;
    Ok(Next::Done)
}

fn container_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split([':', '@']).next().unwrap_or_default();
    name.to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' })
        .collect()
}

fn deployment(cx: &Cx, name: &str, command: &[String]) -> Result<Value, Failure> {
    let images = cx.flags.list("image");
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::error("cannot specify multiple --image options and command"));
    }
    let port =
        cx.flags.text("port").and_then(|port| port.parse::<i64>().ok()).filter(|port| *port > 0);
    let container = |image: &String| {
        let mut container = json!({"name": container_name(image), "image": image, "resources": {}});
        if !command.is_empty() {
            container["command"] = command.into();
        }
        if let Some(port) = port {
            container["ports"] = json!([{"containerPort": port}]);
        }
        container
    };
    let containers: Vec<Value> =
        images.iter().filter(|image| !image.is_empty()).map(container).collect();
    let labels = json!({"app": name});
    let pod_spec = if containers.is_empty() {
        json!({"containers": null})
    } else {
        json!({"containers": containers})
    };
    Ok(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": cx.flags.int("replicas").unwrap_or(1), "selector": {"matchLabels": labels}, "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec}},
        "status": {},
    }))
}

fn pod_template(image: &str, name: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container["command"] = command.into();
    }
    json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}})
}

fn job(cx: &Cx, name: &str, command: &[String]) -> Result<Value, Failure> {
    let (image, from) =
        (cx.flags.text("image").unwrap_or_default(), cx.flags.text("from").unwrap_or_default());
    match (image.is_empty(), from.is_empty()) {
        (true, true) => Err(Failure::error("either --image or --from must be specified")),
        (false, false) => Err(Failure::error("specify --image or --from, not both")),
        (false, true) => {
            Ok(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"template": pod_template(image, name, command, "Never")}, "status": {}}))
        }
        (true, false) => {
            let (kind, source) = from.split_once('/').ok_or_else(|| {
                Failure::error("from must be an existing cronjob: must be in the form cronjob/name")
            })?;
            let source = cx.get(&crate::resources::lookup(kind)?, source)?;
            if source.kind.kind != "CronJob" {
                return Err(Failure::error(format!(
                    "unknown object type *{}.{}",
                    source.kind.version(),
                    source.kind.kind
                )));
            }
            let template = &source.object["spec"]["jobTemplate"];
            let mut meta = template["metadata"].as_object().cloned().unwrap_or_default();
            meta.insert("name".into(), name.into());
            let mut annotations =
                meta.get("annotations").and_then(Value::as_object).cloned().unwrap_or_default();
            annotations.insert("cronjob.kubernetes.io/instantiate".into(), "manual".into());
            meta.insert("annotations".into(), Value::Object(annotations));
            let owner = json!([{"apiVersion": "batch/v1", "kind": "CronJob", "name": source.name, "uid": source.object["metadata"]["uid"], "controller": true}]);
            meta.insert("ownerReferences".into(), owner);
            Ok(
                json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template["spec"], "status": {}}),
            )
        }
    }
}

fn cron_job(cx: &Cx, name: &str, command: &[String]) -> Value {
    let restart = cx.flags.text("restart").unwrap_or("OnFailure");
    let template = pod_template(cx.flags.text("image").unwrap_or_default(), name, command, restart);
    json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
        "spec": {"schedule": cx.flags.text("schedule"), "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}},
        "status": {}})
}

/// Keys and bytes of `--from-literal`, `--from-file`, `--from-env-file`.
fn data(cx: &Cx) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for path in cx.flags.list("from-file") {
        let (key, path) = path.split_once('=').map_or_else(
            || (path.rsplit('/').next().unwrap_or_default(), path.as_str()),
            |(key, path)| (key, path),
        );
        let bytes =
            cx.read(path).map_err(|why| Failure::error(format!("error reading {path}: {why}")))?;
        found.push((key.to_owned(), bytes));
    }
    for literal in cx.flags.list("from-literal") {
        let wrong =
            || Failure::error(format!("invalid literal source {literal}, expected key=value"));
        let (key, value) =
            literal.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(wrong)?;
        found.push((key.to_owned(), value.trim_matches(['"', '\'']).as_bytes().to_vec()));
    }
    for path in cx.flags.list("from-env-file") {
        let bytes =
            cx.read(path).map_err(|why| Failure::error(format!("error reading {path}: {why}")))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        found.extend(
            lines
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec())),
        );
    }
    for (n, (key, _)) in found.iter().enumerate() {
        if found[..n].iter().any(|(other, _)| other == key) {
            return Err(Failure::error(format!(
                "cannot add key \"{key}\", another key by that name already exists in Data for ConfigMap"
            )));
        }
    }
    Ok(found)
}

fn config_map(cx: &Cx, name: &str) -> Result<Value, Failure> {
    let mut map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    for (key, bytes) in data(cx)? {
        match String::from_utf8(bytes) {
            Ok(text) => map["data"][key] = text.into(),
            Err(error) => map["binaryData"][key] = base64::encode(error.as_bytes()).into(),
        }
    }
    Ok(map)
}

fn secret(cx: &Cx, name: &str, kind: &str) -> Result<Value, Failure> {
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    let mut entries = Vec::new();
    match kind {
        "tls" => {
            let (Some(cert), Some(key)) = (cx.flags.text("cert"), cx.flags.text("key")) else {
                return Err(Failure::error("key and cert must be specified"));
            };
            for (field, path) in [("tls.crt", cert), ("tls.key", key)] {
                let bytes =
                    cx.read(path).map_err(|why| Failure::error(format!("open {path}: {why}")))?;
                entries.push((field.to_owned(), bytes));
            }
            object["type"] = "kubernetes.io/tls".into();
        }
        "docker-registry" => {
            let server = cx.flags.text("docker-server").unwrap_or("https://index.docker.io/v1/");
            let (user, password) = (
                cx.flags.text("docker-username").unwrap_or_default(),
                cx.flags.text("docker-password").unwrap_or_default(),
            );
            let auth = base64::encode(format!("{user}:{password}").as_bytes());
            let login =
                json!({"auths": {server: {"username": user, "password": password, "auth": auth}}});
            entries.push((".dockerconfigjson".to_owned(), login.to_string().into_bytes()));
            object["type"] = "kubernetes.io/dockerconfigjson".into();
        }
        _ => {
            entries = data(cx)?;
            if let Some(kind) = cx.flags.text("type") {
                object["type"] = kind.into();
            }
        }
    }
    for (key, bytes) in entries {
        object["data"][key] = base64::encode(&bytes).into();
    }
    Ok(object)
}

fn service(cx: &Cx, name: &str, kind: &str) -> Result<Value, Failure> {
    let mut ports = Vec::new();
    for pair in cx.flags.list("tcp") {
        let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
        let wrong =
            |why: &str| Failure::error(format!("strconv.Atoi: parsing \"{why}\": invalid syntax"));
        let number: i64 = port.parse().map_err(|_| wrong(port))?;
        let target = target.parse::<i64>().map_or_else(|_| Value::from(target), Value::from);
        let mut entry = json!({"name": pair.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target});
        if let Some(node) = cx.flags.int("node-port").filter(|port| *port > 0 && kind == "nodeport")
        {
            entry["nodePort"] = node.into();
        }
        ports.push(entry);
    }
    let words = [
        ("clusterip", "ClusterIP"),
        ("nodeport", "NodePort"),
        ("loadbalancer", "LoadBalancer"),
        ("externalname", "ExternalName"),
    ];
    let kind_word =
        words.iter().find(|(word, _)| *word == kind).map_or("ClusterIP", |(_, kind)| kind);
    let headless = cx.flags.text("clusterip").is_some();
    if ports.is_empty() && kind != "externalname" && !headless {
        return Err(Failure::error("at least one tcp port specifier must be provided"));
    }
    let mut spec = Map::new();
    if !ports.is_empty() {
        spec.insert("ports".into(), Value::Array(ports));
    }
    spec.insert("selector".into(), json!({"app": name}));
    spec.insert("type".into(), kind_word.into());
    for (flag, field) in [("clusterip", "clusterIP"), ("external-name", "externalName")] {
        if let Some(value) = cx.flags.text(flag) {
            spec.insert(field.into(), value.into());
        }
    }
    Ok(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec, "status": {"loadBalancer": {}}}),
    )
}

fn budget(cx: &Cx, name: &str) -> Result<Value, Failure> {
    let Some(selector) = cx.flags.text("selector").filter(|text| !text.is_empty()) else {
        return Err(Failure::error("a selector must be specified"));
    };
    let labels: Map<String, Value> = selector
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    let mut spec = json!({"selector": {"matchLabels": labels}});
    let given: Vec<(&str, &str)> =
        [("min-available", "minAvailable"), ("max-unavailable", "maxUnavailable")]
            .into_iter()
            .filter_map(|(flag, field)| cx.flags.text(flag).map(|value| (field, value)))
            .collect();
    match given.as_slice() {
        [(field, value)] => {
            spec[*field] = value.parse::<i64>().map_or_else(|_| Value::from(*value), Value::from)
        }
        [] => {
            return Err(Failure::error(
                "one of min-available or max-unavailable must be specified",
            ));
        }
        _ => {
            return Err(Failure::error(
                "min-available and max-unavailable cannot be both specified",
            ));
        }
    }
    let status = json!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0});
    Ok(
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec, "status": status}),
    )
}

fn priority_class(cx: &Cx, name: &str) -> Value {
    json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": cx.flags.int("value").unwrap_or(0),
        "globalDefault": cx.flags.on("global-default"), "description": cx.flags.text("description").unwrap_or_default(),
        "preemptionPolicy": cx.flags.text("preemption-policy").unwrap_or("PreemptLowerPriority")})
}

fn quota(cx: &Cx, name: &str) -> Result<Value, Failure> {
    let hard = super::set::quantities(cx, "hard")?;
    let scopes = cx.flags.text("scopes").unwrap_or_default();
    let mut spec = json!({"hard": hard});
    if !scopes.is_empty() {
        spec["scopes"] = scopes.split(',').collect::<Vec<_>>().into();
    }
    Ok(
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {}}),
    )
}
