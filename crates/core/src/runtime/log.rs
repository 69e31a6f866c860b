//! Container logs, cut into lines, bounded in size.

use crate::limits;
use podplay_api::SimTime;
use std::collections::VecDeque;
use std::sync::Arc;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: SimTime,
    /// Standard error instead of standard output.
    pub stderr: bool,
    /// The line without its end.
    pub text: Arc<str>,
    /// Whether a newline ended it.
    pub complete: bool,
}

/// A log. The oldest lines go when it grows too large.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: VecDeque<LogLine>,
    bytes: usize,
    written: u64,
}

/// What stands before each line in the runtime's file: time, stream and whether the line is whole.
const PREFIX: u64 = "2026-01-01T00:00:00.000000000Z stdout F ".len() as u64;

impl Log {
    /// Appends output.
    pub fn write(&mut self, at: SimTime, stderr: bool, text: &str) {
        for part in text.split_inclusive('\n') {
            let (body, complete) =
                part.strip_suffix('\n').map_or((part, false), |body| (body, true));
            self.push(LogLine { at, stderr, text: body.into(), complete });
        }
        while self.bytes > limits::LOG_BYTES {
            let Some(gone) = self.lines.pop_front() else { break };
            self.bytes -= gone.text.len() + 1;
        }
    }
    fn push(&mut self, line: LogLine) {
        self.bytes += line.text.len() + 1;
        self.written += PREFIX + u64::try_from(line.text.len()).unwrap_or(0) + 1;
        let open = |last: &&mut LogLine| !last.complete && last.stderr == line.stderr;
        if let Some(last) = self.lines.back_mut().filter(open) {
            last.text = format!("{}{}", last.text, line.text).into();
            last.complete = line.complete;
            return;
        }
        self.lines.push_back(line);
    }
    /// Bytes of the log on the node's disk.
    pub fn written(&self) -> u64 {
        self.written
    }
    /// All lines.
    pub fn lines(&self) -> Vec<LogLine> {
        self.lines.iter().cloned().collect()
    }
    /// The end of the log: at most so many bytes and lines.
    pub fn tail(&self, bytes: usize, lines: usize) -> String {
        let first = self.lines.len().saturating_sub(lines);
        let text: String = self
            .lines
            .iter()
            .skip(first)
            .map(|line| format!("{}{}", line.text, if line.complete { "\n" } else { "" }))
            .collect();
        let mut start = text.len().saturating_sub(bytes);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        text[start..].to_string()
    }
}
