//! One helping sentence for the findings that people meet most, and fixes where one is certain.

use crate::model::Edit;
use crate::validate::{ErrorType, FieldError};
use crate::yaml::Span;

/// Help for a wrong type.
pub(crate) fn type_error(message: &str, path: &str) -> String {
    let field = path.rsplit('.').next().unwrap_or_default();
    let field = field.split('[').next().unwrap_or_default();
    let got = message.strip_prefix("json: cannot unmarshal ").and_then(|m| m.split(' ').next());
    let want = message.rsplit(" of type ").next().unwrap_or_default();
    match (got, want) {
        (Some("number" | "bool"), "string") => {
            format!(
                "`{field}` is a text: put the value in quotes. Unquoted `yes`, `on` and `true` are booleans, `80` and `1.0` are numbers."
            )
        }
        (Some("string"), "int32" | "int64") => {
            format!("`{field}` is a number: write it without quotes and without a unit.")
        }
        (Some("string"), "bool") => format!("`{field}` is true or false, without quotes."),
        (Some("number"), "int32" | "int64") => format!("`{field}` is a whole number."),
        (Some("string"), "[]string") => {
            format!(
                "`{field}` is a list: `[\"sh\", \"-c\", \"…\"]`, or one item per line after a dash."
            )
        }
        (Some("object"), list) if list.starts_with("[]") => {
            format!("`{field}` is a list: put a dash before its first key.")
        }
        (Some("array"), "string") => format!("`{field}` is a single text, not a list."),
        (Some("string" | "number"), object) if object.contains('.') => {
            format!("`{field}` has fields of its own: write them below it, indented.")
        }
        _ if message.starts_with("quantities")
            || message.starts_with("unable to parse quantity") =>
        {
            "A quantity is a number with an optional unit: 500m, 1.5, 64Mi, 1Gi.".to_owned()
        }
        _ if message.starts_with("illegal base64") => {
            "Values under `data` are base64; plain text goes under `stringData`.".to_owned()
        }
        _ => format!("`{field}` does not take this kind of value."),
    }
}

/// Help for a refusal by admission.
pub(crate) fn admission(path: &str) -> &'static str {
    match path {
        "spec.serviceAccountName" => "Add the ServiceAccount to the text, or leave the field out.",
        "spec.priorityClassName" => "Add the PriorityClass to the text, or leave the field out.",
        "spec.preemptionPolicy" | "spec.priority" => {
            "This follows from the priority class; leave the field out."
        }
        "spec.runtimeClassName" => "Add the RuntimeClass to the text, or leave the field out.",
        _ => "Leave the field out.",
    }
}

/// `(part of the message, help)`, the first that fits.
const SENTENCES: &[(&str, &str)] = &[
    (
        "must specify a handler type",
        "Say how to check: one of `exec`, `httpGet`, `tcpSocket` or `grpc`.",
    ),
    (
        "may not specify more than 1 handler type",
        "One probe or hook has one way of checking; remove the others.",
    ),
    (
        "exec.command: Required value",
        "The command to run is missing; an empty list is not allowed.",
    ),
    (
        "must not be set for readinessProbes",
        "A failing readiness probe restarts nothing, so it has no grace period.",
    ),
    ("successThreshold", "Liveness and startup probes count as good after one success."),
    ("must be between 1 and 65535", "A port is a number from 1 to 65535."),
    (
        "must contain at least one letter",
        "In quotes it is the name of a port; write a port number without quotes.",
    ),
    (
        "spec.containers: Required value",
        "A pod needs at least one container under `spec.containers`.",
    ),
    (".image: Required value", "Every container needs an image."),
    (".name: Required value", "Give it a name."),
    ("name or generateName is required", "Every object needs `metadata.name`."),
    (
        "RFC 1123 subdomain",
        "Use lower case letters, digits, `-` and `.` only; begin and end with a letter or digit.",
    ),
    (
        "RFC 1123 label",
        "Use lower case letters, digits and `-` only; begin and end with a letter or digit.",
    ),
    ("must not contain dots", "Use `-` in place of the dots."),
    (
        "a valid label must be",
        "Label values hold letters, digits, `-`, `_` and `.`, at most 63 characters.",
    ),
    ("name part must", "Keys hold letters, digits, `-`, `_` and `.`, with an optional `prefix/`."),
    (
        "does not match template `labels`",
        "The selector must match the labels under `spec.template.metadata.labels`.",
    ),
    (
        "spec.selector: Required value",
        "Say which pods belong to it: `selector: {matchLabels: …}` with the labels of the template.",
    ),
    ("volumeMounts", "Mounts name a volume of `spec.volumes`, each at a path of its own."),
    ("less than or equal to", "A request may not be larger than the limit."),
    (
        "must be a standard resource",
        "Resources are `cpu`, `memory`, `ephemeral-storage`, or have a domain such as `nvidia.com/gpu`.",
    ),
    (
        "may not be set for init containers",
        "Only sidecars (`restartPolicy: Always` among the init containers) have probes and hooks.",
    ),
    (
        "must be non-negative and less than terminationGracePeriodSeconds",
        "The hook must fit into the pod's grace period.",
    ),
    (
        "valid values: \"OnFailure\", \"Never\"",
        "A Job's pods need `restartPolicy: OnFailure` or `Never`; the default Always does not do.",
    ),
    (
        "restartPolicy: Unsupported value",
        "Pods of this workload are always restarted; leave `restartPolicy` out.",
    ),
    (
        "spec.ports: Required value",
        "A Service needs at least one port, unless it is headless (`clusterIP: None`).",
    ),
    (
        "field is immutable",
        "This field is fixed when the object is created; delete it and create it anew.",
    ),
    (
        "pod updates may not change fields",
        "Most fields of a pod are fixed; delete it and create it anew, or change the Deployment that owns it.",
    ),
    ("Duplicate value", "Each value may occur once."),
];

/// Help for a finding of validation.
pub(crate) fn validation(error: &FieldError) -> Option<String> {
    let found = SENTENCES.iter().find(|(part, _)| error.message.contains(part));
    match (found, error.kind) {
        (Some((_, sentence)), _) => Some((*sentence).to_owned()),
        (None, ErrorType::NotSupported) => {
            Some("Use one of the values listed; case matters.".to_owned())
        }
        (None, ErrorType::Required) => Some("This field must be there.".to_owned()),
        (None, ErrorType::Forbidden) => Some("Remove this field.".to_owned()),
        (None, _) => None,
    }
}

/// A change of the text that certainly mends the finding.
pub(crate) fn fix(error: &FieldError, span: Span, source: &str) -> Option<Edit> {
    let edit =
        |replacement: String, title: &str| Edit { span, replacement, title: title.to_owned() };
    let one_line = !source.contains('\n') && source.len() < 200;
    match error.kind {
        ErrorType::Required if error.field.ends_with("exec.command") && source == "[]" => {
            Some(edit("[\"true\"]".to_owned(), "Run the command `true`"))
        }
        ErrorType::NotSupported if one_line => {
            let wanted = supported(&error.message)
                .into_iter()
                .find(|v| v.eq_ignore_ascii_case(source.trim_matches(['"', '\''])))?;
            let title = format!("Use {wanted}");
            Some(edit(wanted, &title))
        }
        ErrorType::Invalid if error.message.contains("must contain at least one letter") => {
            let bare = source.trim_matches(['"', '\'']);
            let is_port = bare.parse::<u16>().is_ok_and(|p| p > 0);
            (is_port && bare != source && error.field.to_ascii_lowercase().ends_with("port"))
                .then(|| edit(bare.to_owned(), "Remove the quotes"))
        }
        ErrorType::Invalid if error.field == "metadata.name" && one_line => {
            let better: String = source
                .trim_matches(['"', '\''])
                .to_ascii_lowercase()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' })
                .collect();
            let better = better.trim_matches(['-', '.']).to_owned();
            let fits = !better.is_empty() && crate::validate::is_subdomain(&better);
            (fits && better != source).then(|| edit(better.clone(), &format!("Rename to {better}")))
        }
        _ => None,
    }
}

fn supported(message: &str) -> Vec<String> {
    let list = message.split("supported values: ").nth(1).unwrap_or_default();
    list.split(", ").map(|v| v.trim_matches('"').to_owned()).collect()
}
