//! Rules whose proof is a rollout, a drain, the loss of a node, or a fault that hits somebody else.

use super::bench::{Bench, proved};
use super::{Proof, Proved};
use crate::check::judge::Kind;
use crate::check::strikes::Whose;
use crate::check::trials::{Planned, Trial};
use crate::lab::Line;
use podplay_api::{FromRaw, PodDisruptionBudgetSpec, Value, json};
use podplay_manifest::Object;
use std::collections::BTreeSet;
use std::time::Duration;

/// Everything that these rules say. `deaf` if somebody was told already that programs are killed at their stop.
pub(super) fn all(bench: &Bench<'_>, deaf: bool) -> Vec<Proved> {
    let mut out = Vec::new();
    for (index, one) in bench.ground.workloads.iter().enumerate() {
        if !one.well || one.job {
            continue;
        }
        let alone = alone(bench, index);
        out.extend(drops(bench, index));
        if !deaf {
            out.extend(cut_off(bench, index));
        }
        out.extend(dependent(bench, index));
        out.extend(pressed(bench, index));
        if alone.is_none() {
            out.extend(together(bench, index));
            out.extend(unlimited(bench, index));
        }
        out.extend(alone);
    }
    out.extend(two_budgets(bench));
    out
}

/// The trial that exchanges a workload's pods.
fn exchange(bench: &Bench<'_>, index: usize) -> Trial {
    let kind = bench.ground.workloads[index].target.kind.as_str();
    let rolls = matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet");
    bench.trial(if rolls { Planned::Rollout(index) } else { Planned::Delete(index) })
}

/// The Services that ask a workload, as they occur in what is broken.
fn services(bench: &Bench<'_>, index: usize) -> Vec<String> {
    let Some(pod) = bench.pod(index) else { return Vec::new() };
    bench.cx.services_of(pod).map(|(service, _)| service.name.clone()).collect()
}

/// PP-1108: requests are lost in a rollout, and no hook waits before the stop.
fn drops(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let (at, container) = pod
        .spec
        .containers
        .iter()
        .enumerate()
        .find(|(_, container)| !container.ports.is_empty())
        .or_else(|| pod.spec.containers.iter().enumerate().next())?;
    if container.lifecycle.as_ref().is_some_and(|hooks| hooks.pre_stop.is_some()) {
        return None;
    }
    let trial = exchange(bench, index);
    let (service, proof) = services(bench, index).into_iter().find_map(|name| {
        Some((name.clone(), bench.proof(&trial, &[Kind::Lost], &format!("service/{name}"))?))
    })?;
    let path = pod.at(&format!("containers[{at}]"));
    let hook = |seconds: i64| {
        let sleep = json!({"sleep": {"seconds": seconds}});
        let has = container.lifecycle.is_some();
        bench.edited(&one.target, |editor| {
            if has {
                editor.insert(&format!("{path}.lifecycle"), "preStop", &sleep)
            } else {
                editor.insert(&path, "lifecycle", &json!({"preStop": sleep}))
            }
        })
    };
    let texts =
        [5, 10, 15].map(|seconds| (format!("Wait {seconds} s before the stop"), hook(seconds)));
    // Without a mend that helps, the requests are lost by something else.
    let mended = bench.mend(&trial, &[Kind::Lost, Kind::Outage], texts)?;
    let name = format!("{path}.name");
    let advice = bench.advice(pod.object, "PP-1108", &name, &[&container.name, &service]);
    Some(proved(advice, proof, Some(mended)))
}

/// PP-1109: killed at an ordinary stop.
fn cut_off(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let trial = exchange(bench, index);
    let found = bench.broken(&trial).into_iter().find(|broken| {
        broken.kind == Kind::CutOff && broken.of.ends_with(&one.target.to_string())
    })?;
    let container = found.of.split_whitespace().nth(1)?.to_owned();
    let proof = bench.proof(&trial, &[Kind::CutOff], &found.of)?;
    let grace = pod.spec.termination_grace_period_seconds.unwrap_or(30);
    let spec = pod.base;
    let texts = [60, 90, 120, 300, 600].into_iter().filter(|more| *more > grace).map(|more| {
        let text = bench.edited(&one.target, |editor| {
            editor.set(spec, "terminationGracePeriodSeconds", &json!(more))
        });
        (format!("Give it {more} s"), text)
    });
    // What no grace is enough for does not listen at all.
    let mended = bench.mend(&trial, &[Kind::CutOff], texts)?;
    let path = pod.at("terminationGracePeriodSeconds");
    let advice = bench.advice(pod.object, "PP-1109", &path, &[&container, &grace.to_string()]);
    Some(proved(advice, proof, Some(mended)))
}

/// PP-1309: one pod at a time behind a Service.
fn alone(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let spec = &pod.object.object["spec"];
    let recreate = spec["strategy"]["type"] == "Recreate";
    let single = one.target.kind == "Deployment" && spec["replicas"].as_i64() == Some(1);
    if !(recreate || single) {
        return None;
    }
    let mut trials = vec![exchange(bench, index)];
    let drains = bench.planned().into_iter().filter(|one| matches!(one, Planned::Drain(_)));
    trials.extend(drains.map(|drain| bench.trial(drain)));
    let (trial, service, proof) = trials.into_iter().find_map(|trial| {
        services(bench, index).into_iter().find_map(|name| {
            let proof =
                bench.proof(&trial, &[Kind::Outage, Kind::Lost], &format!("service/{name}"))?;
            // A few lost requests are another rule's.
            proof.sentence.starts_with("nobody").then_some((trial.clone(), name, proof))
        })
    })?;
    let (path, title, text) = if recreate {
        let text = bench.edited(&one.target, |editor| {
            editor.put("spec.strategy", &json!({"type": "RollingUpdate"}))
        });
        ("spec.strategy.type", "Replace pods one after the other", text)
    } else {
        let text = bench.edited(&one.target, |editor| editor.set("spec", "replicas", &json!(2)));
        ("spec.replicas", "Run two", text)
    };
    let mended = bench.mend(&trial, &[Kind::Outage], [(title.to_owned(), text)]);
    let advice = bench.advice(pod.object, "PP-1309", path, &[&one.target.to_string(), &service]);
    Some(proved(advice, proof, mended))
}

/// PP-1010: a probe restarts a container although others are hit.
fn dependent(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    if pod.spec.containers.iter().all(|container| container.liveness_probe.is_none()) {
        return None;
    }
    let at = bench.ground.calm();
    let mut trials = vec![(
        "names do not resolve".to_owned(),
        bench.strike(
            "DNSDown",
            Whose::All,
            vec![Line::fault(at, json!({"kind": "DNSDown", "for": "90s"}))],
        ),
    )];
    let others = bench.ground.run.cluster().pods().filter_map(|pod| {
        let of = bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name)?;
        (of != index).then_some((of, pod))
    });
    let mut told = BTreeSet::new();
    for (of, other) in others.filter(|(of, _)| told.insert(*of)).take(5) {
        let fault = json!({"kind": "RefuseConnections", "pod": other.meta.name, "namespace": other.meta.namespace, "for": "90s"});
        let why = format!("{} does not answer", bench.ground.workloads[of].target);
        trials.push((
            why,
            bench.strike("RefuseConnections", Whose::Pod(of), vec![Line::fault(at, fault)]),
        ));
    }
    let name = one.target.to_string();
    let (why, trial) = trials.into_iter().find(|(_, trial)| {
        let found = bench.broken(trial);
        found.iter().any(|broken| broken.kind == Kind::Collateral && broken.of.ends_with(&name))
    })?;
    let proof = bench.proof(&trial, &[Kind::Collateral], &name)?;
    let (n, container) =
        pod.spec.containers.iter().enumerate().find(|(_, one)| one.liveness_probe.is_some())?;
    let path = pod.at(&format!("containers[{n}].livenessProbe"));
    let text = bench.edited(&one.target, |editor| editor.remove(&path));
    let mended = bench.mend(
        &trial,
        &[Kind::Collateral],
        [("Ask only the container itself".to_owned(), text)],
    );
    let advice = bench.advice(pod.object, "PP-1010", &path, &[&container.name, &why]);
    Some(proved(advice, proof, mended))
}

/// The node that has all pods of a workload.
fn home(bench: &Bench<'_>, index: usize) -> Option<String> {
    let mut nodes = BTreeSet::new();
    let mut count = 0;
    for pod in bench.ground.run.cluster().pods() {
        if bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index) {
            nodes.insert(pod.spec.node_name.clone());
            count += 1;
        }
    }
    (nodes.len() == 1 && count > 1).then(|| nodes.pop_first()).flatten()
}

/// PP-1311: all pods on one node although there are others.
fn together(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let node =
        home(bench, index).filter(|_| bench.ground.run.cluster().list("Node", None).len() > 1)?;
    let trial = bench.trial(Planned::NodeLoss(node));
    let (service, proof) = outage(bench, index, &trial)?;
    let spread = json!([{
        "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": one.labels},
    }]);
    let spread = bench.edited(&one.target, |editor| {
        editor.insert(pod.base, "topologySpreadConstraints", &spread)
    });
    let ties = ["affinity", "nodeSelector", "nodeName"].map(|field| pod.at(field));
    let tie = ties.into_iter().find(|path| pod.object.spans.get(path).is_some());
    let free =
        tie.as_ref().and_then(|path| bench.edited(&one.target, |editor| editor.remove(path)));
    let texts = [
        ("Spread them over the nodes".to_owned(), spread),
        ("Take away what ties them to one node".to_owned(), free),
    ];
    let mended = bench.mend(&trial, &[Kind::Outage], texts);
    let path = tie.unwrap_or_else(|| pod.at("containers"));
    let advice = bench.advice(pod.object, "PP-1311", &path, &[&one.target.to_string(), &service]);
    Some(proved(advice, proof, mended))
}

/// The outage of a Service that asks a workload.
fn outage(bench: &Bench<'_>, index: usize, trial: &Trial) -> Option<(String, Proof)> {
    services(bench, index).into_iter().find_map(|name| {
        Some((name.clone(), bench.proof(trial, &[Kind::Outage], &format!("service/{name}"))?))
    })
}

/// The budgets of the text that select a workload's pods.
fn budgets<'a>(bench: &Bench<'a>, index: usize) -> Vec<&'a Object> {
    let one = &bench.ground.workloads[index];
    let selects = |object: &&Object| {
        let spec = PodDisruptionBudgetSpec::from_raw(&object.object["spec"]);
        object.kind == "PodDisruptionBudget"
            && object.namespace == one.target.namespace
            && spec.selector.is_some_and(|selector| selector.matches(&one.labels))
    };
    bench.cx.objects().filter(selects).collect()
}

/// PP-1312: several nodes are drained, and no budget keeps one pod.
fn unlimited(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let replicas = pod.object.object["spec"]["replicas"].as_i64().unwrap_or(1);
    if replicas < 2 || one.target.kind == "DaemonSet" || !budgets(bench, index).is_empty() {
        return None;
    }
    let nodes: BTreeSet<String> = bench
        .ground
        .run
        .cluster()
        .pods()
        .filter(|pod| bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index))
        .map(|pod| pod.spec.node_name.clone())
        .collect();
    let at = bench.ground.calm();
    let words = "--ignore-daemonsets --delete-emptydir-data --force";
    if nodes.len() > 3 {
        return None;
    }
    let mut lines: Vec<Line> =
        nodes.iter().map(|node| Line::kubectl(at, &format!("drain {node} {words}"))).collect();
    let node = nodes.first()?.clone();
    if nodes.len() == bench.ground.run.cluster().list("Node", None).len() {
        // Somewhere they have to go.
        lines.pop();
    }
    let back = nodes
        .iter()
        .map(|node| Line::kubectl(at + Duration::from_secs(90), &format!("uncordon {node}")));
    lines.extend(back);
    let trial = Trial { ground: 0, planned: Some(Planned::Drain(node)), strike: None, lines };
    let (service, proof) = outage(bench, index, &trial)?;
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": one.target.name, "namespace": one.target.namespace},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": one.labels}},
    });
    let edit = crate::remedy::edit::add_document(&budget);
    let text = crate::remedy::edit::apply(bench.text, &[edit]);
    let mended = bench.mend(&trial, &[Kind::Outage], [("Let one go at a time".to_owned(), text)]);
    let advice =
        bench.advice(pod.object, "PP-1312", "spec.replicas", &[&one.target.to_string(), &service]);
    Some(proved(advice, proof, mended))
}

/// PP-1314: a drain fails where two budgets select a pod.
fn two_budgets(bench: &Bench<'_>) -> Vec<Proved> {
    let mut out = Vec::new();
    for (index, one) in bench.ground.workloads.iter().enumerate() {
        let found = budgets(bench, index);
        let (Some(second), true) = (found.get(1), found.len() > 1) else { continue };
        let drains = bench.planned().into_iter().filter(|one| matches!(one, Planned::Drain(_)));
        let proof = drains.into_iter().find_map(|drain| {
            let trial = bench.trial(drain);
            let proof = bench.proof(&trial, &[Kind::Stuck], "drain")?;
            Some((trial, proof))
        });
        let Some((trial, proof)) = proof else { continue };
        let texts = [("Keep one budget".to_owned(), without(bench, second))];
        let mended = bench.mend(&trial, &[Kind::Stuck], texts);
        let count = found.len().to_string();
        let advice =
            bench.advice(second, "PP-1314", "spec.selector", &[&count, &one.target.to_string()]);
        out.push(proved(advice, proof, mended));
    }
    out
}

/// The text without an object: its selector selects nobody.
fn without(bench: &Bench<'_>, object: &Object) -> Option<String> {
    let target = Bench::target(object);
    let nobody: Value = json!({"matchLabels": {"selects": "nothing"}});
    bench.edited(&target, |editor| editor.put("spec.selector", &nobody))
}

/// PP-1408: evicted first, as it asks for nothing, while others on its node ask.
fn pressed(bench: &Bench<'_>, index: usize) -> Option<Proved> {
    let (one, pod) = (&bench.ground.workloads[index], bench.pod(index)?);
    let asks =
        |container: &podplay_api::Container| container.resources.requests.contains_key("memory");
    let (n, container) = pod.spec.containers.iter().enumerate().find(|(_, one)| !asks(one))?;
    let cluster = bench.ground.run.cluster();
    let mine = cluster
        .pods()
        .find(|pod| bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index))?;
    let others = cluster.pods().filter(|pod| {
        pod.spec.node_name == mine.spec.node_name && pod.spec.containers.iter().all(asks)
    });
    if others.count() == 0 {
        return None;
    }
    let at = bench.ground.calm();
    let node = &mine.spec.node_name;
    let fault = json!({"kind": "NodePressure", "node": node, "for": "60s"});
    let lines = vec![Line::fault(at, fault)];
    let entries: Vec<_> = lines.iter().filter_map(Line::entry).collect();
    let end = at + Duration::from_secs(60);
    let mut run = bench.ground.run.branched(&entries, end.since(podplay_api::SimTime::ZERO));
    let _ = run.advance(end, &mut podplay_core::Budget(crate::lab::WAKEUPS));
    let evicted = run.trace().iter().find_map(|record| match &record.what {
        podplay_core::What::Event(event) if event.reason == "Evicted" => {
            Some((record.at, record.subject.pod()?.name.clone()))
        }
        _ => None,
    })?;
    if bench.ground.workload_of(&mine.meta.namespace, &evicted.1) != Some(index) {
        return None;
    }
    let text = bench.lab.with(&lines, bench.ground.seed, end.since(podplay_api::SimTime::ZERO));
    let sentence = format!(
        "pod {} is evicted when {node} runs short of memory, before those that ask for some",
        evicted.1
    );
    let proof = Proof { sentence, at: evicted.0, text, mended: None };
    let path = pod.at(&format!("containers[{n}].name"));
    let advice =
        bench.advice(pod.object, "PP-1408", &path, &[&one.target.to_string(), &container.name]);
    Some(proved(advice, proof, None))
}
