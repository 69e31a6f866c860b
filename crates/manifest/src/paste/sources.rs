//! Sources of other tools, and manifests inside something else: charts, images, commands, differences.

mod commands;

use commands::{commands, terraform, url};

use serde_json::{Value, json};

use super::lines::{Pasted, command, plain};
use super::{Action, Paste, PasteKind};
use crate::model::Edit;
use crate::yaml::{quote, write};

type Whole<'a> = &'a dyn Fn(String, &str) -> Edit;

fn paste(kind: PasteKind, message: &str, help: &str, actions: Vec<Action>, line: usize) -> Paste {
    Paste { kind, message: message.to_owned(), help: help.to_owned(), actions, line }
}

/// A manifest inside something else, which can be taken out of it.
pub(super) fn wrapped(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    heredoc(pasted, whole)
        .or_else(|| numbered(pasted, whole))
        .or_else(|| diff(pasted, whole))
        .or_else(|| below_prompt(pasted, whole))
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.fold(String::new(), |mut all, line| {
        all.push_str(line);
        all.push('\n');
        all
    })
}

/// `cat <<EOF | kubectl apply -f -` … `EOF`.
fn heredoc(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let typed = pasted.typed.iter().map(|(n, line)| (*n, line.as_str()));
    let all = pasted.lines.iter().map(|(n, line)| (*n, line.as_ref())).chain(typed);
    let (begin, word) =
        all.filter_map(|(n, line)| Some((n, here_word(line)?))).min_by_key(|(n, _)| *n)?;
    let inside = pasted
        .lines
        .iter()
        .filter(|(n, _)| *n > begin)
        .map(|(_, line)| line.as_ref())
        .take_while(|line| line.trim() != word);
    let edit = whole(joined(inside), "Take the manifest out");
    Some(paste(
        PasteKind::Heredoc,
        "This is a shell command with a manifest inside it",
        "Only the manifest belongs here: what stands between the command and its last word.",
        vec![Action::Make(edit)],
        begin,
    ))
}

/// The word that ends a here-document.
fn here_word(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("<<")?;
    let tool = ["kubectl", "cat", "oc ", "tee"]
        .iter()
        .any(|tool| before.contains(tool) || rest.contains(tool));
    let word = rest.trim_start_matches(['-', ' ']).split_whitespace().next()?;
    let word = word.trim_matches(['\'', '"']);
    (tool && !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .then_some(word)
}

/// `12 apiVersion: v1`, as viewers show it.
fn numbered(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let split = |line: &str| {
        let trimmed = line.trim_start();
        let digits = trimmed.find(|c: char| !c.is_ascii_digit()).filter(|n| *n > 0)?;
        let number: usize = trimmed.get(..digits)?.parse().ok()?;
        let rest = trimmed.get(digits..)?;
        let rest = rest
            .strip_prefix('\t')
            .or_else(|| rest.strip_prefix(" | "))
            .or_else(|| rest.strip_prefix(": "))
            .or_else(|| rest.strip_prefix(' '))?;
        Some((number, rest.to_owned()))
    };
    let all: Vec<(usize, String)> = pasted.texts().filter_map(split).collect();
    let rising = all.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let yaml = all.iter().any(|(_, rest)| rest.contains(": ") || rest.trim_end().ends_with(':'));
    if all.len() < 3 || all.len() * 10 < pasted.lines.len() * 8 || !rising || !yaml {
        return None;
    }
    let edit =
        whole(joined(all.iter().map(|(_, rest)| rest.as_str())), "Take the line numbers away");
    Some(paste(
        PasteKind::LineNumbers,
        "The line numbers were copied along with this text",
        "Without them it is read as a manifest.",
        vec![Action::Make(edit)],
        pasted.first().0,
    ))
}

/// What `git diff` prints: the new side, as far as it is shown.
fn diff(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let hunk = pasted.line_with("@@ ")?;
    let named = pasted.line_with("+++ ").is_some() && pasted.line_with("--- ").is_some();
    if !named {
        return None;
    }
    let new: Vec<&str> = pasted
        .lines
        .iter()
        .filter(|(n, line)| {
            *n > hunk && !line.starts_with(['-', '@', '\\']) && !line.starts_with("+++")
        })
        .filter_map(|(_, line)| line.get(1..))
        .collect();
    let indent = new.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let edit = whole(
        joined(new.iter().filter_map(|line| line.get(indent..))),
        "Take what is new out of it",
    );
    Some(paste(
        PasteKind::Diff,
        "This is a difference between two versions of a file, as `git diff` prints it",
        "It shows only a piece of the manifest: paste the whole file, or run the piece.",
        vec![Action::Make(edit)],
        hunk,
    ))
}

/// A manifest below the command that printed it.
fn below_prompt(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let (n, typed) = pasted.typed.first()?;
    let manifest =
        pasted.texts().any(|line| line.starts_with("apiVersion:") || line.starts_with('{'));
    let printed = typed.contains("yaml") || typed.contains("json") || typed.starts_with("cat ");
    if !manifest || !printed || pasted.typed.len() > 1 {
        return None;
    }
    let edit = whole(joined(pasted.texts()), "Take the manifest out");
    let message = format!("This is `{}` with the manifest that it printed", typed.trim());
    let help = "Only the manifest belongs here.";
    Some(Paste {
        kind: PasteKind::Heredoc,
        message,
        help: help.to_owned(),
        actions: vec![Action::Make(edit)],
        line: *n,
    })
}

/// A template of a chart: YAML only after it was rendered.
pub(super) fn helm(pasted: &Pasted<'_>, failed: bool) -> Option<Paste> {
    let control = |line: &str| {
        let line = line.trim_start();
        line.starts_with("{{-") || line.starts_with("{{ ") || line.starts_with("{{/*")
    };
    let named = |line: &str| {
        line.contains("{{")
            && [
                ".Values",
                ".Release",
                ".Chart",
                ".Capabilities",
                "include \"",
                "template \"",
                "define \"",
            ]
            .iter()
            .any(|word| line.contains(word))
    };
    let (n, _) = pasted
        .lines
        .iter()
        .find(|(_, line)| named(line) || control(line) && line.contains("}}"))?;
    let certain = pasted.texts().any(named);
    if !certain || !failed && !pasted.texts().any(control) {
        return None;
    }
    let run = "helm template NAME CHART";
    Some(paste(
        PasteKind::HelmTemplate,
        "This is a template of a Helm chart: it becomes YAML when the chart is rendered",
        "Render it first: `helm template NAME CHART`, or `helm get manifest NAME` for what is installed, and paste what that prints.",
        vec![Action::Run(run.to_owned())],
        *n,
    ))
}

/// Keys that the values of charts usually have.
const VALUES: &[&str] = &[
    "replicaCount",
    "image",
    "imagePullSecrets",
    "nameOverride",
    "fullnameOverride",
    "serviceAccount",
    "podAnnotations",
    "podSecurityContext",
    "securityContext",
    "service",
    "ingress",
    "resources",
    "autoscaling",
    "nodeSelector",
    "tolerations",
    "affinity",
    "global",
    "persistence",
    "extraEnv",
];

/// The values of a chart.
pub(super) fn helm_values(pasted: &Pasted<'_>, values: &[&Value]) -> Option<Paste> {
    let [value] = values else { return None };
    let map = value.as_object().filter(|map| !map.contains_key("kind"))?;
    let usual = map.keys().filter(|key| VALUES.contains(&key.as_str())).count();
    let image = value.get("image").is_some_and(|image| image.get("repository").is_some());
    let said = pasted
        .texts()
        .take(5)
        .any(|line| line.starts_with('#') && line.to_ascii_lowercase().contains("values for"));
    let typical = image
        || map.contains_key("replicaCount")
        || map.get("global").is_some_and(Value::is_object);
    if !(said || usual >= 2 && typical) {
        return None;
    }
    let run = "helm template NAME CHART -f values.yaml";
    Some(paste(
        PasteKind::HelmValues,
        "These are the values of a Helm chart: the chart's templates, which use them, are not here",
        "Render the chart with them: `helm template NAME CHART -f values.yaml`, and paste what that prints.",
        vec![Action::Run(run.to_owned())],
        pasted.lines.iter().find(|(_, line)| !line.starts_with('#')).map_or(1, |(n, _)| *n),
    ))
}

/// Recipes for other tools, and single things that people paste.
pub(super) fn recipes(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    docker_run(pasted, whole)
        .or_else(|| dockerfile(pasted, whole))
        .or_else(|| terraform(pasted))
        .or_else(|| commands(pasted, whole))
        .or_else(|| url(pasted))
}

/// The words of a command line, quotes taken off.
pub(super) fn shell_words(line: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let (mut word, mut open, mut quoted) = (String::new(), None, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() || quoted {
                    out.push(std::mem::take(&mut word));
                }
                quoted = false;
            }
            (None, '"' | '\'') => (open, quoted) = (Some(c), true),
            (Some(mark), c) if c == mark => open = None,
            (None | Some('"'), '\\') => word.extend(chars.next()),
            (_, c) => word.push(c),
        }
    }
    if !word.is_empty() || quoted {
        out.push(word);
    }
    out
}

/// Commands over several lines, each as one.
fn command_lines(pasted: &Pasted<'_>) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = pasted
        .lines
        .iter()
        .map(|(n, line)| (*n, command(line).unwrap_or(line).trim().to_owned()))
        .chain(pasted.typed.iter().cloned())
        .collect();
    all.sort();
    all.dedup();
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (n, line) in all.into_iter().filter(|(_, line)| !line.starts_with('#')) {
        let (body, more) = match line.strip_suffix('\\') {
            Some(body) => (body.trim_end().to_owned(), true),
            None => (line, false),
        };
        match out.last_mut().filter(|_| goes_on) {
            Some((_, last)) => *last = format!("{last} {body}"),
            None => out.push((n, body)),
        }
        goes_on = more;
    }
    out
}

fn docker_run(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let (n, line) = command_lines(pasted).into_iter().next()?;
    let words = shell_words(line.trim_start_matches("sudo "));
    let tool =
        words.first().filter(|word| matches!(word.as_str(), "docker" | "podman" | "nerdctl"))?;
    let verb = words.get(1).filter(|word| matches!(word.as_str(), "run" | "create"))?;
    let pod = docker_pod(&words)?;
    let message =
        format!("This is a `{tool} {verb}` command: it starts one container on one machine");
    let edit = whole(write::document(&pod), "Make a Pod of it");
    Some(paste(
        PasteKind::DockerRun,
        &message,
        "It can be turned into a Pod; folders of the machine are left out.",
        vec![Action::Make(edit)],
        n,
    ))
}

/// Flags of `docker run` that take no value.
const BARE: &[&str] = &[
    "-d",
    "--detach",
    "-i",
    "--interactive",
    "-t",
    "--tty",
    "-it",
    "-ti",
    "-dit",
    "-itd",
    "--rm",
    "--init",
    "--privileged",
    "-P",
    "--publish-all",
    "--read-only",
    "--no-healthcheck",
    "-q",
    "--quiet",
];

fn docker_pod(words: &[String]) -> Option<Value> {
    let mut container = json!({"name": "app"});
    let (mut name, mut env, mut ports) = ("app".to_owned(), Vec::new(), Vec::new());
    let mut spec = json!({});
    let mut rest = words.iter().skip(2);
    let image = loop {
        let word = rest.next()?;
        if !word.starts_with('-') {
            break word.clone();
        }
        if BARE.contains(&word.as_str()) {
            if word == "--rm" {
                spec["restartPolicy"] = json!("Never");
            }
            if word == "--privileged" {
                container["securityContext"] = json!({"privileged": true});
            }
            continue;
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), value.to_owned()),
            None => (word.clone(), rest.next()?.clone()),
        };
        match flag.as_str() {
            "--name" => name = value,
            "-e" | "--env" => {
                let (key, value) = value.split_once('=').unwrap_or((&value, ""));
                env.push(json!({"name": key, "value": value}));
            }
            "-p" | "--publish" | "--expose" => {
                let inner = value.rsplit(':').next().and_then(|p| p.split('/').next());
                if let Some(port) = inner.and_then(|p| p.parse::<u16>().ok()) {
                    ports.push(json!({"containerPort": port}));
                }
            }
            "--entrypoint" => container["command"] = json!([value]),
            "-w" | "--workdir" => container["workingDir"] = json!(value),
            "--cpus" => container["resources"]["limits"]["cpu"] = json!(value),
            "-m" | "--memory" => container["resources"]["limits"]["memory"] = json!(memory(&value)),
            "--restart" if value == "no" => spec["restartPolicy"] = json!("Never"),
            "--restart" if value.starts_with("on-failure") => {
                spec["restartPolicy"] = json!("OnFailure")
            }
            "-u" | "--user" => {
                if let Ok(user) = value.split(':').next().unwrap_or_default().parse::<i64>() {
                    container["securityContext"]["runAsUser"] = json!(user);
                }
            }
            "--network" | "--net" if value == "host" => spec["hostNetwork"] = json!(true),
            _ => {}
        }
    };
    container["image"] = json!(image);
    let args: Vec<&String> = rest.collect();
    if !args.is_empty() {
        container["args"] = json!(args);
    }
    for (key, list) in [("env", env), ("ports", ports)] {
        if !list.is_empty() {
            container[key] = Value::Array(list);
        }
    }
    spec["containers"] = json!([container]);
    Some(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name.to_ascii_lowercase().replace('_', "-")}, "spec": spec}),
    )
}

/// Docker's `512m` is `512Mi` here.
fn memory(value: &str) -> String {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    match value.to_ascii_lowercase().trim_start_matches(|c: char| c.is_ascii_digit()) {
        "k" | "kb" => format!("{digits}Ki"),
        "m" | "mb" => format!("{digits}Mi"),
        "g" | "gb" => format!("{digits}Gi"),
        _ => digits,
    }
}

fn dockerfile(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let known = [
        "RUN",
        "CMD",
        "COPY",
        "ADD",
        "ENTRYPOINT",
        "EXPOSE",
        "ENV",
        "WORKDIR",
        "USER",
        "ARG",
        "LABEL",
        "VOLUME",
        "HEALTHCHECK",
    ];
    let (n, _) = pasted.lines.iter().find(|(_, line)| {
        word(line) == "FROM" && !line.contains(": ") && line.split_whitespace().count() <= 6
    })?;
    let others = pasted.texts().filter(|line| known.contains(&word(line).as_str())).count();
    if others == 0 {
        return None;
    }
    let ports: Vec<Value> = pasted
        .texts()
        .filter(|line| word(line) == "EXPOSE")
        .flat_map(|line| line.split_whitespace().skip(1))
        .filter_map(|port| port.split('/').next()?.parse::<u16>().ok())
        .map(|port| json!({"containerPort": port}))
        .collect();
    let mut container = json!({"name": "app", "image": "my-image:latest"});
    if !ports.is_empty() {
        container["ports"] = Value::Array(ports);
    }
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": {"containers": [container]}});
    let edit = whole(write::document(&pod), "Make a Pod of its image");
    Some(paste(
        PasteKind::Dockerfile,
        "This is a Dockerfile: it says how an image is built, not how it is run",
        "Build and push the image, and name it in a Pod's `image`.",
        vec![Action::Make(edit)],
        *n,
    ))
}
