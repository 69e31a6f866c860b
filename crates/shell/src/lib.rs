//! A POSIX-sh subset and the usual small tools on virtual time.
