//! Running a command by its name: functions, builtins, programs.

use super::*;

impl Shell {
    /// Runs a command by its name: function, builtin or program.
    pub(super) fn invoke(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        ready: Ready,
        flags: u8,
        skip_functions: bool,
    ) -> Step {
        let special = builtins::is_special(name);
        let hidden = skip_functions || (special && self.dialect != Dialect::Bash);
        if !hidden && let Some(body) = self.functions.get(name).cloned() {
            return self.call(sys, name, &body, ready, flags);
        }
        let Some(builtin) = builtins::find(name, self.dialect) else {
            return self.run_program(sys, ready, flags);
        };
        let saved = match self.redirect(sys, &ready.redirs) {
            Ok(saved) => saved,
            Err(message) => {
                self.complain(sys, &message);
                self.status = 1;
                if special && self.dialect != Dialect::Bash {
                    self.exit(if self.dialect == Dialect::Ash { 1 } else { 2 });
                } else {
                    self.check(flags);
                }
                return Step::Continue;
            }
        };
        let result = if special {
            self.make_assignments(sys, &ready.assigns).map(|()| Vec::new())
        } else {
            self.temporary(sys, &ready.assigns)
        };
        let vars = match result {
            Ok(vars) => vars,
            Err(message) => {
                redirect::restore(sys, saved);
                self.fatal(sys, &message);
                return Step::Continue;
            }
        };
        self.stack.push(Frame::Checked { flags });
        if !vars.is_empty() {
            self.stack.push(Frame::Vars { saved: vars });
        }
        let keep = name == "exec" && ready.words.len() == 1;
        if keep {
            redirect::forget(sys, saved);
        } else if !saved.is_empty() {
            self.stack.push(Frame::Restore { saved });
        }
        self.builtin = Some(builtin.name);
        let flow = (builtin.run)(self, sys, &ready.words);
        let flow = match (flow, ready.declares.is_empty()) {
            (Flow::Done(0), false) => match self.make_assignments(sys, &ready.declares) {
                Ok(()) => Flow::Done(0),
                Err(message) => Flow::Error(1, message),
            },
            (flow, _) => flow,
        };
        self.after_builtin(sys, flow, special)
    }

    pub(super) fn after_builtin(&mut self, sys: &mut Sys<'_>, flow: Flow, special: bool) -> Step {
        let step = match flow {
            Flow::Done(status) => {
                self.status = status;
                Step::Continue
            }
            Flow::Print(bytes, status) => self.write_out(sys, Rope::from(bytes), status),
            Flow::Pushed => Step::Continue,
            Flow::Error(status, message) => {
                self.complain(sys, &message);
                self.status = status;
                if special && self.dialect != Dialect::Bash {
                    self.exit(status);
                }
                Step::Continue
            }
            Flow::Exec(program) => return Step::Exec(program),
            Flow::Command(words) => {
                self.builtin = None;
                let ready = Ready {
                    words,
                    redirs: Vec::new(),
                    assigns: Vec::new(),
                    declares: Vec::new(),
                    last_status: None,
                };
                let name = ready.words.first().cloned().unwrap_or_default();
                return self.invoke(sys, &name, ready, TESTED, true);
            }
        };
        self.builtin = None;
        step
    }

    pub(super) fn call(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        body: &Arc<Node>,
        ready: Ready,
        flags: u8,
    ) -> Step {
        if self.calls >= limits::CALLS {
            self.fatal(sys, "maximum function nesting level exceeded");
            return Step::Continue;
        }
        let Some(saved) = self.redirect_or_fail(sys, &ready.redirs, flags) else {
            return Step::Continue;
        };
        let vars = match self.temporary(sys, &ready.assigns) {
            Ok(vars) => vars,
            Err(message) => {
                self.fatal(sys, &message);
                return Step::Continue;
            }
        };
        self.stack.push(Frame::Checked { flags });
        if !saved.is_empty() {
            self.stack.push(Frame::Restore { saved });
        }
        if !vars.is_empty() {
            self.stack.push(Frame::Vars { saved: vars });
        }
        let params = std::mem::replace(&mut self.params, ready.words[1..].into());
        self.calls += 1;
        let loops = std::mem::take(&mut self.loops);
        self.stack.push(Frame::Call { name: name.into(), params, locals: BTreeMap::new(), loops });
        let flags = flags & TESTED;
        self.stack.push(Frame::Node { node: body.clone(), flags, results: Vec::new() });
        Step::Continue
    }

    /// Redirects for a command; a redirection that fails is the command's failure.
    pub(super) fn redirect_or_fail(
        &mut self,
        sys: &mut Sys<'_>,
        redirs: &[Resolved],
        flags: u8,
    ) -> Option<redirect::Saved> {
        match self.redirect(sys, redirs) {
            Ok(saved) => Some(saved),
            Err(message) => {
                self.complain(sys, &message);
                self.status = 1;
                self.check(flags);
                None
            }
        }
    }

    pub(super) fn run_program(&mut self, sys: &mut Sys<'_>, ready: Ready, flags: u8) -> Step {
        let Some(saved) = self.redirect_or_fail(sys, &ready.redirs, flags) else {
            return Step::Continue;
        };
        let vars = match self.temporary(sys, &ready.assigns) {
            Ok(vars) => vars,
            Err(message) => {
                redirect::restore(sys, saved);
                self.fatal(sys, &message);
                return Step::Continue;
            }
        };
        if !self.same_environment(&self.last_env) {
            self.last_env = Arc::new(self.environment());
        }
        let env = self.last_env.clone();
        let path = self.var("PATH").unwrap_or_default();
        let follows = flags & EXIT == 0 && !self.nothing_follows();
        sys.follows = follows;
        // Images with dash have no `[[`.
        let loaded = match ready.words[0].as_str() {
            "[[" if self.dialect == Dialect::Dash => Err(ExecError::NotFound),
            _ => sys.load(&ready.words, &env, &path),
        };
        sys.follows = false;
        for (name, var) in vars {
            match var {
                Some(var) => drop(self.vars.insert(name, var)),
                None => drop(self.vars.remove(&name)),
            }
        }
        match loaded {
            Ok(program) if flags & EXIT != 0 && !self.had_traps => {
                redirect::forget(sys, saved);
                sys.become_program(&ready.words, env);
                return Step::Exec(program);
            }
            Ok(program) => {
                sys.follows = follows;
                let pid = sys.fork(program, ready.words.into(), Some(env));
                sys.follows = false;
                redirect::restore(sys, saved);
                match pid {
                    Some(pid) => self.stack.push(Frame::Wait(Waiting::one(pid, flags))),
                    None => self.cannot_fork(sys),
                }
            }
            Err(error) => {
                self.not_found(sys, &ready.words[0], error);
                redirect::restore(sys, saved);
                self.check(flags);
            }
        }
        Step::Continue
    }

    /// Whether the script ends with the command that runs now.
    pub(in crate::sh) fn nothing_follows(&self) -> bool {
        self.stack.iter().all(|frame| match frame {
            Frame::Script { text, pos, .. } => text.get(*pos..).is_none_or(|rest| {
                rest.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
            }),
            Frame::List { node, next, .. } => match &**node {
                Node::List(items) => *next >= items.len(),
                _ => true,
            },
            Frame::AndOr { node, next, .. } => match &**node {
                Node::AndOr { rest, .. } => rest.get(*next).is_none_or(|(and, _)| !and),
                _ => true,
            },
            Frame::Loop { .. } | Frame::If { .. } | Frame::ForArith { .. } => false,
            Frame::For { items, next, .. } => *next >= items.len(),
            _ => true,
        })
    }

    pub(in crate::sh) fn not_found(&mut self, sys: &mut Sys<'_>, name: &str, error: ExecError) {
        let bash = self.dialect == Dialect::Bash;
        let is_dir = name.contains('/') && sys.stat(name, true).is_ok_and(|s| s.is_dir());
        let what = match error {
            ExecError::NotFound if bash && !name.contains('/') => "command not found",
            ExecError::NotFound if bash => "No such file or directory",
            ExecError::NotFound => "not found",
            ExecError::Denied if bash && is_dir => "Is a directory",
            ExecError::Denied => "Permission denied",
            ExecError::TooLong => "Argument list too long",
        };
        self.complain(sys, &format!("{name}: {what}"));
        self.status = if error == ExecError::NotFound { 127 } else { 126 };
    }
}
