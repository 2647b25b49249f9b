import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { Store } from '../../electron/engine/store/open.ts';

const NORMAL = 1;
const FULL = 2;

function open(): { db: DatabaseSync; store: Store; flushes: () => unknown } {
  const db = new DatabaseSync(':memory:');
  db.exec('PRAGMA synchronous = FULL; CREATE TABLE fruit (name TEXT)');
  return { db, store: new Store(db), flushes: () => db.prepare('PRAGMA synchronous').get()?.['synchronous'] };
}

test('what need not be on disk yet is committed without a flush, and whatever comes after it with one', () => {
  const { store, flushes } = open();
  const seen: unknown[] = [];
  store.soon(() => {
    seen.push(flushes());
    store.run("INSERT INTO fruit VALUES ('pear')");
  });
  store.transaction(() => seen.push(flushes()));
  const fail = (): void => {
    store.run("INSERT INTO fruit VALUES ('plum')");
    throw new Error('rotten');
  };
  expect(() => store.soon(fail)).toThrow('rotten');
  seen.push(flushes());
  // Of what is on disk nothing is left to later.
  store.transaction(() => store.soon(() => seen.push(flushes())));
  expect([seen, store.all('SELECT name FROM fruit')]).toEqual([[NORMAL, FULL, FULL, FULL], [{ name: 'pear' }]]);
});

test('reads that are to share a transaction begin it with the first of them', () => {
  const { db, store } = open();
  const seen: boolean[] = [];
  store.reading(() => {
    seen.push(db.isTransaction);
    store.get('SELECT name FROM fruit');
    store.reading(() => seen.push(db.isTransaction));
    store.run("INSERT INTO fruit VALUES ('pear')");
    seen.push(db.isTransaction);
  });
  store.reading(() => undefined);
  expect([seen, db.isTransaction]).toEqual([[false, true, false], false]);
});
