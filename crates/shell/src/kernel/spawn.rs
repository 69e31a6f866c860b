//! Starting programs: from outside, and by `fork` and `exec` inside.

use super::desc::{DescId, DescKind, OpenMode};
use super::process::{Origin, Proc, Program, Wait};
use super::service::Service;
use super::userland::SessionRecord;
use crate::fs::{Cred, Errno, Inode, Kind};
use crate::rope::Rope;
use crate::sh::{Dialect, Shell};
use crate::tools::ToolRun;
use crate::{Call, Host, Session, SpawnError, SpawnOptions, Stream, Tools, Userland, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why `exec` failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExecError {
    NotFound,
    Denied,
    TooLong,
}

/// Programs that were looked up by name, while the file system stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownPrograms {
    version: Option<u64>,
    path: String,
    files: BTreeMap<String, String>,
}

/// What a file turned out to be.
enum Image {
    Binary,
    Script { interpreter: Option<String>, text: String },
}

impl Userland {
    pub(crate) fn spawn_session(
        &mut self,
        argv: &[String],
        options: SpawnOptions,
        host: &mut dyn Host,
    ) -> Result<Session, SpawnError> {
        let program = argv.first().cloned().ok_or(SpawnError::Empty)?;
        let env = self.session_env(&options);
        let cwd = options.cwd.clone().unwrap_or_else(|| self.setup.cwd.clone());
        let cwd = if cwd.is_empty() { "/".to_owned() } else { cwd };
        if cwd != "/" && self.fs.exists(host.volumes(), &cwd) != Some(true) {
            return Err(SpawnError::NoSuchCwd { cwd });
        }
        if too_long(argv, &env) {
            return Err(SpawnError::TooLong { program });
        }
        let path = env.get("PATH").cloned().unwrap_or_default();
        let cred = Cred::new(self.setup.user, self.setup.group, &self.setup.groups);
        self.lasting = self.entry.is_none();
        let image =
            self.load(host, argv, &env, &cwd, &path, cred).map_err(|error| match error {
                ExecError::NotFound => {
                    let in_path = !program.contains('/');
                    SpawnError::NotFound { program, in_path }
                }
                ExecError::TooLong => SpawnError::TooLong { program },
                ExecError::Denied => SpawnError::PermissionDenied { program },
            })?;
        let session = Session(self.next_session);
        self.next_session += 1;
        let pid = self.next_pid;
        self.sessions.insert(session, SessionRecord { root: pid, ended: None, outputs: 0 });
        self.entry.get_or_insert(session);
        let fds = self.session_fds(session, options.stdin, options.open_stdin);
        let origin = Origin { line: options.line.unwrap_or(0), command: argv.join(" ").into() };
        self.next_pid += 1;
        let process = Proc {
            pid,
            ppid: 0,
            session,
            argv: argv.into(),
            env,
            cwd: cwd.into(),
            umask: 0o022,
            cred,
            fds,
            program: Some(image),
            wait: Wait::Ready,
            kicked: false,
            pending: 0,
            ignored: 0,
            caught: 0,
            stopped: false,
            status: None,
            started: self.now,
            memory: 0,
            longest: 0,
            origin,
            lag: 0,
            adopted: false,
            followed: false,
        };
        self.procs.insert(pid, process);
        Ok(session)
    }

    fn session_env(&mut self, options: &SpawnOptions) -> Arc<BTreeMap<String, String>> {
        let plain = match &self.plain_env {
            Some(env) => env.clone(),
            None => {
                let home = if self.setup.user == 0 { "/root" } else { "/" };
                let mut env: BTreeMap<String, String> = BTreeMap::new();
                env.insert("PATH".to_owned(), PATH.to_owned());
                env.insert("HOSTNAME".to_owned(), self.setup.hostname.clone());
                env.insert("HOME".to_owned(), home.to_owned());
                env.extend(self.setup.env.iter().cloned());
                self.plain_env.insert(Arc::new(env)).clone()
            }
        };
        if options.env.is_empty() {
            return plain;
        }
        let mut env = (*plain).clone();
        env.extend(options.env.iter().cloned());
        Arc::new(env)
    }

    fn session_fds(
        &mut self,
        session: Session,
        stdin: Option<Vec<u8>>,
        open: bool,
    ) -> BTreeMap<u32, DescId> {
        let stdin = match stdin {
            // The other end stays open, and nobody writes to it.
            None if open => self.new_pipe().0,
            None => self.new_desc(DescKind::Null, OpenMode::READ),
            Some(bytes) => {
                self.new_desc(DescKind::Static(Arc::new(Rope::from(bytes))), OpenMode::READ)
            }
        };
        let out = DescKind::Out { session, stream: Stream::Stdout };
        let err = DescKind::Out { session, stream: Stream::Stderr };
        [
            (0, stdin),
            (1, self.new_desc(out, OpenMode::WRITE)),
            (2, self.new_desc(err, OpenMode::WRITE)),
        ]
        .into()
    }

    /// Finds a program and prepares it.
    pub(crate) fn load(
        &mut self,
        host: &mut dyn Host,
        argv: &[String],
        env: &BTreeMap<String, String>,
        cwd: &str,
        path: &str,
        cred: Cred,
    ) -> Result<Program, ExecError> {
        let name = argv.first().ok_or(ExecError::NotFound)?;
        if too_long(argv, env) {
            return Err(ExecError::TooLong);
        }
        let version = self.fs.program_version();
        if self.known.version != version || self.known.path != path {
            self.known = KnownPrograms { version, path: path.to_owned(), files: BTreeMap::new() };
        }
        if let Some(file) = self.known.files.get(name)
            && let Some(program) = self.binary(file, argv, env)
        {
            return Ok(program);
        }
        match self.find_program(host, name, cwd, path, cred) {
            Ok(file) => {
                let file = crate::fs::join(cwd, &file);
                let image = self.read_image(host, &file)?;
                // Only what is found the same way from every directory is remembered.
                let stable = version.is_some() && !name.contains('/') && path.starts_with('/');
                if stable && matches!(image, Image::Binary) {
                    self.known.files.insert(name.clone(), file.clone());
                }
                self.prepare(host, image, &file, &Start { argv, env, cwd, cred })
            }
            Err(ExecError::NotFound) => self.outside(host, &Start { argv, env, cwd, cred }, ""),
            Err(error) => Err(error),
        }
    }

    /// The file that a command name stands for.
    pub(crate) fn find_program(
        &self,
        host: &mut dyn Host,
        name: &str,
        cwd: &str,
        path: &str,
        cred: Cred,
    ) -> Result<String, ExecError> {
        if name.is_empty() {
            return Err(ExecError::NotFound);
        }
        if name.contains('/') {
            return self.check_executable(host, cwd, name, cred).map(|()| name.to_owned());
        }
        let mut denied = false;
        for dir in path.split(':') {
            let dir = if dir.is_empty() { "." } else { dir };
            let file = [dir.trim_end_matches('/'), "/", name].concat();
            if file.starts_with('/') && self.fs.lacks(&file) {
                continue;
            }
            match self.check_executable(host, cwd, &file, cred) {
                Ok(()) => return Ok(file),
                Err(ExecError::Denied) => {
                    let full = self.fs.look_up(host.volumes(), cwd, &file, true).ok();
                    let node =
                        full.and_then(|f| self.fs.node(&f, host.volumes()).map(Inode::is_dir));
                    denied |= node == Some(false);
                }
                Err(_) => {}
            }
        }
        Err(if denied { ExecError::Denied } else { ExecError::NotFound })
    }

    fn check_executable(
        &self,
        host: &mut dyn Host,
        cwd: &str,
        file: &str,
        cred: Cred,
    ) -> Result<(), ExecError> {
        let found = self.fs.look_up(host.volumes(), cwd, file, true).map_err(|e| match e {
            Errno::Access => ExecError::Denied,
            _ => ExecError::NotFound,
        })?;
        let node = self.fs.node(&found, host.volumes()).ok_or(ExecError::NotFound)?;
        if matches!(node.kind, Kind::File(_)) && node.allows(cred, 1) {
            Ok(())
        } else {
            Err(ExecError::Denied)
        }
    }

    fn read_image(&self, host: &mut dyn Host, file: &str) -> Result<Image, ExecError> {
        let bytes =
            self.fs.read_file(host.volumes(), file, 1 << 20).map_err(|_| ExecError::NotFound)?;
        if bytes.starts_with(b"\x7fELF") {
            return Ok(Image::Binary);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // A carriage return belongs to the name, as in Linux.
        let first = text.split('\n').next().unwrap_or("");
        let interpreter = first.strip_prefix("#!").map(|line| {
            let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
            let program = words.next().unwrap_or("/bin/sh");
            let program =
                if program.ends_with("/env") { words.next().unwrap_or("sh") } else { program };
            program.to_owned()
        });
        Ok(Image::Script { interpreter, text })
    }

    fn prepare(
        &mut self,
        host: &mut dyn Host,
        image: Image,
        file: &str,
        start: &Start<'_>,
    ) -> Result<Program, ExecError> {
        let Start { argv, env, .. } = *start;
        match image {
            Image::Binary => match self.binary(file, argv, env) {
                Some(program) => Ok(program),
                None => self.outside(host, start, file),
            },
            Image::Script { interpreter, text } => {
                let interpreter = interpreter.unwrap_or_else(|| "/bin/sh".to_owned());
                let name = base_name(&interpreter);
                if self.fs.exists(host.volumes(), &interpreter) != Some(false)
                    && interpreter.contains('/')
                {
                    return Err(ExecError::NotFound);
                }
                let dialect = self.dialect(name).ok_or(ExecError::NotFound)?;
                let mut args = vec![interpreter.clone(), file.to_owned()];
                args.extend_from_slice(&argv[1..]);
                Ok(Program::Shell(Box::new(Shell::for_script(
                    dialect,
                    file,
                    &text,
                    &args[2..],
                    env,
                ))))
            }
        }
    }

    fn dialect(&self, name: &str) -> Option<Dialect> {
        match (name, self.setup.tools) {
            ("bash", _) | ("sh", Tools::RedHat) => Some(Dialect::Bash),
            ("sh" | "dash", Tools::Debian) => Some(Dialect::Dash),
            ("dash", _) => Some(Dialect::Dash),
            ("sh" | "ash", _) => Some(Dialect::Ash),
            _ => None,
        }
    }

    /// A program of the image that the crate implements, by its name.
    fn binary(
        &self,
        file: &str,
        argv: &[String],
        env: &BTreeMap<String, String>,
    ) -> Option<Program> {
        let (name, args) = match base_name(file) {
            "busybox" if argv.len() > 1 => (base_name(&argv[1]), &argv[1..]),
            name => (name, argv),
        };
        if let Some(dialect) = self.dialect(name) {
            return Some(Program::Shell(Box::new(Shell::from_argv(dialect, args, env))));
        }
        ToolRun::new(name, args).map(|tool| Program::Tool(Box::new(tool)))
    }
}

/// What a program is started with.
struct Start<'a> {
    argv: &'a [String],
    env: &'a BTreeMap<String, String>,
    cwd: &'a str,
    cred: Cred,
}

impl Userland {
    /// A program that only the simulator knows.
    fn outside(
        &mut self,
        host: &mut dyn Host,
        start: &Start<'_>,
        file: &str,
    ) -> Result<Program, ExecError> {
        let Start { argv, env, cwd, cred } = *start;
        let (uid, gid, lasting) = (cred.uid, cred.gid, self.lasting);
        let call = Call { argv, env, cwd, uid, gid, file, lasting, stdin: None };
        let behaviour = host.start(&call, self).ok_or(ExecError::NotFound)?;
        Ok(Program::Service(Box::new(Service::new(behaviour, file))))
    }
}

/// Whether Linux would answer E2BIG.
pub(crate) fn too_long(argv: &[String], env: &BTreeMap<String, String>) -> bool {
    let args = argv.iter().map(String::len);
    let mut lengths = args.chain(env.iter().map(|(name, value)| name.len() + value.len() + 1));
    let sum = lengths.try_fold(0usize, |sum, length| {
        (length < limits::ARGUMENT_BYTES).then(|| sum.saturating_add(length + 9))
    });
    sum.is_none_or(|sum| sum > limits::ARGUMENTS_BYTES)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
