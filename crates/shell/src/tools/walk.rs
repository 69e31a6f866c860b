//! Walking directories, `ls`, `find`, `du`, `stat` and path tools.

use super::{Cx, Options, Start, date};
use crate::fs::normalise;
use crate::kernel::{FileType, Stat};

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

/// `drwxr-xr-x`
fn mode_text(stat: &Stat) -> String {
    let kind = match stat.file_type {
        FileType::File => '-',
        FileType::Dir => 'd',
        FileType::Link => 'l',
        FileType::Device => 'c',
        FileType::Fifo => 'p',
    };
    let mut text = String::from(kind);
    for (i, c) in "rwxrwxrwx".chars().enumerate() {
        text.push(if stat.mode >> (8 - i) & 1 == 1 { c } else { '-' });
    }
    let mut special = |bit: u16, at: usize, set: char| {
        if stat.mode & bit != 0 {
            let on = text.as_bytes()[at] == b'x';
            let c = if on { set } else { set.to_ascii_uppercase() };
            text.replace_range(at..=at, &c.to_string());
        }
    };
    special(0o4000, 3, 's');
    special(0o2000, 6, 's');
    special(0o1000, 9, 't');
    text
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

struct Listing {
    flags: String,
    blocks: u64,
}

impl Listing {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn suffix(&self, stat: &Stat) -> &'static str {
        if self.has('p') && stat.is_dir() {
            return "/";
        }
        if !self.has('F') {
            return "";
        }
        match stat.file_type {
            FileType::Dir => "/",
            FileType::Link => "@",
            FileType::Fifo => "|",
            FileType::File if stat.mode & 0o111 != 0 => "*",
            _ => "",
        }
    }

    fn line(&mut self, cx: &mut Cx<'_, '_>, name: &str, path: &str, stat: &Stat) -> String {
        let mut out = String::new();
        if self.has('i') {
            out += &format!("{:7} ", stat.ino);
        }
        if self.has('s') {
            out += &format!("{:6} ", stat.size.div_ceil(4096) * 4);
        }
        if self.has('l') || self.has('n') || self.has('g') {
            let owner = super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, self.has('n'));
            let group = super::sysinfo::name_of(cx, "/etc/group", stat.gid, self.has('n'));
            let size = match stat.file_type {
                FileType::Device => "  1,   3".to_owned(),
                _ if self.has('h') => format!("{:>9}", human(stat.size)),
                _ => format!("{:>9}", stat.size),
            };
            let unix = cx.sys.u.setup.epoch.saturating_add_unsigned(stat.mtime);
            let when = if self.has('e') {
                date::format("%a %b %e %H:%M:%S %Y", unix)
            } else if cx.sys.unix_nanos() - unix > 182 * 86_400 * 1_000_000_000 {
                date::format("%b %e  %Y", unix)
            } else {
                date::format("%b %e %H:%M", unix)
            };
            out += &format!(
                "{} {:4} {owner:<8} {group:<8} {size} {when} ",
                mode_text(stat),
                stat.links
            );
        }
        out += name;
        if stat.file_type == FileType::Link && self.has('l') {
            let target = cx.sys.read_link(path).unwrap_or_default();
            out += &format!(" -> {target}");
        }
        out + self.suffix(stat) + "\n"
    }

    fn sort(&self, entries: &mut [(String, String, Stat)]) {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        if self.has('S') {
            entries.sort_by_key(|e| std::cmp::Reverse(e.2.size));
        }
        if self.has('t') {
            entries.sort_by_key(|e| std::cmp::Reverse(e.2.mtime));
        }
        if self.has('r') {
            entries.reverse();
        }
    }

    fn directory(&mut self, cx: &mut Cx<'_, '_>, dir: &str) -> Result<String, String> {
        let mut names = cx.sys.list(dir).map_err(|error| format!("can't open '{dir}': {error}"))?;
        if self.has('a') {
            names.extend([".".to_owned(), "..".to_owned()]);
        } else if !self.has('A') {
            names.retain(|name| !name.starts_with('.'));
        }
        let mut entries = Vec::new();
        for name in names {
            let path = format!("{}/{name}", dir.trim_end_matches('/'));
            if let Ok(stat) = cx.sys.stat(&path, self.has('L')) {
                entries.push((name, path, stat));
            }
        }
        self.sort(&mut entries);
        let mut out = String::new();
        if self.has('l') || self.has('s') || self.has('n') {
            self.blocks = entries.iter().map(|(_, _, stat)| stat.size.div_ceil(4096) * 4).sum();
            out += &format!("total {}\n", self.blocks);
        }
        for (name, path, stat) in entries {
            out += &self.line(cx, &name, &path, &stat);
        }
        Ok(out)
    }
}

fn ls(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...\n\nList directory contents\n";
    let args: Vec<String> = args.iter().filter(|a| !a.starts_with("--color")).cloned().collect();
    let options = match Options::parse(&args, "1AaCxdLHRFplinshrSXvctugekZ", "w") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let mut listing = Listing { flags: options.flags.clone(), blocks: 0 };
    let mut operands = options.operands;
    let several = operands.len() > 1 || listing.has('R');
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    let mut status = 0;
    let (mut files, mut dirs) = (Vec::new(), Vec::new());
    let plain_links = listing.has('l') || listing.has('d');
    for path in operands {
        match cx.sys.stat(&path, !plain_links).or_else(|_| cx.sys.stat(&path, false)) {
            Ok(stat) if stat.is_dir() && !listing.has('d') => dirs.push((path.clone(), path, stat)),
            Ok(stat) => files.push((path.clone(), path, stat)),
            Err(error) => {
                cx.warn(&format!("{path}: {error}"));
                status = 1;
            }
        }
    }
    listing.sort(&mut files);
    listing.sort(&mut dirs);
    let mut first = files.is_empty();
    for (name, path, stat) in files {
        let line = listing.line(cx, &name, &path, &stat);
        cx.print(&line);
    }
    let mut todo: Vec<String> = dirs.into_iter().rev().map(|(_, path, _)| path).collect();
    let mut visited = 0;
    while let Some(dir) = todo.pop() {
        if !std::mem::take(&mut first) {
            cx.print("\n");
        }
        if several {
            cx.print(&format!("{dir}:\n"));
        }
        match listing.directory(cx, &dir) {
            Ok(text) => cx.print(&text),
            Err(message) => {
                cx.warn(&message);
                status = 1;
            }
        }
        visited += 1;
        if listing.has('R') && visited < 5_000 {
            todo.extend(subdirectories(cx, &dir, listing.has('a')).into_iter().rev());
        }
    }
    status
}

fn subdirectories(cx: &mut Cx<'_, '_>, dir: &str, hidden: bool) -> Vec<String> {
    let names = cx.sys.list(dir).unwrap_or_default();
    let paths: Vec<String> = names
        .iter()
        .filter(|name| hidden || !name.starts_with('.'))
        .map(|name| format!("{}/{name}", dir.trim_end_matches('/')))
        .collect();
    paths.into_iter().filter(|p| cx.sys.stat(p, false).is_ok_and(|s| s.is_dir())).collect()
}

fn type_name(stat: &Stat) -> &'static str {
    match stat.file_type {
        FileType::File if stat.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Dir => "directory",
        FileType::Link => "symbolic link",
        FileType::Device => "character special file",
        FileType::Fifo => "fifo",
    }
}

fn stat_format(cx: &mut Cx<'_, '_>, format: &str, path: &str, stat: &Stat) -> String {
    let unix = cx.sys.u.setup.epoch.saturating_add_unsigned(stat.mtime);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out += path,
            Some('N') => out += &format!("'{path}'"),
            Some('s') => out += &stat.size.to_string(),
            Some('a') => out += &format!("{:o}", stat.mode),
            Some('A') => out += &mode_text(stat),
            Some('u') => out += &stat.uid.to_string(),
            Some('g') => out += &stat.gid.to_string(),
            Some('U') => out += &super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, false),
            Some('G') => out += &super::sysinfo::name_of(cx, "/etc/group", stat.gid, false),
            Some('F') => out += type_name(stat),
            Some('h') => out += &stat.links.to_string(),
            Some('i') => out += &stat.ino.to_string(),
            Some('b') => out += &(stat.size.div_ceil(4096) * 8).to_string(),
            Some('B') => out += "512",
            Some('o') => out += "4096",
            Some('Y' | 'X' | 'Z') => out += &unix.div_euclid(1_000_000_000).to_string(),
            Some('y' | 'x' | 'z') => out += &long_time(unix),
            Some(other) => out.push(other),
            None => out.push('%'),
        }
    }
    out
}

fn long_time(unix: i64) -> String {
    let fraction = unix.rem_euclid(1_000_000_000);
    format!("{}.{fraction:09} +0000", date::format("%Y-%m-%d %H:%M:%S", unix))
}

fn stat(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-ltf] [-c FMT] FILE...\n\nDisplay file (default) or filesystem status\n";
    let options = match Options::parse(args, "ltfL", "c") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let mut status = 0;
    for path in &options.operands {
        match cx.sys.stat(path, options.has('L')) {
            Ok(stat) => {
                let text = match options.value('c') {
                    Some(format) => stat_format(cx, format, path, &stat),
                    None => long_stat(cx, path, &stat),
                };
                cx.print(&format!("{text}\n"));
            }
            Err(error) => {
                cx.warn(&format!("can't stat '{path}': {error}"));
                status = 1;
            }
        }
    }
    status
}

fn long_stat(cx: &mut Cx<'_, '_>, path: &str, stat: &Stat) -> String {
    let name = match cx.sys.read_link(path) {
        Ok(target) => format!("'{path}' -> '{target}'"),
        Err(_) => path.to_owned(),
    };
    let unix = cx.sys.u.setup.epoch.saturating_add_unsigned(stat.mtime);
    let time = long_time(unix);
    let owner = super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, false);
    let group = super::sysinfo::name_of(cx, "/etc/group", stat.gid, false);
    format!(
        "  File: {name}\n  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {}\nDevice: 2ah/42d\tInode: {:<10}  Links: {}\n\
Access: ({:04o}/{})  Uid: ({:5}/{owner:>8})   Gid: ({:5}/{group:>8})\nAccess: {time}\nModify: {time}\nChange: {time}",
        stat.size,
        stat.size.div_ceil(4096) * 8,
        type_name(stat),
        stat.ino,
        stat.links,
        stat.mode,
        mode_text(stat),
        stat.uid,
        stat.gid,
    )
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
