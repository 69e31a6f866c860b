//! Candidates for claims without a volume, and for claims that are not there.

use super::candidates::{Cx, List};
use super::edit::Editor;
use crate::verdict::{Unbound, nearest};
use podplay_api::{Value, json};

pub(super) fn claim_of(cx: &Cx<'_>, list: &mut List, claim: &str, why: &Unbound) {
    let object = cx.object("PersistentVolumeClaim", claim);
    let (editor, base) = match &object {
        Some(editor) => (editor, String::new()),
        None => (&cx.editor, "spec.volumeClaimTemplates[0].".to_owned()),
    };
    let at = |field: &str| format!("{base}spec.{field}");
    let volumes = volumes(cx);
    match why {
        Unbound::TooSmall(volume, size) => {
            let edit =
                editor.replace(&at("resources.requests.storage"), &Value::from(size.as_str()));
            list.one(
                0,
                edit,
                &format!("Claim {size}, which {volume} has"),
                &format!("{volume}의 크기인 {size} 요청"),
            );
            let asked = editor.value(&at("resources.requests.storage")).cloned();
            let bigger = cx.object("PersistentVolume", volume).zip(asked);
            let edit = bigger.and_then(|(pv, asked)| pv.replace("spec.capacity.storage", &asked));
            list.one(1, edit, &format!("Make {volume} larger"), &format!("{volume} 늘리기"));
        }
        Unbound::AccessMode(_) => {
            for (name, spec) in &volumes {
                let mode = spec["accessModes"][0].clone();
                let edit = editor.replace(&at("accessModes[0]"), &mode);
                list.one(
                    0,
                    edit,
                    &format!("Ask for the access mode of {name}"),
                    &format!("{name}의 접근 모드 요청"),
                );
            }
        }
        Unbound::Volume(wanted) => {
            let names = volumes.iter().map(|(name, _)| name.as_str());
            if let Some(near) = nearest(wanted, names) {
                let edit = editor.replace(&at("volumeName"), &Value::from(near));
                list.one(
                    0,
                    edit,
                    &format!("Write volumeName: {near}"),
                    &format!("volumeName을 {near}(으)로"),
                );
            }
            list.one(
                1,
                editor.remove(&at("volumeName")),
                "Leave volumeName out",
                "volumeName 빼기",
            );
        }
        Unbound::NoClass(_) | Unbound::NoVolume => {
            class_of(cx, list, editor, &base);
            list.one(
                1,
                volume_for(cx, editor, &base, claim),
                "Add a volume for it",
                "맞는 볼륨 추가",
            );
        }
    }
    if !matches!(why, Unbound::NoClass(_) | Unbound::NoVolume) {
        list.one(3, volume_for(cx, editor, &base, claim), "Add a volume for it", "맞는 볼륨 추가");
    }
}

/// A document with a volume that suits a claim.
pub(super) fn volume_for(
    cx: &Cx<'_>,
    editor: &Editor<'_>,
    base: &str,
    claim: &str,
) -> Option<podplay_manifest::Edit> {
    let spec = editor.value(&format!("{base}spec"))?;
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": format!("{claim}-volume")},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"].as_str().unwrap_or_default(),
            "hostPath": {"path": format!("/mnt/{claim}")},
        },
    });
    cx.document(volume, false)
}

pub(super) fn missing_claim(cx: &Cx<'_>, list: &mut List, claim: &str, near: Option<&str>) {
    let volumes = cx.spec()["volumes"].as_array().cloned().unwrap_or_default();
    let found =
        volumes.iter().position(|volume| volume["persistentVolumeClaim"]["claimName"] == claim);
    if let (Some(n), Some(near)) = (found, near) {
        let path = cx.path(&format!("spec.volumes[{n}].persistentVolumeClaim.claimName"));
        let (en, ko) = (format!("Name the claim {near}"), format!("클레임 이름을 {near}(으)로"));
        list.one(0, cx.editor.replace(&path, &Value::from(near)), &en, &ko);
    }
    let object = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let (en, ko) = (format!("Add the claim {claim}"), format!("클레임 {claim} 추가"));
    list.one(2, cx.document(object, true), &en, &ko);
}

/// The volumes of the cluster, by name, with their specs.
fn volumes(cx: &Cx<'_>) -> Vec<(String, Value)> {
    cx.cluster
        .list("PersistentVolume", None)
        .into_iter()
        .map(|one| {
            (one["metadata"]["name"].as_str().unwrap_or_default().to_owned(), one["spec"].clone())
        })
        .collect()
}

/// Another storage class: one of which there is a volume, or one that somebody provides.
fn class_of(cx: &Cx<'_>, list: &mut List, editor: &Editor<'_>, base: &str) {
    let at = |field: &str| format!("{base}spec.{field}");
    let volumes = volumes(cx);
    let classes = volumes.iter().filter_map(|(_, spec)| spec["storageClassName"].as_str());
    let known = cx.cluster.list("StorageClass", None);
    let known = known.iter().filter_map(|one| one["metadata"]["name"].as_str());
    let wanted = editor.value(&at("storageClassName")).and_then(Value::as_str).unwrap_or_default();
    let all: Vec<&str> = classes.chain(known).filter(|class| !class.is_empty()).collect();
    let near = nearest(wanted, all.iter().copied()).or(all.first().copied());
    if let Some(class) = near {
        let edit = editor.set(&format!("{base}spec"), "storageClassName", &Value::from(class));
        list.one(
            0,
            edit,
            &format!("Ask for the storage class {class}"),
            &format!("스토리지 클래스 {class} 요청"),
        );
    }
}
