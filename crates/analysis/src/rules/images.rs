//! Images: which one a node runs, and whether it gets it.

use super::Found;
use crate::context::{Context, Part, Pod};
use crate::edits;
use podplay_api::PullPolicy;
use podplay_core::{Profile, images::Reference};

/// Whether an image's tag can mean another image tomorrow.
fn floats(image: &str) -> bool {
    let pinned = image.contains('@');
    !pinned
        && Reference::parse(image).is_ok_and(|image| image.tag().is_none_or(|tag| tag == "latest"))
}

pub(super) fn latest_kept(_: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let container = part.container;
    if container.image_pull_policy != PullPolicy::IfNotPresent || !floats(&container.image) {
        return None;
    }
    let path = format!("{}.imagePullPolicy", part.path);
    let fix = edits::replace(pod.object, &path, "Always", "Ask the registry each time".to_owned());
    Some(Found::at(path, [&container.name, &container.image]).fix(fix))
}

pub(super) fn floating_tag(_: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let container = part.container;
    let kept = container.image_pull_policy == PullPolicy::IfNotPresent;
    if pod.replicas < 2 || kept || !floats(&container.image) {
        return None;
    }
    let path = format!("{}.image", part.path);
    Some(Found::at(path, [&pod.object.name, &container.image, &pod.replicas]))
}

pub(super) fn never_pulled(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let container = part.container;
    // The nodes of the recordings come with their images.
    let given = cx.plan.config.profile == Profile::Recorded;
    if given || container.image_pull_policy != PullPolicy::Never {
        return None;
    }
    let path = format!("{}.imagePullPolicy", part.path);
    let fix =
        edits::replace(pod.object, &path, "IfNotPresent", "Pull it if it is missing".to_owned());
    Some(Found::at(path, [&container.name, &container.image]).fix(fix))
}
