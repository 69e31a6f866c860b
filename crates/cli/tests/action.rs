//! What continuous integration, releases and the kubectl plugin run: the steps of `action.yml` on a made-up pull
//! request, and the scripts of `.github`.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use podplay_manifest::yaml;
use serde_json::Value;

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox:1.36
    command: [sh, -c, \"sleep 20; exit 1\"]
";

const EXPECTS: &str = "---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 1m
  expect:
  - pod/web never restarts
";

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the project is there")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder of its own, with the command in `bin` and a repository in `repository`.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("bin")).expect("a folder");
        let place = Self(folder);
        place.write("repository/deploy/web.yaml", POD);
        place
    }
    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("written");
        path
    }
    fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write(&format!("bin/{name}"), script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its mode can be set");
    }
    fn with_podplay(self) -> Self {
        let link = self.0.join("bin/podplay");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_podplay"), link).expect("a link");
        self
    }
    /// Runs a script of bash in the repository, as a runner of GitHub Actions would.
    fn bash(&self, script: &str, variables: &BTreeMap<String, String>) -> Output {
        let at = |file: &str| self.0.join(file).display().to_string();
        let path = format!("{}:/usr/bin:/bin", at("bin"));
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.0.join("repository"))
            .env("PATH", path)
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_OUTPUT", at("output"))
            .env("GITHUB_PATH", at("path"))
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .env("RUNNER_TEMP", &self.0)
            .envs(variables)
            .output()
            .expect("bash is there")
    }
    fn plain(&self, script: &str) -> String {
        let output = self.bash(script, &BTreeMap::new());
        assert!(output.status.success(), "{script}: {}", text(&output.stderr));
        text(&output.stdout)
    }
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }
}

/// `action.yml`.
fn action() -> Value {
    let file = fs::read_to_string(root().join("action.yml")).expect("the action");
    let documents = yaml::documents(&file);
    documents[0].content.as_ref().expect("it is YAML").value.clone()
}

/// What stands for `${{ … }}` in a variable of a step.
fn filled(value: &str, inputs: &BTreeMap<String, String>) -> String {
    let mut value = value.to_owned();
    for (name, input) in inputs {
        value = value.replace(&format!("${{{{ inputs.{name} }}}}"), input);
    }
    value
}

/// Whether a step's condition holds: `inputs.NAME != ''`, `!cancelled()`, joined by `&&`.
fn holds(condition: &str, inputs: &BTreeMap<String, String>) -> bool {
    condition.split("&&").map(str::trim).all(|term| {
        let input = term.strip_prefix("inputs.").and_then(|rest| rest.strip_suffix(" != ''"));
        match input {
            Some(name) => !inputs[name].is_empty(),
            None => {
                assert_eq!(term, "!cancelled()");
                true
            }
        }
    })
}

/// Runs the steps of the action with these inputs: name, status, output.
fn steps(place: &Place, given: &[(&str, &str)]) -> Vec<(String, i32, String)> {
    let action = action();
    let known = action["inputs"].as_object().expect("inputs");
    let default = |value: &Value| value["default"].as_str().unwrap_or_default().to_owned();
    let mut inputs: BTreeMap<String, String> =
        known.iter().map(|(name, value)| (name.clone(), default(value))).collect();
    for (name, value) in given {
        assert!(inputs.insert((*name).to_owned(), (*value).to_owned()).is_some(), "{name}");
    }
    let mut out = Vec::new();
    for step in action["runs"]["steps"].as_array().expect("steps") {
        if step["if"].as_str().is_some_and(|condition| !holds(condition, &inputs)) {
            continue;
        }
        let variables = step["env"].as_object().into_iter().flatten();
        let variables: BTreeMap<String, String> = variables
            .map(|(name, value)| {
                (name.clone(), filled(value.as_str().unwrap_or_default(), &inputs))
            })
            .collect();
        let output = place.bash(step["run"].as_str().expect("a script"), &variables);
        let said = text(&output.stdout) + &text(&output.stderr);
        let name = step["name"].as_str().unwrap_or_default().to_owned();
        out.push((name, output.status.code().unwrap_or(-1), said));
    }
    out
}

#[test]
fn the_action_looks_at_a_pull_request() {
    let place = Place::new("request").with_podplay();
    place.write("repository/tests/web.yaml", &format!("{POD}{EXPECTS}"));
    place.write("repository/compose.yaml", "services: {}\n");
    let git = "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main";
    place.plain(&format!("git init -q && git add -A && {git} commit -qm before"));
    place.write(
        "repository/deploy/web.yaml",
        &POD.replace("sleep 20", "sleep 40").replace("image:", "imge:"),
    );
    let done = steps(
        &place,
        &[
            ("compare", "HEAD"),
            ("sarif", "found.sarif"),
            ("test", "tests"),
            ("paths", "deploy/*.yaml"),
        ],
    );
    let names: Vec<&str> = done.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["Install podplay", "Compare", "Write SARIF", "Lint", "Test"]);
    let statuses: Vec<i32> = done.iter().map(|(_, status, _)| *status).collect();
    assert_eq!(statuses, [0, 0, 0, 1, 1], "{done:#?}");
    let lint = &done[3].2;
    assert!(lint.contains("::error file=deploy/web.yaml,line=7"), "{lint}");
    let test = &done[4].2;
    assert!(test.contains("::error file=tests/web.yaml,line=15"), "{test}");
    let sarif: Value = serde_json::from_str(&place.read("repository/found.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let summary = place.read("summary");
    assert!(summary.contains("<code>deploy/web.yaml</code>"), "{summary}");
    assert!(place.read("output").contains("file="), "the comparison is an output");
}

#[test]
fn a_comparison_shows_what_a_run_shows() {
    let place = Place::new("compare").with_podplay();
    let git = "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main";
    place.plain(&format!("git init -q && git add -A && {git} commit -qm before"));
    let compare = format!("{}/.github/action/compare.sh HEAD deploy", root().display());
    assert!(place.plain(&compare).contains("Nothing that a run shows."));
    place.write("repository/deploy/web.yaml", &POD.replace("sleep 20", "sleep 40"));
    let told = place.plain(&compare);
    assert!(told.contains("First difference at 23."), "{told}");
    assert!(told.contains("\n--- deploy/web.yaml\n+++ deploy/web.yaml\n"), "{told}");
}

#[test]
fn the_action_fetches_the_release_that_it_is_used_by() {
    let place = Place::new("install");
    if !place.bash("command -v curl sha256sum", &BTreeMap::new()).status.success() {
        println!("SKIPPED: curl or sha256sum is not here; the download was not tried");
        return;
    }
    let stub = place.write("built/podplay", "#!/bin/sh\necho 'podplay 1.2.3'\n");
    let scripts = root().join(".github");
    let from = place.0.join("server/OWNER/podplay/releases/download/v1.2.3");
    let (pack, install) = (scripts.join("release/pack.sh"), scripts.join("action/install.sh"));
    let target = "x86_64-unknown-linux-musl";
    place.plain(&format!(
        "chmod 755 '{}' && '{}' 1.2.3 {target} '{}' '{}' && cd '{}' && sha256sum -- * > ../SHA256SUMS && mv ../SHA256SUMS .",
        stub.display(),
        pack.display(),
        stub.display(),
        from.display(),
        from.display(),
    ));
    let server = format!("file://{}", place.0.join("server").display());
    let variables: BTreeMap<String, String> = [
        ("ACTION_REF", "v1.2.3"),
        ("ACTION_REPOSITORY", "OWNER/podplay"),
        ("GITHUB_SERVER_URL", &server),
        ("RUNNER_ARCH", "X64"),
        ("RUNNER_OS", "Linux"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let install = format!("'{}'", install.display());
    let output = place.bash(&install, &variables);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let folder = place.read("path").trim().to_owned();
    assert_eq!(place.plain(&format!("'{folder}/podplay'")), "podplay 1.2.3\n");
    // Another archive than the checksums were made of is refused.
    place.plain(&format!("echo >> '{}/podplay-1.2.3-{target}.tar.gz'", from.display()));
    assert!(!place.bash(&install, &variables).status.success());
}

#[test]
fn kubectl_play_runs_what_kubectl_gets() {
    let place = Place::new("plugin").with_podplay();
    let pod = place.0.join("repository/deploy/web.yaml");
    let kubectl = format!(
        "#!/bin/sh\necho \"$*\" > '{}/asked'\ncat '{}'\n",
        place.0.display(),
        pod.display()
    );
    place.program("kubectl", &kubectl);
    let plugin = root().join(".github/release/kubectl-play");
    let shown = place
        .plain(&format!("'{}' pod web -n 'a b' -- why --at 30s --no-remedies", plugin.display()));
    assert!(shown.contains("ended with exit code 1"), "{shown}");
    assert_eq!(place.read("asked"), "get pod web -n a b -o yaml\n");
    let shown = place.plain(&format!("'{}' pod/web", plugin.display()));
    assert!(shown.contains("CrashLoopBackOff") || shown.contains("Error"), "{shown}");
}

#[test]
fn a_release_agrees_with_itself() {
    let place = Place::new("release");
    let script = |name: &str| root().join(".github/release").join(name).display().to_string();
    assert_eq!(place.plain(&script("version.sh")).trim(), env!("CARGO_PKG_VERSION"));
    assert!(
        !place
            .bash(&format!("{} v99.0.0", script("version.sh")), &BTreeMap::new())
            .status
            .success()
    );
    let targets = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ];
    let sums: String = targets
        .iter()
        .map(|target| format!("{:064}  podplay-1.2.3-{target}.tar.gz\n", 7))
        .collect();
    let sums = place.write("SHA256SUMS", &sums);
    let krew =
        format!("{} 1.2.3 https://example.com/podplay {}", script("krew.sh"), sums.display());
    let manifest = place.plain(&krew);
    let manifest = yaml::documents(&manifest)[0].content.as_ref().expect("YAML").value.clone();
    let platforms = manifest["spec"]["platforms"].as_array().expect("platforms");
    assert_eq!(platforms.len(), targets.len());
    assert!(
        platforms
            .iter()
            .all(|platform| platform["sha256"].as_str().is_some_and(|sum| sum.len() == 64))
    );
    place.write("SHA256SUMS", "");
    assert!(!place.bash(&krew, &BTreeMap::new()).status.success(), "a checksum that is missing");
}
