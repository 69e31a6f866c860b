// What the built page takes in a browser, against the budgets: one JSON object a line.
// `cargo xtask bench page` runs it on dist/.

import { DIST, launch, paste, started } from './support/podplay.mjs';
import { serve } from './support/server.mjs';
import { DAY, computed } from './support/states.mjs';

/**
 * Milliseconds of rest after a keystroke, as crates/web/src/app/text.rs has it. While a short text rests, its run is
 * worked out ahead; what is measured is how late after the rest it can be seen.
 */
const REST = 120;

const round = (value) => Number(value.toFixed(2));
const say = (name, value, unit, budget) => console.log(JSON.stringify({ name, value: round(value), unit, budget }));
const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, part) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];

/** Runs in the page before its scripts: keeps the module's memory, and times what an input event leads to. */
function instrument() {
  const keep = (result) => {
    globalThis.podplayMemory = (result.instance ?? result).exports.memory;
    return result;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...given) => original.call(WebAssembly, ...given).then(keep);
  }
  const works = [];
  globalThis.podplayWorks = works;
  let begun = null;
  const watch = () => new MutationObserver(() => {
    if (begun === null) return;
    // The frame is paid for when it is laid out, too.
    document.body.getBoundingClientRect();
    const took = performance.now() - begun;
    if (works.at(-1)?.begun === begun) works.at(-1).took = took;
    else works.push({ begun, took });
  }).observe(document.getElementById('app'), { subtree: true, childList: true, attributes: true, characterData: true });
  addEventListener('DOMContentLoaded', watch);
  for (const kind of ['pointerdown', 'pointermove', 'keydown']) {
    addEventListener(kind, () => { begun = performance.now(); }, { capture: true });
  }
}

/** What the events took that happened during `act`, milliseconds. */
async function timed(page, act) {
  await page.evaluate(() => { globalThis.podplayWorks.length = 0; });
  await act();
  await page.waitForTimeout(50);
  return (await page.evaluate(() => globalThis.podplayWorks)).map(({ took }) => took);
}

async function keystrokes(page) {
  await page.locator('.editor-host [data-testid="editor"]').waitFor();
  await computed(page);
  const line = page.locator('.editor-host .cm-line').filter({ hasText: 'periodSeconds' }).first();
  await line.click();
  await page.keyboard.press('End');
  const took = [];
  for (const digit of '678967896789') {
    await page.keyboard.press('Backspace');
    await page.waitForTimeout(REST + 250);
    const works = await timed(page, async () => {
      await page.keyboard.press(digit);
      await page.waitForTimeout(REST + 80);
      await computed(page);
    });
    if (works.length > 0) took.push(works.at(-1) - REST);
  }
  say('page: keystroke to a new run drawn, median', quantile(took, 0.5), 'ms', 16);
}

async function dayLong(page, debuggee) {
  const begun = Date.now();
  await paste(page, DAY);
  await page.locator('[data-lane="all-day/app"] [data-testid="span"]').first().waitFor();
  await computed(page);
  say('page: a day of two probes every 5 s computed and drawn', Date.now() - begun, 'ms');
  const axis = await page.locator('svg.axis').boundingBox();
  const [left, width] = [axis.x + 200, axis.width - 250];
  const seeks = await timed(page, async () => {
    for (let n = 1; n <= 40; n += 1) {
      await page.mouse.click(left + ((n * 0.618) % 1) * width, axis.y + axis.height - 6);
    }
  });
  say('page: seek anywhere in a day, median', quantile(seeks, 0.5), 'ms', 16);
  say('page: seek anywhere in a day, worst', Math.max(...seeks), 'ms', 16);
  const lanes = await page.locator('svg.lanes').boundingBox();
  const [x, y] = [lanes.x + 700, lanes.y + lanes.height - 4];
  for (const zoom of ['the whole day', 'an hour']) {
    if (zoom === 'an hour') {
      await page.mouse.move(x, y);
      for (let n = 0; n < 8; n += 1) await page.mouse.wheel(0, -220);
    } else {
      await page.mouse.move(x, y);
      await page.mouse.wheel(0, -250);
    }
    await page.waitForTimeout(200);
    await page.mouse.move(x, y);
    await page.mouse.down();
    const frames = await timed(page, async () => {
      for (let n = 1; n <= 200; n += 1) await page.mouse.move(x + (n < 100 ? n * 4 : (200 - n) * 4), y);
    });
    await page.mouse.up();
    say(`page: a frame while dragging ${zoom}, p99`, quantile(frames, 0.99), 'ms', 16);
  }
  const { metrics } = await debuggee.send('Performance.getMetrics');
  const heap = metrics.find((metric) => metric.name === 'JSHeapUsedSize').value;
  const module = await page.evaluate(() => globalThis.podplayMemory?.buffer.byteLength ?? 0);
  say('page: memory of that day, module', module / 2 ** 20, 'MiB', 64);
  say('page: memory of that day, scripts', heap / 2 ** 20, 'MiB');
}

const server = await serve({ root: DIST });
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: 'en-US', serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(instrument);
  const debuggee = await context.newCDPSession(page);
  await debuggee.send('Performance.enable');
  await page.goto(server.url);
  await started(page);
  const drawn = await page.evaluate(() => performance.now());
  say('page: first picture after', drawn, 'ms');
  await keystrokes(page);
  await dayLong(page, debuggee);
} finally {
  await browser.close();
  await server.close();
}
