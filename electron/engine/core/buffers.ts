/** Where what comes or goes of a large file is put together. */
export const LARGE_BUFFER_BYTES = 1024 * 1024;
/** Where the first of a file comes to: what is small needs no more. */
export const FIRST_BUFFER_BYTES = 64 * 1024;
/** Idle ones that are kept of each size: as many as two transfers use. */
const IDLE_MAX = 6;

const idle: ReadonlyMap<number, Buffer[]> = new Map([
  [FIRST_BUFFER_BYTES, []],
  [LARGE_BUFFER_BYTES, []],
]);

/**
 * A buffer of one of these sizes with anything in it. They are used again and again: a fresh one comes from the system page by page,
 * and V8 looks for garbage each time that some of them were made.
 */
export function takeBuffer(bytes: number): Buffer {
  return idle.get(bytes)?.pop() ?? Buffer.allocUnsafeSlow(bytes);
}

/**
 * Only what nobody reads or writes any more: no socket, and no file. Whoever is not sure of that keeps it, and V8 collects it. One of
 * another size is not kept.
 */
export function giveBuffer(buffer: Buffer): void {
  const kept = idle.get(buffer.length);
  if (kept && kept.length < IDLE_MAX) kept.push(buffer);
}
