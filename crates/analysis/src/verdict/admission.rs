//! Verdicts on pods that the API server refuses to make.

use super::scheduling::amount;
use super::view::View;
use super::{Cause, Place, Target, places};
use podplay_core::holds::Wait;

/// The cause behind a refusal of a pod by the API server, and the places beside those of the hold.
pub(super) fn admission(
    view: &View<'_>,
    wait: &Wait,
    namespace: &str,
) -> Option<(Cause, Vec<Place>)> {
    let found = |kind: &str, name: &str| {
        let nearest = view.nearest(kind, namespace, name);
        let place = nearest.as_deref().and_then(|nearest| view.named(kind, namespace, nearest));
        (nearest, place.into_iter().collect::<Vec<_>>())
    };
    Some(match wait {
        Wait::Account(name) => {
            let (nearest, places) = found("ServiceAccount", name);
            (Cause::MissingServiceAccount { name: name.clone(), nearest }, places)
        }
        Wait::PriorityClass(name) => {
            let (nearest, places) = found("PriorityClass", name);
            (Cause::MissingPriorityClass { name: name.clone(), nearest }, places)
        }
        Wait::Namespace(name) => {
            let (nearest, places) = found("Namespace", name);
            (Cause::MissingNamespace { name: name.clone(), nearest }, places)
        }
        Wait::Quota { name, resource, asked: 0, .. } => {
            let cause = Cause::QuotaNeeds { quota: name.clone(), resource: resource.clone() };
            (cause, quota(view, namespace, name, resource))
        }
        Wait::Quota { name, resource, asked, used, limit } => {
            let text = |milli: i64| amount(resource, milli);
            let cause = Cause::QuotaExceeded {
                quota: name.clone(),
                resource: resource.clone(),
                asked: text(*asked),
                used: text(*used),
                limit: text(*limit),
            };
            (cause, quota(view, namespace, name, resource))
        }
        Wait::Range { name, resource, bound, allowed, asked } => {
            let target = Target::new("LimitRange", namespace, name);
            let written = places::written(view.plan, &target);
            let places = written.map_or_else(Vec::new, |written| {
                let path = format!("spec.limits[0].{bound}.{resource}");
                vec![written.place(&path), written.place("metadata.name")]
            });
            let cause = Cause::LimitRangeViolation {
                range: name.clone(),
                resource: resource.clone(),
                bound: (*bound).to_owned(),
                allowed: allowed.clone(),
                asked: if asked.is_empty() { "none".to_owned() } else { asked.clone() },
            };
            (cause, places)
        }
        _ => return None,
    })
}

pub(super) fn quota(view: &View<'_>, namespace: &str, name: &str, resource: &str) -> Vec<Place> {
    let target = Target::new("ResourceQuota", namespace, name);
    let Some(written) = places::written(view.plan, &target) else { return Vec::new() };
    vec![written.place(&format!("spec.hard.{resource}")), written.place("metadata.name")]
}
