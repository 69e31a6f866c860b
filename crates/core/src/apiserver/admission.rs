//! Admission: what the API server adds to an object, and what it refuses, before it is stored.

use super::{initial, limit_ranger, quota};
use crate::apiserver::error::{ApiError, Reason};
use crate::apiserver::store::Resource;
use crate::version::Difference;
use crate::world::World;
use crate::{conditions, random};
use podplay_api::{FromRaw, ObjectMeta, Pod, PodPhase, PodSpec, Quantity, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Adds to a pod what the default admission plugins add: a LimitRange's defaults, priority, tolerations, the token volume; then asks quotas.
///
/// Models `plugin/pkg/admission/{limitranger,serviceaccount,priority,defaulttolerationseconds,resourcequota}` and `pkg/registry/core/pod/strategy.go`.
///
/// # Errors
/// `Forbidden` for a missing priority class or service account, or what a LimitRange or a quota does not allow.
pub fn admit_pod(world: &mut World, pod: &mut Pod) -> Result<(), ApiError> {
    let mut spec = (*pod.raw_spec).clone();
    let name = pod.meta.name.clone();
    let forbidden = |message: String| {
        ApiError::new(Reason::Forbidden, format!("pods \"{name}\" is forbidden: {message}"))
    };
    if !world.config.kubernetes.has(Difference::RestartRules) {
        drop_restart_rules(&mut spec);
    }
    initial::merge_label_keys(pod, &mut spec);
    default_pod(&mut spec);
    limit_ranger::admit(world, &mut pod.meta, &mut spec).map_err(&forbidden)?;
    admit_priority(world, &mut spec).map_err(&forbidden)?;
    admit_service_account(world, pod, &mut spec).map_err(&forbidden)?;
    admit_tolerations(&mut spec);
    let name_of = pod.meta.name.clone();
    limit_ranger::consistent(&spec).map_err(|message| {
        ApiError::new(Reason::Invalid, format!("Pod \"{name_of}\" is invalid: {message}"))
    })?;
    pod.spec = Arc::new(PodSpec::from_raw(&spec));
    pod.raw_spec = Arc::new(spec);
    quota::admit(world, pod).map_err(forbidden)?;
    pod.status = podplay_api::PodStatus {
        phase: PodPhase::Pending,
        qos_class: qos_class(&pod.spec).to_string(),
        ..Default::default()
    };
    if !pod.spec.scheduling_gates.is_empty() {
        let message = "Scheduling is blocked due to non-empty scheduling gates";
        conditions::set(
            &mut pod.status,
            "PodScheduled",
            "False",
            "SchedulingGated",
            message,
            world.wall(),
        );
    }
    Ok(())
}

/// Fields of a gate that is off are dropped; the `Always` of sidecars is older.
///
/// Models `pkg/api/pod/util.go` dropContainerRestartRulesFields.
fn drop_restart_rules(spec: &mut Value) {
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            container.remove("restartPolicyRules");
            if list == "containers" || container.get("restartPolicy") != Some(&json!("Always")) {
                container.remove("restartPolicy");
            }
        }
    }
}

/// Defaults that pods get and templates do not.
///
/// Models `pkg/apis/core/v1/defaults.go` SetDefaults_Pod.
fn default_pod(spec: &mut Value) {
    if spec["enableServiceLinks"].is_null() {
        spec["enableServiceLinks"] = json!(true);
    }
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let limits = container["resources"]["limits"].as_object().cloned().unwrap_or_default();
            for (name, limit) in limits {
                let requests = &mut container["resources"]["requests"];
                if requests[&name].is_null() {
                    requests[&name] = limit;
                }
            }
        }
    }
}

fn admit_priority(world: &World, spec: &mut Value) -> Result<(), String> {
    let named =
        spec["priorityClassName"].as_str().filter(|name| !name.is_empty()).map(str::to_string);
    let classes = || world.store.resources("PriorityClass");
    let class = match &named {
        Some(name) => {
            let found = classes().find(|(key, _)| *key.name == **name);
            Some(found.ok_or_else(|| format!("no PriorityClass with name {name} was found"))?)
        }
        None => {
            classes().find(|(_, class)| class.body.get("globalDefault") == Some(&Value::Bool(true)))
        }
    };
    let (value, policy) = match class {
        Some((key, class)) => {
            spec["priorityClassName"] = json!(&*key.name);
            (
                class.body.get("value").cloned().unwrap_or(json!(0)),
                class.body.get("preemptionPolicy").cloned(),
            )
        }
        None => (json!(0), None),
    };
    spec["priority"] = value;
    spec["preemptionPolicy"] = policy.unwrap_or_else(|| json!("PreemptLowerPriority"));
    Ok(())
}

fn admit_service_account(world: &mut World, pod: &Pod, spec: &mut Value) -> Result<(), String> {
    let account = spec["serviceAccountName"]
        .as_str()
        .filter(|name| !name.is_empty())
        .unwrap_or("default")
        .to_string();
    let namespace = &pod.meta.namespace;
    let stored = world.store.resource("ServiceAccount", namespace, &account);
    if stored.is_none() && account != "default" {
        return Err(format!(
            "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
        ));
    }
    let automount = stored
        .and_then(|account| account.body.get("automountServiceAccountToken"))
        .and_then(Value::as_bool);
    spec["serviceAccountName"] = json!(account);
    spec["serviceAccount"] = json!(account);
    if spec["automountServiceAccountToken"].as_bool().or(automount) == Some(false) {
        return Ok(());
    }
    let n = u64::from(world.count("token volume"));
    let volume = format!(
        "kube-api-access-{}",
        random::suffix(world.draw("token volume", &pod.meta.name, n), 5)
    );
    add_token(spec, &volume);
    Ok(())
}

const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn add_token(spec: &mut Value, volume: &str) {
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            let mounts = container.entry("volumeMounts").or_insert_with(|| json!([]));
            let Some(mounts) = mounts.as_array_mut() else { continue };
            if !mounts.iter().any(|mount| mount["mountPath"] == TOKEN_PATH) {
                mounts.push(json!({"name": volume, "mountPath": TOKEN_PATH, "readOnly": true}));
                mounted = true;
            }
        }
    }
    if !mounted {
        return;
    }
    let source = json!([
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
    ]);
    let volume = json!({"name": volume, "projected": {"defaultMode": 420, "sources": source}});
    if let Some(spec) = spec.as_object_mut()
        && let Some(volumes) = spec.entry("volumes").or_insert_with(|| json!([])).as_array_mut()
    {
        volumes.push(volume);
    }
}

fn admit_tolerations(spec: &mut Value) {
    let Some(object) = spec.as_object_mut() else { return };
    let Some(list) = object.entry("tolerations").or_insert_with(|| json!([])).as_array_mut() else {
        return;
    };
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covered = list.iter().any(|toleration| {
            let (of, effect) = (
                toleration["key"].as_str().unwrap_or(""),
                toleration["effect"].as_str().unwrap_or(""),
            );
            (of.is_empty() || of == key) && (effect.is_empty() || effect == "NoExecute")
        });
        if !covered {
            list.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
}

/// The quality of service class.
///
/// Models `pkg/apis/core/v1/helper/qos/qos.go` ComputePodQOS.
pub fn qos_class(spec: &PodSpec) -> &'static str {
    let counted = |name: &str| matches!(name, "cpu" | "memory");
    let containers = || spec.init_containers.iter().chain(&spec.containers);
    let resources: Vec<_> = match &spec.resources {
        Some(resources) => vec![resources],
        None => containers().map(|container| &container.resources).collect(),
    };
    let sum = |pick: fn(&podplay_api::ResourceRequirements) -> &BTreeMap<String, Quantity>| {
        let mut total: BTreeMap<&str, i64> = BTreeMap::new();
        for (name, quantity) in resources
            .iter()
            .flat_map(|r| pick(r))
            .filter(|(name, q)| counted(name) && q.milli() > 0)
        {
            *total.entry(name).or_default() += quantity.milli();
        }
        total
    };
    let (requests, limits) = (sum(|r| &r.requests), sum(|r| &r.limits));
    let full = |r: &podplay_api::ResourceRequirements| {
        ["cpu", "memory"].iter().all(|name| r.limits.get(*name).is_some_and(|q| q.milli() > 0))
    };
    if requests.is_empty() && limits.is_empty() {
        "BestEffort"
    } else if resources.iter().all(|r| full(r)) && requests == limits {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

/// Fills in what the API server assigns to other kinds: a Service's address, a Job's selector.
///
/// # Errors
/// `Forbidden` for an exceeded quota.
pub fn admit_resource(
    world: &mut World,
    kind: &str,
    resource: &mut Resource,
) -> Result<(), ApiError> {
    let mut body = (*resource.body).clone();
    match kind {
        "Service" => admit_service(world, &mut body),
        "Job" => admit_job(resource, &mut body),
        "Namespace" => {
            body.insert("spec".into(), json!({"finalizers": ["kubernetes"]}));
            resource.status = Arc::new(json!({"phase": "Active"}));
            let label = "kubernetes.io/metadata.name".to_owned();
            resource.meta.labels.insert(label, resource.meta.name.clone());
        }
        "DaemonSet" => {
            resource.meta.annotations.insert(TEMPLATE_GENERATION.to_owned(), "1".to_owned());
        }
        "PersistentVolumeClaim" | "PersistentVolume" => {
            protect(kind, resource);
            return Ok(());
        }
        _ => return Ok(()),
    }
    resource.body = Arc::new(body);
    Ok(())
}

/// Storage that is in use cannot go.
///
/// Models `plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go`.
fn protect(kind: &str, resource: &mut Resource) {
    let short = if kind == "PersistentVolume" { "pv" } else { "pvc" };
    let finalizer = format!("kubernetes.io/{short}-protection");
    if !resource.meta.finalizers.contains(&finalizer) {
        resource.meta.finalizers.push(finalizer);
    }
    if kind == "PersistentVolumeClaim" {
        resource.status = Arc::new(json!({"phase": "Pending"}));
    }
}

/// The annotation in which a DaemonSet shows how often its template changed.
pub const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Users cannot set a DaemonSet's template generation; a new template raises it.
///
/// Models `pkg/registry/apps/daemonset/strategy.go` PrepareForUpdate.
pub fn raise_template_generation(meta: &mut ObjectMeta, old: &ObjectMeta, new_template: bool) {
    let before = old.annotations.get(TEMPLATE_GENERATION).and_then(|text| text.parse().ok());
    let now = before.unwrap_or(1_i64) + i64::from(new_template);
    meta.annotations.insert(TEMPLATE_GENERATION.to_owned(), now.to_string());
}

fn admit_service(world: &mut World, body: &mut podplay_api::Map<String, Value>) {
    let Some(spec) = body.get_mut("spec") else { return };
    let external = spec["type"] == "ExternalName";
    if !external && spec["clusterIP"].as_str().unwrap_or("").is_empty() {
        let n = u64::from(world.count("cluster address"));
        let bits = world.draw("cluster address", "", n);
        spec["clusterIP"] = json!(format!("10.96.{}.{}", bits >> 8 & 0xff, 1 + (bits >> 16) % 254));
    }
    if !external {
        spec["clusterIPs"] = json!([spec["clusterIP"]]);
        admit_families(spec);
    }
    let wants_node_port = spec["type"] == "NodePort" || spec["type"] == "LoadBalancer";
    let n = world.count("service");
    for (index, port) in
        spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        if wants_node_port && port["nodePort"].as_i64().unwrap_or(0) == 0 {
            let bits =
                random::draw(world.config.seed, "node port", "", u64::from(n) * 64 + index as u64);
            port["nodePort"] = json!(30_000 + bits % 2768);
        }
    }
}

/// Address families of a Service that asks for none.
///
/// Models `pkg/registry/core/service/storage/alloc.go` initIPFamilyFields.
fn admit_families(spec: &mut Value) {
    let selects = spec["selector"].as_object().is_some_and(|selector| !selector.is_empty());
    let open = spec["clusterIP"] == "None" && !selects && spec["ipFamilyPolicy"].is_null();
    if spec["ipFamilyPolicy"].is_null() {
        spec["ipFamilyPolicy"] = json!(if open { "RequireDualStack" } else { "SingleStack" });
    }
    if spec["ipFamilies"].is_null() {
        spec["ipFamilies"] = if open { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) };
    }
}

/// Models `pkg/registry/batch/job/strategy.go` generateSelector; a Job without labels shares its template's.
fn admit_job(resource: &mut Resource, body: &mut podplay_api::Map<String, Value>) {
    let Some(spec) = body.get_mut("spec") else { return };
    if spec["manualSelector"] == true {
        return;
    }
    if spec["manualSelector"].is_null() {
        spec["manualSelector"] = json!(false);
    }
    let (uid, name) = (resource.meta.uid.clone(), resource.meta.name.clone());
    spec["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
    let template = spec["template"]
        .as_object_mut()
        .map(|template| template.entry("metadata").or_insert_with(|| json!({})));
    let Some(metadata) = template else { return };
    if metadata["labels"].is_null() {
        metadata["labels"] = json!({});
    }
    for key in ["batch.kubernetes.io/controller-uid", "controller-uid"] {
        metadata["labels"][key] = json!(uid);
    }
    for key in ["batch.kubernetes.io/job-name", "job-name"] {
        metadata["labels"][key] = json!(name);
    }
    if resource.meta.labels.is_empty() {
        resource.meta.labels = podplay_api::raw::field(metadata, "labels");
    }
}
