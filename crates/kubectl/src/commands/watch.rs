//! `kubectl get --watch`: rows as objects change.

use crate::commands::get::options;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::output::Format;
use crate::resources::{Named, Target};
use crate::selector::Selector;
use crate::task::{Output, Task};
use podplay_api::{SimTime, Value};
use podplay_core::Cluster;
use podplay_manifest::schema::KindInfo;
use podplay_views::get::{Options, table};
use std::collections::BTreeMap;

/// Rows as they change, until the time is over or the command is stopped.
#[derive(Clone, Debug)]
struct Watch {
    kind: KindInfo,
    namespace: Option<String>,
    name: Option<String>,
    selector: Option<Selector>,
    options: Options,
    seen: BTreeMap<(String, String), Value>,
    widths: Vec<usize>,
    headed: bool,
    until: Option<SimTime>,
    /// The cluster's revision at the last look.
    revision: Option<u64>,
}

pub(crate) fn start(cx: &mut Cx, found: Named, format: Option<Format>) -> Outcome {
    if let Some(failure) = Failure::all(found.failures) {
        return Err(failure);
    }
    let kinds: Vec<KindInfo> = if found.kinds.is_empty() {
        found.targets.iter().map(|target| target.kind).collect()
    } else {
        found.kinds
    };
    let Some(kind) = kinds.first().copied() else { return Ok(Next::Done) };
    if found.several_kinds {
        return Err(Failure::error("you may only specify a single resource type"));
    }
    if format.is_some() {
        return Err(Failure::error("podplay watches tables only: leave -o out, or use -o wide"));
    }
    let timeout =
        cx.flags.text("request-timeout").and_then(|text| text.trim_end_matches('s').parse().ok());
    let mut watch = Watch {
        kind,
        namespace: (kind.namespaced && !cx.all_namespaces()).then(|| cx.namespace().to_owned()),
        name: found
            .single
            .then(|| found.targets.first().map(|target| target.name.clone()))
            .flatten(),
        selector: Selector::of(&cx.flags)?,
        options: options(cx, false),
        seen: BTreeMap::new(),
        widths: Vec::new(),
        headed: cx.flags.on("no-headers"),
        until: timeout.map(|seconds| cx.cluster.now() + std::time::Duration::from_secs(seconds)),
        revision: None,
    };
    if cx.flags.on("watch-only") {
        watch.remember(found.targets);
    } else {
        watch.look(cx.cluster, cx.out);
    }
    Ok(Next::Block(Box::new(watch)))
}

impl Watch {
    fn remember(&mut self, targets: Vec<Target>) {
        self.seen = targets
            .into_iter()
            .map(|target| ((target.namespace, target.name), target.object))
            .collect();
    }
    fn look(&mut self, cluster: &Cluster, out: &mut Output) {
        if self.revision.replace(cluster.revision()) == Some(cluster.revision()) {
            return;
        }
        let objects = cluster.list(self.kind.kind, self.namespace.as_deref());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let meant = |object: &Value| {
            self.name.as_deref().is_none_or(|name| object["metadata"]["name"] == *name)
                && self.selector.as_ref().is_none_or(|selector| selector.matches(object))
        };
        let mut now = BTreeMap::new();
        for object in objects.into_iter().filter(meant) {
            let meta = &object["metadata"];
            now.insert((text(&meta["namespace"]), text(&meta["name"])), object);
        }
        let gone: Vec<Value> = self
            .seen
            .iter()
            .filter(|(key, _)| !now.contains_key(*key))
            .map(|(_, object)| object.clone())
            .collect();
        let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
        let changed = now.iter().filter(|(key, object)| {
            self.seen.get(*key).is_none_or(|before| version(before) != version(object))
        });
        let rows: Vec<Value> =
            gone.into_iter().chain(changed.map(|(_, object)| object.clone())).collect();
        self.seen = now;
        if rows.is_empty() {
            return;
        }
        let table = table(self.kind.kind, &rows, cluster.wall_clock(), &self.options);
        out.stdout.push_str(&table.text_from(self.headed, &mut self.widths));
        self.headed = true;
    }
}

impl Task for Watch {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        self.look(cluster, out);
        self.until.filter(|until| cluster.now() >= *until).map(|_| 0)
    }
    fn wakes_at(&self) -> Option<SimTime> {
        self.until
    }
    fn endless(&self) -> bool {
        true
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
