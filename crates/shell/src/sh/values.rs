//! What a variable holds, and the positional parameters. Copies are shared until one is changed.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

/// The value of a variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Data {
    #[default]
    Unset,
    Text(Arc<str>),
    /// An array of bash: not every number has an element.
    List(Arc<BTreeMap<u64, Arc<str>>>),
    /// An associative array (`declare -A`).
    Map(Arc<BTreeMap<String, Arc<str>>>),
}

/// A shell variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Var {
    pub(super) data: Data,
    pub(super) exported: bool,
    pub(super) readonly: bool,
    /// `declare -i`: what is assigned is computed.
    pub(super) integer: bool,
    /// `declare -u` (true) and `-l`.
    pub(super) upper: Option<bool>,
    /// `declare -n`: the name of another variable.
    pub(super) reference: bool,
}

impl Var {
    /// The value without a subscript: an array's element 0.
    pub(super) fn text(&self) -> Option<&str> {
        self.shared().map(|value| &**value)
    }

    pub(super) fn shared(&self) -> Option<&Arc<str>> {
        match &self.data {
            Data::Unset => None,
            Data::Text(text) => Some(text),
            Data::List(items) => items.get(&0),
            Data::Map(items) => items.get("0"),
        }
    }

    /// Sets the value without a subscript; says by how many bytes it grew.
    pub(super) fn set_text(&mut self, value: &str) -> i64 {
        let old = self.text().map_or(0, str::len);
        match &mut self.data {
            Data::List(items) => drop(Arc::make_mut(items).insert(0, value.into())),
            Data::Map(items) => drop(Arc::make_mut(items).insert("0".to_owned(), value.into())),
            other => *other = Data::Text(value.into()),
        }
        value.len() as i64 - old as i64
    }

    pub(super) fn is_array(&self) -> bool {
        matches!(self.data, Data::List(_) | Data::Map(_))
    }

    /// All elements in their order.
    pub(super) fn elements(&self) -> Vec<(String, Arc<str>)> {
        match &self.data {
            Data::Unset => Vec::new(),
            Data::Text(text) => vec![("0".to_owned(), text.clone())],
            Data::List(items) => items.iter().map(|(k, v)| (k.to_string(), v.clone())).collect(),
            Data::Map(items) => {
                let mut all: Vec<_> = items.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                all.sort_by_key(|(key, _)| bucket(key));
                all
            }
        }
    }

    /// Elements, at least one for a plain value.
    pub(super) fn len(&self) -> usize {
        match &self.data {
            Data::Unset => 0,
            Data::Text(_) => 1,
            Data::List(items) => items.len(),
            Data::Map(items) => items.len(),
        }
    }
}

/// Where bash's table of 1024 chains keeps a key: the order in which it names them.
fn bucket(key: &str) -> u32 {
    let hash = key
        .bytes()
        .fold(2_166_136_261u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte));
    hash & 1023
}

/// The positional parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    all: Arc<[String]>,
    /// How many were shifted away.
    from: usize,
}

impl Params {
    pub(super) fn shift(&mut self, n: usize) {
        self.from += n;
    }
}

impl Deref for Params {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.all.get(self.from..).unwrap_or_default()
    }
}

impl From<&[String]> for Params {
    fn from(words: &[String]) -> Self {
        Self { all: words.into(), from: 0 }
    }
}
