import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { runLockstep } from '../support/lockstep.ts';

const PASSWORD = 'planted-in-a-file';

test('targets of a FileZilla file are saved with their passwords, which work and are told nobody', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  const { password } = await ask('account add', dataDir, 'alice', '--site', 'www');
  const running = await runLockstep(dataDir);
  const { listeners } = await ask('status', dataDir);
  const file = join(dataDir, '..', 'FileZilla.xml');
  const server = (name: string, word: string): string =>
    `<Server><Host>127.0.0.1</Host><Port>${listeners.ftp?.port}</Port><Protocol>6</Protocol><User>${name}</User>` +
    `<Pass encoding="base64">${Buffer.from(word).toString('base64')}</Pass><Name>The ${name}</Name></Server>`;
  const servers = [server('alice', password ?? ''), server('bob', PASSWORD)].join('');
  await writeFile(file, `<FileZilla3><Servers>${servers}</Servers></FileZilla3>`);

  const would = await ask('target import', dataDir, file, '--dry-run');
  expect(would.targets.map(({ name, hasPassword }) => ({ name, hasPassword }))).toEqual([
    { name: 'The-alice', hasPassword: true },
    { name: 'The-bob', hasPassword: true },
  ]);
  expect(await ask('target list', dataDir)).toEqual([]);
  const none = await inProcess(['target', 'import', file, '--only', 'The-bob', '--only', 'Bob', '--data', dataDir]);
  expect(none).toEqual({ code: 1, out: '', err: expect.stringMatching(/“Bob”.* --dry-run.*\(import\.no-such\)/) });
  expect(await ask('target list', dataDir)).toEqual([]);
  const one = await inProcess(['target', 'import', file, '--only', 'The-alice', '--data', dataDir]);
  expect(one).toEqual({ code: 0, out: expect.stringMatching(/^1 target is saved\.\n {2}The-alice +alice@/), err: '' });
  expect(await ask('target test', dataDir, 'The-alice')).toMatchObject({ is: 'ready', lockstep: true });
  const rest = await inProcess(['target', 'import', file, '--data', dataDir]);
  expect(rest.out).toContain('Left out:\n  The alice: it is saved already');
  expect((await ask('target list', dataDir)).map(({ name, password: kept }) => ({ name, kept }))).toEqual([
    { name: 'The-alice', kept: 'file' },
    { name: 'The-bob', kept: 'file' },
  ]);
  const { out, err } = await running.end();
  expect([would, one, rest, out, err].map((each) => JSON.stringify(each)).join()).not.toContain(PASSWORD);
});

test('what is no list of logins is refused with a sentence', async () => {
  const { dataDir } = await newMaster();
  const file = join(dataDir, '..', 'notes.txt');
  await writeFile(file, 'buy milk');
  const refused = async (path: string) => (await inProcess(['target', 'import', path, '--data', dataDir])).err;
  expect(await refused(file)).toContain('(import.unknown)');
  await writeFile(file, Buffer.alloc(8_000_000, 'machine '));
  expect(await refused(file)).toContain('(import.too-large)');
  expect(await refused(join(dataDir, 'nothing'))).toContain('(file.not-found)');
  expect(await refused(dataDir)).toContain('(file.is-directory)');
});
