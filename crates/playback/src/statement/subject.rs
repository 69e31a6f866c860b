//! What a statement looks at. A subject follows the trace and always has one value, as text.

use super::path;
use crate::Run;
use podplay_api::{Pod, Value};
use podplay_core::record::{ProcessEffectKind, Stored, Subject as Whom, Verb};
use podplay_core::{Record, What};
use podplay_views::get::pod_row;
use std::collections::BTreeSet;

/// The value of what is not there.
pub(crate) const ABSENT: &str = "absent";

/// What a statement looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A pod: `ready`, `status`, `restarts` as `kubectl get pods` prints them, or a path such as `status.phase`.
    Pod(String, String),
    /// A container of a pod: one of `CONTAINER`, or a path in its status.
    Container(String, String, String),
    /// An endpoint of a Service: `ready`, `serving` or `terminating` of a pod.
    Endpoint(String, String, String),
    /// Any other object: kind, name, path.
    Object(String, String, String),
    /// How often an Event was seen: object, reason, part of the message.
    Events(String, String, String),
    /// How many lines of output of a container have this in them.
    Log(String, String, String),
    /// How often a signal was sent to a container.
    Signals(String, String, String),
    /// How often a probe of a container went so: kind, outcome.
    Probes(String, String, String, bool),
    /// How many requests to a Service were answered, or failed.
    Requests(String, bool),
    /// How many requests failed, to whatever Service.
    AnyRequests,
    /// Whether an object is as ready as it should be: `true` or `false`.
    Ready(String, String),
    /// How many pods of an object are ready.
    ReadyCount(String, String),
    /// How often a container of an object's pods was started again.
    Restarts(Pods),
    /// How often a signal was sent to a container of an object's pods.
    Signalled(Pods, String),
}

/// The pods of an object, or all pods of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pods {
    /// Kind and name of the object; `None` for all pods.
    pub of: Option<(String, String)>,
    /// Their uids, once a run has been asked.
    uids: BTreeSet<String>,
}

impl Pods {
    /// The pods of an object; all pods for `None`.
    pub const fn of(object: Option<(String, String)>) -> Self {
        Self { of: object, uids: BTreeSet::new() }
    }
    fn has(&self, record: &Record) -> bool {
        let uid =
            |pod: &podplay_core::record::PodRef| self.of.is_none() || self.uids.contains(&pod.uid);
        record.subject.pod().is_some_and(uid)
    }
    /// Finds the pods by their owners: a pod's own, or the owner of that.
    fn resolved(&self, run: &Run) -> Self {
        let Some((kind, name)) = &self.of else { return self.clone() };
        let mut parents: BTreeSet<(String, String)> =
            BTreeSet::from([(kind.clone(), name.clone())]);
        let mut uids = BTreeSet::new();
        for record in run.trace() {
            match &record.what {
                What::Stored(Verb::Created, Stored::Object(object)) => {
                    let owners = object["metadata"]["ownerReferences"].as_array();
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let ours = owners.into_iter().flatten().any(|owner| {
                        parents.contains(&(text(&owner["kind"]), text(&owner["name"])))
                    });
                    if ours {
                        parents.insert((text(&object["kind"]), text(&object["metadata"]["name"])));
                    }
                }
                What::Stored(Verb::Created, Stored::Pod(pod)) => {
                    let own = kind == "Pod" && *name == pod.meta.name;
                    let mut owners = pod.meta.owner_references.iter();
                    if own
                        || owners.any(|owner| {
                            parents.contains(&(owner.kind.clone(), owner.name.clone()))
                        })
                    {
                        uids.insert(pod.meta.uid.clone());
                    }
                }
                _ => {}
            }
        }
        Self { of: self.of.clone(), uids }
    }
}

/// Short names in a container's status.
pub(crate) const CONTAINER: [(&str, &str); 6] = [
    ("state", ""),
    ("reason", ""),
    ("exitCode", "state.terminated.exitCode"),
    ("restarts", "restartCount"),
    ("lastExitCode", "lastState.terminated.exitCode"),
    ("lastReason", "lastState.terminated.reason"),
];

impl Subject {
    /// The value before anything has happened.
    pub(crate) fn first(&self) -> String {
        if self.counts() { "0".to_owned() } else { ABSENT.to_owned() }
    }
    const fn counts(&self) -> bool {
        !matches!(
            self,
            Self::Pod(..)
                | Self::Container(..)
                | Self::Endpoint(..)
                | Self::Object(..)
                | Self::Ready(..)
                | Self::ReadyCount(..)
        )
    }
    /// The subject with what only a run can tell.
    pub(crate) fn resolved(&self, run: &Run) -> Self {
        match self {
            Self::Restarts(pods) => Self::Restarts(pods.resolved(run)),
            Self::Signalled(pods, signal) => Self::Signalled(pods.resolved(run), signal.clone()),
            other => other.clone(),
        }
    }
    /// Takes a record into the value; whether it spoke of the subject.
    pub(crate) fn follow(&self, record: &Record, value: &mut String) -> bool {
        if self.counts() {
            let more = self.count(record);
            if more > 0 {
                *value = (value.parse::<usize>().unwrap_or(0) + more).to_string();
            }
            return more > 0;
        }
        let What::Stored(verb, stored) = &record.what else { return false };
        let found = match stored {
            Stored::Pod(pod) => self.of_pod(pod),
            Stored::Object(object) => self.of_object(object),
        };
        let Some(found) = found else { return false };
        *value = if *verb == Verb::Deleted { ABSENT.to_owned() } else { found };
        true
    }
    fn of_pod(&self, pod: &Pod) -> Option<String> {
        if let Self::Ready(kind, name) | Self::ReadyCount(kind, name) = self {
            let ready = pod.status.is_true("Ready");
            let counted = matches!(self, Self::ReadyCount(..));
            let it = kind == "Pod" && *name == pod.meta.name;
            return it
                .then(|| if counted { u8::from(ready).to_string() } else { ready.to_string() });
        }
        let (Self::Pod(name, field) | Self::Container(name, _, field)) = self else { return None };
        if *name != pod.meta.name {
            return None;
        }
        let object = pod.to_object();
        let Self::Container(_, container, _) = self else { return Some(pod_field(&object, field)) };
        let lists = ["status.initContainerStatuses", "status.containerStatuses"];
        let statuses = lists.iter().filter_map(|list| path::find(&object, list)?.as_array());
        let status = statuses.flatten().find(|status| status["name"] == **container);
        Some(status.map_or_else(|| ABSENT.to_owned(), |status| container_field(status, field)))
    }
    fn of_object(&self, object: &Value) -> Option<String> {
        match self {
            Self::Endpoint(service, pod, field) => {
                let of = &object["metadata"]["labels"]["kubernetes.io/service-name"];
                if object["kind"] != "EndpointSlice" || of != service.as_str() {
                    return None;
                }
                let endpoints = object["endpoints"].as_array();
                let of_pod = |endpoint: &&Value| endpoint["targetRef"]["name"] == **pod;
                let endpoint = endpoints.and_then(|all| all.iter().find(of_pod));
                Some(path::shown(
                    endpoint.map_or(&Value::Null, |it| &it["conditions"][field.as_str()]),
                ))
            }
            Self::Ready(kind, name) => {
                is(object, kind, name).then(|| (ready_count(object) >= wanted(object)).to_string())
            }
            Self::ReadyCount(kind, name) => {
                is(object, kind, name).then(|| ready_count(object).to_string())
            }
            Self::Object(kind, name, field) => {
                let it = object["kind"] == **kind && object["metadata"]["name"] == **name;
                it.then(|| path::shown(path::find(object, field).unwrap_or(&Value::Null)))
            }
            _ => None,
        }
    }
    /// How many more of what is counted a record brings.
    fn count(&self, record: &Record) -> usize {
        let of = |pod: &str, container: &str| {
            record.subject.pod().is_some_and(|of| of.name == pod)
                && record.subject.container() == Some(container)
        };
        let one = match (self, &record.what) {
            (Self::Events(object, reason, part), What::Event(event)) => {
                let about = &event.involved_object;
                *object == format!("{}/{}", about.kind, about.name)
                    && event.reason == *reason
                    && event.message.contains(part.as_str())
            }
            (Self::Signals(pod, container, name), What::Signal(signal)) => {
                of(pod, container)
                    && signal.trim_start_matches("SIG") == name.trim_start_matches("SIG")
            }
            (Self::Probes(pod, container, wanted, outcome), What::Probe { kind, success, .. }) => {
                of(pod, container)
                    && kind.as_str().eq_ignore_ascii_case(wanted)
                    && success == outcome
            }
            (Self::Requests(service, answered), What::Request(request)) => {
                let to = matches!(&record.subject, Whom::Object(_, _, name) if **name == **service);
                to && request.end.is_ok() == *answered
            }
            (Self::AnyRequests, What::Request(request)) => request.end.is_err(),
            (Self::Restarts(pods), What::Running { restart }) => *restart > 0 && pods.has(record),
            (Self::Signalled(pods, name), What::Signal(signal)) => {
                pods.has(record)
                    && signal.trim_start_matches("SIG") == name.trim_start_matches("SIG")
            }
            (Self::Log(pod, container, part), What::Process(effect)) if of(pod, container) => {
                let (ProcessEffectKind::Out(text) | ProcessEffectKind::Err(text)) = &effect.kind
                else {
                    return 0;
                };
                return text.lines().filter(|line| line.contains(part.as_str())).count();
            }
            _ => false,
        };
        usize::from(one)
    }
}

/// Whether an object is the one of that kind and name. A Service's readiness is that of its slice.
fn is(object: &Value, kind: &str, name: &str) -> bool {
    if kind == "Service" {
        return object["kind"] == "EndpointSlice"
            && object["metadata"]["labels"]["kubernetes.io/service-name"] == name;
    }
    object["kind"] == kind && object["metadata"]["name"] == name
}

/// How many pods of a workload are ready and of its newest revision, or of a Service's slice.
fn ready_count(object: &Value) -> u64 {
    let status = |field: &str| object["status"][field].as_u64().unwrap_or_default();
    if let Some(endpoints) = object["endpoints"].as_array() {
        let ready = |endpoint: &&Value| endpoint["conditions"]["ready"] == true;
        return u64::try_from(endpoints.iter().filter(ready).count()).unwrap_or(u64::MAX);
    }
    if object["kind"] == "DaemonSet" { status("numberReady") } else { status("readyReplicas") }
}

/// How many pods an object should have ready; out of reach while its rollout goes on.
fn wanted(object: &Value) -> u64 {
    let (spec, status) = (&object["spec"], &object["status"]);
    let seen = status["observedGeneration"].as_u64() >= object["metadata"]["generation"].as_u64();
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    match object["kind"].as_str() {
        Some("EndpointSlice") => 1,
        Some("DaemonSet") if seen => {
            let all = number(&status["desiredNumberScheduled"]);
            if number(&status["updatedNumberScheduled"]) >= all { all.max(1) } else { u64::MAX }
        }
        _ if seen => {
            let all = spec["replicas"].as_u64().unwrap_or(1);
            let updated = status.get("updatedReplicas").map_or(0, number);
            let revisions = matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet"));
            if !revisions || updated >= all { all } else { u64::MAX }
        }
        _ => u64::MAX,
    }
}

fn pod_field(pod: &Value, field: &str) -> String {
    let row = pod_row(pod);
    match field {
        "ready" => format!("{}/{}", row.ready, row.total),
        "status" => row.status,
        "restarts" => row.restarts.to_string(),
        path => path::shown(path::find(pod, path).unwrap_or(&Value::Null)),
    }
}

fn container_field(status: &Value, field: &str) -> String {
    let state = status["state"].as_object().and_then(|state| state.iter().next());
    match field {
        "state" => state.map_or_else(|| "waiting".to_owned(), |(name, _)| name.clone()),
        "reason" => path::shown(state.map_or(&Value::Null, |(_, state)| &state["reason"])),
        other => {
            let short = CONTAINER.iter().find(|(name, _)| *name == other);
            let path = short.map_or(other, |(_, path)| path);
            path::shown(path::find(status, path).unwrap_or(&Value::Null))
        }
    }
}
