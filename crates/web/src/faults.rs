//! The palette of faults: what each is called, whom it can hit, and how it is written.

use crate::lang::Lang;
use podplay_api::fault::{FaultInfo, Missing, Target};

/// A fault's words in the palette; a test proves that each has some.
pub(crate) fn what(name: &str, lang: Lang) -> &'static str {
    let words: fn(Lang) -> &'static str = match name {
        "Crash" => Lang::f_crash,
        "OOMKill" => Lang::f_oomkill,
        "Hang" => Lang::f_hang,
        "Slow" => Lang::f_slow,
        "FailHTTP" => Lang::f_failhttp,
        "RefuseConnections" => Lang::f_refuse,
        "IgnoreSigterm" => Lang::f_ignore,
        "SlowStart" => Lang::f_slowstart,
        "HookFails" => Lang::f_hookfails,
        "HookHangs" => Lang::f_hookhangs,
        "SandboxLost" => Lang::f_sandbox,
        "ConfigMissing" => Lang::f_config,
        "ImageMissing" => Lang::f_imagemissing,
        "RegistryDown" => Lang::f_registry,
        "SlowPull" => Lang::f_slowpull,
        "KubeletRestart" => Lang::f_kubeletrestart,
        "KubeletDown" => Lang::f_kubeletdown,
        "NodeDown" => Lang::f_nodedown,
        "NodePressure" => Lang::f_pressure,
        "DNSDown" => Lang::f_dns,
        "Partition" => Lang::f_partition,
        _ => return "",
    };
    words(lang)
}

/// The part of the palette that a fault stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Faults of containers.
    Container,
    /// Faults of pods.
    Pod,
    /// Faults of everything.
    Cluster,
    /// Faults of nodes.
    Node,
}

/// Where a fault stands.
pub(crate) const fn group(target: Target) -> Group {
    match target {
        Target::Container | Target::AnyContainer => Group::Container,
        Target::Pod | Target::AnyPod => Group::Pod,
        Target::Image | Target::Cluster => Group::Cluster,
        Target::Node | Target::NodeOrPod => Group::Node,
    }
}

/// A fault as an entry of the timeline says it.
pub(crate) fn written(
    kind: &FaultInfo,
    pod: &str,
    container: Option<&str>,
    node: &str,
    lasts: Option<&str>,
) -> String {
    let mut fields = Vec::new();
    match group(kind.target) {
        Group::Container => {
            fields.push(format!("pod: {pod}"));
            fields.extend(container.map(|name| format!("container: {name}")));
        }
        Group::Pod => fields.push(format!("pod: {pod}")),
        Group::Node => fields.push(format!("node: {node}")),
        Group::Cluster => {}
    }
    fields.push(format!("kind: {}", kind.name));
    for field in kind.fields {
        if let Missing::Required(usual) | Missing::Default(usual) = field.missing {
            fields.push(format!("{}: {usual}", field.name));
        }
    }
    fields.extend(lasts.filter(|_| kind.lasts).map(|lasts| format!("for: {lasts}")));
    format!("fault: {{{}}}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_fault_has_words_and_names_whom_it_hits() {
        for kind in &podplay_api::fault::FAULTS {
            assert!(!what(kind.name, Lang::En).is_empty(), "{}", kind.name);
            let action = written(kind, "patient", Some("app"), "node01", Some("30s"));
            let hits = match group(kind.target) {
                Group::Container => "pod: patient, container: app, ",
                Group::Pod => "pod: patient, ",
                Group::Node => "node: node01, ",
                Group::Cluster => "",
            };
            let begins = format!("fault: {{{hits}kind: {}", kind.name);
            assert!(action.starts_with(&begins), "{action}");
            assert_eq!(action.contains("for: 30s"), kind.lasts, "{action}");
        }
    }
}
