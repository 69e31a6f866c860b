// Pages that embed podplay, on hosts of their own.

import assert from 'node:assert/strict';
import { serve } from './server.mjs';

/** A Pod whose run has something to see. */
export const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: nginx:1.27
    livenessProbe:
      httpGet: {path: /, port: 80}
`;

export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** A block as a page carries it. */
export const block = (text, attributes = '') => `<pre ${attributes}><code class="language-yaml">${escaped(text)}</code></pre>`;
/** The line that embedding takes. */
export const scriptOf = (site, attributes = '') => `<script type="module" src="${site.server.url}podplay-embed.js" ${attributes}></script>`;
/** A page around a body, which keeps what the playgrounds tell. */
export const pageOf = (site, body, { head = '', attributes = 'lang="en"', script = scriptOf(site) } = {}) => `<!doctype html>
<html ${attributes}><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>An article</title>${head}
<script>
  globalThis.told = [];
  for (const name of ['podplay:time', 'podplay:record', 'podplay:text']) {
    document.addEventListener(name, (event) => told.push([name, event.detail, event.target.id]));
  }
</script>
</head><body><main><h1>An article</h1>${body}</main>${script}</body></html>`;

/** Serves a host page and opens it; the host is another origin than the site. */
export async function openHost(site, html, { context, policy = null, pages = {}, allow, root = '/nonexistent', path = '/article.html' } = {}) {
  const host = await serve({ root, pages: html === undefined ? pages : { [path]: html, ...pages }, policy });
  const page = await site.open({ path: host.origin + path, ready: false, context, allow });
  await page.waitForFunction(() => !document.querySelector('script[type="module"]') || customElements.get('pod-playground'));
  return { page, host, close: async () => { await page.context().close(); await host.close(); } };
}

/** The frame inside a playground, once its page has started. */
export async function frameOf(page, playground = 'pod-playground') {
  const element = page.locator(`${playground} >> iframe:not(.waiting)`);
  await element.waitFor();
  const frame = await (await element.elementHandle()).contentFrame();
  await frame.locator('#app .boot').waitFor({ state: 'detached' });
  return frame;
}

/** Presses Run, unless it runs already because somebody scrolled near. */
export const run = (page, playground = 'pod-playground') => page.locator(playground).evaluate((element) => {
  if (element.state === 'idle') element.shadowRoot.querySelector('button').click();
  else element.play();
});

/** The first state that a run shows, or the first thing that is wrong with the text. */
export async function outcome(frame) {
  const seen = frame.locator('[data-testid="span"], [data-testid="diagnostics"] [data-severity="error"]').first();
  await seen.waitFor({ state: 'attached' });
  return seen.evaluate((element) => (element.dataset.severity ? element.textContent : 'run'));
}

/** Bytes that the processes of a browser which draw pages hold, shared memory counted by share. Linux only. */
export async function memory(browser) {
  const { readFile } = await import('node:fs/promises');
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let sum = 0;
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return sum;
}

/** What the tests of one site do again and again. */
export function hosting(site) {
  /** Opens a host page, runs the body, and fails when anything was said on the console. */
  async function hosted(html, options, body) {
    const opened = await openHost(site, typeof html === 'function' ? html() : html, options);
    try {
      await body(opened.page, opened.host);
      assert.deepEqual(opened.page.complaints, [], 'the page complained on its console');
    } finally {
      await opened.close();
    }
  }

  const told = (page, name) => page.evaluate((wanted) => globalThis.told.filter(([name]) => name === wanted).map(([, detail]) => detail), name);
  const toldSoon = (page, name, test = '() => true') => page.waitForFunction(
    ([wanted, source]) => globalThis.told.some(([name, detail]) => name === wanted && (0, eval)(source)(detail)), [name, test]);
  return { hosted, told, toldSoon };
}
