// The page's end of the line to an engine; `www/boot.js` starts engines.

/** An engine; `heard` gets each answer as bytes, `lost` the kind of its end and its words. */
export function engineStart(heard, lost) {
  const engine = globalThis.podplayEngine();
  engine.listen(heard, lost);
  return engine;
}
export const engineAsk = (engine, bytes) => engine.ask(bytes);
export const engineStop = (engine) => engine.stop();
