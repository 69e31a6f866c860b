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
/// Steps that all containers together may take in each second, when they have used up their store.
pub const ALL_STEPS_PER_SECOND: u64 = 40_000;
/// Steps that all containers together may save up.
pub const ALL_STEPS_SAVED: u64 = 800_000;
/// Steps that stand for what a wakeup costs beside its script.
pub const WAKEUP_STEPS: u64 = 40;
/// Steps of containers that count as much as a wakeup, where wakeups are bounded.
pub const STEPS_PER_WAKEUP: u64 = 100;
/// Bytes that a pod takes in a copy of the cluster beside what its containers keep, about.
pub const POD_WEIGHT: u64 = 15_000;
/// Bytes that a container takes in a copy at most, whatever its processes say that they use.
pub const MOST_WEIGHT: u64 = 32 << 20;
/// Wakeups of one container in each second while all together compute too much.
pub const WAKEUPS_BEHIND: u64 = 20;
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
/// Services whose variables a container is given.
pub const SERVICE_LINKS: usize = 200;
/// Requests that all clients of the traffic together may send in a second.
pub const REQUESTS_PER_SECOND: u32 = 2_000;
/// Wakeups of one run. It ends there, and says so.
pub const RUN_WAKEUPS: u64 = 1_000_000;
/// Wakeups of a series of commands, or of one that waits.
pub const SESSION_WAKEUPS: u64 = 100_000;
/// Commands of a timeline that wait at once; more are refused.
pub const WAITING: usize = 100;
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
