//! Commands that take time: what they wait for, asked again while virtual time passes.

use crate::files::Files;
use podplay_api::SimTime;
use podplay_core::Cluster;

/// What a command has printed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Exit status; 0 while the command has not ended.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Writes a line to standard output.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        self.stdout.push_str(line.as_ref());
        self.stdout.push('\n');
    }
    /// Writes a line to standard error.
    pub(crate) fn warn(&mut self, line: impl AsRef<str>) {
        self.stderr.push_str(line.as_ref());
        self.stderr.push('\n');
    }
}

/// A command that waits.
pub(crate) trait Task: core::fmt::Debug + Send + Sync {
    /// Looks whether what it waits for has come; returns the exit status when it has ended.
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32>;
    /// When it wants to be asked again even if nothing happens.
    fn wakes_at(&self) -> Option<SimTime>;
    /// Whether it goes on until somebody stops it.
    fn endless(&self) -> bool {
        false
    }
    /// A copy.
    fn boxed(&self) -> Box<dyn Task>;
}

impl Clone for Box<dyn Task> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// A kubectl command under way, or ended. A clone is a checkpoint.
#[derive(Clone, Debug)]
pub struct Invocation {
    out: Output,
    task: Option<Box<dyn Task>>,
}

/// Starts a command: its words without `kubectl`, its standard input, and the files that it can read.
pub fn start(
    argv: &[String],
    stdin: &[u8],
    cluster: &mut Cluster,
    files: &dyn Files,
) -> Invocation {
    let mut out = Output::default();
    match crate::commands::run(argv, stdin, cluster, files, &mut out) {
        Ok(crate::failure::Next::Done) => Invocation { out, task: None },
        Ok(crate::failure::Next::Exit(exit)) => {
            out.exit = exit;
            Invocation { out, task: None }
        }
        Ok(crate::failure::Next::Block(task)) => Invocation { out, task: Some(task) },
        Err(failure) => {
            out.exit = failure.exit;
            if !failure.message.is_empty() {
                out.warn(&failure.message);
            }
            Invocation { out, task: None }
        }
    }
}

impl Invocation {
    /// Goes on as far as it can now; the output when the command has ended.
    pub fn poll(&mut self, cluster: &mut Cluster) -> Option<Output> {
        if let Some(task) = &mut self.task {
            self.out.exit = task.poll(cluster, &mut self.out)?;
            self.task = None;
        }
        Some(self.out.clone())
    }
    /// When it wants to be polled even if nothing happens in the cluster.
    pub fn wakes_at(&self) -> Option<SimTime> {
        self.task.as_ref().and_then(|task| task.wakes_at())
    }
    /// What it printed so far.
    pub fn so_far(&self) -> Output {
        self.out.clone()
    }
    /// Whether it goes on until somebody stops it, as `-w` and `-f` do.
    pub fn endless(&self) -> bool {
        self.task.as_ref().is_some_and(|task| task.endless())
    }
    /// Lets time pass until the command has ended or `until` is reached; then it is stopped with status 1.
    pub fn finish(&mut self, cluster: &mut Cluster, until: SimTime) -> Output {
        self.finish_within(cluster, until, &mut podplay_core::Budget(u64::MAX))
    }
    /// The same; it is stopped too when the budget is spent.
    pub fn finish_within(
        &mut self,
        cluster: &mut Cluster,
        until: SimTime,
        budget: &mut podplay_core::Budget,
    ) -> Output {
        loop {
            let _ = cluster.take_records();
            if let Some(output) = self.poll(cluster) {
                return output;
            }
            if cluster.now() >= until || budget.0 == 0 {
                return Output { exit: 1, ..self.so_far() };
            }
            let event = cluster.next_wakeup().map(|(at, _)| at);
            let wakes = self.wakes_at().filter(|at| *at > cluster.now());
            let next = event.into_iter().chain(wakes).min().unwrap_or(until);
            let _ = cluster.run_until(next.max(cluster.now()).min(until), budget);
            if event.is_none() && wakes.is_none() {
                let _ = cluster.run_until(until, budget);
            }
        }
    }
}
