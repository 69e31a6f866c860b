// Runs an engine: questions and answers are bytes. The same in a worker and beside the page.

/** Bytes of memory from which on it is memory that was wanting. */
const FULL = 3.5e9;

/**
 * Starts the engine; `say` hears each answer, `lost` the kind of an end (`panic`, `memory`) and its words. Returns
 * what takes questions.
 */
export async function host(script, module, say, lost) {
  // The module comes beside its script, not after it.
  const bytes = fetch(module);
  bytes.catch(() => {});
  const program = await import(script);
  const { memory } = await program.default({ module_or_path: bytes });
  let words;
  let dead = false;
  const guarded = (call) => {
    if (dead) return false;
    try {
      return call();
    } catch (error) {
      dead = true;
      const bytes = memory.buffer.byteLength;
      lost(bytes > FULL ? 'memory' : 'panic', `${words ?? `${error.name}: ${error.message}`}\nmemory of the engine: ${Math.round(bytes / 1048576)} MB`);
      return false;
    }
  };
  const engine = guarded(() => new program.Host(say, (message) => { words = message; }));
  // Between two slices of work whatever waits has its turn: another question, a frame of the page.
  const { port1, port2 } = new MessageChannel();
  let armed = false;
  const arm = () => {
    if (armed || dead) return;
    armed = true;
    port1.postMessage(undefined);
  };
  port2.onmessage = () => {
    armed = false;
    if (guarded(() => engine.work())) arm();
  };
  return (bytes) => {
    guarded(() => engine.ask(bytes));
    arm();
  };
}
