import {
  appendFileSync,
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { chmod, mkdir, readFile, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReleaseFiles } from '../../electron/engine/master/site-files.ts';
import { hashFile } from '../../electron/engine/tree/hash.ts';
import { releaseSite, type ReleaseSiteUnderTest } from '../support/release-site.ts';
import { at, BY, put, readSite, sha256 } from '../support/site-calls.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { readTree } from '../support/tree.ts';

const versionsOf = ({ tree }: ReleaseSiteUnderTest): string[] =>
  readdirSync(join(tree, '.lockstep', 'versions')).sort();

/** A site with files and folders, and a release that changes, adds, moves and deletes. */
async function released(options: Parameters<typeof releaseSite>[0] = {}) {
  const under = await releaseSite(options);
  const { site, tree } = under;
  await put(site, 'changed', 'old');
  await put(site, 'deleted', 'gone');
  await site.makeDir(at('d'), BY);
  await put(site, 'd/moved', 'moves');
  await put(site, 'kept', 'kept');
  const before = await readTree(tree);
  const release = site.beginRelease('one', BY);
  await put(release, 'changed', 'new');
  await release.remove(at('deleted'), BY);
  await release.makeDir(at('n'), BY);
  await put(release, 'n/added', 'added');
  await release.rename(at('d'), at('e'), BY);
  const { id } = await release.commit();
  return { ...under, before, after: await readTree(tree), id };
}

const change = async (release: ReleaseFiles, ...files: [string, string][]): Promise<number> => {
  for (const [path, content] of files) await put(release, path, content);
  return (await release.commit()).id;
};

test('a rollback restores bytes, times, deletes and new files; and is itself rolled back', async () => {
  const { site, tree, before, after, id, journal } = await released();
  expect(Object.keys(after)).toEqual(['changed', 'e/', 'e/moved', 'kept', 'n/', 'n/added']);
  const back = await site.releases.rollback(id, { by: BY });
  expect(await readTree(tree)).toEqual(before);
  expect(site.releases.records.get(back.id)).toMatchObject({ reverts: id, name: 'Back to before “one”', changes: 8 });
  expect(journal.index.below(at('')).map(({ path }) => path)).toEqual(['changed', 'd', 'd/moved', 'deleted', 'kept']);
  await expect(site.releases.rollback(id, { by: BY })).rejects.toMatchObject({ code: 'release.changed-since' });
  const forth = await site.releases.rollback(back.id, {
    by: BY,
    title: 'forth again',
    together: { quorum: 1, limit: 5000 },
  });
  expect(await readTree(tree)).toEqual(after);
  expect(site.releases.records.get(forth.id)).toMatchObject({
    name: 'forth again',
    together: { quorum: 1, limit: 5000 },
  });
  await expect(site.releases.rollback(4711, { by: BY })).rejects.toMatchObject({ code: 'release.unknown' });
});

test('what was changed after the release stops a rollback, with or without FTP, unless it is forced', async () => {
  const { site, tree, before, id } = await released();
  await put(site, 'kept', 'not in the release');
  await put(site, 'changed', 'newer');
  const rollback = (force = false) => site.releases.rollback(id, { by: BY, force });
  await expect(rollback()).rejects.toMatchObject({ code: 'release.changed-since', params: { path: 'changed' } });
  await rollback(true);
  expect(await readSite(site)).toEqual({
    changed: 'old',
    'd/': 'dir',
    'd/moved': 'moves',
    deleted: 'gone',
    kept: 'not in the release',
  });
  expect((await readTree(tree))['changed']).toBe(before['changed']);

  const second = await change(site.beginRelease('two', BY), ['kept', 'two'], ['deleted', 'two']);
  await writeFile(join(tree, 'deleted'), 'edited over ssh');
  await expect(site.releases.rollback(second, { by: BY })).rejects.toMatchObject({ params: { path: 'deleted' } });
  await unlink(join(tree, 'deleted'));
  await expect(site.releases.rollback(second, { by: BY })).rejects.toMatchObject({ params: { path: 'deleted' } });
});

test('what a rollback would do is told before, with what stands against it', async () => {
  const { site, id } = await released();
  expect(await site.releases.previewRollback(id)).toEqual({
    removed: ['e', 'e/moved', 'n', 'n/added'],
    restored: ['changed'],
    back: ['d', 'd/moved', 'deleted'],
    changedSince: [],
    missing: [],
  });
  await put(site, 'changed', 'newer');
  expect(await site.releases.previewRollback(id)).toMatchObject({ changedSince: ['changed'], missing: [] });
  await expect(site.releases.previewRollback(4711)).rejects.toMatchObject({ code: 'release.unknown' });

  const forgetful = await released({ versions: () => ({ days: 0, count: 0, bytes: 0 }) });
  expect(await forgetful.site.releases.previewRollback(forgetful.id)).toMatchObject({
    // What was moved stands under its new name.
    missing: ['changed', 'deleted'],
  });
});

test('a version of which the disk has lost the file, or a part of it, is told as missing before a rollback', async () => {
  const { site, tree, id } = await released();
  const kept = (content: string): string => join(tree, '.lockstep', 'versions', sha256(content));
  await unlink(kept('old'));
  await truncate(kept('gone'), 2);
  await truncate(join(tree, 'e/moved'), 2);
  expect(await site.releases.previewRollback(id)).toMatchObject({
    changedSince: ['e/moved'],
    missing: ['changed', 'd/moved', 'deleted'],
  });
  await expect(site.releases.rollback(id, { by: BY, force: true })).rejects.toMatchObject({
    code: 'release.version-missing',
  });
});

test('two releases are compared by what the site was after each, whoever changed it', async () => {
  const { site, id } = await released();
  await put(site, 'kept', 'changed without a release');
  await put(site, 'changed', 'once more');
  const second = await change(site.beginRelease('two', BY), ['changed', 'new'], ['two', '2']);
  const compared = await site.releases.compare(id, second);
  // What has become the same again is no difference.
  expect(compared.map(({ path, from, to }) => [path, from?.kind, to?.kind])).toEqual([
    ['kept', 'file', 'file'],
    ['two', 'gone', 'file'],
  ]);
  expect((await site.releases.compare(second, id)).map(({ path, from, to }) => [path, from?.kind, to?.kind])).toEqual([
    ['kept', 'file', 'file'],
    ['two', 'file', 'gone'],
  ]);
  expect(await site.releases.compare(id, id)).toEqual([]);
  await expect(site.releases.compare(id, 4711)).rejects.toMatchObject({ code: 'release.unknown' });
});

test('a folder of the release that others have put something into stays', async () => {
  const { site, before, id } = await released();
  await put(site, 'n/by somebody else', 'x');
  await site.releases.rollback(id, { by: BY });
  expect(Object.keys(await readSite(site))).toEqual([...Object.keys(before), 'n/', 'n/by somebody else']);
});

test('a version that is not kept, or was written to, is missing; one that is published elsewhere is not', async () => {
  const under = await released({ versions: () => ({ days: 30, count: 100, bytes: 2 ** 20 }) });
  const { site, tree, id, after } = under;
  expect(versionsOf(under)).toEqual([sha256('gone'), sha256('moves'), sha256('old')].sort());
  appendFileSync(join(tree, '.lockstep', 'versions', sha256('old')), ', written through');
  await expect(site.releases.rollback(id, { by: BY })).rejects.toMatchObject({
    code: 'release.version-missing',
    params: { path: 'changed' },
  });
  expect(await readTree(tree)).toEqual(after);
  expect(versionsOf(under)).not.toContain(sha256('old'));
  await put(site, 'elsewhere', 'old');
  await site.releases.rollback(id, { by: BY });
  expect((await readSite(site))['changed']).toBe('old');
  expect(readdirSync(join(tree, '.lockstep', 'incoming'))).toEqual([]);
});

test('a kept version that shares its bytes with a published file is copied, never linked', async () => {
  const { site, tree } = await releaseSite();
  await put(site, 'a', 'shared');
  const published = join(tree, 'a');
  const release = site.beginRelease('move', BY);
  await release.rename(at('a'), at('b'), BY);
  const { id } = await release.commit();
  const kept = join(tree, '.lockstep', 'versions', sha256('shared'));
  expect(statSync(kept).ino).toBe(statSync(join(tree, 'b')).ino);
  await site.releases.rollback(id, { by: BY });
  expect(await readFile(published, 'utf8')).toBe('shared');
  expect(statSync(published).ino).not.toBe(statSync(kept).ino);
});

test('a kept version that somebody has written to by a published name of it is kept anew the next time', async () => {
  const { site, tree } = await releaseSite();
  await put(site, 'page', 'first');
  await put(site, 'page', 'second');
  const content = { size: 5, mtime: 1_000_000_000_000, sha256: sha256('first') };
  const goBack = () => site.releases.restoreVersion(at('page'), content, { by: BY, title: 'back' });
  await goBack();
  const kept = join(tree, '.lockstep', 'versions', sha256('first'));
  expect(statSync(kept).ino).toBe(statSync(join(tree, 'page')).ino);
  await writeFile(join(tree, 'page'), 'edited by hand');
  await put(site, 'page', 'first');
  await put(site, 'page', 'third');
  await goBack();
  expect(await readSite(site)).toEqual({ page: 'first' });
});

test('versions are kept by ordinary changes too, and go by age, number and size', async () => {
  let now = 1_000_000_000_000;
  let limits = { days: 10, count: 1000, bytes: 2 ** 20 };
  const under = await releaseSite({ clock: { now: () => now }, versions: () => limits });
  const { site, store } = under;
  for (let version = 0; version < 6; version += 1) {
    await put(site, 'page', `version ${version}`);
    now += 86_400_000;
  }
  await put(site, 'page', 'version 5');
  await site.remove(at('page'), BY);
  await put(site, 'other', 'version 2');
  const hashes = (...numbers: number[]): string[] => numbers.map((number) => sha256(`version ${number}`)).sort();
  expect(versionsOf(under)).toEqual(hashes(0, 1, 2, 3, 4, 5));
  await site.sweep();
  expect(versionsOf(under)).toEqual(hashes(0, 1, 2, 3, 4, 5));
  limits = { ...limits, days: 5 };
  await site.sweep();
  expect(versionsOf(under)).toEqual(hashes(1, 2, 3, 4, 5));
  limits = { ...limits, count: 3 };
  await site.sweep();
  expect(versionsOf(under)).toEqual(hashes(3, 4, 5));
  limits = { ...limits, bytes: 20 };
  await site.sweep();
  expect(versionsOf(under)).toEqual(hashes(4, 5));
  limits = { ...limits, count: 0 };
  await site.sweep();
  await put(site, 'other', 'nothing is kept');
  expect([versionsOf(under), store.all('SELECT * FROM version')]).toEqual([[], []]);
});

test('many changes are trimmed without a sweep', async () => {
  const under = await releaseSite({ versions: () => ({ days: 10, count: 20, bytes: 2 ** 20 }) });
  for (let version = 0; version < 60; version += 1) await put(under.site, 'page', `version ${version}`);
  await under.stop();
  expect(versionsOf(under).length).toBeLessThanOrEqual(22);
});

test('a file with links from outside the site, and one that is changed and put back', async () => {
  const { site, tree, home } = await releaseSite();
  await put(site, 'a', 'one');
  linkSync(join(tree, 'a'), join(home, 'another name'));
  const release = site.beginRelease('there and back', BY);
  await release.rename(at('a'), at('b'), BY);
  await release.rename(at('b'), at('a'), BY);
  await expect(release.commit()).rejects.toMatchObject({ code: 'release.empty' });
  await put(release, 'c', 'c');
  utimesSync(join(tree, 'a'), 1000, 1000);
  await release.rename(at('c'), at('d'), BY);
  await release.abort();
  expect(await readSite(site)).toEqual({ a: 'one' });
});

test('a folder of this machine is published as one release', async () => {
  const { site, tree, home } = await releaseSite();
  await put(site, 'same', 'same');
  await put(site, 'changed', 'old');
  await put(site, 'extra', 'extra');
  await site.makeDir(at('kind'), BY);
  await put(site, 'kind/below', 'below');
  await site.makeDir(at('gone'), BY);
  const local = join(await temporaryFolder(), 'local');
  await mkdir(join(local, 'sub'), { recursive: true });
  await mkdir(join(local, '.lockstep'));
  for (const [name, content] of Object.entries({ same: 'same', changed: 'new', 'sub/new': 'n', kind: 'a file now' }))
    await writeFile(join(local, name), content);
  await symlink(join(home, 'lockstep.db'), join(local, 'link'));
  const options = { by: BY, title: 'drop' };
  const link = { path: 'link', error: { code: 'path.link', params: { path: 'link' } } };
  const before = await readTree(tree);
  expect(await site.releases.planFolder(local, options)).toEqual({
    new: ['sub', 'sub/new'],
    changed: ['changed'],
    unchanged: 1,
    deleted: [],
    refused: [{ path: 'kind', error: { code: 'file.is-directory', params: { path: 'kind' } } }, link],
  });
  expect(await readTree(tree)).toEqual(before);
  const withDelete = { ...options, delete: true };
  const plan = {
    new: ['sub', 'kind', 'sub/new'],
    changed: ['changed'],
    unchanged: 1,
    deleted: ['kind/below', 'kind', 'gone', 'extra'],
    refused: [link],
  };
  expect(await site.releases.planFolder(local, withDelete)).toEqual(plan);
  const done = await site.releases.publishFolder(local, withDelete);
  expect(done).toEqual({ plan, release: { id: expect.any(Number), changes: 8 } });
  expect(await readSite(site)).toEqual({
    changed: 'new',
    kind: 'a file now',
    same: 'same',
    'sub/': 'dir',
    'sub/new': 'n',
  });
  const again = await site.releases.publishFolder(local, withDelete);
  expect(again).toEqual({ plan: { new: [], changed: [], unchanged: 4, deleted: [], refused: [link] } });
  await site.releases.publishFolder(local, { ...options, into: at('deep/er') });
  expect((await readSite(site))['deep/er/sub/new']).toBe('n');
  for (const folder of [tree, home, join(tree, 'sub')])
    await expect(site.releases.planFolder(folder, options)).rejects.toMatchObject({ code: 'publish.own-folder' });
  await expect(site.releases.planFolder(join(local, 'same'), options)).rejects.toMatchObject({
    code: 'file.not-directory',
  });
  await expect(site.releases.planFolder(join(local, 'nothing'), options)).rejects.toMatchObject({
    code: 'file.not-found',
  });
});

test('what stands in the site already, and was never told to the mirrors, is published with a folder', async () => {
  const { site, tree, home, journal } = await releaseSite();
  await put(site, 'known', 'the same');
  const local = join(home, 'local');
  await mkdir(local);
  for (const name of ['known', 'copied']) await writeFile(join(local, name), 'the same');
  await writeFile(join(tree, 'copied'), 'the same');
  const publish = () => site.releases.publishFolder(local, { by: BY, title: 'a folder' });
  expect(await publish()).toMatchObject({ plan: { new: ['copied'], changed: [], unchanged: 1 } });
  expect(journal.index.entry(at('copied'))).toMatchObject({ sha256: sha256('the same') });
  expect(await publish()).toMatchObject({ plan: { new: [], changed: [], unchanged: 2 } });
});

test('a file of the folder that is written to while it is copied is published as one version, whole', async () => {
  const { site, tree, home } = await releaseSite();
  const local = join(home, 'local');
  await mkdir(local);
  const file = join(local, 'large');
  await writeFile(file, 'old');
  const size = 64 * 2 ** 20;
  await truncate(file, size);
  const publishing = site.releases.publishFolder(local, { by: BY, title: 'a folder' });
  const copied = () => {
    const [name] = readdirSync(join(tree, '.lockstep', 'incoming')).filter((each) => each.endsWith('.part'));
    return name === undefined
      ? 0
      : (lstatSync(join(tree, '.lockstep', 'incoming', name), { throwIfNoEntry: false })?.size ?? 0);
  };
  await until(() => copied() > 0, 'it is being copied');
  const written = openSync(file, 'r+');
  for (const at of [0, size - 3]) writeSync(written, 'new', at);
  closeSync(written);
  await publishing;
  expect((await hashFile(join(tree, 'large'))).sha256).toBe((await hashFile(file)).sha256);
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'a folder in it that may not be read is told by its name (as root, who becomes somebody else for it)',
  async () => {
    const { site, home, tree } = await releaseSite();
    const local = join(home, 'local');
    const closed = join(local, 'closed');
    await mkdir(closed, { recursive: true });
    for (const folder of [dirname(home), home, local, tree]) await chmod(folder, 0o755);
    await chmod(closed, 0o700);
    process.seteuid?.(65_534);
    try {
      const planning = site.releases.planFolder(local, { by: BY, title: 'a folder' });
      await expect(planning).rejects.toMatchObject({ code: 'file.denied', params: { path: closed } });
    } finally {
      process.seteuid?.(0);
    }
  },
);

test('a site that is closed ends what is under way, and nothing is left of it', async () => {
  const { site, tree, stop, id } = await released();
  const local = await temporaryFolder();
  for (let file = 0; file < 40; file += 1) await writeFile(join(local, `page ${file}`), `page ${file}`);
  const ended = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );
  const [publishing, rolling] = [
    ended(site.releases.publishFolder(local, { by: BY, title: 'too late' })),
    ended(site.releases.rollback(id, { by: BY })),
  ];
  site.beginRelease('open', BY);
  await stop();
  expect(['done', 'cancelled']).toContain(await publishing);
  expect(['done', 'cancelled', 'release.changed-since']).toContain(await rolling);
  expect(readdirSync(join(tree, '.lockstep', 'incoming'))).toEqual([]);
  await expect(site.releases.rollback(id, { by: BY })).rejects.toMatchObject({ code: 'cancelled' });
  expect(() => site.beginRelease('again', BY)).toThrow(AppError);
});

test('an empty folder does not empty the site unless somebody says so', async () => {
  const { site } = await releaseSite();
  for (let number = 0; number < 12; number += 1) await put(site, `page ${number}`, 'x');
  const empty = await temporaryFolder();
  const options = { by: BY, title: 'nothing', delete: true };
  await expect(site.releases.publishFolder(empty, options)).rejects.toMatchObject({ code: 'guard.held' });
  expect(Object.keys(await readSite(site))).toHaveLength(12);
  await site.releases.publishFolder(empty, { ...options, allowDeletes: true });
  expect(await readSite(site)).toEqual({});
});
