//! The tree of a parsed command. Shared by reference count, never changed after parsing.

use std::sync::Arc;

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Word {
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Unquoted text.
    Lit(String),
    /// Text in single quotes or after a backslash.
    Quoted(String),
    /// Text in double quotes.
    Double(Vec<Self>),
    Param(Box<Param>),
    Command(Arc<Node>),
    Arith(Vec<Self>),
    Tilde(String),
    /// `<(…)` (true) and `>(…)`.
    Process(bool, Arc<Node>),
}

/// `${name[index]op}`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) index: Option<Vec<Part>>,
    pub(crate) op: Op,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Plain,
    Length,
    /// `${!name}`
    Indirect,
    /// `${!name[@]}`
    Keys,
    /// `${!prefix*}` and `${!prefix@}`
    Names,
    /// `${name@Q}` and its like.
    Transform(char),
    Default {
        colon: bool,
        word: Word,
    },
    Assign {
        colon: bool,
        word: Word,
    },
    Error {
        colon: bool,
        word: Word,
    },
    Alternate {
        colon: bool,
        word: Word,
    },
    TrimPrefix {
        longest: bool,
        pattern: Word,
    },
    TrimSuffix {
        longest: bool,
        pattern: Word,
    },
    Replace {
        how: Replace,
        pattern: Word,
        with: Word,
    },
    Slice {
        offset: Vec<Part>,
        length: Option<Vec<Part>>,
    },
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`
    Case {
        upper: bool,
        all: bool,
    },
    /// Not a known form: an error when it is expanded.
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replace {
    First,
    All,
    Prefix,
    Suffix,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assign {
    pub(crate) name: String,
    pub(crate) index: Option<Vec<Part>>,
    pub(crate) append: bool,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Scalar(Word),
    Array(Vec<Element>),
}

/// An element of `name=(…)`: words, or one value with its subscript.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    pub(crate) index: Option<Vec<Part>>,
    pub(crate) append: bool,
    pub(crate) word: Word,
}

/// How an arm of `case` goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// `;;`
    End,
    /// `;&`: the next arm runs.
    Through,
    /// `;;&`: the next arms are tried.
    Try,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirOp {
    In,
    Out,
    Append,
    ReadWrite,
    DupIn,
    DupOut,
    HereDoc,
    HereString,
    Both,
    BothAppend,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redir {
    pub(crate) fd: Option<u32>,
    pub(crate) op: RedirOp,
    pub(crate) target: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Simple {
    pub(crate) assigns: Vec<Assign>,
    pub(crate) words: Vec<Word>,
    /// Arrays that are operands of `declare` and its like.
    pub(crate) declares: Vec<Assign>,
    pub(crate) redirs: Vec<Redir>,
    pub(crate) line: u32,
    /// The source, shortened.
    pub(crate) text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) node: Arc<Node>,
    pub(crate) background: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arm {
    pub(crate) patterns: Vec<Word>,
    pub(crate) body: Option<Arc<Node>>,
    pub(crate) then: Then,
}

/// An expression between `[[` and `]]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cond {
    Word(Word),
    Unary(String, Word),
    Binary(Word, String, Word),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Simple(Simple),
    Pipeline {
        negate: bool,
        parts: Vec<Arc<Self>>,
    },
    /// `&&` (true) and `||` (false) chains, left to right.
    AndOr {
        first: Arc<Self>,
        rest: Vec<(bool, Arc<Self>)>,
    },
    List(Vec<Item>),
    Subshell {
        body: Arc<Self>,
        line: u32,
    },
    If {
        arms: Vec<(Arc<Self>, Arc<Self>)>,
        otherwise: Option<Arc<Self>>,
    },
    Loop {
        until: bool,
        cond: Arc<Self>,
        body: Arc<Self>,
    },
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: Arc<Self>,
        line: u32,
        /// `select`: the words are a menu.
        menu: bool,
    },
    ForArith {
        init: Vec<Part>,
        cond: Vec<Part>,
        step: Vec<Part>,
        body: Arc<Self>,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
        line: u32,
    },
    Function {
        name: String,
        body: Arc<Self>,
    },
    Redirected {
        node: Arc<Self>,
        redirs: Vec<Redir>,
        line: u32,
    },
    Cond {
        expr: Cond,
        line: u32,
    },
    Arith {
        expr: Vec<Part>,
        line: u32,
    },
}

impl Word {
    /// The text of a word without expansions or quotes.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Lit(text)] => Some(text),
            _ => None,
        }
    }

    pub(crate) fn of(part: Part) -> Self {
        Self { parts: vec![part] }
    }
}
