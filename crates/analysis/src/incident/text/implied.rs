//! What a description does not show and the cause implies: a policy, a context, a hook.

use super::super::causes::Found;
use super::super::observed::{Seen, Shape};
use super::Draft;
use crate::verdict::Cause;
use podplay_api::{Value, json};

/// Puts it into the objects that were read from descriptions.
pub(super) fn by(out: &mut Draft, roots: &[&Seen], found: &[Found]) {
    for one in found {
        let Some((container, field, value)) = field(&one.cause) else { continue };
        let mut set = false;
        for (object, seen) in out.objects.iter_mut().zip(roots) {
            if seen.shape != Shape::Description {
                continue;
            }
            let at = match seen.kind.as_str() {
                "Pod" => "/spec",
                "CronJob" => "/spec/jobTemplate/spec/template/spec",
                _ => "/spec/template/spec",
            };
            for list in ["initContainers", "containers"] {
                let containers = object.pointer_mut(&format!("{at}/{list}"));
                for place in containers.and_then(Value::as_array_mut).into_iter().flatten() {
                    let meant = match &container {
                        Of::Named(name) => place["name"] == **name,
                        Of::Image(image) => place["image"] == **image,
                    };
                    if meant && place.get(field).is_none() {
                        place[field] = value.clone();
                        set = true;
                    }
                }
            }
        }
        if set {
            out.assumed.push(format!("{field}: {value}"));
        }
    }
}

/// The container that a cause is about.
enum Of<'a> {
    Named(&'a String),
    Image(&'a String),
}

/// The field that a cause implies.
fn field(cause: &Cause) -> Option<(Of<'_>, &'static str, Value)> {
    Some(match cause {
        Cause::RunsAsRoot { container, .. } => {
            (Of::Named(container), "securityContext", json!({"runAsNonRoot": true}))
        }
        Cause::ImageNeverPull { image } => (Of::Image(image), "imagePullPolicy", json!("Never")),
        Cause::PostStartHangs { container, .. } => (
            Of::Named(container),
            "lifecycle",
            json!({"postStart": {"exec": {"command": ["sh", "-c", "while true; do sleep 60; done"]}}}),
        ),
        Cause::PostStartFails { container, .. } => (
            Of::Named(container),
            "lifecycle",
            json!({"postStart": {"exec": {"command": ["sh", "-c", "exit 1"]}}}),
        ),
        Cause::PreStopTooLong { container, .. } => (
            Of::Named(container),
            "lifecycle",
            json!({"preStop": {"exec": {"command": ["sh", "-c", "sleep 3600"]}}}),
        ),
        _ => return None,
    })
}
