//! Names that were probably meant.

/// The name that is most like `name`. When there is only one candidate, it need not be very like.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut candidates: Vec<&str> = among.filter(|other| *other != name).collect();
    candidates.sort_unstable();
    candidates.dedup();
    let scored = |other: &&'a str| (distance(name, other), *other);
    let (far, best) = candidates.iter().map(scored).min()?;
    let long = name.chars().count().max(best.chars().count());
    let near = far * 2 <= long || shares_word(name, best);
    (near || candidates.len() == 1 && far < long).then_some(best)
}

/// Whether two names have a word of three letters or more in common.
fn shares_word(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    a.iter().any(|word| word.len() >= 3 && b.contains(word))
}

/// Edits between two words; letter cases and the signs between words count little.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| -> Vec<char> {
        let letters = text.chars().take(80).map(|c| c.to_ascii_lowercase());
        letters.map(|c| if c == '_' || c == '.' { '-' } else { c }).collect()
    };
    let (a, b) = (fold(a), fold(b));
    let (mut before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = row[j] + usize::from(x != y);
            let mut best = change.min(row[j + 1] + 1).min(next[j] + 1);
            // Two letters that changed places are one slip.
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_name_that_was_meant() {
        let table: [(&str, &[&str], Option<&str>); 7] = [
            ("app-credential", &["app-credentials", "tls"], Some("app-credentials")),
            ("shop-data", &["shop-pvc", "other"], Some("shop-pvc")),
            ("passwd", &["password", "user"], Some("password")),
            ("disk-type", &["disktype", "zone"], Some("disktype")),
            ("front", &["alpha", "omega"], None),
            ("data", &["data"], None),
            ("1.72", &["1.25", "1.27"], Some("1.27")),
        ];
        for (name, among, meant) in table {
            assert_eq!(nearest(name, among.iter().copied()), meant, "{name}");
        }
    }
}
