//! Volumes of a description.

use super::super::marked::Marked;
use super::outline::Node;
use podplay_api::{Value, json};

/// Reads volumes. The token that every pod gets is left out.
pub(super) fn volumes(node: &Node<'_>, path: &str, tree: &mut Marked) {
    let mut number = 0;
    for volume in node.under().iter().filter(|node| !node.key.is_empty()) {
        if volume.key.starts_with("kube-api-access-") {
            continue;
        }
        let fields = volume.under();
        let Some((source, value)) = source(&fields) else { continue };
        let at = format!("{path}[{number}]");
        tree.put(&format!("{at}.name"), volume.key, volume.line);
        tree.put(&format!("{at}.{source}"), value, volume.line);
        for field in &fields {
            if let Some(name) = FIELDS.iter().find(|(title, _)| *title == field.key) {
                tree.lines.insert(format!("{at}.{source}.{}", name.1), field.line);
            }
        }
        number += 1;
    }
}

/// Titles and the fields that they show.
const FIELDS: [(&str, &str); 12] = [
    ("Path", "path"),
    ("HostPathType", "type"),
    ("Medium", "medium"),
    ("SizeLimit", "sizeLimit"),
    ("SecretName", "secretName"),
    ("Name", "name"),
    ("ClaimName", "claimName"),
    ("Server", "server"),
    ("Driver", "driver"),
    ("Reference", "reference"),
    ("PullPolicy", "pullPolicy"),
    ("FSType", "fsType"),
];

/// The source of a volume: its field and what is in it.
fn source(fields: &[Node<'_>]) -> Option<(&'static str, Value)> {
    let value = |title: &str| {
        let found = fields.iter().find(|field| field.key == title);
        found.filter(|field| !field.none()).map(|field| field.value)
    };
    let kind = value("Type")?.split(' ').next()?;
    let of = |names: &[(&str, &str)]| {
        let mut out = json!({});
        for (title, field) in names {
            if let Some(value) = value(title) {
                out[*field] = value.into();
            }
        }
        if value("Optional") == Some("true") {
            out["optional"] = true.into();
        }
        if value("ReadOnly") == Some("true") {
            out["readOnly"] = true.into();
        }
        out
    };
    match kind {
        "HostPath" => Some(("hostPath", of(&[("Path", "path"), ("HostPathType", "type")]))),
        "EmptyDir" => Some(("emptyDir", of(&[("Medium", "medium"), ("SizeLimit", "sizeLimit")]))),
        "Secret" => Some(("secret", of(&[("SecretName", "secretName")]))),
        "ConfigMap" => Some(("configMap", of(&[("Name", "name")]))),
        "PersistentVolumeClaim" => {
            Some(("persistentVolumeClaim", of(&[("ClaimName", "claimName")])))
        }
        "NFS" => Some(("nfs", of(&[("Server", "server"), ("Path", "path")]))),
        "CSI" => Some(("csi", of(&[("Driver", "driver"), ("FSType", "fsType")]))),
        "Image" => Some(("image", of(&[("Reference", "reference"), ("PullPolicy", "pullPolicy")]))),
        "Projected" => Some(("projected", projected(fields))),
        "DownwardAPI" => Some(("downwardAPI", json!({"items": downward(fields)}))),
        _ => None,
    }
}

fn projected(fields: &[Node<'_>]) -> Value {
    let mut sources: Vec<Value> = Vec::new();
    for field in fields {
        match field.key {
            "ConfigMapName" => sources.push(json!({"configMap": {"name": field.value}})),
            "SecretName" => sources.push(json!({"secret": {"name": field.value}})),
            "TokenExpirationSeconds" => {
                sources.push(json!({"serviceAccountToken": {"path": "token"}}))
            }
            _ => {}
        }
    }
    json!({"sources": sources})
}

fn downward(fields: &[Node<'_>]) -> Vec<Value> {
    let lines = fields.iter().filter(|field| field.key == "Items").flat_map(|field| field.texts());
    lines
        .filter_map(|(text, _)| text.trim().split_once(" -> "))
        .map(|(field, path)| json!({"path": path, "fieldRef": {"fieldPath": field}}))
        .collect()
}
