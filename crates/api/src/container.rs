//! Containers as a pod's spec declares them.

use crate::{Lifecycle, Probe, Quantity, StringMap, raw_enum, raw_object};
use std::collections::BTreeMap;

raw_enum! {
    /// When the kubelet starts a container again.
    pub enum RestartPolicy {
        /// After every exit.
        Always = "Always",
        /// After a non-zero exit.
        OnFailure = "OnFailure",
        /// Not at all.
        Never = "Never",
    }
}
raw_enum! {
    /// When the kubelet asks the registry.
    pub enum PullPolicy {
        /// Only if the node has no such image.
        IfNotPresent = "IfNotPresent",
        /// At every start.
        Always = "Always",
        /// Not at all.
        Never = "Never",
    }
}
raw_enum! {
    /// Where `terminated.message` comes from.
    pub enum TerminationMessagePolicy {
        /// Only the file.
        File = "File",
        /// The end of the log when the file is empty and the exit not 0.
        FallbackToLogsOnError = "FallbackToLogsOnError",
    }
}

raw_object! {
    /// A regular, init or ephemeral container.
    pub struct Container {
        /// Unique within the pod.
        pub name: String = "name",
        /// Image reference.
        pub image: String = "image",
        /// Replaces the image's entrypoint.
        pub command: Vec<String> = "command",
        /// Replaces the image's command.
        pub args: Vec<String> = "args",
        /// Replaces the image's working directory.
        pub working_dir: String = "workingDir",
        /// Declared ports.
        pub ports: Vec<ContainerPort> = "ports",
        /// Environment from whole objects.
        pub env_from: Vec<EnvFromSource> = "envFrom",
        /// Environment one by one.
        pub env: Vec<EnvVar> = "env",
        /// Requests and limits.
        pub resources: ResourceRequirements = "resources",
        /// What a change of resources takes.
        pub resize_policy: Vec<ResizePolicy> = "resizePolicy",
        /// Overrides the pod's policy; `Always` on an init container makes a sidecar.
        pub restart_policy: Option<RestartPolicy> = "restartPolicy",
        /// Tried in order at each exit, before the policy.
        pub restart_policy_rules: Vec<ContainerRestartRule> = "restartPolicyRules",
        /// Mounted volumes.
        pub volume_mounts: Vec<VolumeMount> = "volumeMounts",
        /// Is it alive?
        pub liveness_probe: Option<Probe> = "livenessProbe",
        /// May it get traffic?
        pub readiness_probe: Option<Probe> = "readinessProbe",
        /// Has it started?
        pub startup_probe: Option<Probe> = "startupProbe",
        /// Hooks.
        pub lifecycle: Option<Lifecycle> = "lifecycle",
        /// File of the last words.
        pub termination_message_path: String = "terminationMessagePath",
        /// Where the last words come from.
        pub termination_message_policy: TerminationMessagePolicy = "terminationMessagePolicy",
        /// When the image is pulled.
        pub image_pull_policy: PullPolicy = "imagePullPolicy",
        /// User, capabilities, read-only root.
        pub security_context: Option<SecurityContext> = "securityContext",
        /// Only of ephemeral containers: whose processes it joins.
        pub target_container_name: String = "targetContainerName",
        /// Keep standard input open.
        pub stdin: bool = "stdin",
        /// Allocate a terminal.
        pub tty: bool = "tty",
    }
}

impl Container {
    /// Whether this init container is a sidecar.
    pub fn is_sidecar(&self) -> bool {
        self.restart_policy == Some(RestartPolicy::Always)
    }
}

raw_object! {
    /// A port that a container says it listens on.
    pub struct ContainerPort {
        /// For probes and Services to refer to.
        pub name: String = "name",
        /// The number.
        pub container_port: u16 = "containerPort",
        /// The same port on the node.
        pub host_port: u16 = "hostPort",
        /// The node's address for it.
        pub host_ip: String = "hostIP",
        /// `TCP`, `UDP` or `SCTP`.
        pub protocol: String = "protocol",
    }
}
raw_object! {
    /// One environment variable.
    pub struct EnvVar {
        /// Its name.
        pub name: String = "name",
        /// Its value, with `$(NAME)` expanded.
        pub value: String = "value",
        /// Its value from elsewhere.
        pub value_from: Option<EnvVarSource> = "valueFrom",
    }
}
raw_object! {
    /// Where a variable's value comes from.
    pub struct EnvVarSource {
        /// A field of the pod.
        pub field_ref: Option<FieldSelector> = "fieldRef",
        /// A resource of a container.
        pub resource_field_ref: Option<ResourceFieldSelector> = "resourceFieldRef",
        /// A key of a ConfigMap.
        pub config_map_key_ref: Option<KeySelector> = "configMapKeyRef",
        /// A key of a Secret.
        pub secret_key_ref: Option<KeySelector> = "secretKeyRef",
    }
}
raw_object! {
    /// A field of the pod.
    pub struct FieldSelector {
        /// Such as `metadata.name`.
        pub field_path: String = "fieldPath",
    }
}
raw_object! {
    /// A resource of a container.
    pub struct ResourceFieldSelector {
        /// Whose; empty for the container itself.
        pub container_name: String = "containerName",
        /// Such as `limits.cpu`.
        pub resource: String = "resource",
        /// The unit.
        pub divisor: Option<Quantity> = "divisor",
    }
}
raw_object! {
    /// A key of a ConfigMap or Secret.
    pub struct KeySelector {
        /// The object.
        pub name: String = "name",
        /// The key.
        pub key: String = "key",
        /// It may be missing.
        pub optional: bool = "optional",
    }
}
raw_object! {
    /// All keys of an object as variables.
    pub struct EnvFromSource {
        /// Put before each name.
        pub prefix: String = "prefix",
        /// A ConfigMap.
        pub config_map_ref: Option<ObjectReferenceOptional> = "configMapRef",
        /// A Secret.
        pub secret_ref: Option<ObjectReferenceOptional> = "secretRef",
    }
}
raw_object! {
    /// An object that may be missing.
    pub struct ObjectReferenceOptional {
        /// Its name.
        pub name: String = "name",
        /// It may be missing.
        pub optional: bool = "optional",
    }
}
raw_object! {
    /// Requests and limits by resource name.
    pub struct ResourceRequirements {
        /// At most this.
        pub limits: BTreeMap<String, Quantity> = "limits",
        /// At least this; what the scheduler counts.
        pub requests: BTreeMap<String, Quantity> = "requests",
    }
}
raw_object! {
    /// What a change of a resource takes.
    pub struct ResizePolicy {
        /// `cpu` or `memory`.
        pub resource_name: String = "resourceName",
        /// `NotRequired` or `RestartContainer`.
        pub restart_policy: String = "restartPolicy",
    }
}
raw_object! {
    /// What an exit means for a container.
    pub struct ContainerRestartRule {
        /// `Restart` or `RestartAllContainers`.
        pub action: String = "action",
        /// Which exits.
        pub exit_codes: Option<ExitCodeRequirement> = "exitCodes",
    }
}
raw_object! {
    /// Which exit codes a rule is about.
    pub struct ExitCodeRequirement {
        /// `In` or `NotIn`.
        pub operator: String = "operator",
        /// The codes.
        pub values: Vec<i32> = "values",
    }
}
raw_object! {
    /// A volume's place in a container.
    pub struct VolumeMount {
        /// The volume.
        pub name: String = "name",
        /// Where it appears.
        pub mount_path: String = "mountPath",
        /// A folder of it.
        pub sub_path: String = "subPath",
        /// The same, with `$(NAME)` expanded.
        pub sub_path_expr: String = "subPathExpr",
        /// Not writable.
        pub read_only: bool = "readOnly",
    }
}
raw_object! {
    /// Rights of a container.
    pub struct SecurityContext {
        /// User id.
        pub run_as_user: Option<i64> = "runAsUser",
        /// Primary group id.
        pub run_as_group: Option<i64> = "runAsGroup",
        /// Refuse to run as user 0.
        pub run_as_non_root: Option<bool> = "runAsNonRoot",
        /// The root file system is not writable.
        pub read_only_root_filesystem: bool = "readOnlyRootFilesystem",
        /// Everything of the node.
        pub privileged: bool = "privileged",
    }
}

/// Labels and other pairs, sorted.
pub type Pairs = StringMap;
