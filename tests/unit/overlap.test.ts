import { expect, test } from 'vitest';
import { joinOverlapping } from '../../electron/engine/core/overlap.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

/** `word`: the releases whose word is still to be given. */
function joined(changes: Readonly<Record<string, readonly number[]>>, word: readonly number[] = []) {
  const list = Object.entries(changes).flatMap(([path, releases]) =>
    releases.map((last) => ({
      path: path as SitePath,
      release: word.includes(last) ? { last, together: true } : { last },
    })),
  );
  return Object.fromEntries(joinOverlapping(list));
}

test('releases without a path in common stay apart', () => {
  expect(joined({ a: [2], b: [2], c: [4], d: [4] }, [2])).toEqual({ 2: { last: 2, together: true }, 4: { last: 4 } });
});

test('of releases that have a path in common the newest takes over the others, and waits for its own word only', () => {
  expect(joined({ a: [2], b: [2, 4], c: [4] }, [2])).toEqual({ 2: { last: 4 }, 4: { last: 4 } });
  const newest = { last: 4, together: true };
  expect(joined({ a: [2], b: [2, 4], c: [4] }, [4])).toEqual({ 2: newest, 4: newest });
});

test('so it is by way of others, whichever path comes first', () => {
  const newest = { last: 9, together: true };
  const all = { 2: newest, 4: newest, 6: newest, 9: newest };
  expect(joined({ a: [2, 4], b: [6, 9], c: [4, 6] }, [2, 9])).toEqual(all);
  expect(joined({ a: [4, 9], b: [2, 4], c: [6, 9], d: [2, 6] }, [2, 9])).toEqual(all);
  expect(joined({ a: [2, 4, 6, 9] }, [2, 9])).toEqual(all);
});
