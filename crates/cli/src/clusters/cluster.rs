//! One cluster: a text, its engine, and the moment at which its clock stands.

use podplay_analysis::check::{Check, Options};
use podplay_analysis::verdict;
use podplay_api::{SimTime, Value, json};
use podplay_engine::Engine;
use podplay_playback::Run;
use podplay_playback::recording::seconds;
use podplay_playback::statement::Statement;
use podplay_protocol::{
    Answer, Edit, Finding, Lang, Look, Opened, Proposal, Refusal, Remedies, Request, Said,
    Severity, Target, Typed,
};
use similar::TextDiff;
use std::cell::Cell;

/// Seconds that a command which follows may take, unless it is said.
const WAIT: f64 = 60.0;
/// Runs of a check, unless it is said, and at most.
const CHECKED: usize = 200;
const MOST_CHECKED: usize = 10_000;
/// Slices of work after which a question counts as one that does not end.
const SLICES: u32 = 2_000_000;

/// A cluster.
pub(super) struct Cluster {
    text: String,
    at: SimTime,
    rev: u32,
    engine: Engine,
    opened: Opened,
    /// How many questions were asked: each has its number.
    questions: u32,
    /// What the command that just became an entry has printed.
    printed: Option<String>,
    proposals: Vec<Proposal>,
}

impl Cluster {
    /// Reads a text and begins its run.
    pub(super) fn open(text: String) -> Result<Self, String> {
        let looks = Cell::new(0.0);
        // Every look at the clock ends a slice: how far a slice comes does not depend on the machine.
        let clock = move || {
            looks.set(looks.get() + podplay_engine::SLICE);
            looks.get()
        };
        let mut cluster = Self {
            text: String::new(),
            at: SimTime::ZERO,
            rev: 0,
            engine: Engine::new(clock),
            opened: Opened::default(),
            questions: 0,
            printed: None,
            proposals: Vec::new(),
        };
        cluster.become_text(text, SimTime::ZERO)?;
        Ok(cluster)
    }

    /// A copy that goes its own way.
    pub(super) fn fork(&self) -> Result<Self, String> {
        let mut copy = Self::open(self.text.clone())?;
        copy.at = self.at;
        Ok(copy)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where the clock stands.
    pub(super) fn place(&self) -> Value {
        json!({"at": seconds(self.at), "end": seconds(self.opened.grown.end)})
    }

    /// What was found in the text.
    pub(super) fn opened(&self) -> Value {
        let findings: Vec<Value> = self.opened.findings.iter().map(finding).collect();
        let mut answer = self.place();
        answer["objects"] = json!(self.opened.objects);
        answer["findings"] = json!(findings);
        answer
    }

    /// What the pods show at a moment, and what holds up whatever does not get on.
    pub(super) fn state(&mut self, at: Option<f64>) -> Result<Value, String> {
        let at = self.moment(at)?;
        let (rev, id, look) = (self.rev, self.id(), Look::default());
        let answers = self.ask(Request::Frame { rev, id, at, look })?;
        let frame = answers.into_iter().find_map(|answer| match answer {
            Answer::Frame { frame, .. } => Some(frame),
            _ => None,
        });
        let frame = frame.ok_or("the moment cannot be shown")?;
        let pods: Vec<String> = frame.pods.into_iter().map(|row| row.line).collect();
        let said = self.said(at, None)?;
        let troubled: Vec<Value> = said
            .troubled
            .iter()
            .map(|one| json!({"object": one.target.kubectl_name(), "verdicts": verdicts(&one.verdicts)}))
            .collect();
        Ok(json!({"at": seconds(at), "pods": pods, "troubled": troubled}))
    }

    /// Moves the clock forward.
    pub(super) fn advance(&mut self, to: Option<f64>, by: Option<f64>) -> Result<Value, String> {
        let to = match (to, by) {
            (Some(_), None) => self.moment(to)?,
            (None, Some(by)) => self.moment(Some(self.at.as_millis() as f64 / 1000.0 + by))?,
            _ => return Err("say either `to` or `by`, in seconds".to_owned()),
        };
        if to < self.at {
            return Err(format!("the clock stands at {} already; `rewind` goes back", self.at));
        }
        self.at = to;
        self.state(None)
    }

    /// Goes back: entries of the timeline after a moment are left out.
    pub(super) fn rewind(&mut self, to: f64) -> Result<Value, String> {
        let to = self.moment(Some(to))?;
        let mut later: Vec<usize> = self
            .opened
            .entries
            .iter()
            .filter(|entry| entry.at > to)
            .map(|entry| entry.index)
            .collect();
        later.sort_unstable();
        let mut text = self.text.clone();
        for index in later.iter().rev() {
            text = self.edited(text, Edit::Remove { index: *index })?;
        }
        self.become_text(text, to)?;
        let mut answer = self.place();
        answer["undone"] = json!(later.len());
        Ok(answer)
    }

    /// Runs a kubectl command at the clock's moment. One that changes something becomes an entry of the text.
    pub(super) fn kubectl(&mut self, line: &str, wait: Option<f64>) -> Result<Value, String> {
        let (rev, id, at) = (self.rev, self.id(), self.at);
        let words = line.trim();
        let line = if words.starts_with("kubectl") {
            words.to_owned()
        } else {
            format!("kubectl {words}")
        };
        let namespace = "default".to_owned();
        let typed = Request::Typed { rev, id, line, at, namespace, readonly: false };
        let typed = self.ask(typed)?.into_iter().find_map(|answer| match answer {
            Answer::Typed { typed, .. } => Some(typed),
            _ => None,
        });
        match typed.ok_or("the command cannot be read")? {
            Typed::Printed { said, not_added, .. } => Ok(
                json!({"at": seconds(at), "output": said, "failed": not_added, "changed": false}),
            ),
            Typed::Live { .. } => self.follow(wait.unwrap_or(WAIT)),
            Typed::Entry { text, to, .. } => {
                self.become_text(text, to)?;
                let output = self.printed.take().unwrap_or_default();
                Ok(
                    json!({"at": seconds(self.at), "output": output, "failed": false, "changed": true}),
                )
            }
            Typed::Refused(refusal) => Err(refused(&refusal)),
            Typed::Empty | Typed::Clear | Typed::Help | Typed::History | Typed::ReadOnly { .. } => {
                Err("say a kubectl command, such as: get pods".to_owned())
            }
        }
    }

    /// A command that follows, for at most so many seconds: the clock goes with it.
    fn follow(&mut self, wait: f64) -> Result<Value, String> {
        let until = self.moment(Some(self.at.as_millis() as f64 / 1000.0 + wait))?;
        let (mut said, mut over) = (String::new(), false);
        while !over && self.at < until {
            let next = until.min(self.at + std::time::Duration::from_secs(1));
            self.at = next;
            let (rev, id, look) = (self.rev, self.id(), Look::default());
            for answer in self.ask(Request::Frame { rev, id, at: next, look })? {
                if let Answer::Frame { frame, .. } = answer
                    && let Some(live) = frame.live
                {
                    (said, over) = (live.said, live.over);
                }
            }
        }
        self.engine.handle(Request::Interrupt);
        Ok(json!({"at": seconds(self.at), "output": said, "over": over, "changed": false}))
    }

    /// Breaks something: an entry of the text.
    pub(super) fn fault(&mut self, fault: &Value, at: Option<f64>) -> Result<Value, String> {
        let at = self.moment(at)?;
        if !fault.is_object() {
            return Err(
                "say the fault as an object, such as {\"pod\": \"web\", \"kind\": \"Crash\"}"
                    .to_owned(),
            );
        }
        let action = format!("fault: {fault}");
        let text = self.edited(self.text.clone(), Edit::Add { at, action })?;
        let (before, clock) = (self.text.clone(), self.at);
        let known: Vec<String> = self.errors().map(|found| found.message.clone()).collect();
        self.become_text(text, clock)?;
        let wrong: Vec<String> = self
            .errors()
            .filter(|found| !known.contains(&found.message))
            .map(|found| {
                found.help.as_ref().map_or_else(
                    || found.message.clone(),
                    |help| format!("{}. {help}", found.message),
                )
            })
            .collect();
        if !wrong.is_empty() {
            self.become_text(before, clock)?;
            return Err(wrong.join("; "));
        }
        Ok(self.place())
    }

    fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.opened.findings.iter().filter(|found| found.severity == Severity::Error)
    }

    /// What holds an object up at a moment.
    pub(super) fn why(
        &mut self,
        object: Option<&str>,
        namespace: Option<&str>,
        at: Option<f64>,
    ) -> Result<Value, String> {
        let (at, said) = self.said_of(object, namespace, at)?;
        let Some(subject) = &said.subject else {
            return Ok(json!({"at": seconds(at), "verdicts": [], "says": "everything gets on"}));
        };
        let next: Vec<Value> = said
            .next
            .iter()
            .flatten()
            .map(|(at, sentence)| json!({"at": seconds(*at), "sentence": sentence}))
            .collect();
        Ok(json!({
            "at": seconds(at), "object": subject.kubectl_name(), "verdicts": verdicts(&said.verdicts), "next": next,
        }))
    }

    /// Edits that were run and help.
    pub(super) fn remedies(
        &mut self,
        object: Option<&str>,
        namespace: Option<&str>,
        at: Option<f64>,
    ) -> Result<Value, String> {
        let (at, said) = self.said_of(object, namespace, at)?;
        let Some(subject) = said.subject else {
            return Ok(json!({"at": seconds(at), "remedies": [], "says": "everything gets on"}));
        };
        let name = subject.kubectl_name();
        let (rev, id, lang) = (self.rev, self.id(), Lang::En);
        let answers = self.ask(Request::Remedies { rev, id, at, subject, lang, forced: true })?;
        self.proposals = answers
            .into_iter()
            .find_map(|answer| match answer {
                Answer::Remedies { remedies: Remedies::Found(found), .. } => Some(found),
                _ => None,
            })
            .unwrap_or_default();
        let told: Vec<Value> = (1..)
            .zip(&self.proposals)
            .map(|(n, one)| {
                let diff = TextDiff::from_lines(self.text.as_str(), one.text.as_str());
                let diff = diff.unified_diff().context_radius(1).to_string();
                json!({"remedy": n, "title": one.title, "proof": one.proof, "diff": diff})
            })
            .collect();
        Ok(json!({"at": seconds(at), "object": name, "remedies": told}))
    }

    /// Makes one of the remedies that were told last the text; the clock stands at the moment when it has helped.
    pub(super) fn apply(&mut self, remedy: usize) -> Result<Value, String> {
        let known = self.proposals.len();
        let chosen = remedy.checked_sub(1).and_then(|n| self.proposals.get(n)).cloned();
        let chosen = chosen.ok_or_else(|| match known {
            0 => "no remedies are known; ask for `remedies` first".to_owned(),
            known => format!("there is no remedy {remedy}; {known} are known"),
        })?;
        self.become_text(chosen.text, chosen.at.max(self.at))?;
        self.state(None)
    }

    /// Judges statements about the whole run.
    pub(super) fn expect(&self, that: &[String]) -> Result<Value, String> {
        let read = |text: &String| {
            Statement::read(text)
                .map_err(|wanted| format!("{text:?} is no statement; write it as {wanted}"))
        };
        let statements: Vec<Statement> = that.iter().map(read).collect::<Result<_, _>>()?;
        let mut run = Run::new(&self.text);
        run.finish();
        let mut all = true;
        let judged: Vec<Value> = that
            .iter()
            .zip(&statements)
            .map(|(text, statement)| {
                let verdict = statement.judge(&run);
                all &= verdict.holds;
                json!({"that": text, "holds": verdict.holds, "at": seconds(verdict.at), "found": verdict.found})
            })
            .collect();
        Ok(json!({"holds": all, "statements": judged}))
    }

    /// Searches for faults and moments at which the text fails.
    pub(super) fn check(&self, runs: Option<usize>) -> Result<Value, String> {
        let runs = runs.unwrap_or(CHECKED).clamp(1, MOST_CHECKED);
        let check = Check::new(&self.text, Options { runs, ..Options::default() })?;
        Ok(check.report(&check.run_all()).to_json(""))
    }

    /// What is said of an object, or of the most broken one, at a moment that was asked for in seconds.
    fn said_of(
        &mut self,
        object: Option<&str>,
        namespace: Option<&str>,
        at: Option<f64>,
    ) -> Result<(SimTime, Box<Said>), String> {
        let at = self.moment(at)?;
        let object = object.map(|name| target(name, namespace)).transpose()?;
        Ok((at, self.said(at, object)?))
    }

    fn said(&mut self, at: SimTime, object: Option<Target>) -> Result<Box<Said>, String> {
        let chosen = object.is_some();
        let (rev, id) = (self.rev, self.id());
        let look = Look { target: object, ..Look::default() };
        let answers = self.ask(Request::Judge { rev, id, at, look, chosen })?;
        let said = answers.into_iter().find_map(|answer| match answer {
            Answer::Said { said, .. } => Some(said),
            _ => None,
        });
        said.ok_or_else(|| "the moment cannot be judged".to_owned())
    }

    fn edited(&mut self, text: String, edit: Edit) -> Result<String, String> {
        let id = self.id();
        let answers = self.ask(Request::Edit { id, text, edit })?;
        let text = answers.into_iter().find_map(|answer| match answer {
            Answer::Edited { text, .. } => Some(text),
            _ => None,
        });
        text.ok_or_else(|| "the text cannot be changed".to_owned())
    }

    /// The run follows a text; its clock stands at a moment.
    fn become_text(&mut self, text: String, at: SimTime) -> Result<(), String> {
        self.rev += 1;
        let (rev, look) = (self.rev, Look::default());
        let answers =
            self.ask(Request::Open { rev, text: text.clone(), fresh: rev == 1, at, look })?;
        for answer in answers {
            match answer {
                Answer::Opened(opened) => self.opened = *opened,
                Answer::Printed { id, said } if id == self.questions => self.printed = Some(said),
                _ => {}
            }
        }
        if self.opened.objects == 0 && self.opened.has_errors {
            let first = self.errors().next();
            let told = first.map(|found| format!("line {}: {}", found.line, found.message));
            return Err(told.unwrap_or_else(|| "the text cannot be read".to_owned()));
        }
        self.text = text;
        self.proposals.clear();
        self.at = at.min(self.opened.grown.end);
        Ok(())
    }

    /// A number that no question had.
    fn id(&mut self) -> u32 {
        self.questions += 1;
        self.questions
    }

    /// Asks the engine, and works until it has answered and the run is computed to its end.
    fn ask(&mut self, request: Request) -> Result<Vec<Answer>, String> {
        self.engine.handle(request);
        let mut answers = self.engine.answers();
        for _ in 0..SLICES {
            let more = self.engine.work();
            answers.extend(self.engine.answers());
            if !more {
                return Ok(answers);
            }
        }
        Err("this takes too long".to_owned())
    }

    /// A moment that was asked for, in seconds.
    fn moment(&self, at: Option<f64>) -> Result<SimTime, String> {
        let Some(at) = at else { return Ok(self.at) };
        let end = self.opened.grown.end;
        let millis = (at * 1000.0).round();
        if !(0.0..=1e12).contains(&millis) {
            return Err(format!("{at} is no moment of the run, which goes from 0 to {end}"));
        }
        let moment = SimTime::from_millis(millis as u64);
        if moment > end {
            return Err(format!(
                "the run ends at {end}; a Scenario document with `spec: {{duration: 30m}}` lets it last longer"
            ));
        }
        Ok(moment)
    }
}

/// `deployment/web` as an object.
fn target(name: &str, namespace: Option<&str>) -> Result<Target, String> {
    let found = verdict::Target::parse(name, namespace.unwrap_or("default"));
    let found = found.ok_or_else(|| format!("{name} is no KIND/NAME"))?;
    Ok(Target::new(&found.kind, &found.namespace, &found.name))
}

fn verdicts(told: &[podplay_protocol::Told]) -> Vec<Value> {
    let one = |told: &podplay_protocol::Told| {
        let places: Vec<Value> =
            told.places.iter().map(|(line, field)| json!({"line": line, "field": field})).collect();
        json!({
            "code": told.code, "object": told.subject.kubectl_name(), "sentence": told.sentence,
            "since": seconds(told.since), "places": places, "evidence": told.evidence,
        })
    };
    told.iter().map(one).collect()
}

fn finding(found: &Finding) -> Value {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
        Severity::Info => "note",
    };
    json!({
        "code": found.code, "severity": severity, "line": found.line, "column": found.column,
        "message": found.message, "help": found.help,
    })
}

/// Why a line is no command.
fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Redirect => {
            "there are no files here: write the command without > and <".to_owned()
        }
        Refusal::Several => "one command at a time".to_owned(),
        Refusal::Substitution => "nothing is substituted here: write the value itself".to_owned(),
        Refusal::Program(program) => format!("only kubectl is here, not {program}"),
        Refusal::Quote(quote) => format!("the quote {quote} is not closed"),
    }
}
