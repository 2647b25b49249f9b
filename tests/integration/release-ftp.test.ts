import { mkdir, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'basic-ftp';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { hasClient, run } from '../support/ftp-clients.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';
import { at, readSite } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('two sessions: one in a release, the other beside it', async () => {
  const { port, site } = await startFtp();
  const [inside, outside] = [await RawFtp.login(port), await RawFtp.login(port)];
  expect(await inside.upload('STOR a.txt', 'old')).toBe('226 The file is published.');
  expect(await inside.command('SITE RELEASE STATUS')).toMatch(/^211 No release/);
  expect(await inside.command('SITE RELEASE BEGIN')).toMatch(/^501 /);
  expect(await inside.command('SITE RELEASE COMMIT')).toMatch(/^503 /);
  expect(await inside.command('SITE RELEASE BEGIN spring sale')).toMatch(/^250 /);
  expect(await inside.command('SITE RELEASE BEGIN another')).toMatch(/^503 /);
  expect(await inside.command('SITE RELEASE COMMIT')).toMatch(/^550 /);
  expect(await inside.upload('STOR a.txt', 'newer')).toBe('226 The file is in the release.');
  expect(await inside.upload('APPE a.txt', ' and more')).toMatch(/^226 /);
  expect(await inside.command('MKD d')).toMatch(/^257 /);
  expect(await inside.command('CWD d')).toMatch(/^250 /);
  expect(await inside.upload('STOR b', 'b')).toMatch(/^226 /);
  expect(await inside.command('MFMT 20240102030405 b')).toMatch(/^213 /);
  expect(await inside.command('MDTM b')).toBe('213 20240102030405');
  expect(await inside.command('SIZE /a.txt')).toBe('213 14');
  expect((await inside.download('RETR /a.txt')).toString()).toBe('newer and more');
  expect(await inside.listing('NLST')).toEqual(['b']);
  expect(await inside.command('HASH b')).toMatch(/^213 SHA-256 0-0 3e23e816/);
  expect(await inside.command('SITE RELEASE STATUS')).toBe(
    '211-Release “spring sale”, not committed, 3 changes:\n put 14 /a.txt\n mkd /d\n put 1 /d/b\n211 End',
  );
  expect(await outside.command('SIZE a.txt')).toBe('213 3');
  expect(await outside.listing('NLST')).toEqual(['a.txt']);
  expect(await outside.command('CWD d')).toMatch(/^550 /);
  expect(site.journal.head).toBe(1);
  expect(await inside.command('SITE RELEASE COMMIT')).toBe('250 Release 4 is published: 3 changes.');
  expect(await outside.command('SIZE a.txt')).toBe('213 14');
  expect(await inside.upload('STOR direct', 'x')).toBe('226 The file is published.');
  expect(await inside.command('SITE RELEASE ABORT')).toMatch(/^503 /);
});

test.for([
  ['QUIT', (client: RawFtp): void => client.write('QUIT\r\n')],
  ['a lost control connection', (client: RawFtp): void => void client.socket.destroy()],
  ['ABORT', (client: RawFtp): void => client.write('SITE RELEASE ABORT\r\n')],
] as const)('%s: nothing of the release is left', async ([, end]) => {
  const { port, site, root } = await startFtp();
  const client = await RawFtp.login(port);
  await client.upload('STOR kept', 'kept');
  await client.command('SITE RELEASE BEGIN given up');
  for (const name of ['one', 'two', 'kept']) await client.upload(`STOR ${name}`, name);
  await client.command('DELE kept');
  expect(site.releases.open()).toHaveLength(1);
  end(client);
  await expect.poll(() => site.releases.open()).toEqual([]);
  await expect.poll(() => readdir(join(root, '.lockstep', 'incoming'))).toEqual([]);
  expect([await readSite(site), site.journal.head]).toEqual([{ kept: 'kept' }, 1]);
});

test('a release that a person has ended takes nothing more, and what its session sends is not published', async () => {
  const { port, site } = await startFtp();
  const client = await RawFtp.login(port);
  await client.command('SITE RELEASE BEGIN ended');
  await client.upload('STOR a', 'a');
  await site.releases.abort(site.releases.open()[0]?.id ?? '');
  expect(await client.upload('STOR b', 'b')).toMatch(/^503 /);
  expect(await client.command('SITE RELEASE COMMIT')).toMatch(/^503 /);
  expect(await client.command('SITE RELEASE ABORT')).toMatch(/^250 /);
  expect(await client.upload('STOR c', 'c')).toMatch(/^226 /);
  expect(await readSite(site)).toEqual({ c: 'c' });
});

test('an account that publishes by releases only changes nothing outside of one', async () => {
  const { port, site } = await startFtp();
  const other = await RawFtp.login(port);
  await other.upload('STOR kept', 'kept');
  const client = await RawFtp.login(port, 'releaser');
  for (const command of [
    'DELE kept',
    'RNFR kept',
    'MKD d',
    'RMD d',
    'MFMT 20240102030405 kept',
    'STOR new',
    'APPE kept',
  ])
    expect(await client.command(command)).toMatch(
      /^550 This account publishes by releases only.*SITE RELEASE BEGIN name/,
    );
  // Other spellings of MFMT.
  for (const command of ['MDTM 20240102030405 kept', 'SITE UTIME 20240102030405 kept'])
    expect(await client.command(command)).toMatch(/^550 This account publishes by releases only/);
  expect((await client.download('RETR kept')).toString()).toBe('kept');
  await client.command('SITE RELEASE BEGIN one');
  expect(await client.upload('STOR new', 'new')).toMatch(/^226 /);
  expect(await client.command('SITE RELEASE COMMIT')).toMatch(/^250 /);
  expect(await client.command('DELE new')).toMatch(/^550 This account publishes/);
  expect(await readSite(site)).toEqual({ kept: 'kept', new: 'new' });
});

test.runIf(hasClient('lftp'))('lftp: what it sends after a lost connection is not published file by file', async () => {
  const { port, site, server } = await startFtp();
  const folder = await temporaryFolder();
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, name), name);
  const login = `open -u releaser,"${PASSWORD}" ftp://127.0.0.1:${port}`;
  const options =
    'set ftp:ssl-allow no; set net:connection-limit 1; set net:reconnect-interval-base 1; set net:max-retries 3';
  const cut = `sleep 5; put ${join(folder, 'b')}; put ${join(folder, 'c')}; site RELEASE COMMIT`;
  const script = `${options}; ${login}; site RELEASE BEGIN cut; put ${join(folder, 'a')}; ${cut}; bye`;
  const running = run('lftp', ['--norc', '-c', script]);
  await expect.poll(() => site.releases.open()[0]?.changes).toBe(1);
  await server.endSessions(() => true);
  const { output } = await running;
  expect(output).toMatch(/publishes by releases only/);
  expect(await readSite(site)).toEqual({});
});

test('a conflict is told by its path, as the client knows it', async () => {
  const { port, site } = await startFtp();
  const [publisher, other] = [await RawFtp.login(port), await RawFtp.login(port)];
  await publisher.command('MKD docs');
  const docs = await RawFtp.login(port, 'docs');
  await docs.command('MKD d');
  await docs.command('SITE RELEASE BEGIN in docs');
  await docs.upload('STOR d/x', 'x');
  await other.command('RMD docs/d');
  expect(await docs.command('SITE RELEASE COMMIT')).toMatch(/^550 “\/d\/x” was changed/);
  await other.command('MKD docs/d');
  expect(await docs.command('SITE RELEASE COMMIT TOGETHER 2 LIMIT 30')).toMatch(/^250 /);
  expect(site.releases.records.list(1)[0]?.together).toEqual({ quorum: 2, limit: 30_000 });
  for (const options of ['NOW', 'TOGETHER 0', 'TOGETHER LIMIT 999999999', 'TOGETHER 1 2 3'])
    expect(await docs.command(`SITE RELEASE COMMIT ${options}`)).toMatch(/^501 /);
  const mirror = await RawFtp.login(port, 'mirror');
  expect(await mirror.command('SITE RELEASE BEGIN x')).toMatch(/^550 /);
});

test('an upload that broke off in a release is continued in it', async () => {
  const { port, site } = await startFtp();
  const client = await RawFtp.login(port);
  await client.command('SITE RELEASE BEGIN resumed');
  const data = await client.data();
  expect(await client.command('STOR big')).toMatch(/^150 /);
  data.write('first half, ');
  await expect.poll(() => client.command('STAT')).toMatch(/12 bytes/);
  data.resetAndDestroy();
  expect(await client.reply()).toMatch(/^426 /);
  expect(await client.command('SIZE big')).toBe('213 12');
  await client.command('REST 12');
  expect(await client.upload('STOR big', 'second half')).toMatch(/^226 /);
  expect(await readSite(site)).toEqual({});
  await client.command('SITE RELEASE COMMIT');
  expect(await readSite(site)).toEqual({ big: 'first half, second half' });
});

test('basic-ftp: a folder is uploaded, moved and cleaned in a release', async () => {
  const { port, site } = await startFtp();
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'index.html'), '<p>');
  await writeFile(join(folder, 'sub', 'ü b.css'), 'css');
  const client = new Client();
  try {
    await client.access({ host: '127.0.0.1', port, user: 'publisher', password: PASSWORD });
    await client.send('SITE RELEASE BEGIN by basic-ftp');
    await client.uploadFromDir(folder, '/www');
    await client.cd('/');
    await client.rename('/www', '/site');
    await client.uploadFrom(Readable.from(['x']), '/site/x');
    await client.removeDir('/site/sub');
    await client.uploadFromDir(folder, '/site/again');
    expect((await client.list('/site')).map(({ name }) => name).sort()).toEqual(['again', 'index.html', 'x']);
    expect(await readSite(site)).toEqual({});
    await client.cd('/');
    await client.send('SITE RELEASE COMMIT');
  } finally {
    client.close();
  }
  expect(await readSite(site)).toEqual({
    'site/': 'dir',
    'site/again/': 'dir',
    'site/again/index.html': '<p>',
    'site/again/sub/': 'dir',
    'site/again/sub/ü b.css': 'css',
    'site/index.html': '<p>',
    'site/x': 'x',
  });
  expect((await site.stat(at('site/x'))).size).toBe(1);
});

test.runIf(hasClient('curl'))('curl: one session from BEGIN to COMMIT', async () => {
  const { port, site } = await startFtp();
  const folder = await temporaryFolder();
  for (const name of ['a', 'b']) await writeFile(join(folder, name), name);
  const url = `ftp://publisher:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/d/`;
  // Quoted commands go before and after the transfers of one connection.
  const first = ['-sS', '--ftp-create-dirs', '-Q', 'SITE RELEASE BEGIN by curl', '-T', join(folder, 'a'), url];
  const last = ['-sS', '-T', join(folder, 'b'), '-Q', '-SITE RELEASE COMMIT', url];
  expect(await run('curl', [...first, '--next', ...last])).toEqual({ code: 0, output: '' });
  expect(await readSite(site)).toEqual({ 'd/': 'dir', 'd/a': 'a', 'd/b': 'b' });
  expect(site.releases.records.list(5)).toMatchObject([{ name: 'by curl', changes: 3 }]);
});

test.runIf(hasClient('lftp'))('lftp: mirror -R in a release', async () => {
  const { port, site } = await startFtp();
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'tree', 'below'), { recursive: true });
  for (const name of ['a', 'b', 'below/c']) await writeFile(join(folder, 'tree', name), name);
  const login = `open -u publisher,"${PASSWORD}" ftp://127.0.0.1:${port}`;
  // One connection: a release belongs to its session.
  const script = `set ftp:ssl-allow no; set net:connection-limit 1; ${login}; site RELEASE BEGIN by lftp; mirror -R --parallel=1 ${join(folder, 'tree')} /tree; site RELEASE COMMIT; bye`;
  expect(await run('lftp', ['--norc', '-c', script])).toMatchObject({ code: 0 });
  expect(await readSite(site)).toEqual({
    'tree/': 'dir',
    'tree/a': 'a',
    'tree/b': 'b',
    'tree/below/': 'dir',
    'tree/below/c': 'below/c',
  });
  expect(site.releases.records.list(5)).toMatchObject([{ name: 'by lftp', changes: 5 }]);
});

test('while the folder of the site is not there no client is told that what is in it is gone, in a release or beside one', async () => {
  const { port, root } = await startFtp();
  const [inside, outside] = [await RawFtp.login(port), await RawFtp.login(port)];
  expect(await outside.upload('STOR a', 'old')).toMatch(/^226 /);
  expect(await inside.command('SITE RELEASE BEGIN spring')).toMatch(/^250 /);
  expect(await inside.command('MKD new')).toMatch(/^257 /);
  await rename(root, `${root}.away`);
  const away = /^451 The folder of the site is not there/;
  // Not there at all, and as the mount point of a disk that is not mounted.
  for (const isEmpty of [false, true]) {
    if (isEmpty) await mkdir(root);
    for (const session of [outside, inside]) {
      for (const words of ['SIZE a', 'MDTM a', 'MLST a', 'RNFR a', 'CWD d', 'STAT a', 'HASH a'])
        expect([words, await session.command(words)]).toEqual([words, expect.stringMatching(away)]);
      for (const words of ['NLST', 'MLSD', 'RETR a'])
        expect(await session.download(words).catch(String)).toMatch(/451 The folder of the site is not there/);
    }
    for (const words of ['DELE a', 'MKD d']) expect(await outside.command(words)).toMatch(away);
    expect(await inside.command('SITE RELEASE COMMIT')).toMatch(away);
    expect(await inside.upload('STOR b', 'b')).toMatch(/^(?:451|550) The folder of the site is not there/);
  }
  await rmdir(root);
  await rename(`${root}.away`, root);
  expect(await outside.command('SIZE a')).toBe('213 3');
  expect(await inside.upload('STOR b', 'b')).toMatch(/^226 /);
  expect(await inside.command('SITE RELEASE COMMIT')).toMatch(/^250 /);
});
