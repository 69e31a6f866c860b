//! Configuration, accounts, claims, and kinds without a description of their own.

use serde_json::Value;

use super::Related;
use super::writer::Writer;
use crate::duration::since;
use crate::json::{fields, has, items, name, plain, text, time};

pub(super) fn config_map(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.line(0, "\nData\n====");
    for (key, value) in fields(object, "data") {
        w.line(0, &format!("{key}:\n----"));
        w.line(0, &plain(value));
        w.line(0, "");
    }
    w.line(0, "\nBinaryData\n====");
    for (key, value) in fields(object, "binaryData") {
        w.line(0, &format!("{key}: {} bytes", decoded_length(&plain(value))));
    }
    w.line(0, "");
}

/// Bytes that base64 text stands for.
fn decoded_length(base64: &str) -> usize {
    let digits = base64.bytes().filter(|byte| !matches!(byte, b'=' | b'\n' | b'\r')).count();
    digits * 3 / 4
}

pub(super) fn secret(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    w.line(0, &format!("\nType:\t{}", text(object, "type")));
    w.line(0, "\nData\n====");
    for (key, value) in fields(object, "data") {
        w.line(0, &format!("{key}:\t{} bytes", decoded_length(&plain(value))));
    }
}

pub(super) fn service_account(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    let secrets: Vec<String> = items(object, "imagePullSecrets")
        .iter()
        .map(|secret| text(secret, "name").to_owned())
        .collect();
    w.several("Image pull secrets", &secrets);
}

pub(super) fn volume_claim(w: &mut Writer, object: &Value, related: &Related) {
    w.names(object);
    w.field("StorageClass", text(object, "spec.storageClassName"));
    if has(object, "metadata.deletionTimestamp") {
        let lasts = since(time(object, "metadata.deletionTimestamp"), related.now);
        w.field("Status", &format!("Terminating (lasts {lasts})"));
    } else {
        w.field("Status", text(object, "status.phase"));
    }
    w.field("Volume", text(object, "spec.volumeName"));
    w.labels_and_annotations(object);
    let words = |path: &str| items(object, path).iter().map(plain).collect::<Vec<_>>();
    w.field("Finalizers", &format!("[{}]", words("metadata.finalizers").join(" ")));
    let bound = has(object, "spec.volumeName");
    w.field("Capacity", if bound { text(object, "status.capacity.storage") } else { "" });
    w.field(
        "Access Modes",
        &if bound { words("status.accessModes").join(",") } else { String::new() },
    );
    if has(object, "spec.volumeMode") {
        w.field("VolumeMode", text(object, "spec.volumeMode"));
    }
    let uses = |pod: &&Value| {
        items(pod, "spec.volumes")
            .iter()
            .any(|volume| text(volume, "persistentVolumeClaim.claimName") == name(object))
    };
    let users: Vec<String> = related
        .beside("Pod", object)
        .into_iter()
        .filter(uses)
        .map(|pod| name(pod).to_owned())
        .collect();
    w.several("Used By", &users);
}

/// All fields as words, level by level. Models `describe.go` GenericDescriberFor.
pub(super) fn generic(w: &mut Writer, object: &Value) {
    w.names(object);
    w.labels_and_annotations(object);
    let hidden = [
        "metadata.name",
        "metadata.namespace",
        "metadata.labels",
        "metadata.annotations",
        "metadata.managedFields",
    ];
    tree(w, object, 0, "", &hidden);
}

fn tree(w: &mut Writer, value: &Value, level: usize, path: &str, hidden: &[&str]) {
    for (key, inner) in top(value) {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if hidden.contains(&path.as_str()) {
            continue;
        }
        let title = words(key);
        match inner {
            Value::Object(_) => {
                w.line(level, &format!("{title}:"));
                tree(w, inner, level + 1, &path, hidden);
            }
            Value::Array(list) => {
                w.line(level, &format!("{title}:"));
                for item in list {
                    match item {
                        Value::Object(_) => tree(w, item, level + 1, &path, hidden),
                        scalar => w.line(level + 1, &plain(scalar)),
                    }
                }
            }
            scalar => w.line(level, &format!("{title}:\t{}", plain(scalar))),
        }
    }
}

/// The fields of a value itself, by name.
fn top(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// `creationTimestamp` → `Creation Timestamp`, `apiVersion` → `API Version`.
fn words(key: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for (index, letter) in key.chars().enumerate() {
        if index == 0 {
            out.push(letter.to_ascii_uppercase());
        } else {
            if letter.is_ascii_uppercase() && lower {
                out.push(' ');
            }
            out.push(letter);
        }
        lower = letter.is_ascii_lowercase();
    }
    out.replace("Api ", "API ").replace("Uid", "UID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_words() {
        assert_eq!(decoded_length("YWRtaW4="), 5);
        assert_eq!(decoded_length("c2VjcmV0"), 6);
        assert_eq!(words("creationTimestamp"), "Creation Timestamp");
        assert_eq!(words("apiVersion"), "API Version");
    }
}
