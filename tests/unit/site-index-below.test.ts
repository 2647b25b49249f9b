import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { Journal } from '../../electron/engine/store/journal.ts';
import { migrations, Store } from '../../electron/engine/store/open.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

test('what is below a folder is told page by page as it is at once', () => {
  const db = new DatabaseSync(':memory:');
  for (const sql of migrations) db.exec(sql);
  const journal = new Journal(new Store(db), 'www');
  const names = Array.from({ length: 2_500 }, (_, index) => `a/${index % 7}/${index}`);
  const others = ['a', 'a-b', 'a-b/c', 'a0', 'a0/b', 'b'];
  const paths = [...names, ...others].map((path) => path as SitePath);
  const by = { account: 'anna' };
  const made = paths.map((path) => ({ op: 'mkdir' as const, path }));
  journal.append([...made, { op: 'rmdir', path: 'a/3/3' as SitePath }], by, 1);
  const told = [...journal.index.eachBelow('a' as SitePath)];
  expect(told).toEqual(journal.index.below('a' as SitePath));
  expect(told.map(({ path }) => path)).toEqual(names.filter((name) => name !== 'a/3/3').toSorted());
});
