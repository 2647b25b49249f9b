import type { Logger } from '../../../electron/engine/ports.ts';

const nothing = (): void => undefined;

/** Nobody reads it. */
export const silent = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
} as unknown as Logger;
