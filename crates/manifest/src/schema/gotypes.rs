//! Names that Go's error messages show and OpenAPI does not know: named strings, embedded structs.

/// `(type, field, Go type)` of strings with a type of their own.
const NAMED: &[(&str, &str, &str)] = &[
    ("AppArmorProfile", "type", "AppArmorProfileType"),
    ("Capabilities", "add", "Capability"),
    ("Capabilities", "drop", "Capability"),
    ("ClaimSource", "kind", "string"),
    ("Container", "imagePullPolicy", "PullPolicy"),
    ("Container", "restartPolicy", "ContainerRestartPolicy"),
    ("Container", "terminationMessagePolicy", "TerminationMessagePolicy"),
    ("ContainerPort", "protocol", "Protocol"),
    ("ContainerResizePolicy", "resourceName", "ResourceName"),
    ("ContainerResizePolicy", "restartPolicy", "ResourceResizeRestartPolicy"),
    ("ContainerRestartRule", "action", "ContainerRestartRuleAction"),
    ("ContainerRestartRuleOnExitCodes", "operator", "ContainerRestartRuleOnExitCodesOperator"),
    ("CronJobSpec", "concurrencyPolicy", "ConcurrencyPolicy"),
    ("DaemonSetUpdateStrategy", "type", "DaemonSetUpdateStrategyType"),
    ("DeploymentStrategy", "type", "DeploymentStrategyType"),
    ("EmptyDirVolumeSource", "medium", "StorageMedium"),
    ("EphemeralContainer", "imagePullPolicy", "PullPolicy"),
    ("EphemeralContainer", "restartPolicy", "ContainerRestartPolicy"),
    ("EphemeralContainer", "terminationMessagePolicy", "TerminationMessagePolicy"),
    ("HTTPGetAction", "scheme", "URIScheme"),
    ("HostPathVolumeSource", "type", "HostPathType"),
    ("ImageVolumeSource", "pullPolicy", "PullPolicy"),
    ("JobSpec", "completionMode", "CompletionMode"),
    ("JobSpec", "podReplacementPolicy", "PodReplacementPolicy"),
    ("LabelSelectorRequirement", "operator", "LabelSelectorOperator"),
    ("Lifecycle", "stopSignal", "Signal"),
    ("LimitRangeItem", "type", "LimitType"),
    ("NamespaceSpec", "finalizers", "FinalizerName"),
    ("NodeSelectorRequirement", "operator", "NodeSelectorOperator"),
    ("PersistentVolumeClaimSpec", "accessModes", "PersistentVolumeAccessMode"),
    ("PersistentVolumeClaimSpec", "volumeMode", "PersistentVolumeMode"),
    ("PersistentVolumeSpec", "accessModes", "PersistentVolumeAccessMode"),
    ("PersistentVolumeSpec", "persistentVolumeReclaimPolicy", "PersistentVolumeReclaimPolicy"),
    ("PersistentVolumeSpec", "volumeMode", "PersistentVolumeMode"),
    ("PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", "UnhealthyPodEvictionPolicyType"),
    ("PodFailurePolicyOnExitCodesRequirement", "operator", "PodFailurePolicyOnExitCodesOperator"),
    ("PodFailurePolicyOnPodConditionsPattern", "status", "ConditionStatus"),
    ("PodFailurePolicyOnPodConditionsPattern", "type", "PodConditionType"),
    ("PodFailurePolicyRule", "action", "PodFailurePolicyAction"),
    ("PodOS", "name", "OSName"),
    ("PodReadinessGate", "conditionType", "PodConditionType"),
    ("PodSecurityContext", "fsGroupChangePolicy", "PodFSGroupChangePolicy"),
    ("PodSecurityContext", "supplementalGroupsPolicy", "SupplementalGroupsPolicy"),
    ("PodSpec", "dnsPolicy", "DNSPolicy"),
    ("PodSpec", "preemptionPolicy", "PreemptionPolicy"),
    ("PodSpec", "restartPolicy", "RestartPolicy"),
    ("PodStatus", "phase", "PodPhase"),
    ("PodStatus", "qosClass", "PodQOSClass"),
    ("PriorityClass", "preemptionPolicy", "PreemptionPolicy"),
    ("ResourceQuotaSpec", "scopes", "ResourceQuotaScope"),
    ("SeccompProfile", "type", "SeccompProfileType"),
    ("Secret", "type", "SecretType"),
    ("SecurityContext", "procMount", "ProcMountType"),
    ("ServicePort", "protocol", "Protocol"),
    ("ServiceSpec", "externalTrafficPolicy", "ServiceExternalTrafficPolicy"),
    ("ServiceSpec", "internalTrafficPolicy", "ServiceInternalTrafficPolicy"),
    ("ServiceSpec", "ipFamilies", "IPFamily"),
    ("ServiceSpec", "ipFamilyPolicy", "IPFamilyPolicy"),
    ("ServiceSpec", "sessionAffinity", "ServiceAffinity"),
    ("ServiceSpec", "type", "ServiceType"),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenDeleted",
        "PersistentVolumeClaimRetentionPolicyType",
    ),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenScaled",
        "PersistentVolumeClaimRetentionPolicyType",
    ),
    ("StatefulSetSpec", "podManagementPolicy", "PodManagementPolicyType"),
    ("StatefulSetUpdateStrategy", "type", "StatefulSetUpdateStrategyType"),
    ("Taint", "effect", "TaintEffect"),
    ("Toleration", "effect", "TaintEffect"),
    ("Toleration", "operator", "TolerationOperator"),
    ("TopologySpreadConstraint", "nodeAffinityPolicy", "NodeInclusionPolicy"),
    ("TopologySpreadConstraint", "nodeTaintsPolicy", "NodeInclusionPolicy"),
    ("TopologySpreadConstraint", "whenUnsatisfiable", "UnsatisfiableConstraintAction"),
    ("VolumeMount", "mountPropagation", "MountPropagationMode"),
    ("VolumeMount", "recursiveReadOnly", "RecursiveReadOnlyMode"),
];

/// `(type, own fields, embedded struct)`: every other field of the type is the embedded struct's.
const EMBEDDED: &[(&str, &[&str], &str)] = &[
    (
        "Probe",
        &[
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
            "terminationGracePeriodSeconds",
        ],
        "ProbeHandler",
    ),
    ("Volume", &["name"], "VolumeSource"),
    (
        "PersistentVolumeSpec",
        &[
            "capacity",
            "accessModes",
            "claimRef",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "mountOptions",
            "volumeMode",
            "nodeAffinity",
            "volumeAttributesClassName",
        ],
        "PersistentVolumeSource",
    ),
    ("EphemeralContainer", &["targetContainerName"], "EphemeralContainerCommon"),
    ("ConfigMapKeySelector", &["key", "optional"], "LocalObjectReference"),
    ("SecretKeySelector", &["key", "optional"], "LocalObjectReference"),
    ("ConfigMapEnvSource", &["optional"], "LocalObjectReference"),
    ("SecretEnvSource", &["optional"], "LocalObjectReference"),
    ("ConfigMapVolumeSource", &["items", "defaultMode", "optional"], "LocalObjectReference"),
    ("ConfigMapProjection", &["items", "optional"], "LocalObjectReference"),
    ("SecretProjection", &["items", "optional"], "LocalObjectReference"),
];

/// The Go name of a named string type.
pub(super) fn named_string(owner: &str, field: &str) -> Option<&'static str> {
    NAMED.iter().find(|(o, f, _)| *o == owner && *f == field).map(|(_, _, go)| *go)
}

/// The embedded struct around a field.
pub(super) fn embedded(owner: &str, field: &str) -> Option<&'static str> {
    EMBEDDED
        .iter()
        .find(|(o, own, _)| *o == owner && !own.contains(&field))
        .map(|(_, _, embedded)| *embedded)
}
