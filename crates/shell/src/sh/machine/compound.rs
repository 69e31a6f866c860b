//! Lists, conditions, loops and cases.

use super::*;
use crate::sh::ast::Then;

impl Shell {
    pub(super) fn next_operand(&mut self, node: Arc<Node>, next: usize, flags: u8) -> Step {
        let Node::AndOr { rest, .. } = &*node else { return Step::Continue };
        let Some((and, operand)) = rest.get(next) else { return Step::Continue };
        let wanted = *and == (self.status == 0);
        let last = next + 1 == rest.len();
        let operand_flags = if last { flags } else { (flags | TESTED) & !EXIT };
        let frame = wanted.then(|| Frame::node(operand, operand_flags));
        if !last {
            self.stack.push(Frame::AndOr { node, next: next + 1, flags });
        }
        self.stack.extend(frame);
        Step::Continue
    }

    pub(super) fn branch(&mut self, node: Arc<Node>, arm: usize, flags: u8) -> Step {
        let Node::If { arms, otherwise } = &*node else { return Step::Continue };
        if self.status == 0 {
            self.stack.push(Frame::node(&arms[arm].1, flags));
        } else if let Some((cond, _)) = arms.get(arm + 1) {
            let frame = Frame::node(cond, TESTED);
            self.stack.push(Frame::If { node: node.clone(), arm: arm + 1, flags });
            self.stack.push(frame);
        } else if let Some(body) = otherwise {
            self.stack.push(Frame::node(body, flags));
        } else {
            self.status = 0;
        }
        Step::Continue
    }

    pub(super) fn turn(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        in_cond: bool,
        flags: u8,
        status: u8,
    ) -> Step {
        let Node::Loop { until, cond, body } = &*node else { return Step::Continue };
        if !in_cond {
            let status = self.status;
            let frame = Frame::node(cond, TESTED);
            self.stack.push(Frame::Loop { node: node.clone(), in_cond: true, flags, status });
            self.stack.push(frame);
        } else if (self.status == 0) != *until {
            let frame = Frame::node(body, flags & TESTED);
            self.stack.push(Frame::Loop { node: node.clone(), in_cond: false, flags, status });
            self.stack.push(frame);
        } else {
            self.status = status;
            self.leave(sys, Frame::Loop { node: node.clone(), in_cond, flags, status });
        }
        Step::Continue
    }

    pub(super) fn next_round(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        items: Arc<[String]>,
        next: usize,
        flags: u8,
    ) -> Step {
        let Node::For { name, body, .. } = &*node else { return Step::Continue };
        match items.get(next) {
            Some(item) => {
                if let Err(message) = self.set_var(sys, name, item) {
                    self.fatal(sys, &message);
                    return Step::Continue;
                }
                let frame = Frame::node(body, flags & TESTED);
                self.stack.push(Frame::For { node: node.clone(), items, next: next + 1, flags });
                self.stack.push(frame);
            }
            None => self.leave(sys, Frame::For { node: node.clone(), items, next, flags }),
        }
        Step::Continue
    }

    pub(super) fn arith_round(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        phase: u8,
        flags: u8,
    ) -> Step {
        let Node::ForArith { init, cond, step, body } = &*node else { return Step::Continue };
        let run = |shell: &mut Self, sys: &mut Sys<'_>, parts: &[super::super::ast::Part]| {
            let mut expander = Expander::new(shell, sys, &[]);
            let result = expander.arithmetic(parts);
            let overlay = std::mem::take(&mut expander.overlay);
            shell.commit(sys, overlay);
            result
        };
        if phase != 1 {
            let parts = if phase == 0 { init } else { step };
            if let Err(Halt::Fail(message)) = run(self, sys, parts) {
                self.fatal(sys, &message);
                return Step::Continue;
            }
        }
        let go_on = cond.is_empty() || run(self, sys, cond).is_ok_and(|value| value != 0);
        if go_on {
            let frame = Frame::node(body, flags & TESTED);
            self.stack.push(Frame::ForArith { node: node.clone(), phase: 2, flags });
            self.stack.push(frame);
        } else {
            self.leave(sys, Frame::ForArith { node: node.clone(), phase, flags });
        }
        Step::Continue
    }

    pub(in crate::sh) fn choose_arm(
        &mut self,
        sys: &mut Sys<'_>,
        node: &Arc<Node>,
        flags: u8,
        from: usize,
        subject: Arc<str>,
        patterns: Arc<[Vec<String>]>,
    ) {
        if from == 0 {
            self.status = 0;
        }
        let arms = patterns.iter().enumerate().skip(from);
        for (arm, pattern) in arms.flat_map(|(i, arm)| arm.iter().map(move |p| (i, p))) {
            match pattern::judge(sys, pattern, &subject) {
                Ok(false) => {}
                Ok(true) => {
                    self.run_arm(node.clone(), arm, flags, &subject, &patterns);
                    return;
                }
                Err(message) => return self.fatal(sys, &message),
            }
        }
    }

    pub(super) fn run_arm(
        &mut self,
        node: Arc<Node>,
        arm: usize,
        flags: u8,
        subject: &Arc<str>,
        patterns: &Arc<[Vec<String>]>,
    ) -> Step {
        let Node::Case { arms, .. } = &*node else { return Step::Continue };
        if let Some(chosen) = arms.get(arm) {
            let frame = chosen.body.as_ref().map(|body| Frame::node(body, flags));
            let (node, arm) = (node.clone(), arm + 1);
            match chosen.then {
                Then::End => {}
                Then::Through => self.stack.push(Frame::Fallthrough { node, arm, flags }),
                Then::Try => {
                    let (subject, patterns) = (subject.clone(), patterns.clone());
                    self.stack.push(Frame::Case { node, arm, flags, subject, patterns });
                }
            }
            self.stack.extend(frame);
        }
        Step::Continue
    }

    /// `select`: shows the menu and reads an answer; then runs the body for it.
    pub(super) fn menu(
        &mut self,
        sys: &mut Sys<'_>,
        node: Arc<Node>,
        items: Arc<[String]>,
        answered: bool,
        flags: u8,
    ) -> Step {
        let Node::For { name, body, .. } = &*node else { return Step::Continue };
        let frame =
            |answered| Frame::Menu { node: node.clone(), items: items.clone(), answered, flags };
        if !answered {
            let width = items.len().to_string().len();
            for (i, item) in items.iter().enumerate() {
                sys.warn(&format!("{:>width$}) {item}", i + 1));
            }
            let prompt = self.var("PS3").unwrap_or_else(|| "#? ".to_owned());
            sys.print_now(2, prompt.as_bytes());
            self.stack.push(frame(true));
            self.stack.push(Frame::Read(Box::new(Reading::line("REPLY"))));
            return Step::Continue;
        }
        if self.status != 0 {
            self.leave(sys, frame(true));
            self.status = 1;
            return Step::Continue;
        }
        let reply = self.var("REPLY").unwrap_or_default();
        let chosen = reply.trim().parse::<usize>().ok().and_then(|n| items.get(n.wrapping_sub(1)));
        let value = chosen.cloned().unwrap_or_default();
        if let Err(message) = self.set_var(sys, name, &value) {
            self.fatal(sys, &message);
            return Step::Continue;
        }
        self.stack.push(frame(false));
        if !reply.trim().is_empty() {
            self.stack.push(Frame::node(body, flags & TESTED));
        }
        Step::Continue
    }
}
