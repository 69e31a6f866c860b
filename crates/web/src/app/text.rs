//! The text: what is typed, what the palette writes into it, what comes from outside.

use super::frame::advance_a_slice;
use super::{App, Msg, Notice, Scope};
use crate::faults::{self, Group};
use crate::{dom, editor, examples, safety, scenario_edit, texts};
use gloo_timers::callback::Timeout;
use podplay_api::SimTime;
use podplay_playback::control::Ask;
use podplay_playback::{Run, plan};
use std::rc::Rc;

/// Milliseconds of rest after a keystroke before the run follows.
const REST: u32 = 120;
/// Milliseconds of rest after which the run is worked out ahead, so that it has only to be drawn.
const AHEAD: u32 = 40;
/// Longest text for that, in bytes: to read a long one would be felt between two keystrokes.
const SHORT: usize = 16_384;
/// Milliseconds before a run of which nothing is shown any more is let go.
const LATER: u32 = 30;
/// Largest file that is opened, in bytes.
const LARGEST: f64 = 1_100_000.0;

impl App {
    /// A keystroke: the run follows after a short rest.
    pub(super) fn typed(&mut self, text: String, link: &Scope) -> bool {
        if *text == *self.text {
            return false;
        }
        self.text = text.into();
        self.ahead = None;
        self.acted();
        let later = |after, msg: fn() -> Msg| {
            let link = link.clone();
            Timeout::new(after, move || link.send_message(msg()))
        };
        self.settle = Some([later(AHEAD, || Msg::Ahead), later(REST, || Msg::Settled)]);
        false
    }

    /// While the text rests: reads it and computes, for no longer than a frame may take.
    pub(super) fn work_ahead(&mut self) {
        if self.text.len() <= SHORT && safety::lost(&self.text).is_none() {
            self.secure();
            let mut next = self.run.edited(&self.text);
            advance_a_slice(&mut next);
            self.ahead = Some(next);
        }
    }

    /// The text becomes `text`, at once.
    pub(crate) fn set_text(&mut self, text: String, link: &Scope) {
        self.text = text.into();
        self.ahead = None;
        self.settled(link);
    }

    /// The run follows the text.
    pub(super) fn settled(&mut self, link: &Scope) {
        self.settle = None;
        self.lessons.text_changed(&self.text);
        self.held = safety::lost(&self.text);
        if self.held.is_some() {
            texts::save(&self.text);
            return self.hold(link);
        }
        let next = self.ahead.take().unwrap_or_else(|| {
            self.secure();
            self.run.edited(&self.text)
        });
        let empty = |run: &Run| run.plan().objects.is_empty();
        // While a text cannot be read, the run before it stays to be looked at.
        if empty(&next) && next.plan().has_errors() && !empty(&self.run) {
            self.stale = true;
            self.findings = next.plan().reading.diagnostics.as_slice().into();
            // The lines that caused something are those of the text before.
            self.causes = Rc::new([]);
            return self.drop_later(next);
        }
        let another = !empty(&next) && !shares_an_object(&self.run, &next);
        self.stale = false;
        let old = std::mem::replace(&mut self.run, next);
        self.drop_later(old);
        if another {
            self.findings = Rc::new([]);
            self.selected = None;
            self.record = None;
            self.judge.anew();
            self.fits = true;
            self.view.collapsed.clear();
            self.control.ask(Ask::Loop(None), self.run.end(), &[]);
            self.control.ask(Ask::Seek(SimTime::ZERO), self.run.end(), &[]);
            // Something new is shown living, unless that is unwanted.
            if !dom::matches("(prefers-reduced-motion: reduce)") {
                self.control.ask(Ask::Play, self.run.end(), &[]);
            }
        }
        let at = self.control.at();
        // What the playhead looks at is computed at once, if it does not take long.
        let mut budget = podplay_core::Budget(20_000);
        let _ = self.run.advance(at, &mut budget);
        // A short run is there at once, and drawn once.
        advance_a_slice(&mut self.run);
        self.taken_over(link);
        self.control.ask(Ask::Seek(at), self.run.end(), &[]);
        self.wake(link);
    }

    /// Before a text is read and run: it is kept, and marked as being run.
    pub(super) fn secure(&self) {
        texts::save(&self.text);
        safety::runs(&self.text);
    }

    /// A text that was lost the last time is shown and not run.
    fn hold(&mut self, link: &Scope) {
        self.stale = false;
        self.run = Run::new("");
        self.findings = Rc::new([]);
        self.taken_over(link);
        self.control.ask(Ask::Pause, self.run.end(), &[]);
        self.control.ask(Ask::Seek(SimTime::ZERO), self.run.end(), &[]);
    }

    /// The editor takes the keyboard.
    pub(super) fn wish_to_edit(&mut self, link: &Scope) {
        self.chrome(Msg::Pane(super::Pane::Text), link);
        self.wish = (self.wish.0 + 1, editor::Wish::Focus);
    }

    /// Lets go of a run once the picture is drawn: that takes time.
    fn drop_later(&mut self, old: Run) {
        self.saving = Some(Timeout::new(LATER, move || drop(old)));
    }

    /// Mends what a finding says, in the text as it is now; a finding of an older text is looked for again.
    pub(super) fn fix(&mut self, code: &str, n: usize, link: &Scope) {
        if self.settle.is_some() {
            self.settled(link);
        }
        if self.advice.is_some() && !self.stale {
            self.advise();
        }
        let found = self.findings.get(n).filter(|found| found.code == code);
        if let Some(fix) = found.and_then(|found| found.fix.as_ref()) {
            self.set_text(fix.apply(&self.text), link);
        }
    }

    /// Everything that writes into the text.
    pub(super) fn edit(&mut self, msg: Msg, link: &Scope) {
        let at = rounded(self.control.at());
        match msg {
            Msg::Fault(index, lasts) => self.add_fault(index, lasts, at, link),
            Msg::DeletePod => {
                if let Some(chosen) = &self.selected {
                    let space = if chosen.namespace == "default" {
                        String::new()
                    } else {
                        format!(" -n {}", chosen.namespace)
                    };
                    let command =
                        scenario_edit::quoted(&format!("delete pod {}{space}", chosen.pod));
                    self.set_text(
                        scenario_edit::add(&self.text, at, &format!("kubectl: {command}")),
                        link,
                    );
                }
            }
            Msg::MoveEntry(index, at) => {
                self.set_text(scenario_edit::shift(&self.text, index, rounded(at)), link)
            }
            Msg::RemoveEntry(index) => {
                self.set_text(scenario_edit::remove(&self.text, index), link)
            }
            Msg::Command(line) => self.command_typed(&line, at, link),
            Msg::Example(index) => {
                self.dialog = None;
                if let Some(example) = examples::ALL.get(index) {
                    self.set_text((example.text)().to_owned(), link);
                }
            }
            Msg::File(file) => self.open_file(&file, link),
            Msg::Assume(image) => self.assume(&image, link),
            _ => {}
        }
        self.acted();
    }

    /// Whoever acts needs no hint any more.
    fn acted(&mut self) {
        if std::mem::take(&mut self.hint) {
            dom::read_hint();
        }
    }

    /// Writes down how an image behaves, or goes to where it is written.
    fn assume(&mut self, image: &str, link: &Scope) {
        let ports = self.panel.scene.nodes.iter().flat_map(|(_, pods)| pods);
        let ports = ports.flat_map(|pod| &pod.containers).filter(|one| one.image == image);
        let port = ports.flat_map(|one| one.ports.first().copied()).next();
        let (text, line) = scenario_edit::assume(&self.text, image, port);
        if *text != *self.text {
            self.set_text(text, link);
        }
        self.wish = (self.wish.0 + 1, editor::Wish::Reveal(line));
        self.pane = super::Pane::Text;
    }

    fn add_fault(&mut self, index: usize, lasts: Option<&'static str>, at: SimTime, link: &Scope) {
        let (Some(kind), Some(chosen)) =
            (podplay_api::fault::FAULTS.get(index), self.selected.clone())
        else {
            return;
        };
        let nodes = &self.panel.scene.nodes;
        let of_pod = nodes.iter().find(|(_, pods)| pods.iter().any(|pod| pod.id.1 == chosen.pod));
        let node = of_pod
            .map(|(node, _)| node.clone())
            .filter(|node| !node.is_empty())
            .unwrap_or_else(|| "node01".to_owned());
        let container = chosen
            .container
            .clone()
            .or_else(|| self.only_container(&chosen.pod))
            .filter(|_| faults::group(kind.target) == Group::Container);
        let mut action = faults::written(kind, &chosen.pod, container.as_deref(), &node, lasts);
        if chosen.namespace != "default"
            && matches!(faults::group(kind.target), Group::Container | Group::Pod)
        {
            action = action.replacen('{', &format!("{{namespace: {}, ", chosen.namespace), 1);
        }
        self.dialog = None;
        self.set_text(scenario_edit::add(&self.text, at, &action), link);
    }

    /// Why a fault can do nothing to what is chosen, if that is so.
    pub(crate) fn unfit(&self, fault: &str) -> Option<&'static str> {
        let chosen = self.selected.as_ref()?;
        let mut pods = self.moment.as_ref()?.cluster().pods();
        let pod =
            pods.find(|pod| pod.meta.name == chosen.pod && pod.meta.namespace == chosen.namespace)?;
        let name = chosen.container.clone().or_else(|| self.only_container(&chosen.pod))?;
        let container = pod.spec.container(&name)?;
        match fault {
            "HookFails" | "HookHangs" => {
                let hooks = container.lifecycle.as_ref();
                let any = hooks.is_some_and(|on| on.post_start.is_some() || on.pre_stop.is_some());
                (!any).then(|| self.lang.unfit_hooks())
            }
            "ConfigMissing" => (!faults::uses_config(pod)).then(|| self.lang.unfit_config()),
            "FailHTTP" | "RefuseConnections" => {
                let listens = faults::may_listen(&self.run, pod, container);
                (!listens).then(|| self.lang.unfit_http())
            }
            _ => None,
        }
    }

    /// The regular container of a pod, or the first of several.
    fn only_container(&self, pod: &str) -> Option<String> {
        use podplay_views::timeline::Role;
        let pods = self.panel.scene.nodes.iter().flat_map(|(_, pods)| pods);
        let found = pods.into_iter().find(|drawn| drawn.id.1 == pod)?;
        let regular = found.containers.iter().find(|one| one.role == Role::Regular)?;
        Some(regular.name.to_string())
    }

    fn open_file(&mut self, file: &web_sys::File, link: &Scope) {
        if file.size() > LARGEST {
            self.notice = Some(Notice::Says(self.lang.file_too_large().to_owned()));
            return;
        }
        dom::read_file(file, {
            let link = link.clone();
            move |text| link.send_message(Msg::Text(text))
        });
    }

    /// Messages of the frame around the run.
    pub(crate) fn chrome(&mut self, msg: Msg, link: &Scope) {
        match msg {
            Msg::Pane(pane) => {
                self.pane = pane;
                let link = link.clone();
                // The new pane has a size only when it has been drawn.
                Timeout::new(0, move || link.send_message(Msg::Resize)).forget();
            }
            Msg::Dialog(dialog) => {
                if dialog.is_some() && self.dialog.is_none() {
                    self.before_dialog = dom::focused();
                }
                self.dialog = dialog;
                self.copied = false;
                if dialog.is_some() {
                    self.control.ask(Ask::Pause, self.run.end(), &[]);
                }
            }
            Msg::Language => {
                self.lang = self.lang.other();
                dom::set_language(self.lang, true);
                crate::advice::fetch_words(self.lang, link);
                safety::speak(self.lang);
                self.timeline_version += 1;
                self.panel_version += 1;
                self.refresh();
            }
            Msg::Theme => {
                let next = match self.theme.as_deref() {
                    None => Some("light"),
                    Some("light") => Some("dark"),
                    Some(_) => None,
                };
                dom::set_theme(next);
                self.theme = next.map(str::to_owned);
            }
            Msg::Wish(wish) => self.wish = (self.wish.0 + 1, wish),
            Msg::HintRead => {
                self.hint = false;
                dom::read_hint();
            }
            Msg::NoticeRead => self.notice = None,
            Msg::Saved => {
                let theirs = texts::shared().filter(|theirs| **theirs != *self.text);
                self.notice = theirs.map(Notice::Elsewhere);
            }
            Msg::Copy(text) => {
                dom::copy(&text);
                self.copied = true;
            }
            Msg::ShareMoment(on) => self.share_moment = on,
            Msg::Download(name, kind, text) => dom::download(name, kind, &text),
            Msg::SaveTrace => self.save_trace(),
            Msg::TableLane(lane) => self.table_lane = lane,
            _ => {}
        }
    }

    /// Goes to a line of the text.
    pub(crate) fn reveal(line: usize) -> Msg {
        Msg::Wish(editor::Wish::Reveal(u32::try_from(line).unwrap_or(1)))
    }
}

/// To a tenth of a second: what a person would write.
fn rounded(at: SimTime) -> SimTime {
    SimTime::from_millis((at.as_millis() + 50) / 100 * 100)
}

fn shares_an_object(one: &Run, other: &Run) -> bool {
    let named = |run: &Run| -> std::collections::BTreeSet<(String, String)> {
        let objects: &plan::Plan = run.plan();
        objects
            .reading
            .objects
            .iter()
            .map(|object| (object.kind.clone(), object.name.clone()))
            .collect()
    };
    named(one).intersection(&named(other)).next().is_some()
}
