// One person's visit, from the documentation's manifest to the answer to "why 137?".

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inaccessible, now, paste, play, podplay, podsSay, seek, states } from '../support/podplay.mjs';
import { LIVENESS, WEB, computed } from '../support/states.mjs';

const site = podplay();

/** Ignores SIGTERM, so that deleting it ends in a kill. */
const DEAF = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: busybox:1.36
    command: [sh, -c, "sleep 3600"]
`;

const UNKNOWN = `apiVersion: v1
kind: Pod
metadata:
  name: shop
  labels: {app: shop}
spec:
  containers:
  - name: app
    image: registry.example.com/shop:1.4
    tty: true
    ports:
    - containerPort: 8080
    livenessProbe:
      exec:
        command: [/bin/check]
`;

const SHOP = `${UNKNOWN}---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: {app: shop}
  ports:
  - port: 80
    targetPort: 8080
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 60s
  traffic:
  - {service: shop, rps: 10}
  timeline:
  - {at: 30s, fault: {pod: shop, kind: FailHTTP, status: 500}}
`;

const text = (page) => page.evaluate(() => sessionStorage.getItem('podplay.text'));

async function eventually(check, what) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await check()) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  assert.fail(`never: ${what}`);
}

const lane = (page, name, state) => page
  .locator(`[data-testid="lane"][data-lane="${name}"] [data-testid="span"][data-state="${state}"]`).first();

test('the manifest of the documentation: fails, restarts, is broken, undone, shared', () => site.visit({}, async (page) => {
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
  await computed(page);
  const seen = await states(page, 'liveness-exec/liveness');
  assert.ok(seen.filter((state) => state === 'running').length >= 3, seen.join(' '));
  await seek(page, 100);
  await podsSay(page, /liveness-exec +1\/1 +Running +1/);

  // By keyboard only: the palette opens with a key, its first fault is reached by tabs.
  await page.getByTestId('playhead').focus();
  await page.keyboard.press('b');
  await page.getByTestId('fault-palette').waitFor();
  for (let tabs = 0; tabs < 12; tabs += 1) {
    if (await page.evaluate(() => document.activeElement?.dataset?.fault) === 'Crash') break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await eventually(async () => (await text(page)).includes('kind: Crash'), 'the fault is in the text');

  // The marker is dragged, and the text follows; undo brings it back.
  const marker = page.getByTestId('fault-marker');
  const box = await marker.boundingBox();
  const before = await text(page);
  await page.mouse.move(box.x + 8, box.y + 9);
  await page.mouse.down();
  await page.mouse.move(box.x + 90, box.y + 9, { steps: 5 });
  await page.mouse.up();
  await eventually(async () => await text(page) !== before, 'the marker moved the entry');
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(async () => await text(page) === before, 'undo moved it back');
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(async () => (await text(page)).trim() === LIVENESS.trim(), 'undo removed it');

  await computed(page);
  await page.getByTestId('share').click();
  const digest = await page.getByTestId('digest').textContent();
  const link = await page.getByTestId('share-link').inputValue();
  const other = await site.open({ hash: new URL(link).hash.slice(1) });
  await lane(other, 'liveness-exec/liveness', 'stopping').waitFor();
  await computed(other);
  await other.getByTestId('share').click();
  assert.equal(await other.getByTestId('digest').textContent(), digest);
  assert.deepEqual(other.complaints, []);
  await other.context().close();
}));

test('why is the exit code 137?', () => site.visit({}, async (page) => {
  await paste(page, DEAF);
  await lane(page, 'web/app', 'running').waitFor();
  await seek(page, 20);
  const terminal = page.getByTestId('terminal');
  await terminal.fill('kubectl delete pod web --grace-period=5');
  await terminal.press('Enter');
  await eventually(async () => (await text(page)).includes('kubectl: "delete pod web --grace-period=5"'), 'the command is in the text');
  await page.getByTestId('fault-marker').filter({ hasText: 'delete pod web' }).waitFor();
  await lane(page, 'web/app', 'stopping').waitFor();
  await lane(page, 'web', 'failed').waitFor();
  await lane(page, 'web', 'failed').click({ force: true });
  await podsSay(page, /web +0\/1 +Error/);
  await page.getByTestId('pods-table').getByRole('button', { name: /Error/ }).click();
  const inspector = page.getByTestId('inspector');
  await inspector.getByRole('heading', { level: 2 }).filter({ hasText: 'Error' }).waitFor();
  const why = await inspector.locator('.why').textContent();
  for (const part of ['137', 'SIGKILL', 'delete pod']) assert.ok(why.includes(part), `${part} is not in: ${why}`);
}));

test('what had to be assumed can be changed', () => site.visit({}, async (page) => {
  await paste(page, UNKNOWN);
  await lane(page, 'shop/app', 'running').waitFor();
  await seek(page, 20);
  for (const chip of ['image', 'probe', 'field']) await page.locator(`[data-assumption="${chip}"]`).first().waitFor();
  await page.locator('[data-assumption="image"]').click();
  await eventually(async () => (await text(page)).includes('onSigterm: {exitAfter: 0s, code: 0}'), 'the assumption is in the text');
  await page.locator('[data-assumption="written"]').waitFor();
}));

test('traffic reaches ready pods, and the failed share is shown', () => site.visit({}, async (page) => {
  await paste(page, SHOP);
  await lane(page, 'shop/app', 'running').waitFor();
  await computed(page);
  await seek(page, 25);
  await page.getByTestId('flow').filter({ hasText: '10 requests/s' }).filter({ hasText: 'no failures' }).waitFor();
  await page.getByTestId('pod-flow').waitFor();
  await seek(page, 40);
  await page.getByTestId('flow').filter({ hasText: '100 % fail' }).waitFor();
}));

test('the run as a table says what the lanes say, and leads to its moments', () => site.visit({}, async (page) => {
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
  await computed(page);
  await page.getByTestId('playhead').focus();
  await page.keyboard.press('t');
  const table = page.getByTestId('table');
  await table.getByRole('row').filter({ hasText: 'SIGKILL' }).first().waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await table.getByRole('combobox').selectOption({ label: 'liveness-exec / liveness · container' });
  const row = table.getByRole('row').filter({ hasText: 'restart 1' });
  const at = await row.getByRole('button').textContent();
  await row.getByRole('button').click();
  await table.waitFor({ state: 'detached' });
  assert.equal(await page.locator('#playhead-time').textContent(), at);
}));

test('a stretch is looped, by key and by hand', () => site.visit({}, async (page) => {
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
  await seek(page, 20);
  await page.keyboard.press('l');
  const looping = page.getByRole('button', { name: /Looping/ });
  await looping.click();
  await looping.waitFor({ state: 'detached' });
  const lanes = await page.locator('svg.lanes').boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(lanes.x + 400, lanes.y + lanes.height - 4);
  await page.mouse.down();
  await page.mouse.move(lanes.x + 600, lanes.y + lanes.height - 4, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await looping.waitFor();
}));

test('text, picture and trace can be saved', () => site.visit({}, async (page) => {
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
  await computed(page);
  await page.getByTestId('share').click();
  const saved = async (id) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(id).click()]);
    return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') };
  };
  assert.equal((await saved('save-text')).content, LIVENESS);
  const picture = (await saved('save-svg')).content;
  assert.doesNotMatch(picture, /var\(--|class=/);
  assert.match(picture, /fill="rgb\(/);
  const shown = await page.evaluate((svg) => new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')?.textContent ?? '', picture);
  assert.equal(shown, '', 'the picture is XML');
  const { traceEvents } = JSON.parse((await saved('save-trace')).content);
  assert.ok(traceEvents.some((event) => event.ph === 'X' && event.name.includes('restart 1')));
  assert.ok(traceEvents.every((event) => ['X', 'M', 'i'].includes(event.ph) && Number.isInteger(event.pid)));
  assert.match(await page.getByTestId('share-markdown').inputValue(), /^\[podplay\]\(http.*#v1\./);
  assert.match(await page.getByTestId('share-embed').inputValue(), /<pod-playground[^>]*><pre>/);
  assert.match(await page.getByTestId('share-apply').inputValue(), /^kubectl apply -f - <<'EOF'/);
}));

test('two tabs keep their own texts', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await lane(page, 'web/app', 'running').waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await lane(other, 'web/app', 'running').waitFor();
  await paste(other, LIVENESS);
  await lane(other, 'liveness-exec/liveness', 'running').waitFor();
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await page.reload();
  await lane(page, 'web/app', 'running').waitFor();
  await other.reload();
  await lane(other, 'liveness-exec/liveness', 'running').waitFor();
  // What one tab saved over the other's is not lost either.
  await paste(page, WEB.replace('name: web', 'name: third'));
  await lane(page, 'third/app', 'running').waitFor();
  await page.getByTestId('examples').click();
  await page.getByTestId('recover').click();
  await lane(page, 'liveness-exec/liveness', 'running').waitFor();
  await other.close();
}));

/** Made by version 0.1.0; links of this kind are out in the world. */
const OLD = 'v1.LcoxCoAwDEbhPaf4L6Cgi5BTOLnHNkiQpqUt6vFFcHwfT4ptWptlZ1wTneaRseZISbtE6cIEuCRl3LpTKxo-Cdm7mGttXw3_IaUQAFiSQxl-mD88jfNCLw&t=12.5';

test('a link that an older version made still opens', () => site.visit({ hash: OLD }, async (page) => {
  await lane(page, 'web/app', 'running').waitFor();
  assert.equal(await now(page), 12.5);
  await play(page, false);
}));
