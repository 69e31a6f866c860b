//! The lines of a `check.txt`: sections that begin at the margin, and in them statements and guards.
//!
//! ```text
//! shown
//!   at 12s: pod web ready == 1/1
//! try "periodSeconds: 5" -> "periodSeconds: 1"
//!   once: container web/app restarts >= 1
//! keep
//!   same Pod/web except spec.containers[app].livenessProbe
//! pass
//!   always: pod web restarts == 0
//! wrong "sleep 25" -> "sleep 1"
//! ```

use super::guard::Guard;
use crate::statement::{Op, Statement, parse, words};

/// What a lesson claims, and what it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What the lesson's own manifest shows, and when.
    pub shown: Vec<Statement>,
    /// Edits that the lesson proposes, with what they show.
    pub tries: Vec<Trial>,
    /// What an answer keeps.
    pub keep: Vec<Guard>,
    /// What the run of an answer shows.
    pub pass: Vec<Statement>,
    /// Edits that look like an answer and are none.
    pub wrong: Vec<Trial>,
}

/// An edit that a lesson proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// This text of the manifest…
    pub from: String,
    /// …becomes this one.
    pub to: String,
    /// What the run shows then.
    pub shown: Vec<Statement>,
}

impl Trial {
    /// The text with the edit made; `None` if there is nothing to replace.
    pub fn made(&self, text: &str) -> Option<String> {
        text.contains(&self.from).then(|| text.replacen(&self.from, &self.to, 1))
    }
}

/// What is wrong with a line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// An indented line before any section.
    NoSection(usize),
    /// A section that does not exist.
    Section(usize, String),
    /// A statement or guard that cannot be read, with what one looks like.
    Line(usize, &'static str),
}

impl core::fmt::Display for ScriptError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoSection(line) => {
                write!(f, "line {line}: a section comes first: shown, try, keep or pass")
            }
            Self::Section(line, name) => {
                write!(
                    f,
                    "line {line}: \"{name}\" is no section; write shown, try \"A\" -> \"B\", keep, pass or wrong \"A\" -> \"B\""
                )
            }
            Self::Line(line, wanted) => write!(f, "line {line}: write it as `{wanted}`"),
        }
    }
}
impl core::error::Error for ScriptError {}

enum Section {
    Shown,
    Try,
    Keep,
    Pass,
    Wrong,
}

impl Script {
    /// Reads a script.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::default();
        let mut section = None;
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            if !line.starts_with([' ', '\t']) {
                section = Some(script.open(number, body)?);
                continue;
            }
            let Some(section) = &section else { return Err(ScriptError::NoSection(number)) };
            if matches!(section, Section::Keep) {
                script.keep.push(guard(body).map_err(|wanted| ScriptError::Line(number, wanted))?);
                continue;
            }
            let statement =
                parse(number, body).map_err(|wanted| ScriptError::Line(number, wanted))?;
            match (section, script.tries.last_mut()) {
                (Section::Try, Some(trial)) => trial.shown.push(statement),
                (Section::Pass, _) => script.pass.push(statement),
                (Section::Wrong, _) => {
                    return Err(ScriptError::Line(number, "wrong \"A\" -> \"B\" stands alone"));
                }
                _ => script.shown.push(statement),
            }
        }
        Ok(script)
    }
    /// Begins a section.
    fn open(&mut self, number: usize, line: &str) -> Result<Section, ScriptError> {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["shown"] => Ok(Section::Shown),
            ["keep"] => Ok(Section::Keep),
            ["pass"] => Ok(Section::Pass),
            ["wrong", from, "->", to] => {
                self.wrong.push(Trial {
                    from: from.to_owned(),
                    to: to.to_owned(),
                    shown: Vec::new(),
                });
                Ok(Section::Wrong)
            }
            ["try", from, "->", to] => {
                self.tries.push(Trial {
                    from: from.to_owned(),
                    to: to.to_owned(),
                    shown: Vec::new(),
                });
                Ok(Section::Try)
            }
            _ => Err(ScriptError::Section(number, line.to_owned())),
        }
    }
}

fn guard(text: &str) -> Result<Guard, &'static str> {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let own = |text: &str| text.to_owned();
    let all = |texts: &[&str]| texts.iter().map(|text| own(text)).collect();
    match words[..] {
        ["same", object] => {
            Ok(Guard::Same { object: own(object), path: String::new(), except: Vec::new() })
        }
        ["same", object, "except", ref except @ ..] => {
            Ok(Guard::Same { object: own(object), path: String::new(), except: all(except) })
        }
        ["same", object, path] => {
            Ok(Guard::Same { object: own(object), path: own(path), except: Vec::new() })
        }
        ["same", object, path, "except", ref except @ ..] => {
            Ok(Guard::Same { object: own(object), path: own(path), except: all(except) })
        }
        ["field", object, path, op, value] => {
            let op = Op::parse(op).ok_or("field OBJECT PATH <= VALUE")?;
            Ok(Guard::Field { object: own(object), path: own(path), op, value: own(value) })
        }
        _ => Err("same OBJECT [PATH] [except PATH …], or field OBJECT PATH <= VALUE"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Script, ScriptError};
    use crate::Run;

    const TEXT: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: busybox:1.36\n    command: [sh, -c, 'echo hello; sleep 20; exit 3']\n---\napiVersion: podplay/v1\nkind: Scenario\nspec: {duration: 30s, node: {profile: instant}}\n";

    #[test]
    fn a_run_answers() {
        let table = [
            ("at 5s: pod web ready == 1/1", true),
            ("at 25s: pod web ready == 1/1", true),
            ("pod web restarts == 1", true),
            ("at 40s: pod web restarts == 1", false),
            ("by 19s: container web/app restarts >= 1", false),
            ("by 21s: container web/app restarts >= 1", true),
            ("once from 21s to 22s: container web/app state == running", true),
            ("always: container web/app restarts == 0", false),
            ("from 1s to 19s: container web/app state == running", true),
            ("never: pod web status == CrashLoopBackOff", true),
            ("never: container web/app lastExitCode == 3", false),
            ("container web/app lastExitCode == 3", true),
            ("container web/app lastReason == Error", true),
            ("pod web condition Ready == True", true),
            ("pod web status.phase == Running", true),
            ("pod gone ready == absent", true),
            ("events Pod/web Started >= 2", true),
            ("events Pod/web Pulled \"20 s\" == 0", true),
            ("log web/app \"hello\" == 2", true),
            ("at 10s: log web/app hello == 1", true),
            ("signals web/app SIGKILL == 0", true),
            ("probes web/app liveness failure == 0", true),
            ("requests web failed == 0", true),
            ("endpoint web/web ready == absent", true),
        ];
        let mut run = Run::new(TEXT);
        run.finish();
        for (line, expected) in table {
            let script = Script::parse(&format!("pass\n  {line}\n")).expect(line);
            let verdict = script.pass[0].judge(&run);
            assert_eq!(verdict.holds, expected, "{line}: {verdict:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_a_line() {
        let table = [
            ("  pod web ready == 1/1", 1),
            ("shown\n  pod web ready = 1/1", 2),
            ("shown\n\n# words\n  at noon: pod web ready == 1/1", 4),
            ("shown\n  sometimes: pod web ready == 1/1", 2),
            ("shown\n  pod web == 1/1", 2),
            ("shown\n  container web ready == true", 2),
            ("keep\n  everything", 2),
            ("keep\n  field Pod/web spec.x is 3", 2),
            ("try this", 1),
            ("pass\n  probes web/app liveness maybe == 0", 2),
        ];
        for (text, line) in table {
            let found = match Script::parse(text) {
                Err(
                    ScriptError::NoSection(line)
                    | ScriptError::Section(line, _)
                    | ScriptError::Line(line, _),
                ) => line,
                Ok(script) => panic!("{text} is read as {script:?}"),
            };
            assert_eq!(found, line, "{text}");
        }
    }

    #[test]
    fn an_edit_is_made_once() {
        let script = Script::parse("try \"period: 5\" -> \"period: 1\"\n  pod web restarts == 1\n")
            .expect("a script");
        assert_eq!(
            script.tries[0].made("period: 5\nperiod: 5\n").as_deref(),
            Some("period: 1\nperiod: 5\n")
        );
        assert_eq!(script.tries[0].made("period: 7\n"), None);
        assert_eq!(script.tries[0].shown.len(), 1);
    }
}
