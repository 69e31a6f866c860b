//! The sweep for a program that takes 20 to 45 seconds to start and hangs once an hour.

use podplay_analysis::tune::{Options, Program, Range, Tune};
use podplay_playback::Plan;
use std::time::Duration;

const SLOW: &str = include_str!("texts/slow.yaml");

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn options(samples: u64) -> Options {
    Options {
        program: Program {
            start: Range { least: secs(20), most: secs(45) },
            answer: Duration::ZERO,
            pause: Duration::ZERO,
            hangs: secs(3600),
            stop: Range { least: secs(0), most: secs(2) },
        },
        object: None,
        container: None,
        samples,
    }
}

#[test]
fn the_best_choice_holds_what_it_promises() {
    let tune = Tune::new(SLOW, &options(4)).expect("a text that can be tuned");
    let mut steps = 0;
    let report = tune.run(&mut || steps += 1);
    assert!(steps > 0 && steps <= report.tried, "{steps} of {}", report.tried);
    // As it is written the start is cut off: 30 s and one failure are less than 45 s.
    assert!(report.written.alarm.false_restarts > 0, "{:?}", report.written);
    assert!(report.written.exchange.lost > 0, "{:?}", report.written);
    assert!(!report.front.is_empty() && report.choices.len() == 3, "{}", report.text());
    let best = &report.choices[0];
    let alarm = tune.prove(&best.probes, 7_000, 30);
    assert_eq!((alarm.false_restarts, alarm.unnoticed), (0, 0), "{best:?}");
    assert!(alarm.notice <= best.promise, "{alarm:?} {best:?}");
    for choice in &report.choices {
        assert_eq!((choice.exchange.lost, choice.exchange.failed), (0, 0), "{choice:?}");
    }
}

#[test]
fn a_choice_is_written_into_the_text_and_comments_stay() {
    let tune = Tune::new(SLOW, &options(2)).expect("a text that can be tuned");
    let report = tune.run(&mut || {});
    for choice in &report.choices {
        let plan = Plan::read(&choice.text);
        assert!(!plan.has_errors(), "{:?}\n{}", plan.reading.diagnostics, choice.text);
        for kept in ["# sells things", "# ours", "# as the template had it", "path: /healthz"] {
            assert!(choice.text.contains(kept), "{kept}\n{}", choice.text);
        }
        let container = &plan.objects[0]["spec"]["template"]["spec"]["containers"][0];
        let probe = &container["livenessProbe"];
        assert_eq!(probe["failureThreshold"], choice.probes.liveness.failures);
        assert_eq!(probe["periodSeconds"], choice.probes.liveness.period);
        assert_eq!(probe["initialDelaySeconds"].as_i64().unwrap_or(0), 0);
        assert_eq!(container["startupProbe"]["failureThreshold"], choice.probes.startup.failures);
        assert_eq!(container["lifecycle"]["preStop"]["sleep"]["seconds"], choice.rollout.pre_stop);
    }
}

#[test]
fn what_cannot_be_tuned_is_said() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    assert!(Tune::new(map, &options(2)).expect_err(map).contains("no Deployment"));
    let other = Options { object: Some("deployment/web".into()), ..options(2) };
    assert!(Tune::new(SLOW, &other).expect_err(SLOW).contains("deployment/web"));
}
