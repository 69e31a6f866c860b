// Starts the program, or says that it could not be started.
// Its file names change with each build; the build writes them into the page's head.
//
// A release build divides the program: the first file has what a first visit runs in English; the
// rest, the deferred part, follows when the page is idle, or at once when something of it is called;
// the program learns by `podplay-complete` when it is there.

const root = document.documentElement;
const asked = new URLSearchParams(location.search);
if (asked.has('embed')) {
  // Inside another page: its layout, language and colours come with the address, and nothing is kept here.
  const panels = (asked.get('panels') ?? '').split(/[\s,]+/).filter((name) => ['editor', 'stage', 'timeline', 'inspector', 'lesson'].includes(name));
  root.dataset.embed = asked.get('embed') === 'fit' && window !== window.parent ? 'fit' : 'fill';
  root.dataset.panels = panels.length > 0 ? panels.join(' ') : `${asked.has('lesson') ? 'lesson ' : ''}editor stage timeline`;
  for (const name of ['readonly', 'autoplay', 'speed', 'lang', 'theme', 'host', 'lesson']) {
    if (asked.has(name)) root.dataset[name] = asked.get(name);
  }
} else {
  try {
    // Before the first picture, so that nobody is dazzled.
    const theme = localStorage.getItem('podplay.theme');
    if (theme) root.dataset.theme = theme;
  } catch { /* No storage, no theme. */ }
}

/** Whether the page will speak the language that its first part carries; the program decides alike. */
function english() {
  let chosen = root.dataset.lang ?? null;
  try {
    chosen ??= localStorage.getItem('podplay.lang');
  } catch { /* No storage, no choice. */ }
  const known = (tag) => ['en', 'ko'].includes(tag.split('-')[0].toLowerCase());
  return (chosen ?? navigator.languages.find(known) ?? 'en').split('-')[0].toLowerCase() !== 'ko';
}

const named = (what) => document.querySelector(`meta[name="podplay-${what}"]`)?.content;
const [script, module] = named('program').split(' ');
const deferred = named('deferred');
const status = document.getElementById('boot-status');
const failure = document.getElementById('boot-failure');
const beside = (name) => new URL(name, document.baseURI);

/** Compiles a module, also from a host that does not know the type of its file. */
async function compiled(name) {
  const response = await fetch(beside(name));
  if (!response.ok) throw new Error(`${name}: the host answers ${response.status}`);
  if (/^application\/wasm\b/.test(response.headers.get('content-type') ?? '')) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** What the first part exports; the deferred part stands on it. */
let first;
let complete = false;

/** Says to the program that all of it is there. */
function completed() {
  complete = true;
  root.dataset.complete = '';
  document.dispatchEvent(new Event('podplay-complete'));
}

function join(rest) {
  if (complete) return;
  // Functions come in a table: their places are the names by which the deferred part knows them.
  const given = { ...first };
  for (let at = 0; at < first.shared.length; at += 1) given[`f${at.toString(16)}`] = first.shared.get(at);
  new WebAssembly.Instance(rest, { first: given });
  completed();
}

/** Called by the program when it needs the deferred part and cannot wait. */
function load() {
  performance.mark('podplay-deferred-now');
  const request = new XMLHttpRequest();
  request.open('GET', beside(deferred), false);
  // A synchronous request cannot give bytes, but text of one byte a character.
  request.overrideMimeType('text/plain; charset=x-user-defined');
  request.send();
  const text = request.responseText;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = text.charCodeAt(at);
  join(new WebAssembly.Module(bytes));
}

/** Starts the program, whose own loader knows nothing of a deferred part. */
async function start() {
  // Playgrounds on one page share what is compiled from a stream, and nobody waits for the page around them.
  const early = deferred && ('embed' in root.dataset || !english()) ? compiled(deferred) : undefined;
  const [program, main, rest] = await Promise.all([import(beside(script)), compiled(module), early]);
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (what, imports) => {
    WebAssembly.instantiate = instantiate;
    const instance = await instantiate(what, { ...imports, deferred: { load } });
    first = instance.exports;
    if (rest) join(rest);
    return instance;
  };
  if (!deferred) completed();
  await program.default({ module_or_path: main });
}

/** Fetches the deferred part before anyone needs it. */
async function prepare() {
  if (!deferred || complete) return;
  try {
    join(await compiled(deferred));
  } catch { /* It is tried again when it is needed, and then an error is seen. */ }
}

/** Once nothing else is waiting. */
function whenIdle(work) {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 1000);
}

status.hidden = false;
try {
  await start();
  whenIdle(prepare);
  keep();
} catch (error) {
  console.error('podplay could not start', error);
  status.hidden = true;
  failure.hidden = false;
  // If it was the text that ended the program, the program's own panel says more.
  document.dispatchEvent(new CustomEvent('podplay-crash', { detail: error }));
}

/** Keeps the site for times without a network, once nothing else is waiting; not for a page inside another one. */
function keep() {
  const worker = named('offline');
  if (!worker || window !== window.parent || self.origin === 'null' || !('serviceWorker' in navigator)) return;
  whenIdle(() => navigator.serviceWorker.register(beside(worker), { updateViaCache: 'none' }).catch(() => {}));
}
