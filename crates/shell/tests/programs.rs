//! Programs that need a network, bash, Debian's tools, or a known image.

mod support;

use podplay_shell::{
    Accept, Behaviour, Fs, SECOND, SessionState, Setup, Signal, SpawnError, SpawnOptions, Tools,
};
use support::{Machine, World};

fn world() -> World {
    let mut world = World::default();
    world.names.insert("web.default.svc.cluster.local".to_owned(), vec!["10.96.1.2".to_owned()]);
    world.names.insert("web".to_owned(), vec!["10.96.1.2".to_owned()]);
    for (key, status, body) in
        [("web:80/", 200, "hello\n"), ("web:80/missing", 404, "no\n"), ("web:8080/ready", 503, "")]
    {
        world.pages.insert(key.to_owned(), (status, body.as_bytes().to_vec()));
    }
    world
}

fn debian() -> Machine {
    let setup = Setup { tools: Tools::Debian, ..Setup::default() };
    Machine::with(setup, Fs::debian(), world())
}

/// Script, standard output, standard error, status, seconds.
const NETWORK: &[(&str, &str, &str, u8, u64)] = &[
    (
        "nslookup nosuch.default.svc.cluster.local",
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n\
** server can't find nosuch.default.svc.cluster.local: NXDOMAIN\n\n\
** server can't find nosuch.default.svc.cluster.local: NXDOMAIN\n\n",
        "",
        1,
        0,
    ),
    (
        "nslookup web.default.svc.cluster.local",
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n\
Name:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n\n",
        "",
        0,
        0,
    ),
    ("wget -qO- http://web/", "hello\n", "", 0, 0),
    ("wget -qO- web", "hello\n", "", 0, 0),
    (
        "wget -q -O - http://web/missing",
        "",
        "wget: server returned error: HTTP/1.1 404 Not Found\n",
        1,
        0,
    ),
    ("wget -q -O- http://nosuch/", "", "wget: bad address 'nosuch'\n", 1, 0),
    (
        "wget -q http://web:99/",
        "",
        "wget: can't connect to remote host (10.96.1.2): Connection refused\n",
        1,
        0,
    ),
    ("wget -q -T 3 -O- http://web:81/", "", "wget: download timed out\n", 1, 3),
    ("wget -q -O f web/ && cat f", "hello\n", "", 0, 0),
    (
        "wget --spider -q http://web:8080/ready",
        "",
        "wget: server returned error: HTTP/1.1 503 Service Unavailable\n",
        1,
        0,
    ),
    ("nc -z web 80 && echo open", "open\n", "", 0, 0),
    (
        "nc -zv web 99",
        "",
        "nc: can't connect to remote host (10.96.1.2): Connection refused\n",
        1,
        0,
    ),
    ("nc -w 2 web 81 </dev/null", "", "nc: timed out\n", 1, 2),
    ("curl http://web/", "", "sh: curl: not found\n", 127, 0),
    ("until nslookup web >/dev/null; do sleep 2; done; echo up", "up\n", "", 0, 0),
    ("httpd -p 8080 -h /etc; wget -qO- localhost:8080/hostname", "localhost\n", "", 0, 0),
];

#[test]
fn network_tools() {
    for (script, out, err, status, seconds) in NETWORK {
        let mut machine = Machine::with(Setup::default(), Fs::busybox(), world());
        let session = machine.sh(script);
        let end = machine.finish(session, 100 * SECOND).map(|(s, at)| (s, at / SECOND));
        assert_eq!((machine.out.as_str(), machine.err.as_str()), (*out, *err), "{script}");
        assert_eq!(end, Some((*status, *seconds)), "{script}");
    }
}

/// Program, script, output (both streams), status.
const DEBIAN: &[(&str, &str, &str, u8)] = &[
    ("sh", "nosuchcmd", "sh: 1: nosuchcmd: not found\n", 127),
    ("sh", "echo 'a\\nb'", "a\nb\n", 0),
    ("sh", "cd /nope", "sh: 1: cd: can't cd to /nope\n", 2),
    ("bash", "nosuchcmd", "bash: line 1: nosuchcmd: command not found\n", 127),
    ("bash", "cat <<< here", "here\n", 0),
    (
        "bash",
        "a=(x y z); echo ${a[1]} ${#a[@]} ${a[@]}; a+=(w); echo ${a[-1]}",
        "y 3 x y z\nw\n",
        0,
    ),
    ("bash", "[[ web-12 =~ -([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}", "12\n", 0),
    ("bash", "[[ abc == a* && -n x ]] && echo yes; [[ a != a ]] || echo no", "yes\nno\n", 0),
    (
        "bash",
        "for ((i=0; i<3; i++)); do echo -n $i; done; echo; ((x=5*2)); echo $x",
        "012\n10\n",
        0,
    ),
    ("bash", "echo {a,b}{1..3} {01..03}", "a1 a2 a3 b1 b2 b3 01 02 03\n", 0),
    (
        "bash",
        "x=hello; echo ${x^} ${x^^} ${x/#he/HE} ${x: -3} ${!y}; y=x; echo ${!y}",
        "Hello HELLO HEllo llo\nhello\n",
        0,
    ),
    ("bash", "set -euo pipefail; false | true; echo never", "", 1),
    ("bash", "f() { local -r a=1; echo $a; }; f; declare -x Q=2; env | grep ^Q", "1\nQ=2\n", 0),
    ("bash", "echo $(</etc/hostname)", "localhost\n", 0),
    ("bash", "items=(foo bar); echo ${items[$JOB_COMPLETION_INDEX]}", "foo\n", 0),
    (
        "bash",
        "x=1; x+=2; echo $x; echo $'a\\tb'; echo a &> /dev/null; type -t cd",
        "12\na\tb\nbuiltin\n",
        0,
    ),
    ("sh", "curl -s http://web/", "hello\n", 0),
    ("sh", "curl -sf http://web/missing", "", 22),
    ("sh", "curl http://nosuch/", "curl: (6) Could not resolve host: nosuch\n", 6),
    ("sh", "curl -s -o /dev/null -w '%{http_code}' http://web/missing", "404", 0),
    (
        "sh",
        "curl -sS --max-time 2 http://web:81/",
        "curl: (28) Connection timed out after 2000 milliseconds\n",
        28,
    ),
    ("sh", ". /etc/os-release; echo $ID; ls -d /bin; readlink /bin", "debian\n/bin\nusr/bin\n", 0),
];

#[test]
fn debian_and_bash() {
    for (program, script, output, status) in DEBIAN {
        let mut machine = debian();
        let session = machine.spawn(&[program, "-c", script]);
        let end = machine.finish(session, 100 * SECOND).map(|(s, _)| s);
        let got = format!("{}{}", machine.out, machine.err);
        assert_eq!((got.as_str(), end), (*output, Some(*status)), "{program}: {script}");
    }
}

#[test]
fn programs_of_known_images() {
    let mut world = World::default();
    let server = Behaviour {
        tag: "nginx".to_owned(),
        ports: vec![80],
        listen_after: SECOND,
        on_signal: vec![(Signal::QUIT, SECOND, 0)],
        log: vec![(0, "start".to_owned())],
        ..Behaviour::default()
    };
    world.programs.insert("nginx".to_owned(), server);
    let mut machine = Machine::with(Setup::default(), Fs::busybox(), world);
    let session = machine.spawn(&["nginx", "-g", "daemon off;"]);
    machine.instant();
    assert!(machine.userland.listeners().is_empty());
    machine.run_until(SECOND);
    assert_eq!(*machine.userland.listeners()[0].program, *"nginx");
    assert_eq!(machine.out, "start\n");
    // Not handled, so ignored by PID 1.
    machine.userland.signal(SECOND, session, Signal::TERM);
    machine.userland.signal(SECOND, session, Signal::QUIT);
    assert_eq!(machine.finish(session, 9 * SECOND), Some((0, 2 * SECOND)));
    assert!(machine.userland.listeners().is_empty());
}

#[test]
fn what_cannot_be_started() {
    for (fs, argv, expected) in [
        (Fs::busybox(), "nosuchcmd", "exec: \"nosuchcmd\": executable file not found in $PATH"),
        (Fs::busybox(), "/nosuch", "exec: \"/nosuch\": stat /nosuch: no such file or directory"),
        (Fs::busybox(), "/etc/passwd", "exec: \"/etc/passwd\": permission denied"),
        (Fs::distroless(), "sh", "exec: \"sh\": executable file not found in $PATH"),
    ] {
        let mut machine = Machine::with(Setup::default(), fs, World::default());
        let error = machine
            .userland
            .spawn(0, &[argv.to_owned()], SpawnOptions::default(), &mut machine.world)
            .expect_err(argv);
        assert_eq!(error.to_string(), expected);
    }
    let mut machine = Machine::new(Setup::default());
    let options = SpawnOptions { cwd: Some("/nope".to_owned()), ..SpawnOptions::default() };
    let error = machine.userland.spawn(0, &["sh".to_owned()], options, &mut machine.world);
    assert_eq!(error, Err(SpawnError::NoSuchCwd { cwd: "/nope".to_owned() }));
}

#[test]
fn servers_answer() {
    let mut machine = Machine::new(Setup::default());
    machine.sh("echo page > /tmp/index.html; httpd -f -p 8080 -h /tmp");
    machine.instant();
    let get = b"GET / HTTP/1.1\r\n\r\n";
    match machine.userland.accept(0, 8080, get, &mut machine.world) {
        Accept::Answered(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(text.starts_with("HTTP/1.0 200 OK\r\n") && text.ends_with("page\n"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(machine.userland.accept(0, 81, get, &mut machine.world), Accept::Refused);

    let mut machine = Machine::new(Setup::default());
    let session = machine.sh("while true; do echo pong | nc -l -p 9000; done");
    for _ in 0..3 {
        machine.instant();
        let answer = machine.userland.accept(machine.now, 9000, b"ping\n", &mut machine.world);
        assert_eq!(answer, Accept::Answered(b"pong\n".to_vec()));
    }
    machine.instant();
    assert_eq!(machine.out, "ping\nping\nping\n");
    assert_eq!(machine.userland.session(session), SessionState::Running);

    let mut machine = Machine::new(Setup::default());
    machine.sh("nc -lk -p 9000 -e sh -c 'read x; echo got $x'");
    machine.instant();
    let answer = machine.userland.accept(0, 9000, b"hi\n", &mut machine.world);
    assert_eq!(answer, Accept::Answered(b"got hi\n".to_vec()));
}

#[test]
fn a_log_shipper_follows() {
    let mut machine = Machine::new(Setup::default());
    machine.sh(
        "(for i in 1 2 3; do sleep 2; echo line $i >> /var/log.txt; done) & tail -F /var/log.txt",
    );
    machine.run_until(10 * SECOND);
    assert_eq!(machine.out, "line 1\nline 2\nline 3\n");
    let mut machine = Machine::new(Setup::default());
    machine.sh("touch /tmp/raw; (while true; do echo x >> /tmp/raw; sleep 2; done) & \
tail -F /tmp/raw | while read line; do echo \"adapted: $line\"; done");
    machine.run_until(5 * SECOND);
    assert_eq!(machine.out, "adapted: x\n".repeat(3));
}

#[test]
fn users_without_rights() {
    let setup = Setup { user: 1000, group: 1000, ..Setup::default() };
    let mut machine = Machine::new(setup);
    let session = machine.sh(
        "touch /x; echo y > /etc/hosts; touch /tmp/ok && echo ok; id -u; whoami; cat /root/x; kill -0 1 && echo alive",
    );
    machine.finish(session, SECOND);
    assert_eq!(machine.out, "ok\n1000\nalive\n");
    assert_eq!(
        machine.err,
        "touch: /x: Permission denied\nsh: can't create /etc/hosts: Permission denied\n\
whoami: unknown uid 1000\ncat: can't open '/root/x': Permission denied\n"
    );
}
