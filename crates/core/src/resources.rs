//! What a pod asks for, and what it may use, by resource.
//!
//! Models `staging/component-helpers/resource/helpers.go`.

use podplay_api::{PodSpec, Quantity};
use std::collections::BTreeMap;

/// What a pod asks for by resource, in thousandths.
///
/// Models `staging/component-helpers/resource/helpers.go` PodRequests.
pub fn requests(spec: &PodSpec) -> BTreeMap<String, i64> {
    let mut total = totals(spec, |resources| {
        let mut all = thousandths(&resources.limits);
        all.extend(thousandths(&resources.requests));
        all
    });
    for (name, quantity) in &spec.overhead {
        *total.entry(name.clone()).or_default() += quantity.milli();
    }
    total
}

/// What a pod may use by resource, in thousandths, as far as its containers have limits.
///
/// Models `staging/component-helpers/resource/helpers.go` PodLimits.
pub fn limits(spec: &PodSpec) -> BTreeMap<String, i64> {
    totals(spec, |resources| thousandths(&resources.limits))
}

fn thousandths(list: &BTreeMap<String, Quantity>) -> BTreeMap<String, i64> {
    list.iter().map(|(name, quantity)| (name.clone(), quantity.milli())).collect()
}

/// The sum over containers and sidecars, or what the init containers need if that is more.
fn totals(
    spec: &PodSpec,
    of: fn(&podplay_api::ResourceRequirements) -> BTreeMap<String, i64>,
) -> BTreeMap<String, i64> {
    let add = |sum: &mut BTreeMap<String, i64>, more: &BTreeMap<String, i64>| {
        more.iter().for_each(|(name, value)| *sum.entry(name.clone()).or_default() += value)
    };
    let mut total = BTreeMap::new();
    for container in &spec.containers {
        add(&mut total, &of(&container.resources));
    }
    let (mut sidecars, mut peak): (BTreeMap<String, i64>, BTreeMap<String, i64>) =
        (BTreeMap::new(), BTreeMap::new());
    for container in &spec.init_containers {
        let mut now = of(&container.resources);
        if container.is_sidecar() {
            add(&mut total, &now);
            add(&mut sidecars, &now);
            now.clone_from(&sidecars);
        } else {
            add(&mut now, &sidecars);
        }
        for (name, value) in now {
            let slot = peak.entry(name).or_default();
            *slot = (*slot).max(value);
        }
    }
    for (name, value) in peak {
        let slot = total.entry(name).or_default();
        *slot = (*slot).max(value);
    }
    if let Some(resources) = &spec.resources {
        total.extend(of(resources));
    }
    total
}
