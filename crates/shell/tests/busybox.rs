//! Every script of `scripts.txt` is run by the real busybox `sh` and by ours; output, status,
//! messages and files must be equal.

mod support;

use podplay_shell::{Fs, SECOND, Setup, SpawnOptions, Volumes};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Machine, World};

/// Cases are separated by lines of two percent signs.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts.txt");

#[derive(Debug, PartialEq)]
struct Outcome {
    stdout: String,
    stderr: String,
    status: i32,
    files: Vec<(String, String)>,
}

fn busybox() -> Option<PathBuf> {
    let dirs = std::env::var("PATH").unwrap_or_default();
    let found = dirs.split(':').map(|dir| Path::new(dir).join("busybox")).find(|p| p.exists());
    found.or_else(|| Some(PathBuf::from("/usr/bin/busybox"))).filter(|p| p.exists())
}

/// A directory of links to busybox, one per applet.
fn applets(busybox: &Path, scratch: &Path) -> PathBuf {
    let dir = scratch.join("bin");
    fs::create_dir_all(&dir).expect("the scratch directory is writable");
    let list = Command::new(busybox).arg("--list").output().expect("busybox runs");
    for name in String::from_utf8_lossy(&list.stdout).lines() {
        let link = dir.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(busybox, link).expect("links can be made");
        }
    }
    dir
}

fn files_below(root: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().expect("the entry exists");
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).expect("below the root").display().to_string();
                out.push((
                    name,
                    String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned(),
                ));
            }
        }
    }
    out.sort();
    out
}

fn real(busybox: &Path, bin: &Path, work: &Path, script: &str) -> Outcome {
    drop(fs::remove_dir_all(work));
    fs::create_dir_all(work).expect("the scratch directory is writable");
    let output = Command::new(busybox)
        .args(["sh", "-c", script])
        .env_clear()
        .env("PATH", bin)
        .env("HOME", "/root")
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .expect("busybox runs");
    let status = output.status.code().or_else(|| output.status.signal().map(|s| s + 128));
    Outcome {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: status.unwrap_or(-1),
        files: files_below(work),
    }
}

fn ours(work: &Path, script: &str) -> Outcome {
    let cwd = work.display().to_string();
    let mut fs = Fs::busybox();
    let mut world = World::default();
    world.volumes.create("work", false, 0o755);
    let mount = podplay_shell::Mount {
        path: cwd.clone(),
        volume: "work".to_owned(),
        sub_path: String::new(),
        read_only: false,
    };
    fs.mount(mount, &world.volumes);
    let setup = Setup { is_pid1: false, epoch: 1_795_343_820_000_000_000, ..Setup::default() };
    let mut machine = Machine::with(setup, fs, world);
    let argv = ["sh", "-c", script].map(str::to_owned);
    let options = SpawnOptions { cwd: Some(cwd), ..SpawnOptions::default() };
    let session = machine.userland.spawn(0, &argv, options, &mut machine.world).expect("sh exists");
    let end = machine.finish(session, 60 * SECOND);
    let status = end.map_or(-1, |(status, _)| i32::from(status));
    let volumes: &Volumes = &machine.world.volumes;
    let tree = volumes.tree("work").expect("it was made above");
    let files = tree
        .files()
        .into_iter()
        .map(|(path, bytes)| {
            (path.trim_start_matches('/').to_owned(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect();
    Outcome { stdout: machine.out, stderr: machine.err, status, files }
}

#[test]
fn scripts_do_what_busybox_does() {
    let Some(busybox) = busybox() else {
        println!("NOTE: busybox is not installed here; the comparison was skipped");
        return;
    };
    let scratch = std::env::temp_dir().join(format!("podplay-busybox-{}", std::process::id()));
    let bin = applets(&busybox, &scratch);
    let work = scratch.join("work");
    let mut different = 0;
    let mut all = 0;
    let scripts = fs::read_to_string(SCRIPTS).expect("the cases are beside this file");
    for case in scripts.split("\n%%\n").filter(|case| !case.trim().is_empty()) {
        all += 1;
        let expected = real(&busybox, &bin, &work, case);
        let got = ours(&work, case);
        if expected != got {
            different += 1;
            println!("=== {case}\n--- busybox {expected:#?}\n--- ours {got:#?}");
        }
    }
    drop(fs::remove_dir_all(&scratch));
    println!("{} of {all} scripts agree", all - different);
    assert_eq!(different, 0, "of {all} scripts");
}
