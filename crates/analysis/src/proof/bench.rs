//! The experiments of a text: what was run once is not run again.

use super::{Mended, Proof, Proved};
use crate::check::judge::{self, Broken, Control, Kind};
use crate::check::shrink;
use crate::check::strikes::Whose;
use crate::check::trials::{self, Planned, Trial};
use crate::context::{Context, Pod};
use crate::lab::{Ground, Lab, Line};
use crate::remedy::edit::{self, Editor};
use crate::verdict::{Target, Written, written};
use crate::{Advice, edits};
use podplay_api::{SimTime, Value};
use podplay_manifest::Object;
use podplay_playback::Plan;
use std::cell::RefCell;
use std::time::Duration;

/// Requests a second of the clients that the lab brings.
const RPS: u32 = 50;
/// Most experiments with one text.
const EXPERIMENTS: usize = 120;

/// A text, the lab's run of it, and what experiments have shown so far.
pub(super) struct Bench<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cx: Context<'a>,
    pub(super) text: &'a str,
    pub(super) lab: Lab,
    pub(super) ground: Ground,
    control: Control,
    done: RefCell<Vec<(Vec<Line>, Vec<Broken>)>>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(text: &'a str, plan: &'a Plan) -> Option<Self> {
        let lab = Lab::new_as(text, RPS, Some(plan.reading.assume)).ok()?;
        let ground = lab.ground(plan.config.seed);
        let cx = Context::new(text, plan);
        let control = Control::new(&ground);
        Some(Self { plan, cx, text, lab, ground, control, done: RefCell::default() })
    }
    /// An object's pods, as the text has them.
    pub(super) fn pod(&self, index: usize) -> Option<&Pod<'a>> {
        let target = &self.ground.workloads[index].target;
        self.cx.pods.iter().find(|pod| Self::target(pod.object) == *target)
    }
    pub(super) fn target(object: &Object) -> Target {
        Target::new(&object.kind, &object.namespace, &object.name)
    }
    /// What an experiment breaks.
    pub(super) fn broken(&self, trial: &Trial) -> Vec<Broken> {
        if let Some((_, found)) = self.done.borrow().iter().find(|(lines, _)| *lines == trial.lines)
        {
            return found.clone();
        }
        if self.done.borrow().len() >= EXPERIMENTS {
            return Vec::new();
        }
        let (found, _) = judge::attempt(&self.ground, trial, &[]);
        let found = self.control.sift(found);
        self.done.borrow_mut().push((trial.lines.clone(), found.clone()));
        found
    }
    /// The trial of something planned.
    pub(super) fn trial(&self, planned: Planned) -> Trial {
        let lines = trials::begun(&self.ground, &planned, self.ground.calm());
        Trial { ground: 0, planned: Some(planned), strike: None, lines }
    }
    /// The trial of a fault that hits somebody.
    pub(super) fn strike(&self, kind: &'static str, whose: Whose, lines: Vec<Line>) -> Trial {
        Trial { ground: 0, planned: None, strike: Some((kind, whose)), lines }
    }
    /// What nodes can be drained or lost.
    pub(super) fn planned(&self) -> Vec<Planned> {
        trials::planned(&self.ground)
    }
    /// The proof that an experiment gives, by a run of the whole text.
    pub(super) fn proof(&self, trial: &Trial, kinds: &[Kind], of: &str) -> Option<Proof> {
        let same = |broken: &Broken| kinds.contains(&broken.kind) && broken.of.contains(of);
        if !self.broken(trial).iter().any(same) {
            return None;
        }
        let (broken, text) = shrink::shown(&self.lab, &self.ground, trial, &[], &same)?;
        let Broken { sentence, at, .. } = broken;
        Some(Proof { sentence, at, text, mended: None })
    }
    /// The first of some changed texts in which the same thing no longer breaks these.
    pub(super) fn mend(
        &self,
        trial: &Trial,
        kinds: &[Kind],
        texts: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Option<Mended> {
        texts.into_iter().find_map(|(title, fixed)| {
            let fixed = fixed?;
            let plan = Plan::read_as(&fixed, Some(self.plan.reading.assume));
            if plan.has_errors() {
                return None;
            }
            let lab = Lab::new_as(&fixed, RPS, Some(self.plan.reading.assume)).ok()?;
            let ground = lab.ground(self.plan.config.seed);
            let lines = self.again(trial, &ground);
            let trial = Trial { lines, ..trial.clone() };
            let (broken, _) = judge::attempt(&ground, &trial, &[]);
            let worse = [Kind::NeverReady, Kind::Unfinished, Kind::Stuck];
            let good =
                broken.iter().all(|one| !kinds.contains(&one.kind) && !worse.contains(&one.kind))
                    && ground
                        .workloads
                        .iter()
                        .zip(&self.ground.workloads)
                        .all(|(new, old)| new.well >= old.well);
            good.then(|| Mended { title, text: shrink::whole(&lab, &ground, &trial), fixed })
        })
    }
    /// The same entries for another run of the text: its pods have other names.
    fn again(&self, trial: &Trial, ground: &Ground) -> Vec<Line> {
        if let Some(planned) = &trial.planned
            && trial.strike.is_none()
            && trial.lines.len() == trials::begun(&self.ground, planned, self.ground.calm()).len()
        {
            return trials::begun(ground, planned, ground.calm());
        }
        let moved = |line: &Line| {
            let later = line.at.since(self.ground.calm());
            let mut line = Line { at: ground.calm() + later, ..line.clone() };
            let name = line.act.1.get("pod").and_then(Value::as_str).map(str::to_owned);
            if let Some(name) = name {
                let namespace = line.act.1["namespace"].as_str().unwrap_or("default").to_owned();
                let of = self.ground.workload_of(&namespace, &name);
                let pods = trials::alive(&ground.run, ground.calm());
                let twin = pods
                    .iter()
                    .find(|pod| ground.workload_of(&pod.meta.namespace, &pod.meta.name) == of);
                if let Some(twin) = twin {
                    line.act.1["pod"] = Value::from(twin.meta.name.as_str());
                }
            }
            line
        };
        trial.lines.iter().map(moved).collect()
    }
    /// Advice about a field of an object.
    pub(super) fn advice(
        &self,
        object: &Object,
        code: &'static str,
        path: &str,
        args: &[&str],
    ) -> Advice {
        let span = edits::place(self.text, object, path);
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Advice { code, path: path.to_owned(), span, args, fix: None }
    }
    /// The text after an edit of an object.
    pub(super) fn edited(
        &self,
        target: &Target,
        of: impl Fn(&Editor<'_>) -> Option<podplay_manifest::Edit>,
    ) -> Option<String> {
        let written: Written<'_> = written(self.plan, target)?;
        let editor = Editor { text: self.text, written };
        edit::apply(self.text, &[of(&editor)?])
    }
    /// What a run of the text alone shows: the sentence, with the text as long as it takes.
    pub(super) fn shown(&self, at: SimTime, sentence: String) -> Proof {
        let duration = Duration::from_secs(at.as_millis().div_ceil(1000) + 5);
        let text = self.lab.with(&[], self.ground.seed, duration);
        Proof { sentence, at, text, mended: None }
    }
}

/// A piece of advice with its proof.
pub(super) fn proved(advice: Advice, proof: Proof, mended: Option<Mended>) -> Proved {
    Proved { advice, proof: Some(Proof { mended, ..proof }) }
}
