//! Projected volumes: what is put together in one directory.
//!
//! Models `validateProjectionSources` of `pkg/apis/core/validation`.

use serde_json::Value;

use super::Errors;
use super::common::{check_text, one_of, required, unreserved_path};
use super::error::Report;
use super::names;
use super::path::{nth, sub};
use super::volumes;
use crate::value::{Seen, entries, filled, get, int, items, text};

const KINDS: &[&str] = &[
    "secret",
    "configMap",
    "downwardAPI",
    "serviceAccountToken",
    "clusterTrustBundle",
    "podCertificate",
];
const KEY_TYPES: &[&str] =
    &["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

/// `projected.sources`.
pub(super) fn sources(source: &Value, path: &str, errors: &mut Errors) {
    let mut paths = Seen::default();
    for (i, projection) in items(source, "sources").iter().enumerate() {
        let item = nth(sub(path, "sources"), i);
        let mut found = 0;
        for kind in KINDS {
            let Some(inner) = get(projection, kind) else { continue };
            found += 1;
            if found > 1 {
                let detail = "may not specify more than 1 volume type per source";
                errors.forbidden(&item, detail);
                continue;
            }
            one(kind, inner, &sub(&item, kind), path, errors);
            for target in targets(kind, inner) {
                if !paths.insert(target) {
                    let detail = "conflicting duplicate paths";
                    errors.invalid_text(path, target, detail);
                }
            }
        }
        if found == 0 {
            let detail = format!("must specify at least one of {}", KINDS.join(", "));
            errors.required(&item, &detail);
        }
    }
}

fn targets<'a>(kind: &str, of: &'a Value) -> Vec<&'a str> {
    let paths: Vec<&str> = match kind {
        "serviceAccountToken" | "clusterTrustBundle" => vec![text(of, "path")],
        "podCertificate" => CERTIFICATE_PATHS.iter().map(|k| text(of, k)).collect(),
        _ => items(of, "items").iter().map(|i| text(i, "path")).collect(),
    };
    paths.into_iter().filter(|p| !p.is_empty()).collect()
}

fn one(kind: &str, of: &Value, path: &str, outer: &str, errors: &mut Errors) {
    match kind {
        "secret" | "configMap" => {
            required(of, "name", path, errors);
            volumes::keys(of, path, errors);
        }
        "downwardAPI" => volumes::downward_items(of, path, errors),
        "serviceAccountToken" => token(of, path, outer, errors),
        "clusterTrustBundle" => trust_bundle(of, path, errors),
        _ => certificate(of, path, errors),
    }
}

fn token(of: &Value, path: &str, outer: &str, errors: &mut Errors) {
    let seconds = int(of, "expirationSeconds").unwrap_or(3600);
    let field = sub(path, "expirationSeconds");
    if seconds < 600 {
        let detail = "may not specify a duration less than 10 minutes";
        errors.invalid_number(&field, seconds, detail);
    } else if seconds > 1 << 32 {
        let detail = "may not specify a duration larger than 2^32 seconds";
        errors.invalid_number(&field, seconds, detail);
    }
    if required(of, "path", outer, errors) {
        unreserved_path(text(of, "path"), &sub(outer, "path"), errors);
    }
}

fn trust_bundle(of: &Value, path: &str, errors: &mut Errors) {
    let (name, signer) = (get(of, "name"), get(of, "signerName"));
    match (name, signer) {
        (Some(_), Some(_)) => {
            let detail = "only one of name and signerName may be used";
            errors.invalid_shown(path, &of.to_string(), detail);
        }
        (Some(_), None) => {
            let name = text(of, "name");
            if name.is_empty() {
                errors.required(&sub(path, "name"), "must be a valid object name");
            }
            check_text(name, names::subdomain, &sub(path, "name"), errors);
        }
        (None, Some(_)) => signer_name(of, path, errors),
        (None, None) => {
            errors.required(path, "either name or signerName must be specified");
        }
    }
    if required(of, "path", path, errors) {
        unreserved_path(text(of, "path"), &sub(path, "path"), errors);
    }
}

/// `example.com/name`: a domain of at least two parts, and a name.
fn signer_name(of: &Value, path: &str, errors: &mut Errors) {
    let field = sub(path, "signerName");
    let signer = text(of, "signerName");
    if signer.is_empty() {
        errors.required(&field, "");
        return;
    }
    let good = signer.split_once('/').is_some_and(|(domain, name)| {
        domain.contains('.')
            && names::subdomain(domain).is_empty()
            && !name.contains('/')
            && names::subdomain(name).is_empty()
    });
    if !good {
        let detail =
            "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        errors.invalid_text(&field, signer, detail);
    }
}

const CERTIFICATE_PATHS: &[&str] = &["credentialBundlePath", "keyPath", "certificateChainPath"];

fn certificate(of: &Value, path: &str, errors: &mut Errors) {
    signer_name(of, path, errors);
    if filled(of, "keyType") {
        one_of(of, "keyType", KEY_TYPES, path, errors);
    } else {
        errors.not_supported(&sub(path, "keyType"), "", KEY_TYPES);
    }
    if !CERTIFICATE_PATHS.iter().any(|k| filled(of, k)) {
        let detail = format!("specify at least one of {}", CERTIFICATE_PATHS.join(", "));
        errors.required(path, &detail);
    }
    for key in CERTIFICATE_PATHS {
        unreserved_path(text(of, key), &sub(path, key), errors);
    }
    let field = sub(path, "userAnnotations");
    for (key, _) in entries(of, "userAnnotations") {
        check_text(&key.to_ascii_lowercase(), names::qualified, &field, errors);
    }
}
