//! Any input ends: random bytes, random command lines and deep nesting neither panic nor hang.

#[path = "../../../tests/src/fuzz.rs"]
#[allow(dead_code, unreachable_pub, reason = "what all fuzz tests share")]
mod fuzz;

mod support;

use fuzz::{Dice, search};
use podplay_shell::{SECOND, Setup, SpawnOptions};
use support::Machine;

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

const PIECES: &[&str] = &[
    "[:",
    ":]",
    "[[:alpha:]]",
    "\\(a\\)\\1",
    "-é",
    "é",
    "%.99999f",
    "%99999d",
    "/dev/zero",
    "/dev/urandom",
    "99999999999999999999",
    "-1",
    "tr -d",
    "cut -f",
    "tail -c",
    "od -c",
    "timeout",
    "a[1]=x",
    "${a[@]}",
    "${x:1:-2}",
    "${!x}",
    "declare -A",
    "{1..9}",
    "$'\\x41'",
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

/// A line of pieces, of damaged scripts, or both.
fn script(dice: &mut Dice, scripts: &[&str]) -> String {
    let mut text: Vec<char> = Vec::new();
    if dice.below(2) == 0 {
        text.extend(scripts[dice.below(scripts.len())].chars());
    }
    for _ in 0..dice.below(30) {
        let piece = PIECES[dice.below(PIECES.len())];
        let at = if dice.below(3) == 0 { dice.below(text.len() + 1) } else { text.len() };
        let space = if dice.below(3) == 0 { "" } else { " " };
        text.splice(at..at, piece.chars().chain(space.chars()));
    }
    if !text.is_empty() && dice.below(4) == 0 {
        let from = dice.below(text.len());
        let to = (from + dice.below(20)).min(text.len());
        text.drain(from..to);
    }
    text.into_iter().collect()
}

#[test]
fn fuzz_shell() {
    let all = include_str!("scripts.txt");
    let scripts: Vec<&str> = all.split("\n%%\n").collect();
    let make = |dice: &mut Dice| (*dice.pick(&["sh", "/bin/ash", "bash"]), script(dice, &scripts));
    search("shell", 1_500, make, |(shell, text)| survives(shell, text));
}

#[test]
fn fuzz_shell_bytes() {
    let make = |dice: &mut Dice| -> Vec<u8> {
        (0..dice.below(120)).map(|_| (dice.draw() >> 7) as u8).collect()
    };
    search("shell with random bytes", 1_500, make, |bytes| {
        survives("sh", &String::from_utf8_lossy(bytes));
    });
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
