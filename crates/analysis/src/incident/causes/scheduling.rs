//! Pods that no node takes: the parts of the scheduler's message, with what the pod asks for.

use super::messages::{any, between};
use super::{Certainty, Found, Pod, View};
use crate::verdict::{Cause, Unbound};
use podplay_api::Value;

/// A reason of the scheduler, and how many nodes it holds for.
struct Refusal<'a> {
    nodes: usize,
    words: &'a str,
}

/// Why a pod has no node.
pub(super) fn unplaced(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let placed = !pod.text("spec.nodeName").is_empty() || !pod.with("Scheduled").is_empty();
    if placed {
        return Vec::new();
    }
    if let Some(found) = gated(pod) {
        return vec![found];
    }
    let failed = pod.with("FailedScheduling");
    let condition = pod.condition("PodScheduled").filter(|(status, _, _)| *status == "False");
    let (message, line) = match (failed.last(), condition) {
        (Some(event), _) => (event.message.as_str(), event.line),
        (None, Some((_, _, message))) if !message.is_empty() => {
            (message, pod.condition_line("PodScheduled"))
        }
        (None, Some(_)) => return unsaid(view, pod),
        (None, None) => return Vec::new(),
    };
    let mut refusals = refusals(message);
    // What holds for most nodes, and of those what the pod itself asks for before what the nodes are like.
    refusals.sort_by_key(|refusal| (std::cmp::Reverse(refusal.nodes), foreign(refusal.words)));
    let found = refusals.iter().find_map(|refusal| cause(view, pod, refusal));
    found.map(|found| found.at(line, "").because(message)).into_iter().collect()
}

/// Whether a refusal is about the node rather than about what the pod asks for.
fn foreign(words: &str) -> bool {
    any(words, &["taint", "unschedulable", "pressure"])
}

fn gated(pod: &Pod<'_>) -> Option<Found> {
    let gates: Vec<String> = pod
        .spec("schedulingGates")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|gate| gate.get("name")?.as_str())
        .map(str::to_owned)
        .collect();
    let reason = pod.condition("PodScheduled").map_or("", |(_, reason, _)| reason);
    let said = reason == "SchedulingGated" || pod.status() == "SchedulingGated";
    if gates.is_empty() && !said {
        return None;
    }
    let line = pod.line("spec.schedulingGates");
    let cause = Cause::SchedulingGated { gates };
    Some(Found::new(pod.subject(), cause).at(line, "spec.schedulingGates"))
}

/// A pod that is not placed while the paste does not show the message: what it asks for decides.
fn unsaid(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let guess = |words| Refusal { nodes: 0, words };
    let has = |path: &str| pod.spec(path).as_object().is_some_and(|map| !map.is_empty());
    let ports = pod.containers.iter().any(|c| {
        pod.of(c, "ports")
            .as_array()
            .into_iter()
            .flatten()
            .any(|port| port.get("hostPort").is_some())
    });
    let asks = |resource: &str| asked(pod, resource).is_some();
    let claims = pod.spec("volumes").as_array().into_iter().flatten();
    let claims = claims.filter(|volume| volume.get("persistentVolumeClaim").is_some()).count() > 0;
    let words = match () {
        () if has("nodeSelector") => "node(s) didn't match Pod's node affinity/selector",
        () if has("affinity") => "node(s) didn't match Pod's node affinity/selector",
        () if claims => "pod has unbound immediate PersistentVolumeClaims",
        () if ports => "node(s) didn't have free ports for the requested pod ports",
        () if pod.spec("topologySpreadConstraints").is_array() => "topology spread",
        () if asks("cpu") || asks("memory") => larger(pod),
        // A description shows no affinity; what keeps replicas apart is the commonest.
        () if siblings(view, pod) => "node(s) didn't match pod anti-affinity rules",
        () => return Vec::new(),
    };
    let line = pod.condition_line("PodScheduled");
    let found = parts(view, pod, &guess(words));
    found.map(|found| found.at(line, "").only(Certainty::Likely)).into_iter().collect()
}

/// The resource of which a pod asks for the larger part of an ordinary node.
fn larger(pod: &Pod<'_>) -> &'static str {
    let milli = |resource: &str| {
        let (amount, _) = asked(pod, resource)?;
        Some(podplay_api::Quantity::parse(&amount)?.milli())
    };
    let cpu = milli("cpu").unwrap_or(0).saturating_mul(4 << 30);
    let memory = milli("memory").unwrap_or(0).saturating_mul(1);
    // An ordinary node has four gibibytes for each core.
    if i128::from(memory) * 1000 > i128::from(cpu) {
        "Insufficient memory"
    } else {
        "Insufficient cpu"
    }
}

/// Whether another pod of the same workload has a node.
fn siblings(view: &View<'_>, pod: &Pod<'_>) -> bool {
    let stem = |name: &str| name.rsplit_once('-').map_or(name, |(stem, _)| stem).to_owned();
    view.pods.iter().any(|other| {
        other.name != pod.name
            && stem(&other.name) == stem(&pod.name)
            && !other.text("spec.nodeName").is_empty()
    })
}

/// The reasons in `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had …. preemption: …`.
fn refusals(message: &str) -> Vec<Refusal<'_>> {
    let said = message.split_once(" are available: ").map_or(message, |(_, rest)| rest);
    let said = said.split(" preemption:").next().unwrap_or_default();
    let said = said.split(" no new claims to deallocate").next().unwrap_or_default();
    let mut out = Vec::new();
    for part in said.trim_end_matches(['.', ',']).split(", ") {
        let part = part.trim();
        let (count, words) = part.split_once(' ').unwrap_or(("", part));
        match count.parse() {
            Ok(nodes) => out.push(Refusal { nodes, words }),
            Err(_) => out.push(Refusal { nodes: 0, words: part }),
        }
    }
    out
}

fn cause(view: &View<'_>, pod: &Pod<'_>, refusal: &Refusal<'_>) -> Option<Found> {
    let mut found = parts(view, pod, refusal)?;
    if let Cause::NodeCordoned { node } = &mut found.cause {
        let cordoned = view
            .observed
            .of_kind("Node")
            .find(|seen| seen.tree.get("spec.unschedulable").as_bool() == Some(true));
        let row = view.observed.rows.iter().find(|row| {
            row.kind == "Node" && row.row.cell("STATUS").contains("SchedulingDisabled")
        });
        let name = cordoned.map(|seen| &seen.name).or_else(|| row.map(|row| &row.name));
        match name {
            Some(name) => node.clone_from(name),
            None => {
                found.instead = Some((
                    "The nodes that fit take no new pods: they are cordoned (kubectl uncordon).".to_owned(),
                    "알맞은 노드가 새 파드를 받지 않습니다. 스케줄링이 막혀 있습니다(kubectl uncordon).".to_owned(),
                ));
            }
        }
    }
    Some(found)
}

fn parts(view: &View<'_>, pod: &Pod<'_>, refusal: &Refusal<'_>) -> Option<Found> {
    let words = refusal.words;
    let (cause, path) = match () {
        () if words.starts_with("Insufficient ") => return Some(insufficient(pod, words)),
        () if any(words, &["taint"]) => return Some(taint(pod, words)),
        () if any(words, &["unschedulable"]) => {
            let cause = Cause::NodeCordoned { node: String::new() };
            return Some(Found::new(pod.subject(), cause).only(Certainty::Around));
        }
        () if any(words, &["free ports"]) => return Some(host_port(pod)),
        () if any(words, &["anti-affinity"]) => (
            Cause::AntiAffinityConflict { topology: topology(pod), nodes: refusal.nodes },
            "spec.affinity.podAntiAffinity",
        ),
        () if any(words, &["topology spread"]) => (spread(pod), "spec.topologySpreadConstraints"),
        () if any(words, &["pod affinity rules"]) => (
            Cause::AffinityMismatch { rule: "podAffinity".to_owned(), seen: Vec::new() },
            "spec.affinity.podAffinity",
        ),
        () if any(words, &["affinity/selector", "node selector", "node affinity"]) => selector(pod),
        () if any(words, &["persistentvolumeclaim", "persistent volume"]) => {
            return Some(claim(view, pod, words));
        }
        () => return None,
    };
    let line = pod.line(path);
    Some(Found::new(pod.subject(), cause).at(line, path))
}

/// What a pod asks for of a resource, and where it is written.
fn asked(pod: &Pod<'_>, resource: &str) -> Option<(String, String)> {
    pod.containers.iter().find_map(|container| {
        let requests = pod.of(container, "resources.requests").get(resource);
        let (amount, field) = match requests {
            Some(amount) => (amount, "requests"),
            None => (pod.of(container, "resources.limits").get(resource)?, "limits"),
        };
        let path = format!("{}.resources.{field}.{resource}", container.spec);
        Some((super::super::observed::plain(amount), path))
    })
}

fn insufficient(pod: &Pod<'_>, words: &str) -> Found {
    let resource = words.trim_start_matches("Insufficient ").trim_end_matches('.').to_owned();
    let found = asked(pod, &resource);
    let (amount, path) = found.clone().unwrap_or_default();
    // `1k` of cpu is commonly 1000 with a unit forgotten.
    let amount = match amount.strip_suffix('k') {
        Some(thousands) if resource == "cpu" => format!("{amount} ({thousands}000 cores)"),
        _ => amount,
    };
    let cause = Cause::Insufficient {
        resource: resource.clone(),
        asked: amount.clone(),
        room: String::new(),
        node: String::new(),
        whole: false,
    };
    let line = pod.line(&path);
    let (en, ko) = if found.is_some() {
        (
            format!(
                "No node has room: the pod asks for {amount} of {resource}, and every node has less left."
            ),
            format!(
                "들어갈 노드가 없습니다. 파드는 {resource} {amount}을(를) 요청하는데, 어느 노드에도 그만큼 남아 있지 않습니다."
            ),
        )
    } else {
        (
            format!(
                "No node has room: the pod asks for more {resource} than any node has left (resources.requests.{resource})."
            ),
            format!(
                "들어갈 노드가 없습니다. 파드가 요청하는 {resource}이(가) 어느 노드에도 남아 있지 않습니다(resources.requests.{resource})."
            ),
        )
    };
    let particles = |text: String| crate::fill(&text, &[]);
    Found::new(pod.subject(), cause)
        .at(if path.is_empty() { 0 } else { line }, path)
        .saying(en, particles(ko))
}

/// `had untolerated taint {key: value}`, or since 1.34 only `had untolerated taint(s)`.
fn taint(pod: &Pod<'_>, words: &str) -> Found {
    let path = "spec.tolerations";
    let own: Vec<String> = pod
        .spec("tolerations")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|toleration| {
            let word =
                |name: &str| toleration.get(name).and_then(Value::as_str).unwrap_or_default();
            let key = word("key");
            let value = if word("value").is_empty() {
                String::new()
            } else {
                format!("={}", word("value"))
            };
            (!key.starts_with("node.kubernetes.io/"))
                .then(|| format!("{key}{value}:{}", word("effect")))
        })
        .collect();
    let inner = between(words, "{", "}").unwrap_or_default();
    let (key, value) = inner.split_once(": ").unwrap_or((inner.trim_end_matches(':'), ""));
    let taint = if value.is_empty() { key.to_owned() } else { format!("{key}={value}") };
    let cause = Cause::UntoleratedTaint {
        taint: taint.clone(),
        node: String::new(),
        nearly: own.first().cloned(),
    };
    let found = Found::new(pod.subject(), cause);
    let found = if own.is_empty() { found } else { found.at(pod.line(path), path) };
    let what = if taint.is_empty() { "a taint".to_owned() } else { format!("the taint {taint}") };
    let what_ko =
        if taint.is_empty() { "테인트".to_owned() } else { format!("테인트 {taint}") };
    let (tail, tail_ko) = match own.is_empty() {
        true => (" (spec.tolerations)".to_owned(), "(spec.tolerations)".to_owned()),
        false => (
            format!("; it tolerates only {}", own.join(", ")),
            format!("(용인하는 것: {})", own.join(", ")),
        ),
    };
    found.saying(
        format!("The nodes that fit have {what} that the pod does not tolerate{tail}."),
        format!("알맞은 노드에 파드가 용인하지 않는 {what_ko}이(가) 있습니다{tail_ko}."),
    )
}

fn host_port(pod: &Pod<'_>) -> Found {
    let found = pod.containers.iter().find_map(|container| {
        let ports = pod.of(container, "ports").as_array()?;
        let at = ports.iter().position(|port| port.get("hostPort").is_some())?;
        let port = ports.get(at)?.get("hostPort")?.as_u64()?;
        Some((u16::try_from(port).ok()?, format!("{}.ports[{at}].hostPort", container.spec)))
    });
    match found {
        Some((port, path)) => {
            let line = pod.line(&path);
            Found::new(pod.subject(), Cause::HostPortConflict { port, by: None }).at(line, path)
        }
        None => Found::new(pod.subject(), Cause::HostPortConflict { port: 0, by: None }).saying(
            "The pod wants a port of the node (hostPort) that another pod has on every node."
                .to_owned(),
            "파드가 요구하는 노드 포트(hostPort)를 모든 노드에서 다른 파드가 쓰고 있습니다."
                .to_owned(),
        ),
    }
}

/// The topology of the first rule against neighbours.
fn topology(pod: &Pod<'_>) -> String {
    let list =
        "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey";
    pod.spec(list).as_str().unwrap_or("kubernetes.io/hostname").to_owned()
}

fn spread(pod: &Pod<'_>) -> Cause {
    let field = |name: &str| pod.spec(&format!("topologySpreadConstraints[0].{name}"));
    Cause::TopologySpread {
        topology: field("topologyKey").as_str().unwrap_or("its topology").to_owned(),
        max_skew: field("maxSkew").as_i64().unwrap_or(1),
    }
}

fn selector(pod: &Pod<'_>) -> (Cause, &'static str) {
    let pairs = pod.spec("nodeSelector").as_object();
    if let Some((key, value)) = pairs.and_then(|map| map.iter().next()) {
        let value = value.as_str().unwrap_or_default();
        let label = format!("{key}={value}");
        return (Cause::NodeSelectorMismatch { label, nearest: None }, "spec.nodeSelector");
    }
    let terms = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]";
    let term = pod.spec(terms);
    if term.is_null() {
        let cause = Cause::NodeSelectorMismatch { label: "key=value".to_owned(), nearest: None };
        return (cause, "spec.nodeSelector");
    }
    let word = |name: &str| term.get(name).and_then(Value::as_str).unwrap_or_default();
    let values: Vec<&str> = term
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let rule = format!("{} {} {}", word("key"), word("operator"), values.join(","));
    (
        Cause::AffinityMismatch { rule: rule.trim().to_owned(), seen: Vec::new() },
        "spec.affinity.nodeAffinity",
    )
}

fn claim(view: &View<'_>, pod: &Pod<'_>, words: &str) -> Found {
    let path = "spec.volumes";
    let named = between(words, "persistentvolumeclaim \"", "\"");
    let of_spec = pod
        .spec("volumes")
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|volume| volume.get("persistentVolumeClaim")?.get("claimName")?.as_str());
    let event = view.observed.events.iter().find(|event| event.kind == "PersistentVolumeClaim");
    let told = event.map(|event| event.name.as_str());
    let name = named.or(of_spec).or(told).unwrap_or("of the pod").to_owned();
    let line = if of_spec.is_some() { pod.line(path) } else { 0 };
    if named.is_some() && words.contains("not found") {
        let cause = Cause::MissingClaim { claim: name, nearest: None };
        return Found::new(pod.subject(), cause).at(line, path);
    }
    let claim = view.observed.of_kind("PersistentVolumeClaim").find(|seen| seen.name == name);
    let asked = claim.map(|seen| {
        super::super::observed::plain(seen.tree.get("spec.resources.requests.storage"))
    });
    let asked = asked.filter(|asked| !asked.is_empty());
    let class = event.and_then(|event| {
        between(&event.message, "storageclass.storage.k8s.io \"", "\" not found")
    });
    let why = class.map_or(Unbound::NoVolume, |class| Unbound::NoClass(class.to_owned()));
    let known = asked.is_some();
    let cause = Cause::UnboundClaim { claim: name.clone(), asked: asked.unwrap_or_default(), why };
    let mut found = Found::new(pod.subject(), cause).at(line, path);
    if let Some(event) = event {
        found = found.at(event.line, "").because(&event.message);
    }
    if known {
        return found;
    }
    let (tail, tail_ko) = match class {
        Some(class) => (
            format!(": there is no storage class {class}"),
            format!(" 스토리지 클래스 {class}이(가) 없습니다."),
        ),
        None => (String::new(), String::new()),
    };
    found.saying(
        format!("The pod waits for the PersistentVolumeClaim {name}, which has no volume{tail}."),
        crate::fill(
            &format!(
                "파드가 PersistentVolumeClaim {name}을(를) 기다리는데, 볼륨이 없습니다.{tail_ko}"
            ),
            &[],
        ),
    )
}
