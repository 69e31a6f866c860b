//! What pods use, as far as a run has it: the CPU of a program follows from the requests that it answers.
//!
//! Stands in for metrics-server, which asks each kubelet every 15 s and answers with what was used since the last time.

use super::calculator::{PodUsage, State};
use super::state::Samples;
use crate::apiserver::store::Key;
use crate::images::own_cpu;
use crate::world::World;
use podplay_api::{LabelSelector, Pod, PodPhase, Quantity, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a new pod's CPU is not typical.
///
/// Models `--horizontal-pod-autoscaler-cpu-initialization-period`.
const INITIALIZATION: Duration = Duration::from_secs(300);
/// How soon after its start a pod that is not ready has never been.
///
/// Models `--horizontal-pod-autoscaler-initial-readiness-delay`.
const READINESS: Duration = Duration::from_secs(30);
/// The window of a measurement.
const WINDOW: Duration = Duration::from_secs(15);

/// Whether the run knows what the programs of these pods use.
pub fn is_known(world: &World, namespace: &str, selector: &LabelSelector) -> bool {
    let mut pods = selected(world, namespace, selector);
    pods.any(|pod| pod.spec.containers.iter().any(|one| own_cpu(world, &one.image).is_some()))
}

fn selected<'a>(
    world: &'a World,
    namespace: &'a str,
    selector: &'a LabelSelector,
) -> impl Iterator<Item = &'a Pod> {
    world
        .store
        .pods()
        .filter(move |pod| pod.meta.namespace == namespace && selector.matches(&pod.meta.labels))
}

/// The pods of a selector, measured: all of their containers, or the one of that name.
pub fn measure(
    world: &World,
    samples: &mut Samples,
    key: &Key,
    selector: &LabelSelector,
    container: Option<&str>,
) -> Vec<PodUsage> {
    let now = world.now;
    let mut read = BTreeMap::new();
    let mut out = Vec::new();
    for pod in selected(world, &key.namespace, selector) {
        let answered = answered(world, pod);
        read.insert(pod.meta.name.clone(), (now, answered));
        let before = samples.read.get(&pod.meta.name).filter(|(at, _)| *at < now);
        let usage = before.map(|(at, count)| {
            let nanos = u64::try_from(now.since(*at).as_nanos()).unwrap_or(u64::MAX).max(1);
            used(world, pod, answered.saturating_sub(*count), nanos, container)
        });
        let running = pod.status.phase == PodPhase::Running;
        let usage = usage.filter(|_| running);
        out.push(PodUsage { usage, request: request(pod, container), state: state(world, pod) });
    }
    // A second metric of the same moment reads the same numbers.
    if samples.read.values().any(|(at, _)| *at < now) || samples.read.is_empty() {
        samples.read = read;
    }
    out
}

/// Requests that a pod has answered so far.
fn answered(world: &World, pod: &Pod) -> u64 {
    let clients = world.traffic.clients().map(|(_, client)| client);
    let here = clients.filter(|client| *client.wants.service.namespace == *pod.meta.namespace);
    here.filter_map(|client| client.seen.answered.get(&pod.meta.name)).sum()
}

/// What a pod's containers use for so many requests in so many nanoseconds, in thousandths of a core.
fn used(world: &World, pod: &Pod, requests: u64, nanos: u64, container: Option<&str>) -> i64 {
    let mut sum = 0_i64;
    for one in
        pod.spec.containers.iter().filter(|one| container.is_none_or(|name| one.name == name))
    {
        let Some(cpu) = own_cpu(world, &one.image) else { continue };
        let each = u64::try_from(cpu.per_request.as_nanos()).unwrap_or(u64::MAX);
        let busy = u128::from(each) * u128::from(requests) * 1000 / u128::from(nanos);
        let wants = cpu.idle.saturating_add(i64::try_from(busy).unwrap_or(i64::MAX));
        // The kernel gives it no more than its limit.
        let limit = one.resources.limits.get("cpu").map_or(i64::MAX, Quantity::milli);
        sum = sum.saturating_add(wants.min(limit));
    }
    sum
}

fn request(pod: &Pod, container: Option<&str>) -> i64 {
    let of = |one: &podplay_api::Container| {
        let written = one.resources.requests.get("cpu").or_else(|| one.resources.limits.get("cpu"));
        written.map_or(0, Quantity::milli)
    };
    let all = pod.spec.containers.iter();
    all.filter(|one| container.is_none_or(|name| one.name == name)).map(of).sum()
}

/// Models `replica_calculator.go` groupPods, for CPU.
fn state(world: &World, pod: &Pod) -> State {
    if pod.meta.deletion_timestamp.is_some() || pod.status.phase == PodPhase::Failed {
        return State::Ignored;
    }
    if pod.status.phase == PodPhase::Pending {
        return State::Unready;
    }
    let (ready, started) = (pod.status.condition("Ready"), pod.status.start_time);
    let (Some(ready), Some(started)) = (ready, started) else { return State::Unready };
    let changed = ready.last_transition_time.unwrap_or(started);
    let (now, is_ready) = (world.wall(), ready.status == "True");
    let unready = if started + INITIALIZATION > now {
        !is_ready || now < changed + WINDOW
    } else {
        !is_ready && started + READINESS > changed
    };
    if unready { State::Unready } else { State::Ready }
}

/// What a metric of `spec.metrics` is about, if the run can have it: CPU, of all containers or of one.
pub fn about_cpu(metric: &Value) -> Option<(&Value, Option<&str>)> {
    let (of, container) = match metric["type"].as_str()? {
        "Resource" => (&metric["resource"], None),
        "ContainerResource" => {
            let of = &metric["containerResource"];
            (of, of["container"].as_str())
        }
        _ => return None,
    };
    (of["name"] == "cpu").then_some((of, container))
}
