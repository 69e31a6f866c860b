//! Pods and objects that the API server refuses.

use super::messages::{any, behind, between};
use super::{Certainty, Found, View};
use crate::verdict::Cause;

/// Refusals that events, conditions or kubectl itself tell.
pub(super) fn refused(view: &View<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for event in view.observed.events.iter().filter(|event| event.reason == "FailedCreate") {
        let subject = format!("{}/{}", event.kind.to_ascii_lowercase(), event.name);
        if let Some(found) = message(view, &subject, &event.message) {
            out.push(found.at(event.line, "").because(&event.message));
        }
    }
    if out.is_empty() {
        out.extend(conditions(view));
    }
    for error in &view.observed.errors {
        out.extend(
            said(view, &error.text).map(|found| found.at(error.line, "").because(&error.text)),
        );
    }
    out
}

/// A workload's condition `ReplicaFailure`, with its message or without.
fn conditions(view: &View<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for seen in &view.observed.objects {
        let list = seen.tree.get("status.conditions").as_array().map_or(&[][..], Vec::as_slice);
        for (at, condition) in list.iter().enumerate() {
            let word =
                |name: &str| condition.get(name).and_then(|v| v.as_str()).unwrap_or_default();
            if word("type") != "ReplicaFailure" || word("status") != "True" {
                continue;
            }
            let subject = format!("{}/{}", seen.kind.to_ascii_lowercase(), seen.name);
            let line = seen.tree.line(&format!("status.conditions[{at}]")).unwrap_or(0);
            let found = match word("message") {
                "" => unsaid(&subject, seen),
                text => message(view, &subject, text).map(|found| found.because(text)),
            };
            out.extend(found.map(|found| found.at(line, format!("status.conditions[{at}]"))));
        }
    }
    out.truncate(1);
    out
}

/// A refusal whose message the paste does not show: what the template asks for decides.
fn unsaid(subject: &str, seen: &super::super::observed::Seen) -> Option<Found> {
    let field = |path: &str| seen.tree.text(&format!("spec.template.spec.{path}")).to_owned();
    let line = |path: &str| seen.tree.line(&format!("spec.template.spec.{path}")).unwrap_or(0);
    let account = field("serviceAccountName");
    let class = field("priorityClassName");
    let found = if !account.is_empty() && account != "default" {
        let cause = Cause::MissingServiceAccount { name: account, nearest: None };
        Found::new(subject.to_owned(), cause)
            .at(line("serviceAccountName"), "spec.template.spec.serviceAccountName")
    } else if !class.is_empty() && !class.starts_with("system-") {
        let cause = Cause::MissingPriorityClass { name: class, nearest: None };
        Found::new(subject.to_owned(), cause)
            .at(line("priorityClassName"), "spec.template.spec.priorityClassName")
    } else {
        amounts(subject, seen)
    };
    Some(found.only(Certainty::Likely))
}

/// Requests and limits that a LimitRange or a quota may not allow.
fn amounts(subject: &str, seen: &super::super::observed::Seen) -> Found {
    let path = "spec.template.spec.containers[0].resources";
    let tree = seen.tree.under(path);
    let written: Vec<String> =
        tree.leaves().into_iter().map(|(path, value)| format!("{path}: {value}")).collect();
    let line = seen.tree.line(path).unwrap_or(0);
    if written.is_empty() {
        let cause =
            Cause::QuotaNeeds { quota: String::new(), resource: "requests and limits".to_owned() };
        return Found::new(subject.to_owned(), cause).at(line, path).saying(
            "The API server refuses the pods and the paste does not show why; the template has no requests and limits, which a quota may want.".to_owned(),
            "API 서버가 파드를 거부하는데 이유는 붙여 넣은 글에 없습니다. 템플릿에 requests와 limits가 없어 쿼터가 막았을 수 있습니다.".to_owned(),
        );
    }
    let cause = Cause::LimitRangeViolation {
        range: String::new(),
        resource: String::new(),
        bound: "max".to_owned(),
        allowed: String::new(),
        asked: written.join(", "),
    };
    let list = written.join(", ");
    Found::new(subject.to_owned(), cause).at(line, path).saying(
        format!("The API server refuses the pods and the paste does not show why; what the template asks for ({list}) is likely more than a LimitRange or a quota allows."),
        format!("API 서버가 파드를 거부하는데 이유는 붙여 넣은 글에 없습니다. 템플릿이 요청하는 값({list})이 LimitRange나 쿼터를 넘는 것 같습니다."),
    )
}

/// What the words of a refused pod say.
fn message(view: &View<'_>, subject: &str, text: &str) -> Option<Found> {
    let cause = cause(text)?;
    let path = match &cause {
        Cause::MissingServiceAccount { .. } => "spec.template.spec.serviceAccountName",
        Cause::MissingPriorityClass { .. } => "spec.template.spec.priorityClassName",
        Cause::LimitRangeViolation { .. }
        | Cause::QuotaExceeded { .. }
        | Cause::QuotaNeeds { .. } => "spec.template.spec.containers[0].resources",
        _ => "",
    };
    let found = Found::new(subject.to_owned(), cause);
    let owner = view.observed.objects.iter().find(|seen| {
        !path.is_empty() && !seen.tree.get(path).is_null() && subject.contains(seen.name.as_str())
    });
    let line = owner.and_then(|seen| seen.tree.line(path));
    Some(match line {
        Some(line) => found.at(line, path),
        None => found,
    })
}

fn cause(text: &str) -> Option<Cause> {
    if let Some(name) = between(text, "serviceaccount \"", "\" not found") {
        return Some(Cause::MissingServiceAccount { name: name.to_owned(), nearest: None });
    }
    if let Some(name) = between(text, "no PriorityClass with name ", " was found") {
        return Some(Cause::MissingPriorityClass { name: name.to_owned(), nearest: None });
    }
    if let Some(name) = between(text, "namespaces \"", "\" not found") {
        return Some(Cause::MissingNamespace { name: name.to_owned(), nearest: None });
    }
    if let Some(quota) = behind(text, "exceeded quota: ", &[',']) {
        let pair = |lead: &str| behind(text, lead, &[',']).unwrap_or_default();
        let (resource, asked) = pair("requested: ").split_once('=').unwrap_or_default();
        let amount =
            |lead: &str| pair(lead).rsplit('=').next().unwrap_or_default().trim().to_owned();
        return Some(Cause::QuotaExceeded {
            quota: quota.to_owned(),
            resource: resource.to_owned(),
            asked: asked.to_owned(),
            used: amount("used: "),
            limit: amount("limited: "),
        });
    }
    if let Some(quota) = behind(text, "failed quota: ", &[':']) {
        let resource = behind(text, "must specify ", &[' ', ';']).unwrap_or_default();
        return Some(Cause::QuotaNeeds { quota: quota.to_owned(), resource: resource.to_owned() });
    }
    limit_range(text).or_else(|| {
        let forbidden = any(text, &["is forbidden: ", "is invalid: "]);
        let (_, rest) =
            text.split_once(" is forbidden: ").or_else(|| text.split_once(" is invalid: "))?;
        forbidden
            .then(|| Cause::Other { reason: "FailedCreate".to_owned(), message: rest.to_owned() })
    })
}

/// `maximum memory usage per Container is 512Mi, but limit is 1Gi`.
fn limit_range(text: &str) -> Option<Cause> {
    let (bound, rest) = text
        .split_once("maximum ")
        .map(|(_, rest)| ("max", rest))
        .or_else(|| text.split_once("minimum ").map(|(_, rest)| ("min", rest)))
        .or_else(|| {
            let (before, rest) = text.split_once(" max limit to request ratio per ")?;
            let resource = before.rsplit(' ').next()?;
            text.find(&format!("{resource} max limit"))?;
            Some(("maxLimitRequestRatio", rest))
        })?;
    let (_, rest_of) = rest.split_once(" is ").unwrap_or(("", ""));
    let resource = if bound == "maxLimitRequestRatio" {
        text.split_once(" max limit").and_then(|(before, _)| before.rsplit(' ').next())
    } else {
        rest.split(' ').next()
    };
    let (allowed, asked) = rest_of.split_once(", but ").unwrap_or((rest_of, ""));
    let asked = asked.split_once(" is ").map_or(asked, |(_, asked)| asked);
    Some(Cause::LimitRangeViolation {
        range: "of the namespace".to_owned(),
        resource: resource.unwrap_or_default().to_owned(),
        bound: bound.to_owned(),
        allowed: allowed.to_owned(),
        asked: asked.trim_end_matches(['.', ']']).to_owned(),
    })
}

/// What kubectl printed instead of doing what it was told.
fn said(view: &View<'_>, text: &str) -> Option<Found> {
    if let Some(rest) = text.strip_prefix("The ")
        && let Some((object, rest)) = rest.split_once(" is invalid: ")
    {
        let (kind, name) = object.split_once(' ').unwrap_or((object, ""));
        let subject = format!("{}/{}", kind.to_ascii_lowercase(), name.trim_matches('"'));
        let (field, message) = rest.split_once(": ").unwrap_or(("", rest));
        let message = message.rsplit(": ").next().unwrap_or(message);
        let cause = Cause::RolloutRefused {
            object: subject.clone(),
            field: field.trim_start_matches("* ").to_owned(),
            message: message.to_owned(),
        };
        return Some(Found::new(subject, cause));
    }
    if any(text, &["violate the pod's disruption budget"]) {
        let pod = between(text, "pods/\"", "\"").unwrap_or_default().to_owned();
        let cause = Cause::PdbBlocksDrain {
            budget: "of the pod".to_owned(),
            pod: pod.clone(),
            needs: "its minimum".to_owned(),
            healthy: 0,
        };
        return Some(Found::new(format!("pod/{pod}"), cause).saying(
            format!("The node cannot be drained: a PodDisruptionBudget allows no eviction of pod {pod}."),
            format!("노드를 비울 수 없습니다. PodDisruptionBudget이 파드 {pod}의 축출을 허용하지 않습니다."),
        ));
    }
    let cause = cause(text)?;
    let _ = view;
    Some(Found::new(String::new(), cause))
}
