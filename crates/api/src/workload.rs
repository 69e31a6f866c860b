//! Specs of the kinds around the Pod: what controllers and the network read of them.

use crate::{IntOrString, LabelSelector, Quantity, StringMap, raw_object};
use serde_json::Value;
use std::collections::BTreeMap;

raw_object! {
    /// A pod template; its spec stays a tree, from which pods are made.
    pub struct PodTemplate {
        /// Labels and annotations of the pods.
        pub metadata: TemplateMeta = "metadata",
        /// Their spec.
        pub spec: Value = "spec",
    }
}
raw_object! {
    /// Labels, annotations and finalizers of a template.
    pub struct TemplateMeta {
        /// Labels.
        pub labels: StringMap = "labels",
        /// Annotations.
        pub annotations: StringMap = "annotations",
        /// Finalizers.
        pub finalizers: Vec<String> = "finalizers",
    }
}
raw_object! {
    /// `spec` of a Deployment.
    pub struct DeploymentSpec {
        /// How many pods.
        pub replicas: Option<i64> = "replicas",
        /// Which pods.
        pub selector: LabelSelector = "selector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// How they are replaced.
        pub strategy: DeploymentStrategy = "strategy",
        /// Seconds a pod must be ready to be available.
        pub min_ready_seconds: i64 = "minReadySeconds",
        /// Old ReplicaSets kept.
        pub revision_history_limit: Option<i64> = "revisionHistoryLimit",
        /// No rollout while set.
        pub paused: bool = "paused",
        /// Seconds without progress before it is said.
        pub progress_deadline_seconds: Option<i64> = "progressDeadlineSeconds",
    }
}
raw_object! {
    /// How pods of a Deployment are replaced.
    pub struct DeploymentStrategy {
        /// `RollingUpdate` or `Recreate`.
        pub kind: String = "type",
        /// Its numbers.
        pub rolling_update: RollingUpdate = "rollingUpdate",
    }
}
raw_object! {
    /// Numbers of a rolling update.
    pub struct RollingUpdate {
        /// Pods that may be missing.
        pub max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// Pods above the wanted number.
        pub max_surge: Option<IntOrString> = "maxSurge",
        /// StatefulSet: ordinals below it stay.
        pub partition: i64 = "partition",
    }
}
raw_object! {
    /// `spec` of a ReplicaSet.
    pub struct ReplicaSetSpec {
        /// How many pods.
        pub replicas: Option<i64> = "replicas",
        /// Which pods.
        pub selector: LabelSelector = "selector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// Seconds a pod must be ready to be available.
        pub min_ready_seconds: i64 = "minReadySeconds",
    }
}
raw_object! {
    /// `spec` of a ReplicationController.
    pub struct ReplicationControllerSpec {
        /// How many pods.
        pub replicas: Option<i64> = "replicas",
        /// Which pods.
        pub selector: StringMap = "selector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// Seconds a pod must be ready to be available.
        pub min_ready_seconds: i64 = "minReadySeconds",
    }
}
raw_object! {
    /// `spec` of a StatefulSet.
    pub struct StatefulSetSpec {
        /// How many pods.
        pub replicas: Option<i64> = "replicas",
        /// Which pods.
        pub selector: LabelSelector = "selector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// The headless Service that names them.
        pub service_name: String = "serviceName",
        /// `OrderedReady` or `Parallel`.
        pub pod_management_policy: String = "podManagementPolicy",
        /// How they are replaced.
        pub update_strategy: DeploymentStrategy = "updateStrategy",
        /// Old revisions kept.
        pub revision_history_limit: Option<i64> = "revisionHistoryLimit",
        /// Seconds a pod must be ready to be available.
        pub min_ready_seconds: i64 = "minReadySeconds",
        /// First ordinal.
        pub ordinals: Ordinals = "ordinals",
        /// Claims, one for each pod and template.
        pub volume_claim_templates: Vec<Value> = "volumeClaimTemplates",
    }
}
raw_object! {
    /// Numbering of a StatefulSet's pods.
    pub struct Ordinals {
        /// The first.
        pub start: i64 = "start",
    }
}
raw_object! {
    /// `spec` of a DaemonSet.
    pub struct DaemonSetSpec {
        /// Which pods.
        pub selector: LabelSelector = "selector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// How they are replaced.
        pub update_strategy: DeploymentStrategy = "updateStrategy",
        /// Seconds a pod must be ready to be available.
        pub min_ready_seconds: i64 = "minReadySeconds",
        /// Old revisions kept.
        pub revision_history_limit: Option<i64> = "revisionHistoryLimit",
    }
}
raw_object! {
    /// `spec` of a Job.
    pub struct JobSpec {
        /// Pods at the same time.
        pub parallelism: Option<i64> = "parallelism",
        /// Successes wanted.
        pub completions: Option<i64> = "completions",
        /// Seconds the job may be active.
        pub active_deadline_seconds: Option<i64> = "activeDeadlineSeconds",
        /// Which failures count how.
        pub pod_failure_policy: Option<Value> = "podFailurePolicy",
        /// When an Indexed job has succeeded early.
        pub success_policy: Option<Value> = "successPolicy",
        /// Failures allowed.
        pub backoff_limit: Option<i64> = "backoffLimit",
        /// Failures allowed for each index.
        pub backoff_limit_per_index: Option<i64> = "backoffLimitPerIndex",
        /// Failed indexes allowed.
        pub max_failed_indexes: Option<i64> = "maxFailedIndexes",
        /// Which pods.
        pub selector: LabelSelector = "selector",
        /// The selector was given by the user.
        pub manual_selector: bool = "manualSelector",
        /// What they look like.
        pub template: PodTemplate = "template",
        /// Seconds a finished job is kept.
        pub ttl_seconds_after_finished: Option<i64> = "ttlSecondsAfterFinished",
        /// `NonIndexed` or `Indexed`.
        pub completion_mode: String = "completionMode",
        /// No pods while set.
        pub suspend: bool = "suspend",
        /// Who looks after it, if not the Job controller.
        pub managed_by: String = "managedBy",
        /// `TerminatingOrFailed` or `Failed`.
        pub pod_replacement_policy: String = "podReplacementPolicy",
    }
}
raw_object! {
    /// `spec` of a CronJob.
    pub struct CronJobSpec {
        /// Five fields or a macro.
        pub schedule: String = "schedule",
        /// Name of a zone.
        pub time_zone: Option<String> = "timeZone",
        /// Seconds a start may be late.
        pub starting_deadline_seconds: Option<i64> = "startingDeadlineSeconds",
        /// `Allow`, `Forbid` or `Replace`.
        pub concurrency_policy: String = "concurrencyPolicy",
        /// No starts while set.
        pub suspend: bool = "suspend",
        /// What its jobs look like.
        pub job_template: Value = "jobTemplate",
        /// Finished jobs kept.
        pub successful_jobs_history_limit: Option<i64> = "successfulJobsHistoryLimit",
        /// Failed jobs kept.
        pub failed_jobs_history_limit: Option<i64> = "failedJobsHistoryLimit",
    }
}
raw_object! {
    /// `spec` of a Service.
    pub struct ServiceSpec {
        /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        pub kind: String = "type",
        /// Which pods; empty for none.
        pub selector: StringMap = "selector",
        /// Its address, `None` for headless.
        pub cluster_ip: String = "clusterIP",
        /// Its ports.
        pub ports: Vec<ServicePort> = "ports",
        /// Unready pods are published too.
        pub publish_not_ready_addresses: bool = "publishNotReadyAddresses",
        /// `None` or `ClientIP`.
        pub session_affinity: String = "sessionAffinity",
        /// How long affinity lasts.
        pub session_affinity_config: Value = "sessionAffinityConfig",
        /// `Cluster` or `Local`.
        pub internal_traffic_policy: String = "internalTrafficPolicy",
        /// For `ExternalName`.
        pub external_name: String = "externalName",
    }
}
raw_object! {
    /// A port of a Service.
    pub struct ServicePort {
        /// Its name.
        pub name: String = "name",
        /// `TCP`, `UDP` or `SCTP`.
        pub protocol: String = "protocol",
        /// On the Service's address.
        pub port: u16 = "port",
        /// On the pods.
        pub target_port: IntOrString = "targetPort",
        /// On the nodes.
        pub node_port: u16 = "nodePort",
    }
}
raw_object! {
    /// `spec` of a PodDisruptionBudget.
    pub struct PodDisruptionBudgetSpec {
        /// Pods that must stay.
        pub min_available: Option<IntOrString> = "minAvailable",
        /// Pods that may go.
        pub max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// Which pods.
        pub selector: Option<LabelSelector> = "selector",
        /// `IfHealthyBudget` or `AlwaysAllow`.
        pub unhealthy_pod_eviction_policy: String = "unhealthyPodEvictionPolicy",
    }
}
raw_object! {
    /// `spec` of a ResourceQuota.
    pub struct ResourceQuotaSpec {
        /// Limits by resource name.
        pub hard: BTreeMap<String, Quantity> = "hard",
        /// Only pods of these scopes.
        pub scopes: Vec<String> = "scopes",
    }
}
