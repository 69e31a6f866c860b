//! Faults that can do nothing to what is chosen.

use podplay_api::{Container, Pod, ProbeKind};
use podplay_core::record::ProcessEffectKind;
use podplay_core::{Cluster, Record, What};
use podplay_playback::Run;
use podplay_protocol::{Scene, Selection, Unfit};
use podplay_timeline::Role;

/// Records that are looked at for a port that was opened.
const REACH: usize = 20_000;

/// What can do nothing to the chosen container.
pub(crate) fn unfit(
    run: &Run,
    cluster: &Cluster,
    scene: &Scene,
    selected: Option<&Selection>,
) -> Unfit {
    let found = selected.and_then(|chosen| {
        let pod = cluster
            .pods()
            .find(|pod| pod.meta.name == chosen.pod && pod.meta.namespace == chosen.namespace)?;
        let name = chosen.container.clone().or_else(|| only_container(scene, &chosen.pod))?;
        Some((pod, pod.spec.container(&name)?))
    });
    let Some((pod, container)) = found else { return Unfit::default() };
    let hooks = container.lifecycle.as_ref();
    Unfit {
        hooks: !hooks.is_some_and(|on| on.post_start.is_some() || on.pre_stop.is_some()),
        config: !uses_config(pod),
        http: !may_listen(run, pod, container),
    }
}

/// The regular container of a pod, or the first of several.
fn only_container(scene: &Scene, pod: &str) -> Option<String> {
    let found = scene.nodes.iter().flat_map(|(_, pods)| pods).find(|drawn| drawn.id.1 == pod)?;
    let regular = found.containers.iter().find(|one| one.role == Role::Regular)?;
    Some(regular.name.to_string())
}

/// Whether a pod asks for a ConfigMap or a Secret of the text.
fn uses_config(pod: &Pod) -> bool {
    let in_environment = |container: &Container| {
        let sources = container.env.iter().filter_map(|variable| variable.value_from.as_ref());
        !container.env_from.is_empty()
            || sources
                .into_iter()
                .any(|from| from.config_map_key_ref.is_some() || from.secret_key_ref.is_some())
    };
    let own = pod.spec.volumes.iter().filter(|one| !one.name.starts_with("kube-api-access-"));
    let mut own =
        own.map(|one| one.config_map.is_some() || one.secret.is_some() || one.projected.is_some());
    own.any(|uses| uses) || pod.spec.all_containers().any(in_environment)
}

/// Whether a container may take connections: only a script of which none was seen to listen surely does not.
fn may_listen(run: &Run, pod: &Pod, container: &Container) -> bool {
    let asked = |kind: ProbeKind| kind.of(container).is_some_and(|probe| probe.exec.is_none());
    let listened = |record: &Record| {
        matches!(&record.what, What::Process(effect) if matches!(effect.kind, ProcessEffectKind::Listening(_)))
            && record.subject.container().is_some_and(|name| name == container.name)
            && record.subject.pod().is_some_and(|of| of.name == pod.meta.name)
    };
    container.command.is_empty() && container.args.is_empty()
        || !container.ports.is_empty()
        || ProbeKind::ALL.into_iter().any(asked)
        || run.trace().iter().take(REACH).any(listened)
}
