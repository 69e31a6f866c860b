//! What can only be said once all objects of a text are known: owners, accounts, classes,
//! namespaces, nodes, and what is assumed of them.

use std::collections::BTreeMap;

use podplay_api::Topic;
use serde_json::{Value, json};

use crate::apply::{self, Live};
use crate::assume::{self, Assumption, called, near};
use crate::findings::Finder;
use crate::live;
use crate::model::{Object, Reading};
use crate::schema;
use crate::value::{at, items, text, truth};
use crate::yaml::{Lines, Span};

/// A reading that is about to be completed.
pub(crate) struct Relations<'a, 'b> {
    pub(crate) text: &'a str,
    pub(crate) lines: &'a Lines<'a>,
    pub(crate) out: &'b mut Reading,
}

impl Relations<'_, '_> {
    fn finder(&mut self) -> Finder<'_> {
        Finder { text: self.text, lines: self.lines, out: &mut self.out.diagnostics }
    }

    /// Looks at everything, in the order in which one answer needs another.
    pub(crate) fn find(&mut self) {
        let scenario = self.scenario_text();
        if self.out.assume.has(Topic::LiveObjects) {
            self.owners();
            self.set_aside();
        }
        let assumed = assume::objects(self.out, &scenario);
        self.out.assumptions.extend(assumed);
        self.custom_resources();
        if self.out.assume.has(Topic::Images) {
            self.placeholders();
        }
        self.admission();
        if self.out.assume.has(Topic::Nodes) && !self.says_nodes() {
            let (nodes, notes) = assume::nodes(&self.out.objects, &scenario);
            self.out.nodes = nodes;
            self.out.assumptions.extend(notes);
        }
        let notes: Vec<_> =
            self.out.assumptions.iter().map(|a| a.note(self.text, self.lines)).collect();
        self.out.diagnostics.extend(notes);
        self.inert_kinds();
        self.nothing_to_run();
    }

    fn scenario_text(&self) -> String {
        let scenario = self.out.scenario.as_ref();
        scenario.and_then(|s| self.text.get(s.start..s.end)).unwrap_or_default().to_owned()
    }

    /// Whether the Scenario says which nodes there are.
    fn says_nodes(&self) -> bool {
        let spec = self.out.scenario.as_ref().and_then(|s| s.value.get("spec"));
        spec.is_some_and(|spec| {
            let node = spec.get("node");
            !items(spec, "nodes").is_empty()
                || ["cpu", "memory", "labels", "taints"]
                    .iter()
                    .any(|key| node.is_some_and(|node| node.get(key).is_some()))
        })
    }

    /// Objects that a controller of the text makes are left to it; others lose an owner that is not there.
    fn owners(&mut self) {
        let mut made = Vec::new();
        let mut orphans: Vec<(usize, String)> = Vec::new();
        for (n, object) in self.out.objects.iter().enumerate() {
            let made_by_itself =
                matches!(object.kind.as_str(), "Event" | "EndpointSlice" | "Endpoints")
                    && self.out.observed.iter().any(|o| o.object == n);
            let references =
                at(&object.submitted, "metadata").map_or(&[][..], |m| items(m, "ownerReferences"));
            if references.is_empty() && !made_by_itself {
                continue;
            }
            let there = |reference: &&Value| {
                self.out.objects.iter().any(|other| {
                    other.kind == text(reference, "kind")
                        && other.name == text(reference, "name")
                        && (other.namespace == object.namespace || other.namespace.is_empty())
                })
            };
            let controls = |reference: &&Value| truth(reference, "controller");
            match references.iter().filter(controls).find(there) {
                Some(_) => made.push(n),
                None if made_by_itself => made.push(n),
                None if references.iter().any(|r| there(&r)) => {}
                None => {
                    let owner = &references[0];
                    let kind = text(owner, "kind").to_ascii_lowercase();
                    orphans.push((n, format!("{kind}/{}", text(owner, "name"))));
                }
            }
        }
        for n in &made {
            self.out.objects[*n].accepted = false;
        }
        let made: Vec<&Object> = made.iter().filter_map(|n| self.out.objects.get(*n)).collect();
        if let Some(first) = made.first() {
            let span = first.spans.nearest("kind");
            let (what, count) = (called(first), made.len());
            self.finder().made_anew(&what, count, span);
        }
        for (n, _) in &orphans {
            let object = &mut self.out.objects[*n];
            live::orphan(&mut object.object);
            live::orphan(&mut object.submitted);
        }
        if let Some((n, owner)) = orphans.first() {
            let object = &self.out.objects[*n];
            let (who, span) = (called(object), object.spans.nearest("metadata.ownerReferences"));
            self.finder().absent_owner(&who, owner, orphans.len(), span);
        }
    }

    /// One note for all that servers wrote into the objects.
    fn set_aside(&mut self) {
        let live: Vec<_> = self.out.observed.iter().filter(|o| !o.aside.paths.is_empty()).collect();
        let Some(first) = live.first() else { return };
        let Some(object) = self.out.objects.get(first.object) else { return };
        let span =
            first.aside.paths.first().map_or_else(Span::default, |path| object.spans.nearest(path));
        let paths: Vec<String> = match live.as_slice() {
            [one] => one.aside.paths.clone(),
            many => {
                let mut all: Vec<String> =
                    many.iter().flat_map(|o| o.aside.paths.clone()).collect();
                all.sort();
                all.dedup();
                all
            }
        };
        let (who, count) = (called(object), live.len());
        self.finder().set_aside(&who, count, &paths, span);
    }

    /// Custom resources that are kept, a note for each kind.
    fn custom_resources(&mut self) {
        let mut kinds: BTreeMap<(String, String), (usize, Span)> = BTreeMap::new();
        for object in &mut self.out.objects {
            if schema::find_kind(&object.api_version, &object.kind).is_some()
                || !object.accepted
                || !schema::is_custom(&object.api_version)
            {
                continue;
            }
            let key = (object.api_version.clone(), object.kind.clone());
            kinds.entry(key).or_insert((0, object.spans.value("kind"))).0 += 1;
            // The store tells objects by kind and name: one that is called like a kind of Kubernetes is only shown.
            object.accepted = schema::usual_version(&object.kind).is_none();
        }
        for ((version, kind), (count, span)) in kinds {
            let group = version.split('/').next().unwrap_or_default().to_owned();
            let defined = self.out.objects.iter().any(|o| {
                o.kind == "CustomResourceDefinition" && o.object["spec"]["group"] == group.as_str()
            });
            let objects =
                if count == 1 { "object is".to_owned() } else { format!("objects ({count}) are") };
            let subject = if defined {
                format!("the controller of {kind} ({version}); its {objects} kept, without effect")
            } else {
                format!("the definition of {kind} ({version}); its {objects} kept, without effect")
            };
            let reason = "a cluster without it has no such kind".to_owned();
            self.out.assumptions.push(Assumption::new(
                Topic::CustomResources,
                subject,
                reason,
                span,
            ));
        }
    }

    /// Images that a build tool is to fill in are taken as images that nobody knows.
    fn placeholders(&mut self) {
        let mut first = None;
        for object in &mut self.out.objects {
            let Some(base) = assume::template(object).map(|template| template.base) else {
                continue;
            };
            for list in ["initContainers", "containers"] {
                let path = format!("/{}/{list}", base.replace('.', "/"));
                for whole in [&mut object.object, &mut object.submitted] {
                    let Some(Value::Array(containers)) = whole.pointer_mut(&path) else { continue };
                    for (n, container) in containers.iter_mut().enumerate() {
                        let image = text(container, "image").to_owned();
                        let Some(rest) = image.strip_prefix("ko://") else { continue };
                        crate::value::put(
                            container,
                            "image",
                            format!("ko.local/{}:dev", rest.to_ascii_lowercase()),
                        );
                        let span = object.spans.value(&format!("{base}.{list}[{n}].image"));
                        first.get_or_insert((image, span));
                    }
                }
            }
        }
        if let Some((image, span)) = first {
            let subject = format!("an image behind {image}");
            let reason =
                "`ko` builds it and fills in its name before the text is applied".to_owned();
            self.out.assumptions.push(Assumption::new(Topic::Images, subject, reason, span));
        }
    }

    /// What admission would refuse, given what is assumed.
    fn admission(&mut self) {
        let known = std::mem::take(&mut self.out.objects);
        let assumptions = std::mem::take(&mut self.out.assumptions);
        let live = InText { known: &known, assumed: &assumptions };
        let mut refused = Vec::new();
        let mut told: Vec<String> = Vec::new();
        for (i, object) in known.iter().enumerate() {
            if let Some(template) = assume::template(object) {
                let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
                    "metadata": {"namespace": template.namespace}, "spec": template.spec});
                if let Err(refusal) = apply::admit(&mut pod, &live) {
                    let meant = self.meant(&known, &template, &refusal.0);
                    self.finder().refused_pod(&template, &refusal.0, meant);
                    if object.kind == "Pod" {
                        refused.push(i);
                    }
                }
            }
            let space = &object.namespace;
            if object.accepted
                && !space.is_empty()
                && !live.namespace_exists(space)
                && !told.contains(space)
            {
                let names = known.iter().filter(|o| o.kind == "Namespace").map(|o| o.name.as_str());
                let meant = near(space, names).map(str::to_owned);
                told.push(space.clone());
                self.finder().missing_namespace(space, meant.as_deref(), &object.spans);
            }
        }
        self.out.objects = known;
        self.out.assumptions = assumptions;
        for i in refused {
            self.out.objects[i].accepted = false;
        }
    }

    /// The name that a pod's refusal probably meant.
    fn meant(
        &self,
        known: &[Object],
        template: &assume::Template<'_>,
        words: &str,
    ) -> Option<String> {
        let (kind, field) = if words.contains("service account") {
            ("ServiceAccount", "serviceAccountName")
        } else {
            ("PriorityClass", "priorityClassName")
        };
        let written = text(template.spec, field);
        let names = known.iter().filter(|o| o.kind == kind).map(|o| o.name.as_str());
        near(written, names).map(str::to_owned)
    }

    /// One note for each kind that is accepted and has no effect.
    fn inert_kinds(&mut self) {
        let mut kinds: Vec<(String, usize, Span)> = Vec::new();
        for inert in self.out.not_simulated.iter().filter(|inert| inert.path.is_empty()) {
            let Some(object) = self.out.objects.get(inert.object) else { continue };
            match kinds.iter_mut().find(|(kind, _, _)| *kind == object.kind) {
                Some((_, count, _)) => *count += 1,
                None => kinds.push((object.kind.clone(), 1, inert.span)),
            }
        }
        for (kind, count, span) in kinds {
            self.finder().inert_kind(&kind, count, span);
        }
    }

    /// A text of which nothing becomes a pod says so, when it looks as if something should.
    fn nothing_to_run(&mut self) {
        let custom = |o: &Object| schema::find_kind(&o.api_version, &o.kind).is_none();
        let only = !self.out.objects.is_empty() && self.out.objects.iter().all(custom);
        let kept = self.out.assumptions.iter().any(|a| a.topic == Topic::CustomResources);
        if only && kept {
            let span = self.out.objects[0].spans.value("kind");
            self.finder().no_pods(span);
        }
    }
}

/// The objects of the text, and those that are assumed, as a cluster to look things up in.
struct InText<'a> {
    known: &'a [Object],
    assumed: &'a [Assumption],
}

impl Live for InText<'_> {
    fn get(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let is = |o: &&Object| {
            o.api_version == api_version
                && o.kind == kind
                && o.namespace == namespace
                && o.name == name
        };
        if let Some(object) = self.known.iter().find(is) {
            return Some(object.object.clone());
        }
        let same = |o: &&Value| {
            text(o, "kind") == kind
                && crate::value::name(o) == name
                && crate::value::namespace(o) == namespace
        };
        self.assumed.iter().flat_map(|a| &a.objects).find(same).cloned()
    }

    fn namespace_exists(&self, name: &str) -> bool {
        apply::Nothing.namespace_exists(name)
            || self.known.iter().any(|o| o.kind == "Namespace" && o.name == name)
            || self.get("v1", "Namespace", "", name).is_some()
    }
}
