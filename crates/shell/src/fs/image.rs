//! The root file systems of the images whose tools the shell crate plays.

use super::{Device, Inode, Kind, Tree};
use crate::tools;
use std::sync::LazyLock;

const DIRS: [(&str, u16); 12] = [
    ("/bin", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/proc", 0o555),
    ("/root", 0o700),
    ("/sys", 0o555),
    ("/tmp", 0o1777),
    ("/usr/bin", 0o755),
    ("/usr/sbin", 0o755),
    ("/var/spool/mail", 0o755),
    ("/var/www", 0o755),
    ("/dev/shm", 0o1777),
];

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n\
bin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nsync:x:4:100:sync:/bin:/bin/sync\n\
mail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n\
operator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n";

const GROUP: &str = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\n\
wheel:x:10:root\nmail:x:8:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n";

fn put(tree: &mut Tree, path: &str, node: Inode) {
    // The paths are constants below existing directories: this cannot fail.
    let _ = tree.put(path, node);
}

pub(super) fn skeleton() -> Tree {
    let mut tree = Tree::new(0o755);
    for (path, mode) in DIRS {
        if let Ok(ino) = tree.make_dirs(path, 0o755)
            && let Some(node) = tree.get_mut(ino)
        {
            node.mode = mode;
        }
    }
    for (path, text) in [
        ("/etc/passwd", PASSWD),
        ("/etc/group", GROUP),
        ("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"),
        ("/etc/resolv.conf", "nameserver 10.96.0.10\n"),
        ("/etc/hostname", "localhost\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ] {
        put(&mut tree, path, Inode::file(text.as_bytes(), 0o644));
    }
    put(&mut tree, "/etc/mtab", Inode::new(Kind::Link("/proc/mounts".to_owned()), 0o777));
    tree
}

fn programs(tree: &mut Tree, dir: &str, names: impl Iterator<Item = &'static str>) {
    for name in names {
        put(tree, &format!("{dir}/{name}"), Inode::file(b"\x7fELF", 0o755));
    }
}

/// busybox: every tool in `/bin`.
pub(super) fn busybox() -> Tree {
    static IMAGE: LazyLock<Tree> = LazyLock::new(|| {
        let mut tree = skeleton();
        programs(&mut tree, "/bin", tools::names().filter(|name| !tools::is_debian_only(name)));
        programs(&mut tree, "/bin", ["busybox", "sh", "ash"].into_iter());
        put(&mut tree, "/usr/bin/env", Inode::new(Kind::Link("../../bin/env".to_owned()), 0o777));
        tree.freeze()
    });
    IMAGE.clone()
}

/// Debian: `/bin` is a link to `/usr/bin`, with bash and curl.
pub(super) fn debian() -> Tree {
    static IMAGE: LazyLock<Tree> = LazyLock::new(|| {
        let mut tree = skeleton();
        programs(&mut tree, "/usr/bin", tools::names().filter(|name| *name != "[["));
        programs(&mut tree, "/usr/bin", ["sh", "dash", "bash"].into_iter());
        let _ = tree.unlink(super::ROOT, "bin", false);
        put(&mut tree, "/bin", Inode::new(Kind::Link("usr/bin".to_owned()), 0o777));
        put(&mut tree, "/sbin", Inode::new(Kind::Link("usr/sbin".to_owned()), 0o777));
        put(&mut tree, "/run", Inode::dir(0o755));
        put(&mut tree, "/var/run", Inode::new(Kind::Link("/run".to_owned()), 0o777));
        for path in ["/var/log", "/var/lib", "/var/cache", "/opt", "/mnt", "/srv", "/usr/local/bin"]
        {
            put(&mut tree, path, Inode::dir(0o755));
        }
        let release =
            b"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n\
VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        put(&mut tree, "/etc/os-release", Inode::file(release, 0o644));
        tree.freeze()
    });
    IMAGE.clone()
}

/// No shell, no tools.
pub(super) fn distroless() -> Tree {
    static IMAGE: LazyLock<Tree> = LazyLock::new(|| skeleton().freeze());
    IMAGE.clone()
}

/// `/dev` as a container runtime makes it.
pub(super) fn dev() -> Tree {
    static IMAGE: LazyLock<Tree> = LazyLock::new(|| {
        let mut tree = Tree::new(0o755);
        for (name, device) in [
            ("/null", Device::Null),
            ("/zero", Device::Zero),
            ("/full", Device::Full),
            ("/random", Device::Random),
            ("/urandom", Device::Random),
            ("/tty", Device::Null),
        ] {
            put(&mut tree, name, Inode::new(Kind::Device(device), 0o666));
        }
        for (name, target) in [
            ("/fd", "/proc/self/fd"),
            ("/stdin", "/proc/self/fd/0"),
            ("/stdout", "/proc/self/fd/1"),
            ("/stderr", "/proc/self/fd/2"),
        ] {
            put(&mut tree, name, Inode::new(Kind::Link(target.to_owned()), 0o777));
        }
        for dir in ["/shm", "/mqueue", "/pts"] {
            put(&mut tree, dir, Inode::dir(0o755));
        }
        tree.freeze()
    });
    IMAGE.clone()
}
