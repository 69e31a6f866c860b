//! Tools that make, remove and move files.

use super::{Cx, Options, Start, walk};
use crate::fs::{Errno, Kind};
use crate::kernel::{Change, FileType, OpenMode};
use crate::rope::Rope;

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("touch", Start::Now(touch)),
    ("rm", Start::Now(rm)),
    ("unlink", Start::Now(unlink)),
    ("mkdir", Start::Now(mkdir)),
    ("rmdir", Start::Now(rmdir)),
    ("mv", Start::Now(mv)),
    ("cp", Start::Now(cp)),
    ("ln", Start::Now(ln)),
    ("link", Start::Now(link)),
    ("chmod", Start::Now(chmod)),
    ("chown", Start::Now(chown)),
    ("chgrp", Start::Now(chgrp)),
    ("mkfifo", Start::Now(mkfifo)),
    ("mktemp", Start::Now(mktemp)),
    ("truncate", Start::Now(truncate)),
    ("install", Start::Now(install)),
    ("fallocate", Start::Now(fallocate)),
];

fn each(
    cx: &mut Cx<'_, '_>,
    files: &[String],
    mut f: impl FnMut(&mut Cx<'_, '_>, &str) -> Result<(), String>,
) -> u8 {
    let mut status = 0;
    for file in files {
        if let Err(message) = f(cx, file) {
            cx.warn(&message);
            status = 1;
        }
    }
    status
}

fn touch(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...\n\nUpdate mtime of FILEs\n";
    let options = match Options::parse(args, "cham", "dtr") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let mut at = cx.sys.local_now();
    if let Some(reference) = options.value('r') {
        match cx.sys.stat(reference, true) {
            Ok(stat) => at = stat.mtime,
            Err(error) => {
                cx.warn(&format!("{reference}: {error}"));
                return 1;
            }
        }
    }
    if let Some(date) = options.value('d').or(options.value('t')) {
        match super::date::parse(cx, date) {
            Some(nanos) => at = u64::try_from(nanos - cx.sys.u.setup.epoch).unwrap_or(0),
            None => {
                cx.warn(&format!("invalid date '{date}'"));
                return 1;
            }
        }
    }
    each(cx, &options.operands, |cx, file| {
        let result = match cx.sys.set_mtime(file, at) {
            Err(Errno::NotFound) if options.has('c') => Ok(()),
            Err(Errno::NotFound) => {
                cx.sys.open(file, OpenMode::NO_TRUNCATE).map(|id| cx.sys.u.release_desc(id))
            }
            other => other,
        };
        result.map_err(|error| format!("{file}: {error}"))
    })
}

fn unlink(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    each(cx, &args[1..], |cx, file| {
        cx.sys.unlink(file).map_err(|error| format!("can't remove file '{file}': {error}"))
    })
}

fn rm(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-irf] FILE...\n\nRemove (unlink) FILEs\n";
    let options = match Options::parse(args, "irRfv", "") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let force = options.has('f');
    if options.operands.is_empty() {
        return if force { 0 } else { cx.usage(usage) };
    }
    let recursive = options.has('r') || options.has('R');
    let verbose = options.has('v');
    each(cx, &options.operands, |cx, file| {
        let last = file.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        if matches!(last, "." | "..") {
            return Err("can't remove '.' or '..'".to_owned());
        }
        match cx.sys.stat(file, false) {
            Err(Errno::NotFound | Errno::NotDir) if force => Ok(()),
            Err(error) => Err(format!("can't remove '{file}': {error}")),
            Ok(stat) if stat.is_dir() && !recursive => Err(format!("'{file}' is a directory")),
            Ok(_) => remove_all(cx, file, verbose),
        }
    })
}

/// Removes a tree, children first.
fn remove_all(cx: &mut Cx<'_, '_>, path: &str, verbose: bool) -> Result<(), String> {
    let mut failed = None;
    let mut entries = walk::tree(cx, path, false);
    entries.reverse();
    for (path, stat) in entries {
        let result = if stat.is_dir() { cx.sys.rmdir(&path) } else { cx.sys.unlink(&path) };
        match result {
            Ok(()) if verbose && stat.is_dir() => {
                cx.print(&format!("removed directory: '{path}'\n"))
            }
            Ok(()) if verbose => cx.print(&format!("removed '{path}'\n")),
            Ok(()) => {}
            Err(error) => failed = Some(format!("can't remove '{path}': {error}")),
        }
    }
    failed.map_or(Ok(()), Err)
}

fn mkdir(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY\n";
    let options = match Options::parse(args, "pv", "m") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let (parents, verbose) = (options.has('p'), options.has('v'));
    let mode = options.value('m').map(str::to_owned);
    each(cx, &options.operands, |cx, dir| {
        let fail = |error: Errno| format!("can't create directory '{dir}': {error}");
        if parents {
            make_parents(cx, dir).map_err(fail)?;
        } else {
            cx.sys.mkdir(dir, 0o777).map_err(fail)?;
        }
        if verbose {
            cx.print(&format!("created directory: '{dir}'\n"));
        }
        match &mode {
            Some(mode) => set_mode(cx, dir, mode)
                .map_err(|e| e.unwrap_or_else(|| format!("invalid mode '{mode}'"))),
            None => Ok(()),
        }
    })
}

/// `mkdir -p`
pub(super) fn make_parents(cx: &mut Cx<'_, '_>, path: &str) -> Result<(), Errno> {
    let mut at = if path.starts_with('/') { "/".to_owned() } else { String::new() };
    for part in path.split('/').filter(|c| !c.is_empty()) {
        at += part;
        match cx.sys.mkdir(&at, 0o777) {
            Ok(()) => {}
            Err(error) => match cx.sys.stat(&at, true) {
                Ok(stat) if stat.is_dir() => {}
                Ok(_) => return Err(Errno::Exists),
                Err(_) => return Err(error),
            },
        }
        at.push('/');
    }
    Ok(())
}

fn rmdir(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "p", "") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage("[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty\n"),
        Err(bad) => {
            return cx.bad_option(&bad, "[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty\n");
        }
    };
    each(cx, &options.operands, |cx, dir| {
        cx.sys.rmdir(dir).map_err(|error| format!("'{dir}': {error}"))?;
        let mut path = dir.trim_end_matches('/');
        while options.has('p')
            && let Some((parent, _)) =
                path.rsplit_once('/').filter(|(parent, _)| !parent.is_empty())
        {
            cx.sys.rmdir(parent).map_err(|error| format!("'{parent}': {error}"))?;
            path = parent;
        }
        Ok(())
    })
}

/// Where a source goes: into the destination if that is a directory.
fn destination(cx: &mut Cx<'_, '_>, source: &str, dest: &str, into: bool) -> String {
    if into || cx.sys.stat(dest, true).is_ok_and(|stat| stat.is_dir()) {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
        format!("{}/{name}", dest.trim_end_matches('/'))
    } else {
        dest.to_owned()
    }
}

/// Splits operands into sources and the destination; `None`: wrong usage.
fn sources(
    cx: &mut Cx<'_, '_>,
    options: &Options,
) -> Result<(Vec<String>, String, bool), Option<u8>> {
    if let Some(dir) = options.value('t') {
        return Ok((options.operands.clone(), dir.to_owned(), true));
    }
    let Some((dest, sources)) = options.operands.split_last().filter(|(_, s)| !s.is_empty()) else {
        return Err(None);
    };
    let is_dir = cx.sys.stat(dest, true).is_ok_and(|stat| stat.is_dir()) && !options.has('T');
    Ok((sources.to_vec(), dest.clone(), is_dir || sources.len() > 1))
}

fn mv(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nRename SOURCE to DEST, or move SOURCEs to DIRECTORY\n";
    let options = match Options::parse(args, "finTvu", "t") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let (sources, dest, into) = match sources(cx, &options) {
        Ok(found) => found,
        Err(status) => return status.unwrap_or_else(|| cx.usage(usage)),
    };
    each(cx, &sources, |cx, source| {
        let target = destination(cx, source, &dest, into);
        if options.has('n') && cx.sys.stat(&target, false).is_ok() {
            return Ok(());
        }
        match cx.sys.rename(source, &target) {
            Ok(()) => {}
            Err(Errno::CrossDevice) => {
                copy_tree(cx, source, &target, true)?;
                remove_all(cx, source, false)?;
            }
            Err(Errno::NotEmpty | Errno::NotDir) if cx.sys.stat(&target, false).is_ok() => {
                return Err(format!("can't rename '{source}': {}", Errno::NotEmpty));
            }
            Err(error) => return Err(format!("can't rename '{source}': {error}")),
        }
        if options.has('v') {
            cx.print(&format!("'{source}' -> '{target}'\n"));
        }
        Ok(())
    })
}

fn cp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nCopy SOURCEs to DEST\n";
    let options = match Options::parse(args, "arRPLHpfinlsTuvd", "t") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let (sources, dest, into) = match sources(cx, &options) {
        Ok(found) => found,
        Err(status) => return status.unwrap_or_else(|| cx.usage(usage)),
    };
    let recursive = options.has('a') || options.has('r') || options.has('R');
    let keep = options.has('a') || options.has('p');
    let keeps_links = recursive || options.has('d') || options.has('P');
    let follow = options.has('L') || !keeps_links;
    each(cx, &sources, |cx, source| {
        let target = destination(cx, source, &dest, into);
        let stat =
            cx.sys.stat(source, follow).map_err(|e| format!("can't stat '{source}': {e}"))?;
        if stat.is_dir() && !recursive {
            return Err(format!("omitting directory '{source}'"));
        }
        if let Ok(there) = cx.sys.stat(&target, true) {
            if options.has('n') {
                return Ok(());
            }
            if (&there.tree, there.ino) == (&stat.tree, stat.ino)
                && stat.file_type == FileType::File
            {
                return Err(format!("'{source}' and '{target}' are the same file"));
            }
        }
        if options.has('l') || options.has('s') {
            let result = if options.has('s') {
                cx.sys.symlink(source, &target)
            } else {
                cx.sys.hard_link(source, &target)
            };
            return result.map_err(|e| format!("can't create link '{target}': {e}"));
        }
        if recursive {
            copy_tree(cx, source, &target, keep)?;
        } else {
            copy_file(cx, source, &target, keep)?;
        }
        if options.has('v') {
            cx.print(&format!("'{source}' -> '{target}'\n"));
        }
        Ok(())
    })
}

fn copy_file(cx: &mut Cx<'_, '_>, source: &str, target: &str, keep: bool) -> Result<(), String> {
    let stat = cx.sys.stat(source, true).map_err(|e| format!("can't stat '{source}': {e}"))?;
    let data = match stat.file_type {
        FileType::File => {
            cx.sys.read_all(source).map_err(|e| format!("can't open '{source}': {e}"))?
        }
        _ => Rope::default(),
    };
    let new = cx.sys.stat(target, true).is_err();
    cx.sys.cost += data.stored() / 64;
    cx.sys.write_all(target, &data).map_err(|e| format!("can't create '{target}': {e}"))?;
    if new || keep {
        let mask = cx.sys.proc().umask;
        let mode = if keep { stat.mode } else { stat.mode & !mask };
        let mtime = stat.mtime;
        // The file was made by this process a moment ago.
        let _ = cx.sys.change(target, Change::Owner, |node| {
            node.mode = mode;
            if keep {
                node.mtime = mtime;
            }
        });
    }
    Ok(())
}

fn copy_tree(cx: &mut Cx<'_, '_>, source: &str, target: &str, keep: bool) -> Result<(), String> {
    let mut failed = None;
    for (path, stat) in walk::tree(cx, source, false) {
        let to = format!("{target}{}", path.strip_prefix(source).unwrap_or(""));
        let result = match stat.file_type {
            FileType::Dir => match cx.sys.mkdir(&to, stat.mode | 0o700) {
                Err(Errno::Exists) if cx.sys.stat(&to, true).is_ok_and(|s| s.is_dir()) => Ok(()),
                other => other.map_err(|e| format!("can't create directory '{to}': {e}")),
            },
            FileType::Link => match cx.sys.read_link(&path) {
                Ok(link) => {
                    let _ = cx.sys.unlink(&to);
                    cx.sys
                        .symlink(&link, &to)
                        .map_err(|e| format!("can't create symlink '{to}' to '{link}': {e}"))
                }
                Err(error) => Err(format!("can't read link '{path}': {error}")),
            },
            FileType::Fifo => {
                cx.sys.mkfifo(&to, stat.mode).map_err(|e| format!("can't create '{to}': {e}"))
            }
            _ => copy_file(cx, &path, &to, keep),
        };
        if let Err(message) = result {
            failed.get_or_insert(message);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn ln(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-sfnbtv] [-S SUF] TARGET... LINK|DIR\n\nCreate a link LINK or DIR/TARGET to the specified TARGET(s)\n";
    let options = match Options::parse(args, "sfnbvT", "S") {
        Ok(options) if !options.operands.is_empty() => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let (targets, last) = match options.operands.as_slice() {
        [one] => (vec![one.clone()], ".".to_owned()),
        [all @ .., last] => (all.to_vec(), last.clone()),
        [] => return 1,
    };
    let no_follow = options.has('n') || options.has('T');
    each(cx, &targets, |cx, target| {
        let in_dir = cx.sys.stat(&last, !no_follow).is_ok_and(|s| s.is_dir()) && !options.has('T');
        let place = if in_dir {
            let name = target.trim_end_matches('/').rsplit('/').next().unwrap_or(target);
            format!("{}/{name}", last.trim_end_matches('/'))
        } else {
            last.clone()
        };
        if !options.has('s') && cx.sys.stat(target, false).is_err() {
            return Err(format!("{target}: {}", Errno::NotFound));
        }
        if options.has('f') {
            let _ = cx.sys.unlink(&place);
        }
        let result = if options.has('s') {
            cx.sys.symlink(target, &place)
        } else {
            cx.sys.hard_link(target, &place)
        };
        result.map_err(|error| format!("{place}: {error}"))?;
        if options.has('v') {
            cx.print(&format!("'{place}' -> '{target}'\n"));
        }
        Ok(())
    })
}

fn link(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let [_, from, to] = args else { return cx.usage("FILE LINK\n\nCreate hard LINK to FILE\n") };
    match cx.sys.hard_link(from, to) {
        Ok(()) => 0,
        Err(error) => {
            cx.warn(&format!("can't create hard link '{to}' to '{from}': {error}"));
            1
        }
    }
}

/// Applies `644` or `u+x,go-w` to a mode.
fn parse_mode(text: &str, old: u16, is_dir: bool) -> Option<u16> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u16::from_str_radix(text, 8).ok().filter(|m| *m <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let op_at = clause.find(['+', '-', '='])?;
        let mut who = 0u16;
        for c in clause[..op_at].chars() {
            who |= match c {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let who = if who == 0 { 0o7777 } else { who };
        let mut bits = 0u16;
        for c in clause[op_at + 1..].chars() {
            bits |= match c {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_dir || old & 0o111 != 0 => 0o111,
                'X' => 0,
                's' => 0o6000,
                't' => 0o1000,
                _ => return None,
            };
        }
        let bits = bits & who;
        mode = match &clause[op_at..=op_at] {
            "+" => mode | bits,
            "-" => mode & !bits,
            _ => mode & !(who & 0o777) | bits,
        };
    }
    Some(mode)
}

/// `Err(None)`: the mode itself is wrong.
fn set_mode(cx: &mut Cx<'_, '_>, path: &str, mode: &str) -> Result<(), Option<String>> {
    let stat = cx.sys.stat(path, true).map_err(|e| Some(format!("{path}: {e}")))?;
    let new = parse_mode(mode, stat.mode, stat.is_dir()).ok_or(None)?;
    cx.sys
        .change(path, Change::Owner, |node| node.mode = new)
        .map_err(|e| Some(format!("{path}: {e}")))
}

fn recursive_operands(cx: &mut Cx<'_, '_>, files: &[String], recursive: bool) -> Vec<String> {
    if !recursive {
        return files.to_vec();
    }
    let mut all = Vec::new();
    for file in files {
        let below = walk::tree(cx, file, false);
        if below.is_empty() {
            all.push(file.clone());
        }
        all.extend(
            below.into_iter().filter(|(_, s)| s.file_type != FileType::Link).map(|(path, _)| path),
        );
    }
    all
}

fn chmod(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-R] MODE[,MODE]... FILE...\n";
    // A mode may look like an option: `-x`, `-w`.
    let is_mode = |a: &String| {
        a.len() > 1 && a.starts_with('-') && a[1..].chars().all(|c| "rwxXst".contains(c))
    };
    let at = args.iter().skip(1).position(is_mode).map(|i| i + 1);
    let mut rest = args.to_vec();
    let dashed = at.map(|at| rest.remove(at));
    let options = match Options::parse(&rest, "Rvcf", "") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let (mode, files) = match (dashed, options.operands.split_first()) {
        (Some(mode), _) => (mode, options.operands.clone()),
        (None, Some((mode, files))) => (mode.clone(), files.to_vec()),
        (None, None) => return cx.usage(usage),
    };
    if files.is_empty() {
        return cx.usage(usage);
    }
    if parse_mode(&mode, 0, false).is_none() {
        cx.warn(&format!("invalid mode '{mode}'"));
        return 1;
    }
    let files = recursive_operands(cx, &files, options.has('R'));
    each(cx, &files, |cx, file| set_mode(cx, file, &mode).map_err(Option::unwrap_or_default))
}

fn user_id(cx: &mut Cx<'_, '_>, name: &str, file: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    super::sysinfo::look_up(cx, file, name)
}

fn change_owner(cx: &mut Cx<'_, '_>, args: &[String], only_group: bool) -> u8 {
    let usage = "[-RhLHPcvf]... USER[:[GRP]] FILE...\n";
    let options = match Options::parse(args, "RhLHPcvf", "") {
        Ok(options) if options.operands.len() > 1 => options,
        Ok(_) => return cx.usage(usage),
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let who = options.operands[0].clone();
    let (user, group) = match who.split_once([':', '.']) {
        _ if only_group => ("", who.as_str()),
        Some((user, group)) => (user, group),
        None => (who.as_str(), ""),
    };
    let mut ids = [None, None];
    for (i, (name, file, kind)) in
        [(user, "/etc/passwd", "user"), (group, "/etc/group", "group")].into_iter().enumerate()
    {
        if !name.is_empty() {
            ids[i] = user_id(cx, name, file);
            if ids[i].is_none() {
                cx.warn(&format!("unknown {kind} {name}"));
                return 1;
            }
        }
    }
    let files = recursive_operands(cx, &options.operands[1..], options.has('R'));
    let root = cx.sys.proc().cred.uid == 0;
    each(cx, &files, |cx, file| {
        if !root && cx.sys.stat(file, true).is_ok_and(|s| ids[0].is_some_and(|id| id != s.uid)) {
            return Err(format!("{file}: {}", Errno::Perm));
        }
        let edit = |node: &mut crate::fs::Inode| {
            node.uid = ids[0].unwrap_or(node.uid);
            node.gid = ids[1].unwrap_or(node.gid);
        };
        let how = if options.has('h') { Change::Link } else { Change::Owner };
        cx.sys.change(file, how, edit).map_err(|e| format!("{file}: {e}"))
    })
}

fn chown(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    change_owner(cx, args, false)
}

fn chgrp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    change_owner(cx, args, true)
}

fn mkfifo(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "", "m") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-m MODE] NAME\n\nCreate named pipe\n"),
    };
    each(cx, &options.operands, |cx, file| {
        cx.sys.mkfifo(file, 0o666).map_err(|e| format!("{file}: {e}"))
    })
}

fn mktemp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "dqut", "p") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-dt] [-p DIR] [TEMPLATE]\n\nCreate a temporary file with name based on TEMPLATE and print its name.\n"),
    };
    let dir = options.value('p').map(str::to_owned);
    let template = options.operands.first().cloned();
    let in_dir = template.is_none() || dir.is_some() || options.has('t');
    let template = template.unwrap_or_else(|| "tmp.XXXXXX".to_owned());
    let stem = template.trim_end_matches('X').to_owned();
    let letters = template.len() - stem.len();
    if letters < 6 {
        cx.warn(&format!("(null): {}", Errno::Invalid));
        return 1;
    }
    let stem =
        if in_dir { format!("{}/{stem}", dir.unwrap_or_else(|| "/tmp".to_owned())) } else { stem };
    let alphabet = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for _ in 0..100 {
        let tail: String = (0..letters)
            .map(|_| char::from(alphabet[(cx.sys.random() >> 33) as usize % alphabet.len()]))
            .collect();
        let path = format!("{stem}{tail}");
        let result = if options.has('u') {
            Ok(())
        } else if options.has('d') {
            cx.sys.mkdir(&path, 0o700)
        } else {
            cx.sys.look_up(&path, false).and_then(|found| {
                cx.sys.create(&found, Kind::File(Rope::default()), 0o600).map(|_| ())
            })
        };
        match result {
            Ok(()) => {
                cx.print(&format!("{path}\n"));
                return 0;
            }
            Err(Errno::Exists) => {}
            Err(error) => {
                cx.warn(&format!("(null): {error}"));
                return 1;
            }
        }
    }
    1
}

fn truncate(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-c] -s SIZE FILE...\n\nTruncate FILEs to SIZE\n";
    let options = match Options::parse(args, "c", "s") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let Some(text) = options.value('s') else { return cx.usage(usage) };
    let Some(size) = super::format::size(text) else {
        cx.warn(&format!("invalid number '{text}'"));
        return 1;
    };
    each(cx, &options.operands, |cx, file| {
        if options.has('c') && cx.sys.stat(file, true).is_err() {
            return Ok(());
        }
        let fd = cx.sys.open_fd(file, OpenMode::NO_TRUNCATE).map_err(|e| format!("{file}: {e}"))?;
        cx.sys.set_len(fd, size);
        cx.sys.close(fd);
        Ok(())
    })
}

fn fallocate(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "", "lo") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-o OFS] -l LEN FILE\n"),
    };
    let Some(size) = options.value('l').and_then(super::format::size) else {
        return cx.usage("[-o OFS] -l LEN FILE\n\nPreallocate space for FILE\n");
    };
    each(cx, &options.operands, |cx, file| {
        let fd = cx
            .sys
            .open_fd(file, OpenMode::NO_TRUNCATE)
            .map_err(|e| format!("can't open '{file}': {e}"))?;
        let len = cx.sys.file_len(fd).unwrap_or(0);
        cx.sys.set_len(fd, size.max(len));
        cx.sys.close(fd);
        Ok(())
    })
}

fn install(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST\n";
    let options = match Options::parse(args, "cdDsp", "ogmt") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let mode = options.value('m').unwrap_or("755").to_owned();
    if options.has('d') {
        return each(cx, &options.operands, |cx, dir| {
            make_parents(cx, dir).map_err(|e| format!("can't create directory '{dir}': {e}"))?;
            set_mode(cx, dir, &mode).map_err(Option::unwrap_or_default)
        });
    }
    let (sources, dest, into) = match sources(cx, &options) {
        Ok(found) => found,
        Err(status) => return status.unwrap_or_else(|| cx.usage(usage)),
    };
    each(cx, &sources, |cx, source| {
        let target = destination(cx, source, &dest, into);
        if options.has('D')
            && let Some((parent, _)) = target.rsplit_once('/')
        {
            make_parents(cx, parent)
                .map_err(|e| format!("can't create directory '{parent}': {e}"))?;
        }
        copy_file(cx, source, &target, false)?;
        set_mode(cx, &target, &mode).map_err(Option::unwrap_or_default)
    })
}
