//! `kubectl exec`.
//!
//! Models `kubectl/pkg/cmd/exec/exec.go`.

use crate::commands::pods;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::task::{Output, Task};
use podplay_api::{Pod, SimTime};
use podplay_core::{Applied, Cluster, Command, ExecId};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let words = cx.flags.words.clone();
    let Some((word, command)) = words.split_first() else {
        return Err(Failure::error("pod, type/name or --filename must be specified"));
    };
    if command.is_empty() {
        return Err(Failure::error("you must specify at least one command for the container"));
    }
    if cx.flags.dash != Some(1) {
        return Err(Failure::usage(
            "exec",
            "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
        ));
    }
    if cx.flags.given("namespace") && cx.cluster.get("Namespace", "", cx.namespace()).is_none() {
        return Err(Failure::not_found("namespaces", cx.namespace()));
    }
    let target = pods::named(cx, word)?;
    let kind = pods::go_type(&target.kind);
    let pods = pods::of(cx, &target).map_err(|failure| {
        Failure::error(format!(
            "cannot attach to {kind}: {}",
            failure.message.trim_start_matches("error: ")
        ))
    })?;
    let Some(pod) = pods.first().cloned() else {
        return Err(Failure::error(format!(
            "timed out waiting for the condition on {}",
            target.path()
        )));
    };
    if pod.status.phase.is_terminal() {
        return Err(Failure::error(format!(
            "cannot exec into a container in a completed pod; current phase is {}",
            pod.status.phase
        )));
    }
    let quiet = cx.flags.on("quiet");
    let container = pods::container(cx, &pod, quiet)?;
    if cx.flags.on("tty") {
        cx.warn("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    reachable(&pod, &container)?;
    let stdin = if cx.flags.on("stdin") { cx.stdin.to_vec() } else { Vec::new() };
    let applied = cx.cluster.apply(Command::Exec {
        namespace: pod.meta.namespace.clone(),
        pod: pod.meta.name.clone(),
        container: Some(container),
        command: command.to_vec(),
        stdin,
    })?;
    match applied {
        Applied::Exec(id) => Ok(Next::Block(Box::new(Exec { id, stdout: 0, stderr: 0 }))),
        _ => Ok(Next::Done),
    }
}

/// Whether the kubelet finds the container.
fn reachable(pod: &Pod, container: &str) -> Result<(), Failure> {
    if pod.spec.node_name.is_empty() {
        return Err(Failure::error(format!(
            "unable to upgrade connection: pod {} does not have a host assigned",
            pod.meta.name
        )));
    }
    let running = pod.status.container(container).is_some_and(|status| status.state.is_running());
    if running {
        return Ok(());
    }
    Err(Failure::error(format!(
        "unable to upgrade connection: container not found (\"{container}\")"
    )))
}

/// An exec under way.
#[derive(Clone, Debug)]
struct Exec {
    id: ExecId,
    stdout: usize,
    stderr: usize,
}

impl Task for Exec {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        let state = cluster.exec(self.id)?;
        out.stdout.push_str(&String::from_utf8_lossy(
            &state.stdout[self.stdout.min(state.stdout.len())..],
        ));
        out.stderr.push_str(&String::from_utf8_lossy(
            &state.stderr[self.stderr.min(state.stderr.len())..],
        ));
        (self.stdout, self.stderr) = (state.stdout.len(), state.stderr.len());
        if let Some(error) = &state.error {
            let inner = error.strip_prefix("rpc error: code = Unknown desc = ").unwrap_or(error);
            out.warn(format!("error: Internal error occurred: Internal error occurred: error executing command in container: {inner}"));
            return Some(1);
        }
        let exit = state.exit?;
        if exit != 0 {
            out.warn(format!("command terminated with exit code {exit}"));
        }
        Some(exit)
    }
    fn wakes_at(&self) -> Option<SimTime> {
        None
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
