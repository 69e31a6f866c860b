//! Verdicts on containers: what keeps them from starting, how they end, what their probes say.

use super::probes::{killed, probe};
use super::view::View;
use super::{Answer, Cause, Place, Source, Verdict, places};
use podplay_api::{Container, IntOrString, LifecycleHandler, Probe};
use podplay_core::holds::{Exit, Hold, ImageTrouble, Probing, Wait};
use podplay_core::images::{self, Trouble};
use podplay_core::kubelet::EndedBy;
use podplay_core::kubelet::prober::Reply;
use std::time::Duration;

/// What a probe asks, in short.
pub(crate) fn asked(probe: &Probe) -> String {
    let port = |port: &IntOrString| match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::Text(name) => name.clone(),
    };
    if let Some(exec) = &probe.exec {
        return format!("`{}`", exec.command.join(" "));
    }
    if let Some(get) = &probe.http_get {
        let scheme = if get.scheme.eq_ignore_ascii_case("https") { " over HTTPS" } else { "" };
        let path = if get.path.is_empty() { "/" } else { &get.path };
        return format!("GET {path} on port {}{scheme}", port(&get.port));
    }
    match (&probe.tcp_socket, &probe.grpc) {
        (Some(tcp), _) => format!("TCP port {}", port(&tcp.port)),
        (_, Some(grpc)) => format!("gRPC port {}", grpc.port),
        _ => String::new(),
    }
}

/// What a hook does, in short.
fn hook_text(handler: &LifecycleHandler) -> String {
    if let Some(exec) = &handler.exec {
        return format!("`{}`", exec.command.join(" "));
    }
    match (&handler.http_get, &handler.sleep) {
        (Some(get), _) => format!("GET {}", get.path),
        (_, Some(sleep)) => format!("sleep {} s", sleep.seconds),
        _ => String::new(),
    }
}

/// The port that a probe asks, if it asks one.
pub(crate) fn port_of(probe: &Probe, container: &Container) -> Option<u16> {
    let port = match (&probe.http_get, &probe.tcp_socket, &probe.grpc) {
        (Some(get), ..) => &get.port,
        (_, Some(tcp), _) => &tcp.port,
        (.., Some(grpc)) => return u16::try_from(grpc.port).ok(),
        _ => return None,
    };
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::Text(name) => {
            let named = container.ports.iter().find(|port| port.name == *name);
            named.map(|port| port.container_port)
        }
    }
}

/// The word that a command could not find: `sh: curl: not found`.
pub(super) fn not_found(said: &str) -> Option<String> {
    let line =
        said.lines().find(|line| line.contains("not found") || line.contains("No such file"))?;
    let before = line.split(": not found").next()?.split(": No such file").next()?;
    let before = before.trim_end_matches(": command");
    let word = before.rsplit(": ").next()?.trim();
    (!word.is_empty()).then(|| word.trim_matches(['\'', '"']).to_owned())
}

pub(super) fn answer(reply: &Reply, listens: &[u16]) -> Answer {
    match reply {
        Reply::Refused => Answer::Refused(listens.to_vec()),
        Reply::Unreachable => Answer::Said("no route to host".to_owned()),
        Reply::TimedOut => Answer::TimedOut,
        Reply::Status(status) => Answer::Status(*status),
        Reply::PlainHttp => Answer::PlainHttp,
        Reply::Exit(code, said) => {
            let line = said.lines().next().unwrap_or_default();
            Answer::Exit(*code, line.chars().take(120).collect())
        }
        Reply::NoProgram(program) => Answer::NoProgram(program.clone()),
        Reply::Other(text) => Answer::Said(text.chars().take(160).collect()),
    }
}

/// The verdict on what keeps a pod's container from starting.
pub(super) fn start(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let pod = view.pod(&hold.subject)?;
    let namespace = pod.meta.namespace.as_str();
    let mut places = view.places(&hold.subject, &hold.paths);
    let container = hold.subject.container().unwrap_or_default().to_owned();
    let cause = match &hold.wait {
        Wait::Source { kind, name, key } => {
            let source = if *kind == "Secret" { Source::Secret } else { Source::ConfigMap };
            let faulty = places::fault(view.plan, |fault| fault.name() == "ConfigMissing");
            match key {
                None => {
                    let nearest = view.nearest(kind, namespace, name);
                    let there =
                        nearest.as_deref().and_then(|near| view.named(kind, namespace, near));
                    places.extend(there.into_iter().chain(faulty));
                    Cause::MissingSource { source, name: name.clone(), nearest }
                }
                Some(key) => missing_key(view, source, namespace, name, key, &mut places),
            }
        }
        Wait::HostPath(path, kind) => {
            Cause::HostPathType { path: path.clone(), kind: kind.clone() }
        }
        Wait::Image(image, trouble) => image_cause(view, image, *trouble, &mut places),
        Wait::RootUser(image) => Cause::RunsAsRoot { container, image: image.clone() },
        Wait::Program(error) => program(&container, error),
        Wait::Refused(reason, message) => {
            Cause::Other { reason: reason.clone(), message: message.clone() }
        }
        _ => return None,
    };
    let mut verdict = view.verdict(hold, cause, places);
    let waiting = hold.subject.container().and_then(|name| pod.status.container(name));
    if let Some(podplay_api::ContainerState::Waiting { message, .. }) = waiting.map(|of| &of.state)
    {
        verdict.evidence.push(message.clone());
    }
    Some(verdict)
}

fn missing_key(
    view: &View<'_>,
    source: Source,
    namespace: &str,
    name: &str,
    key: &str,
    places: &mut Vec<Place>,
) -> Cause {
    let kind = source.as_str();
    let object = view.cluster.get(kind, namespace, name).unwrap_or_default();
    let keys: Vec<String> = ["data", "stringData", "binaryData"]
        .iter()
        .filter_map(|list| object[*list].as_object())
        .flat_map(|list| list.keys().cloned())
        .collect();
    let nearest = super::near::nearest(key, keys.iter().map(String::as_str)).map(str::to_owned);
    let target = super::Target::new(kind, namespace, name);
    if let Some(written) = places::written(view.plan, &target) {
        for list in ["data", "stringData"] {
            let path = nearest.as_ref().map(|near| format!("{list}.{near}"));
            let there = path.filter(|path| written.has(path)).map(|path| written.place(&path));
            places.extend(there);
        }
        places.push(written.place("metadata.name"));
    }
    Cause::MissingKey { source, name: name.to_owned(), key: key.to_owned(), nearest }
}

fn image_cause(
    view: &View<'_>,
    image: &str,
    trouble: ImageTrouble,
    places: &mut Vec<Place>,
) -> Cause {
    let world = view.cluster.world();
    let image = image.to_owned();
    match trouble {
        ImageTrouble::Invalid => Cause::InvalidImageName { image },
        ImageTrouble::Never => Cause::ImageNeverPull { image },
        ImageTrouble::Pull(Trouble::Denied) => Cause::ImagePullDenied { image },
        ImageTrouble::Pull(Trouble::Down) => {
            places.extend(places::fault(view.plan, |fault| fault.name() == "RegistryDown"));
            Cause::RegistryDown { image }
        }
        ImageTrouble::Pull(Trouble::NotFound) => {
            places.extend(places::fault(view.plan, |fault| fault.name() == "ImageMissing"));
            let nearest = similar_image(world, &image);
            Cause::ImageNotFound { image, nearest }
        }
    }
}

/// An image that the registry has and whose name is like another.
fn similar_image(world: &podplay_core::World, image: &str) -> Option<String> {
    let (repository, tag) = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, "latest"),
    };
    let tags = images::tags(world, image);
    if !tags.is_empty() {
        let near = super::near::nearest(tag, tags.iter().map(String::as_str));
        let tag = near.or_else(|| tags.first().map(String::as_str))?;
        return Some(format!("{repository}:{tag}"));
    }
    let all = images::repositories(world);
    let near = super::near::nearest(repository, all.iter().map(String::as_str))?;
    let close = super::near::distance(repository, near) <= 3;
    close.then(|| format!("{near}:{tag}"))
}

fn program(container: &str, error: &podplay_shell::SpawnError) -> Cause {
    use podplay_shell::SpawnError;
    let container = container.to_owned();
    match error {
        SpawnError::NotFound { program, .. } => {
            Cause::CommandNotFound { container, program: program.clone() }
        }
        SpawnError::PermissionDenied { program } => {
            let what = format!("{program}: permission denied");
            Cause::PermissionDenied { container, what }
        }
        SpawnError::NoSuchCwd { cwd } => Cause::CommandNotFound { container, program: cwd.clone() },
        SpawnError::TooLong { .. } => {
            Cause::Other { reason: "StartError".to_owned(), message: error.to_string() }
        }
        SpawnError::Empty => {
            let message = "no command specified".to_owned();
            Cause::Other { reason: "CreateContainerError".to_owned(), message }
        }
    }
}

/// The verdict on a container that was started.
pub(super) fn of(view: &View<'_>, hold: &Hold) -> Option<Verdict> {
    let container = view.container(&hold.subject)?;
    let name = container.name.clone();
    let places = view.places(&hold.subject, &hold.paths);
    let cause = match &hold.wait {
        Wait::Exit(exit) => return exited(view, hold, exit, container),
        Wait::Probe(probing) => return probe(view, hold, probing, container),
        Wait::Hook(_, None) => {
            let hook = container.lifecycle.as_ref()?.post_start.as_ref()?;
            if view.recovers(&hold.subject).is_some() {
                return None;
            }
            Cause::PostStartHangs { container: name, asked: hook_text(hook) }
        }
        Wait::Init(asked) => return init(view, hold, asked.as_ref(), container),
        Wait::Stop(signal, until) => {
            let grace = until.since(hold.since);
            Cause::IgnoresSigterm { container: name, signal: signal.to_string(), grace }
        }
        Wait::PreStop(_) => {
            let hook = container.lifecycle.as_ref()?.pre_stop.as_ref()?;
            let pod = view.pod(&hold.subject)?;
            let own = pod.meta.deletion_grace_period_seconds.and_then(|s| u64::try_from(s).ok());
            let grace = Duration::from_secs(own.unwrap_or_else(|| pod.spec.grace_period()));
            Cause::PreStopTooLong { container: name, asked: hook_text(hook), grace }
        }
        _ => return None,
    };
    Some(view.verdict(hold, cause, places))
}

fn exited(view: &View<'_>, hold: &Hold, exit: &Exit, container: &Container) -> Option<Verdict> {
    let name = container.name.clone();
    if let Some(EndedBy::Probe(kind)) = exit.by {
        let reply = exit.reply.clone().unwrap_or(Reply::Refused);
        let probing = Probing { kind, reply, failures: 1, listens: Vec::new(), running: exit.ran };
        return killed(view, hold, &probing, container);
    }
    let mut places = view.places(&hold.subject, &hold.paths);
    let last = view.last_words(&hold.subject);
    let cause = match &exit.by {
        Some(EndedBy::PostStart(said)) => {
            let hook = container.lifecycle.as_ref()?.post_start.as_ref()?;
            let said = said.rsplit("message: ").next().unwrap_or(said).trim_matches('"');
            let said = said.trim().trim_end_matches("\\n").to_owned();
            Cause::PostStartFails { container: name, asked: hook_text(hook), said }
        }
        _ if &*exit.reason == "OOMKilled" => {
            let limit = container.resources.limits.get("memory");
            let limit = limit.map(|limit| limit.text().to_owned());
            Cause::OomKilled { container: name, limit }
        }
        _ => {
            let said = last.clone().unwrap_or_default();
            let missing = (exit.code == 127).then(|| not_found(&said)).flatten();
            match missing {
                Some(program) if !exit.init => Cause::CommandNotFound { container: name, program },
                _ if exit.init => Cause::InitFails { container: name, code: exit.code, last },
                _ if said.contains("ermission denied") => {
                    Cause::PermissionDenied { container: name, what: said }
                }
                _ if exit.code == 0 => {
                    Cause::ExitsZero { container: name, image: container.image.clone() }
                }
                _ => Cause::ExitsNonZero { container: name, code: exit.code, last },
            }
        }
    };
    if let Cause::ExitsNonZero { last: Some(said), .. }
    | Cause::InitFails { last: Some(said), .. } = &cause
    {
        places.extend(spoken_of(view, hold, container, said));
    }
    let base = view.base(&hold.subject);
    places.extend(view.places(&hold.subject, &[base]));
    let mut verdict = view.verdict(hold, cause, places);
    verdict.evidence = view.words(&hold.subject, 3);
    Some(verdict)
}

/// The variables and mounts that the last words of a program speak of.
fn spoken_of(view: &View<'_>, hold: &Hold, container: &Container, said: &str) -> Vec<Place> {
    let base = view.base(&hold.subject);
    let words: Vec<&str> = said.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut paths = Vec::new();
    for (n, variable) in container.env.iter().enumerate() {
        let near =
            |word: &&&str| super::near::distance(word, &variable.name) <= 2 && word.len() > 4;
        if words.iter().find(near).is_some() {
            paths.push(format!("{base}.env[{n}].name"));
        }
    }
    for (n, mount) in container.volume_mounts.iter().enumerate() {
        if said.contains(mount.mount_path.as_str()) {
            paths.push(format!("{base}.volumeMounts[{n}]"));
        }
    }
    view.places(&hold.subject, &paths)
}

fn init(
    view: &View<'_>,
    hold: &Hold,
    asked: Option<&(String, u16)>,
    container: &Container,
) -> Option<Verdict> {
    if view.recovers(&hold.subject).is_some() {
        return None;
    }
    let name = container.name.clone();
    let namespace = &view.pod(&hold.subject)?.meta.namespace;
    let mut places = view.places(&hold.subject, &hold.paths);
    let Some((host, _)) = asked else {
        let last = view.last_words(&hold.subject);
        return Some(view.verdict(hold, Cause::InitNeverEnds { container: name, last }, places));
    };
    let bare = host.split('.').next().unwrap_or(host);
    let exists = view.cluster.get("Service", namespace, bare).is_some();
    let nearest = if exists { None } else { view.nearest("Service", namespace, bare) };
    let near = nearest.as_deref().unwrap_or(bare);
    places.extend(view.named("Service", namespace, near));
    let cause = Cause::InitWaitsForService { container: name, host: host.clone(), exists, nearest };
    let mut verdict = view.verdict(hold, cause, places);
    verdict.evidence = view.words(&hold.subject, 2);
    Some(verdict)
}
