//! Between time and pixels, with quiet stretches folded.

use podplay_api::SimTime;

/// Width of a folded stretch in pixels.
pub const FOLD_WIDTH: f64 = 26.0;
/// A stretch without changes longer than this many pixels can be folded.
const FOLDABLE: f64 = 110.0;

/// Seconds since the beginning.
pub fn seconds(time: SimTime) -> f64 {
    time.as_nanos() as f64 / 1e9
}

/// The moment `seconds` after the beginning; the beginning for what is before it.
pub fn moment(seconds: f64) -> SimTime {
    SimTime((seconds.max(0.0) * 1e9).round() as u64)
}

/// A window of time on so many pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its first second.
    pub from: f64,
    /// Its last second.
    pub to: f64,
    /// Its width in pixels.
    pub width: f64,
}

impl Window {
    /// Pixels per second.
    pub fn density(&self) -> f64 {
        self.width / (self.to - self.from).max(1e-9)
    }
    /// The window zoomed by `factor` (below 1: closer) around the second `around`, kept within `0..=end`.
    #[must_use]
    pub fn zoomed(&self, factor: f64, around: f64, end: f64) -> Self {
        let length = ((self.to - self.from) * factor).clamp(0.05, end.max(0.05));
        let share = (around - self.from) / (self.to - self.from).max(1e-9);
        Self {
            from: around - share * length,
            to: around + (1.0 - share) * length,
            width: self.width,
        }
        .within(end)
    }
    /// The window moved by so many seconds, kept within `0..=end`.
    #[must_use]
    pub fn panned(&self, by: f64, end: f64) -> Self {
        Self { from: self.from + by, to: self.to + by, width: self.width }.within(end)
    }
    /// The window moved as little as possible so that it lies within `0..=end`.
    #[must_use]
    pub fn within(&self, end: f64) -> Self {
        let length = (self.to - self.from).min(end.max(0.05));
        let from = self.from.clamp(0.0, (end - length).max(0.0));
        Self { from, to: from + length, width: self.width }
    }
}

/// A piece of the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: f64,
    to: f64,
    x: f64,
    width: f64,
    folded: bool,
}

/// A scale: linear, but for the folded stretches.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pieces: Vec<Piece>,
}

impl Scale {
    /// A linear scale.
    pub fn linear(window: Window) -> Self {
        let Window { from, to, width } = window;
        Self { pieces: vec![Piece { from, to, x: 0.0, width, folded: false }] }
    }
    /// A scale on which the stretches between `changes` that are long and quiet take little room.
    pub fn folded(window: Window, changes: &[SimTime]) -> Self {
        let density = window.density();
        let gaps = gaps(window, changes, FOLDABLE / density);
        let quiet: f64 = gaps.iter().map(|(from, to)| to - from).sum();
        let room = window.width - FOLD_WIDTH * gaps.len() as f64;
        let rest = (window.to - window.from) - quiet;
        if gaps.is_empty() || room < window.width / 3.0 || rest <= 0.0 {
            return Self::linear(window);
        }
        let density = room / rest;
        let mut scale = Self { pieces: Vec::new() };
        let (mut at, mut x) = (window.from, 0.0);
        for (from, to) in gaps {
            let width = (from - at) * density;
            scale.pieces.push(Piece { from: at, to: from, x, width, folded: false });
            scale.pieces.push(Piece { from, to, x: x + width, width: FOLD_WIDTH, folded: true });
            x += width + FOLD_WIDTH;
            at = to;
        }
        scale.pieces.push(Piece {
            from: at,
            to: window.to,
            x,
            width: (window.to - at) * density,
            folded: false,
        });
        scale
    }
    /// The pixel of a moment; moments outside of the window lie outside of its pixels.
    pub fn x(&self, time: SimTime) -> f64 {
        self.x_of(seconds(time))
    }
    /// The pixel of a second.
    pub fn x_of(&self, second: f64) -> f64 {
        let index =
            self.pieces.partition_point(|piece| piece.to < second).min(self.pieces.len() - 1);
        let piece = &self.pieces[index];
        piece.x + (second - piece.from) / (piece.to - piece.from).max(1e-9) * piece.width
    }
    /// The second at a pixel.
    pub fn second(&self, x: f64) -> f64 {
        let index = self
            .pieces
            .partition_point(|piece| piece.x + piece.width < x)
            .min(self.pieces.len() - 1);
        let piece = &self.pieces[index];
        piece.from + (x - piece.x) / piece.width.max(1e-9) * (piece.to - piece.from)
    }
    /// The folded stretches: pixel, first and last second.
    pub fn folds(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.pieces.iter().filter(|piece| piece.folded).map(|piece| (piece.x, piece.from, piece.to))
    }
    /// Marks of the axis: pixel, second, and whether it carries a label; at least `apart` pixels between labels.
    pub fn marks(&self, apart: f64) -> Vec<(f64, f64, bool)> {
        let mut marks = Vec::new();
        for piece in self.pieces.iter().filter(|piece| !piece.folded && piece.width > 0.0) {
            let (step, small) = step(apart * (piece.to - piece.from) / piece.width);
            let mut index = (piece.from / small).ceil();
            while index * small <= piece.to + 1e-9 && marks.len() < 2000 {
                let second = index * small;
                let whole = second / step;
                marks.push((self.x_of(second), second, (whole - whole.round()).abs() < 1e-6));
                index += 1.0;
            }
        }
        marks
    }
}

/// Step between labels and between marks, in seconds, for labels at least `least` seconds apart.
fn step(least: f64) -> (f64, f64) {
    const STEPS: [(f64, f64); 22] = [
        (0.001, 0.000_5),
        (0.002, 0.001),
        (0.005, 0.001),
        (0.01, 0.005),
        (0.02, 0.01),
        (0.05, 0.01),
        (0.1, 0.05),
        (0.2, 0.1),
        (0.5, 0.1),
        (1.0, 0.5),
        (2.0, 1.0),
        (5.0, 1.0),
        (10.0, 5.0),
        (30.0, 10.0),
        (60.0, 15.0),
        (120.0, 60.0),
        (300.0, 60.0),
        (600.0, 300.0),
        (1800.0, 600.0),
        (3600.0, 900.0),
        (10_800.0, 3600.0),
        (21_600.0, 3600.0),
    ];
    STEPS.into_iter().find(|(step, _)| *step >= least).unwrap_or((86_400.0, 21_600.0))
}

/// The stretches of a window without changes that are longer than `longest` seconds, a little off their ends.
fn gaps(window: Window, changes: &[SimTime], longest: f64) -> Vec<(f64, f64)> {
    let first = changes.partition_point(|change| seconds(*change) < window.from);
    let last = changes.partition_point(|change| seconds(*change) <= window.to);
    let moments = changes[first..last].iter().map(|change| seconds(*change));
    let mut ends = vec![window.from];
    ends.extend(moments);
    ends.push(window.to);
    let margin = longest * 0.12;
    ends.windows(2)
        .filter(|pair| pair[1] - pair[0] > longest)
        .map(|pair| (pair[0] + margin, pair[1] - margin))
        .collect()
}
