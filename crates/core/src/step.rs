//! What a command does, and what each timer does: the two places where everything begins.

use crate::apiserver;
use crate::apiserver::change::{Change, PodChange};
use crate::apiserver::error::ApiError;
use crate::apiserver::store::Key;
use crate::command::{Applied, Command};
use crate::config::Config;
use crate::ids::Uid;
use crate::kubelet::{self, pleg, pod_worker, prober, termination, volumes};
use crate::queue::Timer;
use crate::record::{Subject, What};
use crate::world::{Message, World};
use crate::{controllers, impact, limits, runtime, scheduler, traffic};
use podplay_api::fault::{Place, Whom};
use podplay_api::{Pod, Value};

/// A world at t = 0 with its nodes.
pub(crate) fn begin(mut config: Config) -> World {
    let too_many = config.nodes.len() > limits::NODES;
    config.nodes.truncate(limits::NODES);
    let mut world = World::new(config);
    let start = world.record(Subject::Cluster, What::Started);
    world.cause = Some(start);
    if too_many {
        world.record_limit("nodes");
    }
    apiserver::bootstrap(&mut world);
    for node in world.config.nodes.clone() {
        kubelet::node::register(&mut world, &node);
    }
    deliver(&mut world);
    world.cause = None;
    world
}

/// What was said reaches those whom it concerns, in the order in which it was said, until nobody says anything more.
fn deliver(world: &mut World) {
    while let Some(message) = world.next_message() {
        match message {
            Message::Changed(change) => announced(world, change),
            Message::Noticed(notice) => kubelet::notices::take(world, notice),
        }
    }
}

/// A change of the store: the scheduler, the kubelets and the controllers hear of it, in this order.
fn announced(world: &mut World, change: Change) {
    match change {
        Change::Pod { uid, what, before } => pod_changed(world, uid, what, before.as_deref()),
        Change::PodGone { uid, pod } => {
            kubelet::on_pod_removed(world, uid);
            scheduler::on_pod_removed(world, uid);
            scheduler::on_pod_gone(world, &pod);
            controllers::on_pod_deleted(world, uid, &pod);
        }
        Change::Object { key, verb } => {
            controllers::on_object(world, &key, verb);
            scheduler::on_object(world, &key, verb);
        }
        Change::ObjectGone { key, object } => controllers::on_deleted(world, &key, &object),
        Change::Lease { node, renewed: true } => controllers::on_heartbeat(world, &node),
        Change::Lease { node, renewed: false } => controllers::on_silence(world, &node),
    }
}

fn pod_changed(world: &mut World, uid: Uid, what: PodChange, before: Option<&Pod>) {
    match what {
        PodChange::Created | PodChange::Updated => scheduler::on_pod(world, uid),
        PodChange::Status => scheduler::on_pod_status(world, uid),
        PodChange::Deleting | PodChange::StatusReplaced => {}
    }
    if what != PodChange::Status {
        kubelet::on_pod(world, uid);
    }
    if what != PodChange::StatusReplaced {
        controllers::on_pod(world, uid, before);
    }
}

/// Applies a command.
pub(crate) fn command(world: &mut World, command: Command) -> Result<Applied, ApiError> {
    let text = describe(&command);
    world.cause = None;
    world.stir();
    let origin = world.origin;
    world.record_cause(Subject::Cluster, What::Command(text.into(), origin));
    let result = carry_out(world, command);
    deliver(world);
    world.cause = None;
    result
}

fn carry_out(world: &mut World, command: Command) -> Result<Applied, ApiError> {
    match command {
        Command::Create(object) => apiserver::create(world, object).map(Applied::Object),
        Command::Replace(object) => apiserver::replace(world, &object).map(Applied::Object),
        Command::Resize(object) => apiserver::resize(world, &object).map(Applied::Object),
        Command::ReplaceStatus(object) => {
            apiserver::replace_status(world, &object).map(Applied::Object)
        }
        Command::Delete { kind, namespace, name, options } => {
            apiserver::delete(world, &Key::new(&kind, &namespace, &name), &options)?;
            Ok(Applied::Deleted)
        }
        Command::Evict { namespace, name, grace_period_seconds } => {
            apiserver::evict(world, &namespace, &name, grace_period_seconds)?;
            Ok(Applied::Deleted)
        }
        Command::Exec { namespace, pod, container, command, stdin } => {
            runtime::start_command(world, &namespace, &pod, container.as_deref(), &command, stdin)
                .map(Applied::Exec)
        }
        Command::Fault(fault) => {
            impact::begin(world, fault)?;
            Ok(Applied::Fault)
        }
        Command::Traffic(wanted) => {
            let after = wanted.after;
            let wants = traffic::Wants {
                service: Key::new("Service", &wanted.namespace, &wanted.service),
                port: wanted.port,
                path: wanted.path.into(),
                rps: wanted.rps,
                until: wanted.lasts.map(|span| world.now + after + span),
                latency: wanted.latency,
                patience: wanted.timeout.unwrap_or(traffic::PATIENCE),
                connections: wanted.connections,
                outside: wanted.outside,
                node: wanted.node.map(Into::into),
            };
            traffic::begin(world, wants, after).map(Applied::Traffic)
        }
    }
}

fn describe(command: &Command) -> String {
    let named = |object: &Value| {
        format!(
            "{}/{}",
            object["kind"].as_str().unwrap_or_default().to_ascii_lowercase(),
            object["metadata"]["name"].as_str().unwrap_or_default()
        )
    };
    match command {
        Command::Create(object) => format!("create {}", named(object)),
        Command::Replace(object) => format!("change {}", named(object)),
        Command::Resize(object) => format!("resize {}", named(object)),
        Command::ReplaceStatus(object) => format!("change the status of {}", named(object)),
        Command::Delete { kind, name, .. } => {
            format!("delete {}/{name}", kind.to_ascii_lowercase())
        }
        Command::Evict { name, .. } => format!("evict pod/{name}"),
        Command::Exec { pod, command, .. } => format!("exec {pod} -- {}", command.join(" ")),
        Command::Fault(timed) => {
            let target = match timed.fault.place() {
                Place::Pods(Whom { pod: Some(name), .. })
                | Place::Pods(Whom { node: Some(name), .. })
                | Place::Node(Some(name)) => name,
                _ => "the cluster",
            };
            format!("fault {} on {target}", timed.fault.name())
        }
        Command::Traffic(wanted) => {
            format!("{} requests a second to {}", wanted.rps, wanted.service)
        }
    }
}

/// Does what a timer was armed for, and what follows from it at once.
pub(crate) fn wakeup(world: &mut World, timer: Timer) {
    fire(world, timer);
    deliver(world);
}

fn fire(world: &mut World, timer: Timer) {
    if !matches!(timer, Timer::Probe(..) | Timer::PodRequeue(_) | Timer::PodSync(_)) {
        world.stir();
    }
    match timer {
        Timer::Schedule(uid) => scheduler::schedule(world, uid),
        Timer::PodSync(uid) => pod_worker::start_pending(world, uid),
        Timer::PodRequeue(uid) => pod_worker::requeue_due(world, uid),
        Timer::PodTask(uid) => kubelet::advance_task(world, uid),
        Timer::Kill(uid, ix) => termination::advance(world, uid, ix),
        Timer::Volumes(uid) => volumes::attempt(world, uid),
        Timer::Relist(node) => pleg::relist(world, &node),
        Timer::Probe(uid, ix, kind) => prober::tick(world, uid, ix, kind),
        Timer::ProbeAnswer(uid, ix, kind) => prober::answered(world, uid, ix, kind),
        Timer::Process(uid, ix) => runtime::drive(world, uid, ix),
        Timer::ExecTimeout(uid, ix, number) => runtime::exec_timeout(world, uid, ix, number),
        Timer::ActiveDeadline(uid) => kubelet::requests::request(world, uid),
        Timer::PodGone(uid) => termination::remove_object(world, uid),
        Timer::Eviction(node) => kubelet::eviction::measure(world, &node),
        Timer::FaultEnd(number) => impact::end(world, number),
        Timer::NodeMonitor => controllers::monitor_nodes(world),
        Timer::TaintEviction(uid) => controllers::taint_eviction(world, uid),
        Timer::KubeletUp(node) => kubelet::node::kubelet_up(world, &node),
        Timer::Controller(kind, namespace, name) => {
            controllers::sync(world, kind, &namespace, &name)
        }
        Timer::Traffic(client) => traffic::send(world, client),
        Timer::Answer(client, n) => traffic::answer(world, client, n),
    }
}
