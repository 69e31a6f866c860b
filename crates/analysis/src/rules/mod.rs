//! The rules, each with its code and its sentence. Codes are never used twice and never change their meaning.

mod cluster;
mod images;
mod probes;
mod programs;
mod workloads;

use crate::context::{Context, Part, Pod};
use podplay_manifest::{Edit, Object};

/// What a rule found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The field that it is about.
    pub(crate) path: String,
    /// What is put into the sentence.
    pub(crate) args: Vec<String>,
    /// A change of the text that certainly helps.
    pub(crate) fix: Option<Edit>,
}

impl Found {
    fn at<const N: usize>(path: String, args: [&dyn std::fmt::Display; N]) -> Self {
        Self { path, args: args.iter().map(ToString::to_string).collect(), fix: None }
    }
    fn fix(self, fix: Option<Edit>) -> Self {
        Self { fix, ..self }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// Each container of each pod.
    Container(fn(&Context<'_>, &Pod<'_>, &Part<'_>) -> Option<Found>),
    /// Each pod or template.
    Pod(fn(&Context<'_>, &Pod<'_>) -> Vec<Found>),
    /// Each object.
    Object(fn(&Context<'_>, &Object) -> Option<Found>),
}

/// Code, sentence, rule.
pub(crate) const RULES: &[(&str, &str, Rule)] = &[
    (
        "PP-1001",
        "the liveness probe of container {0} asks what its readiness probe asks and gives up as soon: what should only stop traffic restarts it",
        Rule::Container(probes::same_check),
    ),
    (
        "PP-1002",
        "the liveness probe of container {0} waits {1} s for the start, always: a startup probe would wait as long as it takes",
        Rule::Container(probes::no_startup_probe),
    ),
    (
        "PP-1003",
        "container {0} is restarted before it can be up: it needs {1} s to start, and the {2} gives up after {3} s",
        Rule::Container(probes::killed_before_start),
    ),
    (
        "PP-1004",
        "the {1} of container {0} may take {2} s, but is due every {3} s: slow answers delay the next probe",
        Rule::Container(probes::timeout_above_period),
    ),
    (
        "PP-1005",
        "Service {1} sends traffic to container {0} as soon as it runs: it has no readiness probe",
        Rule::Pod(probes::no_readiness),
    ),
    (
        "PP-1006",
        "image {1} has no {2}: the {3} of container {0} fails each time",
        Rule::Container(probes::missing_program),
    ),
    (
        "PP-1007",
        "nothing is known to listen on port {2}: the {1} of container {0} will be refused",
        Rule::Container(probes::silent_port),
    ),
    (
        "PP-1008",
        "container {0} declares no port named {2}: its {1} fails each time",
        Rule::Container(probes::unnamed_port),
    ),
    (
        "PP-1009",
        "one failed liveness probe restarts container {0}: a single slow answer is enough",
        Rule::Container(probes::one_failure),
    ),
    (
        "PP-1101",
        "the preStop hook of container {0} takes {1} s, and the pod has {2} s to stop: the container is killed in the middle",
        Rule::Container(programs::hook_above_grace),
    ),
    (
        "PP-1102",
        "{1} is process 1 of container {0} and ignores SIGTERM: it is killed {2} s after the pod is deleted",
        Rule::Pod(programs::deaf_to_sigterm),
    ),
    (
        "PP-1103",
        "a grace period of 0 kills the containers at once: no SIGTERM is handled, no preStop hook runs",
        Rule::Pod(programs::no_grace),
    ),
    (
        "PP-1104",
        "init container {0} never ends, so the containers after it never start",
        Rule::Container(programs::endless_init),
    ),
    (
        "PP-1105",
        "container {0} ends at once and is started again and again: restartPolicy is Always",
        Rule::Container(programs::ends_at_once),
    ),
    (
        "PP-1106",
        "{0} is one word: there is no program of the name \"{1}\"",
        Rule::Container(programs::one_word),
    ),
    (
        "PP-1107",
        "{0} runs without a shell: {1} is passed to {2} as a plain word",
        Rule::Container(programs::no_shell),
    ),
    (
        "PP-1201",
        "a node that has any {1} keeps it: IfNotPresent never fetches a newer one",
        Rule::Container(images::latest_kept),
    ),
    (
        "PP-1202",
        "the {2} pods of {0} may run different versions of {1}: it has no fixed tag",
        Rule::Container(images::floating_tag),
    ),
    (
        "PP-1203",
        "container {0} starts only on a node that has {1} already: it is never pulled",
        Rule::Container(images::never_pulled),
    ),
    (
        "PP-1301",
        "the selector of {0} asks for {1}, which its own pods do not have",
        Rule::Object(workloads::selector_mismatch),
    ),
    (
        "PP-1302",
        "Service {0} selects no pod of this text ({1})",
        Rule::Object(workloads::service_without_pods),
    ),
    (
        "PP-1303",
        "Service {0} sends traffic to port {1}, on which nothing is known to listen",
        Rule::Object(workloads::service_port),
    ),
    (
        "PP-1304",
        "an update may take down all {1} pods of {0} at the same time",
        Rule::Object(workloads::all_at_once),
    ),
    (
        "PP-1305",
        "a rollout of {0} counts as failed after {1} s, and a new pod needs {2} s to be available",
        Rule::Object(workloads::impatient_rollout),
    ),
    (
        "PP-1306",
        "PodDisruptionBudget {0} never lets a pod go: draining a node hangs",
        Rule::Object(workloads::rigid_budget),
    ),
    (
        "PP-1307",
        "the pods of {0} must be able to end: restartPolicy Always is not for a Job",
        Rule::Object(workloads::job_always),
    ),
    (
        "PP-1308",
        "CronJob {0} may miss every start: {1} s are less than the 10 s between two looks at the clock",
        Rule::Object(workloads::tight_deadline),
    ),
    (
        "PP-1401",
        "container {1} waits for {0}, which is not in this text",
        Rule::Pod(cluster::missing_source),
    ),
    (
        "PP-1402",
        "pod {0} asks for {1} {2}, more than any node of this run has: it stays Pending",
        Rule::Pod(cluster::too_large),
    ),
    (
        "PP-1403",
        "no node of this run is or has {1}: pod {0} is not started",
        Rule::Pod(cluster::no_such_node),
    ),
    (
        "PP-1404",
        "hostPort {1} is there once on each node: of {2} pods at most {3} can run",
        Rule::Container(cluster::host_port),
    ),
];
