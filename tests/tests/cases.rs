//! Reports from public issue trackers: what each of them shows on a real cluster must come out here as well.
//!
//! `cases/NAME.yaml` is the text, `cases/expected.yaml` has what must be so, and `cases/unmatched.txt` what is not so
//! yet, with the reason.

use podplay_core::{What, record::Subject};
use podplay_playback::{Run, recording};
use podplay_tests::data::tests_dir;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Everything that a run showed.
struct Shown {
    recording: Value,
    /// What each container wrote, by `pod/container`.
    logs: BTreeMap<String, String>,
    /// What refusals and commands said.
    said: String,
}

fn show(text: &str) -> Shown {
    let mut run = Run::new(text);
    run.finish();
    let mut logs: BTreeMap<String, String> = BTreeMap::new();
    for record in run.trace() {
        if let (Subject::Container(pod, container), What::Process(effect)) =
            (&record.subject, &record.what)
            && let podplay_core::record::ProcessEffectKind::Out(text)
            | podplay_core::record::ProcessEffectKind::Err(text) = &effect.kind
        {
            *logs.entry(format!("{}/{container}", pod.name)).or_default() += text;
        }
    }
    let mut said = String::new();
    for error in run.plan().reading.diagnostics.iter() {
        said += &format!("{}\n", error.message);
    }
    for refusal in run.refusals() {
        said += &format!("{}\n", refusal.message);
    }
    for command in run.commands() {
        said += &format!("{}{}\n", command.output.stdout, command.output.stderr);
        said += &format!("exit {:?}\n", command.output.exit);
    }
    Shown { recording: recording(&run, ""), logs, said }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Whether a text fits one of the alternatives `a|b`.
fn one_of(wanted: &str, found: &str) -> bool {
    wanted.split('|').any(|one| one == found)
}

/// The row of a pod at a time.
fn row_at(rows: &Value, at: f64) -> Option<&Value> {
    rows.as_array()?.iter().rev().find(|row| row["t"].as_f64().unwrap_or(0.0) <= at)
}

impl Shown {
    fn rows<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let all = self.recording["rows"].as_object().into_iter().flatten();
        all.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// `None` if the statement holds, otherwise what was found instead.
    fn contradicts(&self, wanted: &Value) -> Option<String> {
        let end = self.recording["seconds"].as_f64().unwrap_or(0.0);
        let at = wanted["at"].as_f64().unwrap_or(end);
        if let Some(prefix) = wanted["pod"].as_str() {
            return self.pod(wanted, prefix, at);
        }
        if let Some(prefix) = wanted["pods"].as_str() {
            let fits = |row: &Value| one_of(text(wanted, "status"), text(row, "status"));
            let live = self.rows(prefix).filter_map(|(_, rows)| row_at(rows, at));
            let found = live.filter(|row| fits(row)).count();
            let count = usize::try_from(wanted["count"].as_u64().unwrap_or(0)).unwrap_or(0);
            return (found != count).then(|| format!("{found} pods {prefix} are so"));
        }
        if let Some(reason) = wanted["event"].as_str() {
            return self.event(wanted, reason);
        }
        if let Some(container) = wanted["log"].as_str() {
            let found: String = self
                .logs
                .iter()
                .filter(|(name, _)| name.starts_with(container))
                .map(|(_, text)| text.as_str())
                .collect();
            return holds(wanted, &found);
        }
        if let Some(container) = wanted["exit"].as_str() {
            return self.exit(wanted, container);
        }
        holds(wanted, &self.said)
    }

    fn pod(&self, wanted: &Value, prefix: &str, at: f64) -> Option<String> {
        let found: Vec<_> = self.rows(prefix).collect();
        if wanted["gone"] == true {
            let there = found.iter().filter_map(|(_, rows)| row_at(rows, at));
            return there.into_iter().any(|row| row["gone"] != true).then(|| "it is there".into());
        }
        if let Some(never) = wanted["never"].as_str() {
            let rows = found.iter().flat_map(|(_, rows)| rows.as_array().into_iter().flatten());
            let bad = rows.into_iter().find(|row| one_of(never, text(row, "status")));
            return bad.map(ToString::to_string);
        }
        if let Some(once) = wanted["once"].as_str() {
            let rows = found.iter().flat_map(|(_, rows)| rows.as_array().into_iter().flatten());
            let mut all = rows.into_iter();
            return (!all.any(|row| one_of(once, text(row, "status")))).then(|| "never so".into());
        }
        let Some((_, rows)) = found.first() else { return Some("no such pod".into()) };
        let row = row_at(rows, at)?;
        let restarts = row["restarts"].as_u64().unwrap_or(0);
        let right = [
            wanted["ready"].as_str().is_none_or(|ready| text(row, "ready") == ready),
            wanted["status"].as_str().is_none_or(|status| one_of(status, text(row, "status"))),
            wanted["restarts"].as_u64().is_none_or(|count| restarts == count),
            wanted["over"].as_u64().is_none_or(|least| restarts > least),
        ];
        (!right.iter().all(|right| *right)).then(|| row.to_string())
    }

    fn event(&self, wanted: &Value, reason: &str) -> Option<String> {
        let events = self.recording["events"].as_array()?;
        let has = text(wanted, "has");
        let object = text(wanted, "of");
        let found = events.iter().find(|event| {
            text(event, "reason") == reason
                && text(event, "object").contains(object)
                && text(event, "message").contains(has)
        });
        let none = wanted["none"] == true;
        match found {
            Some(event) if none => Some(event.to_string()),
            None if !none => {
                let of: Vec<&str> = events
                    .iter()
                    .filter(|event| text(event, "reason") == reason)
                    .map(|event| text(event, "message"))
                    .collect();
                Some(format!("no such event, but {of:?}"))
            }
            _ => None,
        }
    }

    fn exit(&self, wanted: &Value, container: &str) -> Option<String> {
        let mut found = Vec::new();
        let tracks = self.recording["containers"].as_object().into_iter().flatten();
        for (_, own) in tracks.filter(|(name, _)| name.starts_with(container)) {
            let steps = own.as_object().into_iter().flatten();
            for step in steps.flat_map(|(_, steps)| steps.as_array().into_iter().flatten()) {
                let state = step.to_string();
                let codes = [&step["exitCode"], &step["last"]["exitCode"]];
                if codes.contains(&&wanted["code"])
                    && wanted["reason"].as_str().is_none_or(|reason| state.contains(reason))
                {
                    return None;
                }
                found.push(state);
            }
        }
        Some(format!("{found:?}"))
    }
}

fn holds(wanted: &Value, found: &str) -> Option<String> {
    let texts = |key: &str| match &wanted[key] {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    };
    let missing = texts("has").into_iter().find(|text| !found.contains(text.as_str()));
    let too_much = texts("lacks").into_iter().find(|text| found.contains(text.as_str()));
    (missing.is_some() || too_much.is_some()).then(|| format!("{found:?}"))
}

#[test]
fn reports_come_out_as_on_a_real_cluster() {
    let folder = tests_dir().join("cases");
    let expected = fs::read_to_string(folder.join("expected.yaml")).expect("there");
    let expected: BTreeMap<String, Vec<Value>> = serde_yaml::from_str(&expected).expect("YAML");
    let listed = fs::read_to_string(folder.join("unmatched.txt")).expect("there");
    let listed: BTreeMap<&str, &str> = listed
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once("  "))
        .collect();
    let only = std::env::var("CASE").unwrap_or_default();
    let (mut wrong, mut right) = (Vec::new(), 0);
    let mut texts: Vec<_> = fs::read_dir(&folder).expect("there").filter_map(Result::ok).collect();
    texts.sort_by_key(fs::DirEntry::path);
    for entry in texts {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_text = path.extension().is_some_and(|extension| extension == "yaml");
        if !is_text || name == "expected" || !name.starts_with(&only) {
            continue;
        }
        let statements = expected.get(&name).unwrap_or_else(|| panic!("{name} expects nothing"));
        let shown = show(&fs::read_to_string(&path).expect("readable"));
        let found: Vec<String> = statements
            .iter()
            .filter_map(|wanted| Some(format!("  {wanted}\n    {}", shown.contradicts(wanted)?)))
            .collect();
        match (found.is_empty(), listed.contains_key(name.as_str())) {
            (true, false) => right += 1,
            (true, true) => wrong.push(format!("{name} is right now: take it off unmatched.txt")),
            (false, true) => {}
            (false, false) => wrong.push(format!("{name}\n{}", found.join("\n"))),
        }
    }
    println!("{right} cases are right, {} are listed", listed.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
