//! The end: hooks and programs that take their time, finalizers.

use super::{Hold, Look, Wait};
use crate::kubelet::worker::KillStage;
use crate::queue::Timer;
use crate::runtime::instance::HookState;
use podplay_api::{Container, SimTime};
use std::sync::Arc;
use std::time::Duration;

/// A stop that takes less is not waited for yet.
const PATIENCE: Duration = Duration::from_secs(2);

/// What keeps a pod that is being deleted.
pub(super) fn of(look: &Look<'_>) -> Vec<Hold> {
    let pod = &look.entry.pod;
    let since = pod.meta.deletion_timestamp.map(|at| {
        let grace = pod.meta.deletion_grace_period_seconds.unwrap_or(0).max(0);
        podplay_api::Timestamp(at.0 - grace.saturating_mul(1_000_000_000))
    });
    let since = look.at(since);
    let runs = look.world.workers.get(&look.entry.uid).is_some_and(|worker| worker.anything_runs());
    if runs {
        let all = pod.spec.all_containers();
        return all.filter_map(|container| stopping(look, container)).collect();
    }
    if pod.meta.finalizers.is_empty() || look.world.now.since(since) < PATIENCE {
        return Vec::new();
    }
    let paths = vec!["metadata.finalizers[0]".to_owned(), "metadata.finalizers".to_owned()];
    vec![look.hold(since, Wait::Finalizers(pod.meta.finalizers.clone()), paths)]
}

fn stopping(look: &Look<'_>, container: &Container) -> Option<Hold> {
    let worker = look.world.workers.get(&look.entry.uid)?;
    let ix = worker.index(&container.name)?;
    let kill = worker.rt(ix)?.kill.as_ref()?;
    if look.world.now.since(kill.since) < PATIENCE {
        return None;
    }
    let base = look.path(&container.name);
    let instance = worker.newest(ix)?;
    let hooked = instance.hook == Some(HookState::Running);
    let (wait, path) = match kill.stage {
        KillStage::PreStop => {
            let until = look.world.queue.armed_at(&Timer::Kill(look.entry.uid, ix));
            (Wait::PreStop(until.unwrap_or(SimTime::MAX)), "lifecycle.preStop")
        }
        KillStage::Turn => return None,
        KillStage::Stopping(until) if hooked => (Wait::PreStop(until), "lifecycle.preStop"),
        KillStage::Stopping(until) => {
            let own = container.lifecycle.as_ref().and_then(|hooks| hooks.stop_signal.clone());
            let signal = own.unwrap_or_else(|| crate::images::stop_signal(&container.image).into());
            (Wait::Stop(Arc::from(signal), until), "command")
        }
    };
    let paths = vec![
        format!("{base}.{path}"),
        "spec.terminationGracePeriodSeconds".to_owned(),
        format!("{base}.args"),
        format!("{base}.image"),
    ];
    Some(look.of_container(&container.name, kill.since, wait, paths))
}
