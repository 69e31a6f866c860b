//! Services that lead nowhere.

use super::super::marked::look;
use super::super::observed::Seen;
use super::{Certainty, Found, View};
use crate::verdict::Cause;
use podplay_api::Value;

/// Services without pods behind them, or with a port that no pod has.
pub(super) fn all(view: &View<'_>) -> Vec<Found> {
    view.observed.of_kind("Service").filter_map(|seen| service(view, seen)).collect()
}

/// Labels of a pod, or of a template.
fn labels(value: &Value) -> Vec<(String, String)> {
    let map = value.as_object().into_iter().flatten();
    map.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn service(view: &View<'_>, seen: &Seen) -> Option<Found> {
    let selector = labels(seen.tree.get("spec.selector"));
    if selector.is_empty() || seen.name == "kubernetes" {
        return None;
    }
    let pods: Vec<Candidate<'_>> = candidates(view);
    if pods.is_empty() {
        return None;
    }
    let fits = |labels: &Vec<(String, String)>| selector.iter().all(|pair| labels.contains(pair));
    let chosen: Vec<_> = pods.iter().filter(|(labels, _, _)| fits(labels)).collect();
    let subject = format!("service/{}", seen.name);
    if chosen.is_empty() {
        let text: Vec<String> =
            selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let nearest = nearest(&selector, &pods);
        let cause = Cause::SelectorMatchesNothing { selector: text.join(","), nearest };
        let line = seen.tree.line("spec.selector").unwrap_or(seen.line);
        return Some(Found::new(subject, cause).at(line, "spec.selector"));
    }
    port(seen, subject, &chosen)
}

type Candidate<'a> = (Vec<(String, String)>, &'a Value, &'a Value);

/// Pods and templates of the paste: labels, spec, and the whole.
fn candidates<'a>(view: &View<'a>) -> Vec<Candidate<'a>> {
    let mut out = Vec::new();
    for seen in &view.observed.objects {
        let value = &seen.tree.value;
        let at = match seen.kind.as_str() {
            "Pod" => "",
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "spec.template.",
            _ => continue,
        };
        let spec = look(value, &format!("{at}spec"));
        out.push((labels(look(value, &format!("{at}metadata.labels"))), spec, value));
    }
    out
}

/// The label of a pod that is most like what is selected: the same key with another value.
fn nearest(selector: &[(String, String)], pods: &[Candidate<'_>]) -> Option<String> {
    let wrong =
        selector.iter().find(|pair| pods.iter().all(|(labels, _, _)| !labels.contains(pair)))?;
    let other = pods.iter().flat_map(|(labels, _, _)| labels).find(|(key, _)| *key == wrong.0)?;
    Some(format!("{}={}", other.0, other.1))
}

/// A target port that no chosen pod has.
fn port(seen: &Seen, subject: String, chosen: &[&Candidate<'_>]) -> Option<Found> {
    let ports = seen.tree.get("spec.ports").as_array()?;
    for (at, port) in ports.iter().enumerate() {
        let target = port.get("targetPort").or_else(|| port.get("port"))?;
        let declared: Vec<&Value> = chosen
            .iter()
            .flat_map(|(_, spec, _)| look(spec, "containers").as_array().into_iter().flatten())
            .flat_map(|container| look(container, "ports").as_array().into_iter().flatten())
            .collect();
        let has = |port: &&Value| match target {
            Value::String(name) => port.get("name").and_then(Value::as_str) == Some(name),
            number => port.get("containerPort") == Some(number),
        };
        if declared.iter().any(has) || (declared.is_empty() && !target.is_string()) {
            continue;
        }
        let listens: Vec<u16> = declared
            .iter()
            .filter_map(|port| u16::try_from(port.get("containerPort")?.as_u64()?).ok())
            .collect();
        let plain = |value: &Value| super::super::observed::plain(value);
        let cause = Cause::PortMismatch {
            port: port.get("port").map(plain).unwrap_or_default(),
            target: plain(target),
            listens,
            nearest: None,
        };
        let path = format!("spec.ports[{at}].targetPort");
        let line = seen.tree.line(&path).unwrap_or(seen.line);
        return Some(Found::new(subject, cause).at(line, path).only(Certainty::Follows));
    }
    None
}
