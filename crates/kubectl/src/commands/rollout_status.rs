//! `kubectl rollout status`.
//!
//! Models `kubectl/pkg/cmd/rollout/rollout_status.go` and `kubectl/pkg/polymorphichelpers/rollout_status.go`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::flags::Span;
use crate::resources::{Named, Target};
use crate::task::{Output, Task};
use podplay_api::{SimTime, Value};
use podplay_core::Cluster;
use std::collections::VecDeque;

/// What the status of a rollout says.
enum Said {
    /// It goes on.
    Going(String),
    /// It is over.
    Done(String),
    /// It failed.
    Failed(String),
}

pub(crate) fn run(cx: &mut Cx, found: Named) -> Outcome {
    if let Some(failure) = Failure::all(found.failures) {
        return Err(failure);
    }
    for target in &found.targets {
        if !matches!(target.kind.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
            return Err(Failure::error(format!(
                "no status viewer has been implemented for {}",
                target.kind.kind
            )));
        }
    }
    let watch = cx.flags.still_on("watch");
    if !watch {
        for target in &found.targets {
            match look(&target.object, target.kind.kind) {
                Said::Going(line) | Said::Done(line) => cx.say(line),
                Said::Failed(line) => return Err(Failure::error(line)),
            }
        }
        return Ok(Next::Done);
    }
    let until = match cx.flags.time("timeout") {
        Some(Span::For(length)) if !length.is_zero() => Some(cx.cluster.now() + length),
        _ => None,
    };
    Ok(Next::Block(Box::new(Rollout { targets: found.targets.into(), seen: String::new(), until })))
}

/// Watches one workload after the other.
#[derive(Clone, Debug)]
struct Rollout {
    targets: VecDeque<Target>,
    seen: String,
    until: Option<SimTime>,
}

impl Task for Rollout {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        while let Some(target) = self.targets.front() {
            let Some(object) = cluster.get(target.kind.kind, &target.namespace, &target.name)
            else {
                out.warn("error: object has been deleted");
                return Some(1);
            };
            let version =
                object["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
            if version != self.seen {
                self.seen = version;
                match look(&object, target.kind.kind) {
                    Said::Going(line) => out.say(line),
                    Said::Failed(line) => {
                        out.warn(format!("error: {line}"));
                        return Some(1);
                    }
                    Said::Done(line) => {
                        out.say(line);
                        self.targets.pop_front();
                        self.seen.clear();
                        continue;
                    }
                }
            }
            if self.until.is_some_and(|until| cluster.now() >= until) {
                out.warn("error: timed out waiting for the condition");
                return Some(1);
            }
            return None;
        }
        Some(0)
    }
    fn wakes_at(&self) -> Option<SimTime> {
        self.until
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}

fn look(object: &Value, kind: &str) -> Said {
    match kind {
        "Deployment" => deployment(object),
        "DaemonSet" => daemon_set(object),
        _ => stateful_set(object),
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn observed(object: &Value) -> bool {
    number(&object["metadata"]["generation"]) <= number(&object["status"]["observedGeneration"])
}

fn deployment(object: &Value) -> Said {
    let (name, status) =
        (&object["metadata"]["name"].as_str().unwrap_or_default(), &object["status"]);
    if !observed(object) {
        return Said::Going("Waiting for deployment spec update to be observed...".to_owned());
    }
    let exceeded = |condition: &Value| {
        condition["type"] == "Progressing" && condition["reason"] == "ProgressDeadlineExceeded"
    };
    if status["conditions"].as_array().is_some_and(|conditions| conditions.iter().any(exceeded)) {
        return Said::Failed(format!("deployment \"{name}\" exceeded its progress deadline"));
    }
    let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let (all, updated, available) = (
        number(&status["replicas"]),
        number(&status["updatedReplicas"]),
        number(&status["availableReplicas"]),
    );
    let going = |what: String| {
        Said::Going(format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."))
    };
    if updated < wanted {
        return going(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if all > updated {
        return going(format!("{} old replicas are pending termination", all - updated));
    }
    if available < updated {
        return going(format!("{available} of {updated} updated replicas are available"));
    }
    Said::Done(format!("deployment \"{name}\" successfully rolled out"))
}

fn daemon_set(object: &Value) -> Said {
    let (name, status) =
        (&object["metadata"]["name"].as_str().unwrap_or_default(), &object["status"]);
    if object["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return Said::Failed(
            "rollout status is only available for RollingUpdate strategy type".to_owned(),
        );
    }
    if !observed(object) {
        return Said::Going("Waiting for daemon set spec update to be observed...".to_owned());
    }
    let wanted = number(&status["desiredNumberScheduled"]);
    let (updated, available) =
        (number(&status["updatedNumberScheduled"]), number(&status["numberAvailable"]));
    let going = |what: String| {
        Said::Going(format!("Waiting for daemon set \"{name}\" rollout to finish: {what}..."))
    };
    if updated < wanted {
        return going(format!("{updated} out of {wanted} new pods have been updated"));
    }
    if available < wanted {
        return going(format!("{available} of {wanted} updated pods are available"));
    }
    Said::Done(format!("daemon set \"{name}\" successfully rolled out"))
}

fn stateful_set(object: &Value) -> Said {
    let (spec, status) = (&object["spec"], &object["status"]);
    if spec["updateStrategy"]["type"] == "OnDelete" {
        return Said::Failed(
            "rollout status is only available for RollingUpdate strategy type".to_owned(),
        );
    }
    if number(&status["observedGeneration"]) == 0 || !observed(object) {
        return Said::Going("Waiting for statefulset spec update to be observed...".to_owned());
    }
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    let ready = number(&status["readyReplicas"]);
    if ready < wanted {
        return Said::Going(format!("Waiting for {} pods to be ready...", wanted - ready));
    }
    let updated = number(&status["updatedReplicas"]);
    let rolling = &spec["updateStrategy"]["rollingUpdate"];
    // The API server fills this in, so that the sentences below are seldom seen.
    if rolling.is_object() {
        let partition = number(&rolling["partition"]);
        if updated < wanted - partition {
            return Said::Going(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {} new pods have been updated...",
                wanted - partition
            ));
        }
        return Said::Done(format!(
            "partitioned roll out complete: {updated} new pods have been updated..."
        ));
    }
    let (current, update) = (&status["currentRevision"], &status["updateRevision"]);
    if current != update {
        let revision = update.as_str().unwrap_or_default();
        return Said::Going(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
        ));
    }
    let (count, revision) =
        (number(&status["currentReplicas"]), current.as_str().unwrap_or_default());
    Said::Done(format!(
        "statefulset rolling update complete {count} pods at revision {revision}..."
    ))
}
