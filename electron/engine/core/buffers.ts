/** Where what comes or goes of a large file is put together. */
export const LARGE_BUFFER_BYTES = 1024 * 1024;
/** Idle ones that are kept: as many as two transfers use. */
const IDLE_MAX = 6;

const idle: Buffer[] = [];

/**
 * A large buffer with anything in it. They are used again and again: a fresh one of this size comes from the system page by page,
 * and V8 looks for garbage each time that some of them were made.
 */
export function takeLargeBuffer(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(LARGE_BUFFER_BYTES);
}

/** Only of what nobody reads or writes any more: no socket, and no file. Whoever is not sure of that keeps it, and V8 collects it. */
export function giveLargeBuffer(buffer: Buffer): void {
  if (idle.length < IDLE_MAX) idle.push(buffer);
}
