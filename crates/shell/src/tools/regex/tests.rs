//! Regular expressions against a list of cases, an oracle and GNU grep.

use super::parse::Node;
use super::{Regex, Steps, Syntax, parse, program};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

fn find(pattern: &str, extended: bool, text: &str) -> Option<(usize, usize)> {
    let regex = Regex::new(pattern, Syntax { extended, icase: false }).expect(pattern);
    regex.find(text.as_bytes(), 0, &mut Steps(0)).expect(pattern)
}

#[test]
fn matches() {
    for (pattern, extended, text, expected) in [
        ("b*", false, "abb", Some((0, 0))),
        ("bb*", false, "abbc", Some((1, 3))),
        ("a+", false, "a+", Some((0, 2))),
        ("a+", true, "caaat", Some((1, 4))),
        ("^x|y$", true, "zy", Some((1, 2))),
        ("\\(ab\\)*c", false, "ababc", Some((0, 5))),
        ("(a|ab)(c|bcd)", true, "abcd", Some((0, 4))),
        ("(x|xy)z?", true, "xyz", Some((0, 3))),
        ("(a|ab)*", true, "aababa", Some((0, 6))),
        ("abcd|bc", true, "abcd", Some((0, 4))),
        ("\\(.\\)\\1", false, "abccd", Some((2, 4))),
        ("(a|ab)\\1?c", true, "ababc", Some((0, 5))),
        ("[[:digit:]]{2,3}", true, "a1234", Some((1, 4))),
        ("[^a-c]", false, "abcd", Some((3, 4))),
        ("\\<bar\\>", false, "foobar bar", Some((7, 10))),
        ("(a*)*b", true, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", None),
        ("x$", false, "xx", Some((1, 2))),
        ("", false, "abc", Some((0, 0))),
        ("-([0-9]+)$", true, "web-12", Some((3, 6))),
        ("a{1", true, "a{1", Some((0, 3))),
    ] {
        assert_eq!(find(pattern, extended, text), expected, "{pattern}");
    }
    let long = "a".repeat(1_000) + "X_aab";
    assert_eq!(find("(a*)*b", true, &long), Some((1_002, 1_005)));
}

#[test]
fn errors() {
    for (pattern, error) in [
        ("(", "Unmatched ( or \\("),
        ("[a", "Unmatched [, [^, [:, [., or [="),
        ("[[:]]", "Unmatched [, [^, [:, [., or [="),
        ("[[:x:]]", "Invalid character class name"),
        ("[b-a]", "Invalid range end"),
        ("a{2,1}", "Invalid content of \\{\\}"),
        ("a{99999}", "Regular expression too big"),
        ("((a{1000}){1000}){1000}", "Regular expression too big"),
        ("a\\", "Trailing backslash"),
        ("\\1", "Invalid back reference"),
    ] {
        let result = Regex::new(pattern, Syntax::EXTENDED).map(|_| ());
        assert_eq!(result, Err(error), "{pattern}");
    }
    // A search that takes too long is an error, and never a wrong answer.
    let regex = Regex::new("(a*)*\\1(a*)*\\1b", Syntax::EXTENDED).expect("it is one");
    assert!(regex.find("a".repeat(200).as_bytes(), 0, &mut Steps(0)).is_err());
}

/// A small generator (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn pattern(&mut self, depth: u32) -> String {
        let simple = ["a", "b", "c", ".", "[ab]", "[^a]"];
        if depth == 0 {
            return simple[self.roll(simple.len())].to_owned();
        }
        let repeat = ["", "", "*", "+", "?", "{2}", "{1,2}"];
        match self.roll(6) {
            0 | 1 => {
                let n = 1 + self.roll(3);
                (0..n).map(|_| self.pattern(depth - 1)).collect()
            }
            2 | 3 => {
                let (a, b) = (self.pattern(depth - 1), self.pattern(depth - 1));
                let repeat = repeat[self.roll(repeat.len())];
                format!("({a}|{b}){repeat}")
            }
            4 => {
                let inner = self.pattern(depth - 1);
                format!("({inner}){}", repeat[self.roll(repeat.len())])
            }
            _ => {
                let inner = self.pattern(0);
                format!("{inner}{}", repeat[self.roll(repeat.len())])
            }
        }
    }

    fn text(&mut self) -> String {
        (0..self.roll(9)).map(|_| ["a", "b", "c"][self.roll(3)]).collect()
    }
}

/// Every place where a match that begins at `at` can end, straight from the definition.
fn ends(node: &Node, text: &[u8], at: usize) -> BTreeSet<usize> {
    let from = |node: &Node, places: &BTreeSet<usize>| -> BTreeSet<usize> {
        places.iter().flat_map(|at| ends(node, text, *at)).collect()
    };
    match node {
        Node::Set(set) => {
            let taken = text.get(at).is_some_and(|b| set[usize::from(*b)]);
            taken.then_some(at + 1).into_iter().collect()
        }
        Node::At(place) => program::holds(*place, text, at).then_some(at).into_iter().collect(),
        Node::Group(_, inner) => ends(inner, text, at),
        Node::Cat(all) => all.iter().fold([at].into(), |places, node| from(node, &places)),
        Node::Alt(all) => all.iter().flat_map(|node| ends(node, text, at)).collect(),
        Node::Optional(inner) => {
            let mut all = ends(inner, text, at);
            all.insert(at);
            all
        }
        Node::Star(inner) => {
            let mut all = BTreeSet::from([at]);
            loop {
                let more = from(inner, &all);
                let before = all.len();
                all.extend(more);
                if all.len() == before {
                    return all;
                }
            }
        }
        Node::Back(_) => BTreeSet::new(),
    }
}

#[test]
fn the_leftmost_longest_match_is_found() {
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let depth = 1 + dice.roll(3) as u32;
        let pattern = dice.pattern(depth);
        let pattern = match dice.roll(5) {
            0 => format!("^{pattern}"),
            1 => format!("{pattern}$"),
            _ => pattern,
        };
        let text = dice.text();
        let (node, _) = parse::parse(pattern.as_bytes(), Syntax::EXTENDED).expect(&pattern);
        let expected = (0..=text.len())
            .find_map(|start| ends(&node, text.as_bytes(), start).last().map(|end| (start, *end)));
        assert_eq!(find(&pattern, true, &text), expected, "{pattern} in {text:?}");
        let regex = Regex::new(&pattern, Syntax::EXTENDED).expect(&pattern);
        let groups = regex.captures(text.as_bytes(), 0, &mut Steps(0)).expect(&pattern);
        assert_eq!(groups.as_ref().and_then(|groups| groups[0]), expected, "{pattern} in {text:?}");
        let inside = |range: &Option<(usize, usize)>| match (range, expected) {
            (Some((a, b)), Some((from, to))) => from <= *a && a <= b && *b <= to,
            _ => true,
        };
        assert!(groups.iter().flatten().all(inside), "{pattern} in {text:?}");
    }
}

/// GNU grep finds the same, where it is installed.
#[test]
fn grep_finds_the_same() {
    let mut dice = Dice(11);
    for round in 0..60 {
        let depth = 1 + dice.roll(3) as u32;
        let pattern = dice.pattern(depth);
        let lines: Vec<String> = (0..60).map(|_| dice.text()).collect();
        let Some(expected) = grep(&pattern, &lines.join("\n")) else {
            println!("NOTE: grep is not installed here; the comparison was skipped ({round})");
            return;
        };
        let regex = Regex::new(&pattern, Syntax::EXTENDED).expect(&pattern);
        let mut got = String::new();
        for line in &lines {
            let mut at = 0;
            while at <= line.len()
                && let Ok(Some((a, b))) = regex.find(line.as_bytes(), at, &mut Steps(0))
            {
                if b > a {
                    got += &line[a..b];
                    got.push('\n');
                }
                at = b.max(a + 1);
            }
        }
        assert_eq!(got, expected, "{pattern}");
    }
}

fn grep(pattern: &str, text: &str) -> Option<String> {
    let mut child = Command::new("grep")
        .args(["-oE", "-e", pattern])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
