//! The kinds that a v1.36 API server knows: resource names, scope, and whether a run uses them.

/// A kind and its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindInfo {
    /// `apiVersion`.
    pub api_version: &'static str,
    /// `kind`.
    pub kind: &'static str,
    /// The resource's plural name.
    pub plural: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether it has an effect in a run.
    pub simulated: bool,
}

impl KindInfo {
    /// The group, empty for the core.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version without the group.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.api_version.rsplit('/').next().unwrap_or_default()
    }

    /// `deployment.apps`, as kubectl prints it before the name.
    #[must_use]
    pub fn printed(&self) -> String {
        let kind = self.kind.to_ascii_lowercase();
        match self.group() {
            "" => kind,
            group => format!("{kind}.{group}"),
        }
    }

    /// `deployments.apps`, as the API server's messages say.
    #[must_use]
    pub fn resource(&self) -> String {
        match self.group() {
            "" => self.plural.to_owned(),
            group => format!("{}.{group}", self.plural),
        }
    }
}

const NS: bool = true;
const CLUSTER: bool = false;
const RUN: bool = true;
const INERT: bool = false;

/// `(apiVersion, kind, plural, namespaced, simulated)`.
const KINDS: &[(&str, &str, &str, bool, bool)] = &[
    ("v1", "Pod", "pods", NS, RUN),
    ("v1", "Service", "services", NS, RUN),
    ("v1", "ConfigMap", "configmaps", NS, RUN),
    ("v1", "Secret", "secrets", NS, RUN),
    ("v1", "Namespace", "namespaces", CLUSTER, RUN),
    ("v1", "Node", "nodes", CLUSTER, RUN),
    ("v1", "ReplicationController", "replicationcontrollers", NS, RUN),
    ("v1", "ResourceQuota", "resourcequotas", NS, RUN),
    ("v1", "LimitRange", "limitranges", NS, RUN),
    ("v1", "ServiceAccount", "serviceaccounts", NS, RUN),
    ("v1", "PersistentVolume", "persistentvolumes", CLUSTER, RUN),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", NS, RUN),
    ("v1", "Endpoints", "endpoints", NS, INERT),
    ("v1", "Event", "events", NS, INERT),
    ("v1", "PodTemplate", "podtemplates", NS, INERT),
    ("apps/v1", "Deployment", "deployments", NS, RUN),
    ("apps/v1", "ReplicaSet", "replicasets", NS, RUN),
    ("apps/v1", "StatefulSet", "statefulsets", NS, RUN),
    ("apps/v1", "DaemonSet", "daemonsets", NS, RUN),
    ("apps/v1", "ControllerRevision", "controllerrevisions", NS, INERT),
    ("batch/v1", "Job", "jobs", NS, RUN),
    ("batch/v1", "CronJob", "cronjobs", NS, RUN),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", NS, RUN),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", NS, RUN),
    ("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", NS, RUN),
    ("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", CLUSTER, RUN),
    ("networking.k8s.io/v1", "Ingress", "ingresses", NS, INERT),
    ("networking.k8s.io/v1", "IngressClass", "ingressclasses", CLUSTER, INERT),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", NS, INERT),
    ("networking.k8s.io/v1", "IPAddress", "ipaddresses", CLUSTER, INERT),
    ("networking.k8s.io/v1", "ServiceCIDR", "servicecidrs", CLUSTER, INERT),
    ("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", NS, INERT),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", NS, INERT),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", NS, INERT),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", CLUSTER, INERT),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", CLUSTER, INERT),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", CLUSTER, RUN),
    ("storage.k8s.io/v1", "CSIDriver", "csidrivers", CLUSTER, INERT),
    ("storage.k8s.io/v1", "CSINode", "csinodes", CLUSTER, INERT),
    ("storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities", NS, INERT),
    ("storage.k8s.io/v1", "VolumeAttachment", "volumeattachments", CLUSTER, INERT),
    ("storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses", CLUSTER, INERT),
    ("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", CLUSTER, INERT),
    ("coordination.k8s.io/v1", "Lease", "leases", NS, INERT),
    ("events.k8s.io/v1", "Event", "events", NS, INERT),
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        CLUSTER,
        INERT,
    ),
    ("apiregistration.k8s.io/v1", "APIService", "apiservices", CLUSTER, INERT),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingAdmissionPolicy",
        "mutatingadmissionpolicies",
        CLUSTER,
        INERT,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingAdmissionPolicyBinding",
        "mutatingadmissionpolicybindings",
        CLUSTER,
        INERT,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        CLUSTER,
        INERT,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        CLUSTER,
        INERT,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        CLUSTER,
        INERT,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        CLUSTER,
        INERT,
    ),
    (
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        "certificatesigningrequests",
        CLUSTER,
        INERT,
    ),
    ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "flowschemas", CLUSTER, INERT),
    (
        "flowcontrol.apiserver.k8s.io/v1",
        "PriorityLevelConfiguration",
        "prioritylevelconfigurations",
        CLUSTER,
        INERT,
    ),
    ("resource.k8s.io/v1", "DeviceClass", "deviceclasses", CLUSTER, INERT),
    ("resource.k8s.io/v1", "ResourceClaim", "resourceclaims", NS, INERT),
    ("resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates", NS, INERT),
    ("resource.k8s.io/v1", "ResourceSlice", "resourceslices", CLUSTER, INERT),
];

/// The kind, when an API server has it.
#[must_use]
pub fn find(api_version: &str, kind: &str) -> Option<KindInfo> {
    all().find(|k| k.api_version == api_version && k.kind == kind)
}

/// All kinds.
pub fn all() -> impl Iterator<Item = KindInfo> {
    KINDS.iter().map(|&(api_version, kind, plural, namespaced, simulated)| KindInfo {
        api_version,
        kind,
        plural,
        namespaced,
        simulated,
    })
}

/// The `apiVersion` that a kind is written with most often.
#[must_use]
pub fn usual_version(kind: &str) -> Option<&'static str> {
    all().find(|k| k.kind == kind).map(|k| k.api_version)
}

/// Whether an `apiVersion` is of a group that Kubernetes itself does not have, and that nobody meant to be one of its own.
#[must_use]
pub fn is_custom(api_version: &str) -> bool {
    let Some((group, _)) = api_version.split_once('/') else { return false };
    let near = |known: &str| known == group || super::distance(known, group) == 1;
    let removed = matches!(group, "extensions" | "policy" | "batch" | "apps" | "autoscaling");
    group.contains('.') && !removed && !all().any(|kind| near(kind.group()))
}
