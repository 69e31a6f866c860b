//! The palette of faults: what each is called, whom it can hit, and how it is written.

use crate::lang::Lang;
use podplay_api::fault::{FAULTS, FaultInfo, Missing, Target};

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
        "DiskFull" => Lang::f_diskfull,
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
        _ => return FAULTS.iter().find(|info| info.name == name).map_or("", |info| info.what),
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

/// A name as a value of a flow mapping: in quotes where YAML might read another type.
pub(crate) fn scalar(name: &str) -> String {
    const OTHER: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(letters);
    if plain && !OTHER.contains(&name.to_ascii_lowercase().as_str()) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
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
            fields.push(format!("pod: {}", scalar(pod)));
            fields.extend(container.map(|name| format!("container: {}", scalar(name))));
        }
        Group::Pod => fields.push(format!("pod: {}", scalar(pod))),
        Group::Node => fields.push(format!("node: {}", scalar(node))),
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
    fn names_that_yaml_reads_as_something_else_are_quoted() {
        for plain in ["web", "web-0", "a.b", "node01", "web-5d8f7c9b6-k2x4q", "yes-1", "none"] {
            assert_eq!(scalar(plain), plain);
        }
        for other in ["123", "0", "1e3", "0x1f", "1-a", "on", "No", "y", "null", "true", "", "a: b"]
        {
            assert_eq!(scalar(other), format!("\"{other}\""));
        }
        let crash = FAULTS.iter().find(|kind| kind.name == "Crash");
        let action = written(crash.expect("it is there"), "123", Some("on"), "node01", None);
        assert!(
            action.starts_with("fault: {pod: \"123\", container: \"on\", kind: Crash"),
            "{action}"
        );
    }

    #[test]
    fn every_fault_has_words_and_names_whom_it_hits() {
        for kind in &FAULTS {
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
