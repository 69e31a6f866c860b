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
/// Bytes of log kept for one container instance.
pub const LOG_BYTES: usize = 256 * 1024;
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
