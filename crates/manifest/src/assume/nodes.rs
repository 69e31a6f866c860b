//! The nodes that a text needs: as many, as large and so labelled as its pods ask for.

mod wishes;

use wishes::{host_ports, labels_for, requests, topology_keys};

use std::collections::BTreeMap;

use podplay_api::Topic;
use serde_json::Value;

use super::Assumption;
use super::templates::Template;
use crate::quantity::Quantity;
use crate::value::{at, get, int, items, text, truth};
use crate::yaml::Span;

/// More than this no ordinary machine has: a pod that asks for it is a fault.
const MOST_CPUS: i128 = 256;
const MOST_MEMORY_GIB: i128 = 4096;
const MOST_DEVICES: i128 = 64;
/// More nodes than this are not assumed.
const MOST_NODES: usize = 20;
/// Pods that fit on a node, some room left for those of the system.
const PODS_PER_NODE: i64 = 100;
/// What a node has when nobody says otherwise, as [`podplay_api`]'s users build it.
const CPUS: i128 = 2;
const MEMORY_GIB: i128 = 23;

const NANO: i128 = 1_000_000_000;
const GIB: i128 = NANO << 30;
const HOSTNAME: &str = "kubernetes.io/hostname";

/// A node that is assumed, or what is assumed of the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeWish {
    /// Its name.
    pub name: String,
    /// CPUs, if more than usual.
    pub cpu: Option<String>,
    /// Memory, if more than usual.
    pub memory: Option<String>,
    /// Labels beside the usual ones.
    pub labels: BTreeMap<String, String>,
    /// Devices and other resources beside the usual ones.
    pub resources: BTreeMap<String, String>,
}

/// What one pod asks for, in billionths.
type Requests = BTreeMap<String, i128>;

/// What the text asks of the nodes.
pub(super) struct Plan<'a> {
    nodes: Vec<NodeWish>,
    /// Nodes whose name nobody chose yet.
    unnamed: bool,
    notes: Vec<Assumption>,
    /// What the Scenario says: it may give labels later.
    scenario: &'a str,
}

/// The nodes that are assumed for these pods; empty if the usual one does.
pub(super) fn wishes(
    templates: &[Template<'_>],
    scenario: &str,
) -> (Vec<NodeWish>, Vec<Assumption>) {
    let usual = NodeWish { name: "node01".to_owned(), ..NodeWish::default() };
    let mut plan = Plan { nodes: vec![usual.clone()], unnamed: true, notes: Vec::new(), scenario };
    // Names first: the node that somebody names is the first of its labels.
    for template in templates.iter().filter(|t| !wanted_name(t).is_empty()) {
        plan.place(template);
    }
    for template in templates.iter().filter(|t| wanted_name(t).is_empty()) {
        plan.place(template);
    }
    plan.apart(templates);
    plan.domains(templates);
    plan.room(templates);
    if plan.nodes == [usual] { (Vec::new(), Vec::new()) } else { (plan.nodes, plan.notes) }
}

impl Plan<'_> {
    fn note(&mut self, subject: String, reason: String, span: Span) {
        let fresh = Assumption::new(Topic::Nodes, subject, reason, span);
        if !self.notes.iter().any(|note| note.subject == fresh.subject) {
            self.notes.push(fresh);
        }
    }

    /// Finds a node for a pod, or makes one.
    fn place(&mut self, template: &Template<'_>) {
        let name = wanted_name(template);
        let here = match name.as_str() {
            "" => None,
            name => Some(self.named(name, template)),
        };
        let candidates: Vec<usize> = match here {
            Some(n) => vec![n],
            None => (0..self.nodes.len()).collect(),
        };
        let fits = candidates.iter().find_map(|n| {
            let labels = labels_for(template.spec, &known(&self.nodes[*n]))?;
            Some((*n, labels))
        });
        let (n, labels) = match fits {
            Some(found) => found,
            None if here.is_some() || self.nodes.len() >= MOST_NODES => return,
            None => {
                let Some(labels) = labels_for(template.spec, &BTreeMap::new()) else { return };
                if self.given_later(&labels) {
                    return;
                }
                let n = self.another(template, "has the labels that are asked for");
                (n, labels)
            }
        };
        if self.given_later(&labels) {
            return;
        }
        for (key, value) in labels {
            let node = self.nodes[n].name.clone();
            let shown = if value.is_empty() { key.clone() } else { format!("{key}={value}") };
            let reason = format!("{} asks for a node with it", template.who);
            self.note(
                format!("label {shown} of node {node}"),
                reason,
                template.span("nodeSelector"),
            );
            self.nodes[n].labels.insert(key, value);
        }
    }

    /// A label that the Scenario sets later is not there from the start.
    fn given_later(&self, labels: &BTreeMap<String, String>) -> bool {
        labels.keys().any(|key| self.scenario.contains(&format!("{key}=")))
    }

    /// The node of that name; the usual one takes the first name that is asked for.
    fn named(&mut self, name: &str, template: &Template<'_>) -> usize {
        if let Some(n) = self.nodes.iter().position(|node| node.name == name) {
            return n;
        }
        if self.nodes.len() >= MOST_NODES {
            return 0;
        }
        let reason = format!("{} is to run there", template.who);
        self.note(format!("node {name}"), reason, template.span("nodeName"));
        if std::mem::take(&mut self.unnamed) {
            self.nodes[0].name = name.to_owned();
            return 0;
        }
        self.nodes.push(NodeWish { name: name.to_owned(), ..NodeWish::default() });
        self.nodes.len() - 1
    }

    /// One more node, with a usual name.
    fn another(&mut self, template: &Template<'_>, why: &str) -> usize {
        let free = |n: &usize| {
            let name = format!("node{n:02}");
            self.nodes.iter().all(|node| node.name != name)
        };
        let n = (1..).find(free).unwrap_or_default();
        let name = format!("node{n:02}");
        let reason = format!("{}: no other node {why}", template.who);
        self.note(format!("node {name}"), reason, template.span("affinity"));
        self.nodes.push(NodeWish { name, ..NodeWish::default() });
        self.nodes.len() - 1
    }

    /// Pods that must not share a node get as many as they are.
    fn apart(&mut self, templates: &[Template<'_>]) {
        let pods: i64 = templates.iter().filter(|t| !t.daemon).map(|t| t.count).sum();
        let crowd = usize::try_from(pods / PODS_PER_NODE + 1).unwrap_or(MOST_NODES);
        if let Some(first) = templates.iter().max_by_key(|t| t.count) {
            while self.nodes.len() < crowd.min(MOST_NODES) {
                self.another(first, "has room for more than 110 pods");
            }
        }
        for template in templates.iter().filter(|t| !t.daemon) {
            let Some((count, why)) = nodes_apart(template, templates) else { continue };
            let matching = |plan: &Self| {
                let fits = |node: &&NodeWish| {
                    labels_for(template.spec, &known(node)).is_some_and(|more| more.is_empty())
                };
                plan.nodes.iter().filter(fits).count()
            };
            let wanted = usize::try_from(count).unwrap_or(MOST_NODES);
            while matching(self) < wanted && wanted <= MOST_NODES && self.nodes.len() < MOST_NODES {
                let n = self.another(template, why);
                let labels = labels_for(template.spec, &known(&self.nodes[n])).unwrap_or_default();
                self.nodes[n].labels.extend(labels);
            }
        }
    }

    /// Nodes have the labels over which pods are spread or kept together.
    fn domains(&mut self, templates: &[Template<'_>]) {
        for template in templates {
            for (key, domains) in topology_keys(template.spec) {
                while self.nodes.len() < domains.min(MOST_NODES) {
                    self.another(template, &format!("is another domain of {key}"));
                }
                let named = self.nodes.iter().any(|node| node.labels.contains_key(&key));
                if named && self.nodes.iter().all(|node| node.labels.contains_key(&key)) {
                    continue;
                }
                let reason = format!("{} spreads over it", template.who);
                self.note(format!("label {key} of the nodes"), reason, template.span("affinity"));
                for (n, node) in self.nodes.iter_mut().enumerate() {
                    let letter = char::from(b'a' + u8::try_from(n % 26).unwrap_or(0));
                    node.labels.entry(key.clone()).or_insert_with(|| format!("zone-{letter}"));
                }
            }
        }
    }

    /// Every node has room for all of the pods, so that only labels decide who goes where.
    fn room(&mut self, templates: &[Template<'_>]) {
        let mut sums = Requests::new();
        let mut most: BTreeMap<String, (i128, usize)> = BTreeMap::new();
        for (n, template) in templates.iter().enumerate() {
            let each = requests(template.spec);
            if each.iter().any(|(name, value)| *value > limit_of(name)) {
                continue;
            }
            for (name, value) in each {
                let all = value.saturating_mul(i128::from(template.count));
                *sums.entry(name.clone()).or_default() += all;
                let top = most.entry(name).or_insert((0, n));
                if all > top.0 {
                    *top = (all, n);
                }
            }
        }
        for (name, sum) in sums {
            let Some(template) = most.get(&name).and_then(|(_, n)| templates.get(*n)) else {
                continue;
            };
            self.resource(&name, sum, template);
        }
    }

    fn resource(&mut self, name: &str, sum: i128, template: &Template<'_>) {
        let Some(amount) = amount(name, sum) else { return };
        let more = usize::try_from(sum / limit_of(name) + 1).unwrap_or(MOST_NODES);
        while sum > limit_of(name) && self.nodes.len() < more.min(MOST_NODES) {
            self.another(template, "has room for all of the pods");
        }
        let all =
            if self.nodes.len() == 1 { self.nodes[0].name.clone() } else { "each node".into() };
        let reason = format!("the pods of this text ask for {}", shown(name, sum));
        let what = match name {
            "cpu" => format!("{amount} CPUs"),
            "memory" => format!("{amount} of memory"),
            other => format!("{amount} {other}"),
        };
        self.note(format!("{what} on {all}"), reason, template.span("containers"));
        for node in &mut self.nodes {
            match name {
                "cpu" => node.cpu = Some(amount.clone()),
                "memory" => node.memory = Some(amount.clone()),
                _ => drop(node.resources.insert(name.to_owned(), amount.clone())),
            }
        }
    }
}

/// What one node may have of a resource, in billionths.
fn limit_of(name: &str) -> i128 {
    match name {
        "cpu" => MOST_CPUS * NANO,
        "memory" | "ephemeral-storage" => MOST_MEMORY_GIB * GIB,
        name if name.starts_with("hugepages-") => MOST_MEMORY_GIB * GIB,
        _ => MOST_DEVICES * NANO,
    }
}

/// What a node gets of a resource of which `sum` is asked for; none if it has enough.
fn amount(name: &str, sum: i128) -> Option<String> {
    let up = |one: i128| (sum + one - 1) / one;
    let step = |wanted: i128, most: i128| {
        let mut have = 4;
        while have < wanted && have < most {
            have *= 2;
        }
        have
    };
    match name {
        "cpu" if sum <= CPUS * NANO => None,
        "cpu" => Some(step(up(NANO), MOST_CPUS).to_string()),
        "memory" if sum <= MEMORY_GIB * GIB => None,
        "memory" => Some(format!("{}Gi", step(up(GIB), MOST_MEMORY_GIB).max(32))),
        "ephemeral-storage" if sum <= 240 * GIB => None,
        name if name == "ephemeral-storage" || name.starts_with("hugepages-") => {
            Some(format!("{}Gi", step(up(GIB), MOST_MEMORY_GIB)))
        }
        _ if sum <= 0 => None,
        _ => Some(up(NANO).min(MOST_DEVICES).to_string()),
    }
}

/// A sum as people write it.
fn shown(name: &str, sum: i128) -> String {
    match name {
        "cpu" if sum % NANO != 0 => format!("{}m CPUs", sum / (NANO / 1000)),
        "cpu" => format!("{} CPUs", sum / NANO),
        "memory" | "ephemeral-storage" => format!("{}Mi of {name}", sum / (NANO << 20)),
        name if name.starts_with("hugepages-") => format!("{}Mi of {name}", sum / (NANO << 20)),
        _ => format!("{} {name}", sum / NANO),
    }
}

/// The labels that a node has by itself, with those that it was given.
fn known(node: &NodeWish) -> BTreeMap<String, String> {
    let usual = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/os", "linux"),
        (HOSTNAME, node.name.as_str()),
    ];
    let mut all: BTreeMap<String, String> =
        usual.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    all.extend(node.labels.clone());
    all
}

/// The node that a pod names, by whatever field.
fn wanted_name(template: &Template<'_>) -> String {
    let spec = template.spec;
    let by_name = text(spec, "nodeName");
    if !by_name.is_empty() {
        return by_name.to_owned();
    }
    if let Some(host) =
        get(spec, "nodeSelector").map(|s| text(s, HOSTNAME)).filter(|h| !h.is_empty())
    {
        return host.to_owned();
    }
    let named = |term: &Value| {
        let fields = items(term, "matchFields").iter().find(|f| text(f, "key") == "metadata.name");
        let labels = items(term, "matchExpressions").iter().find(|e| text(e, "key") == HOSTNAME);
        let one = fields.or(labels).filter(|e| text(e, "operator") == "In")?;
        items(one, "values").first()?.as_str().map(str::to_owned)
    };
    terms(spec).iter().find_map(named).unwrap_or_default()
}

fn terms(spec: &Value) -> &[Value] {
    at(spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution")
        .map_or(&[], |required| items(required, "nodeSelectorTerms"))
}

/// How many nodes a template needs because its pods must not share one, and why.
fn nodes_apart(template: &Template<'_>, all: &[Template<'_>]) -> Option<(i64, &'static str)> {
    let hosts: Vec<(i64, String)> = host_ports(template.spec);
    let shared = |other: &&Template<'_>| {
        !other.daemon && host_ports(other.spec).iter().any(|port| hosts.contains(port))
    };
    let ports: i64 =
        if hosts.is_empty() { 0 } else { all.iter().filter(shared).map(|t| t.count).sum() };
    let avoids = |term: &Value, other: &Template<'_>| {
        text(term, "topologyKey") == HOSTNAME
            && other.namespace == template.namespace
            && get(term, "labelSelector")
                .is_some_and(|s| super::templates::selects(s, other.labels))
    };
    let required = at(template.spec, "affinity.podAntiAffinity")
        .map_or(&[][..], |anti| items(anti, "requiredDuringSchedulingIgnoredDuringExecution"));
    let others = |other: &&Template<'_>| required.iter().any(|term| avoids(term, other));
    let own = required.iter().any(|term| avoids(term, template));
    let mut apart: i64 =
        all.iter().filter(others).map(|t| if t.daemon { 0 } else { t.count }).sum();
    if apart > 0 && !own {
        apart += 1;
    }
    match (ports.max(0), apart) {
        (ports, apart) if ports > 1 && ports >= apart => Some((ports, "has its host port free")),
        (_, apart) if apart > 1 => Some((apart, "is without a pod that it keeps away from")),
        _ => None,
    }
}
