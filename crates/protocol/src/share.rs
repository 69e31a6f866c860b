//! Share links: `#v1.<payload>&t=42.5`, the text deflated and in URL-safe base64, and the moment.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use podplay_api::SimTime;
use podplay_api::length::parse_length;

/// Largest text of a link, in bytes.
pub const TEXT_BYTES: usize = podplay_api::limits::TEXT_BYTES;
/// Largest payload that is looked at, in bytes.
pub const PAYLOAD_BYTES: usize = 2 * TEXT_BYTES;

/// What a link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The text.
    pub text: String,
    /// Where the playhead is; `None` if the link does not say.
    pub at: Option<SimTime>,
}

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareError {
    /// There is no `#v1.` in it.
    NotALink,
    /// It begins with a version that is not known.
    Version,
    /// It is longer than any link that podplay makes.
    TooLong,
    /// It is cut off or was changed on the way.
    Damaged,
}

impl core::fmt::Display for ShareError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NotALink => "this is no podplay link: it has no #v1. part",
            Self::Version => "this link was made by a newer podplay",
            Self::TooLong => "this link is too long",
            Self::Damaged => "this link is damaged: part of it is missing or was changed",
        })
    }
}
impl std::error::Error for ShareError {}

/// The part of a link behind the address: `#v1.…&t=…`.
pub fn encode(text: &str, at: Option<SimTime>) -> String {
    let payload = URL_SAFE_NO_PAD.encode(compress_to_vec(text.as_bytes(), 9));
    match at {
        Some(at) => format!("#v1.{payload}&t={}", seconds(at)),
        None => format!("#v1.{payload}"),
    }
}

/// Reads a link, a fragment with or without `#`, or a whole address.
///
/// # Errors
/// If it is no link, or damaged.
pub fn decode(link: &str) -> Result<Shared, ShareError> {
    let link = link.trim();
    let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment);
    let mut parts = fragment.split('&');
    let head = parts.next().unwrap_or_default();
    let Some(payload) = head.strip_prefix("v1.") else {
        let digits = head
            .strip_prefix('v')
            .and_then(|rest| rest.split_once('.'))
            .map(|(version, _)| version);
        let other = digits.is_some_and(|version| {
            !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
        });
        return Err(if other { ShareError::Version } else { ShareError::NotALink });
    };
    if payload.len() > PAYLOAD_BYTES {
        return Err(ShareError::TooLong);
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| ShareError::Damaged)?;
    let text = decompress_to_vec_with_limit(&bytes, TEXT_BYTES).map_err(|_| ShareError::Damaged)?;
    let text = String::from_utf8(text).map_err(|_| ShareError::Damaged)?;
    let at = parts.find_map(|part| part.strip_prefix("t=")).and_then(moment);
    Ok(Shared { text, at })
}

/// `42.5`
fn seconds(at: SimTime) -> String {
    let millis = at.as_millis();
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn moment(text: &str) -> Option<SimTime> {
    parse_length(text).map(|length| SimTime::ZERO + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_bring_back_what_they_carry() {
        let long = "a: [한국어, \"✓\"]\n".repeat(5_000);
        for text in ["", "kind: Pod\n", long.as_str()] {
            for at in [None, Some(SimTime::ZERO), Some(SimTime::from_millis(42_500))] {
                let link = encode(text, at);
                let shared = Shared { text: text.to_owned(), at };
                assert_eq!(decode(&link), Ok(shared.clone()));
                assert_eq!(decode(&format!("https://example.org/x/{link}")), Ok(shared));
            }
        }
        assert!(encode("kind: Pod\n", Some(SimTime::from_millis(42_500))).ends_with("&t=42.5"));
    }

    #[test]
    fn bad_links_say_why() {
        let table = [
            ("", ShareError::NotALink),
            ("https://example.org/", ShareError::NotALink),
            ("#v2.abc", ShareError::Version),
            ("#v1.!!!", ShareError::Damaged),
            ("#v1.AAAA", ShareError::Damaged),
        ];
        for (link, error) in table {
            assert_eq!(decode(link), Err(error), "{link}");
        }
        let whole = encode(&"x".repeat(TEXT_BYTES), None);
        assert!(decode(&whole).is_ok());
        assert_eq!(decode(&encode(&"x".repeat(TEXT_BYTES + 1), None)), Err(ShareError::Damaged));
        assert_eq!(
            decode(&format!("#v1.{}", "A".repeat(PAYLOAD_BYTES + 1))),
            Err(ShareError::TooLong)
        );
    }
}
