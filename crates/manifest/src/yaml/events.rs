//! libyaml events to a tree of nodes that remember their places, anchors and tags.

use std::collections::BTreeMap;

use libyaml_safer::{Error, ErrorKind, Event, EventData, Parser, ScalarStyle};

use super::errors::{YamlError, YamlErrorKind};
use super::guard;
use super::span::{Lines, Span};
use crate::limits;

/// One node; `start..end` are bytes of the whole text.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: (usize, usize),
    pub(crate) tag: Option<String>,
    pub(crate) kind: NodeKind,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Scalar { text: String, plain: bool },
    Seq(Vec<usize>),
    Map(Vec<(usize, usize)>),
    Alias { name: String, target: usize },
}

/// The nodes of one document; the root is the last one when `root` says so.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: Option<usize>,
}

struct Open {
    node: usize,
    pending_key: Option<usize>,
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    base: usize,
    widened: &'a [usize],
    tree: Tree,
    anchors: BTreeMap<String, usize>,
    stack: Vec<Open>,
}

/// Reads the first document of `chunk`, which starts at byte `base` of the text of `lines`.
pub(crate) fn read(chunk: &str, base: usize, lines: &Lines<'_>) -> Result<Tree, YamlError> {
    let mut input = chunk.to_owned();
    if !input.ends_with('\n') {
        input.push('\n');
    }
    if incompatible_directive(chunk) {
        let place = lines.line(lines.span(base, base).line);
        return Err(syntax("found incompatible YAML document", place, 0));
    }
    if let Some(at) = guard::tag_before_comma(&input) {
        let problem = "did not find expected whitespace or line break";
        return Err(syntax(problem, lines.span(base + at, base + at + 1), 0));
    }
    let mut widened = Vec::new();
    loop {
        match attempt(&input, base, lines, &widened) {
            Err(Trouble::Escape(at))
                if widened.len() < ESCAPED_QUOTES && input.get(at..at + 2) == Some("\\'") =>
            {
                input.replace_range(at..at + 2, "\\x27");
                widened.push(at + 2);
            }
            Err(Trouble::Escape(at)) => {
                let problem = "found unknown escape character";
                let at = base + narrow(at, &widened);
                let span = lines.span(at, at + 2);
                let line = lines.line_in(base, at);
                return Err(syntax(problem, span, line));
            }
            Err(Trouble::Yaml(error)) => return Err(error),
            Ok(tree) => return Ok(tree),
        }
    }
}

/// How many `\'` inside double quotes are read, as kubectl's library does and this one does not.
const ESCAPED_QUOTES: usize = 200;

enum Trouble {
    /// An unknown escape at this byte of the input.
    Escape(usize),
    Yaml(YamlError),
}

fn attempt(
    input: &str,
    base: usize,
    lines: &Lines<'_>,
    widened: &[usize],
) -> Result<Tree, Trouble> {
    let mut bytes = input.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut reader = Reader {
        lines,
        base,
        widened,
        tree: Tree::default(),
        anchors: BTreeMap::new(),
        stack: Vec::new(),
    };
    loop {
        let event = parser.parse().map_err(|e| match (e.problem(), e.problem_mark()) {
            ("found unknown escape character", Some(mark)) => {
                Trouble::Escape(usize::try_from(mark.index).unwrap_or(0))
            }
            _ => Trouble::Yaml(reader.library_error(&e)),
        })?;
        if reader.event(event).map_err(Trouble::Yaml)? {
            return Ok(reader.tree);
        }
    }
}

/// Bytes of the widened input back to bytes of the text: two were added at each of these places.
fn narrow(at: usize, widened: &[usize]) -> usize {
    let before = widened.iter().filter(|w| **w < at).count();
    at.saturating_sub(2 * before)
}

/// kubectl's library takes `%YAML 1.1` only, and says so before it looks for the document.
fn incompatible_directive(chunk: &str) -> bool {
    let version = chunk.strip_prefix("%YAML ").and_then(|rest| rest.split_whitespace().next());
    version.is_some_and(|v| v != "1.1" && v.contains('.'))
}

fn syntax(problem: &str, span: Span, line: u64) -> YamlError {
    let place = if line == 0 { String::new() } else { format!("line {line}: ") };
    YamlError {
        kubectl: format!("error converting YAML to JSON: yaml: {place}{problem}"),
        problem: problem.to_owned(),
        span,
        kind: YamlErrorKind::of(problem),
    }
}

impl Reader<'_> {
    /// kubectl's line: the mark's line, plus one for the scanner; none on the first line.
    fn library_error(&self, error: &Error) -> YamlError {
        let Some(mark) = error.problem_mark() else {
            return syntax(error.problem(), self.lines.span(self.base, self.base), 0);
        };
        let index = usize::try_from(mark.index).unwrap_or(usize::MAX);
        let line = match (mark.line, error.kind()) {
            (0, _) => error.context_mark().map_or(0, |m| m.line),
            (line, _) => line,
        };
        let shown = match (line, error.kind()) {
            (0, _) => 0,
            (line, ErrorKind::Scanner) => line + 1,
            (line, _) => line,
        };
        let at = self.base.saturating_add(narrow(index, self.widened));
        let span = self.lines.span(at, at.saturating_add(1));
        let span = if span.start == span.end { self.lines.line(span.line) } else { span };
        syntax(error.problem(), span, shown)
    }

    /// Takes one event; true when the document has ended.
    fn event(&mut self, event: Event) -> Result<bool, YamlError> {
        let at = |mark: u64| self.base + narrow(usize::try_from(mark).unwrap_or(0), self.widened);
        let span = (at(event.start_mark.index), at(event.end_mark.index));
        match event.data {
            EventData::StreamStart { .. } => {}
            EventData::DocumentStart { version_directive, .. } => {
                if version_directive.is_some_and(|v| v.major != 1 || v.minor != 1) {
                    let place = self.lines.line(self.lines.span(span.0, span.0).line);
                    return Err(syntax("found incompatible YAML document", place, 0));
                }
            }
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(true),
            EventData::Alias { anchor } => self.alias(anchor, span)?,
            EventData::Scalar { anchor, tag, value, plain_implicit, style, .. } => {
                let plain = plain_implicit && style == ScalarStyle::Plain;
                let kind = NodeKind::Scalar { text: value, plain };
                self.leaf(anchor, Node { span, tag, kind });
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                self.open(anchor, Node { span, tag, kind: NodeKind::Seq(Vec::new()) })?;
            }
            EventData::MappingStart { anchor, tag, .. } => {
                self.open(anchor, Node { span, tag, kind: NodeKind::Map(Vec::new()) })?;
            }
            EventData::SequenceEnd | EventData::MappingEnd => self.close(span),
        }
        Ok(false)
    }

    fn alias(&mut self, name: String, span: (usize, usize)) -> Result<(), YamlError> {
        let Some(target) = self.anchors.get(&name).copied() else {
            let problem = format!("unknown anchor '{name}' referenced");
            return Err(syntax(&problem, self.lines.span(span.0, span.1), 0));
        };
        self.leaf(None, Node { span, tag: None, kind: NodeKind::Alias { name, target } });
        Ok(())
    }

    fn add(&mut self, anchor: Option<String>, node: Node) -> usize {
        let id = self.tree.nodes.len();
        self.tree.nodes.push(node);
        if let Some(name) = anchor {
            self.anchors.insert(name, id);
        }
        id
    }

    fn leaf(&mut self, anchor: Option<String>, node: Node) {
        let id = self.add(anchor, node);
        self.attach(id);
    }

    fn open(&mut self, anchor: Option<String>, node: Node) -> Result<(), YamlError> {
        if self.stack.len() >= limits::NESTING {
            return Err(self.too_deep(node.span));
        }
        let id = self.add(anchor, node);
        self.stack.push(Open { node: id, pending_key: None });
        Ok(())
    }

    fn too_deep(&self, span: (usize, usize)) -> YamlError {
        let rest = self.lines.span(span.0, span.0 + 1);
        let problem = format!("nested deeper than the limit of {} levels", limits::NESTING);
        syntax(&problem, rest, 0)
    }

    /// A flow collection ends at its bracket; a block ends with its last child, because the
    /// event that closes it stands where the next token begins.
    fn close(&mut self, event: (usize, usize)) {
        let Some(open) = self.stack.pop() else { return };
        let child_end = self.last_child_end(open.node);
        if let Some(node) = self.tree.nodes.get_mut(open.node) {
            node.span.1 = if event.0 < event.1 { event.1 } else { child_end.unwrap_or(event.1) };
        }
        self.attach(open.node);
    }

    fn last_child_end(&self, node: usize) -> Option<usize> {
        let child = match &self.tree.nodes.get(node)?.kind {
            NodeKind::Seq(items) => *items.last()?,
            NodeKind::Map(pairs) => pairs.last()?.1,
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => return None,
        };
        self.tree.nodes.get(child).map(|n| n.span.1)
    }

    fn attach(&mut self, id: usize) {
        let Some(top) = self.stack.last_mut() else {
            self.tree.root.get_or_insert(id);
            return;
        };
        let Some(parent) = self.tree.nodes.get_mut(top.node) else { return };
        match &mut parent.kind {
            NodeKind::Seq(items) => items.push(id),
            NodeKind::Map(pairs) => match top.pending_key.take() {
                Some(key) => pairs.push((key, id)),
                None => top.pending_key = Some(id),
            },
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
        }
    }
}

/// The depth of bracket nesting can be counted before anything is parsed.
pub(crate) fn beyond_kubectl(chunk: &str) -> bool {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for b in chunk.bytes() {
        match b {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > limits::KUBECTL_NESTING
}
