//! Images: references, the registry, and how the containers of an image behave.

mod assumed;
mod catalogue;
mod programs;
mod reference;
mod registry;

pub use programs::{answers_by_the_clock, answers_http, grpc_health, server};
pub(crate) use programs::{respond, start};
pub use reference::Reference;
pub use registry::{PullError, Trouble, preloaded, pull, pull_time, repositories, tags, trouble};

use catalogue::{Entry, find};
use podplay_shell::Tools;

/// The marker that stands for the entrypoint of an image that nobody knows.
pub const ENTRYPOINT: &str = "(the image's entrypoint)";

/// Whether the catalogue knows the image.
pub fn known(image: &str) -> bool {
    find(image).is_some()
}

/// The stop signal of the image.
pub fn stop_signal(image: &str) -> &'static str {
    find(image).map_or("SIGTERM", |entry| entry.stop_signal)
}

/// The user that the image runs as.
pub fn default_user(image: &str) -> u32 {
    find(image).map_or(0, |entry| entry.user)
}

/// The user of an image that must not run as root: the one that its catalogue says, or a usual one if nobody knows.
pub fn non_root_user(image: &str, helpful: bool) -> u32 {
    if helpful && find(image).is_none() { assumed::USER } else { default_user(image) }
}

/// The image's environment.
pub fn environment(image: &str) -> Vec<(String, String)> {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let own = find(image).map(|entry| entry.env).unwrap_or_default();
    let mut env = vec![("PATH".to_string(), path.to_string())];
    env.extend(own.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
    env
}

/// What is in the image's file system.
pub fn tools(image: &str) -> Tools {
    find(image).map_or(Tools::Debian, |entry| entry.tools)
}

/// What is run: `command` replaces the entrypoint, `args` replaces the image's arguments.
pub fn command_line(image: &str, command: Vec<String>, args: Vec<String>) -> Vec<String> {
    if !command.is_empty() {
        return [command, args].concat();
    }
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_string()).collect::<Vec<_>>();
    match find(image) {
        Some(Entry { entrypoint, cmd, .. }) => {
            [words(entrypoint), if args.is_empty() { words(cmd) } else { args }].concat()
        }
        None => [vec![ENTRYPOINT.to_string()], args].concat(),
    }
}

/// Whether what the container runs is assumed: its image is unknown, and its program is not one of the shell's.
pub fn assumed(image: &str, argv: &[String]) -> bool {
    find(image).is_none() && argv.first().is_some_and(|program| !podplay_shell::is_tool(program))
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
