//! Unified differences of two texts.

/// Pairs of lines beyond which no common lines are looked for.
const MOST: usize = 4_000_000;

#[derive(Clone, Copy, PartialEq)]
enum Edit {
    Same,
    Remove,
    Add,
}

/// The hunks of `diff -u`, without the header.
pub(super) fn unified(a: &str, b: &str, context: usize) -> String {
    let a: Vec<&str> = a.split_inclusive('\n').collect();
    let b: Vec<&str> = b.split_inclusive('\n').collect();
    let edits = edits(&a, &b);
    let mut out = String::new();
    let mut i = 0;
    let (mut at_a, mut at_b) = (0, 0);
    while i < edits.len() {
        if edits[i] == Edit::Same {
            (at_a, at_b, i) = (at_a + 1, at_b + 1, i + 1);
            continue;
        }
        let before =
            edits[..i].iter().rev().take(context).take_while(|e| **e == Edit::Same).count();
        let start = i - before;
        let (from_a, from_b) = (at_a - before, at_b - before);
        let mut end = i;
        let mut same = 0;
        while end < edits.len() && same <= 2 * context {
            same = if edits[end] == Edit::Same { same + 1 } else { 0 };
            end += 1;
        }
        let end = end - same.saturating_sub(context);
        let mut body = String::new();
        let (mut x, mut y) = (from_a, from_b);
        for edit in &edits[start..end] {
            let (mark, line) = match edit {
                Edit::Same => (' ', a[x]),
                Edit::Remove => ('-', a[x]),
                Edit::Add => ('+', b[y]),
            };
            x += usize::from(*edit != Edit::Add);
            y += usize::from(*edit != Edit::Remove);
            body.push(mark);
            body += line;
            if !line.ends_with('\n') {
                body += "\n\\ No newline at end of file\n";
            }
        }
        out +=
            &format!("@@ -{} +{} @@\n{body}", range(from_a, x - from_a), range(from_b, y - from_b));
        (at_a, at_b, i) = (x, y, end);
    }
    out
}

fn range(start: usize, count: usize) -> String {
    match count {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{count}", start + 1),
    }
}

/// The longest common subsequence, by the plain table.
fn edits(a: &[&str], b: &[&str]) -> Vec<Edit> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let mut out = vec![Edit::Same; head];
    if a.len() * b.len() > MOST {
        out.extend(a.iter().map(|_| Edit::Remove));
        out.extend(b.iter().map(|_| Edit::Add));
    } else {
        let width = b.len() + 1;
        let mut table = vec![0u32; (a.len() + 1) * width];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                table[i * width + j] = if a[i] == b[j] {
                    table[(i + 1) * width + j + 1] + 1
                } else {
                    table[(i + 1) * width + j].max(table[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a[i] == b[j] {
                out.push(Edit::Same);
                (i, j) = (i + 1, j + 1);
            } else if j == b.len()
                || (i < a.len() && table[(i + 1) * width + j] >= table[i * width + j + 1])
            {
                out.push(Edit::Remove);
                i += 1;
            } else {
                out.push(Edit::Add);
                j += 1;
            }
        }
    }
    out.extend(std::iter::repeat_n(Edit::Same, tail));
    out
}
