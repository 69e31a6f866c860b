//! The palette of faults: what each is called, whom it can hit, and how it is written.

use crate::lang::Lang;
use podplay_api::{Container, Pod, ProbeKind};
use podplay_core::record::ProcessEffectKind;
use podplay_core::{Record, What};
use podplay_playback::Run;

/// Whom a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A container.
    Container,
    /// A pod.
    Pod,
    /// A node.
    Node,
    /// Nobody in particular.
    Cluster,
}

/// A fault of the palette.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Its name in the Scenario.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) what: fn(Lang) -> &'static str,
    /// Whom it hits.
    pub(crate) target: Target,
    /// Further fields, as written.
    pub(crate) more: &'static str,
    /// Whether it lasts.
    pub(crate) lasts: bool,
}

const fn kind(
    name: &'static str,
    what: fn(Lang) -> &'static str,
    target: Target,
    more: &'static str,
    lasts: bool,
) -> Kind {
    Kind { name, what, target, more, lasts }
}

/// All of them, in the order of the palette.
pub(crate) const ALL: [Kind; 21] = [
    kind("Crash", Lang::f_crash, Target::Container, "", false),
    kind("OOMKill", Lang::f_oomkill, Target::Container, "", false),
    kind("Hang", Lang::f_hang, Target::Container, "", true),
    kind("Slow", Lang::f_slow, Target::Container, "by: 5s", true),
    kind("FailHTTP", Lang::f_failhttp, Target::Container, "status: 500", true),
    kind("RefuseConnections", Lang::f_refuse, Target::Container, "", true),
    kind("IgnoreSigterm", Lang::f_ignore, Target::Container, "", true),
    kind("SlowStart", Lang::f_slowstart, Target::Container, "by: 20s", true),
    kind("HookFails", Lang::f_hookfails, Target::Container, "", true),
    kind("HookHangs", Lang::f_hookhangs, Target::Container, "", true),
    kind("SandboxLost", Lang::f_sandbox, Target::Pod, "", false),
    kind("ConfigMissing", Lang::f_config, Target::Pod, "", true),
    kind("ImageMissing", Lang::f_imagemissing, Target::Cluster, "", true),
    kind("RegistryDown", Lang::f_registry, Target::Cluster, "", true),
    kind("SlowPull", Lang::f_slowpull, Target::Cluster, "by: 30s", true),
    kind("KubeletRestart", Lang::f_kubeletrestart, Target::Node, "", false),
    kind("KubeletDown", Lang::f_kubeletdown, Target::Node, "", true),
    kind("NodeDown", Lang::f_nodedown, Target::Node, "", true),
    kind("NodePressure", Lang::f_pressure, Target::Node, "resource: memory", true),
    kind("DNSDown", Lang::f_dns, Target::Cluster, "", true),
    kind("Partition", Lang::f_partition, Target::Node, "", true),
];

/// A fault as an entry of the timeline says it.
pub(crate) fn written(
    kind: &Kind,
    pod: &str,
    container: Option<&str>,
    node: &str,
    lasts: Option<&str>,
) -> String {
    let mut fields = Vec::new();
    match kind.target {
        Target::Container => {
            fields.push(format!("pod: {pod}"));
            fields.extend(container.map(|name| format!("container: {name}")));
        }
        Target::Pod => fields.push(format!("pod: {pod}")),
        Target::Node => fields.push(format!("node: {node}")),
        Target::Cluster => {}
    }
    fields.push(format!("kind: {}", kind.name));
    if !kind.more.is_empty() {
        fields.push(kind.more.to_owned());
    }
    fields.extend(lasts.filter(|_| kind.lasts).map(|lasts| format!("for: {lasts}")));
    format!("fault: {{{}}}", fields.join(", "))
}

/// Whether a pod asks for a ConfigMap or a Secret of the text.
pub(crate) fn uses_config(pod: &Pod) -> bool {
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
pub(crate) fn may_listen(run: &Run, pod: &Pod, container: &Container) -> bool {
    let asked = |kind: ProbeKind| kind.of(container).is_some_and(|probe| probe.exec.is_none());
    let listened = |record: &Record| {
        matches!(&record.what, What::Process(effect) if matches!(effect.kind, ProcessEffectKind::Listening(_)))
            && record.subject.container().is_some_and(|name| name == container.name)
            && record.subject.pod().is_some_and(|of| of.name == pod.meta.name)
    };
    container.command.is_empty() && container.args.is_empty()
        || !container.ports.is_empty()
        || ProbeKind::ALL.into_iter().any(asked)
        || run.trace().iter().any(listened)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{examples, scenario_edit};
    use podplay_api::SimTime;

    #[test]
    fn every_fault_can_be_read_back() {
        for kind in &ALL {
            let action = written(kind, "patient", Some("app"), "node01", Some("30s"));
            let text =
                scenario_edit::add((examples::FIRST.text)(), SimTime::from_secs(40), &action);
            let plan = podplay_playback::Plan::read(&text);
            assert!(!plan.has_errors(), "{}: {:?}", kind.name, plan.reading.diagnostics);
            assert_eq!(plan.entries.len(), 1, "{}", kind.name);
            assert_eq!(plan.entries[0].act.title(), kind.name);
        }
    }
}
