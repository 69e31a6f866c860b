//! Container logs, cut into lines, bounded in size. A clone shares what both have.

use crate::limits;
use podplay_api::SimTime;
use std::collections::VecDeque;
use std::sync::Arc;

/// One line of a log, or a part of a very long one.
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

impl LogLine {
    /// What it takes in memory.
    fn size(&self) -> usize {
        self.text.len() + limits::LOG_LINE
    }
}

/// Lines that are shared or copied together.
const BLOCK: usize = 64;

/// A log. The oldest lines go when it grows too large.
#[derive(Clone, Debug, Default)]
pub struct Log {
    blocks: VecDeque<Arc<Vec<LogLine>>>,
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
            self.line(LogLine { at, stderr, text: body.into(), complete });
        }
        while self.bytes > limits::LOG_BYTES && self.blocks.len() > 1 {
            let Some(gone) = self.blocks.pop_front() else { break };
            self.bytes -= gone.iter().map(LogLine::size).sum::<usize>();
        }
    }
    /// A line, or the beginning or end of one, in parts as a runtime writes them.
    ///
    /// Models containerd's `internal/cri/io/logger.go` with its default `max_container_log_line_size`.
    fn line(&mut self, mut line: LogLine) {
        loop {
            let used = self.open(line.stderr).map_or(0, |last| last.text.len());
            let room = limits::LOG_PART.saturating_sub(used);
            if line.text.len() <= room {
                return self.push(line);
            }
            let mut cut = room;
            while !line.text.is_char_boundary(cut) {
                cut -= 1;
            }
            let (head, rest) = line.text.split_at(cut);
            let rest = rest.into();
            self.push(LogLine { text: head.into(), complete: false, ..line.clone() });
            // The part is full: what follows is another one.
            self.blocks.push_back(Arc::default());
            line.text = rest;
        }
    }
    /// The last line, if more may be written to it.
    fn open(&self, stderr: bool) -> Option<&LogLine> {
        let last = self.blocks.back()?.last()?;
        (!last.complete && last.stderr == stderr && last.text.len() < limits::LOG_PART)
            .then_some(last)
    }
    fn push(&mut self, line: LogLine) {
        self.written += PREFIX + line.text.len() as u64 + 1;
        if let Some(old) = self.open(line.stderr).map(|last| last.text.clone())
            && let Some(last) =
                self.blocks.back_mut().and_then(|block| Arc::make_mut(block).last_mut())
        {
            last.text = [&*old, &*line.text].concat().into();
            last.complete = line.complete;
            self.bytes += line.text.len();
            return;
        }
        self.bytes += line.size();
        match self.blocks.back_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(line),
            _ => self.blocks.push_back(Arc::new(vec![line])),
        }
    }
    fn iter(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.blocks.iter().flat_map(|block| block.iter())
    }
    /// Bytes of the log on the node's disk.
    pub fn written(&self) -> u64 {
        self.written
    }
    /// All lines.
    pub fn lines(&self) -> Vec<LogLine> {
        self.iter().cloned().collect()
    }
    /// The end of the log: at most so many bytes and lines.
    pub fn tail(&self, bytes: usize, lines: usize) -> String {
        let mut last: Vec<&LogLine> = self.iter().rev().take(lines).collect();
        last.reverse();
        let text: String = last
            .iter()
            .map(|line| format!("{}{}", line.text, if line.complete { "\n" } else { "" }))
            .collect();
        let mut start = text.len().saturating_sub(bytes);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        text[start..].to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(log: &Log) -> String {
        log.lines()
            .iter()
            .map(|line| format!("{}{}", line.text, if line.complete { "\n" } else { "" }))
            .collect()
    }

    #[test]
    fn lines_are_joined_cut_and_forgotten() {
        let mut log = Log::default();
        log.write(SimTime::ZERO, false, "a");
        log.write(SimTime::ZERO, false, "b\nc");
        assert_eq!(log.lines().len(), 2);
        assert_eq!(text(&log), "ab\nc");
        assert_eq!(log.tail(100, 1), "c");
        let mut log = Log::default();
        let long = "é".repeat(limits::LOG_PART);
        log.write(SimTime::ZERO, false, &long);
        log.write(SimTime::ZERO, false, "end\nnext\n");
        assert_eq!(text(&log), format!("{long}end\nnext\n"));
        assert!(log.lines().iter().all(|line| line.text.len() <= limits::LOG_PART));
        let copy = log.clone();
        for _ in 0..100_000 {
            log.write(SimTime::ZERO, false, "y\n");
        }
        let size: usize = log.lines().iter().map(LogLine::size).sum();
        assert!(size <= limits::LOG_BYTES && size > limits::LOG_BYTES / 2, "{size}");
        assert_eq!(text(&copy), format!("{long}end\nnext\n"));
    }
}
