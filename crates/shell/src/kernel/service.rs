//! A program of a known image, played by its description.

use super::process::{Step, Wait};
use super::sys::Sys;
use super::userland::Served;
use crate::{Behaviour, EffectKind, Nanos, Signal};

#[derive(Clone, Debug)]
pub(crate) struct Service {
    behaviour: Behaviour,
    started: Option<Nanos>,
    listening: bool,
    logged: usize,
    /// A handled signal ends it then, with that status.
    ending: Option<(Nanos, u8)>,
}

impl Service {
    pub(crate) fn new(mut behaviour: Behaviour) -> Self {
        behaviour.log.sort_by_key(|(at, _)| *at);
        Self { behaviour, started: None, listening: false, logged: 0, ending: None }
    }

    pub(crate) fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let now = sys.now();
        let started = match self.started {
            Some(at) => at,
            None => self.start(sys, now),
        };
        self.take_signals(sys, now);
        if !sys.alive() {
            return Step::Block(Wait::Forever);
        }
        let age = now - started;
        while let Some((at, line)) =
            self.behaviour.log.get(self.logged).filter(|(at, _)| *at <= age)
        {
            let _ = at;
            sys.print_now(1, format!("{line}\n").as_bytes());
            self.logged += 1;
        }
        if !self.listening && self.behaviour.listen_after <= age {
            self.listening = true;
            for port in self.behaviour.ports.clone() {
                sys.listen(port, &self.behaviour.tag, Served::Outside);
            }
        }
        let own = self.behaviour.exit.map(|(after, code)| (started + after, code));
        let end = match (own, self.ending) {
            (Some(a), Some(b)) => Some(if b.0 <= a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        if let Some((_, code)) = end.filter(|(at, _)| *at <= now) {
            return Step::Exit(code);
        }
        let log = self.behaviour.log.get(self.logged).map(|(at, _)| started + at);
        let listen = (!self.listening).then_some(started + self.behaviour.listen_after);
        let next = [log, listen, end.map(|(at, _)| at)].into_iter().flatten().min();
        Step::Block(next.map_or(Wait::Forever, Wait::Until))
    }

    fn start(&mut self, sys: &mut Sys<'_>, now: Nanos) -> Nanos {
        self.started = Some(now);
        let handled = self.behaviour.on_signal.iter().map(|(signal, _, _)| signal.bit());
        let kept = self.behaviour.ignores.iter().map(|signal| signal.bit());
        let caught = handled.chain(kept).fold(0, |all, bit| all | bit);
        let process = sys.proc_mut();
        process.caught = caught;
        sys.charge(self.behaviour.memory);
        now
    }

    fn take_signals(&mut self, sys: &mut Sys<'_>, now: Nanos) {
        let pending = std::mem::take(&mut sys.proc_mut().pending);
        for signal in (1..=31).filter_map(Signal::from_number) {
            if pending & signal.bit() == 0 {
                continue;
            }
            sys.effect(EffectKind::SignalHandled { signal });
            let known = self.behaviour.on_signal.iter().find(|(s, _, _)| *s == signal);
            if let Some((_, after, code)) = known {
                let end = (now + after, *code);
                self.ending =
                    Some(self.ending.map_or(end, |old| if old.0 <= end.0 { old } else { end }));
            }
        }
    }
}
