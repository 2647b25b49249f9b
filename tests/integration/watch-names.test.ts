import { link, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aMaster } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('who has a file open for writing can be seen on Linux only\n');

/** A site with a page that has a second name in another folder, and a program that writes to it. */
async function startWriting(when: 'before it is watched' | 'once it is published') {
  const master = await aMaster();
  const at = (path: string) => join(master.rootFolder, path);
  await mkdir(at('other'));
  await writeFile(at('page.html'), 'page');
  await link(at('page.html'), at('other/same.html'));
  const write = async () => {
    const file = await open(at('page.html'), 'w');
    await file.write('half');
    return file;
  };
  if (when === 'once it is published') {
    await watchSite(master);
    await until(
      () => journalOf(master).length === 3,
      () => journalOf(master),
    );
    return { master, file: await write() };
  }
  const file = await write();
  // It stands still when it is looked at.
  await sleep(600);
  await watchSite(master);
  return { master, file };
}

test.runIf(isLinux).each(['before it is watched', 'once it is published'] as const)(
  'of a file with several names none is published before who writes to it by one of them has closed it (begun %s)',
  async (when) => {
    const { master, file } = await startWriting(when);
    const puts = () => journalOf(master).filter((line) => line.startsWith('put') && !line.endsWith(' 4 scan'));
    await sleep(3_000);
    const early = journalOf(master).length;
    await file.write(' and the other half');
    await file.close();
    await until(
      () => puts().length === 2,
      () => journalOf(master),
    );
    expect(early).toBe(when === 'before it is watched' ? 1 : 3);
    expect(puts().toSorted()).toEqual(['put other/same.html 23 scan', 'put page.html 23 scan']);
  },
);

test.runIf(isLinux)(
  'so it is of a name that a file got while a program wrote to it, by one that is in no site',
  async () => {
    const folder = await temporaryFolder();
    const master = await aMaster([], folder);
    await watchSite(master);
    const file = await open(join(folder, 'elsewhere'), 'w');
    await file.write('half');
    await link(join(folder, 'elsewhere'), join(master.rootFolder, 'page.html'));
    await sleep(3_000);
    const early = journalOf(master);
    await file.write(' and the other half');
    await file.close();
    await until(
      () => journalOf(master).length > 0,
      () => journalOf(master),
    );
    expect(early).toEqual([]);
    expect(journalOf(master)).toEqual(['put page.html 23 scan']);
  },
);
