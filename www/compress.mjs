// Puts a .gz and a .br beside each file of a site, for web servers that send these as they are.

import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [site] = process.argv.slice(2);
/** What is worth it; pictures and archives are compressed already. */
const WORTH = /\.(css|html|js|json|md|svg|ts|txt|wasm|yaml)$/;

for (const name of await readdir(site, { recursive: true })) {
  const path = join(site, name);
  if (!WORTH.test(name) || !(await stat(path)).isFile()) continue;
  const bytes = await readFile(path);
  const brotli = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  await writeFile(`${path}.br`, brotliCompressSync(bytes, { params: brotli }));
}
