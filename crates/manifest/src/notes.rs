//! Findings about what a text needs of its cluster: what is missing, what is assumed, what is set aside.

use serde_json::Value;

use crate::assume::Template;
use crate::findings::Finder;
use crate::help;
use crate::model::{Edit, Severity, Stage};
use crate::schema;
use crate::value::text;
use crate::versions::Removed;
use crate::yaml::{Span, Spans, quote};

/// Most paths that a note lists.
const LISTED: usize = 8;

impl Finder<'_> {
    /// A version that is no longer served; objects without an effect here need no error.
    pub(crate) fn old_version(
        &mut self,
        object: &Value,
        removed: Removed,
        simulated: bool,
        spans: &Spans,
    ) {
        let (version, kind) = (text(object, "apiVersion"), text(object, "kind"));
        let message = format!("no matches for kind {} in version {}", quote(kind), quote(version));
        let span = spans.value("apiVersion");
        let severity = if simulated { Severity::Error } else { Severity::Warning };
        let Removed { successor, release } = removed;
        let finding = self.push("PP-0820", severity, Stage::Client, message, span);
        finding.path = Some("apiVersion".to_owned());
        if successor.is_empty() {
            let help = format!(
                "Kubernetes {release} took `{kind}` away; nothing takes its place, and it would have no effect here."
            );
            finding.help = Some(help);
            return;
        }
        let help = format!(
            "Kubernetes {release} took this version away, so a cluster refuses it. It is read here as `{successor}`."
        );
        finding.help = Some(help);
        let (replacement, title) = (successor.to_owned(), format!("Use {successor}"));
        finding.fix = Some(Edit { span, replacement, title });
    }

    pub(crate) fn unknown_kind(&mut self, object: &Value, spans: &Spans, custom: bool) {
        let (version, kind) = (text(object, "apiVersion"), text(object, "kind"));
        let message = format!("no matches for kind {} in version {}", quote(kind), quote(version));
        if custom {
            let span = spans.value("kind");
            let help = "This kind is not part of Kubernetes itself: a cluster has it once its definition is installed. `assume: {customResources: true}` keeps it, without effect.";
            self.error("PP-0203", Stage::Client, message, span).help = Some(help.to_owned());
            return;
        }
        let better = schema::usual_version(kind);
        let similar = schema::nearest(kind, schema::all_kinds().map(|k| k.kind));
        let (span, help, fix) = match (better, similar) {
            (Some(usual), _) => {
                let span = spans.value("apiVersion");
                let help = format!("`{kind}` belongs to `apiVersion: {usual}`.");
                (span, help, Some((usual, format!("Use {usual}"))))
            }
            (None, Some(found)) => {
                let help = format!("Did you mean `kind: {found}`?");
                (spans.value("kind"), help, Some((found, format!("Use {found}"))))
            }
            (None, None) => {
                let help = "Kubernetes has no such kind under this `apiVersion`.";
                (spans.value("kind"), help.to_owned(), None)
            }
        };
        let finding = self.error("PP-0203", Stage::Client, message, span);
        finding.help = Some(help);
        finding.fix = fix.map(|(text, title)| Edit { span, replacement: text.to_owned(), title });
    }

    /// Pods that admission refuses; those of a workload simply do not come to be.
    pub(crate) fn refused_pod(
        &mut self,
        template: &Template<'_>,
        words: &str,
        meant: Option<String>,
    ) {
        let field = match words {
            w if w.contains("service account") => "serviceAccountName",
            w if w.contains("PriorityClass with") => "priorityClassName",
            w if w.contains("PreemptionPolicy") => "preemptionPolicy",
            w if w.contains("priority (") => "priority",
            w if w.contains("RuntimeClass") => "runtimeClassName",
            _ => "",
        };
        let path = [template.base, ".", field].concat();
        let path = path.trim_end_matches('.').to_owned();
        let alone = template.object.kind == "Pod";
        let message = if alone {
            format!("pods {} is forbidden: {words}", quote(&template.object.name))
        } else {
            format!("no pod of {} can be made: {words}", template.who)
        };
        let span = template.spans().value(&path);
        let (code, severity) =
            if alone { ("PP-0501", Severity::Error) } else { ("PP-0503", Severity::Warning) };
        let finding = self.push(code, severity, Stage::Admission, message, span);
        finding.help = Some(match &meant {
            Some(name) => format!("Did you mean `{name}`?"),
            None => help::admission(&["spec.", field].concat()).to_owned(),
        });
        finding.path = Some(path);
        finding.fix = meant.map(|name| {
            let title = format!("Use {name}");
            Edit { span, replacement: name, title }
        });
    }

    pub(crate) fn missing_namespace(&mut self, name: &str, meant: Option<&str>, spans: &Spans) {
        let span = spans.value("metadata.namespace");
        let message = format!("namespaces {} not found", quote(name));
        let edit = match meant {
            Some(meant) => {
                Edit { span, replacement: meant.to_owned(), title: format!("Use {meant}") }
            }
            None => Edit {
                span: self.lines.span(0, 0),
                replacement: format!(
                    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n---\n"
                ),
                title: format!("Add the namespace {name}"),
            },
        };
        let json = self.text.trim_start().starts_with('{') && meant.is_none();
        let finding = self.error("PP-0502", Stage::Admission, message, span);
        finding.help = Some(match meant {
            Some(meant) => format!("The text defines `{meant}`."),
            None => "A cluster refuses what is in a namespace that does not exist.".to_owned(),
        });
        finding.path = Some("metadata.namespace".to_owned());
        finding.fix = Some(edit).filter(|_| !json);
    }

    pub(crate) fn inert_kind(&mut self, kind: &str, count: usize, span: Span) {
        let message = if count == 1 {
            format!("{kind} is accepted and has no effect here")
        } else {
            format!("{kind} is accepted and has no effect here ({count} objects)")
        };
        self.push("PP-0802", Severity::Info, Stage::Advice, message, span);
    }

    /// What servers wrote into objects, once for all of them.
    pub(crate) fn set_aside(&mut self, who: &str, count: usize, paths: &[String], span: Span) {
        let mut listed = paths.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        if paths.len() > LISTED {
            listed.push_str(&format!(" and {} more", paths.len() - LISTED));
        }
        let whose = match count {
            1 => format!("{who} comes"),
            count => format!("{who} and {} more come", count - 1),
        };
        let message =
            format!("{whose} from a cluster: what its server wrote is set aside ({listed})");
        let finding = self.push("PP-0821", Severity::Info, Stage::Advice, message, span);
        finding.help = Some(
            "The rest runs as a new object. `assume: {liveObjects: false}` in the Scenario sends all of it."
                .to_owned(),
        );
    }

    /// Objects that a controller of the same text makes by itself.
    pub(crate) fn made_anew(&mut self, who: &str, count: usize, span: Span) {
        let message = match count {
            1 => format!("{who} is left out: a controller of this text makes it anew"),
            count => format!(
                "{who} and {} more are left out: controllers of this text make them anew",
                count - 1
            ),
        };
        self.push("PP-0821", Severity::Info, Stage::Advice, message, span);
    }

    /// Owners that are not in the text.
    pub(crate) fn absent_owner(&mut self, who: &str, owner: &str, count: usize, span: Span) {
        let message = match count {
            1 => format!("{who} belongs to {owner}, which is not in this text: it runs alone"),
            count => format!(
                "{who} belongs to {owner}, which is not in this text: it and {} more run alone",
                count - 1
            ),
        };
        let finding = self.push("PP-0821", Severity::Info, Stage::Advice, message, span);
        finding.help = Some(
            "A real cluster's garbage collector deletes an object whose owner does not exist."
                .to_owned(),
        );
    }

    /// A text of custom resources only.
    pub(crate) fn no_pods(&mut self, span: Span) {
        let message =
            "none of these objects makes pods here: that is the work of their own controller"
                .to_owned();
        let finding = self.push("PP-0206", Severity::Warning, Stage::Client, message, span);
        finding.help = Some(
            "Paste what that controller would make, such as a Deployment, to see it run."
                .to_owned(),
        );
    }
}
