//! A program of a known image, played by its description.

use super::process::{Program, Step, Wait};
use super::sys::{Io, Sys};
use super::userland::Served;
use crate::{Behaviour, Call, EffectKind, InUse, Nanos, Signal};
use std::sync::Arc;

/// Most of its standard input that a program is given.
const INPUT: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(crate) struct Service {
    behaviour: Behaviour,
    /// The file that it was started from.
    file: Arc<str>,
    /// What it was started with, whatever it is shown as.
    argv: Option<Arc<[String]>>,
    started: Option<Nanos>,
    listening: bool,
    logged: usize,
    complained: usize,
    input: Vec<u8>,
    /// A handled signal ends it then, with that status.
    ending: Option<(Nanos, u8)>,
}

impl Service {
    pub(crate) fn new(mut behaviour: Behaviour, file: &str) -> Self {
        behaviour.log.sort_by_key(|(at, _)| *at);
        behaviour.errors.sort_by_key(|(at, _)| *at);
        Self {
            behaviour,
            file: file.into(),
            argv: None,
            started: None,
            listening: false,
            logged: 0,
            complained: 0,
            input: Vec::new(),
            ending: None,
        }
    }

    pub(crate) fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.behaviour.reads {
            match sys.read(0, 65_536) {
                Io::Block(wait) => return Step::Block(wait),
                Io::Ready(data) if !data.is_empty() && self.input.len() < INPUT => {
                    self.input.extend(data.to_vec());
                    return Step::Continue;
                }
                _ => self.ask(sys),
            }
        }
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
        let log = say(sys, 1, &self.behaviour.log, &mut self.logged, age);
        let complaint = say(sys, 2, &self.behaviour.errors, &mut self.complained, age);
        if !self.listening && self.behaviour.listen_after <= age {
            self.listening = true;
            if self.listen(sys, age) {
                return Step::Continue;
            }
        }
        let own = self.behaviour.exit.map(|(after, code)| (started + after, code));
        let end = match (own, self.ending) {
            (Some(a), Some(b)) => Some(if b.0 <= a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        if let Some((_, code)) = end.filter(|(at, _)| *at <= now) {
            sys.end_children();
            return Step::Exit(code);
        }
        let listen = (!self.listening).then_some(self.behaviour.listen_after);
        let next = [log, complaint, listen].into_iter().flatten().map(|after| started + after);
        let next = next.chain(end.map(|(at, _)| at)).min();
        Step::Block(next.map_or(Wait::Forever, Wait::Until))
    }

    /// Opens the ports; true if one is taken, and the program ends for that.
    fn listen(&mut self, sys: &mut Sys<'_>, age: Nanos) -> bool {
        for port in self.behaviour.ports.clone() {
            if sys.listen(port, &self.behaviour.tag, Served::Outside) {
                continue;
            }
            let Some(InUse { errors, after, code }) = self.behaviour.in_use.take() else {
                continue;
            };
            let errors = errors
                .into_iter()
                .map(|(at, line)| (age + at, line.replace("{port}", &port.to_string())));
            self.behaviour.errors.extend(errors);
            self.behaviour.exit = Some((age + after, code));
            return true;
        }
        false
    }

    fn start(&mut self, sys: &mut Sys<'_>, now: Nanos) -> Nanos {
        self.started = Some(now);
        self.catch(sys);
        sys.charge(self.behaviour.memory);
        let Behaviour { title, workers, .. } = &self.behaviour;
        for title in workers.clone() {
            let idle = Behaviour { title: title.clone(), ..Behaviour::default() };
            let program = Program::Service(Box::new(Self::new(idle, &self.file)));
            sys.fork(program, [title].into(), None);
        }
        if !title.is_empty() {
            self.argv = Some(sys.proc().argv.clone());
            sys.proc_mut().argv = [title.clone()].into();
        }
        now
    }

    fn catch(&self, sys: &mut Sys<'_>) {
        let handled = self.behaviour.on_signal.iter().map(|(signal, _, _)| signal.bit());
        let kept = self.behaviour.ignores.iter().chain(&self.behaviour.reload);
        let caught = handled.chain(kept.map(|signal| signal.bit())).fold(0, |all, bit| all | bit);
        sys.proc_mut().caught = caught;
    }

    /// Asks the owner of the catalogue again, with what was read.
    fn ask(&mut self, sys: &mut Sys<'_>) {
        let input = std::mem::take(&mut self.input);
        let stdin = self.behaviour.reads.then_some(input.as_slice());
        self.behaviour.reads = false;
        let argv = self.argv.clone().unwrap_or_else(|| sys.proc().argv.clone());
        let env = sys.proc().env.clone();
        let (cwd, cred) = (sys.proc().cwd.clone(), sys.proc().cred);
        let call = Call {
            argv: &argv,
            env: &env,
            cwd: &cwd,
            uid: cred.uid,
            gid: cred.gid,
            file: &self.file,
            lasting: sys.u.entry == Some(sys.proc().session),
            stdin,
        };
        if let Some(next) = sys.host.start(&call, sys.u) {
            let (argv, started) = (self.argv.take(), self.started);
            *self = Self { argv, started, ..Self::new(next, &self.file) };
        }
    }

    fn take_signals(&mut self, sys: &mut Sys<'_>, now: Nanos) {
        let pending = std::mem::take(&mut sys.proc_mut().pending);
        for signal in (1..=31).filter_map(Signal::from_number) {
            if pending & signal.bit() == 0 {
                continue;
            }
            sys.effect(EffectKind::SignalHandled { signal });
            if self.behaviour.reload == Some(signal) {
                sys.close_ports();
                self.started = Some(now);
                self.ask(sys);
                self.catch(sys);
            }
            let known = self.behaviour.on_signal.iter().find(|(s, _, _)| *s == signal);
            if let Some((_, after, code)) = known {
                let end = (now + after, *code);
                self.ending =
                    Some(self.ending.map_or(end, |old| if old.0 <= end.0 { old } else { end }));
            }
        }
    }
}

/// Prints the lines whose time has come; returns when the next one is due, counted from the start.
fn say(
    sys: &mut Sys<'_>,
    fd: u32,
    lines: &[(Nanos, String)],
    said: &mut usize,
    age: Nanos,
) -> Option<Nanos> {
    while let Some((_, line)) = lines.get(*said).filter(|(at, _)| *at <= age) {
        sys.print_now(fd, format!("{line}\n").as_bytes());
        *said += 1;
    }
    lines.get(*said).map(|(at, _)| *at)
}

impl Sys<'_> {
    /// Ends the children of this process.
    fn end_children(&mut self) {
        let own = self.pid;
        let children: Vec<u32> =
            self.u.procs.values().filter(|p| p.ppid == own && p.alive()).map(|p| p.pid).collect();
        for child in children {
            self.u.end(child, crate::ExitStatus::Code(0));
        }
    }

    /// Closes the ports of this process.
    fn close_ports(&mut self) {
        let own = self.pid;
        self.u.ports.retain(|_, bound| bound.listener.pid != own);
    }
}
