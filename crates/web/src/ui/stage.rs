//! The stage: nodes, pods and containers as boxes that show what they are doing.

use super::{chips, format};
use crate::app::{Dialog, DialogMsg, Scope, judge, lessons, view};
use crate::lang::Lang;
use podplay_api::{ProbeKind, SimTime};
use podplay_protocol::{Container, Frame, PodScene, Said, Selection, Target};
use podplay_timeline::{Role, State};
use std::rc::Rc;
use yew::{Html, classes, html};

/// Before this moment what is not there yet may just not have been made.
const SOON: SimTime = SimTime::from_millis(1_000);

/// What the stage needs.
#[derive(Clone, PartialEq)]
pub(crate) struct Stage {
    /// What is to be drawn.
    pub(crate) frame: Rc<Frame>,
    /// What holds things up.
    pub(crate) said: Rc<Said>,
    /// The object that is looked at, if it is no pod.
    pub(crate) target: Option<Target>,
    /// Whether there is no text at all.
    pub(crate) blank: bool,
    /// What is chosen.
    pub(crate) selected: Option<Selection>,
    /// The language.
    pub(crate) lang: Lang,
    /// Whether the text holds any object.
    pub(crate) any: bool,
    /// Why the API server refused what the text asks for, if it did.
    pub(crate) refused: Option<Rc<str>>,
}

/// The stage.
pub(crate) fn stage(stage: &Stage, link: &Scope) -> Html {
    let scene = &stage.frame.scene;
    let pods: usize = scene.nodes.iter().map(|(_, pods)| pods.len()).sum();
    let crowd = match pods {
        0..3 => None,
        3..5 => Some("several"),
        _ => Some("many"),
    };
    html! {
        <div class={classes!("nodes", crowd)} data-testid="stage">
            { objects(stage, link) }
            { for scene.nodes.iter().map(|(node, pods)| html! {
                <section class={classes!("node", pods.is_empty().then_some("bare"))} aria-label={node.clone()}>
                    <h2 class={classes!("node-name", node.is_empty().then_some("unnamed"))}>
                        if node.is_empty() { { stage.lang.unscheduled() } } else { { object_button(Target::new("Node", "", node), node, stage, link) } }
                    </h2>
                    <div class="pods">{ for pods.iter().map(|pod| draw_pod(pod, stage, link)) }</div>
                    if pods.is_empty() && scene.nodes.len() == 1 { { empty(stage, link) } }
                    if !node.is_empty() { { chips::kubelet(pods, stage) } }
                </section>
            }) }
        </div>
    }
}

fn empty(stage: &Stage, link: &Scope) -> Html {
    let lang = stage.lang;
    let help = match (&stage.refused, stage.any) {
        (Some(_), _) => lang.stage_refused(),
        (None, true) if stage.frame.at < SOON => lang.stage_before(),
        (None, true) => lang.stage_none(),
        (None, false) if !stage.blank => lang.stage_no_object(),
        (None, false) => lang.stage_empty_help(),
    };
    html! {
        <div class="empty">
            <p class="empty-title">{ lang.stage_empty() }</p>
            <p>{ help }</p>
            if let Some(refused) = &stage.refused { <p class="refused">{ &**refused }</p> }
            if !stage.any {
                <p class="row">
                    <button class="button" onclick={link.callback(|_| DialogMsg::Show(Some(Dialog::Examples)))}>{ lang.see_examples() }</button>
                    <button class="button" onclick={link.callback(|_| lessons::Msg::Toggle)}>{ lang.lessons() }</button>
                </p>
            }
        </div>
    }
}

/// Workloads and Services in a line of chips.
fn objects(stage: &Stage, link: &Scope) -> Html {
    let objects = &stage.frame.scene.objects;
    if objects.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="objects">
            { for objects.iter().map(|(kind, name, state)| {
                let trouble = judge::of(&stage.said, kind, name);
                let space = trouble.map_or("default", |told| told.subject.namespace.as_str());
                let target = Target::new(kind, space, name);
                let words = match (&**kind, state) {
                    ("Job", State::Ready(done, all)) => stage.lang.state_done(done, all),
                    _ => format::state(state, stage.lang),
                };
                html! {
                    <li class={classes!("object", state.kind(), trouble.map(|_| "in-trouble"))} data-object={format!("{kind}/{name}")}>
                        <span class="object-kind">{ &**kind }</span>{ object_button(target, name, stage, link) }
                        <span class="object-state"><span aria-hidden="true">{ format::glyph(state) }{ " " }</span>{ words }</span>
                        if &**kind == "Service" { { chips::service_flow(name, stage) } }
                        if let Some(told) = trouble { <span class="object-trouble">{ "⚠ " }{ format::rich(&told.sentence) }</span> }
                    </li>
                }
            }) }
        </ul>
    }
}

/// The name of an object that is no pod, to be looked at.
fn object_button(target: Target, name: &str, stage: &Stage, link: &Scope) -> Html {
    let chosen = stage.target.as_ref() == Some(&target);
    let label = stage.lang.select_object(&target.kind, name);
    let look = link.callback(move |_| view::Msg::Look(target.clone()));
    html! { <button class="object-name" aria-pressed={chosen.to_string()} aria-label={label} onclick={look}>{ name }</button> }
}

/// What holds a pod up: the verdict, and the cluster's own words.
fn trouble(pod: &PodScene, stage: &Stage) -> Html {
    let ready = matches!(&pod.state, State::Status(_, true));
    let told = judge::of_pod(&stage.said, &pod.id.0, &pod.id.1).filter(|_| !ready);
    if told.is_none() && pod.trouble.is_none() {
        return Html::default();
    }
    html! {
        <p class="trouble">
            if let Some(told) = told { <span data-testid="card-verdict"><b aria-hidden="true">{ "⚠ " }</b>{ format::rich(&told.sentence) }</span> }
            if let Some((reason, message)) = &pod.trouble {
                <span class={if told.is_some() { "trouble-raw" } else { "" }}><b>{ if told.is_some() { "" } else { "⚠ " } }{ reason }</b>{ " " }{ message }</span>
            }
        </p>
    }
}

fn draw_pod(pod: &PodScene, stage: &Stage, link: &Scope) -> Html {
    let lang = stage.lang;
    let chosen = stage
        .selected
        .as_ref()
        .is_some_and(|chosen| chosen.pod == pod.id.1 && chosen.namespace == pod.id.0);
    let selection =
        Selection { namespace: pod.id.0.clone(), pod: pod.id.1.clone(), container: None };
    html! {
        <article class={classes!("pod", pod.state.kind(), chosen.then_some("chosen"))} aria-label={pod.id.1.clone()} data-pod={pod.id.1.clone()}>
            <div class="pod-head">
                <button class="pod-name" aria-label={lang.select_pod(&pod.id.1)} title={pod.id.1.clone()} onclick={link.callback(move |_| view::Msg::Select(Some(selection.clone())))}>{ &pod.id.1 }</button>
                { badge(&pod.state, lang) }
                <span class="pod-ip">{ &pod.ip }</span>
            </div>
            { trouble(pod, stage) }
            { chips::pod_flow(pod, stage) }
            <div class="containers">{ for pod.containers.iter().map(|one| draw_container(one, pod, stage, link)) }</div>
            { chips::shared(pod) }
        </article>
    }
}

/// A state as a badge: glyph, words, colour.
fn badge(state: &State, lang: Lang) -> Html {
    html! {
        <span class={classes!("badge", state.kind())}><span aria-hidden="true">{ format::glyph(state) }{ " " }</span>{ format::state(state, lang) }</span>
    }
}

fn draw_container(one: &Container, pod: &PodScene, stage: &Stage, link: &Scope) -> Html {
    let lang = stage.lang;
    let selection = Selection {
        namespace: pod.id.0.clone(),
        pod: pod.id.1.clone(),
        container: Some(one.name.to_string()),
    };
    let chosen = stage.selected.as_ref() == Some(&selection);
    let role = match one.role {
        Role::Init => Some(lang.lane_init()),
        Role::Sidecar => Some(lang.lane_sidecar()),
        Role::Ephemeral => Some(lang.lane_ephemeral()),
        Role::Regular => None,
    };
    let runs = matches!(one.state, State::Running(_) | State::Stopping(_));
    html! {
        <div class={classes!("container", one.state.kind(), chosen.then_some("chosen"))} data-container={one.name.to_string()} data-state={one.state.kind()}>
            <div class="container-head">
                <button class="container-name" aria-label={lang.select_container(&one.name)} onclick={link.callback(move |_| view::Msg::Select(Some(selection.clone())))}>{ &*one.name }</button>
                if let Some(role) = role { <span class="role">{ role }</span> }
                <code class="image">{ &one.image }</code>
            </div>
            <div class="container-state">
                <span class="doing"><span class="glyph" aria-hidden="true">{ format::glyph(&one.state) }</span>{ format::state(&one.state, lang) }</span>
                if runs && one.role != Role::Init {
                    <span class={classes!("badge", if one.ready { "true" } else { "unready" })}>{ if one.ready { lang.ready() } else { lang.not_ready() } }</span>
                }
            </div>
            { countdown(one) }
            { chips::assumptions(one, stage.lang, link) }
            <dl class="facts">
                { for one.probes.iter().map(|(kind, answer)| {
                    match answer {
                        Some((success, row, _)) => html! {
                            <><dt>{ kind.as_str().to_ascii_lowercase() }</dt><dd class={if *success { "good" } else { "bad" }}>
                                <span class={classes!("pulse", (stage.frame.at.since(answer.map_or(SimTime::ZERO, |a| a.2)).as_millis() < 700).then_some("now"))} aria-hidden="true">{ if *success { "●" } else { "✕" } }</span>
                                { " " }{ if *success { lang.probe_success() } else { lang.probe_failure() } }
                                if *row > 1 { <span class="row-count">{ " · " }{ lang.in_a_row(row) }</span> }
                            </dd></>
                        },
                        None => html! { <><dt>{ kind.as_str().to_ascii_lowercase() }</dt><dd class="idle">{ due(one, *kind, lang) }</dd></> },
                    }
                }) }
                { for one.files.iter().map(|(path, there)| html! {
                    <><dt><code>{ &**path }</code></dt><dd class={if *there { "good" } else { "bad" }}>{ if *there { "● " } else { "○ " } }{ if *there { lang.file_there() } else { lang.file_gone() } }</dd></>
                }) }
                { for one.hooks.iter().map(|hook| html! { <><dt>{ hook }</dt><dd>{ "▸ " }{ lang.state_running() }</dd></> }) }
                if one.restarts > 0 {
                    <dt>{ lang.restarted() }</dt><dd>{ "↻ " }{ lang.times(one.restarts) }</dd>
                    if let Some((code, reason)) = &one.ended { <dt>{ lang.last_exit() }</dt><dd>{ exit(*code, reason, lang) }</dd> }
                }
                if let Some(said) = &one.said { <dt>{ lang.last_line() }</dt><dd class="said" title={said.trim_end().to_owned()}><code>{ said.trim_end() }</code></dd> }
            </dl>
        </div>
    }
}

/// When a probe is tried for the first time in this life.
fn due(one: &Container, kind: ProbeKind, lang: Lang) -> String {
    let due = one.due.iter().find(|(of, _)| *of == kind);
    due.map_or_else(|| "–".to_owned(), |(_, at)| lang.first_at(format::moment(*at)))
}

/// `137 · OOMKilled`, `137 · SIGKILL`
fn exit(code: i32, reason: &str, lang: Lang) -> String {
    let signal = match code {
        137 => Some("SIGKILL"),
        143 => Some("SIGTERM"),
        _ => None,
    };
    let words = signal.filter(|_| reason != "OOMKilled").unwrap_or(reason);
    if words.is_empty() { lang.state_exited(code) } else { format!("{code} · {words}") }
}

/// What drains: the grace period, the back-off.
fn countdown(one: &Container) -> Html {
    let (until, words, start) = match &one.state {
        State::Stopping(Some(until)) => (*until, "kill", one.since),
        State::BackOff(_, until) => (*until, "retry", one.since),
        _ => return Html::default(),
    };
    let (from, until) = (start.as_millis().to_string(), until.as_millis().to_string());
    html! {
        <div class="countdown">
            <span data-from={from.clone()} data-until={until.clone()} data-words={words} />
            <svg class="drain" viewBox="0 0 120 6" preserveAspectRatio="none" width="120" height="6" aria-hidden="true">
                <rect class="drain-room" x="0" y="0" width="120" height="6" rx="3" />
                <rect class="drain-left" x="0" y="0" height="6" rx="3" data-from={from} data-until={until} data-room="120" />
            </svg>
        </div>
    }
}
