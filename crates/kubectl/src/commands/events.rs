//! `kubectl events`.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::output::Format;
use crate::resources::{kind_of, lookup};
use podplay_api::Value;

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let about = match cx.flags.text("for").map(str::to_owned) {
        None => None,
        Some(what) => {
            let shape = || Failure::error("--for must be in resource/name form");
            let (kind, name) = what
                .split_once('/')
                .filter(|(kind, name)| !kind.is_empty() && !name.is_empty())
                .ok_or_else(shape)?;
            Some((lookup(kind)?, name.to_owned()))
        }
    };
    let types = cx.flags.list("types").to_vec();
    if let Some(wrong) = types
        .iter()
        .find(|kind| !matches!(kind.to_ascii_lowercase().as_str(), "normal" | "warning"))
    {
        return Err(Failure::error(format!(
            "valid --types are: [\"Normal\", \"Warning\"], got {wrong}"
        )));
    }
    let Some(kind) = kind_of("Event") else { return Ok(Next::Done) };
    let mut events = cx.list(&kind, None)?;
    events.retain(|event| {
        let typed = types.is_empty()
            || types.iter().any(|kind| {
                event["type"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(kind))
            });
        let named = about.as_ref().is_none_or(|(kind, name)| {
            event["involvedObject"]["kind"] == kind.kind
                && event["involvedObject"]["name"] == name.as_str()
        });
        typed && named
    });
    if events.is_empty() {
        let line = if cx.all_namespaces() {
            "No events found.".to_owned()
        } else {
            format!("No events found in {} namespace.", cx.namespace())
        };
        cx.warn(line);
        return Ok(Next::Done);
    }
    let text = match Format::of(&cx.flags)? {
        Some(format) => {
            let sorted: Vec<Value> = events;
            format.objects(&sorted, &cx.flags)?
        }
        None => podplay_views::events::table(&events, cx.now(), cx.all_namespaces())
            .text(cx.flags.on("no-headers")),
    };
    cx.out.stdout.push_str(&text);
    Ok(Next::Done)
}
