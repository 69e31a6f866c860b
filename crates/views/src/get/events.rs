//! Rows of Events.

use podplay_api::Timestamp;
use serde_json::Value;

use crate::duration::since;
use crate::events::source;
use crate::json::{has, int, name, text, time};

pub(super) fn event(event: &Value, now: Timestamp) -> Vec<Value> {
    let first = time(event, "firstTimestamp").or_else(|| time(event, "eventTime"));
    let (last, count) = if has(event, "series") {
        (time(event, "series.lastObservedTime"), int(event, "series.count"))
    } else {
        (time(event, "lastTimestamp").or(first), int(event, "count").max(1))
    };
    let kind = text(event, "involvedObject.kind").to_ascii_lowercase();
    let object = match text(event, "involvedObject.name") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    vec![
        since(last, now).into(),
        text(event, "type").into(),
        text(event, "reason").into(),
        object.into(),
        text(event, "involvedObject.fieldPath").into(),
        source_and_host(event).into(),
        text(event, "message").trim().into(),
        since(first, now).into(),
        count.into(),
        name(event).into(),
    ]
}

/// `kubelet, node01`.
fn source_and_host(event: &Value) -> String {
    let host = match text(event, "source.host") {
        "" if text(event, "source.component").is_empty() => text(event, "reportingInstance"),
        host => host,
    };
    if host.is_empty() { source(event).to_owned() } else { format!("{}, {host}", source(event)) }
}
