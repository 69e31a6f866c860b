// What a first visit runs: `cargo xtask first-load`, on a page that tells.
// Writes the numbers of the stretches that ran, one a line, to the file that is named.

import { writeFile } from 'node:fs/promises';
import { DIST, launch, play, started } from './support/podplay.mjs';
import { serve } from './support/server.mjs';

/** First visits as people make them, the last on a slow machine. Other languages fetch both parts at once. */
const VISITS = [
  { viewport: { width: 1280, height: 800 }, locale: 'en-US', colorScheme: 'light' },
  { viewport: { width: 1440, height: 900 }, locale: 'en-US', colorScheme: 'light' },
  { viewport: { width: 820, height: 1180 }, locale: 'en-US', colorScheme: 'dark' },
  { viewport: { width: 360, height: 740 }, locale: 'en-GB', colorScheme: 'dark' },
  { viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'light', slow: 8 },
];
/** How long each of them watches the example, milliseconds. */
const STAY = 4000;

/** Keeps the memory in which the program notes what it runs. */
function listen() {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (what, imports) => {
    const result = await instantiate(what, imports);
    const { podplay_seen: seen } = (result.instance ?? result).exports;
    globalThis.podplaySeen = () => [...new Uint8Array(seen.buffer).entries()].filter(([, ran]) => ran).map(([number]) => number);
    return result;
  };
}

const all = new Set();
const server = await serve({ root: DIST });
const browser = await launch();
try {
  for (const { slow, ...visit } of VISITS) {
    const context = await browser.newContext(visit);
    const page = await context.newPage();
    await page.addInitScript(listen);
    if (slow) {
      const debug = await context.newCDPSession(page);
      await debug.send('Emulation.setCPUThrottlingRate', { rate: slow });
    }
    await page.goto(server.url);
    await started(page);
    await play(page);
    await page.waitForTimeout(STAY);
    const note = async () => { for (const number of await page.evaluate(() => globalThis.podplaySeen())) all.add(number); };
    await note();
    // Whoever comes again has a text of their own.
    await page.reload();
    await started(page);
    await page.waitForTimeout(1500);
    await note();
    console.log(`${visit.viewport.width} px: ${all.size} stretches so far`);
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
await writeFile(process.argv[2], [...all].sort((a, b) => a - b).join('\n'));
