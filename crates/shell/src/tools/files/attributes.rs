//! Permissions, owners and sizes of files; temporary files.

use super::*;

/// Applies `644` or `u+x,go-w` to a mode.
pub(super) fn parse_mode(text: &str, old: u16, is_dir: bool) -> Option<u16> {
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
pub(super) fn set_mode(cx: &mut Cx<'_, '_>, path: &str, mode: &str) -> Result<(), Option<String>> {
    let stat = cx.sys.stat(path, true).map_err(|e| Some(format!("{path}: {e}")))?;
    let new = parse_mode(mode, stat.mode, stat.is_dir()).ok_or(None)?;
    cx.sys
        .change(path, Change::Owner, |node| node.mode = new)
        .map_err(|e| Some(format!("{path}: {e}")))
}

pub(super) fn recursive_operands(
    cx: &mut Cx<'_, '_>,
    files: &[String],
    recursive: bool,
) -> Vec<String> {
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

pub(super) fn chmod(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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

pub(super) fn user_id(cx: &mut Cx<'_, '_>, name: &str, file: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    super::super::sysinfo::look_up(cx, file, name)
}

pub(super) fn change_owner(cx: &mut Cx<'_, '_>, args: &[String], only_group: bool) -> u8 {
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

pub(super) fn chown(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    change_owner(cx, args, false)
}

pub(super) fn chgrp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    change_owner(cx, args, true)
}

pub(super) fn mkfifo(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "", "m") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-m MODE] NAME\n\nCreate named pipe\n"),
    };
    each(cx, &options.operands, |cx, file| {
        cx.sys.mkfifo(file, 0o666).map_err(|e| format!("{file}: {e}"))
    })
}

pub(super) fn mktemp(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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

pub(super) fn truncate(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let usage = "[-c] -s SIZE FILE...\n\nTruncate FILEs to SIZE\n";
    let options = match Options::parse(args, "c", "s") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, usage),
    };
    let Some(text) = options.value('s') else { return cx.usage(usage) };
    let Some(size) = super::super::format::size(text) else {
        cx.warn(&format!("invalid number '{text}'"));
        return 1;
    };
    each(cx, &options.operands, |cx, file| {
        if options.has('c') && cx.sys.stat(file, true).is_err() {
            return Ok(());
        }
        let fd = cx.sys.open_fd(file, OpenMode::NO_TRUNCATE).map_err(|e| format!("{file}: {e}"))?;
        let cut = cx.sys.set_len(fd, size);
        cx.sys.close(fd);
        cut.map_err(|e| format!("{file}: truncate: {e}"))?;
        cx.sys.close(fd);
        Ok(())
    })
}

pub(super) fn fallocate(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
    let options = match Options::parse(args, "", "lo") {
        Ok(options) => options,
        Err(bad) => return cx.bad_option(&bad, "[-o OFS] -l LEN FILE\n"),
    };
    let Some(size) = options.value('l').and_then(super::super::format::size) else {
        return cx.usage("[-o OFS] -l LEN FILE\n\nPreallocate space for FILE\n");
    };
    each(cx, &options.operands, |cx, file| {
        let fd = cx
            .sys
            .open_fd(file, OpenMode::NO_TRUNCATE)
            .map_err(|e| format!("can't open '{file}': {e}"))?;
        let len = cx.sys.file_len(fd).unwrap_or(0);
        let extended = cx.sys.set_len(fd, size.max(len));
        cx.sys.close(fd);
        extended.map_err(|e| format!("fallocate '{file}': {e}"))?;
        Ok(())
    })
}

pub(super) fn install(cx: &mut Cx<'_, '_>, args: &[String]) -> u8 {
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
