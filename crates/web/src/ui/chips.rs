//! Small things on the stage: assumptions, traffic, what the kubelet asks.

use super::format;
use super::stage::Stage;
use crate::app::{App, Msg, Scope, text};
use crate::lang::Lang;
use podplay_protocol::{Assumption, Container, Flow, PodScene};
use yew::{Html, classes, html};

/// How long an answer of a probe is shown as a pulse, milliseconds.
const FRESH: u128 = 700;

/// What had to be assumed about a container, each with a way to change it.
pub(super) fn assumptions(one: &Container, lang: Lang, link: &Scope) -> Html {
    if one.assumptions.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="assumptions">
            { for one.assumptions.iter().map(|assumption| {
                let (id, text, long) = told(assumption, lang);
                let assumption = assumption.clone();
                let change = link.callback(move |_: yew::MouseEvent| -> Msg { match &assumption {
                    Assumption::Image(image) | Assumption::ExecProbe(image) | Assumption::Written(image) => text::Msg::Assume(image.clone()).into(),
                    Assumption::NoEffect(_, line) => App::reveal(*line as usize),
                } });
                html! { <li><button class={classes!("assumption", id)} data-assumption={id} title={long.clone()} aria-label={format!("{text}. {long}")} onclick={change}>{ text }</button></li> }
            }) }
        </ul>
    }
}

/// Id, text, explanation.
fn told(assumption: &Assumption, lang: Lang) -> (&'static str, String, String) {
    match assumption {
        Assumption::Image(image) => {
            ("image", format!("? {}", lang.assumes_image()), lang.assumes_image_long(image))
        }
        Assumption::ExecProbe(_) => {
            ("probe", format!("? {}", lang.assumes_probe()), lang.assumes_probe_long().to_owned())
        }
        Assumption::Written(_) => (
            "written",
            format!("✎ {}", lang.assumes_written()),
            lang.assumes_written_long().to_owned(),
        ),
        Assumption::NoEffect(field, _) => {
            let short = field.rsplit('.').next().unwrap_or(field);
            ("field", lang.no_effect(short), lang.no_effect_long(field))
        }
    }
}

/// What the containers of a pod share: localhost and volumes, each with those that do.
pub(super) fn shared(pod: &PodScene) -> Html {
    if pod.shared.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="shared">
            { for pod.shared.iter().map(|(volume, users)| {
                let (glyph, name) = if volume.is_empty() { ("⇄", "localhost") } else { ("▤", volume.as_str()) };
                html! { <li><span aria-hidden="true">{ glyph }</span>{ " " }<b>{ name }</b>{ " " }<span class="users">{ users.join(" · ") }</span></li> }
            }) }
        </ul>
    }
}

/// What clients of a Service get: requests a second, and the share that fails.
pub(super) fn service_flow(service: &str, stage: &Stage) -> Html {
    let Some(flow) = stage.frame.scene.flows.iter().find(|flow| &*flow.service == service) else {
        return Html::default();
    };
    let lang = stage.lang;
    let bad = flow.failed > 0;
    let share = if bad { lang.flow_failed(flow.percent()) } else { lang.flow_none().to_owned() };
    html! {
        <span class="object-flow" data-testid="flow" title={flow.error.as_deref().unwrap_or_default().to_owned()}>
            { lang.flow_rate(Flow::rate(flow.total)) }
            <b class={if bad { "bad" } else { "good" }}>{ if bad { "✕ " } else { "● " } }{ share }</b>
        </span>
    }
}

/// Requests that reach a pod, as pulses that travel to it.
pub(super) fn pod_flow(pod: &PodScene, stage: &Stage) -> Html {
    let lang = stage.lang;
    let reached =
        stage.frame.scene.flows.iter().filter(|flow| *flow.namespace == *pod.id.0).filter_map(
            |flow| {
                let (_, count, failed) = flow.pods.iter().find(|(name, ..)| **name == *pod.id.1)?;
                Some((flow, *count, *failed))
            },
        );
    reached.map(|(flow, count, failed)| {
        let class = classes!("flow", (failed > 0).then_some("failing"));
        html! {
            <p {class} data-testid="pod-flow">
                <svg class="wire" viewBox="0 0 64 8" width="64" height="8" aria-hidden="true">
                    <path class="wire-line" d="M0 4H64" />
                    <path class="wire-pulses" d="M0 4H64" />
                </svg>
                { lang.flow_rate(Flow::rate(count)) }{ " " }<span class="flow-from">{ lang.flow_from(&flow.service) }</span>
                if failed > 0 { <b class="bad">{ " ✕ " }{ lang.flow_failed((failed * 100).div_ceil(count.max(1))) }</b> }
            </p>
        }
    }).collect()
}

/// The next first attempt of a probe.
fn next_probe(pods: &[PodScene], lang: Lang) -> Option<String> {
    let all = pods.iter().flat_map(|pod| &pod.containers);
    let due = all.flat_map(|one| one.due.iter().map(move |(kind, at)| (one, *kind, *at)));
    let (one, kind, at) = due.min_by_key(|(.., at)| *at)?;
    Some(lang.kubelet_due(kind.as_str().to_lowercase(), &one.name, format::moment(at)))
}

/// What the kubelet of a node heard last from its probes.
pub(super) fn kubelet(pods: &[PodScene], stage: &Stage) -> Html {
    let lang = stage.lang;
    let answers = pods.iter().flat_map(|pod| &pod.containers);
    let newest = answers
        .filter_map(|one| one.newest_probe().map(|answer| (one, answer)))
        .max_by_key(|(_, (.., at))| *at);
    let any = pods.iter().flat_map(|pod| &pod.containers).any(|one| !one.probes.is_empty());
    if !any {
        return Html::default();
    }
    html! {
        <p class="kubelet">
            <b class="kubelet-name">{ "kubelet" }</b>
            { match newest {
                Some((one, (kind, success, row, at))) => {
                    let result = if success { lang.probe_success() } else { lang.probe_failure() };
                    let fresh = stage.frame.at.since(at).as_millis() < FRESH;
                    html! {
                        <span>
                            <span class={classes!("pulse", if success { "good" } else { "bad" }, fresh.then_some("now"))} aria-hidden="true">{ if success { "●" } else { "✕" } }</span>
                            { " " }{ lang.kubelet_probe(kind.as_str().to_lowercase(), &one.name, result) }
                            if row > 1 { { " · " }{ lang.in_a_row(row) } }
                            <span class="kubelet-when">{ " · " }{ format::moment(at) }</span>
                        </span>
                    }
                }
                None => html! { <span>{ next_probe(pods, lang).unwrap_or_else(|| lang.kubelet_idle().to_owned()) }</span> },
            } }
        </p>
    }
}
