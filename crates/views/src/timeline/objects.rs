//! Lanes of workloads and Services.

use super::{Band, Builder, Part, State};
use crate::json;
use podplay_api::Value;
use podplay_core::Record;
use podplay_core::record::Verb;
use std::sync::Arc;

impl Builder {
    pub(super) fn object(
        &mut self,
        record: &Record,
        kind: &Arc<str>,
        name: &Arc<str>,
        verb: Verb,
        object: &Value,
    ) {
        let place = match &**kind {
            "Deployment"
            | "ReplicaSet"
            | "StatefulSet"
            | "ReplicationController"
            | "DaemonSet"
            | "Job" => Some((
                Band::Workloads,
                Part::Workload(Arc::clone(kind), Arc::clone(name)),
                Arc::clone(name),
            )),
            "EndpointSlice" => service_of(object)
                .map(|service| (Band::Services, Part::Service(Arc::clone(&service)), service)),
            _ => None,
        };
        let Some((band, part, name)) = place else { return };
        let lane = self.at(band, 0, part, &name);
        let news = if verb == Verb::Deleted {
            lane.end(record.at);
            true
        } else {
            lane.begin(record.at, ready(kind, object), record.id)
        };
        if news {
            self.changed(record.at);
        }
    }
}

fn service_of(slice: &Value) -> Option<Arc<str>> {
    let label = slice.get("metadata")?.get("labels")?.get("kubernetes.io/service-name")?;
    label.as_str().map(Arc::from)
}

/// How many of how many are ready.
fn ready(kind: &str, object: &Value) -> State {
    let count = |path: &str| u32::try_from(json::int(object, path)).unwrap_or(0);
    match kind {
        "EndpointSlice" => {
            let endpoints = json::items(object, "endpoints");
            let ready = endpoints
                .iter()
                .filter(|endpoint| json::flag(endpoint, "conditions.ready"))
                .count();
            State::Ready(
                u32::try_from(ready).unwrap_or(0),
                u32::try_from(endpoints.len()).unwrap_or(0),
            )
        }
        "DaemonSet" => {
            State::Ready(count("status.numberReady"), count("status.desiredNumberScheduled"))
        }
        "Job" => {
            let wanted =
                json::opt_int(object, "spec.completions").and_then(|n| u32::try_from(n).ok());
            State::Ready(count("status.succeeded"), wanted.unwrap_or(1))
        }
        _ => State::Ready(
            count("status.readyReplicas"),
            json::opt_int(object, "spec.replicas").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
        ),
    }
}
