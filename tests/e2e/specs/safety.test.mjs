// A text that ends the program, fills the memory or freezes the page is not lost, and does not do so again by itself;
// a link's text does not take the place of the visitor's own.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, paste, play, podplay, podsSay, scrollsSideways, seek, started } from '../support/podplay.mjs';
import { LIVENESS, WEB } from '../support/states.mjs';

const site = podplay();

/** A build for tests does what such a comment says as soon as the text is run. */
const asking = (what) => `# podplay-test: ${what}\n${WEB}`;
const ENDED = [/unreachable|panic|RuntimeError|a test asked|memory/i];

const kept = (page, key) => page.evaluate((name) => localStorage.getItem(name), key);
const lane = (page, name, state = 'running') => page
  .locator(`[data-testid="lane"][data-lane="${name}"] [data-testid="span"][data-state="${state}"]`).first();
const editor = (page) => page.locator('.editor-host [data-testid="editor"]');
const shown = async (page) => (await editor(page).innerText()).replace(/\u200b/g, '');

/** The text is in the editor, nothing runs, and the four ways on are there. */
async function isHeld(page, line) {
  await page.getByTestId('held').waitFor();
  await editor(page).waitFor();
  assert.match(await shown(page), line);
  assert.equal(await page.getByTestId('lane').count(), 0);
  for (const id of ['held-edit', 'held-again', 'held-example', 'held-copy']) await page.getByTestId(id).waitFor();
  assert.equal(await page.getByTestId('play').getAttribute('aria-pressed'), 'false');
}

test('a text that ends its engine is held, also after a reload; changed, it runs in a new engine', () => site.visit({
  context: { permissions: ['clipboard-read', 'clipboard-write'] }, allow: ENDED,
}, async (page) => {
  await paste(page, asking('panic'));
  await isHeld(page, /podplay-test: panic/);
  assert.deepEqual(await inaccessible(page), []);
  await page.getByTestId('held-copy').click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /a test asked for this[\s\S]*name: web/);
  await page.setViewportSize({ width: 360, height: 640 });
  assert.equal(await scrollsSideways(page), false, 'it fits');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.reload();
  await isHeld(page, /podplay-test: panic/);
  // Asked for, it is run, ends another engine, and is held again.
  await page.getByTestId('held-again').click();
  await page.waitForTimeout(500);
  await isHeld(page, /podplay-test: panic/);
  await page.goto('about:blank');
  await page.goto(site.server.url);
  await isHeld(page, /podplay-test: panic/);

  await page.getByTestId('held-edit').click();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.press('Shift+End');
  await page.keyboard.press('Delete');
  await lane(page, 'web/app').waitFor();
  await page.getByTestId('held').waitFor({ state: 'detached' });
  await page.reload();
  await lane(page, 'web/app').waitFor();
}));

test('what was typed last is safe, even if another text was being run', () => site.visit({ allow: ENDED }, async (page) => {
  await paste(page, WEB);
  await lane(page, 'web/app').waitFor();
  await paste(page, asking('panic'));
  await page.getByTestId('held').waitFor();
  assert.equal(await kept(page, 'podplay.text'), asking('panic'));
  // The page is alive: another text runs at once.
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness').waitFor();
}));

test('a run without end of memory says so', () => site.visit({ allow: ENDED }, async (page) => {
  await paste(page, asking('memory'));
  await isHeld(page, /podplay-test: memory/);
  await page.getByTestId('held').getByText('memory').waitFor();
  await page.reload();
  await isHeld(page, /podplay-test: memory/);
  await page.getByTestId('held').getByText('memory').waitFor();
  await page.getByTestId('held-example').click();
  await page.locator('[data-example="liveness"]').click();
  await page.getByTestId('held').waitFor({ state: 'detached' });
  await page.getByTestId('lane').first().waitFor();
}));

test('a run that never ends does not freeze the page, and is not run at the next visit', () => site.visit({ allow: ENDED }, async (page) => {
  await paste(page, asking('freeze'));
  await page.waitForTimeout(1000);
  const next = await page.context().newPage();
  await next.goto(site.server.url);
  await started(next);
  await isHeld(next, /podplay-test: freeze/);
  await next.getByTestId('held').getByText('froze').waitFor();
  await next.close();
  // The page itself answers, gives the run up by itself, and goes on with another text.
  await page.getByTestId('examples').click();
  await page.keyboard.press('Escape');
  await isHeld(page, /podplay-test: freeze/);
  await paste(page, WEB);
  await lane(page, 'web/app').waitFor();
}));

/** The fragment of a link to a text. */
async function linkTo(text) {
  const page = await site.open();
  await paste(page, text);
  await page.getByTestId('share').click();
  const link = await page.getByTestId('share-link').inputValue();
  await page.context().close();
  return new URL(link).hash.slice(1).split('&')[0];
}

test('a link does not take the place of the own text, which is one click away', async () => {
  const theirs = await linkTo(LIVENESS);
  await site.visit({}, async (page) => {
    await paste(page, WEB);
    await lane(page, 'web/app').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${site.server.url}#${theirs}&t=20`);
    await lane(other, 'liveness-exec/liveness').waitFor();
    assert.equal(await kept(other, 'podplay.text'), WEB);
    // The bare address is still the visitor's own.
    const third = await page.context().newPage();
    await third.goto(site.server.url);
    await lane(third, 'web/app').waitFor();
    await third.close();
    // Changed, the link's text is kept like any other, and the own one is still there.
    await paste(other, LIVENESS.replace('periodSeconds: 5', 'periodSeconds: 7'));
    await other.waitForFunction(() => localStorage.getItem('podplay.text').includes('periodSeconds: 7'));
    await other.getByTestId('back-to-mine').click();
    await lane(other, 'web/app').waitFor();
    await other.getByTestId('back-to-mine').waitFor({ state: 'detached' });
    assert.equal(await kept(other, 'podplay.text'), WEB);
    await other.getByTestId('examples').click();
    await other.getByTestId('recover').click();
    await lane(other, 'liveness-exec/liveness').waitFor();
    await other.close();
  });
});

test('a link put into the address of an open tab is opened, at its moment; the address follows', async () => {
  const theirs = await linkTo(LIVENESS);
  await site.visit({}, async (page) => {
    await paste(page, WEB);
    await lane(page, 'web/app').waitFor();
    await page.evaluate((hash) => { location.hash = hash; }, `${theirs}&t=20`);
    await lane(page, 'liveness-exec/liveness').waitFor();
    await podsSay(page, /liveness-exec +1\/1 +Running/);
    assert.equal(Number(await page.getByTestId('playhead').getAttribute('aria-valuenow')), 20);
    await seek(page, 41);
    await page.waitForFunction(() => location.hash.endsWith('&t=41'));
    await page.reload();
    await started(page);
    await podsSay(page, /liveness-exec/);
    assert.equal(Number(await page.getByTestId('playhead').getAttribute('aria-valuenow')), 41);
    await page.getByTestId('back-to-mine').click();
    await lane(page, 'web/app').waitFor();
  });
});

test('a link whose text panics does not break the site', async () => {
  // The link is made where nothing runs: by hand, from a good one with the comment typed into it.
  const page = await site.open({ allow: ENDED });
  await paste(page, WEB);
  await lane(page, 'web/app').waitFor();
  const bad = await page.evaluate(async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return `v1.${btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
  }, asking('panic'));
  const other = await page.context().newPage();
  await other.goto(`${site.server.url}#${bad}`);
  await isHeld(other, /podplay-test: panic/);
  await other.reload();
  await isHeld(other, /podplay-test: panic/);
  const plain = await page.context().newPage();
  await plain.goto(site.server.url);
  await lane(plain, 'web/app').waitFor();
  await other.getByTestId('back-to-mine').click();
  await lane(other, 'web/app').waitFor();
  await play(other, false);
  await page.context().close();
});
