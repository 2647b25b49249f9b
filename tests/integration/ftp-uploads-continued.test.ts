import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startFtp } from '../support/ftp-server.ts';

test('an upload that sent nothing, and then the file goes: what is added to it is a new file', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'old');
  await client.command('ALLO 100');
  expect(await client.upload('STOR a', '')).toMatch(/^426 /);
  expect(await client.command('DELE a')).toMatch(/^250 /);
  expect(await client.upload('APPE a', 'line')).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('line');
});

/** An upload over an older file has stalled, and `again` is another session of its account; `lose`: that is noticed. */
async function stalled() {
  const ftp = await startFtp();
  const [client, again] = [await RawFtp.login(ftp.port), await RawFtp.login(ftp.port)];
  await client.upload('STOR a', 'old content');
  const data = await client.data();
  await client.command('STOR a');
  data.write('new');
  await expect.poll(() => client.command('STAT')).toMatch(/ 3 bytes so far/);
  const lose = async (): Promise<void> => {
    data.destroy();
    client.socket.destroy();
    await expect.poll(() => ftp.record.at(-1)).toMatch(/^broken a/);
  };
  return { again, lose, read: () => readFile(join(ftp.root, 'a'), 'utf8') };
}

test('beside an upload that nobody knows to be lost yet, its account does not go on from an older file either', async () => {
  const { again, lose, read } = await stalled();
  await again.command('REST 5');
  expect(await again.upload('STOR a', 'the rest')).toMatch(/^554 /);
  expect(await again.upload('APPE a', 'the rest')).toMatch(/^554 /);
  expect(await read()).toBe('old content');
  expect(await again.upload('STOR a', 'as a whole')).toMatch(/^226 /);
  await lose();
  expect(await read()).toBe('as a whole');
});

test('a connection that was lost unseen leaves nothing to go on from after the whole was sent', async () => {
  const { again, lose, read } = await stalled();
  expect(await again.upload('STOR a', 'as a whole')).toMatch(/^226 /);
  await lose();
  await again.command('REST 3');
  expect(await again.upload('STOR a', 'XX')).toMatch(/^554 /);
  expect(await read()).toBe('as a whole');
});

test('nor after its account has renamed a whole file to that name', async () => {
  const { again, lose, read } = await stalled();
  await again.upload('STOR b', 'as a whole');
  await again.command('RNFR b');
  expect(await again.command('RNTO a')).toMatch(/^250 /);
  await lose();
  await again.command('REST 3');
  expect(await again.upload('STOR a', 'XX')).toMatch(/^554 /);
  expect(await read()).toBe('as a whole');
});

test('what APPE goes on with of a new file is kept when the process ends', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('ALLO 100');
  expect(await client.upload('STOR big', 'the beginning')).toMatch(/^426 /);
  const data = await client.data();
  await client.command('APPE big');
  data.write(', more');
  await expect.poll(() => client.command('STAT')).toMatch(/ bytes so far/);
  const folder = join(ftp.root, '.lockstep', 'incoming');
  await new Incoming(folder).sweep(Date.now(), 'process');
  expect((await readdir(folder)).filter((name) => name.startsWith('part-'))).toHaveLength(1);
});

test('a continuation that comes to nothing leaves the older file to nobody who goes on', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'old content');
  await client.command('ALLO 100');
  expect(await client.upload('STOR a', 'new')).toMatch(/^426 /);
  expect(await client.command(`SITE EXPECT 6 ${'0'.repeat(64)}`)).toMatch(/^2/);
  await client.command('REST 3');
  expect(await client.upload('STOR a', 'xyz')).toMatch(/^550 /);
  await client.command('REST 5');
  expect(await client.upload('STOR a', 'the rest')).toMatch(/^554 /);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('old content');
});

test('what broke off is over where its account deletes the file, or renames a whole one to its name', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const breakOff = async (): Promise<void> => {
    await client.upload('STOR a', 'old content');
    await client.command('ALLO 100');
    expect(await client.upload('STOR a', 'new')).toMatch(/^426 /);
  };
  await breakOff();
  expect(await client.command('DELE a')).toMatch(/^250 /);
  expect(await client.upload('APPE a', 'line')).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('line');
  await breakOff();
  await client.upload('STOR b', 'as a whole');
  await client.command('RNFR b');
  expect(await client.command('RNTO a')).toMatch(/^250 /);
  expect(await client.upload('APPE a', '!')).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('as a whole!');
});

test('what another account puts in the place of an upload of which nothing was kept is not gone on from', async () => {
  const ftp = await startFtp({ config: { limits: { uploadBytes: 10 } } });
  const client = await RawFtp.login(ftp.port);
  const put = (content: string) =>
    ftp.site.beginUpload('a' as SitePath, { by: { account: 'other' } }).then(async (upload) => {
      await upload.write(Buffer.from(content));
      await upload.commit();
    });
  // Nothing has arrived; or more than may.
  for (const bytes of ['', 'new content']) {
    await client.command('ALLO 10');
    expect(await client.upload('STOR a', bytes)).toMatch(/^(?:426|552) /);
    await put('old');
    // It knows how much it has sent.
    await client.command('REST 3');
    expect(await client.upload('STOR a', ' end')).toMatch(/^554 /);
    expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('old');
    expect(await client.upload('STOR a', 'whole')).toMatch(/^226 /);
    expect(await client.command('DELE a')).toMatch(/^250 /);
  }
});
