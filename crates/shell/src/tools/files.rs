//! Tools that make, remove and move files.

mod attributes;

use super::{Cx, Options, Start, walk};
use crate::fs::{Errno, Kind};
use crate::kernel::{Change, FileType, OpenMode};
use crate::rope::Rope;
use attributes::{chgrp, chmod, chown, fallocate, install, mkfifo, mktemp, set_mode, truncate};

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
            cx.sys.read_sparse(source).map_err(|e| format!("can't open '{source}': {e}"))?
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
