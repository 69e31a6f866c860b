//! The engine behind a page: opens a text, keeps its run, and answers what is asked of it.
//!
//! [`Engine::handle`] takes a request; what is quick is answered at once, the rest waits for [`Engine::work`], which
//! does a slice of it and says whether there is more. Of questions that wait, such as those for frames while a
//! playhead is dragged, only the newest is answered. Answers are fetched by [`Engine::answers`]. The engine knows no
//! browser: `main.rs` carries its bytes in a worker, or beside a page, and tests ask it directly.

mod assume;
mod complete;
mod findings;
mod fit;
mod flow;
mod frame;
#[cfg(feature = "test-hooks")]
mod hook;
mod judge;
mod lesson;
mod scenario_edit;
mod scene;
mod session;
mod terminal;
#[cfg(test)]
mod tests;
mod why;

use podplay_manifest::schema;
use podplay_playback::why::Lang as Spoken;
use podplay_protocol::{Answer, Edit, Lang, Look, Passed, Request, Target};
use session::Session;

/// Milliseconds that a slice of work takes.
pub const SLICE: f64 = 8.0;

/// A question for a frame.
struct Asked {
    rev: u32,
    id: u32,
    at: podplay_api::SimTime,
    look: Look,
    /// For a judgement: whether a person chose what is looked at.
    chosen: bool,
}

/// A question for remedies.
struct Mend {
    rev: u32,
    id: u32,
    at: podplay_api::SimTime,
    subject: Target,
    lang: Lang,
    forced: bool,
}

/// What waits for a slice of work.
#[derive(Default)]
struct Waiting {
    reach: Vec<(u32, u32, podplay_api::SimTime)>,
    frame: Option<Asked>,
    judge: Option<Asked>,
    mend: Option<Mend>,
}

/// An engine.
pub struct Engine {
    now: Box<dyn Fn() -> f64>,
    session: Session,
    waiting: Waiting,
    /// Sentences of advice in the second language, when it is spoken.
    words: String,
    answers: Vec<Answer>,
}

impl Engine {
    /// An engine without a text; `now` tells milliseconds.
    pub fn new(now: impl Fn() -> f64 + 'static) -> Self {
        Self {
            now: Box::new(now),
            session: Session::default(),
            waiting: Waiting::default(),
            words: String::new(),
            answers: vec![Answer::Ready { version: podplay_protocol::VERSION }],
        }
    }

    /// What has been answered since the last time.
    pub fn answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.answers)
    }

    /// Whether there is something to do.
    pub fn is_busy(&self) -> bool {
        let Waiting { reach, frame, judge, mend } = &self.waiting;
        !reach.is_empty()
            || frame.is_some()
            || judge.is_some()
            || mend.is_some()
            || self.session.is_busy()
    }

    /// Takes a question.
    pub fn handle(&mut self, request: Request) {
        match request {
            Request::Open { rev, text, fresh, at, look } => self.open(rev, text, fresh, at, &look),
            Request::Ahead { text } => self.session.work_ahead(&text, &self.now),
            Request::Compute { on } => self.session.compute(on),
            Request::Reach { id, rev, to } => self.waiting.reach.push((id, rev, to)),
            Request::Frame { rev, id, at, look } => {
                self.waiting.frame = Some(Asked { rev, id, at, look, chosen: false });
            }
            Request::Judge { rev, id, at, look, chosen } => {
                self.waiting.judge = Some(Asked { rev, id, at, look, chosen });
            }
            Request::Remedies { rev, id, at, subject, lang, forced } => {
                self.waiting.mend = Some(Mend { rev, id, at, subject, lang, forced });
            }
            Request::Cancel { id } => self.cancel(id),
            Request::AdviceWords { text } => self.words = text,
            Request::FieldDocs { second: false, text } => schema::bring_docs(text),
            Request::FieldDocs { second: true, text } => schema::bring_translated_docs(text),
            Request::SecondLanguage { on } => schema::speak_second_language(on),
            Request::Interrupt => self.session.terminal.interrupt(),
            Request::Forget => self.session.terminal.forget(),
            other => {
                let answer = self.answered(other);
                self.answers.extend(answer);
            }
        }
    }

    fn open(&mut self, rev: u32, text: String, fresh: bool, at: podplay_api::SimTime, look: &Look) {
        #[cfg(feature = "test-hooks")]
        hook::obey(&text);
        // What was asked of the text before is of no use any more.
        self.waiting = Waiting::default();
        let opened = self.session.open(rev, text, fresh, at, look, &self.now);
        self.answers.push(Answer::Opened(Box::new(opened)));
        self.answers.extend(self.session.printed());
    }

    fn cancel(&mut self, id: u32) {
        let Waiting { reach, frame, judge, mend } = &mut self.waiting;
        reach.retain(|(own, ..)| *own != id);
        frame.take_if(|asked| asked.id == id);
        judge.take_if(|asked| asked.id == id);
        mend.take_if(|asked| asked.id == id);
    }

    /// The answer to what is quick.
    fn answered(&mut self, request: Request) -> Option<Answer> {
        let session = &mut self.session;
        Some(match request {
            Request::Compare { rev, id, text } if rev == session.newest() => {
                Answer::Compared { id, compared: Box::new(session.compared(&text)) }
            }
            Request::Edit { id, text, edit } => {
                let (text, line) = edited(&text, edit);
                Answer::Edited { id, text, line }
            }
            Request::Advise { rev, id } if rev == session.newest() => {
                Answer::Findings { rev, id, findings: session.advised(&self.words) }
            }
            Request::Typed { rev, id, line, at, namespace, readonly }
                if rev == session.newest() =>
            {
                let typed = session.typed(id, &line, at, &namespace, readonly);
                Answer::Typed { id, typed }
            }
            Request::CompleteLine { id, line, at, namespace } => {
                let (start, words) = session.completed(&line, at, &namespace);
                Answer::LineCompleted { id, start, words }
            }
            Request::Complete { id, text, offset, explicit } => {
                let found = complete::answer(&text, offset as usize, explicit);
                Answer::Json { id, json: found.unwrap_or_default().to_string() }
            }
            Request::About { id, text, offset } => {
                let found = complete::about(&text, offset as usize);
                Answer::Json { id, json: found.unwrap_or_default().to_string() }
            }
            Request::Lesson { id, manifest: _, check } => {
                Answer::Lesson { id, lesson: lesson::read(&check) }
            }
            Request::Check { rev, id, manifest, check } if rev == session.newest() => {
                Answer::Report { rev, id, report: session.checked(&manifest, &check) }
            }
            Request::Passed { rev, id, from, until, lang } if rev == session.newest() => {
                Answer::Passed { rev, id, records: self.passed(from, until, lang) }
            }
            Request::Digest { rev, id } if rev == session.newest() => {
                Answer::Digest { rev, id, digest: session.digest() }
            }
            _ => return None,
        })
    }

    /// The records of a stretch that say something.
    fn passed(&self, from: usize, until: usize, lang: Lang) -> Vec<Passed> {
        let run = self.session.run();
        let trace = run.trace();
        let until = until.min(trace.len());
        let told = |record: &podplay_core::Record| {
            Some(Passed {
                at: record.at,
                text: why::told(run, record, spoken(lang))?,
                pod: record.subject.pod().map(|pod| pod.name.clone()),
                container: record.subject.container().map(str::to_owned),
            })
        };
        trace[from.min(until)..until].iter().filter_map(told).collect()
    }

    /// Does a slice of what there is to do; whether there is more.
    pub fn work(&mut self) -> bool {
        let until = (self.now)() + SLICE;
        if !self.waiting.reach.is_empty() {
            let (id, rev, to) = self.waiting.reach[0];
            if rev != self.session.newest() || self.session.reach(to, &self.now, until) {
                self.waiting.reach.remove(0);
                self.answers.extend(self.session.grown().map(Answer::Grown));
                self.answers.push(Answer::Reached { id, rev, now: self.session.run().now() });
            }
            return true;
        }
        if let Some(asked) = self.waiting.frame.take() {
            if asked.rev == self.session.newest() {
                let frame = Box::new(self.session.frame(asked.id, asked.at, &asked.look));
                self.answers.push(Answer::Frame { rev: asked.rev, id: asked.id, frame });
            }
            return true;
        }
        if let Some(asked) = self.waiting.judge.take() {
            if asked.rev == self.session.newest() {
                let said = Box::new(self.session.judged(asked.at, &asked.look, asked.chosen));
                self.answers.push(Answer::Said { rev: asked.rev, id: asked.id, said });
            }
            return true;
        }
        if self.session.is_computing() {
            let grown = self.session.advance(&self.now, until);
            self.answers.extend(grown.map(Answer::Grown));
            self.answers.extend(self.session.printed());
            return true;
        }
        if let Some(frame) = self.session.follow_live() {
            self.answers.push(frame);
            return true;
        }
        if let Some(mend) =
            self.waiting.mend.take().filter(|mend| mend.rev == self.session.newest())
        {
            let Mend { rev, id, at, subject, lang, forced } = mend;
            let remedies = self.session.mended(at, &subject, lang, forced);
            self.answers.push(Answer::Remedies { rev, id, remedies });
        }
        self.is_busy()
    }
}

/// A text with a change, and the line to look at.
fn edited(text: &str, edit: Edit) -> (String, Option<u32>) {
    match edit {
        Edit::Add { at, action } => (scenario_edit::add(text, at, &action), None),
        Edit::Command { at, line } => {
            let action = format!("kubectl: {}", scenario_edit::quoted(&line));
            (scenario_edit::add(text, at, &action), None)
        }
        Edit::Remove { index } => (scenario_edit::remove(text, index), None),
        Edit::Shift { index, at } => (scenario_edit::shift(text, index, at), None),
        Edit::Assume { image, port } => {
            let (text, line) = scenario_edit::assume(text, &image, port);
            (text, Some(line))
        }
    }
}

/// The language of sentences.
const fn spoken(lang: Lang) -> Spoken {
    match lang {
        Lang::En => Spoken::En,
        Lang::Ko => Spoken::Ko,
    }
}
