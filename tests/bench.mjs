// Times the exports of a benchmark that was compiled to wasm: `node bench.mjs MODULE.js`.
// Each measurement is one JSON object a line.

import { createRequire } from 'node:module';
import { basename } from 'node:path';

const ROUNDS = 9;
const bench = createRequire(import.meta.url)(process.argv[2]);

JSON.parse(bench.scenes()).forEach(({ name, budget }, scene) => {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    bench.play(scene);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  const value = Number(rounds[Math.floor(ROUNDS / 2)].toFixed(3));
  console.log(JSON.stringify({ name, value, unit: 'ms', ...(budget === null ? {} : { budget }) }));
});

// Pages of a module's memory are never given back: this is the most that any scene needed.
const bytes = bench.__wasm?.memory.buffer.byteLength;
if (bytes !== undefined) {
  const name = `memory of ${basename(process.argv[2], '.js')}, wasm`;
  console.log(JSON.stringify({ name, value: bytes / 2 ** 20, unit: 'MiB', budget: 64 }));
}
