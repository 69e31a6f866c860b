//! What a container is started with: command, environment, mounts, user.
//!
//! Models `pkg/kubelet/kubelet_pods.go` makeEnvironmentVariables and `third_party/forked/golang/expansion/expand.go`.

use super::volumes::object_data;
use super::worker::Worker;
use crate::ids::{ContainerIx, Uid};
use crate::images;
use crate::limits;
use crate::runtime::etc::hostname;
use crate::runtime::prepared::Prepared;
use crate::volumes::disks;
use crate::world::World;
use podplay_api::{
    Container, EnvVar, EnvVarSource, KeySelector, LinuxUser, Quantity, ResourceFieldSelector,
    ServiceSpec, VolumeMount,
};
use podplay_shell::Mount;
use std::collections::BTreeMap;

/// Collects it all, or says what is missing.
///
/// # Errors
/// The kubelet's words for `CreateContainerConfigError`.
pub fn prepare(world: &World, uid: Uid, ix: ContainerIx) -> Result<Prepared, String> {
    let worker = world.workers.get(&uid).ok_or("the pod is gone")?;
    let spec = worker.spec(ix).ok_or("the container is gone")?;
    let helpful = world.config.assume.has(podplay_api::Topic::Images);
    let user = user_of(worker, spec, helpful)?;
    let own = environment(world, worker, spec)?;
    let lookup: BTreeMap<&str, &str> =
        own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expand_all =
        |words: &[String]| words.iter().map(|word| expand(word, &lookup)).collect::<Vec<_>>();
    let (command, args) = (expand_all(&spec.command), expand_all(&spec.args));
    let command = images::command_line(&spec.image, command, args);
    let mounts = spec
        .volume_mounts
        .iter()
        .map(|mount| mounted(worker, mount, &lookup))
        .collect::<Result<_, _>>()?;
    let mut env = Variables::default();
    images::environment(&spec.image).into_iter().for_each(|(name, value)| env.set(&name, value));
    env.set("HOSTNAME", hostname(worker));
    own.iter().for_each(|(name, value)| env.set(name, value.clone()));
    Ok(Prepared {
        image: spec.image.clone(),
        command,
        env: env.list,
        cwd: match spec.working_dir.as_str() {
            "" => images::workdir(&spec.image).to_owned(),
            dir => dir.to_owned(),
        },
        user,
        mounts,
        resources: spec.resources.clone(),
        read_only_root: spec
            .security_context
            .as_ref()
            .is_some_and(|context| context.read_only_root_filesystem),
        message_path: spec.termination_message_path.clone(),
    })
}

/// A mount with its sub-path expanded.
///
/// Models `pkg/kubelet/container/helpers.go` ExpandContainerVolumeMounts.
fn mounted(
    worker: &Worker,
    mount: &VolumeMount,
    env: &BTreeMap<&str, &str>,
) -> Result<Mount, String> {
    let mut sub_path = mount.sub_path.clone();
    if !mount.sub_path_expr.is_empty() {
        let mut missing = std::collections::BTreeSet::new();
        sub_path = expand_with(&mount.sub_path_expr, |name| {
            let value = env.get(name).copied().unwrap_or_default();
            if value.is_empty() {
                missing.insert(name.to_owned());
            }
            Some(value)
        });
        if !missing.is_empty() {
            let names: Vec<_> = missing.into_iter().collect();
            return Err(format!("missing value for {}", names.join(", ")));
        }
    }
    if sub_path.starts_with('/') {
        return Err(format!("error SubPath `{sub_path}` must not be an absolute path"));
    }
    if sub_path.split('/').any(|part| part == "..") {
        return Err(format!("unable to provision SubPath `{sub_path}`: must not contain '..'"));
    }
    let mut place = Mount {
        path: mount.mount_path.clone(),
        volume: mount.name.clone(),
        sub_path,
        read_only: mount.read_only || read_only_source(worker, &mount.name),
    };
    disks::place(worker, &mut place);
    Ok(place)
}

fn read_only_source(worker: &Worker, name: &str) -> bool {
    let volume = worker.pod.spec.volumes.iter().find(|volume| volume.name == name);
    volume.is_some_and(|volume| {
        volume.config_map.is_some()
            || volume.secret.is_some()
            || volume.projected.is_some()
            || volume.downward_api.is_some()
    })
}

/// Models `pkg/kubelet/kuberuntime/security_context.go` verifyRunAsNonRoot.
fn user_of(worker: &Worker, spec: &Container, helpful: bool) -> Result<LinuxUser, String> {
    let own = spec.security_context.as_ref();
    let pod = &worker.pod.spec.security_context;
    let user = own.and_then(|context| context.run_as_user).or(pod.run_as_user);
    let non_root =
        own.and_then(|context| context.run_as_non_root).or(pod.run_as_non_root).unwrap_or(false);
    let subject = format!("pod: \"{}\", container: {}", worker.full_name(), spec.name);
    let (by_default, group_by_default) = if non_root && user.is_none() {
        images::non_root_user(&spec.image, helpful)
    } else {
        images::default_user(&spec.image).unwrap_or_default()
    };
    if non_root && user == Some(0) {
        return Err(format!("container's runAsUser breaks non-root policy ({subject})"));
    }
    if non_root && user.is_none() && by_default == 0 {
        return Err(format!("container has runAsNonRoot and image will run as root ({subject})"));
    }
    // A user from the spec has the primary group that the image's list of users gives it: none, which means root.
    let group = own.and_then(|context| context.run_as_group).or(pod.run_as_group);
    let gid = group.unwrap_or(if user.is_none() { i64::from(group_by_default) } else { 0 });
    let mut groups = vec![gid];
    groups.extend(pod.fs_group);
    groups.extend(&pod.supplemental_groups);
    groups.sort_unstable();
    groups.dedup();
    let uid = user.unwrap_or(i64::from(by_default));
    Ok(LinuxUser { uid, gid, supplemental_groups: groups })
}

fn environment(
    world: &World,
    worker: &Worker,
    spec: &Container,
) -> Result<Vec<(String, String)>, String> {
    let namespace = &worker.pod.meta.namespace;
    let mut env = Variables::default();
    service_links(world, worker).into_iter().for_each(|(name, value)| env.set(&name, value));
    for source in &spec.env_from {
        let reference = source
            .config_map_ref
            .as_ref()
            .map(|reference| ("ConfigMap", reference))
            .or(source.secret_ref.as_ref().map(|reference| ("Secret", reference)));
        let Some((kind, reference)) = reference else { continue };
        match object_data(world, worker.uid, kind, namespace, &reference.name) {
            Ok(data) => data
                .into_iter()
                .for_each(|(key, value)| env.set(&format!("{}{key}", source.prefix), value)),
            Err(_) if reference.optional => {}
            Err(message) => return Err(message),
        }
    }
    for variable in &spec.env {
        if let Some(value) = value_of(world, worker, spec, variable, &env)? {
            env.set(&variable.name, value);
        }
    }
    Ok(env.list)
}

/// Variables in the order in which they were first set.
#[derive(Default)]
struct Variables {
    list: Vec<(String, String)>,
    places: BTreeMap<String, usize>,
}

impl Variables {
    fn set(&mut self, name: &str, value: String) {
        match self.places.get(name).and_then(|place| self.list.get_mut(*place)) {
            Some(slot) => slot.1 = value,
            None => {
                self.places.insert(name.to_owned(), self.list.len());
                self.list.push((name.to_owned(), value));
            }
        }
    }
    fn get(&self, name: &str) -> Option<&str> {
        let place = self.places.get(name)?;
        self.list.get(*place).map(|(_, value)| value.as_str())
    }
}

/// Variables of the Services that existed when the container was started.
///
/// Models `pkg/kubelet/envvars/envvars.go` FromServices.
fn service_links(world: &World, worker: &Worker) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let all = worker.pod.spec.enable_service_links.unwrap_or(true);
    let mut left = limits::SERVICE_LINKS;
    for (key, resource) in world.store.resources("Service") {
        let master = &*key.namespace == "default" && &*key.name == "kubernetes";
        if !(master || all && *key.namespace == *worker.pod.meta.namespace) || left == 0 {
            continue;
        }
        left -= 1;
        let spec: ServiceSpec = resource.typed_spec();
        if spec.cluster_ip.is_empty() || spec.cluster_ip == "None" {
            continue;
        }
        let prefix = key.name.to_ascii_uppercase().replace('-', "_");
        let Some(first) = spec.ports.first() else { continue };
        env.insert(format!("{prefix}_SERVICE_HOST"), spec.cluster_ip.clone());
        env.insert(format!("{prefix}_SERVICE_PORT"), first.port.to_string());
        env.insert(
            format!("{prefix}_PORT"),
            format!("{}://{}:{}", first.protocol.to_ascii_lowercase(), spec.cluster_ip, first.port),
        );
        for port in &spec.ports {
            let protocol = port.protocol.to_ascii_lowercase();
            let one = format!("{prefix}_PORT_{}_{}", port.port, port.protocol);
            if !port.name.is_empty() {
                env.insert(
                    format!(
                        "{prefix}_SERVICE_PORT_{}",
                        port.name.to_ascii_uppercase().replace('-', "_")
                    ),
                    port.port.to_string(),
                );
            }
            env.insert(format!("{one}_PORT"), port.port.to_string());
            env.insert(format!("{one}_PROTO"), protocol.clone());
            env.insert(format!("{one}_ADDR"), spec.cluster_ip.clone());
            env.insert(one, format!("{protocol}://{}:{}", spec.cluster_ip, port.port));
        }
    }
    env
}

fn value_of(
    world: &World,
    worker: &Worker,
    spec: &Container,
    variable: &EnvVar,
    declared: &Variables,
) -> Result<Option<String>, String> {
    if let Some(source) = &variable.value_from {
        return from_source(world, worker, spec, source);
    }
    Ok(Some(expand_with(&variable.value, |name| declared.get(name))))
}

fn from_source(
    world: &World,
    worker: &Worker,
    spec: &Container,
    source: &EnvVarSource,
) -> Result<Option<String>, String> {
    if let Some(field) = &source.field_ref {
        return Ok(pod_field(worker, &field.field_path));
    }
    if let Some(resource) = &source.resource_field_ref {
        return Ok(resource_field(world, worker, Some(spec), resource));
    }
    match (&source.config_map_key_ref, &source.secret_key_ref) {
        (Some(key), _) => from_key(world, worker, "ConfigMap", key),
        (_, Some(key)) => from_key(world, worker, "Secret", key),
        _ => Ok(None),
    }
}

fn from_key(
    world: &World,
    worker: &Worker,
    kind: &str,
    selector: &KeySelector,
) -> Result<Option<String>, String> {
    let namespace = &worker.pod.meta.namespace;
    match object_data(world, worker.uid, kind, namespace, &selector.name) {
        Ok(data) => match data.get(&selector.key) {
            Some(value) => Ok(Some(value.clone())),
            None if selector.optional => Ok(None),
            None => Err(format!(
                "couldn't find key {} in {kind} {namespace}/{}",
                selector.key, selector.name
            )),
        },
        Err(_) if selector.optional => Ok(None),
        Err(message) => Err(message),
    }
}

/// A field of the pod by its path.
pub fn pod_field(worker: &Worker, path: &str) -> Option<String> {
    let (meta, spec) = (&worker.pod.meta, &worker.pod.spec);
    let keyed = |list: &BTreeMap<String, String>, prefix: &str| {
        let key = path.strip_prefix(prefix)?.strip_prefix("['")?.strip_suffix("']")?;
        Some(list.get(key).cloned().unwrap_or_default())
    };
    let all = |list: &BTreeMap<String, String>| {
        list.iter().map(|(key, value)| format!("{key}={value:?}")).collect::<Vec<_>>().join("\n")
    };
    Some(match path {
        "metadata.name" => meta.name.clone(),
        "metadata.namespace" => meta.namespace.clone(),
        "metadata.uid" => meta.uid.clone(),
        "metadata.labels" => all(&meta.labels),
        "metadata.annotations" => all(&meta.annotations),
        "spec.nodeName" => spec.node_name.clone(),
        "spec.serviceAccountName" => spec.service_account_name.clone(),
        "status.hostIP" | "status.hostIPs" => worker.status.host_ip.clone(),
        "status.podIP" | "status.podIPs" => {
            worker.ip().map(|ip| ip.to_string()).unwrap_or_default()
        }
        _ => {
            return keyed(&meta.labels, "metadata.labels")
                .or_else(|| keyed(&meta.annotations, "metadata.annotations"));
        }
    })
}

/// A resource of a container, in units of the divisor, rounded up.
pub fn resource_field(
    world: &World,
    worker: &Worker,
    own: Option<&Container>,
    field: &ResourceFieldSelector,
) -> Option<String> {
    let container = if field.container_name.is_empty() {
        own?
    } else {
        worker.pod.spec.container(&field.container_name)?
    };
    let (list, name) = field.resource.split_once('.')?;
    let quantity = match list {
        "limits" => container.resources.limits.get(name),
        _ => container.resources.requests.get(name),
    };
    let divisor = field.divisor.as_ref().map_or(1000, Quantity::milli).max(1);
    let milli = match quantity {
        Some(quantity) => quantity.milli(),
        None if list == "limits" => allocatable(world, worker, name),
        None => 0,
    };
    Some(((milli + divisor - 1) / divisor).to_string())
}

/// What the node has to give, in thousandths: the limit of a container without one.
fn allocatable(world: &World, worker: &Worker, name: &str) -> i64 {
    let node = world.store.resource("Node", "", &worker.node);
    let text = node.and_then(|node| node.status["allocatable"][name].as_str());
    text.and_then(Quantity::parse).map_or(0, |quantity| quantity.milli())
}

/// Expands `$(NAME)`; `$$` is a dollar, an unknown name stays as it is.
pub fn expand(text: &str, env: &BTreeMap<&str, &str>) -> String {
    expand_with(text, |name| env.get(name).copied())
}

fn expand_with<'a>(text: &str, mut value_of: impl FnMut(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // What is longer cannot be given to a program, however much longer it is.
    while let Some(at) = rest.find('$').filter(|_| out.len() <= limits::ARGUMENT_BYTES) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|inner| inner.split_once(')'))
        {
            match value_of(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_expand_as_upstream() {
        let env = BTreeMap::from([("A", "x")]);
        for (text, expected) in [
            ("$(A)", "x"),
            ("$$(A)", "$(A)"),
            ("$(NOPE)", "$(NOPE)"),
            ("$$", "$"),
            ("$$$$", "$$"),
            ("${A}", "${A}"),
            ("$(A", "$(A"),
            ("$", "$"),
            ("a$(A)b$(A)", "axbx"),
        ] {
            assert_eq!(expand(text, &env), expected, "{text}");
        }
        let long = "x".repeat(limits::ARGUMENT_BYTES);
        let env = BTreeMap::from([("A", long.as_str())]);
        assert!(expand(&"$(A)".repeat(1000), &env).len() < 3 * limits::ARGUMENT_BYTES);
    }
}
