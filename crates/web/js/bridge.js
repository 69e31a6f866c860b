// What the page asks of the browser that has no typed door: the code editor, fetched when the page is idle.

/** The text as it is in the editor, also while the program has not heard of it; nothing before there is an editor. */
let newest;
export const newestText = () => newest;

/** The editor beside `textarea`, once it is there: before that, the textarea is the editor. */
class Editor {
  constructor(textarea, host, ears) {
    this.textarea = textarea;
    this.host = host;
    newest = textarea.value;
    const { changed } = ears;
    this.ears = { ...ears, changed: (text) => {
      newest = text;
      changed(text);
    } };
    this.view = null;
    this.pending = {};
    this.label = textarea.getAttribute('aria-label');
    this.readonly = 'readonly' in document.documentElement.dataset;
    textarea.readOnly = this.readonly;
    this.onInput = () => this.ears.changed(textarea.value);
    textarea.addEventListener('input', this.onInput);
    // After the first picture, so that the page answers at once.
    const later = globalThis.requestIdleCallback ?? ((call) => setTimeout(call, 300));
    later(() => this.load());
  }

  async load() {
    let editor;
    try {
      const name = document.querySelector('meta[name="podplay-editor"]')?.content ?? 'editor.js';
      editor = await import(new URL(name, document.baseURI).href);
    } catch {
      return; // The textarea stays.
    }
    if (!this.textarea.isConnected) return;
    const { textarea } = this;
    const focused = document.activeElement === textarea;
    const [from, to] = [textarea.selectionStart, textarea.selectionEnd];
    this.view = editor.mount(this.host, { text: textarea.value, label: this.label, readonly: this.readonly, ...this.ears });
    textarea.removeAttribute('data-testid');
    textarea.hidden = true;
    this.host.hidden = false;
    this.view.select(from, to);
    if (focused) this.view.focus();
    for (const [name, value] of Object.entries(this.pending)) this.view[name](value);
  }

  /** Tells the editor now, or as soon as it is there. */
  tell(name, value) {
    if (this.view) this.view[name](value);
    else this.pending[name] = value;
  }

  setText(text) {
    newest = text;
    if (this.view) this.view.setText(text);
    else if (this.textarea.value !== text) this.textarea.value = text;
  }

  setLabel(label) {
    this.label = label;
    this.textarea.setAttribute('aria-label', label);
    if (this.view) this.view.setLabel(label);
  }

  /** What was found is marked once the run is drawn. */
  setDiagnostics(json) {
    this.found = json;
    this.linting ??= setTimeout(() => {
      this.linting = undefined;
      this.tell('setDiagnostics', JSON.parse(this.found));
    });
  }

  /** Marks follow the playhead; while it moves, the editor need not follow every step. */
  setCauses(numbers) {
    this.causes = [...numbers];
    this.marking ??= setTimeout(() => {
      this.marking = undefined;
      this.tell('setCauses', this.causes);
    }, 60);
  }

  reveal(number) {
    if (this.view) return this.view.reveal(number);
    const { textarea } = this;
    const before = textarea.value.split('\n').slice(0, number - 1);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0);
    textarea.focus();
    textarea.setSelectionRange(start, start);
  }

  focus() { (this.view ?? this.textarea).focus(); }

  undo() {
    if (this.view) return this.view.undo();
    this.textarea.focus();
    document.execCommand('undo');
  }
}

export function openEditor(textarea, host, changed, complete, explain, cursor) {
  return new Editor(textarea, host, {
    changed,
    cursor,
    // The answers come from the engine.
    complete: (text, offset, explicit) => new Promise((done) => { complete(text, offset, explicit, done); }).then(JSON.parse),
    explain: (text, offset) => new Promise((done) => { explain(text, offset, done); }).then(JSON.parse),
  });
}
export const editorSetText = (editor, text) => editor.setText(text);
export const editorSetLabel = (editor, label) => editor.setLabel(label);
export const editorSetDiagnostics = (editor, json) => editor.setDiagnostics(json);
export const editorSetCauses = (editor, numbers) => editor.setCauses(numbers);
export const editorReveal = (editor, number) => editor.reveal(number);
export const editorFocus = (editor) => editor.focus();
export const editorUndo = (editor) => editor.undo();

/** Calls back with the text of a file of the site, or with nothing. */
export const fetchText = (path, done) => fetch(new URL(path, document.baseURI))
  .then((response) => (response.ok ? response.text() : undefined))
  .then(done, () => done(undefined));

export const copyText = (text) => { navigator.clipboard?.writeText(text).catch(() => {}); };

/** Shows other words on a button for a moment. */
export const flashWords = (button, words) => {
  if (button.dataset.before !== undefined) return;
  button.dataset.before = button.textContent;
  const node = button.firstChild;
  node.nodeValue = words;
  setTimeout(() => {
    if (node.nodeValue === words) node.nodeValue = button.dataset.before;
    delete button.dataset.before;
  }, 1600);
};

const PAINT = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'opacity', 'font-family', 'font-size', 'font-weight', 'visibility'];
const DEFAULTS = { 'fill-opacity': '1', 'stroke-opacity': '1', opacity: '1', stroke: 'none', 'stroke-dasharray': 'none', 'stroke-linecap': 'butt', 'stroke-width': '1px', visibility: 'visible' };
const LEFT_OUT = '.veil, .lasso, .playline, .playhead, .hit, .chevron, #rows > svg > .range';

/** Copies what a style sheet paints into the attributes of a picture. */
function painted(source) {
  const copy = source.cloneNode(true);
  const copies = [...copy.querySelectorAll('*')];
  [...source.querySelectorAll('*')].forEach((element, index) => {
    const style = getComputedStyle(element);
    const twin = copies[index];
    for (const name of PAINT) {
      const value = style.getPropertyValue(name);
      if (value && value !== DEFAULTS[name] && (!name.startsWith('font') || element.tagName === 'text')) twin.setAttribute(name, value);
    }
    for (const name of ['class', 'role', 'tabindex', 'id']) {
      if (name !== 'id' || !['pattern', 'clipPath'].includes(twin.tagName)) twin.removeAttribute(name);
    }
    for (const name of twin.getAttributeNames()) {
      if (/^(?:data|aria)-/.test(name)) twin.removeAttribute(name);
    }
  });
  const unseen = [...source.querySelectorAll(LEFT_OUT)].map((element) => copies[[...source.querySelectorAll('*')].indexOf(element)]);
  unseen.forEach((element) => element.remove());
  return copy;
}

/** Axis and lanes as a picture of their own. */
export function timelineSvg() {
  const parts = ['svg.axis', 'svg.lanes'].map((part) => document.querySelector(`#timeline-room ${part}`));
  if (parts.some((part) => !part)) return '';
  const sizes = parts.map((part) => [Number(part.getAttribute('width')), Number(part.getAttribute('height'))]);
  const width = Math.max(...sizes.map(([wide]) => wide));
  const height = sizes.reduce((sum, [, high]) => sum + high, 0);
  const ground = getComputedStyle(document.body).backgroundColor;
  let top = 0;
  const inner = parts.map((part, index) => {
    const copy = painted(part);
    copy.removeAttribute('class');
    copy.setAttribute('y', String(top));
    top += sizes[index][1];
    return new XMLSerializer().serializeToString(copy);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${ground}"/>${inner.join('')}</svg>`;
}

/** The page's end of the line to an engine, which `www/boot.js` starts; `heard` gets each answer as bytes, `lost` the kind of its end and its words. */
export function engineStart(heard, lost) {
  const engine = globalThis.podplayEngine();
  engine.listen(heard, lost);
  return engine;
}
export const engineAsk = (engine, bytes) => engine.ask(bytes);
export const engineStop = (engine) => engine.stop();
