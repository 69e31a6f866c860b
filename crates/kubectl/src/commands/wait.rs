//! `kubectl wait`.
//!
//! Models `kubectl/pkg/cmd/wait`.

use crate::cx::Cx;
use crate::failure::{Failure, Outcome};
use crate::flags::Span;
use crate::jsonpath::{Template, plain, relaxed};
use crate::resources::{Rules, Target, kind_of, lookup, named};
use crate::task::{Output, Task};
use podplay_api::{SimTime, Value};
use podplay_core::Cluster;
use podplay_manifest::schema::KindInfo;
use std::time::Duration;

/// What is waited for.
#[derive(Clone, Debug)]
enum Goal {
    Delete,
    Create,
    Condition(String, String),
    Path(Template, Option<String>),
}

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let words = cx.flags.words.clone();
    let goal = goal(cx.flags.text("for").unwrap_or_default())?;
    let selected =
        cx.flags.given("selector") || cx.flags.given("field-selector") || cx.flags.on("all");
    let rules =
        Rules { kind_alone: selected, ignore_missing: matches!(goal, Goal::Delete | Goal::Create) };
    if words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        ));
    }
    let found = named(cx, &words, rules)?;
    if let Some(failure) = Failure::all(found.failures) {
        return Err(failure);
    }
    let mut targets: Vec<Target> = found.targets;
    if matches!(goal, Goal::Create) {
        targets = expected(cx, &words)?;
    }
    if targets.is_empty() && !matches!(goal, Goal::Delete) {
        return Err(Failure::error("no matching resources found"));
    }
    let now = cx.cluster.now();
    let (once, until) = match cx.flags.time("timeout") {
        None => (false, now + Duration::from_secs(30)),
        Some(Span::Before) => (false, now + Duration::from_secs(7 * 24 * 3600)),
        Some(Span::For(length)) => (length.is_zero(), now + length),
    };
    let wait = Wait {
        goal,
        targets: targets.into_iter().map(|target| (target, false)).collect(),
        until,
        once,
    };
    Ok(crate::failure::Next::Block(Box::new(wait)))
}

fn goal(text: &str) -> Result<Goal, Failure> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(Goal::Delete);
    }
    if text.eq_ignore_ascii_case("create") {
        return Ok(Goal::Create);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition(name.to_owned(), value.to_owned()));
    }
    if let Some(path) = text.strip_prefix("jsonpath=") {
        let (path, value) = match path.rfind('}') {
            Some(end) => (&path[..=end], path[end + 1..].strip_prefix('=')),
            None => path.split_once('=').map_or((path, None), |(path, value)| (path, Some(value))),
        };
        let template =
            Template::parse(&relaxed(path.trim_matches('\''))).map_err(Failure::error)?;
        return Ok(Goal::Path(template, value.map(|value| value.trim_matches('\'').to_owned())));
    }
    Err(Failure::error(format!("unrecognized condition: \"{text}\"")))
}

/// The objects that are to come, whether they are there or not.
fn expected(cx: &Cx, words: &[String]) -> Result<Vec<Target>, Failure> {
    let mut pairs: Vec<(KindInfo, String)> = Vec::new();
    match words.split_first() {
        Some((first, names)) if !first.contains('/') => {
            let kind = lookup(first)?;
            pairs.extend(names.iter().map(|name| (kind, name.clone())));
        }
        _ => {
            for word in words {
                let (kind, name) = word.split_once('/').unwrap_or(("pod", word));
                let kind = if kind == "pod" {
                    kind_of("Pod").ok_or_else(|| Failure::error("no pods"))?
                } else {
                    lookup(kind)?
                };
                pairs.push((kind, name.to_owned()));
            }
        }
    }
    Ok(pairs
        .into_iter()
        .map(|(kind, name)| Target { kind, namespace: cx.scope(&kind), name, object: Value::Null })
        .collect())
}

/// Objects, and whether the goal is reached for them.
#[derive(Clone, Debug)]
struct Wait {
    goal: Goal,
    targets: Vec<(Target, bool)>,
    until: SimTime,
    once: bool,
}

impl Wait {
    fn met(&self, cluster: &Cluster, target: &Target) -> Result<bool, String> {
        let live = cluster.get(target.kind.kind, &target.namespace, &target.name);
        let same = |live: &Value| live["metadata"]["uid"] == target.object["metadata"]["uid"];
        match (&self.goal, live) {
            (Goal::Delete, live) => Ok(!live.is_some_and(|live| same(&live))),
            (Goal::Create, live) => Ok(live.is_some()),
            (Goal::Condition(name, value), Some(live)) => Ok(condition(&live, name, value)),
            (Goal::Path(template, value), Some(live)) => {
                let found = template.values(&live).unwrap_or_default();
                Ok(match (found.as_slice(), value) {
                    ([], _) => false,
                    ([one], Some(value)) => plain(one) == *value,
                    ([one], None) => !one.is_null() && !plain(one).is_empty(),
                    _ => {
                        return Err(
                            "given jsonpath expression matches more than one value".to_owned()
                        );
                    }
                })
            }
            (_, None) => Ok(false),
        }
    }
}

/// Models `kubectl/pkg/cmd/wait/condition.go`: a condition of an older generation does not count.
fn condition(object: &Value, name: &str, value: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    let found = conditions
        .into_iter()
        .flatten()
        .find(|each| each["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(name)));
    let Some(found) = found else { return false };
    let (observed, generation) = (
        object["status"]["observedGeneration"].as_i64(),
        object["metadata"]["generation"].as_i64(),
    );
    let stale =
        observed.zip(generation).is_some_and(|(observed, generation)| observed < generation);
    !stale && found["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case(value))
}

impl Task for Wait {
    /// One object after the other: those behind one that took all the time are not looked at any more.
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        for index in 0..self.targets.len() {
            if self.targets[index].1 {
                continue;
            }
            match self.met(cluster, &self.targets[index].0) {
                Ok(true) => {
                    self.targets[index].1 = true;
                    out.say(format!("{} condition met", self.targets[index].0.printed()));
                }
                Ok(false) if self.once => {}
                Ok(false) => break,
                Err(why) => {
                    out.warn(format!("error: {why}"));
                    return Some(1);
                }
            }
        }
        let open: Vec<&Target> =
            self.targets.iter().filter(|(_, met)| !met).map(|(target, _)| target).collect();
        if open.is_empty() {
            return Some(0);
        }
        if cluster.now() < self.until {
            return None;
        }
        let what = if self.once {
            "condition not met for"
        } else {
            "timed out waiting for the condition on"
        };
        let prefix = if open.len() == 1 { "error: " } else { "" };
        for target in open {
            out.warn(format!("{prefix}{what} {}", target.path()));
        }
        Some(1)
    }
    fn wakes_at(&self) -> Option<SimTime> {
        Some(self.until)
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
