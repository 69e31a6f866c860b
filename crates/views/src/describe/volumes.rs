//! Volumes by their sources.

use serde_json::Value;

use super::writer::Writer;
use crate::json::{at, flag, has, int, items, plain, text, text_or};

/// All volumes of a pod, or of a template, whose lines are indented.
pub(super) fn volumes(w: &mut Writer, list: &[Value], indent: &str) {
    if list.is_empty() {
        w.field(&format!("{indent}Volumes"), "<none>");
        return;
    }
    w.line(0, &format!("{indent}Volumes:"));
    for volume in list {
        let lead = if indent.is_empty() { "" } else { " " };
        w.line(1, &format!("{lead}{}:", text(volume, "name")));
        source(w, volume);
    }
}

/// What a source is, and the fields shown of it (with what stands for an absent one).
type Shown = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

/// The sources that are told by a few fields.
const SOURCES: &[Shown] = &[
    (
        "hostPath",
        "HostPath (bare host directory volume)",
        &[("Path", "path", ""), ("HostPathType", "type", "<none>")],
    ),
    (
        "emptyDir",
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        &[("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")],
    ),
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName", ""), ("Optional", "optional", "false")],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name", "name", ""), ("Optional", "optional", "false")],
    ),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository", "repository", ""), ("Revision", "revision", "")],
    ),
    (
        "csi",
        "CSI (a Container Storage Interface (CSI) volume source)",
        &[("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "image",
        "Image (a container image or OCI artifact)",
        &[("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")],
    ),
];

fn source(w: &mut Writer, volume: &Value) {
    if let Some((field, kind, shown)) = SOURCES.iter().find(|(field, _, _)| has(volume, field)) {
        w.line(2, &format!("Type:\t{kind}"));
        for (title, path, absent) in *shown {
            let value = plain(at(at(volume, field), path));
            let unset = value.is_empty() || (*path == "sizeLimit" && value == "0");
            w.line(2, &format!("{title}:\t{}", if unset { absent } else { value.as_str() }));
        }
    } else if has(volume, "projected") {
        projected(w, at(volume, "projected"));
    } else if has(volume, "downwardAPI") {
        downward(w, at(volume, "downwardAPI"));
    } else if has(volume, "ephemeral") {
        let kind = "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)";
        w.line(2, &format!("Type:\t{kind}"));
        claim_template(w, at(volume, "ephemeral.volumeClaimTemplate"));
    } else {
        w.line(1, "<unknown>");
    }
}

fn projected(w: &mut Writer, volume: &Value) {
    w.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    for source in items(volume, "sources") {
        if has(source, "downwardAPI") {
            w.line(2, "DownwardAPI:\ttrue");
        } else if has(source, "serviceAccountToken") {
            let seconds = int(source, "serviceAccountToken.expirationSeconds");
            w.line(2, &format!("TokenExpirationSeconds:\t{seconds}"));
        } else {
            for (field, title) in [("secret", "SecretName"), ("configMap", "ConfigMapName")] {
                if has(source, field) {
                    let inner = at(source, field);
                    w.line(2, &format!("{title}:\t{}", text(inner, "name")));
                    w.line(2, &format!("Optional:\t{}", flag(inner, "optional")));
                }
            }
        }
    }
}

fn downward(w: &mut Writer, volume: &Value) {
    w.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
    w.line(2, "Items:");
    for item in items(volume, "items") {
        let what = text_or(item, "fieldRef.fieldPath", text(item, "resourceFieldRef.resource"));
        w.line(3, &format!("{what} -> {}", text(item, "path")));
    }
}

fn claim_template(w: &mut Writer, claim: &Value) {
    w.line(2, &format!("StorageClass:\t{}", text(claim, "spec.storageClassName")));
    w.line(2, &format!("Volume:\t{}", text(claim, "spec.volumeName")));
    w.map("    Labels", claim, "metadata.labels");
    w.annotations("    Annotations", claim);
    w.line(2, "Capacity:\t");
    w.line(2, "Access Modes:\t");
    if has(claim, "spec.volumeMode") {
        w.line(2, &format!("VolumeMode:\t{}", text(claim, "spec.volumeMode")));
    }
}
