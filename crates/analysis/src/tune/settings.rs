//! Settings that are swept, how they change objects for a run, and how they are written into the text.

use crate::remedy::edit::{self, Editor};
use crate::verdict::{Target, written};
use podplay_api::{Value, json};
use podplay_playback::Plan;

/// The numbers of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbers {
    /// `periodSeconds`.
    pub period: i64,
    /// `timeoutSeconds`.
    pub timeout: i64,
    /// `failureThreshold`.
    pub failures: i64,
}

/// The probes of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probes {
    /// Until it has started.
    pub startup: Numbers,
    /// Whether it lives.
    pub liveness: Numbers,
    /// Whether it may be asked.
    pub readiness: Numbers,
}

/// How pods are exchanged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rollout {
    /// Seconds that `preStop` sleeps; 0 for no hook.
    pub pre_stop: i64,
    /// `terminationGracePeriodSeconds`.
    pub grace: i64,
    /// `maxSurge` and `maxUnavailable`; nothing for what the text says.
    pub strategy: Option<(&'static str, &'static str)>,
    /// `minReadySeconds`.
    pub min_ready: i64,
    /// `progressDeadlineSeconds`; nothing if what the text says is enough.
    pub deadline: Option<i64>,
}

/// A number or a percentage, as it is written.
pub(super) type Value2 = &'static str;

/// A number where it is one.
fn scalar(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// Whose settings: the workload, its container, and the question that its probes ask.
#[derive(Clone, Debug)]
pub(super) struct Whose {
    pub(super) target: Target,
    pub(super) container: String,
    pub(super) index: usize,
    /// Handlers of the liveness and startup probes, and of the readiness probe.
    pub(super) alive: Value,
    pub(super) ready: Value,
    pub(super) replicas: i64,
}

const PROBES: [&str; 3] = ["startupProbe", "livenessProbe", "readinessProbe"];

fn numbers(probes: &Probes, field: &str) -> Numbers {
    match field {
        "startupProbe" => probes.startup,
        "livenessProbe" => probes.liveness,
        _ => probes.readiness,
    }
}

impl Whose {
    fn handler(&self, field: &str) -> &Value {
        if field == "readinessProbe" { &self.ready } else { &self.alive }
    }
    fn template(&self) -> &'static str {
        crate::verdict::template(&self.target.kind)
    }
    /// Sets the probes of a stored object.
    pub(super) fn set_probes(&self, object: &mut Value, probes: &Probes) {
        let Some(container) = self.container_of(object) else { return };
        for field in PROBES {
            let of = numbers(probes, field);
            let mut probe = self.handler(field).clone();
            probe["periodSeconds"] = json!(of.period);
            probe["timeoutSeconds"] = json!(of.timeout);
            probe["failureThreshold"] = json!(of.failures);
            probe["successThreshold"] = json!(1);
            container[field] = probe;
        }
    }
    /// Sets how the pods of a stored object are exchanged.
    pub(super) fn set_rollout(&self, object: &mut Value, rollout: &Rollout) {
        if let Some(container) = self.container_of(object) {
            if rollout.pre_stop > 0 {
                container["lifecycle"]["preStop"] = json!({"sleep": {"seconds": rollout.pre_stop}});
            } else if let Some(hooks) = container["lifecycle"].as_object_mut() {
                hooks.remove("preStop");
            }
        }
        let path = self.template();
        let keys = path.split('.').filter(|key| !key.is_empty()).chain(["spec"]);
        let spec = keys.fold(&mut *object, |value, key| &mut value[key]);
        spec["terminationGracePeriodSeconds"] = json!(rollout.grace);
        if self.target.kind != "Deployment" {
            return;
        }
        if let Some((surge, gone)) = rollout.strategy {
            object["spec"]["strategy"] = json!({
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": scalar(surge), "maxUnavailable": scalar(gone)},
            });
        }
        object["spec"]["minReadySeconds"] = json!(rollout.min_ready);
        if let Some(deadline) = rollout.deadline {
            object["spec"]["progressDeadlineSeconds"] = json!(deadline);
        }
    }
    fn container_of<'a>(&self, object: &'a mut Value) -> Option<&'a mut Value> {
        crate::verdict::container_of(object, &self.target.kind, &self.container)
    }
    /// The text with the settings written into it; comments and layout stay.
    pub(super) fn write(&self, text: &str, probes: &Probes, rollout: &Rollout) -> Option<String> {
        let mut text = text.to_owned();
        let spec = format!("{}spec", self.template());
        let container = format!("{spec}.containers[{}]", self.index);
        for field in PROBES {
            text = self.write_probe(&text, &container, field, numbers(probes, field))?;
        }
        if rollout.pre_stop > 0 {
            text = self.write_hook(&text, &container, rollout.pre_stop)?;
        }
        if rollout.grace != 30 || self.has(&text, &format!("{spec}.terminationGracePeriodSeconds"))
        {
            text =
                self.set(&text, &spec, "terminationGracePeriodSeconds", &json!(rollout.grace))?;
        }
        if self.target.kind != "Deployment" {
            return Some(text);
        }
        if let Some((surge, gone)) = rollout.strategy {
            let update = json!({"maxSurge": scalar(surge), "maxUnavailable": scalar(gone)});
            text = if self.has(&text, "spec.strategy.rollingUpdate") {
                self.set(&text, "spec.strategy", "rollingUpdate", &update)?
            } else {
                let whole = json!({"type": "RollingUpdate", "rollingUpdate": update});
                self.set(&text, "spec", "strategy", &whole)?
            };
        }
        if rollout.min_ready > 0 || self.has(&text, "spec.minReadySeconds") {
            text = self.set(&text, "spec", "minReadySeconds", &json!(rollout.min_ready))?;
        }
        if let Some(deadline) = rollout.deadline {
            text = self.set(&text, "spec", "progressDeadlineSeconds", &json!(deadline))?;
        }
        Some(text)
    }
    fn write_probe(&self, text: &str, container: &str, field: &str, of: Numbers) -> Option<String> {
        let path = format!("{container}.{field}");
        if !self.has(text, &path) {
            let mut probe = self.handler(field).clone();
            probe["periodSeconds"] = json!(of.period);
            if of.timeout != 1 {
                probe["timeoutSeconds"] = json!(of.timeout);
            }
            probe["failureThreshold"] = json!(of.failures);
            return self.set(text, container, field, &probe);
        }
        let mut text = text.to_owned();
        let fields = [
            ("periodSeconds", of.period, 10),
            ("timeoutSeconds", of.timeout, 1),
            ("failureThreshold", of.failures, 3),
        ];
        for (key, number, usual) in fields {
            if number != usual || self.has(&text, &format!("{path}.{key}")) {
                text = self.set(&text, &path, key, &json!(number))?;
            }
        }
        if self.has(&text, &format!("{path}.initialDelaySeconds")) {
            text = self.set(&text, &path, "initialDelaySeconds", &json!(0))?;
        }
        Some(text)
    }
    fn write_hook(&self, text: &str, container: &str, seconds: i64) -> Option<String> {
        let hook = json!({"sleep": {"seconds": seconds}});
        if self.has(text, &format!("{container}.lifecycle")) {
            return self.set(text, &format!("{container}.lifecycle"), "preStop", &hook);
        }
        self.set(text, container, "lifecycle", &json!({"preStop": hook}))
    }
    fn has(&self, text: &str, path: &str) -> bool {
        let plan = Plan::read(text);
        written(&plan, &self.target).is_some_and(|written| written.has(path))
    }
    /// One field, replaced or added. A text that has it already stays as it is.
    fn set(&self, text: &str, parent: &str, key: &str, value: &Value) -> Option<String> {
        let plan = Plan::read(text);
        let editor = Editor { text, written: written(&plan, &self.target)? };
        let path = format!("{parent}.{key}");
        if editor.value(&path) == Some(value) {
            return Some(text.to_owned());
        }
        edit::apply(text, &[editor.set(parent, key, value)?])
    }
}
