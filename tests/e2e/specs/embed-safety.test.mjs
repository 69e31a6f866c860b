// What hostile pages, texts and links can do to a playground, and a playground to the page around: nothing.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { podplay } from '../support/podplay.mjs';
import { POD, block, frameOf, hosting, outcome, pageOf, run, scriptOf } from '../support/embedding.mjs';
import { serve } from '../support/server.mjs';

const site = podplay({ base: '/playground/', cache: true });
const { hosted, told } = hosting(site);

test('nobody but the page around is heard, and only in the shape that is agreed', async () => {
  const foreign = await serve({ root: '/nonexistent', policy: null, pages: { '/foreign.html': `<script>
    const evil = { podplay: 1, type: 'setText', text: 'kind: Evil' };
    setInterval(() => { for (let i = 0; i < parent.frames.length; i += 1) parent.frames[i].postMessage(evil, '*'); parent.postMessage({ podplay: 1, type: 'text', text: 'evil' }, '*'); }, 20);
  </script>` } });
  const other = foreign.origin.replace('127.0.0.1', 'localhost');
  try {
    await hosted(() => pageOf(site, `<pod-playground>${block(POD)}</pod-playground><iframe src="${other}/foreign.html"></iframe>
      <iframe id="elsewhere" src="${site.server.url}?embed&amp;host=https://elsewhere.example"></iframe>`), { allow: [/elsewhere\.example/] }, async (page) => {
      await run(page);
      const frame = await frameOf(page);
      await frame.locator('[data-lane="web/app"]').first().waitFor();
      const elsewhere = await (await page.locator('#elsewhere').elementHandle()).contentFrame();
      await elsewhere.locator('#app .boot').waitFor({ state: 'detached' });
      // From the right window, but not from the origin that the address names; and from the right place in wrong shapes.
      await page.evaluate(() => {
        document.querySelector('#elsewhere').contentWindow.postMessage({ podplay: 1, type: 'setText', text: 'kind: Evil' }, '*');
        const inside = document.querySelector('pod-playground').shadowRoot.querySelector('iframe').contentWindow;
        for (const odd of [null, 'play', 7, [], { type: 'setText', text: 'kind: Evil' }, { podplay: 2, type: 'setText', text: 'kind: Evil' },
          { podplay: 1, type: 'setText', text: 5 }, { podplay: 1, type: 'constructor', text: 'x' }, { podplay: 1, type: 'seek', at: 'Infinity' },
          { podplay: 1, type: 'seek', at: -1 }, { podplay: 1, type: 'set', theme: '"><script>', lang: {} }, { podplay: 1, type: 'start', text: {}, speed: NaN }]) inside.postMessage(odd, '*');
        postMessage({ podplay: 1, type: 'text', text: 'evil' }, '*');
      });
      await page.waitForTimeout(400);
      await frame.locator('[data-lane="web/app"]').first().waitFor();
      assert.equal(await frame.evaluate(() => document.body.textContent.includes('Evil')), false);
      assert.equal(await elsewhere.evaluate(() => document.body.textContent.includes('Evil')), false);
      assert.deepEqual(await told(page, 'podplay:text'), []);
      assert.equal(await page.evaluate(() => document.querySelector('pod-playground').text), POD);
    });
  } finally {
    await foreign.close();
  }
});

const HOSTILE = '</textarea><script>globalThis.owned = 1</script><img src=x onerror="globalThis.owned = 1">';
const TEXTS = {
  'a script': `apiVersion: v1\nkind: Pod\nmetadata:\n  name: "${HOSTILE.replaceAll('"', '\\"')}"\nspec: ${HOSTILE}\n`,
  'a huge text': 'a'.repeat(3_000_000),
  'control characters': 'kind: \u0000\u0007\ud800 Pod',
};

test('scripts, huge texts and control characters do nothing but show a diagnostic', () => hosted(() => pageOf(site, `<pod-playground panels="editor">${block(POD)}</pod-playground>`), {}, async (page) => {
  await run(page);
  const frame = await frameOf(page);
  const errors = frame.getByTestId('diagnostics').locator('[data-severity="error"]');
  for (const [name, text] of Object.entries(TEXTS)) {
    await page.evaluate((text) => document.querySelector('pod-playground').setText(text), text);
    await errors.first().waitFor();
    assert.equal(await frame.evaluate(() => globalThis.owned), undefined, name);
    await page.evaluate((text) => document.querySelector('pod-playground').setText(text), POD);
    await errors.first().waitFor({ state: 'detached' });
  }
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
}));

test('a malformed fragment says that it cannot be read', async () => {
  for (const hash of ['v1.AAAA', `v1.${'A'.repeat(300_000)}`, 'v9.abc', '<script>globalThis.owned=1</script>', '%E0%A4%A&t=<script>']) {
    await site.visit({ path: `${site.server.url}?embed`, hash }, async (page) => {
      await page.getByText('could not be read').waitFor();
      assert.equal(await page.evaluate(() => globalThis.owned), undefined);
    });
  }
});

test('a strict policy of the host is enough', async () => {
  const policy = `default-src 'none'; script-src ${site.server.origin}; frame-src ${site.server.origin}; base-uri 'none'`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Strict</title><pod-playground>${block(POD)}</pod-playground>${scriptOf(site)}`;
  await hosted(html, { policy: `${policy}; img-src data:` }, async (page) => {
    await run(page);
    assert.equal(await outcome(await frameOf(page)), 'run');
  });
});

test('a site that is no address of the web is not opened', async () => {
  for (const bad of ['javascript:globalThis.owned=1;parent.owned=1', ' java\nscript:parent.owned=1', 'data:text/html,<script>parent.owned=1</script>', 'http://[']) {
    const html = () => pageOf(site, `<pod-playground site="${bad.replaceAll('<', '&lt;')}">${block(POD)}</pod-playground>`);
    await hosted(html, {}, async (page) => {
      await run(page);
      const source = await page.evaluate(() => document.querySelector('pod-playground').shadowRoot.querySelector('iframe').src);
      assert.ok(source.startsWith(site.server.url), source);
      assert.equal(await outcome(await frameOf(page)), 'run');
      assert.equal(await page.evaluate(() => globalThis.owned), undefined);
    });
  }
});
