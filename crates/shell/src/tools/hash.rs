//! MD5, SHA-1 and SHA-256 (RFC 1321, FIPS 180-4).

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
}

/// A hash in progress.
#[derive(Clone, Debug)]
pub(super) struct Digest {
    kind: Kind,
    state: Vec<u32>,
    pending: Vec<u8>,
    length: u64,
}

const MD5_SHIFTS: [u32; 16] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

const SHA256: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

impl Digest {
    pub(super) fn new(kind: Kind) -> Self {
        let state = match kind {
            Kind::Md5 => vec![0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476],
            Kind::Sha1 => vec![0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0],
            Kind::Sha256 => vec![
                0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                0x5be0cd19,
            ],
        };
        Self { kind, state, pending: Vec::new(), length: 0 }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.length += data.len() as u64;
        self.pending.extend_from_slice(data);
        let pending = std::mem::take(&mut self.pending);
        let blocks = pending.chunks_exact(64);
        self.pending = blocks.remainder().to_vec();
        for block in blocks {
            self.block(block);
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let bits = self.length * 8;
        let mut tail = vec![0x80];
        while (self.pending.len() + tail.len()) % 64 != 56 {
            tail.push(0);
        }
        let little = self.kind == Kind::Md5;
        tail.extend(if little { bits.to_le_bytes() } else { bits.to_be_bytes() });
        self.update(&tail);
        self.state
            .iter()
            .flat_map(|w| if little { w.to_le_bytes() } else { w.to_be_bytes() })
            .collect()
    }

    fn block(&mut self, block: &[u8]) {
        let word = |c: &[u8]| [c[0], c[1], c[2], c[3]];
        let words: Vec<u32> = match self.kind {
            Kind::Md5 => block.chunks(4).map(|c| u32::from_le_bytes(word(c))).collect(),
            _ => block.chunks(4).map(|c| u32::from_be_bytes(word(c))).collect(),
        };
        let next = match self.kind {
            Kind::Md5 => md5(&self.state, &words),
            Kind::Sha1 => sha1(&self.state, words),
            Kind::Sha256 => sha256(&self.state, words),
        };
        for (old, new) in self.state.iter_mut().zip(next) {
            *old = old.wrapping_add(new);
        }
    }
}

fn md5(state: &[u32], words: &[u32]) -> Vec<u32> {
    let (mut a, mut b, mut c, mut d) = (state[0], state[1], state[2], state[3]);
    for i in 0..64usize {
        let (mixed, at) = match i / 16 {
            0 => ((b & c) | (!b & d), i),
            1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
            2 => (b ^ c ^ d, (3 * i + 5) % 16),
            _ => (c ^ (b | !d), (7 * i) % 16),
        };
        let constant = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
        let sum = mixed.wrapping_add(a).wrapping_add(constant).wrapping_add(words[at]);
        a = d;
        d = c;
        c = b;
        b = b.wrapping_add(sum.rotate_left(MD5_SHIFTS[i / 16 * 4 + i % 4]));
    }
    vec![a, b, c, d]
}

fn sha1(state: &[u32], mut words: Vec<u32>) -> Vec<u32> {
    for i in 16..80 {
        words.push((words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16]).rotate_left(1));
    }
    let mut s: [u32; 5] = [state[0], state[1], state[2], state[3], state[4]];
    for (i, word) in words.iter().enumerate() {
        let [a, b, c, d, e] = s;
        let (mixed, constant) = match i / 20 {
            0 => ((b & c) | (!b & d), 0x5a827999),
            1 => (b ^ c ^ d, 0x6ed9eba1),
            2 => ((b & c) | (b & d) | (c & d), 0x8f1bbcdc),
            _ => (b ^ c ^ d, 0xca62c1d6u32),
        };
        let sum = a
            .rotate_left(5)
            .wrapping_add(mixed)
            .wrapping_add(e)
            .wrapping_add(constant)
            .wrapping_add(*word);
        s = [sum, a, b.rotate_left(30), c, d];
    }
    s.to_vec()
}

fn sha256(state: &[u32], mut words: Vec<u32>) -> Vec<u32> {
    for i in 16..64 {
        let (x, y) = (words[i - 15], words[i - 2]);
        let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
        let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
        words.push(words[i - 16].wrapping_add(s0).wrapping_add(words[i - 7]).wrapping_add(s1));
    }
    let mut s: Vec<u32> = state.to_vec();
    for i in 0..64 {
        let s1 = s[4].rotate_right(6) ^ s[4].rotate_right(11) ^ s[4].rotate_right(25);
        let choice = (s[4] & s[5]) ^ (!s[4] & s[6]);
        let one = s[7]
            .wrapping_add(s1)
            .wrapping_add(choice)
            .wrapping_add(SHA256[i])
            .wrapping_add(words[i]);
        let s0 = s[0].rotate_right(2) ^ s[0].rotate_right(13) ^ s[0].rotate_right(22);
        let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        let two = s0.wrapping_add(majority);
        s = vec![one.wrapping_add(two), s[0], s[1], s[2], s[3].wrapping_add(one), s[4], s[5], s[6]];
    }
    s
}

#[cfg(test)]
mod tests {
    use super::{Digest, Kind};

    #[test]
    fn known_digests() {
        for (kind, text, expected) in [
            (Kind::Md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
            (Kind::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
            (Kind::Sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                Kind::Sha256,
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            let mut digest = Digest::new(kind);
            digest.update(text.as_bytes());
            let hex: String = digest.finish().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hex, expected);
        }
    }
}
