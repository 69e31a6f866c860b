// The site as files: it starts anywhere, under a strict policy, without a complaint.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, play, podplay, scrollsSideways, started } from '../support/podplay.mjs';
import { computed } from '../support/states.mjs';

const site = podplay({ base: '/some/where/' });

test('it starts below a sub-path and asks only its own host', () => site.visit({}, async (page) => {
  assert.match(await page.title(), /podplay/);
  const foreign = await page.evaluate(() => performance.getEntriesByType('resource')
    .map((entry) => entry.name).filter((name) => !name.startsWith(location.origin)));
  assert.deepEqual(foreign, []);
}));

test('it starts in a sandboxed frame', async () => {
  const page = await site.open({ ready: false });
  const frame = await page.evaluateHandle(() => {
    document.body.replaceChildren();
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.src = location.href;
    document.body.append(frame);
    return frame;
  });
  await started(await frame.asElement().contentFrame());
  await page.context().close();
});

test('it says so when the program cannot be loaded', async () => {
  const page = await site.open({ ready: false });
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').filter({ visible: true }).waitFor();
  await page.context().close();
});

test('a first visit runs nothing of the deferred part', () => site.visit({}, async (page) => {
  await play(page);
  await page.waitForTimeout(1500);
  const waited = await page.evaluate(() => performance.getEntriesByName('podplay-deferred-now').length);
  assert.equal(waited, 0, 'it does: `cargo xtask first-load` looks again what a first visit runs');
}));

test('the first part alone shows what the whole program shows', async () => {
  const shown = async (page) => {
    await computed(page);
    // What does not move with the playhead.
    return page.evaluate(() => {
      const spans = [...document.querySelectorAll('[data-testid="span"]')].map((span) => `${span.closest('[data-lane]')?.dataset.lane} ${span.getAttribute('aria-label')} ${span.dataset.at}`);
      return [document.querySelector('header.head').outerHTML, ...spans];
    });
  };
  const alone = await site.open({ ready: false });
  const asked = [];
  // It never comes; if the program cannot do without it, the page stands still.
  await alone.route(/_deferred\.wasm$/, (route) => { asked.push(route.request().resourceType()); });
  await alone.reload();
  await started(alone);
  const first = await shown(alone);
  assert.ok(!asked.includes('xhr'), 'it was called: `cargo xtask first-load` looks again what a first visit runs');
  const whole = await site.open({});
  await whole.waitForTimeout(4000);
  assert.deepEqual(first, await shown(whole));
  for (const page of [alone, whole]) {
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
});

test('what is called before the deferred part has come waits for it', async () => {
  const page = await site.open({ ready: false, context: { serviceWorkers: 'block' }, allow: [/deferred/, /ERR_FAILED/] });
  // A slow network: nothing comes by itself.
  await page.route(/_deferred\.wasm$/, (route) => (route.request().resourceType() === 'xhr' ? route.continue() : route.abort()));
  await page.reload();
  await started(page);
  const terminal = page.getByTestId('terminal');
  await terminal.fill('kubectl explain pod');
  await terminal.press('Enter');
  await page.getByTestId('inspector').getByText('VERSION:').first().waitFor();
  const waited = await page.evaluate(() => performance.getEntriesByName('podplay-deferred-now').length);
  assert.equal(waited, 1);
  await page.context().close();
});

test('it says so when scripts are off', async () => {
  const page = await site.open({ ready: false, context: { javaScriptEnabled: false } });
  await page.locator('noscript code').first().waitFor();
  assert.equal(await page.locator('#boot-status').isVisible(), false);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in ${colorScheme} colours`, () => site.visit({ context: { colorScheme } }, async (page) => {
    assert.deepEqual(await inaccessible(page), []);
  }));
}

for (const width of [360, 768, 1280, 1920]) {
  test(`it fits a width of ${width}`, () => site.visit({ context: { viewport: { width, height: 720 } } }, async (page) => {
    assert.equal(await scrollsSideways(page), false);
  }));
}
