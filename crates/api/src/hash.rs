//! The hash that Kubernetes uses for names, and the letters that generated names are made of.

use core::fmt;

/// The letters of generated names: no vowels, and nothing that looks like something else.
///
/// Models `staging/apimachinery/pkg/util/rand/rand.go`.
pub const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// FNV-1a of 64 bits, of all that is fed or formatted into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fnv(pub u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// The hash with these bytes after what it has seen.
    #[must_use]
    pub fn with(self, bytes: impl IntoIterator<Item = u8>) -> Self {
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(bytes.into_iter().fold(self.0, step))
    }
}

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        *self = self.with(text.bytes());
        Ok(())
    }
}

/// FNV-1a of 32 bits.
#[must_use]
pub fn fnv32(text: &str) -> u32 {
    let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, step)
}

#[cfg(test)]
mod tests {
    use super::{Fnv, fnv32};

    /// The published test vectors.
    #[test]
    fn known_values() {
        for (text, wide, narrow) in [
            ("", 0xcbf2_9ce4_8422_2325, 0x811c_9dc5),
            ("a", 0xaf63_dc4c_8601_ec8c, 0xe40c_292c),
            ("foobar", 0x8594_4171_f739_67e8, 0xbf9c_f968),
        ] {
            assert_eq!(Fnv::default().with(text.bytes()).0, wide, "{text}");
            assert_eq!(fnv32(text), narrow, "{text}");
        }
    }
}
