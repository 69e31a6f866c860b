//! From an object of the cluster to the field of the text that says it.

use super::{Place, Target};
use podplay_api::Value;
use podplay_core::{Cluster, Subject};
use podplay_manifest::{Object, Spans};
use podplay_playback::{Act, Plan};

/// Where an object is written: the spans of its document, and what stands before its own paths there.
#[derive(Clone)]
pub(crate) struct Written<'a> {
    pub(crate) spans: &'a Spans,
    /// `spec.timeline[0].apply.`, or nothing.
    pub(crate) outer: String,
    /// The object as written.
    pub(crate) value: &'a Value,
    /// Its index in the reading; none for an entry of the timeline.
    pub(crate) index: Option<usize>,
    /// Its kind.
    pub(crate) kind: &'a str,
}

impl Written<'_> {
    /// The place of a field of the object; of what is around it if it is not written.
    pub(crate) fn place(&self, path: &str) -> Place {
        let full = format!("{}{path}", self.outer);
        let found = self.spans.get(&full).map(|field| field.key.unwrap_or(field.value));
        Place { path: path.to_owned(), span: found.unwrap_or_else(|| self.spans.nearest(&full)) }
    }
    /// The value at a path of the object, as written.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        let mut at = self.value;
        let mut rest = path;
        while !rest.is_empty() {
            // A key may have dots in it: the longest that exists is meant.
            let fits = |key: &&String| {
                rest.strip_prefix(key.as_str())
                    .is_some_and(|after| after.is_empty() || after.starts_with(['.', '[']))
            };
            let keyed =
                at.as_object().and_then(|map| map.keys().filter(fits).max_by_key(|key| key.len()));
            if let Some(key) = keyed {
                at = &at[key.as_str()];
                rest = rest[key.len()..].trim_start_matches('.');
            } else {
                let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
                at = at.get(index.parse::<usize>().ok()?)?;
                rest = after.trim_start_matches('.');
            }
        }
        Some(at)
    }
    /// The entry of the timeline that it is written in.
    pub(crate) fn entry(&self) -> Option<usize> {
        let rest = self.outer.strip_prefix("spec.timeline[")?;
        rest.split(']').next()?.parse().ok()
    }
    /// Whether a field of the object is written.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.spans.get(&format!("{}{path}", self.outer)).is_some()
    }
}

/// Where the pod template of a kind stands.
pub(crate) fn template(kind: &str) -> &'static str {
    match kind {
        "Pod" => "",
        "CronJob" => "spec.jobTemplate.spec.template.",
        _ => "spec.template.",
    }
}

/// The object of the text of that kind and name.
pub(crate) fn written<'a>(plan: &'a Plan, target: &Target) -> Option<Written<'a>> {
    let is = |object: &Object| {
        object.kind == target.kind
            && object.name == target.name
            && (object.namespace.is_empty() || object.namespace == target.namespace)
    };
    let found = plan.reading.objects.iter().enumerate().rev().find(|(_, object)| is(object));
    let by_text = found.map(|(index, object)| Written {
        spans: &object.spans,
        outer: String::new(),
        value: &object.submitted,
        index: Some(index),
        kind: &object.kind,
    });
    by_text.or_else(|| applied(plan, target).into_iter().next())
}

/// The entries of the timeline that apply an object of that kind and name, the last first.
pub(crate) fn applied<'a>(plan: &'a Plan, target: &Target) -> Vec<Written<'a>> {
    let Some(scenario) = &plan.reading.scenario else { return Vec::new() };
    let entries = plan.entries.iter().rev().filter(|entry| matches!(entry.act, Act::Apply(_)));
    entries
        .filter_map(|entry| {
            let value = &scenario.value["spec"]["timeline"][entry.index]["apply"];
            let kind = value["kind"].as_str()?;
            let same = kind == target.kind && value["metadata"]["name"] == target.name.as_str();
            same.then(|| Written {
                spans: &scenario.spans,
                outer: format!("spec.timeline[{}].apply.", entry.index),
                value,
                index: None,
                kind,
            })
        })
        .collect()
}

/// The newest text of an object: what the timeline applied last and the API server took, or else the text itself.
pub(crate) fn current<'a>(
    run: &'a podplay_playback::Run,
    target: &Target,
    at: podplay_api::SimTime,
) -> Option<Written<'a>> {
    let plan = run.plan();
    let taken = applied(plan, target).into_iter().find(|written| {
        let index = written.entry();
        let entry = plan.entries.iter().find(|entry| Some(entry.index) == index);
        let refused = run.refusals().iter().any(|refusal| refusal.entry == index);
        !refused && entry.is_some_and(|entry| entry.at < at)
    });
    taken.or_else(|| written(plan, target))
}

/// The entry of the timeline whose command gave an object a value: `set image`, `scale`.
pub(crate) fn commanded(
    plan: &Plan,
    name: &str,
    value: &str,
    at: podplay_api::SimTime,
) -> Option<(usize, Place)> {
    let entry = plan.entries.iter().rev().find(|entry| {
        let argv = entry.act.argv();
        entry.at <= at
            && argv.iter().any(|word| word.ends_with(value))
            && argv.iter().any(|word| word.split('/').next_back() == Some(name))
    })?;
    let place = scenario(plan, &format!("spec.timeline[{}].kubectl", entry.index))?;
    Some((entry.index, place))
}

/// The objects above a pod or object, itself first.
pub(crate) fn owners(cluster: &Cluster, subject: &Subject) -> Vec<Target> {
    let mut all = Vec::new();
    let mut next = match subject {
        Subject::Pod(pod) | Subject::Container(pod, _) => {
            Target::new("Pod", &pod.namespace, &pod.name)
        }
        Subject::Object(kind, namespace, name) => Target::new(kind, namespace, name),
        Subject::Node(name) => Target::new("Node", "", name),
        Subject::Cluster => return all,
    };
    let store = &cluster.world().store;
    while all.len() < 5 {
        let owner = match next.kind.as_str() {
            "Pod" => store
                .pod_entry(&next.namespace, &next.name)
                .and_then(|entry| entry.pod.meta.controller().cloned()),
            kind => store
                .resource(kind, &next.namespace, &next.name)
                .and_then(|object| object.meta.controller().cloned()),
        };
        let namespace = next.namespace.clone();
        all.push(next);
        let Some(owner) = owner else { break };
        next = Target::new(&owner.kind, &namespace, &owner.name);
    }
    all
}

/// The object of the text behind a subject, and what stands before a pod's paths in it.
pub(crate) fn source<'a>(
    run: &'a podplay_playback::Run,
    cluster: &Cluster,
    subject: &Subject,
) -> Option<(Written<'a>, &'static str)> {
    let of_pod = subject.pod().is_some();
    owners(cluster, subject).iter().find_map(|target| {
        let found = current(run, target, cluster.now())?;
        let base = if of_pod { template(found.kind) } else { "" };
        Some((found, base))
    })
}

/// The place of a field of the Scenario.
pub(crate) fn scenario(plan: &Plan, path: &str) -> Option<Place> {
    let spans = &plan.reading.scenario.as_ref()?.spans;
    let field = spans.get(path)?;
    Some(Place { path: path.to_owned(), span: field.key.unwrap_or(field.value) })
}

/// The path of a node in the Scenario.
pub(crate) fn node(plan: &Plan, name: &str) -> Option<String> {
    let value = &plan.reading.scenario.as_ref()?.value["spec"];
    let Some(nodes) = value["nodes"].as_array() else {
        return value.get("node").map(|_| "spec.node".to_owned());
    };
    let named = |(n, node): (usize, &Value)| {
        let usual = format!("node{:02}", n + 1);
        node["name"].as_str().unwrap_or(&usual) == name
    };
    let index = nodes.iter().enumerate().position(named)?;
    Some(format!("spec.nodes[{index}]"))
}

/// The places of an entry of the timeline that is a fault of one of these kinds.
pub(crate) fn fault(plan: &Plan, is: impl Fn(&podplay_api::fault::Fault) -> bool) -> Vec<Place> {
    let found = plan.entries.iter().rev().find_map(|entry| match &entry.act {
        Act::Fault(timed) if is(&timed.fault) => Some(entry.index),
        _ => None,
    });
    let Some(index) = found else { return Vec::new() };
    let fields = ["fault.kind", "fault", "fault.node", "at"];
    let paths = fields.map(|field| format!("spec.timeline[{index}].{field}"));
    paths.iter().filter_map(|path| scenario(plan, path)).collect()
}
