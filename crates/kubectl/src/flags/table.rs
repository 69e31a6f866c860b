//! Which command takes which flags.

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// `--flag`, `--flag=true`.
    Bool,
    /// `--flag value`.
    Text,
    /// A list: items are separated by commas, and the flag can be given again.
    List,
    /// A list with one item each time that the flag is given.
    Each,
    /// A whole number.
    Int,
    /// A length of time.
    Time,
    /// `--flag` or `--flag=value`: without a value it has this meaning.
    Optional(&'static str),
}

/// One flag: long name, shorthand or NUL, what it takes.
pub(super) type Flag = (&'static str, char, Takes);

use Takes::{Bool, Each, Int, List, Optional, Text, Time};

pub(super) const GLOBAL: &[Flag] = &[
    ("namespace", 'n', Text),
    ("context", '\0', Text),
    ("cluster", '\0', Text),
    ("user", '\0', Text),
    ("kubeconfig", '\0', Text),
    ("server", 's', Text),
    ("token", '\0', Text),
    ("as", '\0', Text),
    ("as-group", '\0', List),
    ("request-timeout", '\0', Text),
    ("cache-dir", '\0', Text),
    ("insecure-skip-tls-verify", '\0', Bool),
    ("warnings-as-errors", '\0', Bool),
    ("v", 'v', Int),
    ("help", 'h', Bool),
];
const TOKEN: &[Flag] = &[
    ("audience", '\0', List),
    ("duration", '\0', Time),
    ("bound-object-kind", '\0', Text),
    ("bound-object-name", '\0', Text),
    ("bound-object-uid", '\0', Text),
];
const FILES: &[Flag] =
    &[("filename", 'f', List), ("recursive", 'R', Bool), ("kustomize", 'k', Text)];
const PRINT: &[Flag] = &[
    ("output", 'o', Text),
    ("show-managed-fields", '\0', Bool),
    ("template", '\0', Text),
    ("allow-missing-template-keys", '\0', Bool),
];
const SELECT: &[Flag] = &[
    ("selector", 'l', Text),
    ("all", '\0', Bool),
    ("all-namespaces", 'A', Bool),
    ("field-selector", '\0', Text),
];
const DRY: &[Flag] = &[
    ("dry-run", '\0', Optional("unchanged")),
    ("field-manager", '\0', Text),
    ("validate", '\0', Optional("strict")),
    ("save-config", '\0', Bool),
    ("record", '\0', Bool),
];

const GET: &[Flag] = &[
    ("watch", 'w', Bool),
    ("watch-only", '\0', Bool),
    ("output-watch-events", '\0', Bool),
    ("ignore-not-found", '\0', Bool),
    ("no-headers", '\0', Bool),
    ("show-kind", '\0', Bool),
    ("show-labels", '\0', Bool),
    ("label-columns", 'L', List),
    ("sort-by", '\0', Text),
    ("chunk-size", '\0', Int),
    ("raw", '\0', Text),
    ("server-print", '\0', Bool),
    ("subresource", '\0', Text),
];
const APPLY: &[Flag] = &[
    ("prune", '\0', Bool),
    ("prune-allowlist", '\0', Each),
    ("force", '\0', Bool),
    ("overwrite", '\0', Bool),
    ("server-side", '\0', Bool),
    ("force-conflicts", '\0', Bool),
    ("wait", '\0', Bool),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("cascade", '\0', Optional("background")),
    ("openapi-patch", '\0', Bool),
    ("edit", '\0', Bool),
    ("raw", '\0', Text),
    ("windows-line-endings", '\0', Bool),
    ("subresource", '\0', Text),
];
const DELETE: &[Flag] = &[
    ("force", '\0', Bool),
    ("now", '\0', Bool),
    ("wait", '\0', Bool),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("cascade", '\0', Optional("background")),
    ("ignore-not-found", '\0', Bool),
    ("interactive", 'i', Bool),
    ("raw", '\0', Text),
];
const LOGS: &[Flag] = &[
    ("container", 'c', Text),
    ("follow", 'f', Bool),
    ("previous", 'p', Bool),
    ("tail", '\0', Int),
    ("timestamps", '\0', Bool),
    ("all-containers", '\0', Bool),
    ("all-pods", '\0', Bool),
    ("prefix", '\0', Bool),
    ("since", '\0', Time),
    ("since-time", '\0', Text),
    ("limit-bytes", '\0', Int),
    ("ignore-errors", '\0', Bool),
    ("max-log-requests", '\0', Int),
    ("pod-running-timeout", '\0', Time),
    ("insecure-skip-tls-verify-backend", '\0', Bool),
    ("selector", 'l', Text),
];
const EXEC: &[Flag] = &[
    ("container", 'c', Text),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("quiet", 'q', Bool),
    ("filename", 'f', List),
    ("pod-running-timeout", '\0', Time),
];
const LABEL: &[Flag] = &[
    ("overwrite", '\0', Bool),
    ("list", '\0', Bool),
    ("local", '\0', Bool),
    ("resource-version", '\0', Text),
];
const SCALE: &[Flag] = &[
    ("replicas", '\0', Int),
    ("current-replicas", '\0', Int),
    ("resource-version", '\0', Text),
    ("timeout", '\0', Time),
];
const AUTOSCALE: &[Flag] = &[
    ("min", '\0', Int),
    ("max", '\0', Int),
    ("cpu", '\0', Text),
    ("memory", '\0', Text),
    ("cpu-percent", '\0', Int),
    ("name", '\0', Text),
];
const PATCH: &[Flag] = &[
    ("patch", 'p', Text),
    ("patch-file", '\0', Text),
    ("type", '\0', Text),
    ("local", '\0', Bool),
    ("subresource", '\0', Text),
];
const SET: &[Flag] = &[
    ("local", '\0', Bool),
    ("containers", 'c', Text),
    ("env", 'e', Each),
    ("list", '\0', Bool),
    ("overwrite", '\0', Bool),
    ("resolve", '\0', Bool),
    ("from", '\0', Text),
    ("keys", '\0', List),
    ("prefix", '\0', Text),
    ("limits", '\0', Text),
    ("requests", '\0', Text),
    ("resource-version", '\0', Text),
];
const ROLLOUT: &[Flag] = &[
    ("watch", 'w', Bool),
    ("timeout", '\0', Time),
    ("revision", '\0', Int),
    ("to-revision", '\0', Int),
];
const WAIT: &[Flag] = &[("for", '\0', Text), ("timeout", '\0', Time), ("local", '\0', Bool)];
const DRAIN: &[Flag] = &[
    ("force", '\0', Bool),
    ("ignore-daemonsets", '\0', Bool),
    ("delete-emptydir-data", '\0', Bool),
    ("disable-eviction", '\0', Bool),
    ("grace-period", '\0', Int),
    ("timeout", '\0', Time),
    ("pod-selector", '\0', Text),
    ("skip-wait-for-delete-timeout", '\0', Int),
    ("chunk-size", '\0', Int),
    ("overwrite", '\0', Bool),
];
const CREATE: &[Flag] = &[
    ("image", '\0', List),
    ("replicas", 'r', Int),
    ("port", '\0', Text),
    ("from", '\0', Text),
    ("schedule", '\0', Text),
    ("restart", '\0', Text),
    ("from-literal", '\0', Each),
    ("from-file", '\0', Each),
    ("from-env-file", '\0', Each),
    ("type", '\0', Text),
    ("cert", '\0', Text),
    ("key", '\0', Text),
    ("docker-server", '\0', Text),
    ("docker-username", '\0', Text),
    ("docker-password", '\0', Text),
    ("docker-email", '\0', Text),
    ("append-hash", '\0', Bool),
    ("tcp", '\0', List),
    ("clusterip", '\0', Text),
    ("external-name", '\0', Text),
    ("node-port", '\0', Int),
    ("hard", '\0', Text),
    ("scopes", '\0', Text),
    ("min-available", '\0', Text),
    ("max-unavailable", '\0', Text),
    ("value", '\0', Int),
    ("description", '\0', Text),
    ("global-default", '\0', Bool),
    ("preemption-policy", '\0', Text),
];
const RUN: &[Flag] = &[
    ("image", '\0', Text),
    ("image-pull-policy", '\0', Text),
    ("port", '\0', Text),
    ("env", '\0', Each),
    ("labels", 'l', Text),
    ("annotations", '\0', Each),
    ("restart", '\0', Text),
    ("command", '\0', Bool),
    ("expose", '\0', Bool),
    ("overrides", '\0', Text),
    ("override-type", '\0', Text),
    ("rm", '\0', Bool),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("attach", '\0', Bool),
    ("leave-stdin-open", '\0', Bool),
    ("quiet", 'q', Bool),
    ("privileged", '\0', Bool),
    ("pod-running-timeout", '\0', Time),
    ("timeout", '\0', Time),
    ("grace-period", '\0', Int),
    ("force", '\0', Bool),
    ("wait", '\0', Bool),
];
const EXPOSE: &[Flag] = &[
    ("port", '\0', Text),
    ("target-port", '\0', Text),
    ("protocol", '\0', Text),
    ("name", '\0', Text),
    ("type", '\0', Text),
    ("selector", '\0', Text),
    ("labels", 'l', Text),
    ("cluster-ip", '\0', Text),
    ("external-ip", '\0', Text),
    ("load-balancer-ip", '\0', Text),
    ("session-affinity", '\0', Text),
    ("override-type", '\0', Text),
    ("overrides", '\0', Text),
];
const EVENTS: &[Flag] = &[
    ("for", '\0', Text),
    ("types", '\0', List),
    ("watch", 'w', Bool),
    ("no-headers", '\0', Bool),
    ("all-namespaces", 'A', Bool),
];
const DEBUG: &[Flag] = &[
    ("image", '\0', Text),
    ("image-pull-policy", '\0', Text),
    ("target", '\0', Text),
    ("container", 'c', Text),
    ("copy-to", '\0', Text),
    ("env", '\0', Each),
    ("stdin", 'i', Bool),
    ("tty", 't', Bool),
    ("attach", '\0', Bool),
    ("profile", '\0', Text),
    ("quiet", 'q', Bool),
    ("share-processes", '\0', Bool),
    ("arguments-only", '\0', Bool),
];
const DESCRIBE: &[Flag] = &[("show-events", '\0', Bool), ("chunk-size", '\0', Int)];
const EXPLAIN: &[Flag] =
    &[("recursive", '\0', Bool), ("api-version", '\0', Text), ("output", 'o', Text)];
const ABOUT: &[Flag] = &[
    ("client", '\0', Bool),
    ("output", 'o', Text),
    ("namespaced", '\0', Bool),
    ("api-group", '\0', Text),
    ("verbs", '\0', List),
    ("no-headers", '\0', Bool),
    ("sort-by", '\0', Text),
    ("categories", '\0', List),
    ("cached", '\0', Bool),
];
const TAINT: &[Flag] = &[("overwrite", '\0', Bool)];

/// The flags of a command, beside the global ones.
pub(super) fn flags_of(command: &str) -> Vec<&'static [Flag]> {
    match command {
        "get" => vec![GET, FILES, PRINT, SELECT],
        "describe" => vec![DESCRIBE, FILES, SELECT],
        "apply" => vec![APPLY, FILES, PRINT, SELECT, DRY],
        "replace" => vec![APPLY, FILES, PRINT, DRY],
        "create" => vec![APPLY, FILES, PRINT, &[("selector", 'l', Text)], DRY],
        "delete" => vec![DELETE, FILES, PRINT, SELECT, DRY],
        "logs" => vec![LOGS],
        "exec" => vec![EXEC],
        "label" | "annotate" => vec![LABEL, FILES, PRINT, SELECT, DRY],
        "scale" => vec![SCALE, FILES, PRINT, SELECT, DRY],
        "autoscale" => vec![AUTOSCALE, FILES, PRINT, DRY],
        "patch" => vec![PATCH, FILES, PRINT, DRY],
        "wait" => vec![WAIT, FILES, PRINT, SELECT],
        "cordon" | "uncordon" | "drain" => vec![DRAIN, &[("selector", 'l', Text)], DRY],
        "taint" => vec![TAINT, PRINT, SELECT, DRY],
        "run" => vec![RUN, PRINT, DRY, FILES],
        "expose" => vec![EXPOSE, FILES, PRINT, DRY],
        "events" => vec![EVENTS, PRINT],
        "debug" => vec![DEBUG, FILES],
        "explain" => vec![EXPLAIN],
        "version" | "api-resources" | "api-versions" | "cluster-info" | "config" => vec![ABOUT],
        _ if command.starts_with("set") => vec![SET, FILES, PRINT, SELECT, DRY],
        _ if command.starts_with("rollout") => vec![ROLLOUT, FILES, PRINT, SELECT, DRY],
        "create token" => vec![TOKEN, PRINT],
        _ if command.starts_with("create ") => vec![CREATE, PRINT, &[("selector", 'l', Text)], DRY],
        _ => vec![],
    }
}
