//! Candidates: edits that may mend a cause, before they are run.

use super::edit::{self, Editor};
use super::{Search, life, owners, scheduling, start};
use crate::verdict::{Cause, Target, Verdict, template, written};
use podplay_api::Value;
use podplay_core::{Cluster, Subject};
use podplay_manifest::Edit;
use podplay_playback::{Plan, Run};

/// An edit that may help.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) title: [String; 2],
    pub(crate) edits: Vec<Edit>,
    /// How far it is from what was probably meant: 0 for a slip of the pen.
    pub(crate) cost: u32,
    pub(crate) weakens: bool,
}

/// A list of candidates as it grows.
#[derive(Default)]
pub(crate) struct List(pub(crate) Vec<Candidate>);

impl List {
    /// Adds an edit, if it can be made.
    pub(crate) fn one(&mut self, cost: u32, edit: Option<Edit>, en: &str, ko: &str) {
        self.many(cost, edit.map(|edit| vec![edit]), en, ko);
    }
    /// Adds some edits that belong together.
    pub(crate) fn many(&mut self, cost: u32, edits: Option<Vec<Edit>>, en: &str, ko: &str) {
        let Some(edits) = edits.filter(|edits| !edits.is_empty()) else { return };
        let title = [en.to_owned(), ko.to_owned()];
        self.0.push(Candidate { title, edits, cost, weakens: false });
    }
    /// The last one takes a protection away.
    pub(crate) fn weakens(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.weakens = true;
        }
    }
}

/// What candidates are made of: the text, the object that is edited, the cause.
pub(crate) struct Cx<'a> {
    pub(crate) text: &'a str,
    pub(crate) plan: &'a Plan,
    pub(crate) run: &'a Run,
    pub(crate) cluster: &'a Cluster,
    pub(crate) verdict: &'a Verdict,
    /// The object that the text has for the subject.
    pub(crate) editor: Editor<'a>,
    /// Which object that is.
    pub(crate) target: Target,
    /// What stands before a pod's paths in it.
    pub(crate) base: &'static str,
}

impl<'a> Cx<'a> {
    fn new(
        run: &'a Run,
        cluster: &'a Cluster,
        text: &'a str,
        verdict: &'a Verdict,
    ) -> Option<Self> {
        let plan = run.plan();
        let subject = subject_of(cluster, &verdict.subject);
        let owners = crate::verdict::owners_of(cluster, &subject);
        let all = owners.into_iter().chain([verdict.subject.clone()]);
        let (written, target) = all
            .into_iter()
            .find_map(|of| Some((crate::verdict::current(run, &of, cluster.now())?, of)))?;
        let of_pods = matches!(
            verdict.subject.kind.as_str(),
            "Pod"
                | "Deployment"
                | "ReplicaSet"
                | "StatefulSet"
                | "DaemonSet"
                | "Job"
                | "CronJob"
                | "ReplicationController"
        );
        let base = if of_pods { template(written.kind) } else { "" };
        let editor = Editor { text, written };
        Some(Self { text, plan, run, cluster, verdict, editor, target, base })
    }
    /// A path of the pod within the object.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
    /// The pod's spec as written.
    pub(crate) fn spec(&self) -> &Value {
        self.editor.value(&self.path("spec")).unwrap_or(&Value::Null)
    }
    /// The path of the container that the verdict is about, or of the first one.
    pub(crate) fn container_path(&self) -> String {
        let spec = self.spec();
        let named = self.verdict.container.as_deref();
        for list in ["containers", "initContainers"] {
            let all = spec[list].as_array().into_iter().flatten().enumerate();
            for (n, container) in all {
                if named.is_none_or(|name| container["name"] == name) {
                    return self.path(&format!("spec.{list}[{n}]"));
                }
            }
        }
        self.path("spec.containers[0]")
    }
    /// That container as written.
    pub(crate) fn container(&self) -> &Value {
        self.editor.value(&self.container_path()).unwrap_or(&Value::Null)
    }
    /// The same, typed.
    pub(crate) fn typed(&self) -> podplay_api::Container {
        podplay_api::FromRaw::from_raw(self.container())
    }
    /// Another image, where the text or a command of the timeline gives the one that is used.
    pub(crate) fn image(&self, old: &str, new: &str) -> Option<Edit> {
        let path = format!("{}.image", self.container_path());
        if self.editor.value(&path).and_then(Value::as_str) == Some(old) {
            return self.editor.replace(&path, &Value::from(new));
        }
        let (index, _) =
            crate::verdict::commanded(self.plan, &self.target.name, old, self.cluster.now())?;
        self.scenario()?.reword(&format!("spec.timeline[{index}].kubectl"), old, new)
    }
    /// Another object of the text.
    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<Editor<'a>> {
        let target = Target::new(kind, &self.target.namespace, name);
        let written = written(self.plan, &target)?;
        Some(Editor { text: self.text, written })
    }
    /// The Scenario.
    pub(crate) fn scenario(&self) -> Option<Editor<'a>> {
        let scenario = self.plan.reading.scenario.as_ref()?;
        let written = crate::verdict::Written {
            spans: &scenario.spans,
            outer: String::new(),
            value: &scenario.value,
            index: None,
            kind: "Scenario",
        };
        Some(Editor { text: self.text, written })
    }
    /// A document of the text's namespace.
    pub(crate) fn document(&self, mut object: Value, namespaced: bool) -> Option<Edit> {
        if namespaced && self.target.namespace != "default" {
            object["metadata"]["namespace"] = Value::from(self.target.namespace.as_str());
        }
        Some(edit::add_document(&object))
    }
    /// Pods of the subject in the cluster, the newest first.
    pub(crate) fn pods(&self) -> Vec<&'a podplay_api::Pod> {
        let mut pods: Vec<_> = self
            .cluster
            .pods()
            .filter(|pod| {
                let entry =
                    self.cluster.world().store.pod_entry(&pod.meta.namespace, &pod.meta.name);
                entry.is_some_and(|entry| {
                    let subject = Subject::Pod(entry.pod_ref.clone());
                    crate::verdict::owners_of(self.cluster, &subject).contains(&self.target)
                })
            })
            .collect();
        pods.reverse();
        pods
    }
}

/// The subject of an object.
fn subject_of(cluster: &Cluster, target: &Target) -> Subject {
    if target.kind == "Pod"
        && let Some(entry) = cluster.world().store.pod_entry(&target.namespace, &target.name)
    {
        return Subject::Pod(entry.pod_ref.clone());
    }
    Subject::Object(
        target.kind.as_str().into(),
        target.namespace.as_str().into(),
        target.name.as_str().into(),
    )
}

/// Edits that may mend a cause, the likeliest first.
pub(crate) fn candidates(
    search: &mut Search<'_>,
    run: &Run,
    cluster: &Cluster,
    text: &str,
    verdict: &Verdict,
) -> Vec<Candidate> {
    let Some(cx) = Cx::new(run, cluster, text, verdict) else { return Vec::new() };
    let mut list = List::default();
    match verdict.cause.code() {
        code if code.starts_with("Insufficient") => scheduling::of(search, &cx, &mut list),
        "NodeSelectorMismatch"
        | "AffinityMismatch"
        | "AntiAffinityConflict"
        | "UntoleratedTaint"
        | "TopologySpread"
        | "HostPortConflict"
        | "NodeCordoned"
        | "UnboundClaim"
        | "MissingClaim"
        | "SchedulingGated"
        | "UnknownNode"
        | "UnknownScheduler"
        | "NodeLost" => {
            scheduling::of(search, &cx, &mut list);
        }
        "QuotaExceeded"
        | "LimitRangeViolation"
        | "MissingServiceAccount"
        | "MissingNamespace"
        | "MissingPriorityClass"
        | "MissingSecret"
        | "MissingSecretKey"
        | "MissingConfigMap"
        | "MissingConfigMapKey"
        | "HostPathType"
        | "ImageNotFound"
        | "ImagePullDenied"
        | "ImageNeverPull"
        | "InvalidImageName"
        | "RegistryDown"
        | "RunsAsRoot" => {
            start::of(search, &cx, &mut list);
        }
        "RolloutStuck"
        | "ProgressDeadlineExceeded"
        | "RolloutPaused"
        | "PdbBlocksDrain"
        | "JobDeadline"
        | "JobSuspended"
        | "JobNeverEnds"
        | "CronJobForbidSkips"
        | "SelectorMatchesNothing"
        | "PortMismatch"
        | "RequestsLostOnRollout"
        | "RequestsLostNotReady"
        | "StatefulSetWaitsForPod" => owners::of(search, &cx, &mut list),
        "JobBackoffLimit" => {
            life::of(search, &cx, &mut list);
            owners::of(search, &cx, &mut list);
        }
        _ => life::of(search, &cx, &mut list),
    }
    if let Cause::RolloutRefused { .. } = verdict.cause {
        fixes(&cx, &mut list);
    }
    list.0
}

/// What the reader of the text offers for its findings.
fn fixes(cx: &Cx<'_>, list: &mut List) {
    for place in &cx.verdict.places {
        let text = cx.editor.value(&place.path).and_then(Value::as_str).unwrap_or_default();
        if text.trim() != text {
            let edit = cx.editor.replace(&place.path, &Value::from(text.trim()));
            list.one(0, edit, "Leave the spaces out", "공백 빼기");
        }
    }
    for found in &cx.plan.reading.diagnostics {
        if let Some(fix) = &found.fix {
            list.many(0, Some(vec![fix.clone()]), &fix.title, &fix.title);
        }
    }
}
