//! The two languages, and the one mechanism by which every string of the page comes in both.
//!
//! [`words!`] makes a function of [`Lang`] of each line, which names both languages: a string without its
//! translation does not compile. Words of Kubernetes and of kubectl stay as they are in every language.

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];
    /// Its tag: `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
    /// As the engine knows it.
    pub const fn protocol(self) -> podplay_protocol::Lang {
        match self {
            Self::En => podplay_protocol::Lang::En,
            Self::Ko => podplay_protocol::Lang::Ko,
        }
    }
    /// Its own name.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ko => "한국어",
        }
    }
    /// The language of a tag such as `ko-KR`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.tag() == main)
    }
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Ko,
            Self::Ko => Self::En,
        }
    }
}

/// Each line: name, arguments, English, Korean.
macro_rules! words {
    ($($name:ident $(($($arg:ident),+))? = $en:literal, $ko:literal;)*) => {
        impl Lang {
            $(words!(@one $name $(($($arg),+))? = $en, $ko);)*
        }
        #[allow(non_camel_case_types, dead_code, reason = "the functions' names; some have arguments")]
        enum Word { $($name),* }
        /// A string in Korean; out of line, because a first visit in English does without all of them.
        #[inline(never)]
        const fn korean(word: Word) -> &'static str {
            const ALL: &[&str] = &[$(words!(@plain $(($($arg),+))? $ko)),*];
            ALL[word as usize]
        }
        /// Name, English, Korean of every string, with the places of its arguments.
        #[cfg(test)]
        pub(crate) const TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $ko)),*];
    };
    (@plain $ko:literal) => { $ko };
    (@plain ($($arg:ident),+) $ko:literal) => { "" };
    (@one $name:ident = $en:literal, $ko:literal) => {
        #[doc = $en]
        pub const fn $name(self) -> &'static str {
            match self {
                Self::En => $en,
                Self::Ko => korean(Word::$name),
            }
        }
    };
    (@one $name:ident ($($arg:ident),+) = $en:literal, $ko:literal) => {
        #[doc = $en]
        pub fn $name(self, $($arg: impl core::fmt::Display),+) -> String {
            match self {
                Self::En => format!($en, $($arg = $arg),+),
                Self::Ko => format!($ko, $($arg = $arg),+),
            }
        }
    };
}
pub(crate) use words;
