import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { migrations, Store } from '../../electron/engine/store/open.ts';

test('uploads that broke off are forgotten in time, also where nothing else has happened since', () => {
  const db = new DatabaseSync(':memory:');
  for (const sql of migrations) db.exec(sql);
  const journal = new Journal(new Store(db), 'www');
  for (const at of [1, 2, 3]) journal.aborted('a' as SitePath, at, { account: 'anna' }, 0, 'reset');
  journal.trim(3);
  expect(db.prepare('SELECT at FROM aborted').all()).toEqual([{ at: 3 }]);
});
