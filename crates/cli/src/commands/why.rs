//! `podplay why`: what holds an object up at a moment, what led to it, what comes next, and what would mend it.

use super::{
    Outcome,
    run::{Changed, compute},
    span,
};
use crate::files;
use clap::{Args, ValueEnum};
use podplay_analysis::verdict::{Lang, Target};
use podplay_analysis::why::{self, Why};
use podplay_api::SimTime;
use podplay_playback::{Run, Span};

/// The language of the sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Language {
    /// English
    #[default]
    En,
    /// Korean
    Ko,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum View {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Options of `podplay why`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The text; `-` for standard input
    file: String,
    /// Whom the question is about, such as deployment/web; the most broken object otherwise
    #[arg(long)]
    object: Option<String>,
    /// The same for a pod, by its name
    #[arg(long, conflicts_with = "object")]
    pod: Option<String>,
    /// The namespace of the object; where the text has it, otherwise
    #[arg(short, long)]
    namespace: Option<String>,
    /// The moment, such as 50s; the end otherwise
    #[arg(long, value_parser = span)]
    at: Option<Span>,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value_t)]
    output: View,
    /// Print the text with this remedy applied, 1 for the first
    #[arg(long, value_name = "N")]
    apply: Option<usize>,
    /// Leave out the remedies, which are found by running
    #[arg(long)]
    no_remedies: bool,
    #[command(flatten)]
    assume: super::Assumptions,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let text = files::read(&options.file)?;
    let plan = podplay_playback::Plan::read_as(&text, options.assume.chosen());
    let asked = options.at.map(|Span(at)| at);
    // What comes after the moment tells what only takes time.
    let until = asked.map_or(plan.duration, |at| at.max(plan.duration));
    let run = compute(
        &text,
        Changed { until: Some(Span(until)), assume: options.assume.chosen(), ..Changed::default() },
    );
    let at = asked.map_or(run.end(), |at| SimTime::ZERO + at);
    let lang = match options.lang {
        Language::En => Lang::En,
        Language::Ko => Lang::Ko,
    };
    let target = target(options, &run, at)?;
    let answer = why::why(&run, &text, &target, at, !options.no_remedies);
    if let Some(n) = options.apply {
        let remedy = n.checked_sub(1).and_then(|n| answer.remedies.get(n));
        let remedy = remedy.ok_or_else(|| {
            format!("there is no remedy {n}; {} are known", answer.remedies.len())
        })?;
        super::run::print(&remedy.text);
        return Ok(0);
    }
    match options.output {
        View::Json => {
            let json = answer.to_json(&run, lang);
            super::run::print(&(serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"));
        }
        View::Text => super::run::print(&words(&run, &answer, lang)),
    }
    Ok(0)
}

/// Whom the question is about.
fn target(options: &Options, run: &Run, at: SimTime) -> Result<Target, String> {
    let moment = run.seek(at, None);
    let cluster = moment.cluster();
    let pods: Vec<String> = run.cluster().pods().map(|pod| pod.meta.name.clone()).collect();
    let known = || format!("pods at the end: {}", pods.join(", "));
    let named =
        options.object.clone().or_else(|| options.pod.as_ref().map(|pod| format!("pod/{pod}")));
    let Some(named) = named else {
        let found = why::most_broken(run, cluster);
        return found.ok_or_else(|| format!("say whom with --object KIND/NAME; {}", known()));
    };
    let parse = |namespace: &str| {
        Target::parse(&named, namespace).ok_or_else(|| format!("{named} is no KIND/NAME"))
    };
    let first = parse(options.namespace.as_deref().unwrap_or("default"))?;
    if options.namespace.is_some() {
        return Ok(first);
    }
    // Where the text has an object of that name, or the cluster a pod.
    let objects = &run.plan().reading.objects;
    let written =
        objects.iter().find(|object| object.kind == first.kind && object.name == first.name);
    let in_trace = run.trace().iter().filter_map(|record| record.subject.pod());
    let pod =
        || in_trace.clone().find(|pod| pod.name == first.name).map(|pod| pod.namespace.clone());
    let namespace = written.map(|object| object.namespace.clone());
    match namespace.or_else(pod) {
        Some(namespace) => parse(&namespace),
        None if first.kind == "Pod" => Err(format!("no such pod up to {at}; {}", known())),
        None => Ok(first),
    }
}

/// The answer for people.
fn words(run: &Run, answer: &Why, lang: Lang) -> String {
    let (en, subject) = (lang == Lang::En, &answer.subject);
    let mut out = format!("{subject} at {}: {}\n", answer.at, answer.shows);
    for verdict in &answer.verdicts {
        let lines: Vec<String> = verdict
            .places
            .iter()
            .take(3)
            .map(|place| {
                if en {
                    format!("line {} ({})", place.span.line, place.path)
                } else {
                    format!("{}행({})", place.span.line, place.path)
                }
            })
            .collect();
        out += &format!("\n{}: {}\n", verdict.code(), verdict.sentence(lang));
        if !lines.is_empty() {
            out += &format!("  {}\n", lines.join(", "));
        }
    }
    if answer.verdicts.is_empty() {
        out +=
            if en { "\nNothing holds it up.\n" } else { "\n막고 있는 것이 없습니다.\n" };
    }
    if !answer.chain.is_empty() {
        out += &format!("\n{}", podplay_playback::why::text(run, &answer.chain, lang));
    }
    out += if en { "\nWhat next?\n" } else { "\n다음은?\n" };
    for next in &answer.next {
        out += &format!("{:>10}  {}\n", next.at.to_string(), next.sentence(lang));
    }
    if answer.next.is_empty() {
        let end = run.now();
        out += &if en {
            format!("  nothing of it changes until {end}, where the run ends\n")
        } else {
            format!("  실행이 끝나는 {end}까지 아무것도 바뀌지 않습니다\n")
        };
    }
    for (n, remedy) in answer.remedies.iter().enumerate() {
        if n == 0 {
            out += if en {
                "\nWhat would mend it (write the text with --apply N):\n"
            } else {
                "\n고치는 방법(--apply N으로 적용):\n"
            };
        }
        out += &format!("  {}. {}\n     {}\n", n + 1, remedy.title(lang), remedy.proof(lang));
    }
    out
}
