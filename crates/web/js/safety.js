// What a crash leaves behind: a mark while a run is computed, the newest text, and a panel with a report.
//
// A mark in storage says which text is being run. It is taken off when the run is drawn, or when the page is left
// while it still answers; so a mark that a later visit finds tells of a run that froze or ended the page. None of this
// needs the program, which does not answer any more when it is wanted.

import { copyText, newestText } from './bridge.js';

const RUNNING = 'podplay.running';
const LOST = 'podplay.lost';
const REPORT = 'podplay.report';
const TEXT = 'podplay.text';
const FOREIGN = 'podplay.foreign';
/** Most texts that are remembered as lost. */
const MOST = 20;
/** Bytes of the program's memory from which on it is memory that was wanting. */
const FULL = 3.5e9;

const state = { print: undefined, running: false, dead: false, fine: new Set(), words: {}, memory: undefined, version: '' };

/** A page inside another one keeps nothing. */
function stores() {
  if ('embed' in document.documentElement.dataset) return undefined;
  try {
    return { local: localStorage, own: sessionStorage };
  } catch {
    return undefined; // The browser allows none.
  }
}

/** What is kept, where a browser lets it be read. */
function get(store, key) {
  try {
    return store?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function read(key) {
  return (get(stores()?.local, key) ?? '').split(' ').filter(Boolean);
}

function write(key, prints) {
  try {
    stores()?.local.setItem(key, prints.slice(-MOST).join(' '));
  } catch { /* Without room there is no mark. */ }
}

const add = (key, print) => write(key, [...read(key).filter((one) => one !== print), print]);
const remove = (key, print) => {
  const before = read(key);
  if (before.includes(print)) write(key, before.filter((one) => one !== print));
};

/** Begins to look after the page; `memory` is the program's. */
export function safetyBegin(memory, version) {
  Object.assign(state, { memory, version });
  const fatal = (error) => error instanceof WebAssembly.RuntimeError || (error instanceof RangeError && /wasm/.test(error.stack ?? ''));
  const look = (event) => {
    const error = event.error ?? event.reason ?? event.detail;
    if (fatal(error)) safetyCrash(`${error.name}: ${error.message}`);
  };
  addEventListener('error', look);
  addEventListener('unhandledrejection', look);
  document.addEventListener('podplay-crash', look);
  // Whoever can still leave has not been frozen.
  addEventListener('pagehide', () => mark(false));
  document.addEventListener('visibilitychange', () => mark(!document.hidden));
}

function mark(on) {
  if (state.dead || !state.running) return;
  (on ? add : remove)(RUNNING, state.print);
}

/** The words of the panel, as JSON. */
export const safetyWords = (json) => { state.words = JSON.parse(json); };

/** A run of the text with that fingerprint begins. */
export function safetyRuns(print) {
  if (state.running && state.print !== print) remove(RUNNING, state.print);
  Object.assign(state, { print, running: true });
  mark(true);
}

/** All of it is computed and drawn. */
export function safetyDrawn() {
  mark(false);
  state.running = false;
  state.fine.add(state.print);
}

/** The engine that ran the marked text has ended, or does not answer; the page goes on. */
export function safetyNote(kind, what) {
  const { print, version } = state;
  if (!print) return;
  state.running = false;
  state.fine.delete(print);
  remove(RUNNING, print);
  add(LOST, print);
  try {
    stores()?.local.setItem(REPORT, `${print} ${kind}\n${[`podplay ${version}`, what, navigator.userAgent].join('\n')}`);
  } catch { /* The page has held it all the same. */ }
}

/** How a run of that text was lost: `panic`, `memory`, `frozen`; nothing if it was not. */
export function safetyLost(print) {
  if (!read(LOST).includes(print)) {
    // Marks of what this tab runs, or has drawn, are not of the dead.
    const alive = state.fine.has(print) || (state.running && state.print === print);
    return !alive && read(RUNNING).includes(print) ? 'frozen' : undefined;
  }
  return /^(memory|frozen)/.exec(safetyReport(print) ?? '')?.[0] ?? 'panic';
}

/** Its kind and report, if it is the one that was lost last. */
export function safetyReport(print) {
  const kept = get(stores()?.local, REPORT) ?? '';
  return kept.startsWith(`${print} `) ? kept.slice(print.length + 1) : undefined;
}

/** It may be run again. */
export function safetyForgive(print) {
  remove(LOST, print);
  remove(RUNNING, print);
}

/** Keeps the newest text; whether that is so. Before there is an editor, the text is the one that is kept. */
function keep(text) {
  const all = stores();
  if (!all) return false;
  if (text === undefined) return get(all.own, TEXT) !== null || get(all.local, TEXT) !== null;
  try {
    all.own.setItem(TEXT, text);
    // What a link brought does not take the place of the visitor's own.
    if (!get(all.own, FOREIGN)) all.local.setItem(TEXT, text);
  } catch { /* The answer says so. */ }
  return get(all.own, TEXT) === text || get(all.local, TEXT) === text;
}

/** Shows the panel; what else fails afterwards is only an echo. */
export function safetyCrash(what) {
  if (state.dead) return;
  state.dead = true;
  const text = newestText();
  const bytes = state.memory?.buffer.byteLength ?? 0;
  const full = bytes > FULL;
  const lines = [`podplay ${state.version}`, what, `memory of the program: ${Math.round(bytes / 1048576)} MB`, navigator.userAgent];
  if (state.print) {
    add(LOST, state.print);
    remove(RUNNING, state.print);
    try {
      stores()?.local.setItem(REPORT, `${state.print} ${full ? 'memory' : 'panic'}\n${lines.join('\n')}`);
    } catch { /* The panel has it. */ }
  }
  const all = stores();
  const newest = text ?? get(all?.own, TEXT) ?? get(all?.local, TEXT) ?? '';
  panel(keep(text), full, `${lines.join('\n')}\n\n${newest}`);
}

function panel(kept, full, report) {
  const { words } = state;
  const make = (tag, properties, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };
  const reload = make('button', { className: 'button primary', type: 'button' }, words.reload);
  reload.addEventListener('click', () => location.reload());
  const copy = make('button', { className: 'button', type: 'button' }, words.copy);
  copy.dataset.testid = 'copy-report';
  copy.addEventListener('click', () => {
    copyText(report);
    copy.textContent = words.copied;
  });
  const section = make('section', { className: 'crashed', role: 'alertdialog' },
    make('h1', { id: 'crashed-title' }, words.title),
    make('p', {}, [full ? words.memory : words.panic, kept ? words.kept : words.unkept].join(' ')),
    make('div', { className: 'row' }, reload, copy),
    make('pre', { tabIndex: 0 }, report));
  section.setAttribute('aria-labelledby', 'crashed-title');
  // What lies below no longer answers.
  for (const element of document.body.children) element.hidden = true;
  document.body.append(section);
  reload.focus();
}
