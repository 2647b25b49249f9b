import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Connection } from '../../electron/engine/publishing/connection.ts';
import { Lanes } from '../../electron/engine/publishing/lanes.ts';
import type { Opened, Way } from '../../electron/engine/publishing/way.ts';
import { AppError } from '../../shared/errors/app-error.ts';

class Line {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

/** Whose connections after the first begin anew, and cannot give that up. */
function wayOf(lines: Line[]): Way {
  const way: Partial<Way> = {
    width: 2,
    open: () => {
      const line = new Line();
      lines.push(line);
      const opened: Opened = { is: 'open', connection: line as unknown as Connection, isNew: lines.length > 1 };
      return Promise.resolve(opened);
    },
    abort: () => Promise.reject(new AppError('publish.unreachable')),
  };
  return way as Way;
}

test('a session that began anew, and is of no use, is closed also where that cannot be given up', async () => {
  const lines: Line[] = [];
  const opened = await Lanes.open(wayOf(lines), new AbortController().signal, pino({ level: 'silent' }));
  if (!('lanes' in opened)) throw new Error('it is open');
  const done: string[] = [];
  await opened.lanes.each(['a', 'b'], 2, (_, item) => Promise.resolve(void done.push(item)));
  opened.lanes.close();
  expect(done).toEqual(['a', 'b']);
  expect(lines.map(({ closed }) => closed)).toEqual([true, true]);
});
