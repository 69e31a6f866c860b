// Bundles the code editor into the build that Trunk is making: a file that the page fetches when it is idle.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const here = fileURLToPath(new URL('.', import.meta.url));
await build({
  entryPoints: [join(here, 'main.js')],
  outfile: join(process.env.TRUNK_STAGING_DIR ?? join(here, 'dist'), 'editor.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  logLevel: 'warning',
  legalComments: 'none',
});
