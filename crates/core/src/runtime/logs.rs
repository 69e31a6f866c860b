//! Reading logs.

use crate::apiserver::error::{ApiError, Reason};
use crate::runtime::LogLine;
use crate::world::World;
use podplay_api::Pod;

/// The log of a container's newest instance, or of the one before.
///
/// Models `pkg/registry/core/pod/strategy.go` LogLocation and `pkg/kubelet/kubelet_pods.go` validateContainerLogStatus.
///
/// # Errors
/// `NotFound`, or `BadRequest` with the kubelet's words.
pub fn read(
    world: &World,
    namespace: &str,
    name: &str,
    container: Option<&str>,
    previous: bool,
) -> Result<Vec<LogLine>, ApiError> {
    let Some(entry) = world.store.pod_entry(namespace, name) else {
        return Err(ApiError::not_found("pods", name));
    };
    let container = resolve_container(&entry.pod, container)?;
    if entry.pod.spec.node_name.is_empty() {
        return Ok(Vec::new());
    }
    let bad = |message: String| ApiError::new(Reason::BadRequest, message);
    let waiting = |reason: &str| {
        bad(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {reason}"))
    };
    let status = entry.pod.status.container(&container);
    let instances = world
        .workers
        .get(&entry.uid)
        .map(|worker| worker.instances_of(&container))
        .unwrap_or_default();
    let started: Vec<_> =
        instances.iter().filter(|instance| instance.status.started_at.is_some()).collect();
    if previous {
        let dead = status.is_some_and(|status| status.last_state.terminated().is_some());
        return match (dead, started.len()) {
            (true, 2..) => Ok(started[started.len() - 2].log.lines()),
            (true, 1) => Ok(started[0].log.lines()),
            _ => Err(bad(format!(
                "previous terminated container \"{container}\" in pod \"{name}\" not found"
            ))),
        };
    }
    if let Some(reason) = status.and_then(|status| status.state.waiting()) {
        let ran = status.is_some_and(|status| status.last_state.terminated().is_some());
        if !ran || reason == "ContainerCreating" {
            return Err(match reason {
                "ErrImagePull" | "ImagePullBackOff" => waiting(if reason == "ErrImagePull" {
                    "image can't be pulled"
                } else {
                    "trying and failing to pull image"
                }),
                "" => waiting("ContainerCreating"),
                other => waiting(other),
            });
        }
    }
    Ok(started.last().map(|instance| instance.log.lines()).unwrap_or_default())
}

/// The container that is meant: by name, or the first.
///
/// # Errors
/// `BadRequest` for a name that the pod does not have.
pub fn resolve_container(pod: &Pod, container: Option<&str>) -> Result<String, ApiError> {
    let annotated =
        pod.meta.annotations.get("kubectl.kubernetes.io/default-container").map(String::as_str);
    let wanted = container.or_else(|| annotated.filter(|name| pod.spec.container(name).is_some()));
    match wanted {
        Some(name) if pod.spec.container(name).is_some() => Ok(name.to_string()),
        Some(name) => Err(ApiError::new(
            Reason::BadRequest,
            format!("container {name} is not valid for pod {}", pod.meta.name),
        )),
        None => Ok(pod
            .spec
            .containers
            .first()
            .map(|container| container.name.clone())
            .unwrap_or_default()),
    }
}
