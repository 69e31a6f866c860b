//! An Ingress: its hosts, paths, backends and certificates.
//!
//! Models `pkg/apis/networking/validation/validation.go`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, required};
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use crate::value::{at, filled, get, int, items, text};

const NULL: Value = Value::Null;
const CLASS: &str = "kubernetes.io/ingress.class";

/// An Ingress.
pub(super) fn ingress(object: &Value, errors: &mut Errors) {
    let spec = get(object, "spec").unwrap_or(&NULL);
    let class = get(spec, "ingressClassName").and_then(Value::as_str);
    let noted = at(object, "metadata.annotations").and_then(|all| get(all, CLASS));
    if let (Some(class), Some(noted)) = (class, noted.and_then(Value::as_str))
        && class != noted
    {
        let detail = "must match `ingressClassName` when both are specified";
        errors.invalid_text(&format!("annotations.{CLASS}"), noted, detail);
    }
    if !filled(spec, "rules") && get(spec, "defaultBackend").is_none() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.invalid_shown("spec", "[]", detail);
    }
    if let Some(found) = get(spec, "defaultBackend") {
        backend(found, "spec.defaultBackend", errors);
    }
    for (i, one) in items(spec, "rules").iter().enumerate() {
        rule(one, &nth("spec.rules", i), errors);
    }
    for (i, tls) in items(spec, "tls").iter().enumerate() {
        let path = nth("spec.tls", i);
        for (n, host) in items(tls, "hosts").iter().enumerate() {
            dns_name(host.as_str().unwrap_or_default(), &nth(sub(&path, "hosts"), n), errors);
        }
        let secret = text(tls, "secretName");
        if !secret.is_empty() {
            check_text(secret, names::subdomain, &sub(&path, "secretName"), errors);
        }
    }
    if let Some(class) = class {
        check_text(class, names::subdomain, "spec.ingressClassName", errors);
    }
}

/// A host, with or without `*`.
fn dns_name(host: &str, path: &str, errors: &mut Errors) {
    let rule = if host.contains('*') { names::wildcard } else { names::subdomain };
    check_text(host, rule, path, errors);
}

fn rule(rule: &Value, path: &str, errors: &mut Errors) {
    let host = text(rule, "host");
    if !host.is_empty() {
        let path = sub(path, "host");
        if names::is_ip(host) {
            errors.invalid_text(&path, host, "must be a DNS name, not an IP address");
        }
        dns_name(host, &path, errors);
    }
    let Some(http) = get(rule, "http").filter(|http| http.is_object()) else { return };
    let path = sub(path, "http.paths");
    if items(http, "paths").is_empty() {
        errors.required(&path, "");
    }
    for (n, entry) in items(http, "paths").iter().enumerate() {
        path_of(entry, &nth(&path, n), errors);
    }
}

fn path_of(entry: &Value, path: &str, errors: &mut Errors) {
    let (target, at) = (text(entry, "path"), sub(path, "path"));
    let absolute = target.starts_with('/');
    match text(entry, "pathType") {
        "" => {
            let detail = "pathType must be specified";
            errors.required(&sub(path, "pathType"), detail);
            return;
        }
        "Exact" | "Prefix" => {
            if !absolute {
                errors.invalid_text(&at, target, "must be an absolute path");
            }
            for bad in ["//", "/./", "/../", "%2f", "%2F"] {
                if target.contains(bad) {
                    errors.invalid_text(&at, target, &format!("must not contain '{bad}'"));
                }
            }
            for bad in ["/..", "/."] {
                if target.ends_with(bad) {
                    errors.invalid_text(&at, target, &format!("cannot end with '{bad}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !target.is_empty() && !absolute {
                errors.invalid_text(&at, target, "must be an absolute path");
            }
        }
        other => {
            let known = ["Exact", "ImplementationSpecific", "Prefix"];
            errors.not_supported(&sub(path, "pathType"), other, &known);
        }
    }
    backend(get(entry, "backend").unwrap_or(&NULL), &sub(path, "backend"), errors);
}

fn backend(backend: &Value, path: &str, errors: &mut Errors) {
    let part = |key: &str| get(backend, key).filter(|part| part.is_object());
    let (resource, service) = (part("resource"), part("service"));
    match (resource, service) {
        (Some(_), Some(_)) => {
            errors.invalid_text(path, "", "cannot set both resource and service backends");
        }
        (Some(resource), None) => {
            let path = sub(path, "resource");
            for key in ["kind", "name"] {
                if required(resource, key, &path, errors) {
                    check_text(text(resource, key), names::path_segment, &sub(&path, key), errors);
                }
            }
        }
        (None, Some(service)) => service_of(service, path, errors),
        (None, None) => errors.invalid_text(path, "", "resource or service backend is required"),
    }
}

fn service_of(service: &Value, path: &str, errors: &mut Errors) {
    let at = sub(path, "service");
    if required(service, "name", &at, errors) {
        check_text(text(service, "name"), names::label, &sub(&at, "name"), errors);
    }
    let port = get(service, "port").unwrap_or(&NULL);
    let (name, number) = (text(port, "name"), int(port, "number").unwrap_or(0));
    match (name.is_empty(), number) {
        (true, 0) => errors.required(path, "port name or number is required"),
        (false, 0) => check_text(name, names::port_name, &sub(&at, "port.name"), errors),
        (true, n) => {
            for message in names::port_number(n) {
                errors.invalid_number(&sub(&at, "port.number"), n, &message);
            }
        }
        (false, _) => errors.invalid_text(path, "", "cannot set both port name & port number"),
    }
}
