//! Field paths, put together without `format!`, whose code is large.

/// `path.key`, or `key` at the top.
pub(super) fn sub(path: impl AsRef<str>, key: impl AsRef<str>) -> String {
    join(path.as_ref(), ".", key.as_ref(), "")
}

/// `path[key]`
pub(super) fn keyed(path: impl AsRef<str>, key: impl AsRef<str>) -> String {
    join(path.as_ref(), "[", key.as_ref(), "]")
}

/// `path[n]`
pub(super) fn nth(path: impl AsRef<str>, n: usize) -> String {
    join(path.as_ref(), "[", &n.to_string(), "]")
}

fn join(path: &str, open: &str, key: &str, close: &str) -> String {
    let mut out = String::with_capacity(path.len() + key.len() + 2);
    for part in [path, open, key, close] {
        out.push_str(part);
    }
    out
}
