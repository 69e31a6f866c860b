//! The floors of `core`: a file may import its own floor and those below it, and the components do not know each other.

use crate::arrows::{Arrows, Module};

/// Floors from the lowest to the highest, each with its modules. The longest path that fits decides, so that the state
/// of a component can lie below what the component does.
const FLOORS: [(&str, &[&str]); 6] = [
    (
        "words",
        &[
            "command",
            "conditions",
            "config",
            "ids",
            "limits",
            "queue",
            "random",
            "record",
            "resources",
            "version",
        ],
    ),
    (
        "state",
        &[
            "world",
            "apiserver/change",
            "apiserver/error",
            "apiserver/owned",
            "apiserver/store",
            "controllers/scaling/state",
            "controllers/state",
            "events/recorder",
            "faults/rules",
            "kubelet/agent",
            "kubelet/backoff",
            "kubelet/mounts",
            "kubelet/prober/worker",
            "kubelet/resizing",
            "kubelet/task",
            "kubelet/view",
            "kubelet/worker",
            "network/proxy",
            "runtime/answer",
            "runtime/instance",
            "runtime/log",
            "runtime/notice",
            "runtime/steps",
            "scheduler/state",
            "traffic/state",
        ],
    ),
    ("api", &["apiserver", "events", "faults"]),
    ("node", &["fit", "images", "network", "runtime", "volumes"]),
    ("components", &["controllers", "kubelet", "scheduler", "traffic"]),
    ("step", &["", "cluster", "holds", "impact", "step"]),
];

/// The floor whose modules do not know each other.
const APART: &str = "components";

/// The arrows that go up, or from one component to another.
pub(crate) fn broken(arrows: &Arrows) -> Vec<String> {
    let mut broken = Vec::new();
    for (from, to) in arrows.pairs() {
        let (Some((lower, below)), Some((upper, above))) = (floor_of(from), floor_of(to)) else {
            let module = if floor_of(from).is_none() { from } else { to };
            broken.push(format!("crate core: {} stands on no floor", module.join("/")));
            continue;
        };
        let arrow = format!("{} -> {}", from.join("/"), to.join("/"));
        if above > below {
            broken.push(format!("crate core: {arrow} goes up, from {lower} to {upper}"));
        } else if lower == APART && upper == APART && from.first() != to.first() {
            broken.push(format!("crate core: {arrow}: {APART} do not know each other"));
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// The floor of a module: its name, and its number from below.
fn floor_of(module: &Module) -> Option<(&'static str, usize)> {
    (0..=module.len()).rev().find_map(|length| {
        let path = module.get(..length)?.join("/");
        let at = FLOORS.iter().position(|(_, modules)| modules.contains(&&*path))?;
        FLOORS.get(at).map(|(name, _)| (*name, at)).filter(|_| length > 0 || module.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::broken;
    use crate::arrows::Arrows;

    #[test]
    fn arrows_go_down() {
        let table = [
            ("kubelet/sync.rs", "use crate::runtime::exec;", None),
            ("runtime/exec.rs", "use crate::runtime::process;", None),
            ("runtime/exec.rs", "use crate::kubelet::worker;", None),
            ("runtime/exec.rs", "use crate::kubelet::sync;", Some("goes up")),
            ("kubelet/worker.rs", "use crate::kubelet::sync;", Some("goes up")),
            ("kubelet/sync.rs", "use crate::scheduler::place;", Some("do not know each other")),
            ("kubelet/sync.rs", "use crate::step;", Some("goes up")),
            ("novel.rs", "use crate::ids;", Some("stands on no floor")),
        ];
        let known = [
            "ids.rs",
            "kubelet/mod.rs",
            "runtime/mod.rs",
            "scheduler/mod.rs",
            "kubelet/sync.rs",
            "kubelet/worker.rs",
            "runtime/exec.rs",
            "runtime/process.rs",
            "scheduler/place.rs",
            "step.rs",
        ];
        for (path, text, expected) in table {
            let others = known.iter().filter(|other| **other != path);
            let files: Vec<(String, String)> = others
                .map(|other| ((*other).to_owned(), String::new()))
                .chain([(path.to_owned(), text.to_owned())])
                .collect();
            let found = broken(&Arrows::of(&files));
            match expected {
                None => assert!(found.is_empty(), "{path} {text}: {found:?}"),
                Some(words) => assert!(
                    found.len() == 1 && found.iter().all(|line| line.contains(words)),
                    "{path} {text}: {found:?}"
                ),
            }
        }
    }
}
