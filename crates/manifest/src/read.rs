//! The whole way from text to objects: every stage's findings at once, each with its place.

use podplay_api::{Assume, Topic};
use serde_json::Value;

use crate::apply;
use crate::crowds;
use crate::findings::Finder;
use crate::fragments;
use crate::limits;
use crate::live;
use crate::model::{
    DefaultFilled, Diagnostic, Edit, NotSimulated, Object, Observed, Reading, Scenario, Severity,
    Stage, in_order,
};
use crate::paste;
use crate::relations::Relations;
use crate::scenario;
use crate::schema;
use crate::simulated;
use crate::value::{at, items, name, namespace, text};
use crate::versions;
use crate::yaml::{self, Built, Document, Lines, Spans};
use crate::{defaults, validate};

/// Reads a text. Never fails: what cannot be used ends in a diagnostic with a place.
#[must_use]
pub fn read(text: &str) -> Reading {
    read_as(text, None)
}

/// Reads a text with assumptions that take the place of those that it asks for.
#[must_use]
pub fn read_as(text: &str, wanted: Option<Assume>) -> Reading {
    let lines = Lines::new(text);
    let mut out = Reading::default();
    let documents = yaml::documents(text);
    if let Some(found) = paste::recognise(text, &documents) {
        out.diagnostics.push(found.diagnostic(&lines));
        out.paste = Some(found);
        return out;
    }
    out.diagnostics.extend(paste::typography(text, &lines));
    let asked = documents.iter().find_map(|document| {
        let built = document.content.as_ref().ok()?;
        is_scenario(&built.value).then(|| scenario::assumed(&built.value))
    });
    out.assume = wanted.or(asked).unwrap_or_default();
    let mut reader = Reader { text, lines: &lines, out };
    for (i, document) in documents.into_iter().enumerate() {
        reader.document(i, document);
    }
    reader.relations();
    reader.limits();
    reader.emptiness();
    reader.out
}

fn is_scenario(value: &Value) -> bool {
    text(value, "apiVersion").starts_with("podplay/") || text(value, "kind") == "Scenario"
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
    out: Reading,
}

impl Reader<'_> {
    fn finder(&mut self) -> Finder<'_> {
        Finder { text: self.text, lines: self.lines, out: &mut self.out.diagnostics }
    }

    /// A text without any object: kubectl says so, and so do we.
    fn emptiness(&mut self) {
        let silent = self.out.diagnostics.is_empty() && self.out.scenario.is_none();
        if silent && self.out.objects.is_empty() {
            let line = self.lines.line(1);
            let message = "no objects passed to apply".to_owned();
            let mut finder = self.finder();
            let finding = finder.push("PP-0205", Severity::Warning, Stage::Client, message, line);
            finding.help =
                Some("Paste a manifest, such as a Pod, or choose an example.".to_owned());
        }
    }

    fn document(&mut self, index: usize, document: Document) {
        let range = document.range.clone();
        let built = match document.content {
            Ok(built) => built,
            Err(error) => return self.finder().yaml(&error),
        };
        for (path, span) in &built.duplicates {
            self.finder().duplicate_key(path, *span);
        }
        let value = &built.value;
        if value.is_null() {
            return;
        }
        if is_scenario(value) {
            return self.scenario(&built, range.start, range.end);
        }
        if apply_list(value) {
            return self.list(index, &built);
        }
        let has_header = !text(value, "apiVersion").is_empty() && !text(value, "kind").is_empty();
        if has_header {
            return self.object(index, built.value, built.spans);
        }
        self.fragment(index, built, range);
    }

    fn scenario(&mut self, built: &Built, start: usize, end: usize) {
        if self.out.scenario.is_some() {
            let span = built.spans.nearest("kind");
            self.finder().second_scenario(span);
            return;
        }
        let mut finder =
            Finder { text: self.text, lines: self.lines, out: &mut self.out.diagnostics };
        let spec = scenario::read(&built.value, &built.spans, &mut finder);
        let (value, spans) = (built.value.clone(), built.spans.clone());
        self.out.scenario = Some(Scenario { value, spans, spec, start, end });
    }

    fn list(&mut self, index: usize, built: &Built) {
        let (version, kind) = (text(&built.value, "apiVersion"), text(&built.value, "kind"));
        let of = kind.strip_suffix("List").filter(|of| !of.is_empty());
        for (i, item) in items(&built.value, "items").iter().enumerate() {
            let spans = built.spans.below(&format!("items[{i}]"));
            let mut item = item.clone();
            // The items of a typed list leave out what the list says.
            if let Some(of) = of.filter(|_| item.is_object() && item.get("kind").is_none()) {
                crate::value::put(&mut item, "apiVersion", version);
                crate::value::put(&mut item, "kind", of);
            }
            if text(&item, "kind").is_empty() || text(&item, "apiVersion").is_empty() {
                let shape = apply::check_shape(&item);
                self.finder().not_an_object(&item, &spans, shape);
                continue;
            }
            self.object(index, item, spans);
        }
    }

    fn fragment(&mut self, index: usize, built: Built, range: std::ops::Range<usize>) {
        let source = self.text.get(range.clone()).unwrap_or_default();
        let (lead, body) = split_lead(source);
        let Some(done) = fragments::complete(&built.value, &built.spans, body) else {
            let shape = apply::check_shape(&built.value);
            return self.finder().not_an_object(&built.value, &built.spans, shape);
        };
        let span = self.lines.span(range.start + lead.len(), range.end);
        let edit = Edit { span, replacement: done.text, title: done.title };
        self.finder().completed(&edit, span);
        self.out.completions.push(edit);
        self.object(index, done.value, done.spans);
    }

    fn object(&mut self, document: usize, mut submitted: Value, spans: Spans) {
        if self.out.objects.len() >= limits::OBJECTS {
            return;
        }
        let unserved = self.successor(&mut submitted, &spans);
        let aside = (self.out.assume.has(Topic::LiveObjects) && live::is_live(&submitted))
            .then(|| live::set_aside(&mut submitted));
        let (version, kind) =
            (text(&submitted, "apiVersion").to_owned(), text(&submitted, "kind").to_owned());
        let info = schema::find_kind(&version, &kind);
        let before = self.errors();
        let kept = info.is_none() && self.unknown_kind(&submitted, &spans, unserved);
        let namespaced = info.map_or_else(|| self.custom_scope(&submitted), |k| k.namespaced);
        let found = schema::check(&version, &kind, &submitted);
        self.finder().types(&found, &spans);
        let unknown = found
            .unknown
            .iter()
            .map(|u| (u, yaml::value_at(&submitted, &u.path).is_some_and(Value::is_null)));
        self.finder().unknown_fields(unknown, &spans);
        let prefix =
            at(&submitted, "metadata.generateName").and_then(Value::as_str).unwrap_or_default();
        if name(&submitted).is_empty() && !prefix.is_empty() {
            self.finder().generated_name(prefix, &spans);
        }
        let mut object = apply::without_nulls(&submitted);
        if found.types.is_empty() {
            put_namespace(&mut object, namespaced);
            defaults::apply_defaults(&mut object);
            if info.is_some() {
                self.validation(&object, &spans, aside.is_some());
            }
        }
        let place = self.out.objects.len();
        if found.types.is_empty() {
            self.filled(place, &submitted, &object, &spans);
        }
        if !kept {
            self.not_simulated(place, &version, &kind, &submitted, &spans);
        }
        if let Some(aside) = aside {
            self.out.observed.push(Observed { object: place, aside });
        }
        let space = match (namespaced, namespace(&submitted)) {
            (false, _) => "",
            (true, "") => "default",
            (true, own) => own,
        };
        self.out.objects.push(Object {
            document,
            name: name(&submitted).to_owned(),
            namespace: space.to_owned(),
            api_version: version,
            kind,
            submitted,
            object,
            spans,
            accepted: (info.is_some() || kept) && self.errors() == before,
            simulated: info.is_some_and(|k| k.simulated),
        });
    }

    /// An object of a version that is no longer served becomes one of its successor; whether one without is left.
    fn successor(&mut self, submitted: &mut Value, spans: &Spans) -> bool {
        let (version, kind) = (text(submitted, "apiVersion"), text(submitted, "kind"));
        if !self.out.assume.has(Topic::OldVersions) {
            return false;
        }
        let Some(removed) = versions::removed(version, kind) else { return false };
        let simulated = schema::find_kind(removed.successor, kind).is_some_and(|k| k.simulated);
        let old = submitted.clone();
        self.finder().old_version(&old, removed, simulated, spans);
        if removed.successor.is_empty() || schema::find_kind(removed.successor, kind).is_none() {
            return true;
        }
        versions::upgrade(submitted, removed.successor);
        false
    }

    /// A kind that is not part of Kubernetes; whether the object is kept all the same.
    fn unknown_kind(&mut self, submitted: &Value, spans: &Spans, unserved: bool) -> bool {
        if unserved {
            return false;
        }
        let custom = schema::is_custom(text(submitted, "apiVersion"));
        if custom && self.out.assume.has(Topic::CustomResources) {
            return true;
        }
        self.finder().unknown_kind(submitted, spans, custom);
        false
    }

    /// Whether objects of a custom kind live in a namespace: as its definition in the text says.
    fn custom_scope(&self, submitted: &Value) -> bool {
        let group = text(submitted, "apiVersion").split('/').next().unwrap_or_default();
        let defines = |o: &&Object| {
            let spec = &o.object["spec"];
            o.kind == "CustomResourceDefinition"
                && spec["group"] == group
                && spec["names"]["kind"] == submitted["kind"]
        };
        let scope = self.out.objects.iter().find(defines).map(|o| &o.object["spec"]["scope"]);
        scope.is_none_or(|scope| scope != "Cluster")
    }

    fn errors(&self) -> usize {
        self.out.diagnostics.iter().filter(|d| d.severity == Severity::Error).count()
    }

    fn validation(&mut self, object: &Value, spans: &Spans, live: bool) {
        let mut stored = object.clone();
        if live && text(object, "kind") == "Service" && object["spec"]["clusterIP"] != "None" {
            // The addresses of another cluster are taken as they are.
            for key in ["clusterIP", "clusterIPs"] {
                crate::value::remove(&mut stored["spec"], key);
            }
        }
        // Refusals are told once all objects are known; here only the account's name matters.
        let _ = apply::admit(&mut stored, &apply::Nothing);
        apply::prepare_for_create(&mut stored, &apply::StoreOptions::checking());
        let errors = validate::validate_create(&stored);
        let warnings = apply::warnings(&stored);
        let refusal = apply::after_validation(&stored).filter(|_| errors.is_empty());
        let mut finder = self.finder();
        for error in &errors {
            finder.validation(error, spans);
        }
        if let Some(refusal) = refusal {
            finder.refused(name(object), &refusal.0, spans);
        }
        for warning in &warnings {
            finder.server_warning(warning, spans);
        }
    }

    fn filled(&mut self, place: usize, submitted: &Value, object: &Value, spans: &Spans) {
        let without = apply::without_nulls(submitted);
        for (path, value) in defaults::filled(&without, object) {
            let span = spans.nearest(&path);
            self.out.defaults.push(DefaultFilled { object: place, path, value, span });
        }
    }

    fn not_simulated(
        &mut self,
        place: usize,
        version: &str,
        kind: &str,
        submitted: &Value,
        spans: &Spans,
    ) {
        let info = schema::find_kind(version, kind);
        if info.is_some_and(|k| !k.simulated) {
            let span = spans.value("kind");
            self.out.not_simulated.push(NotSimulated { object: place, path: String::new(), span });
            return;
        }
        for path in simulated::inert_fields(version, kind, submitted) {
            let span = spans.nearest(&path);
            self.out.not_simulated.push(NotSimulated { object: place, path, span });
        }
    }

    /// What can only be said once all objects are known.
    fn relations(&mut self) {
        Relations { text: self.text, lines: self.lines, out: &mut self.out }.find();
    }

    fn limits(&mut self) {
        let Self { text, lines, out } = self;
        crowds::bound(&mut out.objects, &mut Finder { text, lines, out: &mut out.diagnostics });
        let by_stage = |d: &Diagnostic| [d.stage as u8, d.severity as u8];
        let found = in_order(&self.out.diagnostics, by_stage);
        self.out.diagnostics = found.into_iter().take(limits::DIAGNOSTICS).cloned().collect();
    }
}

fn put_namespace(object: &mut Value, namespaced: bool) {
    let own = namespace(object).to_owned();
    let metadata = crate::value::ensure(object, "metadata");
    if namespaced && own.is_empty() {
        crate::value::put(metadata, "namespace", "default");
    }
}

fn apply_list(value: &Value) -> bool {
    apply::is_list(value) && value.get("items").is_some_and(Value::is_array)
}

/// Comments and blank lines before a fragment stay where they are.
fn split_lead(source: &str) -> (&str, &str) {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') || bare.starts_with("---") {
            at += line.len();
        } else {
            break;
        }
    }
    source.split_at(at)
}
