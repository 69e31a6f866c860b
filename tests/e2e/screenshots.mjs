// Pictures of the built page: `cargo xtask screenshots`.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DIST, launch, started } from './support/podplay.mjs';
import { serve } from './support/server.mjs';

const FOLDER = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const SIZES = { desktop: { width: 1440, height: 900 }, tablet: { width: 820, height: 1180 }, phone: { width: 360, height: 740 } };
const LOCALES = { en: 'en-US', ko: 'ko-KR' };

await mkdir(FOLDER, { recursive: true });
const server = await serve({ root: DIST });
const browser = await launch();
try {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [language, locale] of Object.entries(LOCALES)) {
        const context = await browser.newContext({ viewport, colorScheme, locale, reducedMotion: 'reduce' });
        const page = await context.newPage();
        await page.goto(server.url);
        await started(page);
        await page.waitForTimeout(500);
        const name = `${size}-${colorScheme}-${language}.png`;
        await page.screenshot({ path: FOLDER + name });
        console.log(`screenshots/${name}`);
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await server.close();
}
