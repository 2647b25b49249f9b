import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { Unnumbered } from '../../shared/domain/change.ts';
import { DEFAULT_RULES } from '../../shared/contract/rules.ts';
import type { Reference } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { migrations, Store } from '../../electron/engine/store/open.ts';

const BY = { account: 'anna' };
const LIMIT = 250;

function put(path: string, refs?: string[]): Unnumbered {
  const content = { size: path.length, mtime: 1_700_000_000_000, sha256: path.padEnd(64, '0') };
  return { op: 'put', path: path as SitePath, ...content, ...(refs && { refs: refs as Reference[] }) };
}

function open(): { journal: Journal; read: () => unknown; told: () => unknown } {
  const db = new DatabaseSync(':memory:');
  for (const sql of migrations) db.exec(sql);
  const store = new Store(db);
  const journal = new Journal(store, 'www');
  return {
    journal,
    told: () => journal.changesAfter(journal.head - 1, LIMIT),
    // Another opening has nothing in memory.
    read: () => new Journal(store, 'www').changesAfter(journal.head - 1, LIMIT),
  };
}

it('tells the newest change from memory as its row tells it', () => {
  const { journal, read, told } = open();
  const steps: Unnumbered[][] = [
    [put('a')],
    [put('page.html', ['a', 'b'])],
    [put('a')],
    [{ op: 'delete', path: 'a' as SitePath }],
    [put('b'), put('c')],
    [{ op: 'rename', path: 'd' as SitePath, from: 'c' as SitePath, kind: 'file' }],
    [put('empty.html', [])],
  ];
  for (const [at, changes] of steps.entries()) {
    journal.append(changes, BY, 1000 + at);
    journal.confirm();
    expect(told()).toEqual(read());
  }
  journal.append([put('in-a-release')], BY, 2000, undefined, { together: false });
  journal.confirm();
  expect(told()).toEqual(read());
});

it('forgets what the tree did not take, also where rules get its number', () => {
  const { journal, read, told } = open();
  journal.append([put('a')], BY, 1000);
  journal.confirm();
  journal.append([put('b')], BY, 1001);
  expect(told()).toMatchObject([{ path: 'a' }]);
  journal.takeBack(() => undefined);
  expect(told()).toEqual(read());
  journal.append([put('b')], BY, 1002);
  journal.takeBack(() => undefined);
  journal.setRules({ ...DEFAULT_RULES }, BY, 1003);
  expect(told()).toEqual(read());
  expect(told()).toMatchObject([{ op: 'rules', seq: 2 }]);
});
