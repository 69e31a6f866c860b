//! Sets of completion indexes, as `0-2,5`.
//!
//! Models `pkg/controller/job/indexed_job_utils.go`.

use podplay_api::Pod;
use std::collections::BTreeSet;

/// Label and annotation of an Indexed Job's pods.
pub const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// Reads `0-2,5`; indexes from `limit` on are left out.
pub fn parse(text: &str, limit: i64) -> BTreeSet<i64> {
    let mut set = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
            set.extend(first..=last.min(limit - 1));
        }
    }
    set
}

/// Prints `0-2,5`; two neighbours are separated by a comma.
pub fn print(set: &BTreeSet<i64>) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &index in set {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let text = |&(first, last): &(i64, i64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

/// The index of a pod.
pub fn of(pod: &Pod) -> Option<i64> {
    pod.meta.annotations.get(INDEX)?.parse().ok().filter(|index| *index >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_and_read() {
        for (text, count) in [("", 0), ("3", 1), ("0,1", 2), ("0-2,5", 4), ("1,3-5,7,8", 6)] {
            let set = parse(text, 100);
            assert_eq!(set.len(), count, "{text}");
            assert_eq!(print(&set), text);
        }
        assert_eq!(print(&parse("0-9", 4)), "0-3");
    }
}
