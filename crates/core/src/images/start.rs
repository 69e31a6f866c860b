//! The start of a program: what it finds, whether it can go on, and what it does from then on.

mod lookups;
mod packages;

use super::catalogue::Image;
use super::program::{Failure, Need, Program, Spec};
use super::served::{Http, Served};
use super::{ENTRYPOINT, agnhost, clients, databases, httpd, nginx, runtimes};
use crate::config::ImageBehaviour;
use crate::ids::{ContainerIx, Uid};
use crate::runtime::PodHost;
use crate::runtime::instance::Kept;
use crate::world::World;
use podplay_api::{Container, ServiceSpec, Topic};
use podplay_shell::{Behaviour, Call, InUse, Signal, Userland};
use std::time::Duration;

/// A small command takes so long.
const BLINK: u64 = 20_000_000;

/// Everything around the start of a program.
pub(crate) struct Start<'a, 'h> {
    pub(crate) host: &'a mut PodHost<'h>,
    pub(crate) own: &'a mut Userland,
    pub(crate) call: &'a Call<'a>,
    pub(crate) image: Option<&'static Image>,
}

/// A program of the image that the shell does not play; `None` if the image has no such file.
///
/// Whatever it is, the fault `SlowStart` makes it listen later.
pub(crate) fn start(
    host: &mut PodHost<'_>,
    own: &mut Userland,
    call: &Call<'_>,
) -> Option<Behaviour> {
    let image = super::catalogue::find(&host.image);
    let (uid, ix) = (host.uid, host.ix);
    let slow = crate::faults::slow_start(host.world, uid, ix);
    if let Some(traces) = crate::runtime::traces_of(host.world, uid, ix) {
        traces.slowed = slow.map(|(_, fault)| fault).or(traces.slowed);
    }
    let slow = nanos(slow.map_or(Duration::ZERO, |(by, _)| by));
    let mut found = Start { host, own, call, image }.behaviour()?;
    found.listen_after = found.listen_after.saturating_add(slow);
    Some(found)
}

impl Start<'_, '_> {
    fn behaviour(&mut self) -> Option<Behaviour> {
        let path = self.call.argv.first()?.clone();
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        if let Some(own) = own_behaviour(self.host.world, &self.host.image) {
            let own = own.clone();
            return Some(self.configured(&own));
        }
        if path == ENTRYPOINT {
            return Some(self.assumed(true));
        }
        if self.image.is_none() {
            let main = self.call.lasting;
            return Some(match runtimes::of_name(&name) {
                Some(kind) => runtimes::start(self, kind),
                None => self.assumed(main),
            });
        }
        if self.call.file.is_empty() {
            let main = self.call.lasting;
            return self.brought_along(&path).then(|| self.assumed(main));
        }
        match super::catalogue::program(self.image?, &name) {
            Some(program) => Some(self.known(&name, program)),
            None => Some(match runtimes::of_name(&name) {
                Some(kind) => runtimes::start(self, kind),
                None => self.other(&name),
            }),
        }
    }

    fn known(&mut self, name: &str, program: &Program) -> Behaviour {
        match program {
            Program::Server(spec) => self.server(spec),
            Program::Says(spec) => self.says(spec),
            Program::Known(kind, spec) => match kind.as_str() {
                "nginx" => nginx::start(self, spec),
                "httpd" => httpd::start(self, spec),
                "agnhost" => agnhost::start(self, spec),
                "stress" => agnhost::stress(self.call.argv),
                "haproxy" => self.haproxy(spec),
                "minio" => self.minio(spec),
                kind if clients::knows(kind) => clients::start(self, kind, spec),
                kind if databases::knows(kind) => databases::start(self, kind, spec),
                kind => runtimes::start(self, kind),
            },
            Program::Assumed | Program::Script(_) | Program::Same(_) => match name {
                "docker-entrypoint.sh" => self.assumed(true),
                _ => done(0),
            },
        }
    }

    /// Whether the container's end is what the pod waits for: an init container, or one of a Job's.
    pub(crate) fn is_task(&self) -> bool {
        is_task(self.host.world, self.host.uid, self.host.ix)
    }

    /// An image or a program that nobody knows. As the container's own program it listens on the ports that are declared
    /// or asked for, and ends at once when it is asked to, or after a moment where its end is waited for. Any other
    /// program succeeds after a moment.
    fn assumed(&self, main: bool) -> Behaviour {
        if !main {
            return done(0);
        }
        if self.is_task() {
            return Behaviour {
                exit: Some((nanos(super::assumed::MOMENT), 0)),
                ..self.listening()
            };
        }
        self.listening()
    }

    pub(crate) fn listening(&self) -> Behaviour {
        behaviour(super::ASSUMED, assumed_ports(self.host.world, self.host.uid, self.host.ix))
    }

    fn configured(&self, own: &ImageBehaviour) -> Behaviour {
        let mut ports: Vec<u16> = own.http.keys().copied().collect();
        if ports.is_empty() {
            ports = assumed_ports(self.host.world, self.host.uid, self.host.ix);
        }
        let main = self.call.lasting;
        let signals = match own.on_sigterm {
            None => vec![(Signal::TERM, 0, 0)],
            Some((None, _)) => Vec::new(),
            Some((Some(after), code)) => {
                vec![(Signal::TERM, nanos(after), u8::try_from(code & 0xff).unwrap_or(1))]
            }
        };
        let ignores = if signals.is_empty() { vec![Signal::TERM] } else { Vec::new() };
        let exit =
            own.exits.map(|(after, code)| (nanos(after), u8::try_from(code & 0xff).unwrap_or(1)));
        let says_nothing = own.exits.is_none() && own.startup.is_none() && own.http.is_empty();
        let exit = match exit {
            None if self.is_task() && says_nothing => Some((nanos(super::assumed::MOMENT), 0)),
            exit => exit,
        };
        if !main {
            return done(0);
        }
        Behaviour {
            listen_after: nanos(own.startup.unwrap_or_default()),
            on_signal: signals,
            ignores,
            exit,
            ..behaviour(super::CONFIGURED, ports)
        }
    }

    /// A program that says something and ends.
    fn says(&self, spec: &Spec) -> Behaviour {
        if let Some(failed) = self.missing(&spec.needs) {
            return failed;
        }
        let (after, code) = spec.exit.unwrap_or((0, 0));
        let fill = |lines: &[String]| lines.iter().map(|line| (0, self.fill(line))).collect();
        Behaviour {
            log: fill(&spec.out),
            errors: fill(&spec.err),
            exit: Some((after.max(BLINK), code)),
            memory: spec.memory,
            ..behaviour("", Vec::new())
        }
    }

    /// A server that its entry describes.
    pub(crate) fn server(&mut self, spec: &Spec) -> Behaviour {
        if let Some(failed) = self.refused(spec) {
            return failed;
        }
        let ports = self.ports(spec);
        let served = Served::Http(Http {
            speaks: self.speaks(spec),
            backend: self.backend(spec),
            routes: spec
                .http
                .iter()
                .map(|(path, status, body)| (path.clone(), *status, self.fill(body)))
                .collect(),
        });
        let tag = self.serve(&spec.more["name"], served);
        self.listener(spec, &tag, ports)
    }

    /// haproxy: the ports of its configuration's `bind` lines.
    fn haproxy(&mut self, spec: &Spec) -> Behaviour {
        let text = self
            .flag("-f")
            .map(str::to_owned)
            .and_then(|path| self.read(&path))
            .unwrap_or_default();
        let binds = text.lines().map(str::trim).filter_map(|line| line.strip_prefix("bind "));
        let ports = binds
            .filter_map(|line| line.split_whitespace().next()?.rsplit(':').next()?.parse().ok());
        let ports: Vec<u16> = ports.collect();
        if text.is_empty() && self.refused(spec).is_none() {
            return self.listening();
        }
        let http = vec![("*".to_owned(), 503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n".to_owned())];
        self.server(&Spec { ports, http, speaks: "http".into(), ..spec.clone() })
    }

    /// minio: without `server` it says how it is used.
    fn minio(&mut self, spec: &Spec) -> Behaviour {
        if !self.call.argv.iter().any(|word| word == "server" || word == "gateway") {
            return said(
                "NAME:\n  minio - High Performance Object Storage\n\nUSAGE:\n  minio [FLAGS] COMMAND [ARGS...]",
                "",
                0,
            );
        }
        let data = self
            .call
            .argv
            .iter()
            .find(|word| word.starts_with('/') && !word.ends_with("minio"))
            .cloned();
        if let Some(path) = data.filter(|path| !self.writable(path)) {
            return said(
                "",
                &format!(
                    "ERROR Unable to initialize backend: Unable to write to the backend.\n      > Please ensure MinIO binary has write permissions for the backend\n      HINT:\n        Run the following command to add write permissions: `sudo chown -R {} {path} && sudo chmod u+rxw {path}`",
                    self.call.uid
                ),
                1,
            );
        }
        self.server(spec)
    }

    /// Why a server cannot go on from its start.
    pub(crate) fn refused(&mut self, spec: &Spec) -> Option<Behaviour> {
        if let Some((failure, known)) = &spec.unknown
            && let Some(flag) = unknown_flag(&self.call.argv[1..], known)
        {
            return Some(self.fails(failure, &[("{flag}", flag)]));
        }
        if let Some(failed) = self.missing(&spec.needs) {
            return Some(failed);
        }
        for need in &spec.writes {
            let path = self.absolute(self.fill(&need.path));
            if !self.writable(&path) {
                let why = if self.read_only(&path) {
                    "Read-only file system"
                } else {
                    "Permission denied"
                };
                let errno = if why.starts_with('R') { "30" } else { "13" };
                let also = [("{path}", path.as_str()), ("{why}", why), ("{errno}", errno)];
                return Some(self.fails(&need.failure, &also));
            }
        }
        for (path, text) in &spec.makes {
            let path = self.fill(path);
            let _ =
                self.own.fs_mut().write_file(&mut self.host.volumes, &path, text.as_bytes(), 0o644);
        }
        None
    }

    /// What a server is once it was started.
    pub(crate) fn listener(&self, spec: &Spec, tag: &str, ports: Vec<u16>) -> Behaviour {
        let port = ports.first().copied().unwrap_or(0).to_string();
        let fill = |lines: &[String]| {
            let text = |line: &String| self.fill(&line.replace("{port}", &port));
            lines.iter().map(|line| (spec.ready, text(line))).collect()
        };
        Behaviour {
            listen_after: spec.ready,
            on_signal: spec
                .signals
                .iter()
                .map(|(signal, after, code)| (*signal, *after, *code))
                .collect(),
            ignores: spec.ignores.clone(),
            log: fill(&spec.out),
            errors: fill(&spec.err),
            in_use: Some(match &spec.in_use {
                Some(failure) => self.in_use(failure),
                None => in_use(&format!("listen tcp :{port}: bind: address already in use"), 1),
            }),
            memory: spec.memory,
            exit: spec.exit,
            title: spec.title.clone(),
            workers: spec.workers.clone(),
            ..behaviour(tag, ports)
        }
    }

    /// Keeps what a server serves, and returns the tag of its listener.
    pub(crate) fn serve(&mut self, name: &str, served: Served) -> String {
        let worker = self.host.world.workers.get_mut(&self.host.uid);
        let Some(instance) = worker.and_then(|worker| worker.newest_mut(self.host.ix)) else {
            return name.to_owned();
        };
        let tag = format!("{}{name} {}", super::TAG, instance.served.len());
        instance.served.insert(tag.clone(), Kept::new(served));
        tag
    }
}

/// The value of an option among arguments.
pub(crate) fn flag<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    args.iter().enumerate().find_map(|(n, word)| {
        let rest = word.strip_prefix(name)?;
        if rest.is_empty() {
            return args.get(n + 1).map(String::as_str);
        }
        match rest.strip_prefix('=') {
            Some(value) => Some(value),
            // As `-c /etc/x` in one word, which programs read with the blank or without.
            None => (name.len() == 2 && !name.starts_with("--")).then_some(rest.trim_start()),
        }
    })
}

/// The first option that is none of those that a program knows.
fn unknown_flag<'a>(args: &'a [String], known: &[String]) -> Option<&'a str> {
    args.iter().map(String::as_str).filter(|word| word.len() > 1 && word.starts_with('-')).find(
        |word| {
            let name = word.split('=').next().unwrap_or(word);
            let bare = name.trim_start_matches('-');
            !known.iter().any(|known| known == name || known == bare || name.parse::<i64>().is_ok())
        },
    )
}

/// A server without failures that ends with 0 when it is asked to.
pub(crate) fn behaviour(tag: &str, ports: Vec<u16>) -> Behaviour {
    let stop = [Signal::TERM, Signal::INT, Signal::QUIT].map(|signal| (signal, 0, 0));
    Behaviour { tag: tag.into(), ports, on_signal: stop.to_vec(), ..Behaviour::default() }
}

/// A command that is over after a moment.
pub(crate) fn done(code: u8) -> Behaviour {
    Behaviour { exit: Some((BLINK, code)), ..behaviour("", Vec::new()) }
}

/// A command that says something and ends.
pub(crate) fn said(out: &str, err: &str, code: u8) -> Behaviour {
    let lines = |text: &str| text.lines().map(|line| (0, line.to_owned())).collect();
    Behaviour { log: lines(out), errors: lines(err), ..done(code) }
}

/// The end of a server whose port is taken.
pub(crate) fn in_use(line: &str, code: u8) -> InUse {
    InUse { errors: vec![(0, line.to_owned())], after: BLINK, code }
}

pub(crate) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// The behaviour that the Scenario gives to an image.
pub(crate) fn own_behaviour<'a>(world: &'a World, image: &str) -> Option<&'a ImageBehaviour> {
    // What only says how much of a CPU it uses leaves the program what it is.
    entry(world, image)
        .filter(|own| **own != ImageBehaviour { cpu: own.cpu, ..ImageBehaviour::default() })
}

/// What the Scenario says of the CPU of an image's program.
pub(crate) fn own_cpu(world: &World, image: &str) -> Option<crate::config::Cpu> {
    entry(world, image)?.cpu
}

fn entry<'a>(world: &'a World, image: &str) -> Option<&'a ImageBehaviour> {
    let bare = image.rsplit_once(':').map_or(image, |(name, _)| name);
    world.config.images.get(image).or_else(|| world.config.images.get(bare))
}

/// Whether the pod waits for the end of that container, as far as the cluster is one that assumes what helps.
pub(crate) fn is_task(world: &World, uid: Uid, ix: ContainerIx) -> bool {
    let worker = world.workers.get(&uid).filter(|_| world.config.assume.has(Topic::Images));
    let Some(worker) = worker else { return false };
    let of_job = worker.pod.meta.owner_references.iter().any(|owner| owner.kind == "Job");
    let sidecar = worker.spec(ix).is_some_and(Container::is_sidecar);
    !sidecar && (worker.is_init(ix) || of_job)
}

/// The ports of a program that nobody knows: those that its container declares; in a cluster that assumes what helps,
/// also those that the text looks for.
pub(crate) fn assumed_ports(world: &World, uid: Uid, ix: ContainerIx) -> Vec<u16> {
    let Some(worker) = world.workers.get(&uid) else { return Vec::new() };
    let pod = &worker.pod;
    if !world.config.assume.has(Topic::Images) {
        let declared = worker.spec(ix).into_iter().flat_map(|spec| &spec.ports);
        return declared.map(|port| port.container_port).collect();
    }
    let selecting: Vec<ServiceSpec> = world
        .store
        .resources("Service")
        .filter(|(key, _)| *key.namespace == *pod.meta.namespace)
        .map(|(_, service)| service.typed_spec::<ServiceSpec>())
        .filter(|spec| {
            !spec.selector.is_empty() && podplay_api::labels_match(&spec.selector, &pod.meta.labels)
        })
        .collect();
    // Where all are known, what others look for is asked of the one that starts.
    let own = worker.spec(ix).map_or("", |own| own.name.as_str());
    let any = pod.spec.containers.iter().any(|other| super::find(&other.image).is_none());
    let unknown = |container: &Container| {
        super::find(&container.image).is_none() || (!any && container.name == own)
    };
    super::assumed::ports(&pod.spec, usize::from(ix), &selecting, unknown)
}
