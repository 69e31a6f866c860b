//! Times as Go's decoder checks them.

use podplay_api::Timestamp;

use crate::yaml::quote;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// Whether a text is an RFC 3339 time; the error is Go's.
pub(crate) fn check_rfc3339(text: &str) -> Result<(), String> {
    if Timestamp::parse(text).is_some() {
        return Ok(());
    }
    let shown = quote(text);
    let bytes = text.as_bytes();
    let mut at = 0;
    for element in ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00"] {
        let width = element.len();
        let fits = match element {
            "Z07:00" => false,
            e if e.as_bytes()[0].is_ascii_digit() => {
                bytes.get(at..at + width).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
            }
            e => bytes.get(at..at + width) == Some(e.as_bytes()),
        };
        if !fits {
            let rest = quote(text.get(at..).unwrap_or_default());
            return Err(format!(
                "parsing time {shown} as \"{LAYOUT}\": cannot parse {rest} as \"{element}\""
            ));
        }
        at += width;
    }
    Err(format!("parsing time {shown} as \"{LAYOUT}\": cannot parse \"\" as \"Z07:00\""))
}
