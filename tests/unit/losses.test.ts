import { expect, test } from 'vitest';
import { Losses, LOSSES_MILLIS } from '../../electron/engine/master/losses.ts';

/** A tree that loses so many files at a time, and is told of it. */
function aTree(files: number) {
  const losses = new Losses();
  let there = files;
  return {
    losses,
    lose(gone: number, now: number): void {
      losses.requireFew(gone, there, now);
      losses.note(gone, there, now);
      there -= gone;
    },
    add(more: number): void {
      there += more;
    },
  };
}

test('a tree that is emptied in small parts is held as one that is emptied at once', () => {
  const tree = aTree(30);
  for (let minute = 0; minute < 3; minute += 1) tree.lose(5, minute * 60_000);
  expect(() => tree.lose(1, 200_000)).toThrow(expect.objectContaining({ params: { count: 16, of: 30 } }));
  // The passing of time is no yes.
  expect(() => tree.lose(1, 2 * LOSSES_MILLIS)).toThrow(expect.objectContaining({ code: 'guard.held' }));
  tree.losses.forget();
  tree.lose(1, 2 * LOSSES_MILLIS);
});

test('what went long ago does not count, nor what something else has come for', () => {
  const slow = aTree(30);
  for (let time = 0; time < 12; time += 1) slow.lose(2, time * LOSSES_MILLIS);
  const rebuilt = aTree(1000);
  for (let time = 0; time < 10; time += 1) {
    rebuilt.add(990);
    rebuilt.lose(990, time * 1000);
  }
});

test('a handful is everyday work, at once or one by one', () => {
  const tree = aTree(12);
  for (let time = 0; time < 9; time += 1) tree.lose(1, time);
  expect(() => tree.lose(1, 9)).toThrow(expect.objectContaining({ code: 'guard.held' }));
});
