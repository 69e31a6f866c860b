//! Deployments, StatefulSets, Jobs and CronJobs that do not get on for a reason of their own.

use super::super::ages::{Seconds, instant};
use super::super::lanes::now;
use super::super::observed::Seen;
use super::life::seconds;
use super::{Certainty, Found, View};
use crate::verdict::Cause;
use podplay_api::Value;

/// What holds workloads up.
pub(super) fn all(view: &View<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for seen in &view.observed.objects {
        match seen.kind.as_str() {
            "Deployment" => out.extend(deployment(view, seen)),
            "Job" => out.extend(job(view, seen)),
            "CronJob" => out.extend(cron_job(view, seen)),
            "PodDisruptionBudget" => out.extend(budget(seen)),
            _ => {}
        }
    }
    // What the paste says of a workload itself comes before what its pods show.
    out.extend(by_events(view));
    out.extend(by_rows(view));
    out
}

fn subject(seen: &Seen) -> String {
    format!("{}/{}", seen.kind.to_ascii_lowercase(), seen.name)
}

/// The condition of a type: its status and reason, with its line.
fn condition<'a>(seen: &'a Seen, kind: &str) -> Option<(&'a str, &'a str, u32)> {
    let list = seen.tree.get("status.conditions").as_array()?;
    let at = list.iter().position(|c| c.get("type").and_then(Value::as_str) == Some(kind))?;
    let word = |name: &str| list.get(at)?.get(name)?.as_str();
    let line = seen.tree.line(&format!("status.conditions[{at}]")).unwrap_or(0);
    Some((word("status").unwrap_or_default(), word("reason").unwrap_or_default(), line))
}

fn deployment(view: &View<'_>, seen: &Seen) -> Option<Found> {
    let progress = condition(seen, "Progressing");
    let paused = seen.tree.get("spec.paused").as_bool() == Some(true)
        || progress.is_some_and(|(_, reason, _)| reason == "DeploymentPaused");
    if paused {
        let line = seen.tree.line("spec.paused").or(progress.map(|(_, _, line)| line));
        let cause = Cause::RolloutPaused { object: subject(seen) };
        return Some(Found::new(subject(seen), cause).at(line.unwrap_or(0), "spec.paused"));
    }
    let (status, reason, line) = progress?;
    if status == "False" && reason == "ProgressDeadlineExceeded" {
        let limit = seen.tree.get("spec.progressDeadlineSeconds").as_i64();
        let made = instant(seen.tree.text("metadata.creationTimestamp"));
        let age = now(view.observed).zip(made).map_or(600, |(now, made)| now - made);
        // A description does not show the deadline; a younger Deployment has one of its own.
        let own = limit.unwrap_or(age) < 600 && !restarted(view, &seen.name);
        let hidden = limit.is_none() && own;
        let limit = limit.unwrap_or(600);
        let cause = Cause::ProgressDeadlineExceeded { seconds: limit, needs: None };
        let found = Found::new(subject(seen), cause).at(line, "spec.progressDeadlineSeconds");
        let found = if hidden {
            found.saying(
                "The rollout made no progress within its progressDeadlineSeconds (less than 600; a description does not show it) and counts as failed (ProgressDeadlineExceeded).".to_owned(),
                "롤아웃이 progressDeadlineSeconds(600 미만, 설명에는 나오지 않음) 안에 진행되지 않아 실패로 취급됩니다(ProgressDeadlineExceeded).".to_owned(),
            )
        } else {
            found
        };
        // With a deadline of its own and pods that have not failed, they only need longer.
        return Some(found.only(if own { Certainty::Said } else { Certainty::Around }));
    }
    None
}

/// Whether a container of a workload's pods was restarted, or cannot be made.
fn restarted(view: &View<'_>, name: &str) -> bool {
    let own = |pod: &&super::Pod<'_>| {
        pod.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
    };
    view.pods.iter().filter(own).any(|pod| {
        pod.containers
            .iter()
            .any(|c| pod.restarts(c) > 0 || pod.shown(c, "state.waiting").is_object())
            || pod.events.iter().any(|event| {
                matches!(event.reason.as_str(), "Failed" | "BackOff" | "FailedScheduling")
            })
    })
}

fn job(view: &View<'_>, seen: &Seen) -> Option<Found> {
    let name = subject(seen);
    if seen.tree.get("spec.suspend").as_bool() == Some(true) {
        let line = seen.tree.line("spec.suspend").unwrap_or(0);
        let cause = Cause::JobSuspended { object: name.clone() };
        return Some(Found::new(name, cause).at(line, "spec.suspend"));
    }
    let Some((status, reason, line)) = condition(seen, "Failed") else {
        return undescribed(seen, name);
    };
    if status != "True" {
        return None;
    }
    let found = match reason {
        "DeadlineExceeded" => {
            let limit = seen.tree.get("spec.activeDeadlineSeconds").as_i64().unwrap_or(0);
            let place = seen.tree.line("spec.activeDeadlineSeconds").unwrap_or(line);
            let cause = Cause::JobDeadline { seconds: limit, needs: None };
            Found::new(name, cause).at(place, "spec.activeDeadlineSeconds")
        }
        "BackoffLimitExceeded" => backoff(view, seen, name),
        _ => return None,
    };
    Some(found.at(line, "status.conditions"))
}

/// A Job of which a description shows only the counts: what its pods failed of, by its limits.
fn undescribed(seen: &Seen, name: String) -> Option<Found> {
    let count = |what: &str| seen.tree.get(&format!("status.{what}")).as_i64().unwrap_or(0);
    let path = "spec.activeDeadlineSeconds";
    let limit = seen.tree.get(path).as_i64()?;
    if count("failed") == 0 || count("active") > 0 || count("succeeded") > 0 {
        return None;
    }
    let line = seen.tree.line(path).unwrap_or(0);
    let found = Found::new(name, Cause::JobDeadline { seconds: limit, needs: None }).at(line, path);
    Some(found.only(Certainty::Follows))
}

fn backoff(view: &View<'_>, seen: &Seen, name: String) -> Found {
    let own = |pod: &&super::Pod<'_>| {
        pod.name.strip_prefix(seen.name.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    let end = view.pods.iter().filter(own).find_map(|pod| {
        let (container, end) = pod.containers.iter().find_map(|c| Some((c, pod.last_end(c)?)))?;
        (end.code != 0).then(|| (end.code, pod.last_words(&container.name).map(|(words, _)| words)))
    });
    let (code, last) = end.unwrap_or((1, None));
    let cause = Cause::JobBackoffLimit {
        limit: seen.tree.get("spec.backoffLimit").as_i64().unwrap_or(6),
        container: seen.tree.text("spec.template.spec.containers[0].name").to_owned(),
        code: i32::try_from(code).unwrap_or(1),
        last,
    };
    let line = seen.tree.line("spec.backoffLimit").unwrap_or(0);
    Found::new(name, cause).at(line, "spec.backoffLimit")
}

fn cron_job(view: &View<'_>, seen: &Seen) -> Option<Found> {
    let name = subject(seen);
    if seen.tree.get("spec.suspend").as_bool() == Some(true) {
        let line = seen.tree.line("spec.suspend").unwrap_or(0);
        let cause = Cause::CronJobSuspended { object: name.clone() };
        return Some(Found::new(name, cause).at(line, "spec.suspend"));
    }
    if seen.tree.text("spec.concurrencyPolicy") != "Forbid" {
        return None;
    }
    let schedule = seen.tree.text("spec.schedule").to_owned();
    let skipped = view.events("CronJob", "JobAlreadyActive").len();
    let takes = longest(view, &seen.name);
    let period = period(&schedule);
    let late = takes.zip(period).is_some_and(|(takes, period)| takes > period);
    if skipped == 0 && !late {
        return None;
    }
    let line = seen.tree.line("spec.concurrencyPolicy").unwrap_or(0);
    let cause =
        Cause::CronJobForbidSkips { schedule, takes: takes.filter(|_| late).map(seconds), skipped };
    Some(Found::new(name, cause).at(line, "spec.concurrencyPolicy"))
}

/// How long the longest run of a CronJob took.
fn longest(view: &View<'_>, name: &str) -> Option<i64> {
    let jobs = view
        .observed
        .of_kind("Job")
        .filter(|job| job.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')));
    let moment = |job: &Seen, path: &str| instant(job.tree.text(path));
    let took = |job: &Seen| {
        let start = moment(job, "status.startTime")?;
        let end = moment(job, "status.completionTime").or_else(|| now(view.observed))?;
        Some(end - start)
    };
    jobs.filter_map(took).max()
}

/// Seconds between two runs of a plain schedule: every minute, every few minutes, every hour.
fn period(schedule: &str) -> Option<i64> {
    let first = schedule.split_whitespace().next()?;
    match first {
        "@hourly" => Some(3600),
        "*" => Some(60),
        _ => match first.strip_prefix("*/") {
            Some(minutes) => Some(minutes.parse::<i64>().ok()?.checked_mul(60)?),
            None => Some(3600),
        },
    }
}

/// A Job's pod of which one container has done its work and another goes on.
pub(super) fn never_ends(_: &View<'_>, pod: &super::Pod<'_>) -> Vec<Found> {
    let owners = pod.get("metadata.ownerReferences").as_array().into_iter().flatten();
    let mut kinds = owners.filter_map(|owner| owner.get("kind")?.as_str());
    if !kinds.any(|kind| kind == "Job") {
        return Vec::new();
    }
    let mains = || pod.containers.iter().filter(|c| !c.init && !c.sidecar);
    let done = mains().any(|c| pod.end(c, "state").is_some_and(|end| end.code == 0));
    let running = mains().find(|c| !pod.shown(c, "state.running").is_null());
    let (true, Some(container)) = (done, running) else { return Vec::new() };
    let first = ["command[0]", "args[0]", "image"]
        .iter()
        .find_map(|field| pod.of(container, field).as_str());
    let cause = Cause::JobNeverEnds {
        container: container.name.clone(),
        program: first.unwrap_or_default().to_owned(),
    };
    let line = pod.line(&container.spec);
    vec![Found::new(pod.subject(), cause).at(line, container.spec.clone()).only(Certainty::Follows)]
}

fn budget(seen: &Seen) -> Option<Found> {
    let allowed = seen.tree.get("status.disruptionsAllowed").as_i64()?;
    let healthy = seen.tree.get("status.currentHealthy").as_i64()?;
    if allowed > 0 || healthy == 0 {
        return None;
    }
    let plain = |path: &str| super::super::observed::plain(seen.tree.get(path));
    let field =
        if plain("spec.minAvailable").is_empty() { "maxUnavailable" } else { "minAvailable" };
    let needs = format!("{field} {}", plain(&format!("spec.{field}")));
    let cause =
        Cause::PdbBlocksDrain { budget: seen.name.clone(), pod: String::new(), needs, healthy };
    let path = format!("spec.{field}");
    let line = seen.tree.line(&path).unwrap_or(0);
    Some(Found::new(subject(seen), cause).at(line, path).only(Certainty::Likely))
}

/// What events of workloads tell where the objects are not shown.
fn by_events(view: &View<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for event in &view.observed.events {
        let name = format!("{}/{}", event.kind.to_ascii_lowercase(), event.name);
        let seen = view
            .observed
            .objects
            .iter()
            .any(|seen| seen.kind == event.kind && seen.name == event.name);
        let found = match (event.kind.as_str(), event.reason.as_str()) {
            ("CronJob", "JobAlreadyActive") if !seen => {
                let cause = Cause::CronJobForbidSkips {
                    schedule: "its schedule".to_owned(),
                    takes: None,
                    skipped: 1,
                };
                Found::new(name, cause)
            }
            ("Job", "Suspended") if !seen && !resumed(view, &event.name) => {
                Found::new(name.clone(), Cause::JobSuspended { object: name })
            }
            ("Job", "DeadlineExceeded") => exceeded(view, name, event),
            ("Job", "BackoffLimitExceeded") if !seen => job_failed(view, name, &event.name),
            ("Job", "BackoffLimitExceeded") => {
                let job = view.observed.of_kind("Job").find(|job| job.name == event.name);
                job.map_or_else(
                    || job_failed(view, name.clone(), &event.name),
                    |job| backoff(view, job, name.clone()),
                )
            }
            ("Deployment", "DeploymentPaused") if !seen => {
                Found::new(name.clone(), Cause::RolloutPaused { object: name })
            }
            ("Node", "NodeNotReady") => {
                let cause = Cause::NodeLost { node: event.name.clone(), evicted_in: None };
                Found::new(name, cause).only(Certainty::Around)
            }
            _ => continue,
        };
        out.push(found.at(event.line, "").because(&event.message));
    }
    out
}

fn resumed(view: &View<'_>, name: &str) -> bool {
    view.events("Job", "Resumed").iter().any(|event| event.name == name)
}

/// A deadline that was exceeded: as the Job says it, or as the events let it be seen.
fn exceeded(view: &View<'_>, subject: String, event: &super::super::events::Event) -> Found {
    let job = view.observed.of_kind("Job").find(|job| job.name == event.name);
    let path = "spec.activeDeadlineSeconds";
    match job.and_then(|job| Some((job.tree.get(path).as_i64()?, job.tree.line(path)?))) {
        Some((seconds, line)) => {
            Found::new(subject, Cause::JobDeadline { seconds, needs: None }).at(line, path)
        }
        None => Found::new(subject, deadline(view, &event.name)),
    }
}

/// A deadline of which only events tell: from the first pod to its end.
fn deadline(view: &View<'_>, name: &str) -> Cause {
    let when = |reason: &str| {
        let found = view
            .observed
            .events
            .iter()
            .find(|event| event.reason == reason && event.name.starts_with(name))?;
        found.since()
    };
    let span = when("SuccessfulCreate").zip(when("SuccessfulDelete").or_else(|| when("Killing")));
    let seconds =
        span.map_or(0, |(first, last): (Seconds, Seconds)| first.middle() - last.middle());
    Cause::JobDeadline { seconds, needs: None }
}

fn job_failed(view: &View<'_>, subject: String, name: &str) -> Found {
    let pod = view.pods.iter().find(|pod| pod.name.starts_with(name));
    let last = pod.and_then(|pod| Some(pod.last_words("")?.0));
    let container = pod.and_then(|pod| Some(pod.containers.first()?.name.clone()));
    let cause = Cause::JobBackoffLimit {
        limit: 6,
        container: container.unwrap_or_else(|| name.to_owned()),
        code: 1,
        last,
    };
    Found::new(subject, cause).saying(
        format!("Job {name} gave up: its pods failed more often than backoffLimit allows."),
        format!(
            "잡 {name}의 파드가 backoffLimit이 허용하는 횟수보다 많이 실패해서 잡이 포기했습니다."
        ),
    )
}

/// What rows tell where nothing else does.
fn by_rows(view: &View<'_>) -> Vec<Found> {
    let shown = |kind: &str, name: &str| {
        view.observed.objects.iter().any(|seen| seen.kind == kind && seen.name == name)
            || view.observed.events.iter().any(|event| event.kind == kind && event.name == name)
    };
    let mut out = Vec::new();
    for row in view.observed.rows.iter().filter(|row| !shown(row.kind, &row.name)) {
        let name = format!("{}/{}", row.kind.to_ascii_lowercase(), row.name);
        let found = match (row.kind, row.row.cell("STATUS")) {
            ("Job", "Suspended") => Found::new(name.clone(), Cause::JobSuspended { object: name }),
            ("Deployment", _) if no_pods(view, row) => {
                let cause = Cause::RolloutPaused { object: name.clone() };
                Found::new(name, cause).only(Certainty::Likely)
            }
            _ => continue,
        };
        out.push(found.at(row.row.line, ""));
    }
    out
}

/// A Deployment that wants pods and has neither pods nor a ReplicaSet, in a paste that shows all.
fn no_pods(view: &View<'_>, row: &super::super::observed::SeenRow) -> bool {
    let wants = row.row.cell("READY").split_once('/').is_some_and(|(_, wanted)| wanted != "0");
    let made = row.row.cell("UP-TO-DATE") == "0";
    let owned = |kind: &str| {
        view.observed
            .rows
            .iter()
            .any(|other| other.kind == kind && other.name.starts_with(&row.name))
    };
    wants && made && !owned("ReplicaSet") && !owned("Pod")
}
