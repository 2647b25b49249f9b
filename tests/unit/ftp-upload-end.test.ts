import { expect, test } from 'vitest';
import { graceMillis, judgeEnd } from '../../electron/engine/master/ftp-server/upload.ts';
import { GRACE_SHORT_BLOCK_MILLIS, GRACE_WHOLE_BLOCK_MILLIS } from '../../electron/engine/master/ftp-server/limits.ts';

test('the end of the data is judged by what was announced', () => {
  const expected = { size: 10, sha256: '' };
  expect([
    judgeEnd(10, 0, {}),
    judgeEnd(10, 0, { allocated: 10 }),
    judgeEnd(9, 0, { allocated: 10 }),
    judgeEnd(11, 0, { allocated: 10 }),
    // Some clients announce the file, some what is still to come.
    judgeEnd(4, 6, { allocated: 10 }),
    judgeEnd(10, 6, { allocated: 10 }),
    judgeEnd(5, 6, { allocated: 10 }),
    judgeEnd(3, 6, { allocated: 10 }),
    judgeEnd(4, 6, { expected }),
    judgeEnd(3, 6, { expected }),
    judgeEnd(9, 0, { expected, allocated: 9 }),
  ]).toEqual([
    'unproven',
    'complete',
    'short',
    'unproven',
    'complete',
    'complete',
    'unproven',
    'short',
    'complete',
    'short',
    'short',
  ]);
});

test('what has the length of whole blocks, or none, waits longer for the news of a killed client', () => {
  expect([0, 1, 4096, 4097, 8192, 1_000_001].map((received) => graceMillis(received, false, () => 0))).toEqual([
    GRACE_WHOLE_BLOCK_MILLIS,
    0,
    0,
    GRACE_SHORT_BLOCK_MILLIS,
    GRACE_WHOLE_BLOCK_MILLIS,
    GRACE_SHORT_BLOCK_MILLIS,
  ]);
  expect(graceMillis(1_000_001, true, () => 0)).toBe(GRACE_WHOLE_BLOCK_MILLIS);
});

test('it waits as many times longer as programs want to run on each processor, up to a limit', () => {
  expect([0.5, 1, 2.5, 9, 1000].map((load) => graceMillis(8192, false, () => load))).toEqual([25, 25, 63, 225, 250]);
  expect([0, 4096].map((received) => graceMillis(received, false, () => 9))).toEqual([225, 0]);
  expect(graceMillis(8192, false)).toBeGreaterThanOrEqual(25);
});
