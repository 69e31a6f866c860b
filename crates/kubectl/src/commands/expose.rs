//! `kubectl expose`: a Service for something that has pods.
//!
//! Models `kubectl/pkg/cmd/expose/expose.go`.

use crate::commands::scale::NO_RESOURCES;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update;
use podplay_api::{Map, Value, json};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let words = cx.flags.words.clone();
    if words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(NO_RESOURCES));
    }
    let found = named(cx, &words, Rules::default())?;
    let mut failures = found.failures;
    for target in &found.targets {
        failures.extend(one(cx, target).err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

fn one(cx: &mut Cx, target: &Target) -> Result<(), Failure> {
    let object = &target.object;
    let selector = match cx.flags.text("selector") {
        Some(text) => text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect(),
        None => selector(target)?,
    };
    let ports = ports(cx, target)?;
    let name = cx.flags.text("name").unwrap_or(&target.name).to_owned();
    let mut meta = json!({"name": name});
    if let Some(labels) =
        object["metadata"]["labels"].as_object().filter(|labels| !labels.is_empty())
    {
        meta["labels"] = Value::Object(labels.clone());
    }
    if cx.for_real()? || cx.flags.given("namespace") {
        meta["namespace"] = cx.namespace().into();
    }
    let mut spec = json!({"ports": ports, "selector": selector});
    for (flag, field) in [
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("session-affinity", "sessionAffinity"),
        ("load-balancer-ip", "loadBalancerIP"),
    ] {
        if let Some(value) = cx.flags.text(flag) {
            spec[field] = value.into();
        }
    }
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": {"loadBalancer": {}}});
    let stored = update::create(cx, service).map_err(update::Refused::failure)?;
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("service/{name} exposed{suffix}"))
}

fn selector(target: &Target) -> Result<Map<String, Value>, Failure> {
    let object = &target.object;
    let missing = |why: &str| {
        Failure::error(format!(
            "couldn't retrieve selectors via --selector flag or introspection: {why}"
        ))
    };
    let found = match target.kind.kind {
        "Pod" => object["metadata"]["labels"]
            .as_object()
            .ok_or_else(|| missing("the pod has no labels and cannot be exposed"))?,
        "Service" | "ReplicationController" => object["spec"]["selector"]
            .as_object()
            .ok_or_else(|| missing("the service has no pod selector set"))?,
        "Deployment" | "ReplicaSet" => object["spec"]["selector"]["matchLabels"]
            .as_object()
            .ok_or_else(|| missing("it has no labels"))?,
        kind => {
            return Err(Failure::error(
                format!("cannot expose a {kind}.{}", target.kind.group()).trim_end_matches('.'),
            ));
        }
    };
    Ok(found.clone())
}

fn ports(cx: &Cx, target: &Target) -> Result<Vec<Value>, Failure> {
    let numbers: Vec<i64> = match cx.flags.text("port") {
        Some(text) => {
            let number = |part: &str| {
                part.parse::<i64>().map_err(|_| {
                    Failure::error(format!("strconv.Atoi: parsing \"{part}\": invalid syntax"))
                })
            };
            text.split(',').map(number).collect::<Result<_, _>>()?
        }
        None => introspected(target),
    };
    if numbers.is_empty() {
        return Err(Failure::error("couldn't find port via --port flag or introspection"));
    }
    let protocol = cx.flags.text("protocol").unwrap_or("TCP");
    let several = numbers.len() > 1;
    let entry = |(n, port): (usize, &i64)| {
        let target = cx.flags.text("target-port").map_or_else(
            || Value::from(*port),
            |text| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        );
        let mut entry = json!({"port": port, "protocol": protocol, "targetPort": target});
        if several {
            entry["name"] = format!("port-{}", n + 1).into();
        }
        entry
    };
    Ok(numbers.iter().enumerate().map(entry).collect())
}

fn introspected(target: &Target) -> Vec<i64> {
    let spec = &target.object["spec"];
    if target.kind.kind == "Service" {
        return spec["ports"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|port| port["port"].as_i64())
            .collect();
    }
    let pod = if target.kind.kind == "Pod" { spec } else { &spec["template"]["spec"] };
    let containers = pod["containers"].as_array().into_iter().flatten();
    containers
        .flat_map(|container| container["ports"].as_array().into_iter().flatten())
        .filter_map(|port| port["containerPort"].as_i64())
        .collect()
}
