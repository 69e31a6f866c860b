//! Every limit that keeps a script from taking the page down, in one place.
//!
//! Work is paid for in steps. What costs more than is left at an instant is owed, and paid by the
//! next instants: a container that computes too much is slow, and time goes on. What would take too
//! much memory is refused as a full disk or a full memory refuses it, and [`crate::EffectKind::Limit`]
//! names the limit, once for each container.

use crate::Nanos;

/// Steps that one instant of one container should be given (see [`crate::Userland::run`]).
pub const STEPS_PER_INSTANT: u64 = 20_000;
/// How much later a container that used up its steps goes on.
pub const BUSY_PAUSE: Nanos = 10_000_000;
/// Virtual time that starting a program takes.
pub const START_COST: Nanos = 0;
/// Bytes that one step pays for, where they are looked at or copied.
pub const BYTES_PER_STEP: u64 = 64;
/// Steps for making a process.
pub const FORK_STEPS: u64 = 40;
/// Nesting of commands, words and arithmetic in a script.
pub const NESTING: u32 = 120;
/// Nesting of function calls and `eval`.
pub const CALLS: usize = 400;
/// Processes in one container; `fork` fails beyond it.
pub const PROCESSES: usize = 500;
/// Bytes really stored by one process, when the container has no lower memory limit. Beyond it the
/// container is out of memory.
pub const PROCESS_BYTES: u64 = 8 << 20;
/// Bytes of one string: a variable, a line that is read, the result of an expansion.
pub const STRING_BYTES: u64 = 1 << 20;
/// Elements of one array.
pub const ELEMENTS: usize = 200_000;
/// Bytes of one pipe's buffer, as in Linux.
pub const PIPE_BYTES: u64 = 65_536;
/// Length of a file, as on ext4.
pub const FILE_BYTES: u64 = 1 << 44;
/// Bytes really stored in the files of one container or volume; beyond it the disk is full.
pub const DISK_BYTES: u64 = 32 << 20;
/// Files and directories made in one container or volume; beyond it the disk is full.
pub const FILES: usize = 20_000;
/// Bytes of one argument or environment variable of a program, as in Linux.
pub const ARGUMENT_BYTES: usize = 128 << 10;
/// Bytes of all arguments and the environment of a program, as in Linux.
pub const ARGUMENTS_BYTES: usize = 2 << 20;
/// Bytes of a path, as in Linux.
pub const PATH_BYTES: usize = 4096;
/// Steps of one search for a pattern; beyond it the search is an error.
pub const PATTERN_STEPS: u64 = 16_000_000;
/// States of one compiled regular expression.
pub const PATTERN_STATES: usize = 20_000;
/// Steps of an `awk` program for one record.
pub const AWK_STEPS: u32 = 4_000_000;
/// Names that a wildcard or a brace expression may yield.
pub const NAMES: usize = 20_000;
