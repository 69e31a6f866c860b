//! How a program behaves, as ranges, and one of the programs that are meant.

use podplay_api::length::parse_length;
use podplay_core::random;
use std::time::Duration;

/// A range of lengths of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub least: Duration,
    /// The most.
    pub most: Duration,
}

impl Range {
    /// Reads `20s..45s`, or `30s` for exactly that.
    pub fn parse(text: &str) -> Option<Self> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (parse_length(least.trim())?, parse_length(most.trim())?);
        (least <= most).then_some(Self { least, most })
    }
    /// One length of it: the ends first, then whatever is drawn, to a millisecond.
    fn pick(self, seed: u64, n: u64, purpose: &str) -> Duration {
        match n {
            0 => self.most,
            1 => self.least,
            _ => {
                let wide = u64::try_from((self.most - self.least).as_millis()).unwrap_or(u64::MAX);
                let more = random::draw(seed, purpose, "tune", n) % (wide.saturating_add(1));
                self.least + Duration::from_millis(more)
            }
        }
    }
}

/// How a program behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// From the start of the process until it answers.
    pub start: Range,
    /// How long it takes to answer, at worst.
    pub answer: Duration,
    /// How long it stands still from time to time, at worst, and goes on by itself.
    pub pause: Duration,
    /// It hangs for good once in so long.
    pub hangs: Duration,
    /// From SIGTERM to its end.
    pub stop: Range,
}

/// One program that behaves so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) seed: u64,
    pub(super) start: Duration,
    pub(super) stop: Duration,
    /// When it pauses, and when it hangs, after it is ready: somewhere in the periods of the probes.
    pub(super) pauses: Duration,
    pub(super) hangs: Duration,
}

impl Program {
    /// The n-th sample of a seed.
    pub(super) fn sample(&self, seed: u64, n: u64) -> Sample {
        let phase =
            |purpose: &str| Duration::from_millis(random::draw(seed, purpose, "tune", n) % 60_000);
        Sample {
            seed: seed.wrapping_add(n),
            start: self.start.pick(seed, n, "start"),
            stop: self.stop.pick(seed, n, "stop"),
            pauses: phase("pauses"),
            hangs: phase("hangs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Range;
    use std::time::Duration;

    #[test]
    fn ranges() {
        let secs = Duration::from_secs;
        let table = [
            ("20s..45s", Some((secs(20), secs(45)))),
            ("30s", Some((secs(30), secs(30)))),
            ("1m .. 2m", Some((secs(60), secs(120)))),
            ("45s..20s", None),
            ("soon", None),
        ];
        for (text, wanted) in table {
            assert_eq!(Range::parse(text).map(|range| (range.least, range.most)), wanted, "{text}");
        }
        let range = Range { least: secs(20), most: secs(45) };
        assert_eq!((range.pick(1, 0, "x"), range.pick(1, 1, "x")), (secs(45), secs(20)));
        for n in 2..200 {
            assert!((secs(20)..=secs(45)).contains(&range.pick(7, n, "x")));
        }
    }
}
