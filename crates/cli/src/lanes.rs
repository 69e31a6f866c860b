//! Lanes in the terminal: one line for each container, a letter for each stretch of time.

use podplay_api::{ContainerState, SimTime};
use podplay_core::What;
use podplay_core::record::{Stored, Verb};
use podplay_playback::Run;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

/// What a container does, as a lane shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    #[default]
    Absent,
    Waiting,
    BackOff,
    Running,
    Ready,
    Ended,
    Failed,
    Restarted,
}

impl Look {
    const fn letter(self) -> char {
        match self {
            Self::Absent => ' ',
            Self::Waiting => '·',
            Self::BackOff => '!',
            Self::Running => '-',
            Self::Ready => '=',
            Self::Ended => '.',
            Self::Failed => 'x',
            Self::Restarted => '|',
        }
    }
    const fn tone(self) -> &'static str {
        match self {
            Self::Absent | Self::Waiting | Self::Ended => "90",
            Self::BackOff | Self::Failed | Self::Restarted => "31",
            Self::Running => "33",
            Self::Ready => "32",
        }
    }
}

/// Columns of the terminal, as far as known.
pub(crate) fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100).clamp(40, 400)
}

/// The lanes of a run.
pub(crate) fn draw(run: &Run, width: usize) -> String {
    let lanes = collect(run);
    let label = lanes.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
    let cells = width.saturating_sub(label + 2).max(10);
    let end = run.end().max(SimTime::from_secs(1));
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut out = format!("{:label$}  {}\n", "", ruler(end, cells));
    for (name, found) in &lanes {
        out.push_str(&format!("{name:label$}  {}\n", lane(found, end, cells, colour)));
    }
    out.push_str(&format!(
        "{:label$}  = ready  - running  · waiting  ! back-off  | restarted  . completed  x failed\n",
        ""
    ));
    out
}

fn collect(run: &Run) -> BTreeMap<String, Vec<(SimTime, Look)>> {
    let mut lanes: BTreeMap<String, Vec<(SimTime, Look)>> = BTreeMap::new();
    let mut restarts: BTreeMap<String, u32> = BTreeMap::new();
    for record in run.trace() {
        let What::Stored(verb, Stored::Pod(pod)) = &record.what else { continue };
        for container in pod.spec.all_containers() {
            let status = pod.status.container(&container.name);
            let shown = if *verb == Verb::Deleted {
                Look::Absent
            } else {
                status.map_or(Look::Waiting, look)
            };
            let name = format!("{}/{}", pod.meta.name, container.name);
            let count = status.map_or(0, |status| status.restart_count);
            let before = restarts.insert(name.clone(), count).unwrap_or(0);
            let lane = lanes.entry(name).or_default();
            if count > before {
                lane.push((record.at, Look::Restarted));
            }
            if lane.last().is_none_or(|(_, last)| *last != shown) {
                lane.push((record.at, shown));
            }
        }
    }
    lanes
}

fn look(status: &podplay_api::ContainerStatus) -> Look {
    match &status.state {
        ContainerState::Empty => Look::Waiting,
        ContainerState::Waiting { reason, .. } if reason.contains("BackOff") => Look::BackOff,
        ContainerState::Waiting { .. } => Look::Waiting,
        ContainerState::Running { .. } if status.ready => Look::Ready,
        ContainerState::Running { .. } => Look::Running,
        ContainerState::Terminated(end) if end.exit_code == 0 => Look::Ended,
        ContainerState::Terminated(_) => Look::Failed,
    }
}

fn at(cell: usize, cells: usize, end: SimTime) -> SimTime {
    let nanos = u128::from(end.as_nanos()) * cell as u128 / cells as u128;
    SimTime(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn lane(steps: &[(SimTime, Look)], end: SimTime, cells: usize, colour: bool) -> String {
    let mut out = String::new();
    let mut shown = Look::Absent;
    for cell in 0..cells {
        // What is worst within the cell is what a person must not miss.
        let (from, to) = (at(cell, cells, end), at(cell + 1, cells, end));
        let before = steps.iter().rev().find(|(time, _)| *time <= from).map(|(_, look)| *look);
        let within =
            steps.iter().filter(|(time, _)| *time >= from && *time < to).map(|(_, look)| *look);
        let look = within
            .filter(|look| matches!(look, Look::Failed | Look::BackOff | Look::Restarted))
            .max()
            .or(before)
            .unwrap_or_default();
        if colour && look != shown {
            out.push_str(&format!("\x1b[{}m", look.tone()));
        }
        shown = look;
        out.push(look.letter());
    }
    if colour {
        out.push_str("\x1b[0m");
    }
    out.trim_end().to_owned()
}

/// Times above the lanes, about one for every sixteen cells.
fn ruler(end: SimTime, cells: usize) -> String {
    let marks = (cells / 16).max(1);
    let mut out = String::new();
    for mark in 0..marks {
        let time = at(mark, marks, end).since(SimTime::ZERO);
        let column = mark * cells / marks;
        while out.chars().count() < column {
            out.push(' ');
        }
        out.push_str(&short(time));
    }
    out
}

fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, _) => format!("{hours}h{minutes}m"),
    }
}
