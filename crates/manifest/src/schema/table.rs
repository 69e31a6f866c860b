//! The field table in memory: types, fields, kinds. Parsed once from the generated text, the part
//! that plain Pods need apart from the rest.

use std::sync::OnceLock;

use super::gotypes;

/// What plain Pods need. Generated from a cluster's OpenAPI; never edited by hand.
const BASIC: &str = include_str!("fields.tsv");
/// Everything else of it.
const MORE: &str = include_str!("more_fields.tsv");
/// Kinds whose OpenAPI is not among the input, in the same form, with types by name.
const SUPPLEMENT: &str = include_str!("supplement.tsv");

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A string; `Some` with the Go name when it is a named string type.
    Text(Option<&'static str>),
    /// A string out of a fixed set.
    Enum(Vec<&'static str>, Option<&'static str>),
    /// `true` or `false`.
    Bool,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A float.
    Float,
    /// A quantity such as `100m` or `1Gi`.
    Quantity,
    /// A number or a name.
    IntOrString,
    /// A date and time.
    Time,
    /// Base64.
    Bytes,
    /// Anything.
    Any,
    /// An object of this type.
    Object(usize),
    /// A list.
    List(Box<Self>),
    /// An object with free keys.
    Map(Box<Self>),
}

/// One field of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether the schema requires it.
    pub required: bool,
    /// The keys that tell the items of a list apart.
    pub list_keys: Vec<&'static str>,
    /// Whether the list is a set.
    pub set: bool,
    /// The strategic-merge key; empty string when lists of scalars are merged.
    pub merge_key: Option<&'static str>,
    /// Whether a patch replaces the keys that it does not name.
    pub retain_keys: bool,
    /// The Go struct that is embedded around the field, as error messages name it.
    pub embedded: Option<&'static str>,
}

/// An object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The OpenAPI name, `io.k8s.api.core.v1.Container`.
    pub name: &'static str,
    /// Fields by name.
    pub fields: Vec<Field>,
}

impl Type {
    /// `Container`.
    #[must_use]
    pub fn short(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// `v1.Container`, as Go prints it.
    #[must_use]
    pub fn go(&self) -> String {
        let mut parts = self.name.rsplit('.');
        let short = parts.next().unwrap_or_default();
        format!("{}.{short}", parts.next().unwrap_or("v1"))
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by(|f| f.name.cmp(name)).ok().and_then(|i| self.fields.get(i))
    }
}

/// All types and the kinds among them.
#[derive(Debug, Default)]
pub struct Table {
    types: Vec<Type>,
    kinds: Vec<(&'static str, &'static str, usize)>,
    /// The number of its first type; lower ones are in the table before it.
    start: usize,
    /// Whether the rest of the table follows it.
    basic: bool,
}

impl Table {
    /// The type of a kind.
    #[must_use]
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Type> {
        let found = self.kinds.iter().find(|(v, k, _)| *v == api_version && *k == kind);
        match (found, self.basic) {
            (Some(found), _) => table().get(found.2),
            (None, true) => rest().kind(api_version, kind),
            (None, false) => None,
        }
    }

    /// The type that a [`Shape::Object`] names.
    #[must_use]
    pub fn get(&self, id: usize) -> Option<&Type> {
        match self.types.get(id.checked_sub(self.start)?) {
            None if self.basic => rest().get(id),
            found => found,
        }
    }

    /// The type with this short name, such as `Container`.
    #[must_use]
    pub fn by_short_name(&self, short: &str) -> Option<&Type> {
        match self.types.iter().find(|t| t.short() == short) {
            None if self.basic => rest().by_short_name(short),
            found => found,
        }
    }

    /// All types.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let rest = if self.basic { rest().types.as_slice() } else { &[] };
        self.types.iter().chain(rest)
    }
}

/// The table.
#[must_use]
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| parse(BASIC, "", &[]))
}

/// What plain Pods do not need.
fn rest() -> &'static Table {
    static REST: OnceLock<Table> = OnceLock::new();
    REST.get_or_init(|| parse(MORE, SUPPLEMENT, &table().types))
}

/// Reads a table from two texts; `before` is what its numbers go on from.
fn parse(text: &'static str, more: &'static str, before: &[Type]) -> Table {
    let mut table = Table { start: before.len(), basic: before.is_empty(), ..Table::default() };
    let mut kinds: Vec<(&'static str, &'static str, &'static str)> = Vec::new();
    let mut names: Vec<&'static str> = before.iter().map(|of| of.name).collect();
    names.extend(lines(text, more).filter_map(|line| line.strip_prefix("S\t")));
    for line in lines(text, more) {
        let mut parts = line.split('\t');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("K"), Some(version), Some(kind), Some(id)) => kinds.push((version, kind, id)),
            (Some("S"), Some(name), None, None) => {
                table.types.push(Type { name, fields: Vec::new() });
            }
            (Some(name), Some(shape), flags, None) => {
                let Some(owner) = table.types.last_mut() else { continue };
                let field = field(owner.short(), name, shape, flags.unwrap_or_default(), &names);
                owner.fields.push(field);
            }
            _ => {}
        }
    }
    for (version, kind, id) in kinds {
        if let Some(i) = reference(id, &names) {
            table.kinds.push((version, kind, i));
        }
    }
    table
}

/// The lines that say something.
fn lines(text: &'static str, more: &'static str) -> impl Iterator<Item = &'static str> {
    let all = text.lines().chain(more.lines());
    all.filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// A type by number, or by its name after `@`.
fn reference(id: &str, names: &[&str]) -> Option<usize> {
    match id.strip_prefix('@') {
        Some(name) => names.iter().position(|n| *n == name),
        None => id.parse().ok(),
    }
}

fn field(
    owner: &str,
    name: &'static str,
    code: &'static str,
    flags: &'static str,
    names: &[&str],
) -> Field {
    let mut field = Field {
        name,
        shape: shape(code, names, gotypes::named_string(owner, name)),
        required: false,
        list_keys: Vec::new(),
        set: false,
        merge_key: None,
        retain_keys: false,
        embedded: gotypes::embedded(owner, name),
    };
    for flag in flags.split(' ') {
        match flag.split_once(':') {
            Some(("m", keys)) => field.list_keys = keys.split(',').collect(),
            Some(("p", key)) => field.merge_key = Some(key),
            _ => match flag {
                "!" => field.required = true,
                "s" => field.set = true,
                "r" => field.retain_keys = true,
                _ => {}
            },
        }
    }
    field
}

fn shape(code: &'static str, names: &[&str], go: Option<&'static str>) -> Shape {
    let (head, rest) = code.split_at(code.len().min(1));
    match head {
        "b" => Shape::Bool,
        "i" => Shape::Int32,
        "l" => Shape::Int64,
        "d" => Shape::Float,
        "q" => Shape::Quantity,
        "o" => Shape::IntOrString,
        "t" | "u" => Shape::Time,
        "y" => Shape::Bytes,
        "s" => Shape::Text(go),
        "e" => Shape::Enum(rest.split(',').collect(), go),
        "[" => Shape::List(Box::new(shape(rest, names, go))),
        "{" => Shape::Map(Box::new(shape(rest, names, go))),
        "*" => reference(rest, names).map_or(Shape::Any, Shape::Object),
        _ => Shape::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_can_be_searched_and_types_exist() {
        let table = table();
        assert!(table.types().count() > 300);
        for of in table.types() {
            assert!(of.fields.is_sorted_by_key(|f| f.name), "{}", of.name);
        }
        for (version, kind) in
            [("v1", "Pod"), ("apps/v1", "Deployment"), ("scheduling.k8s.io/v1", "PriorityClass")]
        {
            let metadata = table.kind(version, kind).and_then(|t| t.field("metadata"));
            assert!(matches!(metadata.map(|f| &f.shape), Some(Shape::Object(_))), "{kind}");
        }
    }
    #[test]
    fn numbers_go_on_from_the_table_of_plain_pods() {
        let table = table();
        for (id, of) in table.types().enumerate() {
            assert_eq!(table.get(id).map(|found| found.name), Some(of.name));
        }
        assert_eq!(table.get(table.types().count()), None);
        let deployment = table.kind("apps/v1", "Deployment").map(Type::short);
        assert_eq!(deployment, Some("Deployment"));
        assert_eq!(table.kind("apps/v2", "Deployment"), None);
        let plain = table.types.iter().map(|of| of.short());
        assert!(plain.clone().any(|short| short == "Container") && plain.count() < 20);
    }
}
