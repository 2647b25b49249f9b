import { expect, test } from 'vitest';
import { Changing } from '../../electron/engine/tree/changing.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const path = (text: string): SitePath => text as SitePath;

test('what a plan changes is known by its path, and all below it, until the plan is dropped', () => {
  const changing = new Changing();
  changing.add(1, [
    { do: 'move', from: path('old'), path: path('new'), identity: '1-1' },
    { do: 'makeDir', path: path('made') },
  ]);
  changing.add(2, [{ do: 'touch', path: path('new'), mtime: 1 }]);
  const all = ['old', 'old/a/b', 'new', 'new/a', 'newer', 'made', 'made/a', 'other'];
  const found = (): string[] => all.filter((each) => changing.has(path(each)));
  expect(found()).toEqual(['old', 'old/a/b', 'new', 'new/a']);
  changing.drop(1);
  changing.drop(1);
  expect(found()).toEqual(['new', 'new/a']);
  changing.drop(2);
  expect(found()).toEqual([]);
});

test('among 20,000 plans a path is found at once', () => {
  const changing = new Changing();
  for (let id = 0; id < 20_000; id += 1) changing.add(id, [{ do: 'touch', path: path(`d/f${id}`), mtime: 1 }]);
  const began = process.cpuUsage().user;
  for (let id = 0; id < 20_000; id += 1) if (changing.has(path(`d/g${id}`))) throw new Error(`g${id}`);
  // Looked through one by one it would be 400 million comparisons.
  expect(process.cpuUsage().user - began).toBeLessThan(2_000_000);
});
