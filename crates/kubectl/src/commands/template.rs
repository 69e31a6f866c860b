//! A pod template as `rollout history --revision` shows it.

use podplay_api::{Timestamp, Value, json};
use podplay_views::describe::{Related, describe};

/// The description of a template: the part of a ReplicaSet's description that shows it, with tabs between title and value.
pub(crate) fn text(template: &Value) -> String {
    let owner = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "x"}, "spec": {"template": template}});
    let related = Related { now: Timestamp(0), objects: &[], show_events: false };
    let whole = describe(&owner, &related);
    let part = whole.find("Pod Template:").map_or("", |at| &whole[at..]);
    part.lines().map(|line| with_tab(line) + "\n").collect()
}

/// `Image:   x` with a tab for the blanks; so too the blanks before a value that goes on.
fn with_tab(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    if indent > 8 {
        return format!("\t{}", line.trim_start());
    }
    match line.split_once(":  ") {
        Some((key, value)) => format!("{key}:\t{}", value.trim_start()),
        None => line.to_owned(),
    }
}
