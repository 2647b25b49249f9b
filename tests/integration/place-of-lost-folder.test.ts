import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MasterSite } from '../../electron/engine/master/site.ts';
import type { ReleaseFiles } from '../../electron/engine/master/site-files.ts';
import { startPair } from '../support/memory-pair.ts';
import { at, BY, put } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';

/** Nobody watches the folder, and it is not looked through: what the mirror has of it is known from the index alone. */
test.each(['an upload', 'a release', 'a file by a rename', 'a folder by a rename'])(
  'what takes the place of a folder that went without FTP is shown at the mirrors: %s',
  async (how) => {
    const { master, mirror } = await startPair();
    const { site, rootFolder } = master;
    for (const folder of ['lost', 'lost/deep', 'other']) await master.mkdir(folder);
    for (const path of ['lost/x', 'lost/deep/y', 'other/z']) await master.put(path, path);
    await mirror.inStep(master);
    const release = site.beginRelease('a file', BY);
    for (const path of ['lost/x', 'lost/deep/y']) await release.remove(at(path), BY);
    for (const path of ['lost/deep', 'lost']) await release.removeDir(at(path), BY);
    await put(release, 'lost', 'a file');
    rmSync(join(rootFolder, 'lost'), { recursive: true });
    switch (how) {
      case 'an upload':
        await master.put('lost', 'a file');
        break;
      case 'a release':
        await release.commit();
        break;
      case 'a file by a rename':
        await master.rename('other/z', 'lost');
        break;
      default:
        await master.rename('other', 'lost');
    }
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(rootFolder));
  },
);

const DONE = {
  DELE: (site) => site.remove(at('lost'), BY),
  RNFR: (site) => site.rename(at('lost'), at('other/new'), BY),
  MFMT: (site) => site.touch(at('lost'), 5_000_000, BY),
  'DELE in a release': (site) => release(site, (files) => files.remove(at('lost'), BY)),
  'RNFR in a release': (site) => release(site, (files) => files.rename(at('lost'), at('other/new'), BY)),
  'a folder in its place': (site) =>
    release(site, async (files) => {
      await files.remove(at('lost'), BY);
      await files.makeDir(at('lost'), BY);
      await put(files, 'lost/new', 'new');
    }),
} satisfies Record<string, (site: MasterSite) => Promise<unknown>>;

test.each(Object.entries(DONE))(
  'so is what is done to a file that came in the place of a folder without FTP: %s',
  async (_how, done) => {
    const { master, mirror } = await startLost();
    writeFileSync(join(master.rootFolder, 'lost'), 'a file');
    await done(master.site);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
);

test.each([
  ['MKD', (site: MasterSite) => site.makeDir(at('lost'), BY)],
  ['MKD in a release', (site: MasterSite) => release(site, (files) => files.makeDir(at('lost'), BY))],
] as const)(
  'a folder that is made anew in the place of one that went without FTP is empty at the mirrors: %s',
  async (_how, done) => {
    const { master, mirror } = await startLost();
    await done(master.site);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
);

test.each(['a file', 'nothing'])(
  'a folder that came in the place of %s without FTP is a folder at the mirrors under its new name',
  async (before) => {
    const { master, mirror } = await startPair();
    if (before === 'a file') await master.put('came', before);
    await mirror.inStep(master);
    rmSync(join(master.rootFolder, 'came'), { force: true });
    mkdirSync(join(master.rootFolder, 'came'));
    await master.rename('came', 'new');
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
);

/** A pair whose master has lost a folder. */
async function startLost() {
  const { master, mirror } = await startPair();
  for (const folder of ['lost', 'lost/deep', 'other']) await master.mkdir(folder);
  for (const path of ['lost/x', 'lost/deep/y', 'other/z']) await master.put(path, path);
  await mirror.inStep(master);
  rmSync(join(master.rootFolder, 'lost'), { recursive: true });
  return { master, mirror };
}

async function release(site: MasterSite, change: (files: ReleaseFiles) => Promise<unknown>): Promise<void> {
  const files = site.beginRelease('a release', BY);
  await change(files);
  await files.commit();
}
