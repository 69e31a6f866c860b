//! What stage and inspector show of a moment: a function of the run, the moment and what is looked at.

use crate::session::Session;
use crate::{fit, scene, spoken, why};
use podplay_api::SimTime;
use podplay_core::Cluster;
use podplay_playback::{Moment, Run};
use podplay_protocol::{Frame, Look, PodRow, Scene, Selection, Tab, Target};
use podplay_timeline::{Band, LaneKey, Part, Role, Timeline};

/// The frame, but for the command that follows the playhead.
pub(crate) fn of(session: &Session, moment: &Moment, at: SimTime, look: &Look) -> Frame {
    let (run, timeline) = (&session.run, session.builder.timeline());
    let cluster = moment.cluster();
    let scene = scene::scene(timeline, run, cluster, at);
    let selected = kept_selection(look.selected.as_ref(), &scene);
    let namespace = namespace(look.target.as_ref(), selected.as_ref());
    let pods_command = match namespace.as_str() {
        "default" => "get pods".to_owned(),
        space => format!("get pods -n {space}"),
    };
    let mut frame = Frame { at, ..Frame::default() };
    frame.pods = pod_rows(timeline, &kubectl(cluster, &pods_command), at, &namespace);
    match look.tab {
        Tab::Why => causes(&mut frame, run, look, selected.as_ref()),
        _ => {
            frame.command = command(timeline, look, selected.as_ref());
            frame.text =
                frame.command.as_ref().map(|line| kubectl(cluster, line)).unwrap_or_default();
        }
    }
    frame.pinned = look
        .record
        .and_then(|id| run.trace().get(id.0 as usize))
        .map(|record| (record.at, format!("{:?}", record.subject)));
    frame.unfit = fit::unfit(run, cluster, &scene, selected.as_ref());
    Frame { scene, selected, namespace, pods_command, ..frame }
}

/// The chain of causes of the chosen record, or of the newest that says something, and what follows it.
fn causes(frame: &mut Frame, run: &Run, look: &Look, selected: Option<&Selection>) {
    let lang = spoken(look.lang);
    let until = run.records_until(frame.at);
    let pod = selected.map(|chosen| (chosen.namespace.as_str(), chosen.pod.as_str()));
    let container = selected.and_then(|chosen| chosen.container.as_deref());
    let record = look.record.filter(|record| (record.0 as usize) < until);
    let any = !run.plan().objects.is_empty();
    let newest = || why::newest(run, until, pod, container).filter(|_| any);
    frame.next = why::following(run, until, pod, lang);
    frame.goes_on = why::goes_on(run, until, pod);
    let head = record.or_else(newest);
    frame.why = head.map(|head| why::chain(run, head, lang)).unwrap_or_default();
}

/// The selection, if it is still there; the first pod otherwise.
fn kept_selection(selected: Option<&Selection>, scene: &Scene) -> Option<Selection> {
    let pods = || scene.nodes.iter().flat_map(|(_, pods)| pods);
    let there = |chosen: &&Selection| {
        pods().any(|pod| pod.id.0 == chosen.namespace && pod.id.1 == chosen.pod)
    };
    let first = || {
        let (namespace, pod) = pods().next()?.id.clone();
        Some(Selection { namespace, pod, container: None })
    };
    selected.filter(there).cloned().or_else(first)
}

/// The namespace that is meant: that of the object that is looked at, or of the chosen pod.
fn namespace(target: Option<&Target>, selected: Option<&Selection>) -> String {
    let target = target.map(|target| target.namespace.as_str()).filter(|space| !space.is_empty());
    let pod = selected.map(|chosen| chosen.namespace.as_str());
    target.or(pod).unwrap_or("default").to_owned()
}

/// What `kubectl get pods` printed, each row with the pod's state that it shows.
fn pod_rows(timeline: &Timeline, printed: &str, at: SimTime, space: &str) -> Vec<PodRow> {
    let state = |line: &str| {
        let name = line.split_whitespace().next()?;
        let alive = timeline.pods().iter().rposition(|band| {
            let own = band.name == name && band.namespace == space;
            own && band.from <= at && band.to.is_none_or(|to| at < to)
        })?;
        let band = Band::Pod(u32::try_from(alive).ok()?);
        let key = LaneKey { band, container: 0, part: Part::Pod };
        let span = timeline.lane(&key)?.span_at(at)?;
        let namespace = timeline.pods()[alive].namespace.clone();
        let chosen = Selection { namespace, pod: name.to_owned(), container: None };
        Some((chosen, span.record, span.from))
    };
    let row = |(index, line): (usize, &str)| PodRow {
        line: line.to_owned(),
        state: if index == 0 { None } else { state(line) },
    };
    printed.lines().enumerate().map(row).collect()
}

/// The command of the open tab.
fn command(timeline: &Timeline, look: &Look, selected: Option<&Selection>) -> Option<String> {
    if let Some(target) = &look.target {
        return of_object(target, look.tab);
    }
    let space = selected
        .filter(|chosen| chosen.namespace != "default")
        .map(|chosen| format!(" -n {}", chosen.namespace))
        .unwrap_or_default();
    let pod = selected.map(|chosen| chosen.pod.as_str());
    Some(match look.tab {
        Tab::Why => return None,
        Tab::Describe => format!("describe pod {}{space}", pod?),
        Tab::Events => format!("get events{space}"),
        Tab::Yaml => format!("get pod {} -o yaml{space}", pod?),
        Tab::Logs => {
            let container =
                selected?.container.clone().or_else(|| first_container(timeline, selected?))?;
            let previous = if look.previous { " --previous" } else { "" };
            format!("logs {} -c {container}{previous}{space}", pod?)
        }
    })
}

/// The command of a tab for an object that is no pod.
fn of_object(target: &Target, tab: Tab) -> Option<String> {
    let name = target.kubectl_name();
    let space = match target.namespace.as_str() {
        "" | "default" => String::new(),
        space => format!(" -n {space}"),
    };
    Some(match tab {
        Tab::Why => return None,
        Tab::Describe => format!("describe {name}{space}"),
        Tab::Events => format!("events --for {name}{space}"),
        Tab::Yaml => format!("get {name} -o yaml{space}"),
        Tab::Logs => format!("logs {name}{space}"),
    })
}

fn first_container(timeline: &Timeline, chosen: &Selection) -> Option<String> {
    let index = timeline
        .pods()
        .iter()
        .position(|band| band.name == chosen.pod && band.namespace == chosen.namespace)?;
    let lanes = timeline.band(Band::Pod(u32::try_from(index).ok()?));
    let named = lanes.filter_map(|(key, lane)| match key.part {
        Part::Container(role) => Some((role != Role::Regular, lane.name.to_string())),
        _ => None,
    });
    named.min_by_key(|(other, _)| *other).map(|(_, name)| name)
}

/// What kubectl prints; the cluster stays as it is.
fn kubectl(cluster: &Cluster, command: &str) -> String {
    let words: Vec<String> = podplay_kubectl::words::split(command).unwrap_or_default();
    let mut copy = cluster.clone();
    let output = podplay_kubectl::start(&words, b"", &mut copy, &podplay_kubectl::NoFiles).so_far();
    output.stdout + &output.stderr
}
