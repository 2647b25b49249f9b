import { fstatSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { isJournal, withPriority } from '../../electron/entry/cli/log-destination.ts';

test('each line carries the priority of its level, and is one line', () => {
  const lines: string[] = [];
  const logger = pino(
    { level: 'debug', base: null, timestamp: false },
    withPriority({ write: (line) => lines.push(line) }),
  );
  logger.debug('d');
  logger.info('i');
  logger.warn({ path: 'a\nb' }, 'w');
  logger.error('e');
  logger.child({ site: 'www' }).fatal('f');
  expect(lines).toEqual([
    '<7>{"level":20,"msg":"d"}\n',
    '<6>{"level":30,"msg":"i"}\n',
    '<4>{"level":40,"path":"a\\nb","msg":"w"}\n',
    '<3>{"level":50,"msg":"e"}\n',
    '<2>{"level":60,"site":"www","msg":"f"}\n',
  ]);
});

test('the journal is known by the stream that it has made, and by no other', () => {
  const { dev, ino } = fstatSync(2, { bigint: true });
  expect(isJournal(`${dev}:${ino}`, 2)).toBe(true);
  expect(isJournal(`${dev}:${ino + 1n}`, 2)).toBe(false);
  expect(isJournal(undefined, 2)).toBe(false);
  expect(isJournal('1:1', 999_999)).toBe(false);
});
