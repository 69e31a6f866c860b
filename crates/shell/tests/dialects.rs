//! Every script of `dialects.txt` is run by the real bash, dash or busybox `ash` and by ours;
//! output, messages and status must be equal.

mod support;

use podplay_shell::{Fs, SECOND, Setup, SpawnOptions, Tools};
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Machine, World};

/// Cases are separated by lines of two percent signs; their first line names the shells.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialects.txt");

#[derive(Debug, PartialEq)]
struct Outcome {
    stdout: String,
    stderr: String,
    status: i32,
}

fn installed(shell: &str) -> Option<PathBuf> {
    let program = if shell == "ash" { "busybox" } else { shell };
    let dirs = std::env::var("PATH").unwrap_or_default();
    let mut paths = dirs.split(':').map(|dir| Path::new(dir).join(program));
    paths.find(|path| path.exists())
}

fn real(program: &Path, shell: &str, work: &Path, script: &str) -> Outcome {
    let output = Command::new(program)
        .arg0(shell)
        .args(["-c", script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/root")
        .env("LC_ALL", "C")
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .expect("the shell runs");
    let status = output.status.code().or_else(|| output.status.signal().map(|s| s + 128));
    Outcome {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: status.unwrap_or(-1),
    }
}

fn ours(shell: &str, script: &str) -> Outcome {
    let (fs, tools) = match shell {
        "ash" => (Fs::busybox(), Tools::Busybox),
        _ => (Fs::debian(), Tools::Debian),
    };
    let setup = Setup { is_pid1: false, tools, ..Setup::default() };
    let mut machine = Machine::with(setup, fs, World::default());
    let argv = [shell, "-c", script].map(str::to_owned);
    let options = SpawnOptions { cwd: Some("/tmp".to_owned()), ..SpawnOptions::default() };
    let session = machine.userland.spawn(0, &argv, options, &mut machine.world).expect("it exists");
    let end = machine.finish(session, 60 * SECOND);
    let status = end.map_or(-1, |(status, _)| i32::from(status));
    Outcome { stdout: machine.out, stderr: machine.err, status }
}

#[test]
fn every_dialect_does_what_its_shell_does() {
    let work = std::env::temp_dir().join(format!("podplay-dialects-{}", std::process::id()));
    fs::create_dir_all(&work).expect("the scratch directory is writable");
    let (mut all, mut different) = (0, 0);
    let scripts = fs::read_to_string(SCRIPTS).expect("the cases are beside this file");
    for case in scripts.split("\n%%\n") {
        let (shells, script) = case.split_once('\n').expect("a case names its shells");
        for shell in shells.split(' ') {
            let Some(program) = installed(shell) else {
                println!("NOTE: {shell} is not installed here; the comparison was skipped");
                continue;
            };
            all += 1;
            let expected = real(&program, shell, &work, script.trim_end());
            let got = ours(shell, script.trim_end());
            if expected != got {
                different += 1;
                println!("=== {script}\n--- {shell} {expected:#?}\n--- ours {got:#?}");
            }
        }
    }
    drop(fs::remove_dir_all(&work));
    println!("{} of {all} scripts agree", all - different);
    assert_eq!(different, 0, "of {all} scripts");
}
