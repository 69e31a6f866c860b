//! `ls` and `stat`.

use super::*;

/// `drwxr-xr-x`
pub(super) fn mode_text(stat: &Stat) -> String {
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

pub(super) struct Listing {
    pub(super) flags: String,
    pub(super) blocks: u64,
}

impl Listing {
    pub(super) fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    pub(super) fn suffix(&self, stat: &Stat) -> &'static str {
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

    pub(super) fn line(
        &mut self,
        cx: &mut Cx<'_, '_>,
        name: &str,
        path: &str,
        stat: &Stat,
    ) -> String {
        let mut out = String::new();
        if self.has('i') {
            out += &format!("{:7} ", stat.ino);
        }
        if self.has('s') {
            out += &format!("{:6} ", stat.size.div_ceil(4096) * 4);
        }
        if self.has('l') || self.has('n') || self.has('g') {
            let owner = super::super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, self.has('n'));
            let group = super::super::sysinfo::name_of(cx, "/etc/group", stat.gid, self.has('n'));
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

    pub(super) fn sort(&self, entries: &mut [(String, String, Stat)]) {
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

    pub(super) fn directory(&mut self, cx: &mut Cx<'_, '_>, dir: &str) -> Result<String, String> {
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

pub(super) fn ls(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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

pub(super) fn subdirectories(cx: &mut Cx<'_, '_>, dir: &str, hidden: bool) -> Vec<String> {
    let names = cx.sys.list(dir).unwrap_or_default();
    let paths: Vec<String> = names
        .iter()
        .filter(|name| hidden || !name.starts_with('.'))
        .map(|name| format!("{}/{name}", dir.trim_end_matches('/')))
        .collect();
    paths.into_iter().filter(|p| cx.sys.stat(p, false).is_ok_and(|s| s.is_dir())).collect()
}

pub(super) fn type_name(stat: &Stat) -> &'static str {
    match stat.file_type {
        FileType::File if stat.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Dir => "directory",
        FileType::Link => "symbolic link",
        FileType::Device => "character special file",
        FileType::Fifo => "fifo",
    }
}

pub(super) fn stat_format(cx: &mut Cx<'_, '_>, format: &str, path: &str, stat: &Stat) -> String {
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
            Some('U') => out += &super::super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, false),
            Some('G') => out += &super::super::sysinfo::name_of(cx, "/etc/group", stat.gid, false),
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

pub(super) fn long_time(unix: i64) -> String {
    let fraction = unix.rem_euclid(1_000_000_000);
    format!("{}.{fraction:09} +0000", date::format("%Y-%m-%d %H:%M:%S", unix))
}

pub(super) fn stat(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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

pub(super) fn long_stat(cx: &mut Cx<'_, '_>, path: &str, stat: &Stat) -> String {
    let name = match cx.sys.read_link(path) {
        Ok(target) => format!("'{path}' -> '{target}'"),
        Err(_) => path.to_owned(),
    };
    let unix = cx.sys.u.setup.epoch.saturating_add_unsigned(stat.mtime);
    let time = long_time(unix);
    let owner = super::super::sysinfo::name_of(cx, "/etc/passwd", stat.uid, false);
    let group = super::super::sysinfo::name_of(cx, "/etc/group", stat.gid, false);
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
