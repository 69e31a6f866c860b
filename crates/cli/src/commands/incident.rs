//! `podplay incident`: what was copied of a real cluster, read and explained.

use super::Outcome;
use super::run::print;
use crate::files;
use clap::{Args, ValueEnum};
use podplay_analysis::incident::{self, Certainty, Fit, Found, Incident, Observed};
use podplay_analysis::verdict;
use podplay_api::{Value, json};

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The language of the sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English
    #[default]
    En,
    /// Korean
    Ko,
}

/// Options of `podplay incident`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What was copied: objects, descriptions, events, rows, logs; `-` for standard input
    file: String,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let paste = files::read(&options.file)?;
    let Incident { observed, found, fit, remedies } = incident::explain(&paste, &mut |_| {});
    let lang = match options.lang {
        Lang::En => verdict::Lang::En,
        Lang::Ko => verdict::Lang::Ko,
    };
    match options.output {
        Output::Json => {
            let value = json!({
                "verdicts": found.iter().map(|found| verdict_of(found, lang)).collect::<Vec<_>>(),
                "text": fit.as_ref().map_or_else(String::new, |fit| fit.draft.text()),
                "fit": fit.as_ref().map(fit_of),
                "remedies": remedies.iter().map(|remedy| remedy.to_json(lang)).collect::<Vec<_>>(),
                "lanes": incident::lanes(&observed).iter().map(lane_of).collect::<Vec<_>>(),
                "observed": observed_of(&observed),
                "unread": observed.unread.iter().map(|said| json!({"line": said.line, "text": said.text})).collect::<Vec<_>>(),
            });
            print(&(serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"));
        }
        Output::Text => {
            print(&text(&observed, &found, fit.as_ref(), lang));
            for remedy in &remedies {
                print(&format!("mends the run: {} ({})\n", remedy.title(lang), remedy.proof(lang)));
            }
        }
    }
    Ok(i32::from(observed.is_empty()))
}

/// A verdict for programs.
fn verdict_of(found: &Found, lang: verdict::Lang) -> Value {
    let places: Vec<Value> = found
        .spots
        .iter()
        .map(|spot| json!({"line": spot.line, "column": 1, "path": spot.path}))
        .collect();
    let certainty = match found.certainty {
        Certainty::Said => "said",
        Certainty::Follows => "follows",
        Certainty::Around => "around",
        Certainty::Likely => "likely",
    };
    json!({
        "code": found.code(),
        "subject": found.subject,
        "sentence": found.sentence(lang),
        "certainty": certainty,
        "places": places,
        "evidence": found.evidence,
    })
}

/// How well the run fits, for programs.
fn fit_of(fit: &Fit) -> Value {
    json!({
        "percent": fit.percent(), "agrees": fit.agrees, "compared": fit.compared,
        "differs": fit.differs, "behaviours": fit.behaviours, "others": fit.others, "runs": fit.runs,
        "missing": fit.draft.missing, "assumed": fit.draft.assumed,
    })
}

/// A lane: seconds before the paste, as bounds.
fn lane_of(lane: &incident::Lane) -> Value {
    let bounds = |time: incident::Seconds| json!([time.least, time.most]);
    let stretches = lane.stretches.iter().map(|one| {
        json!({"from": bounds(one.from), "to": bounds(one.to), "shows": one.shows, "line": one.line, "gap": one.shows.is_empty()})
    });
    let marks = lane.marks.iter().map(|mark| {
        json!({
            "first": bounds(mark.first), "last": bounds(mark.last), "count": mark.count,
            "reason": mark.reason, "warning": mark.warning, "line": mark.line,
        })
    });
    json!({
        "subject": lane.subject,
        "stretches": stretches.collect::<Vec<_>>(),
        "marks": marks.collect::<Vec<_>>(),
    })
}

/// What was read, in short.
fn observed_of(observed: &Observed) -> Value {
    let objects: Vec<Value> = observed
        .objects
        .iter()
        .map(|seen| json!({"kind": seen.kind, "name": seen.name, "line": seen.line}))
        .collect();
    let events: Vec<Value> = observed
        .events
        .iter()
        .map(|event| {
            json!({
                "line": event.line, "object": format!("{}/{}", event.kind, event.name), "reason": event.reason,
                "count": event.often.count,
                "last": event.often.last.map(|age| [age.least, age.most]),
                "first": event.often.first.map(|age| [age.least, age.most]),
            })
        })
        .collect();
    let rows: Vec<Value> = observed
        .rows
        .iter()
        .map(|row| json!({"line": row.row.line, "object": format!("{}/{}", row.kind, row.name)}))
        .collect();
    json!({"objects": objects, "events": events, "rows": rows, "logs": observed.logs.len()})
}

/// The answer for people.
fn text(observed: &Observed, found: &[Found], fit: Option<&Fit>, lang: verdict::Lang) -> String {
    let mut out = String::new();
    for one in found {
        out += &format!("{}: {}: {}\n", one.subject, one.code(), one.sentence(lang));
        for spot in &one.spots {
            let path =
                if spot.path.is_empty() { String::new() } else { format!("  {}", spot.path) };
            out += &format!("  line {}{path}\n", spot.line);
        }
    }
    if found.is_empty() {
        out += "nothing that is known to hold a pod up was found\n";
    }
    if let Some(fit) = fit {
        out += &format!("a run fits by {} % (-o json has its text)\n", fit.percent());
        let lists = [("  assumed: ", &fit.behaviours), ("  differs: ", &fit.differs)];
        for (lead, words) in
            lists.into_iter().flat_map(|(lead, list)| list.iter().map(move |words| (lead, words)))
        {
            out += &format!("{lead}{words}\n");
        }
    }
    if !observed.unread.is_empty() {
        out += "not understood:\n";
        for said in &observed.unread {
            out += &format!("  line {}: {}\n", said.line, said.text);
        }
    }
    out
}
