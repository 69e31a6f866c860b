//! Proofs for the rules that speak of the text: each that is about behaviour with the experiment that shows it.

use super::bench::{Bench, proved};
use super::{Proof, Proved};
use crate::Advice;
use crate::check::judge::Kind;
use crate::check::strikes::Whose;
use crate::check::trials::{Planned, Trial};
use crate::edits;
use crate::lab::Line;
use podplay_api::{SimTime, json};
use podplay_core::{Record, Subject, What};
use podplay_manifest::Object;
use std::time::Duration;

/// The advice with its proof; nothing if it is about behaviour and nothing shows it.
pub(super) fn prove(bench: &Bench<'_>, advice: Advice) -> Option<Proved> {
    let object = object_of(bench, &advice);
    let index = object.and_then(|object| {
        bench.ground.workloads.iter().position(|one| one.target == Bench::target(object))
    });
    let proof = match (advice.code, index) {
        (code, Some(index)) => of(bench, &advice, code, index, object),
        ("PP-1306", None) => drains(bench),
        _ => None,
    };
    match proof {
        Some((proof, trial)) => {
            let mended = trial.and_then(|(trial, kinds)| {
                let fixed = fixed(bench, &advice)?;
                bench.mend(&trial, &kinds, [fixed])
            });
            Some(proved(advice, proof, mended))
        }
        None if needs(advice.code) => None,
        None => Some(Proved { advice, proof: None }),
    }
}

/// Whether a rule is about behaviour that a run can show.
fn needs(code: &str) -> bool {
    matches!(
        code,
        "PP-1001"
            | "PP-1002"
            | "PP-1003"
            | "PP-1005"
            | "PP-1006"
            | "PP-1007"
            | "PP-1008"
            | "PP-1009"
            | "PP-1101"
            | "PP-1102"
            | "PP-1104"
            | "PP-1105"
            | "PP-1304"
            | "PP-1306"
    )
}

/// The text with the advice's own fix.
fn fixed(bench: &Bench<'_>, advice: &Advice) -> Option<(String, Option<String>)> {
    let fix = advice.fix.as_ref()?;
    let mut text = bench.text.to_owned();
    text.get(fix.span.range())?;
    text.replace_range(fix.span.range(), &fix.replacement);
    Some((fix.title.clone(), Some(text)))
}

/// The object that advice is about.
fn object_of<'a>(bench: &Bench<'a>, advice: &Advice) -> Option<&'a Object> {
    bench.cx.objects().find(|object| edits::place(bench.text, object, &advice.path) == advice.span)
}

type Found = Option<(Proof, Option<(Trial, Vec<Kind>)>)>;

fn of(
    bench: &Bench<'_>,
    advice: &Advice,
    code: &str,
    index: usize,
    object: Option<&Object>,
) -> Found {
    let one = &bench.ground.workloads[index];
    let name = one.target.to_string();
    if !one.well || restarts(bench, index).is_some() {
        // The run alone shows that something is wrong with it.
        return plain(bench, advice, index).map(|proof| (proof, None));
    }
    let by = |trials: Vec<Trial>, kinds: &[Kind], of: &str| {
        trials.into_iter().find_map(|trial| {
            let proof = bench.proof(&trial, kinds, of)?;
            Some((proof, Some((trial, kinds.to_vec()))))
        })
    };
    let restarted = [Kind::KilledForSlowness, Kind::Storm];
    let exchange = || bench.trial(exchange_of(bench, index));
    match code {
        "PP-1001" => by(slow(bench, index, 3, 60), &restarted, &name)
            .or_else(|| probed(bench, index, "Hang", 60)),
        "PP-1009" => by(slow(bench, index, 3, 15), &restarted, &name)
            .or_else(|| probed(bench, index, "Hang", 15)),
        "PP-1002" => {
            let (delay, gives) = patience(bench, index);
            let late = (delay + gives).as_secs() + 30;
            by(vec![slow_start(bench, index, late)], &restarted, &name)
        }
        "PP-1101" | "PP-1102" | "PP-1103" => {
            by(vec![exchange(), bench.trial(Planned::Delete(index))], &[Kind::CutOff], &name)
        }
        "PP-1005" => {
            let lost = [Kind::Lost, Kind::Outage];
            let late = slow_start(bench, index, 20);
            by(vec![exchange(), late], &lost, "service/")
        }
        "PP-1304" => by(vec![exchange()], &[Kind::Outage, Kind::Lost], "service/")
            .or_else(|| down(bench, index)),
        _ => object.and_then(|_| plain(bench, advice, index)).map(|proof| (proof, None)),
    }
}

fn exchange_of(bench: &Bench<'_>, index: usize) -> Planned {
    match bench.ground.workloads[index].target.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" => Planned::Rollout(index),
        _ => Planned::Delete(index),
    }
}

/// A pod of a workload: namespace and name.
fn pod(bench: &Bench<'_>, index: usize) -> Option<(String, String)> {
    let mut pods = bench.ground.run.cluster().pods();
    let mine = pods
        .find(|pod| bench.ground.workload_of(&pod.meta.namespace, &pod.meta.name) == Some(index))?;
    Some((mine.meta.namespace.clone(), mine.meta.name.clone()))
}

/// The liveness probes of a workload: the longest delay, and how long after it they give up.
fn patience(bench: &Bench<'_>, index: usize) -> (Duration, Duration) {
    let containers = bench.ground.workloads[index].spec.containers.iter();
    let probes = containers.filter_map(|one| one.liveness_probe.as_ref());
    let secs = |secs: i64| Duration::from_secs(u64::try_from(secs).unwrap_or(0));
    probes.fold((Duration::ZERO, Duration::ZERO), |(delay, gives), probe| {
        let own = secs(probe.period_seconds.saturating_mul(probe.failure_threshold));
        (delay.max(secs(probe.initial_delay_seconds)), gives.max(own + secs(probe.timeout_seconds)))
    })
}

/// When all is well and the liveness probes are asked.
fn awake(bench: &Bench<'_>, index: usize) -> SimTime {
    let calm = bench.ground.calm();
    calm.max(bench.ground.ready + patience(bench, index).0 + Duration::from_secs(20))
}

/// A pod answers late for a while.
fn slow(bench: &Bench<'_>, index: usize, by: u64, lasts: u64) -> Vec<Trial> {
    let Some((namespace, name)) = pod(bench, index) else { return Vec::new() };
    let fault = |by: u64| json!({"kind": "Slow", "by": format!("{by}s"), "pod": name, "namespace": namespace, "for": format!("{lasts}s")});
    let trial = |by: u64| {
        bench.strike("Slow", Whose::Pod(index), vec![Line::fault(awake(bench, index), fault(by))])
    };
    vec![trial(by), trial(by * 5)]
}

/// New pods take longer to start.
fn slow_start(bench: &Bench<'_>, index: usize, by: u64) -> Trial {
    let at = bench.ground.calm();
    let fault =
        json!({"kind": "SlowStart", "by": format!("{by}s"), "for": format!("{}s", by * 2 + 180)});
    let planned = exchange_of(bench, index);
    let mut lines = vec![Line::fault(at, fault)];
    let begun = crate::check::trials::begun(&bench.ground, &planned, at + Duration::from_secs(1));
    lines.extend(begun);
    Trial {
        ground: 0,
        planned: Some(planned),
        strike: Some(("SlowStart", Whose::Starts(index))),
        lines,
    }
}

/// A pod is hit for a moment, and its probe restarts a container.
fn probed(bench: &Bench<'_>, index: usize, kind: &'static str, lasts: u64) -> Found {
    let (namespace, name) = pod(bench, index)?;
    let at = bench.ground.calm();
    let fault =
        json!({"kind": kind, "pod": name, "namespace": namespace, "for": format!("{lasts}s")});
    let lines = vec![Line::fault(at, fault)];
    let entries: Vec<_> = lines.iter().filter_map(Line::entry).collect();
    let end = at + Duration::from_secs(lasts + 120);
    let mut run = bench.ground.run.branched(&entries, end.since(SimTime::ZERO));
    let _ = run.advance(end, &mut podplay_core::Budget(crate::lab::WAKEUPS));
    let record = run.trace()[run.records_until(at)..]
        .iter()
        .find(|record| is_restart(bench, index, record))?;
    let container = record.subject.container().unwrap_or_default();
    let sentence = format!(
        "container {container} of {} is restarted for having hung {lasts} s",
        bench.ground.workloads[index].target
    );
    let text = bench.lab.with(&lines, bench.ground.seed, end.since(SimTime::ZERO));
    Some((Proof { sentence, at: record.at, text, mended: None }, None))
}

fn is_restart(bench: &Bench<'_>, index: usize, record: &Record) -> bool {
    let Subject::Container(pod, _) = &record.subject else { return false };
    bench.ground.workload_of(&pod.namespace, &pod.name) == Some(index)
        && matches!(record.what, What::Running { restart } if restart > 0)
}

/// The first restart in the text's own run.
fn restarts<'a>(bench: &'a Bench<'_>, index: usize) -> Option<&'a Record> {
    bench.ground.run.trace().iter().find(|record| is_restart(bench, index, record))
}

/// All pods are down together in a rollout.
fn down(bench: &Bench<'_>, index: usize) -> Found {
    let trial = bench.trial(Planned::Rollout(index));
    let entries: Vec<_> = trial.lines.iter().filter_map(Line::entry).collect();
    let at = bench.ground.calm();
    let end = at + Duration::from_secs(60);
    let mut run = bench.ground.run.branched(&entries, end.since(SimTime::ZERO));
    let _ = run.advance(end, &mut podplay_core::Budget(crate::lab::WAKEUPS));
    let target = &bench.ground.workloads[index].target;
    let record = run.trace()[run.records_until(at)..].iter().find(|record| match &record.what {
        What::Stored(_, podplay_core::record::Stored::Object(object)) => {
            object["kind"] == target.kind.as_str()
                && object["metadata"]["name"] == target.name.as_str()
                && object["status"]["readyReplicas"].as_i64().unwrap_or(0) == 0
        }
        _ => false,
    })?;
    let sentence = format!("in a rollout no pod of {target} is ready");
    let text = bench.lab.with(&trial.lines, bench.ground.seed, end.since(SimTime::ZERO));
    Some((Proof { sentence, at: record.at, text, mended: None }, None))
}

/// What the text's own run shows: it does not get ready, it is restarted, a probe or a hook fails.
fn plain(bench: &Bench<'_>, advice: &Advice, index: usize) -> Option<Proof> {
    let one = &bench.ground.workloads[index];
    if let Some(record) = restarts(bench, index) {
        let container = record.subject.container().unwrap_or_default();
        let sentence = format!("container {container} of {} is restarted", one.target);
        return Some(bench.shown(record.at, sentence));
    }
    if !one.well {
        let at = bench.ground.run.now();
        let sentence = format!("{} is not ready after {} s", one.target, at.as_millis() / 1000);
        return Some(bench.shown(at, sentence));
    }
    let fails = bench.ground.run.trace().iter().find_map(|record| {
        let Subject::Container(pod, name) = &record.subject else { return None };
        if bench.ground.workload_of(&pod.namespace, &pod.name) != Some(index) {
            return None;
        }
        let what = match &record.what {
            What::Probe { kind, success: false, message, .. } => {
                format!(
                    "{} probe of container {name} fails: {}",
                    kind.as_str().to_lowercase(),
                    message.as_deref().unwrap_or_default()
                )
            }
            What::Hook { name: hook, error: Some(error), .. } => {
                format!("{hook} of container {name} fails: {error}")
            }
            _ => return None,
        };
        Some((record.at, what))
    });
    let about = ["PP-1006", "PP-1007", "PP-1008"].contains(&advice.code);
    fails.filter(|_| about).map(|(at, sentence)| bench.shown(at, sentence))
}

/// A drain that hangs.
fn drains(bench: &Bench<'_>) -> Found {
    let drains = bench.planned().into_iter().filter(|one| matches!(one, Planned::Drain(_)));
    drains.into_iter().find_map(|drain| {
        let trial = bench.trial(drain);
        let proof = bench.proof(&trial, &[Kind::Stuck], "drain")?;
        Some((proof, Some((trial, vec![Kind::Stuck]))))
    })
}
