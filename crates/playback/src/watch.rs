//! A command that looks at a run beside it: `get -w`, `logs -f`, an exec that only reads. It follows the run's
//! moments and is no part of it.

use crate::plan::Plan;
use crate::run::Run;
use crate::timeline::Point;
use podplay_api::SimTime;
use podplay_core::record::ProcessEffectKind;
use podplay_core::{Budget, Cluster, Progress, Record, Subject, What};
use podplay_kubectl::Output;
use std::collections::BTreeMap;

/// The command, and the moment that it has come to.
#[derive(Clone, Debug)]
pub struct Watch {
    point: Point,
    number: usize,
    began: SimTime,
    ended: Option<(SimTime, Output)>,
    /// What happened meanwhile that outlasts a command.
    left: BTreeMap<Lasting, i64>,
}

/// What a process does that is still there when it has ended.
type Lasting = (Subject, String);

impl Watch {
    /// Begins a command, its words without `kubectl`, at a moment that has been computed.
    pub fn begin(run: &Run, argv: &[String], at: SimTime) -> Self {
        let mut point = run.point_at(at);
        let began = point.now();
        let number = point.begin(argv, b"");
        let mut watch = Self { point, number, began, ended: None, left: BTreeMap::new() };
        watch.collect();
        watch
    }
    /// When it began.
    pub const fn began(&self) -> SimTime {
        self.began
    }
    /// The moment that it has come to.
    pub fn now(&self) -> SimTime {
        self.point.now()
    }
    /// When it ended; none while it waits.
    pub fn ended(&self) -> Option<SimTime> {
        self.ended.as_ref().map(|(at, _)| *at)
    }
    /// What it has printed so far; the exit status counts once it has ended.
    pub fn output(&self) -> Output {
        match &self.ended {
            Some((_, output)) => output.clone(),
            None => self
                .point
                .unfinished()
                .find(|(number, _)| *number == self.number)
                .map(|(_, output)| output)
                .unwrap_or_default(),
        }
    }
    /// Follows the run to a later moment, or as far as the budget reaches; no further than its own end.
    pub fn advance(&mut self, plan: &Plan, to: SimTime, budget: &mut Budget) -> Progress {
        while self.ended.is_none() && self.now() < to {
            let wakeup = self.point.cluster.next_wakeup().map(|(at, _)| at);
            // From wakeup to wakeup, so that it stops where the command ends.
            let stop = wakeup.filter(|at| *at > self.now()).map_or(to, |at| at.min(to));
            let progress = self.point.advance(plan, stop, budget);
            self.collect();
            if progress == Progress::OutOfBudget {
                return progress;
            }
        }
        Progress::Reached
    }
    /// Whether the run would go on as if the command had never been: it has ended, and left nothing behind.
    pub fn only_looked(&self, run: &Run) -> bool {
        let Some((ended, _)) = self.ended else { return false };
        let mut left = self.left.clone();
        let trace = run.trace();
        let meanwhile = &trace[run.records_until(self.began).min(trace.len())..];
        for record in meanwhile.iter().take_while(|record| record.at <= ended) {
            if let Some(what) = lasting(record) {
                *left.entry(what).or_default() -= 1;
            }
        }
        left.values().all(|count| *count == 0)
            && processes(&self.point.cluster) == processes(run.seek(ended, None).cluster())
    }
    fn collect(&mut self) {
        let news = std::mem::take(&mut self.point.news);
        let mine = news.ended.into_iter().find(|ended| ended.number == self.number);
        if let Some(mine) = mine {
            self.ended = Some((mine.at, mine.output));
        }
        for record in self.point.cluster.take_records() {
            if let Some(what) = lasting(&record) {
                *self.left.entry(what).or_default() += 1;
            }
        }
    }
}

/// What a record tells that is still so when its process has ended.
fn lasting(record: &Record) -> Option<Lasting> {
    use ProcessEffectKind::{Err, Listening, Out, Removed, Sent, Wrote};
    let what = match &record.what {
        What::Process(effect) => match &effect.kind {
            Wrote(path) if **path != *"/dev/null" => format!("wrote {path}"),
            Removed(path) => format!("removed {path}"),
            Listening(port) => format!("listens {port}"),
            Sent(signal) => format!("sent {signal}"),
            Out(text) | Err(text) => format!("said {text}"),
            _ => return None,
        },
        What::Stored(verb, _) => format!("{verb:?}"),
        _ => return None,
    };
    Some((record.subject.clone(), what))
}

/// How many processes there are.
fn processes(cluster: &Cluster) -> usize {
    let instances = cluster.world().workers.values().flat_map(|worker| &worker.containers);
    let newest = instances.filter_map(|container| container.instances.last());
    newest.filter_map(|instance| instance.process.as_ref()).map(|all| all.processes().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::Run;
    use podplay_api::SimTime;
    use podplay_core::Budget;
    use podplay_kubectl::words::split;

    const TEXT: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: busybox:1.36\n    command: [sh, -c, 'n=0; while true; do n=$((n+1)); echo line $n; sleep 2; done']\n";

    fn at(seconds: u64) -> SimTime {
        SimTime::from_millis(seconds * 1000)
    }

    fn watched(line: &str, from: u64, to: u64) -> (Run, Watch) {
        let mut run = Run::new(TEXT);
        run.finish();
        let argv = split(line).expect(line);
        let mut watch = Watch::begin(&run, &argv, at(from));
        let _ = watch.advance(run.plan(), at(to), &mut Budget(u64::MAX));
        (run, watch)
    }

    #[test]
    fn what_follows_a_run_prints_as_it_goes() {
        let (run, mut watch) = watched("logs web -f --tail=1", 20, 21);
        let first = watch.output().stdout.lines().count();
        let _ = watch.advance(run.plan(), at(40), &mut Budget(u64::MAX));
        let lines = watch.output().stdout.lines().count();
        assert!(watch.ended().is_none());
        assert_eq!(lines, first + 10, "a line every two seconds");
        let (_, watch) = watched("get pods -w", 0, 60);
        let shown = watch.output().stdout;
        for part in ["Pending", "ContainerCreating", "Running"] {
            assert!(shown.contains(part), "{part} is not in:\n{shown}");
        }
    }

    #[test]
    fn an_exec_that_leaves_nothing_behind_only_looks() {
        let table = [
            ("exec web -- cat /etc/hostname", true),
            ("exec web -- sh -c 'ls / | head -3; echo done > /dev/null'", true),
            ("exec web -- ps", true),
            ("exec web -- touch /tmp/there", false),
            ("exec web -- sh -c 'echo 1 > /tmp/there; rm /tmp/there'", false),
            ("exec web -- mkdir /tmp/there", false),
            ("exec web -- kill 1", false),
            ("exec web -- sh -c 'sleep 1000 >/dev/null 2>&1 &'", false),
            ("delete pod web --wait=false", false),
        ];
        for (line, looks) in table {
            let (run, watch) = watched(line, 20, 80);
            assert!(watch.ended().is_some(), "{line} has not ended");
            assert_eq!(watch.only_looked(&run), looks, "{line}: {:?}", watch.output());
        }
    }
}
