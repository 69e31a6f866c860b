//! What an answer must keep: guards compare the learner's text with the lesson's.

use crate::Plan;
use crate::statement::Op;
use crate::statement::path;
use podplay_api::Value;

/// One guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// An object, or a part of it, is as the lesson wrote it, apart from some places.
    Same {
        /// `Pod/web`, or `Scenario`.
        object: String,
        /// The part; the whole object if it is empty.
        path: String,
        /// Places, from the root of the object, that may differ.
        except: Vec<String>,
    },
    /// A field of an object compares so with a value.
    Field {
        /// `Pod/web`, or `Scenario`.
        object: String,
        /// The field.
        path: String,
        /// How.
        op: Op,
        /// With what.
        value: String,
    },
}

impl Guard {
    /// The place that breaks the guard, if one does.
    pub fn broken(&self, original: &Plan, answer: &Plan) -> Option<String> {
        match self {
            Self::Same { object, path, except } => {
                let part = |plan: &Plan| {
                    let mut whole = found(plan, object).cloned().unwrap_or_default();
                    for place in except {
                        path::remove(&mut whole, place);
                    }
                    path::find(&whole, path).cloned().unwrap_or_default()
                };
                let place = path::difference(&part(original), &part(answer), path)?;
                Some(format!("{object} {place}").trim_end().to_owned())
            }
            Self::Field { object, path, op, value } => {
                let there = found(answer, object).and_then(|object| path::find(object, path));
                let there = path::shown(there.unwrap_or(&Value::Null));
                (!op.holds(&there, value)).then(|| format!("{object} {path} {op} {value}"))
            }
        }
    }
}

/// An object of a text as it is written there.
fn found<'a>(plan: &'a Plan, object: &str) -> Option<&'a Value> {
    if object == "Scenario" {
        return plan.reading.scenario.as_ref().map(|scenario| &scenario.value);
    }
    let (kind, name) = object.split_once('/')?;
    let called = |object: &&podplay_manifest::Object| object.kind == kind && object.name == name;
    plan.reading.objects.iter().find(called).map(|object| &object.submitted)
}

#[cfg(test)]
mod tests {
    use crate::Plan;
    use crate::lesson::Script;

    const TEXT: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: nginx\n    livenessProbe: {httpGet: {port: 80}, failureThreshold: 3}\n";

    #[test]
    fn guards_name_what_was_changed() {
        let other = TEXT.replace("failureThreshold: 3", "failureThreshold: 9");
        let table = [
            ("same Pod/web", TEXT, None),
            (
                "same Pod/web",
                &other,
                Some("Pod/web spec.containers[app].livenessProbe.failureThreshold"),
            ),
            ("same Pod/web except spec.containers[app].livenessProbe", &other, None),
            ("same Pod/web spec.containers[app].image", &other, None),
            ("same Pod/web", "", Some("Pod/web")),
            ("same Scenario", &other, None),
            ("field Pod/web spec.containers[app].livenessProbe.failureThreshold <= 5", TEXT, None),
            (
                "field Pod/web spec.containers[app].livenessProbe.failureThreshold <= 5",
                &other,
                Some("Pod/web spec.containers[app].livenessProbe.failureThreshold <= 5"),
            ),
            (
                "field Pod/web spec.restartPolicy == Never",
                TEXT,
                Some("Pod/web spec.restartPolicy == Never"),
            ),
        ];
        for (line, answer, expected) in table {
            let script = Script::parse(&format!("keep\n  {line}\n")).expect(line);
            let broken = script.keep[0].broken(&Plan::read(TEXT), &Plan::read(answer));
            assert_eq!(broken.as_deref(), expected, "{line}");
        }
    }
}
