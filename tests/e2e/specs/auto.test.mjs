// `data-auto`: the blocks of articles that were written before there was podplay.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { podplay } from '../support/podplay.mjs';
import { frameOf, openHost, outcome, run, scriptOf } from '../support/embedding.mjs';

const site = podplay({ cache: true });
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Where the playgrounds are: the ids of the blocks before them. */
const upgraded = (page) => page.locator('pod-playground').evaluateAll((found) => found.map((one) => one.previousElementSibling.id));

/** What the blocks say without what their highlighters add. */
const WHOLE = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: nginx:1.27\n';
const LIST = 'containers:\n- name: app\n  image: nginx:1.27\n';
const TEXTS = { fenced: WHOLE, marked: WHOLE, table: LIST, lang: LIST, inline: 'name: app\nimage: nginx:1.27\n' };

for (const [name, expected] of Object.entries({
  'hugo.html': ['fenced', 'table', 'inline'],
  'mdbook.html': ['fenced'],
  'docusaurus.html': ['fenced'],
  'plain.html': ['marked', 'unmarked', 'lang', 'several'],
})) {
  test(`blocks as in ${name} get a button, and others stay as they are`, async () => {
    const html = (await readFile(here(`../embedding/rendered/${name}`), 'utf8')).replace('<head>', '<head><link rel="icon" href="data:,">').replace('</body>', `${scriptOf(site, 'data-auto')}</body>`);
    const { page, close } = await openHost(site, html, {});
    assert.deepEqual(await upgraded(page), expected);
    for (const [index, id] of expected.entries()) {
      if (id in TEXTS) assert.equal(await page.locator(`pod-playground >> nth=${index}`).evaluate((one) => one.text), TEXTS[id], id);
    }
    await run(page, 'pod-playground >> nth=0');
    await (await frameOf(page, 'pod-playground >> nth=0')).locator('[data-lane="web/app"]').first().waitFor();
    assert.deepEqual(page.complaints, []);
    await close();
  });
}

test('what is a Pod, a piece of one, or neither', async () => {
  const { isPod } = await import('../../../www/embed/podplay-embed.js');
  const table = [
    ['kind: Pod', true], ['apiVersion: apps/v1\nkind: Deployment\n', true], ['kind: "CronJob" # nightly', true],
    ['kind: ConfigMap', false], ['kind: Service', false], ['kind: ConfigMap\n---\nkind: Pod', true],
    ['initContainers:\n- name: a\n  image: b\n', true], ['  containers:\n  - name: a\n    image: b\n', true],
    ['- name: a\n  image: b\n  args: ["-x"]\n- name: c\n  image: d\n', true], ['name: a\nimage: b\n', true],
    ['metadata:\n  name: a\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n', true],
    ['livenessProbe:\n  exec: {command: [cat, /x]}\n', true], ['lifecycle:\n  preStop: {exec: {command: [sleep, "5"]}}\n', true],
    ['# a note\n\nimage: b\nports:\n- containerPort: 80\n', true],
    ['services:\n  web:\n    image: nginx\n', false], ['image: ruby:3\nscript: rake\n', false], ['image: nginx\n', false],
    ['jobs:\n  a:\n    container: {image: x}\n', false], ['- name: Install\n  run: make\n', false],
    ['- hosts: all\n  tasks: []\n', false], ['', false], ['# nothing\n', false], ['just words', false], ['kind of Pod', false],
    ['apiVersion: serving.knative.dev/v1\nkind: Configuration\nspec: {template: {spec: {containers: []}}}', false],
  ];
  for (const [text, expected] of table) assert.equal(isPod(text), expected, text);
});

const POST = 'pods.html';
let folder;

/** Builds the post with the real Jekyll; `script` is the site that it names, if it embeds. */
async function jekyll(script) {
  const target = await mkdtemp(join(folder, 'site-'));
  const source = join(target, 'source');
  await cp(here('../embedding/jekyll'), source, { recursive: true });
  if (script) {
    const [post] = await readdir(join(source, '_posts'));
    const path = join(source, '_posts', post);
    await writeFile(path, (await readFile(path, 'utf8')).replace('layout: post\n', `layout: post\npodplay: ${script}\n`));
  }
  execFileSync('jekyll', ['build', '--quiet', '--disable-disk-cache', '--source', source, '--destination', join(target, 'out')], { stdio: ['ignore', 'pipe', 'pipe'] });
  return join(target, 'out');
}

function hasJekyll() {
  try {
    execFileSync('jekyll', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('jekyll is not installed (apt-get install jekyll): the test of the real post is skipped');
    return false;
  }
}

before(async () => { folder = await mkdtemp(join(tmpdir(), 'podplay-jekyll-')); });
after(() => rm(folder, { recursive: true, force: true }));

/** How everything in the article looks. */
const looks = (page) => page.evaluate(() => [...document.querySelectorAll('article, article *')].filter((element) => !element.closest('pod-playground')).map((element) => {
  const { color, backgroundColor, fontSize, fontFamily, letterSpacing, display, paddingTop, marginBottom, textTransform } = getComputedStyle(element);
  return [element.tagName, color, backgroundColor, fontSize, fontFamily, letterSpacing, display, paddingTop, marginBottom, textTransform].join(' ');
}));
/** The article's elements without the playgrounds. */
const article = (page) => page.evaluate(() => {
  const copy = document.querySelector('article').cloneNode(true);
  for (const playground of copy.querySelectorAll('pod-playground')) playground.remove();
  return copy.innerHTML;
});

test('a post of a real Jekyll can be run block by block, and is otherwise unchanged', { skip: !hasJekyll() }, async () => {
  const [plain, playable] = [await jekyll(), await jekyll(site.server.url)];
  const open = (root) => openHost(site, undefined, { root, path: `/${POST}`, allow: [/favicon|404/] });
  const before = await open(plain);
  const { page, close } = await open(playable);
  try {
    assert.equal(await article(page), await article(before.page), 'the article is as Jekyll wrote it');
    assert.deepEqual(await looks(page), await looks(before.page), 'no style leaks out');
    const blocks = await page.locator('.language-yaml, .language-yml').count();
    const playgrounds = await page.locator('pod-playground').count();
    assert.equal(blocks, 11);
    assert.equal(playgrounds, 9, 'all but the ConfigMap and the Compose file');
    const button = await page.locator('pod-playground').first().getByRole('button').evaluate((element) => {
      const { fontSize, color, textTransform, letterSpacing } = getComputedStyle(element);
      return { fontSize, color, textTransform, letterSpacing };
    });
    assert.deepEqual(button, { fontSize: '13px', color: 'rgb(43, 86, 224)', textTransform: 'none', letterSpacing: 'normal' }, 'no style leaks in');
    const outcomes = [];
    for (let index = 0; index < playgrounds; index += 1) {
      const playground = `pod-playground >> nth=${index}`;
      await page.locator(playground).scrollIntoViewIfNeeded();
      await run(page, playground);
      const frame = await frameOf(page, playground);
      outcomes.push(await outcome(frame));
      assert.equal(await page.locator(playground).evaluate((one) => one.previousElementSibling.checkVisibility()), false, 'it stands in the place of the block');
      await page.locator(playground).evaluate((one) => one.close());
    }
    assert.equal(outcomes.filter((one) => one === 'run').length, 8, outcomes.join('\n'));
    const refused = outcomes.filter((one) => one !== 'run');
    assert.match(refused.join('\n'), /command/, 'the empty hooks are refused by name');
    assert.equal(await article(page), await article(before.page), 'closed playgrounds leave nothing behind');
    assert.deepEqual(page.complaints, []);
  } finally {
    await close();
    await before.close();
  }
});
