//! Every limit of the simulation, named. Hitting one is a record, never a crash.

pub use podplay_api::limits::PODS;

/// Wakeups at one instant before time is pushed on.
pub const STEPS_PER_INSTANT: u32 = 20_000;
/// Steps of the shell for one wakeup of a container.
pub const SHELL_STEPS: u64 = 20_000;
/// Pause of a container that used up its steps, in nanoseconds; it doubles each time in a row.
pub const BUSY_PAUSE: u64 = 10_000_000;
/// How often that pause doubles.
pub const BUSY_DOUBLINGS: u32 = 7;
/// Steps that a container may take in each second of simulated time, when it has used up its store.
pub const STEPS_PER_SECOND: u64 = 25_000;
/// Steps that a container may save up for a burst.
pub const STEPS_SAVED: u64 = 250_000;
/// Steps that a wakeup gets in any case.
pub const STEPS_AT_LEAST: u64 = 500;
/// Wakeups of one container in each second of simulated time; beyond it they come apart.
pub const WAKEUPS_PER_SECOND: u64 = 200;
/// Bytes of log kept for one container instance, what each line takes included.
pub const LOG_BYTES: usize = 256 * 1024;
/// Bytes that a line of a log takes beside its text.
pub const LOG_LINE: usize = 48;
/// Bytes of a line after which a runtime writes it in parts.
pub const LOG_PART: usize = 16 * 1024;
/// Bytes of output that the trace keeps word by word; later records have its beginning only.
pub const TRACE_OUTPUT: usize = 16 << 20;
/// What is kept of output after that, in bytes.
pub const TRACE_BEGINNING: usize = 120;
/// Bytes of one expanded environment variable or argument, and what cannot be executed any more.
///
/// Models Linux's `MAX_ARG_STRLEN`.
pub const ARGUMENT_BYTES: usize = 128 * 1024;
/// Requests that all clients of the traffic together may send in a second.
pub const REQUESTS_PER_SECOND: u32 = 2_000;
/// Wakeups of one run. It ends there, and says so.
pub const RUN_WAKEUPS: u64 = 1_000_000;
/// Wakeups of a series of commands, or of one that waits.
pub const SESSION_WAKEUPS: u64 = 300_000;
/// Nodes of a cluster.
pub const NODES: usize = 500;
/// Output bytes of an exec that are kept; probes keep 10 KiB of it, as the kubelet does.
pub const EXEC_OUTPUT: usize = 64 * 1024;
/// Bytes of a probe's output in its message.
///
/// Models `pkg/probe/exec/exec.go` maxReadLength.
pub const PROBE_OUTPUT: usize = 10 * 1024;
/// Bytes of a termination message.
///
/// Models `pkg/kubelet/container/runtime.go` MaxContainerTerminationMessageLength.
pub const TERMINATION_MESSAGE: usize = 4096;
/// Bytes and lines of the log that stand in for a termination message.
pub const TERMINATION_LOG: (usize, usize) = (2048, 80);
