//! Bytes with runs of zeros kept as a length, so that `dd if=/dev/zero` costs nothing.

use std::collections::VecDeque;

/// Bytes of one piece: what is taken from the front or changed in the middle copies no more.
const PIECE: usize = 65_536;

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

    fn stored(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(_) => 0,
        }
    }

    /// Whether two pieces of one length hold the same bytes.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Zeros(_), Self::Zeros(_)) => true,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Bytes(bytes), Self::Zeros(_)) | (Self::Zeros(_), Self::Bytes(bytes)) => {
                bytes.iter().all(|byte| *byte == 0)
            }
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
    stored: u64,
}

impl PartialEq for Rope {
    /// However it is cut into pieces, and without writing out zeros.
    fn eq(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        let (mut left, mut right) = (self.segs.iter(), other.segs.iter());
        let (mut a, mut b) = (left.next().cloned(), right.next().cloned());
        while let (Some(x), Some(y)) = (&a, &b) {
            let n = x.len().min(y.len());
            if !x.part(0, n).same(&y.part(0, n)) {
                return false;
            }
            let (x_rest, y_rest) = (x.part(n, x.len()), y.part(n, y.len()));
            a = if x_rest.len() > 0 { Some(x_rest) } else { left.next().cloned() };
            b = if y_rest.len() > 0 { Some(y_rest) } else { right.next().cloned() };
        }
        true
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
        self.stored
    }

    /// `n` zero bytes.
    #[must_use]
    pub fn zeros(n: u64) -> Self {
        let mut rope = Self::default();
        rope.push_zeros(n);
        rope
    }

    /// Appends bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        self.stored += bytes.len() as u64;
        if let Some(Seg::Bytes(last)) = self.segs.back_mut()
            && last.len() < PIECE
        {
            let (head, rest) = bytes.split_at(bytes.len().min(PIECE - last.len()));
            last.extend_from_slice(head);
            bytes = rest;
        }
        self.segs.extend(bytes.chunks(PIECE).map(|piece| Seg::Bytes(piece.to_vec())));
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

    fn push_seg(&mut self, seg: &Seg) {
        match seg {
            Seg::Bytes(bytes) => self.push(bytes),
            Seg::Zeros(n) => self.push_zeros(*n),
        }
    }

    /// Appends another rope.
    pub fn append(&mut self, other: &Self) {
        other.segs.iter().for_each(|seg| self.push_seg(seg));
    }

    /// At most `max` bytes from `offset` on.
    #[must_use]
    pub fn slice(&self, offset: u64, max: u64) -> Self {
        let end = offset.saturating_add(max).min(self.len);
        let mut out = Self::default();
        let mut start = 0;
        for seg in &self.segs {
            if start >= end {
                break;
            }
            let stop = start + seg.len();
            if stop > offset {
                out.push_seg(&seg.part(offset.max(start) - start, end.min(stop) - start));
            }
            start = stop;
        }
        out
    }

    /// Takes at most `max` bytes from the front.
    pub fn take_front(&mut self, max: u64) -> Self {
        if max >= self.len {
            return std::mem::take(self);
        }
        let mut front = Self::default();
        while front.len < max
            && let Some(seg) = self.segs.pop_front()
        {
            self.len -= seg.len();
            self.stored -= seg.stored();
            let wanted = max - front.len;
            if seg.len() <= wanted {
                front.push_seg(&seg);
                continue;
            }
            front.push_seg(&seg.part(0, wanted));
            let rest = seg.part(wanted, seg.len());
            self.len += rest.len();
            self.stored += rest.stored();
            self.segs.push_front(rest);
        }
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
        if bytes.len() > PIECE {
            return Self::from(bytes.as_slice());
        }
        let len = bytes.len() as u64;
        let segs = if bytes.is_empty() { VecDeque::new() } else { [Seg::Bytes(bytes)].into() };
        Self { segs, len, stored: len }
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
        rope.push(&[1; 200_000]);
        assert_eq!(rope.stored(), 200_000);
        assert_eq!(rope.take_front((30 << 20) + 70_001).stored(), 70_000);
        assert_eq!((rope.len(), rope.stored()), (130_000, 130_000));
    }
}
