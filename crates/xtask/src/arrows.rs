//! Which file of a crate imports which, and the cycles among them.
//!
//! An import is a `use` of a path of the same crate, and a path that begins with `crate` or `super`. That a module
//! calls the modules which it declares is no import: a parent knows its children.

use std::collections::{BTreeMap, BTreeSet};

/// A module by its path, such as `["kubelet", "sync"]`; the crate's root is empty.
pub(crate) type Module = Vec<String>;

/// Files by module, and what each imports.
#[derive(Debug, Default)]
pub(crate) struct Arrows {
    edges: BTreeMap<Module, BTreeSet<Module>>,
}

impl Arrows {
    /// The arrows between files; each comes with its path below `src` and its text.
    pub(crate) fn of(files: &[(String, String)]) -> Self {
        let known: BTreeSet<Module> = files.iter().map(|(path, _)| module_of(path)).collect();
        let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (path, text) in files {
            let module = module_of(path);
            let found = imports(&module, text, &known);
            edges.entry(module).or_default().extend(found);
        }
        Self { edges }
    }

    /// Every arrow between two files.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Module, &Module)> {
        self.edges.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from, to)))
    }

    /// The arrows between the modules directly below the root, with how many files have each.
    pub(crate) fn between_tops(&self) -> BTreeMap<(String, String), usize> {
        let mut counted = BTreeMap::new();
        for (from, targets) in &self.edges {
            for to in targets {
                if let (Some(one), Some(other)) = (from.first(), to.first())
                    && one != other
                {
                    *counted.entry((one.clone(), other.clone())).or_default() += 1;
                }
            }
        }
        counted
    }

    /// The files of the largest cycle; empty without one.
    pub(crate) fn largest_cycle(&self) -> Vec<&Module> {
        let reach: BTreeMap<&Module, BTreeSet<&Module>> =
            self.edges.keys().map(|module| (module, self.reached(module))).collect();
        let cycle = |module: &Module| -> Vec<&Module> {
            let Some((own, mine)) = reach.get_key_value(module) else { return Vec::new() };
            let back = |other: &&&Module| reach.get(**other).is_some_and(|set| set.contains(*own));
            mine.iter().filter(back).copied().collect()
        };
        self.edges.keys().map(cycle).max_by_key(Vec::len).unwrap_or_default()
    }

    /// Everything that a file reaches by its imports.
    fn reached(&self, from: &Module) -> BTreeSet<&Module> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Module> = self.edges.get(from).into_iter().flatten().collect();
        while let Some(module) = open.pop() {
            if let Some((module, next)) = self.edges.get_key_value(module)
                && seen.insert(module)
            {
                open.extend(next);
            }
        }
        seen
    }
}

/// The module of a file below `src`.
fn module_of(path: &str) -> Module {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Module = path.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

fn imports(module: &Module, text: &str, known: &BTreeSet<Module>) -> BTreeSet<Module> {
    let code = without_comments(text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(text));
    let mut paths = Vec::new();
    let mut inline = String::new();
    for statement in code.split_inclusive(';') {
        match statement.rfind("use ").filter(|at| begins_a_use(statement, *at)) {
            Some(at) => paths.extend(leaves(statement[at + 4..].trim_end_matches(';'))),
            None => inline += statement,
        }
    }
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    paths.extend(
        inline
            .split(|c: char| !word(c))
            .filter(|path| path.starts_with("crate::") || path.starts_with("super::"))
            .map(str::to_owned),
    );
    let resolve = |path: &String| resolved(module, path, known);
    paths.iter().filter_map(resolve).filter(|found| found != module && !found.is_empty()).collect()
}

/// Whether the word at a place of a statement begins a `use`, not a name that ends so.
fn begins_a_use(statement: &str, at: usize) -> bool {
    statement[..at].lines().last().is_none_or(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with("pub")
    })
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The single paths of a `use`, however they are grouped.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or(tree).trim().to_owned()];
    };
    let body = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let (mut out, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let ends = body.char_indices().chain([(body.len(), ',')]);
    for (at, c) in ends {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let item = body.get(start..at).unwrap_or_default().trim();
                if !item.is_empty() {
                    out.extend(
                        leaves(item).into_iter().map(|leaf| [prefix.trim(), &leaf].concat()),
                    );
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    out
}

/// The file that a path leads to: the longest part of it that is one.
fn resolved(module: &Module, path: &str, known: &BTreeSet<Module>) -> Option<Module> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut here = match parts.next()? {
        "crate" => Module::new(),
        "self" => module.clone(),
        "super" => module.split_last()?.1.to_vec(),
        _ => return None,
    };
    while parts.next_if_eq(&"super").is_some() {
        here.pop();
    }
    for part in parts {
        here.push(part.to_owned());
        if !known.contains(&here) {
            here.pop();
            break;
        }
    }
    Some(here)
}

#[cfg(test)]
mod tests {
    use super::Arrows;

    fn arrows(files: &[(&str, &str)]) -> Arrows {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Arrows::of(&files.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn cycles_are_found_through_groups_and_inline_paths() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("a/mod.rs", "mod one;\nuse crate::{b::{self, Thing}, c};\nfn f() { one::f() }\n"),
            ("a/one.rs", "use super::two;\n"),
            ("a/two.rs", "// use crate::b;\nfn f() {}\n"),
            ("b.rs", "pub fn f() { crate::a::f() }\n"),
            ("c.rs", "#[cfg(test)]\nmod tests {}\nfn reuse () {}\n"),
        ];
        let found = arrows(&files);
        let names: Vec<String> = found.largest_cycle().iter().map(|m| m.join("/")).collect();
        assert_eq!(names, ["a", "b"]);
        let tops: Vec<String> =
            found.between_tops().keys().map(|(from, to)| format!("{from}>{to}")).collect();
        assert_eq!(tops, ["a>b", "a>c", "b>a"]);
    }

    #[test]
    fn a_parent_may_know_its_children() {
        let files = [("x/mod.rs", "mod y;\nfn f() { y::g() }\n"), ("x/y.rs", "use super::T;\n")];
        assert!(arrows(&files).largest_cycle().is_empty());
    }
}
