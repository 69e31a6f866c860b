// The network goes away after the first visit, and the site is still there.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST, podplay, started } from '../support/podplay.mjs';
import { serve } from '../support/server.mjs';

const site = podplay();

/** A page in a browser that lets service workers in. Without a network a failed request is no fault. */
const open = (server) => site.open({ path: server.url, context: { serviceWorkers: 'allow' }, allow: [/^request failed/, /ERR_/] });

/** Waits until everything is kept. */
const kept = (page) => page.evaluate(async () => {
  const { active } = await navigator.serviceWorker.ready;
  while (active.state !== 'activated') await new Promise((resolve) => { setTimeout(resolve, 20); });
  return (await caches.keys()).filter((name) => name.startsWith('podplay:'));
});

test('without a network the page, the editor and the lessons work', async () => {
  const server = await serve({ root: DIST, base: '/deep/down/' });
  const page = await open(server);
  assert.equal((await kept(page)).length, 1);
  await server.close();
  await page.goto(`${server.url}?anything`);
  await started(page);
  await page.locator('[data-testid="lane"] [data-state="running"]').first().waitFor();
  await page.locator('.editor-host [data-testid="editor"]').waitFor();
  const files = await readdir(DIST, { recursive: true, withFileTypes: true });
  const lessons = files.filter((file) => file.isFile()).map((file) => join(file.parentPath ?? file.path, file.name).slice(DIST.length).replace(/^\//, ''))
    .filter((name) => name.includes('lessons/'));
  for (const name of lessons) {
    const text = await page.evaluate(async (url) => (await fetch(url)).text(), new URL(name, server.url).href);
    assert.equal(text, await readFile(join(DIST, name), 'utf8'), name);
  }
  assert.ok(lessons.length > 10, lessons.join(' '));
  await page.getByTestId('lessons-open').click();
  await page.locator('[data-lesson="liveness"]').click();
  await page.locator('#lesson-title').waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('a new version shows at the next visit, and the old one goes when its last page is closed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'podplay-site-'));
  await cp(DIST, root, { recursive: true });
  const server = await serve({ root });
  try {
    const page = await open(server);
    const before = await kept(page);
    // The next version: another title, another editor under another name.
    const change = async (name, edit) => writeFile(join(root, name), edit(await readFile(join(root, name), 'utf8')));
    const editor = (await readdir(root)).find((name) => name.startsWith('editor-'));
    const renamed = 'editor-0123456789abcdef.js';
    await rename(join(root, editor), join(root, renamed));
    await change('index.html', (text) => text.replace('<title>', '<title>New: ').replace(editor, renamed));
    await change('sw.js', (text) => text.replace(/const VERSION = '[^']*'/, "const VERSION = 'next'").replace(editor, renamed));
    await page.reload();
    await started(page);
    assert.match(await page.title(), /^New: /, 'the page comes from the network');
    // Browsers look for a new version at their leisure.
    await page.evaluate(async () => { await (await navigator.serviceWorker.getRegistration()).update(); });
    await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration()).waiting !== null, undefined, { polling: 200, timeout: 60_000 });
    // The page of the version before still finds its own files.
    assert.equal(await page.evaluate(async (url) => (await fetch(url)).ok, new URL(editor, server.url).href), true);
    const context = page.context();
    const other = await context.newPage();
    await page.close();
    // The new version takes over once the browser has noticed that no page needs the old one.
    let after = [];
    for (let look = 0; look < 20 && !/^[^,]*:next$/.test(after.join()); look += 1) {
      await other.goto('about:blank');
      await other.waitForTimeout(500);
      await other.goto(server.url);
      await started(other);
      after = await kept(other);
    }
    assert.match(after.join(), /^podplay:[^,]*:next$/, `${before} is gone`);
    await context.close();
  } finally {
    await server.close();
    await rm(root, { recursive: true, force: true });
  }
});

test('nothing is kept from inside a frame', async () => {
  const server = await serve({ root: DIST, policy: null, pages: { '/host.html': `<!doctype html><title>x</title><link rel="icon" href="data:,"><iframe src="/?embed"></iframe><iframe sandbox="allow-scripts" src="/?embed"></iframe>` } });
  const page = await site.open({ path: `${server.origin}/host.html`, ready: false, context: { serviceWorkers: 'allow' } });
  for (const frame of page.frames().slice(1)) await started(frame);
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  await server.close();
});
