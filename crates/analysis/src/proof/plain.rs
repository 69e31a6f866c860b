//! Rules whose proof is the run of the text alone.

use super::bench::{Bench, proved};
use super::{Mended, Proof, Proved};
use crate::lab::Lab;
use podplay_api::{CronJobSpec, FromRaw, PodDisruptionBudgetSpec, SimTime, Value, json};
use podplay_core::record::Stored;
use podplay_core::{Budget, What};
use podplay_manifest::Object;
use podplay_playback::{Plan, Run};
use std::time::Duration;

/// Everything that these rules say.
pub(super) fn all(bench: &Bench<'_>) -> Vec<Proved> {
    let mut out = Vec::new();
    for pod in &bench.cx.pods {
        let index =
            bench.ground.workloads.iter().position(|one| one.target == Bench::target(pod.object));
        let Some(index) = index else { continue };
        out.extend(gate(bench, index));
        out.extend(refused(bench, index));
        out.extend(endless_job(bench, index));
    }
    for object in bench.cx.objects() {
        out.extend(match object.kind.as_str() {
            "PodDisruptionBudget" => empty_budget(bench, object),
            "HorizontalPodAutoscaler" => nothing_to_scale(bench, object),
            "StatefulSet" => nameless(bench, object),
            "CronJob" => piles_up(bench, object),
            _ => None,
        });
    }
    out
}

/// When the text's own run is looked at.
fn end(bench: &Bench<'_>) -> SimTime {
    bench.ground.run.now()
}

/// PP-1110: a gate without a condition.
fn gate(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let gate = pod.spec.readiness_gates.first()?;
    let of =
        bench.ground.run.cluster().pods().find(|pod| {
            bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index)
        })?;
    let set = of.status.is_true(&gate.condition_type);
    if one.well || set {
        return None;
    }
    let at = end(bench);
    let sentence = format!(
        "pod {} is not ready after {} s: its condition {} is not there",
        of.meta.name,
        at.as_millis() / 1000,
        gate.condition_type
    );
    let text = bench.edited(&one.target, |editor| editor.remove(&pod.at("readinessGates")));
    let mended = runs_well(bench, "Take the gate away", text);
    let path = pod.at("readinessGates[0].conditionType");
    let advice =
        bench.advice(pod.object, "PP-1110", &path, &[&one.target.name, &gate.condition_type]);
    Some(proved(advice, bench.shown(at, sentence), mended))
}

/// The changed text, if everything gets ready in it.
fn runs_well(bench: &Bench<'_>, title: &str, text: Option<String>) -> Option<Mended> {
    let fixed = text?;
    let lab = Lab::new_as(&fixed, 0, Some(bench.plan.reading.assume)).ok()?;
    let ground = lab.ground(bench.ground.seed);
    let duration = ground.run.now().since(SimTime::ZERO);
    ground.workloads.iter().all(|one| one.well).then(|| Mended {
        title: title.to_owned(),
        text: lab.with(&[], ground.seed, duration),
        fixed,
    })
}

/// PP-1405, PP-1406, PP-1407: what the pods refer to is not there.
fn refused(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let cluster = bench.ground.run.cluster();
    let namespace = &one.target.namespace;
    let (account, class) = (&pod.spec.service_account_name, &pod.spec.priority_class_name);
    let lacks = |kind: &str, namespace: &str, name: &str| {
        !name.is_empty() && cluster.get(kind, namespace, name).is_none()
    };
    let target = one.target.to_string();
    let (advice, document, word) = if lacks("ServiceAccount", namespace, account) {
        let path = pod.at("serviceAccountName");
        let made = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}});
        (bench.advice(pod.object, "PP-1405", &path, &[&target, account]), made, "serviceaccount")
    } else if lacks("PriorityClass", "", class) {
        let path = pod.at("priorityClassName");
        let made = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": class}, "value": 1000});
        (bench.advice(pod.object, "PP-1406", &path, &[&target, class]), made, "PriorityClass")
    } else {
        return no_login(bench, index);
    };
    let (at, sentence) = bench.ground.run.trace().iter().find_map(|record| match &record.what {
        What::Event(event) if event.reason == "FailedCreate" && event.message.contains(word) => {
            Some((record.at, event.message.clone()))
        }
        _ => None,
    })?;
    let edit = crate::remedy::edit::add_document(&document);
    let text = crate::remedy::edit::apply(bench.text, &[edit]);
    let mended = runs_well(bench, "Make it", text);
    Some(proved(advice, bench.shown(at, sentence), mended))
}

/// PP-1407: the pull fails, and the Secret for it is missing.
fn no_login(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let namespace = &one.target.namespace;
    let missing = pod.spec.image_pull_secrets.iter().position(|secret| {
        bench.ground.run.cluster().get("Secret", namespace, &secret.name).is_none()
    })?;
    let name = &pod.spec.image_pull_secrets[missing].name;
    let (at, sentence) = bench.ground.run.trace().iter().find_map(|record| match &record.what {
        What::Event(event) if event.reason == "FailedToRetrieveImagePullSecret" => {
            Some((record.at, event.message.clone()))
        }
        _ => None,
    })?;
    let image = &pod.spec.containers.first()?.image;
    let path = pod.at(&format!("imagePullSecrets[{missing}].name"));
    let advice =
        bench.advice(pod.object, "PP-1407", &path, &[&one.target.to_string(), image, name]);
    Some(proved(advice, bench.shown(at, sentence), None))
}

/// PP-1310: one container of a Job has ended well, another one goes on.
fn endless_job(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    if one.target.kind != "Job" || one.well {
        return None;
    }
    let of =
        bench.ground.run.cluster().pods().find(|pod| {
            bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index)
        })?;
    let status =
        |name: &str| of.status.container_statuses.iter().find(|status| status.name == name);
    let ended = |name: &str| {
        status(name)
            .and_then(|status| status.state.terminated())
            .is_some_and(|end| end.exit_code == 0)
    };
    let runs = |name: &str| status(name).is_some_and(|status| status.state.is_running());
    let many = &pod.spec.containers;
    if !many.iter().any(|container| ended(&container.name)) {
        return None;
    }
    let (n, container) = many.iter().enumerate().find(|(_, container)| runs(&container.name))?;
    let at = end(bench);
    let sentence = format!(
        "{} has not completed after {} s: container {} of pod {} still runs",
        one.target,
        at.as_millis() / 1000,
        container.name,
        of.meta.name
    );
    let text = as_sidecar(bench, index, n);
    let mended =
        runs_well(bench, "Make it a sidecar: an init container that is restarted always", text);
    let path = pod.at(&format!("containers[{n}].name"));
    let advice = bench.advice(pod.object, "PP-1310", &path, &[&one.target.name, &container.name]);
    Some(proved(advice, bench.shown(at, sentence), mended))
}

/// The text with a container as a sidecar.
fn as_sidecar(bench: &Bench<'_>, index: usize, container: usize) -> Option<String> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    if !pod.spec.init_containers.is_empty() {
        return None;
    }
    let list = pod.at("containers");
    let written = crate::verdict::written(bench.plan, &one.target)?;
    let mut moved = written.value(&format!("{list}[{container}]"))?.clone();
    moved["restartPolicy"] = Value::from("Always");
    let without = bench.edited(&one.target, |editor| editor.remove_item(&list, container))?;
    let plan = Plan::read_as(&without, Some(bench.plan.reading.assume));
    let written = crate::verdict::written(&plan, &one.target)?;
    let editor = crate::remedy::edit::Editor { text: &without, written };
    let edit = editor.insert(pod.base, "initContainers", &json!([moved]))?;
    crate::remedy::edit::apply(&without, &[edit])
}

/// PP-1313: a budget for nobody.
fn empty_budget(bench: &Bench<'_>, object: &Object) -> Option<Proved> {
    let spec = PodDisruptionBudgetSpec::from_raw(&object.object["spec"]);
    let selector = spec.selector?;
    let mut pods = bench.cx.pods_in(&object.namespace).peekable();
    // A text without pods there guards those of another text.
    pods.peek()?;
    if pods.any(|pod| selector.matches(&pod.labels)) {
        return None;
    }
    let stored = bench.ground.run.cluster().get(&object.kind, &object.namespace, &object.name)?;
    if stored["status"]["expectedPods"].as_i64().unwrap_or(0) > 0 {
        return None;
    }
    let at = end(bench);
    let sentence = format!("after {} s it expects 0 pods", at.as_millis() / 1000);
    let advice = bench.advice(object, "PP-1313", "spec.selector", &[&object.name]);
    Some(proved(advice, bench.shown(at, sentence), None))
}

/// PP-1315: the target is not there.
fn nothing_to_scale(bench: &Bench<'_>, object: &Object) -> Option<Proved> {
    let of = &object.object["spec"]["scaleTargetRef"];
    let word = |key: &str| of[key].as_str().unwrap_or_default();
    let known = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"];
    if !known.contains(&word("kind")) || bench.cx.pods_in(&object.namespace).next().is_none() {
        return None;
    }
    let mut run = longer(bench, Duration::from_secs(30));
    let _ = run.advance(run.end(), &mut Budget(crate::lab::WAKEUPS));
    let (at, sentence) = run.trace().iter().find_map(|record| match &record.what {
        What::Event(event)
            if event.reason == "FailedGetScale" && event.involved_object.name == object.name =>
        {
            Some((record.at, event.message.clone()))
        }
        _ => None,
    })?;
    let what = format!("{} {}", word("kind"), word("name"));
    let advice =
        bench.advice(object, "PP-1315", "spec.scaleTargetRef.name", &[&object.name, &what]);
    Some(proved(advice, bench.shown(at, sentence), None))
}

/// The run of the text, for so much longer.
fn longer(bench: &Bench<'_>, more: Duration) -> Run {
    let run = &bench.ground.run;
    run.branched(&[], run.now().since(SimTime::ZERO) + more)
}

/// PP-1316: the Service that names the pods is not there.
fn nameless(bench: &Bench<'_>, object: &Object) -> Option<Proved> {
    let name = object.object["spec"]["serviceName"].as_str().filter(|name| !name.is_empty())?;
    let cluster = bench.ground.run.cluster();
    let others = bench
        .cx
        .objects()
        .any(|other| other.kind == "Service" && other.namespace == object.namespace);
    // A text that has no Service at all leaves them to another text.
    if !others || cluster.get("Service", &object.namespace, name).is_some() {
        return None;
    }
    let at = end(bench);
    let pod = format!("{}-0.{name}", object.name);
    let sentence = format!("there is no Service {name}, so {pod} does not resolve");
    let selector = object.object["spec"]["selector"]["matchLabels"].clone();
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": object.namespace},
        "spec": {"clusterIP": "None", "selector": selector},
    });
    let edit = crate::remedy::edit::add_document(&service);
    let text = crate::remedy::edit::apply(bench.text, &[edit]);
    let mended = runs_well(bench, "Make the headless Service", text);
    let advice = bench.advice(object, "PP-1316", "spec.serviceName", &[&object.name, name]);
    Some(proved(advice, bench.shown(at, sentence), mended))
}

/// PP-1317: after several starts more than one run is active.
fn piles_up(bench: &Bench<'_>, object: &Object) -> Option<Proved> {
    let spec = CronJobSpec::from_raw(&object.object["spec"]);
    if !matches!(spec.concurrency_policy.as_str(), "" | "Allow") || spec.suspend {
        return None;
    }
    let text = |text: &str| {
        crate::lab::scenario(text, &Plan::read(text).reading, |spec| {
            spec["duration"] = Value::from("30m")
        })
    };
    let (at, most) = piled(bench, object, &text(bench.text))?;
    let sentence = format!("{most} runs of {} are active together", object.name);
    let proof = Proof { sentence, at, text: text(bench.text), mended: None };
    let target = Bench::target(object);
    let fixed = bench
        .edited(&target, |editor| editor.set("spec", "concurrencyPolicy", &Value::from("Forbid")));
    let mended = fixed.filter(|fixed| piled(bench, object, &text(fixed)).is_none()).map(|fixed| {
        Mended { title: "Start none while one runs".to_owned(), text: text(&fixed), fixed }
    });
    let advice = bench.advice(object, "PP-1317", "spec.schedule", &[&object.name]);
    Some(proved(advice, proof, mended))
}

/// When three runs of a CronJob were active in half an hour, and how many there were at most.
fn piled(bench: &Bench<'_>, object: &Object, text: &str) -> Option<(SimTime, usize)> {
    let mut run = Run::of(Plan::read_as(text, Some(bench.plan.reading.assume)));
    let _ = run.advance(run.end(), &mut Budget(crate::lab::WAKEUPS));
    let counts = run.trace().iter().filter_map(|record| match &record.what {
        What::Stored(_, Stored::Object(stored))
            if stored["kind"] == "CronJob"
                && stored["metadata"]["name"] == object.name.as_str() =>
        {
            Some((record.at, stored["status"]["active"].as_array().map_or(0, Vec::len)))
        }
        _ => None,
    });
    let all: Vec<(SimTime, usize)> = counts.collect();
    let first = all.iter().find(|(_, count)| *count >= 3)?.0;
    Some((first, all.iter().map(|(_, count)| *count).max().unwrap_or(0)))
}
