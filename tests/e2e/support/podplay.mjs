// One browser, one server and fresh pages; a page that complains on its console fails its test.

import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './server.mjs';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** The built site. */
export const DIST = process.env.PODPLAY_DIST ?? here('../../../dist');
/** How long the page may take for anything, milliseconds. */
export const PATIENCE = 15_000;

export async function launch() {
  if (!existsSync(`${DIST}/index.html`)) {
    throw new Error(`${DIST} holds no built site: run \`cargo xtask dist\` first`);
  }
  const executablePath = process.env.PODPLAY_CHROMIUM || '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ARGS });
}

/**
 * Call once at the top of a spec file. Starts a server and a browser before the tests of the
 * file and ends both after them. `open` gives a fresh page (its own storage) that has started.
 */
export function podplay(options = {}) {
  const site = { server: undefined, browser: undefined };
  before(async () => {
    site.server = await serve({ root: DIST, ...options });
    site.browser = await launch();
  });
  after(async () => {
    await site.browser?.close();
    await site.server?.close();
  });

  /**
   * Opens the page. `context` are Playwright's context options (viewport, locale, colorScheme,
   * reducedMotion, …), `hash` the part after `#`, `path` a page other than the site's own.
   * `allow` are regular expressions for console messages that the test expects.
   */
  site.open = async ({ context = {}, hash = '', path, allow = [], ready = true } = {}) => {
    const browsing = await site.browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...context });
    const page = await browsing.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.complaints = watch(page, allow);
    const url = new URL(path ?? site.server.url, site.server.origin);
    // Once the specs ask for an engine beside the page, not in a worker.
    if (process.env.PODPLAY_ENGINE && !url.searchParams.has('engine')) url.searchParams.set('engine', process.env.PODPLAY_ENGINE);
    if (hash) url.hash = hash;
    await page.goto(url.href);
    if (ready) await started(page).catch((error) => {
      throw new Error(`the page did not start; it said: ${JSON.stringify(page.complaints)}`, { cause: error });
    });
    return page;
  };

  /** Opens the page, runs the body, and fails when the page complained meanwhile. */
  site.visit = async (options, body) => {
    const page = await site.open(options);
    try {
      await body(page);
      assert.deepEqual(page.complaints, [], 'the page complained on its console');
    } finally {
      await page.context().close();
    }
  };
  return site;
}

/** The program has replaced the loading state. */
export async function started(page) {
  await page.locator('#app .boot').waitFor({ state: 'detached' });
}

/** Collects errors, warnings, crashes and failed requests. */
function watch(page, allow) {
  const complaints = [];
  const add = (text) => {
    // Only the tests of the offline site let the service worker in.
    if (text.includes('blocked by Playwright')) return;
    if (!allow.some((expected) => expected.test(text))) complaints.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) add(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => add(`uncaught: ${error.message}`));
  page.on('crash', () => add('the tab crashed'));
  page.on('requestfailed', (request) => {
    // What a page still fetches when it is left.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') add(`request failed: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) add(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

/** Replaces the editor's text as a paste would. */
export async function paste(page, text) {
  const editor = page.locator('.editor-host [data-testid="editor"]');
  await editor.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}

/** Where an element is once it does not move any more. */
export async function resting(locator) {
  let before = await locator.boundingBox();
  for (;;) {
    await locator.page().waitForTimeout(250);
    const box = await locator.boundingBox();
    if (box.x === before.x && box.y === before.y) return box;
    before = box;
  }
}

/** Presses play (or pause) when the page is not already playing (or paused). */
export async function play(page, wanted = true) {
  const button = page.getByTestId('play');
  // A new run may begin to play between the look and the click.
  while (await button.getAttribute('aria-pressed') !== String(wanted)) {
    await button.click();
    await drawn(page);
  }
}

/** Virtual time at the playhead, seconds. */
export async function now(page) {
  return Number(await page.getByTestId('playhead').getAttribute('aria-valuenow'));
}

/** Lets the page draw what it has been told. */
const drawn = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/** Moves the playhead by keyboard to `seconds`, rounded down, as a person without a mouse would. */
export async function seek(page, seconds) {
  await play(page, false);
  await page.getByTestId('playhead').focus();
  await page.keyboard.press('Home');
  for (let second = 0; second < Math.floor(seconds); second += 1) await page.keyboard.press('Shift+ArrowRight');
  await drawn(page);
}

/** Waits until `kubectl get pods` at the playhead says this. */
export async function podsSay(page, text) {
  await page.getByTestId('pods-table').filter({ hasText: text }).waitFor();
}

/** The states in the lane of `pod/container`, in order. */
export async function states(page, lane) {
  const spans = page.locator(`[data-testid="lane"][data-lane="${lane}"] [data-testid="span"]`);
  return spans.evaluateAll((found) => found.map((span) => span.getAttribute('data-state')));
}

/** What axe finds wrong with the page, as readable lines. */
export async function inaccessible(page) {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // The page's policy refuses injected script elements; the debugger's door is open.
  const { readFile } = await import('node:fs/promises');
  await page.evaluate(await readFile(axe, 'utf8'));
  const look = () => page.evaluate(() => globalThis.axe.run(document, {
    iframes: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  // What is drawn anew while axe looks at it makes axe itself stumble: then it looks again.
  const again = async (error) => {
    if (!/TypeError/.test(error.message)) throw error;
    await page.waitForTimeout(1000);
    return look();
  };
  const { violations } = await look().catch(again).catch(again);
  return violations.flatMap((violation) => violation.nodes.map(
    (node) => `${violation.id}: ${violation.help}: ${node.target.join(' ')}`,
  ));
}

/** Whether the page can be scrolled sideways, which it must not be at any width. */
export async function scrollsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
