// An engine in a worker. Its first message names the engine's files; every other one is a question.

import { host } from './engine-host.js';

const waiting = [];
let ask = (bytes) => waiting.push(bytes);

/** Starts the engine, and gives it what was asked meanwhile. */
async function start({ script, module }) {
  const say = (bytes) => postMessage(bytes, [bytes.buffer]);
  const lost = (kind, message) => postMessage({ lost: kind, message });
  try {
    const given = await host(script, module, say, lost);
    waiting.splice(0).forEach(given);
    ask = given;
  } catch (error) {
    postMessage({ failed: `${error.name}: ${error.message}` });
  }
}

onmessage = ({ data }) => {
  if (data instanceof Uint8Array) ask(data);
  else start(data);
};
