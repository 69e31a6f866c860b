// The terminal prints what kubectl prints: what `podplay session` says to the same commands at the same moments.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { now, paste, podplay, seek } from '../support/podplay.mjs';
import { computed } from '../support/states.mjs';

const site = podplay();

/** The command-line program, which `cargo xtask test` builds. */
const CLI = process.env.PODPLAY_CLI ?? fileURLToPath(new URL('../../../target/debug/podplay', import.meta.url));

const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
      - name: app
        image: busybox:1.36
        command: [sh, -c, 'trap exit TERM; while true; do echo open; sleep 1; done']
`;
const TEXT = `${SHOP}---
apiVersion: podplay/v1
kind: Scenario
spec:
  start: "2026-11-22T10:00:00Z"
  node: {profile: recorded}
  duration: 4m
`;

/** What `podplay session` answers to commands, each at its second. */
function session(asked) {
  const lines = [{ t: 0, argv: ['apply', '-f', '-'], stdin: SHOP }, ...asked].map((one) => JSON.stringify(one)).join('\n');
  const out = execFileSync(CLI, ['session'], { input: `${lines}\n`, encoding: 'utf8' });
  return out.trim().split('\n').slice(1).map((line) => JSON.parse(line));
}

const text = (page) => page.evaluate(() => sessionStorage.getItem('podplay.text'));
const words = (line) => line.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ''));
const trimmed = (said) => said.trimEnd();

/** Types a line; the answer once it is there. */
async function type(page, line) {
  const before = await page.locator('.scrollback .typed').count();
  const terminal = page.getByTestId('terminal');
  await terminal.fill(line);
  await terminal.press('Enter');
  await page.locator('.scrollback .typed').nth(before).waitFor();
  // What an entry of the text prints comes once its run is there; some commands print nothing.
  for (let tries = 0; tries < 40; tries += 1) {
    const said = await answer(page, before);
    if (said) return said;
    await page.waitForTimeout(50);
  }
  return '';
}

/** What is on the screen between a typed line and the next one. */
function answer(page, line) {
  return page.evaluate((index) => {
    const typed = document.querySelectorAll('.scrollback .typed')[index];
    let said = '';
    for (let node = typed.nextSibling; node && !(node.classList?.contains('prompt')); node = node.nextSibling) {
      if (node.dataset?.testid === 'answer') said = node.textContent;
    }
    return said;
  }, line);
}

const needs = existsSync(CLI) ? {} : { skip: `${CLI} is not built` };

test('fifteen commands print what podplay session prints for them', needs, () => site.visit({}, async (page) => {
  await paste(page, TEXT);
  await page.locator('[data-lane^="shop-"]').first().waitFor();
  await computed(page);
  await seek(page, 30);
  const pod = (await page.getByTestId('pods-table').innerText()).match(/shop-\w+-\w+/)[0];
  const lines = [
    'kubectl exec deploy/shop -- ls /',
    'kubectl delete pod nope',
    'kubectl scale deploy/shop --replicas=abc',
    'kubectl apply -f foo.yaml',
    'kubectl debug',
    'kubectl create deployment',
    'kubectl',
    'k get pods',
    'kubectl kubectl get deploy',
    'kubectl explain pod',
    'kubectl create deployment api --image=nginx',
    'kubectl scale deploy/shop --replicas=3',
    `kubectl exec ${pod} -- sh -c 'echo here > /tmp/note; cat /tmp/note'`,
    'kubectl get deploy -o name',
    `kubectl delete pod ${pod} --wait=false`,
    'kubectl logs nope',
  ];
  const shown = [];
  const asked = [];
  for (const line of lines) {
    const t = await now(page);
    asked.push({ t, argv: words(line).filter((word) => word !== 'k' && word !== 'kubectl') });
    shown.push(trimmed(await type(page, line)));
  }
  session(asked).forEach((answer, index) => {
    assert.equal(shown[index], trimmed(answer.stdout + answer.stderr), lines[index]);
  });
}));

test('what fails, and what only looks, never becomes part of the text', () => site.visit({}, async (page) => {
  await paste(page, TEXT);
  await page.locator('[data-lane^="shop-"]').first().waitFor();
  await seek(page, 30);
  const before = await text(page);
  for (const line of ['delete pod nope', 'scale deploy/shop --replicas=abc', 'apply -f foo.yaml', 'exec deploy/shop -- false',
    'exec deploy/shop -- ls /', 'create deployment', 'gte pods', 'get pods | grep shop', 'get pods > f', 'ls -l']) {
    assert.notEqual(await type(page, line), '', line);
  }
  assert.equal(await text(page), before);
  assert.doesNotMatch(await page.evaluate(() => document.querySelector('.findings').className), /error/);
  await type(page, 'exec deploy/shop -- touch /tmp/there');
  await page.waitForFunction(() => sessionStorage.getItem('podplay.text').includes('touch /tmp/there'));
}));

test('get -w and logs -f follow the playhead until Ctrl-C', needs, () => site.visit({}, async (page) => {
  await paste(page, TEXT);
  await page.locator('[data-lane^="shop-"]').first().waitFor();
  await computed(page);
  await seek(page, 0);
  const first = await type(page, 'get po -w');
  await seek(page, 20);
  const last = page.locator('.scrollback [data-testid="answer"]').last();
  await last.filter({ hasText: 'Running' }).waitFor();
  const [answer] = session([{ t: 0, argv: ['get', 'po', '-w'], killed_after: 20 }]);
  assert.equal(trimmed(await last.innerText()), trimmed(answer.stdout));
  assert.ok(answer.stdout.startsWith(first.split('\n')[0]));
  await page.getByTestId('terminal').press('Control+c');
  await last.filter({ hasText: '^C' }).waitFor();

  await type(page, 'logs deploy/shop -f --tail=1');
  const lines = async () => (await page.locator('.scrollback [data-testid="answer"]').last().innerText()).split('\n').length;
  const few = await lines();
  await seek(page, 40);
  await page.waitForTimeout(300);
  assert.ok(await lines() >= few + 10, `${few}, then ${await lines()}`);
  await page.getByTestId('interrupt').click();
  await page.getByTestId('interrupt').waitFor({ state: 'detached' });
  assert.doesNotMatch(await text(page), /kubectl:/);
}));

test('Tab completes, arrows recall, clear and history, pipes', () => site.visit({}, async (page) => {
  await paste(page, TEXT);
  await page.locator('[data-lane^="shop-"]').first().waitFor();
  await seek(page, 30);
  const terminal = page.getByTestId('terminal');
  const tab = async (line, expected) => {
    await terminal.fill(line);
    await terminal.press('Tab');
    await page.waitForFunction((wanted) => document.getElementById('terminal-input').value === wanted, expected);
  };
  await tab('descr', 'describe ');
  await tab('k rollout stat', 'k rollout status ');
  await tab('get deploy/s', 'get deploy/shop ');
  await tab('delete pod x --gra', 'delete pod x --grace-period=');
  await terminal.fill('get pods -o js');
  // Completed, then listed; one more that can change nothing leaves the line: there is no trap.
  const here = () => page.evaluate(() => document.activeElement.id === 'terminal-input');
  for (let tabs = 0; tabs < 6 && await here(); tabs += 1) {
    await terminal.press('Tab');
    await page.waitForTimeout(200);
  }
  assert.equal(await here(), false);
  assert.equal((await type(page, 'get pods | grep -c shop')).trim(), '2');
  assert.equal((await type(page, 'get deploy shop -o json | jq -r .metadata.name')).trim(), 'shop');
  assert.match(await type(page, 'history'), /get deploy shop -o json/);
  await terminal.press('ArrowUp');
  await terminal.press('ArrowUp');
  assert.equal(await terminal.inputValue(), 'get deploy shop -o json | jq -r .metadata.name');
  await terminal.fill('clear');
  await terminal.press('Enter');
  await page.locator('.scrollback').waitFor({ state: 'detached' });
}));

test('the namespace is that of the selected pod', () => site.visit({}, async (page) => {
  await paste(page, `apiVersion: v1
kind: Namespace
metadata: {name: back}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: back}
spec:
  containers:
  - {name: app, image: nginx:1.27}
`);
  await page.locator('[data-lane="web/app"]').first().waitFor();
  await seek(page, 10);
  assert.match(await page.getByTestId('pods-table').innerText(), /web +1\/1 +Running/);
  assert.match(await type(page, 'get pods'), /web +1\/1/);
  assert.match(await type(page, 'get pods -n default'), /No resources found/);
}));
