//! What lies over the page: links, keys, faults, examples.

use crate::app::{App, Dialog, DialogMsg, Msg, Notice, Scope, io, text, view};
use crate::examples;
use crate::faults::{self, Group};
use crate::lang::Lang;
use crate::ui::format;
use podplay_api::fault::FAULTS;
use wasm_bindgen::JsCast;
use yew::{Html, classes, html};

/// How long a fault lasts: as written, and in words.
const LASTS: [&str; 5] = ["10s", "30s", "1m", "5m", ""];

/// The open dialog.
pub(crate) fn dialog(app: &App, link: &Scope) -> Html {
    let Some(dialog) = app.dialogs.dialog else { return Html::default() };
    let (title, content) = match dialog {
        Dialog::Share => (app.prefs.lang.share_title().to_owned(), super::share::share(app, link)),
        Dialog::Help => (app.prefs.lang.help_title().to_owned(), help(app.prefs.lang)),
        Dialog::Faults => {
            (app.prefs.lang.fault_at(format::moment(app.play.control.at())), palette(app, link))
        }
        Dialog::Examples => (app.prefs.lang.examples().to_owned(), menu(app, link)),
        Dialog::Compare => {
            (app.prefs.lang.compare_title().to_owned(), super::verdict::compared(app))
        }
        Dialog::Table => (app.prefs.lang.table_title().to_owned(), super::table::table(app, link)),
    };
    html! {
        <div class="over" onclick={link.callback(|_| DialogMsg::Show(None))}>
            <section class={classes!("dialog", format!("{dialog:?}").to_ascii_lowercase())} role="dialog" aria-modal="true" aria-labelledby="dialog-title" data-keys="dialog" id="dialog" tabindex="-1"
                onclick={|event: yew::MouseEvent| event.stop_propagation()}>
                <header class="dialog-head">
                    <h2 id="dialog-title">{ title }</h2>
                    <button class="button quiet icon" aria-label={app.prefs.lang.close()} onclick={link.callback(|_| DialogMsg::Show(None))}>{ "✕" }</button>
                </header>
                { content }
            </section>
        </div>
    }
}

fn help(lang: Lang) -> Html {
    let keys = [
        ("Space", lang.key_space()),
        ("← →", lang.key_arrows()),
        ("⇧← ⇧→", lang.key_shift_arrows()),
        ("Home End", lang.key_home()),
        ("+ −", lang.key_zoom()),
        ("f", lang.key_fit()),
        ("[ ]", lang.key_speed()),
        ("n", lang.key_change()),
        ("r", lang.key_restart()),
        ("l", lang.key_loop()),
        ("b", lang.key_fault()),
        ("t", lang.key_table()),
        ("Esc Tab", lang.key_leave()),
        ("?", lang.key_help()),
    ];
    html! {
        <div class="dialog-body">
            <dl class="keys">{ for keys.into_iter().map(|(key, what)| html! { <><dt>{ for key.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dt><dd>{ what }</dd></> }) }</dl>
            <p class="quiet-note">{ lang.help_mouse() }</p>
        </div>
    }
}

fn menu(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let open = link.batch_callback(|event: yew::Event| {
        let chosen =
            || event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?.files()?.get(0);
        std::iter::once(DialogMsg::Show(None).into())
            .chain(chosen().map(|file| io::Msg::File(file).into()))
            .collect::<Vec<Msg>>()
    });
    html! {
        <div class="dialog-body">
            <ul class="menu">
                { for examples::ALL.iter().enumerate().map(|(index, example)| html! {
                    <li><button class="menu-item" data-example={example.id} onclick={link.callback(move |_| text::Msg::Example(index))}>{ (example.title)(lang) }</button></li>
                }) }
            </ul>
            if let Some(other) = crate::texts::other().filter(|other| **other != *app.text.text) {
                <p class="row"><button class="button" data-testid="recover" onclick={link.batch_callback(move |_| vec![Msg::from(DialogMsg::Show(None)), text::Msg::Set(other.clone()).into()])}>{ lang.recover() }</button></p>
            }
            <label class="button file-button">{ lang.open_file() }<input class="unseen" type="file" accept=".yaml,.yml,.txt,.json" onchange={open} /></label>
        </div>
    }
}

fn palette(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let groups: [(&str, &[Group]); 3] = [
        (lang.group_container(), &[Group::Container]),
        (lang.group_pod(), &[Group::Pod, Group::Cluster]),
        (lang.group_node(), &[Group::Node]),
    ];
    html! {
        <div class="dialog-body" data-testid="fault-palette">
            <div class="row targets">
                { target(app, link) }
                <label>{ lang.fault_lasts() }{ " " }
                    <select id="fault-lasts">
                        { for LASTS.iter().map(|lasts| html! { <option value={*lasts} selected={*lasts == "30s"}>{ if lasts.is_empty() { lang.fault_for_good() } else { lasts } }</option> }) }
                    </select>
                </label>
            </div>
            { for groups.into_iter().map(|(name, targets)| html! {
                <section class="fault-group">
                    <h3>{ name }</h3>
                    <div class="fault-list">
                        if targets.contains(&Group::Pod) {
                            <button class="fault" data-fault="delete" onclick={link.batch_callback(|_| vec![Msg::from(DialogMsg::Show(None)), text::Msg::DeletePod.into()])}>
                                <b>{ lang.delete_pod() }</b><span>{ "kubectl delete pod" }</span>
                            </button>
                        }
                        { for FAULTS.iter().enumerate().filter(|(_, kind)| targets.contains(&faults::group(kind.target))).map(|(index, kind)| {
                            let unfit = app.unfit(kind.name);
                            html! {
                                <button class="fault" data-fault={kind.name} disabled={unfit.is_some()} onclick={link.callback(move |_| text::Msg::Fault(index, lasts()))}>
                                    <b>{ kind.name }</b><span>{ unfit.unwrap_or_else(|| faults::what(kind.name, lang)) }</span>
                                </button>
                            }
                        }) }
                    </div>
                </section>
            }) }
        </div>
    }
}

/// The chosen length, as written.
fn lasts() -> Option<&'static str> {
    let select = crate::dom::by_id("fault-lasts")?.dyn_into::<web_sys::HtmlSelectElement>().ok()?;
    let value = select.value();
    LASTS.into_iter().find(|lasts| *lasts == value && !lasts.is_empty())
}

/// The pods and containers that can be hit.
fn target(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    let pods = app.play.frame.scene.nodes.iter().flat_map(|(_, pods)| pods);
    let all: Vec<(String, podplay_protocol::Selection)> = pods
        .flat_map(|pod| {
            let whole = podplay_protocol::Selection {
                namespace: pod.id.0.clone(),
                pod: pod.id.1.clone(),
                container: None,
            };
            let parts = pod.containers.iter().map(|one| {
                (
                    format!("{} / {}", pod.id.1, one.name),
                    podplay_protocol::Selection {
                        container: Some(one.name.to_string()),
                        ..whole.clone()
                    },
                )
            });
            let parts: Vec<_> = parts.collect();
            if parts.len() > 1 {
                std::iter::once((pod.id.1.clone(), whole)).chain(parts).collect::<Vec<_>>()
            } else {
                parts
            }
        })
        .collect();
    let chosen = app.view.selected.clone();
    let pick = {
        let all = all.clone();
        link.batch_callback(move |event: yew::Event| {
            let select = event.target()?.dyn_into::<web_sys::HtmlSelectElement>().ok()?;
            let (_, selection) = all.get(usize::try_from(select.selected_index()).ok()?)?;
            Some(Msg::from(view::Msg::Select(Some(selection.clone()))))
        })
    };
    html! {
        <label>{ lang.fault_target() }{ " " }
            <select onchange={pick}>{ for all.iter().map(|(name, selection)| html! { <option selected={chosen.as_ref() == Some(selection)}>{ name }</option> }) }</select>
        </label>
    }
}

/// Notes above the page.
pub(crate) fn notes(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    html! {
        <>
            if let Some(notice) = &app.dialogs.notice {
                <div class="notice" role="status">
                    { match notice {
                        Notice::Says(text) => html! { <p>{ text }</p> },
                        Notice::Elsewhere(text) => {
                            let text = text.clone();
                            html! { <><p>{ lang.elsewhere() }</p>
                                <button class="button" onclick={link.batch_callback(move |_| vec![Msg::from(DialogMsg::Notice(None)), text::Msg::Set(text.clone()).into()])}>{ lang.take_theirs() }</button></> }
                        }
                    } }
                    <button class="button quiet" onclick={link.callback(|_| DialogMsg::Notice(None))}>{ if matches!(notice, Notice::Elsewhere(_)) { lang.keep_mine() } else { lang.close() } }</button>
                </div>
            }
        </>
    }
}

/// The hint of a first visit.
pub(crate) fn hint(app: &App, link: &Scope) -> Html {
    let lang = app.prefs.lang;
    if !app.dialogs.hint {
        return Html::default();
    }
    html! {
                <aside class="hint" aria-label={lang.hint_title()}>
                    <h2>{ lang.hint_title() }</h2>
                    <ol>
                        <li><span class="hint-mark" aria-hidden="true">{ "▶" }</span>{ lang.hint_play() }</li>
                        <li><span class="hint-mark" aria-hidden="true">{ "ϟ" }</span>{ lang.hint_break() }</li>
                        <li><span class="hint-mark" aria-hidden="true">{ "✎" }</span>{ lang.hint_edit() }</li>
                    </ol>
                    <button class="button primary" onclick={link.callback(|_| DialogMsg::HintRead)}>{ lang.hint_done() }</button>
                </aside>
    }
}
