//! The head of "Why?": what holds the object up, in a sentence with its lines, and what would mend it.

use super::format;
use crate::app::{App, Scope, judge};
use crate::lang::Lang;
use podplay_protocol::{Compared, ComparedRow, Proposal, Remedies, Said, Told};
use yew::{Html, html};

/// Most lines of evidence.
const EVIDENCE: usize = 4;

/// The verdicts and the remedies; nothing for what is well.
pub(crate) fn verdict(said: &Said, known: &Remedies, lang: Lang, link: &Scope) -> Html {
    let Some((first, others)) = said.verdicts.split_first() else { return Html::default() };
    html! {
        <section class="verdict" data-testid="verdict" data-code={first.code.clone()}>
            <p class="verdict-of">{ first.subject.kubectl_name() }<span class="verdict-since">{ lang.since(format::moment(first.since)) }</span></p>
            <h2>{ format::rich(&first.sentence) }</h2>
            { places(first, lang, link) }
            if !first.evidence.is_empty() {
                <pre class="evidence">{ first.evidence.iter().take(EVIDENCE).map(|line| line.trim_end()).collect::<Vec<_>>().join("\n") }</pre>
            }
            { remedies(known, lang, link) }
            if !others.is_empty() {
                <ul class="verdict-others">{ for others.iter().take(3).map(|other| html! { <li>{ format::rich(&other.sentence) }{ " " }{ places(other, lang, link) }</li> }) }</ul>
            }
        </section>
    }
}

/// The lines to look at.
fn places(told: &Told, lang: Lang, link: &Scope) -> Html {
    told.places.iter().map(|(line, field)| {
        let line = *line;
        html! { <button class="link verdict-place" data-line={line.to_string()} onclick={link.callback(move |_| App::reveal(line))}>{ format!("{field} ({})", lang.why_line(line)) }</button> }
    }).collect()
}

fn remedies(remedies: &Remedies, lang: Lang, link: &Scope) -> Html {
    let found = match remedies {
        Remedies::None => return Html::default(),
        Remedies::Trying => {
            return html! { <p class="quiet-note" role="status">{ lang.remedy_trying() }</p> };
        }
        Remedies::Unasked => {
            return html! { <p><button class="button" data-testid="remedy-ask" onclick={link.callback(|_| judge::Msg::Try)}>{ lang.remedy_ask() }</button></p> };
        }
        Remedies::Found(found) if found.is_empty() => {
            return html! { <p class="quiet-note">{ lang.remedy_none() }</p> };
        }
        Remedies::Found(found) => found,
    };
    html! {
        <>
            <h3>{ lang.remedy_title() }</h3>
            <ol class="remedies">
                { for found.iter().enumerate().map(|(index, Proposal { title, proof, .. })| html! {
                    <li class="remedy" data-testid="remedy">
                        <p><b>{ format::rich(title) }</b></p>
                        <p class="quiet-note">{ proof }</p>
                        <p class="row">
                            <button class="button primary" data-testid="remedy-try" aria-label={format!("{}: {title}", lang.remedy_try())} onclick={link.callback(move |_| judge::Msg::Apply(index))}>{ lang.remedy_try() }</button>
                            <button class="button" data-testid="remedy-compare" aria-label={format!("{}: {title}", lang.remedy_compare())} onclick={link.callback(move |_| judge::Msg::Compare(index))}>{ lang.remedy_compare() }</button>
                        </p>
                    </li>
                }) }
            </ol>
        </>
    }
}

/// The run without a change beside the one with it.
pub(crate) fn compared(app: &App) -> Html {
    let lang = app.prefs.lang;
    let Some(compared) = &app.judge.compared else { return Html::default() };
    let (title, differences) = (&compared.0, &compared.1);
    let first = match differences.first {
        Some(at) => lang.compare_first(format::moment(at)),
        None => lang.compare_same().to_owned(),
    };
    html! {
        <div class="dialog-body" data-testid="compared">
            <p><b>{ format::rich(title) }</b></p>
            <p>{ first }</p>
            { rows(differences, lang) }
        </div>
    }
}

fn rows(differences: &Compared, lang: Lang) -> Html {
    let list = |rows: &[ComparedRow]| -> Html {
        rows.iter().map(|row| {
            let late = differences.first.is_some_and(|first| row.at >= first);
            html! { <li class={if late { "differs" } else { "" }}><span class="when">{ format::moment(row.at) }</span>{ " " }{ &row.text }</li> }
        }).collect()
    };
    html! {
        <table class="compare">
            <thead><tr><th scope="col">{ lang.compare_object() }</th><th scope="col">{ lang.compare_before() }</th><th scope="col">{ lang.compare_after() }</th></tr></thead>
            <tbody>
                { for differences.rows.iter().map(|row| html! {
                    <tr><th scope="row">{ &row.name }</th><td><ol>{ list(&row.a) }</ol></td><td><ol>{ list(&row.b) }</ol></td></tr>
                }) }
                { for differences.ready.iter().map(|ready| html! {
                    <tr><th scope="row">{ lang.compare_ready(&ready.name) }</th><td>{ ready.a }</td><td>{ ready.b }</td></tr>
                }) }
            </tbody>
        </table>
    }
}
