//! What goes wrong between text and tree, in kubectl's words and with the true place.

use super::span::Span;

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// What kubectl prints after `error parsing FILE: `.
    pub kubectl: String,
    /// The bare problem.
    pub problem: String,
    /// Where it is.
    pub span: Span,
    /// Which kind of trouble this is.
    pub kind: YamlErrorKind,
}

/// Kinds of reading trouble; each has its own helping sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YamlErrorKind {
    /// A tab where spaces are needed.
    Tab,
    /// `a: b: c` or a child at the wrong depth.
    MappingHere,
    /// A key is missing its colon.
    MissingColon,
    /// The indentation does not fit.
    Indentation,
    /// A quote or bracket is not closed.
    Unclosed,
    /// An alias without its anchor, or one that contains itself, or a wrong merge.
    Alias,
    /// `{{ … }}`: a template, not yet YAML.
    Template,
    /// A wrong `---` line.
    Separator,
    /// A limit of this program or of kubectl's reader.
    Limit,
    /// Anything else.
    Syntax,
}

impl YamlErrorKind {
    /// Guesses the kind from the library's problem text.
    pub(crate) fn of(problem: &str) -> Self {
        match problem {
            p if p.contains("tab character") => Self::Tab,
            p if p.contains("mapping values are not allowed") => Self::MappingHere,
            p if p.contains("could not find expected ':'") => Self::MissingColon,
            p if p.contains("unexpected end of stream") || p.contains("',' or") => Self::Unclosed,
            p if p.contains("did not find expected key")
                || p.contains("block sequence entries") =>
            {
                Self::Indentation
            }
            p if p.contains("invalid map key") => Self::Template,
            p if p.contains("anchor") || p.contains("merge") || p.contains("alias") => Self::Alias,
            p if p.contains("separator") => Self::Separator,
            p if p.contains("depth") || p.contains("limit") || p.contains("excessive") => {
                Self::Limit
            }
            _ => Self::Syntax,
        }
    }

    /// One sentence that helps.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Tab => "YAML is indented with spaces only: replace the tab by spaces.",
            Self::MappingHere => {
                "A `key: value` cannot begin here: look for a child that is indented further than its siblings, or a value that needs quotes because it contains `: `."
            }
            Self::MissingColon => "A key needs a colon and a space after it: `key: value`.",
            Self::Indentation => {
                "The indentation does not line up: keys of one object, and the dashes of one list, must start in the same column."
            }
            Self::Unclosed => "A quote or a bracket is opened and not closed.",
            Self::Alias => {
                "`*name` and `<<: *name` repeat something that was marked with `&name` earlier in the same document."
            }
            Self::Template => {
                "This looks like a template (`{{ … }}`): render it first, or put the value in quotes."
            }
            Self::Separator => "Documents are separated by a line with nothing but `---`.",
            Self::Limit => "The document is larger than what is read here.",
            Self::Syntax => "The text is not valid YAML at this point.",
        }
    }

    /// Stable code of the diagnostic.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Tab => "PP-0101",
            Self::MappingHere => "PP-0102",
            Self::MissingColon => "PP-0103",
            Self::Indentation => "PP-0104",
            Self::Unclosed => "PP-0105",
            Self::Alias => "PP-0106",
            Self::Template => "PP-0107",
            Self::Separator => "PP-0108",
            Self::Limit => "PP-0110",
            Self::Syntax => "PP-0100",
        }
    }
}
