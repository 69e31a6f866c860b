//! Texts that ask for more pods or containers than are run, or for more objects that select them.

use crate::findings::Finder;
use crate::limits;
use crate::model::Object;
use crate::value::{at, items};
use crate::yaml::Span;
use serde_json::Value;

/// Says what is too much; objects beyond a limit stay out of the run, in the order of the text.
pub(crate) fn bound(objects: &mut [Object], finder: &mut Finder<'_>) {
    large_pods(objects, finder);
    let containers = |object: &Object| pods_of(object).saturating_mul(containers_of(object));
    let told = |pods: usize| format!("the text asks for {pods} pods");
    let advice = "ask for fewer replicas";
    let span = |object: &Object| object.spans.value("spec.replicas");
    if let Some((pods, at)) = trim(objects, limits::PODS, pods_of, span) {
        finder.too_many(told(pods), limits::PODS, advice, at);
    }
    if let Some((all, at)) = trim(objects, limits::ALL_CONTAINERS, containers, span) {
        let told = format!("the pods of the text have {all} containers");
        let most = limits::ALL_CONTAINERS;
        finder.too_many(told, most, advice, at);
    }
    let pods: usize = objects.iter().filter(|o| o.accepted).map(pods_of).sum();
    let span = |object: &Object| object.spans.value("spec.selector");
    if let Some((all, at)) =
        trim(objects, limits::SELECTIONS, |o| selects(o).saturating_mul(pods), span)
    {
        let told = format!("{} objects select among {pods} pods", all / pods.max(1));
        let most = limits::SELECTIONS / pods.max(1);
        let advice = "ask for fewer of them, or for fewer replicas";
        finder.too_many(told, most, advice, at);
    }
}

/// Pods with more containers than a pod may have here.
fn large_pods(objects: &mut [Object], finder: &mut Finder<'_>) {
    for object in objects.iter_mut().filter(|object| object.accepted) {
        let count = containers_of(object);
        if count > limits::CONTAINERS {
            object.accepted = false;
            let path = format!("{}.containers", template(object).0);
            let told = format!("a pod has {count} containers");
            let span = object.spans.nearest(&path);
            finder.too_many(told, limits::CONTAINERS, "put fewer into one pod", span);
        }
    }
}

/// Takes out of the run what goes beyond a limit; how much was asked for, if it was too much, and where first.
fn trim(
    objects: &mut [Object],
    most: usize,
    count: impl Fn(&Object) -> usize,
    place: impl Fn(&Object) -> Span,
) -> Option<(usize, Span)> {
    let asked = |object: &&Object| object.accepted && count(object) > 0;
    let all = objects.iter().filter(asked).map(&count).fold(0, usize::saturating_add);
    if all <= most {
        return None;
    }
    let several = objects.iter().filter(asked).find(|object| count(object) > 1);
    let span = several.map(place).unwrap_or_default();
    let mut left = most;
    for object in objects.iter_mut().filter(|object| object.accepted) {
        match left.checked_sub(count(object)) {
            Some(rest) => left = rest,
            None => object.accepted = false,
        }
    }
    Some((all, span))
}

/// How many pods an object asks for.
fn pods_of(object: &Object) -> usize {
    let count = |path: &str| {
        let asked = at(&object.object, path).and_then(Value::as_i64).unwrap_or(1);
        usize::try_from(asked).unwrap_or(0)
    };
    match object.kind.as_str() {
        "Pod" => 1,
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            count("spec.replicas")
        }
        "Job" => count("spec.parallelism"),
        _ => 0,
    }
}

/// The pod spec of an object and its path.
fn template(object: &Object) -> (&'static str, Option<&Value>) {
    let path = match object.kind.as_str() {
        "Pod" => "spec",
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        _ => "spec.template.spec",
    };
    (path, at(&object.object, path))
}

fn containers_of(object: &Object) -> usize {
    let lists = ["containers", "initContainers"];
    template(object).1.map_or(0, |spec| lists.iter().map(|list| items(spec, list).len()).sum())
}

/// 1 for an object that is compared with every pod.
fn selects(object: &Object) -> usize {
    usize::from(matches!(
        object.kind.as_str(),
        "Service" | "PodDisruptionBudget" | "NetworkPolicy" | "ResourceQuota" | "LimitRange"
    ))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    fn deployment(replicas: usize, containers: usize) -> String {
        let mut text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers:\n"
        );
        (0..containers).for_each(|n| {
            let _ = writeln!(text, "      - {{name: c{n}, image: nginx}}");
        });
        text
    }

    fn services(count: usize) -> String {
        let mut text = "---\napiVersion: v1\nkind: List\nitems:\n".to_owned();
        (0..count).for_each(|n| {
            let _ = writeln!(
                text,
                "- {{apiVersion: v1, kind: Service, metadata: {{name: s{n}}}, spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}}}"
            );
        });
        text
    }

    #[test]
    fn what_is_too_much_is_said_and_left_out() {
        for (text, accepted, said) in [
            (deployment(1000, 1), 1, ""),
            (deployment(1001, 1), 0, "the text asks for 1001 pods, the limit is 1000"),
            (deployment(1, 250), 1, ""),
            (deployment(1, 251), 0, "a pod has 251 containers, the limit is 250"),
            (deployment(400, 10), 1, ""),
            (
                deployment(400, 11),
                0,
                "the pods of the text have 4400 containers, the limit is 4000",
            ),
            (deployment(500, 1) + &services(100), 101, ""),
            (
                deployment(500, 1) + &services(300),
                101,
                "300 objects select among 500 pods, the limit is 100",
            ),
        ] {
            let reading = crate::read(&text);
            let found = reading.diagnostics.iter().find(|found| found.code == "PP-0901");
            assert_eq!(found.map_or("", |found| found.message.as_str()), said);
            let left = reading.objects.iter().filter(|object| object.accepted).count();
            assert_eq!(left, accepted, "{said}");
        }
    }
}
