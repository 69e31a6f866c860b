// The code editor: CodeMirror in a shadow root, where it uses adopted style sheets and needs no inline style.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from '@codemirror/commands';
import { indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, drawSelection, gutter, GutterMarker, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from '@codemirror/view';
import { colours } from './colours.js';

/** The deepest indentation that long lines keep. */
const MOST_HANG = 26;

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'transparent', fontSize: 'var(--text-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-code)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--accent)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--select)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 12px', minWidth: '36px' },
  '.cm-activeLine': { backgroundColor: 'var(--surface-hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-cause': { backgroundColor: 'var(--accent-soft)' },
  '.cm-cause-mark': { color: 'var(--accent)', fontWeight: '700' },
  '.yaml-key': { color: 'var(--code-key)' },
  '.yaml-text': { color: 'var(--code-text)' },
  '.yaml-number': { color: 'var(--code-number)' },
  '.yaml-sign': { color: 'var(--ink-quiet)' },
  '.yaml-comment': { color: 'var(--ink-quiet)', fontStyle: 'italic' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-cause-gutter': { width: '12px' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: 'var(--radius)', boxShadow: 'var(--shadow)', fontFamily: 'var(--font-text)', fontSize: 'var(--text-small)', maxWidth: '32rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionInfo': { padding: '6px 10px' },
  '.cm-panels': { backgroundColor: 'var(--surface-raised)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-diagnostic': { padding: '6px 10px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--accent)' },
  '.cm-diagnosticText': { whiteSpace: 'pre-wrap' },
  '.cm-about': { padding: '6px 10px', maxWidth: '24rem', lineHeight: '1.45' },
  '.cm-about-name': { fontFamily: 'var(--font-code)', fontWeight: '600' },
  '.cm-about-type': { color: 'var(--ink-quiet)' },
  ...hangs(),
});

/** A long line goes on below its beginning, so that the indentation still tells what belongs to what. */
function hangs() {
  const styles = {};
  for (let n = 2; n <= MOST_HANG; n += 1) styles[`.cm-hang-${n}`] = { paddingLeft: `calc(6px + ${n}ch)`, textIndent: `-${n}ch` };
  return styles;
}

/** By how much the rest of a long line is indented: to its words, and two more. */
const hang = (text) => Math.min(text.search(/[^ -]|$/) + 2, MOST_HANG);

const hanging = ViewPlugin.fromClass(class {
  constructor(view) { this.update({ view, docChanged: true }); }

  update({ view, docChanged, viewportChanged }) {
    if (!docChanged && !viewportChanged) return;
    const found = [];
    for (const { from, to } of view.visibleRanges) {
      for (let at = from; at <= to;) {
        const line = view.state.doc.lineAt(at);
        if (line.length > 0) found.push(Decoration.line({ class: `cm-hang-${hang(line.text)}` }).range(line.from));
        at = line.to + 1;
      }
    }
    this.marks = Decoration.set(found, true);
  }
}, { decorations: (plugin) => plugin.marks });

/** Words about the field below the pointer; they are fetched when they are first wanted. */
async function about(explain, view, at) {
  const ask = () => explain(view.state.doc.toString(), at);
  let found = await ask();
  for (let tries = 0; found && !found.doc && tries < 20; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 250); });
    found = await ask();
  }
  if (!found?.doc) return null;
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: card(found) }) };
}

function card({ name, type, doc }) {
  const dom = document.createElement('div');
  dom.className = 'cm-about';
  const part = (className, text) => {
    const span = document.createElement('span');
    span.className = className;
    span.textContent = text;
    return span;
  };
  dom.append(part('cm-about-name', name), ' ', part('cm-about-type', type), document.createElement('br'), doc);
  return dom;
}

const setCauses = StateEffect.define();
const cause = Decoration.line({ class: 'cm-cause' });
const causes = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    let next = marks.map(change.changes);
    for (const effect of change.effects) {
      if (effect.is(setCauses)) next = Decoration.set(lines(change.state, effect.value).map((line) => cause.range(line.from)));
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The lines of a document that exist, in order. */
function lines(state, numbers) {
  const known = [...new Set(numbers)].filter((number) => number >= 1 && number <= state.doc.lines);
  return known.sort((a, b) => a - b).map((number) => state.doc.line(number));
}

class CauseMark extends GutterMarker {
  toDOM() {
    const mark = document.createElement('span');
    mark.className = 'cm-cause-mark';
    mark.textContent = '▸';
    return mark;
  }
}
const causeMark = new CauseMark();
const causeGutter = gutter({
  class: 'cm-cause-gutter',
  lineMarker: (view, line) => {
    let found = null;
    view.state.field(causes).between(line.from, line.from, () => { found = causeMark; });
    return found;
  },
  lineMarkerChange: (update) => update.transactions.some((one) => one.effects.some((effect) => effect.is(setCauses))),
});

/** The one change that makes a text of another. */
export function difference(before, after) {
  let from = 0;
  const shorter = Math.min(before.length, after.length);
  while (from < shorter && before[from] === after[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}

/**
 * Puts an editor into `host`. `complete` answers `(text, offset)` with `{from, options}` or null,
 * `explain` with `{from, to, name, type, doc}` or null;
 * `changed` hears of every change that a person makes; with `readonly` none is made.
 */
export function mount(host, { text, label, readonly, changed, complete, explain, cursor }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const naming = new Compartment();
  const named = (name) => EditorView.contentAttributes.of({
    'aria-label': name, 'data-testid': 'editor', spellcheck: 'false', tabindex: '0', autocapitalize: 'off', autocorrect: 'off',
  });
  let silent = false;
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), causeGutter, lintGutter(), highlightSpecialChars(), history(), drawSelection(), indentUnit.of('  '),
        closeBrackets(), highlightActiveLine(), highlightActiveLineGutter(), EditorView.lineWrapping, hanging,
        hoverTooltip((view, at) => about(explain, view, at)),
        search({ top: true }), colours, theme, causes, naming.of(named(label)), EditorState.readOnly.of(readonly === true),
        autocompletion({ override: [(context) => answer(complete, context)], icons: false }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        EditorView.domEventHandlers({ beforeinput: typedOver }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !silent) changed(update.state.doc.toString());
          if (update.selectionSet || update.docChanged) cursor(update.state.doc.lineAt(update.state.selection.main.head).number);
        }),
      ],
    }),
  });
  // What grows below the editor must not cover the line that is being typed.
  new ResizeObserver(() => {
    if (view.hasFocus) requestAnimationFrame(() => view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head) }));
  }).observe(host);
  return {
    setText(next) {
      const before = view.state.doc.toString();
      if (before === next) return;
      silent = true;
      view.dispatch({ changes: difference(before, next), userEvent: 'input.podplay' });
      silent = false;
    },
    setDiagnostics(found) {
      const length = view.state.doc.length;
      const within = (offset) => Math.max(0, Math.min(offset, length));
      const list = found.map(({ from, to, severity, message }) => ({ from: within(from), to: Math.max(within(from), within(to)), severity, message }));
      view.dispatch(setDiagnostics(view.state, list));
    },
    setCauses(numbers) {
      view.dispatch({ effects: setCauses.of(numbers) });
    },
    reveal(number) {
      const [line] = lines(view.state, [number]);
      if (!line) return;
      view.dispatch({ selection: { anchor: line.from + line.text.search(/\S|$/) }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
      view.focus();
    },
    setLabel(name) {
      view.dispatch({ effects: naming.reconfigure(named(name)) });
    },
    select(from, to) {
      view.dispatch({ selection: { anchor: Math.min(from, view.state.doc.length), head: Math.min(to, view.state.doc.length) } });
    },
    focus: () => view.focus(),
    undo: () => undo(view),
    redo: () => redo(view),
  };
}

/**
 * Typing over a selection: left to the browser, it would keep the look of what was there in a style attribute,
 * which the page's policy refuses.
 */
function typedOver(event, view) {
  const { main } = view.state.selection;
  if (event.inputType !== 'insertText' || event.isComposing || main.empty || event.data === null) return false;
  const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  const handled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, event.data, insert));
  if (!handled) view.dispatch(insert());
  event.preventDefault();
  return true;
}

async function answer(complete, context) {
  const found = await complete(context.state.doc.toString(), context.pos, context.explicit);
  return found ? { ...found, validFor: /^[\w.-]*$/ } : null;
}
