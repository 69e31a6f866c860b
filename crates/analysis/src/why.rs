//! "Why?": the whole answer about an object at a moment, one value for the command, the page and the tests.

use crate::remedy::{self, Remedy};
use crate::verdict::{self, Lang, Target, Verdict};
use podplay_api::{SimTime, Value, json};
use podplay_core::record::{Stored, Verb};
use podplay_core::{Cluster, What};
use podplay_playback::Run;
use podplay_playback::why::{self, Step};
use podplay_views::get::row_of_pod;

/// The answer.
#[derive(Clone, Debug)]
pub struct Why {
    /// The moment of the question.
    pub at: SimTime,
    /// Whom it is about.
    pub subject: Target,
    /// What it shows then.
    pub shows: String,
    /// What holds it up, the true cause first; nothing for what is well or only takes time.
    pub verdicts: Vec<Verdict>,
    /// The chain of causes behind what it shows.
    pub chain: Vec<Step>,
    /// What changes next, as far as the run is computed.
    pub next: Vec<Next>,
    /// Edits of the text that were run and help, the best first.
    pub remedies: Vec<Remedy>,
}

/// A change that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// When.
    pub at: SimTime,
    /// Which pod.
    pub pod: String,
    /// What it will show.
    pub shows: String,
}

impl Next {
    /// The change in a sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        let Self { pod, shows, .. } = self;
        match lang {
            Lang::En => format!("pod {pod} shows {shows}"),
            Lang::Ko => format!("파드 {pod}: {shows}"),
        }
    }
}

/// Most changes that are told of.
const NEXT: usize = 4;

/// What an object shows: a pod its row, a workload its ready pods, a Service its endpoints.
pub fn shows(cluster: &Cluster, target: &Target) -> String {
    let store = &cluster.world().store;
    if target.kind == "Pod" {
        let Some(entry) = store.pod_entry(&target.namespace, &target.name) else {
            return "gone".to_owned();
        };
        let row = row_of_pod(&entry.pod);
        return format!("{}/{} {}", row.ready, row.total, row.status);
    }
    let Some(object) = cluster.get(&target.kind, &target.namespace, &target.name) else {
        return "not there".to_owned();
    };
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let status = &object["status"];
    match target.kind.as_str() {
        "Service" => {
            let spec: podplay_api::ServiceSpec = podplay_api::raw::field(&object, "spec");
            let here = store.pods().filter(|pod| {
                pod.meta.namespace == target.namespace
                    && !spec.selector.is_empty()
                    && podplay_api::labels_match(&spec.selector, &pod.meta.labels)
                    && pod.status.is_true("Ready")
            });
            format!("{} ready endpoints", here.count())
        }
        "Job" => {
            let conditions = status["conditions"].as_array();
            let ended = conditions.into_iter().flatten().find(|condition| {
                condition["status"] == "True"
                    && matches!(
                        condition["type"].as_str(),
                        Some("Complete" | "Failed" | "Suspended")
                    )
            });
            match ended.and_then(|condition| condition["type"].as_str()) {
                Some(word) => word.to_owned(),
                None => format!("{} succeeded", number(&status["succeeded"])),
            }
        }
        "DaemonSet" => {
            let ready = number(&status["numberReady"]);
            format!("{ready}/{} ready", number(&status["desiredNumberScheduled"]))
        }
        "CronJob" => {
            let active = status["active"].as_array().map_or(0, Vec::len);
            format!("{active} active")
        }
        "PersistentVolumeClaim" | "Namespace" => {
            status["phase"].as_str().unwrap_or_default().to_owned()
        }
        _ => {
            let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
            format!("{}/{wanted} ready", number(&status["readyReplicas"]))
        }
    }
}

/// A pod's row, with its restarts: what must differ for something to have changed.
fn row_text(pod: &podplay_api::Pod) -> String {
    let row = row_of_pod(pod);
    let restarts = match row.restarts {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        many => format!(", {many} restarts"),
    };
    format!("{}/{} {}{restarts}", row.ready, row.total, row.status)
}

/// The pods of an object at any time of the run, by name.
fn is_of(target: &Target, pod: &podplay_api::Pod, owned: &[String]) -> bool {
    pod.meta.namespace == target.namespace
        && (target.kind == "Pod" && pod.meta.name == target.name || owned.contains(&pod.meta.name))
}

/// The names of the pods below an object, by owner references or selector, over the whole run.
fn pods_of(run: &Run, target: &Target) -> Vec<String> {
    let mut owners = vec![(target.kind.clone(), target.name.clone())];
    let mut found = Vec::new();
    let selector: podplay_api::StringMap = match target.kind.as_str() {
        "Service" => run
            .cluster()
            .get("Service", &target.namespace, &target.name)
            .map(|object| podplay_api::raw::field(&object["spec"], "selector"))
            .unwrap_or_default(),
        _ => podplay_api::StringMap::new(),
    };
    for record in run.trace() {
        match &record.what {
            What::Stored(Verb::Created, Stored::Object(object)) => {
                let refs = object["metadata"]["ownerReferences"].as_array();
                let below = refs.into_iter().flatten().any(|owner| {
                    owners.iter().any(|(kind, name)| {
                        owner["kind"] == kind.as_str() && owner["name"] == name.as_str()
                    })
                });
                let text = |field: &Value| field.as_str().unwrap_or_default().to_owned();
                if below {
                    owners.push((text(&object["kind"]), text(&object["metadata"]["name"])));
                }
            }
            What::Stored(Verb::Created, Stored::Pod(pod)) => {
                let owned = pod.meta.controller().is_some_and(|owner| {
                    owners.iter().any(|(kind, name)| *kind == owner.kind && *name == owner.name)
                });
                let selected =
                    !selector.is_empty() && podplay_api::labels_match(&selector, &pod.meta.labels);
                if owned || selected {
                    found.push(pod.meta.name.clone());
                }
            }
            _ => {}
        }
    }
    found
}

/// What changes next of an object and its pods, as the computed run knows it.
pub fn next(run: &Run, target: &Target, at: SimTime) -> Vec<Next> {
    let owned = pods_of(run, target);
    let from = run.records_until(at);
    let mut seen = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for (n, record) in run.trace().iter().enumerate() {
        let What::Stored(verb, Stored::Pod(pod)) = &record.what else { continue };
        if !is_of(target, pod, &owned) {
            continue;
        }
        let shows = if *verb == Verb::Deleted { "gone".to_owned() } else { row_text(pod) };
        let before = seen.insert(pod.meta.name.clone(), shows.clone());
        if n >= from && before.as_ref() != Some(&shows) {
            found.push(Next { at: record.at, pod: pod.meta.name.clone(), shows });
        }
        if found.len() == NEXT {
            break;
        }
    }
    found
}

/// The chain behind the state of an object: of the pod itself, or of the one of its pods that is worst off.
fn chain(run: &Run, cluster: &Cluster, target: &Target, at: SimTime) -> Vec<Step> {
    if target.kind == "Pod" {
        return why::of_pod(run, Some((&target.namespace, &target.name)), at).unwrap_or_default();
    }
    let owned = pods_of(run, target);
    let alive: Vec<&podplay_api::Pod> =
        cluster.pods().filter(|pod| is_of(target, pod, &owned)).collect();
    let worst = alive.iter().find(|pod| !pod.status.is_true("Ready")).or_else(|| alive.first());
    let name = worst.map(|pod| pod.meta.name.clone()).or_else(|| owned.last().cloned());
    name.and_then(|name| why::of_pod(run, Some((&target.namespace, &name)), at)).unwrap_or_default()
}

/// The object that a question without one is about: the most broken one, or else the only pod.
pub fn most_broken(run: &Run, cluster: &Cluster) -> Option<Target> {
    let troubled = verdict::troubled(run, cluster).into_iter().next().map(|(target, _)| target);
    troubled.or_else(|| {
        let mut pods = cluster.pods();
        let first = pods.next()?;
        pods.next().is_none().then(|| Target::new("Pod", &first.meta.namespace, &first.meta.name))
    })
}

/// Why an object is as it is at a moment of a run that was computed at least so far.
pub fn why(run: &Run, text: &str, target: &Target, at: SimTime, remedies: bool) -> Why {
    let moment = run.seek(at, None);
    let cluster = moment.cluster();
    let verdicts = verdict::verdicts(run, cluster, target);
    let remedies =
        if remedies { remedy::remedies(run, text, target, at, &verdicts) } else { Vec::new() };
    Why {
        at,
        subject: target.clone(),
        shows: shows(cluster, target),
        chain: chain(run, cluster, target, at),
        next: next(run, target, at),
        verdicts,
        remedies,
    }
}

/// Seconds with at most three decimals.
fn seconds(at: SimTime) -> Value {
    podplay_playback::recording::seconds(at)
}

impl Why {
    /// As `podplay why -o json` prints it.
    pub fn to_json(&self, run: &Run, lang: Lang) -> Value {
        let place = |place: &verdict::Place| json!({"line": place.span.line, "column": place.span.column, "path": place.path});
        let verdict = |verdict: &Verdict| {
            let places: Vec<Value> = verdict.places.iter().map(place).collect();
            json!({"code": verdict.code(), "sentence": verdict.sentence(lang), "since": seconds(verdict.since),
                "subject": verdict.subject.to_string(), "container": verdict.container, "places": places, "evidence": verdict.evidence})
        };
        let link = |step: &Step| {
            let place = step.place.as_ref().map(|place| {
                json!({"line": place.span.line, "column": place.span.column, "path": place.path})
            });
            json!({"at": seconds(step.at), "sentence": why::sentence(run, step, lang), "place": place})
        };
        let next = |next: &Next| json!({"at": seconds(next.at), "sentence": next.sentence(lang)});
        json!({
            "at": seconds(self.at),
            "subject": self.subject.to_string(),
            "shows": self.shows,
            "verdicts": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
            "chain": self.chain.iter().map(link).collect::<Vec<_>>(),
            "next": self.next.iter().map(next).collect::<Vec<_>>(),
            "remedies": self.remedies.iter().map(|remedy| remedy.to_json(lang)).collect::<Vec<_>>(),
        })
    }
}
