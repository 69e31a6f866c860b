//! What the fuzz tests share: a generator, how long to go on, and how a find is told.
//!
//! Each fuzz test is an ordinary test with a few hundred cases; `PODPLAY_FUZZ_SECONDS`
//! or `PODPLAY_FUZZ_TIMES` (so many times as many cases) and `PODPLAY_FUZZ_SEED` make it go on for
//! longer from another seed (`cargo xtask fuzz`).

use std::time::{Duration, Instant};

/// One case may take this long; the machine may be busy, so that it is much more than it should.
const LONGEST: Duration = Duration::from_secs(20);
/// The process may take this much memory, in kB.
const MEMORY: u64 = 1 << 20;

/// A small generator (splitmix64), so that a seed means the same everywhere.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.draw() % n.max(1) as u64).unwrap_or(0)
    }
    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let n = self.below(of.len());
        &of[n]
    }
    /// A text with pieces put in, taken out, doubled, and parts of other texts.
    pub fn damaged(&mut self, texts: &[String], pieces: &[&str]) -> String {
        let mut text = self.pick(texts).clone();
        for _ in 0..=self.below(5) {
            let length = text.len() + 1;
            let from = boundary(&text, self.below(length));
            let to = boundary(&text, (from + self.below(40)).min(text.len())).max(from);
            match self.below(6) {
                0 => text.insert_str(from, self.pick::<&str>(pieces)),
                1 | 2 => text.replace_range(from..to, self.pick::<&str>(pieces)),
                3 => {
                    let part = text[from..to].to_owned();
                    text.insert_str(from, &part);
                }
                4 => {
                    let other = self.pick(texts).clone();
                    let at = boundary(&other, self.below(other.len() + 1));
                    text.insert_str(from, &other[at..]);
                }
                _ => text.replace_range(from..to, ""),
            }
        }
        text
    }
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Checks one case after the other, and prints how many there were, the slowest, and the most memory.
///
/// # Panics
/// When a case panics, takes too long, or the memory grows too large: with its seed and its input.
#[expect(clippy::disallowed_methods, reason = "how long to search is a matter of the wall clock")]
pub fn search<T: std::fmt::Debug + std::panic::RefUnwindSafe>(
    target: &str,
    cases: u64,
    make: impl Fn(&mut Dice) -> T,
    check: impl Fn(&T) + std::panic::RefUnwindSafe,
) {
    let first = number("PODPLAY_FUZZ_SEED").unwrap_or(1);
    let cases = cases.saturating_mul(number("PODPLAY_FUZZ_TIMES").unwrap_or(1));
    let until = number("PODPLAY_FUZZ_SECONDS").map(|s| Instant::now() + Duration::from_secs(s));
    let mut slowest = (Duration::ZERO, first);
    let mut seed = first;
    while until.map_or(seed < first + cases, |end| Instant::now() < end) {
        let case = make(&mut Dice(seed));
        let began = busy();
        let outcome = std::panic::catch_unwind(|| check(&case));
        let took = busy().saturating_sub(began);
        assert!(outcome.is_ok(), "{target}: seed {seed} found this:\n{case:?}");
        assert!(took < LONGEST, "{target}: seed {seed} takes {took:?}:\n{case:?}");
        let memory = peak_memory();
        assert!(memory < MEMORY, "{target}: seed {seed}: {memory} kB of memory:\n{case:?}");
        slowest = slowest.max((took, seed));
        seed += 1;
    }
    let ((took, which), memory) = (slowest, peak_memory() >> 10);
    println!(
        "fuzz: {} executions of {target}, from seed {first}; slowest {took:.1?} (seed {which}), at most {memory} MB",
        seed - first
    );
}

/// How long this thread has computed: other programs of the machine do not count. Where nobody says it, the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a case takes is a matter of the wall clock"
)]
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let computed = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    let day = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    computed.map_or_else(|| day().unwrap_or_default(), Duration::from_nanos)
}

/// The most memory that this process has had, in kB; 0 where nobody says.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
