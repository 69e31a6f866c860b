//! The page put together.

use super::{App, Msg, Pane, Scope, io, text, view};
use crate::editor::{Editor, Findings, Wish};
use crate::ui::memo::Memo;
use crate::ui::stage::{Stage, stage};
use crate::ui::timeline::{TimelineView, timeline};
use crate::ui::{
    dialogs, findings, header, held, inspector, lessons, splitter, terminal, transport,
};
use std::rc::Rc;
use yew::{Html, classes, html};

impl App {
    /// The whole page.
    pub(super) fn page(&self, link: &Scope) -> Html {
        let pane = match self.view.pane {
            Pane::Text => "pane-text",
            Pane::Run => "pane-run",
            Pane::Inspect => "pane-inspect",
            Pane::Lesson => "pane-lesson",
        };
        // What a dialog covers takes neither keys nor clicks.
        let covered = self.dialogs.dialog.is_some();
        html! {
            <div class={classes!("page", pane, self.lessons.open.then_some("has-lesson"))}>
                <div class="head-room" inert={covered}>
                    <a class="skip" href="#timeline-room">{ self.prefs.lang.skip_to_timeline() }</a>
                    { if self.host.is_some() { self.embedded_head() } else { header::header(self, link) } }
                    { self.pane_tabs(link) }
                </div>
                <main class="main" inert={covered}>
                    { if self.lessons.open { lessons::lessons(self, link) } else { Html::default() } }
                    { if self.has_editor() { self.text_pane(link) } else { Html::default() } }
                    <section class="stage-pane" aria-label={self.prefs.lang.stage_label()}>
                        if self.text.stale { <p class="stale" role="status">{ self.prefs.lang.stale() }</p> }
                        { match self.text.held {
                            Some(lost) => held::held(self, lost, link),
                            None => html! { <>{ dialogs::hint(self, link) }{ self.stage(link) }</> },
                        } }</section>
                    <section class="inspect-pane" aria-label={self.prefs.lang.inspector_label()}>{ self.inspector(link) }</section>
                    { transport::transport(self, link) }
                    if self.host.is_none() { { splitter::splitter(self.prefs.lang) } }
                    <section class="timeline-pane" id="timeline-room" tabindex="-1" data-testid="timeline" aria-label={self.prefs.lang.timeline_label()}>{ self.timeline_part(link) }</section>
                </main>
                <p id="live" class="unseen" role="status"></p>
                { dialogs::notes(self, link) }
                { dialogs::dialog(self, link) }
            </div>
        }
    }

    /// On a narrow screen one pane is shown at a time.
    fn pane_tabs(&self, link: &Scope) -> Html {
        let lang = self.prefs.lang;
        let lesson = self.lessons.open.then(|| (Pane::Lesson, lang.lesson()));
        let panes = [
            (Pane::Text, lang.pane_text()),
            (Pane::Run, lang.pane_run()),
            (Pane::Inspect, lang.pane_inspect()),
        ];
        let panes = panes.into_iter().chain(lesson);
        html! {
            <nav class="pane-tabs" aria-label={lang.panes()}>
                { for panes.map(|(pane, name)| html! {
                    <button class={classes!("pane-tab", (pane == self.view.pane).then_some("chosen"))} aria-current={(pane == self.view.pane).to_string()} onclick={link.callback(move |_| view::Msg::Pane(pane))}>{ name }</button>
                }) }
            </nav>
        }
    }

    fn text_pane(&self, link: &Scope) -> Html {
        html! {
            <section class="text-pane" aria-label={self.prefs.lang.pane_text()}>
                <div class="pane-head">
                    <h2>{ self.prefs.lang.pane_text() }</h2>
                    { findings::summary(self) }
                    <span class="spring" />
                    <button class="button quiet" onclick={link.callback(|_| text::Msg::Wish(Wish::Undo))}>{ self.prefs.lang.undo() }</button>
                </div>
                <Editor text={self.text.text.clone()} findings={Findings(self.text.findings.clone())} causes={self.causes()} wish={self.text.wish}
                    changed={link.callback(text::Msg::Typed)} asks={link.callback(io::Msg::Hint)} lang={self.prefs.lang} />
                { findings::list(self, link) }
            </section>
        }
    }

    /// The lines that caused what is shown; those of an older text mean nothing in a newer one.
    fn causes(&self) -> Rc<[u32]> {
        let links = self.play.frame.why.iter().filter(|_| !self.text.stale);
        links.filter_map(|link| link.place.as_ref().map(|(line, _)| *line)).collect()
    }

    fn stage(&self, link: &Scope) -> Html {
        let part = Stage {
            frame: Rc::clone(&self.play.frame),
            said: Rc::clone(&self.judge.said),
            target: self.view.target.clone(),
            blank: self.text.text.trim().is_empty(),
            selected: self.view.selected.clone(),
            lang: self.prefs.lang,
            any: self.text.read.any,
            refused: self.play.refusals.first().map(|refusal| refusal.as_str().into()),
        };
        html! { <Memo<Stage> view={part} draw={stage as fn(&Stage, &Scope) -> Html} link={link.clone()} /> }
    }

    fn inspector(&self, link: &Scope) -> Html {
        let pinned = self.view.record.and(self.view.pinned.as_ref());
        let part = inspector::Inspector {
            frame: Rc::clone(&self.play.frame),
            tab: self.view.tab,
            previous: self.view.previous,
            said: Rc::clone(&self.judge.said),
            remedies: Rc::clone(&self.judge.remedies),
            pinned: pinned.map(|(at, _)| *at),
            terminal: terminal::Screen {
                answers: Rc::clone(&self.terminal.answers),
                history: Rc::clone(&self.terminal.history),
                live: self.terminal.is_live(),
            },
            lang: self.prefs.lang,
        };
        let draw = inspector::inspector as fn(&inspector::Inspector, &Scope) -> Html;
        html! { <Memo<inspector::Inspector> view={part} {draw} link={link.clone()} /> }
    }

    fn timeline_part(&self, link: &Scope) -> Html {
        let pods = self.play.timeline.pods().iter();
        let part = TimelineView {
            layout: self.view.layout.clone(),
            overview: self.view.overview.clone(),
            view: self.view.lanes.clone(),
            end: self.play.end,
            entries: Rc::clone(&self.text.read.entries),
            said: Rc::clone(&self.judge.said),
            record: self.view.record,
            selected: self.view.selected.clone(),
            range: self.play.control.range(),
            pods: pods.map(|band| (band.namespace.clone(), band.name.clone())).collect(),
            lang: self.prefs.lang,
        };
        html! { <Memo<TimelineView> view={part} draw={timeline as fn(&TimelineView, &Scope) -> Html} link={link.clone()} /> }
    }
}

impl App {
    /// Goes to a line of the text.
    pub(crate) fn reveal(line: usize) -> Msg {
        text::Msg::Wish(Wish::Reveal(u32::try_from(line).unwrap_or(1))).into()
    }

    /// Why a fault can do nothing to what is chosen, if that is so.
    pub(crate) fn unfit(&self, fault: &str) -> Option<&'static str> {
        let (unfit, lang) = (&self.play.frame.unfit, self.prefs.lang);
        match fault {
            "HookFails" | "HookHangs" => unfit.hooks.then(|| lang.unfit_hooks()),
            "ConfigMissing" => unfit.config.then(|| lang.unfit_config()),
            "FailHTTP" | "RefuseConnections" => unfit.http.then(|| lang.unfit_http()),
            _ => None,
        }
    }
}
