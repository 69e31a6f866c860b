//! A statement about a run: when, of what, compared how. The run answers with a verdict and a moment.
//!
//! Lessons check answers with them, and the `expect` of a Scenario says what a run must satisfy.
//! `docs/expect.md` is the reference.

mod parse;
pub(crate) mod path;
mod sentences;
mod subject;

pub(crate) use parse::{parse, words};
pub(crate) use subject::ABSENT;
pub use subject::Subject;

use crate::Run;
use podplay_api::SimTime;
use podplay_core::RecordId;

/// When a statement must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At a moment, everything of that moment included; at the end of the run for [`SimTime::MAX`].
    At(SimTime),
    /// At some moment between two.
    Once(SimTime, SimTime),
    /// At every moment between two.
    Always(SimTime, SimTime),
    /// At no moment.
    Never,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `~`: has this in it.
    Contains,
}

impl Op {
    const ALL: [(&str, Self); 7] = [
        ("==", Self::Equal),
        ("!=", Self::Unequal),
        ("<", Self::Less),
        ("<=", Self::AtMost),
        (">", Self::More),
        (">=", Self::AtLeast),
        ("~", Self::Contains),
    ];
    /// The operator that is written so.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, op)| *op)
    }
    /// Compares: numbers as numbers, anything else as text. What is no number is neither less nor more.
    pub(crate) fn holds(self, found: &str, wanted: &str) -> bool {
        let numbers = || Some((found.parse::<i64>().ok()?, wanted.parse::<i64>().ok()?));
        let by = |compare: fn(&i64, &i64) -> bool| {
            numbers().is_some_and(|(one, other)| compare(&one, &other))
        };
        match self {
            Self::Equal => found == wanted,
            Self::Unequal => found != wanted,
            Self::Contains => found.contains(wanted),
            Self::Less => by(i64::lt),
            Self::AtMost => by(i64::le),
            Self::More => by(i64::gt),
            Self::AtLeast => by(i64::ge),
        }
    }
}

impl core::fmt::Display for Op {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let name = Self::ALL.iter().find(|(_, op)| op == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// A statement about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its line in the script, from 1.
    pub line: usize,
    /// As it is written.
    pub text: String,
    /// When it must hold.
    pub when: When,
    /// What it looks at.
    pub subject: Subject,
    /// How it compares.
    pub op: Op,
    /// With what.
    pub value: String,
}

/// What a run says to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It holds.
    pub holds: bool,
    /// The moment that decided.
    pub at: SimTime,
    /// The value at that moment.
    pub found: String,
    /// The record that decided, if it was one.
    pub record: Option<RecordId>,
}

impl Statement {
    /// Asks a run, as far as it has been computed.
    pub fn judge(&self, run: &Run) -> Verdict {
        let (from, to) = match self.when {
            When::At(SimTime::MAX) => (run.end(), run.end()),
            When::At(at) => (at, at),
            When::Once(from, to) | When::Always(from, to) => (from, to),
            When::Never => (SimTime::ZERO, SimTime::MAX),
        };
        let subject = self.subject.resolved(run);
        let mut value = subject.first();
        let mut records = run.trace().iter().peekable();
        while let Some(record) = records.next_if(|record| record.at <= from) {
            subject.follow(record, &mut value);
        }
        let mut at = from.min(run.end());
        // What happens after the end of the run is not known.
        let mut verdict = self.decided(&value, at).filter(|_| from <= run.end());
        for record in records.take_while(|record| record.at <= to) {
            if verdict.is_some() {
                break;
            }
            if subject.follow(record, &mut value) {
                at = record.at;
                let decided = self.decided(&value, at);
                verdict = decided.map(|found| Verdict { record: Some(record.id), ..found });
            }
        }
        let open = matches!(self.when, When::Always(..) | When::Never) && from <= run.end();
        verdict.unwrap_or(Verdict { holds: open, at, found: value, record: None })
    }
    /// Reads a statement as it is written.
    ///
    /// # Errors
    /// What a statement looks like, if this is none.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        parse(1, text.trim())
    }
    /// The verdict, if this value decides it.
    fn decided(&self, found: &str, at: SimTime) -> Option<Verdict> {
        let holds = self.op.holds(found, &self.value);
        // What does not exist yet breaks no rule that holds always.
        let skipped = found == ABSENT && self.value != ABSENT;
        let decides = match self.when {
            When::At(_) => true,
            When::Once(..) | When::Never => holds,
            When::Always(from, _) => !(holds || skipped && from == SimTime::ZERO),
        };
        let holds = holds && self.when != When::Never;
        decides.then(|| Verdict { holds, at, found: found.to_owned(), record: None })
    }
}

#[cfg(test)]
mod tests {
    use super::Op;

    #[test]
    fn values_compare() {
        let table = [
            (Op::Equal, "1/1", "1/1", true),
            (Op::Equal, "10", "9", false),
            (Op::Unequal, "absent", "true", true),
            (Op::AtLeast, "10", "9", true),
            (Op::Less, "10", "9", false),
            (Op::AtMost, "absent", "9", false),
            (Op::More, "absent", "9", false),
            (Op::Contains, "Init:0/2", "Init", true),
        ];
        for (op, found, wanted, expected) in table {
            assert_eq!(op.holds(found, wanted), expected, "{found} {op} {wanted}");
            assert_eq!(Op::parse(&op.to_string()), Some(op));
        }
    }
}
