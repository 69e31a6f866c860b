//! Advice about manifests that are accepted and could live better.
//!
#![doc = include_str!("../README.md")]

pub mod check;
mod context;
mod edits;
pub mod incident;
mod lab;
pub mod pages;
mod particles;
pub mod proof;
pub mod remedy;
mod rules;
mod scripts;
pub mod tune;
pub mod verdict;
pub mod why;

use podplay_manifest::{Diagnostic, Edit, Severity, Span, Stage};
use podplay_playback::Plan;
use rules::{RULES, Rule};

/// Most pieces of advice about one text.
pub const MOST: usize = 200;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// Stable code such as `PP-1003`.
    pub code: &'static str,
    /// The field that it is about.
    pub path: String,
    /// Where that stands.
    pub span: Span,
    /// What is put into the sentence.
    pub args: Vec<String>,
    /// A change of the text that certainly helps.
    pub fix: Option<Edit>,
}

impl Advice {
    /// The sentence in English.
    pub fn message(&self) -> String {
        fill(template(self.code).unwrap_or_default(), &self.args)
    }
    /// As one of the findings about a text.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            code: self.code,
            severity: Severity::Advice,
            stage: Stage::Advice,
            message: self.message(),
            help: None,
            path: Some(self.path.clone()),
            span: self.span,
            fix: self.fix.clone(),
        }
    }
}

/// The codes of all rules, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let mut all: Vec<_> = RULES.iter().map(|(code, _, _)| *code).chain(proved_codes()).collect();
    all.sort_unstable();
    all.into_iter()
}

/// The codes of the rules that only a run can judge: [`proof::prove`] has them, [`advise`] has not.
pub fn proved_codes() -> impl Iterator<Item = &'static str> {
    proof::PROVED.iter().map(|(code, _)| *code)
}

/// The English sentence of a code, with `{0}`, `{1}`, … for what is put in.
pub fn template(code: &str) -> Option<&'static str> {
    let written = RULES.iter().map(|(code, text, _)| (*code, *text));
    let all = written.chain(proof::PROVED.iter().copied());
    all.into_iter().find(|(known, _)| *known == code).map(|(_, text)| text)
}

/// A sentence with its places filled, and the Korean particles behind them chosen.
pub fn fill(template: &str, args: &[String]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let place =
            after.split_once('}').and_then(|(n, tail)| Some((n.parse::<usize>().ok()?, tail)));
        let Some((arg, tail)) = place.and_then(|(n, tail)| Some((args.get(n)?, tail))) else {
            out.push('{');
            rest = after;
            continue;
        };
        out += arg;
        rest = tail;
        // No English word follows without a space.
        if rest.starts_with(|c: char| c == '(' || !c.is_ascii())
            && let Some((particle, tail)) = particles::chosen(arg, rest)
        {
            out += particle;
            rest = tail;
        }
    }
    out + rest
}

/// What could be better in a text, in its order.
pub fn advise(text: &str, plan: &Plan) -> Vec<Advice> {
    let cx = context::Context::new(text, plan);
    let mut out = Vec::new();
    for (code, _, rule) in RULES {
        for (object, found) in run(&cx, *rule) {
            let span = edits::place(text, object, &found.path);
            out.push(Advice { code, path: found.path, span, args: found.args, fix: found.fix });
        }
    }
    out.sort_by_key(|advice| (advice.span.start, advice.code));
    out.truncate(MOST);
    out
}

/// What one rule finds, each with its object.
fn run<'a>(
    cx: &'a context::Context<'a>,
    rule: Rule,
) -> Vec<(&'a podplay_manifest::Object, rules::Found)> {
    let mut out = Vec::new();
    match rule {
        Rule::Container(rule) => {
            for pod in &cx.pods {
                let parts = pod.parts();
                out.extend(
                    parts.iter().filter_map(|part| Some((pod.object, rule(cx, pod, part)?))),
                );
            }
        }
        Rule::Pod(rule) => {
            for pod in &cx.pods {
                out.extend(rule(cx, pod).into_iter().map(|found| (pod.object, found)));
            }
        }
        Rule::Object(rule) => {
            for object in cx.objects() {
                out.extend(rule(cx, object).map(|found| (object, found)));
            }
        }
    }
    out
}
