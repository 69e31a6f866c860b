//! The terminal: commands that look are answered at the playhead, those that follow go on as it moves, and those that
//! change something become entries of the text, whose answers are what the run has.

use crate::scenario_edit;
use crate::session::Session;
use podplay_api::SimTime;
use podplay_core::{Budget, Progress};
use podplay_kubectl::{Nature, Output, words};
use podplay_playback::terminal::{self, Line};
use podplay_playback::{Act, Run, Watch};
use podplay_protocol::{Answer, Live, Refusal, Typed};
use std::time::Duration;

/// Most commands whose answers are followed.
const ANSWERS: usize = 50;
/// Longest answer, in bytes.
const LONGEST: usize = 200_000;
/// How long in virtual time a command is tried before it counts as one that goes on.
const TRIED: Duration = Duration::from_secs(60);
/// Wakeups that a trial may cost.
const TRIAL: u64 = 40_000;
/// Wakeups that a command which follows may cost in one frame.
const FOLLOWED: u64 = 4_000;
/// A command that is over so soon moves the playhead to its end.
const SOON: Duration = Duration::from_secs(2);
/// A command has begun after this time.
const BEGUN: Duration = Duration::from_millis(100);

/// A command that became an entry of the text.
struct Entered {
    id: u32,
    argv: Vec<String>,
    at: SimTime,
    pipe: Vec<String>,
    said: String,
}

/// A command that follows the run.
struct Following {
    id: u32,
    argv: Vec<String>,
    at: SimTime,
    pipe: Vec<String>,
    /// None while it has to begin again, because the run is another one or the playhead went back.
    watch: Option<Watch>,
    lags: bool,
}

/// The terminal's memory.
#[derive(Default)]
pub(crate) struct Terminal {
    entered: Vec<Entered>,
    live: Option<Following>,
}

impl Terminal {
    /// Whether the command in front has not come to the playhead yet.
    pub(crate) fn lags(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.lags)
    }
    /// The run is another one.
    pub(crate) fn run_changed(&mut self) {
        if let Some(live) = &mut self.live {
            live.watch = None;
        }
    }
    /// The command in front ends.
    pub(crate) fn interrupt(&mut self) {
        self.live = None;
    }
    /// The commands on the screen are forgotten.
    pub(crate) fn forget(&mut self) {
        self.entered.clear();
    }

    /// The command in front follows the playhead.
    pub(crate) fn follow(&mut self, run: &Run, to: SimTime) -> Option<Live> {
        let live = self.live.as_mut()?;
        let back = live
            .watch
            .as_ref()
            .is_some_and(|watch| watch.now() > to && watch.ended().is_none_or(|ended| ended > to));
        if live.watch.is_none() || back {
            let from = live.at.min(run.now());
            live.watch = Some(Watch::begin(run, &live.argv, from));
        }
        let watch = live.watch.as_mut()?;
        let progress = watch.advance(run.plan(), to, &mut Budget(FOLLOWED));
        live.lags = progress == Progress::OutOfBudget;
        // Before its moment a command has not been typed.
        let output = if to < live.at { Output::default() } else { watch.output() };
        let said = printed(&output, &live.pipe);
        let told = Live { id: live.id, said, over: watch.ended().is_some(), lags: live.lags };
        if told.over {
            self.live = None;
        }
        Some(told)
    }

    /// What entries have printed that was not told.
    pub(crate) fn printed(&mut self, run: &Run) -> Vec<Answer> {
        let mut news = Vec::new();
        for entered in &mut self.entered {
            let Some((_, output)) = log_of(run, &entered.argv, entered.at) else { continue };
            let said = printed(&output, &entered.pipe);
            if said != entered.said {
                entered.said.clone_from(&said);
                news.push(Answer::Printed { id: entered.id, said });
            }
        }
        news
    }
}

/// What became of a command that would change something.
enum Tried {
    /// It failed, or only looked: its answer is all.
    Only(Output),
    /// It is an entry of this text, and the run of that.
    Entry(String, Box<Run>),
}

impl Session {
    /// A line was typed.
    pub(crate) fn typed(
        &mut self,
        id: u32,
        line: &str,
        at: SimTime,
        namespace: &str,
        readonly: bool,
    ) -> Typed {
        self.terminal.interrupt();
        match terminal::read(line.trim()) {
            Line::Empty => Typed::Empty,
            Line::Clear => {
                self.terminal.forget();
                Typed::Clear
            }
            Line::Help => Typed::Help,
            Line::History => Typed::History,
            Line::Refused(refusal) => Typed::Refused(plain(refusal)),
            Line::Kubectl(argv, pipe) => {
                self.kubectl_typed(id, in_namespace(argv, namespace), pipe, at, readonly)
            }
        }
    }

    fn kubectl_typed(
        &mut self,
        id: u32,
        argv: Vec<String>,
        pipe: Vec<String>,
        at: SimTime,
        readonly: bool,
    ) -> Typed {
        let shown = shown(&argv, &pipe);
        let now = at.min(self.run.now());
        match podplay_kubectl::nature(&argv) {
            Nature::Looks => {
                let moment = self.run.seek(now, self.moment.take());
                let mut copy = moment.cluster().clone();
                self.moment = Some(moment);
                let begun =
                    podplay_kubectl::start(&argv, b"", &mut copy, &podplay_kubectl::NoFiles);
                let said = printed(&begun.so_far(), &pipe);
                Typed::Printed { shown, said, not_added: false }
            }
            Nature::Waits => {
                let live = Following { id, argv, at: now, pipe, watch: None, lags: true };
                self.terminal.live = Some(live);
                Typed::Live { shown }
            }
            Nature::Changes if readonly => Typed::ReadOnly { shown },
            Nature::Changes => {
                let at = rounded(at);
                match self.tried(&argv, at) {
                    Tried::Only(output) => {
                        let said = printed(&output, &pipe);
                        Typed::Printed { shown, said, not_added: output.exit != 0 }
                    }
                    Tried::Entry(text, run) => self.becomes_entry(id, argv, pipe, at, text, *run),
                }
            }
        }
    }

    /// Tries a command that may change something: what fails, and what only looks, stays out of the text.
    fn tried(&self, argv: &[String], at: SimTime) -> Tried {
        let limit = self.run.end().min(at + TRIED);
        if argv.first().is_some_and(|verb| verb == "exec") {
            let now = at.min(self.run.now());
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
        let mut next = self.run.edited(&text);
        let _ = next.advance(limit.max(at + BEGUN), &mut Budget(TRIAL));
        match log_of(&next, argv, at) {
            Some((_, output)) if output.exit != 0 => Tried::Only(output),
            _ => Tried::Entry(text, Box::new(next)),
        }
    }

    fn becomes_entry(
        &mut self,
        id: u32,
        argv: Vec<String>,
        pipe: Vec<String>,
        at: SimTime,
        text: String,
        run: Run,
    ) -> Typed {
        let shown = shown(&argv, &pipe);
        // What comes next is typed after what was typed before, and sees what it did.
        let ended = log_of(&run, &argv, at).and_then(|(ended, _)| ended);
        let ended = ended.filter(|ended| *ended <= at + SOON);
        let to = ended.map_or(at + BEGUN, tenth_after).max(at + BEGUN).min(run.end());
        self.keep_ahead(text.clone(), run);
        let entered = &mut self.terminal.entered;
        if entered.len() == ANSWERS {
            entered.remove(0);
        }
        entered.push(Entered { id, argv, at, pipe, said: String::new() });
        Typed::Entry { shown, text, to }
    }

    /// How a line can go on: where its last word begins, and what it could be.
    pub(crate) fn completed(
        &mut self,
        line: &str,
        at: SimTime,
        namespace: &str,
    ) -> (usize, Vec<String>) {
        let moment = self.run.seek(at.min(self.run.now()), self.moment.take());
        let found = podplay_kubectl::complete(line, moment.cluster(), namespace);
        self.moment = Some(moment);
        (found.start, found.words)
    }
}

fn plain(refusal: terminal::Refusal) -> Refusal {
    match refusal {
        terminal::Refusal::Redirect => Refusal::Redirect,
        terminal::Refusal::Several => Refusal::Several,
        terminal::Refusal::Substitution => Refusal::Substitution,
        terminal::Refusal::Program(program) => Refusal::Program(program),
        terminal::Refusal::Quote(quote) => Refusal::Quote(quote),
    }
}

/// The words of a command, with the namespace that is meant where none is given.
fn in_namespace(mut argv: Vec<String>, space: &str) -> Vec<String> {
    let own = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
    let names = |word: &String| {
        matches!(word.as_str(), "-A" | "--all-namespaces" | "--namespace" | "--help" | "-h")
            || word.starts_with("--namespace=")
            || word.starts_with("--all-namespaces=")
            || (word.starts_with("-n") && !word.starts_with("--"))
    };
    if space != "default" && !argv.is_empty() && !argv[..own].iter().any(names) {
        argv.splice(own..own, ["-n".to_owned(), space.to_owned()]);
    }
    argv
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

/// To a tenth of a second: what a person would write.
fn rounded(at: SimTime) -> SimTime {
    SimTime::from_millis((at.as_millis() + 50) / 100 * 100)
}

/// The tenth of a second at or after a moment.
fn tenth_after(at: SimTime) -> SimTime {
    SimTime::from_millis(at.as_millis().div_ceil(100).max(at.as_millis() / 100 + 1) * 100)
}
