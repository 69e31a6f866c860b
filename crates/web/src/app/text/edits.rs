//! What is written into the text by the palette, the timeline and the menus. The engine makes the changes, one after
//! the other, so that comments and layout stay.

use super::{Msg, Text, rounded};
use crate::app::effect::{Effect, Effects, Facts};
use crate::app::msg::{dialogs, view};
use crate::editor::Wish;
use crate::examples;
use crate::faults::{self, Group};
use podplay_protocol::{Edit, Request, Selection};
use podplay_timeline::Role;
use std::rc::Rc;

impl Text {
    /// Everything that writes into the text.
    pub(super) fn write(&mut self, msg: Msg, facts: &Facts) -> Effects {
        let mut effects = vec![Effect::Do(dialogs::Msg::Acted.into())];
        let at = rounded(facts.at);
        let edit = match msg {
            Msg::Fault(index, lasts) => {
                effects.push(Effect::Do(dialogs::Msg::Show(None).into()));
                fault(index, lasts, facts).map(|action| Edit::Add { at, action })
            }
            Msg::DeletePod => facts.look.selected.as_ref().map(|chosen| {
                let space = match chosen.namespace.as_str() {
                    "default" => String::new(),
                    space => format!(" -n {space}"),
                };
                Edit::Command { at, line: format!("delete pod {}{space}", chosen.pod) }
            }),
            Msg::MoveEntry(index, at) => Some(Edit::Shift { index, at: rounded(at) }),
            Msg::RemoveEntry(index) => Some(Edit::Remove { index }),
            Msg::Assume(image) => {
                let pods = facts.frame.scene.nodes.iter().flat_map(|(_, pods)| pods);
                let ports = pods.flat_map(|pod| &pod.containers).filter(|one| one.image == image);
                let port = ports.flat_map(|one| one.ports.first().copied()).next();
                Some(Edit::Assume { image, port })
            }
            Msg::Example(index) => {
                effects.push(Effect::Do(dialogs::Msg::Show(None).into()));
                if let Some(example) = examples::ALL.get(index) {
                    effects.extend(self.set(example.text.to_owned(), false, Vec::new()));
                }
                None
            }
            _ => None,
        };
        self.edits.extend(edit);
        effects.extend(self.next_edit(facts));
        effects
    }

    /// Asks for the next change, if none is being made.
    fn next_edit(&mut self, facts: &Facts) -> Option<Effect> {
        if self.editing.is_some() {
            return None;
        }
        let edit = self.edits.front()?.clone();
        self.editing = Some((facts.id, Rc::clone(&self.text)));
        Some(Effect::Ask(Request::Edit { id: facts.id, text: self.text.to_string(), edit }))
    }

    pub(super) fn edited(
        &mut self,
        id: u32,
        text: String,
        line: Option<u32>,
        facts: &Facts,
    ) -> Effects {
        let Some((_, of)) = self.editing.take_if(|(asked, _)| *asked == id) else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        // Somebody has typed meanwhile: the change is made in that.
        if of == self.text {
            self.edits.pop_front();
            if text != *self.text {
                effects.extend(self.set(text, false, Vec::new()));
            }
            if let Some(line) = line {
                self.wish = (self.wish.0 + 1, Wish::Reveal(line));
                effects.push(Effect::Do(view::Msg::Pane(view::Pane::Text).into()));
            }
        }
        effects.extend(self.next_edit(facts));
        effects
    }
}

/// A fault of the palette on what is chosen, as an entry of the timeline says it.
fn fault(index: usize, lasts: Option<&'static str>, facts: &Facts) -> Option<String> {
    let kind = podplay_api::fault::FAULTS.get(index)?;
    let chosen = facts.look.selected.as_ref()?;
    let nodes = &facts.frame.scene.nodes;
    let of_pod = nodes.iter().find(|(_, pods)| pods.iter().any(|pod| pod.id.1 == chosen.pod));
    let node = of_pod.map(|(node, _)| node.as_str()).filter(|node| !node.is_empty());
    let container = chosen.container.clone().or_else(|| only_container(facts, chosen));
    let container = container.filter(|_| faults::group(kind.target) == Group::Container);
    let node = node.unwrap_or("node01");
    let action = faults::written(kind, &chosen.pod, container.as_deref(), node, lasts);
    let of_pod = matches!(faults::group(kind.target), Group::Container | Group::Pod);
    Some(match chosen.namespace.as_str() {
        space if space != "default" && of_pod => {
            let space = faults::scalar(space);
            action.replacen('{', &format!("{{namespace: {space}, "), 1)
        }
        _ => action,
    })
}

/// The regular container of a pod, or the first of several.
fn only_container(facts: &Facts, chosen: &Selection) -> Option<String> {
    let mut pods = facts.frame.scene.nodes.iter().flat_map(|(_, pods)| pods);
    let pod = pods.find(|drawn| drawn.id.1 == chosen.pod)?;
    let regular = pod.containers.iter().find(|one| one.role == Role::Regular)?;
    Some(regular.name.to_string())
}
