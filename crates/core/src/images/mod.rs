//! Images: references, the registry, and how the containers of an image behave.

mod agnhost;
mod assumed;
mod catalogue;
mod clients;
mod databases;
mod fields;
mod filesystem;
mod httpd;
mod nginx;
mod oneliner;
mod program;
mod reference;
mod registry;
mod runtimes;
mod served;
mod start;
mod unknown;

pub use catalogue::{all, entries, file_of};
pub(crate) use filesystem::{Built, fs};
pub use reference::Reference;
pub use registry::{
    PullError, Trouble, fault_of, preloaded, pull, pull_time, repositories, tags, trouble,
};
pub use served::grpc_health;
pub(crate) use served::respond;
pub(crate) use start::{own_cpu, start};
pub(crate) use unknown::take_for_granted;

use catalogue::find;
use program::Program;
use std::time::Duration;

/// The marker that stands for the entrypoint of an image that is not in the catalogue.
pub const ENTRYPOINT: &str = "(the image's entrypoint)";
/// The tag of listeners of programs that are not known.
pub(crate) const ASSUMED: &str = "assumed";
/// The tag of listeners whose behaviour the Scenario gives.
pub(crate) const CONFIGURED: &str = "configured";
/// Tags of the catalogue's servers begin with this.
pub(crate) const TAG: &str = "image ";

/// Whether the catalogue knows the image.
pub fn known(image: &str) -> bool {
    find(image).is_some()
}

/// The stop signal of the image.
pub fn stop_signal(image: &str) -> &'static str {
    find(image).map_or("SIGTERM", |entry| &entry.stop_signal)
}

/// The user and group that the image runs as; `None` if it is not in the catalogue.
pub fn default_user(image: &str) -> Option<(u32, u32)> {
    find(image).map(|entry| entry.user)
}

/// The image's working directory.
pub fn workdir(image: &str) -> &'static str {
    find(image).map_or("", |entry| &entry.workdir)
}

/// The user of an image that must not run as root: the one that its catalogue says, or a usual one if nobody knows.
pub fn non_root_user(image: &str, helpful: bool) -> (u32, u32) {
    let assumed = if helpful { (assumed::USER, assumed::USER) } else { (0, 0) };
    default_user(image).unwrap_or(assumed)
}

/// The image's environment.
pub fn environment(image: &str) -> Vec<(String, String)> {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let own = find(image).map(|entry| entry.env.as_slice()).unwrap_or_default();
    let mut env = vec![("PATH".to_string(), path.to_string())];
    for (name, value) in own {
        match env.iter_mut().find(|(known, _)| known == name) {
            Some(slot) => slot.1.clone_from(value),
            None => env.push((name.clone(), value.clone())),
        }
    }
    env
}

/// The directories of an image that stay writable under a read-only root.
pub(crate) fn volumes_of(image: &str) -> &'static [String] {
    find(image).map(|entry| entry.files.volumes()).unwrap_or_default()
}

/// The file system of an image.
pub(crate) fn of(image: &str) -> Built {
    filesystem::of(find(image))
}

/// Whether an image has a program; `None` if it is not in the catalogue.
pub fn has(image: &str, program: &str) -> Option<bool> {
    let image = find(image)?;
    let tree = filesystem::of(Some(image)).tree;
    let name = program.rsplit('/').next().unwrap_or(program);
    let there = |path: &str| tree.find(path).is_some();
    Some(
        image.programs.contains_key(name)
            || ["/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin"]
                .iter()
                .any(|dir| there(&format!("{dir}/{name}")))
            || program.starts_with('/') && there(program),
    )
}

/// What is run: `command` replaces the entrypoint, `args` replaces the image's arguments.
pub fn command_line(image: &str, command: Vec<String>, args: Vec<String>) -> Vec<String> {
    if !command.is_empty() {
        return [command, args].concat();
    }
    match find(image) {
        Some(entry) => {
            [entry.entrypoint.clone(), if args.is_empty() { entry.cmd.clone() } else { args }]
                .concat()
        }
        None => [vec![ENTRYPOINT.to_string()], args].concat(),
    }
}

/// Whether what the container runs is assumed: its image is unknown, and its program is not one of the shell's.
pub fn assumed(image: &str, argv: &[String]) -> bool {
    find(image).is_none() && argv.first().is_some_and(|program| !podplay_shell::is_tool(program))
}

/// What a server of the catalogue does by itself: the ports that it opens, and how long after its start.
pub fn server(image: &str, argv: &[String]) -> Option<(Vec<u16>, Duration)> {
    let entry = find(image)?;
    let base = |path: &String| path.rsplit('/').next().unwrap_or(path).to_owned();
    // An entrypoint script runs what follows it, or the server if an option follows.
    let words: Vec<&String> = argv.iter().collect();
    let name = words.iter().map(|word| base(word)).find(|name| {
        matches!(entry.programs.get(name), Some(Program::Known(..) | Program::Server(_)))
    });
    let name = name.or_else(|| entry.cmd.first().map(base))?;
    let program = catalogue::program(entry, &name)?;
    let spec = match program {
        Program::Server(spec) => spec,
        Program::Known(kind, spec) => match kind.as_str() {
            "agnhost" => {
                let args: Vec<String> = match spec.more.get("subcommand") {
                    Some(sub) => vec![sub.clone()],
                    None => argv.get(1..).unwrap_or_default().to_vec(),
                };
                return Some((agnhost::ports(&args)?, Duration::from_millis(2)));
            }
            "nginx" | "httpd" | "redis" | "postgres" | "mysql" => spec,
            _ => return None,
        },
        _ => return None,
    };
    let flags = spec.port_flags.iter().map(String::as_str).chain(["--port"]);
    let moved = flags.filter_map(|flag| start::flag(argv, flag));
    let moved = moved.filter_map(|value| value.rsplit(':').next()?.parse().ok()).next();
    let ports = moved.map_or_else(|| spec.ports.clone(), |port| vec![port]);
    Some((ports, Duration::from_nanos(spec.ready)))
}

/// Whether a program of that tag speaks HTTP or anything else of its own; others are a script's.
pub fn answers_http(tag: &str) -> bool {
    tag == ASSUMED || tag == CONFIGURED || tag.starts_with(TAG)
}

/// Whether what a program of that tag answers may change without anything having happened.
pub fn answers_by_the_clock(tag: &str) -> bool {
    tag.strip_prefix(TAG).is_some_and(|rest| rest.starts_with("agnhost"))
}

/// The image as the runtime names it.
pub fn runtime_name(image: &str) -> String {
    Reference::parse(image).map_or_else(|_| image.to_string(), |reference| reference.to_string())
}

/// The digest of the recordings' busybox, whatever its tag.
const BUSYBOX: &str = "85a1943797e9a4eeb220c45a262c98f7b206a605fba0b86238b295b87898dea9";

/// The image's digest as the runtime names it.
pub fn digest(image: &str) -> String {
    let Ok(reference) = Reference::parse(image) else { return String::new() };
    if reference.familiar() == "busybox" {
        return format!("docker.io/library/busybox@sha256:{BUSYBOX}");
    }
    let digest = crate::random::hex(0, "digest", &reference.to_string(), 64);
    format!("{}@sha256:{digest}", reference.repository())
}
