// Pictures of the built page in the states of support/states.mjs: `cargo xtask screenshots`.
// `node screenshots.mjs NAME…` takes only these.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DIST, launch, started } from './support/podplay.mjs';
import { serve } from './support/server.mjs';
import { STATES } from './support/states.mjs';

const FOLDER = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const wanted = process.argv.slice(2);

await mkdir(FOLDER, { recursive: true });
const server = await serve({ root: DIST });
const browser = await launch();
try {
  for (const { name, context, path = '', reach } of STATES) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const browsing = await browser.newContext({ ...context, serviceWorkers: 'block' });
    const page = await browsing.newPage();
    await page.goto(server.url + path);
    await started(page);
    if (!path) await page.locator('.editor-host [data-testid="editor"]').waitFor({ state: 'attached' });
    await reach(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    console.log(`screenshots/${name}.png`);
    await browsing.close();
  }
} finally {
  await browser.close();
  await server.close();
}
