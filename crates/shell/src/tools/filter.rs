//! Tools that look at lines, or at everything.

use super::input::{CHUNK, Get, Input};
use super::{Cx, Next, Tool};
use crate::kernel::Wait;
use std::fmt;

/// What a line-wise tool does. Lines come without their newline.
pub(super) trait Filter: Clone + fmt::Debug + Send + Sync + 'static {
    /// A line; `ended` says whether a newline followed. False: no more input is wanted.
    fn line(&mut self, cx: &mut Cx<'_, '_>, line: &[u8], ended: bool) -> bool;
    /// A file ended. False: no more input is wanted.
    fn end_of_file(&mut self, _cx: &mut Cx<'_, '_>, _name: &str) -> bool {
        true
    }
    /// No more lines will come.
    fn last(&mut self, _cx: &mut Cx<'_, '_>) {}
    /// Whether there is work left to do on a line that came.
    fn busy(&self) -> bool {
        false
    }
    /// Does some of the work that is left. False: no more input is wanted.
    fn go_on(&mut self, _cx: &mut Cx<'_, '_>) -> bool {
        true
    }
    /// Everything was read; the exit status.
    fn finish(&mut self, cx: &mut Cx<'_, '_>, failed: bool) -> u8;
    /// Bytes that the tool keeps.
    fn kept(&self) -> u64 {
        0
    }
    /// Whether files are one stream: a last line without newline goes on in the next file.
    fn name_now(&mut self, _name: &str) {}
}

/// Runs a [`Filter`] over its input.
#[derive(Clone, Debug)]
pub(super) struct Lines<F> {
    filter: F,
    input: Input,
    partial: Vec<u8>,
    /// What was read and waits until the filter has done its work.
    ahead: Vec<u8>,
    stopped: bool,
    /// The filter knows that no more lines will come.
    told: bool,
}

impl<F: Filter> Lines<F> {
    pub(super) fn start(filter: F, input: Input) -> Box<dyn Tool> {
        let (partial, ahead) = (Vec::new(), Vec::new());
        Box::new(Self { filter, input, partial, ahead, stopped: false, told: false })
    }

    fn feed(&mut self, cx: &mut Cx<'_, '_>, data: &[u8]) {
        let mut rest = data;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let wanted = if self.partial.is_empty() {
                self.filter.line(cx, &rest[..end], true)
            } else {
                self.partial.extend_from_slice(&rest[..end]);
                let line = std::mem::take(&mut self.partial);
                self.filter.line(cx, &line, true)
            };
            rest = &rest[end + 1..];
            cx.sys.cost += 1;
            if !wanted {
                self.stopped = true;
                return;
            }
            if self.filter.busy() {
                self.ahead.extend_from_slice(rest);
                return;
            }
        }
        self.partial.extend_from_slice(rest);
    }

    fn end_of_file(&mut self, cx: &mut Cx<'_, '_>, name: &str) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.stopped |= !self.filter.line(cx, &line, false);
        }
        self.stopped |= !self.filter.end_of_file(cx, name);
    }
}

impl<F: Filter> Tool for Lines<F> {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if self.filter.busy() {
            self.stopped |= !self.filter.go_on(cx);
            return Next::Again;
        }
        if !self.ahead.is_empty() && !self.stopped {
            let data = std::mem::take(&mut self.ahead);
            self.feed(cx, &data);
            return Next::Again;
        }
        if self.stopped && !std::mem::replace(&mut self.told, true) {
            self.filter.last(cx);
            return Next::Again;
        }
        if self.stopped {
            self.input.close(cx);
            return Next::Exit(self.filter.finish(cx, self.input.failed));
        }
        match self.input.get(cx, CHUNK) {
            Get::Data(data) => {
                let kept = self.partial.len() as u64 + self.filter.kept();
                if cx.sys.too_much(kept + data.len()) {
                    cx.sys.exhaust("bytes of a process");
                    return Next::Wait(Wait::Forever);
                }
                if kept > 1 << 20 {
                    cx.sys.charge(kept);
                }
                let name = self.input.name().to_owned();
                self.filter.name_now(&name);
                let bytes = cx.sys.bytes(&data);
                self.feed(cx, &bytes);
                Next::Again
            }
            Get::EndOfFile(name) => {
                self.filter.name_now(&name);
                self.end_of_file(cx, &name);
                Next::Again
            }
            Get::Wait(wait) => Next::Wait(wait),
            Get::End => {
                self.stopped = true;
                Next::Again
            }
        }
    }

    boxed!();
}
