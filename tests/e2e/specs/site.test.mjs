// The site as files: it starts anywhere, under a strict policy, without a complaint.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, podplay, scrollsSideways, started } from '../support/podplay.mjs';
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

/** What does not move with the playhead, and the digest that the share dialog shows. */
async function shown(page) {
  await page.getByTestId('share').click();
  // It is there once the run is computed.
  const digest = await page.getByTestId('digest').textContent();
  await computed(page);
  const spans = await page.evaluate(() => [...document.querySelectorAll('[data-testid="span"]')]
    .map((span) => `${span.closest('[data-lane]')?.dataset.lane} ${span.getAttribute('aria-label')} ${span.dataset.at}`));
  assert.notEqual(spans.length, 0);
  return { digest, spans };
}

test('the engine gives the same in a worker, beside the page, and where a worker is refused', async () => {
  const one = async (options, before = async () => {}) => {
    const page = await site.open({ ...options, ready: false });
    await before(page);
    await started(page);
    const seen = await shown(page);
    const workers = page.workers().length;
    assert.deepEqual(page.complaints, []);
    await page.context().close();
    return { workers, seen };
  };
  const worker = await one({});
  assert.equal(worker.workers, 1);
  const beside = await one({ path: '/some/where/?engine=beside' });
  assert.equal(beside.workers, 0);
  const refused = await one({ allow: [/ERR_FAILED/, /engine-worker/] }, async (page) => {
    await page.route(/engine-worker/, (route) => route.abort());
    await page.reload();
  });
  assert.equal(refused.workers, 0);
  assert.match(worker.seen.digest, /^[0-9a-f]{16}$/);
  assert.deepEqual(beside.seen, worker.seen);
  assert.deepEqual(refused.seen, worker.seen);
});

test('the page does not wait for the engine', async () => {
  const page = await site.open({ ready: false });
  let go;
  const later = new Promise((resolve) => { go = resolve; });
  await page.route(/podplay-engine.*\.wasm$/, async (route) => {
    await later;
    await route.continue();
  });
  await page.reload();
  await started(page);
  await page.getByTestId('play').waitFor();
  assert.equal(await page.getByTestId('span').count(), 0);
  go();
  await page.getByTestId('span').first().waitFor();
  assert.deepEqual(page.complaints, []);
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
