//! Standard base64 as Go reads and writes it.

/// The bytes, when the text is base64 with padding; line breaks are skipped.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if first_bad_byte(text).is_some() {
        return None;
    }
    let clean: Vec<u8> = text.bytes().filter(|b| *b != b'\n' && *b != b'\r').collect();
    let mut out = Vec::with_capacity(clean.len() / 4 * 3);
    for group in clean.chunks(4) {
        let pads = group.iter().rev().take_while(|b| **b == b'=').count().min(2);
        let mut bits = 0_u32;
        for b in group {
            bits = bits << 6 | u32::from(sextet(*b).unwrap_or(0));
        }
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(&bytes[1..4 - pads]);
    }
    Some(out)
}

/// The text of some bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut padded = [0_u8; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(padded);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Where a text stops being base64, as `base64.CorruptInputError` counts.
#[must_use]
pub fn first_bad_byte(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().filter(|(_, b)| *b != b'\n' && *b != b'\r').peekable();
    while bytes.peek().is_some() {
        let mut taken = 0;
        while taken < 4 {
            match bytes.next() {
                None => return Some(text.len() - taken),
                Some((_, b)) if sextet(b).is_some() => taken += 1,
                Some((at, b'=')) if taken >= 2 => {
                    let second = if taken == 2 { bytes.next() } else { Some((at, b'=')) };
                    return match second {
                        None => Some(text.len()),
                        Some((at, b)) if b != b'=' => Some(at),
                        Some(_) => bytes.next().map(|(at, _)| at),
                    };
                }
                Some((at, _)) => return Some(at),
            }
        }
    }
    None
}

fn sextet(b: u8) -> Option<u8> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["", "a", "ab", "abc", "hello, world"] {
            assert_eq!(decode(&encode(text.as_bytes())).as_deref(), Some(text.as_bytes()));
        }
        let bad =
            [("a", 0), ("ab!d", 2), ("abc", 0), ("YQ=", 3), ("YQ==YQ==", 4), ("=", 0), ("YQ=a", 3)];
        for (text, at) in bad {
            assert_eq!(first_bad_byte(text), Some(at), "{text}");
        }
    }
}
