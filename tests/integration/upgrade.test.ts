import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { initial } from '../../electron/engine/store/migrations/0001-initial.ts';
import { migrations, openStore } from '../../electron/engine/store/open.ts';
import { lockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fixtures = new URL('../fixtures/schema-1/', import.meta.url);

/**
 * Data folders as the first version wrote them, made by running it: uploads, an upload that broke off, releases and one taken
 * back, groups, links, an invitation that nobody used, and things that wait at the mirror.
 */
describe.each(['master', 'mirror'] as const)('a %s', (role) => {
  const earlier = migrations.slice(0, -1).map((_, index) => index + 1);
  test.each(earlier)('of schema %i loses no row and no value when it is opened', async (schema) => {
    const { file } = await dataFolder(role, schema);
    const before = readAll(file);
    expect(Object.values(before).reduce((sum, { rows }) => sum + rows.length, 0)).toBeGreaterThan(50);
    const store = await openStore(file);
    store.close();
    const database = new DatabaseSync(file, { readOnly: true });
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: migrations.length });
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

/** What each schema has added, filled in: a new one has to say here what it holds. */
const additions: readonly string[] = [
  "INSERT INTO target SELECT id, 'feed.xml', 1764000000000 FROM site",
  'UPDATE account SET releases_only = 1',
  "INSERT INTO term (site, id, first) SELECT id, 'a term', 7 FROM site; UPDATE site SET term = 'a term'",
  // Indexes only.
  '',
  `INSERT INTO pause VALUES ('all', '', 1764000000000); UPDATE peer SET conditions = '{"bytesPerSecond": 1000}'`,
  "INSERT INTO publish_target VALUES ('live', 'ftp.example.org', 21, 'ftps', 'alice', '', NULL, 'sealed')",
  `INSERT INTO farewell SELECT id, 'shop', 1764000000000 FROM peer; UPDATE peer SET leaving = 1;
   INSERT INTO departure SELECT id, 'osaka', 1764000000000 FROM site`,
  "INSERT INTO drift SELECT id, 'page.html', 'found', 5, 1764000000000, NULL, 1764000000000 FROM site",
  "UPDATE site SET mark = 'a mark', root = '/srv/www'",
];

test('every schema says what it has added', () => {
  expect(additions).toHaveLength(migrations.length - 1);
});

async function dataFolder(role: 'master' | 'mirror', schema = 1) {
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
  migrations.slice(1, schema).forEach((sql, index) => database.exec(`${sql}; ${additions[index]}`));
  database.exec(`PRAGMA user_version = ${schema}`);
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
