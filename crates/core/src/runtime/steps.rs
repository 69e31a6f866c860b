//! What the processes of a container may compute: so much in each second, and bursts.

use crate::limits;

const SECOND: u64 = 1_000_000_000;

/// The steps that a container has saved up, and how often it was woken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    saved: u64,
    /// When it was last looked at.
    at: u64,
    /// The second that is being counted, and the wakeups in it.
    second: u64,
    wakeups: u64,
}

impl Default for Steps {
    fn default() -> Self {
        Self { saved: limits::STEPS_SAVED, at: 0, second: 0, wakeups: 0 }
    }
}

impl Steps {
    /// What may be spent now.
    pub(super) fn at(&mut self, now: u64) -> u64 {
        let since = now.saturating_sub(self.at);
        self.at = now;
        let earned = u128::from(since) * u128::from(limits::STEPS_PER_SECOND) / u128::from(SECOND);
        let earned = u64::try_from(earned).unwrap_or(u64::MAX);
        self.saved = self.saved.saturating_add(earned).min(limits::STEPS_SAVED);
        self.saved.clamp(limits::STEPS_AT_LEAST, limits::SHELL_STEPS)
    }
    /// Spends steps.
    pub(super) fn take(&mut self, used: u64) {
        self.saved = self.saved.saturating_sub(used);
    }
    /// When a wakeup that is wanted for `at` comes: those of a container that is woken too often are put apart,
    /// the more so when the machine is `behind`.
    pub(super) fn space(&mut self, now: u64, at: u64, behind: u64) -> u64 {
        if now / SECOND != self.second {
            (self.second, self.wakeups) = (now / SECOND, 0);
        }
        self.wakeups += 1;
        let most = if behind > 0 { limits::WAKEUPS_BEHIND } else { limits::WAKEUPS_PER_SECOND };
        if self.wakeups <= most {
            return at;
        }
        at.max((self.second + 1) * SECOND).max(now + behind)
    }
}

/// The machine that all nodes are on, as those of a cluster for trying things out are: what the
/// containers compute together takes its time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Machine {
    /// When it would have done everything that was computed so far.
    done: u64,
    /// It has been said that it is behind.
    said: bool,
}

/// How much the machine may lag before that slows anybody down, and how much it lags at most.
const SLACK: u64 = limits::ALL_STEPS_SAVED * (SECOND / limits::ALL_STEPS_PER_SECOND);
const LONGEST: u64 = SLACK + 10 * SECOND;

impl Machine {
    /// How far it is behind: what can wait waits for that long.
    pub(super) const fn behind(&self, now: u64) -> u64 {
        self.done.saturating_sub(now).saturating_sub(SLACK)
    }
    /// Takes on the work of one wakeup.
    pub(super) fn take(&mut self, now: u64, used: u64) {
        let work = used.saturating_add(limits::WAKEUP_STEPS);
        let lasts = work.saturating_mul(SECOND / limits::ALL_STEPS_PER_SECOND);
        self.done = self.done.max(now).saturating_add(lasts).min(now.saturating_add(LONGEST));
    }
    /// Whether it has to be said now that it is behind, which is said once.
    pub(super) fn says(&mut self, now: u64) -> bool {
        let says = !self.said && self.behind(now) > 0;
        self.said |= says;
        says
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_saved_up_and_wakeups_put_apart() {
        let mut steps = Steps::default();
        assert_eq!(steps.at(0), limits::SHELL_STEPS);
        steps.take(limits::STEPS_SAVED);
        assert_eq!(steps.at(0), limits::STEPS_AT_LEAST);
        assert_eq!(steps.at(SECOND / 4), limits::STEPS_PER_SECOND / 4);
        steps.take(limits::STEPS_PER_SECOND / 4);
        assert_eq!(steps.at(u64::MAX), limits::SHELL_STEPS);
        let mut steps = Steps::default();
        let mut at = 0;
        for _ in 0..(limits::WAKEUPS_PER_SECOND + 1) * 3 {
            at = steps.space(at, at + 1_000, 0);
        }
        assert_eq!(at / SECOND, 3);
        assert_eq!(steps.space(at, at + 5 * SECOND, 0), at + 5 * SECOND);
    }

    #[test]
    fn a_machine_has_so_many_steps_for_all_containers() {
        let mut machine = Machine::default();
        machine.take(0, limits::ALL_STEPS_SAVED - limits::WAKEUP_STEPS);
        assert_eq!((machine.behind(0), machine.says(0)), (0, false));
        machine.take(0, limits::ALL_STEPS_PER_SECOND - limits::WAKEUP_STEPS);
        assert_eq!(machine.behind(0), SECOND);
        assert_eq!(machine.behind(SECOND / 4), SECOND / 4 * 3);
        assert!(machine.says(0) && !machine.says(0), "it is said once");
        assert_eq!(machine.behind(SECOND), 0);
        machine.take(SECOND, u64::MAX);
        assert_eq!(machine.behind(SECOND), LONGEST - SLACK, "and does not lag for ever");
        let mut steps = Steps::default();
        let mut at = 0;
        for _ in 0..=limits::WAKEUPS_BEHIND {
            at = steps.space(0, 1_000, 3 * SECOND);
        }
        assert_eq!(at, 3 * SECOND);
    }
}
