//! What holds things up at a moment, and what would mend it, in words.

use crate::session::Session;
use crate::spoken;
use crate::why::capital;
use podplay_analysis::verdict::{self, Verdict};
use podplay_analysis::{remedy, why};
use podplay_api::SimTime;
use podplay_protocol::{Lang, Look, Proposal, Remedies, Said, Target, Told, Trouble};

/// Most objects that are said to be in trouble.
const MOST: usize = 12;
/// Longest trace for which remedies are tried unasked: each of them is a run.
const CHEAP: usize = 4_000;

impl Session {
    /// What is said of a moment.
    pub(crate) fn judged(&mut self, at: SimTime, look: &Look, chosen: bool) -> Said {
        if self.stale() || self.run.plan().objects.is_empty() {
            return Said { at, ..Said::default() };
        }
        let at = at.min(self.run.now());
        let moment = self.run.seek(at, self.moment.take());
        let mut troubled: Vec<Trouble> = Vec::new();
        for (target, verdicts) in
            verdict::troubled(&self.run, moment.cluster()).into_iter().take(MOST)
        {
            let verdicts = verdicts.iter().map(|verdict| told(verdict, look.lang)).collect();
            troubled.push(Trouble { target: plain(&target), verdicts });
        }
        self.moment = Some(moment);
        let looked_at = look.target.clone().or_else(|| {
            look.selected.as_ref().map(|pod| Target::new("Pod", &pod.namespace, &pod.pod))
        });
        let (subject, worst_pod) = match troubled.first() {
            Some(worst) if !chosen => {
                let pods = worst.verdicts.iter().map(|told| &told.subject).chain([&worst.target]);
                let pod = pods.into_iter().find(|target| target.kind == "Pod").cloned();
                (Some(worst.target.clone()), pod)
            }
            _ => (looked_at, None),
        };
        let said = Said {
            at,
            troubled,
            worst_pod,
            records: self.run.trace().len(),
            computed: self.run.now() >= self.run.end(),
            ..Said::default()
        };
        match subject {
            Some(subject) => self.of_subject(said, subject, look.lang),
            None => said,
        }
    }

    /// What is said of the object that is looked at.
    fn of_subject(&self, said: Said, subject: Target, lang: Lang) -> Said {
        let answer = why::why(&self.run, &self.text, &theirs(&subject), said.at, false);
        let known = said.computed || !answer.next.is_empty();
        let next = answer.next.iter();
        Said {
            verdicts: answer.verdicts.iter().map(|verdict| told(verdict, lang)).collect(),
            next: known.then(|| {
                next.map(|next| (next.at, capital(next.sentence(spoken(lang))))).collect()
            }),
            subject: Some(subject),
            ..said
        }
    }

    /// What would mend an object: edits that were run.
    pub(crate) fn mended(
        &self,
        at: SimTime,
        subject: &Target,
        lang: Lang,
        forced: bool,
    ) -> Remedies {
        if self.stale() {
            return Remedies::None;
        }
        let dear = self.run.trace().len() > CHEAP || self.run.now() < self.run.end();
        if dear && !forced {
            return Remedies::Unasked;
        }
        let at = at.min(self.run.now());
        let target = theirs(subject);
        let moment = self.run.seek(at, None);
        let verdicts = verdict::verdicts(&self.run, moment.cluster(), &target);
        if verdicts.is_empty() {
            return Remedies::None;
        }
        let found = remedy::remedies(&self.run, &self.text, &target, at, &verdicts);
        let language = spoken(lang);
        let proposal = |one: remedy::Remedy| Proposal {
            title: one.title(language),
            proof: one.proof(language),
            at: one.at,
            text: one.text,
        };
        Remedies::Found(found.into_iter().map(proposal).collect())
    }
}

fn told(verdict: &Verdict, lang: Lang) -> Told {
    let field = |path: &str| {
        let name = path.rsplit('.').next().unwrap_or(path);
        name.split('[').next().unwrap_or(name).to_owned()
    };
    let places = verdict.places.iter().map(|place| (place.span.line, field(&place.path)));
    Told {
        code: verdict.code().to_owned(),
        subject: plain(&verdict.subject),
        sentence: capital(verdict.sentence(spoken(lang))),
        since: verdict.since,
        places: places.take(3).collect(),
        evidence: verdict.evidence.clone(),
    }
}

fn plain(target: &verdict::Target) -> Target {
    Target::new(&target.kind, &target.namespace, &target.name)
}

fn theirs(target: &Target) -> verdict::Target {
    verdict::Target::new(&target.kind, &target.namespace, &target.name)
}
