//! Numbers that a person would write, and the least of them that will do.

use super::Search;

/// Seconds, as people write them.
pub(crate) const SECONDS: [i64; 17] =
    [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800];
/// Counts.
pub(crate) const COUNTS: [i64; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60, 120];
/// Amounts of memory, with their bytes.
pub(crate) const MEMORY: [(&str, i64); 16] = [
    ("16Mi", 16 << 20),
    ("32Mi", 32 << 20),
    ("64Mi", 64 << 20),
    ("128Mi", 128 << 20),
    ("192Mi", 192 << 20),
    ("256Mi", 256 << 20),
    ("384Mi", 384 << 20),
    ("512Mi", 512 << 20),
    ("768Mi", 768 << 20),
    ("1Gi", 1 << 30),
    ("1536Mi", 1536 << 20),
    ("2Gi", 2 << 30),
    ("3Gi", 3 << 30),
    ("4Gi", 4 << 30),
    ("8Gi", 8 << 30),
    ("16Gi", 16 << 30),
];
/// Amounts of CPU, with their thousandths.
pub(crate) const CPU: [(&str, i64); 14] = [
    ("50m", 50),
    ("100m", 100),
    ("200m", 200),
    ("250m", 250),
    ("400m", 400),
    ("500m", 500),
    ("750m", 750),
    ("1", 1000),
    ("1500m", 1500),
    ("2", 2000),
    ("3", 3000),
    ("4", 4000),
    ("8", 8000),
    ("16", 16_000),
];

/// The first number of a ladder that is at least so much.
pub(crate) fn at_least(ladder: &[i64], wanted: i64) -> i64 {
    ladder.iter().copied().find(|rung| *rung >= wanted).unwrap_or(wanted)
}

/// The last amount of a ladder that is at most so much.
pub(crate) fn at_most<'a>(ladder: &[(&'a str, i64)], wanted: i64) -> Option<&'a str> {
    ladder.iter().rev().find(|(_, amount)| *amount <= wanted).map(|(text, _)| *text)
}

/// The least of some texts, in growing order, that reaches the goal, by bisection over runs.
pub(crate) fn least<T>(
    search: &mut Search<'_>,
    rungs: &[T],
    text: impl Fn(&T) -> Option<String>,
) -> Option<usize> {
    let mut passes = |n: usize| {
        let after = rungs.get(n).and_then(&text);
        after.is_some_and(|after| search.reaches(&after))
    };
    let (mut low, mut high) = (0, rungs.len().checked_sub(1)?);
    if !passes(high) {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        if passes(middle) { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::{CPU, SECONDS, at_least, at_most};

    #[test]
    fn rungs() {
        assert_eq!(at_least(&SECONDS, 46), 60);
        assert_eq!(at_least(&SECONDS, 60), 60);
        assert_eq!(at_most(&CPU, 1_900), Some("1500m"));
        assert_eq!(at_most(&CPU, 10), None);
    }
}
