// The embed script as a package and as docs/embedding.md describes it. No browser is needed.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here('../../../www/embed');
const read = (path) => readFile(here(`../../../${path}`), 'utf8');

/** The names in the first column of the table below a heading of a document. */
function table(text, heading) {
  const [, after] = text.split(`\n${heading}\n`);
  assert.ok(after, `there is a part ${heading}`);
  const rows = after.split(/\n#+ /)[0].split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...row.split('|')[1].matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}
const sorted = (names) => [...new Set(names)].sort();
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

test('the script is small, and all that npm takes is there', async () => {
  const script = await readFile(join(PACKAGE, 'podplay-embed.js'));
  const size = gzipSync(script, { level: 9 }).length;
  assert.ok(size < 10_000, `${size} bytes gzip`);
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], { cwd: PACKAGE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  assert.deepEqual(packed.files.map((file) => file.path).sort(), ['README.md', 'package.json', 'podplay-embed.d.ts', 'podplay-embed.js']);
  const { version, dependencies } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  assert.equal(dependencies, undefined);
  assert.equal(version, /version = "([^"]+)"/.exec(await read('Cargo.toml'))[1], 'it has the version of podplay');
  assert.equal(version, (await import('../../../www/embed/podplay-embed.js')).version);
});

test('the script and its types agree with themselves and each other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podplay-types-'));
  const options = ['--noEmit', '--skipLibCheck', '--strict', '--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,dom,dom.iterable'];
  const check = (...files) => execFileSync(here('../node_modules/.bin/tsc'), [...options, ...files], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const use = join(folder, 'use.ts');
    await writeFile(use, `
      import { PodPlayground, isPod, textOf, upgrade, version } from ${JSON.stringify(join(PACKAGE, 'podplay-embed.js'))};
      const one = document.querySelector('pod-playground')!;
      one.addEventListener('podplay:record', ({ detail }) => { if (detail.pod && detail.time > 1) one.pause(); });
      one.addEventListener('podplay:time', ({ detail }) => detail.playing satisfies boolean);
      one.setText(textOf(document.body)); one.seek(3); one.play(); one.close();
      const all: PodPlayground[] = upgrade(document, { panels: 'stage' });
      export const told: string = version + one.state + one.text + one.time + one.playing + isPod('') + all.length;
    `);
    check('--allowJs', '--checkJs', use, join(PACKAGE, 'podplay-embed.js'));
  } catch (error) {
    assert.fail(error.stdout || String(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('docs/embedding.md names every attribute, event and method, and no other', async () => {
  const [docs, script, types] = [await read('docs/embedding.md'), await read('www/embed/podplay-embed.js'), await read('www/embed/podplay-embed.d.ts')];
  const element = script.slice(script.indexOf('export class PodPlayground'), script.indexOf('\n}\n', script.indexOf('export class PodPlayground')));
  assert.deepEqual(sorted(table(docs, '### Attributes')), sorted(all(element, /this\.(?:has|get)Attribute\('(\w+)'\)/g).concat('lang')));
  assert.deepEqual(sorted(table(docs, '### Events')), sorted(all(element, /#tell\('([\w:]+)'/g)));
  const members = types.slice(types.indexOf('export class'), types.indexOf('\n}\n', types.indexOf('export class')));
  const methods = all(members, /^ {2}(?:readonly )?(\w+)[(:]/gm);
  assert.deepEqual(sorted(table(docs, '### Methods and properties').map((name) => name.replace(/\(.*/, ''))), sorted(methods));
  for (const name of methods) assert.match(element, new RegExp(`^ {2}(?:get |set )?${name}\\b`, 'm'), `${name} is there`);
  assert.deepEqual(sorted(all(script, /^export (?:class|function|const) (\w+)/gm)), sorted(all(docs.split('The module exports')[1].split('\n')[0], /`(\w+)(?:\([^`]*\))?`/g)));
  for (const name of all(docs, /`data-(\w+)`/g)) assert.ok(name === 'auto' || script.match(/PASSED = \[([^\]]*)\]/)[1].includes(`'${name}'`), `data-${name}`);
});

test('docs/embedding.md names every parameter and every message', async () => {
  const [docs, boot, frame, script] = [await read('docs/embedding.md'), await read('www/boot.js'), await read('crates/web/js/embed.js'), await read('www/embed/podplay-embed.js')];
  const noted = /for \(const name of \[([^\]]*)\]\)/.exec(boot)[1];
  assert.deepEqual(sorted(table(docs, '## A frame alone')), sorted(all(noted, /'(\w+)'/g).concat('embed', 'panels')));
  const said = table(docs, '## What a page and its frame say to each other');
  const heard = all(frame, /case '(\w+)'/g).concat(all(frame, /say\(\{ type: '(\w+)'/g));
  assert.deepEqual(sorted(said), sorted(heard));
  for (const name of all(script, /#say\(\{ type: '(\w+)'/g)) assert.ok(heard.includes(name), name);
  for (const name of all(script, /type === '(\w+)'/g)) assert.ok(heard.includes(name), name);
});

test('importing the script where there is no document does nothing', async () => {
  const { PodPlayground, isPod } = await import('../../../www/embed/podplay-embed.js');
  assert.equal(typeof PodPlayground, 'function');
  assert.equal(isPod('kind: Pod'), true);
});
