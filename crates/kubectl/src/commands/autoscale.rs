//! `kubectl autoscale`: a HorizontalPodAutoscaler for something that has a scale.
//!
//! Models `kubectl/pkg/cmd/autoscale/autoscale.go`.

use crate::commands::scale::NO_RESOURCES;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{Rules, Target, named};
use crate::update;
use podplay_api::{Quantity, Value, json};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    if !cx.flags.given("max") {
        return Err(Failure::error("required flag(s) \"max\" not set"));
    }
    let (least, most) = (cx.flags.int("min").unwrap_or(-1), cx.flags.int("max").unwrap_or(-1));
    if most < 1 {
        let text = format!("--max=MAXPODS is required and must be at least 1, max: {most}");
        return Err(Failure::error(text));
    }
    if most < least {
        return Err(Failure::error(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}"
        )));
    }
    let words = cx.flags.words.clone();
    if words.is_empty() && !cx.flags.given("filename") {
        return Err(Failure::error(NO_RESOURCES));
    }
    let metrics = metrics(cx)?;
    let found = named(cx, &words, Rules::default())?;
    let mut failures = found.failures;
    for target in &found.targets {
        failures.extend(one(cx, target, (least, most), &metrics).err());
    }
    Failure::all(failures).map_or(Ok(Next::Done), Err)
}

/// What `--cpu`, `--memory` and the old `--cpu-percent` ask for.
fn metrics(cx: &mut Cx) -> Result<Vec<Value>, Failure> {
    let percent = cx.flags.int("cpu-percent").filter(|percent| *percent > 0);
    let asked: Vec<(&str, &str, String)> = [("cpu", "m"), ("memory", "Mi")]
        .into_iter()
        .filter_map(|(name, unit)| Some((name, unit, cx.flags.text(name)?.to_owned())))
        .filter(|(.., text)| !text.is_empty())
        .collect();
    if percent.is_some() && asked.iter().any(|(name, ..)| *name == "cpu") {
        return Err(Failure::error("--cpu-percent and --cpu are mutually exclusive"));
    }
    let metric = |name: &str, target: Value| json!({"type": "Resource", "resource": {"name": name, "target": target}});
    let mut metrics = Vec::new();
    if cx.flags.given("cpu-percent") {
        cx.warn("Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).");
    }
    if let Some(percent) = percent {
        metrics.push(metric("cpu", json!({"type": "Utilization", "averageUtilization": percent})));
    }
    for (name, unit, text) in asked {
        let target = match text.strip_suffix('%').map(str::parse::<i64>) {
            Some(Ok(percent)) if percent > 0 => {
                json!({"type": "Utilization", "averageUtilization": percent})
            }
            Some(_) => {
                return Err(Failure::error(format!("invalid {name} value: {text}")));
            }
            None => {
                let plain = text.bytes().all(|byte| byte.is_ascii_digit());
                let text = if plain { text + unit } else { text };
                if Quantity::parse(&text).is_none() {
                    return Err(Failure::error(format!("invalid {name} value: {text}")));
                }
                json!({"type": "AverageValue", "averageValue": text})
            }
        };
        metrics.push(metric(name, target));
    }
    Ok(metrics)
}

fn one(
    cx: &mut Cx,
    target: &Target,
    (least, most): (i64, i64),
    metrics: &[Value],
) -> Result<(), Failure> {
    let kind = &target.kind;
    if !matches!(kind.kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController") {
        return Err(Failure::error(format!(
            "cannot autoscale a {}: could not find scale subresource for {}, Resource={} in discovery information",
            kind.kind, kind.api_version, kind.plural
        )));
    }
    let name = cx.flags.text("name").unwrap_or(&target.name).to_owned();
    let mut meta = json!({"name": name});
    if cx.for_real()? || cx.flags.given("namespace") {
        meta["namespace"] = cx.namespace().into();
    }
    let mut spec = json!({
        "scaleTargetRef": {"apiVersion": kind.api_version, "kind": kind.kind, "name": target.name},
        "maxReplicas": most,
    });
    if least > 0 {
        spec["minReplicas"] = least.into();
    }
    if !metrics.is_empty() {
        spec["metrics"] = metrics.to_vec().into();
    }
    let scaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta,
        "spec": spec, "status": {"currentMetrics": null, "desiredReplicas": 0}});
    let stored = update::create(cx, scaler).map_err(update::Refused::failure)?;
    let suffix = cx.dry_run()?.suffix();
    cx.print(&stored, &format!("horizontalpodautoscaler.autoscaling/{name} autoscaled{suffix}"))
}
