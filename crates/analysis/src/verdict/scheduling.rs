//! Verdicts on pods without a node, and on pods that cannot be made.

use super::near::{distance, nearest};
use super::places;
use super::view::View;
use super::{Cause, Place, Unbound, Verdict};
use podplay_api::{LabelSelector, Pod, Quantity, SelectorRequirement, StringMap, Taint, Value};
use podplay_core::holds::{Hold, Wait};
use podplay_core::scheduler::{Refusal, Short, Why};

/// An amount of a resource, given in thousandths, as people write it.
pub(crate) fn amount(resource: &str, milli: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let bytes = ["memory", "storage"].iter().any(|word| resource.contains(word));
    if !bytes {
        return Quantity::from_milli(milli).text().to_owned();
    }
    let whole = milli / 1000;
    let unit = UNITS.into_iter().find(|(size, _)| whole >= *size * 10 || whole == *size);
    let unit = unit.or_else(|| UNITS.into_iter().find(|(size, _)| whole >= *size));
    unit.map_or_else(|| whole.to_string(), |(size, name)| format!("{}{name}", whole / size))
}

/// The verdict on a pod that has no node.
pub(super) fn of(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let pod = view.pod(&hold.subject)?;
    let namespace = pod.meta.namespace.as_str();
    let mut places = view.places(&hold.subject, &hold.paths);
    let cause = match &hold.wait {
        Wait::Nodes(refusals) => return nodes(view, hold, pod, refusals),
        Wait::MissingClaim(claim) => {
            let nearest = view.nearest("PersistentVolumeClaim", namespace, claim);
            let there = nearest
                .as_deref()
                .and_then(|name| view.named("PersistentVolumeClaim", namespace, name));
            places.extend(there);
            Cause::MissingClaim { claim: claim.clone(), nearest }
        }
        Wait::UnboundClaim(claim) => return unbound(view, hold, namespace, claim, places),
        Wait::Gates(gates) => Cause::SchedulingGated { gates: gates.clone() },
        Wait::NoScheduler(name) => Cause::UnknownScheduler { scheduler: name.clone() },
        Wait::NoSuchNode(node) => {
            let names = view.cluster.world().nodes.keys().map(|name| &**name);
            let nearest = nearest(node, names).map(str::to_owned);
            Cause::UnknownNode { node: node.clone(), nearest }
        }
        _ => return None,
    };
    Some(view.verdict(hold, cause, places))
}

/// The refusal of the node that came furthest, and of those the one with most room.
fn nodes(view: &View<'_>, hold: &Hold, pod: &Pod, refusals: &[Refusal]) -> Option<Verdict> {
    let room = |refusal: &Refusal| match &refusal.why {
        Why::Short(list) => list.first().map_or(0, |short| short.free),
        _ => 0,
    };
    let best = refusals.iter().max_by_key(|refusal| (refusal.why.rank(), room(refusal)))?;
    let node = best.node.to_string();
    let node_path = places::node(view.plan, &node);
    let of_node = |field: &str| -> Option<Place> {
        places::scenario(view.plan, &format!("{}.{field}", node_path.as_deref()?))
    };
    let at = |paths: &[&str]| -> Vec<Place> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        view.places(&hold.subject, &paths)
    };
    let (cause, places) = match &best.why {
        Why::Short(list) => short(view, hold, pod, &node, list, refusals)?,
        Why::Taint(taint) => taint_of(view, hold, pod, &node, taint),
        Why::Label(key, value) => label(view, hold, refusals, key, value),
        Why::Affinity(rules) => affinity(view, hold, pod, rules),
        Why::Port(port, by) => port_of(view, hold, pod, *port, by.clone()),
        Why::Cordoned => {
            let places = places::scenario(view.plan, node_path.as_deref().unwrap_or_default());
            (Cause::NodeCordoned { node }, places.into_iter().chain(cordon(view)).collect())
        }
        Why::NotFound => (Cause::UnknownNode { node, nearest: None }, at(&["spec.nodeName"])),
        Why::TooManyPods => {
            let (asked, room) = ("1".to_owned(), "0".to_owned());
            let resource = "pods".to_owned();
            (Cause::Insufficient { resource, asked, room, node, whole: false }, at(&["spec"]))
        }
        Why::PodAffinity(topology) => beside(view, hold, pod, topology),
        Why::AntiAffinity(topology) => {
            let cause =
                Cause::AntiAffinityConflict { topology: topology.clone(), nodes: refusals.len() };
            let path = "spec.affinity.podAntiAffinity";
            let list = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution");
            let key = format!("{list}[0].topologyKey");
            let mut places = at(&[path, &list, &key]);
            places.extend(replicas(view, hold));
            (cause, places)
        }
        Why::Spread(topology, max_skew) => {
            let cause = Cause::TopologySpread { topology: topology.clone(), max_skew: *max_skew };
            let path = "spec.topologySpreadConstraints";
            let fields = ["whenUnsatisfiable", "maxSkew", "topologyKey", "labelSelector"];
            let inner = fields.map(|field| format!("{path}[0].{field}"));
            let paths: Vec<&str> = inner.iter().map(String::as_str).chain([path]).collect();
            let mut places = at(&paths);
            places.extend(replicas(view, hold));
            places.extend(of_node("labels"));
            (cause, places)
        }
    };
    Some(view.verdict(hold, cause, places))
}

/// A port of the node that is taken.
fn port_of(
    view: &View<'_>,
    hold: &Hold,
    pod: &Pod,
    port: u16,
    by: Option<String>,
) -> (Cause, Vec<Place>) {
    let ports = pod.spec.containers.iter().enumerate().find_map(|(c, container)| {
        let n = container.ports.iter().position(|of| of.host_port == port)?;
        Some(format!("spec.containers[{c}].ports[{n}].hostPort"))
    });
    let mut places = view.places(&hold.subject, &ports.into_iter().collect::<Vec<_>>());
    places.extend(replicas(view, hold));
    (Cause::HostPortConflict { port, by }, places)
}

/// No pod that this one wants to be beside.
fn beside(view: &View<'_>, hold: &Hold, pod: &Pod, topology: &str) -> (Cause, Vec<Place>) {
    let rule = pod.spec.affinity.pod_affinity.required.first();
    let selector = rule.and_then(|rule| rule.label_selector.as_ref());
    let selector = selector.map(selector_text).unwrap_or_default();
    let rule = format!("podAffinity ({selector}) by {topology}");
    let path = "spec.affinity.podAffinity";
    let inner = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector");
    let places = view.places(&hold.subject, &[inner, path.to_owned()]);
    (Cause::AffinityMismatch { rule, seen: Vec::new() }, places)
}

/// A selector as text.
pub(crate) fn selector_text(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().map(|(key, value)| format!("{key}={value}"));
    let rules = selector.match_expressions.iter().map(rule_text);
    labels.chain(rules).collect::<Vec<_>>().join(",")
}

fn rule_text(rule: &SelectorRequirement) -> String {
    let values = rule.values.join(", ");
    let operator = rule.operator.as_str();
    if values.is_empty() {
        format!("{} {operator}", rule.key)
    } else {
        format!("{} {operator} [{values}]", rule.key)
    }
}

/// Where the owner says how many pods there are.
pub(crate) fn replicas(view: &View<'_>, hold: &Hold) -> Option<Place> {
    let (written, base) = view.source(&hold.subject)?;
    (!base.is_empty() && written.has("spec.replicas")).then(|| written.place("spec.replicas"))
}

/// Where the timeline cordons or drains a node.
fn cordon(view: &View<'_>) -> Option<Place> {
    let entry = view.plan.entries.iter().rev().find(|entry| {
        entry.act.argv().first().is_some_and(|word| word == "cordon" || word == "drain")
    })?;
    places::scenario(view.plan, &format!("spec.timeline[{}].kubectl", entry.index))
}

fn short(
    view: &View<'_>,
    hold: &Hold,
    pod: &Pod,
    node: &str,
    list: &[Short],
    refusals: &[Refusal],
) -> Option<(Cause, Vec<Place>)> {
    let short = list.iter().max_by_key(|short| short.asked > short.whole)?;
    let resource = &short.resource;
    let containers = pod.spec.containers.iter().enumerate();
    let all = containers.map(|(n, one)| (format!("spec.containers[{n}]"), one)).chain(
        pod.spec
            .init_containers
            .iter()
            .enumerate()
            .map(|(n, one)| (format!("spec.initContainers[{n}]"), one)),
    );
    let asked = all.filter_map(|(base, one)| {
        let amount =
            one.resources.requests.get(resource).or_else(|| one.resources.limits.get(resource))?;
        Some((amount.milli(), base, amount.text().to_owned()))
    });
    let (largest, base, text) = asked.max()?;
    let (written, outer) = view.source(&hold.subject)?;
    let fields =
        ["requests", "limits"].map(|list| format!("{outer}{base}.resources.{list}.{resource}"));
    let own = fields.iter().find_map(|path| written.value(path));
    let own = own.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let asked =
        if largest == short.asked { own.unwrap_or(text) } else { amount(resource, short.asked) };
    let biggest = refusals.iter().filter_map(|refusal| match &refusal.why {
        Why::Short(list) => list.iter().find(|one| one.resource == *resource).map(|one| one.whole),
        _ => None,
    });
    let whole = biggest.max().unwrap_or(short.whole);
    let cause = Cause::Insufficient {
        resource: resource.clone(),
        asked,
        room: amount(resource, if short.asked > whole { whole } else { short.free }),
        node: node.to_owned(),
        whole: short.asked > whole,
    };
    let mut places: Vec<Place> =
        fields.iter().filter(|path| written.has(path)).map(|path| written.place(path)).collect();
    if places.is_empty() {
        places.push(written.place(&format!("{outer}{base}.resources")));
    }
    // With enough room for one pod, there are too many of them.
    if short.asked <= whole {
        places.extend(replicas(view, hold));
    }
    let of_node = places::node(view.plan, node);
    places.extend(
        of_node.and_then(|path| places::scenario(view.plan, &format!("{path}.{resource}"))),
    );
    Some((cause, places))
}

/// A taint as kubectl writes it.
pub(crate) fn taint_text(taint: &Taint) -> String {
    let value = if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
    format!("{}{value}:{}", taint.key, taint.effect)
}

fn taint_of(
    view: &View<'_>,
    hold: &Hold,
    pod: &Pod,
    node: &str,
    taint: &Taint,
) -> (Cause, Vec<Place>) {
    let own = |key: &str| !key.starts_with("node.kubernetes.io/");
    let nearly =
        pod.spec.tolerations.iter().enumerate().filter(|(_, one)| own(&one.key)).min_by_key(
            |(_, one)| distance(&one.key, &taint.key) + distance(&one.value, &taint.value),
        );
    let text = nearly.map(|(_, one)| {
        let taint = Taint {
            key: one.key.clone(),
            value: one.value.clone(),
            effect: one.effect.clone(),
            ..Taint::default()
        };
        taint_text(&taint)
    });
    let mut paths = Vec::new();
    if let Some((n, one)) = nearly {
        let field = if one.key != taint.key {
            "key"
        } else if one.value != taint.value {
            "value"
        } else {
            "effect"
        };
        paths.push(format!("spec.tolerations[{n}].{field}"));
    }
    paths.extend(["spec.tolerations".to_owned(), "spec".to_owned()]);
    let mut places = view.places(&hold.subject, &paths);
    if let Some(path) = places::node(view.plan, node) {
        let fields = ["taints", "taints[0].key", "taints[0].value", "taints[0].effect"];
        let all = fields
            .iter()
            .filter_map(|field| places::scenario(view.plan, &format!("{path}.{field}")));
        places.extend(all);
    }
    places.extend(tainted(view));
    let (taint, node) = (taint_text(taint), node.to_owned());
    (Cause::UntoleratedTaint { taint, node, nearly: text }, places)
}

/// Where the timeline taints a node.
fn tainted(view: &View<'_>) -> Option<Place> {
    let is = |word: &String| word == "taint";
    let entry = view.plan.entries.iter().find(|entry| entry.act.argv().first().is_some_and(is))?;
    places::scenario(view.plan, &format!("spec.timeline[{}].kubectl", entry.index))
}

/// The labels of all nodes.
fn labels<'a>(view: &View<'a>) -> Vec<&'a StringMap> {
    view.cluster.world().store.resources("Node").map(|(_, node)| &node.meta.labels).collect()
}

fn label(
    view: &View<'_>,
    hold: &Hold,
    refusals: &[Refusal],
    key: &str,
    value: &str,
) -> (Cause, Vec<Place>) {
    let nodes = labels(view);
    let mut values: Vec<&str> =
        nodes.iter().filter_map(|node| node.get(key)).map(String::as_str).collect();
    values.sort_unstable();
    let nearest = match nearest(value, values.iter().copied()).or(values.first().copied()) {
        Some(value) => Some(format!("{key}={value}")),
        None => {
            let usual = |key: &str| key.contains("kubernetes.io/");
            let keys = nodes.iter().flat_map(|node| node.keys()).map(String::as_str);
            let keys = keys.filter(|other| usual(other) == usual(key));
            let found = nearest(key, keys);
            found.and_then(|found| {
                let mut all = nodes.iter().filter_map(|node| node.get(found));
                let same = all.clone().find(|other| *other == value);
                same.or_else(|| all.next()).map(|value| format!("{found}={value}"))
            })
        }
    };
    let paths = [format!("spec.nodeSelector.{key}"), "spec.nodeSelector".to_owned()];
    let mut places = view.places(&hold.subject, &paths);
    let near_key = nearest.as_deref().and_then(|near| near.split_once('=')).map(|(key, _)| key);
    for refusal in refusals {
        let path = places::node(view.plan, &refusal.node);
        let field = near_key.map(|near| format!("labels.{near}"));
        places.extend(
            path.zip(field)
                .and_then(|(path, field)| places::scenario(view.plan, &format!("{path}.{field}"))),
        );
    }
    (Cause::NodeSelectorMismatch { label: format!("{key}={value}"), nearest }, places)
}

fn affinity(
    view: &View<'_>,
    hold: &Hold,
    pod: &Pod,
    rules: &[SelectorRequirement],
) -> (Cause, Vec<Place>) {
    let base = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
    let terms = pod.spec.affinity.node_affinity.required.iter().flat_map(|all| &all.terms);
    let mut paths = Vec::new();
    for (t, term) in terms.enumerate() {
        for (e, rule) in term.match_expressions.iter().enumerate() {
            if rules.contains(rule) {
                let at = format!("{base}.nodeSelectorTerms[{t}].matchExpressions[{e}]");
                paths.extend(
                    ["values[0]", "values", "key", "operator"].map(|field| format!("{at}.{field}")),
                );
            }
        }
    }
    paths.extend([base.to_owned(), "spec.affinity".to_owned()]);
    let rule = rules.iter().map(rule_text).collect::<Vec<_>>().join(" and ");
    let mut seen = Vec::new();
    for rule in rules {
        for node in labels(view) {
            seen.extend(node.get(&rule.key).map(|value| format!("{}={value}", rule.key)));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    let rule = if rule.is_empty() { "nodeAffinity".to_owned() } else { rule };
    (Cause::AffinityMismatch { rule, seen }, view.places(&hold.subject, &paths))
}

fn unbound(
    view: &View<'_>,
    hold: &Hold,
    namespace: &str,
    claim: &str,
    mut places: Vec<Place>,
) -> Option<Verdict> {
    let store = &view.cluster.world().store;
    let resource = store.resource("PersistentVolumeClaim", namespace, claim)?;
    let spec = resource.spec();
    let asked = spec["resources"]["requests"]["storage"].as_str().unwrap_or("?").to_owned();
    let (why, field) = why_unbound(view, spec);
    let target = super::Target::new("PersistentVolumeClaim", namespace, claim);
    if let Some(written) = places::written(view.plan, &target) {
        let fields = [field, "spec.resources.requests.storage", "metadata.name"];
        let own =
            fields.into_iter().filter(|path| written.has(path)).map(|path| written.place(path));
        places.splice(0..0, own);
    } else if let Some((written, _)) = view.source(&hold.subject) {
        places.push(written.place(&format!("spec.volumeClaimTemplates[0].{field}")));
        places.push(written.place("spec.volumeClaimTemplates[0].spec"));
    }
    if let Unbound::TooSmall(volume, _) | Unbound::Volume(volume) = &why {
        let volume =
            places::written(view.plan, &super::Target::new("PersistentVolume", "", volume));
        places.extend(volume.map(|volume| volume.place("spec.capacity.storage")));
    }
    let cause = Cause::UnboundClaim { claim: claim.to_owned(), asked, why };
    Some(view.verdict(hold, cause, places))
}

/// Why no volume suits a claim, and the claim's field that decides it.
fn why_unbound(view: &View<'_>, spec: &Value) -> (Unbound, &'static str) {
    let size = |value: &Value| value.as_str().and_then(Quantity::parse).map_or(0, |of| of.milli());
    let store = &view.cluster.world().store;
    if let Some(volume) = spec["volumeName"].as_str().filter(|name| !name.is_empty()) {
        return (Unbound::Volume(volume.to_owned()), "spec.volumeName");
    }
    let class = spec["storageClassName"].as_str().unwrap_or_default();
    let volumes: Vec<_> = store.resources("PersistentVolume").collect();
    let of_class: Vec<_> = volumes
        .iter()
        .filter(|(_, one)| one.spec()["storageClassName"].as_str().unwrap_or_default() == class)
        .collect();
    if of_class.is_empty() {
        let why =
            if class.is_empty() { Unbound::NoVolume } else { Unbound::NoClass(class.to_owned()) };
        return (why, "spec.storageClassName");
    }
    let modes = spec["accessModes"].as_array().cloned().unwrap_or_default();
    let lacks = |one: &Value| {
        let has = one["accessModes"].as_array().cloned().unwrap_or_default();
        modes
            .iter()
            .find(|mode| !has.contains(mode))
            .and_then(|mode| mode.as_str().map(str::to_owned))
    };
    let free = of_class.iter().filter(|(_, one)| one.spec()["claimRef"].is_null());
    let fitting: Vec<_> = free.clone().filter(|(_, one)| lacks(one.spec()).is_none()).collect();
    if let Some((key, one)) =
        fitting.iter().max_by_key(|(_, one)| size(&one.spec()["capacity"]["storage"]))
    {
        let capacity = &one.spec()["capacity"]["storage"];
        if size(capacity) < size(&spec["resources"]["requests"]["storage"]) {
            let text = capacity.as_str().unwrap_or_default().to_owned();
            return (
                Unbound::TooSmall(key.name.to_string(), text),
                "spec.resources.requests.storage",
            );
        }
        return (Unbound::NoVolume, "spec.selector");
    }
    match free.clone().find_map(|(_, one)| lacks(one.spec())) {
        Some(mode) => (Unbound::AccessMode(mode), "spec.accessModes"),
        None => (Unbound::NoVolume, "spec.storageClassName"),
    }
}
