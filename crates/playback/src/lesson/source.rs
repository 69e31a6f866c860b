//! A lesson as its author writes it: a folder with a manifest, a model answer, a script, and a text in each language.

use super::script::{Script, ScriptError};

/// The sections of a text after its title and its first words, in order.
pub const SECTIONS: [&str; 5] = ["look", "try", "question", "hint", "answer"];
/// The languages in which each lesson comes.
pub const LANGUAGES: [&str; 2] = ["en", "ko"];

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The name of its folder.
    pub name: String,
    /// The text that the editor begins with.
    pub manifest: String,
    /// A text that passes.
    pub answer: String,
    /// What it shows and asks for.
    pub script: Script,
    /// Its words, in the order of [`LANGUAGES`].
    pub texts: Vec<Text>,
}

/// A lesson's words in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// `en` or `ko`.
    pub language: &'static str,
    /// The title.
    pub title: String,
    /// What comes before the first section.
    pub intro: String,
    /// The sections, in the order of [`SECTIONS`].
    pub sections: Vec<String>,
}

/// Why a lesson cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// A file is not there: its name and why.
    File(String, String),
    /// A line of `check.txt`.
    Script(ScriptError),
    /// A text without its title, or whose sections are not look, try, question, hint, answer.
    Sections(String),
}

impl core::fmt::Display for SourceError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File(name, why) => write!(f, "{name}: {why}"),
            Self::Script(error) => write!(f, "check.txt: {error}"),
            Self::Sections(name) => write!(
                f,
                "{name}: begin with `# Title`, then have the sections `## {}`, each with words",
                SECTIONS.join("`, `## ")
            ),
        }
    }
}
impl core::error::Error for SourceError {}

/// The names of the lessons in `index.txt`, in order.
pub fn index(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

impl Lesson {
    /// Reads a lesson; `file` gives the text of a file of its folder.
    pub fn read(
        name: &str,
        file: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, SourceError> {
        let file = |name: &str| file(name).map_err(|why| SourceError::File(name.to_owned(), why));
        let texts = LANGUAGES.iter().map(|language| {
            let name = format!("{language}.md");
            Text::read(language, &file(&name)?).ok_or(SourceError::Sections(name))
        });
        Ok(Self {
            name: name.to_owned(),
            manifest: file("manifest.yaml")?,
            answer: file("answer.yaml")?,
            script: Script::parse(&file("check.txt")?).map_err(SourceError::Script)?,
            texts: texts.collect::<Result<_, _>>()?,
        })
    }
}

impl Text {
    /// Splits a text at its headings; `None` if they are not what they should be.
    pub fn read(language: &'static str, text: &str) -> Option<Self> {
        let mut parts = text.split("\n## ");
        let (title, intro) = parts.next()?.strip_prefix("# ")?.split_once('\n')?;
        let mut sections = Vec::new();
        for wanted in SECTIONS {
            let (name, words) = parts.next()?.split_once('\n')?;
            if name.trim() != wanted || words.trim().is_empty() {
                return None;
            }
            sections.push(words.trim().to_owned());
        }
        let whole = parts.next().is_none() && !title.trim().is_empty() && !intro.trim().is_empty();
        whole.then(|| Self {
            language,
            title: title.trim().to_owned(),
            intro: intro.trim().to_owned(),
            sections,
        })
    }
    /// The targets of its links: `t=35s`, `t=35s&pod=web/app`, `find=periodSeconds`.
    pub fn links(&self) -> Vec<&str> {
        let all = core::iter::once(&self.intro).chain(&self.sections);
        all.flat_map(|words| words.split("](#").skip(1))
            .filter_map(|rest| rest.split(')').next())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, index};

    const TEXT: &str = "# Title\n\nWords, [then](#t=3s).\n\n## look\n\n[a](#find=x) and [b](#t=1m).\n\n## try\n\nx\n\n## question\n\nx\n\n## hint\n\nx\n\n## answer\n\nx\n";

    #[test]
    fn a_text_has_a_title_and_all_sections() {
        let text = Text::read("en", TEXT).expect("a text");
        assert_eq!((text.title.as_str(), text.intro.as_str()), ("Title", "Words, [then](#t=3s)."));
        assert_eq!(text.links(), ["t=3s", "find=x", "t=1m"]);
        for wrong in [
            TEXT.replace("# Title\n", "Title\n"),
            TEXT.replace("## hint\n\nx\n\n", ""),
            TEXT.replace("## hint\n\nx\n\n", "## hint\n\n"),
            format!("{TEXT}\n## more\n\nx\n"),
        ] {
            assert_eq!(Text::read("en", &wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_index_has_comments() {
        assert_eq!(index("# order\none\n\n two \n"), ["one", "two"]);
    }
}
