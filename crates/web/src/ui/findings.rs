//! The list of what was found in the text.

use crate::app::{App, Scope, text, view};
use crate::editor::severity_class;
use crate::ui::format;
use podplay_protocol::{Finding, Selection, Severity, Trouble};
use yew::{Html, classes, html};

/// Most entries that are listed.
const MOST: usize = 100;

/// The line above the editor, and the list below it.
pub(crate) fn summary(app: &App) -> Html {
    let lang = app.prefs.lang;
    if app.text.held.is_some() || app.play.rev == 0 {
        return Html::default();
    }
    let read = &app.text.read;
    let objects = match read.objects {
        0 if !app.text.text.trim().is_empty() => lang.no_objects().to_owned(),
        0 => lang.empty_text().to_owned(),
        1 => lang.object_count_one().to_owned(),
        n => lang.objects_count(n),
    };
    let entries = match read.entries.len() {
        0 => None,
        1 => Some(lang.entry_count_one().to_owned()),
        n => Some(lang.entries_count(n)),
    };
    html! {
        <span class="count">
            { objects }
            if let Some(entries) = entries { <span class="count-more">{ " · " }{ entries }</span> }
        </span>
    }
}

/// The findings, each with its place.
pub(crate) fn list(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    // Of a text that is not read nothing is said.
    if app.text.held.is_some() || app.play.rev == 0 {
        return Html::default();
    }
    let refusals = &app.play.refusals;
    let not_simulated = app.text.read.not_simulated;
    let advice =
        app.text.findings.iter().filter(|found| found.severity == Severity::Advice).count();
    let problems = app.text.findings.len() - advice + refusals.len();
    let mut title = match problems {
        0 => lang.no_problems().to_owned(),
        1 => lang.problem_one().to_owned(),
        n => lang.problems(n),
    };
    match advice {
        0 => {}
        1 => title = format!("{title} · {}", lang.advice_one()),
        n => title = format!("{title} · {}", lang.advice_count(n)),
    }
    let troubled = &app.judge.said.troubled;
    match troubled.len() {
        0 => {}
        1 => title = format!("{} · {title}", lang.trouble_one()),
        n => title = format!("{} · {title}", lang.troubles(n)),
    }
    let worst = app.text.findings.iter().map(|finding| finding.severity).min();
    let class = if refusals.is_empty() { worst.map_or("fine", severity_class) } else { "error" };
    let class = if troubled.is_empty() || class == "error" { class } else { "warning" };
    html! {
        <section class={classes!("findings", class)} aria-label={title.clone()}>
            <p class="findings-title"><span class={classes!("dot", class)} aria-hidden="true" />{ title }</p>
            if !troubled.is_empty() { <ul data-testid="troubles">{ for troubled.iter().map(|one| trouble(one, app, link)) }</ul> }
            <ul data-testid="diagnostics">
                { for app.text.findings.iter().enumerate().take(MOST).map(|(n, finding)| entry(n, finding, app, link)) }
                { for refusals.iter().take(MOST).map(|refusal| html! {
                    <li class="finding error" data-severity="error"><span class="finding-what"><b>{ lang.refused() }</b>{ " " }{ refusal }</span></li>
                }) }
            </ul>
            if not_simulated > 0 {
                <p class="quiet-note">{ if not_simulated == 1 { lang.not_simulated_one().to_owned() } else { lang.not_simulated(not_simulated) } }</p>
            }
        </section>
    }
}

/// An object that does not get on at the playhead: the verdict, and the line to look at.
fn trouble(one: &Trouble, app: &App, link: &Scope) -> Html {
    let Some(first) = one.verdicts.first() else { return Html::default() };
    let lang = app.prefs.lang;
    let line = first.places.first().map(|(line, _)| *line);
    let target = one.target.clone();
    let look = link.callback(move |_| {
        let target = target.clone();
        match target.kind.as_str() {
            "Pod" => view::Msg::Select(Some(Selection {
                namespace: target.namespace,
                pod: target.name,
                container: None,
            })),
            _ => view::Msg::Look(target),
        }
    });
    html! {
        <li class="finding warning" data-verdict={first.code.clone()}>
            { match line {
                Some(line) => html! { <button class="place" title={lang.go_to_line(line)} onclick={link.callback(move |_| App::reveal(line))}>{ lang.why_line(line) }</button> },
                None => html! { <span /> },
            } }
            <span class="finding-what"><button class="link" onclick={look}>{ one.target.kubectl_name() }</button>{ " " }{ format::rich(&first.sentence) }</span>
        </li>
    }
}

fn entry(n: usize, finding: &Finding, app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let class = severity_class(finding.severity);
    let word = match finding.severity {
        Severity::Error => lang.severity_error(),
        Severity::Warning => lang.severity_warning(),
        Severity::Advice => lang.severity_advice(),
        Severity::Info => lang.severity_info(),
    };
    let (line, column) = (finding.line, finding.column);
    let fix =
        finding.fix.as_ref().filter(|_| !app.text.stale || finding.severity == Severity::Error);
    let page =
        (finding.severity == Severity::Advice).then(|| format!("{}-{line}-{column}", finding.code));
    let (code, host) = (finding.code.clone(), page.clone());
    html! {
        <li key={format!("{n}-{code}-{line}-{column}-{}", lang.tag())} class={classes!("finding", class)} data-severity={class} data-code={code.clone()} data-line={line.to_string()}>
            <button class="place" title={lang.go_to_line(line)} onclick={link.callback(move |_| App::reveal(line))}>
                { lang.line_column(line, column) }
            </button>
            <span class="finding-what">
                <b>{ word }</b>{ " " }{ format::rich(&finding.message) }
                if let Some(help) = &finding.help { <span class="finding-help">{ " " }{ format::rich(help) }</span> }
                if let Some(fix) = fix {
                    { " " }
                    <button class="link" onclick={{ let code = code.clone(); link.callback(move |_| text::Msg::Fix(code.clone(), n)) }}>{ format::rich(&fix.title) }</button>
                }
                if let Some(page) = page {
                    { " " }
                    <button class="link" aria-expanded="false" aria-controls={page.clone()} onclick={{ let code = code.clone(); move |_: yew::MouseEvent| crate::advice::explain(&page, &code, lang) }}>{ lang.advice_why(&code) }</button>
                }
            </span>
            if let Some(page) = host { <div id={page} class="advice-page" hidden=true /> }
        </li>
    }
}
