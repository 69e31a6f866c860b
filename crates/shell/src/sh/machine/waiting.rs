//! Waiting for children, substitutions and pipes.

use super::*;

impl Shell {
    pub(super) fn collect(
        &mut self,
        sys: &mut Sys<'_>,
        pid: u32,
        fd: u32,
        mut data: Vec<u8>,
        mut closed: bool,
    ) -> Step {
        while !closed {
            match sys.read(fd, limits::PIPE_BYTES) {
                Io::Ready(read) if read.is_empty() => closed = true,
                Io::Ready(read) => data.extend(sys.bytes(&read)),
                Io::Block(wait) => {
                    self.stack.push(Frame::Substitute { pid, fd, data, closed });
                    return Step::Block(wait);
                }
                Io::Err(_) => closed = true,
            }
            if sys.too_much(data.len() as u64) {
                sys.exhaust("bytes of a process");
                return Step::Block(Wait::Forever);
            }
        }
        let Some(status) = sys.reap(pid) else {
            self.stack.push(Frame::Substitute { pid, fd, data, closed });
            return Step::Block(Wait::Child);
        };
        sys.close(fd);
        self.report_death(sys, pid, status);
        data.retain(|byte| *byte != 0);
        let text = String::from_utf8_lossy(&data).trim_end_matches('\n').to_owned();
        if let Some(Frame::Node { results, .. }) = self.stack.last_mut() {
            results.push(Substituted { text, status: status.code() });
        }
        Step::Continue
    }

    /// Writes a builtin's output, waiting for room in a pipe.
    pub(in crate::sh) fn write_out(
        &mut self,
        sys: &mut Sys<'_>,
        mut data: Rope,
        status: u8,
    ) -> Step {
        while !data.is_empty() {
            match sys.write(1, &data) {
                Io::Ready(n) => drop(data.take_front(n)),
                Io::Block(wait) => {
                    self.stack.push(Frame::Write { data, status });
                    return Step::Block(wait);
                }
                Io::Err(error) => {
                    if !sys.alive() {
                        return Step::Block(Wait::Forever);
                    }
                    self.builtin = None;
                    self.complain(sys, &format!("write error: {error}"));
                    self.status = 1;
                    return Step::Continue;
                }
            }
        }
        self.status = status;
        Step::Continue
    }

    /// `wait -n`: for the next child that ends.
    pub(super) fn wait_any(&mut self, sys: &mut Sys<'_>) -> Step {
        self.reap_jobs(sys);
        match self.jobs.iter().position(|job| job.status.is_some()) {
            Some(done) => self.status = self.jobs.remove(done).status.unwrap_or(0),
            None if self.jobs.is_empty() => self.status = 127,
            None => {
                self.stack.push(Frame::WaitAny);
                return Step::Block(Wait::Child);
            }
        }
        Step::Continue
    }

    /// `wait`: for some children, or for all.
    pub(super) fn wait_for(&mut self, sys: &mut Sys<'_>, pids: Option<Vec<u32>>) -> Step {
        for job in self.jobs.iter_mut().filter(|job| job.status.is_none()) {
            if let Some(status) = sys.reap(job.pid) {
                job.status = Some(status.code());
                if pids.as_ref().is_some_and(|pids| pids.contains(&job.pid))
                    && self.dialect == Dialect::Ash
                    && let crate::ExitStatus::Signaled(signal) = status
                    && signal != Signal::INT
                    && signal != Signal::PIPE
                {
                    sys.warn(signal.description());
                }
            }
        }
        let running = |pid: u32| self.jobs.iter().any(|job| job.pid == pid && job.status.is_none());
        match pids {
            None => {
                if self.jobs.iter().any(|job| job.status.is_none()) {
                    self.stack.push(Frame::WaitFor { pids: None });
                    return Step::Block(Wait::Child);
                }
                self.jobs.clear();
                self.status = 0;
            }
            Some(pids) => {
                if pids.iter().any(|pid| running(*pid)) {
                    self.stack.push(Frame::WaitFor { pids: Some(pids) });
                    return Step::Block(Wait::Child);
                }
                let last = pids.last().copied().unwrap_or(0);
                let status =
                    self.jobs.iter().find(|job| job.pid == last).and_then(|job| job.status);
                self.jobs.retain(|job| !pids.contains(&job.pid));
                self.status = status.unwrap_or(127);
            }
        }
        Step::Continue
    }
}
