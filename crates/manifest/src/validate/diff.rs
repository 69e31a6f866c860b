//! Unified differences between two texts, three lines of context around each change.

/// The difference, hunks only; empty when there is none.
pub(super) fn unified(before: &str, after: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let steps = steps(&a, &b);
    let mut out = String::new();
    for hunk in hunks(&steps) {
        let old = hunk.iter().filter(|s| s.kind != '+').count();
        let new = hunk.iter().filter(|s| s.kind != '-').count();
        let Some(first) = hunk.first() else { continue };
        out.push_str(&format!("@@ -{},{old} +{},{new} @@\n", first.old + 1, first.new + 1));
        for step in hunk {
            out.push_str(&format!("{}{}\n", step.kind, step.line));
        }
    }
    out
}

/// One line of the whole script: kept, taken away or added.
struct Step<'a> {
    kind: char,
    line: &'a str,
    old: usize,
    new: usize,
}

/// The script, from the longest common subsequence between the parts that differ.
fn steps<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<Step<'a>> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail =
        a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (middle_a, middle_b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let lengths = common(middle_a, middle_b);
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    let mut push = |kind, line, old, new| out.push(Step { kind, line, old, new });
    for (n, line) in a[..head].iter().enumerate() {
        push(' ', *line, n, n);
    }
    while i < middle_a.len() || j < middle_b.len() {
        let (old, new) = (head + i, head + j);
        if i < middle_a.len() && j < middle_b.len() && middle_a[i] == middle_b[j] {
            push(' ', middle_a[i], old, new);
            i += 1;
            j += 1;
        } else if i < middle_a.len()
            && (j >= middle_b.len() || lengths[i + 1][j] >= lengths[i][j + 1])
        {
            push('-', middle_a[i], old, new);
            i += 1;
        } else {
            push('+', middle_b[j], old, new);
            j += 1;
        }
    }
    for n in 0..tail {
        let (old, new) = (a.len() - tail + n, b.len() - tail + n);
        push(' ', a[old], old, new);
    }
    out
}

/// Lengths of common subsequences of all pairs of tails; texts too long for a table share nothing.
fn common(a: &[&str], b: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    if a.len().saturating_mul(b.len()) > 4_000_000 {
        return table;
    }
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i][j] = if a[i] == b[j] {
                table[i + 1][j + 1] + 1
            } else {
                table[i + 1][j].max(table[i][j + 1])
            };
        }
    }
    table
}

/// Runs of steps that hold a change, with up to three kept lines before and after.
fn hunks<'s, 'a>(steps: &'s [Step<'a>]) -> Vec<&'s [Step<'a>]> {
    const CONTEXT: usize = 3;
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        if step.kind == ' ' {
            continue;
        }
        let (start, end) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(steps.len()));
        match ranges.last_mut() {
            Some((_, last)) if start <= *last => *last = end,
            _ => ranges.push((start, end)),
        }
    }
    ranges.into_iter().filter_map(|(start, end)| steps.get(start..end)).collect()
}
