// Starts the page's program and an engine, or says that they could not be started.
// The names of files change with each build; the build writes them into the page's head.

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

const named = (what) => document.querySelector(`meta[name="podplay-${what}"]`)?.content;
const beside = (name) => new URL(name, document.baseURI).href;
const [script, module] = named('program').split(' ');
const engineFiles = (named('engine') ?? 'podplay-engine.js podplay-engine_bg.wasm engine-worker.js engine-host.js')
  .split(' ').map(beside);
const status = document.getElementById('boot-status');
const failure = document.getElementById('boot-failure');

/** An engine: in a worker, or in slices beside the page where a worker is refused. */
class Engine {
  constructor() {
    /** What was asked before it was there, and what it has said before anybody listened. */
    this.asked = [];
    this.said = [];
    this.stopped = false;
    this.here = !this.inWorker();
    if (this.here) this.besidePage();
  }

  /** Whether it runs in a worker; that it is refused after all may become known later. */
  inWorker() {
    if (asked.get('engine') === 'beside') return false;
    const [program, wasm, worker] = engineFiles;
    try {
      this.worker = new Worker(worker, { type: 'module' });
    } catch {
      return false;
    }
    const refused = () => {
      if (this.stopped || this.there || this.here) return;
      this.worker.terminate();
      this.worker = undefined;
      this.here = true;
      this.besidePage();
    };
    this.worker.onerror = (event) => {
      event.preventDefault?.();
      if (this.there) this.tell({ lost: 'panic', message: event.message ?? 'the worker ended' });
      else refused();
    };
    this.worker.onmessage = ({ data }) => {
      if (data.failed !== undefined) return refused();
      this.there = true;
      this.tell(data);
    };
    this.worker.postMessage({ script: program, module: wasm });
    this.give = (bytes) => this.worker.postMessage(bytes, [bytes.buffer]);
    // What was asked is kept until it is known that the worker runs.
    return true;
  }

  async besidePage() {
    const [program, wasm, , host] = engineFiles;
    try {
      const { host: start } = await import(host);
      const give = await start(program, wasm, (bytes) => this.tell(bytes), (lost, message) => this.tell({ lost, message }));
      this.there = true;
      this.give = give;
      this.asked.splice(0).forEach(give);
    } catch (error) {
      this.tell({ lost: 'start', message: `${error.name}: ${error.message}` });
    }
  }

  /** Asks; before the engine has spoken, what was asked is kept, for it may have to be asked elsewhere. */
  ask(bytes) {
    if (this.stopped) return;
    if (!this.there) this.asked.push(bytes);
    if (this.worker) this.give(this.there ? bytes : bytes.slice());
    else if (this.there) this.give(bytes);
  }

  /** Somebody listens: `heard` gets bytes, `lost` how the engine ended. */
  listen(heard, lost) {
    Object.assign(this, { heard, lost });
    this.said.splice(0).forEach((data) => this.tell(data));
  }

  tell(data) {
    if (this.stopped) return;
    if (!this.heard) this.said.push(data);
    else if (data instanceof Uint8Array) this.heard(data);
    else this.lost(data.lost, data.message);
    if (this.there && this.worker) this.asked.length = 0;
  }

  stop() {
    this.stopped = true;
    this.worker?.terminate();
  }
}

// The first engine is fetched beside the page's program, not after it.
let ready = new Engine();
globalThis.podplayEngine = () => {
  const engine = ready ?? new Engine();
  ready = undefined;
  return engine;
};

/** Once nothing else is waiting. */
function whenIdle(work) {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 1000);
}

status.hidden = false;
try {
  const program = await import(beside(script));
  await program.default({ module_or_path: beside(module) });
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
