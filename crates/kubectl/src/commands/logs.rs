//! `kubectl logs`.
//!
//! Models `kubectl/pkg/cmd/logs/logs.go`.

use crate::commands::pods;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::flags::Span;
use crate::task::{Output, Task};
use podplay_api::{Pod, SimTime, Timestamp};
use podplay_core::Cluster;
use podplay_core::apiserver::ApiError;
use podplay_core::runtime::LogLine;

/// One log: of a container of a pod.
#[derive(Clone, Debug)]
struct Source {
    namespace: String,
    pod: String,
    container: String,
}

/// How logs are printed.
#[derive(Clone, Debug, Default)]
struct Style {
    previous: bool,
    timestamps: bool,
    prefix: bool,
    tail: Option<usize>,
    since: Option<SimTime>,
    limit: Option<usize>,
    start: Timestamp,
}

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    if cx.flags.given("since") && cx.flags.given("since-time") {
        return Err(Failure::error(
            "at most one of `sinceTime` or `sinceSeconds` may be specified",
        ));
    }
    let selector = cx.flags.text("selector").map(str::to_owned);
    let style = style(cx, selector.is_some());
    if let Some(selector) = selector {
        return by_selector(cx, &selector, &style);
    }
    let words = cx.flags.words.clone();
    let (word, container) = match words.as_slice() {
        [word] => (word, None),
        [word, container] => (word, Some(container.clone())),
        _ => {
            return Err(Failure::usage(
                "logs",
                "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
            ));
        }
    };
    if container.is_some() && cx.flags.given("container") {
        return Err(Failure::error("only one of -c or an inline [CONTAINER] arg is allowed"));
    }
    let pod = pod(cx, word)?;
    let sources = match container {
        Some(name) if pod.spec.container(&name).is_none() => {
            return Err(Failure::error(format!(
                "container {name} is not valid for pod {} out of: {}",
                pod.meta.name,
                pods::out_of(&pod)
            )));
        }
        Some(name) => vec![source(&pod, name)],
        None => sources(cx, &pod)?,
    };
    if cx.flags.on("follow") {
        let follow =
            Follow { sources: sources.into_iter().map(|source| (source, 0)).collect(), style };
        return Ok(Next::Block(Box::new(follow)));
    }
    print_all(cx, &sources, &style)
}

fn style(cx: &Cx, selected: bool) -> Style {
    let now = cx.cluster.now();
    let ago = cx.flags.time("since").map(|span| match span {
        Span::Before => now,
        Span::For(length) => now - length,
    });
    let start = cx.cluster.start();
    let moment = cx
        .flags
        .text("since-time")
        .and_then(Timestamp::parse)
        .map(|at| SimTime(u64::try_from(at.0 - start.0).unwrap_or(0)));
    let tail = match cx.flags.int("tail") {
        None => selected.then_some(10),
        Some(lines) => usize::try_from(lines).ok(),
    };
    Style {
        previous: cx.flags.on("previous"),
        timestamps: cx.flags.on("timestamps"),
        prefix: cx.flags.on("prefix"),
        tail,
        since: ago.or(moment),
        limit: cx
            .flags
            .int("limit-bytes")
            .and_then(|bytes| usize::try_from(bytes).ok())
            .filter(|bytes| *bytes > 0),
        start,
    }
}

fn by_selector(cx: &mut Cx, selector: &str, style: &Style) -> Outcome {
    let pods = pods::selected(cx, selector)?;
    if pods.is_empty() {
        let line = format!("No resources found in {} namespace.", cx.namespace());
        cx.warn(line);
        return Ok(Next::Done);
    }
    let mut all = Vec::new();
    for pod in &pods {
        all.extend(sources(cx, pod)?);
    }
    if cx.flags.on("follow") {
        let follow = Follow {
            sources: all.into_iter().map(|source| (source, 0)).collect(),
            style: style.clone(),
        };
        return Ok(Next::Block(Box::new(follow)));
    }
    print_all(cx, &all, style)
}

fn pod(cx: &mut Cx, word: &str) -> Result<Pod, Failure> {
    let namespace = cx.namespace().to_owned();
    let target = pods::named(cx, word).map_err(|failure| {
        match failure.message.strip_prefix("Error from server (NotFound): ") {
            Some(rest) => Failure::error(format!(
                "error from server (NotFound): {rest} in namespace \"{namespace}\""
            )),
            None => failure,
        }
    })?;
    let kind = pods::go_type(&target.kind);
    let pods = pods::of(cx, &target).map_err(|failure| {
        let why = failure.message.trim_start_matches("error: ").to_owned();
        let why = if why.starts_with("selector for") {
            format!("selector for {kind} not implemented")
        } else {
            why
        };
        Failure::error(format!("cannot get the logs from {kind}: {why}"))
    })?;
    let Some(first) = pods.first() else {
        return Err(Failure::error(format!(
            "timed out waiting for the condition on {}",
            target.path()
        )));
    };
    if pods.len() > 1 {
        cx.warn(format!("Found {} pods, using pod/{}", pods.len(), first.meta.name));
    }
    Ok(first.clone())
}

fn source(pod: &Pod, container: String) -> Source {
    Source { namespace: pod.meta.namespace.clone(), pod: pod.meta.name.clone(), container }
}

/// Init containers, then the others, then ephemeral ones with `--all-containers`; else the one that is meant.
fn sources(cx: &mut Cx, pod: &Pod) -> Result<Vec<Source>, Failure> {
    if cx.flags.on("all-containers") {
        let spec = &pod.spec;
        let all =
            spec.init_containers.iter().chain(&spec.containers).chain(&spec.ephemeral_containers);
        return Ok(all.map(|container| source(pod, container.name.clone())).collect());
    }
    Ok(vec![source(pod, pods::container(cx, pod, false)?)])
}

fn print_all(cx: &mut Cx, sources: &[Source], style: &Style) -> Outcome {
    for source in sources {
        let lines = cx.cluster.logs(
            &source.namespace,
            &source.pod,
            Some(&source.container),
            style.previous,
        );
        let lines = lines.map_err(|error| refused(&error))?;
        let text = text(&lines, source, style);
        cx.out.stdout.push_str(&text);
    }
    Ok(Next::Done)
}

fn refused(error: &ApiError) -> Failure {
    Failure::plain(error.to_string())
}

fn text(lines: &[LogLine], source: &Source, style: &Style) -> String {
    let recent: Vec<&LogLine> =
        lines.iter().filter(|line| style.since.is_none_or(|since| line.at >= since)).collect();
    let skip = style.tail.map_or(0, |tail| recent.len().saturating_sub(tail));
    let mut text: String = recent[skip..].iter().map(|line| print(line, source, style)).collect();
    if let Some(limit) = style.limit {
        let mut end = limit.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

fn print(line: &LogLine, source: &Source, style: &Style) -> String {
    let mut out = String::new();
    if style.prefix {
        out.push_str(&format!("[pod/{}/{}] ", source.pod, source.container));
    }
    if style.timestamps {
        let at = Timestamp::at(style.start, line.at);
        let whole = at.to_string();
        out.push_str(&format!(
            "{}.{:09}Z ",
            whole.trim_end_matches('Z'),
            at.0.rem_euclid(1_000_000_000)
        ));
    }
    out.push_str(&line.text);
    if line.complete {
        out.push('\n');
    }
    out
}

/// `--follow`: lines as they come, until the containers have ended.
#[derive(Clone, Debug)]
struct Follow {
    sources: Vec<(Source, usize)>,
    style: Style,
}

impl Task for Follow {
    fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<i32> {
        let mut ended = true;
        for (source, printed) in &mut self.sources {
            let Ok(lines) = cluster.logs(
                &source.namespace,
                &source.pod,
                Some(&source.container),
                self.style.previous,
            ) else {
                continue;
            };
            if *printed == 0 {
                out.stdout.push_str(&text(&lines, source, &self.style));
            } else {
                let new = lines.iter().skip(*printed);
                out.stdout.extend(new.map(|line| print(line, source, &self.style)));
            }
            *printed = lines.len();
            let pod = cluster
                .get("Pod", &source.namespace, &source.pod)
                .map(|pod| Pod::from_object(&pod));
            let state = pod
                .as_ref()
                .and_then(|pod| pod.status.container(&source.container))
                .map(|status| &status.state);
            ended &= state.is_none_or(|state| state.terminated().is_some());
        }
        ended.then_some(0)
    }
    fn wakes_at(&self) -> Option<SimTime> {
        None
    }
    fn endless(&self) -> bool {
        true
    }
    fn boxed(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}
