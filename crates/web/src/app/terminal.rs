//! The terminal: commands that look are answered at the playhead, those that follow go on as it moves, and those that
//! change something become entries of the text, whose answers are what the run has.

use super::{App, Scope};
use crate::{dom, scenario_edit};
use podplay_api::SimTime;
use podplay_core::Budget;
use podplay_kubectl::{Nature, Output, words};
use podplay_playback::control::Ask;
use podplay_playback::terminal::{self, Line, Refusal};
use podplay_playback::{Act, Run, Watch};
use std::rc::Rc;
use std::time::Duration;

/// Most commands that the screen keeps, and most that are remembered.
const ANSWERS: usize = 50;
/// Longest answer that the screen keeps, in bytes.
const LONGEST: usize = 200_000;
/// How long in virtual time a command is tried before it counts as one that goes on.
const TRIED: Duration = Duration::from_secs(60);
/// Wakeups that a trial may cost.
const TRIAL: u64 = 40_000;
/// Wakeups that a command which follows may cost in one frame.
const FOLLOWED: u64 = 4_000;
/// A command that is over so soon moves the playhead to its end.
const SOON: Duration = Duration::from_secs(2);

/// A command that was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The command as it is shown, with `kubectl` in front where it is one.
    pub(crate) line: String,
    /// What was printed.
    pub(crate) said: String,
    /// What podplay adds, apart from what kubectl prints.
    pub(crate) note: Option<String>,
    /// The entry of the text that it became: its words and its moment.
    entry: Option<(Vec<String>, SimTime)>,
    pipe: Vec<String>,
}

/// The terminal's memory.
#[derive(Default)]
pub(crate) struct Terminal {
    /// What is on the screen.
    pub(crate) answers: Rc<Vec<Answer>>,
    /// What was typed, the oldest first.
    pub(crate) history: Rc<Vec<String>>,
    /// The command in front that follows the run; its answer is the last one.
    live: Option<Live>,
}

/// A command that follows the run.
struct Live {
    argv: Vec<String>,
    at: SimTime,
    /// None while it has to begin again, because the run is another one or the playhead went back.
    watch: Option<Watch>,
    lags: bool,
}

impl Terminal {
    /// Whether a command is in front that Ctrl-C ends.
    pub(crate) const fn is_live(&self) -> bool {
        self.live.is_some()
    }
    /// Whether it has not come to the playhead yet.
    pub(super) fn lags(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.lags)
    }
    /// The run is another one.
    pub(super) fn run_changed(&mut self) {
        if let Some(live) = &mut self.live {
            live.watch = None;
        }
    }
    fn push(&mut self, answer: Answer) {
        let answers = Rc::make_mut(&mut self.answers);
        if answers.len() == ANSWERS {
            answers.remove(0);
        }
        answers.push(answer);
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

/// What became of a command that would change something.
enum Tried {
    /// It failed, or only looked: its answer is all.
    Only(Output),
    /// It is an entry of this text, and the run of that.
    Entry(String, Box<Run>),
}

impl App {
    /// A line was typed.
    pub(super) fn command_typed(&mut self, line: &str, at: SimTime, link: &Scope) {
        let line = line.trim();
        self.interrupt();
        let read = terminal::read(line);
        if read != Line::Empty {
            self.terminal.remember(line);
        }
        match read {
            Line::Empty => {}
            Line::Clear => self.terminal.answers = Rc::default(),
            Line::Help => self.answer(line, self.lang.terminal_help().to_owned(), None),
            Line::History => {
                let lines = self.terminal.history.iter().enumerate();
                let all: String =
                    lines.map(|(n, line)| format!("{:>4}  {line}\n", n + 1)).collect();
                self.answer(line, all, None);
            }
            Line::Refused(refusal) => self.answer(line, self.refusal(&refusal), None),
            Line::Kubectl(argv, pipe) => {
                self.kubectl_typed(self.in_namespace(argv), pipe, at, link)
            }
        }
        self.panel_version += 1;
    }

    fn refusal(&self, refusal: &Refusal) -> String {
        let lang = self.lang;
        match refusal {
            Refusal::Redirect => lang.terminal_redirect().to_owned(),
            Refusal::Several => lang.terminal_several().to_owned(),
            Refusal::Substitution => lang.terminal_substitution().to_owned(),
            Refusal::Quote(quote) => lang.terminal_quote(quote),
            Refusal::Program(program) => lang.terminal_program(program),
        }
    }

    /// The namespace that is meant: that of the chosen pod.
    pub(super) fn namespace(&self) -> &str {
        let target = self.judge.target.as_ref().map(|target| target.namespace.as_str());
        let pod = || self.selected.as_ref().map(|chosen| chosen.namespace.as_str());
        target.filter(|space| !space.is_empty()).or_else(pod).unwrap_or("default")
    }

    /// The words of a command, with the namespace of the chosen pod where none is given.
    fn in_namespace(&self, mut argv: Vec<String>) -> Vec<String> {
        let own = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
        let names = |word: &String| {
            matches!(word.as_str(), "-A" | "--all-namespaces" | "--namespace" | "--help" | "-h")
                || word.starts_with("--namespace=")
                || word.starts_with("--all-namespaces=")
                || (word.starts_with("-n") && !word.starts_with("--"))
        };
        let space = self.namespace();
        if space != "default" && !argv.is_empty() && !argv[..own].iter().any(names) {
            argv.splice(own..own, ["-n".to_owned(), space.to_owned()]);
        }
        argv
    }

    fn kubectl_typed(&mut self, argv: Vec<String>, pipe: Vec<String>, at: SimTime, link: &Scope) {
        let Some(moment) = &self.moment else { return };
        let shown = shown(&argv, &pipe);
        match podplay_kubectl::nature(&argv) {
            Nature::Looks => {
                let mut copy = moment.cluster().clone();
                let begun =
                    podplay_kubectl::start(&argv, b"", &mut copy, &podplay_kubectl::NoFiles);
                self.answer(&shown, printed(&begun.so_far(), &pipe), None);
            }
            Nature::Waits => {
                let at = moment.cluster().now();
                self.answer(&shown, String::new(), None);
                self.last_answer(|answer| answer.pipe = pipe);
                self.terminal.live = Some(Live { argv, at, watch: None, lags: false });
                self.follow_live();
                self.wake(link);
            }
            Nature::Changes if self.is_readonly() => {
                self.answer(&shown, self.lang.readonly().to_owned(), None);
            }
            Nature::Changes => match self.tried(&argv, at) {
                Tried::Only(output) => {
                    let note = (output.exit != 0).then(|| self.lang.not_added().to_owned());
                    self.answer(&shown, printed(&output, &pipe), note);
                }
                Tried::Entry(text, run) => self.becomes_entry(argv, pipe, at, text, *run, link),
            },
        }
    }

    /// Tries a command that may change something: what fails, and what only looks, stays out of the text.
    fn tried(&self, argv: &[String], at: SimTime) -> Tried {
        let limit = self.run.end().min(at + TRIED);
        if argv.first().is_some_and(|verb| verb == "exec") {
            let now = self.moment.as_ref().map_or(at, |moment| moment.cluster().now());
            let mut watch = Watch::begin(&self.run, argv, now);
            let _ = watch.advance(self.run.plan(), now + TRIED, &mut Budget(TRIAL));
            let looked = watch.ended().is_some_and(|ended| ended <= self.run.now())
                && watch.only_looked(&self.run);
            if looked || (watch.ended().is_some() && watch.output().exit != 0) {
                return Tried::Only(watch.output());
            }
        }
        let action = format!("kubectl: {}", scenario_edit::quoted(&words::join(argv)));
        let text = scenario_edit::add(&self.text, at, &action);
        crate::safety::runs(&text);
        let mut next = self.run.edited(&text);
        let began = at + Duration::from_millis(100);
        let _ = next.advance(limit.max(began), &mut Budget(TRIAL));
        match log_of(&next, argv, at) {
            Some((_, output)) if output.exit != 0 => {
                crate::safety::runs(&self.text);
                Tried::Only(output)
            }
            _ => Tried::Entry(text, Box::new(next)),
        }
    }

    fn becomes_entry(
        &mut self,
        argv: Vec<String>,
        pipe: Vec<String>,
        at: SimTime,
        text: String,
        run: Run,
        link: &Scope,
    ) {
        let log = log_of(&run, &argv, at);
        self.text = text.into();
        self.secure();
        self.ahead = Some(run);
        self.answer(&shown(&argv, &pipe), String::new(), None);
        let note = self.lang.added_to_text(crate::ui::format::moment(at));
        self.last_answer(|answer| {
            (answer.entry, answer.pipe, answer.note) = (Some((argv, at)), pipe, Some(note));
        });
        self.settled(link);
        // What comes next is typed after what was typed before, and sees what it did.
        let began = at + Duration::from_millis(100);
        let ended = log.and_then(|(ended, _)| ended).filter(|ended| *ended <= at + SOON);
        let to = ended.map_or(began, tenth_after).max(began);
        if !self.control.playing() && self.control.at() < to {
            self.control.ask(Ask::Seek(to.min(self.run.end())), self.run.end(), &[]);
            self.refresh();
        }
        self.follow_entries();
    }

    /// The answers of commands that are entries of the text are what the run has of them.
    pub(super) fn follow_entries(&mut self) {
        let run = &self.run;
        let newer = |answer: &Answer| {
            let (argv, at) = answer.entry.as_ref()?;
            let (_, output) = log_of(run, argv, *at)?;
            Some(printed(&output, &answer.pipe)).filter(|said| *said != answer.said)
        };
        let found: Vec<(usize, String)> = self
            .terminal
            .answers
            .iter()
            .enumerate()
            .filter_map(|(index, answer)| Some((index, newer(answer)?)))
            .collect();
        if found.is_empty() {
            return;
        }
        let answers = Rc::make_mut(&mut self.terminal.answers);
        for (index, said) in found {
            answers[index].said = said;
        }
        self.panel_version += 1;
    }

    /// The command in front follows the playhead.
    pub(super) fn follow_live(&mut self) {
        let to = self.control.at().min(self.run.now());
        let Some(live) = &mut self.terminal.live else { return };
        let back = live
            .watch
            .as_ref()
            .is_some_and(|watch| watch.now() > to && watch.ended().is_none_or(|ended| ended > to));
        if live.watch.is_none() || back {
            let from = live.at.min(self.run.now());
            live.watch = Some(Watch::begin(&self.run, &live.argv, from));
        }
        let Some(watch) = &mut live.watch else { return };
        let progress = watch.advance(self.run.plan(), to, &mut Budget(FOLLOWED));
        live.lags = progress == podplay_core::Progress::OutOfBudget;
        // Before its moment a command has not been typed.
        let output = if to < live.at { Output::default() } else { watch.output() };
        let over = watch.ended().is_some();
        let pipe = self.terminal.answers.last().map(|last| last.pipe.clone()).unwrap_or_default();
        let said = printed(&output, &pipe);
        if self.terminal.answers.last().is_some_and(|last| last.said != said) {
            self.last_answer(|answer| answer.said = said);
        }
        if over {
            self.terminal.live = None;
        }
    }

    /// Ctrl-C: the command in front ends.
    pub(super) fn interrupt(&mut self) {
        if self.terminal.live.take().is_some() {
            self.last_answer(|answer| answer.said.push_str("^C\n"));
        }
    }

    /// Tab: the line is completed as far as it can be; what it could become is shown when it is not one thing.
    pub(super) fn complete_line(&mut self, line: &str) {
        let Some(moment) = &self.moment else { return };
        let found = podplay_kubectl::complete(line, moment.cluster(), self.namespace());
        let Some(first) = found.words.first() else { return };
        let common = found.words.iter().fold(first.as_str(), |common, word| {
            let same = common.char_indices().zip(word.chars()).find(|((_, a), b)| a != b);
            &common[..same.map_or(common.len().min(word.len()), |((at, _), _)| at)]
        });
        let one = found.words.len() == 1;
        let end = if one && !common.ends_with(['=', '/']) { " " } else { "" };
        let completed = format!("{}{common}{end}", &line[..found.start]);
        if completed == line {
            let list = found.words.join("  ");
            self.terminal.push(Answer {
                line: line.to_owned(),
                said: list,
                note: None,
                entry: None,
                pipe: Vec::new(),
            });
            self.panel_version += 1;
        } else {
            dom::set_value("terminal-input", &completed);
        }
    }

    /// Notes what was typed and what was said to it.
    fn answer(&mut self, line: &str, said: String, note: Option<String>) {
        let line = line.to_owned();
        self.terminal.push(Answer { line, said, note, entry: None, pipe: Vec::new() });
        self.panel_version += 1;
    }

    fn last_answer(&mut self, change: impl FnOnce(&mut Answer)) {
        if let Some(last) = Rc::make_mut(&mut self.terminal.answers).last_mut() {
            change(last);
        }
        self.panel_version += 1;
    }

    /// Messages of the terminal.
    pub(super) fn terminal_msg(&mut self, msg: Typed) {
        match msg {
            Typed::Interrupt => self.interrupt(),
            Typed::Complete(line) => self.complete_line(&line),
        }
    }
}

/// What the terminal's line asks besides running it.
pub enum Typed {
    /// Ctrl-C.
    Interrupt,
    /// Tab.
    Complete(String),
}

fn shown(argv: &[String], pipe: &[String]) -> String {
    let words = std::iter::once("kubectl".to_owned()).chain(argv.iter().cloned());
    let line = words::join(&words.collect::<Vec<_>>());
    std::iter::once(line).chain(pipe.iter().cloned()).collect::<Vec<_>>().join(" | ")
}

/// What a terminal shows of an output.
fn printed(output: &Output, pipe: &[String]) -> String {
    let mut text = if pipe.is_empty() {
        output.stdout.clone() + &output.stderr
    } else {
        output.stderr.clone() + &terminal::piped(&output.stdout, pipe)
    };
    if text.len() > LONGEST {
        let from = (text.len() - LONGEST..).find(|at| text.is_char_boundary(*at));
        text.replace_range(..from.unwrap_or(0), "…\n");
    }
    text
}

/// When a command of the text that was added at a moment ended, and what it has printed.
fn log_of(run: &Run, argv: &[String], at: SimTime) -> Option<(Option<SimTime>, Output)> {
    let same = |act: &Act| matches!(act, Act::Kubectl(own, _) if own == argv);
    let entries = run.plan().entries.iter().filter(|entry| entry.at == at && same(&entry.act));
    let index = entries.map(|entry| entry.index).max()?;
    let log = run.commands().iter().find(|log| log.entry == index)?;
    Some((log.ended, log.output.clone()))
}

/// The tenth of a second at or after a moment.
fn tenth_after(at: SimTime) -> SimTime {
    SimTime::from_millis(at.as_millis().div_ceil(100).max(at.as_millis() / 100 + 1) * 100)
}
