import { createHash, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { readBackup } from '../../electron/engine/install/backup.ts';
import { thisBoot } from '../../electron/engine/tree/boot.ts';
import { writeUnflushed } from '../../electron/engine/tree/unflushed-mark.ts';
import type { AppError } from '../../shared/errors/app-error.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { asEarlierBackup } from '../support/earlier-backup.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { rightsOf } from '../support/rights.ts';

const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';
const ENDLESS_VIEW = `CREATE VIEW backup (format, name, content) AS ${ENDLESS} SELECT 1, 'config.json', zeroblob(1000) FROM n`;
const ENDLESS_TRIGGER = `CREATE TRIGGER t BEFORE UPDATE ON site BEGIN INSERT INTO site (name) ${ENDLESS} SELECT 'n' || i FROM n; END`;

test('a backup is not put into the folder of a site, where its key would be published', async () => {
  const { dataDir, root, folder } = await published();
  await mkdir(join(root, 'below'));
  await symlink(join(root, 'below'), join(folder, 'link'));
  for (const file of [join(root, 'b.db'), join(root, 'below', 'b.db'), join(folder, 'link', 'b.db')]) {
    const { code, err } = await inProcess(['backup', file, '--data', dataDir]);
    expect([file, code, err]).toEqual([file, 1, expect.stringContaining('(backup.in-site)')]);
  }
  expect(await readdir(join(root, 'below'))).toEqual([]);
});

test('a backup that cannot be written where it was asked for says so in a sentence, and leaves nothing', async () => {
  const { dataDir, folder } = await published();
  await writeFile(join(folder, 'plain'), '');
  const refusal = (name: string): string => `lockstep: “${join(folder, name)}” is`;
  const asked = async (name: string): Promise<unknown> => {
    const { code, err } = await inProcess(['backup', join(folder, name), '--data', dataDir]);
    return [code, err];
  };
  expect(await asked('plain/b.db')).toEqual([1, expect.stringContaining(`${refusal('plain')} a file, not a folder.`)]);
  expect(await asked('none/b.db')).toEqual([1, expect.stringContaining(`${refusal('none')} not there.`)]);
  expect(await readdir(folder)).not.toContain('none');
});

test('an install is not put back into the folder of a site', async () => {
  const { root, backup } = await published();
  const { code, err } = await inProcess(['restore', backup, '--data', join(root, 'data')]);
  expect([code, err]).toEqual([1, expect.stringContaining('(site.root-clash)')]);
  expect(await readdir(root)).toEqual(['.lockstep']);
});

test('a restore that is killed at any step leaves an install, or what the next one takes away', async () => {
  const { dataDir, backup, folder } = await published();
  const hook = new URL('../support/killed-at-step.ts', import.meta.url).href;
  const key = await readFile(join(dataDir, 'identity', 'key.pem'));
  const ends: string[] = [];
  for (let step = 1; ends.at(-1) !== 'done'; step += 1) {
    const data = join(folder, `step-${step}`);
    const env = { NODE_OPTIONS: `--import=${hook}`, KILL_AT_STEP: String(step) };
    const { code } = await lockstep(['restore', backup, '--data', data], { env });
    const isThere = (await readdir(data).catch((): string[] => [])).includes('config.json');
    ends.push(code === 0 ? 'done' : isThere ? 'there' : 'broken off');
    expect([step, code]).toEqual([step, code === 0 ? 0 : null]);
    if (!isThere) await readBackup(backup, data);
    // An empty folder may be left where all the rest was done.
    const left = (await readdir(data)).filter((name) => name.startsWith('restor'));
    expect([step, isThere ? left.filter((name) => !name.startsWith('restored-')) : left]).toEqual([step, []]);
    expect(await readFile(join(data, 'identity', 'key.pem'))).toEqual(key);
    for (const name of ['config.json', 'lockstep.db', join('identity', 'key.pem')])
      expect([name, await rightsOf(join(data, name), 0o600)]).toEqual([name, 0o600]);
  }
  expect(new Set(ends)).toEqual(new Set(['broken off', 'there', 'done']));
  expect(ends.length).toBeGreaterThan(8);
});

test('what is left of a restore is taken away, and nothing else', async () => {
  const { backup, folder } = await published();
  const data = join(folder, 'target');
  const [restored, config] = [join(data, 'restored-0123456789ab'), join(data, 'restored-0123456789ab', 'config.json')];
  await mkdir(join(restored, 'identity'), { recursive: true });
  await writeFile(config, '{}');
  // It is not from there: that one has not been moved yet.
  await mkdir(join(data, 'identity'));
  await writeFile(join(data, 'identity', 'key.pem'), 'mine');
  await expect(readBackup(backup, data)).rejects.toMatchObject({ code: 'backup.occupied' });
  // It is from there, and was an install since, of which somebody has taken away the config.
  await rm(join(restored, 'identity'), { recursive: true });
  await rm(config);
  await expect(readBackup(backup, data)).rejects.toMatchObject({ code: 'backup.occupied' });
  expect(await readFile(join(data, 'identity', 'key.pem'), 'utf8')).toBe('mine');
});

test('a folder of a person is left alone by a restore, whatever it is called', async () => {
  const { backup, folder } = await published();
  const data = join(folder, 'target');
  for (const name of ['restored', 'restoring', 'restored-2026']) {
    await mkdir(join(data, name), { recursive: true });
    await writeFile(join(data, name, 'photo.jpg'), 'mine');
  }
  await readBackup(backup, data);
  for (const name of ['restored', 'restoring', 'restored-2026'])
    expect(await readFile(join(data, name, 'photo.jpg'), 'utf8')).toBe('mine');
});

test.each([
  ['no key', "DELETE FROM backup WHERE name = 'identity/key.pem'"],
  ['no identity', "DELETE FROM backup WHERE name LIKE 'identity/%'"],
  [
    'a damaged key',
    "UPDATE backup SET content = CAST(replace(CAST(content AS TEXT), 'M', 'N') AS BLOB) WHERE name = 'identity/key.pem'",
  ],
  ['a name that leads outside', "UPDATE backup SET name = '../key.pem' WHERE name = 'identity/key.pem'"],
  ['another name of it', "INSERT INTO backup VALUES (1, 'identity/../../x', x'00')"],
  ['more than the files of an install have', `${['a', 'b'].map(large).join('; ')}`],
  ['a trigger, which would run in the install too', `${ENDLESS_TRIGGER}; INSERT INTO site (name) VALUES ('other')`],
  ['a view for its table, which has no end', `ALTER TABLE backup RENAME TO files; ${ENDLESS_VIEW}`],
])('a backup with %s makes no install', async (_, sql) => {
  const { backup, folder } = await published();
  asEarlierBackup(backup, sql);
  const data = join(folder, 'target');
  expect(await inProcess(['restore', backup, '--data', data])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(backup.unreadable)'),
  });
  expect(await readdir(data)).toEqual(['config.lock']);
  expect((await readdir(folder)).filter((name) => /key|^x$/.test(name))).toEqual([]);
});

test('an index that says two things of one file makes no install', async () => {
  const { dataDir, root, folder } = await published();
  const content = 'what the index knows by its hash';
  await writeFile(join(root, 'file'), content);
  await ask('site rescan', dataDir, 'www');
  const backup = join(folder, 'sound.db');
  await ask('backup', dataDir, backup);
  asEarlierBackup(backup);
  const bytes = await readFile(backup);
  const hash = createHash('sha256').update(content).digest('hex');
  const refused: boolean[] = [];
  for (let at = bytes.indexOf(hash); at >= 0; at = bytes.indexOf(hash, at + 1)) {
    const damaged = Buffer.from(bytes);
    damaged.write('z', at);
    const [file, data] = [join(folder, `damaged-${at}.db`), join(folder, `target-${at}`)];
    await writeFile(file, damaged);
    const { code } = await readBackup(file, data).then(
      () => ({ code: undefined }),
      (error: AppError) => error,
    );
    expect([undefined, 'backup.unreadable']).toContain(code);
    refused.push(code !== undefined);
  }
  // The table and its index; the journal has it too, once.
  expect(refused.filter((each) => each)).toHaveLength(2);
});

test('a backup of which any bit is another makes no install, nor does one that is cut off or goes on', async () => {
  const { backup, folder } = await published();
  const bytes = await readFile(backup);
  const [file, data] = [join(folder, 'damaged.db'), join(folder, 'target')];
  const restored = async (content: Buffer): Promise<unknown> => {
    await writeFile(file, content);
    return readBackup(file, data).catch((error: AppError) => error.code);
  };
  const step = Math.floor(bytes.length / 100);
  const places = Array.from({ length: 100 }, (_, number) => number * step + randomInt(step));
  for (const at of [...places, bytes.length - 32, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << randomInt(8)), at);
    expect([at, await restored(damaged)]).toEqual([at, 'backup.unreadable']);
  }
  for (const length of [0, 31, 32, 33, bytes.length - 33, bytes.length - 32, bytes.length - 1])
    expect([length, await restored(bytes.subarray(0, length))]).toEqual([length, 'backup.unreadable']);
  expect(await restored(Buffer.concat([bytes, Buffer.from([0])]))).toBe('backup.unreadable');
  expect(await restored(bytes)).toBeUndefined();
});

test('nothing is put back where the disk may not have what stands in the folder of a site, until the machine was started anew', async () => {
  const { root, backup, folder } = await published();
  const data = join(folder, 'target');
  writeUnflushed(root, thisBoot());
  await expect(readBackup(backup, data)).rejects.toMatchObject({ code: 'backup.unflushed', params: { root } });
  expect(await readdir(data)).toEqual(['config.lock']);
  writeUnflushed(root, 'up 999999999999');
  await readBackup(backup, data);
});

test('a backup of an earlier version, which has no hash, is put back', async () => {
  const { backup, folder } = await published();
  const data = join(folder, 'target');
  asEarlierBackup(backup);
  await truncate(backup, (await stat(backup)).size - 32);
  await readBackup(backup, data);
  expect(await ask('status', data)).toMatchObject({ sites: [{ name: 'www' }] });
});

test('a code that may have been used since the backup is not good once more', async () => {
  const { dataDir, folder } = await published();
  const running = await runLockstep(dataDir);
  const { code } = await ask('invite', dataDir, '--site', 'www');
  expect(code).not.toBe('');
  const backup = join(folder, 'later.db');
  await ask('backup', dataDir, backup);
  await running.end();
  await readBackup(backup, join(folder, 'target'));
  const invites = [backup, join(folder, 'target', 'lockstep.db')].map((file) => {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare('SELECT count(*) AS count FROM invite').get()?.['count'];
    } finally {
      database.close();
    }
  });
  expect(invites).toEqual([1, 0]);
});

function large(name: string): string {
  return `INSERT INTO backup VALUES (1, 'identity/${name}', zeroblob(10000000))`;
}

async function published() {
  const { dataDir, root } = await newMaster();
  const folder = dirname(root);
  await ask('site add', dataDir, 'www', root);
  const backup = join(folder, 'backup.db');
  await ask('backup', dataDir, backup);
  return { dataDir, root, folder, backup };
}
