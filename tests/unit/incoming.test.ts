import { link, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import { isBootNoted, noteBoot } from '../../electron/engine/tree/noted-boot.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [old, fresh] = ['a'.repeat(32), 'b'.repeat(32)];
const nameOf = (key: string, kind = 'up'): string => `${kind}-${key}-${'0'.repeat(16)}`;
const held = async (folder: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
    ),
  );

test('an upload that was under way is continued after the end of the process, and not after that of the machine', async () => {
  const folder = await temporaryFolder();
  for (const key of [old, fresh]) await writeFile(join(folder, nameOf(key)), 'the beginning');
  const before = Date.now() / 1000 - uptime() - 60;
  await utimes(join(folder, nameOf(old)), before, before);
  await writeFile(join(folder, nameOf('c'.repeat(32), 'add')), 'a file, and what is added to it');
  await new Incoming(folder).sweep(Date.now(), 'process');
  // That another version of the file was sent is still known.
  expect(await held(folder)).toEqual({ [`part-${fresh}`]: 'the beginning', [`part-${old}`]: '' });
});

test('after the end of the machine nothing is continued, though its clock be behind now: what the disk has of it nobody knows', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, nameOf(old)), 'the beginning');
  const later = Date.now() / 1000 + 3600;
  await utimes(join(folder, nameOf(old)), later, later);
  await new Incoming(folder).sweep(Date.now(), 'machine');
  expect(await held(folder)).toEqual({ [`part-${old}`]: '' });
});

test('a name that a loss of power has brought back, of a file that is published by now, goes, and the file stays as it is', async () => {
  const [folder, site] = [await temporaryFolder(), await temporaryFolder()];
  const names = [nameOf(old), `part-${fresh}`];
  for (const name of names) {
    await writeFile(join(site, name), 'published');
    await link(join(site, name), join(folder, name));
  }
  const cutOff: unknown[] = [];
  await new Incoming(folder).sweep(Date.now(), 'machine', (upload) => cutOff.push(upload));
  expect(await held(folder)).toEqual({});
  expect(await held(site)).toEqual(Object.fromEntries(names.map((name) => [name, 'published'])));
  expect(cutOff).toEqual([]);
});

test('which start of the machine it is is known, whatever its clock says', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const site = store.insert("INSERT INTO site (name) VALUES ('www')");
  expect(isBootNoted(store, site)).toBe(false);
  noteBoot(store, site);
  expect(isBootNoted(store, site)).toBe(true);
  store.run("UPDATE site SET boot = 'another start'");
  expect(isBootNoted(store, site)).toBe(false);
});
