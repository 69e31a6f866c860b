//! The node tree to a JSON value as kubectl converts it, with the place of every field.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::errors::{YamlError, YamlErrorKind};
use super::events::{NodeKind, Tree};
use super::gofmt;
use super::scalars::{self, Scalar};
use super::span::{FieldSpan, Lines, Span, Spans};
use crate::limits;

/// A document's value with places, and the keys that were given twice.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The value as kubectl would send it.
    pub value: Value,
    /// Where each field stands.
    pub spans: Spans,
    /// Keys that occur twice in one mapping: the path, the second place.
    pub duplicates: Vec<(String, Span)>,
}

pub(crate) fn build(tree: &Tree, lines: &Lines<'_>) -> Result<Built, YamlError> {
    let mut builder = Builder {
        tree,
        lines,
        spans: Spans::default(),
        duplicates: Vec::new(),
        inside: Vec::new(),
        nodes: 0,
        from_alias: 0,
        aliased_nodes: 0,
        depth: 0,
    };
    let Some(root) = tree.root else { return Ok(Built::default()) };
    let mut path = String::new();
    let value = builder.value(root, &mut path)?;
    let span = builder.span(root);
    builder.spans.insert("", FieldSpan { key: None, value: span });
    Ok(Built { value, spans: builder.spans, duplicates: builder.duplicates })
}

struct Builder<'a> {
    tree: &'a Tree,
    lines: &'a Lines<'a>,
    spans: Spans,
    duplicates: Vec<(String, Span)>,
    inside: Vec<usize>,
    nodes: usize,
    from_alias: usize,
    aliased_nodes: usize,
    depth: usize,
}

impl Builder<'_> {
    fn span(&self, id: usize) -> Span {
        let (start, end) = self.tree.nodes.get(id).map_or((0, 0), |n| n.span);
        self.lines.span(start, end)
    }

    fn fail(&self, id: usize, problem: &str) -> YamlError {
        YamlError {
            kubectl: format!("error converting YAML to JSON: yaml: {problem}"),
            problem: problem.to_owned(),
            span: self.span(id),
            kind: YamlErrorKind::of(problem),
        }
    }

    /// Counts a node; alias expansion has a budget as in the library, and a harder one of ours.
    fn charge(&mut self, id: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.from_alias > 0 {
            self.aliased_nodes += 1;
        }
        let (aliased, all) = (self.aliased_nodes, self.nodes);
        if aliased > 100 && all > 1000 && aliased.saturating_mul(100) > all.saturating_mul(99) {
            return Err(self.fail(id, "document contains excessive aliasing"));
        }
        if all > limits::EXPANDED_NODES || self.depth > limits::NESTING {
            return Err(self.fail(id, "document contains excessive aliasing"));
        }
        Ok(())
    }

    fn value(&mut self, id: usize, path: &mut String) -> Result<Value, YamlError> {
        self.charge(id)?;
        let tree = self.tree;
        let Some(node) = tree.nodes.get(id) else { return Ok(Value::Null) };
        self.depth += 1;
        let value = match &node.kind {
            NodeKind::Scalar { .. } => self.scalar(id).map(|s| to_value(&s)),
            NodeKind::Seq(items) => self.sequence(items, path),
            NodeKind::Map(pairs) => self.mapping(pairs, path),
            NodeKind::Alias { name, target } => self.alias(id, name, *target, path),
        };
        self.depth -= 1;
        value
    }

    fn scalar(&self, id: usize) -> Result<Scalar, YamlError> {
        let Some(node) = self.tree.nodes.get(id) else { return Ok(Scalar::Null) };
        let NodeKind::Scalar { text, plain } = &node.kind else { return Ok(Scalar::Null) };
        let tag = node.tag.as_deref().filter(|t| *t != "!");
        let plain = *plain && node.tag.as_deref() != Some("!");
        let scalar = scalars::resolve(tag, plain, text).map_err(|p| self.fail(id, &p))?;
        Ok(scalar)
    }

    /// Numbers that JSON cannot carry are refused as `encoding/json` does.
    fn finite(&self, id: usize) -> Result<(), YamlError> {
        let Some(node) = self.tree.nodes.get(id) else { return Ok(()) };
        if !matches!(node.kind, NodeKind::Scalar { .. }) {
            return Ok(());
        }
        let Ok(Scalar::Float(f)) = self.scalar(id) else { return Ok(()) };
        if f.is_finite() {
            return Ok(());
        }
        let name = if f.is_nan() {
            "NaN"
        } else if f > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        Err(YamlError {
            kubectl: format!("error converting YAML to JSON: json: unsupported value: {name}"),
            problem: format!("unsupported value: {name}"),
            span: self.span(id),
            kind: YamlErrorKind::Syntax,
        })
    }

    fn alias(
        &mut self,
        id: usize,
        name: &str,
        target: usize,
        path: &mut String,
    ) -> Result<Value, YamlError> {
        if self.inside.contains(&target) {
            return Err(self.fail(id, &format!("anchor '{name}' value contains itself")));
        }
        self.inside.push(target);
        self.from_alias += 1;
        let value = self.value(target, path);
        self.from_alias -= 1;
        self.inside.pop();
        value
    }

    fn sequence(&mut self, items: &[usize], path: &mut String) -> Result<Value, YamlError> {
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let keep = path.len();
            path.push_str(&format!("[{i}]"));
            let value = self.value(*item, path);
            self.spans.insert(path, FieldSpan { key: None, value: self.span(*item) });
            path.truncate(keep);
            self.finite(*item)?;
            out.push(value?);
        }
        Ok(Value::Array(out))
    }

    fn mapping(&mut self, pairs: &[(usize, usize)], path: &mut String) -> Result<Value, YamlError> {
        let mut out = Map::new();
        let mut written = BTreeSet::new();
        for (key, item) in pairs {
            if self.is_merge(*key) {
                self.merge(*item, path, &mut out)?;
                continue;
            }
            let name = self.key(*key, *item)?;
            let keep = path.len();
            push_key(path, &name);
            let value = self.value(*item, path);
            let place = FieldSpan { key: Some(self.span(*key)), value: self.span(*item) };
            if !written.insert(name.clone()) {
                self.duplicates.push((path.clone(), self.span(*key)));
            }
            self.spans.insert(path, place);
            path.truncate(keep);
            self.finite(*item)?;
            out.insert(name, value?);
        }
        Ok(Value::Object(out))
    }

    fn is_merge(&self, key: usize) -> bool {
        let Some(node) = self.tree.nodes.get(key) else { return false };
        match &node.kind {
            NodeKind::Scalar { text, plain } => {
                text == "<<" && (*plain || node.tag.as_deref() == Some("tag:yaml.org,2002:merge"))
            }
            _ => false,
        }
    }

    fn merge(
        &mut self,
        item: usize,
        path: &mut String,
        out: &mut Map<String, Value>,
    ) -> Result<(), YamlError> {
        let tree = self.tree;
        let want = "map merge requires map or sequence of maps as the value";
        let Some(node) = tree.nodes.get(item) else { return Ok(()) };
        let parts: Vec<usize> = match &node.kind {
            NodeKind::Map(_) => vec![item],
            NodeKind::Alias { target, .. } if self.is_map(*target) => vec![item],
            NodeKind::Seq(items) => items.iter().rev().copied().collect(),
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => return Err(self.fail(item, want)),
        };
        for part in parts {
            match self.value(part, path)? {
                Value::Object(map) => out.extend(map),
                _ => return Err(self.fail(part, want)),
            }
        }
        Ok(())
    }

    fn is_map(&self, id: usize) -> bool {
        self.tree.nodes.get(id).is_some_and(|n| matches!(n.kind, NodeKind::Map(_)))
    }

    fn key(&mut self, key: usize, item: usize) -> Result<String, YamlError> {
        let tree = self.tree;
        let target = match tree.nodes.get(key).map(|n| &n.kind) {
            Some(NodeKind::Alias { target, .. }) => *target,
            _ => key,
        };
        if !tree.nodes.get(target).is_some_and(|n| matches!(n.kind, NodeKind::Scalar { .. })) {
            let shown = gofmt::go_syntax(&self.value(key, &mut String::new())?);
            return Err(self.fail(key, &format!("invalid map key: {shown}")));
        }
        Ok(match self.scalar(target)? {
            Scalar::Str(s) => s,
            Scalar::Bool(b) => b.to_string(),
            Scalar::Int(i) => i.to_string(),
            Scalar::Uint(u) => gofmt::key_float(gofmt::float_of(u)),
            Scalar::Float(f) => gofmt::key_float(f),
            Scalar::Null => {
                let value = self.value(item, &mut String::new())?;
                let shown = gofmt::go_syntax(&value);
                let problem =
                    format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}");
                return Err(YamlError {
                    kubectl: format!("error converting YAML to JSON: {problem}"),
                    problem,
                    span: self.span(key),
                    kind: YamlErrorKind::Syntax,
                });
            }
        })
    }
}

/// Appends `.name` (or `name` at the top) to a path.
pub(crate) fn push_key(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

fn to_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(b) => Value::Bool(*b),
        Scalar::Int(i) => Value::from(*i),
        Scalar::Uint(u) => gofmt::float_value(gofmt::float_of(*u)),
        Scalar::Float(f) => gofmt::float_value(*f),
        Scalar::Str(s) => Value::String(s.clone()),
    }
}
