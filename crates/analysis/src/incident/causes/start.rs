//! What the node needs before a container runs: volumes, configuration, images, programs.

use super::messages::{any, behind, between};
use super::view::Container;
use super::{Certainty, Found, Pod, View};
use crate::verdict::{Cause, Source};
use podplay_api::Value;

/// Volumes that cannot be mounted.
pub(super) fn mounts(_: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let mut failed = pod.with("FailedMount");
    failed.extend(pod.with("FailedAttachVolume"));
    // What timed out only says that something else failed.
    failed.sort_by_key(|event| any(&event.message, &["timed out waiting", "unmounted volumes"]));
    let found = failed.iter().find_map(|event| {
        let found = mount(pod, &event.message)?;
        Some(found.at(event.line, "").because(&event.message))
    });
    found.or_else(|| unmounted(pod)).into_iter().collect()
}

fn mount(pod: &Pod<'_>, message: &str) -> Option<Found> {
    let volume = between(message, "for volume \"", "\"").unwrap_or_default();
    let (source, at) = volume_of(pod, volume);
    let subject = pod.subject();
    if let Some(rest) = message.split_once("hostPath type check failed: ").map(|(_, rest)| rest) {
        let path = rest.split(" is not a").next().unwrap_or_default().to_owned();
        let kind = source.get("hostPath").and_then(|host| host.get("type")).and_then(Value::as_str);
        let kind = kind.unwrap_or_else(|| rest.rsplit(" is not a ").next().unwrap_or_default());
        let cause = Cause::HostPathType { path, kind: kind.to_owned() };
        let place = format!("{at}.hostPath");
        return Some(Found::new(subject, cause).at(pod.line(&place), place));
    }
    if let Some(cause) = missing(message) {
        return Some(Found::new(subject, cause).at(pod.line(&at), at));
    }
    let key = behind(message, "references non-existent secret key: ", &[' ', ',']);
    let other = behind(message, "references non-existent config key: ", &[' ', ',']);
    if let Some(key) = key.or(other) {
        let kind = if key.is_empty() || message.contains("secret key") {
            Source::Secret
        } else {
            Source::ConfigMap
        };
        let name = ["secret.secretName", "configMap.name"]
            .iter()
            .find_map(|path| super::super::marked::look(source, path).as_str())
            .unwrap_or(volume);
        let cause = Cause::MissingKey {
            source: kind,
            name: name.to_owned(),
            key: key.to_owned(),
            nearest: None,
        };
        return Some(Found::new(subject, cause).at(pod.line(&at), at));
    }
    if let Some(claim) = between(message, "persistentvolumeclaim \"", "\" not found") {
        let cause = Cause::MissingClaim { claim: claim.to_owned(), nearest: None };
        return Some(Found::new(subject, cause).at(pod.line(&at), at));
    }
    if any(message, &["kube-root-ca.crt", "timed out waiting", "unmounted volumes"]) {
        return None;
    }
    let words = message.split_once(" : ").map_or(message, |(_, words)| words);
    let cause = Cause::Other { reason: "FailedMount".to_owned(), message: words.to_owned() };
    Some(Found::new(subject, cause).at(pod.line(&at), at))
}

/// The source of a volume with its path.
fn volume_of<'a>(pod: &Pod<'a>, name: &str) -> (&'a Value, String) {
    let list = pod.spec("volumes").as_array().map_or(&[][..], Vec::as_slice);
    let at =
        list.iter().position(|volume| volume.get("name").and_then(Value::as_str) == Some(name));
    match at.and_then(|at| Some((list.get(at)?, format!("spec.volumes[{at}]")))) {
        Some(found) => found,
        None => (&Value::Null, "spec.volumes".to_owned()),
    }
}

/// A pod that waits for its volumes while the paste does not show the message: what it mounts decides.
fn unmounted(pod: &Pod<'_>) -> Option<Found> {
    let waits =
        pod.condition("PodReadyToStartContainers").is_some_and(|(status, _, _)| status == "False");
    let creating = pod.containers.iter().any(|container| {
        let reason = pod.shown(container, "state.waiting.reason").as_str().unwrap_or_default();
        matches!(reason, "ContainerCreating" | "PodInitializing")
    });
    if !waits || !creating || pod.text("spec.nodeName").is_empty() {
        return None;
    }
    let list = pod.spec("volumes").as_array()?;
    let found = list.iter().enumerate().find_map(|(at, volume)| {
        let word = |path: &str| super::super::marked::look(volume, path).as_str();
        let optional = |kind: &str| {
            volume.get(kind).and_then(|s| s.get("optional")).and_then(Value::as_bool) == Some(true)
        };
        let place = format!("spec.volumes[{at}]");
        let kind =
            word("hostPath.type").filter(|kind| !kind.is_empty() && !kind.ends_with("OrCreate"));
        if let (Some(path), Some(kind)) = (word("hostPath.path"), kind) {
            let cause = Cause::HostPathType { path: path.to_owned(), kind: kind.to_owned() };
            return Some((cause, place + ".hostPath"));
        }
        let source = |source, name: &str| Cause::MissingSource {
            source,
            name: name.to_owned(),
            nearest: None,
        };
        match (word("secret.secretName"), word("configMap.name")) {
            (Some(name), _) if !optional("secret") => {
                Some((source(Source::Secret, name), place + ".secret.secretName"))
            }
            (_, Some(name)) if !optional("configMap") => {
                Some((source(Source::ConfigMap, name), place + ".configMap.name"))
            }
            _ => None,
        }
    })?;
    let (cause, path) = found;
    Some(Found::new(pod.subject(), cause).at(pod.line(&path), path).only(Certainty::Follows))
}

/// `secret "x" not found`, `configmap "x" not found`.
fn missing(message: &str) -> Option<Cause> {
    for (lead, source) in [("secret \"", Source::Secret), ("configmap \"", Source::ConfigMap)] {
        if let Some(name) = between(message, lead, "\" not found") {
            return Some(Cause::MissingSource { source, name: name.to_owned(), nearest: None });
        }
    }
    let key = between(message, "couldn't find key ", " in ")?;
    let source = if message.contains(" in Secret ") { Source::Secret } else { Source::ConfigMap };
    let whole = message.rsplit(" in ").next()?.split(' ').nth(1)?;
    let name = whole.rsplit('/').next()?.trim_matches(['"', '.', ',']);
    Some(Cause::MissingKey { source, name: name.to_owned(), key: key.to_owned(), nearest: None })
}

/// Containers that cannot be made: what they wait for, and the messages about it.
pub(super) fn containers(view: &View<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let mut told: Vec<(String, String, u32)> = Vec::new();
    for container in &pod.containers {
        let reason = pod.shown(container, "state.waiting.reason").as_str().unwrap_or_default();
        let message = pod.shown(container, "state.waiting.message").as_str().unwrap_or_default();
        if !message.is_empty() && !reason.starts_with("CrashLoop") {
            let line = pod.line(&format!("{}.state.waiting.message", container.status));
            told.push((container.name.clone(), message.to_owned(), line));
        }
        for state in ["state", "lastState"] {
            if let Some(end) = pod.end(container, state)
                && matches!(end.reason.as_str(), "StartError" | "ContainerCannotRun")
            {
                told.push((container.name.clone(), end.message.clone(), end.line));
            }
        }
    }
    for reason in ["Failed", "InspectFailed", "ErrImageNeverPull"] {
        for event in pod.with(reason) {
            told.push((pod.container_name(event), event.message.clone(), event.line));
        }
    }
    let found = told.iter().find_map(|(container, message, line)| {
        let cause = cause(pod, container, message)?;
        Some(placed(pod, container, cause).at(*line, "").because(message))
    });
    found.or_else(|| by_reason(view, pod)).into_iter().collect()
}

/// Points at the field that a cause of a container is about.
fn placed(pod: &Pod<'_>, container: &str, cause: Cause) -> Found {
    let spec = pod.containers.iter().find(|c| c.name == *container).map(|c| c.spec.clone());
    let spec = spec.unwrap_or_else(|| "spec.containers[0]".to_owned());
    let path = match &cause {
        Cause::ImageNotFound { .. }
        | Cause::ImagePullDenied { .. }
        | Cause::RegistryDown { .. }
        | Cause::InvalidImageName { .. } => format!("{spec}.image"),
        Cause::ImageNeverPull { .. } => format!("{spec}.imagePullPolicy"),
        Cause::CommandNotFound { .. } | Cause::PermissionDenied { .. } => format!("{spec}.command"),
        Cause::RunsAsRoot { .. } => format!("{spec}.securityContext.runAsNonRoot"),
        Cause::MissingKey { name, .. } | Cause::MissingSource { name, .. } => {
            reference(pod, &spec, name)
        }
        _ => spec,
    };
    Found::new(pod.subject(), cause).at(pod.line(&path), path)
}

/// Where a container refers to a Secret or ConfigMap.
fn reference(pod: &Pod<'_>, spec: &str, name: &str) -> String {
    let Some((tree, _)) = pod.template else { return format!("{spec}.env") };
    let found = tree.under(spec).leaves().into_iter().find(|(path, value)| {
        value == name && path.starts_with("env") && path.ends_with(".name") && path.contains("Ref")
    });
    found.map_or_else(|| format!("{spec}.env"), |(path, _)| format!("{spec}.{path}"))
}

fn cause(pod: &Pod<'_>, container: &str, message: &str) -> Option<Cause> {
    if let Some(cause) = missing(message).or_else(|| image(message)) {
        let known = pod.containers.iter().find(|c| c.name == container);
        return Some(as_written(cause, known.and_then(|c| pod.of(c, "image").as_str())));
    }
    let name = container.to_owned();
    if any(message, &["runasnonroot", "breaks non-root policy"]) {
        let named = between(message, "container: ", ")").unwrap_or(container).to_owned();
        let image = pod.containers.iter().find(|c| c.name == named);
        let image = image.and_then(|c| pod.of(c, "image").as_str()).or_else(|| pulled(pod));
        return Some(Cause::RunsAsRoot {
            container: named,
            image: image.unwrap_or_default().to_owned(),
        });
    }
    let program = between(message, "exec: \"", "\"");
    if any(message, &["executable file not found", "no such file or directory"])
        && let Some(program) = program.or_else(|| between(message, "stat ", ": no such file"))
    {
        return Some(Cause::CommandNotFound { container: name, program: program.to_owned() });
    }
    if any(message, &["permission denied"]) {
        let what = program.unwrap_or(message).to_owned();
        return Some(Cause::PermissionDenied { container: name, what });
    }
    let own =
        any(message, &["createcontainer", "createpodsandbox", "context deadline", "oci runtime"]);
    own.then(|| Cause::Other { reason: "Failed".to_owned(), message: message.to_owned() })
}

/// An image by the name that the container has for it, which the registry's words complete.
fn as_written(mut cause: Cause, written: Option<&str>) -> Cause {
    if let (
        Cause::ImageNotFound { image, .. }
        | Cause::ImagePullDenied { image }
        | Cause::RegistryDown { image },
        Some(written),
    ) = (&mut cause, written)
        && image.ends_with(&format!("/{written}"))
    {
        *image = written.to_owned();
    }
    cause
}

/// The image that an event says was pulled or was there.
pub(super) fn pulled<'a>(pod: &Pod<'a>) -> Option<&'a str> {
    let event =
        pod.events.iter().find(|event| matches!(event.reason.as_str(), "Pulled" | "Pulling"))?;
    between(&event.message, "image \"", "\"")
}

/// What a message about an image says.
fn image(message: &str) -> Option<Cause> {
    let leads = ["image \"", "Image \"", "image name \"", "image tag \""];
    let named = leads.iter().find_map(|lead| between(message, lead, "\""));
    let image = named?.to_owned();
    if any(message, &["pull policy of never", "errimageneverpull"]) {
        return Some(Cause::ImageNeverPull { image });
    }
    if any(message, &["couldn't parse image", "invalidimagename", "invalid reference format"]) {
        return Some(Cause::InvalidImageName { image });
    }
    let denied = [
        "401",
        "403",
        "unauthorized",
        "authorization failed",
        "denied",
        "authentication required",
        "no basic auth",
    ];
    if any(message, &denied) {
        return Some(Cause::ImagePullDenied { image });
    }
    let down = [
        "connection refused",
        "no such host",
        "i/o timeout",
        "tls handshake",
        "connection reset",
        "503",
        "502",
        "network is unreachable",
        "deadline exceeded",
        "dial tcp",
        "temporary failure",
    ];
    if any(message, &down) {
        return Some(Cause::RegistryDown { image });
    }
    if any(message, &["not found", "manifest unknown", "does not exist", "no match for platform"]) {
        return Some(Cause::ImageNotFound { image, nearest: None });
    }
    None
}

/// A state without a message: `STATUS` of a row, or the reason of a description.
fn by_reason(view: &View<'_>, pod: &Pod<'_>) -> Option<Found> {
    let of = |container: &Container| {
        let reason = pod.shown(container, "state.waiting.reason").as_str()?;
        Some((reason, container.clone()))
    };
    let shown = pod.containers.iter().filter_map(of).find(|(reason, _)| waits(reason));
    let (reason, container) = match shown {
        Some((reason, container)) => (reason, Some(container)),
        None => (pod.status().trim_start_matches("Init:"), pod.containers.first().cloned()),
    };
    if !waits(reason) {
        return None;
    }
    let name =
        container.as_ref().map_or_else(|| format!("of pod {}", pod.name), |c| c.name.clone());
    let image =
        container.as_ref().and_then(|c| pod.of(c, "image").as_str()).or_else(|| pulled(pod));
    let image = image.unwrap_or_default().to_owned();
    let cause = match reason {
        "ErrImagePull" | "ImagePullBackOff" if runs_elsewhere(view, &image) => {
            Cause::RegistryDown { image }
        }
        "ErrImagePull" | "ImagePullBackOff" => Cause::ImageNotFound { image, nearest: None },
        "ErrImageNeverPull" => Cause::ImageNeverPull { image },
        "InvalidImageName" | "InspectFailed" => Cause::InvalidImageName { image },
        "CreateContainerConfigError" => config(pod, container.as_ref()?, image)?,
        _ => return None,
    };
    let line = container.as_ref().map_or(0, |c| pod.line(&format!("{}.state", c.status)));
    let line = if line == 0 { pod.row.map_or(0, |row| row.row.line) } else { line };
    Some(placed(pod, &name, cause).at(line, "").only(Certainty::Follows))
}

/// Whether another container runs the image: then the registry has it.
fn runs_elsewhere(view: &View<'_>, image: &str) -> bool {
    !image.is_empty()
        && view.pods.iter().any(|pod| {
            pod.containers.iter().any(|c| {
                pod.of(c, "image").as_str() == Some(image)
                    && !pod.shown(c, "state.running").is_null()
            })
        })
}

fn waits(reason: &str) -> bool {
    matches!(
        reason,
        "ErrImagePull"
            | "ImagePullBackOff"
            | "ErrImageNeverPull"
            | "InvalidImageName"
            | "InspectFailed"
            | "CreateContainerConfigError"
    )
}

/// What a container's configuration refers to.
fn config(pod: &Pod<'_>, container: &Container, image: String) -> Option<Cause> {
    let root = [pod.spec("securityContext"), pod.of(container, "securityContext")];
    if root.iter().any(|context| context.get("runAsNonRoot").and_then(Value::as_bool) == Some(true))
    {
        return Some(Cause::RunsAsRoot { container: container.name.clone(), image });
    }
    let (tree, _) = pod.template?;
    let leaves = tree.under(&container.spec).leaves();
    let found =
        leaves.iter().find(|(path, _)| path.starts_with("env") && path.ends_with("Ref.name"))?;
    let source = if found.0.contains("onfigMap") { Source::ConfigMap } else { Source::Secret };
    Some(Cause::MissingSource { source, name: found.1.clone(), nearest: None })
}
