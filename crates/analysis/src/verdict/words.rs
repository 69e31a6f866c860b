//! The sentence of each cause, in English and Korean: templates by key, and what is put into them.

use super::cause::{Answer, Cause, Unbound};
use super::sentences::SENTENCES;
use crate::fill;
use podplay_playback::why::Lang;
use std::time::Duration;

/// The sentence of a key with its places filled.
fn say(key: &str, lang: Lang, args: &[String]) -> String {
    let found = SENTENCES.iter().find(|(known, ..)| *known == key);
    let template = found.map_or("", |(_, en, ko)| if lang == Lang::En { en } else { ko });
    fill(template, args)
}

/// A time as people say it: `40 s`, `1.8 s`, `5 min`.
pub fn time(span: Duration) -> String {
    let tenths = span.as_millis().div_euclid(100);
    match (tenths / 10, tenths % 10) {
        (seconds, _) if seconds >= 600 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        (seconds, 0) => format!("{seconds} s"),
        (seconds, rest) if seconds < 10 => format!("{seconds}.{rest} s"),
        (seconds, _) => format!("{seconds} s"),
    }
}

fn ports(list: &[u16]) -> String {
    list.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

impl Answer {
    fn words(&self, lang: Lang) -> String {
        let (key, args) = match self {
            Self::Refused(none) if none.is_empty() => ("answer.refused", vec![]),
            Self::Refused(some) => ("answer.listens", vec![ports(some)]),
            Self::Status(status) => ("answer.status", vec![status.to_string()]),
            Self::TimedOut => ("answer.time", vec![]),
            Self::Exit(code, said) if said.is_empty() => ("answer.exit", vec![code.to_string()]),
            Self::Exit(code, said) => ("answer.exit.said", vec![code.to_string(), said.clone()]),
            Self::NoProgram(program) => ("answer.program", vec![program.clone()]),
            Self::PlainHttp => ("answer.plain", vec![]),
            Self::Said(text) => ("answer.said", vec![text.clone()]),
        };
        say(key, lang, &args)
    }
}

/// A key and what is put into its sentence.
type Parts = (&'static str, Vec<String>);

macro_rules! parts {
    ($key:expr $(, $arg:expr)* $(,)?) => { ($key, vec![$($arg.to_string()),*]) };
}

impl Cause {
    /// The sentence, one line.
    pub fn sentence(&self, lang: Lang) -> String {
        let (key, args) = self.parts(lang);
        let mut text = say(key, lang, &args);
        if let Some(nearest) = self.nearest() {
            text += &say("nearest", lang, &[nearest.to_owned()]);
        }
        text
    }
    /// The most similar name that exists.
    pub fn nearest(&self) -> Option<&str> {
        match self {
            Self::NodeSelectorMismatch { nearest, .. }
            | Self::MissingClaim { nearest, .. }
            | Self::UnknownNode { nearest, .. }
            | Self::MissingServiceAccount { nearest, .. }
            | Self::MissingNamespace { nearest, .. }
            | Self::MissingPriorityClass { nearest, .. }
            | Self::MissingSource { nearest, .. }
            | Self::MissingKey { nearest, .. }
            | Self::ImageNotFound { nearest, .. }
            | Self::InitWaitsForService { nearest, .. }
            | Self::SelectorMatchesNothing { nearest, .. }
            | Self::PortMismatch { nearest, .. } => nearest.as_deref(),
            _ => None,
        }
    }
    fn parts(&self, lang: Lang) -> Parts {
        let found = self.scheduling_parts().or_else(|| self.admission_parts());
        let found = found.or_else(|| self.start_parts()).or_else(|| self.exit_parts());
        let found = found.or_else(|| self.probe_parts(lang)).or_else(|| self.end_parts());
        found.or_else(|| self.job_parts()).unwrap_or_else(|| self.service_parts())
    }
    fn scheduling_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::Insufficient { resource, asked, room, node, whole } => {
                let key = if *whole { "insufficient.whole" } else { "insufficient" };
                parts!(key, resource, asked, room, node)
            }
            Self::NodeSelectorMismatch { label, .. } => parts!("node-selector", label),
            Self::AffinityMismatch { rule, seen } if seen.is_empty() => parts!("affinity", rule),
            Self::AffinityMismatch { rule, seen } => {
                parts!("affinity.seen", rule, seen.join(", "))
            }
            Self::AntiAffinityConflict { topology, nodes } => {
                parts!("anti-affinity", topology, nodes)
            }
            Self::UntoleratedTaint { taint, node, nearly: None } => parts!("taint", taint, node),
            Self::UntoleratedTaint { taint, node, nearly: Some(other) } => {
                parts!("taint.nearly", taint, node, other)
            }
            Self::TopologySpread { topology, max_skew } => parts!("spread", topology, max_skew),
            Self::HostPortConflict { port, by: None } => parts!("host-port", port),
            Self::HostPortConflict { port, by: Some(pod) } => parts!("host-port.by", port, pod),
            Self::NodeCordoned { node } => parts!("cordoned", node),
            Self::UnboundClaim { claim, asked, why } => unbound(claim, asked, why),
            Self::MissingClaim { claim, .. } => parts!("claim", claim),
            Self::SchedulingGated { gates } => parts!("gated", gates.join(", ")),
            Self::UnknownNode { node, .. } => parts!("node", node),
            Self::UnknownScheduler { scheduler } => parts!("scheduler", scheduler),
            _ => return None,
        })
    }
    fn admission_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::QuotaExceeded { quota, resource, asked, used, limit } => {
                parts!("quota", quota, resource, asked, used, limit)
            }
            Self::QuotaNeeds { quota, resource } => parts!("quota.needs", quota, resource),
            Self::LimitRangeViolation { range, resource, bound, allowed, asked } => {
                parts!("limit-range", range, resource, bound, allowed, asked)
            }
            Self::MissingServiceAccount { name, .. } => parts!("account", name),
            Self::MissingNamespace { name, .. } => parts!("namespace", name),
            Self::MissingPriorityClass { name, .. } => parts!("priority", name),
            _ => return None,
        })
    }
    fn start_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::MissingSource { source, name, .. } => parts!("source", source.as_str(), name),
            Self::MissingKey { source, name, key, .. } => {
                parts!("key", source.as_str(), name, key)
            }
            Self::HostPathType { path, kind } => parts!("host-path", path, kind),
            Self::ImageNotFound { image, .. } => parts!("image", image),
            Self::ImagePullDenied { image } => parts!("image.denied", image),
            Self::ImageNeverPull { image } => parts!("image.never", image),
            Self::InvalidImageName { image } => parts!("image.invalid", image),
            Self::RegistryDown { image } => parts!("registry", image),
            Self::RunsAsRoot { container, image } => parts!("root", container, image),
            Self::CommandNotFound { container, program } => parts!("command", container, program),
            Self::PermissionDenied { container, what } => parts!("permission", container, what),
            _ => return None,
        })
    }
    fn exit_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::ExitsNonZero { container, code, last: None } => {
                parts!("exits", container, code)
            }
            Self::ExitsNonZero { container, code, last: Some(last) } => {
                parts!("exits.last", container, code, last)
            }
            Self::ExitsZero { container, .. } => parts!("exits.zero", container),
            Self::OomKilled { container, limit: None } => parts!("oom.node", container),
            Self::OomKilled { container, limit: Some(limit) } => parts!("oom", container, limit),
            Self::InitFails { container, code, last: None } => parts!("init", container, code),
            Self::InitFails { container, code, last: Some(last) } => {
                parts!("init.last", container, code, last)
            }
            Self::InitWaitsForService { container, host, exists, .. } => {
                parts!(if *exists { "init.silent" } else { "init.name" }, container, host)
            }
            Self::InitNeverEnds { container, last: None } => parts!("init.runs", container),
            Self::InitNeverEnds { container, last: Some(last) } => {
                parts!("init.runs.last", container, last)
            }
            _ => return None,
        })
    }
    fn probe_parts(&self, lang: Lang) -> Option<Parts> {
        Some(match self {
            Self::LivenessFails { container, asked, answer } => {
                parts!("liveness", container, asked, answer.words(lang))
            }
            Self::LivenessTooEager { container, needs, allows } => {
                parts!("liveness.eager", container, time(*needs), time(*allows))
            }
            Self::StartupTooShort { container, needs: None, allows } => {
                parts!("startup", container, time(*allows))
            }
            Self::StartupTooShort { container, needs: Some(needs), allows } => {
                parts!("startup.needs", container, time(*allows), time(*needs))
            }
            Self::StartupFails { container, asked, answer } => {
                parts!("startup.fails", container, asked, answer.words(lang))
            }
            Self::ReadinessFails { container, asked, answer } => {
                parts!("readiness", container, asked, answer.words(lang))
            }
            Self::ReadinessPortClosed { container, port, listens } if listens.is_empty() => {
                parts!("readiness.port", container, port)
            }
            Self::ReadinessPortClosed { container, port, listens } => {
                parts!("readiness.listens", container, port, ports(listens))
            }
            Self::ProbeTimeout { container, probe, asked, timeout, needs: None } => {
                parts!("timeout", container, probe, asked, time(*timeout))
            }
            Self::ProbeTimeout { container, probe, asked, timeout, needs: Some(needs) } => {
                parts!("timeout.needs", container, probe, asked, time(*timeout), time(*needs))
            }
            Self::ProbeCommandMissing { container, probe, program } => {
                parts!("probe.program", container, probe, program)
            }
            Self::SidecarNotStarted { container, asked, answer } => {
                parts!("sidecar", container, asked, answer.words(lang))
            }
            _ => return None,
        })
    }
    fn end_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::PostStartFails { container, asked, said } => {
                parts!("post-start", container, asked, said)
            }
            Self::PostStartHangs { container, asked } => {
                parts!("post-start.hangs", container, asked)
            }
            Self::ReadinessGateUnset { gate } => parts!("gate", gate),
            Self::IgnoresSigterm { container, signal, grace } => {
                parts!("sigterm", container, signal, time(*grace))
            }
            Self::PreStopTooLong { container, asked, grace } => {
                parts!("pre-stop", container, asked, time(*grace))
            }
            Self::FinalizerHolds { finalizers } => parts!("finalizer", finalizers.join(", ")),
            Self::NodeLost { node, evicted_in: None } => parts!("node-lost", node),
            Self::NodeLost { node, evicted_in: Some(after) } => {
                parts!("node-lost.evicts", node, time(*after))
            }
            Self::Evicted { reason, message } => parts!("evicted", reason, message.trim()),
            Self::PodDeadline { seconds } => parts!("deadline", seconds),
            _ => return None,
        })
    }
    fn job_parts(&self) -> Option<Parts> {
        Some(match self {
            Self::JobBackoffLimit { limit, container, code, last: None } => {
                parts!("job.backoff", limit, container, code)
            }
            Self::JobBackoffLimit { limit, container, code, last: Some(last) } => {
                parts!("job.backoff.last", limit, container, code, last)
            }
            Self::JobDeadline { seconds, needs: None } => parts!("job.deadline", seconds),
            Self::JobDeadline { seconds, needs: Some(needs) } => {
                parts!("job.deadline.needs", seconds, time(*needs))
            }
            Self::JobSuspended { object } | Self::CronJobSuspended { object } => {
                parts!("job.suspended", object)
            }
            Self::JobNeverEnds { container, program } => parts!("job.runs", container, program),
            Self::CronJobForbidSkips { schedule, takes: None, .. } => {
                parts!("cron.forbid", schedule)
            }
            Self::CronJobForbidSkips { schedule, takes: Some(takes), .. } => {
                parts!("cron.forbid.takes", schedule, time(*takes))
            }
            Self::StatefulSetWaitsForPod { pod } => parts!("stateful", pod),
            _ => return None,
        })
    }
    fn service_parts(&self) -> Parts {
        match self {
            Self::RolloutRefused { object, field, message } => {
                parts!("refused", object, field, message)
            }
            Self::RolloutWaits { object, seconds } => parts!("rollout.waits", object, seconds),
            Self::RolloutHeld { object, field } => parts!("rollout.held", object, field),
            Self::RolloutStuck { object, wanted, ready } => {
                parts!("rollout", object, wanted, ready)
            }
            Self::ProgressDeadlineExceeded { seconds, needs: None } => parts!("progress", seconds),
            Self::ProgressDeadlineExceeded { seconds, needs: Some(needs) } => {
                parts!("progress.needs", seconds, time(*needs))
            }
            Self::RolloutPaused { object } => parts!("paused", object),
            Self::PdbBlocksDrain { budget, pod, needs, healthy } => {
                parts!("budget", budget, pod, needs, healthy)
            }
            Self::SelectorMatchesNothing { selector, .. } => parts!("selector", selector),
            Self::PortMismatch { port, target, listens, .. } if listens.is_empty() => {
                parts!("port", port, target)
            }
            Self::PortMismatch { port, target, listens, .. } => {
                parts!("port.listens", port, target, ports(listens))
            }
            Self::RequestsLostOnRollout { service, failed, total } => {
                parts!("lost.rollout", service, failed, total)
            }
            Self::RequestsLostNotReady { service, failed, total, container } => {
                parts!("lost.ready", service, failed, total, container)
            }
            Self::Other { reason, message } => parts!("other", reason, message),
            // Every other variant has its words above.
            _ => parts!("other", self.code(), ""),
        }
    }
}

fn unbound(claim: &str, asked: &str, why: &Unbound) -> Parts {
    match why {
        Unbound::TooSmall(volume, size) => parts!("unbound.small", claim, asked, volume, size),
        Unbound::AccessMode(mode) => parts!("unbound.mode", claim, asked, mode),
        Unbound::NoClass(class) => parts!("unbound.class", claim, asked, class),
        Unbound::Volume(volume) => parts!("unbound.volume", claim, asked, volume),
        Unbound::NoVolume => parts!("unbound", claim, asked),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Cause, Lang, SENTENCES, time};
    use std::time::Duration;

    #[test]
    fn every_template_has_the_same_places_in_both_languages() {
        for (key, en, ko) in SENTENCES {
            for n in 0..6 {
                let place = format!("{{{n}}}");
                assert_eq!(en.contains(&place), ko.contains(&place), "{key} {place}");
            }
            assert_eq!(SENTENCES.iter().filter(|(known, ..)| known == key).count(), 1, "{key}");
        }
    }

    #[test]
    fn sentences_name_the_thing_and_the_value() {
        let cause = Cause::LivenessFails {
            container: "app".into(),
            asked: "GET /healthz on port 8080".into(),
            answer: Answer::Status(503),
        };
        assert_eq!(
            cause.sentence(Lang::En),
            "Container app is restarted because its liveness probe (GET /healthz on port 8080) fails: the answer is HTTP status 503."
        );
        assert_eq!(
            cause.sentence(Lang::Ko),
            "컨테이너 app은 livenessProbe(GET /healthz on port 8080)가 실패해서 재시작됩니다: HTTP 상태 503 응답."
        );
        let cause = Cause::MissingClaim { claim: "data".into(), nearest: Some("date".into()) };
        assert!(cause.sentence(Lang::En).ends_with("There is date: is that meant?"));
    }

    #[test]
    fn times_are_short() {
        for (millis, text) in [
            (1_800, "1.8 s"),
            (40_030, "40 s"),
            (45_000, "45 s"),
            (600_000, "10 min"),
            (1_000, "1 s"),
        ] {
            assert_eq!(time(Duration::from_millis(millis)), text);
        }
    }
}
