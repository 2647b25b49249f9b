import { cpSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MasterSite } from '../../electron/engine/master/site.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite } from '../support/site-calls.ts';
import { meanwhile } from '../support/site-publisher.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* A master crashes right after it has journalled a change, and somebody saves the file that was to be replaced or removed before it starts again. */

const changes = {
  'renamed onto it': (site: MasterSite) => site.rename(at('moved'), at('page'), BY),
  'uploaded in its place': (site: MasterSite) => put(site, 'page', 'new'),
  deleted: (site: MasterSite) => site.remove(at('page'), BY),
  'replaced by a release': async (site: MasterSite) => {
    const release = site.beginRelease('set', BY);
    for (const path of ['page', 'other']) await put(release, path, 'new');
    await release.commit();
  },
  'deleted by a release': async (site: MasterSite) => {
    const release = site.beginRelease('set', BY);
    await release.remove(at('page'), BY);
    await put(release, 'other', 'new');
    await release.commit();
  },
} as const;
type How = keyof typeof changes;

const saves = {
  'writes to it': (file: string) => {
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    writeFileSync(file, 'of somebody');
    // However soon that was.
    utimesSync(file, 9, mtimeMs / 1000 + 9);
  },
  'puts another file in its place': (file: string) => {
    writeFileSync(`${file}~`, 'of somebody');
    renameSync(`${file}~`, file);
  },
};
type Save = keyof typeof saves;

/** The database as the crash has left it: a change is journalled, and nothing of it done. The first process does no more until the test is over. */
async function crashed(how: How, { old = true, boot }: { readonly old?: boolean; readonly boot?: string } = {}) {
  const { home, tree, site } = await releaseSite();
  if (old) await put(site, 'page', 'old');
  await put(site, 'moved', 'moved');
  const crashedHome = await temporaryFolder();
  const reached = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  onTestFinished(() => over.resolve());
  meanwhile(how.includes('release') ? 'carryOutTogether' : 'carryOut', () => {
    for (const end of ['', '-wal', '-shm'])
      cpSync(join(home, `lockstep.db${end}`), join(crashedHome, `lockstep.db${end}`));
    reached.resolve();
    return over.promise;
  });
  void changes[how](site).catch(() => undefined);
  await reached.promise;
  if (boot !== undefined) {
    const store = await openStore(join(crashedHome, 'lockstep.db'));
    store.run('UPDATE site SET boot = ?', boot);
    store.close();
  }
  return { page: join(tree, 'page'), startAgain: () => releaseSite({}, crashedHome, tree) };
}

const ways = Object.keys(saves) as Save[];

test.each((Object.keys(changes) as How[]).flatMap((how) => ways.map((save) => [how, save] as const)))(
  'where a file was %s, nothing is lost by the start after a crash where somebody %s before it',
  async (how, save) => {
    const { page, startAgain } = await crashed(how);
    saves[save](page);
    const { site, started } = await startAgain();
    const tree = await readSite(site);
    expect(tree['page']).toBe('of somebody');
    // What was to take its name keeps its own: all of it is looked at, and published.
    if (how === 'renamed onto it') expect([started, tree['moved']]).toEqual([{ complete: false }, 'moved']);
    if (how.includes('release')) expect(tree['other']).toBe('new');
  },
);

test.each(['renamed onto it', 'uploaded in its place'] as const)(
  'nor where the name was free when a file was %s, and somebody has put one there',
  async (how) => {
    const { page, startAgain } = await crashed(how, { old: false });
    writeFileSync(page, 'of somebody');
    const { site } = await startAgain();
    expect((await readSite(site))['page']).toBe('of somebody');
  },
);

test.each([
  ['renamed onto it', 'moved'],
  ['uploaded in its place', 'new'],
  ['deleted', undefined],
  ['replaced by a release', 'new'],
  ['deleted by a release', undefined],
] as const)('where nobody has saved anything, what was to be %s is', async (how, content) => {
  const { startAgain } = await crashed(how);
  const { site, started } = await startAgain();
  expect([started, (await readSite(site))['page']]).toEqual([{ complete: true }, content]);
});

test('after a loss of power an upload is put in place whatever stands there: it may have been answered with 226', async () => {
  const { page, startAgain } = await crashed('uploaded in its place', { boot: 'another' });
  // As the disk may have kept it, of before it was replaced by somebody else.
  writeFileSync(`${page}~`, 'older');
  renameSync(`${page}~`, page);
  const { started } = await startAgain();
  expect([started, readFileSync(page, 'utf8')]).toEqual([{ complete: true }, 'new']);
});

test('a rename is not repeated onto what somebody has saved, also where power was lost: nothing of either is lost so', async () => {
  const { page, startAgain } = await crashed('renamed onto it', { boot: 'another' });
  saves['puts another file in its place'](page);
  const { site } = await startAgain();
  expect(await readSite(site)).toEqual({ page: 'of somebody', moved: 'moved' });
});
