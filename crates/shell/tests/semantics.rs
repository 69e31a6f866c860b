//! What a kubelet sees of a container's processes: signals, exit codes, execs, memory, files.

mod support;

use podplay_shell::{Fs, Mount, SECOND, Setup, Signal};
use support::{Machine, World};

/// Exit status, and tenths of a second.
type End = Option<(u8, u64)>;

/// Script, signal at one second, expected end.
const SIGNALS: &[(&str, Option<Signal>, End)] = &[
    ("sleep 3", None, Some((0, 30))),
    ("sleep 3; exit 42", None, Some((42, 30))),
    ("sleep 3600", Some(Signal::TERM), None),
    ("sleep 3600", Some(Signal::KILL), Some((137, 10))),
    ("trap 'exit 0' TERM; while true; do sleep 0.7; done", Some(Signal::TERM), Some((0, 14))),
    ("trap 'exit 3' TERM; sleep 100 & wait", Some(Signal::TERM), Some((3, 10))),
    ("trap '' TERM; sleep 2", Some(Signal::TERM), Some((0, 20))),
    (
        "trap 'sleep 6; exit 1' TERM; while true; do sleep 1; done",
        Some(Signal::TERM),
        Some((1, 80)),
    ),
    ("kill -9 1; echo still alive; exit 7", None, Some((7, 0))),
    ("kill 1; kill $$; exit 5", None, Some((5, 0))),
    ("kill -SEGV $$; sleep 1; exit 5", None, Some((5, 10))),
    ("sh -c 'kill -9 $$'; exit $?", None, Some((137, 0))),
    ("sleep 100 & kill $!; wait $!; exit $?", None, Some((143, 0))),
    ("nosuchcmd", None, Some((127, 0))),
    ("/etc/passwd", None, Some((126, 0))),
    ("touch /x || exit 9", None, Some((0, 0))),
    ("trap 'echo bye' EXIT; exit 4", None, Some((4, 0))),
];

#[test]
fn entrypoints() {
    for (script, signal, expected) in SIGNALS {
        let mut machine = Machine::new(Setup::default());
        let session = machine.sh(script);
        machine.run_until(SECOND);
        if let Some(signal) = signal {
            machine.userland.signal(SECOND, session, *signal);
        }
        let end = machine.finish(session, 60 * SECOND);
        let end = end.map(|(status, at)| (status, at / (SECOND / 10)));
        assert_eq!(end, *expected, "{script}\n{}", machine.err);
    }
}

#[test]
fn without_a_pid_namespace_of_its_own_sleep_ends_with_143() {
    let mut machine = Machine::new(Setup { is_pid1: false, ..Setup::default() });
    let session = machine.sh("sleep 3600");
    machine.run_until(SECOND);
    machine.userland.signal(SECOND, session, Signal::TERM);
    assert_eq!(machine.finish(session, SECOND), Some((143, SECOND)));
}

#[test]
fn the_last_command_replaces_the_shell() {
    let mut machine = Machine::new(Setup::default());
    machine.sh("echo a; sleep 100");
    machine.run_until(SECOND);
    let processes = machine.userland.processes();
    assert_eq!(processes.len(), 1);
    assert_eq!(processes[0].argv, ["sleep", "100"]);
}

#[test]
fn an_exec_is_drained_when_its_children_are_gone() {
    for (script, drained_at) in [("true; sleep 4; true", 4), ("exec sleep 4", 2)] {
        let mut machine = Machine::new(Setup::default());
        machine.sh("sleep 100");
        let exec = machine.sh(script);
        machine.run_until(2 * SECOND);
        machine.userland.signal(2 * SECOND, exec, Signal::KILL);
        machine.instant();
        assert_eq!(machine.drained(exec), drained_at == 2, "{script}");
        machine.run_until(drained_at * SECOND);
        assert!(machine.drained(exec), "{script}");
    }
}

#[test]
fn memory_beyond_the_limit_kills_the_container() {
    for script in [
        "dd if=/dev/zero of=/dev/null bs=200M count=10; echo survived; sleep 100",
        "tail /dev/zero; sleep 100",
        "head -c 200m /dev/zero | tail; sleep 100",
        "dd if=/dev/zero of=/dev/shm/x bs=1M count=100; sleep 100",
        "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x$x$x; done",
    ] {
        let setup = Setup { memory_limit: Some(64 << 20), ..Setup::default() };
        let mut machine = Machine::new(setup);
        let session = machine.sh(script);
        assert_eq!(machine.finish(session, 50 * SECOND).map(|e| e.0), Some(137), "{script}");
        assert!(!machine.out.contains("survived"));
    }
}

#[test]
fn a_spinning_script_is_busy_and_does_not_hang() {
    let mut machine = Machine::new(Setup::default());
    let session = machine.sh("while true; do :; done");
    machine.run_until(SECOND);
    assert!(machine.busy >= 90, "{}", machine.busy);
    machine.userland.signal(SECOND, session, Signal::KILL);
    assert!(machine.finish(session, 1).is_some());
}

#[test]
fn volumes_are_shared_and_the_root_layer_is_not() {
    let mut world = World::default();
    world.volumes.create("data", false, 0o777);
    for expected in ["1\n", "2\n"] {
        let mut fs = Fs::busybox();
        let mount = Mount {
            path: "/work".to_owned(),
            volume: "data".to_owned(),
            sub_path: String::new(),
            read_only: false,
        };
        fs.mount(mount, &world.volumes);
        let mut machine = Machine::with(Setup::default(), fs, world);
        let session = machine
            .sh("echo x >> /work/n; cat /work/n | wc -l; test -e /tmp/m && echo bad; touch /tmp/m");
        assert!(machine.finish(session, SECOND).is_some());
        assert_eq!(machine.out, expected);
        world = machine.world;
    }
}

#[test]
fn a_read_only_root() {
    let mut machine = Machine::new(Setup { read_only_root: true, ..Setup::default() });
    let session = machine.sh("touch /x || exit 9");
    assert_eq!(machine.finish(session, SECOND).map(|e| e.0), Some(9));
    assert_eq!(machine.err, "touch: /x: Read-only file system\n");
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut machine = Machine::new(Setup::default());
    let session = machine.sh("for i in 1 2 3 4; do sleep 1; echo $i > /tmp/n; done; cat /tmp/n");
    machine.run_until(2 * SECOND);
    let mut other = machine.clone();
    assert_eq!(machine.finish(session, 9 * SECOND), other.finish(session, 9 * SECOND));
    assert_eq!((machine.out.as_str(), other.out.as_str()), ("4\n", "4\n"));
}

#[test]
fn effects_carry_the_line_of_the_script() {
    let mut machine = Machine::new(Setup::default());
    machine.spawn(&["sh", "-c", "sleep 1\n\necho hello > /tmp/f\nrm /tmp/f\n"]);
    machine.now = 0;
    let mut budget = 10_000;
    machine.userland.run(0, &mut machine.world, &mut budget);
    machine.userland.run(SECOND, &mut machine.world, &mut budget);
    let lines: Vec<(u32, u64)> = machine
        .userland
        .take_effects()
        .into_iter()
        .filter(|e| {
            use podplay_shell::EffectKind::{Removed, Wrote};
            matches!(e.kind, Wrote { .. } | Removed { .. })
        })
        .map(|e| (e.line, e.at / SECOND))
        .collect();
    assert_eq!(lines, [(3, 1), (4, 1)]);
}
