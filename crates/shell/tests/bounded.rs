//! Whatever a script does, what it costs is bounded: a container's work at an instant, its memory,
//! and what a minute of virtual time takes. Limits that are met are said.

mod support;

use podplay_shell::{EffectKind, SECOND, SessionState, Setup, SpawnOptions, Stream};
use support::Machine;

/// Steps for each instant, which are 50 ms apart.
const STEPS: u64 = 4_000;

/// What a script did in a minute of virtual time.
#[derive(Default)]
struct Minute {
    out: Vec<u8>,
    err: String,
    steps: u64,
    instants: u32,
    limits: Vec<&'static str>,
    status: Option<u8>,
}

/// Runs a script as a cluster does: in each second so many steps, wakeups not too near each other.
fn minute(shell: &str, script: &str, seconds: u64) -> Minute {
    let mut machine = Machine::new(Setup::default());
    let argv = [shell, "-c", script].map(str::to_owned);
    let options = SpawnOptions::default();
    let session = machine.userland.spawn(0, &argv, options, &mut machine.world).expect("a shell");
    let mut result = Minute::default();
    while machine.now < seconds * SECOND {
        let mut budget = STEPS;
        machine.userland.run(machine.now, &mut machine.world, &mut budget);
        result.steps += STEPS - budget;
        result.instants += 1;
        for effect in machine.userland.take_effects() {
            match effect.kind {
                EffectKind::Output { stream: Stream::Stdout, bytes }
                    if result.out.len() < 1 << 20 =>
                {
                    result.out.extend(bytes);
                }
                EffectKind::Output { stream: Stream::Stderr, bytes } if result.err.len() < 4096 => {
                    result.err += &String::from_utf8_lossy(&bytes);
                }
                EffectKind::Limit { name } => result.limits.push(name),
                _ => {}
            }
        }
        if let SessionState::Exited { status, .. } = machine.userland.session(session) {
            result.status = Some(status.code());
            break;
        }
        let Some(at) = machine.userland.next_wakeup() else { break };
        machine.now = at.max(machine.now + SECOND / 20);
    }
    result
}

/// Scripts that once did not end, took all memory or panicked, and what they come to: the exit
/// status of a minute (none: they still run), and the limit that they met.
const SCRIPTS: &[(&str, Option<u8>, &str)] = &[
    ("yes", None, ""),
    ("cat /dev/zero", None, ""),
    ("wc /dev/zero", None, ""),
    ("wc -L /dev/zero", None, ""),
    ("read x < /dev/zero", None, ""),
    ("while read x; do :; done < /dev/zero", None, ""),
    ("tail -n +2 /dev/zero", None, ""),
    ("tr -d '\\0' < /dev/zero", None, ""),
    ("sh < /dev/zero", None, ""),
    ("md5sum /dev/zero", None, ""),
    ("sed -f /dev/zero", Some(137), "bytes of a process"),
    ("awk -f /dev/zero", Some(137), "bytes of a process"),
    ("grep -f /dev/zero x", Some(137), "bytes of a process"),
    ("paste /dev/zero", Some(137), "bytes of a process"),
    ("md5sum -c /dev/zero", Some(137), "bytes of a process"),
    ("nc localhost 80 < /dev/zero", Some(137), "bytes of one string"),
    ("dd if=/dev/zero bs=1G", None, ""),
    ("truncate -s 9999999999999 /tmp/f; cat /tmp/f", None, ""),
    ("truncate -s 99999999999999 /tmp/f; wc -c /tmp/f", Some(0), ""),
    (
        "truncate -s 999999999 /tmp/f; cp /tmp/f /tmp/g; sort /tmp/g",
        Some(137),
        "bytes of a process",
    ),
    ("truncate -s 999999999 /tmp/f; tail /tmp/f", Some(137), "bytes of a process"),
    ("while :; do mkdir d; cd d; done", None, ""),
    ("i=0; while :; do i=$((i+1)); echo > /tmp/$i; done 2>/dev/null", None, ""),
    ("cat /dev/urandom > /tmp/f", Some(1), "bytes in files"),
    ("while :; do sleep 1000 & done", Some(2), "processes"),
    ("f() { f | f & }; f", Some(0), ""),
    ("x=a; while :; do x=$x$x; done", Some(137), "bytes of one string"),
    (
        "i=0; while :; do i=$((i+1)); eval \"v$i=xxxxxxxxxxxxxxxxxxxxxxxxxxx\"; done",
        Some(137),
        "bytes of a process",
    ),
    ("set -- $(seq 1 50000); while [ $# -gt 0 ]; do shift; done", Some(0), ""),
    ("x=$(yes a | head -c 1000000); echo ${x//a/bb} | wc -c", Some(137), "bytes of one string"),
    ("x=$(yes a | head -c 100000); echo ${x//a/bb} | wc -c", Some(0), ""),
    ("x=$(yes a | head -c 200000); echo ${x##*b*b*b*b} | wc -c", Some(0), ""),
    ("x=$(yes a | head -c 200000); echo ${x%%b*a*b*} | wc -c", Some(0), ""),
    ("x=$(yes a | head -c 9000); echo ${x//a*b/c}", Some(2), "steps of a pattern"),
    ("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaab | grep -E '(a*)*c'; done", None, ""),
    ("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX_aab | grep -cE '(a*)*b'", Some(0), ""),
    (
        "head -c 300 /dev/zero | tr '\\0' a | grep -E '(a*)*\\1(a*)*\\1b'",
        Some(2),
        "steps of a pattern",
    ),
    ("sort -k 999999999999 /etc/passwd", Some(0), ""),
    ("sort -k 4000000000.4000000000,5 /etc/passwd", Some(0), ""),
    ("uniq -f 99999999999 /etc/passwd", Some(0), ""),
    ("sed ':a;s/^/x/;ta' /etc/passwd", None, ""),
    ("sed ':a;s/.*/&&/;ba' /etc/passwd", Some(137), "bytes of one string"),
    ("awk 'BEGIN { while (1) i++ }'", Some(2), "steps of awk for one record"),
    ("awk 'BEGIN { while (1) x = x \"aaaaaaaa\" }'", Some(137), "bytes of one string"),
    ("awk 'BEGIN { while (1) a[i++] = i }'", Some(137), "bytes of a process"),
    ("awk 'BEGIN { for (i = 0; i < 100000; i++) n += i; print n }'", Some(0), ""),
    ("printf '%99999s' $(seq 1 9999)", Some(137), "bytes of one string"),
    ("printf '%100000000d'", Some(137), "bytes of one string"),
    ("while usleep 1; do :; done", None, ""),
    ("while :; do sleep 0.0001; done", None, ""),
    ("printf '%.65536f %.65535e %.65536d %65536x' 1 1 1 1 | wc -c", Some(0), ""),
    ("printf '%.99999g' 1; printf '%.70000e' 5e-324 | wc -c", Some(0), ""),
    ("tr -d '[:]' < /etc/passwd", Some(0), ""),
    ("grep '[[:]]' /etc/passwd", Some(2), ""),
    ("sed 's/[[:]/x/' /etc/passwd", Some(1), ""),
    ("awk -é x", Some(1), ""),
    ("timeout -é 1 true", Some(1), ""),
    (
        "head -é; tail -é; cut -é; sort -é; env -é; find -é; nice -é; od -é; seq -é; test -é; xargs -é; tr -é; dd é; date -é; ps -é; wget -é; nc -é; mktemp -é; chmod é; install -é; expr é : é; tail -n é; head -c é; read -é; set -é; kill -é; ulimit -é; umask é; trap é é; getopts é é; printf %é; echo ${x:é}; exit é",
        Some(2),
        "",
    ),
];

#[test]
fn a_minute_of_any_script_is_bounded() {
    let mut wrong = Vec::new();
    for (script, status, limit) in SCRIPTS {
        let minute = minute("sh", script, if status.is_some() { 60 } else { 5 });
        let met = minute.limits.first().copied().unwrap_or_default();
        // What still runs is slow, and no more is known of it.
        if status.is_some() && (minute.status, met) != (*status, *limit) {
            wrong.push(format!(
                "{script}\n   {:?} {met:?} after {} instants: {}",
                minute.status,
                minute.instants,
                minute.err.trim_end()
            ));
        }
        assert!(minute.steps <= STEPS * u64::from(minute.instants), "{script}");
        assert!(minute.instants <= 1_201, "{script}: {} instants", minute.instants);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn limits_answer_as_a_full_disk_does() {
    let full =
        minute("sh", "cd /tmp; touch $(seq 1 20100) 2>&1 | tail -1; rm *; echo > x; echo $?", 60);
    assert_eq!(full.limits, ["files"]);
    let out = String::from_utf8_lossy(&full.out).into_owned();
    assert_eq!(out, "touch: 20100: No space left on device\n0\n");
    let deep = minute(
        "sh",
        "d=$(printf %0250d 0); i=0; while mkdir $d && cd $d; do i=$((i+1)); done; echo $i",
        60,
    );
    assert!(deep.err.contains("File name too long"), "{}", deep.err);
    assert_eq!((deep.status, deep.out.as_slice()), (Some(0), b"16\n".as_slice()));
    let bytes = minute(
        "sh",
        "cat /dev/urandom > /tmp/f; echo $?; rm /tmp/f; echo hello > /tmp/g && cat /tmp/g",
        60,
    );
    assert!(bytes.err.is_empty() || bytes.err.contains("No space left"), "{}", bytes.err);
}
