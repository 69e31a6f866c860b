//! Orders that are written by hand are total and transitive, and agree with equality.

use podplay_api::Quantity;
use podplay_manifest::quantity::Quantity as Amount;
use proptest::prelude::*;
use std::cmp::Ordering;

/// What every order has to keep for any three values.
fn lawful<T: Ord>(a: &T, b: &T, c: &T) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
    prop_assert_eq!(a.cmp(b) == Ordering::Equal, a == b);
    prop_assert_eq!(Some(a.cmp(b)), a.partial_cmp(b));
    if a <= b && b <= c {
        prop_assert!(a <= c);
    }
    if a == b {
        prop_assert_eq!(a.cmp(c), b.cmp(c));
    }
    Ok(())
}

/// Numbers as people write them, many of them equal however they look.
fn written() -> impl Strategy<Value = String> {
    let number = prop_oneof!["[0-9]{1,3}", "[0-9]{1,2}\\.[0-9]{1,4}", "[0-9]{1,22}", "-[0-9]{1,3}"];
    let unit = prop::sample::select(vec!["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "E", "u", "n"]);
    (number, unit).prop_map(|(number, unit)| format!("{number}{unit}"))
}

proptest! {
    #[test]
    fn quantities(texts in prop::collection::vec(written(), 3)) {
        let read: Vec<_> = texts.iter().filter_map(|text| Quantity::parse(text)).collect();
        if let [a, b, c] = read.as_slice() {
            lawful(a, b, c)?;
        }
        let read: Vec<_> = texts.iter().filter_map(|text| Amount::parse(text).ok()).collect();
        if let [a, b, c] = read.as_slice() {
            lawful(a, b, c)?;
        }
    }
}
