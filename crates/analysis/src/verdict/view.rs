//! What verdicts look at: a run at a moment, its holds, and the text behind them.

use super::near::nearest;
use super::places::{self, Written};
use super::{Cause, Place, Target, Verdict};
use podplay_api::{Container, Pod, SimTime};
use podplay_core::holds::{Hold, holds};
use podplay_core::record::Stored;
use podplay_core::{Cluster, Subject, What};
use podplay_playback::{Plan, Run};

/// A run at a moment.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) plan: &'a Plan,
    pub(crate) cluster: &'a Cluster,
    pub(crate) at: SimTime,
    pub(crate) holds: Vec<Hold>,
}

impl<'a> View<'a> {
    pub(crate) fn new(run: &'a Run, cluster: &'a Cluster) -> Self {
        Self { run, plan: run.plan(), cluster, at: cluster.now(), holds: holds(cluster) }
    }
    /// The pod of a subject.
    pub(crate) fn pod(&self, subject: &Subject) -> Option<&'a Pod> {
        let pod = subject.pod()?;
        let store = &self.cluster.world().store;
        store.pod_entry(&pod.namespace, &pod.name).map(|entry| &*entry.pod)
    }
    /// The container of a subject, as the pod's spec has it.
    pub(crate) fn container(&self, subject: &Subject) -> Option<&'a Container> {
        self.pod(subject)?.spec.container(subject.container()?)
    }
    /// The text behind a subject, and what stands before a pod's paths in it.
    pub(crate) fn source(&self, subject: &Subject) -> Option<(Written<'a>, &'static str)> {
        places::source(self.run, self.cluster, subject)
    }
    /// The places of some fields of a subject.
    pub(crate) fn places(&self, subject: &Subject, paths: &[String]) -> Vec<Place> {
        let Some((written, base)) = self.source(subject) else { return Vec::new() };
        let own = paths.iter().map(|path| written.place(&format!("{base}{path}")));
        self.commanded(subject, paths, &written, base).into_iter().chain(own).collect()
    }
    /// The command of the timeline that gave the subject the value of a field that the text has otherwise.
    fn commanded(
        &self,
        subject: &Subject,
        paths: &[String],
        written: &Written<'_>,
        base: &str,
    ) -> Option<Place> {
        let pod = self.pod(subject)?;
        let raw = podplay_api::json!({ "spec": &*pod.raw_spec });
        let top = places::owners(self.cluster, subject).pop()?;
        paths.iter().filter(|path| path.ends_with(".image")).find_map(|path| {
            let live = podplay_manifest::yaml::value_at(&raw, path)?.as_str()?;
            let text = written.value(&format!("{base}{path}"))?.as_str()?;
            (live != text)
                .then(|| places::commanded(self.plan, &top.name, live, self.at))?
                .map(|(_, place)| place)
        })
    }
    /// The path of the subject's container in its pod.
    pub(crate) fn base(&self, subject: &Subject) -> String {
        let (Some(pod), Some(name)) = (self.pod(subject), subject.container()) else {
            return "spec".to_owned();
        };
        let find = |list: &[Container]| list.iter().position(|container| container.name == name);
        match (find(&pod.spec.containers), find(&pod.spec.init_containers)) {
            (Some(n), _) => format!("spec.containers[{n}]"),
            (_, Some(n)) => format!("spec.initContainers[{n}]"),
            _ => "spec".to_owned(),
        }
    }
    /// The place where an object of the text has its name.
    pub(crate) fn named(&self, kind: &str, namespace: &str, name: &str) -> Option<Place> {
        let written = places::written(self.plan, &Target::new(kind, namespace, name))?;
        Some(written.place("metadata.name"))
    }
    /// The name of an object of that kind that is most like one.
    pub(crate) fn nearest(&self, kind: &str, namespace: &str, name: &str) -> Option<String> {
        let resources = self.cluster.world().store.resources(kind);
        let here =
            resources.filter(|(key, _)| key.namespace.is_empty() || *key.namespace == *namespace);
        let own = here.filter(|(key, _)| self.named(kind, namespace, &key.name).is_some());
        let names: Vec<String> = own.map(|(key, _)| key.name.to_string()).collect();
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
    /// A verdict on a hold.
    pub(crate) fn verdict(&self, hold: &Hold, cause: Cause, places: Vec<Place>) -> Verdict {
        let (subject, container) =
            (Target::of(&hold.subject), hold.subject.container().map(str::to_owned));
        Verdict { subject, container, cause, since: hold.since, places, evidence: Vec::new() }
    }
    /// Whether a pod gets ready or done by itself in what of the run is computed: then it only takes time.
    pub(crate) fn recovers(&self, subject: &Subject) -> Option<SimTime> {
        let uid = &subject.pod()?.uid;
        let from = self.run.records_until(self.at);
        let ready = self.run.trace()[from..].iter().find_map(|record| match &record.what {
            What::Stored(_, Stored::Pod(pod)) if pod.meta.uid == *uid => {
                let done = pod.status.phase == podplay_api::PodPhase::Succeeded;
                (done || pod.status.is_true("Ready")).then_some(record.at)
            }
            _ => None,
        })?;
        // What somebody does meanwhile may be what helps.
        let meddled = self.plan.entries.iter().any(|entry| entry.at > self.at && entry.at <= ready);
        (!meddled).then_some(ready)
    }
    /// Whether all replicas of a workload are available at the end of what is computed.
    pub(crate) fn available(&self, target: &Target) -> bool {
        let object = self.run.cluster().get(&target.kind, &target.namespace, &target.name);
        object.is_some_and(|object| {
            let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
            object["status"]["availableReplicas"].as_i64().unwrap_or(0) >= wanted
        })
    }
    /// The last lines that a container wrote before it ended, or wrote so far.
    pub(crate) fn words(&self, subject: &Subject, most: usize) -> Vec<String> {
        let (Some(pod), Some(name)) = (subject.pod(), subject.container()) else {
            return Vec::new();
        };
        let workers = self.cluster.world().workers.values();
        let Some(worker) = workers.into_iter().find(|worker| worker.pod_ref.uid == pod.uid) else {
            return Vec::new();
        };
        let instances = worker.instances_of(name).iter().rev();
        let started = instances.filter(|instance| instance.status.started_at.is_some());
        let ended = started.clone().find(|instance| !instance.is_running());
        let Some(instance) = ended.or_else(|| started.clone().next()) else { return Vec::new() };
        let text = instance.log.tail(4096, 40);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(most)..].iter().map(|line| (*line).to_owned()).collect()
    }
    /// The last line that a container wrote.
    pub(crate) fn last_words(&self, subject: &Subject) -> Option<String> {
        self.words(subject, 1).pop().map(|line| line.chars().take(200).collect())
    }
}
