import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { initial } from '../../electron/engine/store/migrations/0001-initial.ts';
import { migrations, openStore } from '../../electron/engine/store/open.ts';
import { keyOf } from '../../electron/engine/hooks/hook-queue.ts';
import { hook } from '../../shared/contract/hooks.ts';
import { hookServer } from '../support/hooks.ts';
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

/** The SQL of schema 1 as these commits had it, from the first landed version on: each later edit kept the number. */
const unreleased = ['011bb37', '7d1fe3c', 'a57e031', '278d804', '7799c90', '05a7af1', '2c207b9', '0b1881e'] as const;

describe.each(['master', 'mirror'] as const)('a %s', (role) => {
  test.each(unreleased)(
    'of schema 1 as it was in %s becomes what schema 1 is now, with all that it knew',
    async (commit) => {
      const { file } = await dataFolder(role, 1, await sqlOf(commit));
      const before = readAll(file);
      const fresh = await dataFolder(role, migrations.length);
      for (const each of [file, fresh.file]) (await openStore(each)).close();
      expect(schemaOf(file)).toEqual(schemaOf(fresh.file));
      const database = new DatabaseSync(file, { readOnly: true });
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
      for (const [table, { columns, rows }] of Object.entries(before)) {
        const kept = columns.filter((name) => `${table}.${name}` !== 'followed_release.go_at');
        const known = rows.map((row) => Object.fromEntries(kept.map((name) => [name, row[name]])));
        expect(read(database, table, kept), table).toEqual(expect.arrayContaining(known));
        expect(read(database, table, kept), table).toHaveLength(rows.length);
      }
      expect(database.prepare('SELECT count(*) AS n FROM want WHERE changed_at <> since').get()).toEqual({ n: 0 });
      database.close();
    },
  );

  const every = [...migrations.map((_, index) => index + 1), ...unreleased];
  test.each(every)('of schema %s runs, and goes on with its work', async (schema) => {
    const isNumber = typeof schema === 'number';
    const { dataDir, root } = await dataFolder(role, isNumber ? schema : 1, isNumber ? initial : await sqlOf(schema));
    const config = join(dataDir, 'config.json');
    await writeFile(config, (await readFile(config, 'utf8')).replaceAll(/"port": \d+/g, '"port": 0'));
    const engine = await createEngine(quietPorts(dataDir), dataDir);
    onTestFinished(() => engine.stop());
    const { sites } = await engine.call('node.status', {});
    // The rules of a site that has known none are a change.
    expect(sites).toMatchObject([{ name: 'www', headSeq: isNumber || role === 'mirror' ? 23 : expect.any(Number) }]);
    expect(sites[0]).not.toHaveProperty('error');
    expect((await engine.call('history.list', { limit: 100 })).length).toBeGreaterThan(10);
    await engine.call('waiting.list', {});
    await engine.call('link.list', { site: 'www' });
    if (role === 'master') await engine.call('release.list', { site: 'www' });
    await writeFile(join(root, 'page.html'), '<a href="later.html">');
    await engine.call('site.rescan', { name: 'www', allowDeletes: true });
    const after = await engine.call('node.status', {});
    if (role === 'master') expect(after.sites[0]?.headSeq).toBeGreaterThan(23);
  });
});

test('a want of the first version knows whether others are of its transfer', async () => {
  const { file } = await dataFolder('mirror', 1, await sqlOf('011bb37'));
  const database = new DatabaseSync(file);
  database.exec(`INSERT INTO want (site, path, kind, seq, transfer, state, since)
    SELECT 1, 'both/' || value, 'gone', 23, 900 + (value > 2), 'queued', 1764000000000 + value
    FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3)`);
  database.close();
  const store = await openStore(file);
  const sql = "SELECT part, changed_at FROM want WHERE path LIKE 'both/%' ORDER BY path";
  expect(store.all(sql)).toEqual([
    { part: 1, changed_at: 1764000000001 },
    { part: 1, changed_at: 1764000000002 },
    { part: 0, changed_at: 1764000000003 },
  ]);
  store.close();
});

test.each([
  ['steps of the very first version that were not done', '011bb37', `INSERT INTO plan (site, steps) VALUES (1, '[]')`],
  ['a column that nobody knows', '7799c90', 'ALTER TABLE want ADD COLUMN colour TEXT'],
  ['a table that nobody knows', '05a7af1', 'CREATE TABLE colour (name TEXT) STRICT'],
] as const)('%s: the database is refused in words, and left as it is', async (_, commit, change) => {
  const { file, dataDir } = await dataFolder('master', 1, await sqlOf(commit));
  const database = new DatabaseSync(file);
  database.exec(change);
  database.close();
  const before = [schemaOf(file), readAll(file)];
  await expect(openStore(file)).rejects.toMatchObject({ code: 'store.unreleased', params: { file } });
  expect([schemaOf(file), readAll(file)]).toEqual(before);
  const { code, err } = await lockstep(['status', '--data', dataDir]);
  expect(code).toBe(1);
  expect(err).toContain('from before the first release');
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

test('an event that an earlier version has queued is told by this one, and of what it had told nothing', async () => {
  const { dataDir, file } = await dataFolder('mirror', 13);
  const { url, told } = await hookServer(() => 200);
  const own = hook.parse({ on: 'published', url });
  const event = { id: 'an id', at: 1764000000000, node: { id: 'x', name: 'tokyo' }, site: 'www', event: 'published' };
  const body = JSON.stringify({ ...event, changes: [{ op: 'put', path: 'queued.html', seq: 2 }], total: 1 });
  const database = new DatabaseSync(file);
  const published = database.prepare('SELECT seq, published_at AS at FROM transfer WHERE published_at > 0').all();
  const times = published.map(({ at }) => Number(at)).toSorted((a, b) => a - b);
  // It had told all but the last.
  const until = times.at(-2) ?? 0;
  database.prepare('INSERT INTO hook_event (hook, event, body) VALUES (?, ?, ?)').run(keyOf(own), event.id, body);
  database.prepare("INSERT INTO hook_heard VALUES ('published', ?)").run(until);
  database.close();
  const config = join(dataDir, 'config.json');
  await writeFile(config, JSON.stringify({ ...JSON.parse(await readFile(config, 'utf8')), hooks: [own] }));
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  await expect.poll(() => told().length).toBeGreaterThan(1);
  expect(told()[0]).toEqual(JSON.parse(body));
  const before = published.filter(({ at }) => Number(at) <= until).map(({ seq }) => seq);
  const last = published.filter(({ at }) => Number(at) > until).map(({ seq }) => seq);
  const seqs = told()
    .slice(1)
    .flatMap(({ changes }) => changes.map(({ seq }) => seq));
  expect(seqs).toEqual(expect.arrayContaining(last));
  expect(seqs.filter((seq) => before.includes(seq))).toEqual([]);
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
  "UPDATE site SET flush_failed = 'another boot'",
  `INSERT INTO hook_event VALUES (1, 'a hook', 'release 7', '{}'); INSERT INTO hook_heard VALUES ('released', 1764000000000)`,
  "UPDATE subscription SET pairing = 'a pairing'; UPDATE farewell SET pairing = 'an earlier one'",
  "INSERT INTO former_journal SELECT id, 'a journal' FROM site",
  'UPDATE peer SET seen_at = 1764000000000; UPDATE subscription SET since = 1764000000000',
  "UPDATE site SET boot = 'another boot'",
  `INSERT OR IGNORE INTO untold_transfer SELECT id FROM transfer WHERE seq = 3;
   INSERT OR IGNORE INTO untold_release SELECT site, id FROM release`,
  // An index only.
  '',
  "UPDATE site SET compared_journal = 'a journal', compared_seq = 3, compared_term = 'a term'",
  "INSERT INTO unfit SELECT id, x'610a', 'unfit.characters', 1764000000000 FROM site",
  // An index only.
  '',
  "UPDATE release SET drop_id = '0123456789abcdef'",
  "INSERT INTO former_peer (id, name) VALUES ('an id', 'kyoto')",
  'UPDATE site SET compared_since = 2',
  'INSERT INTO gone_on SELECT id, 3, 5, 0 FROM site',
  'UPDATE site SET looked_at = 1764000000000',
  "UPDATE release SET opened_as = '0123456789abcdef'",
  "INSERT INTO open_drop VALUES ('0123456789abcdef', 1764000000000, '{}', NULL)",
  `UPDATE site SET disks = '["media"]'`,
];

test('every schema says what it has added', () => {
  expect(additions).toHaveLength(migrations.length - 1);
});

function sqlOf(commit: string): Promise<string> {
  return readFile(new URL(`earlier/${commit}.sql`, fixtures), 'utf8');
}

async function dataFolder(role: 'master' | 'mirror', schema = 1, first = initial) {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  await mkdir(join(root, '.lockstep', 'staging'), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 });
  const text = (name: string): Promise<string> => readFile(new URL(`${role}.${name}`, fixtures), 'utf8');
  await writeFile(join(dataDir, 'config.json'), (await text('json')).replaceAll('/srv/www', root));
  const file = join(dataDir, 'lockstep.db');
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${first}; PRAGMA user_version = 1`);
  if (first === initial) database.exec(await text('sql'));
  else insertKnown(database, await text('sql'));
  migrations.slice(1, schema).forEach((sql, index) => database.exec(`${sql}; ${additions[index]}`));
  database.exec(`PRAGMA user_version = ${schema}`);
  database.close();
  return { dataDir, file, root };
}

/** The rows as far as the tables of `database` have a place for them. */
function insertKnown(database: DatabaseSync, sql: string): void {
  const source = new DatabaseSync(':memory:');
  source.exec(`${initial}; ${sql}`);
  database.exec('PRAGMA foreign_keys = OFF');
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const table of tables.map(({ name }) => String(name))) {
    const theirs = new Set(columnsOf(source, table));
    const shared = columnsOf(database, table).filter((name) => theirs.has(name));
    const marks = shared.map(() => '?').join(', ');
    const insert = database.prepare(`INSERT INTO "${table}" (${shared.join(', ')}) VALUES (${marks})`);
    for (const row of read(source, table, shared)) insert.run(...shared.map((name) => row[name] ?? null));
  }
  source.close();
}

function schemaOf(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
  database.close();
  return rows;
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
  readonly rows: readonly Record<string, SQLOutputValue>[];
}

function readAll(file: string): Record<string, Table> {
  const database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const found = tables.map(({ name }): [string, Table] => {
    const names = columnsOf(database, String(name));
    return [String(name), { columns: names, rows: read(database, String(name), names) }];
  });
  database.close();
  return Object.fromEntries(found);
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  const rows = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  return rows.map(({ name }) => String(name));
}

function read(database: DatabaseSync, table: string, columns: readonly string[]): Record<string, SQLOutputValue>[] {
  const list = columns.map((name) => `"${name}"`).join(', ');
  return database.prepare(`SELECT ${list} FROM "${table}" ORDER BY ${list}`).all();
}
