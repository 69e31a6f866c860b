// <pod-playground>: Kubernetes Pods that the readers of an article can run. How to use it: docs/embedding.md.
//
// Nothing else is fetched before a reader presses Run or scrolls to a playground. The playground itself is a frame of
// the podplay site; the two talk by messages, and each checks whom it hears and what shape a message has.

/** The version of this file. */
export const version = '0.1.0';
/** The version of the messages. */
const PROTOCOL = 1;
/** How long a frame may take to answer, milliseconds. */
const PATIENCE = 60_000;
/** How near to the window a playground starts by itself. */
const NEAR = '300px 0px';
/** Bounds of a height that a frame may ask for, pixels. */
const [LOWEST, HIGHEST] = [120, 3000];
/** The height while a frame has not said how high it is, pixels. */
const FIRST_HEIGHT = 480;

const WORDS = {
  en: { run: 'Run', close: 'Close', loading: 'Loading…', failed: 'The playground could not be loaded.', open: 'Open podplay', title: 'Pod playground' },
  ko: { run: '실행', close: '닫기', loading: '불러오는 중…', failed: '플레이그라운드를 불러오지 못했습니다.', open: 'podplay 열기', title: '파드 플레이그라운드' },
};

const STYLES = `
:host { display: block; }
:host([hidden]), [hidden] { display: none !important; }
.room { all: initial; display: block; position: relative; margin-block: 0 1em; color-scheme: light; }
.room.dark { color-scheme: dark; }
.bar { display: flex; justify-content: flex-end; align-items: center; gap: 8px; min-height: 28px; padding: 4px 0; font: 13px/1.4 system-ui, sans-serif; color: light-dark(#555d6b, #a3abba); }
button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; gap: 6px; min-height: 28px; padding: 0 11px; border: 1px solid light-dark(#c6ccd6, #3d4554); border-radius: 6px; background: light-dark(#fff, #13161c); color: light-dark(#2b56e0, #8caaff); font: 600 13px/1 system-ui, sans-serif; cursor: pointer; }
button:hover { background: light-dark(#f0f2f6, #20252f); }
button:focus-visible, a:focus-visible, iframe:focus-visible { outline: 2px solid light-dark(#2b56e0, #8caaff); outline-offset: 2px; }
button.close { min-height: 24px; border-color: transparent; background: none; color: inherit; font-weight: 400; }
svg { width: 9px; height: 10px; fill: currentcolor; }
a { color: light-dark(#2b56e0, #8caaff); }
p { margin: 0; }
iframe { display: block; box-sizing: border-box; width: 100%; border: 1px solid light-dark(#c6ccd6, #3d4554); border-radius: 10px; background: light-dark(#fff, #13161c); }
iframe.waiting { position: absolute; visibility: hidden; }
@media print { .room { display: none; } slot[hidden] { display: contents !important; } }
`;

/** @typedef {{ time: number, end: number, playing: boolean }} TimeDetail */
/** @typedef {{ time: number, text: string, pod: string | null, container: string | null }} RecordDetail */
/** @typedef {{ text: string }} TextDetail */
/** @typedef {'idle' | 'loading' | 'live' | 'failed'} State */

const here = import.meta.url;
const inBrowser = typeof document !== 'undefined' && typeof customElements !== 'undefined';
/** The script element that loaded this file; a bundle has none. @type {HTMLScriptElement | undefined} */
const script = inBrowser ? [...document.scripts].find((one) => one.src === here) : undefined;
/** Whether the reader has moved, so that loading does not compete with the article. */
let moved = false;
/** Playgrounds that wait for that. @type {Set<() => void>} */
const waiting = new Set();
/** @type {CSSStyleSheet | undefined} */
let sheet;

if (inBrowser) {
  const first = () => {
    moved = true;
    for (const go of [...waiting]) go();
  };
  addEventListener('scroll', first, { capture: true, passive: true, once: true });
}

/** A blank stands in where there is no document: a site generator may import this file. */
const Base = /** @type {typeof HTMLElement} */ (inBrowser ? HTMLElement : class {});

/** A whole address, if it is one of the web. @param {string} text @param {string} base */
function webAddress(text, base) {
  try {
    const url = new URL(text, base);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The element. */
export class PodPlayground extends Base {
  static observedAttributes = ['src', 'for', 'lesson', 'panels', 'readonly', 'lang', 'theme', 'height'];

  /** The block that this playground stands in for, where it is not inside it. @type {HTMLElement | null} */
  source = null;
  /** @type {State} */
  #state = 'idle';
  /** @type {string | null} */
  #text = null;
  /** @type {TimeDetail} */
  #time = { time: 0, end: 0, playing: false };
  /** Where it begins; `null` leaves that to `at`. @type {number | null} */
  #at = null;
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** What ends with the element's time in the document. @type {AbortController | null} */
  #life = null;
  /** @type {IntersectionObserver | null} */
  #near = null;
  /** @type {MutationObserver | null} */
  #looks = null;
  /** Somebody asked for it, so that it takes the keyboard when it is there. */
  #asked = false;
  /** Whether it plays when it is there; `null` leaves that to `autoplay`. @type {boolean | null} */
  #plays = null;
  #parts = { slot: /** @type {HTMLSlotElement | null} */ (null), room: /** @type {HTMLElement | null} */ (null) };

  /** Whether it waits, loads, runs, or could not be loaded. */
  get state() { return this.#state; }
  /** The text, as it was changed last. @returns {string} */
  get text() { return this.#text ?? this.#ownText() ?? ''; }
  set text(text) { this.setText(text); }
  /** Where the playhead is, seconds. */
  get time() { return this.#time.time; }
  /** Whether time passes. */
  get playing() { return this.#time.playing; }

  /** Starts the playground if need be, and plays. */
  play() {
    this.#plays = true;
    if (this.#state === 'live') this.#say({ type: 'play' });
    else this.#start(true);
  }
  /** Stands still. */
  pause() {
    this.#plays = false;
    if (this.#state === 'live') this.#say({ type: 'pause' });
  }
  /** Goes to a moment, in seconds. @param {number} seconds */
  seek(seconds) {
    if (!Number.isFinite(seconds)) return;
    this.#at = Math.max(0, seconds);
    if (this.#state === 'live') this.#say({ type: 'seek', at: this.#at });
  }
  /** Replaces the text. @param {string} text */
  setText(text) {
    this.#text = String(text);
    if (this.#state === 'live') this.#say({ type: 'setText', text: this.#text });
  }
  /** Takes the frame away and shows the text of the article again. */
  close() {
    this.#end();
    this.#draw();
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    addEventListener('message', (event) => this.#hear(event), { signal });
    addEventListener('beforeprint', () => this.#cover(false), { signal });
    addEventListener('afterprint', () => this.#cover(this.#state === 'live'), { signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#follow(), { signal });
    this.#looks = new MutationObserver(() => this.#follow());
    for (const root of [document.documentElement, document.body]) {
      this.#looks.observe(root, { attributes: true, attributeFilter: ['class', 'style', 'lang', 'data-theme', 'data-mode', 'data-color-mode'] });
    }
    this.#build();
    this.#draw();
    if (this.getAttribute('load') !== 'click') this.#watch();
  }

  disconnectedCallback() {
    this.#end();
    this.#life?.abort();
    this.#near?.disconnect();
    this.#looks?.disconnect();
    waiting.delete(this.#go);
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected || !this.#parts.room) return;
    if (name === 'lang' || name === 'theme') {
      this.#follow();
    } else if (name === 'height' && this.#frame && before !== null && after !== null) {
      this.#frame.style.height = length(after);
    } else if (this.#state !== 'idle') {
      const plays = this.#plays;
      this.#end();
      this.#text = null;
      this.#plays = plays;
      this.#start(false);
    }
  }

  /** The parts of the shadow tree; styles of the page do not reach them, nor theirs the page. */
  #build() {
    if (this.#parts.room) return;
    const root = this.attachShadow({ mode: 'open' });
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
    }
    root.adoptedStyleSheets = [sheet];
    const slot = document.createElement('slot');
    const room = document.createElement('div');
    room.className = 'room';
    root.append(slot, room);
    this.#parts = { slot, room };
  }

  /** Draws the bar anew: a button, what is going on, or why nothing is. */
  #draw() {
    const { room } = this.#parts;
    if (!room) return;
    const words = WORDS[this.#lang()];
    room.classList.toggle('dark', this.#theme() === 'dark');
    const bar = make('div', 'bar');
    if (this.#state === 'idle' || this.#state === 'failed') bar.append(this.#button('run', words.run, () => this.play()));
    if (this.#state === 'loading') bar.append(status(words.loading));
    if (this.#state === 'live') bar.append(this.#button('close', words.close, () => this.#closed()));
    if (this.#state === 'failed') {
      const link = /** @type {HTMLAnchorElement} */ (make('a', '', words.open));
      link.href = this.#site();
      link.target = '_blank';
      link.rel = 'noopener';
      bar.prepend(status(words.failed), link);
    }
    room.querySelector('.bar')?.remove();
    room.append(bar);
    if (this.#frame) this.#frame.title = words.title;
  }

  /** @param {string} name @param {string} text @param {() => void} pressed */
  #button(name, text, pressed) {
    const button = make('button', name);
    button.setAttribute('type', 'button');
    button.setAttribute('part', name);
    if (name === 'run') {
      const symbol = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      symbol.setAttribute('viewBox', '0 0 9 10');
      symbol.setAttribute('aria-hidden', 'true');
      path.setAttribute('d', 'M0 0l9 5-9 5z');
      symbol.append(path);
      button.append(symbol);
    }
    button.append(text);
    button.addEventListener('click', pressed);
    return button;
  }

  #closed() {
    this.close();
    /** @type {HTMLElement | null | undefined} */ (this.#parts.room?.querySelector('button'))?.focus();
  }

  /** Starts when the reader has scrolled near. */
  #watch() {
    this.#near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) {
        waiting.delete(this.#go);
      } else if (moved) {
        this.#go();
      } else {
        waiting.add(this.#go);
      }
    }, { rootMargin: NEAR });
    this.#near.observe(this);
  }

  #go = () => {
    waiting.delete(this.#go);
    this.#near?.disconnect();
    if (this.#state === 'idle') this.#start(false);
  };

  /** Creates the frame. @param {boolean} asked somebody asked for it, so that it plays */
  async #start(asked) {
    this.#asked ||= asked;
    if (!this.isConnected || this.#state === 'loading' || this.#state === 'live') return;
    this.#state = 'loading';
    this.#draw();
    this.#timer = setTimeout(() => this.#fail(), PATIENCE);
    try {
      await this.#read();
    } catch {
      this.#fail();
    }
    if (this.#state !== 'loading' || !this.isConnected || this.#frame) return;
    const frame = document.createElement('iframe');
    frame.className = 'waiting';
    frame.title = WORDS[this.#lang()].title;
    frame.allow = 'clipboard-write';
    if (this.hasAttribute('sandbox')) frame.setAttribute('sandbox', 'allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads');
    frame.style.height = length(this.getAttribute('height')) || `${FIRST_HEIGHT}px`;
    frame.style.colorScheme = this.#theme();
    frame.src = this.#address();
    this.#frame = frame;
    this.#parts.room?.prepend(frame);
  }

  /** Fetches the text that `src` names. */
  async #read() {
    const source = this.getAttribute('src');
    if (this.#text !== null || !source || source.includes('#v1.')) return;
    const answer = await fetch(new URL(source, document.baseURI));
    if (!answer.ok) throw new Error(`${answer.status}`);
    this.#text = await answer.text();
  }

  #fail() {
    this.#end();
    this.#state = 'failed';
    this.#draw();
  }

  /** Back to the beginning. */
  #end() {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = null;
    this.#state = 'idle';
    this.#asked = false;
    this.#plays = null;
    this.#at = null;
    this.#time = { ...this.#time, playing: false };
    this.#cover(false);
  }

  /** Puts the playground in the place of the text, or the text back. @param {boolean} on */
  #cover(on) {
    const { slot } = this.#parts;
    if (slot) slot.hidden = on;
    const source = this.#source();
    if (source && !this.contains(source)) {
      if (on) source.style.setProperty('display', 'none', 'important');
      else source.style.removeProperty('display');
      if (!on && source.getAttribute('style') === '') source.removeAttribute('style');
    }
  }

  /** A message of the frame; anybody else is not heard. @param {MessageEvent} event */
  #hear(event) {
    const frame = this.#frame;
    if (!frame || event.source !== frame.contentWindow || event.origin !== this.#origin()) return;
    const message = event.data;
    if (typeof message !== 'object' || message === null || typeof message.podplay !== 'number') return;
    if (message.podplay !== PROTOCOL) {
      this.#fail();
      return;
    }
    const { type } = message;
    if (type === 'ready' && this.#state === 'loading') this.#live();
    if (this.#state !== 'live') return;
    if (type === 'resize' && isNumber(message.height) && !this.getAttribute('height')) {
      frame.style.height = `${Math.min(Math.max(Math.ceil(message.height), LOWEST), HIGHEST)}px`;
    }
    if (type === 'time' && isNumber(message.time) && isNumber(message.end)) {
      this.#time = { time: message.time, end: message.end, playing: message.playing === true };
      this.#tell('podplay:time', { ...this.#time });
    }
    if (type === 'record' && isNumber(message.time) && typeof message.text === 'string') {
      const { time, text, pod, container } = message;
      this.#tell('podplay:record', { time, text, pod: named(pod), container: named(container) });
    }
    if (type === 'text' && typeof message.text === 'string') {
      this.#text = message.text;
      this.#tell('podplay:text', { text: message.text });
    }
  }

  /** The frame is there: tell it what to show, and show it. */
  #live() {
    clearTimeout(this.#timer);
    this.#state = 'live';
    const own = this.#text ?? this.#ownText();
    const speed = Number(this.getAttribute('speed'));
    const at = this.#at ?? this.getAttribute('at');
    this.#say({
      type: 'start',
      ...(own !== null && { text: own }),
      ...(at !== null && { at }),
      ...(speed > 0 && Number.isFinite(speed) && { speed }),
      play: this.#plays ?? this.hasAttribute('autoplay'),
    });
    const focused = this.shadowRoot?.activeElement;
    this.#frame?.classList.remove('waiting');
    this.#cover(true);
    this.#draw();
    if (this.#asked || focused) this.#frame?.focus();
  }

  /** @param {string} name @param {TimeDetail | RecordDetail | TextDetail} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** @param {Record<string, unknown>} message */
  #say(message) {
    const origin = this.#origin();
    // An opaque origin cannot be named; the window itself is the address.
    this.#frame?.contentWindow?.postMessage({ podplay: PROTOCOL, ...message }, origin === 'null' ? '*' : origin);
  }

  /** The page's language or colours changed. */
  #follow() {
    if (this.#frame) this.#frame.style.colorScheme = this.#theme();
    if (this.#state === 'live') this.#say({ type: 'set', lang: this.#lang(), theme: this.#theme() });
    this.#draw();
  }

  /** Where the playground lives: an address of the web, whatever the attribute says; else beside this file. */
  #site() {
    const given = this.getAttribute('site');
    const named = given === null ? webAddress(script?.dataset.site ?? '.', here) : webAddress(given, document.baseURI);
    return named ?? new URL('.', here).href;
  }

  #origin() {
    return this.hasAttribute('sandbox') ? 'null' : new URL(this.#site()).origin;
  }

  #address() {
    const address = new URL(this.#site());
    const set = (/** @type {string} */ name, /** @type {string | null} */ value) => value !== null && address.searchParams.set(name, value);
    set('embed', this.getAttribute('height') ? 'fill' : 'fit');
    set('host', location.origin);
    set('lang', this.#lang());
    set('theme', this.#theme());
    set('lesson', this.getAttribute('lesson'));
    set('panels', this.getAttribute('panels'));
    if (this.hasAttribute('readonly')) set('readonly', '1');
    const link = this.getAttribute('src') ?? '';
    if (this.#text === null && link.includes('#v1.')) address.hash = link.slice(link.indexOf('#'));
    return address.href;
  }

  /** The block that this playground stands in for. @returns {HTMLElement | null} */
  #source() {
    const id = this.getAttribute('for');
    return this.source ?? (id ? document.getElementById(id) : this.querySelector('pre'));
  }

  /** The text of the article; `null` when `src` or `lesson` has it. @returns {string | null} */
  #ownText() {
    if (this.hasAttribute('src') || this.hasAttribute('lesson')) return null;
    return textOf(this.#source() ?? this);
  }

  /** @returns {'en' | 'ko'} */
  #lang() {
    const around = /** @type {HTMLElement | null} */ (this.closest('[lang]'));
    return /^ko\b/i.test(around?.lang || navigator.language) ? 'ko' : 'en';
  }

  /** The colours of what is behind the playground. @returns {'light' | 'dark'} */
  #theme() {
    const wish = this.getAttribute('theme');
    if (wish === 'light' || wish === 'dark') return wish;
    for (let place = /** @type {Element | null} */ (this); place; place = place.parentElement) {
      const dark = isDark(getComputedStyle(place).backgroundColor);
      if (dark !== undefined) return dark ? 'dark' : 'light';
    }
    const allowed = getComputedStyle(document.documentElement).colorScheme;
    const canBeDark = /dark/.test(allowed) && (!/light/.test(allowed) || matchMedia('(prefers-color-scheme: dark)').matches);
    return canBeDark ? 'dark' : 'light';
  }
}

/** Whether a colour is dark; nothing for one that is see-through or unreadable. @param {string} colour */
function isDark(colour) {
  const [red, green, blue, opacity = 1] = (/^rgba?\(([^)]*)\)/.exec(colour)?.[1] ?? '').split(/[\s,/]+/).map(Number);
  if (![red, green, blue].every((part) => part >= 0) || opacity < 0.5) return undefined;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}

/** @param {unknown} value @returns {value is number} */
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
/** @param {unknown} value */
const named = (value) => (typeof value === 'string' ? value : null);
/** A height as a style. @param {string | null} text */
const length = (text) => (text && /^\d+$/.test(text) ? `${text}px` : text ?? '');

/** @param {string} tag @param {string} name @param {string} [text] */
function make(tag, name, text = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

/** @param {string} text */
function status(text) {
  const line = make('p', '', text);
  line.setAttribute('role', 'status');
  return line;
}

/** What highlighters put beside the text of a block. */
const BESIDE = 'button, .buttons, .ln, .lnt, .lineno, .gutter, .rouge-gutter, .line-numbers-rows, [aria-hidden="true"]';

/** The text of a code block, whatever its highlighter made of it. @param {Element} block */
export function textOf(block) {
  const code = block.querySelector('code[class*="language-"]') ?? [...block.querySelectorAll('code')].pop() ?? block;
  /** @param {Node} node @returns {string} */
  const read = (node) => {
    if (node.nodeName === 'BR') return '\n';
    if (node.nodeType !== 1) return node.nodeType === 3 ? node.nodeValue ?? '' : '';
    if (/** @type {Element} */ (node).matches(BESIDE)) return '';
    return [...node.childNodes].map(read).join('');
  };
  let text = read(code);
  if (!text.trim().includes('\n')) {
    // Some highlighters make a block of each line and leave the line breaks out.
    const lines = [...code.querySelectorAll('.line, .token-line')];
    if (lines.length > 1) text = lines.map(read).join('\n');
  }
  return `${text.replace(/\u00a0/g, ' ').replace(/[\u200b\ufeff]/g, '').replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd()}\n`;
}

const words = (/** @type {string} */ text) => new Set(text.split(' '));
/** Kinds that are, make or hold Pods. */
const KINDS = words('Pod PodTemplate Deployment ReplicaSet ReplicationController StatefulSet DaemonSet Job CronJob');
const OBJECT = words('apiVersion metadata spec status template selector replicas strategy');
const POD = words('containers initContainers volumes restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds readinessGates nodeSelector nodeName serviceAccountName serviceAccount hostNetwork hostname subdomain dnsPolicy dnsConfig shareProcessNamespace securityContext imagePullSecrets affinity tolerations priorityClassName schedulerName hostAliases enableServiceLinks automountServiceAccountToken topologySpreadConstraints');
const CONTAINER = words('name image imagePullPolicy command args workingDir ports env envFrom resources volumeMounts livenessProbe readinessProbe startupProbe lifecycle restartPolicy securityContext terminationMessagePath terminationMessagePolicy stdin tty');
const TELLING = /^(livenessProbe|readinessProbe|startupProbe|lifecycle)$/;

/** Whether a text is, or is a piece of, something that runs Pods. A light look: the playground reads it properly. @param {string} text */
export function isPod(text) {
  return text.split(/^---.*$/m).some(isPiece);
}

/** @param {string} text */
function isPiece(text) {
  const lines = text.split('\n').filter((line) => /^\s*[^\s#]/.test(line));
  const margin = Math.min(...lines.map((line) => line.search(/\S/)));
  const first = lines.filter((line) => line.search(/\S/) === margin).map((line) => line.trim());
  if (!first.length) return false;
  if (first[0].startsWith('- ')) {
    // A list of containers: each item names an image among fields of containers.
    const fields = lines.map((line) => line.replace('- ', '  ')).filter((line) => line.search(/\S/) === margin + 2).map(field);
    return fields.every((name) => CONTAINER.has(name)) && fields.includes('image') && fields.length > 1;
  }
  const fields = first.filter((line) => !line.startsWith('- ')).map(field);
  const kind = first.map((line) => /^kind:\s*["']?(\w+)/.exec(line)?.[1]).find(Boolean);
  if (kind) return KINDS.has(kind);
  const holds = /^\s*(initContainers|containers):/m.test(text);
  if (holds && (fields.every((name) => OBJECT.has(name)) || fields.every((name) => POD.has(name)))) return true;
  return fields.every((name) => CONTAINER.has(name)) && (fields.some((name) => TELLING.test(name)) || (fields.includes('image') && fields.length > 1));
}

/** The field that a line begins with. @param {string} line */
const field = (line) => /^\s*["']?([A-Za-z][\w.-]*)["']?:(?:\s|$)/.exec(line)?.[1] ?? '';

/** What highlighters wrap around a block. */
const WRAP = '.highlighter-rouge, figure.highlight, div.highlight, .theme-code-block, [class*="codeBlockContainer"], .code-toolbar, .expressive-code';

/** The language that a block is marked with, if any. @param {Element} block @param {Element} pre */
function languageOf(block, pre) {
  const places = [pre.querySelector('code'), ...pre.querySelectorAll('code'), pre, pre.parentElement, block];
  for (const place of block.querySelectorAll('code[class*="language-"]')) places.unshift(place);
  for (const place of places) {
    if (!place) continue;
    const name = place.getAttribute('data-lang') ?? place.getAttribute('data-language') ?? place.getAttribute('lang')
      ?? /(?:^|\s)(?:language|lang|highlight-source)-([\w+#-]+)/.exec(place.className)?.[1]
      ?? /(?:^|\s)(ya?ml)(?:\s|$)/i.exec(place.className)?.[1];
    if (name && !/^(en|ko)\b/.test(name)) return name.toLowerCase();
  }
  return null;
}

/** Blocks that have been looked at. @type {WeakSet<Element>} */
const seen = new WeakSet();

/** Adds a Run button below each block with a Pod in it. Other blocks stay as they are. @param {ParentNode} root @param {Record<string, string>} [attributes] */
export function upgrade(root = document, attributes = {}) {
  /** @type {PodPlayground[]} */
  const added = [];
  for (const pre of root.querySelectorAll('pre')) {
    let block = /** @type {HTMLElement} */ (pre);
    for (let up = block.parentElement?.closest(WRAP); up; up = up.parentElement?.closest(WRAP)) block = /** @type {HTMLElement} */ (up);
    if (seen.has(block) || pre.closest(TAG) || pre.isContentEditable) continue;
    seen.add(block);
    const language = languageOf(block, pre);
    const text = textOf(block);
    const marked = language === 'yaml' || language === 'yml';
    // A block without a language has to say clearly what it is.
    if (!isPod(text) || !(marked || (language === null && /^kind:/m.test(text) && /^apiVersion:/m.test(text)))) continue;
    const playground = /** @type {PodPlayground} */ (document.createElement(TAG));
    playground.source = block;
    playground.setAttribute('load', 'click');
    for (const [name, value] of Object.entries(attributes)) playground.setAttribute(name, value);
    block.after(playground);
    added.push(playground);
  }
  return added;
}

const TAG = 'pod-playground';

/** Attributes that `data-…` on the script element sets on each playground. */
const PASSED = ['at', 'speed', 'panels', 'readonly', 'lang', 'theme', 'height', 'site', 'sandbox'];

/** Upgrades the article, and what is added to it later. @param {DOMStringMap} options */
function auto(options) {
  /** @type {Record<string, string>} */
  const attributes = {};
  for (const name of PASSED) {
    const value = options[name];
    if (value !== undefined) attributes[name] = value;
  }
  const look = () => upgrade(document, attributes);
  look();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  new MutationObserver((changes) => {
    if (!changes.some((change) => [...change.addedNodes].some((node) => node.nodeType === 1 && node.nodeName !== TAG.toUpperCase()))) return;
    clearTimeout(soon);
    soon = setTimeout(look, 200);
  }).observe(document.body, { childList: true, subtree: true });
}

if (inBrowser) {
  if (!customElements.get(TAG)) customElements.define(TAG, PodPlayground);
  if (script && 'auto' in script.dataset) auto(script.dataset);
}
