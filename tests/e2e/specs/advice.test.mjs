// Advice: beside the findings, explained on a click, mended on another, in both languages.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { paste, podplay } from '../support/podplay.mjs';

const site = podplay();

const HASTY = `apiVersion: v1
kind: Pod
metadata: {name: hasty}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: nginx:1.27
    livenessProbe: {httpGet: {path: /, port: 80}, failureThreshold: 1}
`;

const advice = (page, code) => page.getByTestId('diagnostics').locator(`[data-code="${code}"]`);

test('advice stands at its line, is explained and can be followed', () => site.visit({}, async (page) => {
  await paste(page, HASTY);
  const item = advice(page, 'PP-1009');
  await item.waitFor();
  assert.equal(await item.getAttribute('data-line'), '9');
  assert.equal(await item.getAttribute('data-severity'), 'advice');
  const why = item.getByRole('button', { name: /Why\?/ });
  await why.click();
  await item.locator('h3').filter({ hasText: 'One failure is enough for a restart' }).waitFor();
  assert.equal(await item.locator('pre').count(), 2);
  await why.click();
  await item.locator('.advice-page').waitFor({ state: 'hidden' });
  await item.getByRole('button', { name: 'Set failureThreshold: 3' }).click();
  await item.waitFor({ state: 'detached' });
  await advice(page, 'PP-1103').waitFor();
}));

test('advice is given in Korean', () => site.visit({ context: { locale: 'ko-KR' } }, async (page) => {
  await paste(page, HASTY);
  const item = advice(page, 'PP-1103');
  await item.filter({ hasText: '유예 시간이 0이면' }).waitFor();
  await item.getByRole('button', { name: /왜/ }).click();
  await item.locator('h4').filter({ hasText: '고치는 법' }).waitFor();
}));
