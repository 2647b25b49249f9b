import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { shownJson } from '../../../shared/domain/not-shown.ts';
import { LinePace } from './line-pace.ts';
import { LogRing } from './log-ring.ts';
import { scrub } from './scrub.ts';

/** pino tells such a destination the level of each line before it writes it. */
const TOLD = Symbol.for('pino.metadata');

export interface EngineLog {
  readonly logger: Logger;
  /** The last lines, for the interface and `lockstep log`. */
  readonly ring: LogRing;
}

/**
 * The engine's log: lines from `level` on go to `destination`, and the last ones are kept, from what is recorded on. Secrets go
 * to neither, and of one kind so many in a minute and no more.
 */
export function createLog(level: Level | 'silent', destination: DestinationStream): EngineLog {
  const ring = new LogRing();
  const values = pino.levels.values;
  const outFrom = values[level] ?? Number.POSITIVE_INFINITY;
  const ringFrom = (): number => values[ring.recorded] ?? 0;
  const sink = {
    [TOLD]: true,
    lastLevel: 0,
    write(line: string): void {
      const text = shownJson(scrub(line));
      if (sink.lastLevel >= outFrom) {
        if (TOLD in destination) Object.assign(destination, { lastLevel: sink.lastLevel });
        destination.write(text);
      }
      if (sink.lastLevel >= ringFrom()) ring.write(text);
    },
  };
  const pace = new LinePace((text, more) => logger.warn({ more, of: text }, 'lines of one kind were too many'));
  const info = values['info'] ?? 0;
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
          if (of < Math.min(outFrom, ringFrom())) return;
          // Who records more than what goes wrong wants to see all of it.
          if (of < info || pace.take(textOf(args))) method.apply(this, args);
        },
      },
    },
    sink,
  );
  return { logger, ring };
}

/** As the code says it: `logger.info(details, text)`. */
function textOf(args: readonly unknown[]): string {
  const text = args.find((arg) => typeof arg === 'string');
  return typeof text === 'string' ? text : '';
}

const SECRETS = ['password', 'secret', 'token', 'authorization', 'privateKey'];
