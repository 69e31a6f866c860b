//! Candidates for pods that may not be made, or whose containers cannot start.

use super::Search;
use super::candidates::{Cx, List};
use super::numbers::{CPU, MEMORY};
use super::{edit, scheduling};
use crate::verdict::{Cause, Source};
use podplay_api::{Map, Quantity, Value, json};
use podplay_core::images;

/// What stands where only a person knows the content.
const PLACEHOLDER: &str = "CHANGE-ME";

pub(super) fn of(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List) {
    match &cx.verdict.cause {
        Cause::QuotaExceeded { quota, resource, .. } => {
            over_quota(search, cx, list, quota, resource)
        }
        Cause::QuotaNeeds { .. } => say_amounts(cx, list),
        Cause::LimitRangeViolation { resource, allowed, asked, bound, .. } => {
            out_of_range(cx, list, resource, allowed, asked, bound);
        }
        Cause::MissingServiceAccount { name, nearest } => {
            let object =
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
            named(cx, list, "spec.serviceAccountName", nearest.as_deref(), object, true);
        }
        Cause::MissingPriorityClass { name, nearest } => {
            let object = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": 1000});
            named(cx, list, "spec.priorityClassName", nearest.as_deref(), object, false);
        }
        Cause::MissingNamespace { name, nearest } => {
            if let Some(near) = nearest {
                let edit = cx.editor.replace("metadata.namespace", &Value::from(near.as_str()));
                list.one(
                    0,
                    edit,
                    &format!("Write namespace: {near}"),
                    &format!("네임스페이스를 {near}(으)로"),
                );
            }
            let object =
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            let (en, ko) =
                (format!("Add the namespace {name}"), format!("네임스페이스 {name} 추가"));
            list.one(1, Some(edit::add_document(&object)), &en, &ko);
        }
        Cause::MissingSource { source, name, nearest } => {
            missing(cx, list, *source, name, nearest.as_deref())
        }
        Cause::MissingKey { source, name, key, nearest } => {
            missing_key(cx, list, *source, name, key, nearest.as_deref());
        }
        Cause::HostPathType { kind, .. } => host_path(cx, list, kind),
        Cause::RunsAsRoot { .. } => not_root(cx, list),
        _ => image(cx, list),
    }
}

fn named(
    cx: &Cx<'_>,
    list: &mut List,
    path: &str,
    near: Option<&str>,
    object: Value,
    namespaced: bool,
) {
    let path = cx.path(path);
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if let Some(near) = near {
        let edit = cx.editor.replace(&path, &Value::from(near));
        list.one(
            0,
            edit,
            &format!("Name the {kind} {near}"),
            &format!("{kind} 이름을 {near}(으)로"),
        );
    }
    let (en, ko) = (format!("Add the {kind} {name}"), format!("{kind} {name} 추가"));
    list.one(1, cx.document(object, namespaced), &en, &ko);
}

/// All references of the spec to a Secret or ConfigMap: the path of its name, and the key that is asked for.
fn references(cx: &Cx<'_>, source: Source, name: &str) -> Vec<(String, Option<(String, String)>)> {
    let secret = source == Source::Secret;
    let mut found = Vec::new();
    for kind in ["containers", "initContainers"] {
        for (c, container) in cx.spec()[kind].as_array().into_iter().flatten().enumerate() {
            let base = cx.path(&format!("spec.{kind}[{c}]"));
            let (from, by_key) = if secret {
                ("secretRef", "secretKeyRef")
            } else {
                ("configMapRef", "configMapKeyRef")
            };
            for (n, one) in container["envFrom"].as_array().into_iter().flatten().enumerate() {
                if one[from]["name"] == name {
                    found.push((format!("{base}.envFrom[{n}].{from}.name"), None));
                }
            }
            for (n, one) in container["env"].as_array().into_iter().flatten().enumerate() {
                let of = &one["valueFrom"][by_key];
                if of["name"] == name {
                    let at = format!("{base}.env[{n}].valueFrom.{by_key}");
                    let key = of["key"].as_str().unwrap_or_default().to_owned();
                    found.push((format!("{at}.name"), Some((format!("{at}.key"), key))));
                }
            }
        }
    }
    let (field, word) = if secret { ("secret", "secretName") } else { ("configMap", "name") };
    for (n, volume) in cx.spec()["volumes"].as_array().into_iter().flatten().enumerate() {
        let base = cx.path(&format!("spec.volumes[{n}]"));
        let mut parts = vec![(format!("{base}.{field}"), &volume[field], word)];
        for (s, part) in volume["projected"]["sources"].as_array().into_iter().flatten().enumerate()
        {
            parts.push((format!("{base}.projected.sources[{s}].{field}"), &part[field], "name"));
        }
        for (at, of, word) in parts {
            if of[word] != name {
                continue;
            }
            found.push((format!("{at}.{word}"), None));
            for (i, item) in of["items"].as_array().into_iter().flatten().enumerate() {
                let key = item["key"].as_str().unwrap_or_default().to_owned();
                found.push((format!("{at}.{word}"), Some((format!("{at}.items[{i}].key"), key))));
            }
        }
    }
    found
}

fn missing(cx: &Cx<'_>, list: &mut List, source: Source, name: &str, near: Option<&str>) {
    let kind = source.as_str();
    let references = references(cx, source, name);
    if let Some(near) = near {
        let mut paths: Vec<&String> = references.iter().map(|(path, _)| path).collect();
        paths.dedup();
        let edits: Vec<_> =
            paths.iter().filter_map(|path| cx.editor.replace(path, &Value::from(near))).collect();
        list.many(
            0,
            Some(edits),
            &format!("Name the {kind} {near}"),
            &format!("{kind} 이름을 {near}(으)로"),
        );
        // Where the text has the object, it may be the one that is misspelt.
        let other =
            cx.object(kind, near).and_then(|of| of.replace("metadata.name", &Value::from(name)));
        list.one(
            2,
            other,
            &format!("Call the {kind} {name}"),
            &format!("{kind}의 이름을 {name}(으)로"),
        );
    }
    let mut data = Map::new();
    for (_, key) in &references {
        if let Some((_, key)) = key {
            data.insert(key.clone(), PLACEHOLDER.into());
        }
    }
    if data.is_empty() {
        data.insert("EXAMPLE".into(), PLACEHOLDER.into());
    }
    let field = if source == Source::Secret { "stringData" } else { "data" };
    let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, field: data});
    let (en, ko) = (
        format!("Add the {kind} {name}, with placeholders to fill in"),
        format!("{kind} {name} 추가(채워 넣을 자리 포함)"),
    );
    list.one(3, cx.document(object, true), &en, &ko);
}

fn missing_key(
    cx: &Cx<'_>,
    list: &mut List,
    source: Source,
    name: &str,
    key: &str,
    near: Option<&str>,
) {
    let kind = source.as_str();
    if let Some(near) = near {
        let references = references(cx, source, name);
        let keys = references.iter().filter_map(|(_, of)| of.as_ref()).filter(|(_, of)| of == key);
        let edits: Vec<_> =
            keys.filter_map(|(path, _)| cx.editor.replace(path, &Value::from(near))).collect();
        list.many(
            0,
            Some(edits),
            &format!("Ask for the key {near}"),
            &format!("키를 {near}(으)로"),
        );
    }
    let Some(object) = cx.object(kind, name) else { return };
    let placeholder = Value::from(PLACEHOLDER);
    let edit = ["stringData", "data"].into_iter().find_map(|field| {
        if !object.has(field) {
            return None;
        }
        let value = if kind == "Secret" && field == "data" {
            Value::from("Q0hBTkdFLU1F")
        } else {
            placeholder.clone()
        };
        object.insert(field, key, &value)
    });
    let (en, ko) = (
        format!("Add the key {key} to the {kind}, to be filled in"),
        format!("{kind}에 키 {key} 추가(값을 채워 넣으세요)"),
    );
    list.one(2, edit, &en, &ko);
}

fn host_path(cx: &Cx<'_>, list: &mut List, kind: &str) {
    let wanted = match kind {
        "Directory" => "DirectoryOrCreate",
        "File" => "FileOrCreate",
        _ => "",
    };
    for (n, volume) in cx.spec()["volumes"].as_array().into_iter().flatten().enumerate() {
        if volume["hostPath"]["type"] != kind {
            continue;
        }
        let path = cx.path(&format!("spec.volumes[{n}].hostPath.type"));
        if !wanted.is_empty() {
            let edit = cx.editor.replace(&path, &Value::from(wanted));
            list.one(
                0,
                edit,
                &format!("Let the node make it: {wanted}"),
                &format!("노드가 만들게 하기: {wanted}"),
            );
        }
        list.one(2, cx.editor.remove(&path), "Ask for no type", "type 빼기");
        if wanted == "FileOrCreate" {
            let edit = cx.editor.replace(&path, &Value::from("DirectoryOrCreate"));
            list.one(3, edit, "Let the node make a directory", "노드가 디렉터리를 만들게 하기");
        }
    }
}

fn not_root(cx: &Cx<'_>, list: &mut List) {
    let container = cx.container_path();
    let own = format!("{container}.securityContext");
    let pod = cx.path("spec.securityContext");
    let at_pod = cx.editor.has(&format!("{pod}.runAsNonRoot"))
        && !cx.editor.has(&format!("{own}.runAsNonRoot"));
    let by_own = cx.editor.has(&format!("{own}.runAsUser"));
    let parent = if at_pod && !by_own { &pod } else { &own };
    let edit = cx.editor.set(parent, "runAsUser", &json!(1000));
    list.one(0, edit, "Run as user 1000", "사용자 1000으로 실행");
    for parent in [&own, &pod] {
        let edit = cx.editor.replace(&format!("{parent}.runAsNonRoot"), &json!(false));
        list.one(4, edit, "Allow root", "root 허용");
        list.weakens();
    }
}

fn image(cx: &Cx<'_>, list: &mut List) {
    let container = cx.container_path();
    let world = cx.cluster.world();
    match &cx.verdict.cause {
        Cause::ImageNeverPull { .. } | Cause::RegistryDown { .. } => {
            let edit = cx.editor.set(&container, "imagePullPolicy", &Value::from("IfNotPresent"));
            let (en, ko) =
                ("Pull the image only if it is not there", "이미지가 없을 때만 받기(IfNotPresent)");
            list.one(0, edit, en, ko);
        }
        Cause::ImageNotFound { image, nearest } => {
            let (repository, _) = image.rsplit_once(':').unwrap_or((image, ""));
            let tags = images::tags(world, image);
            let others = tags.iter().map(|tag| format!("{repository}:{tag}"));
            let mut all: Vec<String> = nearest.iter().cloned().chain(others).take(3).collect();
            for near in images::repositories(world) {
                if crate::verdict::distance(repository, &near) <= 3 {
                    let tag = images::tags(world, &near).into_iter().next();
                    all.extend(tag.map(|tag| format!("{near}:{tag}")));
                }
            }
            for (n, near) in all.iter().enumerate() {
                let edit = cx.image(image, near);
                let cost = u32::try_from(n).unwrap_or(9);
                list.one(
                    cost,
                    edit,
                    &format!("Use the image {near}"),
                    &format!("이미지 {near} 사용"),
                );
            }
        }
        Cause::ImagePullDenied { image } => {
            let last = image.rsplit('/').next().unwrap_or(image);
            let edit = cx.image(image, last);
            list.one(
                0,
                edit,
                &format!("Use the public image {last}"),
                &format!("공개 이미지 {last} 사용"),
            );
        }
        Cause::InvalidImageName { image } => {
            let clean: String = image
                .trim()
                .trim_start_matches("https://")
                .trim_start_matches("http://")
                .to_ascii_lowercase();
            let clean = clean
                .replace(' ', "")
                .trim_matches([':', '/', '@'])
                .replace("::", ":")
                .replace("//", "/");
            let mut parts: Vec<&str> = clean.split(':').collect();
            parts.retain(|part| !part.is_empty());
            let two = parts.iter().take(2).copied().collect::<Vec<_>>().join(":");
            for name in [clean.clone(), two, parts.first().copied().unwrap_or_default().to_owned()]
            {
                if images::Reference::parse(&name).is_ok() {
                    let edit = cx.image(image, &name);
                    list.one(0, edit, &format!("Write {name}"), &format!("{name}(으)로 쓰기"));
                }
            }
        }
        _ => {}
    }
}

/// Where the containers say how much they want of a resource of a quota.
fn amounts(cx: &Cx<'_>, resource: &str) -> Vec<(String, i64)> {
    let (field, bare) = match resource.split_once('.') {
        Some((field, bare)) => (field, bare),
        None => ("requests", resource),
    };
    let containers = cx.spec()["containers"].as_array().cloned().unwrap_or_default();
    let all = containers.iter().enumerate().filter_map(|(n, container)| {
        let fields = if field == "requests" { vec!["requests", "limits"] } else { vec![field] };
        fields.into_iter().find_map(|field| {
            let value = &container["resources"][field][bare];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let amount = Quantity::parse(&text).filter(|_| !value.is_null())?;
            Some((
                cx.path(&format!("spec.containers[{n}].resources.{field}.{bare}")),
                amount.milli(),
            ))
        })
    });
    all.collect()
}

fn over_quota(search: &mut Search<'_>, cx: &Cx<'_>, list: &mut List, quota: &str, resource: &str) {
    let bare = resource.rsplit('.').next().unwrap_or(resource);
    let ladder: Vec<(&str, i64)> = match bare {
        "cpu" => CPU.to_vec(),
        "memory" => {
            MEMORY.iter().map(|(text, bytes)| (*text, bytes.saturating_mul(1000))).collect()
        }
        _ => Vec::new(),
    };
    for (path, now) in amounts(cx, resource) {
        let lower: Vec<&str> =
            ladder.iter().rev().filter(|(_, of)| *of < now).map(|(text, _)| *text).collect();
        let with = |value: &&str| {
            let edit = cx.editor.replace(&path, &Value::from(*value))?;
            edit::apply(cx.text, &[edit])
        };
        if let Some(n) = super::numbers::least(search, &lower, with) {
            let value = lower[n];
            let edit = cx.editor.replace(&path, &Value::from(value));
            list.one(
                1,
                edit,
                &format!("Ask for {value} of {bare}"),
                &format!("{bare} 요청을 {value}(으)로"),
            );
        }
    }
    scheduling::fewer(search, cx, list, 2);
    raise_quota(search, cx, list, quota, resource, &ladder);
}

/// A larger quota.
fn raise_quota(
    search: &mut Search<'_>,
    cx: &Cx<'_>,
    list: &mut List,
    quota: &str,
    resource: &str,
    ladder: &[(&str, i64)],
) {
    let Some(object) = cx.object("ResourceQuota", quota) else { return };
    let path = format!("spec.hard.{resource}");
    let text = object
        .value(&path)
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let now = text.as_deref().and_then(Quantity::parse).map_or(0, |of| of.milli());
    let counts: Vec<String> = (1..=20).map(|more| (now / 1000 + more).to_string()).collect();
    let higher: Vec<&str> = if ladder.is_empty() {
        counts.iter().map(String::as_str).collect()
    } else {
        ladder.iter().filter(|(_, of)| *of > now).map(|(text, _)| *text).collect()
    };
    let with = |value: &&str| edit::apply(cx.text, &[object.replace(&path, &Value::from(*value))?]);
    if let Some(n) = super::numbers::least(search, &higher, with) {
        let value = higher[n];
        let edit = object.replace(&path, &Value::from(value));
        list.one(
            3,
            edit,
            &format!("Raise the quota to {value}"),
            &format!("쿼터를 {value}(으)로 올리기"),
        );
    }
}

/// Requests and limits where a quota wants them to be said.
fn say_amounts(cx: &Cx<'_>, list: &mut List) {
    let containers = cx.spec()["containers"].as_array().map_or(0, Vec::len);
    let mut edits = Vec::new();
    for n in 0..containers {
        let base = cx.path(&format!("spec.containers[{n}]"));
        let both = json!({"cpu": "100m", "memory": "64Mi"});
        let resources = format!("{base}.resources");
        if !cx.editor.has(&resources) {
            edits.extend(cx.editor.insert(
                &base,
                "resources",
                &json!({"requests": both, "limits": both}),
            ));
            continue;
        }
        for field in ["requests", "limits"] {
            let at = format!("{resources}.{field}");
            if !cx.editor.has(&at) {
                edits.extend(cx.editor.insert(&resources, field, &both));
                continue;
            }
            for (name, value) in [("cpu", "100m"), ("memory", "64Mi")] {
                if !cx.editor.has(&format!("{at}.{name}")) {
                    edits.extend(cx.editor.insert(&at, name, &Value::from(value)));
                }
            }
        }
    }
    list.many(0, Some(edits), "Say what each container needs", "컨테이너마다 필요한 자원 적기");
}

fn out_of_range(
    cx: &Cx<'_>,
    list: &mut List,
    resource: &str,
    allowed: &str,
    asked: &str,
    bound: &str,
) {
    let edge = Quantity::parse(allowed).map_or(0, |of| of.milli());
    let mut edits = Vec::new();
    for (n, container) in cx.spec()["containers"].as_array().into_iter().flatten().enumerate() {
        let base = cx.path(&format!("spec.containers[{n}].resources"));
        for field in ["limits", "requests"] {
            let path = format!("{base}.{field}.{resource}");
            let value = &container["resources"][field][resource];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let amount = Quantity::parse(&text).filter(|_| !value.is_null());
            let outside = amount.is_some_and(|of| {
                if bound == "max" { of.milli() > edge } else { of.milli() < edge }
            });
            if outside {
                edits.extend(cx.editor.replace(&path, &Value::from(allowed)));
            }
        }
    }
    if edits.is_empty() && asked == "none" {
        let base = cx.container_path();
        let field = if bound == "max" { "limits" } else { "requests" };
        let amount = json!({ field: { resource: allowed } });
        let edit =
            cx.editor.insert(&format!("{base}.resources"), field, &json!({ resource: allowed }));
        edits.extend(edit.or_else(|| cx.editor.insert(&base, "resources", &amount)));
    }
    list.many(
        0,
        Some(edits),
        &format!("Write {resource}: {allowed}"),
        &format!("{resource}을(를) {allowed}(으)로"),
    );
}
