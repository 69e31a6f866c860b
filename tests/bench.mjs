// Times the exports of a benchmark that was compiled to wasm: `node bench.mjs MODULE.js`.
// Each measurement is one JSON object a line.

import { createRequire } from 'node:module';

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

if (bench.pages !== undefined) {
  const value = bench.pages() / 16;
  console.log(JSON.stringify({ name: 'memory of all that, wasm', value, unit: 'MiB', budget: 64 }));
}
