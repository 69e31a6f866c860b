//! Verdicts: what holds an object up, the true cause first, with the fields of the text to change.
//!
//! A verdict begins at a hold of the cluster ([`podplay_core::holds`]). What only takes time has none; what else
//! there is to know of a cause, such as how long a program needs or what would be answered, is found by running the
//! text with one thing changed.

mod admission;
mod cause;
mod life;
mod near;
mod owners;
mod places;
mod probes;
mod scheduling;
mod sentences;
mod services;
mod target;
mod view;
mod whatif;
mod words;

pub use cause::{Answer, Cause, Source, Unbound};
pub use podplay_playback::why::Lang;
pub use target::Target;
pub use words::time;

pub(crate) use near::{distance, nearest};
pub(crate) use places::{
    Written, applied, commanded, current, owners as owners_of, template, written,
};
pub(crate) use services::label_meant;
pub(crate) use whatif::{answer_takes, container_of, needs};

use podplay_api::SimTime;
use podplay_core::holds::{Hold, Wait};
use podplay_core::{Cluster, Subject};
use podplay_manifest::Span;
use podplay_playback::Run;
use view::View;

/// A field of the text that a verdict points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path within the object: `spec.containers[0].image`.
    pub path: String,
    /// Where it stands.
    pub span: Span,
}

/// What holds an object up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whom it is about.
    pub subject: Target,
    /// Which container of it.
    pub container: Option<String>,
    /// Why; code and sentence follow from it.
    pub cause: Cause,
    /// Since when it has been so.
    pub since: SimTime,
    /// The fields to look at, the one to change first.
    pub places: Vec<Place>,
    /// What was seen: the cluster's own words, the program's last lines.
    pub evidence: Vec<String>,
}

impl Verdict {
    /// The code, as the documentation lists it.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }
    /// The sentence, one line.
    pub fn sentence(&self, lang: Lang) -> String {
        self.cause.sentence(lang)
    }
}

/// What holds up an object at a moment of a run, the true cause first. `cluster` is the cluster at that moment.
pub fn verdicts(run: &Run, cluster: &Cluster, target: &Target) -> Vec<Verdict> {
    of_target(&View::new(run, cluster), target)
}

/// The objects that do not get on, the most broken first: owners speak for their pods.
pub fn troubled(run: &Run, cluster: &Cluster) -> Vec<(Target, Vec<Verdict>)> {
    let view = View::new(run, cluster);
    let mut targets: Vec<Target> = Vec::new();
    for hold in &view.holds {
        let top = places::owners(cluster, &hold.subject).pop();
        targets.extend(top);
    }
    // Objects of the text that could not be made.
    for object in &run.plan().reading.objects {
        if matches!(
            object.kind.as_str(),
            "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "Service"
        ) {
            targets.push(Target::new(&object.kind, &object.namespace, &object.name));
        }
    }
    targets.sort();
    targets.dedup();
    let mut found: Vec<(Target, Vec<Verdict>)> = targets
        .into_iter()
        .map(|target| {
            let verdicts = of_target(&view, &target);
            (target, verdicts)
        })
        .filter(|(_, verdicts)| !verdicts.is_empty())
        .collect();
    found.sort_by_key(|(target, verdicts)| (target.kind == "Service", rank(&verdicts[0].cause)));
    found
}

fn of_target(view: &View<'_>, target: &Target) -> Vec<Verdict> {
    let mut found: Vec<Verdict> = owners::refused(view, target).into_iter().collect();
    for hold in view.holds.iter().filter(|hold| concerns(view, hold, target)) {
        found.extend(of_hold(view, hold));
    }
    if target.kind == "Service" {
        found.extend(of_selected(view, target));
        if found.is_empty() {
            found.extend(services::lost(view, target));
        }
    }
    if target.kind == "Pod" && found.is_empty() {
        found.extend(goes_on(view, target));
    }
    found.extend(ordered(view, target, &found));
    // What only takes time is no reason for a rollout to stand still, but its deadline may be.
    found.sort_by_key(|verdict| rank(&verdict.cause));
    let mut told: Vec<(&'static str, Vec<Place>)> = Vec::new();
    found.retain(|verdict| {
        let key = (verdict.code(), verdict.places.iter().take(1).cloned().collect());
        let new = !told.contains(&key);
        told.push(key);
        new
    });
    for verdict in &mut found {
        tidy(&mut verdict.places);
    }
    found
}

/// Places without the same line and path twice.
fn tidy(places: &mut Vec<Place>) {
    let mut seen: Vec<(usize, String)> = Vec::new();
    places.retain(|place| {
        let key = (place.span.line, place.path.clone());
        let new = place.span.line > 0 && !seen.contains(&key);
        seen.push(key);
        new
    });
}

/// Whether a hold is the target's own, or that of a pod or object below it.
fn concerns(view: &View<'_>, hold: &Hold, target: &Target) -> bool {
    places::owners(view.cluster, &hold.subject).contains(target)
}

/// The verdicts on the pods that a Service selects, if none of them is ready.
fn of_selected(view: &View<'_>, target: &Target) -> Vec<Verdict> {
    let pods = services::selected(view, target);
    if pods.is_empty() || pods.iter().any(|(pod, _)| pod.status.is_true("Ready")) {
        return Vec::new();
    }
    let of = |subject: &Subject| pods.iter().any(|(_, pod)| pod.pod() == subject.pod());
    let holds = view.holds.iter().filter(|hold| hold.subject.pod().is_some() && of(&hold.subject));
    let mut found: Vec<Verdict> = holds.filter_map(|hold| of_hold(view, hold)).collect();
    // Pods may be missing altogether: then their owner knows why.
    for (_, subject) in &pods {
        for owner in places::owners(view.cluster, subject).into_iter().skip(1) {
            let own = view.holds.iter().filter(|hold| Target::of(&hold.subject) == owner);
            found.extend(own.filter_map(|hold| of_hold(view, hold)));
        }
    }
    found
}

/// The verdict on the Job of a pod that is left running with some of its containers.
fn goes_on(view: &View<'_>, target: &Target) -> Option<Verdict> {
    let store = &view.cluster.world().store;
    let entry = store.pod_entry(&target.namespace, &target.name)?;
    if entry.pod.status.is_true("Ready") {
        return None;
    }
    let holds = view.holds.iter().filter(|hold| match &hold.wait {
        Wait::Ends(pods) => pods.iter().any(|pod| Target::of(pod) == *target),
        _ => false,
    });
    holds.filter_map(|hold| of_hold(view, hold)).next()
}

/// A StatefulSet whose next pod waits for one that has no verdict of its own.
fn ordered(view: &View<'_>, target: &Target, found: &[Verdict]) -> Option<Verdict> {
    let parallel =
        |object: &podplay_api::Value| object["spec"]["podManagementPolicy"] == "Parallel";
    let (set, of_pod) = if target.kind == "StatefulSet" {
        (target.clone(), false)
    } else if target.kind == "Pod" {
        let (name, _) = target.name.rsplit_once('-')?;
        (Target::new("StatefulSet", &target.namespace, name), true)
    } else {
        return None;
    };
    let object = view.cluster.get("StatefulSet", &set.namespace, &set.name)?;
    let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let made = object["status"]["replicas"].as_i64().unwrap_or(0);
    let missing = of_pod && view.cluster.get("Pod", &target.namespace, &target.name).is_none();
    if parallel(&object) || made >= wanted || of_pod && !missing || !of_pod && !found.is_empty() {
        return None;
    }
    let waiting = view.holds.iter().find(|hold| {
        hold.subject.pod().is_some() && places::owners(view.cluster, &hold.subject).contains(&set)
    })?;
    let pod = waiting.subject.pod()?.name.clone();
    let places = view.places(&waiting.subject, &waiting.paths);
    Some(view.verdict(waiting, Cause::StatefulSetWaitsForPod { pod }, places))
}

/// The verdict on a hold; none for what only takes time, and for what others say better.
fn of_hold(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let of_pod = hold.subject.pod().is_some();
    match &hold.wait {
        Wait::Pods(_) => None,
        Wait::Nodes(_)
        | Wait::MissingClaim(_)
        | Wait::UnboundClaim(_)
        | Wait::Gates(_)
        | Wait::NoScheduler(_)
        | Wait::NoSuchNode(_)
            if of_pod =>
        {
            scheduling::of(view, hold)
        }
        Wait::Source { .. }
        | Wait::HostPath(..)
        | Wait::Image(..)
        | Wait::RootUser(_)
        | Wait::Program(_)
        | Wait::Refused(..) => life::start(view, hold),
        Wait::Exit(_)
        | Wait::Probe(_)
        | Wait::Hook(..)
        | Wait::Init(_)
        | Wait::Stop(..)
        | Wait::PreStop(_) => life::of(view, hold),
        _ if of_pod => whole(view, hold),
        _ => owners::of(view, hold),
    }
}

/// Verdicts on a pod as a whole.
fn whole(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let mut places = view.places(&hold.subject, &hold.paths);
    let pod = view.pod(&hold.subject)?;
    let cause = match &hold.wait {
        Wait::Condition(gate) => {
            if view.recovers(&hold.subject).is_some() {
                return None;
            }
            Cause::ReadinessGateUnset { gate: gate.clone() }
        }
        Wait::Finalizers(finalizers) => Cause::FinalizerHolds { finalizers: finalizers.clone() },
        Wait::NodeLost(node, evicted) => {
            let faults = places::fault(view.plan, |fault| {
                use podplay_api::fault::Place;
                let cuts = ["NodeDown", "KubeletDown", "Partition"].contains(&fault.name());
                let here = match fault.place() {
                    Place::Node(name) => name.as_deref().is_none_or(|name| name == &**node),
                    _ => false,
                };
                cuts && here
            });
            places.splice(0..0, faults);
            let evicted_in = evicted.map(|at| at.since(view.at));
            Cause::NodeLost { node: node.to_string(), evicted_in }
        }
        Wait::Failed(reason, _) if reason == "DeadlineExceeded" => {
            Cause::PodDeadline { seconds: pod.spec.active_deadline_seconds.unwrap_or(0) }
        }
        Wait::Failed(reason, message) => {
            Cause::Evicted { reason: reason.clone(), message: message.clone() }
        }
        Wait::Budget(name, desired, healthy) => {
            let target = Target::new("PodDisruptionBudget", &pod.meta.namespace, name);
            if let Some(written) = written(view.plan, &target) {
                let fields = ["spec.minAvailable", "spec.maxUnavailable", "metadata.name"];
                places = fields
                    .iter()
                    .filter(|path| written.has(path))
                    .map(|path| written.place(path))
                    .collect();
            }
            places.extend(scheduling::replicas(view, hold));
            let pod = pod.meta.name.clone();
            Cause::PdbBlocksDrain {
                budget: name.clone(),
                pod,
                needs: desired.to_string(),
                healthy: *healthy,
            }
        }
        _ => return None,
    };
    Some(view.verdict(hold, cause, places))
}

/// The order of causes: what has to be mended first.
fn rank(cause: &Cause) -> u8 {
    match cause.code() {
        "MissingNamespace" | "RolloutPaused" | "JobSuspended" => 0,
        "RolloutStuck" | "JobDeadline" => 1,
        "QuotaExceeded"
        | "LimitRangeViolation"
        | "MissingServiceAccount"
        | "MissingPriorityClass" => 2,
        "SelectorMatchesNothing" => 3,
        "NodeLost" => 4,
        "FinalizerHolds" | "SchedulingGated" | "UnknownNode" | "MissingClaim" | "UnboundClaim" => 5,
        code if code.starts_with("Insufficient") => 6,
        "NodeSelectorMismatch"
        | "AffinityMismatch"
        | "AntiAffinityConflict"
        | "UntoleratedTaint" => 6,
        "TopologySpread" | "HostPortConflict" | "NodeCordoned" => 6,
        code if code.starts_with("Missing") => 7,
        "HostPathType" | "RunsAsRoot" | "InvalidImageName" | "ImageNeverPull" => 7,
        "ImageNotFound" | "ImagePullDenied" | "RegistryDown" | "CommandNotFound" => 7,
        "InitFails" | "InitWaitsForService" | "InitNeverEnds" | "SidecarNotStarted" => 8,
        "PostStartFails" | "PostStartHangs" => 9,
        "OomKilled" | "PermissionDenied" | "Evicted" => 10,
        // A Job that gave up says more than the exit that was one too many.
        "JobBackoffLimit" => 11,
        "ExitsNonZero" | "ExitsZero" => 12,
        "LivenessTooEager" | "StartupTooShort" | "LivenessFails" | "StartupFails" => 13,
        "ProbeTimeout" | "ProbeCommandMissing" | "ReadinessPortClosed" | "ReadinessFails" => 14,
        "ReadinessGateUnset" => 15,
        "PortMismatch" => 16,
        "ProgressDeadlineExceeded" | "StatefulSetWaitsForPod" => 17,
        _ => 18,
    }
}
