//! The run behind the page: feeding the timeline, seeking, and what stage and inspector show.

use super::{App, Msg, Panel, PodRow, Scope, Selection, Tab};
use crate::{scene, texts, why};
use gloo_timers::callback::Timeout;
use podplay_api::SimTime;
use podplay_core::Cluster;
use podplay_manifest::Severity;
use podplay_playback::control::Ask;
use podplay_views::timeline::layout::{View, layout};
use podplay_views::timeline::scale::{Window, moment, seconds};
use podplay_views::timeline::{Band, LaneKey, Part, Timeline};
use std::rc::Rc;

/// Pods beyond this number begin collapsed, and all but the first of those of controllers, which are alike.
const OPEN_PODS: u32 = 3;
/// Milliseconds before advice is given.
const ADVICE_REST: u32 = 400;

impl App {
    /// A new run has taken the place of the old one.
    pub(super) fn taken_over(&mut self, link: &Scope) {
        self.address.mine = texts::mine().is_some_and(|mine| *mine != *self.text);
        self.terminal.run_changed();
        self.timeline = Timeline::default();
        self.fed = 0;
        self.overview_of = None;
        self.moments.clear();
        self.moment = None;
        // The same number may be another object's record in another run.
        self.record = self.record.filter(|id| {
            let same =
                self.run.trace().get(id.0 as usize).map(|record| (record.at, &record.subject));
            same.is_some() && same == self.pinned.as_ref().map(|(at, subject)| (*at, subject))
        });
        self.feed();
        self.judge(link);
        self.computing = true;
        self.draw_timeline();
        self.refresh();
    }

    /// What is said of the text: what was found when it was read, and advice a little later, so that neither a
    /// first picture nor a keystroke waits for it, and not before all of the program is there.
    pub(super) fn judge(&mut self, link: &Scope) {
        // An empty text is no mistake.
        let blank = self.text.trim().is_empty() || self.held.is_some();
        let found = &self.run.plan().reading.diagnostics;
        // The advice of a moment ago stays until there is new, if nothing else is found: a list that comes and
        // goes with each keystroke helps nobody.
        let others = self.findings.iter().filter(|known| known.severity != Severity::Advice);
        if blank || !others.eq(found) {
            self.findings = if blank { Rc::new([]) } else { found.as_slice().into() };
        }
        let link = link.clone();
        self.advice = self
            .complete
            .then(|| Timeout::new(ADVICE_REST, move || link.send_message(Msg::Advise)));
    }

    /// The time for advice has come.
    pub(super) fn advise(&mut self) {
        self.advice = None;
        self.advised = true;
        if !self.stale && self.held.is_none() && !self.text.trim().is_empty() {
            self.findings =
                crate::advice::findings(&self.text, self.run.plan(), &self.advice_words);
        }
    }

    /// Gives the timeline the records it has not seen.
    pub(super) fn feed(&mut self) {
        let trace = self.run.trace();
        let known = self.timeline.pods().len() as u32;
        self.timeline.extend(&trace[self.fed..]);
        self.moments.extend(trace[self.fed..].iter().map(|record| record.at));
        self.fed = trace.len();
        for index in known..self.timeline.pods().len() as u32 {
            let alike = index > 0 && self.timeline.pods()[index as usize].is_owned();
            if index >= OPEN_PODS || alike {
                self.view.collapsed.insert(Band::Pod(index));
            }
        }
    }

    /// Lays the timeline out anew.
    pub(super) fn draw_timeline(&mut self) {
        let end = seconds(self.run.end());
        let window = self.view.window;
        self.view.window = if self.fits {
            Window { from: 0.0, to: end, width: window.width }
        } else {
            window.within(end)
        };
        self.view.known = self.run.now();
        self.layout = Rc::new(layout(&self.timeline, &self.view));
        self.draw_overview(end);
        self.timeline_version += 1;
    }

    /// Lays the overview out anew, if it is not the same: the window moves on it, not it.
    fn draw_overview(&mut self, end: f64) {
        let whole = View {
            window: Window { from: 0.0, to: end, width: self.view.window.width },
            folded: false,
            ..self.view.clone()
        };
        let shown = (self.fed, whole);
        if self.overview_of.as_ref() != Some(&shown) {
            self.overview = Rc::new(layout(&self.timeline, &shown.1));
            self.overview_of = Some(shown);
        }
    }

    /// Works out stage and inspector for the playhead.
    pub(super) fn refresh(&mut self) {
        let at = self.control.at().min(self.run.now());
        let moment = self.run.seek(at, self.moment.take());
        let scene = scene::scene(&self.timeline, &self.run, moment.cluster(), at);
        self.selected = self.kept_selection(&scene);
        let mut panel = Panel { scene, at, ..Panel::default() };
        panel.pods = self.pod_rows(&kubectl(moment.cluster(), &self.pods_command()), at);
        let until = self.run.records_until(at);
        let pod =
            self.selected.as_ref().map(|chosen| (chosen.namespace.as_str(), chosen.pod.as_str()));
        let container = self.selected.as_ref().and_then(|chosen| chosen.container.as_deref());
        match self.tab {
            Tab::Why => {
                let record = self.record.filter(|record| (record.0 as usize) < until);
                let any = !self.run.plan().objects.is_empty();
                let newest = || why::newest(&self.run, until, pod, container).filter(|_| any);
                let head = record.or_else(newest);
                panel.next = why::following(&self.run, until, pod, self.lang);
                panel.goes_on = why::goes_on(&self.run, until, pod);
                panel.why =
                    head.map(|head| why::chain(&self.run, head, self.lang)).unwrap_or_default();
            }
            tab => {
                panel.text = self
                    .command(tab)
                    .map(|command| kubectl(moment.cluster(), &command))
                    .unwrap_or_default()
            }
        }
        let causes: Vec<u32> = panel
            .why
            .iter()
            .filter(|_| !self.stale)
            .filter_map(|link| link.place.as_ref().map(|(line, _)| *line))
            .collect();
        if *self.causes != *causes {
            self.causes = causes.into();
        }
        self.moment = Some(moment);
        if *self.panel != panel {
            self.panel = Rc::new(panel);
            self.panel_version += 1;
        }
        self.follow_live();
        self.follow_entries();
        self.judge_later();
    }

    /// What the terminal begins with: the pods of the namespace that is looked at.
    pub(crate) fn pods_command(&self) -> String {
        match self.namespace() {
            "default" => "get pods".to_owned(),
            space => format!("get pods -n {space}"),
        }
    }

    /// What `kubectl get pods` printed, each row with the pod's state that it shows.
    fn pod_rows(&self, printed: &str, at: SimTime) -> Vec<PodRow> {
        let space = self.namespace();
        let state = |line: &str| {
            let name = line.split_whitespace().next()?;
            let alive = self.timeline.pods().iter().rposition(|band| {
                let own = band.pod.name == name && band.pod.namespace == space;
                own && band.from <= at && band.to.is_none_or(|to| at < to)
            })?;
            let band = Band::Pod(u32::try_from(alive).ok()?);
            let key = LaneKey { band, container: 0, part: Part::Pod };
            let span = self.timeline.lane(&key)?.span_at(at)?;
            let namespace = self.timeline.pods()[alive].pod.namespace.clone();
            let chosen = Selection { namespace, pod: name.to_owned(), container: None };
            Some((chosen, span.record, span.from))
        };
        let lines = printed.lines().enumerate();
        lines
            .map(|(index, line)| PodRow {
                line: line.to_owned(),
                state: if index == 0 { None } else { state(line) },
            })
            .collect()
    }

    /// The selection, if it is still there; the first pod otherwise.
    fn kept_selection(&self, scene: &scene::Scene) -> Option<Selection> {
        let pods = || scene.nodes.iter().flat_map(|(_, pods)| pods);
        let there = |chosen: &&Selection| {
            pods().any(|pod| pod.id.0 == chosen.namespace && pod.id.1 == chosen.pod)
        };
        let first = || {
            let (namespace, pod) = pods().next()?.id.clone();
            Some(Selection { namespace, pod, container: None })
        };
        self.selected.as_ref().filter(there).cloned().or_else(first)
    }

    /// The command of a tab.
    pub(crate) fn command(&self, tab: Tab) -> Option<String> {
        if let Some(target) = &self.judge.target {
            return of_object(target, tab);
        }
        let chosen = self.selected.as_ref();
        let space = chosen
            .filter(|chosen| chosen.namespace != "default")
            .map(|chosen| format!(" -n {}", chosen.namespace))
            .unwrap_or_default();
        let pod = chosen.map(|chosen| chosen.pod.as_str());
        Some(match tab {
            Tab::Why => return None,
            Tab::Describe => format!("describe pod {}{space}", pod?),
            Tab::Events => format!("get events{space}"),
            Tab::Yaml => format!("get pod {} -o yaml{space}", pod?),
            Tab::Logs => {
                let container =
                    chosen?.container.clone().or_else(|| self.first_container(chosen?))?;
                let previous = if self.previous { " --previous" } else { "" };
                format!("logs {} -c {container}{previous}{space}", pod?)
            }
        })
    }

    fn first_container(&self, chosen: &Selection) -> Option<String> {
        use podplay_views::timeline::Role;
        let index = self.timeline.pods().iter().position(|band| {
            band.pod.name == chosen.pod && band.pod.namespace == chosen.namespace
        })?;
        let lanes = self.timeline.band(Band::Pod(u32::try_from(index).ok()?));
        let named = lanes.filter_map(|(key, lane)| match key.part {
            Part::Container(role) => Some((role != Role::Regular, lane.name.to_string())),
            _ => None,
        });
        named.min_by_key(|(other, _)| *other).map(|(_, name)| name)
    }

    /// Play control.
    pub(crate) fn play(&mut self, msg: Msg, link: &Scope) {
        let end = self.run.end();
        let at = self.control.at();
        let chosen = self.record;
        let next = |moments: &[SimTime]| {
            moments.get(moments.partition_point(|moment| *moment <= at)).copied()
        };
        match msg {
            Msg::Ask(ask) => {
                if matches!(ask, Ask::Seek(_) | Ask::Next | Ask::Previous) {
                    self.record = None;
                }
                self.control.ask(ask, end, &self.moments);
            }
            Msg::Nudge(by) => self.stop_at(moment(seconds(at) + by)),
            Msg::NextChange => self.stop_at(next(self.timeline.changes()).unwrap_or(end)),
            Msg::NextRestart => self.stop_at(next(self.timeline.restarts()).unwrap_or(end)),
            Msg::LoopHere => {
                let range = self.stretch(at).filter(|_| self.control.range().is_none());
                self.control.ask(Ask::Loop(range), end, &[]);
                self.timeline_version += 1;
            }
            Msg::Record(record, at) => {
                self.tab = if record.is_some() { Tab::Why } else { self.tab };
                self.panel_version += 1;
                self.stop_at(at);
                let pinned = record.and_then(|id| self.run.trace().get(id.0 as usize));
                self.pinned = pinned.map(|record| (record.at, record.subject.clone()));
                self.record = record;
            }
            Msg::Compute(on) => self.computing = on,
            _ => {}
        }
        if self.record != chosen {
            self.timeline_version += 1;
        }
        self.reveal_playhead();
        self.refresh();
        self.say();
        self.wake(link);
    }

    /// Tells those who cannot see it where the playhead stands; not while it moves.
    fn say(&self) {
        let verdict = self.judge.said.verdicts.first().map(|told| &told.sentence);
        let newest = verdict.or_else(|| self.panel.why.first().map(|newest| &newest.text));
        if let Some(newest) = newest.filter(|_| !self.control.playing()) {
            let at = crate::ui::format::moment(self.control.at());
            crate::dom::set_text("live", &format!("{at}: {newest}"));
        }
    }

    /// From the change before a moment to the one after it.
    fn stretch(&self, at: SimTime) -> Option<(SimTime, SimTime)> {
        let changes = self.timeline.changes();
        let index = changes.partition_point(|moment| *moment <= at);
        let from = index.checked_sub(1).map_or(SimTime::ZERO, |index| changes[index]);
        let to = changes.get(index).copied().unwrap_or(self.run.end());
        (from < to).then_some((from, to))
    }

    /// Stands still at a moment.
    fn stop_at(&mut self, at: SimTime) {
        self.record = None;
        self.control.ask(Ask::Pause, self.run.end(), &[]);
        self.control.ask(Ask::Seek(at), self.run.end(), &[]);
    }

    /// Moves the window to the playhead if it is outside.
    fn reveal_playhead(&mut self) {
        let at = seconds(self.control.at());
        let window = self.view.window;
        if at < window.from || at > window.to {
            let middle = (window.from + window.to) / 2.0;
            self.view.window = window.panned(at - middle, seconds(self.run.end()));
            self.fits = false;
            self.draw_timeline();
        }
    }

    /// Where the timeline looks.
    pub(super) fn look(&mut self, msg: Msg) {
        let end = seconds(self.run.end());
        match msg {
            Msg::Window(window) => {
                self.fits = window.to - window.from >= end - 1e-6;
                self.view.window = window.within(end);
            }
            Msg::Zoom(factor, around) => {
                let around = around.unwrap_or_else(|| seconds(self.control.at()));
                self.view.window = self.view.window.zoomed(factor, around, end);
                self.fits = self.view.window.to - self.view.window.from >= end - 1e-6;
            }
            Msg::Fit => self.fits = true,
            Msg::Resize => {
                if let Some(width) = crate::ui::timeline::plot_width()
                    .filter(|width| (width - self.view.window.width).abs() > 0.5)
                {
                    self.view.window.width = width;
                }
            }
            Msg::Fold => self.view.folded = !self.view.folded,
            Msg::Conditions => self.view.conditions = !self.view.conditions,
            Msg::Collapse(band) if self.view.collapsed.remove(&band) => {}
            Msg::Collapse(band) => drop(self.view.collapsed.insert(band)),
            _ => {}
        }
        let window = self.view.window;
        self.follows = (window.from..=window.to).contains(&seconds(self.control.at()));
        self.draw_timeline();
    }

    /// What the inspector looks at.
    pub(super) fn inspect(&mut self, msg: Msg) {
        match msg {
            Msg::Select(selected) => {
                self.selected = selected;
                self.judge.target = None;
                self.judge.chosen = true;
                self.record = None;
                self.timeline_version += 1;
            }
            Msg::Tab(tab) => self.tab = tab,
            Msg::Previous(previous) => self.previous = previous,
            _ => {}
        }
        self.panel_version += 1;
        self.refresh();
    }
}

/// The command of a tab for an object that is no pod.
fn of_object(target: &podplay_analysis::verdict::Target, tab: Tab) -> Option<String> {
    let name = super::judge::kubectl_name(target);
    let space = match target.namespace.as_str() {
        "" | "default" => String::new(),
        space => format!(" -n {space}"),
    };
    Some(match tab {
        Tab::Why => return None,
        Tab::Describe => format!("describe {name}{space}"),
        Tab::Events => format!("events --for {name}{space}"),
        Tab::Yaml => format!("get {name} -o yaml{space}"),
        Tab::Logs => format!("logs {name}{space}"),
    })
}

/// What kubectl prints; the cluster stays as it is.
fn kubectl(cluster: &Cluster, command: &str) -> String {
    let words: Vec<String> = podplay_kubectl::words::split(command).unwrap_or_default();
    let mut copy = cluster.clone();
    let output = podplay_kubectl::start(&words, b"", &mut copy, &podplay_kubectl::NoFiles).so_far();
    output.stdout + &output.stderr
}
