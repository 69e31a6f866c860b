//! Namespaces, accounts, classes, claims and sources that a text refers to and does not define.

use std::collections::BTreeSet;

use podplay_api::{Assume, Topic};
use serde_json::{Map, Value, json};

use super::templates::{Template, called, template};
use super::{ANNOTATION, Assumption};
use crate::model::{Object, Reading};
use crate::schema;
use crate::value::{at, filled, get, int, items, text, truth};
use crate::yaml::Span;

/// Names longer than this that differ by a letter are the same name, written wrongly once.
const SHORTEST: usize = 4;

/// The name of `among` that was probably meant.
pub(crate) fn near<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bare = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let (own, long) = (bare(name), name.chars().count() >= SHORTEST);
    among.filter(|other| long && *other != name).find(|other| {
        // Names that differ in their numbers are siblings.
        bare(other) != own && schema::distance(name, other) == 1
    })
}

/// Who refers to what, collected before it is told.
struct Wanted {
    topic: Topic,
    /// `namespace shop`.
    subject: String,
    /// `is in it`, `are in it`.
    verbs: [&'static str; 2],
    users: Vec<String>,
    span: Span,
    object: Value,
}

struct Collector<'a> {
    known: &'a [Object],
    assume: Assume,
    scenario: &'a str,
    wanted: Vec<Wanted>,
    /// Pods of which a cluster showed how they are.
    seen: BTreeSet<usize>,
    /// Those of them that ran.
    ran: BTreeSet<usize>,
}

/// The objects that are assumed beside those of the text.
pub(super) fn assumed(reading: &Reading, scenario: &str) -> Vec<Assumption> {
    let known = reading.objects.as_slice();
    let pod = |o: &&crate::model::Observed| {
        known.get(o.object).is_some_and(|object| object.kind == "Pod") && o.aside.status.is_object()
    };
    let seen = || reading.observed.iter().filter(pod);
    let ran = reading.observed.iter().filter(|o| has_run(&o.aside.status)).map(|o| o.object);
    let mut all = Collector {
        known,
        assume: reading.assume,
        scenario,
        wanted: Vec::new(),
        seen: seen().map(|o| o.object).collect(),
        ran: ran.collect(),
    };
    for object in known.iter().filter(|o| o.accepted) {
        all.namespace(object);
        match object.kind.as_str() {
            "PersistentVolumeClaim" => all.claim(object, &object.object, ""),
            "StatefulSet" => {
                for (n, claim) in items(spec(object), "volumeClaimTemplates").iter().enumerate() {
                    all.claim(object, claim, &format!("spec.volumeClaimTemplates[{n}]."));
                }
            }
            "Ingress" => all.ingress(object),
            _ => {}
        }
    }
    for (n, template) in known.iter().enumerate().filter_map(|(n, o)| Some((n, template(o)?))) {
        all.account(&template);
        // What a cluster showed decides; else an account that other manifests bring tells that there are others.
        let part = if all.seen.contains(&n) {
            all.ran.contains(&n)
        } else {
            all.asked(Topic::ServiceAccounts, &template.who)
        };
        all.priority_class(&template);
        all.runtime_class(&template);
        all.claims_of(&template);
        all.sources(&template, part);
    }
    all.wanted.into_iter().map(told).collect()
}

fn spec(object: &Object) -> &Value {
    get(&object.object, "spec").unwrap_or(&Value::Null)
}

fn told(wanted: Wanted) -> Assumption {
    let [one, many] = wanted.verbs;
    let reason = match wanted.users.as_slice() {
        [] => String::new(),
        [user] => format!("{user} {one}"),
        [a, b] => format!("{a} and {b} {many}"),
        [a, rest @ ..] => format!("{a} and {} others {many}", rest.len()),
    };
    let mut object = wanted.object;
    object["metadata"]["annotations"][ANNOTATION] = json!(reason);
    Assumption {
        topic: wanted.topic,
        subject: wanted.subject,
        reason,
        span: wanted.span,
        objects: vec![object],
    }
}

impl Collector<'_> {
    /// Whether the text or the cluster has an object, or will have it by the Scenario, or almost has it.
    fn has(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let same = |o: &&Object| o.kind == kind && (o.namespace == namespace);
        let mut names = self.known.iter().filter(same).map(|o| o.name.as_str());
        names.clone().any(|known| known == name)
            || near(name, &mut names).is_some()
            || self.made_later(kind, name)
    }

    /// Whether the Scenario names an object of that kind and name.
    fn made_later(&self, kind: &str, name: &str) -> bool {
        let word = kind.to_ascii_lowercase();
        let short = match kind {
            "Namespace" => "ns",
            "ServiceAccount" => "sa",
            "PersistentVolumeClaim" => "pvc",
            _ => "\u{0}",
        };
        let makes = |line: &str| {
            let lower = line.to_ascii_lowercase();
            line.contains(name)
                && (lower.contains(&word) || lower.contains(&format!("create {short} ")))
                && (lower.contains("create ") || lower.contains("apply") || lower.contains("kind"))
        };
        self.scenario.contains(name) && self.scenario.lines().any(makes)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "who wants it, what is wanted, and where the text says so"
    )]
    fn want(
        &mut self,
        topic: Topic,
        subject: String,
        user: String,
        verbs: [&'static str; 2],
        span: Span,
        object: impl FnOnce() -> Value,
    ) {
        if !self.assume.has(topic) {
            return;
        }
        if let Some(known) =
            self.wanted.iter_mut().find(|w| w.topic == topic && w.subject == subject)
        {
            if !known.users.contains(&user) {
                known.users.push(user);
            }
            return;
        }
        let object = object();
        self.wanted.push(Wanted { topic, subject, verbs, users: vec![user], span, object });
    }

    fn namespace(&mut self, object: &Object) {
        let name = &object.namespace;
        let there = matches!(
            name.as_str(),
            "" | "default" | "kube-system" | "kube-public" | "kube-node-lease"
        );
        if there || self.has("Namespace", "", name) {
            return;
        }
        let span = object.spans.nearest("metadata.namespace");
        self.want(
            Topic::Namespaces,
            format!("namespace {name}"),
            called(object),
            ["is in it", "are in it"],
            span,
            || json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
        );
    }

    fn account(&mut self, template: &Template<'_>) {
        let name = text(template.spec, "serviceAccountName");
        let namespace = template.namespace;
        if matches!(name, "" | "default") || self.has("ServiceAccount", namespace, name) {
            return;
        }
        self.want(
            Topic::ServiceAccounts,
            format!("ServiceAccount {name} of namespace {namespace}"),
            template.who.clone(),
            ["runs as it", "run as it"],
            template.span("serviceAccountName"),
            || json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}),
        );
    }

    fn priority_class(&mut self, template: &Template<'_>) {
        let name = text(template.spec, "priorityClassName");
        if name.is_empty() || name.starts_with("system-") || self.has("PriorityClass", "", name) {
            return;
        }
        let value = int(template.spec, "priority").unwrap_or(1000);
        let policy = match text(template.spec, "preemptionPolicy") {
            "" => "PreemptLowerPriority",
            policy => policy,
        };
        self.want(
            Topic::PriorityClasses,
            format!("PriorityClass {name} with value {value}"),
            template.who.clone(),
            ["has it", "have it"],
            template.span("priorityClassName"),
            || json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value, "preemptionPolicy": policy}),
        );
    }

    fn runtime_class(&mut self, template: &Template<'_>) {
        let name = text(template.spec, "runtimeClassName");
        if name.is_empty() || self.has("RuntimeClass", "", name) {
            return;
        }
        let overhead = get(template.spec, "overhead").cloned();
        self.want(
            Topic::RuntimeClasses,
            format!("RuntimeClass {name}"),
            template.who.clone(),
            ["asks for it", "ask for it"],
            template.span("runtimeClassName"),
            || {
                let mut class = json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}, "handler": name});
                if let Some(overhead) = overhead {
                    class["overhead"] = json!({ "podFixed": overhead });
                }
                class
            },
        );
    }

    fn ingress(&mut self, object: &Object) {
        let name = text(spec(object), "ingressClassName");
        if name.is_empty() || self.has("IngressClass", "", name) {
            return;
        }
        self.want(
            Topic::IngressClasses,
            format!("IngressClass {name}"),
            called(object),
            ["asks for it", "ask for it"],
            object.spans.nearest("spec.ingressClassName"),
            || json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": name}, "spec": {"controller": "podplay.dev/none"}}),
        );
    }

    /// The class and the volume that a claim names.
    fn claim(&mut self, object: &Object, claim: &Value, under: &str) {
        let Some(spec) = get(claim, "spec") else { return };
        let class = text(spec, "storageClassName");
        // A claim that a person binds by hand to a volume of the text needs no class.
        let by_hand = self.known.iter().any(|o| {
            o.kind == "PersistentVolume" && text(self::spec(o), "storageClassName") == class
        });
        if !class.is_empty() && !by_hand && !self.has("StorageClass", "", class) {
            self.want(
                Topic::StorageClasses,
                format!("StorageClass {class}"),
                called(object),
                ["asks for it", "ask for it"],
                object.spans.nearest(&format!("{under}spec.storageClassName")),
                || json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": class},
                    "provisioner": "podplay.dev/local", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}),
            );
        }
        let volume = text(spec, "volumeName");
        if volume.is_empty() || !under.is_empty() || self.has("PersistentVolume", "", volume) {
            return;
        }
        let size = at(spec, "resources.requests.storage").cloned().unwrap_or_else(|| json!("1Gi"));
        self.want(
            Topic::Claims,
            format!("PersistentVolume {volume}"),
            called(object),
            ["is bound to it", "are bound to it"],
            object.spans.nearest("spec.volumeName"),
            || json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume}, "spec": {
                "accessModes": spec["accessModes"], "capacity": {"storage": size}, "storageClassName": class,
                "persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem",
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": object.namespace, "name": object.name},
                "hostPath": {"path": format!("/var/lib/volumes/{volume}"), "type": "DirectoryOrCreate"}}}),
        );
    }

    fn claims_of(&mut self, template: &Template<'_>) {
        let namespace = template.namespace;
        for (n, volume) in items(template.spec, "volumes").iter().enumerate() {
            let name = at(volume, "persistentVolumeClaim.claimName").and_then(Value::as_str);
            let Some(name) = name.filter(|name| !name.is_empty()) else { continue };
            if self.has("PersistentVolumeClaim", namespace, name) || self.of_set(namespace, name) {
                continue;
            }
            self.want(
                Topic::Claims,
                format!("PersistentVolumeClaim {name} of namespace {namespace}, bound"),
                template.who.clone(),
                ["mounts it", "mount it"],
                template.span(&format!("volumes[{n}].persistentVolumeClaim.claimName")),
                || json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": namespace},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
            );
        }
    }

    /// Whether a StatefulSet of the text makes a claim of that name.
    fn of_set(&self, namespace: &str, name: &str) -> bool {
        let sets =
            self.known.iter().filter(|o| o.kind == "StatefulSet" && o.namespace == namespace);
        sets.flat_map(|set| {
            items(spec(set), "volumeClaimTemplates")
                .iter()
                .map(move |claim| format!("{}-{}-", crate::value::name(claim), set.name))
        })
        .any(|prefix| name.starts_with(&prefix))
    }

    /// Whether something of that topic is assumed for it.
    fn asked(&self, topic: Topic, who: &str) -> bool {
        self.wanted.iter().any(|w| w.topic == topic && w.users.iter().any(|user| user == who))
    }

    /// Secrets and ConfigMaps, where they are asked to be assumed, or where other texts evidently bring them.
    fn sources(&mut self, template: &Template<'_>, part: bool) {
        for source in sources(template) {
            let (own, field) = match source.kind {
                "Secret" => (Topic::Secrets, "stringData"),
                _ => (Topic::ConfigMaps, "data"),
            };
            let topic = if part && self.assume.has(Topic::Parts) { Topic::Parts } else { own };
            let (namespace, name) = (template.namespace, source.name.as_str());
            if name == "kube-root-ca.crt" || self.has(source.kind, namespace, name) {
                continue;
            }
            let subject = format!("{} {name} of namespace {namespace}", source.kind);
            let span = template.span(&source.path);
            self.want(topic, subject.clone(), template.who.clone(), ["reads it", "read it"], span, || {
                json!({"apiVersion": "v1", "kind": source.kind, "metadata": {"name": name, "namespace": namespace}})
            });
            let wanted = self.wanted.iter_mut().find(|w| w.subject == subject && w.topic == topic);
            if let Some(wanted) = wanted {
                let mut keys: Map<String, Value> =
                    wanted.object[field].as_object().cloned().unwrap_or_default();
                for key in &source.keys {
                    keys.entry(key.clone()).or_insert_with(|| json!("placeholder"));
                }
                if !keys.is_empty() {
                    wanted.object[field] = Value::Object(keys);
                }
            }
        }
    }
}

/// Whether an observed status shows that volumes were mounted or containers ran: then all that they read was there.
fn has_run(status: &Value) -> bool {
    let containers =
        items(status, "containerStatuses").iter().chain(items(status, "initContainerStatuses"));
    let ran = |state: &Value| {
        get(state, "running").is_some() || at(state, "terminated.startedAt").is_some()
    };
    let some = |field| int(status, field).is_some_and(|count| count > 0);
    ["readyReplicas", "availableReplicas", "numberReady", "succeeded"].into_iter().any(some)
        || filled(status, "podIP")
        || filled(status, "podIPs")
        || containers
            .flat_map(|container| [get(container, "state"), get(container, "lastState")])
            .flatten()
            .any(ran)
}

/// A Secret or ConfigMap that a pod needs, with the keys that it asks for.
pub(crate) struct Source {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) keys: Vec<String>,
    /// The field of the pod spec that names it.
    pub(crate) path: String,
}

/// What a pod reads of Secrets and ConfigMaps and cannot do without.
pub(crate) fn sources(template: &Template<'_>) -> Vec<Source> {
    let mut out = Vec::new();
    for (list, n, container) in template.containers() {
        for (e, variable) in items(container, "env").iter().enumerate() {
            for (field, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
                let Some(of) = at(variable, "valueFrom").and_then(|v| get(v, field)) else {
                    continue;
                };
                let path = format!("{list}[{n}].env[{e}].valueFrom.{field}.name");
                add(&mut out, kind, of, "name", vec![text(of, "key").to_owned()], path);
            }
        }
        for (e, from) in items(container, "envFrom").iter().enumerate() {
            for (field, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
                let Some(of) = get(from, field) else { continue };
                let path = format!("{list}[{n}].envFrom[{e}].{field}.name");
                add(&mut out, kind, of, "name", Vec::new(), path);
            }
        }
    }
    for (n, volume) in items(template.spec, "volumes").iter().enumerate() {
        let path = format!("volumes[{n}]");
        volume_sources(&mut out, volume, "secretName", &path);
        for (s, source) in
            at(volume, "projected").map_or(&[][..], |p| items(p, "sources")).iter().enumerate()
        {
            volume_sources(&mut out, source, "name", &format!("{path}.projected.sources[{s}]"));
        }
    }
    out
}

fn volume_sources(out: &mut Vec<Source>, volume: &Value, secret_name: &str, path: &str) {
    for (field, kind, key) in
        [("secret", "Secret", secret_name), ("configMap", "ConfigMap", "name")]
    {
        let Some(of) = get(volume, field) else { continue };
        let keys = items(of, "items").iter().map(|item| text(item, "key").to_owned()).collect();
        add(out, kind, of, key, keys, format!("{path}.{field}.{key}"));
    }
}

fn add(
    out: &mut Vec<Source>,
    kind: &'static str,
    of: &Value,
    name: &str,
    keys: Vec<String>,
    path: String,
) {
    if filled(of, name) && !truth(of, "optional") {
        out.push(Source { kind, name: text(of, name).to_owned(), keys, path });
    }
}
