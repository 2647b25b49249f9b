import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { initial } from '../../electron/engine/store/migrations/0001-initial.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { lockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fixtures = new URL('../fixtures/schema-1/', import.meta.url);

/**
 * Data folders as the first version wrote them, made by running it: uploads, an upload that broke off, releases and one taken
 * back, groups, links, an invitation that nobody used, and things that wait at the mirror.
 */
describe.each(['master', 'mirror'] as const)('a %s of schema 1', (role) => {
  test('loses no row and no value when it is opened', async () => {
    const { file } = await dataFolder(role);
    const before = readAll(file);
    expect(Object.values(before).reduce((sum, { rows }) => sum + rows.length, 0)).toBeGreaterThan(50);
    const store = await openStore(file);
    store.close();
    const database = new DatabaseSync(file, { readOnly: true });
    expect(Number(database.prepare('PRAGMA user_version').get()?.['user_version'])).toBeGreaterThan(1);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    for (const [table, { columns, rows }] of Object.entries(before))
      expect(read(database, table, columns), table).toEqual(rows);
    database.close();
  });
});

test('what the first version knew at a master is told by this one', async () => {
  const { dataDir } = await dataFolder('master');
  const ask = asker(dataDir);
  expect(await ask('status')).toMatchObject({
    node: { name: 'origin', role: 'master' },
    sites: [{ name: 'www', headSeq: 23, peers: [{ name: 'tokyo', receivedSeq: 23, publishedSeq: 16 }] }],
  });
  expect(await ask('release', 'list')).toMatchObject([
    { name: 'Together', changes: 3 },
    { name: 'Back to before “First of all”', reverts: 11 },
    { name: 'First of all', changes: 2 },
  ]);
  expect(await ask('account', 'list')).toEqual(
    expect.arrayContaining([expect.objectContaining({ user: 'alice', site: 'www', releasesOnly: false })]),
  );
  expect(await ask('group', 'list')).toMatchObject([
    { name: 'shop', rule: 'release' },
    { name: 'feed', rule: 'all' },
  ]);
  const history = await ask('history', '--limit', '100');
  expect(history).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'news/today.html' })]));
  expect(history).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'big.bin' })]));
});

test('what the first version knew at a mirror is told by this one, and what waited waits', async () => {
  const { dataDir } = await dataFolder('mirror');
  const ask = asker(dataDir);
  expect(await ask('status')).toMatchObject({
    node: { name: 'tokyo', role: 'mirror' },
    sites: [{ name: 'www', peers: [{ name: 'origin', receivedSeq: 23 }] }],
  });
  expect(await ask('waiting', 'list')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'www:group:feed' }),
      expect.objectContaining({ id: 'www:group:shop' }),
    ]),
  );
  expect(await ask('link', 'missing')).toEqual(
    expect.arrayContaining([expect.objectContaining({ page: 'page.html', target: 'nowhere.html' })]),
  );
});

async function dataFolder(role: 'master' | 'mirror') {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  await mkdir(join(root, '.lockstep', 'staging'), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 });
  const text = (name: string): Promise<string> => readFile(new URL(`${role}.${name}`, fixtures), 'utf8');
  await writeFile(join(dataDir, 'config.json'), (await text('json')).replaceAll('/srv/www', root));
  const file = join(dataDir, 'lockstep.db');
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${initial}; PRAGMA user_version = 1`);
  database.exec(await text('sql'));
  database.close();
  return { dataDir, file };
}

function asker(dataDir: string): (...words: string[]) => Promise<unknown> {
  return async (...words) => {
    const { code, out, err } = await lockstep([...words, '--data', dataDir, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out) as unknown;
  };
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly unknown[];
}

function readAll(file: string): Record<string, Table> {
  const database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const found = tables.map(({ name }): [string, Table] => {
    const columns = database.prepare(`SELECT name FROM pragma_table_info('${String(name)}')`).all();
    const names = columns.map((column) => String(column['name']));
    return [String(name), { columns: names, rows: read(database, String(name), names) }];
  });
  database.close();
  return Object.fromEntries(found);
}

function read(database: DatabaseSync, table: string, columns: readonly string[]): unknown[] {
  const list = columns.map((name) => `"${name}"`).join(', ');
  return database.prepare(`SELECT ${list} FROM "${table}" ORDER BY ${list}`).all();
}
