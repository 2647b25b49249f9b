import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { asEarlierBackup } from '../support/earlier-backup.ts';
import { freePort } from '../support/free-port.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { rightsOf } from '../support/rights.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

test('a backup of a running master is put back, and the mirror has what the tree has', async () => {
  const { folder, master, mirror, roots, backup } = await installs();
  const running = await runLockstep(master);
  await runLockstep(mirror);
  await writeFile(join(roots.master, 'one.txt'), 'one');
  await lockstep(['site', 'rescan', 'www', '--data', master]);
  expect(await lockstep(['backup', backup, '--data', master])).toMatchObject({ code: 0, err: '' });
  expect(await rightsOf(backup, 0o600)).toBe(0o600);
  for (let number = 0; number < 5; number += 1) await writeFile(join(roots.master, `later-${number}.txt`), 'later');
  await rm(join(roots.master, 'one.txt'));
  await lockstep(['site', 'rescan', 'www', '--data', master]);
  expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
  // A second one of it would work in the same folders.
  const beside = ['restore', backup, '--data', join(folder, 'beside')];
  const refused = await lockstep(beside);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('backup.running') });
  expect(refused.err).toContain(master);
  await running.end();

  expect(await lockstep(['restore', backup, '--data', master])).toMatchObject({
    code: 1,
    err: expect.stringContaining('backup.occupied'),
  });
  await rename(master, join(folder, 'lost'));
  const restored = await lockstep(['restore', backup, '--data', master, '--json']);
  expect(JSON.parse(restored.out)).toMatchObject({ node: { role: 'master' }, sites: [{ name: 'www', changed: 6 }] });
  await runLockstep(master);
  // As many changes as were lost, and other ones.
  for (let number = 0; number < 8; number += 1) await writeFile(join(roots.master, `new-${number}.txt`), 'new');
  await lockstep(['site', 'rescan', 'www', '--data', master]);
  expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
  expect(Object.keys(await readTree(roots.mirror))).toEqual(Object.keys(await readTree(roots.master)));
  expect(Object.keys(await readTree(roots.mirror))).toHaveLength(14);
  // What the mirror had already is published again, and the history says that it has it.
  const { out } = await lockstep(['history', '--path', 'later-*', '--data', master, '--json']);
  const again = JSON.parse(out) as { deliveries: { state: string }[] }[];
  // It was told of each, or had compared them all with the index before.
  expect(again.map(({ deliveries }) => deliveries.map(({ state }) => state))).toEqual(Array(5).fill(['skipped']));
});

test('a mirror that is put back compares, and is in step again', async () => {
  const { folder, master, mirror, roots, backup } = await installs();
  await runLockstep(master);
  const running = await runLockstep(mirror);
  for (const name of ['stays', 'changes', 'goes']) await writeFile(join(roots.master, name), name);
  await lockstep(['site', 'rescan', 'www', '--data', master]);
  expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
  expect(await lockstep(['backup', backup, '--data', mirror])).toMatchObject({ code: 0 });
  await rm(join(roots.master, 'goes'));
  await writeFile(join(roots.master, 'changes'), 'changed');
  await writeFile(join(roots.master, 'comes'), 'comes');
  await lockstep(['site', 'rescan', 'www', '--data', master]);
  expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
  await running.end();
  await rename(mirror, join(folder, 'lost'));

  expect(await lockstep(['restore', backup, '--data', mirror])).toMatchObject({ code: 0 });
  await runLockstep(mirror);
  expect(await lockstep(['wait', '--data', mirror, '--timeout', '120s'])).toMatchObject({ code: 0 });
  await expect.poll(() => readTree(roots.mirror)).toEqual(await readTree(roots.master));
});

test('files that the config names and a backup does not hold are named', async () => {
  const { dataDir: master, root: folder } = await newMaster();
  const early = await inProcess(['backup', join(folder, 'early.db'), '--data', master]);
  expect(early).toMatchObject({ code: 1, err: expect.stringContaining('backup.nothing') });
  await ask('status', master);
  const config = join(master, 'config.json');
  const { ftp, ...rest } = JSON.parse(await readFile(config, 'utf8')) as { ftp: object };
  const url = 'http://127.0.0.1:9/';
  const hooks = ['hook.secret', 'hook.secret', join(folder, 'other')].map((secretFile) => ({
    on: 'release-everywhere',
    url,
    secretFile,
  }));
  const certificate = { cert: '/etc/ssl/site.pem', key: '/etc/ssl/site.key' };
  await writeFile(config, JSON.stringify({ ...rest, ftp: { ...ftp, certificate }, hooks }));
  const { notSaved } = await ask('backup', master, join(folder, 'backup.db'));
  expect(notSaved).toEqual([join(master, 'hook.secret'), join(folder, 'other'), certificate.cert, certificate.key]);
  const { out } = await inProcess(['backup', join(folder, 'again.db'), '--data', master]);
  for (const file of notSaved) expect(out).toContain(`Not in it: ${file}`);
});

test('what is no backup, or a damaged one, makes no install', async () => {
  const { folder, master, backup } = await installs();
  const target = join(folder, 'target');
  await writeFile(join(folder, 'text'), 'not a backup');
  for (const file of ['text', 'missing']) {
    const { code, err } = await lockstep(['restore', join(folder, file), '--data', target]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/backup\.unreadable|file\.not-found/) });
  }
  await lockstep(['backup', backup, '--data', master]);
  expect(await lockstep(['backup', backup, '--data', master])).toMatchObject({ code: 1 });
  await truncate(backup, (await readFile(backup)).length - 20_000);
  expect(await lockstep(['restore', backup, '--data', target])).toMatchObject({ code: 1 });
  expect(await lockstep(['status', '--data', target])).toMatchObject({
    code: 1,
    err: expect.stringContaining('node.missing'),
  });
});

test('what could not be put back can be tried again, in the same folder', async () => {
  const { dataDir, root } = await newMaster();
  await ask('status', dataDir);
  const backup = join(dirname(root), 'backup.db');
  await ask('backup', dataDir, backup);
  const target = join(dirname(root), 'target');
  await mkdir(target);
  asEarlierBackup(backup, 'PRAGMA user_version = 1000000');
  const refused = await inProcess(['restore', backup, '--data', target]);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('store.newer') });
  expect(await readdir(target)).toEqual(['config.lock']);
  await rm(backup);
  await ask('backup', dataDir, backup);
  expect(await inProcess(['restore', backup, '--data', target])).toMatchObject({ code: 0 });
});

test.each(['copied', 'restored'] as const)(
  'a master whose data folder is an older one, %s, tells mirrors nothing before its tree was read',
  async (how) => {
    const { folder, master, mirror, roots, backup } = await installs();
    const running = await runLockstep(master);
    await runLockstep(mirror);
    const many = Array.from({ length: 12 }, (_, number) => join(roots.master, `many-${number}`));
    for (const file of many) await writeFile(file, file);
    await lockstep(['site', 'rescan', 'www', '--data', master]);
    expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
    await running.end();
    if (how === 'copied') await cp(master, join(folder, 'copy-of-master'), { recursive: true });
    else expect(await lockstep(['backup', backup, '--data', master])).toMatchObject({ code: 0 });
    const later = await runLockstep(master);
    await writeFile(join(roots.master, 'later'), 'later');
    await lockstep(['site', 'rescan', 'www', '--data', master]);
    expect(await lockstep(['wait', '--data', master, '--timeout', '120s'])).toMatchObject({ code: 0 });
    await later.end();

    await rename(master, join(folder, 'lost'));
    // So many are gone that a person has to say whether that is meant.
    for (const file of many) await rm(file);
    if (how === 'copied') await rename(join(folder, 'copy-of-master'), master);
    else expect(await lockstep(['restore', backup, '--data', master])).toMatchObject({ code: 1 });
    await runLockstep(master);
    const waiting = async (): Promise<unknown> =>
      JSON.parse((await lockstep(['waiting', 'list', '--data', master, '--json'])).out);
    const asked = { id: 'www:deletes', kind: 'delete-guard', error: { code: 'guard.held' } };
    await expect.poll(waiting).toMatchObject([asked]);
    await sleep(1_000);
    expect(Object.keys(await readTree(roots.mirror))).toContain('later');
    expect(await lockstep(['waiting', 'publish', 'www:deletes', '--data', master])).toMatchObject({ code: 0 });
    await expect.poll(waiting).not.toMatchObject([asked]);
    expect(Object.keys(await readTree(roots.mirror))).toContain('later');
  },
);

async function installs() {
  const folder = await temporaryFolder();
  const [master, mirror] = [join(folder, 'master'), join(folder, 'mirror')];
  const roots = { master: join(folder, 'site'), mirror: join(folder, 'copy') };
  const [ftp, link] = [await freePort(), await freePort()];
  await mkdir(roots.master);
  await writeFile(join(roots.master, 'first.txt'), 'first');
  const listeners = ['--ftp', `127.0.0.1:${ftp}`, '--link', `127.0.0.1:${link}`];
  await lockstep(['init', '--role', 'master', '--data', master, ...listeners]);
  await lockstep(['site', 'add', 'www', roots.master, '--data', master]);
  await lockstep(['init', '--role', 'mirror', '--data', mirror]);
  const running = await runLockstep(master);
  const { out: code } = await lockstep(['invite', '--data', master]);
  expect(await lockstep(['join', code.trim(), '--root', roots.mirror, '--data', mirror])).toMatchObject({ code: 0 });
  await running.end();
  return { folder, master, mirror, roots, backup: join(folder, 'backup.db') };
}
