//! Completion of a half-typed line: verbs, kinds, names, containers, flags.

use crate::commands::{ROLLOUT, SET, VERBS, generate};
use crate::flags;
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

/// The half-typed line apart.
struct Typed<'a> {
    /// Words that are no flags, without kubectl itself.
    plain: Vec<&'a str>,
    /// The word before the last one.
    before: &'a str,
    /// The last word.
    last: &'a str,
    /// The namespace that is asked, where one is.
    namespace: &'a str,
}

/// Completes the last word of a line that begins with `kubectl`, `k` or without; `namespace` is the one that is
/// meant where the line names none.
pub fn complete(line: &str, cluster: &Cluster, namespace: &str) -> Completion {
    let start = line
        .rfind(|c: char| c.is_whitespace() || c == '|')
        .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
    let (before, last) = line.split_at(start);
    let mut words: Vec<&str> = before.split_whitespace().collect();
    let prompted = words.iter().take_while(|word| matches!(**word, "kubectl" | "k")).count();
    words.drain(..prompted);
    // What follows two dashes, or a bar, is no longer kubectl's.
    if words.iter().any(|word| *word == "--" || word.contains('|')) {
        return Completion { start, words: Vec::new() };
    }
    let asked = words.windows(2).find(|pair| matches!(pair[0], "-n" | "--namespace"));
    let joined = words.iter().find_map(|word| word.strip_prefix("--namespace="));
    let typed = Typed {
        before: words.last().copied().unwrap_or_default(),
        last,
        namespace: asked.map(|pair| pair[1]).or(joined).unwrap_or(namespace),
        plain: plain(&words),
    };
    let mut found = candidates(&typed, cluster);
    found.retain(|word| word.starts_with(last));
    found.sort();
    found.dedup();
    Completion { start, words: found }
}

/// The words that are neither flags nor the values of flags.
fn plain<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let takes = |word: &str| {
        matches!(
            word,
            "-n" | "--namespace" | "-o" | "--output" | "-c" | "--container" | "-l" | "-f"
        )
    };
    let mut plain = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if takes(word) && !(*word == "-f" && plain.first() == Some(&"logs")) {
            rest.next();
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    plain
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn candidates(typed: &Typed<'_>, cluster: &Cluster) -> Vec<String> {
    let plain = typed.plain.as_slice();
    if typed.last.starts_with('-') {
        let command = match plain {
            [group @ ("rollout" | "set" | "create"), what, ..] => format!("{group} {what}"),
            _ => plain.first().copied().unwrap_or_default().to_owned(),
        };
        return flags::long_names(&command);
    }
    match typed.before {
        "-n" | "--namespace" => return names(cluster, "Namespace", None, ""),
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
        "-c" | "--container" => return containers(cluster, typed),
        "-f" if plain.first() != Some(&"logs") => return owned(&["-"]),
        "--filename" => return owned(&["-"]),
        _ => {}
    }
    let rest = match plain {
        [] => return owned(VERBS),
        ["rollout"] => return owned(ROLLOUT),
        ["set"] => return owned(SET),
        ["create"] => return owned(generate::KINDS),
        ["create" | "run", ..] => return Vec::new(),
        ["rollout" | "set", _, rest @ ..] | [_, rest @ ..] => rest,
    };
    named(typed, rest, cluster)
}

/// Kinds and names: `deploy/we`, `deploy we`, a pod where only pods are meant.
fn named(typed: &Typed<'_>, rest: &[&str], cluster: &Cluster) -> Vec<String> {
    let here = Some(typed.namespace);
    if let Some((kind, _)) = typed.last.split_once('/') {
        return lookup(kind)
            .map(|known| names(cluster, known.kind, here, &format!("{kind}/")))
            .unwrap_or_default();
    }
    match (typed.plain.first().copied().unwrap_or_default(), rest.first()) {
        ("logs" | "exec" | "debug", None) => names(cluster, "Pod", here, ""),
        ("logs", Some(_)) => containers(cluster, typed),
        ("exec" | "debug", Some(_)) => Vec::new(),
        ("cordon" | "uncordon" | "drain", _) => names(cluster, "Node", None, ""),
        (_, None) => kinds(cluster),
        (_, Some(kind)) => {
            lookup(kind).map(|known| names(cluster, known.kind, here, "")).unwrap_or_default()
        }
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

/// The names of a kind's objects; those of a namespace, if the kind has any.
fn names(cluster: &Cluster, kind: &str, namespace: Option<&str>, prefix: &str) -> Vec<String> {
    let mut objects = namespace.map(|name| cluster.list(kind, Some(name))).unwrap_or_default();
    if objects.is_empty() {
        let everywhere = cluster.list(kind, None);
        let free = |object: &podplay_api::Value| object["metadata"].get("namespace").is_none();
        objects =
            everywhere.into_iter().filter(|object| namespace.is_none() || free(object)).collect();
    }
    objects
        .iter()
        .filter_map(|object| object["metadata"]["name"].as_str())
        .map(|name| format!("{prefix}{name}"))
        .collect()
}

/// The containers of the pod that the line names.
fn containers(cluster: &Cluster, typed: &Typed<'_>) -> Vec<String> {
    let of = |word: &&str| {
        let name = word.strip_prefix("pod/").or_else(|| word.strip_prefix("po/")).unwrap_or(word);
        let pod = cluster
            .pods()
            .find(|pod| pod.meta.name == name && pod.meta.namespace == typed.namespace)?;
        Some(pod.spec.all_containers().map(|container| container.name.clone()).collect())
    };
    typed.plain.iter().find_map(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::complete;
    use podplay_api::json;
    use podplay_core::{Cluster, Command, Config, Profile};

    #[test]
    fn what_a_half_typed_line_can_become() {
        let mut cluster = Cluster::new(Config::new(0, Profile::Recorded));
        let pod = |namespace: &str, name: &str| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
                "spec": {"containers": [{"name": "app", "image": "nginx"}, {"name": "log", "image": "busybox"}]}})
        };
        let shop = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
        for object in [shop, pod("default", "web-1"), pod("default", "web-2"), pod("shop", "cart")]
        {
            cluster.apply(Command::Create(object)).expect("created");
        }
        let table = [
            ("ge", "get"),
            ("kubectl de", "debug delete describe"),
            ("k rollout st", "status"),
            ("get po", "poddisruptionbudgets pods po"),
            ("get pods we", "web-1 web-2"),
            ("get pods -o wide web-1 web-", "web-1 web-2"),
            ("describe pod/web-", "pod/web-1 pod/web-2"),
            ("logs ", "web-1 web-2"),
            ("logs -f w", "web-1 web-2"),
            ("logs web-1 ", "app log"),
            ("logs web-1 -c l", "log"),
            ("exec -n shop ", "cart"),
            ("get pods -n s", "shop"),
            ("get pods --wat", "--watch --watch-only"),
            ("delete pod --gra", "--grace-period="),
            ("rollout undo --to", "--to-revision="),
            ("get pods -o js", "json jsonpath="),
            ("drain no", "node01"),
            ("exec web-1 -- ca", ""),
            ("get pods | gr", ""),
            ("nope x", ""),
        ];
        for (line, expected) in table {
            let mut found = complete(line, &cluster, "default").words;
            let mut expected: Vec<&str> = expected.split_whitespace().collect();
            expected.sort_unstable();
            found.sort();
            assert_eq!(found, expected, "{line}");
        }
    }
}
