// Starts the program, or says that it could not be started.
// Its file names change with each build; the build writes them into the page's head.

try {
  // Before the first picture, so that nobody is dazzled.
  const theme = localStorage.getItem('podplay.theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* No storage, no theme. */ }

const [script, module] = document.querySelector('meta[name="podplay-program"]').content.split(' ');
const status = document.getElementById('boot-status');
const failure = document.getElementById('boot-failure');
const beside = (name) => new URL(name, document.baseURI);

status.hidden = false;
try {
  const program = await import(beside(script));
  await program.default({ module_or_path: beside(module) });
} catch (error) {
  console.error('podplay could not start', error);
  status.hidden = true;
  failure.hidden = false;
}
