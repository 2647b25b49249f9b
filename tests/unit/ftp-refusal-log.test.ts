import { pino } from 'pino';
import { expect, test } from 'vitest';
import { REFUSALS_LOGGED_MAX, RefusalLog } from '../../electron/engine/master/ftp-server/refusal-log.ts';

test('refused logins beyond a number are counted, not written', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const log = new RefusalLog();
  for (let count = 0; count < 1000; count += 1) log.note(logger, { user: 'alice', attempts: 1 }, 100_000 + count);
  expect(lines.length).toBe(REFUSALS_LOGGED_MAX);
  log.note(logger, { user: 'alice', attempts: 1 }, 200_000);
  expect(lines.length).toBe(REFUSALS_LOGGED_MAX + 2);
  expect(lines[REFUSALS_LOGGED_MAX]).toContain(`"more":${1000 - REFUSALS_LOGGED_MAX}`);
});
