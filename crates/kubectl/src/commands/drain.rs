//! `kubectl cordon`, `uncordon` and `drain`.
//!
//! Models `kubectl/pkg/cmd/drain` and `kubectl/pkg/drain`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::flags::Span;
use crate::resources::{Target, kind_of};
use crate::selector::Selector;
use crate::task::{Output, Task};
use crate::update::replace;
use podplay_api::{Pod, SimTime, Value};
use podplay_core::apiserver::Reason;
use podplay_core::{Cluster, Command, DeleteOptions};
use podplay_manifest::apply::DryRun;
use std::time::Duration;

/// Between two attempts to evict a pod that a budget protects.
const RETRY: Duration = Duration::from_secs(5);

fn nodes(cx: &Cx) -> Result<Vec<Target>, Failure> {
    let Some(kind) = kind_of("Node") else { return Ok(Vec::new()) };
    if let Some(selector) = cx.flags.text("selector") {
        let selector = Selector::labels(selector);
        return Ok(cx.list(&kind, Some(&selector))?.into_iter().filter_map(Target::of).collect());
    }
    if cx.flags.words.is_empty() {
        let command = &cx.command;
        return Err(Failure::usage(command, format!("USAGE: {command} NODE [flags]")));
    }
    cx.flags
        .words
        .iter()
        .map(|word| cx.get(&kind, word.split_once('/').map_or(word.as_str(), |(_, name)| name)))
        .collect()
}

/// `cordon` and `uncordon`.
pub(crate) fn cordon(cx: &mut Cx, on: bool) -> Outcome {
    for node in nodes(cx)? {
        mark(cx, &node, on)?;
    }
    Ok(Next::Done)
}

fn mark(cx: &mut Cx, node: &Target, on: bool) -> Result<(), Failure> {
    let word = if on { "cordoned" } else { "uncordoned" };
    let suffix = cx.dry_run()?.suffix();
    if (node.object["spec"]["unschedulable"] == true) == on {
        cx.say(format!("{} already {word}{suffix}", node.printed()));
        return Ok(());
    }
    let mut new = node.object.clone();
    if on {
        new["spec"]["unschedulable"] = true.into();
    } else if let Some(spec) = new["spec"].as_object_mut() {
        spec.remove("unschedulable");
    }
    replace(cx, node, new).map_err(crate::update::Refused::failure)?;
    cx.say(format!("{} {word}{suffix}", node.printed()));
    Ok(())
}

/// `drain`.
pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let nodes = nodes(cx)?;
    let dry = cx.dry_run()?;
    for node in &nodes {
        mark(cx, node, true)?;
    }
    let Some(node) = nodes.first().cloned() else { return Ok(Next::Done) };
    let (pods, warnings, errors) = filter(cx, &node)?;
    if !errors.is_empty() {
        let why = errors.join(", ");
        cx.warn(format!(
            "error: unable to drain node \"{}\" due to error: {why}, continuing command...",
            node.name
        ));
        cx.warn(format!("There are pending nodes to be drained:\n {}", node.name));
        return Err(Failure::plain(why));
    }
    if !warnings.is_empty() {
        cx.warn(format!("Warning: {}", warnings.join("; ")));
    }
    if dry != DryRun::None {
        for pod in &pods {
            cx.say(format!("evicting pod {}/{}{}", pod.namespace, pod.name, dry.suffix()));
        }
        cx.say(format!("{} drained{}", node.printed(), dry.suffix()));
        return Ok(Next::Done);
    }
    let length = match cx.flags.time("timeout") {
        Some(Span::For(length)) if !length.is_zero() => Some(length),
        _ => None,
    };
    let now = cx.cluster.now();
    Ok(Next::Block(Box::new(Drain {
        node,
        pods: pods.into_iter().map(|pod| (pod, Stage::Evict(now))).collect(),
        grace: cx.flags.int("grace-period").filter(|seconds| *seconds >= 0),
        delete: cx.flags.on("disable-eviction"),
        length,
        until: length.map(|length| now + length),
    })))
}

/// The pods that are to go, warnings, and what forbids to go on.
type Filtered = (Vec<Target>, Vec<String>, Vec<String>);

/// Sorts the pods of a node.
///
/// Models `kubectl/pkg/drain/filters.go`.
fn filter(cx: &Cx, node: &Target) -> Result<Filtered, Failure> {
    let (mut go, mut daemons, mut bare, mut local) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (force, ignore, empty_dir) = (
        cx.flags.on("force"),
        cx.flags.on("ignore-daemonsets"),
        cx.flags.on("delete-emptydir-data"),
    );
    let selector = cx.flags.text("pod-selector").map(Selector::read).transpose()?;
    for object in cx.cluster.list("Pod", None) {
        let pod = Pod::from_object(&object);
        let meant = selector.as_ref().is_none_or(|selector| selector.matches(&object));
        if pod.spec.node_name != node.name || !meant {
            continue;
        }
        let name = pod.key();
        let finished = pod.status.phase.is_terminal();
        let controller = pod.meta.controller().map(|owner| owner.kind.clone());
        if controller.as_deref() == Some("DaemonSet") {
            daemons.push(name);
            continue;
        }
        if !finished && pod.spec.volumes.iter().any(is_empty_dir) {
            local.push(name.clone());
            if !empty_dir {
                continue;
            }
        }
        if !finished && controller.is_none() {
            bare.push(name);
            if !force {
                continue;
            }
        }
        go.extend(Target::of(object));
    }
    let (mut warnings, mut errors) = (Vec::new(), Vec::new());
    if !daemons.is_empty() {
        let list = daemons.join(", ");
        if ignore {
            warnings.push(format!("ignoring DaemonSet-managed Pods: {list}"))
        } else {
            errors.push(format!(
                "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): {list}"
            ))
        }
    }
    if !local.is_empty() && !empty_dir {
        errors.push(format!(
            "cannot delete Pods with local storage (use --delete-emptydir-data to override): {}",
            local.join(", ")
        ));
    }
    if !bare.is_empty() {
        let list = bare.join(", ");
        if force {
            warnings.push(format!("deleting Pods that declare no controller: {list}"))
        } else {
            errors.push(format!(
                "cannot delete Pods that declare no controller (use --force to override): {list}"
            ))
        }
    }
    Ok((go, warnings, errors))
}

fn is_empty_dir(volume: &podplay_api::Volume) -> bool {
    volume.empty_dir.is_some()
}

/// How far the eviction of a pod is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Asked for then.
    Evict(SimTime),
    /// On its way out.
    Leaving,
    /// Gone.
    Done,
    /// Refused for good, in the server's words.
    Failed(String),
}

/// A drain under way.
#[derive(Clone, Debug)]
struct Drain {
    node: Target,
    pods: Vec<(Target, Stage)>,
    grace: Option<i64>,
    delete: bool,
    length: Option<Duration>,
    until: Option<SimTime>,
}

impl Drain {
    fn evict(&self, cluster: &mut Cluster, out: &mut Output, pod: &Target) -> Stage {
        let now = cluster.now();
        out.say(format!("evicting pod {}/{}", pod.namespace, pod.name));
        let (namespace, name) = (pod.namespace.clone(), pod.name.clone());
        let command = if self.delete {
            let options =
                DeleteOptions { grace_period_seconds: self.grace, ..DeleteOptions::default() };
            Command::Delete { kind: "Pod".to_owned(), namespace, name, options }
        } else {
            Command::Evict { namespace, name, grace_period_seconds: self.grace }
        };
        match cluster.apply(command) {
            Ok(_) => Stage::Leaving,
            Err(error) if error.reason == Reason::TooManyRequests => {
                out.warn(format!(
                    "error when evicting pods/\"{}\" -n \"{}\" (will retry after 5s): {}",
                    pod.name, pod.namespace, error.message
                ));
                Stage::Evict(now + RETRY)
            }
            Err(error) if error.reason == Reason::NotFound => Stage::Done,
            Err(error) => Stage::Failed(error.message),
        }
    }
    /// What is said when the time is over.
    fn give_up(&self, out: &mut Output) -> i32 {
        let length = self.length.unwrap_or_default().as_secs();
        let open: Vec<&(Target, Stage)> =
            self.pods.iter().filter(|(_, stage)| *stage != Stage::Done).collect();
        let reason = |(pod, stage): &&(Target, Stage)| match stage {
            Stage::Failed(message) => format!(
                "error when evicting pods/\"{}\" -n \"{}\": {message}",
                pod.name, pod.namespace
            ),
            Stage::Leaving => format!(
                "error when waiting for pod \"{}\" in namespace \"{}\" to terminate: global timeout reached: {length}s",
                pod.name, pod.namespace
            ),
            _ => format!(
                "error when evicting pods/\"{}\" -n \"{}\": global timeout reached: {length}s",
                pod.name, pod.namespace
            ),
        };
        let reasons: Vec<String> = open.iter().map(reason).collect();
        let all = if let [one] = reasons.as_slice() {
            one.clone()
        } else {
            format!("[{}]", reasons.join(", "))
        };
        let name = &self.node.name;
        out.warn(format!(
            "There are pending pods in node \"{name}\" when an error occurred: {all}"
        ));
        for (pod, _) in &open {
            out.warn(format!("pod/{}", pod.name));
        }
        out.warn(format!(
            "error: unable to drain node \"{name}\" due to error: {all}, continuing command..."
        ));
        out.warn(format!("There are pending nodes to be drained:\n {name}"));
        let alone = reasons.len() == 1;
        for reason in reasons {
            out.warn(if alone { format!("error: {reason}") } else { reason });
        }
        1
    }
}

impl Task for Drain {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        let now = cluster.now();
        for index in 0..self.pods.len() {
            let (pod, stage) = self.pods[index].clone();
            let live = cluster.get("Pod", &pod.namespace, &pod.name);
            let here = live.is_some_and(|live: Value| {
                live["metadata"]["uid"] == pod.object["metadata"]["uid"]
            });
            let next = match stage {
                Stage::Evict(_) if !here => Stage::Done,
                Stage::Evict(at) if at <= now && self.until.is_none_or(|until| now < until) => {
                    self.evict(cluster, out, &pod)
                }
                Stage::Leaving if !here => {
                    out.say(format!("pod/{} evicted", pod.name));
                    Stage::Done
                }
                stage => stage,
            };
            self.pods[index].1 = next;
        }
        if self.pods.iter().all(|(_, stage)| *stage == Stage::Done) {
            out.say(format!("{} drained", self.node.printed()));
            return Some(0);
        }
        let over = |stage: &Stage| matches!(stage, Stage::Done | Stage::Failed(_));
        if self.pods.iter().all(|(_, stage)| over(stage)) {
            return Some(self.give_up(out));
        }
        self.until.filter(|until| now >= *until).map(|_| self.give_up(out))
    }
    fn wakes_at(&self) -> Option<SimTime> {
        let retry = self.pods.iter().filter_map(|(_, stage)| match stage {
            Stage::Evict(at) => Some(*at),
            _ => None,
        });
        retry.chain(self.until).min()
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
