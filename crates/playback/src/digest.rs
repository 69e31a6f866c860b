//! A number that two runs share exactly when they went the same way.

use core::fmt::{self, Write};
use podplay_core::Record;

/// FNV-1a over what is formatted into it.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

/// The digest of a trace: stable over machines, 64 bits.
pub fn of(records: &[Record]) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for record in records {
        // Formatting into a hash cannot fail.
        let _ = writeln!(hash, "{record:?}");
    }
    hash.0
}
