//! Probes: what they ask, how long they wait, and what their failure does.

use super::Found;
use crate::context::{Context, Part, Pod, probe_port, probes};
use crate::{edits, scripts};
use podplay_api::{Container, IntOrString, Probe};
use podplay_core::images;

/// A delay that is a guess at the time of the start, in seconds.
const LONG_DELAY: i64 = 30;
/// A start that takes longer deserves a startup probe, in seconds.
const SLOW_START: u64 = 5;

/// Seconds that a container needs to start, as far as is known: by the catalogue, by the Scenario, or by a script that
/// writes the file that a probe looks at.
fn startup(cx: &Context<'_>, container: &Container, probe: &Probe) -> Option<u64> {
    let known = cx.facts(container).startup.filter(|_| probe.exec.is_none());
    let file = || {
        let argv = crate::context::argv(container);
        let script = scripts::script(&argv)?;
        let words = probe.exec.iter().flat_map(|exec| &exec.command);
        let mut files =
            words.flat_map(|word| word.split_whitespace()).filter(|word| word.starts_with('/'));
        files.find_map(|file| scripts::writes_after(script, file))
    };
    known.or_else(file).map(|span| span.as_secs())
}

/// When a probe gives up, in seconds after the start.
fn gives_up(probe: &Probe) -> u64 {
    let delay = u64::try_from(probe.initial_delay_seconds).unwrap_or(0);
    delay.saturating_add(probe.failures().saturating_mul(probe.period()))
}

pub(super) fn same_check(_: &Context<'_>, _: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let (live, ready) =
        (part.container.liveness_probe.as_ref()?, part.container.readiness_probe.as_ref()?);
    let same = live.exec == ready.exec
        && live.http_get == ready.http_get
        && live.tcp_socket == ready.tcp_socket
        && live.grpc == ready.grpc;
    let patience = |probe: &Probe| probe.failures().saturating_mul(probe.period());
    (same && patience(live) <= patience(ready))
        .then(|| Found::at(format!("{}.livenessProbe", part.path), [&part.container.name]))
}

pub(super) fn no_startup_probe(cx: &Context<'_>, _: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let container = part.container;
    let live = container.liveness_probe.as_ref().filter(|_| container.startup_probe.is_none())?;
    let needs = startup(cx, container, live).unwrap_or(0);
    let guessed = live.initial_delay_seconds >= LONG_DELAY;
    let slow = needs > SLOW_START && live.initial_delay_seconds > 0;
    if needs > gives_up(live) || !(guessed || slow) {
        return None;
    }
    let path = format!("{}.livenessProbe.initialDelaySeconds", part.path);
    Some(Found::at(path, [&container.name, &live.initial_delay_seconds]))
}

pub(super) fn killed_before_start(
    cx: &Context<'_>,
    pod: &Pod<'_>,
    part: &Part<'_>,
) -> Option<Found> {
    let container = part.container;
    let (field, probe) = match (&container.startup_probe, &container.liveness_probe) {
        (Some(probe), _) => ("startupProbe", probe),
        (None, Some(probe)) => ("livenessProbe", probe),
        (None, None) => return None,
    };
    let needs = startup(cx, container, probe)?;
    let limit = gives_up(probe);
    if needs <= limit {
        return None;
    }
    let path = format!("{}.{field}", part.path);
    let tries = needs.div_ceil(probe.period()) + 1;
    let (threshold, before) = (format!("{path}.failureThreshold"), first_field(pod, &path));
    let fix = edits::set(cx.text, pod.object, &threshold, &before, &tries.to_string());
    Some(Found::at(path, [&container.name, &needs, &words(field), &limit]).fix(fix))
}

/// The first field that is written below a path.
fn first_field(pod: &Pod<'_>, path: &str) -> String {
    let below = format!("{path}.");
    let fields = pod.object.spans.iter().filter(|(field, place)| {
        place.key.is_some()
            && field.strip_prefix(&below).is_some_and(|rest| !rest.contains(['.', '[']))
    });
    fields
        .min_by_key(|(_, place)| place.value.start)
        .map_or(below.clone(), |(field, _)| field.to_owned())
}

pub(super) fn timeout_above_period(
    cx: &Context<'_>,
    pod: &Pod<'_>,
    part: &Part<'_>,
) -> Option<Found> {
    let slow =
        |(_, probe): &(&str, &Probe)| probe.timeout() > probe.period() && probe.timeout() > 1;
    let (field, probe) = probes(part.container).find(slow)?;
    let path = format!("{}.{field}", part.path);
    let period = probe.timeout() + 1;
    let (set, before) = (format!("{path}.periodSeconds"), format!("{path}.timeoutSeconds"));
    let fix = edits::set(cx.text, pod.object, &set, &before, &period.to_string());
    let args: [&dyn std::fmt::Display; 4] =
        [&part.container.name, &words(field), &probe.timeout(), &probe.period()];
    Some(Found::at(format!("{path}.timeoutSeconds"), args).fix(fix))
}

pub(super) fn no_readiness(cx: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let parts = pod.parts();
    let guarded = parts.iter().any(|part| part.container.readiness_probe.is_some());
    if guarded || pod.is_task() || !pod.spec.readiness_gates.is_empty() {
        return Vec::new();
    }
    let mut services = cx.services_of(pod).filter(|(_, spec)| !spec.publish_not_ready_addresses);
    let Some((service, spec)) = services.next() else { return Vec::new() };
    let wanted = spec.ports.first().and_then(|port| pod.port(&port.target_port));
    let serves = |part: &&Part<'_>| {
        part.container.ports.iter().any(|port| Some(port.container_port) == wanted)
    };
    let regular = || parts.iter().filter(|part| part.path.contains(".containers["));
    let Some(part) = regular().find(serves).or_else(|| regular().next()) else { return Vec::new() };
    vec![Found::at(format!("{}.name", part.path), [&part.container.name, &service.name])]
}

pub(super) fn missing_program(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let (container, image) = (part.container, &part.container.image);
    if !images::known(image) || cx.plan.config.images.contains_key(image) {
        return None;
    }
    let hooks = container.lifecycle.iter().flat_map(|hooks| {
        let exec = |field, hook: &Option<podplay_api::LifecycleHandler>| {
            hook.as_ref().and_then(|hook| hook.exec.clone()).map(|exec| (field, exec.command))
        };
        [exec("lifecycle.postStart", &hooks.post_start), exec("lifecycle.preStop", &hooks.pre_stop)]
    });
    let asked = probes(container)
        .map(|(field, probe)| probe.exec.as_ref().map(|exec| (field, exec.command.clone())));
    for (field, argv) in hooks.chain(asked).flatten() {
        // What follows it decides how the whole ends.
        let decides = |script: &&str| {
            script.contains("set -e") || ![";", "\n", "||"].iter().any(|sign| script.contains(sign))
        };
        let script = scripts::script(&argv).filter(decides);
        let inside = script.and_then(|script| scripts::commands(script).next());
        let programs = argv
            .first()
            .map(String::as_str)
            .into_iter()
            .chain(inside.and_then(|words| words.first().copied()));
        for program in programs.collect::<Vec<_>>() {
            if images::has(image, program) == Some(false) && podplay_shell::is_tool(program) {
                let path = format!("{}.{field}.exec.command", part.path);
                let path = if pod.object.spans.get(&path).is_some() {
                    path
                } else {
                    format!("{}.{field}", part.path)
                };
                return Some(Found::at(path, [&container.name, image, &program, &words(field)]));
            }
        }
    }
    None
}

pub(super) fn silent_port(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let listening = pod.listening(cx)?;
    let silent = probes(part.container).find_map(|(field, probe)| {
        let port = pod.port(&probe_port(probe)?)?;
        (!listening.contains(&port)).then_some((field, port))
    });
    let (field, port) = silent?;
    Some(Found::at(format!("{}.{field}", part.path), [&part.container.name, &words(field), &port]))
}

pub(super) fn unnamed_port(_: &Context<'_>, _: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let declared = |name: &str| part.container.ports.iter().any(|port| port.name == name);
    let unnamed = probes(part.container).find_map(|(field, probe)| match probe_port(probe)? {
        IntOrString::Text(name) if !declared(&name) => Some((field, name)),
        _ => None,
    });
    let (field, name) = unnamed?;
    Some(Found::at(format!("{}.{field}", part.path), [&part.container.name, &words(field), &name]))
}

pub(super) fn one_failure(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let live = part.container.liveness_probe.as_ref()?;
    if live.failures() > 1 {
        return None;
    }
    let path = format!("{}.livenessProbe.failureThreshold", part.path);
    let fix = edits::set(cx.text, pod.object, &path, &path, "3");
    Some(Found::at(path, [&part.container.name]).fix(fix))
}

/// `liveness probe` for `livenessProbe`, `preStop hook` for `lifecycle.preStop`.
fn words(field: &str) -> String {
    match (field.strip_suffix("Probe"), field.strip_prefix("lifecycle.")) {
        (Some(kind), _) => format!("{kind} probe"),
        (_, Some(hook)) => format!("{hook} hook"),
        _ => field.to_owned(),
    }
}
