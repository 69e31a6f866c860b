//! Records to lanes.

use super::{Band, Builder, Flag, Lane, LaneKey, Part, PodBand, Role, State, Tick};
use crate::get::row_of_pod;
use podplay_api::fault::Timed;
use podplay_api::{Container, ContainerState, Pod, ProbeKind, SimTime};
use podplay_core::record::{PodRef, ProcessEffectKind, Stored, Verb};
use podplay_core::{Record, RecordId, Subject, What};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Shortest time between the hook before a stop and the kill, as the kubelet grants it.
const LEAST_GRACE: Duration = Duration::from_secs(2);

impl Builder {
    /// Takes the next records.
    pub fn extend(&mut self, records: &[Record]) {
        for record in records {
            self.push(record);
        }
    }
    /// Takes the next record.
    pub fn push(&mut self, record: &Record) {
        match (&record.subject, &record.what) {
            (Subject::Pod(pod), What::Stored(verb, Stored::Pod(stored))) => {
                self.pod_stored(record, pod, *verb, stored)
            }
            (Subject::Container(pod, name), what) => self.container(record, pod, name, what),
            (Subject::Object(kind, _, name), What::Stored(verb, Stored::Object(object))) => {
                self.object(record, kind, name, *verb, object);
            }
            (_, What::Fault(fault, began)) => self.fault(record, fault, *began),
            _ => {}
        }
        if let (Subject::Container(..), What::Fault(fault, began)) = (&record.subject, &record.what)
        {
            self.fault(record, fault, *began);
        }
    }

    fn pod_stored(&mut self, record: &Record, pod: &PodRef, verb: Verb, stored: &Arc<Pod>) {
        let index = match self.by_ref.get(pod) {
            Some(index) => *index,
            None => self.new_pod(record, pod, stored),
        };
        let at = record.at;
        let band = Band::Pod(index);
        self.last[index as usize] = Arc::clone(stored);
        self.timeline.pods[index as usize].owned = !stored.meta.owner_references.is_empty();
        if verb == Verb::Deleted {
            self.timeline.pods[index as usize].to = Some(at);
            for (_, lane) in self.timeline.lanes.iter_mut().filter(|(key, _)| key.band == band) {
                lane.end(at);
            }
            self.changed(at);
            return;
        }
        let row = row_of_pod(stored);
        let state = State::Status(row.status.as_str().into(), stored.status.is_true("Ready"));
        let mut news = self.at(band, 0, Part::Pod, &pod.name).begin(at, state, record.id);
        for condition in &stored.status.conditions {
            let kind: Arc<str> = condition.kind.as_str().into();
            let lane = self.at(band, 0, Part::Condition(Arc::clone(&kind)), &kind);
            news |= lane.begin(at, State::Condition(condition.status == "True"), record.id);
        }
        for (number, role, container) in containers(stored) {
            let state = stored.status.container(&container.name).map(|status| &status.state);
            news |= self.reported(band, number, role, &container.name, state, record);
        }
        if news {
            self.changed(at);
        }
    }

    /// A pod that was not seen before: its lanes, in the order of its spec.
    fn new_pod(&mut self, record: &Record, pod: &PodRef, stored: &Arc<Pod>) -> u32 {
        let index = u32::try_from(self.last.len()).unwrap_or(u32::MAX);
        self.by_ref.insert(Arc::clone(pod), index);
        self.last.push(Arc::clone(stored));
        self.timeline.pods.push(PodBand {
            namespace: pod.namespace.clone(),
            name: pod.name.clone(),
            uid: pod.uid.clone(),
            from: record.at,
            to: None,
            owned: !stored.meta.owner_references.is_empty(),
        });
        let band = Band::Pod(index);
        for (number, role, container) in containers(stored) {
            let waiting = State::Waiting("Pending".into());
            self.at(band, number, Part::Container(role), &container.name)
                .begin(record.at, waiting, record.id);
            for kind in ProbeKind::ALL {
                if kind.of(container).is_some() {
                    self.at(band, number, Part::Probe(kind), kind.as_str());
                }
            }
            for file in watched(container) {
                self.at(band, number, Part::File(Arc::clone(&file)), &file);
            }
        }
        index
    }

    /// What the status says of a container: it names the reason of waiting, which nothing else does.
    fn reported(
        &mut self,
        band: Band,
        number: u16,
        role: Role,
        name: &str,
        state: Option<&ContainerState>,
        record: &Record,
    ) -> bool {
        let Some(ContainerState::Waiting { reason, .. }) = state else { return false };
        let lane = self.at(band, number, Part::Container(role), name);
        let reason: Arc<str> = reason.as_str().into();
        let state = match lane.state() {
            Some(State::Running(_) | State::Stopping(_) | State::Pulling) => return false,
            Some(State::BackOff(_, until)) if *until > record.at => State::BackOff(reason, *until),
            // The status lags behind: an exit is shown until the back-off is reported.
            Some(State::Exited(..)) if !reason.ends_with("BackOff") => return false,
            _ => State::Waiting(reason),
        };
        lane.begin(record.at, state, record.id)
    }

    fn container(&mut self, record: &Record, pod: &PodRef, name: &str, what: &What) {
        let Some((band, number, role)) = self.place(pod, name) else { return };
        let (at, id) = (record.at, record.id);
        match what {
            What::Probe { kind, success, message, .. } => {
                let lane = self.at(band, number, Part::Probe(*kind), kind.as_str());
                tick(lane, at, *success, message.clone(), id);
                return;
            }
            What::Process(effect) => {
                return self.process(record, band, number, role, name, &effect.kind);
            }
            What::Hook { .. } => return self.hook(record, band, number),
            _ => {}
        }
        let until = matches!(what, What::Signal(_))
            .then(|| self.kill_time(pod, band, number, at))
            .flatten();
        let lane = self.at(band, number, Part::Container(role), name);
        let news = match what {
            What::Pull { began: true, .. } => lane.begin(at, State::Pulling, id),
            What::Pull { error: Some(_), .. } => {
                lane.begin(at, State::Waiting("ErrImagePull".into()), id)
            }
            What::Pull { .. } => lane.begin(at, State::Waiting("ContainerCreating".into()), id),
            What::Running { restart } => {
                let news = lane.begin(at, State::Running(*restart), id);
                if *restart > 0 {
                    self.timeline.restarts.push(at);
                }
                news
            }
            What::Exited { code, reason } => {
                let news = lane.begin(at, State::Exited(*code, Arc::clone(reason)), id);
                self.close_files(band, number, at);
                news
            }
            What::Signal(sent) => signal(lane, at, sent, until, id),
            What::BackOff { until, .. }
                if !matches!(lane.state(), Some(State::Running(_) | State::Stopping(_))) =>
            {
                let reason = match lane.state() {
                    Some(State::BackOff(reason, _) | State::Waiting(reason)) => Arc::clone(reason),
                    _ => "CrashLoopBackOff".into(),
                };
                let reason =
                    if &*reason == "ErrImagePull" { "ImagePullBackOff".into() } else { reason };
                lane.begin(at, State::BackOff(reason, *until), id)
            }
            _ => false,
        };
        if news {
            self.changed(at);
        }
    }

    fn hook(&mut self, record: &Record, band: Band, number: u16) {
        let What::Hook { name: hook, began, error } = &record.what else { return };
        let lane = self.at(band, number, Part::Hook((*hook).into()), hook);
        if *began {
            lane.begin(record.at, State::Hook(true), record.id);
        } else {
            if let Some(last) = lane.spans.last_mut().filter(|_| error.is_some()) {
                last.state = State::Hook(false);
            }
            lane.end(record.at);
        }
        self.changed(record.at);
    }

    fn process(
        &mut self,
        record: &Record,
        band: Band,
        number: u16,
        role: Role,
        name: &str,
        what: &ProcessEffectKind,
    ) {
        match what {
            ProcessEffectKind::Out(text) | ProcessEffectKind::Err(text) => {
                let lane = self.at(band, number, Part::Container(role), name);
                lane.said.push((record.at, Arc::clone(text)));
            }
            ProcessEffectKind::Wrote(path) => {
                if let Some(lane) = self.file(band, number, path) {
                    lane.begin(record.at, State::Exists, record.id);
                }
            }
            ProcessEffectKind::Removed(path) => {
                if let Some(lane) = self.file(band, number, path) {
                    lane.end(record.at);
                }
                self.changed(record.at);
            }
            _ => {}
        }
    }

    fn fault(&mut self, record: &Record, timed: &Timed, began: bool) {
        let kind: Arc<str> = timed.fault.name().into();
        let lasts = timed.lasts.is_some();
        let lane = self.at(Band::Faults, 0, Part::Fault(Arc::clone(&kind)), &kind);
        if !began {
            lane.end(record.at);
        } else if lasts {
            lane.begin(record.at, State::Fault(kind), record.id);
        }
        self.changed(record.at);
    }

    /// The writable layer of a container does not outlive it.
    fn close_files(&mut self, band: Band, number: u16, at: SimTime) {
        let mounts = self.mounts(band, number);
        for (key, lane) in &mut self.timeline.lanes {
            if key.band == band
                && key.container == number
                && let Part::File(path) = &key.part
                && !mounts.iter().any(|mount| path.starts_with(mount.as_str()))
            {
                lane.end(at);
            }
        }
    }

    fn mounts(&self, band: Band, number: u16) -> Vec<String> {
        let Band::Pod(index) = band else { return Vec::new() };
        let found = self
            .last
            .get(index as usize)
            .and_then(|pod| containers(pod).find(|(n, _, _)| *n == number));
        found
            .map(|(_, _, container)| {
                container.volume_mounts.iter().map(|mount| mount.mount_path.clone()).collect()
            })
            .unwrap_or_default()
    }

    /// When a container that is told to stop at `at` is killed at the latest.
    fn kill_time(&self, pod: &PodRef, band: Band, number: u16, at: SimTime) -> Option<SimTime> {
        let pod = self.last.get(*self.by_ref.get(pod)? as usize)?;
        let deletion =
            pod.meta.deletion_grace_period_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let grace = Duration::from_secs(deletion.unwrap_or_else(|| pod.spec.grace_period()));
        let part = Part::Hook("preStop".into());
        let hook = self.timeline.lane(&LaneKey { band, container: number, part });
        let hook = hook.and_then(|lane| lane.spans.last()).map(|span| span.from);
        let began = hook.filter(|from| at.since(*from) <= grace + LEAST_GRACE).unwrap_or(at);
        Some((began + grace).max(at + if began == at { Duration::ZERO } else { LEAST_GRACE }))
    }

    /// Band, number and role of a container.
    fn place(&self, pod: &PodRef, name: &str) -> Option<(Band, u16, Role)> {
        let index = *self.by_ref.get(pod)?;
        let last = self.last.get(index as usize)?;
        let (number, role, _) =
            containers(last).find(|(_, _, container)| container.name == name)?;
        Some((Band::Pod(index), number, role))
    }

    fn file(&mut self, band: Band, number: u16, path: &str) -> Option<&mut Lane> {
        self.timeline.lanes.get_mut(&LaneKey {
            band,
            container: number,
            part: Part::File(path.into()),
        })
    }

    /// The lane, made if it is missing.
    pub(super) fn at(&mut self, band: Band, container: u16, part: Part, name: &str) -> &mut Lane {
        let lane = self.timeline.lanes.entry(LaneKey { band, container, part }).or_default();
        if lane.name.is_empty() {
            lane.name = name.into();
        }
        lane
    }
}

fn tick(lane: &mut Lane, at: SimTime, success: bool, message: Option<Arc<str>>, record: RecordId) {
    let before =
        lane.ticks.last().map_or(0, |last| last.failures_before + u32::from(!last.success));
    lane.ticks.push(Tick { at, success, failures_before: before, message, record });
}

fn signal(
    lane: &mut Lane,
    at: SimTime,
    signal: &Arc<str>,
    until: Option<SimTime>,
    record: RecordId,
) -> bool {
    lane.flags.push(Flag { at, signal: Arc::clone(signal), record });
    if &**signal == "SIGKILL" || !matches!(lane.state(), Some(State::Running(_))) {
        return true;
    }
    lane.begin(at, State::Stopping(until), record)
}

/// The containers of a pod with their numbers from 1 and their roles.
fn containers(pod: &Pod) -> impl Iterator<Item = (u16, Role, &Container)> {
    let init = pod.spec.init_containers.iter().map(|container| {
        (if container.is_sidecar() { Role::Sidecar } else { Role::Init }, container)
    });
    let regular = pod.spec.containers.iter().map(|container| (Role::Regular, container));
    let extra = pod.spec.ephemeral_containers.iter().map(|container| (Role::Ephemeral, container));
    init.chain(regular)
        .chain(extra)
        .zip(1..)
        .map(|((role, container), number)| (number, role, container))
}

/// Files that a container's probes ask for: each has a lane.
fn watched(container: &Container) -> BTreeSet<Arc<str>> {
    let commands = ProbeKind::ALL.into_iter().filter_map(|kind| kind.of(container)?.exec.as_ref());
    let words = commands
        .flat_map(|exec| exec.command.iter().skip(1))
        .flat_map(|word| word.split_whitespace());
    let clean = words.map(|word| word.trim_matches(|c| matches!(c, '"' | '\'' | ';' | '(' | ')')));
    clean
        .filter(|word| word.starts_with('/') && word.len() > 1 && !word.starts_with("/bin/"))
        .map(Arc::from)
        .collect()
}
