//! In-place resize: what a kubelet grants of a change of resources, what it then changes, and what it says of it.
//!
//! Models `pkg/kubelet/allocation/allocation_manager.go`, the resize conditions of `pkg/kubelet/status/status_manager.go`
//! and `pkg/kubelet/events/resize.go`. Memory is in bytes, CPU in thousandths of a core.

use super::worker::Worker;
use crate::ids::{ContainerIx, Uid};
use crate::kubelet::resizing::Resize;
use crate::runtime;
use crate::runtime::instance::InstanceState;
use crate::world::World;
use crate::{events, fit, resources};
use podplay_api::{
    Container, EventType, NullTime, Pod, PodCondition, PodPhase, PodSpec, PodStatus, Quantity,
    ResourceRequirements, Timestamp, ToRaw, Value, json,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const PENDING: &str = "PodResizePending";
const IN_PROGRESS: &str = "PodResizeInProgress";
/// The least CPU that a control group tells apart, in thousandths.
const MIN_SHARES: i64 = 2;

fn resizable(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().chain(&spec.containers)
}

/// Takes a pod over from the API, but keeps the resources that were granted; whether its spec changed.
pub fn take_over(worker: &mut Worker, pod: Arc<Pod>) -> bool {
    let granted = &worker.pod.spec;
    let same = resizable(granted)
        .map(|container| &container.resources)
        .eq(resizable(&pod.spec).map(|container| &container.resources));
    if same {
        let changed = *granted != pod.spec;
        worker.pod = pod;
        if let Some(resize) = worker.resize.as_mut() {
            (resize.desired, resize.pending) = (None, None);
        }
        return changed;
    }
    let mut spec = (*pod.spec).clone();
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        if let Some(before) = resizable(granted).find(|before| before.name == container.name) {
            container.resources = before.resources.clone();
        }
    }
    let changed = **granted != spec;
    let mut taken = (*pod).clone();
    taken.spec = Arc::new(spec);
    worker.pod = Arc::new(taken);
    worker.resize.get_or_insert_default().desired = Some(pod);
    changed
}

/// Looks again at every change of resources that a node has not granted yet.
pub fn retry(world: &mut World, node: &Arc<str>) {
    let asked = |worker: &Worker| worker.resize.as_ref().and_then(|resize| resize.desired.clone());
    let mut waiting: Vec<_> = world
        .workers
        .values()
        .filter(|worker| worker.node == *node && worker.terminate.is_none())
        .filter_map(|worker| Some((rank(worker, &*asked(worker)?), worker.uid)))
        .collect();
    waiting.sort_unstable();
    for (_, uid) in waiting {
        attempt(world, uid);
    }
}

/// What goes first: no growth, priority, class of service, the longest wait.
fn rank(worker: &Worker, desired: &Pod) -> (bool, i64, bool, Option<Timestamp>) {
    let (old, new) = (resources::requests(&worker.pod.spec), resources::requests(&desired.spec));
    let grows = ["cpu", "memory"].iter().any(|name| new.get(*name) > old.get(*name));
    let since = worker.resize.as_ref().and_then(|resize| resize.pending.as_ref());
    (
        grows,
        -desired.spec.priority.unwrap_or(0),
        worker.status.qos_class != "Guaranteed",
        since.and_then(|condition| condition.last_transition_time),
    )
}

fn attempt(world: &mut World, uid: Uid) {
    let wall = world.wall();
    let Some(desired) = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.resize.as_ref())
        .and_then(|resize| resize.desired.clone())
    else {
        return;
    };
    let rejection = fit::kubelet(world, uid, &desired);
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let generation = desired.meta.generation;
    let resize = worker.resize.get_or_insert_default();
    let Some((reason, message)) = rejection else {
        **resize = Resize::default();
        resize.progress = Some(condition(IN_PROGRESS, generation, "", "", wall));
        Arc::make_mut(&mut worker.pod).spec = Arc::clone(&desired.spec);
        let text = summary("started", &desired.spec, generation, "");
        events::pod_event(world, uid, None, EventType::Normal, "ResizeStarted", &text);
        crate::kubelet::requests::request(world, uid);
        return;
    };
    let mut new = condition(PENDING, generation, "Deferred", &message, wall);
    if let Some(old) = &resize.pending {
        new.last_transition_time = old.last_transition_time;
    }
    let told = resize.pending.as_ref().is_some_and(|old| old.observed_generation == generation);
    resize.pending = Some(new);
    if !told {
        let text = summary(&reason, &desired.spec, generation, &message);
        events::pod_event(world, uid, None, EventType::Warning, "ResizeDeferred", &text);
        crate::kubelet::requests::request(world, uid);
    }
}

fn condition(
    kind: &str,
    generation: Option<i64>,
    reason: &str,
    message: &str,
    wall: Timestamp,
) -> PodCondition {
    PodCondition {
        kind: kind.into(),
        observed_generation: generation,
        status: "True".into(),
        last_probe_time: NullTime(Some(wall)),
        last_transition_time: Some(wall),
        reason: reason.into(),
        message: message.into(),
    }
}

/// The event's message: `Pod resize started: {"containers":[…],"generation":2}`.
fn summary(what: &str, spec: &PodSpec, generation: Option<i64>, error: &str) -> String {
    let list = |containers: &[Container]| -> Option<String> {
        let one = |container: &Container| {
            let part = |name: &str, list: &BTreeMap<String, Quantity>| {
                list.to_raw().map(|list| format!("\"{name}\":{list}"))
            };
            let resources = &container.resources;
            let parts: Vec<_> =
                [part("limits", &resources.limits), part("requests", &resources.requests)]
                    .into_iter()
                    .flatten()
                    .collect();
            format!("{{\"name\":{},\"resources\":{{{}}}}}", json!(container.name), parts.join(","))
        };
        let all: Vec<_> = containers.iter().map(one).collect();
        (!all.is_empty()).then(|| all.join(","))
    };
    let mut parts = Vec::new();
    parts.extend(list(&spec.init_containers).map(|all| format!("\"initContainers\":[{all}]")));
    parts.extend(list(&spec.containers).map(|all| format!("\"containers\":[{all}]")));
    parts.push(format!("\"generation\":{}", generation.unwrap_or(0)));
    if !error.is_empty() {
        parts.push(format!("\"error\":{}", Value::from(error)));
    }
    format!("Pod resize {what}: {{{}}}", parts.join(","))
}

/// Whether a running container's resources differ from those that were granted: `true` if the change takes a restart.
pub fn wanted(worker: &Worker, ix: ContainerIx) -> Option<bool> {
    worker.resize.as_ref()?;
    let running = worker.view.newest(ix)?.state == InstanceState::Running;
    if !running || worker.is_ephemeral(ix) {
        return None;
    }
    let spec = worker.spec(ix)?;
    let now = &worker.newest(ix)?.status.shown.resources;
    let differs: Vec<&str> =
        ["cpu", "memory"].into_iter().filter(|name| differ(now, &spec.resources, name)).collect();
    let restarts = spec.resize_policy.iter().any(|policy| {
        policy.restart_policy == "RestartContainer"
            && differs.contains(&policy.resource_name.as_str())
    });
    (!differs.is_empty()).then_some(restarts)
}

fn differ(a: &ResourceRequirements, b: &ResourceRequirements, name: &str) -> bool {
    let of = |list: &BTreeMap<String, Quantity>| list.get(name).map_or(0, Quantity::milli);
    of(&a.requests) != of(&b.requests) || of(&a.limits) != of(&b.limits)
}

/// A sync begins: is a change of resources under way, or has it been completed?
pub fn begin_sync(world: &mut World, uid: Uid) {
    let wall = world.wall();
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if worker.resize.is_none() {
        return;
    }
    let busy = worker.indexes().any(|ix| wanted(worker, ix).is_some());
    let generation = worker.pod.meta.generation;
    let Some(resize) = worker.resize.as_mut() else { return };
    if busy {
        resize.progress.get_or_insert_with(|| condition(IN_PROGRESS, generation, "", "", wall));
    } else if let Some(done) = resize.progress.take() {
        let text = summary("completed", &worker.pod.spec, done.observed_generation, "");
        let node = Arc::clone(&worker.node);
        events::pod_event(world, uid, None, EventType::Normal, "ResizeCompleted", &text);
        retry(world, &node);
    }
}

/// Gives a running container what was granted, unless it already uses more memory than that.
pub fn actuate(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    worker.reinspect = true;
    let Some(wanted) = worker.spec(ix).map(|spec| spec.resources.clone()) else { return };
    let trouble = too_much_in_use(worker, ix, &wanted);
    super::steps::mark_acted(world, uid);
    match trouble {
        None => runtime::resize(world, uid, ix, &wanted),
        Some(message) => fail(world, uid, &message),
    }
}

/// Models `kuberuntime_manager.go` validateMemoryResizeAction.
fn too_much_in_use(
    worker: &Worker,
    ix: ContainerIx,
    wanted: &ResourceRequirements,
) -> Option<String> {
    let limit = runtime::memory_limit(wanted)?;
    let instance = worker.newest(ix)?;
    let now = runtime::memory_limit(&instance.status.shown.resources);
    if now.is_some_and(|now| limit >= now) {
        return None;
    }
    let used = |ix| {
        let process = worker.newest(ix).and_then(|instance| instance.process.as_ref());
        process.map_or(0, |process| process.memory(&worker.volumes))
    };
    let all: u64 = worker.indexes().map(used).sum();
    let limits = resizable(&worker.pod.spec).map(|spec| runtime::memory_limit(&spec.resources));
    let mut complaints = Vec::new();
    if let Some(pod) = limits.sum::<Option<u64>>().filter(|pod| all >= *pod) {
        complaints.push(format!(
            "attempting to set pod memory limit ({pod}) below current usage ({all})"
        ));
    }
    if used(ix) >= limit {
        let name = &worker.rt(ix)?.name;
        complaints.push(format!("attempting to set container \"{name}\" memory limit ({limit}) below current usage ({all})"));
    }
    let text = match complaints.as_slice() {
        [] => return None,
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    Some(format!("cannot decrease memory limits: {text}"))
}

fn fail(world: &mut World, uid: Uid, message: &str) {
    let wall = world.wall();
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    if let Some(task) = worker.task.as_mut() {
        task.failed = true;
    }
    let Some(progress) = worker.resize.as_mut().and_then(|resize| resize.progress.as_mut()) else {
        return;
    };
    if progress.reason == "Error" && progress.message == message {
        return;
    }
    let generation = progress.observed_generation;
    *progress = condition(IN_PROGRESS, generation, "Error", message, wall);
    let text = summary("error", &worker.pod.spec, generation, message);
    events::pod_event(world, uid, None, EventType::Warning, "ResizeError", &text);
}

/// Puts the conditions of a resize into a status.
pub fn conditions(worker: &Worker, terminal: bool, status: &mut PodStatus) {
    status
        .conditions
        .retain(|condition| condition.kind != PENDING && condition.kind != IN_PROGRESS);
    if let Some(resize) = worker.resize.as_ref().filter(|_| !terminal) {
        status.conditions.extend(resize.pending.iter().chain(&resize.progress).cloned());
    }
}

/// Puts the resources of the pod as a whole into a status.
///
/// Models `pkg/kubelet/kubelet_pods.go` convertToAPIPodLevelResourcesStatus on control groups of version 2.
pub fn of_pod(worker: &Worker, status: &mut PodStatus) {
    let spec = &worker.pod.spec;
    let quantity = |(name, milli): (String, i64)| {
        let quantity = match &*name {
            "cpu" => Quantity::from_milli(milli),
            _ => Quantity::from_bytes(milli / 1000),
        };
        (name, quantity)
    };
    let requests: BTreeMap<_, _> = resources::requests(spec).into_iter().map(quantity).collect();
    let mut limits: BTreeMap<_, _> = resources::limits(spec).into_iter().map(quantity).collect();
    status.allocated_resources.clone_from(&requests);
    let mut shown = requests;
    if worker.pod.status.phase == PodPhase::Running {
        shown.retain(|name, quantity| match &**name {
            "cpu" => quantity.milli() > MIN_SHARES,
            name => name == "memory",
        });
        // The pod's group has a limit only if every container has one.
        let everywhere = |name: &str| {
            resizable(spec).all(|container| container.resources.limits.contains_key(name))
                || spec.resources.as_ref().is_some_and(|pod| pod.limits.contains_key(name))
        };
        limits.retain(|name, _| matches!(&**name, "cpu" | "memory") && everywhere(name));
    }
    status.resources = Some(ResourceRequirements { limits, requests: shown });
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::FromRaw;

    #[test]
    fn summaries_are_written_as_upstream_does() {
        let spec = PodSpec::from_raw(&json!({
            "containers": [
                {"name": "a", "resources": {"requests": {"cpu": "200m", "memory": "64Mi"}, "limits": {"cpu": "1"}}},
                {"name": "b"}]}));
        assert_eq!(
            summary("started", &spec, Some(2), ""),
            "Pod resize started: {\"containers\":[{\"name\":\"a\",\"resources\":{\"limits\":{\"cpu\":\"1\"},\"requests\":{\"cpu\":\"200m\",\"memory\":\"64Mi\"}}},{\"name\":\"b\",\"resources\":{}}],\"generation\":2}"
        );
        assert_eq!(
            summary("OutOfcpu", &PodSpec::default(), Some(3), "no \"cpu\""),
            "Pod resize OutOfcpu: {\"generation\":3,\"error\":\"no \\\"cpu\\\"\"}"
        );
    }
}
