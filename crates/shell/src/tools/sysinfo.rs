//! The machine and its users: `uname`, `hostname`, `id`, `env` …

use super::{Cx, Options, Start};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("uname", Start::Now(uname)),
    ("arch", Start::Now(arch)),
    ("hostname", Start::Now(hostname)),
    ("id", Start::Now(id)),
    ("whoami", Start::Now(whoami)),
    ("groups", Start::Now(groups)),
    ("printenv", Start::Now(printenv)),
    ("nproc", Start::Now(nproc)),
    ("sysctl", Start::Now(sysctl)),
    ("stty", Start::Now(stty)),
    ("logger", Start::Now(|_, _| 0)),
    ("who", Start::Now(|_, _| 0)),
    ("dmesg", Start::Now(|_, _| 0)),
    ("lsmod", Start::Now(lsmod)),
];

const RELEASE: &str = "6.1.0-podplay";

/// The id of a name in `/etc/passwd` or `/etc/group`.
pub(super) fn look_up(cx: &mut Cx<'_, '_>, file: &str, name: &str) -> Option<u32> {
    let text = cx.sys.read_all(file).ok()?.to_vec();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

/// The name of an id, or the number.
pub(super) fn name_of(cx: &mut Cx<'_, '_>, file: &str, id: u32, numeric: bool) -> String {
    if id == 0 && !numeric {
        return "root".to_owned();
    }
    let mut found = || {
        let text = cx.sys.read_all(file).ok()?.to_vec();
        let text = String::from_utf8_lossy(&text).into_owned();
        let wanted = id.to_string();
        let line = text.lines().find(|line| line.split(':').nth(2) == Some(wanted.as_str()))?;
        line.split(':').next().map(str::to_owned)
    };
    if numeric { id.to_string() } else { found().unwrap_or_else(|| id.to_string()) }
}

fn uname(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "amnrspvio", "") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-amnrspvio]\n\nPrint system information\n"),
    };
    let host = cx.sys.u.setup.hostname.clone();
    let all = [
        ('s', "Linux"),
        ('n', host.as_str()),
        ('r', RELEASE),
        ('v', "#1 SMP PREEMPT_DYNAMIC"),
        ('m', "x86_64"),
        ('o', "GNU/Linux"),
    ];
    let wanted = if options.flags.is_empty() { "s" } else { options.flags.as_str() };
    let words: Vec<&str> = all
        .iter()
        .filter(|(c, _)| wanted.contains('a') || wanted.contains(*c))
        .map(|(_, w)| *w)
        .collect();
    cx.print(&format!("{}\n", words.join(" ")));
    0
}

fn arch(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("x86_64\n");
    0
}

fn hostname(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let host = cx.sys.u.setup.hostname.clone();
    let text = match args.get(1).map(String::as_str) {
        None => host,
        Some("-i" | "-I") => match cx.sys.resolve(&host) {
            crate::Lookup::Addresses { addresses, .. } => addresses.join(" "),
            _ => {
                cx.warn(&format!("{host}: Unknown host"));
                return 1;
            }
        },
        Some("-f") => full_name(cx, &host),
        Some("-s") => host.split('.').next().unwrap_or("").to_owned(),
        Some("-d") => {
            full_name(cx, &host).split_once('.').map_or(String::new(), |(_, d)| d.to_owned())
        }
        Some(_) => {
            cx.warn("sethostname: Operation not permitted");
            return 1;
        }
    };
    cx.print(&format!("{text}\n"));
    0
}

/// The first name of the host's line in `/etc/hosts`.
fn full_name(cx: &mut Cx<'_, '_>, host: &str) -> String {
    let text = cx.sys.read_all("/etc/hosts").map(|d| d.to_vec()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find(|line| line.split_whitespace().skip(1).any(|w| w == host));
    line.and_then(|line| line.split_whitespace().nth(1)).unwrap_or(host).to_owned()
}

fn id(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "nugGr", "") {
        Ok(options) => options,
        Err(bad) => {
            return cx.bad_option(
                &bad,
                "[-ugGnr] [USER]\n\nPrint information about USER or the current user\n",
            );
        }
    };
    let mut cred = cx.sys.proc().cred;
    if let Some(name) = options.operands.first() {
        match look_up(cx, "/etc/passwd", name) {
            Some(uid) => cred = crate::fs::Cred::new(uid, uid, &[]),
            None => {
                cx.warn(&format!("unknown user {name}"));
                return 1;
            }
        }
    }
    let user = name_of(cx, "/etc/passwd", cred.uid, false);
    let group = name_of(cx, "/etc/group", cred.gid, false);
    let all = match cx.sys.u.setup.groups.clone() {
        own if options.operands.is_empty() && !own.is_empty() => own,
        _ => vec![cred.gid],
    };
    let names: Vec<String> = all.iter().map(|gid| name_of(cx, "/etc/group", *gid, false)).collect();
    let named = |id: u32, name: &str| {
        if name == id.to_string() { id.to_string() } else { format!("{id}({name})") }
    };
    let text = match (options.has('u'), options.has('g') || options.has('G'), options.has('n')) {
        (true, _, true) => user,
        (true, _, false) => cred.uid.to_string(),
        (_, true, true) if options.has('G') => names.join(" "),
        (_, true, true) => group,
        (_, true, false) if options.has('G') => {
            all.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
        }
        (_, true, false) => cred.gid.to_string(),
        _ => {
            let list: Vec<String> =
                all.iter().zip(&names).map(|(gid, name)| named(*gid, name)).collect();
            let (user, group) = (named(cred.uid, &user), named(cred.gid, &group));
            format!("uid={user} gid={group} groups={}", list.join(","))
        }
    };
    let text = if cred.uid == 0 && all == [0] && options.flags.is_empty() {
        "uid=0(root) gid=0(root)".to_owned()
    } else {
        text
    };
    cx.print(&format!("{text}\n"));
    0
}

fn whoami(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let uid = cx.sys.proc().cred.uid;
    let name = name_of(cx, "/etc/passwd", uid, false);
    if name == uid.to_string() {
        cx.warn(&format!("unknown uid {uid}"));
        return 1;
    }
    cx.print(&format!("{name}\n"));
    0
}

fn groups(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let gid = cx.sys.proc().cred.gid;
    let name = name_of(cx, "/etc/group", gid, false);
    cx.print(&format!("{name}\n"));
    0
}

fn printenv(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let env = cx.sys.proc().env.clone();
    let mut status = 0;
    if args.len() == 1 {
        for (name, value) in env.iter() {
            cx.print(&format!("{name}={value}\n"));
        }
    }
    for name in &args[1..] {
        match env.get(name) {
            Some(value) => cx.print(&format!("{value}\n")),
            None => status = 1,
        }
    }
    status
}

fn nproc(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("2\n");
    0
}

fn sysctl(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let mut status = 0;
    for arg in args[1..].iter().filter(|a| !a.starts_with('-')) {
        let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(n, v)| (n, Some(v)));
        match (name, value) {
            (_, Some(_)) => {
                cx.warn(&format!("error setting key '{name}': Read-only file system"));
                status = 1;
            }
            ("kernel.hostname", None) => {
                let host = cx.sys.u.setup.hostname.clone();
                cx.print(&format!("kernel.hostname = {host}\n"));
            }
            ("vm.max_map_count", None) => cx.print("vm.max_map_count = 65530\n"),
            _ => {
                cx.warn(&format!("error: '{name}' is an unknown key"));
                status = 1;
            }
        }
    }
    status
}

fn stty(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.warn("standard input: Inappropriate ioctl for device");
    1
}

fn lsmod(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("Module                  Size  Used by\n");
    0
}
