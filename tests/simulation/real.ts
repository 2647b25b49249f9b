/** What is real, kept before the simulated is put in its place. */
export const realSetImmediate = globalThis.setImmediate;
export const realSetTimeout = globalThis.setTimeout;
export const realClearTimeout = globalThis.clearTimeout;
export const realDateNow = Date.now.bind(Date);
