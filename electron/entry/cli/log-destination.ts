import { fstatSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';
import { toDescriptor } from '../../engine/log/to-descriptor.ts';

const STDERR = 2;
/** pino tells such a destination the level of each line before it writes it. */
const TOLD = Symbol.for('pino.metadata');

/** Where the log of a service goes: standard error, with the priority before each line where that is systemd's journal. */
export function logDestination(env: NodeJS.ProcessEnv): DestinationStream {
  const out = toDescriptor(STDERR);
  return isJournal(env['JOURNAL_STREAM'], STDERR) ? withPriority(out) : out;
}

/** `<4>{…}` (sd-daemon(3)): the journal takes the number off, and can be asked for warnings only. */
export function withPriority(out: DestinationStream): DestinationStream {
  const destination = {
    [TOLD]: true,
    lastLevel: pino.levels.values['info'] ?? 0,
    write: (line: string) => out.write(`<${priority(destination.lastLevel)}>${line}`),
  };
  return destination;
}

/** `named` is what systemd says of the stream that it has made: device and inode (systemd.exec(5)). */
export function isJournal(named: string | undefined, descriptor: number): boolean {
  if (named === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** syslog's: 2 critical, 3 error, 4 warning, 6 information, 7 debug. */
function priority(level: number): number {
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}
