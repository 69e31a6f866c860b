//! Path name expansion.

use super::pattern::{is_pattern, matches, unescape};
use crate::kernel::Sys;

/// Most names that one pattern may yield.
const MOST: usize = 10_000;

/// The existing paths that an escaped pattern stands for; if there are none, itself or (`nullglob`) nothing.
pub(super) fn expand(sys: &mut Sys<'_>, escaped: &str, nothing: bool) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut rest = escaped;
    if let Some(after) = rest.strip_prefix('/') {
        found = vec!["/".to_owned()];
        rest = after.trim_start_matches('/');
    }
    let mut components = rest.split('/').peekable();
    while let Some(component) = components.next() {
        let last = components.peek().is_none();
        let mut next = Vec::new();
        for dir in &found {
            extend(sys, dir, component, last, &mut next);
            if next.len() > MOST {
                break;
            }
        }
        found = next;
    }
    if found.is_empty() && !nothing {
        return vec![unescape(escaped)];
    }
    found.sort();
    found
}

fn extend(sys: &mut Sys<'_>, dir: &str, component: &str, last: bool, out: &mut Vec<String>) {
    let end = if last { "" } else { "/" };
    if !is_pattern(component) {
        let path = format!("{dir}{}{end}", unescape(component));
        if component.is_empty() || sys.stat(&path, false).is_ok() {
            out.push(path);
        }
        return;
    }
    let at = if dir.is_empty() { "." } else { dir };
    let Ok(mut names) = sys.list(at) else { return };
    if component.starts_with('.') {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    for name in names {
        let hidden = name.starts_with('.') && !component.starts_with(['.', '\\']);
        if hidden || !matches(component, &name) {
            continue;
        }
        let path = format!("{dir}{name}");
        if last || sys.stat(&path, true).is_ok_and(|stat| stat.is_dir()) {
            out.push(format!("{path}{end}"));
        }
    }
}
