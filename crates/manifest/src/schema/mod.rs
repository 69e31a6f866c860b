//! What every field of the known kinds is called and holds; from data, not by hand.

mod decode;
mod docs;
mod gotypes;
mod kinds;
mod lookup;
mod suggest;
mod table;

pub use decode::{Findings, TypeError, UnknownField, check, check_as, check_metadata};
pub use docs::{
    FIELD_DOCS, bring_docs, bring_translated_docs, doc, has_docs, has_translated_docs,
    speak_second_language,
};
pub use kinds::{KindInfo, all as all_kinds, find as find_kind, is_custom, usual_version};
pub use lookup::{Candidate, candidates, field_at, type_word, values};
pub use suggest::{Suggestion, distance, nearest, suggest};
pub use table::{Field, Shape, Table, Type, table};
