//! What holds things up at the playhead, and what would mend it. Asked for when the playhead rests, and now and then
//! while it moves; what is said here is said by the inspector, the cards, the chips and the findings alike.

use super::effect::{Effect, Effects, Facts, Timer};
use super::msg::dialogs::{self, Dialog};
pub(crate) use super::msg::judge::Msg;
use super::msg::{play, text, view};
use podplay_api::SimTime;
use podplay_protocol::{Compared, Proposal, Remedies, Request, Said, Target, Told};
use std::rc::Rc;

/// Milliseconds of rest before a verdict, and how often there is one while time passes.
const REST: (u32, u32) = (60, 700);
/// Milliseconds of rest before remedies are tried.
const TRY_REST: u32 = 250;
/// A verdict that took longer, in milliseconds, is not asked for while time passes.
const DEAR: f64 = 80.0;
/// Longest trace for which remedies are tried unasked: each of them is a run.
const CHEAP: usize = 4_000;

/// What remedies are for: the text, the object, the code, the line.
type Wanted = (Rc<str>, Target, String, usize);

/// The page's judgement.
#[derive(Default)]
pub(crate) struct Judge {
    /// What is said.
    pub(crate) said: Rc<Said>,
    /// What would mend it.
    pub(crate) remedies: Rc<Remedies>,
    /// The two runs that are set side by side: what the second one is, and where they differ.
    pub(crate) compared: Option<Rc<(String, Compared)>>,
    tried_for: Option<Wanted>,
    /// A verdict is due.
    due: bool,
    /// The questions that were asked last: their numbers, and when the first was asked.
    asked: Option<(u32, f64)>,
    trying: Option<u32>,
    comparing: Option<(u32, String)>,
    /// How long the last answer took, in milliseconds.
    cost: f64,
}

impl Judge {
    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Later => {
                if self.due || (facts.playing && self.cost > DEAR) {
                    return Vec::new();
                }
                self.due = true;
                let rest = if facts.playing { REST.1 } else { REST.0 };
                vec![Effect::After(Timer::Judge, rest, Msg::Due.into())]
            }
            Msg::Due => self.ask(facts),
            Msg::Said(id, said) => self.take(id, *said, facts),
            Msg::Try => self.try_remedies(facts),
            Msg::Remedies(id, remedies) => {
                if self.trying.take_if(|trying| *trying == id).is_some() {
                    self.remedies = Rc::new(remedies);
                }
                Vec::new()
            }
            Msg::Apply(index) => self.apply(index, facts),
            Msg::Compare(index) => self.compare(index, facts),
            Msg::Compared(id, compared) => {
                let Some((_, title)) = self.comparing.take_if(|(asked, _)| *asked == id) else {
                    return Vec::new();
                };
                self.compared = Some(Rc::new((title, *compared)));
                vec![Effect::Do(dialogs::Msg::Show(Some(Dialog::Compare)).into())]
            }
            Msg::Spoken => {
                self.tried_for = None;
                self.ask(facts)
            }
            Msg::Anew => {
                *self = Self { cost: self.cost, ..Self::default() };
                vec![Effect::Cancel(Timer::Judge), Effect::Cancel(Timer::Try)]
            }
        }
    }

    fn ask(&mut self, facts: &Facts) -> Effects {
        self.due = false;
        let mut effects = vec![Effect::Cancel(Timer::Judge)];
        // A run that is on its way is judged when it is there; until then what was said stands.
        if facts.waiting {
            return effects;
        }
        if !facts.current || facts.records == 0 {
            self.say(Said::default());
            return effects;
        }
        self.asked = Some((facts.id, facts.now));
        effects.push(Effect::Ask(Request::Judge {
            rev: facts.rev,
            id: facts.id,
            at: facts.at.min(facts.known),
            look: facts.look.clone(),
            chosen: facts.chosen || facts.look.record.is_some(),
        }));
        effects
    }

    fn say(&mut self, said: Said) {
        if *self.said != said {
            self.said = Rc::new(said);
        }
    }

    fn take(&mut self, id: u32, said: Said, facts: &Facts) -> Effects {
        let Some((_, began)) = self.asked.take_if(|(asked, _)| *asked == id) else {
            return Vec::new();
        };
        self.cost = facts.now - began;
        let owner = said.troubled.first().map(|worst| worst.target.clone());
        let owner = owner.filter(|target| target.kind != "Pod");
        let worst = view::Msg::Worst { target: owner, pod: said.worst_pod.clone() };
        let mut effects = vec![Effect::Do(worst.into())];
        effects.extend(self.remedies_for(&said, facts));
        // What is drawn is the same as long as the same is said, whenever that is.
        self.say(Said { at: SimTime::ZERO, records: 0, computed: false, ..said });
        effects
    }

    /// What is known of remedies for what holds the subject up; asks for them if they cost little.
    fn remedies_for(&mut self, said: &Said, facts: &Facts) -> Option<Effect> {
        let first = said.verdicts.first().zip(said.subject.clone());
        let Some((first, subject)) = first.filter(|_| !facts.readonly) else {
            self.tried_for = None;
            self.remedies = Rc::default();
            return Some(Effect::Cancel(Timer::Try));
        };
        let line = first.places.first().map_or(0, |(line, _)| *line);
        let wanted = (Rc::clone(&facts.text), subject, first.code.clone(), line);
        if self.tried_for.as_ref() == Some(&wanted) {
            return None;
        }
        // A run that is not computed yet may turn out to be cheap.
        self.tried_for = Some(wanted).filter(|_| said.computed);
        self.trying = None;
        if said.records > CHEAP || !said.computed {
            self.remedies = Rc::new(Remedies::Unasked);
            return Some(Effect::Cancel(Timer::Try));
        }
        self.remedies = Rc::new(Remedies::Trying);
        Some(Effect::After(Timer::Try, TRY_REST, Msg::Try.into()))
    }

    /// Runs the text with one thing changed after the other.
    fn try_remedies(&mut self, facts: &Facts) -> Effects {
        let Some(subject) = self.said.subject.clone().filter(|_| facts.current) else {
            return Vec::new();
        };
        let before = self.trying.replace(facts.id).map(|id| Effect::Ask(Request::Cancel { id }));
        self.remedies = Rc::new(Remedies::Trying);
        let ask = Effect::Ask(Request::Remedies {
            rev: facts.rev,
            id: facts.id,
            at: facts.at.min(facts.known),
            subject,
            lang: facts.look.lang,
            forced: true,
        });
        before.into_iter().chain([ask]).collect()
    }

    fn proposal(&self, index: usize) -> Option<&Proposal> {
        match &*self.remedies {
            Remedies::Found(found) => found.get(index),
            Remedies::None | Remedies::Unasked | Remedies::Trying => None,
        }
    }

    fn apply(&mut self, index: usize, _: &Facts) -> Effects {
        let Some(remedy) = self.proposal(index).cloned() else { return Vec::new() };
        self.compared = None;
        let then = vec![play::Msg::Forward(remedy.at).into()];
        vec![
            Effect::Do(dialogs::Msg::Show(None).into()),
            Effect::Do(view::Msg::LetGo.into()),
            Effect::Do(text::Msg::Then(remedy.text, then).into()),
        ]
    }

    /// Sets the run with a remedy beside the one without.
    fn compare(&mut self, index: usize, facts: &Facts) -> Effects {
        let Some(remedy) = self.proposal(index) else { return Vec::new() };
        let text = remedy.text.clone();
        self.comparing = Some((facts.id, remedy.title.clone()));
        vec![Effect::Ask(Request::Compare { rev: facts.rev, id: facts.id, text })]
    }
}

/// Why a pod does not get on: its own verdict, or that of its owner's pods, which are alike.
pub(crate) fn of_pod<'a>(said: &'a Said, namespace: &str, name: &str) -> Option<&'a Told> {
    let own = |told: &&Told| {
        let subject = &told.subject;
        subject.kind == "Pod" && subject.namespace == namespace && subject.name == name
    };
    let all = || said.troubled.iter().flat_map(|trouble| &trouble.verdicts);
    let alike = || {
        let owner = said.troubled.iter().find(|trouble| {
            let target = &trouble.target;
            let below = name.strip_prefix(target.name.as_str());
            target.namespace == namespace
                && !matches!(target.kind.as_str(), "Pod" | "Service")
                && below.is_some_and(|rest| rest.starts_with('-'))
        })?;
        owner.verdicts.first()
    };
    all().find(own).or_else(alike)
}

/// Why an object does not get on.
pub(crate) fn of<'a>(said: &'a Said, kind: &str, name: &str) -> Option<&'a Told> {
    let mut troubled = said.troubled.iter();
    let found =
        troubled.find(|trouble| trouble.target.kind == kind && trouble.target.name == name)?;
    found.verdicts.first()
}
