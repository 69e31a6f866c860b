//! Probes and hooks.
//!
//! Models `validateProbe`, `validateHandler` and `validateLifecycle` of `pkg/apis/core/validation`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, not_negative, port, required};
use super::error::Report;
use super::names;
use super::path::sub;
use crate::value::{get, int, items, text};

/// The three probes and the hooks of a container, in the server's order.
pub(super) fn probes_and_hooks(container: &Value, grace: i64, path: &str, errors: &mut Errors) {
    if let Some(lifecycle) = get(container, "lifecycle") {
        for hook in ["postStart", "preStop"] {
            if let Some(of) = get(lifecycle, hook) {
                handler(of, grace, &format!("{path}.lifecycle.{hook}"), errors);
            }
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(of) = get(container, name) {
            probe(of, name, grace, &sub(path, name), errors);
        }
    }
}

fn probe(probe: &Value, name: &str, grace: i64, path: &str, errors: &mut Errors) {
    handler(probe, grace, path, errors);
    for key in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        not_negative(probe, key, path, errors);
    }
    let own_grace = get(probe, "terminationGracePeriodSeconds");
    let grace_path = sub(path, "terminationGracePeriodSeconds");
    if let Some(value) = own_grace.filter(|v| v.as_i64().is_some_and(|n| n <= 0)) {
        errors.invalid(&grace_path, value, "must be greater than 0");
    }
    if name == "readinessProbe" {
        if let Some(value) = own_grace {
            let detail = "must not be set for readinessProbes";
            errors.invalid(&grace_path, value, detail);
        }
        return;
    }
    if let Some(n) = int(probe, "successThreshold").filter(|n| *n != 1) {
        let path = sub(path, "successThreshold");
        errors.invalid_number(&path, n, "must be 1");
    }
}

/// Exactly one way of acting.
fn handler(handler: &Value, grace: i64, path: &str, errors: &mut Errors) {
    let mut found = 0;
    for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let Some(action) = get(handler, kind) else { continue };
        let path = sub(path, kind);
        if found > 0 {
            let detail = "may not specify more than 1 handler type";
            errors.forbidden(&path, detail);
            continue;
        }
        found += 1;
        match kind {
            "exec" => {
                required(action, "command", &path, errors);
            }
            "httpGet" => http_get(action, &path, errors),
            "tcpSocket" => port(action, "port", &path, errors),
            "grpc" => port(action, "port", &path, errors),
            _ => sleep(action, grace, &path, errors),
        }
    }
    if found == 0 {
        errors.required(path, "must specify a handler type");
    }
}

fn http_get(action: &Value, path: &str, errors: &mut Errors) {
    required(action, "path", path, errors);
    port(action, "port", path, errors);
    let scheme = text(action, "scheme");
    if !matches!(scheme, "HTTP" | "HTTPS") {
        let path = sub(path, "scheme");
        errors.not_supported(&path, scheme, &["HTTP", "HTTPS"]);
    }
    for header in items(action, "httpHeaders") {
        check_text(text(header, "name"), names::header, &sub(path, "httpHeaders"), errors);
    }
}

fn sleep(action: &Value, grace: i64, path: &str, errors: &mut Errors) {
    let seconds = int(action, "seconds").unwrap_or(0);
    if seconds < 0 || seconds > grace {
        let detail =
            format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        errors.invalid_number(path, seconds, &detail);
    }
}
