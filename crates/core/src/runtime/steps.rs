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
    /// When a wakeup that is wanted for `at` comes: those of a container that is woken too often are put apart.
    pub(super) fn space(&mut self, now: u64, at: u64) -> u64 {
        if now / SECOND != self.second {
            (self.second, self.wakeups) = (now / SECOND, 0);
        }
        self.wakeups += 1;
        if self.wakeups <= limits::WAKEUPS_PER_SECOND {
            return at;
        }
        at.max((self.second + 1) * SECOND)
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
            at = steps.space(at, at + 1_000);
        }
        assert_eq!(at / SECOND, 3);
        assert_eq!(steps.space(at, at + 5 * SECOND), at + 5 * SECOND);
    }
}
