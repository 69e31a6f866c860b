// Starts the program, or says that it could not be started.
// Its file names change with each build; the build writes them into the page's head.

const root = document.documentElement;
const asked = new URLSearchParams(location.search);
if (asked.has('embed')) {
  // Inside another page: its layout, language and colours come with the address, and nothing is kept here.
  const panels = (asked.get('panels') ?? '').split(/[\s,]+/).filter((name) => ['editor', 'stage', 'timeline', 'inspector', 'lesson'].includes(name));
  root.dataset.embed = asked.get('embed') === 'fit' && window !== window.parent ? 'fit' : 'fill';
  root.dataset.panels = panels.length > 0 ? panels.join(' ') : 'editor stage timeline';
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

const [script, module] = document.querySelector('meta[name="podplay-program"]').content.split(' ');
const status = document.getElementById('boot-status');
const failure = document.getElementById('boot-failure');
const beside = (name) => new URL(name, document.baseURI);

status.hidden = false;
try {
  const program = await import(beside(script));
  await program.default({ module_or_path: beside(module) });
  keep();
} catch (error) {
  console.error('podplay could not start', error);
  status.hidden = true;
  failure.hidden = false;
}

/** Keeps the site for times without a network, once nothing else is waiting; not for a page inside another one. */
function keep() {
  const worker = document.querySelector('meta[name="podplay-offline"]')?.content;
  if (!worker || window !== window.parent || self.origin === 'null' || !('serviceWorker' in navigator)) return;
  const later = globalThis.requestIdleCallback ?? ((call) => setTimeout(call, 1000));
  later(() => navigator.serviceWorker.register(beside(worker), { updateViaCache: 'none' }).catch(() => {}));
}
