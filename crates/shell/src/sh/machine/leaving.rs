//! Leaving frames: `break`, `continue`, `return`, and what a frame undoes at its end.

use super::{Frame, Kind, RETURN, Shell, Skip, Sys, TESTED, Var, redirect};

impl Shell {
    /// Leaves frames until the target of a `break`, `continue` or `return` is on top.
    pub(super) fn unwind(&mut self, sys: &mut Sys<'_>, skip: Skip) {
        match (self.stack.pop(), skip) {
            (None, _) => self.skip = None,
            (
                Some(
                    frame @ (Frame::Loop { .. }
                    | Frame::For { .. }
                    | Frame::Menu { .. }
                    | Frame::ForArith { .. }),
                ),
                Skip::Break(n),
            ) => {
                self.leave(sys, frame);
                self.skip = (n > 1).then_some(Skip::Break(n - 1));
            }
            (
                Some(
                    frame @ (Frame::Loop { .. }
                    | Frame::For { .. }
                    | Frame::Menu { .. }
                    | Frame::ForArith { .. }),
                ),
                Skip::Continue(n),
            ) => {
                if n > 1 {
                    self.leave(sys, frame);
                    self.skip = Some(Skip::Continue(n - 1));
                } else {
                    self.stack.push(continued(frame, self.status));
                    self.skip = None;
                }
            }
            (
                Some(Frame::Script { kind: kind @ (Kind::Trap { .. } | Kind::Main), .. }),
                Skip::Break(_) | Skip::Continue(_),
            ) => {
                if let Kind::Trap { status } = kind {
                    self.status = status;
                }
                self.skip = None;
            }
            (
                Some(
                    frame @ (Frame::Call { .. }
                    | Frame::Script { kind: Kind::Source { .. } | Kind::Main, .. }),
                ),
                Skip::Return,
            ) => {
                self.leave(sys, frame);
                self.skip = None;
            }
            (Some(frame), _) => self.leave(sys, frame),
        }
    }

    pub(super) fn in_error_trap(&self) -> bool {
        let is_error =
            |frame: &Frame| matches!(frame, Frame::Script { kind: Kind::Error { .. }, .. });
        self.stack.iter().any(is_error)
    }

    /// A function has ended: its RETURN trap.
    fn returned(&mut self) {
        if let Some(action) = self.traps.get(&RETURN).cloned() {
            let status = self.status;
            self.push_text(&action, Kind::Trap { status }, TESTED);
        }
    }

    /// Undoes what a frame keeps undone.
    pub(super) fn leave(&mut self, sys: &mut Sys<'_>, frame: Frame) {
        match frame {
            Frame::Restore { saved } => redirect::restore(sys, saved),
            Frame::Vars { saved } => {
                for (name, var) in saved {
                    self.put_back(name, var);
                }
            }
            Frame::Call { params, locals, loops, .. } => {
                self.returned();
                self.params = params;
                self.loops = loops;
                self.calls -= 1;
                for (name, var) in locals {
                    self.put_back(name, var);
                }
            }
            Frame::Loop { .. }
            | Frame::For { .. }
            | Frame::Menu { .. }
            | Frame::ForArith { .. } => {
                self.loops = self.loops.saturating_sub(1);
            }
            Frame::Script { kind, .. } => {
                if !matches!(kind, Kind::Main) {
                    self.calls = self.calls.saturating_sub(1);
                }
                if let Kind::Source { params: Some(params) } = kind {
                    self.params = params;
                }
            }
            Frame::Substitute { fd, .. } => sys.close(fd),
            _ => {}
        }
    }

    fn put_back(&mut self, name: String, var: Option<Var>) {
        match var {
            Some(var) => drop(self.vars.insert(name, var)),
            None => drop(self.vars.remove(&name)),
        }
    }
}

/// A loop frame after `continue`.
fn continued(frame: Frame, status: u8) -> Frame {
    match frame {
        Frame::Loop { node, flags, .. } => Frame::Loop { node, in_cond: false, flags, status },
        other => other,
    }
}
