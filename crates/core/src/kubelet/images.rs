//! The image manager: pull policy, pulls one at a time for each node, back-off.
//!
//! Models `pkg/kubelet/images/image_manager.go`.

use super::backoff;
use super::start::{self, then};
use crate::events;
use crate::ids::{ContainerIx, Uid};
use crate::images::{self as catalogue, PullError};
use crate::kubelet::steps::{push_front, sleep};
use crate::kubelet::task::{Flow, StartStep, Step};
use crate::record::What;
use crate::version::Difference;
use crate::world::World;
use podplay_api::{EventType, PullPolicy, SimTime};
use std::sync::Arc;
use std::time::Duration;

/// Sees to it that the image is on the node, or begins a pull.
pub fn ensure(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let Some(worker) = world.workers.get(&uid) else { return Flow::Next };
    let Some(spec) = worker.spec(ix) else { return Flow::Next };
    let (image, policy, node) =
        (spec.image.clone(), spec.image_pull_policy, Arc::clone(&worker.node));
    let reference = match catalogue::Reference::parse(&image) {
        Ok(reference) => reference,
        Err(error) => {
            let message = format!(
                "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": {error}"
            );
            events::pod_event(world, uid, Some(ix), EventType::Warning, "InspectFailed", &message);
            return refuse(world, uid, ix, "InvalidImageName", message);
        }
    };
    let present = world
        .nodes
        .get(&node)
        .is_some_and(|agent| super::node::has_image(world, agent, &reference));
    match (policy, present) {
        (PullPolicy::Never, false) => {
            let message =
                format!("Container image \"{image}\" is not present with pull policy of Never");
            events::pod_event(
                world,
                uid,
                Some(ix),
                EventType::Warning,
                "ErrImageNeverPull",
                &message,
            );
            refuse(world, uid, ix, "ErrImageNeverPull", message)
        }
        (PullPolicy::Never | PullPolicy::IfNotPresent, true) => {
            let access = world.config.kubernetes.has(Difference::ImageAccess);
            let more = if access { " and can be accessed by the pod" } else { "" };
            let message = format!("Container image \"{image}\" already present on machine{more}");
            events::pod_event(world, uid, Some(ix), EventType::Normal, "Pulled", &message);
            create_next(world, uid, ix)
        }
        _ => pull(world, uid, ix, &image, &node),
    }
}

fn create_next(world: &mut World, uid: Uid, ix: ContainerIx) -> Flow {
    let until = world.now + super::node::shared(world, uid, world.config.latencies.create);
    push_front(world, uid, [Step::Sleep(until), Step::Start(ix, StartStep::Create)]);
    Flow::Next
}

fn refuse(world: &mut World, uid: Uid, ix: ContainerIx, reason: &str, message: String) -> Flow {
    events::pod_event(
        world,
        uid,
        Some(ix),
        EventType::Warning,
        "Failed",
        &format!("Error: {reason}"),
    );
    start::fail(world, uid, ix, reason, message);
    Flow::Next
}

fn pull(world: &mut World, uid: Uid, ix: ContainerIx, image: &str, node: &Arc<str>) -> Flow {
    let now = world.now;
    let key: Arc<str> = image.into();
    let entry = world.workers.get(&uid).and_then(|worker| worker.pulls.get(&key).copied());
    if entry.is_some_and(|entry| backoff::held_until(Some(entry), entry.updated, now).is_some()) {
        let because = world
            .workers
            .get(&uid)
            .and_then(|worker| worker.rt(ix))
            .and_then(|rt| last_error(rt.reason.as_ref()));
        let text = format!("Back-off pulling image \"{image}\"");
        events::pod_event(world, uid, Some(ix), EventType::Normal, "BackOff", &text);
        let message = because.map_or_else(|| text.clone(), |because| format!("{text}: {because}"));
        return refuse(world, uid, ix, "ImagePullBackOff", message);
    }
    events::pod_event(
        world,
        uid,
        Some(ix),
        EventType::Normal,
        "Pulling",
        &format!("Pulling image \"{image}\""),
    );
    let subject = world.container_subject(uid, ix);
    world.record(subject, What::Pull { image: key, began: true, error: None });
    let span = catalogue::pull_time(world, image);
    let Some(agent) = world.nodes.get_mut(node) else { return Flow::Next };
    // Pulls are serialised: this one begins when those before it have ended.
    let until = agent.pulling_until.max(now) + span;
    agent.pulling_until = until;
    then(world, uid, ix, StartStep::Pulling(until))
}

/// The error of the last pull, as the back-off's message repeats it.
fn last_error(reason: Option<&(Arc<str>, String)>) -> Option<String> {
    match reason {
        Some((word, message)) if &**word == "ErrImagePull" => {
            Some(format!("ErrImagePull: {message}"))
        }
        Some((word, message)) if &**word == "ImagePullBackOff" => {
            message.split_once("\": ").map(|(_, because)| because.to_string())
        }
        _ => None,
    }
}

/// Waits for the pull, then goes on or fails.
pub fn pulling(world: &mut World, uid: Uid, ix: ContainerIx, until: SimTime) -> Flow {
    if sleep(world, uid, until) == Flow::Wait {
        return Flow::Wait;
    }
    let Some(worker) = world.workers.get(&uid) else { return Flow::Next };
    let Some(image) = worker.spec(ix).map(|spec| spec.image.clone()) else { return Flow::Next };
    let node = Arc::clone(&worker.node);
    let result = catalogue::pull(world, &node, &image);
    let subject = world.container_subject(uid, ix);
    let error = result.as_ref().err().map(|error| Arc::from(error.message.as_str()));
    let fault = catalogue::fault_of(world, &image).filter(|_| error.is_some());
    let has_failed = error.is_some();
    let pulled = What::Pull { image: Arc::from(image.as_str()), began: false, error };
    let record = world.record_caused_by(fault.or(world.cause), subject, pulled);
    if let Some(worker) = world.workers.get_mut(&uid).filter(|_| has_failed) {
        worker.last_end = Some(record);
    }
    match result {
        Ok(size) => {
            let took = catalogue::pull_time(world, &image);
            let message = format!(
                "Successfully pulled image \"{image}\" in {0} ({0} including waiting). Image size: {size} bytes.",
                go_millis(took)
            );
            events::pod_event(world, uid, Some(ix), EventType::Normal, "Pulled", &message);
            create_next(world, uid, ix)
        }
        Err(error) => failed(world, uid, ix, &image, error),
    }
}

fn failed(world: &mut World, uid: Uid, ix: ContainerIx, image: &str, error: PullError) -> Flow {
    let now = world.now;
    let key: Arc<str> = image.into();
    if let Some(worker) = world.workers.get_mut(&uid) {
        let next = backoff::next(worker.pulls.get(&key).copied(), now, now);
        worker.pulls.insert(key, next);
    }
    events::pod_event(
        world,
        uid,
        Some(ix),
        EventType::Warning,
        "Failed",
        &format!("Failed to pull image \"{image}\": {}", error.message),
    );
    refuse(world, uid, ix, error.reason, error.message)
}

fn go_millis(span: Duration) -> String {
    backoff::go_duration(Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(0)))
}

/// Says which of the pod's pull secrets are missing, at every sync.
///
/// Models `pkg/kubelet/kubelet_pods.go` getPullSecretsForPod.
pub(super) fn look_for_pull_secrets(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    let namespace = &worker.pod.meta.namespace;
    let missing: Vec<&str> = worker
        .pod
        .spec
        .image_pull_secrets
        .iter()
        .map(|secret| secret.name.as_str())
        .filter(|name| world.store.resource("Secret", namespace, name).is_none())
        .collect();
    if missing.is_empty() {
        return;
    }
    let text = format!(
        "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
        missing.join(", ")
    );
    let reason = "FailedToRetrieveImagePullSecret";
    events::pod_event(world, uid, None, EventType::Warning, reason, &text);
    super::settled::unsettle(world, uid);
}
