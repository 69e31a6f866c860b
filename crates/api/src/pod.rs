//! A pod: its spec, and the whole object.

use crate::{
    Container, LabelSelector, ObjectMeta, PodStatus, Probe, Quantity, ResourceRequirements,
    RestartPolicy, SelectorRequirement, StringMap, ToRaw, Volume, raw_object,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pod object: the typed view that the simulation reads, and the spec's own tree for everything else.
#[derive(Clone, Debug, PartialEq)]
pub struct Pod {
    /// Name, labels, owners, deletion.
    pub meta: ObjectMeta,
    /// The typed view of the spec.
    pub spec: Arc<PodSpec>,
    /// The spec as stored.
    pub raw_spec: Arc<Value>,
    /// What the kubelet and others reported.
    pub status: PodStatus,
}

impl Pod {
    /// Reads a pod from its JSON tree.
    pub fn from_object(object: &Value) -> Self {
        let raw_spec = object.get("spec").cloned().unwrap_or_else(|| Value::Object(Map::new()));
        Self {
            meta: crate::raw::field(object, "metadata"),
            spec: Arc::new(crate::FromRaw::from_raw(&raw_spec)),
            raw_spec: Arc::new(raw_spec),
            status: crate::raw::field(object, "status"),
        }
    }
    /// The whole object as the API server would return it.
    pub fn to_object(&self) -> Value {
        // By hand: the macro would copy each of the parts a second time.
        let mut object = Map::new();
        object.insert("apiVersion".to_owned(), "v1".into());
        object.insert("kind".to_owned(), "Pod".into());
        object.insert("metadata".to_owned(), self.meta.to_raw().unwrap_or_default());
        object.insert("spec".to_owned(), (*self.raw_spec).clone());
        object.insert("status".to_owned(), self.status.to_raw().unwrap_or_default());
        Value::Object(object)
    }
    /// `namespace/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.meta.namespace, self.meta.name)
    }
}

raw_object! {
    /// `spec` of a pod: what the simulation reads of it.
    pub struct PodSpec {
        /// Volumes.
        pub volumes: Vec<Volume> = "volumes",
        /// Run one after another before the others; sidecars stay.
        pub init_containers: Vec<Container> = "initContainers",
        /// The regular containers.
        pub containers: Vec<Container> = "containers",
        /// Added while it runs.
        pub ephemeral_containers: Vec<Container> = "ephemeralContainers",
        /// For containers without their own.
        pub restart_policy: RestartPolicy = "restartPolicy",
        /// Seconds between the stop signal and the kill; 30 by default.
        pub termination_grace_period_seconds: Option<i64> = "terminationGracePeriodSeconds",
        /// Seconds the pod may be active.
        pub active_deadline_seconds: Option<i64> = "activeDeadlineSeconds",
        /// Labels that a node must have.
        pub node_selector: StringMap = "nodeSelector",
        /// Chosen by the scheduler.
        pub node_name: String = "nodeName",
        /// Pods of the node's own network.
        pub host_network: bool = "hostNetwork",
        /// One process namespace for all containers.
        pub share_process_namespace: bool = "shareProcessNamespace",
        /// Rights of all containers.
        pub security_context: PodSecurityContext = "securityContext",
        /// Host name, the pod's name by default.
        pub hostname: String = "hostname",
        /// The host name is the whole name.
        pub set_hostname_as_fqdn: bool = "setHostnameAsFQDN",
        /// Lines for `/etc/hosts`.
        pub host_aliases: Vec<HostAlias> = "hostAliases",
        /// Where names are looked up.
        pub dns_policy: String = "dnsPolicy",
        /// What is added to that.
        pub dns_config: PodDnsConfig = "dnsConfig",
        /// Secrets with which images are pulled.
        pub image_pull_secrets: Vec<LocalReference> = "imagePullSecrets",
        /// The headless Service that names it.
        pub subdomain: String = "subdomain",
        /// Node and pod affinities.
        pub affinity: Affinity = "affinity",
        /// Who schedules it.
        pub scheduler_name: String = "schedulerName",
        /// Taints it can live with.
        pub tolerations: Vec<Toleration> = "tolerations",
        /// Its priority class.
        pub priority_class_name: String = "priorityClassName",
        /// Filled in from the class.
        pub priority: Option<i64> = "priority",
        /// `Never` if it may not push others out.
        pub preemption_policy: Option<String> = "preemptionPolicy",
        /// Conditions that must be true for Ready, beside the containers.
        pub readiness_gates: Vec<ReadinessGate> = "readinessGates",
        /// Holds the scheduler back.
        pub scheduling_gates: Vec<SchedulingGate> = "schedulingGates",
        /// Spread over nodes.
        pub topology_spread_constraints: Vec<TopologySpreadConstraint> = "topologySpreadConstraints",
        /// What the pod costs beside its containers.
        pub overhead: BTreeMap<String, Quantity> = "overhead",
        /// Requests and limits of the pod as a whole.
        pub resources: Option<ResourceRequirements> = "resources",
        /// Its service account.
        pub service_account_name: String = "serviceAccountName",
        /// Environment variables for each Service; true by default.
        pub enable_service_links: Option<bool> = "enableServiceLinks",
    }
}

impl PodSpec {
    /// The grace period in seconds: a negative one counts as 1.
    pub fn grace_period(&self) -> u64 {
        let seconds = self.termination_grace_period_seconds.unwrap_or(30);
        u64::try_from(seconds).unwrap_or(1)
    }
    /// Init containers, then regular ones, then ephemeral ones.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers).chain(&self.ephemeral_containers)
    }
    /// The container of that name.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.all_containers().find(|container| container.name == name)
    }
    /// Whether any init container is a sidecar.
    pub fn has_sidecars(&self) -> bool {
        self.init_containers.iter().any(Container::is_sidecar)
    }
}

raw_object! {
    /// Rights of all containers of a pod.
    pub struct PodSecurityContext {
        /// User id.
        pub run_as_user: Option<i64> = "runAsUser",
        /// Primary group id.
        pub run_as_group: Option<i64> = "runAsGroup",
        /// Refuse to run as user 0.
        pub run_as_non_root: Option<bool> = "runAsNonRoot",
        /// Group of volumes.
        pub fs_group: Option<i64> = "fsGroup",
        /// Further groups.
        pub supplemental_groups: Vec<i64> = "supplementalGroups",
    }
}
raw_object! {
    /// An object of the same namespace.
    pub struct LocalReference {
        /// Its name.
        pub name: String = "name",
    }
}
raw_object! {
    /// A line for `/etc/hosts`.
    pub struct HostAlias {
        /// The address.
        pub ip: String = "ip",
        /// Its names.
        pub hostnames: Vec<String> = "hostnames",
    }
}
raw_object! {
    /// Additions to `resolv.conf`.
    pub struct PodDnsConfig {
        /// Name servers.
        pub nameservers: Vec<String> = "nameservers",
        /// Search domains.
        pub searches: Vec<String> = "searches",
        /// Options.
        pub options: Vec<PodDnsOption> = "options",
    }
}
raw_object! {
    /// An option of `resolv.conf`.
    pub struct PodDnsOption {
        /// Its name.
        pub name: String = "name",
        /// Its value, if it has one.
        pub value: Option<String> = "value",
    }
}
raw_object! {
    /// A condition that must be true for Ready.
    pub struct ReadinessGate {
        /// The condition's type.
        pub condition_type: String = "conditionType",
    }
}
raw_object! {
    /// One gate before the scheduler.
    pub struct SchedulingGate {
        /// Its name.
        pub name: String = "name",
    }
}
raw_object! {
    /// A taint that a pod can live with.
    pub struct Toleration {
        /// The taint's key; empty with `Exists` for all.
        pub key: String = "key",
        /// `Equal` (also when empty) or `Exists`.
        pub operator: String = "operator",
        /// The taint's value.
        pub value: String = "value",
        /// The taint's effect; empty for all.
        pub effect: String = "effect",
        /// How long it can, in seconds, for `NoExecute`.
        pub toleration_seconds: Option<i64> = "tolerationSeconds",
    }
}
raw_object! {
    /// Affinities.
    pub struct Affinity {
        /// To nodes.
        pub node_affinity: NodeAffinity = "nodeAffinity",
        /// To pods.
        pub pod_affinity: PodAffinity = "podAffinity",
        /// Away from pods.
        pub pod_anti_affinity: PodAffinity = "podAntiAffinity",
    }
}
raw_object! {
    /// Affinity to nodes: the part that is required.
    pub struct NodeAffinity {
        /// Any of these terms.
        pub required: Option<NodeSelector> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// Wishes with a weight.
        pub preferred: Vec<PreferredTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}
raw_object! {
    /// A wish with a weight.
    pub struct PreferredTerm {
        /// 1 to 100.
        pub weight: i64 = "weight",
        /// The wish.
        pub preference: NodeSelectorTerm = "preference",
    }
}
raw_object! {
    /// Any of the terms.
    pub struct NodeSelector {
        /// The terms.
        pub terms: Vec<NodeSelectorTerm> = "nodeSelectorTerms",
    }
}
raw_object! {
    /// All of the requirements.
    pub struct NodeSelectorTerm {
        /// On labels.
        pub match_expressions: Vec<SelectorRequirement> = "matchExpressions",
        /// On `metadata.name`.
        pub match_fields: Vec<SelectorRequirement> = "matchFields",
    }
}
raw_object! {
    /// Affinity to pods: the part that is required.
    pub struct PodAffinity {
        /// All of these.
        pub required: Vec<PodAffinityTerm> = "requiredDuringSchedulingIgnoredDuringExecution",
    }
}
raw_object! {
    /// Pods of the same topology.
    pub struct PodAffinityTerm {
        /// Which pods.
        pub label_selector: Option<LabelSelector> = "labelSelector",
        /// In which namespaces beside the pod's own.
        pub namespaces: Vec<String> = "namespaces",
        /// The node label that makes a topology.
        pub topology_key: String = "topologyKey",
    }
}
raw_object! {
    /// Spread over a topology.
    pub struct TopologySpreadConstraint {
        /// How uneven it may be.
        pub max_skew: i64 = "maxSkew",
        /// The node label that makes a topology.
        pub topology_key: String = "topologyKey",
        /// `DoNotSchedule` or `ScheduleAnyway`.
        pub when_unsatisfiable: String = "whenUnsatisfiable",
        /// Which pods are counted.
        pub label_selector: Option<LabelSelector> = "labelSelector",
        /// `Honor` (the default) counts only nodes that the pod's selector and affinity allow.
        pub node_affinity_policy: String = "nodeAffinityPolicy",
        /// `Honor` counts only nodes whose taints the pod tolerates; `Ignore` is the default.
        pub node_taints_policy: String = "nodeTaintsPolicy",
        /// Labels whose values a counted pod shares with this one.
        pub match_label_keys: Vec<String> = "matchLabelKeys",
        /// With fewer domains than this the least filled one counts as empty.
        pub min_domains: i64 = "minDomains",
    }
}

/// The three kinds of probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProbeKind {
    /// A failure restarts the container.
    Liveness,
    /// A failure takes the pod out of its Services.
    Readiness,
    /// Holds the other two back until it succeeds.
    Startup,
}

impl ProbeKind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Liveness, Self::Readiness, Self::Startup];
    /// `Liveness`, `Readiness`, `Startup`, as messages begin.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
            Self::Startup => "Startup",
        }
    }
    /// That probe of `container`.
    pub fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
            Self::Startup => container.startup_probe.as_ref(),
        }
    }
}
