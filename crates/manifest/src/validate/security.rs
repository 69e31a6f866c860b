//! Security contexts of pods and containers.
//!
//! Models `ValidateSecurityContext` and `validatePodSpecSecurityContext`.

use serde_json::Value;

use super::Errors;
use super::common::one_of;
use super::container;
use super::error::Report;
use super::internal;
use super::names;
use super::path::{nth, sub};
use crate::value::{Seen, filled, get, int, items, text, truth};

const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
const SYSCTL: &str = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

fn id(of: &Value, key: &str, path: &str, errors: &mut Errors) {
    if let Some(value) = int(of, key) {
        for message in names::between(value, 0, i64::from(i32::MAX)) {
            errors.invalid_number(&sub(path, key), value, &message);
        }
    }
}

/// A profile for seccomp or AppArmor.
fn profile(of: &Value, key: &str, words: &str, path: &str, errors: &mut Errors) {
    let Some(profile) = get(of, key) else { return };
    let path = sub(path, key);
    let (kind, local) = (text(profile, "type"), sub(&path, "localhostProfile"));
    match kind {
        "" => errors.required(&sub(&path, "type"), &format!("type is required when {key} is set")),
        "Localhost" if !filled(profile, "localhostProfile") => {
            let detail = format!("must be set when {words} type is Localhost");
            errors.required(&local, &detail);
        }
        k if !PROFILES.contains(&k) => {
            errors.not_supported(&sub(&path, "type"), k, PROFILES);
        }
        "Localhost" if words == "AppArmor" => apparmor_file(profile, &local, errors),
        k if k != "Localhost" && filled(profile, "localhostProfile") => {
            let detail = format!("can only be set when {words} type is Localhost");
            errors.invalid_text(&local, text(profile, "localhostProfile"), &detail);
        }
        _ => {}
    }
}

fn apparmor_file(profile: &Value, path: &str, errors: &mut Errors) {
    const MOST: usize = 4095;
    let name = text(profile, "localhostProfile");
    if name.trim() != name {
        errors.invalid_text(path, name, "must not be padded with whitespace");
    } else if name.trim().is_empty() {
        errors.required(path, "must be set when AppArmor type is Localhost");
    }
    if name.len() > MOST {
        errors.too_long(path, MOST);
    }
}

/// `securityContext` of a container.
pub(super) fn container(context: &Value, spec: &Value, path: &str, errors: &mut Errors) {
    id(context, "runAsUser", path, errors);
    id(context, "runAsGroup", path, errors);
    one_of(context, "procMount", &["Default", "Unmasked"], path, errors);
    let private = get(spec, "hostUsers").is_some_and(|v| *v == false);
    if text(context, "procMount") == "Unmasked" && !private {
        let detail = "`hostUsers` must be false to use `Unmasked`";
        errors.invalid_text(&sub(path, "procMount"), "Unmasked", detail);
    }
    profile(context, "seccompProfile", "seccomp", path, errors);
    if get(context, "allowPrivilegeEscalation").is_some_and(|v| *v == false) {
        let shown = internal::compact("SecurityContext", context);
        if truth(context, "privileged") {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid_shown(path, &shown, detail);
        }
        let added = get(context, "capabilities").map_or(&[][..], |c| items(c, "add"));
        if added.iter().any(|c| c == "CAP_SYS_ADMIN") {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid_shown(path, &shown, detail);
        }
    }
    profile(context, "appArmorProfile", "AppArmor", path, errors);
}

/// `spec.securityContext` and what belongs to it.
pub(super) fn pod(spec: &Value, path: &str, errors: &mut Errors) {
    if truth(spec, "hostNetwork") {
        container::host_network_ports(spec, path, errors);
    }
    let (share, host) = (truth(spec, "shareProcessNamespace"), truth(spec, "hostPID"));
    let Some(context) = get(spec, "securityContext") else { return };
    let context_path = sub(path, "securityContext");
    id(context, "fsGroup", &context_path, errors);
    id(context, "runAsUser", &context_path, errors);
    id(context, "runAsGroup", &context_path, errors);
    for (i, group) in items(context, "supplementalGroups").iter().enumerate() {
        for message in names::between(group.as_i64().unwrap_or(0), 0, i64::from(i32::MAX)) {
            let path = nth(sub(&context_path, "supplementalGroups"), i);
            errors.invalid(&path, group, &message);
        }
    }
    if share && host {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&sub(&context_path, "shareProcessNamespace"), &Value::Bool(true), detail);
    }
    sysctls(context, &sub(&context_path, "sysctls"), errors);
    one_of(context, "fsGroupChangePolicy", &["Always", "OnRootMismatch"], &context_path, errors);
    profile(context, "seccompProfile", "seccomp", &context_path, errors);
    profile(context, "appArmorProfile", "AppArmor", &context_path, errors);
    one_of(context, "supplementalGroupsPolicy", &["Merge", "Strict"], &context_path, errors);
    one_of(context, "seLinuxChangePolicy", &["Recursive"], &context_path, errors);
}

fn sysctls(context: &Value, path: &str, errors: &mut Errors) {
    let mut seen = Seen::default();
    for (i, sysctl) in items(context, "sysctls").iter().enumerate() {
        let path = format!("{path}[{i}].name");
        let name = text(sysctl, "name");
        if name.is_empty() {
            errors.required(&path, "");
        } else if !is_sysctl(name) {
            errors.invalid_text(&path, name, SYSCTL);
        } else if !seen.insert(name) {
            errors.duplicate(&path, name);
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let part_ok = |p: &str| {
        let b = p.as_bytes();
        !b.is_empty()
            && inner(b[0])
            && inner(b[b.len() - 1])
            && b.iter().all(|c| inner(*c) || *c == b'-' || *c == b'_')
    };
    name.len() <= 253 && name.split(['.', '/']).all(part_ok)
}
