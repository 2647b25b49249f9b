import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatTime } from '../../electron/engine/master/ftp-server/listing.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';

/** The first and the last that a client can say, and those that no 31 bits hold. A disk may hold all, some or none of them. */
const ODD = ['01000101000000', '16000101000000', '19700101000000', '20400101000000', '99991231235959'];
const USUAL = '20240102030405';
const A = 'a' as SitePath;

test('a time is said to be set where the disk holds it, and else nothing is changed', async () => {
  const { port, root, site } = await startFtp();
  const { journal } = site;
  const client = await RawFtp.login(port);
  await client.upload('STOR a', 'a');
  for (const odd of ODD) {
    for (const [command, set] of [
      [`MFMT ${odd} a`, `MFMT ${USUAL} a`],
      [`MDTM ${odd} a`, `MDTM ${USUAL} a`],
      [`SITE UTIME ${odd} a`, `SITE UTIME ${USUAL} a`],
    ] as const) {
      expect(await client.command(set)).toMatch(/^2/);
      const reply = await client.command(command);
      expect(reply, command).toMatch(/^(213 |200 |550 .*cannot store this time)/);
      const shown = reply.startsWith('2') ? odd : USUAL;
      const { mtimeMs } = await lstat(join(root, 'a'));
      expect(formatTime(Math.round(mtimeMs)), command).toBe(shown);
      expect(journal.index.entry(A), command).toMatchObject({ mtime: Math.round(mtimeMs) });
      expect(await client.command('MDTM a')).toBe(`213 ${shown}`);
    }
  }
  expect(await readdir(join(root, '.lockstep', 'incoming'))).toEqual([]);
});

test('in a release a time that the disk does not hold is refused when it is said, and the rest is published', async () => {
  const { port, root } = await startFtp();
  const client = await RawFtp.login(port);
  await client.upload('STOR old', 'old');
  expect(await client.command('SITE RELEASE BEGIN times')).toMatch(/^250 /);
  await client.upload('STOR new', 'new');
  const shown = new Map<string, string>();
  for (const name of ['old', 'new']) {
    expect(await client.command(`MFMT ${USUAL} ${name}`)).toMatch(/^213 /);
    const reply = await client.command(`MFMT ${ODD.at(-1)} ${name}`);
    shown.set(name, reply.startsWith('213') ? (ODD.at(-1) ?? '') : USUAL);
  }
  expect(await client.command('SITE RELEASE COMMIT')).toMatch(/^250 /);
  for (const [name, time] of shown)
    expect(formatTime(Math.round((await lstat(join(root, name))).mtimeMs)), name).toBe(time);
});

test('a mirror whose disk cannot hold the times of its master comes to rest, and sees what is changed there', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  const times = { first: Date.UTC(1600, 0), last: Date.UTC(9999, 11, 31, 23, 59, 59) };
  for (const name of Object.keys(times)) await master.put(name, name);
  await mirror.inStep(master);
  // The master's disk may be one that holds them.
  const set = (name: string, mtime: number): Promise<number> =>
    master.site.record(
      async () => {
        const known = master.site.journal.index.entry(name as SitePath);
        if (known?.kind !== 'file') throw new Error('not there');
        return [{ op: 'put', path: known.path, size: known.size, sha256: known.sha256, mtime }];
      },
      { account: 'scan' },
    );
  for (const [name, mtime] of Object.entries(times)) expect(await set(name, mtime)).toBe(1);
  await mirror.inStep(master);
  for (const [name, mtime] of Object.entries(times))
    expect(mirror.site.state.entry(name as SitePath)).toMatchObject({ mtime });
  expect(await mirror.site.rescan()).toEqual({ found: 2, changed: 0 });
  await master.rename('last', 'renamed');
  await mirror.inStep(master);
  expect(await mirror.site.rescan()).toEqual({ found: 2, changed: 0 });
  expect(mirror.site.drift.waits()).toEqual([]);
  // One that fetches them, times and all.
  const other = await aMirror('oslo');
  other.connect(master);
  await other.inStep(master);
  expect(await other.site.rescan()).toEqual({ found: 2, changed: 0 });
  await writeFile(join(mirror.rootFolder, 'first'), 'other');
  expect(await mirror.site.rescan()).toEqual({ found: 2, changed: 1 });
  await mirror.inStep(master);
  expect(await readFile(join(mirror.rootFolder, 'first'), 'utf8')).toBe('first');
  expect(await mirror.site.rescan()).toEqual({ found: 2, changed: 0 });
});
