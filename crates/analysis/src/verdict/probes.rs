//! Verdicts on probes: what they ask, what they are answered, and whether they are too early.

use super::life::{answer, asked, not_found, port_of};
use super::view::View;
use super::{Answer, Cause, Place, Verdict, places, whatif};
use podplay_api::{Container, ProbeKind};
use podplay_core::holds::{Hold, Probing, Wait};
use podplay_core::kubelet::prober::Reply;
use std::time::Duration;

/// The fields of a probe, the one that matters first.
pub(super) fn probe_places(
    view: &View<'_>,
    hold: &Hold,
    kind: ProbeKind,
    first: &[&str],
) -> Vec<Place> {
    let field = format!("{}Probe", kind.as_str().to_ascii_lowercase());
    let base = format!("{}.{field}", view.base(&hold.subject));
    let Some((written, outer)) = view.source(&hold.subject) else { return Vec::new() };
    let usual = [
        "",
        ".httpGet.port",
        ".httpGet.path",
        ".httpGet",
        ".tcpSocket.port",
        ".exec.command",
        ".grpc.port",
    ];
    let all = first.iter().chain(&usual).map(|field| format!("{outer}{base}{field}"));
    let mut found: Vec<Place> =
        all.filter(|path| written.has(path)).map(|path| written.place(&path)).collect();
    if found.is_empty() {
        found.push(written.place(&format!("{outer}{base}")));
    }
    found
}

/// A container that a probe killed or is about to: too early, or with reason?
pub(super) fn killed(
    view: &View<'_>,
    hold: &Hold,
    probing: &Probing,
    container: &Container,
) -> Option<Verdict> {
    let (kind, name) = (probing.kind, container.name.clone());
    let probe = kind.of(container)?;
    let index = view.source(&hold.subject).and_then(|(written, _)| written.index);
    let allows = Duration::from_secs(
        u64::try_from(probe.initial_delay_seconds).unwrap_or(0) + probe.period() * probe.failures(),
    );
    let asked = asked(probe);
    let timed = probing.reply == Reply::TimedOut;
    if timed
        && let Some(needs) = index.and_then(|n| whatif::answer_takes(view.plan, n, &name, kind))
    {
        let timeout = Duration::from_secs(probe.timeout());
        if needs >= timeout {
            let probe = kind.as_str().to_ascii_lowercase();
            let cause =
                Cause::ProbeTimeout { container: name, probe, asked, timeout, needs: Some(needs) };
            return Some(view.verdict(
                hold,
                cause,
                probe_places(view, hold, kind, &[".timeoutSeconds"]),
            ));
        }
    }
    let needs = index.and_then(|n| whatif::needs(view.plan, n, &name, kind));
    let answer = answer(&probing.reply, &probing.listens);
    let late =
        needs.is_some_and(|needs| needs + Duration::from_secs(1) >= probing.running.min(allows));
    let numbers = [".failureThreshold", ".periodSeconds", ".initialDelaySeconds"];
    let (cause, first): (Cause, &[&str]) = match (kind, needs) {
        (ProbeKind::Liveness, Some(needs)) if late => {
            (Cause::LivenessTooEager { container: name, needs, allows }, &numbers)
        }
        (ProbeKind::Startup, Some(_)) if late => {
            (Cause::StartupTooShort { container: name, needs, allows }, &numbers)
        }
        (ProbeKind::Startup, _) => (Cause::StartupFails { container: name, asked, answer }, &[]),
        _ if matches!(probing.reply, Reply::NoProgram(_)) => {
            let probe = kind.as_str().to_ascii_lowercase();
            let Reply::NoProgram(program) = probing.reply.clone() else { return None };
            (Cause::ProbeCommandMissing { container: name, probe, program }, &[".exec.command"])
        }
        _ => {
            let scheme: &[&str] =
                if answer == Answer::PlainHttp { &[".httpGet.scheme"] } else { &[] };
            (Cause::LivenessFails { container: name, asked, answer }, scheme)
        }
    };
    let mut places = probe_places(view, hold, kind, first);
    places.extend(startup(view, container));
    Some(view.verdict(hold, cause, places))
}

/// Where the Scenario says how long an image takes to start.
pub(super) fn startup(view: &View<'_>, container: &Container) -> Option<Place> {
    let bare = container.image.split(':').next().unwrap_or_default();
    let names = [container.image.as_str(), bare];
    let paths = names.map(|name| format!("spec.images.{name}.startup"));
    paths.iter().find_map(|path| places::scenario(view.plan, path))
}

pub(super) fn probe(
    view: &View<'_>,
    hold: &Hold,
    probing: &Probing,
    container: &Container,
) -> Option<Verdict> {
    let spec = probing.kind.of(container)?;
    let kind = probing.kind;
    let name = container.name.clone();
    let asked = asked(spec);
    let sidecar = container.is_sidecar();
    match kind {
        ProbeKind::Liveness if probing.failures >= 1 => {
            let recent = view
                .holds
                .iter()
                .any(|other| other.subject == hold.subject && matches!(other.wait, Wait::Exit(_)));
            let eager = probing.reply == Reply::Refused && !recent;
            return if eager { None } else { killed(view, hold, probing, container) };
        }
        ProbeKind::Startup if sidecar && probing.failures >= 2 => {
            let answer = answer(&probing.reply, &probing.listens);
            let cause = Cause::SidecarNotStarted { container: name, asked, answer };
            let slow = view.recovers(&hold.subject).is_some();
            return (!slow).then(|| view.verdict(hold, cause, probe_places(view, hold, kind, &[])));
        }
        ProbeKind::Readiness if probing.failures >= 2 => {}
        // An attempt that could not be made is not counted.
        ProbeKind::Readiness if matches!(probing.reply, Reply::NoProgram(_) | Reply::Other(_)) => {}
        _ => return None,
    }
    if view.recovers(&hold.subject).is_some() {
        return None;
    }
    let (cause, first) = unready(view, hold, probing, container, spec);
    let mut places = probe_places(view, hold, kind, first);
    let base = view.base(&hold.subject);
    let ports = (0..container.ports.len()).map(|n| format!("{base}.ports[{n}].containerPort"));
    let program = ["command", "args", "image"].map(|field| format!("{base}.{field}"));
    places.extend(view.places(&hold.subject, &ports.chain(program).collect::<Vec<_>>()));
    Some(view.verdict(hold, cause, places))
}

/// Why a readiness probe fails, and the fields of the probe that decide it.
fn unready(
    view: &View<'_>,
    hold: &Hold,
    probing: &Probing,
    container: &Container,
    spec: &podplay_api::Probe,
) -> (Cause, &'static [&'static str]) {
    let (name, asked, kind) = (container.name.clone(), asked(spec), probing.kind);
    let probe = "readiness".to_owned();
    let missing = match &probing.reply {
        Reply::NoProgram(program) => Some(program.clone()),
        Reply::Exit(126 | 127, said) => not_found(said),
        _ => None,
    };
    let index = view.source(&hold.subject).and_then(|(written, _)| written.index);
    let timed = (probing.reply == Reply::TimedOut).then_some(index).flatten();
    let needs = timed.and_then(|n| whatif::answer_takes(view.plan, n, &name, kind));
    match (&probing.reply, port_of(spec, container)) {
        _ if missing.is_some() => {
            let program = missing.unwrap_or_default();
            (Cause::ProbeCommandMissing { container: name, probe, program }, &[".exec.command"])
        }
        (Reply::TimedOut, _) if needs.is_some() => {
            let timeout = Duration::from_secs(spec.timeout());
            let cause = Cause::ProbeTimeout { container: name, probe, asked, timeout, needs };
            (cause, &[".timeoutSeconds"])
        }
        (Reply::Refused, Some(port)) if !probing.listens.contains(&port) => {
            let listens = probing.listens.clone();
            let cause = Cause::ReadinessPortClosed { container: name, port, listens };
            (cause, &[".httpGet.port", ".tcpSocket.port", ".grpc.port"])
        }
        (reply, _) => {
            let answer = answer(reply, &probing.listens);
            let first: &'static [&'static str] = if answer == Answer::PlainHttp {
                &[".httpGet.scheme"]
            } else {
                &[".httpGet.path", ".exec.command"]
            };
            (Cause::ReadinessFails { container: name, asked, answer }, first)
        }
    }
}
