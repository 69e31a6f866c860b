//! What a statement looks at. A subject follows the trace and always has one value, as text.

use super::path;
use podplay_api::{Pod, Value};
use podplay_core::record::{ProcessEffectKind, Stored, Subject as Whom, Verb};
use podplay_core::{Record, What};
use podplay_views::get::pod_row;

/// The value of what is not there.
pub(super) const ABSENT: &str = "absent";

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
}

/// Short names in a container's status.
pub(super) const CONTAINER: [(&str, &str); 6] = [
    ("state", ""),
    ("reason", ""),
    ("exitCode", "state.terminated.exitCode"),
    ("restarts", "restartCount"),
    ("lastExitCode", "lastState.terminated.exitCode"),
    ("lastReason", "lastState.terminated.reason"),
];

impl Subject {
    /// The value before anything has happened.
    pub(super) fn first(&self) -> String {
        if self.counts() { "0".to_owned() } else { ABSENT.to_owned() }
    }
    const fn counts(&self) -> bool {
        !matches!(self, Self::Pod(..) | Self::Container(..) | Self::Endpoint(..) | Self::Object(..))
    }
    /// Takes a record into the value; whether it spoke of the subject.
    pub(super) fn follow(&self, record: &Record, value: &mut String) -> bool {
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
