//! `kubectl debug`: an ephemeral container in a pod.
//!
//! Models `kubectl/pkg/cmd/debug/debug.go`.

use crate::commands::pods;
use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::update::Refused;
use podplay_api::hash::{Fnv, LETTERS};
use podplay_api::{Value, json};
use podplay_core::{Applied, Command};

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let positional = cx.flags.dash.unwrap_or(cx.flags.words.len());
    let words = cx.flags.words.clone();
    let (names, command) = words.split_at(positional);
    let Some(word) = names.first() else {
        return Err(Failure::usage("debug", "NAME is required for debug"));
    };
    let target = pods::named(cx, word)?;
    if target.kind.kind != "Pod" {
        return Err(Failure::error(format!("\"{}\" not supported by debug", target.kind.kind)));
    }
    let Some(image) = cx.flags.text("image").map(str::to_owned) else {
        return Err(Failure::error("you must specify --image when not using --target"));
    };
    let existing =
        target.object["spec"]["ephemeralContainers"].as_array().cloned().unwrap_or_default();
    let wanted = cx.flags.text("target").map(str::to_owned);
    if let Some(wanted) = &wanted {
        cx.say(format!(
            "Targeting container \"{wanted}\". If you don't see processes from this container it may be because the container runtime doesn't support this feature."
        ));
    }
    let name = match cx.flags.text("container") {
        Some(name) => name.to_owned(),
        None => {
            let name = generated(cx, &target.name, existing.len());
            cx.say(format!("Defaulting debug container name to {name}."));
            name
        }
    };
    let mut container = json!({"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "resources": {},
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"});
    if !command.is_empty() {
        container[if cx.flags.on("arguments-only") { "args" } else { "command" }] = command.into();
    }
    for flag in ["stdin", "tty"] {
        if cx.flags.on(flag) {
            container[flag] = true.into();
        }
    }
    if let Some(wanted) = &wanted {
        container["targetContainerName"] = wanted.clone().into();
        let known = target.object["spec"]["containers"]
            .as_array()
            .is_some_and(|all| all.iter().any(|each| each["name"] == wanted.as_str()));
        if !known {
            let errors = vec![format!(
                "spec.ephemeralContainers[{}].targetContainerName: Not found: \"{wanted}\"",
                existing.len()
            )];
            return Err(
                Refused::Invalid { kind: target.kind, name: target.name.clone(), errors }.failure()
            );
        }
    }
    let mut new = target.object.clone();
    new["spec"]["ephemeralContainers"] =
        Value::Array(existing.into_iter().chain([container]).collect());
    let _: Applied = cx.cluster.apply(Command::Replace(new))?;
    Ok(Next::Done)
}

/// `debugger-xs6vv`: five letters that the seed, the pod and the number decide.
fn generated(cx: &Cx, pod: &str, number: usize) -> String {
    let seed = &cx.cluster.world().config.seed;
    let words = pod.bytes().chain([u8::try_from(number % 256).unwrap_or(0)]);
    let Fnv(mut hash) = Fnv(Fnv::default().0 ^ seed.rotate_left(17)).with(words);
    let mut name = String::from("debugger-");
    for _ in 0..5 {
        let at = usize::try_from(hash % LETTERS.len() as u64).unwrap_or(0);
        name.push(char::from(LETTERS[at]));
        hash /= LETTERS.len() as u64;
    }
    name
}
