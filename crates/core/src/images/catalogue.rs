//! The images that podplay knows: a table, by repository as people write it.

use super::Reference;
use podplay_shell::Tools;

/// An image.
pub(super) struct Entry {
    /// Repositories, without registry and tag.
    pub(super) names: &'static [&'static str],
    /// Entrypoint.
    pub(super) entrypoint: &'static [&'static str],
    /// Default arguments.
    pub(super) cmd: &'static [&'static str],
    /// What is in its file system.
    pub(super) tools: Tools,
    /// STOPSIGNAL.
    pub(super) stop_signal: &'static str,
    /// USER.
    pub(super) user: u32,
    /// ENV.
    pub(super) env: &'static [(&'static str, &'static str)],
}

const fn entry(
    names: &'static [&'static str],
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
    tools: Tools,
) -> Entry {
    Entry { names, entrypoint, cmd, tools, stop_signal: "SIGTERM", user: 0, env: &[] }
}

static IMAGES: &[Entry] = &[
    entry(&["busybox", "alpine"], &[], &["sh"], Tools::Busybox),
    entry(&["curlimages/curl"], &[], &["curl"], Tools::Debian),
    entry(&["radial/busyboxplus"], &[], &["sh"], Tools::Debian),
    entry(&["bash"], &["docker-entrypoint.sh"], &["bash"], Tools::Busybox),
    entry(
        &[
            "debian",
            "ubuntu",
            "centos",
            "fedora",
            "perl",
            "python",
            "gcr.io/google-samples/node-hello",
        ],
        &[],
        &["bash"],
        Tools::Debian,
    ),
    Entry {
        stop_signal: "SIGQUIT",
        env: &[("NGINX_VERSION", "1.25.5"), ("PKG_RELEASE", "1")],
        ..entry(
            &["nginx"],
            &["/docker-entrypoint.sh"],
            &["nginx", "-g", "daemon off;"],
            Tools::Debian,
        )
    },
    Entry {
        stop_signal: "SIGWINCH",
        ..entry(&["httpd"], &[], &["httpd-foreground"], Tools::Debian)
    },
    entry(&["redis"], &["docker-entrypoint.sh"], &["redis-server"], Tools::Debian),
    Entry {
        stop_signal: "SIGINT",
        ..entry(&["postgres"], &["docker-entrypoint.sh"], &["postgres"], Tools::Debian)
    },
    entry(&["mysql", "mariadb"], &["docker-entrypoint.sh"], &["mysqld"], Tools::Debian),
    entry(&["mongo"], &["docker-entrypoint.sh"], &["mongod"], Tools::Debian),
    entry(&["memcached"], &["docker-entrypoint.sh"], &["memcached"], Tools::Debian),
    entry(&["e2e-test-images/agnhost", "agnhost"], &["/agnhost"], &["pause"], Tools::Busybox),
    entry(&["liveness", "k8s-liveness"], &["/agnhost"], &["liveness"], Tools::Busybox),
    entry(&["goproxy"], &["/goproxy"], &[], Tools::None),
    entry(&["pause"], &["/pause"], &[], Tools::None),
    entry(&["hello-world"], &["/hello"], &[], Tools::None),
];

/// The entry of an image reference.
pub(super) fn find(image: &str) -> Option<&'static Entry> {
    let reference = Reference::parse(image).ok()?;
    let name = reference.familiar();
    IMAGES.iter().find(|entry| entry.names.contains(&name))
}
