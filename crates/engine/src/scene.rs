//! What the stage draws: the pods and containers of one moment, from the lanes and the cluster then.

use crate::assume;
use crate::flow::flows;
use podplay_api::{Pod, PodPhase, ProbeKind, SimTime};
use podplay_core::{Cluster, Record, What};
use podplay_playback::Run;
use podplay_protocol::{Assumption, Container, PodScene, Scene};
use podplay_timeline::{Band, Lane, LaneKey, Part, Role, Span, State, Timeline};
use std::sync::Arc;

/// How far back is looked for a warning.
const REACH: usize = 2_000;

/// The scene at a moment.
pub(crate) fn scene(timeline: &Timeline, run: &Run, cluster: &Cluster, at: SimTime) -> Scene {
    let trace = &run.trace()[..run.records_until(at)];
    let mut scene = Scene { flows: flows(trace, at), ..Scene::default() };
    for node in cluster.list("Node", None) {
        let name =
            node.pointer("/metadata/name").and_then(|name| name.as_str()).unwrap_or_default();
        scene.nodes.push((name.to_owned(), Vec::new()));
    }
    for pod in cluster.pods() {
        let found = timeline.pods().iter().position(|band| *band.uid == *pod.meta.uid);
        let Some(index) = found.and_then(|index| u32::try_from(index).ok()) else { continue };
        let mut drawn = pod_scene(timeline, Band::Pod(index), pod, at);
        for one in &mut drawn.containers {
            one.assumptions = pod
                .spec
                .container(&one.name)
                .map(|container| assume::about(run.plan(), pod, container))
                .unwrap_or_default();
            // Where a command is assumed to succeed, the file that it asks for says nothing.
            if one.assumptions.iter().any(|one| matches!(one, Assumption::ExecProbe(_))) {
                one.files.clear();
            }
        }
        drawn.trouble = trouble(trace, pod);
        match scene.nodes.iter_mut().find(|(node, _)| *node == pod.spec.node_name) {
            Some((_, pods)) => pods.push(drawn),
            None => scene.nodes.insert(0, (pod.spec.node_name.clone(), vec![drawn])),
        }
    }
    let deployed = timeline
        .band(Band::Workloads)
        .any(|(key, _)| matches!(&key.part, Part::Workload(kind, _) if &**kind == "Deployment"));
    for band in [Band::Workloads, Band::Services] {
        for (key, lane) in timeline.band(band) {
            let kind: Arc<str> = match &key.part {
                Part::Workload(kind, _) => Arc::clone(kind),
                _ => "Service".into(),
            };
            // The ReplicaSets of a Deployment are on the timeline; here they would say the same twice.
            if let Some(span) = lane.span_at(at).filter(|_| !(deployed && &*kind == "ReplicaSet")) {
                scene.objects.push((kind, Arc::clone(&lane.name), span.state.clone()));
            }
        }
    }
    scene
}

/// The last warning about a pod that has not got to run.
fn trouble(trace: &[Record], pod: &Pod) -> Option<(String, String)> {
    if pod.status.phase != PodPhase::Pending {
        return None;
    }
    let of = Some((&*pod.meta.namespace, &*pod.meta.name));
    let newest = trace.iter().rev().take(REACH).find(|record| {
        crate::why::hinders(record, of)
            || matches!(&record.what, What::Sandbox { ready: true })
                && record.subject.pod().is_some_and(|pod| Some((&*pod.namespace, &*pod.name)) == of)
    })?;
    let What::Event(event) = &newest.what else { return None };
    Some((event.reason.clone(), event.message.trim().to_owned()))
}

fn pod_scene(timeline: &Timeline, band: Band, pod: &Pod, at: SimTime) -> PodScene {
    let state = timeline
        .lane(&LaneKey { band, container: 0, part: Part::Pod })
        .and_then(|lane| lane.span_at(at));
    let state =
        state.map_or_else(|| State::Status("Pending".into(), false), |span| span.state.clone());
    let lanes = timeline.band(band).filter_map(|(key, lane)| match key.part {
        Part::Container(role) => Some((key.container, role, lane)),
        _ => None,
    });
    let containers = lanes
        .filter_map(|(number, role, lane)| container(timeline, band, number, role, lane, pod, at));
    PodScene {
        id: (pod.meta.namespace.clone(), pod.meta.name.clone()),
        state,
        ip: pod.status.pod_ip.clone(),
        containers: containers.collect(),
        trouble: None,
        shared: shared(pod),
    }
}

/// The network of a pod with several containers, and the volumes that more than one of them mounts.
fn shared(pod: &Pod) -> Vec<(String, Vec<String>)> {
    let names = |of: &dyn Fn(&podplay_api::Container) -> bool| -> Vec<String> {
        pod.spec.all_containers().filter(|one| of(one)).map(|one| one.name.clone()).collect()
    };
    let stays = |one: &podplay_api::Container| {
        pod.spec.containers.iter().any(|own| own.name == one.name) || one.is_sidecar()
    };
    let network = (String::new(), names(&stays));
    let volumes =
        pod.spec.volumes.iter().filter(|volume| !volume.name.starts_with("kube-api-access-"));
    let volumes = volumes.map(|volume| {
        let mounts = |one: &podplay_api::Container| {
            one.volume_mounts.iter().any(|mount| mount.name == volume.name)
        };
        (volume.name.clone(), names(&mounts))
    });
    std::iter::once(network).chain(volumes).filter(|(_, users)| users.len() > 1).collect()
}

fn container(
    timeline: &Timeline,
    band: Band,
    number: u16,
    role: Role,
    lane: &Lane,
    pod: &Pod,
    at: SimTime,
) -> Option<Container> {
    let span: &Span = lane.span_at(at)?;
    let spec = pod.spec.container(&lane.name)?;
    let status = pod.status.container(&lane.name);
    let part = |part: Part| timeline.lane(&LaneKey { band, container: number, part });
    let probes = ProbeKind::ALL.into_iter().filter(|kind| kind.of(spec).is_some());
    let answer = |kind: ProbeKind| {
        let (tick, row) = part(Part::Probe(kind))?.tick_at(at)?;
        let life = lane
            .spans
            .iter()
            .rev()
            .find(|span| span.from <= at && matches!(span.state, State::Running(_)))?;
        (tick.at >= life.from).then_some((tick.success, row, tick.at))
    };
    let life = lane
        .spans
        .iter()
        .rev()
        .find(|span| span.from <= at && matches!(span.state, State::Running(_)))
        .map(|span| span.from);
    let hooks = ["postStart", "preStop"].into_iter().filter(|hook| {
        part(Part::Hook((*hook).into())).is_some_and(|lane| lane.span_at(at).is_some())
    });
    let first = LaneKey { band, container: number, part: Part::Pod };
    let files = timeline
        .lanes()
        .range(first..)
        .take_while(|(key, _)| key.band == band && key.container == number);
    Some(Container {
        name: Arc::clone(&lane.name),
        role,
        image: spec.image.clone(),
        state: span.state.clone(),
        since: span.from,
        ready: status.is_some_and(|status| status.ready),
        restarts: status.map_or(0, |status| status.restart_count),
        due: probes
            .clone()
            .filter_map(|kind| due(part(Part::Probe(kind))?, life?, at).map(|at| (kind, at)))
            .collect(),
        ended: ended(lane, at),
        probes: probes.map(|kind| (kind, answer(kind))).collect(),
        files: files
            .filter(|(key, _)| life.is_some() && matches!(key.part, Part::File(_)))
            .map(|(_, lane)| (Arc::clone(&lane.name), lane.span_at(at).is_some()))
            .collect(),
        hooks: hooks.map(str::to_owned).collect(),
        said: lane
            .said_at(at)
            .filter(|(when, _)| life.is_some_and(|life| *when >= life))
            .map(|(_, text)| Arc::clone(text)),
        ports: spec.ports.iter().map(|port| port.container_port).collect(),
        assumptions: Vec::new(),
    })
}

/// When a probe that was not tried yet in a life that began at `life` will be, as far as the run is known.
fn due(lane: &Lane, life: SimTime, at: SimTime) -> Option<SimTime> {
    let first = lane.ticks.partition_point(|tick| tick.at < life);
    lane.ticks.get(first).map(|tick| tick.at).filter(|tick| *tick > at)
}

/// How the life before the one at this moment ended.
fn ended(lane: &Lane, at: SimTime) -> Option<(i32, Arc<str>)> {
    let past = lane.spans.iter().rev().filter(|span| span.from <= at).skip(1);
    past.into_iter().find_map(|span| match &span.state {
        State::Exited(code, reason) => Some((*code, Arc::clone(reason))),
        _ => None,
    })
}
