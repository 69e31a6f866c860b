//! A number that two runs share exactly when they went the same way.

use core::fmt::Write;
use podplay_api::hash::Fnv;
use podplay_core::Record;

/// The digest of a trace: stable over machines, 64 bits.
pub fn of(records: &[Record]) -> u64 {
    let mut hash = Fnv::default();
    for record in records {
        // Formatting into a hash cannot fail.
        let _ = writeln!(hash, "{record:?}");
    }
    hash.0
}
