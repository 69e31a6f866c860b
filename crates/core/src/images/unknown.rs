//! What nobody can know from the text: what an unknown program has written into a volume, and what an unknown image
//! brings along.

use crate::ids::{ContainerIx, Uid};
use crate::kubelet::worker::Worker;
use crate::runtime::PodHost;
use crate::world::World;
use podplay_api::{Container, Topic, Volume, VolumeMount};
use podplay_shell::Userland;

/// The annotation of objects that are assumed.
const ASSUMED: &str = "podplay.dev/assumed";

/// Programs that bring what the text does not have, be the image known or not.
const BRINGERS: &[&str] = &[
    "git", "hg", "svn", "curl", "wget", "aws", "gsutil", "gcloud", "az", "rclone", "s3cmd", "mc",
    "rsync", "scp", "oras", "crane", "helm", "vault", "npm", "yarn", "pnpm", "pip", "pip3", "mvn",
    "gradle", "composer", "bundle", "go", "make", "unzip", "tar", "openssl", "cfssl", "keytool",
];

/// Whether nobody can know what a path of a container holds: it lies in a volume that an unknown program may have
/// written to, or whose content is assumed.
pub(crate) fn may_be_filled(world: &World, uid: Uid, ix: ContainerIx, path: &str) -> bool {
    let helpful = world.config.assume.has(Topic::Images);
    let Some(worker) = world.workers.get(&uid).filter(|_| helpful) else { return false };
    let Some(own) = worker.spec(ix) else { return false };
    let above = own.volume_mounts.iter().filter(|mount| below(path, &mount.mount_path));
    let Some(mount) = above.max_by_key(|mount| mount.mount_path.len()) else { return false };
    let volume = worker.pod.spec.volumes.iter().find(|volume| volume.name == mount.name);
    volume.is_some_and(|volume| {
        is_assumed(world, &worker.pod.meta.namespace, volume)
            || written_by_unknown(worker, ix, &mount.name)
            || shared_claim(world, worker, volume)
    })
}

/// Whether a container has a volume with files of which nobody knows what they say.
pub(super) fn has_unknown_files(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    let Some(spec) = world.workers.get(&uid).and_then(|worker| worker.spec(ix)) else {
        return false;
    };
    let claimed = |mount: &VolumeMount| {
        let worker = world.workers.get(&uid);
        let volumes = worker.into_iter().flat_map(|worker| &worker.pod.spec.volumes);
        let mut named = volumes.filter(|volume| volume.name == mount.name);
        named.any(|volume| volume.persistent_volume_claim.is_some() || volume.host_path.is_some())
    };
    let mut mounts = spec.volume_mounts.iter().filter(|mount| !claimed(mount));
    mounts.any(|mount| may_be_filled(world, uid, ix, &mount.mount_path))
}

/// Whether a path is a directory or lies in it.
fn below(path: &str, dir: &str) -> bool {
    let dir = dir.trim_end_matches('/');
    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether what a volume is made of is not in the text.
fn is_assumed(world: &World, namespace: &str, volume: &Volume) -> bool {
    let object = |kind: &str, name: &str| {
        let found = world.store.resource(kind, namespace, name);
        found.is_some_and(|object| object.meta.annotations.contains_key(ASSUMED))
    };
    if let Some(source) = &volume.config_map {
        return object("ConfigMap", &source.name);
    }
    if let Some(source) = &volume.secret {
        return object("Secret", &source.secret_name);
    }
    if let Some(source) = &volume.persistent_volume_claim {
        return object("PersistentVolumeClaim", &source.claim_name);
    }
    if let Some(projected) = &volume.projected {
        return projected.sources.iter().any(|source| {
            source.config_map.as_ref().is_some_and(|of| object("ConfigMap", &of.name))
                || source.secret.as_ref().is_some_and(|of| object("Secret", &of.name))
        });
    }
    if let Some(source) = &volume.host_path {
        // What is created is empty.
        return !source.kind.ends_with("OrCreate");
    }
    // Storage of other machines, and of drivers.
    volume.empty_dir.is_none() && volume.downward_api.is_none()
}

/// Whether a container that came before or runs beside may have written there what nobody knows.
fn written_by_unknown(worker: &Worker, ix: ContainerIx, name: &str) -> bool {
    let first = worker.is_init(ix) && !worker.is_sidecar(ix);
    let others = worker.pod.spec.all_containers().enumerate();
    let mut others = others.filter(|(n, _)| {
        let n = u16::try_from(*n).unwrap_or(u16::MAX);
        n != ix && (!first || n < ix)
    });
    others.any(|(_, other)| brings(other) && writes_to(other, name))
}

fn writes_to(container: &Container, name: &str) -> bool {
    container.volume_mounts.iter().any(|mount| mount.name == name && !mount.read_only)
}

/// Whether what a container runs may write what the text does not say.
fn brings(container: &Container) -> bool {
    let words = || container.command.iter().chain(&container.args);
    super::find(&container.image).is_none()
        || super::find(&container.image).is_some_and(|image| {
            words().next().is_none()
                && image.entrypoint.first().is_some_and(|word| BRINGERS.contains(&word.as_str()))
        })
        || words()
            .flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'))
            .any(|word| BRINGERS.contains(&word))
}

/// Whether another pod, of which nobody knows what it runs, writes to the same claim.
fn shared_claim(world: &World, own: &Worker, volume: &Volume) -> bool {
    let Some(claim) = &volume.persistent_volume_claim else { return false };
    let same = |volume: &&Volume| {
        let of = volume.persistent_volume_claim.as_ref();
        of.is_some_and(|of| of.claim_name == claim.claim_name)
    };
    let others = world
        .workers
        .values()
        .filter(|other| other.uid != own.uid && other.pod.meta.namespace == own.pod.meta.namespace);
    others.into_iter().any(|other| {
        let spec = &other.pod.spec;
        spec.volumes.iter().find(same).is_some_and(|volume| {
            spec.all_containers().any(|other| brings(other) && writes_to(other, &volume.name))
        })
    })
}

/// Makes the files, directories and users that the container's own script takes for granted, where nobody knows
/// whether they are there: those of an unknown image, and those of volumes that an unknown program may have filled.
pub(crate) fn take_for_granted(own: &mut Userland, host: &mut PodHost<'_>, argv: &[String]) {
    if !host.world.config.assume.has(Topic::Images)
        || argv.first().is_none_or(|p| p == super::ENTRYPOINT)
    {
        return;
    }
    let unknown = super::find(&host.image).is_none();
    let worker = host.world.workers.get(&host.uid);
    let mounted = |path: &str| {
        let spec = worker.and_then(|worker| worker.spec(host.ix));
        let mounts = spec.into_iter().flat_map(|spec| &spec.volume_mounts);
        mounts.into_iter().any(|mount| below(path, &mount.mount_path))
    };
    let cwd = own.cwd().to_owned();
    let script = Script::of(argv, &cwd);
    let mut wanted = Vec::new();
    for (path, kind) in script.reads {
        let there = own.fs().exists(&host.volumes, &path).is_some();
        let may = if mounted(&path) {
            may_be_filled(host.world, host.uid, host.ix, &path)
        } else {
            unknown && !KERNEL.iter().any(|dir| below(&path, dir))
        };
        if may && !there && !script.writes.iter().any(|dir| below(&path, dir)) {
            wanted.push((path, kind));
        }
    }
    for (path, kind) in wanted {
        let (path, text) = match kind {
            Reads::File => (path, String::new()),
            Reads::Directory => (format!("{path}/assumed"), String::new()),
            Reads::Script => {
                (path, format!("exec '{}'\n", super::ENTRYPOINT.replace('\'', "'\\''")))
            }
        };
        let _ = own.fs_mut().write_file(&mut host.volumes, &path, text.as_bytes(), 0o755);
    }
    if unknown {
        add_users(own, host, &script.users);
    }
}

/// What the kernel shows, and what is empty at the start.
const KERNEL: [&str; 4] = ["/dev", "/proc", "/sys", "/tmp"];

fn add_users(own: &mut Userland, host: &mut PodHost<'_>, names: &[String]) {
    for file in ["/etc/passwd", "/etc/group"] {
        let bytes = own.fs().read_file(&host.volumes, file, 1 << 16).unwrap_or_default();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        let mut added = false;
        for name in names {
            if text.lines().any(|line| line.split(':').next() == Some(name)) {
                continue;
            }
            added = true;
            text += &match file {
                "/etc/passwd" => format!("{name}:x:1000:1000::/home/{name}:/bin/sh\n"),
                _ => format!("{name}:x:1000:\n"),
            };
        }
        if added {
            let _ = own.fs_mut().write_file(&mut host.volumes, file, text.as_bytes(), 0o644);
        }
    }
}

/// How a script uses something that it did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    File,
    Directory,
    /// It runs it with a shell.
    Script,
}

/// What a command line reads, writes and whom it names, as far as its words show.
#[derive(Debug, Default)]
struct Script {
    reads: Vec<(String, Reads)>,
    writes: Vec<String>,
    users: Vec<String>,
}

impl Script {
    fn of(argv: &[String], cwd: &str) -> Self {
        let mut found = Self::default();
        let shell = argv.first().is_some_and(|word| is_shell(word));
        match argv.iter().position(|word| word.starts_with('-') && word.ends_with('c')) {
            Some(at) if shell => {
                let text = argv.get(at + 1).map_or("", String::as_str);
                for command in commands(text) {
                    found.command(&command, cwd);
                }
            }
            _ => found.command(argv, cwd),
        }
        found
    }

    fn command(&mut self, words: &[String], cwd: &str) {
        let mut plain: Vec<&str> = Vec::new();
        let mut rest = words.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            match word {
                ">" | ">>" => self.writes.extend(rest.next().and_then(|word| path(word, cwd))),
                "<" => self
                    .reads
                    .extend(rest.next().and_then(|w| path(w, cwd)).map(|p| (p, Reads::File))),
                word => plain.push(word),
            }
        }
        while plain.first().is_some_and(|word| PREFIXES.contains(word) || word.contains('=')) {
            plain.remove(0);
        }
        let Some((name, args)) = plain.split_first() else { return };
        let name = name.rsplit('/').next().unwrap_or(name);
        let flags = args.iter().filter(|word| word.starts_with('-'));
        let deep =
            flags.clone().any(|word| !word.starts_with("--") && word.contains(['r', 'R', 'a']));
        let operands: Vec<&str> =
            args.iter().filter(|word| !word.starts_with('-')).copied().collect();
        self.named(name, args);
        let list =
            |words: &[&str]| words.iter().filter_map(|word| path(word, cwd)).collect::<Vec<_>>();
        let (kind, from, to): (Reads, &[&str], &[&str]) = match name {
            "cp" | "mv" | "install" | "rsync" => {
                let at = operands.len().saturating_sub(1);
                (Reads::File, &operands[..at], &operands[at..])
            }
            "cat" | "head" | "tail" | "less" | "more" | "source" | "." | "envsubst" | "base64" => {
                (Reads::File, &operands, &[])
            }
            "sed" | "grep" | "chmod" | "chown" | "awk" | "jq" => {
                (Reads::File, operands.get(1..).unwrap_or_default(), &[])
            }
            "tar" | "unzip" => (Reads::File, operands.get(..1).unwrap_or_default(), &[]),
            "cd" | "ls" => (Reads::Directory, &operands, &[]),
            "mkdir" | "touch" | "tee" => (Reads::File, &[], &operands),
            name if is_shell(name) => (Reads::Script, operands.get(..1).unwrap_or_default(), &[]),
            _ => return,
        };
        self.writes.extend(list(to));
        for (word, path) in from.iter().filter_map(|word| Some((*word, path(word, cwd)?))) {
            let bare = !path.rsplit('/').next().unwrap_or_default().contains('.');
            let whole = word.ends_with('/') || word.ends_with("/.") || (deep && bare);
            let kind = if whole && kind == Reads::File { Reads::Directory } else { kind };
            self.reads.push((path, kind));
        }
    }

    /// The users that a command names.
    fn named(&mut self, name: &str, args: &[&str]) {
        let value = |flag: &str| {
            let at = args.iter().position(|word| *word == flag)?;
            args.get(at + 1).copied()
        };
        let first = || args.iter().find(|word| !word.starts_with('-')).copied();
        let found = match name {
            "chown" => first(),
            "su-exec" | "gosu" => first(),
            // Options of `su` have values: the user is the first word that can be one.
            "su" => args.iter().copied().filter(|word| !word.starts_with('-')).find(|w| is_name(w)),
            "sudo" | "runuser" => value("-u"),
            _ => None,
        };
        let names = found.into_iter().flat_map(|word| word.split([':', '.']));
        self.users.extend(names.filter(|name| is_name(name)).map(str::to_owned));
    }
}

/// Whether a word can be the name of a user.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Words that stand before a command.
const PREFIXES: [&str; 13] = [
    "exec", "then", "do", "else", "if", "while", "until", "time", "nohup", "command", "sudo", "{",
    "&&",
];

fn is_shell(word: &str) -> bool {
    matches!(word.rsplit('/').next().unwrap_or(word), "sh" | "bash" | "ash" | "dash")
}

/// The path that a word means; none if only the shell could say.
fn path(word: &str, cwd: &str) -> Option<String> {
    if word.is_empty() || word.contains(['$', '`', '?', '[', '{', ':', '=', '!', '\'', '"']) {
        return None;
    }
    let word = word.trim_end_matches("/.").trim_end_matches('/').replace('*', "assumed");
    let full = if word.starts_with('/') {
        word
    } else {
        let word = word.strip_prefix("./").unwrap_or(&word);
        if word.is_empty() || word.starts_with('.') {
            return None;
        }
        format!("{}/{word}", cwd.trim_end_matches('/'))
    };
    (full.len() > 1).then_some(full)
}

/// The commands of a script, each as its words; quotes and operators are looked at, expansions are not.
fn commands(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, '\\') => drop(chars.next()),
            (None, ' ' | '\t') => flush(&mut word, &mut words),
            (None, '>' | '<') => {
                // A number before it says which descriptor.
                if word.len() == 1 && word.starts_with(|c: char| c.is_ascii_digit()) {
                    word.clear();
                }
                flush(&mut word, &mut words);
                word.push(c);
                while let Some(next) = chars.next_if(|next| matches!(next, '>' | '<' | '&' | '(')) {
                    word.push(next);
                }
                flush(&mut word, &mut words);
            }
            (None, '\n' | ';' | '|' | '&' | '(' | ')') => {
                flush(&mut word, &mut words);
                all.push(std::mem::take(&mut words));
            }
            (None, c) => word.push(c),
        }
    }
    flush(&mut word, &mut words);
    all.push(words);
    all.retain(|words| !words.is_empty());
    all
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_shows_what_it_takes_for_granted() {
        /// A script, what it reads, and its users.
        type Row = (&'static str, &'static [(&'static str, Reads)], &'static [&'static str]);
        let table: [Row; 7] = [
            ("cp /sample.war /app", &[("/sample.war", Reads::File)], &[]),
            (
                "mkdir -p /work/x && cp -r /src /work/x && cat /work/x/a",
                &[("/src", Reads::Directory), ("/work/x/a", Reads::File)],
                &[],
            ),
            (
                "cd web; exec sh ./run.sh",
                &[("/srv/web", Reads::Directory), ("/srv/run.sh", Reads::Script)],
                &[],
            ),
            ("touch /tmp/healthy; sleep 30", &[], &[]),
            (
                "chown -R vitess:vitess /vt/data && su -s /bin/sh vitess",
                &[("/vt/data", Reads::Directory)],
                &["vitess", "vitess", "vitess"],
            ),
            ("while [ ! -f /shared/ready ]; do sleep 1; done", &[], &[]),
            ("cat $FILE > /out/x 2>/dev/null", &[], &[]),
        ];
        for (text, reads, users) in table {
            let argv = ["sh", "-c", text].map(str::to_owned);
            let found = Script::of(&argv, "/srv");
            let expected: Vec<_> =
                reads.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect();
            assert_eq!(
                (found.reads, found.users),
                (expected, users.iter().map(|u| (*u).to_owned()).collect()),
                "{text}"
            );
        }
    }
}
