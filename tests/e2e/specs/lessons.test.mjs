// The lessons, as a person goes through them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inaccessible, now, paste, podplay, scrollsSideways } from '../support/podplay.mjs';

const site = podplay();
const source = (name) => readFileSync(new URL(`../../../www/lessons/${name}`, import.meta.url), 'utf8');
const NAMES = source('index.txt').split('\n').filter((line) => line && !line.startsWith('#'));

const calm = { context: { reducedMotion: 'reduce' } };

async function openList(page) {
  await page.getByTestId('lessons-open').click();
  await page.locator('[data-lesson]').first().waitFor();
}

async function open(page, name) {
  await openList(page);
  await page.locator(`[data-lesson="${name}"]`).click();
  await page.locator('#lesson-title').waitFor();
}

const report = (page) => page.getByTestId('lesson-report');
const right = (page) => report(page).locator('.report.right');
const notYet = (page) => report(page).locator('.report.not-yet');

test('the list shows all lessons in order', () => site.visit(calm, async (page) => {
  await openList(page);
  const shown = await page.locator('[data-lesson]').evaluateAll((found) => found.map((one) => one.dataset.lesson));
  assert.deepEqual(shown, NAMES);
  // The code editor takes the place of the plain one meanwhile; axe wants a page that holds still.
  await page.locator('.editor-host:not([hidden])').waitFor();
  assert.deepEqual(await inaccessible(page), []);
}));

test('a lesson is done by typing the answer, and a reload keeps the progress', () => site.visit(calm, async (page) => {
  await open(page, 'startup');
  await page.getByTestId('lesson-check').click();
  await notYet(page).waitFor();
  assert.match(await report(page).innerText(), /restarts == 0/);

  // The moment at which it went wrong is a link.
  await report(page).locator('.when').first().click();
  assert.ok(await now(page) > 10);

  await paste(page, source('startup/manifest.yaml').replace('failureThreshold: 3', 'failureThreshold: 7'));
  await page.getByTestId('lesson-check').click();
  await right(page).waitFor();
  assert.deepEqual(await inaccessible(page), []);

  await page.reload();
  await page.locator('#lesson-title').waitFor();
  await page.getByTestId('editor').filter({ hasText: 'failureThreshold: 7' }).waitFor();
  await page.getByTestId('lesson-list').click();
  await page.locator('.lesson-item.done[data-lesson="startup"]').waitFor();
  assert.equal(await page.locator('.lesson-item.done').count(), 1);
}));

test('another task solved is no answer', () => site.visit(calm, async (page) => {
  await open(page, 'startup');
  await paste(page, source('startup/manifest.yaml').replace('sleep 25', 'sleep 5'));
  await page.getByTestId('lesson-check').click();
  await notYet(page).waitFor();
  assert.match(await report(page).innerText(), /spec\.containers\[app\]\.command/);
}));

test('a text with errors is not judged', () => site.visit(calm, async (page) => {
  await open(page, 'startup');
  await paste(page, 'kind: [');
  await page.getByTestId('lesson-check').click();
  await notYet(page).filter({ hasText: 'errors' }).waitFor();
}));

test('links of the words lead into the run and the text', () => site.visit(calm, async (page) => {
  await open(page, 'startup');
  await page.locator('.prose a[href^="#t=16s"]').click();
  assert.equal(await now(page), 16);
  await page.getByTestId('inspector').getByText('failed startup probe').first().waitFor();
  await page.locator('.prose a[href^="#find="]').first().click();
  assert.equal(await page.evaluate(() => location.hash), '');
}));

test('every model answer can be shown and passes', () => site.visit(calm, async (page) => {
  await open(page, NAMES[0]);
  for (const [index, name] of NAMES.entries()) {
    await page.locator('.count', { hasText: `${index + 1} / ${NAMES.length}` }).first().waitFor();
    await page.getByTestId('lesson-answer').click();
    await page.getByTestId('lesson-show').click();
    await page.getByTestId('lesson-check').click();
    await right(page).waitFor();
    const next = page.getByTestId('lesson-next');
    assert.equal(await next.count(), index + 1 < NAMES.length ? 1 : 0, name);
    if (await next.count()) await next.click();
  }
  await page.getByTestId('lesson-list').click();
  await page.locator('.lesson-item.done').nth(NAMES.length - 1).waitFor();
}));

test('a proposed edit can be made', () => site.visit(calm, async (page) => {
  await open(page, 'startup');
  await page.getByTestId('lesson-edit').click();
  await page.getByTestId('editor').filter({ hasText: 'failureThreshold: 5' }).first().waitFor();
  assert.equal(await page.getByTestId('lesson-edit').count(), 0);
  await page.getByTestId('lesson-again').click();
  await page.getByTestId('editor').filter({ hasText: 'failureThreshold: 3' }).first().waitFor();
}));

test('a link opens a lesson, and the text from before comes back', () => site.visit({ ...calm, hash: 'lesson=hooks' }, async (page) => {
  await page.locator('#lesson-title', { hasText: 'Hooks' }).waitFor();
  await page.getByTestId('editor').filter({ hasText: 'postStart' }).first().waitFor();
  await page.getByTestId('lesson-list').click();
  await page.getByTestId('lessons-own').click();
  await page.getByTestId('editor').filter({ hasText: 'name: patient' }).first().waitFor();
  assert.equal(await page.getByTestId('lessons').count(), 0);
}));

test('a link to a lesson that is not there says so', () => site.visit({ ...calm, hash: 'lesson=no-such-lesson', allow: [/404/, /no-such-lesson/] }, async (page) => {
  await page.getByRole('alert').filter({ hasText: 'could not be fetched' }).waitFor();
  await page.locator('[data-lesson]').first().waitFor();
}));

test('a page in a frame can have the manifest of a lesson', () => site.visit({ ...calm, path: `${new URL(site.server.url).pathname}?embed=fill&lesson=startup&panels=editor,stage,timeline` }, async (page) => {
  await page.locator('[data-lane="slow-starter/app"]').waitFor();
  assert.equal(await page.getByTestId('lessons').count(), 0);
}));

test('a page in a frame can have the words of a lesson', () => site.visit({ ...calm, path: `${new URL(site.server.url).pathname}?embed=fill&lesson=startup` }, async (page) => {
  await page.locator('#lesson-title', { hasText: 'Startup' }).waitFor();
}));

test('lessons come in Korean', () => site.visit({ context: { locale: 'ko-KR', reducedMotion: 'reduce' } }, async (page) => {
  await open(page, 'liveness');
  assert.match(await page.locator('#lesson-title').innerText(), /[가-힣]/);
  await page.getByTestId('language').click();
  await page.locator('#lesson-title', { hasText: 'Liveness: is it still alive?' }).waitFor();
}));

test('at 360 pixels a lesson is a pane of its own', () => site.visit({ context: { viewport: { width: 360, height: 740 }, hasTouch: true, reducedMotion: 'reduce' } }, async (page) => {
  await open(page, 'startup');
  assert.equal(await scrollsSideways(page), false);
  assert.deepEqual(await inaccessible(page), []);
  await page.locator('.prose a[href^="#t=20s"]').click();
  assert.equal(await now(page), 20);
  await page.getByRole('button', { name: 'Lesson', exact: true }).click();
  await page.getByTestId('lesson-check').click();
  await notYet(page).waitFor();
}));

test('without storage lessons work and progress lasts as long as the page', () => site.visit(calm, async (page) => {
  await page.evaluate(() => {
    const refuse = () => { throw new DOMException('denied', 'SecurityError'); };
    Object.defineProperty(Storage.prototype, 'setItem', { value: refuse });
    Object.defineProperty(Storage.prototype, 'getItem', { value: refuse });
  });
  await open(page, 'startup');
  await page.getByTestId('lesson-answer').click();
  await page.getByTestId('lesson-show').click();
  await page.getByTestId('lesson-check').click();
  await right(page).waitFor();
  await page.getByTestId('lesson-list').click();
  await page.locator('.lesson-item.done[data-lesson="startup"]').waitFor();
}));
