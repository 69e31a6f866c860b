//! Completion of a half-typed line: verbs, kinds, names, containers.

use crate::commands::{ROLLOUT, SET, VERBS, generate};
use crate::resources::{lookup, short_names};
use podplay_core::Cluster;
use podplay_manifest::schema::all_kinds;

/// What a line can be completed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word that is completed begins, in bytes.
    pub start: usize,
    /// The words that it can become, sorted.
    pub words: Vec<String>,
}

/// Completes the last word of a line that begins with `kubectl` or without.
pub fn complete(line: &str, cluster: &Cluster) -> Completion {
    let start = line
        .rfind(|c: char| c.is_whitespace())
        .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
    let (before, typed) = line.split_at(start);
    let mut words: Vec<&str> = before.split_whitespace().collect();
    if words.first() == Some(&"kubectl") {
        words.remove(0);
    }
    let flag = words.last().copied().unwrap_or_default();
    let plain: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let mut found = candidates(&plain, flag, typed, cluster);
    found.retain(|word| word.starts_with(typed));
    found.sort();
    found.dedup();
    Completion { start, words: found }
}

fn candidates(plain: &[&str], flag: &str, typed: &str, cluster: &Cluster) -> Vec<String> {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    if typed.starts_with('-') {
        return owned(&[
            "--all",
            "--all-namespaces",
            "--force",
            "--grace-period=",
            "--namespace=",
            "--output=",
            "--selector=",
            "--watch",
            "--timeout=",
        ]);
    }
    match flag {
        "-n" | "--namespace" => return names(cluster, "Namespace", ""),
        "-o" | "--output" => {
            return owned(&[
                "json",
                "yaml",
                "name",
                "wide",
                "jsonpath=",
                "custom-columns=",
                "go-template=",
            ]);
        }
        "-c" | "--container" => return containers(cluster, plain),
        "-f" | "--filename" => return vec!["-".to_owned()],
        _ => {}
    }
    let rest = match plain {
        [] => return owned(VERBS),
        ["rollout"] => return owned(ROLLOUT),
        ["set"] => return owned(SET),
        ["create"] => return owned(generate::KINDS),
        ["rollout" | "set", _, rest @ ..] => rest,
        ["logs" | "exec" | "debug", rest @ ..] => {
            return if rest.is_empty() { names(cluster, "Pod", "") } else { Vec::new() };
        }
        ["cordon" | "uncordon" | "drain", ..] => return names(cluster, "Node", ""),
        [_, rest @ ..] => rest,
    };
    if let Some((kind, _)) = typed.split_once('/') {
        return lookup(kind)
            .map(|known| names(cluster, known.kind, &format!("{kind}/")))
            .unwrap_or_default();
    }
    match rest.first() {
        None => kinds(cluster),
        Some(kind) => lookup(kind).map(|known| names(cluster, known.kind, "")).unwrap_or_default(),
    }
}

fn kinds(cluster: &Cluster) -> Vec<String> {
    let present = cluster.kinds();
    let known =
        all_kinds().filter(|kind| kind.simulated || present.iter().any(|name| name == kind.kind));
    known
        .flat_map(|kind| {
            [kind.plural.to_owned()]
                .into_iter()
                .chain(short_names(&kind).iter().map(|&short| short.to_owned()))
        })
        .collect()
}

fn names(cluster: &Cluster, kind: &str, prefix: &str) -> Vec<String> {
    let objects = cluster.list(kind, None);
    objects
        .iter()
        .filter_map(|object| object["metadata"]["name"].as_str())
        .map(|name| format!("{prefix}{name}"))
        .collect()
}

fn containers(cluster: &Cluster, plain: &[&str]) -> Vec<String> {
    let of = |name: &str| {
        cluster
            .pods()
            .find(|pod| pod.meta.name == name)
            .map(|pod| pod.spec.all_containers().map(|container| container.name.clone()).collect())
    };
    plain.iter().find_map(|word| of(word)).unwrap_or_default()
}
