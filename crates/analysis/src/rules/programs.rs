//! What containers run: how it starts, how it ends, how it takes the request to stop.

use super::Found;
use crate::context::{Context, Part, Pod, argv, probes};
use crate::{edits, scripts};
use podplay_api::{LifecycleHandler, RestartPolicy};

/// Grace periods up to this were chosen short on purpose, in seconds.
const SHORT_GRACE: u64 = 5;

pub(super) fn hook_above_grace(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let hook = part.container.lifecycle.as_ref()?.pre_stop.as_ref()?;
    let takes = hook_seconds(hook)?;
    let grace = pod.spec.grace_period();
    if takes < grace {
        return None;
    }
    let path = format!("{}.lifecycle.preStop", part.path);
    let field = pod.at("terminationGracePeriodSeconds");
    let enough = takes.saturating_add(30);
    let fix = (takes < 86_400)
        .then(|| {
            edits::set(cx.text, pod.object, &field, &pod.at("containers"), &enough.to_string())
        })
        .flatten();
    Some(Found::at(path, [&part.container.name, &takes, &grace]).fix(fix))
}

/// Seconds that a hook certainly takes.
fn hook_seconds(hook: &LifecycleHandler) -> Option<u64> {
    if let Some(sleep) = &hook.sleep {
        return u64::try_from(sleep.seconds).ok();
    }
    scripts::sleeps(&hook.exec.as_ref()?.command).map(|span| span.as_secs())
}

pub(super) fn deaf_to_sigterm(_: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let grace = pod.spec.grace_period();
    if pod.is_task() || grace <= SHORT_GRACE || pod.spec.share_process_namespace {
        return Vec::new();
    }
    let deaf = |part: &Part<'_>| {
        let argv = argv(part.container);
        let first = scripts::base_name(argv.first()?).to_owned();
        let handles = |script: &str| script.contains("trap") || script.contains("exec ");
        let deaf = scripts::long(&argv) && !scripts::script(&argv).is_some_and(handles);
        let stops = part.container.lifecycle.as_ref().is_some_and(|hooks| hooks.pre_stop.is_some());
        if part.ends || !deaf || stops {
            return None;
        }
        let command = format!("{}.command", part.path);
        let written = pod.object.spans.get(&command).is_some();
        let path = if written { command } else { format!("{}.args", part.path) };
        Some(Found::at(path, [&part.container.name, &first, &grace]))
    };
    pod.parts().iter().find_map(deaf).into_iter().collect()
}

/// Only where something is known to be lost: a hook that does not run, or a server that would have ended its requests.
/// For a shell as the first process, which does not handle SIGTERM, a grace period of 0 is a remedy.
pub(super) fn no_grace(cx: &Context<'_>, pod: &Pod<'_>) -> Vec<Found> {
    let loses = |container: &podplay_api::Container| {
        let hook = container.lifecycle.as_ref().is_some_and(|hooks| hooks.pre_stop.is_some());
        hook || cx.facts(container).server
    };
    if pod.spec.termination_grace_period_seconds != Some(0)
        || !pod.spec.containers.iter().any(loses)
    {
        return Vec::new();
    }
    let path = pod.at("terminationGracePeriodSeconds");
    let fix = edits::replace(pod.object, &path, "30", "Give it 30 seconds".to_owned());
    vec![Found::at(path, []).fix(fix)]
}

pub(super) fn endless_init(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let endless = scripts::endless(&argv(part.container)) || cx.facts(part.container).server;
    if !part.ends || !endless {
        return None;
    }
    let before = format!("{}.name", part.path);
    let title = "Make it a sidecar".to_owned();
    let fix = edits::insert(cx.text, pod.object, &before, "restartPolicy: Always", title);
    Some(Found::at(before, [&part.container.name]).fix(fix))
}

pub(super) fn ends_at_once(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let container = part.container;
    let policy = container.restart_policy.as_ref().unwrap_or(&pod.spec.restart_policy);
    let restarted = !part.ends && *policy == RestartPolicy::Always && !is_job(pod);
    let argv = argv(container);
    let shell = matches!(argv.as_slice(), [one] if matches!(scripts::base_name(one), "sh" | "ash" | "bash" | "dash"));
    let hello = argv.first().is_some_and(|program| program == "/hello");
    let done = scripts::brief(&argv) || hello || (shell && !container.stdin && !container.tty);
    if !restarted || !done {
        return None;
    }
    let command = format!("{}.command", part.path);
    let args = format!("{}.args", part.path);
    let written = [command, args].into_iter().find(|path| pod.object.spans.get(path).is_some());
    let path = written.unwrap_or_else(|| format!("{}.image", part.path));
    let fix = (pod.object.kind == "Pod")
        .then(|| {
            edits::set(
                cx.text,
                pod.object,
                &pod.at("restartPolicy"),
                &pod.at("containers"),
                "OnFailure",
            )
        })
        .flatten();
    Some(Found::at(path, [&container.name]).fix(fix))
}

/// Jobs restart nothing for ever; that their policy is wrong is said elsewhere.
fn is_job(pod: &Pod<'_>) -> bool {
    matches!(pod.object.kind.as_str(), "Job" | "CronJob")
}

/// Every command line that a container writes: its path and its words.
fn command_lines(part: &Part<'_>) -> Vec<(String, Vec<String>)> {
    let container = part.container;
    let mut out = vec![("command".to_owned(), container.command.clone())];
    for (field, probe) in probes(container) {
        let words = probe.exec.as_ref().map(|exec| exec.command.clone());
        out.extend(words.map(|words| (format!("{field}.exec.command"), words)));
    }
    let hooks = container.lifecycle.iter().flat_map(|hooks| {
        [("lifecycle.postStart", &hooks.post_start), ("lifecycle.preStop", &hooks.pre_stop)]
    });
    for (field, hook) in hooks {
        let words =
            hook.as_ref().and_then(|hook| hook.exec.as_ref()).map(|exec| exec.command.clone());
        out.extend(words.map(|words| (format!("{field}.exec.command"), words)));
    }
    out
}

pub(super) fn one_word(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let (field, words) = command_lines(part).into_iter().find(|(field, words)| {
        let alone = words.len() == 1 && (field != "command" || part.container.args.is_empty());
        alone && words[0].trim().contains(' ')
    })?;
    let line = words[0].trim();
    let path = format!("{}.{field}", part.path);
    let plain: Vec<&str> = line.split_whitespace().collect();
    let shell = plain.iter().any(|word| scripts::is_shell_sign(word))
        || line.contains(['$', '"', '\'', ';', '|', '\n']);
    let fixed = if shell { vec!["sh", "-c", line] } else { plain };
    let item = format!("{path}[0]");
    let fix = edits::items(cx.text, pod.object, &item, &fixed);
    let shown: String = line.chars().take(40).collect();
    let path = if pod.object.spans.get(&item).is_some() { item } else { path };
    Some(Found::at(path, [&name(&field), &shown]).fix(fix))
}

pub(super) fn no_shell(cx: &Context<'_>, pod: &Pod<'_>, part: &Part<'_>) -> Option<Found> {
    let mut lines = command_lines(part);
    if let Some((_, words)) = lines.first_mut() {
        words.extend(part.container.args.iter().cloned());
    }
    let (field, words, sign) = lines.into_iter().find_map(|(field, words)| {
        let shell = podplay_shell::is_tool(words.first()?) && scripts::script(&words).is_some();
        let sign = words.iter().skip(1).find(|word| scripts::is_shell_sign(word)).cloned()?;
        (!shell).then_some((field, words, sign))
    })?;
    let path = format!("{}.{field}", part.path);
    let span = pod.object.spans.get(&path)?.value;
    let flow = cx.text.get(span.range()).is_some_and(|source| source.starts_with('['));
    let line = words.join(" ");
    let fix = (flow && part.container.args.is_empty()).then(|| podplay_manifest::Edit {
        span,
        replacement: format!("[sh, -c, {}]", edits::quote(&line)),
        title: "Run it in a shell".to_owned(),
    });
    Some(Found::at(path, [&name(&field), &sign, &words[0]]).fix(fix))
}

/// `livenessProbe` for `livenessProbe.exec.command`.
fn name(field: &str) -> &str {
    let field = field.strip_suffix(".exec.command").unwrap_or(field);
    field.strip_prefix("lifecycle.").unwrap_or(field)
}
