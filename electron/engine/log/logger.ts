import { type DestinationStream, type Level, pino } from 'pino';
import type { Logger } from '../ports.ts';
import { LogRing } from './log-ring.ts';
import { scrub } from './scrub.ts';

/** pino tells such a destination the level of each line before it writes it. */
const TOLD = Symbol.for('pino.metadata');

export interface EngineLog {
  readonly logger: Logger;
  /** The last lines, for the interface and `lockstep log`. */
  readonly ring: LogRing;
}

/** The engine's log: lines from `level` on go to `destination`, and the last ones are kept, from what is recorded on. Secrets go to neither. */
export function createLog(level: Level | 'silent', destination: DestinationStream): EngineLog {
  const ring = new LogRing();
  const values = pino.levels.values;
  const outFrom = values[level] ?? Number.POSITIVE_INFINITY;
  const ringFrom = (): number => values[ring.recorded] ?? 0;
  const sink = {
    [TOLD]: true,
    lastLevel: 0,
    write(line: string): void {
      const text = scrub(line);
      if (sink.lastLevel >= outFrom) {
        if (TOLD in destination) Object.assign(destination, { lastLevel: sink.lastLevel });
        destination.write(text);
      }
      if (sink.lastLevel >= ringFrom()) ring.write(text);
    },
  };
  const logger = pino(
    {
      // Children keep the level that they were born with; what is of no use to anybody is dropped before it is put into words.
      level: 'trace',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '[hidden]',
      },
      hooks: {
        logMethod(args, method, of) {
          if (of >= Math.min(outFrom, ringFrom())) method.apply(this, args);
        },
      },
    },
    sink,
  );
  return { logger, ring };
}

const SECRETS = ['password', 'secret', 'token', 'authorization', 'privateKey'];
