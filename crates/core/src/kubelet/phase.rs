//! The phase of a pod from the statuses of its containers.
//!
//! Models `pkg/kubelet/kubelet_pods.go` getPhase.

use podplay_api::{
    Container, ContainerState, ContainerStatus, PodPhase, PodSpec, RestartPolicy, Terminated,
};

/// What [`phase`] looks at beside the statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// All containers have been stopped for good.
    pub terminal: bool,
    /// Some regular container has ever been started in the active sandbox.
    pub initialized: bool,
    /// A static pod, which is never terminal.
    pub is_static: bool,
}

#[derive(Default)]
struct Tally {
    failed_init: u32,
    pending_init: u32,
    pending_sidecar: u32,
    unknown: u32,
    running: u32,
    waiting: u32,
    stopped: u32,
    stopped_for_good: u32,
    succeeded: u32,
}

/// The phase of a pod. Statuses are found by name.
pub fn phase(spec: &PodSpec, statuses: &[&ContainerStatus], life: Life) -> PodPhase {
    let mut tally = Tally::default();
    let find = |name: &str| statuses.iter().find(|status| status.name == name).copied();
    for container in &spec.init_containers {
        if container.is_sidecar() {
            tally.sidecar(find(&container.name));
        } else {
            tally.init(spec, container, find(&container.name));
        }
    }
    for container in &spec.containers {
        tally.regular(spec, container, find(&container.name));
    }
    tally.decide(life)
}

impl Tally {
    fn init(&mut self, spec: &PodSpec, container: &Container, status: Option<&ContainerStatus>) {
        let Some(status) = status else {
            self.pending_init += 1;
            return;
        };
        let mut ended = |end: &Terminated| {
            if end.exit_code != 0 && !may_restart(spec, container, end) {
                self.failed_init += 1;
            }
        };
        match (&status.state, status.last_state.terminated()) {
            (ContainerState::Terminated(end), _) | (ContainerState::Waiting { .. }, Some(end)) => {
                ended(end)
            }
            _ => self.pending_init += 1,
        }
    }
    fn sidecar(&mut self, status: Option<&ContainerStatus>) {
        match status.map(|status| (&status.state, status)) {
            None => self.unknown += 1,
            Some((ContainerState::Running { .. }, status)) => {
                self.running += 1;
                if status.started != Some(true) {
                    self.pending_sidecar += 1;
                }
            }
            Some((ContainerState::Terminated(_), _)) => {}
            Some((ContainerState::Waiting { .. }, status)) => {
                if status.last_state.terminated().is_none() {
                    self.pending_sidecar += 1;
                    self.waiting += 1;
                }
            }
            Some((ContainerState::Empty, _)) => {
                self.pending_sidecar += 1;
                self.unknown += 1;
            }
        }
    }
    fn regular(&mut self, spec: &PodSpec, container: &Container, status: Option<&ContainerStatus>) {
        match status.map(|status| (&status.state, status.last_state.terminated())) {
            None | Some((ContainerState::Empty, _)) => self.unknown += 1,
            Some((ContainerState::Running { .. }, _)) => self.running += 1,
            Some((ContainerState::Terminated(end), _)) => {
                self.stopped += 1;
                self.stopped_for_good += u32::from(!may_restart(spec, container, end));
                self.succeeded += u32::from(end.exit_code == 0);
            }
            Some((ContainerState::Waiting { .. }, Some(end))) => {
                self.stopped += 1;
                self.stopped_for_good += u32::from(!may_restart(spec, container, end));
            }
            Some((ContainerState::Waiting { .. }, None)) => self.waiting += 1,
        }
    }
    fn decide(&self, life: Life) -> PodPhase {
        let ended =
            || if self.stopped == self.succeeded { PodPhase::Succeeded } else { PodPhase::Failed };
        if self.failed_init > 0 {
            PodPhase::Failed
        } else if self.pending_init > 0
            || (self.pending_sidecar > 0 && !life.initialized)
            || self.waiting > 0
            || self.unknown > 0
        {
            PodPhase::Pending
        } else if self.running > 0 {
            PodPhase::Running
        } else if self.stopped == 0 {
            PodPhase::Pending
        } else if life.terminal && !life.is_static {
            ended()
        } else if self.stopped != self.stopped_for_good {
            PodPhase::Running
        } else {
            ended()
        }
    }
}

/// Whether a container that ended so would be started again.
fn may_restart(spec: &PodSpec, container: &Container, end: &Terminated) -> bool {
    end.reason == "RestartingAllContainers" || should_restart(spec, container, end.exit_code)
}

/// Whether policy and rules start a container again after `exit_code`.
///
/// Models `pkg/api/v1/pod/util.go` ContainerShouldRestart.
pub fn should_restart(spec: &PodSpec, container: &Container, exit_code: i32) -> bool {
    let by = |policy: RestartPolicy| match policy {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => exit_code != 0,
        RestartPolicy::Never => false,
    };
    match container.restart_policy {
        Some(policy) => matching_rule(container, exit_code).is_some() || by(policy),
        None => by(spec.restart_policy),
    }
}

/// The action of the first restart rule that matches `exit_code`.
pub fn matching_rule(container: &Container, exit_code: i32) -> Option<&str> {
    let rule = container.restart_policy_rules.iter().find(|rule| {
        rule.exit_codes.as_ref().is_some_and(|codes| match codes.operator.as_str() {
            "In" => codes.values.contains(&exit_code),
            "NotIn" => !codes.values.contains(&exit_code),
            _ => false,
        })
    })?;
    Some(&rule.action)
}
