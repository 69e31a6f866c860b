//! The page put together.

use super::{App, Msg, Pane, Scope};
use crate::editor::{Editor, Findings, Wish};
use crate::ui::memo::{Content, Memo};
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
        let pane = match self.pane {
            Pane::Text => "pane-text",
            Pane::Run => "pane-run",
            Pane::Inspect => "pane-inspect",
            Pane::Lesson => "pane-lesson",
        };
        // What a dialog covers takes neither keys nor clicks.
        let covered = self.dialog.is_some();
        html! {
            <div class={classes!("page", pane, self.lessons.open.then_some("has-lesson"))}>
                <div class="head-room" inert={covered}>
                    <a class="skip" href="#timeline-room">{ self.lang.skip_to_timeline() }</a>
                    { if self.embed.is_some() { self.embedded_head() } else { header::header(self, link) } }
                    { self.pane_tabs(link) }
                </div>
                <main class="main" inert={covered}>
                    { if self.lessons.open { lessons::lessons(self, link) } else { Html::default() } }
                    { if self.has_editor() { self.text_pane(link) } else { Html::default() } }
                    <section class="stage-pane" aria-label={self.lang.stage_label()}>
                        if self.stale { <p class="stale" role="status">{ self.lang.stale() }</p> }
                        { match self.held {
                            Some(lost) => held::held(self, lost, link),
                            None => html! { <>{ dialogs::hint(self, link) }{ self.stage(link) }</> },
                        } }</section>
                    <section class="inspect-pane" aria-label={self.lang.inspector_label()}>{ self.inspector(link) }</section>
                    { transport::transport(self, link) }
                    if self.embed.is_none() { { splitter::splitter(self.lang) } }
                    <section class="timeline-pane" id="timeline-room" tabindex="-1" data-testid="timeline" aria-label={self.lang.timeline_label()}>{ self.timeline_part(link) }</section>
                </main>
                <p id="live" class="unseen" role="status"></p>
                { dialogs::notes(self, link) }
                { dialogs::dialog(self, link) }
            </div>
        }
    }

    /// On a narrow screen one pane is shown at a time.
    #[inline(never)]
    fn pane_tabs(&self, link: &Scope) -> Html {
        let lang = self.lang;
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
                    <button class={classes!("pane-tab", (pane == self.pane).then_some("chosen"))} aria-current={(pane == self.pane).to_string()} onclick={link.callback(move |_| Msg::Pane(pane))}>{ name }</button>
                }) }
            </nav>
        }
    }

    #[inline(never)]
    fn text_pane(&self, link: &Scope) -> Html {
        html! {
            <section class="text-pane" aria-label={self.lang.pane_text()}>
                <div class="pane-head">
                    <h2>{ self.lang.pane_text() }</h2>
                    { findings::summary(self) }
                    <span class="spring" />
                    <button class="button quiet" onclick={link.callback(|_| Msg::Wish(Wish::Undo))}>{ self.lang.undo() }</button>
                </div>
                <Editor text={self.text.clone()} findings={Findings(self.findings.clone())} causes={self.causes.clone()} wish={self.wish}
                    changed={link.callback(Msg::Typed)} lang={self.lang} />
                { findings::list(self, link) }
            </section>
        }
    }

    #[inline(never)]
    fn stage(&self, link: &Scope) -> Html {
        let part = Stage {
            panel: self.panel.clone(),
            said: Rc::clone(&self.judge.said),
            target: self.judge.target.clone(),
            blank: self.text.trim().is_empty(),
            selected: self.selected.clone(),
            lang: self.lang,
            any: !self.run.plan().objects.is_empty(),
            refused: self.run.refusals().first().map(|refusal| refusal.message.as_str().into()),
        };
        let link = link.clone();
        html! { <Memo version={self.panel_version} content={Content::new(move || stage(&part, &link))} /> }
    }

    #[inline(never)]
    fn inspector(&self, link: &Scope) -> Html {
        let part = inspector::Inspector {
            panel: self.panel.clone(),
            tab: self.tab,
            command: self.command(self.tab),
            previous: self.previous,
            said: Rc::clone(&self.judge.said),
            pinned: self.record.and(self.pinned.as_ref()).map(|(at, _)| *at),
            terminal: terminal::Screen {
                command: self.pods_command(),
                answers: Rc::clone(&self.terminal.answers),
                history: Rc::clone(&self.terminal.history),
                live: self.terminal.is_live(),
            },
            lang: self.lang,
        };
        let link = link.clone();
        html! { <Memo version={self.panel_version} content={Content::new(move || inspector::inspector(&part, &link))} /> }
    }

    #[inline(never)]
    fn timeline_part(&self, link: &Scope) -> Html {
        let entries = &self.run.plan().entries;
        let part = TimelineView {
            layout: self.layout.clone(),
            overview: self.overview.clone(),
            view: self.view.clone(),
            end: self.run.end(),
            markers: entries
                .iter()
                .map(|entry| {
                    let breaks = matches!(entry.act, podplay_playback::Act::Fault(_));
                    (entry.index, entry.at, entry.act.title(), breaks)
                })
                .collect(),
            said: Rc::clone(&self.judge.said),
            record: self.record,
            selected: self.selected.clone(),
            range: self.control.range(),
            pods: self
                .timeline
                .pods()
                .iter()
                .map(|band| (band.pod.namespace.clone(), band.pod.name.clone()))
                .collect(),
            lang: self.lang,
        };
        let link = link.clone();
        html! { <Memo version={self.timeline_version} content={Content::new(move || timeline(&part, &link))} /> }
    }
}
