//! `podplay run`: a text runs to its end, and a view of it is printed.

use super::{Outcome, span};
use crate::{diagnostics, files, lanes};
use clap::{Args, ValueEnum};
use podplay_analysis::verdict;
use podplay_api::{Assume, SimTime, ToRaw, Value};
use podplay_core::record::{ProcessEffectKind, Stored, Verb};
use podplay_core::{Kubernetes, Version, What};
use podplay_kubectl::NoFiles;
use podplay_playback::{Plan, Run, Span, recording, requests};
use podplay_views::get::{Options as Columns, table};

/// What is printed of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// `kubectl get pods -w`, with a column for the time
    #[default]
    Watch,
    /// `kubectl events`, each when it was seen
    Events,
    /// `kubectl describe pods` at the end
    Describe,
    /// The log lines of all containers
    Logs,
    /// The requests of simulated clients that failed, each with its reason
    Requests,
    /// One lane per container
    Timeline,
    /// All objects at the end
    Yaml,
    /// The whole run, in the shape of the recordings
    Json,
}

/// Options of `podplay run`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files with manifests and perhaps a Scenario; `-` for standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// How far to run, such as 10m; the Scenario's duration otherwise
    #[arg(long, value_parser = span)]
    until: Option<Span>,
    /// Source of all randomness; the Scenario's seed otherwise
    #[arg(long)]
    seed: Option<u64>,
    /// The version of Kubernetes, such as 1.34; the Scenario's otherwise
    #[arg(long, value_parser = version)]
    kubernetes: Option<Version>,
    /// What to print
    #[arg(short, long, value_enum, default_value_t)]
    output: View,
    #[command(flatten)]
    assume: super::Assumptions,
}

/// What a command line changes of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Changed {
    /// How far to run.
    pub(crate) until: Option<Span>,
    /// The seed.
    pub(crate) seed: Option<u64>,
    /// The version of Kubernetes.
    pub(crate) kubernetes: Option<Kubernetes>,
    /// What is assumed.
    pub(crate) assume: Option<Assume>,
}

/// Reads a version of Kubernetes.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    let known = Version::ALL.map(Version::name).join(", ");
    Version::parse(text).ok_or_else(|| format!("none of the versions that podplay knows: {known}"))
}

/// Runs a text to its end.
pub(crate) fn compute(text: &str, changed: Changed) -> Run {
    let mut plan = Plan::read_as(text, changed.assume);
    if let Some(Span(until)) = changed.until {
        plan.duration = until;
    }
    if let Some(seed) = changed.seed {
        plan.config.seed = seed;
    }
    if let Some(kubernetes) = changed.kubernetes {
        plan.config.kubernetes = kubernetes;
    }
    let mut run = Run::of(plan);
    run.finish();
    run
}

pub(crate) fn run(options: &Options) -> Outcome {
    let text = files::read_all(&options.files)?;
    let file = options.files.first().map_or("-", String::as_str);
    let (until, seed) = (options.until, options.seed);
    let kubernetes = options.kubernetes.map(Kubernetes::of);
    let run = compute(&text, Changed { until, seed, kubernetes, assume: options.assume.chosen() });
    let failed = diagnostics::print(file, &text, &run.plan().reading.diagnostics);
    diagnostics::print_without_effect(file, &run.plan().reading);
    for refusal in run.refusals() {
        eprintln!("{file}: {}", refusal.message.trim_end());
    }
    say_limits(&run);
    let out = match options.output {
        View::Json => pretty(&recording(&run, &files::stem(file))) + "\n",
        View::Watch => watch(&run),
        View::Events => events(&run),
        View::Describe => ask(&run, &["describe", "pods"]),
        View::Logs => logs(&run),
        View::Requests => lost_requests(&run),
        View::Timeline => lanes::draw(&run, lanes::width()),
        View::Yaml => yaml(&run),
    };
    print(&out);
    if !matches!(options.output, View::Json | View::Yaml) {
        print(&traffic(&run));
    }
    if !matches!(options.output, View::Json | View::Yaml) {
        eprint!("{}", held_up(file, &run));
    }
    let nothing = run.plan().objects.is_empty() && run.plan().entries.is_empty();
    Ok(i32::from(failed || nothing || !run.refusals().is_empty()))
}

/// A line for each object that does not get on at the end.
fn held_up(file: &str, run: &Run) -> String {
    let line = |(target, verdicts): (verdict::Target, Vec<verdict::Verdict>)| {
        let verdict = verdicts.first()?;
        let place = verdict.places.first().map(|place| format!(":{}", place.span.line));
        let (code, sentence) = (verdict.code(), verdict.sentence(verdict::Lang::En));
        Some(format!("{file}{}: {target}: {sentence} [{code}]\n", place.unwrap_or_default()))
    };
    verdict::troubled(run, run.cluster()).into_iter().filter_map(line).collect()
}

/// Says which of the simulator's own limits the run met, and which containers compute without rest.
fn say_limits(run: &Run) {
    let mut said = std::collections::BTreeSet::new();
    for record in run.trace() {
        let words = match &record.what {
            What::Limit(name) => format!("a limit of podplay was reached: {name}"),
            What::Process(effect) if effect.kind == ProcessEffectKind::Busy => {
                "computes without rest: podplay lets it go on slowly".to_owned()
            }
            _ => continue,
        };
        let subject = &record.subject;
        let who = match (subject.pod(), subject.container()) {
            (Some(pod), Some(container)) => format!("{}/{container}", pod.name),
            (Some(pod), None) => pod.name.to_string(),
            _ => "the run".to_owned(),
        };
        let line = format!("{who}: {words}");
        if said.insert(line.clone()) {
            eprintln!("{line} (at {})", record.at);
        }
    }
}

/// Writes to standard output; a closed pipe is no error.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The failed requests of all clients as a table.
fn lost_requests(run: &Run) -> String {
    let mut rows = vec![["TIME", "SENT", "SERVICE", "POD", "REASON"].map(str::to_owned)];
    for (number, client) in run.cluster().traffic() {
        for (record, end) in requests::lost(run, number) {
            rows.push([
                record.at.to_string(),
                end.sent.to_string(),
                client.wants.service.name.to_string(),
                end.pod.as_ref().map_or("<none>", |pod| pod.name.as_str()).to_owned(),
                end.end.err().map(|lost| lost.to_string()).unwrap_or_default(),
            ]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..5).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("   ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// What clients of Services saw, a line each; nothing without clients.
fn traffic(run: &Run) -> String {
    let mut out = String::new();
    for (_, client) in run.cluster().traffic() {
        let (service, seen) = (&client.wants.service, &client.seen);
        let percent = seen.failed_ppm() / 100;
        let (whole, rest) = (percent / 100, percent % 100);
        let mut causes = String::new();
        for (error, count) in &seen.failed {
            causes += &format!("{}{count} {error}", if causes.is_empty() { ": " } else { ", " });
        }
        out += &format!(
            "\ntraffic to service/{}: {} of {} requests failed ({whole}.{rest:02} %){causes}\n",
            service.name,
            seen.failures(),
            seen.total(),
        );
    }
    out
}

/// JSON over several lines.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// `35.004s`, right-aligned.
pub(crate) fn moment(at: SimTime) -> String {
    format!("{:>10}", at.to_string())
}

fn ask(run: &Run, argv: &[&str]) -> String {
    let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
    let mut cluster = run.cluster().clone();
    let until = cluster.now();
    let output =
        podplay_kubectl::start(&argv, &[], &mut cluster, &NoFiles).finish(&mut cluster, until);
    output.stdout + &output.stderr
}

/// Rows as `kubectl get pods -w` prints them, a time in front of each; rows that say nothing new are left out.
fn watch(run: &Run) -> String {
    let mut widths = Vec::new();
    let (mut out, mut headed) = (String::new(), false);
    let mut last: std::collections::BTreeMap<String, (String, i64, String)> =
        std::collections::BTreeMap::new();
    let columns = Columns { namespace: has_namespaces(run), ..Columns::default() };
    for record in run.trace() {
        let What::Stored(verb, Stored::Pod(pod)) = &record.what else { continue };
        let object = pod.to_object();
        let row = podplay_views::get::pod_row(&object);
        let state = (row.status.clone(), row.restarts, format!("{}/{}", row.ready, row.total));
        if *verb != Verb::Deleted && last.insert(pod.key(), state.clone()) == Some(state) {
            continue;
        }
        let now = podplay_api::Timestamp::at(run.cluster().start(), record.at);
        let text = table("Pod", [&object], now, &columns).text_from(headed, &mut widths);
        for (n, line) in text.lines().enumerate() {
            let time =
                if !headed && n == 0 { format!("{:>10}", "TIME") } else { moment(record.at) };
            let gone = if *verb == Verb::Deleted && n + 1 == text.lines().count() {
                "   (deleted)"
            } else {
                ""
            };
            out.push_str(&format!("{time}   {line}{gone}\n"));
        }
        headed = true;
    }
    out
}

/// Whether there are pods in several namespaces, so that their rows have to name them.
fn has_namespaces(run: &Run) -> bool {
    let mut namespaces = run.trace().iter().filter_map(|record| match &record.what {
        What::Stored(_, Stored::Pod(pod)) => Some(&pod.meta.namespace),
        _ => None,
    });
    let first = namespaces.next();
    namespaces.any(|namespace| Some(namespace) != first)
}

fn events(run: &Run) -> String {
    let mut rows =
        vec![["TIME", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"].map(str::to_owned).to_vec()];
    for record in run.trace() {
        let What::Event(event) = &record.what else { continue };
        let event = event.to_raw().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
        let about = &event["involvedObject"];
        rows.push(vec![
            record.at.to_string(),
            text(&event["type"]),
            text(&event["reason"]),
            format!("{}/{}", text(&about["kind"]).to_lowercase(), text(&about["name"])),
            event["count"].to_string(),
            text(&event["message"]).replace('\n', "; "),
        ]);
    }
    let table = podplay_views::table::Table { headers: rows.remove(0), rows };
    table.text(false)
}

fn logs(run: &Run) -> String {
    let names: Vec<(String, String)> = run
        .cluster()
        .pods()
        .map(|pod| (pod.meta.namespace.clone(), pod.meta.name.clone()))
        .collect();
    names
        .iter()
        .map(|(namespace, name)| {
            ask(
                run,
                &["logs", "-n", namespace, name, "--all-containers", "--prefix", "--timestamps"],
            )
        })
        .collect()
}

/// What every cluster has from the start.
const GIVEN: &[(&str, &str)] = &[
    ("Namespace", "default"),
    ("Namespace", "kube-node-lease"),
    ("Namespace", "kube-public"),
    ("Namespace", "kube-system"),
    ("PriorityClass", "system-cluster-critical"),
    ("PriorityClass", "system-node-critical"),
    ("ConfigMap", "kube-root-ca.crt"),
    ("ServiceAccount", "default"),
    ("Service", "kubernetes"),
];

fn yaml(run: &Run) -> String {
    let cluster = run.cluster();
    let kinds = cluster.kinds();
    let hidden = |object: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
        let namespace = text(&object["metadata"]["namespace"]);
        namespace.starts_with("kube-") || GIVEN.contains(&(kind.as_str(), name.as_str()))
    };
    let objects =
        kinds.iter().flat_map(|kind| cluster.list(kind, None)).filter(|object| !hidden(object));
    objects.map(|object| podplay_kubectl::to_yaml(&object)).collect::<Vec<_>>().join("---\n")
}

#[cfg(test)]
mod tests {
    use super::{Changed, compute, watch};

    const ONE: &str = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: nginx}]}}\n";
    const OTHER: &str = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n---\n{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c, image: nginx}]}}\n";

    #[test]
    fn pods_of_one_name_in_two_namespaces_are_told_apart() {
        let both = ONE.to_owned() + OTHER;
        for (text, namespaces) in [(ONE, vec![]), (&*both, vec!["default", "shop"])] {
            let run = compute(text, Changed::default());
            let data = podplay_playback::recording(&run, "web");
            let keys: Vec<&String> =
                data["rows"].as_object().into_iter().flatten().map(|row| row.0).collect();
            let wanted =
                if namespaces.is_empty() { vec!["web"] } else { vec!["default/web", "shop/web"] };
            assert_eq!(keys, wanted);
            let rows = watch(&run);
            assert_eq!(rows.contains("NAMESPACE"), !namespaces.is_empty(), "{rows}");
            for namespace in namespaces {
                let ready = |row: &&str| {
                    let words: Vec<&str> = row.split_whitespace().collect();
                    words.get(1..5) == Some(&[namespace, "web", "1/1", "Running"])
                };
                assert_eq!(rows.lines().filter(ready).count(), 1, "{namespace}: {rows}");
            }
        }
    }
}
