//! The lessons' pane: the list with what has been passed, or one lesson with its question.

use super::format;
use crate::app::lessons::{Loaded, Title};
use crate::app::{App, DialogMsg, Msg, Scope, lessons, play};
use crate::dom;
use podplay_protocol::{Report, Statement};
use wasm_bindgen::JsCast;
use yew::{AttrValue, Callback, Html, MouseEvent, classes, html};

/// The pane; it is asked for only when it is open.
pub(crate) fn lessons(app: &App, link: &Scope) -> Html {
    let (lang, state) = (app.prefs.lang, &app.lessons);
    let send = |msg: fn() -> lessons::Msg| link.callback(move |_: MouseEvent| msg());
    let content = match (&state.current, &state.index) {
        (Some(lesson), _) => article(app, lesson, link),
        (None, Some(index)) => list(app, index, link),
        (None, None) => Html::default(),
    };
    html! {
        <section class="lesson-pane" aria-label={lang.lessons()} data-testid="lessons">
            <div class="pane-head">
                <h2 id="lessons-title" tabindex="-1">{ lang.lessons() }</h2>
                if let (Some(place), Some(index)) = (state.place(), &state.index) {
                    <span class="count">{ format!("{} / {}", place + 1, index.len()) }</span>
                }
                <span class="spring" />
                if state.current.is_some() {
                    <button class="button quiet" data-testid="lesson-list" onclick={send(|| lessons::Msg::List)}>{ lang.all_lessons() }</button>
                }
                <button class="button quiet icon" aria-label={lang.close()} title={lang.close()} data-testid="lessons-close" onclick={send(|| lessons::Msg::Toggle)}>{ "✕" }</button>
            </div>
            <div class="lesson-room">
                if state.failed { <p class="lesson-note" role="alert">{ lang.lesson_failed() }</p> }
                if state.is_waiting() { <p class="lesson-note" role="status">{ lang.lesson_loading() }</p> }
                { content }
            </div>
        </section>
    }
}

fn list(app: &App, index: &[Title], link: &Scope) -> Html {
    let (lang, passed) = (app.prefs.lang, &app.lessons.passed);
    let done = index.iter().filter(|title| passed.contains(&title.name)).count();
    html! {
        <div class="lesson-list">
            <p class="quiet-note">{ lang.lessons_about() }</p>
            <div class="progress">
                <progress id="lessons-done" max={index.len().to_string()} value={done.to_string()} aria-label={lang.lessons()} />
                <span>{ lang.lessons_done(done, index.len()) }</span>
            </div>
            <ol>
                { for index.iter().enumerate().map(|(number, title)| {
                    let (name, is_done) = (title.name.clone(), passed.contains(&title.name));
                    html! {
                        <li>
                            <button class={classes!("lesson-item", is_done.then_some("done"))} data-lesson={name.clone()}
                                onclick={link.callback(move |_| lessons::Msg::Open(name.clone()))}>
                                <span class="lesson-mark" aria-hidden="true">{ if is_done { "✓".to_owned() } else { (number + 1).to_string() } }</span>
                                <span>{ title.title(lang) }</span>
                                if is_done { <span class="unseen">{ lang.lesson_done() }</span> }
                            </button>
                        </li>
                    }
                }) }
            </ol>
            if app.lessons.own.is_some() {
                <button class="button" data-testid="lessons-own" onclick={link.callback(|_| lessons::Msg::Own)}>{ lang.own_text() }</button>
            }
        </div>
    }
}

fn article(app: &App, lesson: &Loaded, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let (title, [intro, look, tried, question, hint, answer]) = lesson.words(lang);
    let passes = app.lessons.report.as_ref().is_some_and(Report::passes);
    let send = |msg: fn() -> lessons::Msg| link.callback(move |_: MouseEvent| msg());
    html! {
        <article class="lesson" key={lesson.name.clone()} onclick={follow(link)}>
            <h3 id="lesson-title" tabindex="-1">{ title }</h3>
            { prose(intro) }
            <h4>{ lang.lesson_look() }</h4>
            { prose(look) }
            <h4>{ lang.lesson_try() }</h4>
            { prose(tried) }
            if app.lessons.can_edit(&app.text.text) {
                <button class="button" data-testid="lesson-edit" onclick={send(|| lessons::Msg::Edit)}>{ lang.lesson_edit() }</button>
            }
            <section class="task">
                <h4>{ lang.lesson_question() }</h4>
                { prose(question) }
                <div class="row">
                    <button class="button primary" data-testid="lesson-check" onclick={send(|| lessons::Msg::Check)}>{ lang.lesson_check() }</button>
                    <button class="button quiet" data-testid="lesson-again" onclick={send(|| lessons::Msg::Again)}>{ lang.lesson_again() }</button>
                </div>
                <div role="status" id="lesson-report" data-testid="lesson-report">{ report(app, link) }</div>
                <details><summary>{ lang.lesson_hint() }</summary>{ prose(hint) }</details>
                <details open={passes}>
                    <summary data-testid="lesson-answer">{ lang.lesson_answer() }</summary>
                    { prose(answer) }
                    <button class="button" data-testid="lesson-show" onclick={send(|| lessons::Msg::Answer)}>{ lang.lesson_show() }</button>
                </details>
            </section>
            { neighbours(app, link) }
        </article>
    }
}

/// Words that the build turned into HTML.
fn prose(words: &AttrValue) -> Html {
    html! { <div class="prose">{ Html::from_html_unchecked(words.clone()) }</div> }
}

/// Links of the words lead into the run.
fn follow(link: &Scope) -> Callback<MouseEvent> {
    link.batch_callback(|event: MouseEvent| {
        let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
        let target = element.closest(".prose a").ok()??.get_attribute("href")?;
        event.prevent_default();
        Some(Msg::from(lessons::Msg::Follow(target)))
    })
}

fn report(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let Some(report) = &app.lessons.report else { return Html::default() };
    let says = match report {
        Report::Unreadable => lang.lesson_unreadable(),
        Report::Computing => lang.lesson_computing(),
        _ if report.passes() => lang.lesson_right(),
        Report::Judged(..) => lang.lesson_not_yet(),
    };
    let lines = match report {
        Report::Judged(changed, lines) => html! {
            <ul class="verdicts">
                { for changed.iter().map(|place| html! {
                    <li class="no"><span class="lesson-mark" aria-hidden="true">{ "✗" }</span><span>{ lang.lesson_keep() }{ " " }<code>{ place }</code></span></li>
                }) }
                { for lines.iter().map(|statement| line(app, statement, link)) }
            </ul>
        },
        _ => Html::default(),
    };
    html! {
        <div class={classes!("report", if report.passes() { "right" } else { "not-yet" })}>
            <p><b>{ says }</b></p>
            { lines }
        </div>
    }
}

fn line(app: &App, verdict: &Statement, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let (class, mark, word) = if verdict.holds {
        ("yes", "✓", lang.lesson_holds())
    } else {
        ("no", "✗", lang.lesson_fails())
    };
    let at = verdict.at;
    html! {
        <li {class}>
            <span class="lesson-mark" aria-hidden="true">{ mark }</span>
            <span>
                <span class="unseen">{ word }{ " " }</span>
                <code>{ &verdict.text }</code>
                if !verdict.holds {
                    <span class="found">{ lang.lesson_found() }{ " " }<code>{ &verdict.found }</code>{ " " }
                        <button class="when" onclick={link.callback(move |_| play::Msg::Record(None, at))}>{ lang.why_at(format::moment(at)) }</button></span>
                }
            </span>
        </li>
    }
}

/// The lessons before and after this one, and a link to it.
fn neighbours(app: &App, link: &Scope) -> Html {
    let (lang, state) = (app.prefs.lang, &app.lessons);
    let (Some(place), Some(index), Some(lesson)) = (state.place(), &state.index, &state.current)
    else {
        return Html::default();
    };
    let to = |at: Option<usize>, words: &'static str, id: &'static str, class: &'static str| {
        let Some(title) = at.and_then(|at| index.get(at)) else { return Html::default() };
        let name = title.name.clone();
        html! {
            <button class={classes!("button", class)} data-testid={id} title={title.title(lang).to_owned()}
                onclick={link.callback(move |_| lessons::Msg::Open(name.clone()))}>{ words }</button>
        }
    };
    let address = format!("{}#lesson={}", dom::address(), lesson.name);
    let primary = if state.passed.contains(&lesson.name) { "primary" } else { "" };
    html! {
        <nav class="row neighbours" aria-label={lang.lessons()}>
            { to(place.checked_sub(1), lang.lesson_previous(), "lesson-previous", "") }
            { to(Some(place + 1), lang.lesson_next(), "lesson-next", primary) }
            <span class="spring" />
            <button class="button quiet" onclick={link.callback(move |_| DialogMsg::Copy(address.clone()))}>{ if app.dialogs.copied { lang.copied() } else { lang.lesson_link() } }</button>
        </nav>
    }
}
