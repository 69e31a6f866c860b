//! Randomness as a function of (seed, purpose, subject, n): one more fault shifts no unrelated draw.

use podplay_api::hash::{Fnv, LETTERS};
use std::time::Duration;

/// A draw of 64 bits.
pub fn draw(seed: u64, purpose: &str, subject: &str, n: u64) -> u64 {
    let words = purpose.bytes().chain([0]).chain(subject.bytes());
    let Fnv(hash) = Fnv(Fnv::default().0 ^ mix(seed)).with(words);
    mix(hash ^ mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// `span` times a factor from 1 up to, but not including, 1.5.
///
/// Models `staging/apimachinery/pkg/util/wait/backoff.go` Jitter with the pod workers' factor 0.5.
pub fn jitter(span: Duration, bits: u64) -> Duration {
    let nanos = span.as_nanos();
    Duration::from_nanos(
        u64::try_from(nanos + ((nanos / 2 * u128::from(bits >> 32)) >> 32)).unwrap_or(u64::MAX),
    )
}

/// The finalizer of splitmix64.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `length` letters of a generated name.
pub fn suffix(mut bits: u64, length: usize) -> String {
    (0..length)
        .map(|_| {
            let letter = LETTERS[usize::try_from(bits % 27).unwrap_or(0)];
            bits = mix(bits);
            char::from(letter)
        })
        .collect()
}

/// A uuid (version 4 in form) of the draws for `subject`.
pub fn uuid(seed: u64, subject: &str, n: u64) -> String {
    let (a, b) = (draw(seed, "uid", subject, n), draw(seed, "uid2", subject, n));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

/// `length` hexadecimal digits, for ids and digests.
pub fn hex(seed: u64, purpose: &str, subject: &str, length: usize) -> String {
    let mut text: String = (0..)
        .map(|n| format!("{:016x}", draw(seed, purpose, subject, n)))
        .take(length.div_ceil(16))
        .collect();
    text.truncate(length);
    text
}
