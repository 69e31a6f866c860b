//! Names, labels and other small texts with rules of their own.
//!
//! Models `apimachinery/pkg/util/validation/validation.go`; each function returns the texts of the
//! rules that are broken.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const UNDERSCORE_SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const ENV_NAME: &str = "a valid environment variable name must consist only of printable ASCII characters other than '='";

/// Texts of the rules that a value breaks.
pub(crate) type Broken = Vec<String>;

fn lower(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

/// Starts and ends with `edge`, holds only `edge` and `extra` between.
fn framed(text: &str, edge: impl Fn(u8) -> bool, extra: &[u8]) -> bool {
    let b = text.as_bytes();
    match (b.first(), b.last()) {
        (Some(first), Some(last)) => {
            edge(*first) && edge(*last) && b.iter().all(|c| edge(*c) || extra.contains(c))
        }
        _ => false,
    }
}

/// A DNS subdomain, at most 253 characters.
pub(crate) fn subdomain(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 253 {
        out.push("must be no more than 253 characters".to_owned());
    }
    if !text.split('.').all(|part| framed(part, lower, b"-")) {
        out.push(SUBDOMAIN.to_owned());
    }
    out
}

/// A DNS subdomain whose first part is `*`.
pub(crate) fn wildcard(text: &str) -> Broken {
    let rest = text.strip_prefix("*.");
    if rest.is_some_and(|rest| rest.split('.').all(|part| framed(part, lower, b"-"))) {
        return Broken::new();
    }
    vec![WILDCARD.to_owned()]
}

/// A name that is part of a URL's path.
pub(crate) fn path_segment(text: &str) -> Broken {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let bad = ["/", "%"].into_iter().filter(|bad| text.contains(*bad));
    bad.map(|bad| format!("may not contain '{bad}'")).collect()
}

/// A DNS subdomain in which parts may begin with `_`.
pub(crate) fn subdomain_with_underscore(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 253 {
        out.push("must be no more than 253 characters".to_owned());
    }
    let part_ok = |p: &str| framed(p.strip_prefix('_').unwrap_or(p), lower, b"-_");
    if !text.split('.').all(part_ok) {
        out.push(UNDERSCORE_SUBDOMAIN.to_owned());
    }
    out
}

/// A DNS label, at most 63 characters.
pub(crate) fn label(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 63 {
        out.push("must be no more than 63 characters".to_owned());
    }
    if !framed(text, lower, b"-") {
        let dots_only = !text.is_empty() && text.split('.').all(|p| framed(p, lower, b"-"));
        out.push(if dots_only { "must not contain dots" } else { LABEL }.to_owned());
    }
    out
}

/// A name such as `app.kubernetes.io/name`: an optional prefix and a name part.
pub(crate) fn qualified(text: &str) -> Broken {
    let mut out = Broken::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                out.push("prefix part must be non-empty".to_owned());
            } else {
                out.extend(
                    subdomain(prefix)
                        .into_iter()
                        .map(|m| format!("prefix part {m}").replace("253 characters", "253 bytes")),
                );
            }
            name
        }
        _ => {
            let rule = NAME_PART.strip_prefix("name part ").unwrap_or(NAME_PART);
            return vec![format!(
                "a valid label key {rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )
            .replacen("a valid label key", "a qualified name", 1)];
        }
    };
    if name.is_empty() {
        out.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        out.push("name part must be no more than 63 bytes".to_owned());
    }
    if !framed(name, |b| b.is_ascii_alphanumeric(), b"-_.") {
        out.push(NAME_PART.to_owned());
    }
    out
}

/// The value of a label.
pub(crate) fn label_value(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 63 {
        out.push("must be no more than 63 bytes".to_owned());
    }
    if !text.is_empty() && !framed(text, |b| b.is_ascii_alphanumeric(), b"-_.") {
        out.push(LABEL_VALUE.to_owned());
    }
    out
}

/// The name of a port.
pub(crate) fn port_name(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 15 {
        out.push("must be no more than 15 characters".to_owned());
    }
    if text.is_empty() || !text.bytes().all(|b| lower(b) || b == b'-') {
        out.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        out.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        out.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        out.push("must not begin or end with a hyphen".to_owned());
    }
    out
}

/// A port number.
pub(crate) fn port_number(port: i64) -> Broken {
    between(port, 1, 65_535)
}

/// A number within bounds.
pub(crate) fn between(value: i64, low: i64, high: i64) -> Broken {
    if (low..=high).contains(&value) {
        Broken::new()
    } else {
        vec![format!("must be between {low} and {high}, inclusive")]
    }
}

/// A key of a ConfigMap or Secret.
pub(crate) fn config_key(text: &str) -> Broken {
    let mut out = Broken::new();
    if text.len() > 253 {
        out.push("must be no more than 253 characters".to_owned());
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        out.push(CONFIG_KEY.to_owned());
    }
    match text {
        "." => out.push("must not be '.'".to_owned()),
        ".." => out.push("must not be '..'".to_owned()),
        t if t.starts_with("..") => out.push("must not start with '..'".to_owned()),
        _ => {}
    }
    out
}

/// The name of an HTTP header.
pub(crate) fn header(text: &str) -> Broken {
    let ok = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if ok { Broken::new() } else { vec![HEADER.to_owned()] }
}

/// The name of an environment variable.
pub(crate) fn env_name(text: &str) -> Broken {
    let ok = !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'=');
    if ok { Broken::new() } else { vec![ENV_NAME.to_owned()] }
}

/// A percentage.
pub(crate) fn percent(text: &str) -> Broken {
    let ok = text
        .strip_suffix('%')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if ok { Broken::new() } else { vec![PERCENT.to_owned()] }
}

/// Whether a text is an IP address in canonical or usual form.
pub(crate) fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// What is said of a text that is no IP address.
pub(crate) const BAD_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
/// What is said of a text that is no address range.
pub(crate) const BAD_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
