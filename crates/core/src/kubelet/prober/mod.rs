//! Probe workers: one for each container and probe, from the pod's first sync to its end.
//!
//! Models `pkg/kubelet/prober/prober_manager.go`.

mod handlers;
pub mod worker;

pub use crate::runtime::answer::{Outcome, Reply};
pub use handlers::{answered, exec_finished};
pub use worker::{Prober, Results};

use super::status;
use super::worker::Worker;
use crate::ids::{ContainerIx, InstanceId, RecordId, Uid};
use crate::queue::Timer;
use crate::record::{Record, Subject, What};
use crate::world::World;
use podplay_api::{PodStatus, ProbeKind, SimTime};
use std::sync::Arc;
use std::time::Duration;
use worker::{Next, Target};

/// Starts the workers of a pod's containers, unless they exist.
pub fn add_pod(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let fresh = missing(worker);
    let kubelet_started = worker.kubelet_started;
    for &(ix, kind, period) in &fresh {
        worker.probers.insert((ix, kind), Prober::new(period));
    }
    for (ix, kind, period) in fresh {
        // Shortly after a kubelet's start the tickers begin at a random point of their period.
        let young = kubelet_started.is_some_and(|at| world.now.since(at) < period);
        let delay = if young { random_part(world, uid, period) } else { Duration::ZERO };
        if let Some(prober) =
            world.workers.get_mut(&uid).and_then(|worker| worker.probers.get_mut(&(ix, kind)))
        {
            prober.asleep = !delay.is_zero();
        }
        world.arm_in(Timer::Probe(uid, ix, kind), delay);
    }
}

/// Probes of a pod's containers that have no worker, with their periods.
fn missing(worker: &Worker) -> Vec<(ContainerIx, ProbeKind, Duration)> {
    let mut found = Vec::new();
    for ix in worker.indexes() {
        let plain_init = worker.is_init(ix) && !worker.is_sidecar(ix);
        if plain_init || worker.is_ephemeral(ix) {
            continue;
        }
        for kind in ProbeKind::ALL {
            let Some(probe) = worker.spec(ix).and_then(|spec| kind.of(spec)) else { continue };
            if !worker.probers.contains_key(&(ix, kind)) {
                found.push((ix, kind, Duration::from_secs(probe.period())));
            }
        }
    }
    found
}

/// Whether every probe of a pod has its worker.
pub fn all_present(world: &World, uid: Uid) -> bool {
    world.workers.get(&uid).is_some_and(|worker| missing(worker).is_empty())
}

fn random_part(world: &mut World, uid: Uid, period: Duration) -> Duration {
    let name =
        world.workers.get(&uid).map(|worker| worker.pod.meta.name.clone()).unwrap_or_default();
    let n = u64::from(world.count("probe phase"));
    let bits = world.draw("probe phase", &name, n);
    Duration::from_nanos(bits % u64::try_from(period.as_nanos().max(1)).unwrap_or(1))
}

/// Ends all workers of a pod.
pub fn remove_pod(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let gone: Vec<_> = std::mem::take(&mut worker.probers).into_keys().collect();
    for (ix, kind) in gone {
        world.queue.cancel(&Timer::Probe(uid, ix, kind));
        world.queue.cancel(&Timer::ProbeAnswer(uid, ix, kind));
    }
}

/// Ends the liveness and startup workers of regular containers: the pod is to end.
pub fn stop_liveness_and_startup(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let init = worker.init_count();
    let gone: Vec<_> = worker
        .probers
        .keys()
        .filter(|(ix, kind)| usize::from(*ix) >= init && *kind != ProbeKind::Readiness)
        .copied()
        .collect();
    for (ix, kind) in gone {
        worker.probers.remove(&(ix, kind));
        world.queue.cancel(&Timer::Probe(uid, ix, kind));
        world.queue.cancel(&Timer::ProbeAnswer(uid, ix, kind));
    }
}

/// A status was generated while the container was not ready: probe now, and restart the ticker.
pub fn trigger_readiness(world: &mut World, uid: Uid, ix: ContainerIx) {
    let Some(prober) = world
        .workers
        .get_mut(&uid)
        .and_then(|worker| worker.probers.get_mut(&(ix, ProbeKind::Readiness)))
    else {
        return;
    };
    if prober.in_flight.is_some() || prober.asleep {
        prober.missed = true;
        return;
    }
    world.arm_at(Timer::Probe(uid, ix, ProbeKind::Readiness), world.now);
}

/// A tick: asks whether to probe, and begins to.
pub fn tick(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind) {
    if repeat(world, uid, ix, kind) {
        return;
    }
    let (stirred, records) = (world.stirred, world.records.len());
    attempt(world, uid, ix, kind);
    let succeeded = matches!(
        world.records.get(records..),
        Some([Record { what: What::Probe { success: true, message: None, .. }, .. }])
    );
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let Some(prober) = worker.probers.get_mut(&(ix, kind)) else { return };
    // While a threshold is still being counted up to, each success matters.
    let settled = prober.instance.and_then(|id| worker.results.get(kind, id)) == Some(true);
    let steady = succeeded && settled && world.stirred == stirred;
    prober.steady = steady.then_some(stirred);
}

/// The same attempt once more, with the same success: nothing has happened since that it could see.
fn repeat(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind) -> bool {
    let (now, stirred) = (world.now, world.stirred);
    let Some(worker) = world.workers.get_mut(&uid) else { return false };
    let Some(prober) = worker.probers.get_mut(&(ix, kind)) else { return false };
    if prober.steady != Some(stirred) {
        return false;
    }
    prober.run += 1;
    let period = prober.period;
    let Some(rt) = worker.containers.get(usize::from(ix)) else { return false };
    let subject = Subject::Container(Arc::clone(&worker.pod_ref), Arc::clone(&rt.name));
    let began = rt.instances.last().and_then(|instance| instance.traces.began);
    world.arm_at(Timer::Probe(uid, ix, kind), now + period);
    let what = What::Probe { kind, success: true, message: None, exit: None };
    world.record_after(began, subject, what);
    true
}

fn attempt(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind) {
    let now = world.now;
    let Some(period) = world
        .workers
        .get(&uid)
        .and_then(|worker| worker.probers.get(&(ix, kind)))
        .map(|prober| prober.period)
    else {
        return;
    };
    world.arm_at(Timer::Probe(uid, ix, kind), now + period);
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let target = target(worker, ix, now);
    let spec_delay = worker
        .spec(ix)
        .and_then(|spec| kind.of(spec))
        .map_or(0, |probe| probe.initial_delay_seconds);
    let may_restart = restartable(worker, ix);
    let Some(prober) = worker.probers.get_mut(&(ix, kind)) else { return };
    if prober.in_flight.is_some() {
        prober.missed = true;
        return;
    }
    let woken = std::mem::take(&mut prober.asleep) && std::mem::take(&mut prober.missed);
    let entry = |worker: &Worker| target.instance.and_then(|id| worker.results.entry(kind, id));
    let before = target.instance.and_then(|id| worker.results.entry(kind, id));
    let step = worker::prepare(prober, kind, &target, spec_delay, may_restart, &mut worker.results);
    // A first result is published like any other change.
    if let (Some(id), true) = (target.instance, entry(worker) != before) {
        let began = crate::runtime::traces_of(world, uid, ix).and_then(|traces| traces.began);
        published(world, (uid, ix, kind), id, began);
    }
    match step {
        Next::Stop => {
            world.queue.cancel(&Timer::Probe(uid, ix, kind));
            if let Some(worker) = world.workers.get_mut(&uid) {
                worker.probers.remove(&(ix, kind));
                worker.settled = false;
            }
        }
        Next::Wait if woken => world.arm_at(Timer::Probe(uid, ix, kind), now),
        Next::Wait => {}
        Next::Probe => {
            set_missed(world, uid, (ix, kind), woken);
            handlers::begin(world, uid, ix, kind);
        }
    }
}

fn set_missed(world: &mut World, uid: Uid, key: (ContainerIx, ProbeKind), missed: bool) {
    if let Some(prober) = world.workers.get_mut(&uid).and_then(|w| w.probers.get_mut(&key)) {
        prober.missed |= missed;
    }
}

/// What the prober sees of its container: the status manager's status, as the kubelet has written it.
fn target(worker: &Worker, ix: ContainerIx, now: SimTime) -> Target {
    let phase = worker.status.phase;
    let name = worker.rt(ix).map(|rt| Arc::clone(&rt.name)).unwrap_or_default();
    let status = worker.status.container(&name);
    let newest = worker.view.newest(ix);
    Target {
        pod_terminal: phase.is_terminal(),
        pod_deleted: worker.pod.meta.deletion_timestamp.is_some()
            && worker.stage == crate::kubelet::worker::Stage::Sync
            && worker.last_sync.is_none(),
        instance: newest
            .filter(|_| status.is_some_and(|status| !status.container_id.is_empty()))
            .map(|newest| newest.id),
        running: status.is_some_and(|status| status.state.is_running()),
        terminated: status.is_some_and(|status| status.state.terminated().is_some()),
        running_seconds: newest
            .and_then(|newest| newest.started_at)
            .map_or(0, |at| whole_seconds(now, at)),
        started: status.is_some_and(|status| status.started == Some(true)),
        before_kubelet: newest.is_some_and(|newest| before_kubelet(worker, newest)),
        sidecar: worker.is_sidecar(ix),
    }
}

/// Whether an instance was started more than ten seconds before this kubelet was.
fn before_kubelet(worker: &Worker, instance: &crate::runtime::instance::InstanceStatus) -> bool {
    let kubelet = worker.kubelet_started;
    kubelet
        .zip(instance.started_at)
        .is_some_and(|(kubelet, started)| kubelet.since(started) > Duration::from_secs(10))
}

/// Whole seconds between two wall-clock moments of which the earlier is known only to the second, as the API stores it.
fn whole_seconds(now: SimTime, at: SimTime) -> i64 {
    let second = SimTime::from_secs(at.as_nanos() / 1_000_000_000);
    i64::try_from(now.since(second).as_secs()).unwrap_or(i64::MAX)
}

fn restartable(worker: &Worker, ix: ContainerIx) -> bool {
    let Some(spec) = worker.spec(ix) else { return false };
    let code = worker.view.newest(ix).map_or(0, |newest| newest.exit_code);
    worker.pod.meta.deletion_timestamp.is_none()
        && (worker.is_sidecar(ix) || super::phase::should_restart(&worker.pod.spec, spec, code))
}

/// An attempt has ended.
pub fn conclude(world: &mut World, uid: Uid, ix: ContainerIx, kind: ProbeKind, outcome: Outcome) {
    let Some(worker) = world.workers.get_mut(&uid) else { return };
    let Some(probe) = worker.spec(ix).and_then(|spec| kind.of(spec)) else { return };
    let thresholds = (probe.failures(), probe.successes());
    let Some(prober) = worker.probers.get_mut(&(ix, kind)) else { return };
    prober.in_flight = None;
    let again = std::mem::take(&mut prober.missed);
    let instance = prober.instance;
    let changed = worker::conclude(prober, kind, outcome, thresholds, &mut worker.results);
    if let (true, Some(id)) = (changed, instance) {
        published(world, (uid, ix, kind), id, None);
    }
    if again {
        world.arm_at(Timer::Probe(uid, ix, kind), world.now);
    }
}

/// A result has changed: readiness and startup are written at once; a liveness failure asks for a sync.
fn published(
    world: &mut World,
    (uid, ix, kind): (Uid, ContainerIx, ProbeKind),
    id: InstanceId,
    cause: Option<RecordId>,
) {
    world.stir();
    let Some(success) = world.workers.get(&uid).and_then(|worker| worker.results.get(kind, id))
    else {
        return;
    };
    let subject = world.container_subject(uid, ix);
    world.record_after(cause, subject, What::ProbeResult { kind, success });
    match kind {
        ProbeKind::Liveness if success => return,
        ProbeKind::Liveness => {}
        ProbeKind::Readiness => status::set_readiness(world, uid, ix, id, success),
        ProbeKind::Startup => status::set_started(world, uid, ix, id, success),
    }
    crate::kubelet::requests::request(world, uid);
}

/// Fills in `started` and `ready` of the container statuses.
///
/// Models `prober_manager.go` UpdatePodStatus.
pub fn update_status(worker: &Worker, status: &mut PodStatus) {
    for container in status.init_container_statuses.iter_mut().chain(&mut status.container_statuses)
    {
        let Some(ix) = worker.index(&container.name) else { continue };
        let newest = worker.view.newest(ix).filter(|_| container.state.is_running());
        let before = worker
            .status
            .container(&container.name)
            .filter(|old| old.container_id == container.container_id);
        let kept = before.filter(|_| newest.is_some_and(|newest| before_kubelet(worker, newest)));
        let has_startup = worker.probers.contains_key(&(ix, ProbeKind::Startup));
        let judge = |kind: ProbeKind, old: Option<bool>| {
            newest.is_some_and(|newest| match worker.results.get(kind, newest.id) {
                Some(result) => result,
                None => old.unwrap_or(!worker.probers.contains_key(&(ix, kind))),
            })
        };
        // Until its worker has looked at a new instance, `started` stays what it was.
        let old = worker.status.container(&container.name).and_then(|old| old.started);
        let started = judge(ProbeKind::Startup, old.filter(|_| has_startup));
        container.started = Some(started);
        let plain_init = worker.is_init(ix) && !worker.is_sidecar(ix);
        container.ready = if plain_init {
            container.state.terminated().is_some_and(|end| end.exit_code == 0)
        } else {
            started && judge(ProbeKind::Readiness, kept.map(|old| old.ready))
        };
    }
}
