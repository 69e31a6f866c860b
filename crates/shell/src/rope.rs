//! Bytes with runs of zeros kept as a length, so that `dd if=/dev/zero` costs nothing.

use std::collections::VecDeque;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Seg {
    Bytes(Vec<u8>),
    Zeros(u64),
}

impl Seg {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(n) => *n,
        }
    }

    fn part(&self, from: u64, to: u64) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes[from as usize..to as usize].to_vec()),
            Self::Zeros(_) => Self::Zeros(to - from),
        }
    }
}

/// The content of a file or pipe.
#[derive(Clone, Debug, Default)]
pub struct Rope {
    segs: VecDeque<Seg>,
    len: u64,
}

impl PartialEq for Rope {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.to_vec() == other.to_vec()
    }
}

impl Rope {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes really stored, runs of zeros left out.
    #[must_use]
    pub fn stored(&self) -> u64 {
        self.segs
            .iter()
            .map(|seg| match seg {
                Seg::Bytes(bytes) => bytes.len() as u64,
                Seg::Zeros(_) => 0,
            })
            .sum()
    }

    /// `n` zero bytes.
    #[must_use]
    pub fn zeros(n: u64) -> Self {
        let mut rope = Self::default();
        rope.push_zeros(n);
        rope
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.len += bytes.len() as u64;
        match self.segs.back_mut() {
            Some(Seg::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.segs.push_back(Seg::Bytes(bytes.to_vec())),
        }
    }

    /// Appends zeros.
    pub fn push_zeros(&mut self, n: u64) {
        if n == 0 {
            return;
        }
        self.len += n;
        match self.segs.back_mut() {
            Some(Seg::Zeros(last)) => *last += n,
            _ => self.segs.push_back(Seg::Zeros(n)),
        }
    }

    /// Appends another rope.
    pub fn append(&mut self, other: &Self) {
        for seg in &other.segs {
            match seg {
                Seg::Bytes(bytes) => self.push(bytes),
                Seg::Zeros(n) => self.push_zeros(*n),
            }
        }
    }

    /// At most `max` bytes from `offset` on.
    #[must_use]
    pub fn slice(&self, offset: u64, max: u64) -> Self {
        let end = offset.saturating_add(max).min(self.len);
        let mut out = Self::default();
        let mut start = 0;
        for seg in &self.segs {
            let stop = start + seg.len();
            if stop > offset && start < end {
                let part = seg.part(offset.max(start) - start, end.min(stop) - start);
                out.len += part.len();
                out.segs.push_back(part);
            }
            start = stop;
            if start >= end {
                break;
            }
        }
        out
    }

    /// Takes at most `max` bytes from the front.
    pub fn take_front(&mut self, max: u64) -> Self {
        if max >= self.len {
            return std::mem::take(self);
        }
        let front = self.slice(0, max);
        *self = self.slice(max, u64::MAX);
        front
    }

    /// Overwrites from `offset` on, filling a gap with zeros.
    pub fn write_at(&mut self, offset: u64, data: &Self) {
        if offset > self.len {
            self.push_zeros(offset - self.len);
        }
        if offset == self.len {
            self.append(data);
            return;
        }
        let tail = self.slice(offset + data.len, u64::MAX);
        let mut head = self.slice(0, offset);
        head.append(data);
        head.append(&tail);
        *self = head;
    }

    /// Cuts or extends to `n` bytes.
    pub fn set_len(&mut self, n: u64) {
        if n < self.len {
            *self = self.slice(0, n);
        } else {
            self.push_zeros(n - self.len);
        }
    }

    /// All bytes, materialised. Callers bound the length first.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len as usize);
        for seg in &self.segs {
            match seg {
                Seg::Bytes(bytes) => out.extend_from_slice(bytes),
                Seg::Zeros(n) => out.resize(out.len() + *n as usize, 0),
            }
        }
        out
    }

    /// Counts newlines without materialising zeros.
    #[must_use]
    pub fn newlines(&self) -> u64 {
        self.segs
            .iter()
            .map(|seg| match seg {
                Seg::Bytes(bytes) => bytes.iter().filter(|b| **b == b'\n').count() as u64,
                Seg::Zeros(_) => 0,
            })
            .sum()
    }
}

impl From<&[u8]> for Rope {
    fn from(bytes: &[u8]) -> Self {
        let mut rope = Self::default();
        rope.push(bytes);
        rope
    }
}

impl From<Vec<u8>> for Rope {
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        let segs = if bytes.is_empty() { VecDeque::new() } else { [Seg::Bytes(bytes)].into() };
        Self { segs, len }
    }
}

#[cfg(test)]
mod tests {
    use super::Rope;

    #[test]
    fn writes_in_the_middle_and_past_the_end() {
        let mut rope = Rope::from(b"hello world".as_slice());
        rope.write_at(6, &Rope::from(b"there".as_slice()));
        assert_eq!(rope.to_vec(), b"hello there");
        rope.write_at(13, &Rope::from(b"!".as_slice()));
        assert_eq!(rope.to_vec(), b"hello there\0\0!");
        assert_eq!(rope.take_front(6).to_vec(), b"hello ");
        rope.set_len(3);
        assert_eq!(rope.to_vec(), b"the");
        rope.set_len(5);
        assert_eq!(rope.to_vec(), b"the\0\0");
    }

    #[test]
    fn zeros_are_not_stored() {
        let mut rope = Rope::zeros(30 << 20);
        rope.push_zeros(1);
        assert_eq!((rope.len(), rope.stored()), ((30 << 20) + 1, 0));
        assert_eq!(rope.slice(10, 5).to_vec(), [0; 5]);
    }
}
