//! Package managers, and the programs that they bring.

use super::*;
use podplay_api::RestartPolicy;

/// Where `apt-get update` puts what it fetched.
const LISTS: &str = "/var/lib/apt/lists/deb.debian.org_debian_dists_stable_InRelease";

impl Start<'_, '_> {
    /// A program of which the catalogue says nothing: a package manager, or one that a package brought, of which
    /// nobody knows how long it runs; those of the image itself are commands.
    pub(super) fn other(&mut self, name: &str) -> Behaviour {
        let own = self.image.is_some_and(|image| image.files.has(name));
        let worker = self.host.world.workers.get(&self.host.uid);
        let again =
            worker.is_some_and(|worker| worker.pod.spec.restart_policy == RestartPolicy::Always);
        let asks = self.call.argv.iter().any(|word| {
            matches!(
                word.as_str(),
                "--version" | "--help" | "version" | "help" | "-v" | "-V" | "-h"
            )
        });
        let main = self.call.lasting && !own && again && !asks;
        self.installs(name).unwrap_or_else(|| self.assumed(main))
    }

    /// A package manager: it takes its time, and the programs that it names appear.
    fn installs(&mut self, name: &str) -> Option<Behaviour> {
        let args = self.call.argv.get(1..).unwrap_or_default().to_vec();
        let verb = args.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
        let adds = match name {
            "apk" => verb == "add",
            "apt" | "apt-get" | "dnf" | "yum" | "microdnf" | "pip" | "pip3" | "gem" => {
                verb == "install"
            }
            _ => return None,
        };
        if self.call.uid != 0
            && let Some((line, code)) = locked(name)
        {
            return Some(said("", line, code));
        }
        if !self.writable("/usr/bin/x") {
            return Some(said("", &format!("{name}: Read-only file system"), 1));
        }
        if matches!(name, "apt" | "apt-get")
            && let Some(failed) = self.lists(verb, adds, &args)
        {
            return Some(failed);
        }
        let names = args.iter().filter(|word| adds && !word.starts_with('-') && *word != verb);
        for package in names {
            let program = package.split(['=', '<', '>', '~', '@']).next().unwrap_or(package);
            for program in brought(program) {
                let path = format!("/usr/bin/{program}");
                let _ =
                    self.own.fs_mut().write_file(&mut self.host.volumes, &path, b"\x7fELF", 0o755);
            }
        }
        Some(Behaviour { exit: Some((2_000_000_000, 0)), ..done(0) })
    }

    /// The lists of packages, without which images come: `apt-get update` fetches them.
    fn lists(&mut self, verb: &str, adds: bool, args: &[String]) -> Option<Behaviour> {
        if verb == "update" {
            let fs = self.own.fs_mut();
            let _ = fs.write_file(&mut self.host.volumes, LISTS, b"Origin: Debian\n", 0o644);
        }
        if !adds || self.own.fs().exists(&self.host.volumes, LISTS).is_some() {
            return None;
        }
        let package = args.iter().find(|word| !word.starts_with('-') && *word != verb);
        let package = package.map_or("", String::as_str);
        let head =
            "Reading package lists...\nBuilding dependency tree...\nReading state information...";
        Some(said(head, &format!("E: Unable to locate package {package}"), 100))
    }
}

/// What a package manager of the system says to somebody who is not root, and its exit code.
fn locked(name: &str) -> Option<(&'static str, u8)> {
    Some(match name {
        "apk" => (
            "ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied",
            99,
        ),
        "apt" | "apt-get" => (
            "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/",
            100,
        ),
        "dnf" | "yum" | "microdnf" => ("error: Failed to create: /var/cache/yum/metadata", 1),
        _ => return None,
    })
}

/// The programs that a package brings, where they are not named like it.
fn brought(package: &str) -> Vec<&str> {
    match package {
        "bind-tools" | "dnsutils" | "bind-utils" | "bind9-dnsutils" => {
            vec!["dig", "nslookup", "host"]
        }
        "netcat-openbsd" | "netcat" | "netcat-traditional" | "nmap-ncat" => vec!["nc"],
        "iputils-ping" | "iputils" => vec!["ping"],
        "procps" | "procps-ng" => vec!["ps", "pgrep", "pkill", "top", "free", "watch"],
        "postgresql-client" | "postgresql15-client" | "postgresql16-client" => {
            vec!["psql", "pg_isready", "pg_dump"]
        }
        "mysql-client" | "mariadb-client" | "default-mysql-client" => {
            vec!["mysql", "mysqladmin", "mysqldump"]
        }
        "redis-tools" => vec!["redis-cli"],
        "python3" => vec!["python3"],
        "nodejs" => vec!["node"],
        "openssh-client" => vec!["ssh", "scp"],
        "gettext-base" | "gettext" => vec!["envsubst"],
        "coreutils" | "findutils" | "ca-certificates" | "tzdata" => Vec::new(),
        own => vec![own],
    }
}
