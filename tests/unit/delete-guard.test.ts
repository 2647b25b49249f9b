import { expect, test } from 'vitest';
import { GUARD_FILES_MIN, mustAsk, mustAskAtMirror } from '../../electron/engine/core/delete-guard.ts';

test('a mirror asks before it loses all it has, however little, and before anything where the share is none', () => {
  expect([mustAskAtMirror(9, 9, 0.5), mustAskAtMirror(1, 1, 0.5), mustAskAtMirror(1, 500, 0)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([mustAskAtMirror(8, 9, 0.5), mustAskAtMirror(0, 9, 0), mustAskAtMirror(9, 9, 1)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('of many files a share decides, at a master as at a mirror', () => {
  for (const ask of [mustAsk, mustAskAtMirror]) {
    expect([ask(51, 100, 0.5), ask(50, 100, 0.5)]).toEqual([true, false]);
    expect([ask(GUARD_FILES_MIN, 19, 0.5), ask(GUARD_FILES_MIN - 1, 17, 0.5)]).toEqual([true, false]);
  }
  // What a person has removed from a folder at the master is everyday work.
  expect(mustAsk(9, 9, 0.5)).toBe(false);
});
