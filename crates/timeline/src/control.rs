//! Play control: where the playhead is, whether it moves, and how fast.

use podplay_api::SimTime;
use std::time::Duration;

/// The slowest speed, in hundredths of real time.
pub const SLOWEST: u32 = 25;
/// The fastest speed, in hundredths of real time.
pub const FASTEST: u32 = 100_000;
/// The speeds that the buttons step through, in hundredths of real time.
pub const SPEEDS: [u32; 12] =
    [25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/// The state of play. Pure: time comes in through [`Control::update`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    at: SimTime,
    playing: bool,
    speed: u32,
    range: Option<(SimTime, SimTime)>,
}

/// What a person can ask of the play control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Go on; from the beginning if the playhead is at the end.
    Play,
    /// Stand still.
    Pause,
    /// Play if paused, pause if playing.
    Toggle,
    /// Run at so many hundredths of real time.
    Speed(u32),
    /// The next faster speed of [`SPEEDS`].
    Faster,
    /// The next slower speed of [`SPEEDS`].
    Slower,
    /// Go to a moment.
    Seek(SimTime),
    /// Pause at the next moment at which something happened.
    Next,
    /// Pause at the moment before at which something happened.
    Previous,
    /// Repeat between two moments, or stop repeating.
    Loop(Option<(SimTime, SimTime)>),
}

impl Default for Control {
    fn default() -> Self {
        Self { at: SimTime::ZERO, playing: false, speed: 100, range: None }
    }
}

impl Control {
    /// The playhead.
    pub const fn at(&self) -> SimTime {
        self.at
    }
    /// Whether it moves.
    pub const fn playing(&self) -> bool {
        self.playing
    }
    /// Hundredths of real time.
    pub const fn speed(&self) -> u32 {
        self.speed
    }
    /// The repeated range.
    pub const fn range(&self) -> Option<(SimTime, SimTime)> {
        self.range
    }
    /// Does what is asked. `end` is the end of the timeline, `moments` the times of the records, in order.
    pub fn ask(&mut self, ask: Ask, end: SimTime, moments: &[SimTime]) {
        match ask {
            Ask::Play => self.play(end),
            Ask::Pause => self.playing = false,
            Ask::Toggle if self.playing => self.playing = false,
            Ask::Toggle => self.play(end),
            Ask::Speed(speed) => self.speed = speed.clamp(SLOWEST, FASTEST),
            Ask::Faster => {
                self.speed = SPEEDS.into_iter().find(|speed| *speed > self.speed).unwrap_or(FASTEST)
            }
            Ask::Slower => {
                self.speed =
                    SPEEDS.into_iter().rev().find(|speed| *speed < self.speed).unwrap_or(SLOWEST)
            }
            Ask::Seek(at) => self.at = at.min(end),
            Ask::Next => {
                let index = moments.partition_point(|moment| *moment <= self.at);
                self.stop_at(moments.get(index).copied().unwrap_or(end).min(end));
            }
            Ask::Previous => {
                let index = moments.partition_point(|moment| *moment < self.at);
                self.stop_at(index.checked_sub(1).map_or(SimTime::ZERO, |index| moments[index]));
            }
            Ask::Loop(range) => self.range = range.filter(|(from, to)| from < to),
        }
    }
    /// Moves the playhead by `passed` of real time, not beyond `end` and not beyond `computed`.
    pub fn update(&mut self, passed: Duration, end: SimTime, computed: SimTime) {
        if !self.playing {
            return;
        }
        let step = passed.saturating_mul(self.speed) / 100;
        let wanted = self.at + step;
        if let Some((from, to)) =
            self.range.filter(|(from, to)| *from <= self.at && self.at <= *to && *to <= end)
        {
            let over = wanted.since(to);
            let length = to.since(from);
            if over > Duration::ZERO || wanted == to {
                let rest = u64::try_from(over.as_nanos() % length.as_nanos().max(1)).unwrap_or(0);
                self.at = from + Duration::from_nanos(rest);
                return;
            }
        }
        self.at = wanted.min(end).min(computed.max(self.at));
        self.playing = self.at < end;
    }
    fn play(&mut self, end: SimTime) {
        if self.at >= end {
            self.at = SimTime::ZERO;
        }
        self.playing = true;
    }
    fn stop_at(&mut self, at: SimTime) {
        self.playing = false;
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: SimTime = SimTime::from_secs(100);

    fn after(asks: &[Ask]) -> Control {
        let moments = [1, 5, 5, 9].map(SimTime::from_secs);
        let mut control = Control::default();
        for ask in asks {
            control.ask(*ask, END, &moments);
        }
        control
    }

    #[test]
    fn steps_from_moment_to_moment() {
        let table: [(&[Ask], u64); 6] = [
            (&[Ask::Next], 1),
            (&[Ask::Next, Ask::Next, Ask::Next], 9),
            (&[Ask::Next, Ask::Next, Ask::Next, Ask::Next], 100),
            (&[Ask::Seek(SimTime::from_secs(7)), Ask::Previous], 5),
            (&[Ask::Seek(SimTime::from_secs(1)), Ask::Previous], 0),
            (&[Ask::Seek(SimTime::from_secs(700))], 100),
        ];
        for (asks, seconds) in table {
            assert_eq!(after(asks).at(), SimTime::from_secs(seconds), "{asks:?}");
        }
    }

    #[test]
    fn plays_at_its_speed_and_stops_at_the_end() {
        let mut control = after(&[Ask::Play, Ask::Speed(1_000)]);
        control.update(Duration::from_secs(2), END, END);
        assert_eq!(control.at(), SimTime::from_secs(20));
        control.update(Duration::from_secs(2), END, SimTime::from_secs(30));
        assert_eq!(control.at(), SimTime::from_secs(30), "not beyond what is computed");
        control.update(Duration::from_secs(200), END, END);
        assert!(!control.playing() && control.at() == END);
        control.ask(Ask::Toggle, END, &[]);
        assert!(control.playing() && control.at() == SimTime::ZERO);
    }

    #[test]
    fn loops_and_clamps() {
        let range = (SimTime::from_secs(10), SimTime::from_secs(14));
        let mut control =
            after(&[Ask::Loop(Some(range)), Ask::Seek(SimTime::from_secs(12)), Ask::Play]);
        control.update(Duration::from_secs(3), END, END);
        assert_eq!(control.at(), SimTime::from_secs(11));
        control.ask(Ask::Speed(1), END, &[]);
        assert_eq!(control.speed(), SLOWEST);
        control.ask(Ask::Faster, END, &[]);
        assert_eq!(control.speed(), 50);
    }
}
