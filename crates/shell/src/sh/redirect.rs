//! Redirections: applied to the shell's own descriptors and undone afterwards.

use super::Dialect;
use super::Shell;
use super::ast::{Redir, RedirOp};
use super::expand::{Expander, Halt};
use crate::fs::Errno;
use crate::kernel::{OpenMode, Sys};
use crate::rope::Rope;
use crate::{Outcome, Proto, Request};

/// Descriptors from here on are saved ones, which children do not get.
pub(crate) const HIDDEN: u32 = 1000;

/// A redirection after expansion.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    fd: Option<u32>,
    op: RedirOp,
    target: String,
}

/// Descriptors that were moved away: number, and where the old one is kept.
pub(super) type Saved = Vec<(u32, Option<u32>)>;

pub(super) fn resolve(
    expander: &mut Expander<'_, '_>,
    redirs: &[Redir],
) -> Result<Vec<Resolved>, Halt> {
    let one = |redir: &Redir| {
        let mut target = expander.single(&redir.target)?;
        if redir.op == RedirOp::HereString {
            target.push('\n');
        }
        Ok(Resolved { fd: redir.fd, op: redir.op, target })
    };
    redirs.iter().map(one).collect()
}

fn reason(error: Errno, missing: &str) -> String {
    match error {
        Errno::NotFound | Errno::NotDir => missing.to_owned(),
        other => other.to_string(),
    }
}

impl Shell {
    /// Applies redirections in order; `Err` is the message, with everything undone.
    pub(super) fn redirect(
        &mut self,
        sys: &mut Sys<'_>,
        redirs: &[Resolved],
    ) -> Result<Saved, String> {
        let mut saved = Vec::new();
        for redir in redirs {
            if let Err(message) = self.redirect_one(sys, redir, &mut saved) {
                restore(sys, saved);
                return Err(message);
            }
        }
        Ok(saved)
    }

    fn redirect_one(
        &mut self,
        sys: &mut Sys<'_>,
        redir: &Resolved,
        saved: &mut Saved,
    ) -> Result<(), String> {
        let target = redir.target.as_str();
        let input = matches!(
            redir.op,
            RedirOp::In
                | RedirOp::ReadWrite
                | RedirOp::DupIn
                | RedirOp::HereDoc
                | RedirOp::HereString
        );
        let fd = redir.fd.unwrap_or(u32::from(!input));
        if fd >= HIDDEN {
            return Err(format!("{fd}: bad file descriptor"));
        }
        let dup = matches!(redir.op, RedirOp::DupIn | RedirOp::DupOut);
        if dup && target == "-" {
            keep(sys, fd, saved);
            return Ok(());
        }
        if dup && let Ok(from) = target.parse::<u32>() {
            let id = sys.desc(from).filter(|_| from < HIDDEN);
            let Some(id) = id else { return Err(format!("{from}: Bad file descriptor")) };
            if from != fd {
                sys.u.retain_desc(id);
                keep(sys, fd, saved);
                sys.install(fd, id);
            }
            return Ok(());
        }
        let id = match redir.op {
            RedirOp::HereDoc | RedirOp::HereString => {
                sys.static_desc(Rope::from(target.as_bytes()))
            }
            RedirOp::DupIn => return Err("syntax error: bad fd number".to_owned()),
            _ if self.dialect == Dialect::Bash && target.starts_with("/dev/tcp/") => {
                self.connect(sys, target)?
            }
            op => self.open_target(sys, op, target)?,
        };
        keep(sys, fd, saved);
        sys.install(fd, id);
        if matches!(redir.op, RedirOp::Both | RedirOp::BothAppend | RedirOp::DupOut) {
            sys.u.retain_desc(id);
            keep(sys, 2, saved);
            sys.install(2, id);
        }
        Ok(())
    }

    /// `/dev/tcp/HOST/PORT`, which bash makes a connection of; what comes over it is not seen.
    fn connect(&mut self, sys: &mut Sys<'_>, target: &str) -> Result<u32, String> {
        let place = target.trim_start_matches("/dev/tcp/").split_once('/');
        let place = place.and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = place else {
            return Err(format!("{target}: No such file or directory"));
        };
        let request = Request {
            proto: Proto::Tcp,
            host: host.to_owned(),
            port,
            method: String::new(),
            path: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let why = match sys.request(&request).outcome {
            Outcome::Connected { .. } | Outcome::Http { .. } | Outcome::Reset => {
                return Ok(sys.null_desc());
            }
            Outcome::BadName => {
                self.complain(sys, &format!("{host}: Name or service not known"));
                return Err(format!("{target}: Invalid argument"));
            }
            Outcome::Timeout => "Connection timed out",
            Outcome::Unreachable => "No route to host",
            _ => "Connection refused",
        };
        self.complain(sys, &format!("connect: {why}"));
        Err(format!("{target}: {why}"))
    }

    fn open_target(&self, sys: &mut Sys<'_>, op: RedirOp, target: &str) -> Result<u32, String> {
        let mode = match op {
            RedirOp::In => OpenMode::READ,
            RedirOp::ReadWrite => OpenMode::READ_WRITE,
            RedirOp::Append | RedirOp::BothAppend => OpenMode::APPEND,
            RedirOp::Out
                if self.opts.noclobber && sys.stat(target, true).is_ok_and(|s| s.size > 0) =>
            {
                return Err(format!("can't create {target}: File exists"));
            }
            _ => OpenMode::WRITE,
        };
        let creates = mode.create && op != RedirOp::ReadWrite;
        sys.open(target, mode).map_err(|error| match (self.dialect, creates) {
            (Dialect::Bash, _) => format!("{target}: {error}"),
            (Dialect::Dash, true) => {
                format!("cannot create {target}: {}", reason(error, "Directory nonexistent"))
            }
            (Dialect::Dash, false) => {
                format!("cannot open {target}: {}", reason(error, "No such file"))
            }
            (Dialect::Ash, true) => {
                format!("can't create {target}: {}", reason(error, "nonexistent directory"))
            }
            (Dialect::Ash, false) => {
                format!("can't open {target}: {}", reason(error, "no such file"))
            }
        })
    }
}

/// Moves a descriptor away, once.
fn keep(sys: &mut Sys<'_>, fd: u32, saved: &mut Saved) {
    if saved.iter().any(|(kept, _)| *kept == fd) {
        sys.close(fd);
        return;
    }
    let old = sys.proc_mut().fds.remove(&fd);
    let place = old.map(|id| sys.install_from(HIDDEN, id));
    saved.push((fd, place));
}

/// Puts saved descriptors back.
pub(super) fn restore(sys: &mut Sys<'_>, saved: Saved) {
    for (fd, place) in saved.into_iter().rev() {
        sys.close(fd);
        if let Some(id) = place.and_then(|place| sys.proc_mut().fds.remove(&place)) {
            sys.install(fd, id);
        }
    }
}

/// Gives saved descriptors up (`exec` with redirections only).
pub(super) fn forget(sys: &mut Sys<'_>, saved: Saved) {
    for place in saved.into_iter().filter_map(|(_, place)| place) {
        sys.close(place);
    }
}
