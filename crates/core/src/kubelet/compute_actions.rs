//! What a sync has to do, from the spec and the runtime's state alone.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_manager.go` computePodActions and computeInitContainerActions.

use super::phase::should_restart;
pub use super::task::{KillReason, ToKill};
use crate::ids::{ContainerIx, InstanceId};
use podplay_api::{Container, PodSpec, RestartPolicy};

/// The state of a container as compute-actions sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Created, never started.
    Created,
    /// Running.
    Running,
    /// Ended with this code.
    Exited(i32),
    /// The runtime does not know.
    Unknown,
}

/// The newest instance of a container, with what the probes say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which instance.
    pub id: InstanceId,
    /// Its state.
    pub state: Observed,
    /// Its image differs from the spec's.
    pub changed: bool,
    /// The liveness result; `None` for none yet.
    pub alive: Option<bool>,
    /// The startup result; `None` for none yet.
    pub started: Option<bool>,
    /// Its resources differ from those that were granted, and whether the change takes a restart.
    pub resize: Option<bool>,
}

/// What compute-actions looks at.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The pod's spec.
    pub spec: &'a PodSpec,
    /// The newest sandbox: its attempt and whether it is fit for use.
    pub sandbox: Option<(u32, bool)>,
    /// The newest instance of each container by index: init, regular, ephemeral.
    pub containers: Vec<Option<Seen>>,
    /// An exit matched a rule that restarts all containers.
    pub restart_all: bool,
}

/// What a sync has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Stop everything, sandbox included.
    pub kill_pod: bool,
    /// Make a sandbox.
    pub create_sandbox: bool,
    /// The number of the sandbox that is made.
    pub attempt: u32,
    /// Init containers to start.
    pub init: Vec<ContainerIx>,
    /// Regular containers to start.
    pub regular: Vec<ContainerIx>,
    /// Ephemeral containers to start.
    pub ephemeral: Vec<ContainerIx>,
    /// Containers to stop.
    pub kill: Vec<ToKill>,
    /// Containers to stop and remove, in this order.
    pub reset: Vec<ContainerIx>,
    /// Containers to give other resources while they run.
    pub resize: Vec<ContainerIx>,
}

impl Actions {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        *self == Self { attempt: self.attempt, ..Self::default() }
    }
    /// In words, with the names of the containers.
    pub fn describe<'a>(&self, name: &dyn Fn(ContainerIx) -> &'a str) -> String {
        let mut parts = Vec::new();
        if self.kill_pod {
            parts.push("stop all containers".to_string());
        }
        if self.create_sandbox {
            parts.push("create a sandbox".to_string());
        }
        let killed: Vec<ContainerIx> = self.kill.iter().map(|kill| kill.ix).collect();
        for (verb, list) in [
            ("stop", &killed),
            ("remove", &self.reset),
            ("start", &self.init),
            ("resize", &self.resize),
            ("start", &self.regular),
            ("start", &self.ephemeral),
        ] {
            if !list.is_empty() {
                let names: Vec<&str> = list.iter().map(|ix| name(*ix)).collect();
                parts.push(format!("{verb} {}", names.join(", ")));
            }
        }
        parts.join("; ")
    }
}

impl<'a> Situation<'a> {
    fn init_count(&self) -> usize {
        self.spec.init_containers.len()
    }
    fn seen(&self, ix: usize) -> Option<Seen> {
        self.containers.get(ix).copied().flatten()
    }
    fn regular(&self) -> impl Iterator<Item = (usize, &'a Container)> + use<'a> {
        let first = self.init_count();
        self.spec.containers.iter().enumerate().map(move |(n, container)| (first + n, container))
    }
    fn any_seen(&self) -> bool {
        self.containers.iter().any(Option::is_some)
    }
    /// Some regular container is created or runs.
    fn initialized(&self) -> bool {
        self.regular().any(|(ix, _)| {
            self.seen(ix).is_some_and(|seen| !matches!(seen.state, Observed::Exited(_)))
        })
    }
}

fn index(ix: usize) -> ContainerIx {
    u16::try_from(ix).unwrap_or(u16::MAX)
}

/// What a sync has to do.
pub fn compute(situation: &Situation<'_>) -> Actions {
    let mut actions = Actions {
        attempt: situation.sandbox.map_or(0, |(attempt, _)| attempt),
        ..Actions::default()
    };
    if !situation.sandbox.is_some_and(|(_, fit)| fit) {
        new_sandbox(situation, &mut actions);
        return actions;
    }
    let first_ephemeral = situation.init_count() + situation.spec.containers.len();
    for n in 0..situation.spec.ephemeral_containers.len() {
        if situation.seen(first_ephemeral + n).is_none() {
            actions.ephemeral.push(index(first_ephemeral + n));
        }
    }
    if situation.restart_all {
        reset_all(situation, &mut actions);
        return actions;
    }
    let initialized = init_actions(situation, &mut actions);
    if actions.kill_pod || !initialized {
        return actions;
    }
    regular_actions(situation, &mut actions);
    actions
}

fn new_sandbox(situation: &Situation<'_>, actions: &mut Actions) {
    if let Some((attempt, _)) = situation.sandbox {
        actions.attempt = attempt + 1;
    }
    actions.kill_pod = true;
    actions.create_sandbox = true;
    let spec = situation.spec;
    let finished =
        spec.restart_policy == RestartPolicy::Never && actions.attempt != 0 && situation.any_seen();
    if finished {
        actions.create_sandbox = false;
        return;
    }
    let done = |(ix, container): (usize, &Container)| {
        let policy = container.restart_policy.unwrap_or(spec.restart_policy);
        policy == RestartPolicy::OnFailure
            && situation.seen(ix).is_some_and(|seen| seen.state == Observed::Exited(0))
    };
    let starting: Vec<ContainerIx> =
        situation.regular().filter(|&pair| !done(pair)).map(|(ix, _)| index(ix)).collect();
    let created = situation.regular().any(|(ix, _)| situation.seen(ix).is_some());
    if starting.is_empty() && created {
        actions.create_sandbox = false;
        return;
    }
    if situation.init_count() > 0 {
        actions.init.push(0);
    } else {
        actions.regular = starting;
    }
}

/// Removes everything: other regular containers, other init containers, then those whose exit led here.
fn reset_all(situation: &Situation<'_>, actions: &mut Actions) {
    let source = |ix: usize, container: &Container| match situation.seen(ix).map(|seen| seen.state)
    {
        Some(Observed::Exited(code)) => {
            super::phase::matching_rule(container, code) == Some("RestartAllContainers")
        }
        _ => false,
    };
    let init: Vec<_> = situation.spec.init_containers.iter().enumerate().collect();
    let regular: Vec<_> = situation.regular().collect();
    for (list, sources) in [(&regular, false), (&init, false), (&regular, true), (&init, true)] {
        let chosen = list.iter().filter(|(ix, container)| {
            source(*ix, container) == sources && situation.seen(*ix).is_some()
        });
        actions.reset.extend(chosen.map(|(ix, _)| index(*ix)));
    }
}

/// Decides about init containers; `true` when initialisation is complete.
fn init_actions(situation: &Situation<'_>, actions: &mut Actions) -> bool {
    let count = situation.init_count();
    if count == 0 {
        return true;
    }
    let has_initialized = situation.initialized();
    let mut complete = has_initialized;
    let mut decided = has_initialized;
    let mut next: Vec<ContainerIx> = Vec::new();
    for ix in (0..count).rev() {
        let container = &situation.spec.init_containers[ix];
        let Some(seen) = situation.seen(ix) else {
            if decided && container.is_sidecar() {
                next.push(index(ix));
            }
            continue;
        };
        let mut walk = InitWalk {
            situation,
            actions: &mut *actions,
            next: &mut next,
            ix,
            seen,
            last: ix == count - 1,
        };
        if container.is_sidecar() {
            complete |= walk.sidecar(container, decided);
        } else if !decided {
            complete |= walk.plain(container);
        } else {
            walk.plain_decided();
        }
        if actions.kill_pod {
            return false;
        }
        decided = true;
    }
    if !decided && next.is_empty() {
        next.push(0);
    }
    next.sort_unstable();
    next.dedup();
    actions.init = next;
    complete
}

struct InitWalk<'a, 'b> {
    situation: &'a Situation<'b>,
    actions: &'a mut Actions,
    next: &'a mut Vec<ContainerIx>,
    ix: usize,
    seen: Seen,
    last: bool,
}

impl InitWalk<'_, '_> {
    /// A sidecar that has an instance; `true` if it was the last and has passed.
    fn sidecar(&mut self, container: &Container, decided: bool) -> bool {
        match self.seen.state {
            Observed::Created | Observed::Exited(_) => self.next.push(index(self.ix)),
            Observed::Unknown => {
                self.kill(unknown_init(), KillReason::Other);
                self.next.push(index(self.ix));
            }
            Observed::Running => return self.running_sidecar(container, decided),
        }
        false
    }
    fn running_sidecar(&mut self, container: &Container, decided: bool) -> bool {
        if container.startup_probe.is_some() {
            match self.seen.started {
                None => return false,
                Some(false) => {
                    self.kill(
                        format!("Init container {} failed startup probe", container.name),
                        KillReason::StartupProbe,
                    );
                    self.next.push(index(self.ix));
                    return false;
                }
                Some(true) => {}
            }
        }
        let complete = !decided && self.last;
        if !decided && !self.last {
            self.next.push(index(self.ix + 1));
        }
        if self.seen.changed {
            self.kill(
                format!("Init container {} definition changed", container.name),
                KillReason::Other,
            );
            self.next.push(index(self.ix));
        } else if self.seen.alive == Some(false) {
            self.kill(
                format!("Init container {} failed liveness probe", container.name),
                KillReason::LivenessProbe,
            );
            self.next.push(index(self.ix));
        } else if self.seen.resize == Some(true) {
            self.kill(resize_message(&container.name), KillReason::Other);
            self.next.push(index(self.ix));
        } else if self.seen.resize == Some(false) {
            self.actions.resize.push(index(self.ix));
        }
        complete
    }
    /// The newest plain init container; `true` if it was the last and has succeeded.
    fn plain(&mut self, container: &Container) -> bool {
        let spec = self.situation.spec;
        match self.seen.state {
            Observed::Created => self.next.push(index(self.ix)),
            Observed::Running if self.seen.resize.is_some() => {
                self.actions.resize.push(index(self.ix));
            }
            Observed::Running => {}
            Observed::Exited(0) if self.last => return true,
            Observed::Exited(0) => self.next.push(index(self.ix + 1)),
            Observed::Exited(code) if should_restart(spec, container, code) => {
                self.next.push(index(self.ix))
            }
            Observed::Exited(_) => self.fail(),
            Observed::Unknown if should_restart(spec, container, 1) => {
                self.kill(unknown_init(), KillReason::Other);
                self.next.push(index(self.ix));
            }
            Observed::Unknown => self.fail(),
        }
        false
    }
    /// An earlier plain init container, whose turn is over.
    fn plain_decided(&mut self) {}
    fn fail(&mut self) {
        *self.actions =
            Actions { kill_pod: true, attempt: self.actions.attempt, ..Actions::default() };
        self.next.clear();
    }
    fn kill(&mut self, message: String, reason: KillReason) {
        self.actions.kill.push(ToKill { ix: index(self.ix), id: self.seen.id, message, reason });
    }
}

fn resize_message(name: &str) -> String {
    format!("Container {name} resize requires restart")
}

fn unknown_init() -> String {
    "Init container is in \"unknown\" state, try killing it before restart".into()
}

fn regular_actions(situation: &Situation<'_>, actions: &mut Actions) {
    let mut kept = 0;
    for (ix, container) in situation.regular() {
        match situation.seen(ix) {
            Some(seen @ Seen { state: Observed::Running, id, .. }) => {
                let Some((message, reason, restart)) = verdict(situation.spec, container, seen)
                else {
                    if seen.resize == Some(true) {
                        let message = resize_message(&container.name);
                        let reason = KillReason::Other;
                        actions.kill.push(ToKill { ix: index(ix), id, message, reason });
                        actions.regular.push(index(ix));
                        continue;
                    }
                    if seen.resize.is_some() {
                        actions.resize.push(index(ix));
                    }
                    kept += 1;
                    continue;
                };
                let message =
                    if restart { format!("{message}, will be restarted") } else { message };
                actions.kill.push(ToKill { ix: index(ix), id, message, reason });
                if restart {
                    actions.regular.push(index(ix));
                }
            }
            Some(Seen { state: Observed::Exited(code), .. })
                if !should_restart(situation.spec, container, code) => {}
            Some(Seen { state: Observed::Unknown, id, .. }) => {
                let message =
                    "Container is in \"unknown\" state, try killing it before restart".to_string();
                actions.kill.push(ToKill { ix: index(ix), id, message, reason: KillReason::Other });
                actions.regular.push(index(ix));
            }
            _ => actions.regular.push(index(ix)),
        }
    }
    if kept == 0 && actions.regular.is_empty() {
        actions.kill_pod = true;
        actions.init.clear();
    }
}

/// Whether a running container must be stopped: message, reason, and whether it starts again.
fn verdict(
    spec: &PodSpec,
    container: &Container,
    Seen { changed, alive, started, .. }: Seen,
) -> Option<(String, KillReason, bool)> {
    let name = &container.name;
    let restart = container.restart_policy.unwrap_or(spec.restart_policy) != RestartPolicy::Never;
    if changed {
        Some((format!("Container {name} definition changed"), KillReason::Other, true))
    } else if alive == Some(false) {
        Some((
            format!("Container {name} failed liveness probe"),
            KillReason::LivenessProbe,
            restart,
        ))
    } else if started == Some(false) {
        Some((format!("Container {name} failed startup probe"), KillReason::StartupProbe, restart))
    } else {
        None
    }
}
