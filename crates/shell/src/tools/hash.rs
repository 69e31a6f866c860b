//! MD5, SHA-1, SHA-256 and SHA-512.

use sha1::Digest as _;

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// A hash in progress.
#[derive(Clone, Debug)]
pub(super) enum Digest {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(Box<sha2::Sha512>),
}

impl Digest {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Md5 => Self::Md5(md5::Md5::new()),
            Kind::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Kind::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Kind::Sha512 => Self::Sha512(Box::new(sha2::Sha512::new())),
        }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(data),
            Self::Sha1(hash) => hash.update(data),
            Self::Sha256(hash) => hash.update(data),
            Self::Sha512(hash) => hash.update(data),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(hash) => hash.finalize().to_vec(),
            Self::Sha1(hash) => hash.finalize().to_vec(),
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Sha512(hash) => hash.finalize().to_vec(),
        }
    }
}
