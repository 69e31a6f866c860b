//! Named clusters, each the run of a text at a moment: what programs ask of podplay step by step.
//!
//! The text is the whole truth about a cluster. A command that changes something and a fault become entries of its
//! timeline, a remedy becomes an edit, so that a fork is a copy of a text, going back leaves entries out, and the same
//! steps always give the same answers. `podplay session` and `podplay mcp` are two doors to this.

pub(crate) mod ask;
mod cluster;
#[cfg(test)]
mod tests;

pub(crate) use ask::Ask;

use cluster::Cluster;
use podplay_api::{Value, json};
use std::collections::BTreeMap;

/// The cluster that is meant where none is named.
const UNNAMED: &str = "main";
/// Most clusters at a time.
const MOST: usize = 64;

/// The clusters of one conversation.
#[derive(Default)]
pub(crate) struct Clusters {
    known: BTreeMap<String, Cluster>,
}

impl Clusters {
    /// Does what is asked. A sentence says why it cannot be done; then nothing has changed.
    pub(crate) fn answer(&mut self, ask: Ask) -> Result<Value, String> {
        match ask {
            Ask::Open(open) => {
                let name = open.cluster.unwrap_or_else(|| UNNAMED.to_owned());
                let cluster = Cluster::open(open.text)?;
                let answer = cluster.opened();
                self.keep(name, cluster, answer)
            }
            Ask::Fork(fork) => {
                let copy = self.find(fork.cluster.as_deref())?.fork()?;
                let answer = copy.place();
                self.keep(fork.name, copy, answer)
            }
            Ask::List(_) => Ok(Value::Array(
                self.known.iter().map(|(name, cluster)| named(name, cluster.place())).collect(),
            )),
            Ask::Text(whose) => {
                let cluster = self.find(whose.cluster.as_deref())?;
                Ok(json!({"text": cluster.text()}))
            }
            Ask::State(state) => self.find(state.cluster.as_deref())?.state(state.at),
            Ask::Advance(advance) => {
                let cluster = self.find(advance.cluster.as_deref())?;
                cluster.advance(advance.to, advance.by)
            }
            Ask::Rewind(rewind) => self.find(rewind.cluster.as_deref())?.rewind(rewind.to),
            Ask::Kubectl(line) => {
                self.find(line.cluster.as_deref())?.kubectl(&line.command, line.wait)
            }
            Ask::Fault(fault) => self.find(fault.cluster.as_deref())?.fault(&fault.fault, fault.at),
            Ask::Why(why) => {
                let cluster = self.find(why.cluster.as_deref())?;
                cluster.why(why.object.as_deref(), why.namespace.as_deref(), why.at)
            }
            Ask::Remedies(why) => {
                let cluster = self.find(why.cluster.as_deref())?;
                cluster.remedies(why.object.as_deref(), why.namespace.as_deref(), why.at)
            }
            Ask::Apply(apply) => self.find(apply.cluster.as_deref())?.apply(apply.remedy),
            Ask::Check(check) => self.find(check.cluster.as_deref())?.check(check.runs),
            Ask::Expect(expect) => self.find(expect.cluster.as_deref())?.expect(&expect.that),
        }
    }

    fn keep(&mut self, name: String, cluster: Cluster, answer: Value) -> Result<Value, String> {
        if !self.known.contains_key(&name) && self.known.len() == MOST {
            return Err(format!("there are {MOST} clusters already; open one under a known name"));
        }
        let answer = named(&name, answer);
        self.known.insert(name, cluster);
        Ok(answer)
    }

    fn find(&mut self, name: Option<&str>) -> Result<&mut Cluster, String> {
        let name = name.unwrap_or(UNNAMED);
        let known = self.known.keys().cloned().collect::<Vec<_>>().join(", ");
        self.known.get_mut(name).ok_or_else(|| match known.as_str() {
            "" => "no cluster is open; `open` one with a text".to_owned(),
            known => format!("no cluster is called {name}; there are: {known}"),
        })
    }
}

/// An answer with the name of its cluster.
fn named(name: &str, mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("cluster".to_owned(), json!(name));
    }
    answer
}
