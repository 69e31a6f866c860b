//! `/proc`: what scripts read there.

use super::desc::{DescId, DescKind};
use super::process::Proc;
use crate::Userland;

/// A file below `/proc`.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Dir(Vec<String>),
    File(Vec<u8>),
    Link(String),
    /// Another name for an open file description.
    Fd(DescId),
}

const TOP: [&str; 11] = [
    "cpuinfo",
    "filesystems",
    "loadavg",
    "meminfo",
    "mounts",
    "self",
    "stat",
    "sys",
    "uptime",
    "version",
    "net",
];
const PER_PROCESS: [&str; 9] =
    ["cgroup", "cmdline", "comm", "cwd", "environ", "exe", "fd", "stat", "status"];

fn text(lines: impl Into<String>) -> Option<Entry> {
    Some(Entry::File(lines.into().into_bytes()))
}

impl Userland {
    /// The entry at an absolute path below `/proc`, as process `me` sees it.
    pub(crate) fn proc_entry(&self, me: u32, path: &str) -> Option<Entry> {
        let parts: Vec<&str> = path.split('/').filter(|c| !c.is_empty()).skip(1).collect();
        match parts.as_slice() {
            [] => {
                let pids = self.procs.keys().map(u32::to_string);
                Some(Entry::Dir(pids.chain(TOP.map(str::to_owned)).collect()))
            }
            ["self" | "thread-self", rest @ ..] => self.process_entry(me, rest),
            [first, rest @ ..] => match first.parse() {
                Ok(pid) => self.process_entry(pid, rest),
                Err(_) => self.top_entry(&parts),
            },
        }
    }

    fn top_entry(&self, parts: &[&str]) -> Option<Entry> {
        match parts {
            ["uptime"] => {
                let hundredths = self.setup.uptime * 100 + self.now / 10_000_000;
                let (s, h) = (hundredths / 100, hundredths % 100);
                text(format!("{s}.{h:02} {}.{h:02}\n", s * 2 * 9 / 10))
            }
            ["version"] => text("Linux version 6.1.0 (podplay) #1 SMP\n"),
            ["loadavg"] => {
                text(format!("0.00 0.01 0.05 1/{} {}\n", self.procs.len(), self.next_pid - 1))
            }
            ["meminfo"] => text(
                "MemTotal:       24684100 kB\nMemFree:        20480000 kB\nMemAvailable:   22528000 kB\n\
Buffers:          102400 kB\nCached:          1945600 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n",
            ),
            ["cpuinfo"] => text(
                "processor\t: 0\nmodel name\t: virtual\ncpu MHz\t\t: 2000.000\n\nprocessor\t: 1\nmodel name\t: virtual\ncpu MHz\t\t: 2000.000\n\n",
            ),
            ["filesystems"] => text("nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n"),
            ["stat"] => text("cpu  0 0 0 0 0 0 0 0 0 0\n"),
            ["mounts"] => text(self.mount_table()),
            ["sys"] => Some(Entry::Dir(vec!["kernel".to_owned()])),
            ["sys", "kernel"] => {
                Some(Entry::Dir(vec!["hostname".to_owned(), "pid_max".to_owned()]))
            }
            ["sys", "kernel", "hostname"] => text(format!("{}\n", self.setup.hostname)),
            ["sys", "kernel", "pid_max"] => text("32768\n"),
            ["sys", "kernel", "random", "uuid"] => text(self.uuid()),
            ["net"] => Some(Entry::Dir(vec!["tcp".to_owned()])),
            ["net", "tcp"] => text(self.tcp_table()),
            _ => None,
        }
    }

    fn uuid(&self) -> String {
        let x = self.random ^ self.now.rotate_left(17);
        let y = x.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}\n",
            x >> 32,
            x >> 16 & 0xffff,
            x & 0xfff,
            y >> 52,
            y & 0xffff_ffff_ffff
        )
    }

    fn tcp_table(&self) -> String {
        let mut out = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned();
        for (line, port) in self.ports.keys().enumerate() {
            out += &format!(
                "{line:4}: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 {}\n",
                1000 + line
            );
        }
        out
    }

    pub(crate) fn mount_table(&self) -> String {
        let access = if self.fs.read_only_root { "ro" } else { "rw" };
        let mut out = format!(
            "overlay / overlay {access},relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n\
tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\nshm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n"
        );
        for mount in self.fs.mounts() {
            let access = if mount.read_only { "ro" } else { "rw" };
            out += &format!("/dev/vda1 {} ext4 {access},relatime 0 0\n", mount.path);
        }
        out
    }

    fn process_entry(&self, pid: u32, rest: &[&str]) -> Option<Entry> {
        let process = self.procs.get(&pid)?;
        match rest {
            [] => Some(Entry::Dir(PER_PROCESS.map(str::to_owned).to_vec())),
            ["cmdline"] => {
                text(process.argv.iter().map(|arg| format!("{arg}\0")).collect::<String>())
            }
            ["comm"] => text(format!("{}\n", process.name())),
            ["environ"] => {
                text(process.env.iter().map(|(k, v)| format!("{k}={v}\0")).collect::<String>())
            }
            ["cgroup"] => text("0::/\n"),
            ["cwd"] => Some(Entry::Link(process.cwd.to_string())),
            ["exe"] => Some(Entry::Link(format!("/bin/{}", process.name()))),
            ["stat"] => text(format!(
                "{pid} ({}) {} {} {pid} {pid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {} 0 0\n",
                process.name(),
                self.state_letter(process),
                process.ppid,
                process.started / 10_000_000
            )),
            ["status"] => text(self.status_text(process)),
            ["fd"] => Some(Entry::Dir(process.fds.keys().map(u32::to_string).collect())),
            ["fd", number] => {
                let id = *process.fds.get(&number.parse().ok()?)?;
                match self.desc_kind(id)? {
                    DescKind::Dir => None,
                    _ => Some(Entry::Fd(id)),
                }
            }
            ["mounts"] => text(self.mount_table()),
            _ => None,
        }
    }

    pub(crate) fn state_letter(&self, process: &Proc) -> char {
        match process.status {
            Some(_) => 'Z',
            None if process.stopped => 'T',
            // The process that looks is the one that runs.
            None if process.program.is_none() || self.is_ready(process) => 'R',
            None => 'S',
        }
    }

    fn status_text(&self, process: &Proc) -> String {
        let state = match self.state_letter(process) {
            'Z' => "Z (zombie)",
            'T' => "T (stopped)",
            'R' => "R (running)",
            _ => "S (sleeping)",
        };
        let Proc { pid, ppid, cred, ignored, caught, memory, .. } = process;
        format!(
            "Name:\t{}\nState:\t{state}\nPid:\t{pid}\nPPid:\t{ppid}\nUid:\t{u}\t{u}\t{u}\t{u}\nGid:\t{g}\t{g}\t{g}\t{g}\n\
VmRSS:\t{:8} kB\nThreads:\t1\nSigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
            process.name(),
            1024 + memory / 1024,
            ignored >> 1,
            caught >> 1,
            u = cred.uid,
            g = cred.gid,
        )
    }
}

/// The base name of what a process runs; of a title such as `nginx: master process` the name before the colon.
pub(crate) fn command_name(argv: &[String]) -> &str {
    let first = argv.first().map_or("", String::as_str);
    if argv.len() == 1
        && let Some((name, _)) = first.split_once(": ")
    {
        return name;
    }
    first.rsplit('/').next().unwrap_or(first)
}

impl Proc {
    /// The base name of what it runs.
    pub(crate) fn name(&self) -> &str {
        command_name(&self.argv)
    }
}
