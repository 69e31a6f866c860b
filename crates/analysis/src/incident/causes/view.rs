//! What is known of each pod, from its object, its row, its events and its log together.

use super::super::ages::{instant, restarts};
use super::super::events::Event;
use super::super::marked::{Marked, look};
use super::super::observed::{LogLine, Observed, Seen, SeenRow};
use podplay_api::Value;

/// A container of a pod.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) name: String,
    /// Whether it is an init container that has to end.
    pub(crate) init: bool,
    /// Whether it is an init container that goes on.
    pub(crate) sidecar: bool,
    /// Its place in the spec: `spec.containers[0]`.
    pub(crate) spec: String,
    /// Its place in the status, if it is there.
    pub(crate) status: String,
}

/// A pod as it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Pod<'a> {
    pub(crate) name: String,
    pub(crate) seen: Option<&'a Seen>,
    pub(crate) row: Option<&'a SeenRow>,
    pub(crate) events: Vec<&'a Event>,
    pub(crate) logs: Vec<&'a LogLine>,
    pub(crate) containers: Vec<Container>,
    /// The tree with the pod's spec: its own, or its owner's template with the path to it.
    pub(crate) template: Option<(&'a Marked, &'static str)>,
}

/// A container's end, as a state shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: i64,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// How long it ran, in seconds.
    pub(crate) ran: Option<i64>,
    pub(crate) line: u32,
    pub(crate) path: String,
}

/// A paste by pods.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(crate) observed: &'a Observed,
    pub(crate) pods: Vec<Pod<'a>>,
}

impl<'a> View<'a> {
    pub(crate) fn of(observed: &'a Observed) -> Self {
        let mut names: Vec<String> = Vec::new();
        let objects = observed.of_kind("Pod").map(|seen| &seen.name);
        let rows = observed.rows.iter().filter(|row| row.kind == "Pod").map(|row| &row.name);
        let events =
            observed.events.iter().filter(|event| event.kind == "Pod").map(|event| &event.name);
        for name in objects.chain(rows).chain(events) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let pods = names.into_iter().map(|name| Pod::named(observed, name)).collect();
        Self { observed, pods }
    }
    /// Events about an object of a kind, with a reason.
    pub(crate) fn events(&self, kind: &str, reason: &str) -> Vec<&'a Event> {
        let fits = |event: &&Event| event.kind == kind && event.reason == reason;
        self.observed.events.iter().filter(fits).collect()
    }
}

/// The places of containers in a spec and in a status.
const PLACES: [(&str, &str); 2] =
    [("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")];

impl<'a> Pod<'a> {
    fn named(observed: &'a Observed, name: String) -> Self {
        let seen = observed.of_kind("Pod").find(|seen| seen.name == name);
        let row = observed.rows.iter().find(|row| row.kind == "Pod" && row.name == name);
        let events = observed
            .events
            .iter()
            .filter(|event| event.kind == "Pod" && event.name == name)
            .collect();
        let only = observed.of_kind("Pod").count() <= 1;
        let logs = observed
            .logs
            .iter()
            .filter(|log| log.pod == name || (log.pod.is_empty() && only))
            .collect();
        let template = match seen {
            Some(seen) => Some((&seen.tree, "")),
            None => template_of(observed, &name),
        };
        let mut pod = Self { name, seen, row, events, logs, containers: Vec::new(), template };
        pod.containers = pod.all_containers();
        pod
    }
    fn all_containers(&self) -> Vec<Container> {
        let mut out = Vec::new();
        let Some((tree, at)) = self.template else { return out };
        for (list, statuses) in PLACES {
            let spec = format!("{at}spec.{list}");
            let named = |path: &str| {
                let count = tree.get(path).as_array().map_or(0, Vec::len);
                (0..count)
                    .map(|n| tree.text(&format!("{path}[{n}].name")).to_owned())
                    .collect::<Vec<_>>()
            };
            let shown = named(&format!("status.{statuses}"));
            let mut names = named(&spec);
            if names.is_empty() {
                names.clone_from(&shown);
            }
            for (number, name) in names.into_iter().enumerate() {
                let spec = format!("{spec}[{number}]");
                let init = list == "initContainers";
                let sidecar = init && tree.text(&format!("{spec}.restartPolicy")) == "Always";
                let place = shown.iter().position(|other| *other == name);
                let status = place.map(|place| format!("status.{statuses}[{place}]"));
                out.push(Container {
                    name,
                    init: init && !sidecar,
                    sidecar,
                    spec,
                    status: status.unwrap_or_default(),
                });
            }
        }
        out
    }
    pub(crate) fn subject(&self) -> String {
        format!("pod/{}", self.name)
    }
    /// A field of the pod itself.
    pub(crate) fn get(&self, path: &str) -> &'a Value {
        self.seen.map_or(&Value::Null, |seen| look(&seen.tree.value, path))
    }
    /// A field of the pod itself, as a text.
    pub(crate) fn text(&self, path: &str) -> &'a str {
        self.get(path).as_str().unwrap_or_default()
    }
    /// A field below the spec, from the pod or from its owner's template.
    pub(crate) fn spec(&self, path: &str) -> &'a Value {
        let Some((tree, at)) = self.template else { return &Value::Null };
        look(&tree.value, &format!("{at}spec.{path}"))
    }
    /// A field of a container's spec.
    pub(crate) fn of(&self, container: &Container, path: &str) -> &'a Value {
        let Some((tree, _)) = self.template else { return &Value::Null };
        look(&tree.value, &format!("{}.{path}", container.spec))
    }
    /// A field of a container's status.
    pub(crate) fn shown(&self, container: &Container, path: &str) -> &'a Value {
        if container.status.is_empty() {
            return &Value::Null;
        }
        self.get(&format!("{}.{path}", container.status))
    }
    /// Where a path of the pod's object or template stands.
    pub(crate) fn line(&self, path: &str) -> u32 {
        self.template.and_then(|(tree, _)| tree.line(path)).unwrap_or(0)
    }
    /// Events with a reason.
    pub(crate) fn with(&self, reason: &str) -> Vec<&'a Event> {
        self.events.iter().copied().filter(|event| event.reason == reason).collect()
    }
    /// The container that an event is about.
    pub(crate) fn container_of(&self, event: &Event) -> Option<&Container> {
        let mains = || self.containers.iter().filter(|container| !container.init);
        self.containers
            .iter()
            .find(|container| container.name == event.container)
            .or_else(|| {
                let probe =
                    event.message.split(' ').next().unwrap_or_default().to_ascii_lowercase();
                let field = format!("{probe}Probe");
                mains().find(|container| !self.of(container, &field).is_null())
            })
            .or_else(|| mains().next().filter(|_| mains().count() == 1))
    }
    /// A name for the container of an event: its own, or the pod's where the paste does not say it.
    pub(crate) fn container_name(&self, event: &Event) -> String {
        if !event.container.is_empty() {
            return event.container.clone();
        }
        if let Some(container) = self.container_of(event) {
            return container.name.clone();
        }
        let named = self.events.iter().find(|event| !event.container.is_empty());
        named.map_or_else(|| format!("of pod {}", self.name), |event| event.container.clone())
    }
    /// `STATUS` of its row.
    pub(crate) fn status(&self) -> &'a str {
        self.row.map_or("", |row| row.row.cell("STATUS"))
    }
    /// How often a container was restarted: from the status, or from the row of a pod with one container.
    pub(crate) fn restarts(&self, container: &Container) -> u32 {
        let shown = self.shown(container, "restartCount").as_u64();
        let shown = shown.and_then(|count| u32::try_from(count).ok());
        shown.or_else(|| Some(restarts(self.row?.row.cell("RESTARTS"))?.0)).unwrap_or(0)
    }
    /// The end that a state shows: `state` or `lastState`.
    pub(crate) fn end(&self, container: &Container, state: &str) -> Option<End> {
        let path = format!("{}.{state}.terminated", container.status);
        let end = self.shown(container, &format!("{state}.terminated"));
        let code = end.get("exitCode")?.as_i64()?;
        let word = |name: &str| end.get(name).and_then(Value::as_str).unwrap_or_default();
        let moment = |name: &str| instant(word(name));
        Some(End {
            code,
            reason: word("reason").to_owned(),
            message: word("message").to_owned(),
            ran: moment("finishedAt").zip(moment("startedAt")).map(|(end, start)| end - start),
            line: self.line(&path),
            path,
        })
    }
    /// The latest end of a container.
    pub(crate) fn last_end(&self, container: &Container) -> Option<End> {
        self.end(container, "state").or_else(|| self.end(container, "lastState"))
    }
    /// A condition's status and reason.
    pub(crate) fn condition(&self, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
        let list = self.get("status.conditions").as_array()?;
        let found = list.iter().find(|c| look(c, "type").as_str() == Some(kind))?;
        let word = |name: &str| look(found, name).as_str().unwrap_or_default();
        Some((word("status"), word("reason"), word("message")))
    }
    /// The line of a condition.
    pub(crate) fn condition_line(&self, kind: &str) -> u32 {
        let list = self.get("status.conditions").as_array().map_or(&[][..], Vec::as_slice);
        let at = list.iter().position(|c| look(c, "type").as_str() == Some(kind));
        at.map_or(0, |at| self.line(&format!("status.conditions[{at}].type")))
    }
    /// Whether it is shown as ready; `None` where nothing says.
    pub(crate) fn ready(&self) -> Option<bool> {
        if let Some((status, _, _)) = self.condition("Ready") {
            return Some(status == "True");
        }
        let (ready, total) = self.row?.row.cell("READY").split_once('/')?;
        Some(ready == total)
    }
    /// The last line that a container wrote before it ended.
    pub(crate) fn last_words(&self, container: &str) -> Option<(String, u32)> {
        let of = |log: &&&LogLine| log.container.is_empty() || log.container == container;
        let previous = self.logs.iter().filter(of).rfind(|log| log.previous);
        let last = previous.or_else(|| self.logs.iter().rfind(of))?;
        (!last.text.trim().is_empty()).then(|| (last.text.trim().to_owned(), last.line))
    }
}

/// The template of the workload whose name begins the pod's: the longest such name.
fn template_of<'a>(observed: &'a Observed, pod: &str) -> Option<(&'a Marked, &'static str)> {
    let begins = |seen: &&Seen| {
        pod.strip_prefix(seen.name.as_str()).is_some_and(|rest| rest.starts_with('-'))
            && !seen.name.is_empty()
    };
    let owner = observed
        .objects
        .iter()
        .filter(begins)
        .filter(|seen| {
            !seen.tree.get("spec.template.spec").is_null()
                || !seen.tree.get("spec.jobTemplate.spec.template.spec").is_null()
        })
        .max_by_key(|seen| seen.name.len())?;
    let at =
        if owner.kind == "CronJob" { "spec.jobTemplate.spec.template." } else { "spec.template." };
    Some((&owner.tree, at))
}
