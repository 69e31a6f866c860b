//! Regular expressions of `location ~` and `rewrite`: the part of PCRE that configurations use.

/// Steps before a match is given up.
const STEPS: u32 = 20_000;

/// What a pattern matched: the whole and its groups.
pub(super) type Groups = Vec<String>;

/// Finds a pattern anywhere in a text.
pub(super) fn find(pattern: &str, text: &str, ignore_case: bool) -> Option<Groups> {
    let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    let pattern: Vec<char> = fold(pattern).chars().collect();
    let text: Vec<char> = fold(text).chars().collect();
    let mut run = Run { text: &text, steps: STEPS };
    let anchored = pattern.first() == Some(&'^');
    (0..=text.len()).take(if anchored { 1 } else { usize::MAX }).find_map(|at| {
        let mut groups = Vec::new();
        let end = run.alternatives(&pattern, at, &mut groups, &|_, end, _| Some(end))?;
        let piece = |from: usize, to: usize| text[from..to].iter().collect::<String>();
        let mut found = vec![piece(at, end)];
        found.extend(groups.iter().map(|&(from, to)| piece(from, to)));
        Some(found)
    })
}

type Spans = Vec<(usize, usize)>;
type Then<'a> = &'a dyn Fn(&mut Run<'_>, usize, &mut Spans) -> Option<usize>;

struct Run<'a> {
    text: &'a [char],
    steps: u32,
}

impl Run<'_> {
    fn alternatives(
        &mut self,
        pattern: &[char],
        at: usize,
        groups: &mut Spans,
        then: Then<'_>,
    ) -> Option<usize> {
        let branches = split(pattern);
        branches.into_iter().find_map(|branch| {
            let before = groups.len();
            let found = self.sequence(branch, at, groups, then);
            if found.is_none() {
                groups.truncate(before);
            }
            found
        })
    }

    fn sequence(
        &mut self,
        pattern: &[char],
        at: usize,
        groups: &mut Spans,
        then: Then<'_>,
    ) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        let Some(&first) = pattern.first() else { return then(self, at, groups) };
        if first == '^' {
            return if at == 0 { self.sequence(&pattern[1..], at, groups, then) } else { None };
        }
        if first == '$' {
            return if at == self.text.len() {
                self.sequence(&pattern[1..], at, groups, then)
            } else {
                None
            };
        }
        let length = atom(pattern);
        let (piece, rest) = pattern.split_at(length);
        let (least, most, skip) = match rest.first() {
            Some('*') => (0, usize::MAX, 1),
            Some('+') => (1, usize::MAX, 1),
            Some('?') => (0, 1, 1),
            _ => (1, 1, 0),
        };
        let lazy = skip == 1 && rest.get(1) == Some(&'?');
        let rest = &rest[skip + usize::from(lazy)..];
        self.repeat(piece, (least, most), lazy, rest, at, groups, then)
    }

    #[expect(clippy::too_many_arguments, reason = "the state of a backtracking matcher")]
    fn repeat(
        &mut self,
        piece: &[char],
        (least, most): (usize, usize),
        lazy: bool,
        rest: &[char],
        at: usize,
        groups: &mut Spans,
        then: Then<'_>,
    ) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        let mark = groups.len();
        let stop = |run: &mut Self, groups: &mut Spans| run.sequence(rest, at, groups, then);
        if least == 0
            && lazy
            && let Some(end) = stop(self, groups)
        {
            return Some(end);
        }
        if most > 0 {
            let more = (least.saturating_sub(1), most - 1);
            let found = self.one(piece, at, groups, &|run, end, groups| {
                if end == at && least == 0 {
                    return None;
                }
                if more.1 > 0 && groups.len() > mark {
                    // Only the last round of a repeated group counts.
                    let last = groups.len() - mark;
                    if last > 1 {
                        groups.drain(mark..groups.len() - 1);
                    }
                }
                run.repeat(piece, more, lazy, rest, end, groups, then)
            });
            if found.is_some() {
                return found;
            }
            groups.truncate(mark);
        }
        if least == 0 && !lazy { stop(self, groups) } else { None }
    }

    fn one(
        &mut self,
        piece: &[char],
        at: usize,
        groups: &mut Spans,
        then: Then<'_>,
    ) -> Option<usize> {
        if piece[0] == '(' {
            let inner = &piece[1..piece.len() - 1];
            let (inner, counts) = match inner {
                ['?', ':', rest @ ..] => (rest, false),
                ['?', '<' | 'P', ..] => {
                    let end = inner.iter().position(|&c| c == '>').map_or(0, |end| end + 1);
                    (&inner[end..], true)
                }
                _ => (inner, true),
            };
            let slot = groups.len();
            if counts {
                groups.push((at, at));
            }
            return self.alternatives(inner, at, groups, &|run, end, groups| {
                if counts && let Some(span) = groups.get_mut(slot) {
                    *span = (at, end);
                }
                then(run, end, groups)
            });
        }
        let c = *self.text.get(at)?;
        if fits(piece, c) { then(self, at + 1, groups) } else { None }
    }
}

/// The branches of `a|b`.
fn split(pattern: &[char]) -> Vec<&[char]> {
    let (mut depth, mut from, mut at, mut all) = (0, 0, 0, Vec::new());
    while at < pattern.len() {
        match pattern[at] {
            '\\' => at += 1,
            '[' => at += atom(&pattern[at..]) - 1,
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => {
                all.push(&pattern[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    all.push(&pattern[from.min(pattern.len())..]);
    all
}

/// How many characters the first atom has.
fn atom(pattern: &[char]) -> usize {
    let close = |open: char, end: char| {
        let (mut depth, mut at) = (0, 0);
        while at < pattern.len() {
            match pattern[at] {
                '\\' => at += 1,
                c if c == open && (open != '[' || at == 0) => depth += 1,
                c if c == end && !(open == '[' && at == 1) => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        pattern.len()
    };
    match pattern[0] {
        '(' => close('(', ')'),
        '[' => close('[', ']'),
        '\\' => pattern.len().min(2),
        _ => 1,
    }
}

fn fits(piece: &[char], c: char) -> bool {
    match piece {
        ['.'] => true,
        ['\\', 'd'] => c.is_ascii_digit(),
        ['\\', 'w'] => c.is_alphanumeric() || c == '_',
        ['\\', 's'] => c.is_whitespace(),
        ['\\', literal] => *literal == c,
        ['[', '^', set @ .., ']'] => !among(set, c),
        ['[', set @ .., ']'] => among(set, c),
        [literal] => *literal == c,
        _ => false,
    }
}

fn among(set: &[char], c: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            if (set[at]..=set[at + 2]).contains(&c) {
                return true;
            }
            at += 3;
            continue;
        }
        if set[at] == '\\' && at + 1 < set.len() {
            at += 1;
        }
        if set[at] == c {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn patterns_of_configurations() {
        for (pattern, text, expected) in [
            (r"\.php$", "/index.php", Some(vec![".php"])),
            (r"\.php$", "/index.phps", None),
            (r"^/old/(.*)$", "/old/a/b", Some(vec!["/old/a/b", "a/b"])),
            (r"\.(gif|jpe?g|png)$", "/x/y.jpg", Some(vec![".jpg", "jpg"])),
            (
                r"^/user/(\d+)/([a-z_-]+)",
                "/user/42/my-page",
                Some(vec!["/user/42/my-page", "42", "my-page"]),
            ),
            (r"^(/a)?/b$", "/b", Some(vec!["/b"])),
            (r"/(?:x|y)z+", "/yzz", Some(vec!["/yzz"])),
            (r"^/[^/]+$", "/a/b", None),
        ] {
            let expected =
                expected.map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(find(pattern, text, false), expected, "{pattern} {text}");
        }
    }
}
