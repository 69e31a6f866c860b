//! Events as lists: `kubectl events`, and what it shares with `describe` and `get events`.
//! Models `kubectl/pkg/cmd/events` and `kubectl/pkg/describe` DescribeEvents.

use podplay_api::Timestamp;
use serde_json::Value;

use crate::duration::since;
use crate::json::{has, int, name, namespace, text, time};
use crate::table::Table;

/// When it was seen last, for sorting.
#[must_use]
pub fn last_seen(event: &Value) -> Timestamp {
    time(event, "series.lastObservedTime")
        .or_else(|| time(event, "lastTimestamp"))
        .or_else(|| time(event, "eventTime"))
        .unwrap_or_default()
}

/// `10s (x3 over 1m)`, or only the age where it happened once.
#[must_use]
pub fn interval(event: &Value, now: Timestamp) -> String {
    let first = since(time(event, "eventTime").or_else(|| time(event, "firstTimestamp")), now);
    let repeated = |last: &str, count: i64| {
        format!("{} (x{count} over {first})", since(time(event, last), now))
    };
    if has(event, "series") {
        repeated("series.lastObservedTime", int(event, "series.count"))
    } else if int(event, "count") > 1 {
        repeated("lastTimestamp", int(event, "count"))
    } else {
        first
    }
}

/// The component that reported it.
#[must_use]
pub fn source(event: &Value) -> &str {
    match text(event, "source.component") {
        "" => text(event, "reportingComponent"),
        component => component,
    }
}

/// The table of `kubectl events`, oldest first. `all_namespaces` adds the namespace's column.
#[must_use]
pub fn table<'a>(
    events: impl IntoIterator<Item = &'a Value>,
    now: Timestamp,
    all_namespaces: bool,
) -> Table {
    let mut events: Vec<&Value> = events.into_iter().collect();
    events.sort_by_key(|event| last_seen(event));
    let mut headers = vec!["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
    if all_namespaces {
        headers.insert(0, "NAMESPACE");
    }
    let row = |event: &&Value| {
        let object = format!(
            "{}/{}",
            text(event, "involvedObject.kind"),
            text(event, "involvedObject.name")
        );
        let mut row = vec![
            interval(event, now),
            text(event, "type").to_owned(),
            text(event, "reason").to_owned(),
            object,
            text(event, "message").trim().to_owned(),
        ];
        if all_namespaces {
            row.insert(0, namespace(event).to_owned());
        }
        row
    };
    Table {
        headers: headers.into_iter().map(str::to_owned).collect(),
        rows: events.iter().map(row).collect(),
    }
}

/// Whether an event is about an object, as kubectl asks the server for it.
#[must_use]
pub fn is_about(event: &Value, object: &Value) -> bool {
    let kind = text(object, "kind");
    let about = |path: &str| text(event, path);
    let uid = crate::json::uid(object);
    let uid_fits = match about("involvedObject.uid") {
        "" => true,
        // Kubelets report about their node under its name.
        other => uid.is_empty() || other == uid || (kind == "Node" && other == name(object)),
    };
    about("involvedObject.name") == name(object)
        && (kind == "Node" || about("involvedObject.namespace") == namespace(object))
        && about("involvedObject.kind") == kind
        && uid_fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn repeated_events_tell_how_often() {
        let now = Timestamp::parse("2026-01-01T00:01:00Z").unwrap_or_default();
        let event = json!({"type": "Warning", "reason": "Failed", "message": "Error: x ", "count": 2,
            "involvedObject": {"kind": "Pod", "name": "web"},
            "firstTimestamp": "2026-01-01T00:00:10Z", "lastTimestamp": "2026-01-01T00:00:44Z"});
        let once = json!({"type": "Normal", "reason": "Scheduled", "message": "m", "eventTime": "2026-01-01T00:00:09.5Z",
            "involvedObject": {"kind": "Pod", "name": "web"}});
        assert_eq!(
            table([&event, &once], now, false).text(false),
            "LAST SEEN           TYPE      REASON      OBJECT    MESSAGE\n\
             50s                 Normal    Scheduled   Pod/web   m\n\
             16s (x2 over 50s)   Warning   Failed      Pod/web   Error: x\n"
        );
    }
}
