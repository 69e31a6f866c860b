//! The error numbers that tools print.

use std::fmt;

/// Why a file operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// ENOENT
    NotFound,
    /// ENOTDIR
    NotDir,
    /// EISDIR
    IsDir,
    /// EEXIST
    Exists,
    /// EACCES
    Access,
    /// EPERM
    Perm,
    /// EROFS
    ReadOnly,
    /// ENOTEMPTY
    NotEmpty,
    /// EINVAL
    Invalid,
    /// ELOOP
    Loop,
    /// ENOSPC
    NoSpace,
    /// EBADF
    BadFd,
    /// EXDEV
    CrossDevice,
    /// EBUSY
    Busy,
    /// ENXIO
    NoDevice,
    /// EPIPE
    Pipe,
    /// ESRCH
    NoProcess,
    /// ENAMETOOLONG
    NameTooLong,
    /// EFBIG
    TooLarge,
    /// ENOMEM
    NoMemory,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "No such file or directory",
            Self::NotDir => "Not a directory",
            Self::IsDir => "Is a directory",
            Self::Exists => "File exists",
            Self::Access => "Permission denied",
            Self::Perm => "Operation not permitted",
            Self::ReadOnly => "Read-only file system",
            Self::NotEmpty => "Directory not empty",
            Self::Invalid => "Invalid argument",
            Self::Loop => "Too many levels of symbolic links",
            Self::NoSpace => "No space left on device",
            Self::BadFd => "Bad file descriptor",
            Self::CrossDevice => "Invalid cross-device link",
            Self::Busy => "Resource busy",
            Self::NoDevice => "No such device or address",
            Self::Pipe => "Broken pipe",
            Self::NoProcess => "No such process",
            Self::NameTooLong => "File name too long",
            Self::TooLarge => "File too large",
            Self::NoMemory => "Cannot allocate memory",
        })
    }
}

impl std::error::Error for Errno {}
