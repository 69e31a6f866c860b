//! Korean particles, which follow the sound that the word before them ends in.
//!
//! A sentence writes both forms, as people do who do not know the word yet: `{0}이(가)`, `{1}(으)로`. Once the word
//! is known, the right one is chosen: Hangul by its last letter, digits and Latin letters as they are read aloud.

/// Both forms as a sentence writes them, the one after a consonant, the one after a vowel.
const PAIRS: [(&str, &str, &str); 7] = [
    ("이(가)", "이", "가"),
    ("을(를)", "을", "를"),
    ("은(는)", "은", "는"),
    ("과(와)", "과", "와"),
    ("(으)로", "으로", "로"),
    ("(이)라", "이라", "라"),
    ("(이)나", "이나", "나"),
];

/// The sound that a word ends in, as far as particles ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Vowel,
    /// ㄹ, after which 로 stands like after a vowel.
    Rieul,
    Consonant,
}

/// If `rest` begins with both forms of a particle: the one that follows `word`, and what comes after it.
pub(crate) fn chosen<'a>(word: &str, rest: &'a str) -> Option<(&'static str, &'a str)> {
    let (both, closed, open) = PAIRS.into_iter().find(|(both, ..)| rest.starts_with(both))?;
    let bare = match end(word) {
        End::Vowel => true,
        End::Rieul => open == "로",
        End::Consonant => false,
    };
    Some((if bare { open } else { closed }, &rest[both.len()..]))
}

/// The sound that a word ends in; what stands behind its last letter or digit is not read.
fn end(word: &str) -> End {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    match word.chars().next_back() {
        Some(c @ '가'..='힣') => match (u32::from(c) - u32::from('가')) % 28 {
            0 => End::Vowel,
            8 => End::Rieul,
            _ => End::Consonant,
        },
        Some('1' | '7' | '8') => End::Rieul,
        Some('0' | '3' | '6') => End::Consonant,
        Some(c) if c.is_ascii_alphabetic() => {
            let from = word
                .rfind(|c: char| !c.is_ascii_alphabetic())
                .map_or(0, |at| at + word[at..].chars().next().map_or(0, char::len_utf8));
            latin(&word[from..])
        }
        _ => End::Vowel,
    }
}

/// A Latin word: by its letters if it is an abbreviation, else by how loanwords end.
fn latin(word: &str) -> End {
    let vowel = |c: u8| b"aeiouy".contains(&c.to_ascii_lowercase());
    let bytes = word.as_bytes();
    let spelt = bytes.len() < 2 || !bytes.iter().any(|c| vowel(*c));
    if spelt || word.chars().all(|c| c.is_ascii_uppercase()) {
        return match bytes.last().map(u8::to_ascii_lowercase) {
            Some(b'l' | b'r') => End::Rieul,
            Some(b'm' | b'n') => End::Consonant,
            _ => End::Vowel,
        };
    }
    let lower = word.to_ascii_lowercase();
    let sound = lower.as_bytes();
    let back = |n: usize| sound.len().checked_sub(n).map_or(b' ', |at| sound[at]);
    // An e at the end is not read: volume, file.
    let silent = back(1) == b'e' && matches!(back(2), b'l' | b'm' | b'n');
    let last = if silent { back(2) } else { back(1) };
    let short = !vowel(back(3)) && vowel(back(2)) || back(2) == back(1) || lower.ends_with("ck");
    match last {
        b'l' => End::Rieul,
        b'm' | b'n' => End::Consonant,
        b'g' if back(2) == b'n' => End::Consonant,
        b'b' | b'c' | b'k' | b'p' | b't' if short => End::Consonant,
        _ => End::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::{End, chosen, end};

    #[test]
    fn a_word_ends_as_it_is_read_aloud() {
        let table = [
            (
                End::Vowel,
                "서버 노드 node redis nginx http TCP 2 9 5432 startup-probe cache service config",
            ),
            (
                End::Vowel,
                "worker container latest postgres `pods/` db busybox:latest liveness check.d data",
            ),
            (End::Rieul, "파일 curl file URL 1 8 27 module kill shell table"),
            (End::Consonant, "프로그램 앱 app web nginx:1.30 80 10 main volume init wget job ping"),
            (End::Consonant, "back exec top `sleep-3` \"admin\" `cat` time VM 100"),
        ];
        for (wanted, words) in table {
            for word in words.split(' ') {
                assert_eq!(end(word), wanted, "{word}");
            }
        }
    }

    #[test]
    fn the_particle_follows_the_word() {
        let table = [
            ("web", "이(가) 없다", "이 없다"),
            ("redis", "이(가) 없다", "가 없다"),
            ("포트 8080", "을(를)", "을"),
            ("8081", "(으)로 간다", "로 간다"),
            ("80", "(으)로 간다", "으로 간다"),
            ("http", "(이)라는 이름", "라는 이름"),
        ];
        for (word, rest, wanted) in table {
            let (particle, rest) = chosen(word, rest).unwrap_or(("?", rest));
            assert_eq!(format!("{particle}{rest}"), wanted, "{word}");
        }
        assert_eq!(chosen("web", "에서"), None);
    }
}
