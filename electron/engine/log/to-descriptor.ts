import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/**
 * Lines go to what is open as `descriptor`. Those that it does not take (its disk is full, its reader is gone) are lost, and nothing
 * else is: pino's own destination would end the process, and hold it for ever at its end.
 */
export function toDescriptor(descriptor: number): DestinationStream {
  let isCut = false;
  return {
    write(line) {
      const bytes = Buffer.from(isCut ? `\n${line}` : line);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
        isCut = false;
      } catch {
        isCut ||= written > 0;
      }
    },
  };
}
