//! Walking directories, `ls`, `find`, `du`, `stat` and path tools.

mod ls;

use super::{Cx, Options, Start, date};
use crate::fs::normalise;
use crate::kernel::{FileType, Stat};
use ls::{ls, stat};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("ls", Start::Now(ls)),
    ("stat", Start::Now(stat)),
    ("du", Start::Now(du)),
    ("df", Start::Now(df)),
    ("readlink", Start::Now(readlink)),
    ("realpath", Start::Now(realpath)),
    ("basename", Start::Now(basename)),
    ("dirname", Start::Now(dirname)),
    ("which", Start::Now(which)),
    ("mountpoint", Start::Now(mountpoint)),
    ("mount", Start::Now(mount)),
];

/// Entries that one walk may visit.
const MOST: usize = 50_000;

/// A path and everything below it, parents first, sorted by name. Empty if it does not exist.
pub(super) fn tree(cx: &mut Cx<'_, '_>, path: &str, follow: bool) -> Vec<(String, Stat)> {
    let mut out = Vec::new();
    let mut todo = vec![path.to_owned()];
    while let Some(path) = todo.pop() {
        let Ok(stat) = cx.sys.stat(&path, follow) else { continue };
        let proc = stat.tree == crate::fs::TreeId::Proc;
        if stat.is_dir() && out.len() < MOST && !(proc && out.len() > 200) {
            let names = cx.sys.list(&path).unwrap_or_default();
            let base = if path == "/" { "" } else { path.as_str() };
            todo.extend(names.iter().rev().map(|name| format!("{base}/{name}")));
        }
        out.push((path, stat));
    }
    out
}

/// `1.5K`, as busybox prints sizes for people.
fn human(bytes: u64) -> String {
    let units = ["", "K", "M", "G", "T"];
    let mut tenths = bytes * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < units.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    if unit == 0 {
        bytes.to_string()
    } else {
        format!("{}.{}{}", tenths / 10, tenths % 10, units[unit])
    }
}

fn du(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "aHLdclsxhmk", "d") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-aHLdclsxhmk] [FILE]...\n"),
    };
    let mut operands = options.operands.clone();
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    let show = |kilobytes: u64| match (options.has('h'), options.has('m')) {
        (true, _) => human_kilobytes(kilobytes),
        (_, true) => kilobytes.div_ceil(1024).to_string(),
        _ => kilobytes.to_string(),
    };
    let (mut status, mut total) = (0, 0);
    for path in operands {
        let entries = tree(cx, &path, false);
        if entries.is_empty() {
            cx.warn(&format!("{path}: No such file or directory"));
            status = 1;
            continue;
        }
        let size = |stat: &Stat| {
            if stat.file_type == FileType::Link { 0 } else { stat.size.div_ceil(4096) * 4 }
        };
        let mut lines = Vec::new();
        for (i, (at, stat)) in entries.iter().enumerate().rev() {
            let below = format!("{}/", at.trim_end_matches('/'));
            let sum: u64 = size(stat)
                + entries
                    .iter()
                    .filter(|(p, _)| p.starts_with(&below))
                    .map(|(_, s)| size(s))
                    .sum::<u64>();
            if i == 0 {
                total += sum;
            }
            if i == 0 || (!options.has('s') && (stat.is_dir() || options.has('a'))) {
                lines.push(format!("{}\t{at}\n", show(sum)));
            }
        }
        cx.print(&lines.concat());
    }
    if options.has('c') {
        cx.print(&format!("{}\ttotal\n", show(total)));
    }
    status
}

fn human_kilobytes(kilobytes: u64) -> String {
    if kilobytes == 0 { "0".to_owned() } else { human(kilobytes * 1024) }
}

fn df(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "Pkmhai", "BtT") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-PkmhaiT] [-B SIZE] [FILESYSTEM]...\n"),
    };
    let human_sizes = options.has('h');
    let show = |kilobytes: u64| {
        if human_sizes {
            human_kilobytes(kilobytes)
        } else if options.has('m') {
            (kilobytes / 1024).to_string()
        } else {
            kilobytes.to_string()
        }
    };
    let head = if human_sizes {
        "Filesystem                Size      Used Available Use% Mounted on\n"
    } else {
        "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
    };
    cx.print(head);
    let total: u64 = 264_171_520;
    let root = cx.sys.u.fs.used_bytes();
    let mut lines = vec![("overlay".to_owned(), total, root.div_ceil(1024), "/".to_owned())];
    lines.push(("tmpfs".to_owned(), 65_536, 0, "/dev".to_owned()));
    for mount in cx.sys.u.fs.mounts().to_vec() {
        let volumes = cx.sys.host.volumes();
        let used = volumes.used_bytes(&mount.volume).div_ceil(1024);
        let device = if volumes.in_memory(&mount.volume) { "tmpfs" } else { "/dev/vda1" };
        lines.push((device.to_owned(), total, used, mount.path));
    }
    let wanted = options.operands.first().map(|p| cx.sys.absolute(p));
    if let Some(path) = wanted {
        let best =
            lines.iter().filter(|l| path.starts_with(&l.3)).max_by_key(|l| l.3.len()).cloned();
        lines = best.into_iter().collect();
    }
    for (device, total, used, path) in lines {
        let used = used + if device == "tmpfs" { 0 } else { 17_825_792 };
        let percent = (used * 100).div_ceil(total);
        cx.print(&format!(
            "{device:<20} {:>9} {:>9} {:>9} {percent:3}% {path}\n",
            show(total),
            show(used),
            show(total - used)
        ));
    }
    0
}

fn readlink(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "fnvqe", "") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-fnv] FILE\n"),
    };
    let Some(path) = options.operands.first() else {
        return cx.usage("[-fnv] FILE\n\nDisplay the value of a symlink\n");
    };
    let result = if options.has('f') || options.has('e') {
        cx.sys.look_up(path, true).map(|found| found.path)
    } else {
        cx.sys.read_link(path)
    };
    match result {
        Ok(text) => {
            cx.print(&text);
            if !options.has('n') {
                cx.print("\n");
            }
            0
        }
        Err(_) => 1,
    }
}

fn realpath(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let mut status = 0;
    for path in &args[1..] {
        let found = cx
            .sys
            .look_up(path, true)
            .and_then(|found| cx.sys.stat(path, true).map(|_| found.path));
        match found {
            Ok(text) => cx.print(&format!("{text}\n")),
            Err(error) => {
                cx.warn(&format!("{path}: {error}"));
                status = 1;
            }
        }
    }
    status
}

fn basename(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...\n\nStrip directory path and SUFFIX from FILE\n";
    let options = match Options::parse(args, "a", "s") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let all = options.has('a') || options.value('s').is_some();
    let suffix =
        options.value('s').or(if all { None } else { options.operands.get(1).map(String::as_str) });
    let files = if all { &options.operands[..] } else { &options.operands[..1] };
    for file in files {
        let trimmed = file.trim_end_matches('/');
        let name = if trimmed.is_empty() && !file.is_empty() {
            "/"
        } else {
            trimmed.rsplit('/').next().unwrap_or("")
        };
        let name = match suffix {
            Some(suffix) if name != suffix => name.strip_suffix(suffix).unwrap_or(name),
            _ => name,
        };
        cx.print(&format!("{name}\n"));
    }
    0
}

fn dirname(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let Some(path) = args.get(1) else {
        return cx.usage("FILENAME\n\nStrip non-directory suffix from FILENAME\n");
    };
    let trimmed = path.trim_end_matches('/');
    let dir = match trimmed.rsplit_once('/') {
        _ if trimmed.is_empty() && !path.is_empty() => "/",
        None => ".",
        Some((dir, _)) => match dir.trim_end_matches('/') {
            "" => "/",
            dir => dir,
        },
    };
    cx.print(&format!("{dir}\n"));
    0
}

fn which(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let path = cx.sys.proc().env.get("PATH").cloned().unwrap_or_default();
    let (cwd, cred) = (cx.sys.proc().cwd.clone(), cx.sys.proc().cred);
    let mut status = 0;
    for name in args[1..].iter().filter(|a| !a.starts_with('-')) {
        match cx.sys.u.find_program(cx.sys.host, name, &cwd, &path, cred) {
            Ok(file) => cx.print(&format!("{file}\n")),
            Err(_) => status = 1,
        }
    }
    status
}

fn mountpoint(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let quiet = args.iter().any(|a| a == "-q");
    let Some(path) = args[1..].iter().find(|a| !a.starts_with('-')) else {
        return cx.usage("[-q] { [-dn] DIR | -x DEVICE }\n");
    };
    let full = normalise(&cx.sys.absolute(path));
    if let Err(error) = cx.sys.stat(path, true) {
        if !quiet {
            cx.warn(&format!("{path}: {error}"));
        }
        return 1;
    }
    let mounted = ["/", "/proc", "/dev", "/dev/shm"].contains(&full.as_str())
        || cx.sys.u.fs.mounts().iter().any(|m| m.path == full);
    if !quiet {
        cx.print(&format!("{path} is {}a mountpoint\n", if mounted { "" } else { "not " }));
    }
    u8::from(!mounted)
}

fn mount(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    if args.len() > 1 {
        let target = args.last().cloned().unwrap_or_default();
        cx.warn(&format!("permission denied (are you root?): {target}"));
        return 1;
    }
    let table = cx.sys.u.mount_table();
    for line in table.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        cx.print(&format!("{} on {} type {} ({})\n", words[0], words[1], words[2], words[3]));
    }
    0
}
