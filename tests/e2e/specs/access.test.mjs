// For everybody: fingers, a large zoom, forced colours, no motion, an input method, no sight.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, paste, play, podplay, scrollsSideways, seek } from '../support/podplay.mjs';
import { LIVENESS, computed } from '../support/states.mjs';

const site = podplay();

const marks = (page) => page.locator('.axis-marks text').allTextContents();

async function stopped(page) {
  await paste(page, LIVENESS);
  await page.locator('[data-lane="liveness-exec/liveness"] [data-state="stopping"]').first().waitFor();
  await computed(page);
}

async function eventually(check, what) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await check()) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  assert.fail(`never: ${what}`);
}

test('two fingers zoom the timeline, one pans it', () => site.visit({ context: { viewport: { width: 360, height: 740 }, hasTouch: true } }, async (page) => {
  const fingers = await page.context().newCDPSession(page);
  const touch = (type, ...points) => fingers.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await page.locator('[data-testid="span"]').first().waitFor();
  await computed(page);
  const whole = await marks(page);
  const { y, height } = await page.locator('svg.lanes').boundingBox();
  const middle = y + height / 2;
  await touch('touchStart', [180, middle], [240, middle]);
  for (let n = 1; n <= 6; n += 1) await touch('touchMove', [180 - n * 8, middle], [240 + n * 8, middle]);
  await touch('touchEnd');
  await eventually(async () => String(await marks(page)) !== String(whole), 'the axis is zoomed');
  const zoomed = await marks(page);
  await touch('touchStart', [300, middle]);
  for (let n = 1; n <= 8; n += 1) await touch('touchMove', [300 - n * 20, middle]);
  await touch('touchEnd');
  await eventually(async () => String(await marks(page)) !== String(zoomed), 'the axis is panned');
}));

test('at a zoom of 200 % everything is there', () => site.visit({ context: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 } }, async (page) => {
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual(await inaccessible(page), []);
  await page.getByTestId('play').click();
}));

test('with forced colours nothing is lost', () => site.visit({ context: { forcedColors: 'active' } }, async (page) => {
  await stopped(page);
  assert.deepEqual(await inaccessible(page), []);
  const shown = await page.locator('[data-state="stopping"] .bar').first().evaluate((bar) => getComputedStyle(bar).stroke);
  assert.notEqual(shown, 'none', 'a bar has an edge');
}));

test('who wants no motion gets none', () => site.visit({ context: { reducedMotion: 'reduce' } }, async (page) => {
  await stopped(page);
  await play(page);
  await page.waitForTimeout(600);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
}));

test('an input method composes Korean in the editor', () => site.visit({}, async (page) => {
  const keys = await page.context().newCDPSession(page);
  await paste(page, '# ');
  for (const text of ['ㅎ', '하', '한']) await keys.send('Input.imeSetComposition', { text, selectionStart: 1, selectionEnd: 1 });
  await keys.send('Input.insertText', { text: '한글' });
  await eventually(() => page.evaluate(() => sessionStorage.getItem('podplay.text') === '# 한글'), 'the text holds what was composed');
}));

test('the playhead says where it stands, and what happened there', () => site.visit({}, async (page) => {
  await stopped(page);
  await seek(page, 50);
  const playhead = page.getByTestId('playhead');
  assert.match(await playhead.getAttribute('aria-valuetext'), /0:50\.0 of 5:00\.0/);
  await page.locator('#live').filter({ hasText: /^50s: .*(SIGTERM|liveness probe)/ }).waitFor({ state: 'attached' });
}));
