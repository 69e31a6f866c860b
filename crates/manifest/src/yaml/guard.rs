//! Texts that the event library cannot take without stopping are found before it sees them.

use libyaml_safer::{ScalarStyle, Scanner, TokenData};

/// How many suspicious places are looked at closely; a text with more is refused.
const CLOSE_LOOKS: usize = 32;

/// The place of a tag in a flow collection that is followed by a comma without a blank: `[!a,b]`.
pub(crate) fn tag_before_comma(text: &str) -> Option<usize> {
    let mut looked = 0;
    for (at, _) in text.match_indices('!') {
        let before = text[..at].chars().next_back();
        let starts = before.is_none_or(|c| c.is_whitespace() || "[{,:?-&*'\"]}".contains(c));
        if !starts || !run_has_comma(&text[at..]) {
            continue;
        }
        looked += 1;
        if looked > CLOSE_LOOKS || is_flow_tag(&text[..at]) {
            return Some(at);
        }
    }
    None
}

fn run_has_comma(rest: &str) -> bool {
    rest.chars().take_while(|c| !c.is_whitespace()).any(|c| c == ',')
}

/// Whether a `!` right after `head` would begin a tag inside a flow collection.
fn is_flow_tag(head: &str) -> bool {
    let padded = format!("{head}\n");
    let mut bytes = padded.as_bytes();
    let mut scanner = Scanner::new();
    scanner.set_input_string(&mut bytes);
    let mut depth = 0_usize;
    let mut after_plain = false;
    let mut end = 0;
    for token in scanner {
        let token = match token {
            Ok(token) => token,
            // An open quote: then `!` is text. Any other trouble would be reported there anyway.
            // What could still become a key is held back by the scanner: all of it is on the last line.
            Err(error) => {
                let line = head.rsplit('\n').next().unwrap_or_default();
                let opened = depth > 0 || line.contains(['{', '[']);
                return opened && !error.problem().contains("end of stream");
            }
        };
        match &token.data {
            TokenData::StreamEnd => break,
            TokenData::FlowSequenceStart | TokenData::FlowMappingStart => depth += 1,
            TokenData::FlowSequenceEnd | TokenData::FlowMappingEnd => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        after_plain = matches!(&token.data, TokenData::Scalar { style: ScalarStyle::Plain, .. });
        let token_end = usize::try_from(token.end_mark.index).unwrap_or(0);
        end = if token_end > end { token_end } else { end };
    }
    let gap = head.get(end.min(head.len())..).unwrap_or_default();
    let in_comment = gap.rsplit('\n').next().unwrap_or_default().contains('#');
    depth > 0 && !after_plain && !in_comment
}

#[cfg(test)]
mod tests {
    use super::tag_before_comma;

    #[test]
    fn tags_that_stop_the_scanner_are_found() {
        let table = [
            ("a: [!a,b]", true),
            ("a: {b: !a,c}", true),
            ("a:\n{{!a,b{{  ", true),
            ("a: '[!a,b]'", false),
            ("a: b !a,c", false),
            ("a: 1\nb !a,c: 2", false),
            ("a: [!a , b]", false),
        ];
        for (text, expected) in table {
            assert_eq!(tag_before_comma(text).is_some(), expected, "{text}");
        }
    }
}
