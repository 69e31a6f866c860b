// Colours of YAML, line by line: a grammar would cost ten times as much to load.

import { Decoration, ViewPlugin } from '@codemirror/view';

const kinds = Object.fromEntries(['key', 'text', 'number', 'sign', 'comment'].map((kind) => [kind, Decoration.mark({ class: `yaml-${kind}` })]));
const TOKEN = /(?<comment>(?:^|(?<=\s))#.*)|(?<key>(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w./$<-][^\s:#,{}[\]]*)(?=\s*:(?:\s|$)))|(?<text>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)|(?<sign>[-:?,{}[\]|>&*!]+(?=\s|$|["'\w{}[\]]))|(?<word>[^\s,{}[\]#][^,{}[\]#]*?(?=\s*(?:$|[,}\]]|\s#)))/gu;
const NUMBER = /^(?:[-+]?[\d._]+(?:e[-+]?\d+)?|true|false|yes|no|on|off|null|~)$/i;
const BLOCK = /[|>][-+\d]*\s*(?:#.*)?$/;

/** For each line whether it is text of a block scalar, with the state that the next line needs. */
function scalars(doc, until) {
  const inside = [];
  let parent = -1;
  for (let number = 1; number <= until; number += 1) {
    const { text } = doc.line(number);
    const indent = text.search(/\S/);
    if (parent >= 0 && (indent < 0 || indent > parent)) {
      inside.push(true);
      continue;
    }
    parent = BLOCK.test(text) && /(?:^|[\s:-])[|>]/.test(text) ? Math.max(0, text.search(/[^\s-]/)) : -1;
    inside.push(false);
  }
  return inside;
}

function decorate(view) {
  const { doc } = view.state;
  const marks = [];
  const last = doc.lineAt(view.viewport.to).number;
  const inside = scalars(doc, last);
  for (let number = doc.lineAt(view.viewport.from).number; number <= last; number += 1) {
    const line = doc.line(number);
    if (inside[number - 1]) {
      if (line.length > 0) marks.push(kinds.text.range(line.from, line.to));
      continue;
    }
    if (/^(?:---|\.\.\.)/.test(line.text)) {
      marks.push(kinds.sign.range(line.from, line.to));
      continue;
    }
    for (const found of line.text.slice(0, 2000).matchAll(TOKEN)) {
      const [kind, text] = Object.entries(found.groups).find(([, text]) => text !== undefined);
      const named = kind === 'word' ? (NUMBER.test(text) ? 'number' : 'text') : kind;
      marks.push(kinds[named].range(line.from + found.index, line.from + found.index + text.length));
    }
  }
  return Decoration.set(marks, true);
}

/** The extension. */
export const colours = ViewPlugin.fromClass(class {
  constructor(view) { this.marks = decorate(view); }

  update(change) {
    if (change.docChanged || change.viewportChanged) this.marks = decorate(change.view);
  }
}, { decorations: (plugin) => plugin.marks });
