/** Of the real machine, kept before the simulated time takes their names. */
export const realSetImmediate = globalThis.setImmediate;
export const realNow = performance.now.bind(performance);
