//! The terminal: what is on its screen. The engine reads what is typed: commands that look are answered at the
//! playhead, those that follow go on as it moves, and those that change something become entries of the text.

use super::effect::{Effect, Effects, Facts, Page};
pub(crate) use super::msg::terminal::Msg;
use super::msg::{play, text};
use crate::ui::format;
use podplay_protocol::{Refusal, Request, Typed};
use std::collections::VecDeque;
use std::rc::Rc;

/// Most commands that the screen keeps, and most that are remembered.
const ANSWERS: usize = 50;

/// A command that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The command as it is shown, with `kubectl` in front where it is one.
    pub(crate) line: String,
    /// What was printed.
    pub(crate) said: String,
    /// What podplay adds, apart from what kubectl prints.
    pub(crate) note: Option<String>,
    /// The question by which it was typed.
    id: u32,
}

/// The terminal's memory.
#[derive(Default)]
pub(crate) struct Terminal {
    /// What is on the screen.
    pub(crate) answers: Rc<Vec<Answer>>,
    /// What was typed, the oldest first.
    pub(crate) history: Rc<Vec<String>>,
    /// The command in front that follows the run.
    live: Option<u32>,
    /// Lines whose turn has not come: each sees what the one before it did.
    lines: VecDeque<String>,
    /// The line that the engine reads: the question, and the line as it was typed.
    typed: Option<(u32, String)>,
    completing: Option<(u32, String)>,
}

impl Terminal {
    /// Whether a command is in front that Ctrl-C ends.
    pub(crate) const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Line(line) => {
                self.lines.push_back(line.trim().to_owned());
                self.next(facts)
            }
            Msg::Next => self.next(facts),
            Msg::Typed(id, typed) => self.became(id, typed, facts),
            Msg::Printed(id, said) => {
                self.change(id, |answer| answer.said = said);
                Vec::new()
            }
            Msg::Moved => {
                if let Some(live) = &facts.frame.live {
                    let said = live.said.clone();
                    self.change(live.id, |answer| answer.said = said);
                    self.live.take_if(|id| live.over && *id == live.id);
                }
                Vec::new()
            }
            Msg::Lost => {
                (self.typed, self.completing, self.live) = (None, None, None);
                self.lines.clear();
                Vec::new()
            }
            Msg::Interrupt => {
                self.interrupt();
                vec![Effect::Ask(Request::Interrupt)]
            }
            Msg::Complete(line) => {
                self.completing = Some((facts.id, line.clone()));
                let namespace = facts.frame.namespace.clone();
                let at = facts.at;
                vec![Effect::Ask(Request::CompleteLine { id: facts.id, line, at, namespace })]
            }
            Msg::Completed(id, start, words) => self.completed(id, start, &words),
        }
    }

    /// The next line has its turn, in the run of the text as it stands.
    fn next(&mut self, facts: &Facts) -> Effects {
        if self.typed.is_some() {
            return Vec::new();
        }
        if facts.waiting && !self.lines.is_empty() {
            return vec![Effect::Do(text::Msg::WhenOpen(vec![Msg::Next.into()]).into())];
        }
        let Some(line) = self.lines.pop_front() else { return Vec::new() };
        self.interrupt();
        if line.is_empty() {
            return vec![Effect::Ask(Request::Interrupt), Effect::Do(Msg::Next.into())];
        }
        self.remember(&line);
        self.typed = Some((facts.id, line.clone()));
        let namespace = match facts.frame.namespace.as_str() {
            "" => "default".to_owned(),
            space => space.to_owned(),
        };
        vec![Effect::Ask(Request::Typed {
            rev: facts.rev,
            id: facts.id,
            line,
            at: facts.at,
            namespace,
            readonly: facts.readonly,
        })]
    }

    /// What became of a line.
    fn became(&mut self, id: u32, typed: Typed, facts: &Facts) -> Effects {
        let Some((_, line)) = self.typed.take_if(|(asked, _)| *asked == id) else {
            return Vec::new();
        };
        let lang = facts.lang;
        match typed {
            Typed::Empty => {}
            Typed::Clear => self.answers = Rc::default(),
            Typed::Help => self.push(id, line, lang.terminal_help().to_owned(), None),
            Typed::History => {
                let lines = self.history.iter().enumerate();
                let all = lines.map(|(n, line)| format!("{:>4}  {line}\n", n + 1)).collect();
                self.push(id, line, all, None);
            }
            Typed::Refused(refusal) => self.push(id, line, refused(&refusal, facts), None),
            Typed::ReadOnly { shown } => self.push(id, shown, lang.readonly().to_owned(), None),
            Typed::Printed { shown, said, not_added } => {
                let note = not_added.then(|| lang.not_added().to_owned());
                self.push(id, shown, said, note);
            }
            Typed::Live { shown } => {
                self.push(id, shown, String::new(), None);
                self.live = Some(id);
            }
            Typed::Entry { shown, text, to } => {
                let note = lang.added_to_text(format::moment(super::text::rounded(facts.at)));
                self.push(id, shown, String::new(), Some(note));
                // What comes next is typed after what was typed before, and sees what it did.
                let then = vec![play::Msg::Past(to).into(), Msg::Next.into()];
                return vec![Effect::Do(text::Msg::Then(text, then).into())];
            }
        }
        vec![Effect::Do(Msg::Next.into())]
    }

    /// The line is completed as far as it can be; what it could become is shown when it is not one thing.
    fn completed(&mut self, id: u32, start: usize, words: &[String]) -> Effects {
        let Some((_, line)) = self.completing.take_if(|(asked, _)| *asked == id) else {
            return Vec::new();
        };
        let Some(completed) = completed(&line, start, words) else { return Vec::new() };
        if completed == line {
            self.push(id, line, words.join("  "), None);
            return Vec::new();
        }
        vec![Effect::Page(Page::SetLine(completed))]
    }

    /// The command in front ends.
    fn interrupt(&mut self) {
        if let Some(id) = self.live.take() {
            self.change(id, |answer| answer.said.push_str("^C\n"));
        }
    }

    fn push(&mut self, id: u32, line: String, said: String, note: Option<String>) {
        let answers = Rc::make_mut(&mut self.answers);
        if answers.len() == ANSWERS {
            answers.remove(0);
        }
        answers.push(Answer { line, said, note, id });
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut Answer)) {
        if self.answers.iter().any(|answer| answer.id == id) {
            let answers = Rc::make_mut(&mut self.answers);
            answers.iter_mut().rfind(|answer| answer.id == id).map(change);
        }
    }

    fn remember(&mut self, line: &str) {
        let history = Rc::make_mut(&mut self.history);
        if history.last().is_none_or(|last| last != line) {
            history.push(line.to_owned());
        }
        if history.len() > ANSWERS {
            history.remove(0);
        }
    }
}

fn refused(refusal: &Refusal, facts: &Facts) -> String {
    let lang = facts.lang;
    match refusal {
        Refusal::Redirect => lang.terminal_redirect().to_owned(),
        Refusal::Several => lang.terminal_several().to_owned(),
        Refusal::Substitution => lang.terminal_substitution().to_owned(),
        Refusal::Quote(quote) => lang.terminal_quote(quote),
        Refusal::Program(program) => lang.terminal_program(program),
    }
}

/// A line as far as all of the words agree how it goes on.
fn completed(line: &str, start: usize, words: &[String]) -> Option<String> {
    let first = words.first()?;
    let common = words.iter().fold(first.as_str(), |common, word| {
        let same = common.char_indices().zip(word.chars()).find(|((_, a), b)| a != b);
        &common[..same.map_or(common.len().min(word.len()), |((at, _), _)| at)]
    });
    let end = if words.len() == 1 && !common.ends_with(['=', '/']) { " " } else { "" };
    Some(format!("{}{common}{end}", line.get(..start)?))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::completed;

    #[test]
    fn a_line_goes_on_as_far_as_all_words_agree() {
        let table: [(&str, usize, &[&str], Option<&str>); 4] = [
            ("get po", 4, &["pods"], Some("get pods ")),
            ("get -o=", 4, &["-o=json", "-o=yaml"], Some("get -o=")),
            ("logs ", 5, &["web-1", "web-2"], Some("logs web-")),
            ("x", 0, &[], None),
        ];
        for (line, start, words, expected) in table {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(completed(line, start, &words).as_deref(), expected, "{line}");
        }
    }
}
