// What a person does: paste, play, break, look back, share, switch, reload.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, now, paste, play, podplay, podsSay, resting, scrollsSideways, seek, states } from '../support/podplay.mjs';
import { LIVENESS, WEB } from '../support/states.mjs';

const site = podplay();

const FORGETFUL = `apiVersion: v1
kind: Pod
metadata:
  name: forgetful
spec:
  containers:
  - name: app
    image: busybox:1.36
    args: [/bin/sh, -c, "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"]
    livenessProbe:
      exec:
        command: [cat, /tmp/healthy]
      initialDelaySeconds: 5
      periodSeconds: 5
`;

/** The text in the editor. */
const text = (page) => page.getByTestId('editor').evaluate((editor) => editor.value
  ?? [...editor.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n'));

/** Waits until the code editor has taken the place of the textarea. */
async function editorReady(page) {
  await page.locator('.editor-host [data-testid="editor"]').waitFor();
}

/** Waits until the text holds this. */
async function textSays(page, part) {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await text(page)).includes(part)) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`the text does not hold ${part}:\n${await text(page)}`);
}

/** Waits until a lane shows a state. */
const laneShows = (page, lane, state) => page
  .locator(`[data-testid="lane"][data-lane="${lane}"] [data-testid="span"][data-state="${state}"]`).first().waitFor();

async function breaks(page, fault) {
  await page.getByTestId('faults').click();
  await page.locator(`[data-fault="${fault}"]`).click();
}

test('a pasted pod runs, crashes when told to, restarts, and can be looked at before that', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await laneShows(page, 'web/app', 'running');
  await play(page);
  await podsSay(page, 'Running');
  await breaks(page, 'Crash');
  const crashedAt = await now(page);
  await textSays(page, 'kind: Crash');
  await page.getByTestId('fault-marker').waitFor();
  await page.getByTestId('next-restart').click();
  await play(page);
  await podsSay(page, /web +1\/1 +Running +1/);
  await play(page, false);
  const lane = await states(page, 'web/app');
  assert.ok(lane.filter((state) => state === 'running').length >= 2, lane.join(' '));
  await seek(page, crashedAt - 0.2);
  assert.ok(await now(page) < crashedAt);
  await podsSay(page, /web +1\/1 +Running +0/);
}));

test('a failing liveness probe restarts the container, and Why says so', () => site.visit({}, async (page) => {
  await paste(page, FORGETFUL);
  await laneShows(page, 'forgetful/app', 'stopping');
  await page.locator('[data-lane="forgetful/app"] [data-state="stopping"]').first().click();
  await page.getByTestId('inspector').getByText('/tmp/healthy').first().waitFor();
  await page.locator('[data-container="app"][data-state="stopping"]').waitFor();
}));

test('deleting a pod is an entry of the text, and undo takes it back', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await editorReady(page);
  await play(page);
  await podsSay(page, 'Running');
  await play(page, false);
  await page.getByTestId('delete-pod').click();
  await textSays(page, 'delete pod web');
  await page.getByRole('button', { name: 'Undo' }).click();
  for (let tries = 0; tries < 40 && (await text(page)).includes('delete pod web'); tries += 1) await page.waitForTimeout(50);
  assert.equal((await text(page)).trim(), WEB.trim());
}));

test('a fault is added, moved and removed by keyboard alone', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await laneShows(page, 'web/app', 'running');
  await page.getByTestId('playhead').focus();
  await seek(page, 20);
  await page.keyboard.press('b');
  await page.locator('[data-fault="Crash"]').focus();
  await page.keyboard.press('Enter');
  const marker = page.getByTestId('fault-marker');
  await marker.waitFor();
  const before = await text(page);
  await marker.focus();
  await page.keyboard.press('ArrowRight');
  for (let tries = 0; tries < 40 && (await text(page)) === before; tries += 1) await page.waitForTimeout(50);
  assert.notEqual(await text(page), before);
  await page.getByTestId('fault-marker').focus();
  await page.keyboard.press('Delete');
  await marker.waitFor({ state: 'detached' });
  assert.equal((await text(page)).trim(), WEB.trim());
}));

test('a marker is dragged, and the text follows', () => site.visit({}, async (page) => {
  await paste(page, `${WEB}---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  timeline:\n  - {at: 60s, fault: {pod: web, kind: Crash}} # here\n`);
  const marker = page.getByTestId('fault-marker');
  await marker.waitFor();
  const box = await marker.boundingBox();
  await page.mouse.move(box.x + 6, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + 150, box.y + 10, { steps: 6 });
  await page.mouse.up();
  for (let tries = 0; tries < 40 && (await text(page)).includes('at: 60s'); tries += 1) await page.waitForTimeout(50);
  assert.doesNotMatch(await text(page), /at: 60s/);
  assert.match(await text(page), /# here/, 'comments stay');
}));

for (const [name, bad, line] of [
  ['broken YAML', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n   labels: y\n', 5],
  ['nesting without end', 'a: [a: ['.repeat(120_000), 1],
  ['a Deployment without a selector', 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    metadata:\n      labels: {a: b}\n    spec:\n      containers:\n      - {name: c, image: nginx}\n', null],
]) {
  test(`${name} gives a diagnostic with a line, and loses nothing`, () => site.visit({}, async (page) => {
    await paste(page, bad);
    const finding = page.getByTestId('diagnostics').locator('[data-severity="error"]').first();
    await finding.waitFor();
    const found = Number(await finding.getAttribute('data-line'));
    assert.ok(found >= 1);
    if (line) assert.equal(found, line);
    assert.equal(await page.evaluate(() => localStorage.getItem('podplay.text')), bad);
    await paste(page, WEB);
    await laneShows(page, 'web/app', 'running');
  }));
}

test('an empty text shows an empty stage', () => site.visit({}, async (page) => {
  await paste(page, ' ');
  await page.getByText('No pods at this moment').waitFor();
}));

test('a link opens the same run in another browser, at the same moment', () => site.visit({ context: { permissions: ['clipboard-read', 'clipboard-write'] } }, async (page) => {
  await paste(page, FORGETFUL);
  await laneShows(page, 'forgetful/app', 'stopping');
  await seek(page, 60);
  await page.getByTestId('share').click();
  const link = await page.getByTestId('share-link').inputValue();
  const digest = await page.getByTestId('digest').textContent();
  const other = await site.open({ hash: new URL(link).hash.slice(1) });
  await laneShows(other, 'forgetful/app', 'stopping');
  await textSays(other, 'forgetful');
  assert.ok(Math.abs(await now(other) - await now(page)) < 0.01);
  await other.getByTestId('share').click();
  assert.equal(await other.getByTestId('digest').textContent(), digest);
  assert.deepEqual(other.complaints, []);
  await other.context().close();
}));

test('the language can be switched, and the choice and the text survive a reload', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await laneShows(page, 'web/app', 'running');
  await page.getByTestId('language').click();
  await page.getByText('예제').waitFor();
  await page.reload();
  await page.getByText('예제').waitFor();
  await textSays(page, 'name: web');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
}));

test('a file can be dropped', () => site.visit({}, async (page) => {
  await page.evaluate((manifest) => {
    const data = new DataTransfer();
    data.items.add(new File([manifest], 'pod.yaml'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, WEB);
  await laneShows(page, 'web/app', 'running');
}));

test('the terminal answers, and what changes the cluster becomes part of the text', () => site.visit({}, async (page) => {
  await paste(page, WEB);
  await laneShows(page, 'web/app', 'running');
  await seek(page, 20);
  const terminal = page.getByTestId('terminal');
  await terminal.fill('kubectl get nodes');
  await terminal.press('Enter');
  await page.getByTestId('inspector').getByText('node01').first().waitFor();
  await terminal.fill('delete pod web --now');
  await terminal.press('Enter');
  await textSays(page, 'delete pod web --now');
  const log = page.getByRole('log');
  await log.filter({ hasText: 'kubectl get nodes' }).filter({ hasText: 'delete pod web --now' }).waitFor();
  await terminal.press('ArrowUp');
  assert.equal(await terminal.inputValue(), 'delete pod web --now');
  await terminal.press('ArrowUp');
  assert.equal(await terminal.inputValue(), 'kubectl get nodes');
  await terminal.press('ArrowDown');
  await terminal.press('ArrowDown');
  assert.equal(await terminal.inputValue(), '');
}));

test('what holds a pod up is said on the stage and answers the question why', () => site.visit({}, async (page) => {
  await paste(page, `${WEB}    volumeMounts: [{name: settings, mountPath: /etc/settings}]\n  volumes:\n  - name: settings\n    configMap: {name: nowhere}\n`);
  await seek(page, 20);
  await page.getByTestId('stage').locator('.trouble').filter({ hasText: 'configmap "nowhere" not found' }).waitFor();
  await page.getByTestId('inspector').getByRole('heading', { level: 2 }).filter({ hasText: 'nowhere' }).waitFor();
}));

test('what the API server refuses is said where the pod would be', () => site.visit({}, async (page) => {
  await paste(page, `${WEB.replace('name: web', 'name: web\n  namespace: nowhere')}---\napiVersion: podplay/v1\nkind: Scenario\nspec: {assume: strict}\n`);
  await page.getByTestId('stage').getByText('namespaces "nowhere" not found').waitFor();
}));

for (const [locale, words] of [['en-US', /restarts the container/], ['ko-KR', /컨테이너를 재시작/]]) {
  test(`words about a field come when the pointer rests on it: ${locale}`, () => site.visit({ context: { locale } }, async (page) => {
    await paste(page, LIVENESS);
    const line = page.locator('.editor-host .cm-line').filter({ hasText: 'livenessProbe' });
    const card = page.locator('.cm-about').filter({ hasText: words });
    // The editor scrolls to the end of what was pasted: the pointer follows the line, as a person's would.
    for (let tries = 0; tries < 6 && !await card.isVisible(); tries += 1) {
      await line.scrollIntoViewIfNeeded();
      const { x, y } = await resting(line);
      await page.mouse.move(x + 60, y + 8);
      await page.mouse.move(x + 66, y + 9);
      await card.waitFor({ timeout: 3_000 }).catch(() => {});
    }
    await card.waitFor({ timeout: 1_000 });
  }));
}

for (const id of ['two', 'init', 'probes', 'sidecar', 'crash', 'prestop', 'flap', 'rollout']) {
  test(`the example ${id} runs`, () => site.visit({}, async (page) => {
    await page.getByTestId('examples').click();
    await page.locator(`[data-example="${id}"]`).click();
    await page.locator('[data-testid="span"][data-state="running"]').first().waitFor();
    assert.equal(await page.getByTestId('diagnostics').locator('[data-severity="error"]').count(), 0);
  }));
}

test('at 360 pixels the panes are tabs', () => site.visit({ context: { viewport: { width: 360, height: 740 }, hasTouch: true } }, async (page) => {
  for (const pane of ['Manifest', 'Run', 'Inspect']) {
    await page.getByRole('button', { name: pane, exact: true }).click();
    assert.equal(await scrollsSideways(page), false, pane);
    assert.deepEqual(await inaccessible(page), [], pane);
  }
}));

for (const dialog of ['share', 'examples', 'faults']) {
  test(`axe finds nothing in the dialog ${dialog}`, () => site.visit({}, async (page) => {
    await page.getByTestId(dialog).click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }));
}

test('the timeline is as high as it was made, by pointer or keys, after a reload too', () => site.visit({}, async (page) => {
  const height = async () => (await page.getByTestId('timeline').boundingBox()).height;
  const edge = page.getByRole('separator');
  // It is as high as its lanes need; they come with the run.
  const lanes = page.getByTestId('lane').first();
  await lanes.waitFor();
  const before = await height();
  const { x, y } = await edge.boundingBox();
  await page.mouse.move(x + 300, y + 4);
  await page.mouse.down();
  await page.mouse.move(x + 300, y - 96, { steps: 4 });
  await page.mouse.up();
  assert.ok(Math.abs(await height() - before - 100) < 3, `${before} became ${await height()}`);
  await edge.press('ArrowDown');
  const made = await height();
  assert.ok(Math.abs(made - before - 76) < 3, `${before} became ${made}`);
  await page.reload();
  await edge.waitFor();
  assert.ok(Math.abs(await height() - made) < 1.5);
  await lanes.waitFor();
  assert.ok(Math.abs(await height() - made) < 1.5);
  await edge.dblclick();
  assert.ok(Math.abs(await height() - before) < 1.5);
}));

test('a fault that can do nothing to the target says why', () => site.visit({}, async (page) => {
  await paste(page, FORGETFUL);
  await laneShows(page, 'forgetful/app', 'running');
  await page.getByTestId('faults').click();
  for (const [fault, reason] of [['HookFails', 'no hooks'], ['ConfigMissing', 'no ConfigMap'], ['FailHTTP', 'listens']]) {
    const button = page.locator(`[data-fault="${fault}"]`);
    assert.ok(await button.isDisabled(), fault);
    assert.ok((await button.textContent()).includes(reason), fault);
  }
  assert.ok(await page.locator('[data-fault="Crash"]').isEnabled());
}));
