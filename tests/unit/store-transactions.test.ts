import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { Store } from '../../electron/engine/store/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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

test('a number that could not be read again is not written, nor what comes with it', () => {
  const { db, store } = open();
  db.exec('CREATE TABLE harvest (at INTEGER)');
  for (const at of [2 ** 53, -(2 ** 63), 1e300, Number.POSITIVE_INFINITY]) {
    const write = (): void => {
      store.run('INSERT INTO harvest VALUES (?)', 1);
      store.insert('INSERT INTO harvest VALUES (?)', at);
    };
    expect(() => store.transaction(write)).toThrow(RangeError);
  }
  store.run('INSERT INTO harvest VALUES (?)', Number.MAX_SAFE_INTEGER);
  expect(store.all('SELECT at FROM harvest')).toEqual([{ at: Number.MAX_SAFE_INTEGER }]);
});

test('what keeps a database from being read is told as what keeps it from being written', async () => {
  const file = join(await temporaryFolder(), 'fruit.db');
  const db = new DatabaseSync(file, { timeout: 0 });
  const other = new DatabaseSync(file);
  onTestFinished(() => [db, other].forEach((each) => each.close()));
  db.exec("CREATE TABLE fruit (name TEXT); INSERT INTO fruit VALUES ('pear')");
  const store = new Store(db);
  const reads = [
    () => store.get('SELECT name FROM fruit'),
    () => store.all('SELECT name FROM fruit'),
    () => store.reading(() => store.all('SELECT name FROM fruit')),
  ];
  for (const read of reads) read();
  other.exec('BEGIN EXCLUSIVE');
  const refused = expect.objectContaining({ code: 'file.io', params: { reason: 'SQLite 5' } });
  for (const read of reads) expect(read).toThrow(refused);
  other.exec('COMMIT');
  expect(reads.map((read) => read())).toEqual([{ name: 'pear' }, [{ name: 'pear' }], [{ name: 'pear' }]]);
});
