//! The start on the node: volumes, configuration, image, user, program.

use super::{Hold, ImageTrouble, Look, Wait};
use crate::images;
use crate::kubelet::volumes::{object_data, too_small_for_files};
use crate::volumes::disks;
use podplay_api::{Container, ContainerState, EnvVar, KeyToPath, PullPolicy, Volume};

/// A volume that cannot be mounted.
pub(super) fn volumes(look: &Look<'_>) -> Option<Hold> {
    let worker = look.world.workers.get(&look.entry.uid)?;
    let failing: Vec<&str> = worker.mounts.failing().collect();
    let spec = &look.entry.pod.spec;
    let since = worker.start.unwrap_or(look.world.now);
    for (n, volume) in spec.volumes.iter().enumerate() {
        if !failing.contains(&volume.name.as_str()) {
            continue;
        }
        let base = format!("spec.volumes[{n}]");
        if let Some(size) = too_small_for_files(worker, volume) {
            return Some(look.hold(since, too_small(&volume.name, size), memory_limits(look)));
        }
        if let Some((wait, paths)) = volume_source(look, volume, &base) {
            return Some(look.hold(since, wait, paths));
        }
    }
    None
}

fn too_small(volume: &str, size: i64) -> Wait {
    let message = format!(
        "no space left on device: volume {volume} lives in memory and is as large as the memory limit, {size} bytes"
    );
    Wait::Refused("FailedMount".into(), message)
}

/// Where the memory limits of the containers are written.
fn memory_limits(look: &Look<'_>) -> Vec<String> {
    let containers = look.entry.pod.spec.containers.iter().enumerate();
    containers
        .filter(|(_, container)| container.resources.limits.contains_key("memory"))
        .map(|(n, _)| format!("spec.containers[{n}].resources.limits.memory"))
        .collect()
}

type Found = (Wait, Vec<String>);

fn volume_source(look: &Look<'_>, volume: &Volume, base: &str) -> Option<Found> {
    if let Some(source) = &volume.config_map {
        let at = format!("{base}.configMap");
        return object(
            look,
            "ConfigMap",
            &source.name,
            &source.items,
            source.optional,
            &at,
            "name",
        );
    }
    if let Some(source) = &volume.secret {
        let (name, at) = (&source.secret_name, format!("{base}.secret"));
        return object(look, "Secret", name, &source.items, source.optional, &at, "secretName");
    }
    if let Some(source) = &volume.projected {
        return source.sources.iter().enumerate().find_map(|(n, part)| {
            let of = |kind, field, part: &podplay_api::ProjectedObject| {
                let at = format!("{base}.projected.sources[{n}].{field}");
                object(look, kind, &part.name, &part.items, part.optional, &at, "name")
            };
            let map = part.config_map.as_ref().and_then(|map| of("ConfigMap", "configMap", map));
            map.or_else(|| part.secret.as_ref().and_then(|secret| of("Secret", "secret", secret)))
        });
    }
    if let Some(source) = &volume.persistent_volume_claim {
        let path = format!("{base}.persistentVolumeClaim.claimName");
        let namespace = &look.entry.pod.meta.namespace;
        if look
            .world
            .store
            .resource("PersistentVolumeClaim", namespace, &source.claim_name)
            .is_none()
        {
            return Some((Wait::MissingClaim(source.claim_name.clone()), vec![path]));
        }
    }
    let source = disks::source(look.world, look.entry.uid, volume)?;
    let paths = ["type", "path"].map(|field| format!("{base}.hostPath.{field}"));
    Some((Wait::HostPath(source.path, source.kind), paths.to_vec()))
}

fn object(
    look: &Look<'_>,
    kind: &'static str,
    name: &str,
    items: &[KeyToPath],
    optional: bool,
    at: &str,
    field: &str,
) -> Option<Found> {
    if optional {
        return None;
    }
    let (world, namespace) = (look.world, &look.entry.pod.meta.namespace);
    let name = name.to_owned();
    let path = format!("{at}.{field}");
    let Ok(data) = object_data(world, look.entry.uid, kind, namespace, &name) else {
        return Some((Wait::Source { kind, name, key: None }, vec![path]));
    };
    let index = items.iter().position(|item| !data.contains_key(&item.key))?;
    let key = Some(items[index].key.clone());
    Some((Wait::Source { kind, name, key }, vec![format!("{at}.items[{index}].key"), path]))
}

/// What keeps a container from being created or started.
pub(super) fn container(look: &Look<'_>, container: &Container) -> Option<Hold> {
    let status = look.entry.pod.status.container(&container.name)?;
    let base = look.path(&container.name);
    let worker = look.world.workers.get(&look.entry.uid)?;
    let since = worker.start.unwrap_or(look.world.now);
    let of = |found: Found| Some(look.of_container(&container.name, since, found.0, found.1));
    let instance = worker.instances_of(&container.name).last();
    if let Some(error) = instance.and_then(|instance| instance.refused.clone()) {
        let paths =
            vec![format!("{base}.command"), format!("{base}.args"), format!("{base}.image")];
        return of((Wait::Program(error), paths));
    }
    let ContainerState::Waiting { reason, message } = &status.state else { return None };
    let image = container.image.clone();
    let at_image = vec![format!("{base}.image")];
    match reason.as_str() {
        "CreateContainerConfigError" => of(config(look, container, &base)
            .unwrap_or_else(|| (Wait::Refused(reason.clone(), message.clone()), vec![base]))),
        "InvalidImageName" => of((Wait::Image(image, ImageTrouble::Invalid), at_image)),
        "ErrImageNeverPull" => {
            let paths = vec![format!("{base}.imagePullPolicy"), format!("{base}.image")];
            of((Wait::Image(image, ImageTrouble::Never), paths))
        }
        "ErrImagePull" | "ImagePullBackOff" => {
            let trouble = images::trouble(look.world, &image)?;
            let mut paths = at_image;
            if container.image_pull_policy == PullPolicy::Always {
                paths.push(format!("{base}.imagePullPolicy"));
            }
            of((Wait::Image(image, ImageTrouble::Pull(trouble)), paths))
        }
        "" | "ContainerCreating" | "PodInitializing" | "CrashLoopBackOff"
        | "PostStartHookError" => None,
        _ => of((Wait::Refused(reason.clone(), message.clone()), vec![base])),
    }
}

/// What of a container's configuration is missing, in the order in which the kubelet looks.
fn config(look: &Look<'_>, container: &Container, base: &str) -> Option<Found> {
    user(look, container, base)
        .or_else(|| env_from(look, container, base))
        .or_else(|| container.env.iter().enumerate().find_map(|(n, var)| env(look, var, n, base)))
}

fn user(look: &Look<'_>, container: &Container, base: &str) -> Option<Found> {
    let own = container.security_context.as_ref();
    let pod = &look.entry.pod.spec.security_context;
    let user = own.and_then(|context| context.run_as_user).or(pod.run_as_user);
    let by_own = own.and_then(|context| context.run_as_non_root);
    let non_root = by_own.or(pod.run_as_non_root).unwrap_or(false);
    let root = user
        .map_or(images::default_user(&container.image).is_some_and(|(uid, _)| uid == 0), |user| {
            user == 0
        });
    if !(non_root && root) {
        return None;
    }
    let context = if by_own.is_some() {
        format!("{base}.securityContext")
    } else {
        "spec.securityContext".to_owned()
    };
    let mut paths = vec![format!("{context}.runAsNonRoot"), format!("{base}.image")];
    if user.is_some() {
        let own = own.is_some_and(|context| context.run_as_user.is_some());
        let of =
            if own { format!("{base}.securityContext") } else { "spec.securityContext".into() };
        paths.insert(0, format!("{of}.runAsUser"));
    }
    Some((Wait::RootUser(container.image.clone()), paths))
}

fn env_from(look: &Look<'_>, container: &Container, base: &str) -> Option<Found> {
    container.env_from.iter().enumerate().find_map(|(n, source)| {
        let (kind, field, reference) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(map), _) => ("ConfigMap", "configMapRef", map),
            (_, Some(secret)) => ("Secret", "secretRef", secret),
            _ => return None,
        };
        let at = format!("{base}.envFrom[{n}].{field}");
        object(look, kind, &reference.name, &[], reference.optional, &at, "name")
    })
}

fn env(look: &Look<'_>, variable: &EnvVar, n: usize, base: &str) -> Option<Found> {
    let source = variable.value_from.as_ref()?;
    let (kind, field, selector) = match (&source.config_map_key_ref, &source.secret_key_ref) {
        (Some(map), _) => ("ConfigMap", "configMapKeyRef", map),
        (_, Some(secret)) => ("Secret", "secretKeyRef", secret),
        _ => return None,
    };
    if selector.optional {
        return None;
    }
    let at = format!("{base}.env[{n}].valueFrom.{field}");
    let name = selector.name.clone();
    let namespace = &look.entry.pod.meta.namespace;
    match object_data(look.world, look.entry.uid, kind, namespace, &name) {
        Err(_) => Some((Wait::Source { kind, name, key: None }, vec![format!("{at}.name")])),
        Ok(data) if data.contains_key(&selector.key) => None,
        Ok(_) => {
            let key = Some(selector.key.clone());
            let paths = vec![format!("{at}.key"), format!("{at}.name")];
            Some((Wait::Source { kind, name, key }, paths))
        }
    }
}
