//! Kinds by the names that people type, and the objects that a command line names.
//!
//! Models `cli-runtime/pkg/resource/builder.go`.

use crate::cx::Cx;
use crate::failure::Failure;
use crate::selector::Selector;
use podplay_api::Value;
use podplay_manifest::schema::{KindInfo, all_kinds, find_kind};

/// Short names by plural.
const SHORT: &[(&str, &[&str])] = &[
    ("pods", &["po"]),
    ("services", &["svc"]),
    ("configmaps", &["cm"]),
    ("namespaces", &["ns"]),
    ("nodes", &["no"]),
    ("replicationcontrollers", &["rc"]),
    ("resourcequotas", &["quota"]),
    ("limitranges", &["limits"]),
    ("serviceaccounts", &["sa"]),
    ("persistentvolumes", &["pv"]),
    ("persistentvolumeclaims", &["pvc"]),
    ("endpoints", &["ep"]),
    ("events", &["ev"]),
    ("deployments", &["deploy"]),
    ("replicasets", &["rs"]),
    ("statefulsets", &["sts"]),
    ("daemonsets", &["ds"]),
    ("cronjobs", &["cj"]),
    ("poddisruptionbudgets", &["pdb"]),
    ("horizontalpodautoscalers", &["hpa"]),
    ("priorityclasses", &["pc"]),
    ("ingresses", &["ing"]),
    ("networkpolicies", &["netpol"]),
    ("storageclasses", &["sc"]),
    ("certificatesigningrequests", &["csr"]),
    ("customresourcedefinitions", &["crd", "crds"]),
];

/// What `all` stands for.
const ALL: &[&str] = &[
    "Pod",
    "ReplicationController",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "CronJob",
    "Job",
];

/// The short names of a kind.
pub(crate) fn short_names(kind: &KindInfo) -> &'static [&'static str] {
    SHORT.iter().find(|(plural, _)| *plural == kind.plural).map_or(&[], |(_, short)| short)
}

/// The kind of that name in the version that clusters prefer.
pub(crate) fn kind_of(kind: &str) -> Option<KindInfo> {
    all_kinds().find(|known| known.kind == kind)
}

/// The kind that a word names: `po`, `Pods`, `deployments.apps`, `deployment.v1.apps`.
pub(crate) fn lookup(word: &str) -> Result<KindInfo, Failure> {
    let lower = word.to_ascii_lowercase();
    let (name, group) =
        lower.split_once('.').map_or((lower.as_str(), None), |(name, group)| (name, Some(group)));
    let named = |kind: &KindInfo| {
        kind.plural == name
            || kind.kind.to_ascii_lowercase() == name
            || short_names(kind).contains(&name)
    };
    let fits = |kind: &KindInfo| match group {
        None => true,
        Some(group) => {
            group == kind.group() || group == format!("{}.{}", kind.version(), kind.group())
        }
    };
    let unknown = || {
        let shown = group.map_or(word, |_| name);
        Failure::error(format!("the server doesn't have a resource type \"{shown}\""))
    };
    all_kinds()
        .filter(|kind| group.is_none_or(|group| !group.is_empty()) && fits(kind))
        .find(named)
        .ok_or_else(unknown)
}

/// The kinds of a list such as `deploy,svc` or `all`.
pub(crate) fn lookup_all(words: &str) -> Result<Vec<KindInfo>, Failure> {
    let mut kinds: Vec<KindInfo> = Vec::new();
    for word in words.split(',').filter(|word| !word.is_empty()) {
        let found: Vec<KindInfo> = if word == "all" {
            ALL.iter().filter_map(|kind| kind_of(kind)).collect()
        } else {
            vec![lookup(word)?]
        };
        for kind in found {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    Ok(kinds)
}

/// One object, or one that should be there.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) kind: KindInfo,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The object as stored.
    pub(crate) object: Value,
}

impl Target {
    /// `pod/web`, `deployment.apps/web`.
    pub(crate) fn printed(&self) -> String {
        format!("{}/{}", self.kind.printed(), self.name)
    }
    /// `pods/web`, as messages about an object name it.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.kind.plural, self.name)
    }
    /// The target of an object.
    pub(crate) fn of(object: Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = find_kind(object["apiVersion"].as_str()?, object["kind"].as_str()?)?;
        let (namespace, name) =
            (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
        Some(Self { kind, namespace, name, object })
    }
}

/// What a command line names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// What was found, in order.
    pub(crate) targets: Vec<Target>,
    /// What was not.
    pub(crate) failures: Vec<Failure>,
    /// Kinds that were asked for as a whole.
    pub(crate) kinds: Vec<KindInfo>,
    /// Whether single objects were named.
    pub(crate) single: bool,
    /// Whether more than one kind may occur.
    pub(crate) several_kinds: bool,
}

/// How words are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// A kind without names stands for all its objects, as in `get`.
    pub(crate) kind_alone: bool,
    /// Objects that are not there are left out silently.
    pub(crate) ignore_missing: bool,
}

/// The objects that the words and flags of a command name.
pub(crate) fn named(cx: &Cx, words: &[String], rules: Rules) -> Result<Named, Failure> {
    let files = cx.flags.list("filename");
    if !files.is_empty() {
        return from_files(cx, rules);
    }
    let selector = Selector::of(&cx.flags)?;
    let with_slash = words.iter().any(|word| word.contains('/'));
    if with_slash {
        return by_path(cx, words, rules, &selector);
    }
    let Some((first, names)) = words.split_first() else { return Ok(Named::default()) };
    let kinds = lookup_all(first)?;
    if !names.is_empty() {
        if selector.is_some() || cx.flags.on("all") {
            return Err(Failure::error("name cannot be provided when a selector is specified"));
        }
        if cx.all_namespaces() {
            return Err(Failure::error(
                "a resource cannot be retrieved by name across all namespaces",
            ));
        }
        let pairs: Vec<(KindInfo, &String)> =
            kinds.iter().flat_map(|kind| names.iter().map(|name| (*kind, name))).collect();
        let mut found = by_name(cx, &pairs, rules);
        found.several_kinds = kinds.len() > 1;
        return Ok(found);
    }
    if !rules.kind_alone && selector.is_none() && !cx.flags.on("all") {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let mut found = Named {
        several_kinds: kinds.len() > 1 || first.as_str() == "all",
        kinds: kinds.clone(),
        ..Named::default()
    };
    for kind in kinds {
        match cx.list(&kind, selector.as_ref()) {
            Ok(objects) => found.targets.extend(objects.into_iter().filter_map(Target::of)),
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}

fn by_path(
    cx: &Cx,
    words: &[String],
    rules: Rules,
    selector: &Option<Selector>,
) -> Result<Named, Failure> {
    let mut pairs = Vec::new();
    for word in words {
        let Some((kind, name)) = word.split_once('/') else {
            return Err(Failure::error(
                "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
            ));
        };
        if name.contains('/') {
            return Err(Failure::error(
                "arguments in resource/name form may not have more than one slash",
            ));
        }
        if kind.is_empty() || name.is_empty() {
            return Err(Failure::error(
                "arguments in resource/name form must have a single resource and name",
            ));
        }
        pairs.push((lookup(kind)?, name.to_owned()));
    }
    if selector.is_some() {
        return Err(Failure::error(
            "selectors and the all flag cannot be used when passing resource/name arguments",
        ));
    }
    let pairs: Vec<(KindInfo, &String)> = pairs.iter().map(|(kind, name)| (*kind, name)).collect();
    let mut found = by_name(cx, &pairs, rules);
    found.several_kinds = pairs.iter().any(|(kind, _)| *kind != pairs[0].0);
    Ok(found)
}

fn by_name(cx: &Cx, pairs: &[(KindInfo, &String)], rules: Rules) -> Named {
    let mut found = Named { single: true, ..Named::default() };
    for (kind, name) in pairs {
        match cx.get(kind, name) {
            Ok(target) => found.targets.push(target),
            Err(_) if rules.ignore_missing => {}
            Err(failure) => found.failures.push(failure),
        }
    }
    found
}

/// The live objects of the files given with `-f`.
fn from_files(cx: &Cx, rules: Rules) -> Result<Named, Failure> {
    let mut found = Named { single: true, ..Named::default() };
    let texts = cx.texts()?;
    for text in texts {
        let (infos, failures) = crate::apply::infos(cx, &text);
        found.failures.extend(failures.into_iter().map(Failure::error));
        for info in infos {
            match cx.get_in(&info.kind, &info.namespace, &info.name) {
                Ok(target) => found.targets.push(target),
                Err(_) if rules.ignore_missing => {}
                Err(mut failure) => {
                    if cx.command == "delete" {
                        failure.message = failure.message.replacen(
                            "): ",
                            &format!("): error when deleting \"{}\": ", text.shown),
                            1,
                        );
                    }
                    found.failures.push(failure);
                }
            }
        }
    }
    found.several_kinds = found.targets.iter().any(|target| target.kind != found.targets[0].kind);
    Ok(found)
}
