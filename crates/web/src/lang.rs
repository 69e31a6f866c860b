//! The languages, and the page's words in each.
//!
//! Both are made of `www/locales/<tag>/page.ftl` by the build script: a language is a folder, and what it does not say
//! is said in English. Words of Kubernetes and of kubectl stay as they are in every language.

include!(concat!(env!("OUT_DIR"), "/words.rs"));

impl Lang {
    /// As the engine knows it; it speaks English where it knows no better.
    pub fn protocol(self) -> podplay_protocol::Lang {
        match self.tag() {
            "ko" => podplay_protocol::Lang::Ko,
            _ => podplay_protocol::Lang::En,
        }
    }
    /// The language of a tag such as `ko-KR`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase().replace('_', "-");
        let own = |lang: &Self| lang.tag().to_ascii_lowercase() == tag;
        let main = tag.split('-').next().unwrap_or_default();
        let all = || Self::ALL.into_iter();
        all().find(own).or_else(|| all().find(|lang| lang.tag() == main))
    }
    /// The next one.
    #[must_use]
    pub fn other(self) -> Self {
        let at = Self::ALL.iter().position(|lang| *lang == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Lang, TABLE};

    /// Entries that say the same in both languages.
    const SAME: [&str; 5] =
        ["state-true", "state-false", "state-backoff", "switch-language", "ex-probes"];

    fn hangul(text: &str) -> bool {
        text.chars().any(|c| ('가'..='힣').contains(&c))
    }

    #[test]
    fn every_entry_is_there_in_english_and_korean() {
        let ko = Lang::ALL.iter().position(|lang| lang.tag() == "ko").expect("Korean is there");
        for (name, words) in TABLE.iter().filter(|(name, _)| *name != "language-name") {
            let en = words[0].unwrap_or_default();
            assert!(!en.trim().is_empty(), "{name} is empty");
            if !SAME.contains(name) {
                assert!(words[ko].is_some_and(hangul), "{name} is not translated");
                assert!(!hangul(en), "{name} is not English: {en}");
            }
        }
    }

    #[test]
    fn a_browser_s_tag_finds_its_language() {
        let table =
            [("ko-KR", Some("ko")), ("EN", Some("en")), ("en_GB", Some("en")), ("xx", None)];
        for (tag, expected) in table {
            assert_eq!(Lang::of_tag(tag).map(Lang::tag), expected, "{tag}");
        }
    }
}
