//! What holds things up at the playhead, and what would mend it. Worked out when the playhead rests, and now and then
//! while it moves; what is said here is said by the inspector, the cards, the chips and the findings alike.

use super::{App, Dialog, Msg, Scope, Selection};
use crate::lang::Lang;
use crate::{dom, safety};
use gloo_timers::callback::Timeout;
use podplay_analysis::remedy::{self, Remedy};
use podplay_analysis::verdict::{self, Target, Verdict};
use podplay_analysis::why;
use podplay_api::SimTime;
use podplay_core::Budget;
use podplay_playback::compare::{self, Differences};
use podplay_playback::control::Ask;
use podplay_playback::why as causes;
use std::rc::Rc;

/// Milliseconds of rest before a verdict, and how often there is one while time passes.
const REST: (u32, u32) = (60, 700);
/// Milliseconds of rest before remedies are tried.
const TRY_REST: u32 = 250;
/// A verdict that took longer, in milliseconds, is not asked for while time passes.
const DEAR: f64 = 40.0;
/// Longest trace for which remedies are tried unasked: each of them is a run.
const CHEAP: usize = 4_000;
/// Most objects that are said to be in trouble.
const MOST: usize = 12;
/// Wakeups of a run that is compared.
const COMPARED: u64 = 400_000;

/// A verdict in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// Its code.
    pub(crate) code: &'static str,
    /// Whom it is about.
    pub(crate) subject: Target,
    /// The sentence.
    pub(crate) sentence: String,
    /// Since when.
    pub(crate) since: SimTime,
    /// The lines to look at, with the name of their field.
    pub(crate) places: Vec<(usize, String)>,
    /// What was seen.
    pub(crate) evidence: Vec<String>,
}

/// An object that does not get on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    /// Which.
    pub(crate) target: Target,
    /// Why, the true cause first; never empty.
    pub(crate) verdicts: Vec<Told>,
}

/// Remedies, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Remedies {
    /// There is nothing to mend.
    #[default]
    None,
    /// Nobody has looked: it would take a while.
    Unasked,
    /// They are being tried.
    Trying,
    /// What helps: title, proof.
    Found(Vec<(String, String)>),
}

/// Everything that is said of the playhead's moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    /// The objects that do not get on, the most broken first.
    pub(crate) troubled: Vec<Trouble>,
    /// What holds up the one that is looked at.
    pub(crate) verdicts: Vec<Told>,
    /// What comes next for it; none while that is not known.
    pub(crate) next: Option<Vec<(SimTime, String)>>,
    /// What would mend it.
    pub(crate) remedies: Remedies,
}

impl Said {
    /// Why a pod does not get on: its own verdict, or that of its owner's pods, which are alike.
    pub(crate) fn of_pod(&self, namespace: &str, name: &str) -> Option<&Told> {
        let own = |told: &&Told| {
            let subject = &told.subject;
            subject.kind == "Pod" && subject.namespace == namespace && subject.name == name
        };
        let all = || self.troubled.iter().flat_map(|trouble| &trouble.verdicts);
        let alike = || {
            let owner = self.troubled.iter().find(|trouble| {
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
    pub(crate) fn of(&self, kind: &str, name: &str) -> Option<&Told> {
        let found = self
            .troubled
            .iter()
            .find(|trouble| trouble.target.kind == kind && trouble.target.name == name)?;
        found.verdicts.first()
    }
}

/// The page's judgement.
pub(crate) struct Judge {
    link: Scope,
    /// What is said.
    pub(crate) said: Rc<Said>,
    /// The object that is looked at, if it is no pod.
    pub(crate) target: Option<Target>,
    /// Whether a person chose what is looked at.
    pub(crate) chosen: bool,
    verdicts: Vec<Verdict>,
    remedies: Vec<Remedy>,
    /// What the remedies are for: the text, the object, the code, the line.
    tried_for: Option<(Rc<str>, Target, &'static str, usize)>,
    due: Option<Timeout>,
    trying: Option<Timeout>,
    cost: f64,
    /// The two runs that are set side by side: what the second one is, and where they differ.
    pub(crate) compared: Option<Rc<(String, Differences)>>,
}

/// What can happen to the judgement.
pub enum Judged {
    /// The playhead rests.
    Due,
    /// Remedies are to be tried.
    Try,
    /// An object was chosen that is no pod.
    Look(Target),
    /// The text becomes that of a remedy.
    Apply(usize),
    /// The run with a remedy beside the one without.
    Compare(usize),
    /// The record that was chosen is let go.
    Unpin,
}

impl Judge {
    pub(super) fn new(link: &Scope) -> Self {
        Self {
            link: link.clone(),
            said: Rc::default(),
            target: None,
            chosen: false,
            verdicts: Vec::new(),
            remedies: Vec::new(),
            tried_for: None,
            due: None,
            trying: None,
            cost: 0.0,
            compared: None,
        }
    }
    /// Another text: nobody has chosen anything in it.
    pub(super) fn anew(&mut self) {
        self.said = Rc::default();
        self.target = None;
        self.chosen = false;
    }
}

impl App {
    /// The object that is looked at.
    pub(crate) fn subject(&self) -> Option<Target> {
        let pod = |chosen: &Selection| Target::new("Pod", &chosen.namespace, &chosen.pod);
        self.judge.target.clone().or_else(|| self.selected.as_ref().map(pod))
    }

    /// The judgement follows the playhead once it rests.
    pub(super) fn judge_later(&mut self) {
        let playing = self.control.playing();
        if self.judge.due.is_some() || !self.complete || (playing && self.judge.cost > DEAR) {
            return;
        }
        let link = self.judge.link.clone();
        let rest = if playing { REST.1 } else { REST.0 };
        self.judge.due =
            Some(Timeout::new(rest, move || link.send_message(Msg::Judged(Judged::Due))));
    }

    /// Messages of the judgement.
    pub(super) fn judged(&mut self, msg: Judged, link: &Scope) {
        match msg {
            Judged::Due => self.work_out(),
            Judged::Try => self.try_remedies(),
            Judged::Look(target) => {
                self.judge.target = Some(target);
                self.judge.chosen = true;
                self.record = None;
                self.panel_version += 1;
                self.refresh();
                self.work_out();
            }
            Judged::Apply(index) => self.apply_remedy(index, link),
            Judged::Compare(index) => self.compare(index),
            Judged::Unpin => {
                self.record = None;
                self.timeline_version += 1;
                self.panel_version += 1;
                self.refresh();
            }
        }
    }

    /// Works out what is said of the playhead's moment.
    fn work_out(&mut self) {
        self.judge.due = None;
        if self.held.is_some() || self.stale || self.run.plan().objects.is_empty() {
            return self.say_of_moment(Said::default());
        }
        let Some(moment) = self.moment.take() else { return };
        let began = dom::now();
        let lang = self.lang;
        let cluster = moment.cluster();
        let mut troubled: Vec<Trouble> = Vec::new();
        for (target, verdicts) in verdict::troubled(&self.run, cluster).into_iter().take(MOST) {
            let verdicts = verdicts.iter().map(|verdict| told(verdict, lang)).collect();
            troubled.push(Trouble { target, verdicts });
        }
        if !self.judge.chosen && self.record.is_none() {
            self.choose_worst(&troubled);
        }
        let at = cluster.now();
        let mut said = Said { troubled, ..Said::default() };
        if let Some(subject) = self.subject() {
            let answer = why::why(&self.run, &self.text, &subject, at, false);
            said.verdicts = answer.verdicts.iter().map(|verdict| told(verdict, lang)).collect();
            let language = causes_lang(lang);
            let known = self.run.now() >= self.run.end() || !answer.next.is_empty();
            let next = answer.next.iter();
            said.next = known
                .then(|| next.map(|next| (next.at, sentence(next.sentence(language)))).collect());
            self.judge.verdicts = answer.verdicts;
            said.remedies = self.remedies_of(&subject);
        }
        self.judge.cost = dom::now() - began;
        self.moment = Some(moment);
        self.say_of_moment(said);
    }

    fn say_of_moment(&mut self, said: Said) {
        if *self.judge.said != said {
            self.judge.said = Rc::new(said);
            self.panel_version += 1;
            self.timeline_version += 1;
        }
    }

    /// What is most broken is looked at, unless a person has chosen.
    fn choose_worst(&mut self, troubled: &[Trouble]) {
        let worst = troubled.first();
        let owner = worst.map(|worst| worst.target.clone()).filter(|target| target.kind != "Pod");
        let pod = worst.and_then(|worst| {
            let pods = worst.verdicts.iter().map(|told| &told.subject).chain([&worst.target]);
            pods.into_iter().find(|target| target.kind == "Pod").cloned()
        });
        if self.judge.target != owner {
            self.judge.target = owner;
            self.panel_version += 1;
        }
        let Some(pod) = pod else { return };
        let chosen = Selection { namespace: pod.namespace, pod: pod.name, container: None };
        let same = |now: &Selection| now.pod == chosen.pod && now.namespace == chosen.namespace;
        let there = self.panel.scene.nodes.iter().flat_map(|(_, pods)| pods);
        let mut there = there.filter(|pod| pod.id.0 == chosen.namespace && pod.id.1 == chosen.pod);
        if !self.selected.as_ref().is_some_and(same) && there.next().is_some() {
            self.selected = Some(chosen);
            self.timeline_version += 1;
            self.panel_version += 1;
        }
    }

    /// What is known of remedies for what holds the subject up; asks for them if they cost little.
    fn remedies_of(&mut self, subject: &Target) -> Remedies {
        let Some(first) = self.judge.verdicts.first() else {
            self.judge.tried_for = None;
            return Remedies::None;
        };
        if self.is_readonly() {
            return Remedies::None;
        }
        let line = first.places.first().map_or(0, |place| place.span.line);
        let wanted = (Rc::clone(&self.text), subject.clone(), first.code(), line);
        if self.judge.tried_for.as_ref() == Some(&wanted) {
            return self.judge.said.remedies.clone();
        }
        self.judge.tried_for = Some(wanted);
        self.judge.remedies.clear();
        if self.run.trace().len() > CHEAP || self.run.now() < self.run.end() {
            self.judge.trying = None;
            // A run that is not computed yet may turn out to be cheap.
            if self.run.now() < self.run.end() {
                self.judge.tried_for = None;
            }
            return Remedies::Unasked;
        }
        let link = self.judge.link.clone();
        let ask = move || link.send_message(Msg::Judged(Judged::Try));
        self.judge.trying = Some(Timeout::new(TRY_REST, ask));
        Remedies::Trying
    }

    /// Runs the text with one thing changed after the other.
    fn try_remedies(&mut self) {
        self.judge.trying = None;
        let Some(subject) = self.subject() else { return };
        let at = self.control.at().min(self.run.now());
        safety::runs(&self.text);
        let found = remedy::remedies(&self.run, &self.text, &subject, at, &self.judge.verdicts);
        let language = causes_lang(self.lang);
        let told = found.iter().map(|one| (one.title(language), one.proof(language))).collect();
        self.judge.remedies = found;
        let said = Said { remedies: Remedies::Found(told), ..(*self.judge.said).clone() };
        self.say_of_moment(said);
    }

    fn apply_remedy(&mut self, index: usize, link: &Scope) {
        let Some(remedy) = self.judge.remedies.get(index).cloned() else { return };
        self.dialog = None;
        self.judge.compared = None;
        self.record = None;
        self.set_text(remedy.text, link);
        if self.control.at() < remedy.at {
            let _ = self.run.advance(remedy.at, &mut Budget(COMPARED));
            self.feed();
            self.control.ask(Ask::Seek(remedy.at), self.run.end(), &[]);
            self.refresh();
        }
    }

    /// Sets the run with a remedy beside the one without.
    fn compare(&mut self, index: usize) {
        let Some(remedy) = self.judge.remedies.get(index) else { return };
        let mut other = self.run.edited(&remedy.text);
        let end = self.run.end();
        let _ = self.run.advance(end, &mut Budget(COMPARED));
        let _ = other.advance(end, &mut Budget(COMPARED));
        let title = remedy.title(causes_lang(self.lang));
        self.feed();
        self.judge.compared = Some(Rc::new((title, compare::runs(&self.run, &other))));
        let link = self.judge.link.clone();
        self.chrome(Msg::Dialog(Some(Dialog::Compare)), &link);
    }
}

fn told(verdict: &Verdict, lang: Lang) -> Told {
    let field = |path: &str| {
        let name = path.rsplit('.').next().unwrap_or(path);
        name.split('[').next().unwrap_or(name).to_owned()
    };
    let places = verdict.places.iter().map(|place| (place.span.line, field(&place.path)));
    Told {
        code: verdict.code(),
        subject: verdict.subject.clone(),
        sentence: sentence(verdict.sentence(causes_lang(lang))),
        since: verdict.since,
        places: places.take(3).collect(),
        evidence: verdict.evidence.clone(),
    }
}

const fn causes_lang(lang: Lang) -> causes::Lang {
    match lang {
        Lang::En => causes::Lang::En,
        Lang::Ko => causes::Lang::Ko,
    }
}

/// A sentence that begins like one; names of things in lower case stay as they are.
fn sentence(text: String) -> String {
    let name =
        text.split([' ', '/']).next().is_some_and(|word| word.contains(['-', '.', '`', '"']));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !name => format!("{}{}", first.to_ascii_uppercase(), chars.as_str()),
        _ => text,
    }
}

/// `deployment/web`, as kubectl takes it.
pub(crate) fn kubectl_name(target: &Target) -> String {
    format!("{}/{}", target.kind.to_ascii_lowercase(), target.name)
}
