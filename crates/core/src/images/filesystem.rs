//! The file systems of images: a base, and what the image adds and lacks.

use super::catalogue::Image;
use super::fields::{Fields, texts};
use super::program::Program;
use podplay_shell::{Fs, Inode, Kind, Tools, Tree, tool_names};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

/// What an image's entry says of its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    base: String,
    /// Directories that programs are put in, and their names.
    programs: Vec<(String, String)>,
    lacks: Vec<String>,
    /// Paths with `mode owner`, owner as `uid` or `uid:gid`.
    dirs: Vec<(String, String)>,
    files: Vec<(String, String)>,
    links: Vec<(String, String)>,
    users: Vec<String>,
    /// VOLUME: the runtime gives each of them a directory of the node.
    volumes: Vec<String>,
}

impl Files {
    /// Whether the entry itself brings a program of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.programs.iter().any(|(_, own)| own == name)
    }
    /// Directories that stay writable whatever the root file system is.
    pub(crate) fn volumes(&self) -> &[String] {
        &self.volumes
    }
}

/// A file system that was built.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) tree: Tree,
    pub(crate) tools: Tools,
}

impl Files {
    pub(crate) fn read(entry: &Value) -> Self {
        let fields = Fields(entry);
        let mut programs: Vec<(String, String)> = Vec::new();
        for (path, _) in fields.map("programs") {
            let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
            programs.push((dir.to_owned(), name.to_owned()));
        }
        for (dir, names) in fields.map("has") {
            for name in texts(names).iter().flat_map(|text| text.split_whitespace()) {
                programs.push((dir.clone(), name.to_owned()));
            }
        }
        Self {
            base: fields.text("base").to_owned(),
            programs,
            lacks: fields.words("lacks"),
            dirs: {
                let workdir = fields.text("workdir").to_owned();
                let mut dirs = fields.pairs("dirs");
                if !workdir.is_empty() && !dirs.iter().any(|(path, _)| *path == workdir) {
                    dirs.push((workdir, String::new()));
                }
                for volume in fields.list("volumes") {
                    if !dirs.iter().any(|(path, _)| *path == volume) {
                        dirs.push((volume, String::new()));
                    }
                }
                dirs
            },
            files: fields.pairs("files"),
            links: fields.pairs("links"),
            users: fields.list("users"),
            volumes: fields.list("volumes"),
        }
    }
}

/// A base: a distribution as its images have it.
struct Base {
    tree: Tree,
    tools: Tools,
}

static BASES: LazyLock<BTreeMap<&'static str, (&'static str, OnceLock<Base>)>> =
    LazyLock::new(|| {
        let text = include_str!(concat!(env!("OUT_DIR"), "/bases.jsonl"));
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, json)| (name, (json, OnceLock::new())))
            .collect()
    });

fn base(name: &str) -> Option<&'static Base> {
    let (json, built) = BASES.get(name)?;
    Some(built.get_or_init(|| {
        let entry: Value = serde_json::from_str(json).unwrap_or_default();
        let fields = Fields(&entry);
        let parent = base(fields.text("base"));
        let mut tree = parent.map_or_else(Tree::skeleton, |parent| parent.tree.clone());
        let tools = match fields.text("tools") {
            "busybox" => Tools::Busybox,
            "debian" => Tools::Debian,
            "redhat" => Tools::RedHat,
            "none" => Tools::None,
            _ => parent.map_or(Tools::None, |parent| parent.tools),
        };
        let files = Files::read(&entry);
        put_all(&mut tree, &files, &BTreeMap::new());
        Base { tree: tree.freeze(), tools }
    }))
}

/// The file system of an image that the catalogue knows; without one, of an image that may be anything.
pub(crate) fn of(image: Option<&Image>) -> Built {
    let build = |files: &Files, programs: &BTreeMap<String, Program>| {
        let base = base(&files.base).or_else(|| base("unknown"));
        let Some(base) = base else {
            return Built { tree: Tree::skeleton(), tools: Tools::None };
        };
        let mut tree = base.tree.clone();
        put_all(&mut tree, files, programs);
        Built { tree: tree.freeze(), tools: base.tools }
    };
    match image {
        Some(image) => image.tree.get_or_init(|| build(&image.files, &image.programs)).clone(),
        None => {
            static UNKNOWN: OnceLock<Built> = OnceLock::new();
            UNKNOWN.get_or_init(|| build(&Files::default(), &BTreeMap::new())).clone()
        }
    }
}

/// A container's file system.
pub(crate) fn fs(built: &Built) -> Fs {
    Fs::of(built.tree.clone())
}

fn put_all(tree: &mut Tree, files: &Files, programs: &BTreeMap<String, Program>) {
    for (path, target) in &files.links {
        remove(tree, path);
        put(tree, path, Inode::new(Kind::Link(target.clone()), 0o777));
    }
    for (path, how) in &files.dirs {
        make_dir(tree, path, how);
    }
    for (dir, name) in &files.programs {
        add_program(tree, dir, name, programs.get(name));
    }
    for (path, text) in &files.files {
        put(tree, &resolve(tree, path), Inode::file(text.as_bytes(), 0o644));
    }
    for name in &files.lacks {
        for dir in BIN {
            remove(tree, &format!("{dir}/{name}"));
        }
    }
    for line in &files.users {
        add_user(tree, line);
    }
}

/// Where programs are.
const BIN: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

fn put(tree: &mut Tree, path: &str, node: Inode) {
    // Paths of the catalogue lie below existing directories: this cannot fail.
    let _ = tree.put(path, node);
}

/// The path with links among its first directories followed, as far as those of merged `/usr` go.
fn resolve(tree: &Tree, path: &str) -> String {
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let (first, rest) = (parts.next().unwrap_or_default(), parts.next());
    let link = tree.find(first).and_then(|ino| tree.get(ino)).map(|node| &node.kind);
    match (link, rest) {
        (Some(Kind::Link(target)), Some(rest)) => {
            format!("/{}/{rest}", target.trim_start_matches('/'))
        }
        _ => path.to_owned(),
    }
}

fn remove(tree: &mut Tree, path: &str) {
    let path = resolve(tree, path);
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", &path));
    if let Some(dir) = tree.find(dir) {
        let _ = tree.unlink(dir, name, false);
    }
}

fn make_dir(tree: &mut Tree, path: &str, how: &str) {
    let path = resolve(tree, path);
    let Ok(ino) = tree.make_dirs(&path, 0o755) else { return };
    let Some(node) = tree.get_mut(ino) else { return };
    for word in how.split_whitespace() {
        match word.strip_prefix('0') {
            Some(mode) if !mode.is_empty() => {
                node.mode = u16::from_str_radix(mode, 8).unwrap_or(0o755);
            }
            _ => {
                let (uid, gid) = word.split_once(':').unwrap_or((word, word));
                (node.uid, node.gid) = (uid.parse().unwrap_or(0), gid.parse().unwrap_or(0));
            }
        }
    }
}

/// A program in a directory; `*` stands for all tools that the shell plays.
fn add_program(tree: &mut Tree, dir: &str, name: &str, program: Option<&Program>) {
    let dir = if dir.is_empty() { "/usr/local/bin" } else { dir };
    if name == "*" {
        for name in tool_names() {
            add_program(tree, dir, name, None);
        }
        return;
    }
    let content: &[u8] = match program {
        Some(Program::Script(text)) => text.as_bytes(),
        _ => b"\x7fELF",
    };
    put(tree, &resolve(tree, &format!("{dir}/{name}")), Inode::file(content, 0o755));
}

/// A line `name:uid:gid:home:shell` becomes a user and a group.
fn add_user(tree: &mut Tree, line: &str) {
    let mut parts = line.split(':');
    let mut next = |default: &'static str| parts.next().unwrap_or(default).to_owned();
    let (name, uid) = (next("user"), next("1000"));
    let (gid, home, shell) = (next(""), next("/"), next("/usr/sbin/nologin"));
    let gid = if gid.is_empty() { uid.clone() } else { gid };
    append(tree, "/etc/passwd", &format!("{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n"));
    append(tree, "/etc/group", &format!("{name}:x:{gid}:\n"));
}

fn append(tree: &mut Tree, path: &str, line: &str) {
    let old = tree.find(path).and_then(|ino| tree.get(ino));
    let mut text = match old.map(|node| &node.kind) {
        Some(Kind::File(rope)) => rope.to_vec(),
        _ => Vec::new(),
    };
    text.extend(line.as_bytes());
    put(tree, path, Inode::file(&text, 0o644));
}
