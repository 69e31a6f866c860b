//! Any input ends: random bytes, random command lines and deep nesting neither panic nor hang.

mod support;

use podplay_shell::{SECOND, Setup, SpawnOptions};
use support::Machine;

/// A small generator (splitmix64), so that a failure can be repeated from its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Runs a script for some instants with a small budget each.
fn survives(shell: &str, script: &str) {
    let mut machine = Machine::new(Setup { memory_limit: Some(32 << 20), ..Setup::default() });
    let argv = [shell, "-c", script].map(str::to_owned);
    let options = SpawnOptions { stdin: Some(b"some input\n".to_vec()), ..SpawnOptions::default() };
    if machine.userland.spawn(0, &argv, options, &mut machine.world).is_err() {
        return;
    }
    for _ in 0..30 {
        let mut budget = 1_500;
        machine.userland.run(machine.now, &mut machine.world, &mut budget);
        machine.userland.take_effects();
        match machine.userland.next_wakeup() {
            Some(at) if at < 100 * SECOND => machine.now = at.max(machine.now),
            _ => break,
        }
    }
    machine.userland.kill_all(machine.now);
    assert!(machine.userland.next_wakeup().is_none());
}

const PIECES: [&str; 96] = [
    "echo",
    " ",
    " ",
    " ",
    "\n",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "{",
    "}",
    "$(",
    "`",
    "$((",
    "))",
    "\"",
    "'",
    "\\",
    "$x",
    "${x",
    "}",
    ":-",
    "##",
    "%%",
    "//",
    "if",
    "then",
    "else",
    "fi",
    "while",
    "do",
    "done",
    "for",
    "in",
    "case",
    "esac",
    "true",
    "false",
    "x=1",
    "[",
    "]",
    "[[",
    "]]",
    "-eq",
    "1",
    "2",
    ">",
    "<",
    ">>",
    "<<EOF",
    "EOF",
    "2>&1",
    "/tmp/f",
    "/dev/null",
    "/proc/self/stat",
    "cat",
    "sed",
    "s/a*/b/g",
    "awk",
    "{print $1}",
    "grep",
    "-E",
    "(a|b)*c",
    "sort",
    "head",
    "-n",
    "trap",
    "EXIT",
    "kill",
    "$$",
    "-9",
    "wait",
    "sleep",
    "0.1",
    "set",
    "-e",
    "read",
    "export",
    "local",
    "f()",
    "return",
    "break",
    "eval",
    "exec",
    "printf",
    "%5d%s\\n",
    "find",
    ".",
    "xargs",
    "dd",
    "bs=1M",
    "*",
    "ls -la",
];

#[test]
fn random_command_lines() {
    for seed in 0..1_500u64 {
        let mut dice = Dice(seed);
        let count = 3 + dice.roll(40);
        let script: String = (0..count)
            .map(|_| {
                let piece = PIECES[dice.roll(PIECES.len())];
                if dice.roll(3) == 0 { piece.to_owned() } else { format!("{piece} ") }
            })
            .collect();
        survives(if seed % 5 == 0 { "/bin/ash" } else { "sh" }, &script);
    }
}

#[test]
fn random_bytes() {
    for seed in 0..1_500u64 {
        let mut dice = Dice(seed ^ 0xABCD);
        let bytes: Vec<u8> = (0..dice.roll(120)).map(|_| dice.roll(256) as u8).collect();
        survives("sh", &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn nesting_and_recursion() {
    let mut scripts: Vec<String> = [
        "(",
        "$(",
        "{ ",
        "if ",
        "`",
        "\"$(",
        "${x:-",
        "$((",
        "! ",
        "case x in x) ",
        "while ",
        "f() ",
        "[[ ",
        "[[ ! ",
        "a=(",
        "echo \"",
        "$((1+(",
        "<<E ",
        "a|",
        "a&&",
        "x=${y#",
    ]
    .iter()
    .map(|piece| piece.repeat(5_000))
    .collect();
    scripts.extend(
        [
            "f() { f; }; f",
            "f() { f | f; }; f",
            "f() { f & f & }; f",
            "eval eval eval 'eval x'; x='eval \"$x\"'; eval \"$x\"",
            "trap 'kill -USR1 $$' USR1; kill -USR1 $$",
            "while :; do x=$x$x$x$x.; done",
            "yes | sort",
            "cat /dev/zero | tr '\\0' a | grep b",
            "head -c 1000000 /dev/zero | awk '{print length($0)}'",
            "awk 'BEGIN { while (1) x = x \"aaaaaaaa\" }'",
            "awk 'function f(n) { return f(n+1) } BEGIN { f(1) }'",
            "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '(a*)*(a*)*(a*)*b'",
            "sed ':a;s/^/x/;ta' /etc/passwd",
            "find / | xargs ls -laR",
            "echo $((((((((((1))))))))))",
            "expr $(printf '( %.0s' $(seq 300))",
            "ln -s a b; ln -s b a; cat a; cd a; ls -LR",
            "while true; do sleep 0; done",
            "printf '%100000000d'",
            "seq 1 99999999999",
            "cp -r / /tmp/x; mv / /tmp; rm -rf /",
            "exec 3<>/tmp/p; mkfifo p; cat p & cat p & echo x > p",
            "printf 'a\\n%.0s' $(seq 2000) | sort | uniq -c | sort -rn | head",
        ]
        .map(str::to_owned),
    );
    for script in &scripts {
        survives("sh", script);
        survives("bash", script);
    }
}
