// What holds a thing up is said without a click, in the same words everywhere, with what would mend it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, paste, podplay, podsSay, scrollsSideways, seek } from '../support/podplay.mjs';

const site = podplay();

/** A Deployment that refers to a Secret by a name with a slip in it. */
const SLIP = `apiVersion: v1
kind: Secret
metadata:
  name: database
stringData:
  password: x
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
      - name: app
        image: nginx:1.27
        env:
        - name: PASSWORD
          valueFrom:
            secretKeyRef: {name: databse, key: password}
`;

const text = (page) => page.evaluate(() => sessionStorage.getItem('podplay.text'));

async function mended(page, words) {
  const verdict = page.getByTestId('verdict');
  await verdict.filter({ hasText: 'databse' }).waitFor();
  await page.getByTestId('remedy').first().filter({ hasText: 'database' }).waitFor();
  const sentence = await verdict.getByRole('heading', { level: 2 }).innerText();
  // The card, the chip and the list below the editor say the same.
  assert.ok((await page.getByTestId('card-verdict').first().innerText()).includes(sentence), sentence);
  assert.ok((await page.locator('[data-object="Deployment/shop"]').innerText()).includes(sentence), sentence);
  assert.ok((await page.getByTestId('troubles').textContent()).includes(sentence), sentence);
  assert.match(await page.evaluate(() => document.querySelector('.findings').className), /warning/);
  assert.deepEqual(await inaccessible(page), []);

  await page.getByTestId('remedy-compare').first().click();
  await page.getByTestId('compared').filter({ hasText: words.ready }).waitFor();
  await page.keyboard.press('Escape');

  const before = await text(page);
  await page.getByTestId('remedy-try').first().focus();
  await page.keyboard.press('Enter');
  await podsSay(page, /shop-\w+-\w+ +1\/1 +Running/);
  await verdict.waitFor({ state: 'detached' });
  const after = await text(page);
  const changed = after.split('\n').filter((line, index) => line !== before.split('\n')[index]);
  assert.equal(changed.length, 1, changed.join('\n'));
  await page.getByRole('button', { name: words.undo }).click();
  await page.waitForFunction((wanted) => sessionStorage.getItem('podplay.text') === wanted, before);
}

test('a misspelt Secret: which, the nearest name, tried, undone', () => site.visit({}, async (page) => {
  await paste(page, SLIP);
  await page.locator('[data-object="Deployment/shop"]').waitFor();
  await seek(page, 30);
  await mended(page, { ready: '1/1 Running', undo: 'Undo' });
}));

test('the same in Korean', () => site.visit({ context: { locale: 'ko-KR' } }, async (page) => {
  await paste(page, SLIP);
  await page.locator('[data-object="Deployment/shop"]').waitFor();
  await seek(page, 30);
  await mended(page, { ready: '1/1 Running', undo: '실행 취소' });
}));

test('at 360 px it fits', () => site.visit({ context: { viewport: { width: 360, height: 740 } } }, async (page) => {
  await page.getByRole('button', { name: 'Manifest' }).click();
  await paste(page, SLIP);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByTestId('card-verdict').first().filter({ hasText: 'databse' }).waitFor();
  assert.equal(await scrollsSideways(page), false);
  await page.getByRole('button', { name: 'Inspect' }).click();
  await page.getByTestId('remedy').first().waitFor();
  assert.equal(await scrollsSideways(page), false);
}));

test('objects that are no pods can be asked; a chosen record says that it is pinned', () => site.visit({}, async (page) => {
  await paste(page, SLIP.replace('databse', 'database'));
  await page.locator('[data-object="Deployment/shop"]').waitFor();
  await seek(page, 30);
  await page.locator('[data-object="Deployment/shop"] button').click();
  await page.locator('[data-tab="describe"]').click();
  await page.getByRole('tabpanel').getByText('RollingUpdateStrategy').waitFor();
  await page.getByRole('button', { name: 'Look at Node node01' }).click();
  await page.getByRole('tabpanel').getByText('Allocatable').first().waitFor();
  await page.locator('[data-tab="why"]').click();
  await page.getByTestId('span').first().click({ force: true });
  await page.getByTestId('pinned').waitFor();
  await page.getByTestId('unpin').click();
  await page.getByTestId('pinned').waitFor({ state: 'detached' });
}));
