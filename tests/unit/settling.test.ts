import { expect, test } from 'vitest';
import { Settling, WRITING_MILLIS_MAX } from '../../electron/engine/master/watch/settling.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const touched = (path: string) => ({ path: path as SitePath, look: '' });
const names = (settling: Settling, now: number): string[] => settling.take(now, 10).map(({ path }) => path);

test('what was written at once is taken half a second later, what is written for long once it has paused for longer', () => {
  const settling = new Settling();
  for (let now = 0; now <= 2_400; now += 400) settling.touch(touched('long copy'), now);
  settling.touch(touched('page'), 2_400);
  expect(names(settling, 2_899)).toEqual([]);
  // The copy is over a slow way, and has stopped for a moment.
  expect(names(settling, 2_900)).toEqual(['page']);
  settling.touch(touched('long copy'), 5_000);
  expect(names(settling, 7_999)).toEqual([]);
  expect(names(settling, 8_000)).toEqual(['long copy']);
  // One that turns out to have changed all the same is still as long as it was.
  settling.touch({ ...touched('long copy'), since: 0 }, 9_000);
  expect(names(settling, 11_999)).toEqual([]);
  expect(names(settling, 12_000)).toEqual(['long copy']);
  // Once it was taken it begins anew.
  settling.touch(touched('long copy'), 20_000);
  expect(names(settling, 20_500)).toEqual(['long copy']);
});

test('a path is taken once, the first of those that are due, so many at a time', () => {
  const settling = new Settling();
  for (const [at, path] of ['a', 'b', 'c', 'a'].entries()) settling.touch(touched(path), at);
  expect(settling.take(1_000, 2).map(({ path }) => path)).toEqual(['b', 'c']);
  expect(settling.take(1_000, 2).map(({ path }) => path)).toEqual(['a']);
  expect(settling.take(1_000, 2)).toEqual([]);
});

test('what is open for writing is looked at again and again, and begins anew where it is written to', () => {
  const settling = new Settling();
  settling.touch(touched('copy'), 0);
  const [copy] = settling.take(500, 10);
  if (!copy) throw new Error('it is due');
  settling.hold({ ...copy, writer: '/proc/7/fd/3' }, 500);
  expect(settling.take(999, 10)).toEqual([]);
  const [again] = settling.take(1_000, 10);
  expect(again).toMatchObject({ path: 'copy', since: 0, writer: '/proc/7/fd/3' });
  settling.hold({ ...copy, writer: '/proc/7/fd/3' }, 1_000);
  expect([settling.writing(0).length, settling.writing(-1).length]).toEqual([1, 0]);
  settling.touch(touched('copy'), 1_200);
  expect(settling.take(1_699, 10)).toEqual([]);
  const taken = settling.take(1_700, 10);
  expect(taken).toMatchObject([{ path: 'copy', since: 0 }]);
  // It is written to while one asks who has it open.
  settling.touch(touched('copy'), 1_750);
  settling.hold({ ...copy, renewed: 1_600, writer: '/proc/7/fd/3' }, 1_800);
  expect(settling.take(2_300, 10)).toMatchObject([{ path: 'copy', since: 0, renewed: 1_600 }]);
});

test('what never stands still is taken after an hour all the same', () => {
  const settling = new Settling();
  const taken: number[] = [];
  for (let now = 0; now <= WRITING_MILLIS_MAX + 10_000; now += 1_000) {
    settling.touch(touched('access.log'), now);
    settling.touch(touched('error.log'), now);
    if (settling.take(now, 10).length > 0) taken.push(now);
  }
  expect(taken).toEqual([WRITING_MILLIS_MAX + 2_000]);
});

test('it says when something is due, whichever way it is written', async () => {
  const settling = new Settling();
  const begun = performance.now();
  for (let at = 2_600; at >= 0; at -= 100) settling.touch(touched('long copy'), begun - at);
  const { signal } = new AbortController();
  settling.touch(touched('page'), begun - 450);
  while (names(settling, performance.now())[0] !== 'page') await settling.due(signal);
  while (names(settling, performance.now())[0] !== 'long copy') await settling.due(signal);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(2_990);
});
