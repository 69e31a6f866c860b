//! Every row change and every event of every recording has a chain of causes that ends in a field of the text, in a
//! command or at the start of the run.

use podplay_api::SimTime;
use podplay_core::What;
use podplay_core::record::Stored;
use podplay_playback::{Run, why};

#[test]
fn no_chain_ends_in_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance");
    let entries = std::fs::read_dir(folder).expect("the recordings are part of the project");
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let mut loose = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut run = Run::new(&text);
        run.finish();
        for record in run.trace() {
            if !matches!(record.what, What::Stored(_, Stored::Pod(_)) | What::Event(_)) {
                continue;
            }
            let chain = why::chain(&run, record.id);
            let end = chain.last().and_then(|step| why::record(&run, step.record));
            let rooted = end.is_some_and(|end| {
                matches!(end.what, What::Command(..) | What::Started | What::Fault(..))
            });
            let told = chain.iter().all(|step| {
                !why::sentence(&run, step, why::Lang::En).is_empty()
                    && !why::sentence(&run, step, why::Lang::Ko).is_empty()
            });
            if !rooted || !told {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                loose.push(format!(
                    "{name} at {}: {}",
                    record.at,
                    why::text(&run, &chain, why::Lang::En)
                ));
                break;
            }
        }
    }
    assert!(
        loose.is_empty(),
        "{} of {} runs have loose chains:\n{}",
        loose.len(),
        paths.len(),
        loose.join("\n")
    );
}

/// Well-chosen moments: recording, pod, second.
const CASES: &[(&str, &str, u64)] = &[
    ("crashloop-exit1-always", "crash", 60),
    ("deploy-bad-image-undo", "", 40),
    ("errimagepull", "bad", 60),
    ("exec-liveness", "liveness-exec", 120),
    ("init-fail-always", "init-fail", 30),
    ("job-backofflimit-never", "", 60),
    ("kubelet-restart", "crash", 40),
    ("oomkilled", "oom", 45),
    ("poststart-fail", "ps", 60),
    ("prestop-delete", "pre", 62),
    ("readiness-flap", "flap", 55),
    ("sigterm-ignored", "ign", 62),
];

/// `UPDATE_GOLDENS=1` rewrites the files.
#[test]
fn goldens() {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut differ = Vec::new();
    for (name, pod, second) in CASES {
        let text = std::fs::read_to_string(format!("{root}/conformance/{name}.yaml"));
        let mut run = Run::new(&text.expect("the recordings are part of the project"));
        run.finish();
        let pod = Some(("default", *pod)).filter(|(_, pod)| !pod.is_empty());
        let chain = why::of_pod(&run, pod, SimTime::from_secs(*second)).unwrap_or_default();
        for (lang, end) in [(why::Lang::En, "en"), (why::Lang::Ko, "ko")] {
            let path = format!("{root}/goldens/why/{name}.{end}.txt");
            let said = why::text(&run, &chain, lang);
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                std::fs::write(&path, &said).expect("the folder of goldens can be written");
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(said.as_str()) {
                differ.push(format!("{path}\n{said}"));
            }
        }
    }
    assert!(differ.is_empty(), "these sentences differ from the goldens:\n{}", differ.join("\n"));
}
