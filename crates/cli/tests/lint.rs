//! `podplay lint` on folders: configuration, comments, formats, fixes, baselines, exit statuses.

use std::path::{Path, PathBuf};
use std::process::Command;

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox
    command: [sh, -c, \"sleep 600\"]
";

const TYPO: &str = "apiVersion: v1
kind: Pod
metadata: {name: typo}
spec:
  containers:
  - name: app
    imge: nginx:1.27  # the image
    image: nginx:1.27
";

/// A folder of its own for one test, with files in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        for (file, text) in files {
            let file = path.join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, text).expect("written");
        }
        Self(path)
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).expect("a file")
    }

    /// Status, standard output, standard error.
    fn lint(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_podplay"))
            .arg("lint")
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .expect("the command was built for this test");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// The codes that are found, with their files.
    fn codes(&self, arguments: &[&str]) -> Vec<String> {
        let (_, out, err) = self.lint(&[arguments, &["-o", "json"]].concat());
        let list: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        let word =
            |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let list = list.as_array().expect("a list");
        list.iter().map(|one| format!("{} {}", word(one, "file"), word(one, "code"))).collect()
    }
}

#[test]
fn folders_globs_and_what_is_left_out() {
    let folder = Folder::new(
        "walk",
        &[
            ("a/pod.yaml", POD),
            ("a/values.yaml", "replicas: 3\n"),
            ("b/pod.yml", POD),
            ("b/ignored.yaml", POD),
            (".gitignore", "ignored.yaml\n"),
            ("podplay.toml", "[lint]\nselect = [\"PP-1102\"]\n"),
        ],
    );
    let all = ["a/pod.yaml PP-1102", "b/pod.yml PP-1102"];
    assert_eq!(folder.codes(&["."]), all);
    assert_eq!(folder.codes(&["*/*.y*ml"]), all);
    assert_eq!(folder.codes(&[".", "--exclude", "b/"]), all[..1]);
    assert_eq!(folder.codes(&["b", "a/pod.yaml", "a"]), all);
    let (status, _, err) = folder.lint(&["."]);
    assert_eq!(status, 0);
    assert_eq!(
        err,
        "2 files: 0 errors, 0 warnings, 2 pieces of advice, 0 notes; 1 file without a manifest passed over\n"
    );
    assert_eq!(folder.lint(&["nope/*.yaml"]).0, 2);
    assert_eq!(folder.lint(&["nope.yaml"]).0, 2);
}

#[test]
fn a_configuration_says_which_rules_hold() {
    let files = |config: &'static str| [("deep/pod.yaml", POD), ("podplay.toml", config)];
    let statuses = [
        ("", 0),
        ("[lint.severity]\nPP-1102 = \"error\"\n", 1),
        ("[lint.severity]\nPP-11 = \"error\"\nPP-1102 = \"note\"\n", 0),
        ("[lint]\nignore = [\"PP-11\"]\n[lint.severity]\nPP-1102 = \"error\"\n", 0),
        (
            "[lint.severity]\nPP-1102 = \"error\"\n[lint.per-file-ignores]\n\"deep/*\" = [\"PP-1102\"]\n",
            0,
        ),
        ("[lint]\nexclude = [\"deep\"]\n[lint.severity]\nPP-1102 = \"error\"\n", 0),
        ("[lint]\nselct = []\n", 2),
    ];
    for (config, wanted) in statuses {
        let folder = Folder::new("config", &files(config));
        let (status, out, err) = folder.lint(&["."]);
        assert_eq!(status, wanted, "{config}\n{out}{err}");
    }
    let folder = Folder::new("config", &files("[lint.severity]\nPP-1102 = \"error\"\n"));
    assert_eq!(folder.lint(&[".", "--isolated"]).0, 0);
    assert_eq!(folder.lint(&[".", "--ignore", "pp-1102"]).0, 0);
    assert_eq!(folder.lint(&[".", "--fail-on", "never"]).0, 0);
    assert_eq!(folder.lint(&[".", "--isolated", "--fail-on", "advice"]).0, 1);
    assert_eq!(folder.lint(&[".", "--isolated", "--strict", "--select", "PP-12"]).0, 0);
}

#[test]
fn comments_silence_what_stands_beside_them() {
    let beside = POD.replace("600\"]", "600\"] # podplay: ignore PP-1102 (only a test)");
    let above = POD.replace("    command", "    # podplay: ignore PP-1102\n\n    command");
    let other = POD.replace("600\"]", "600\"] # podplay: ignore PP-1103");
    let whole = format!("# podplay: ignore-file PP-11\n{POD}");
    let exact = format!("# podplay: ignore-file PP-1102\n{POD}");
    for (text, silenced) in
        [(beside, true), (above, true), (other, false), (whole, false), (exact, true)]
    {
        let folder = Folder::new("comments", &[("pod.yaml", &text)]);
        let codes = folder.codes(&["pod.yaml", "--select", "PP-1102"]);
        assert_eq!(codes.is_empty(), silenced, "{text}");
    }
}

#[test]
fn fixes_are_applied_or_shown() {
    let folder = Folder::new("fix", &[("typo.yaml", TYPO), ("pod.yaml", POD)]);
    let (status, out, err) = folder.lint(&[".", "--diff", "--select", "PP-04"]);
    assert_eq!((status, out.as_str()), (1, ""), "a fix that makes a key twice is none: {err}");
    assert_eq!(folder.read("typo.yaml"), TYPO, "--diff changes nothing");
    let one = TYPO.replace("    image: nginx:1.27\n", "");
    let folder = Folder::new("fix", &[("typo.yaml", &one)]);
    let (_, out, _) = folder.lint(&["typo.yaml", "--diff", "--select", "PP-04"]);
    assert!(
        out.contains("-    imge: nginx:1.27  # the image\n+    image: nginx:1.27  # the image\n"),
        "{out}"
    );
    let (status, out, err) = folder.lint(&["typo.yaml", "--fix", "--select", "PP-0"]);
    assert_eq!(status, 0, "{out}{err}");
    assert!(err.contains("1 fix applied"), "{err}");
    assert_eq!(folder.read("typo.yaml"), one.replace("imge", "image"), "comments stay");
}

#[test]
fn a_baseline_holds_what_is_known() {
    let folder = Folder::new("baseline", &[("typo.yaml", TYPO)]);
    assert_eq!(folder.lint(&["."]).0, 1);
    assert_eq!(folder.lint(&[".", "--write-baseline", "known.json"]).0, 0);
    let (status, out, _) = folder.lint(&["typo.yaml", "--baseline", "known.json"]);
    assert_eq!((status, out.as_str()), (0, ""));
    std::fs::write(folder.0.join("typo.yaml"), TYPO.replace("name: app", "nam: app"))
        .expect("written");
    assert_eq!(folder.lint(&["typo.yaml", "--baseline", "known.json"]).0, 1);
}

#[test]
fn formats_for_programs() {
    let folder = Folder::new(
        "formats",
        &[
            ("a b.yaml", TYPO),
            ("good.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"),
        ],
    );
    let (_, out, _) = folder.lint(&[".", "-o", "github"]);
    assert!(out.starts_with("::error file=a b.yaml,line=7,col="), "{out}");
    let (_, out, _) = folder.lint(&[".", "-o", "junit"]);
    assert!(out.contains("tests=\"2\"") && out.contains("failures=\"1\""), "{out}");
    let (_, out, _) = folder.lint(&[".", "-o", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.yaml");
    assert_eq!(place["region"]["startLine"], 7);
    let index = result["ruleIndex"].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a rule");
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    let (_, out, _) = folder.lint(&[".", "-o", "sarif", "--output-file", "out.sarif"]);
    assert_eq!((out.as_str(), folder.read("out.sarif").is_empty()), ("", false));
    let (status, out, _) = folder.lint(&["--list"]);
    assert!(status == 0 && out.contains("PP-0401") && out.contains("PP-1404"), "{out}");
}
