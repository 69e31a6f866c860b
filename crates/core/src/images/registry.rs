//! The registry: which images exist, how long a pull takes, what it says when it fails.

use super::Reference;
use crate::config::Profile;
use crate::ids::RecordId;
use crate::world::World;
use std::sync::Arc;
use std::time::Duration;

/// A failed pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError {
    /// The waiting reason.
    pub reason: &'static str,
    /// The runtime's words.
    pub message: String,
}

/// The registry of the recordings, by repository; `*` stands for all tags.
static RECORDED: &[(&str, &[&str])] = &[
    ("docker.io/library/busybox", &["latest", "stable", "1.28", "1.28.4", "1.35", "1.36", "1.37"]),
    ("registry.k8s.io/busybox", &["latest", "1.24", "1.27.2"]),
    ("docker.io/library/alpine", &["latest", "3", "3.19"]),
    ("docker.io/library/bash", &["*"]),
    ("docker.io/library/debian", &["latest", "12"]),
    ("docker.io/library/ubuntu", &["latest"]),
    (
        "docker.io/library/nginx",
        &["latest", "stable", "alpine", "1.7.9", "1.9.1", "1.14.2", "1.16.1", "1.25", "1.27"],
    ),
    ("registry.k8s.io/e2e-test-images/agnhost", &["2.39", "2.40", "2.47", "2.53"]),
    ("registry.k8s.io/goproxy", &["0.1"]),
    ("slow.local/busybox", &["*"]),
];

fn recorded(reference: &Reference) -> bool {
    let repository = reference.repository();
    let tag = reference.tag().unwrap_or("latest");
    RECORDED
        .iter()
        .any(|(name, tags)| *name == repository && (tags.contains(&"*") || tags.contains(&tag)))
}

/// Whether the image is on every node from the start.
pub fn preloaded(world: &World, reference: &Reference) -> bool {
    world.config.profile == Profile::Recorded
        && recorded(reference)
        && reference.domain() != "slow.local"
}

/// How long a pull takes.
pub fn pull_time(world: &World, image: &str) -> Duration {
    let own = world
        .config
        .images
        .iter()
        .find(|(name, _)| *name == image || image.split(':').next() == Some(name))
        .and_then(|(_, behaviour)| behaviour.pull);
    let slow = Reference::parse(image).is_ok_and(|reference| reference.domain() == "slow.local");
    let span = if slow { world.config.latencies.slow_pull } else { world.config.latencies.pull };
    own.unwrap_or(span) + world.faults.slow_pull(image).map_or(Duration::ZERO, |(by, _)| by)
}

/// Why a pull would fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The registry does not answer.
    Down,
    /// It wants credentials.
    Denied,
    /// It does not know the image.
    NotFound,
}

/// The fault that keeps an image from being pulled.
pub fn fault_of(world: &World, image: &str) -> Option<RecordId> {
    world.faults.registry_down(image).or_else(|| world.faults.image_missing(image))
}

/// Why a pull of the image would fail now.
pub fn trouble(world: &World, image: &str) -> Option<Trouble> {
    if world.faults.registry_down(image).is_some() {
        return Some(Trouble::Down);
    }
    let own_registry = world.config.profile == Profile::Recorded;
    let known = Reference::parse(image).is_ok_and(|reference| recorded(&reference));
    if world.faults.image_missing(image).is_none() && (known || !own_registry) {
        return None;
    }
    let denied = own_registry && image.contains("private");
    Some(if denied { Trouble::Denied } else { Trouble::NotFound })
}

/// The tags of the image's repository that the registry has, if it has only some.
pub fn tags(world: &World, image: &str) -> Vec<String> {
    let Ok(reference) = Reference::parse(image) else { return Vec::new() };
    if world.config.profile != Profile::Recorded {
        return Vec::new();
    }
    let name = reference.repository();
    let own = RECORDED.iter().filter(|(known, _)| *known == name).flat_map(|(_, tags)| *tags);
    own.filter(|tag| **tag != "*").map(|tag| (*tag).to_owned()).collect()
}

/// The repositories that the registry has, if it has only some, as people write them.
pub fn repositories(world: &World) -> Vec<String> {
    let all = RECORDED.iter().filter(|_| world.config.profile == Profile::Recorded);
    let familiar = |name: &str| name.trim_start_matches("docker.io/library/").to_owned();
    all.map(|(name, _)| familiar(name)).collect()
}

/// Where the recorded machine's runtime asks for an image: its registry is a mirror of all others, and is told which.
fn manifest_url(reference: &Reference) -> String {
    let (repository, domain) = (reference.repository(), reference.domain());
    let path = repository.strip_prefix(domain).unwrap_or(&repository).trim_start_matches('/');
    let tag = reference.tag().unwrap_or("latest");
    format!("http://127.0.0.1:5000/v2/{path}/manifests/{tag}?ns={domain}")
}

/// A pull: the image is on the node afterwards.
///
/// An error without a status of its own comes without the words `rpc error`: the kubelet strips the code `Unknown`.
/// Models `staging/cri-client/pkg/remote_image.go` pullImageV1.
///
/// # Errors
/// The runtime's words.
pub fn pull(world: &mut World, node: &Arc<str>, image: &str) -> Result<u64, PullError> {
    let error = |message: String| Err(PullError { reason: "ErrImagePull", message });
    let Ok(reference) = Reference::parse(image) else {
        return error(format!("failed to parse {image}"));
    };
    let (full, host) = (reference.to_string(), reference.domain().to_string());
    let trouble = trouble(world, image);
    if trouble == Some(Trouble::Down) {
        let address = if host == "docker.io" { "registry-1.docker.io" } else { &host };
        return error(format!(
            "failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": failed to do request: Head \"https://{address}/v2/\": dial tcp: connect: connection refused"
        ));
    }
    if let Some(trouble) = trouble {
        if trouble == Trouble::Denied {
            let url = manifest_url(&reference);
            return error(format!(
                "failed to pull and unpack image \"{full}\": failed to resolve image: unexpected status from HEAD request to {url}: 401 Unauthorized"
            ));
        }
        return error(format!(
            "rpc error: code = NotFound desc = failed to pull and unpack image \"{full}\": failed to resolve image: {full}: not found"
        ));
    }
    if let Some(agent) = world.nodes.get_mut(node) {
        agent.lost_images.remove(&full);
        agent.images.insert(full.clone());
    }
    Ok(4_000_000 + crate::random::draw(0, "image size", &full, 0) % 60_000_000)
}
