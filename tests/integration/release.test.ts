import { mkdirSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SiteFiles } from '../../electron/engine/master/site-files.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite, sha256 } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';

const incoming = (tree: string): Promise<string[]> => readdir(join(tree, '.lockstep', 'incoming'));

test('what a release changes is seen in it, and by nobody else before the commit', async () => {
  const { site, journal, tree, store } = await releaseSite({ concerns: (paths) => [`told of ${paths.length}`] });
  await put(site, 'index.html', 'old');
  await put(site, 'gone.css', 'goes');
  await put(site, 'kept.txt', 'stays');
  const before = await readTree(tree);
  const head = journal.head;
  const release = site.beginRelease('spring', BY);
  await put(release, 'index.html', 'new');
  await release.makeDir(at('assets'), BY);
  await put(release, 'assets/new.css', 'styles');
  await release.remove(at('gone.css'), BY);
  expect([await readTree(tree), journal.head, await readSite(site)]).toEqual([
    before,
    head,
    { 'gone.css': 'goes', 'index.html': 'old', 'kept.txt': 'stays' },
  ]);
  const after = { 'assets/': 'dir', 'assets/new.css': 'styles', 'index.html': 'new', 'kept.txt': 'stays' };
  expect(await readSite(release)).toEqual(after);
  expect([await release.hash(at('index.html')), (await release.stat(at('assets/new.css'))).size]).toEqual([
    sha256('new'),
    6,
  ]);
  const committed = await release.commit();
  expect(committed).toEqual({ id: head + 4, changes: 4 });
  expect(await readSite(site)).toEqual(after);
  expect(
    journal
      .changesAfter(head, 10)
      .flatMap((change) => (change.op === 'rules' ? [] : [[change.op, change.path, change.release]])),
  ).toEqual(
    [
      ['mkdir', 'assets'],
      ['put', 'assets/new.css'],
      ['put', 'index.html'],
      ['delete', 'gone.css'],
    ].map((change) => [...change, { last: head + 4 }]),
  );
  expect(await incoming(tree)).toEqual([]);
  const { records } = site.releases;
  expect(records.list(10)).toEqual([
    {
      id: head + 4,
      first: head + 1,
      name: 'spring',
      at: expect.any(Number),
      account: 'tester',
      reverts: undefined,
      together: undefined,
      goAt: undefined,
      peers: [{ peer: 'told of 4', readyAt: undefined, publishedAt: undefined }],
      changes: 4,
      convergedAfter: undefined,
      skew: undefined,
    },
  ]);
  const file = (content: string) => ({
    kind: 'file',
    content: { size: content.length, mtime: expect.any(Number), sha256: sha256(content) },
  });
  expect(records.changes(head + 4)).toEqual([
    { path: 'assets', before: { kind: 'gone' }, after: { kind: 'dir' } },
    { path: 'assets/new.css', before: { kind: 'gone' }, after: file('styles') },
    { path: 'gone.css', before: file('goes'), after: { kind: 'gone' } },
    { path: 'index.html', before: file('old'), after: file('new') },
  ]);
  expect(store.all('SELECT sha256 FROM version ORDER BY sha256').map((row) => row['sha256'])).toEqual(
    [sha256('goes'), sha256('old')].sort(),
  );
});

test('a release that is given up leaves nothing; an empty one is refused and stays open', async () => {
  const { site, tree, journal } = await releaseSite();
  await put(site, 'a', 'a');
  const release = site.beginRelease('one', BY);
  await expect(release.commit()).rejects.toMatchObject({ code: 'release.empty' });
  await put(release, 'b', 'b');
  await put(release, 'b', 'b again');
  await release.rename(at('a'), at('c'), BY);
  expect(site.releases.open()).toMatchObject([{ title: 'one', by: BY, changes: 3 }]);
  await release.abort();
  await release.abort();
  expect([await readSite(site), await incoming(tree), site.releases.open(), journal.head]).toEqual([
    { a: 'a' },
    [],
    [],
    1,
  ]);
  await expect(put(release, 'd', 'd')).rejects.toMatchObject({ code: 'release.none-open' });
  expect(await readSite(site)).toEqual({ a: 'a' });
});

test('a file that is renamed in a release, and by somebody else as well, is a file of its own at each name', async () => {
  const { site, tree } = await releaseSite();
  await put(site, 'a', 'content');
  const { mtime } = await site.stat(at('a'));
  const release = site.beginRelease('renames', BY);
  await release.rename(at('a'), at('b'), BY);
  await site.rename(at('a'), at('c'), BY);
  await release.commit();
  expect(await readSite(site)).toEqual({ b: 'content', c: 'content' });
  await site.touch(at('c'), 1_000_000_000_000, BY);
  expect([(await site.stat(at('b'))).mtime, (await site.stat(at('c'))).mtime]).toEqual([mtime, 1_000_000_000_000]);
  expect(await incoming(tree)).toEqual([]);
});

test('also where by then a file has the name of the folder that it was in', async () => {
  const { site } = await releaseSite();
  await site.makeDir(at('folder'), BY);
  await put(site, 'folder/a', 'content');
  const release = site.beginRelease('renames', BY);
  await release.rename(at('folder/a'), at('b'), BY);
  await site.rename(at('folder'), at('other'), BY);
  await put(site, 'folder', 'a file');
  await release.commit();
  expect(await readSite(site)).toMatchObject({ b: 'content', folder: 'a file', 'other/a': 'content' });
});

test('chains of renames, of files and of folders', async () => {
  const { site } = await releaseSite();
  await put(site, 'a', 'A');
  await put(site, 'b', 'B');
  await site.makeDir(at('d'), BY);
  await site.makeDir(at('d/e'), BY);
  await put(site, 'd/x', 'X');
  await put(site, 'd/e/y', 'Y');
  const release = site.beginRelease('renames', BY);
  const rename = (from: string, to: string) => release.rename(at(from), at(to), BY);
  await rename('a', 'tmp');
  await rename('b', 'a');
  await rename('tmp', 'b');
  await put(release, 'd/new', 'N');
  await rename('d', 'f');
  await rename('f', 'd');
  await rename('d/e', 'e');
  await rename('e/y', 'y');
  await rename('d/x', 'd/x2');
  await expect(rename('d', 'd/below')).rejects.toMatchObject({ code: 'path.within-itself' });
  await expect(rename('d', 'e')).rejects.toMatchObject({ code: 'file.exists' });
  await expect(release.removeDir(at('d'), BY)).rejects.toMatchObject({ code: 'file.directory-not-empty' });
  const after = { a: 'B', b: 'A', 'd/': 'dir', 'd/new': 'N', 'd/x2': 'X', 'e/': 'dir', y: 'Y' };
  expect(await readSite(release)).toEqual(after);
  await release.commit();
  expect(await readSite(site)).toEqual(after);
});

test('a file becomes a folder, and a folder a file', async () => {
  const { site } = await releaseSite();
  await put(site, 'file', 'F');
  await site.makeDir(at('folder'), BY);
  await put(site, 'folder/x', 'X');
  const release = site.beginRelease('kinds', BY);
  await release.remove(at('file'), BY);
  await release.makeDir(at('file'), BY);
  await put(release, 'file/below', 'below');
  await release.remove(at('folder/x'), BY);
  await release.removeDir(at('folder'), BY);
  await put(release, 'folder', 'now a file');
  const after = { 'file/': 'dir', 'file/below': 'below', folder: 'now a file' };
  expect(await readSite(release)).toEqual(after);
  const { id } = await release.commit();
  expect(await readSite(site)).toEqual(after);
  await site.releases.rollback(id, { by: BY });
  expect(await readSite(site)).toEqual({ file: 'F', 'folder/': 'dir', 'folder/x': 'X' });
});

test.each([
  ['folders', 'a', 100, 'b', 40],
  ['bytes', 'a'.repeat(200), 10, 'b'.repeat(200), 7],
])(
  'a folder is not renamed to where what is in it would have too many %s in its path',
  async (_, a, deep, b, above) => {
    const { site, journal } = await releaseSite();
    const [folder, other] = [Array<string>(deep).fill(a).join('/'), Array<string>(above).fill(b).join('/')];
    for (const [name, depth] of [
      [a, deep],
      [b, above],
    ] as const)
      for (let count = 1; count <= depth; count += 1)
        await site.makeDir(at(Array<string>(count).fill(name).join('/')), BY);
    await put(site, `${folder}/x`, 'x');
    const before = [await readSite(site), journal.head];
    const release = site.beginRelease('renames', BY);
    for (const files of [site, release])
      await expect(files.rename(at(a), at(`${other}/a`), BY)).rejects.toMatchObject({ code: 'path.too-long' });
    expect([await readSite(release), journal.head]).toEqual(before);
    // What is not longer than that is renamed.
    await release.rename(at(folder), at(`${other}/a`), BY);
    await release.commit();
    await site.rename(at(b), at('c'), BY);
    expect((await readSite(site))[`c${other.slice(b.length)}/a/x`]).toBe('x');
  },
);

test('what somebody has written to since a release has renamed it is a conflict, also once the release has set its time', async () => {
  const { site, tree } = await releaseSite();
  await put(site, 'a', 'before');
  const release = site.beginRelease('renames', BY);
  await release.rename(at('a'), at('b'), BY);
  // In its place, and as long as before.
  writeFileSync(join(tree, 'a'), 'behind');
  utimesSync(join(tree, 'a'), 5, 5);
  const conflict = { code: 'release.conflict', params: { path: 'b' } };
  await expect(release.touch(at('b'), 1_000_000_000_000, BY)).rejects.toMatchObject(conflict);
  await expect(release.commit()).rejects.toMatchObject(conflict);
  await release.abort();
  expect([await readSite(site), await incoming(tree)]).toEqual([{ a: 'behind' }, []]);
});

test('a file of a release that somebody has removed from our own folder is told by its path, and may be sent again', async () => {
  const { site, tree } = await releaseSite();
  const release = site.beginRelease('cleared', BY);
  for (const path of ['a', 'b']) await put(release, path, path);
  for (const name of await incoming(tree)) rmSync(join(tree, '.lockstep', 'incoming', name));
  const gone = { code: 'file.not-found', params: { path: 'a' } };
  await expect(release.commit()).rejects.toMatchObject(gone);
  for (const path of ['a', 'b']) await put(release, path, `${path} again`);
  await release.commit();
  expect(await readSite(site)).toEqual({ a: 'a again', b: 'b again' });
});

test('what cannot be cleared away keeps no release from its end, and no site from being closed', async () => {
  const under = await releaseSite();
  const { site, tree } = under;
  await put(site, 'a', 'a');
  const begin = async () => {
    const release = site.beginRelease('ends', BY);
    await release.rename(at('a'), at('b'), BY);
    await release.rename(at('b'), at('a'), BY);
    // A folder is in the place of what is staged: nobody removes that as a file.
    for (const name of await incoming(tree)) {
      rmSync(join(tree, '.lockstep', 'incoming', name), { recursive: true });
      mkdirSync(join(tree, '.lockstep', 'incoming', name));
    }
    await put(release, 'c', 'c');
    return release;
  };
  const release = await begin();
  expect(await release.commit()).toEqual({ id: 2, changes: 1 });
  expect(site.releaseOutcome(release.id, BY)).toMatchObject({ id: 2, changes: 1 });
  await (await begin()).abort();
  await begin();
  await under.stop();
  await expect(put(site, 'd', 'd')).rejects.toMatchObject({ code: 'site.unknown' });
});

test('what came of a release is known also when the master was started anew since, and to its account only', async () => {
  const under = await releaseSite();
  const release = under.site.beginRelease('the last word', BY);
  for (const path of ['a', 'b']) await put(release, path, path);
  expect(await release.commit()).toEqual({ id: 2, changes: 2 });
  await under.stop();
  const { site } = await releaseSite({}, under.home);
  expect(site.releaseOutcome(release.id, BY)).toEqual({ id: 2, changes: 2 });
  expect(() => site.releaseOutcome(release.id, { account: 'another' })).toThrow('release.unknown');
});

test('a folder that somebody has made without FTP meanwhile is told with the release', async () => {
  const { site, tree, journal } = await releaseSite();
  const release = site.beginRelease('a folder', BY);
  await release.makeDir(at('folder'), BY);
  mkdirSync(join(tree, 'folder'));
  expect(await release.commit()).toEqual({ id: 1, changes: 1 });
  expect(journal.index.entry(at('folder'))).toMatchObject({ kind: 'dir' });
});

test('what broke off is not gone on with once its account has deleted the file or renamed another one to it, in a release either', async () => {
  const { site } = await releaseSite();
  const part = (files: SiteFiles) => files.partSize(at('x'), BY.account);
  const breakOff = async (files: SiteFiles): Promise<void> => {
    const upload = await files.beginUpload(at('x'), { by: BY });
    await upload.write(Buffer.from('the older half'));
    await upload.breakOff('control-lost');
  };
  for (const files of [site, site.beginRelease('uploads', BY)]) {
    await put(files, 'x', 'x');
    await breakOff(files);
    expect(await part(files)).toBe(14);
    await files.remove(at('x'), BY);
    expect(await part(files)).toBeUndefined();
    await breakOff(files);
    await put(files, 'tmp', 'newer');
    await files.rename(at('tmp'), at('x'), BY);
    expect(await part(files)).toBeUndefined();
  }
});

test('times are set without touching what is published', async () => {
  const { site, tree } = await releaseSite();
  for (const name of ['a', 'b', 'c']) await put(site, name, name);
  await site.touch(at('a'), 1_000_000, BY);
  const before = await readTree(tree);
  const release = site.beginRelease('times', BY);
  await release.rename(at('a'), at('z'), BY);
  await release.touch(at('z'), 2_000_000, BY);
  await release.touch(at('b'), 3_000_000, BY);
  await put(release, 'c', 'new');
  await release.touch(at('c'), 4_000_000, BY);
  expect(await readTree(tree)).toEqual(before);
  expect((await release.stat(at('z'))).mtime).toBe(2_000_000);
  await release.commit();
  expect(await readTree(tree)).toEqual({ b: 'b @3000000', c: 'new @4000000', z: 'a @2000000' });
});

test('the last commit wins; what does not fit any more is a conflict, and the release stays open', async () => {
  const { site, tree } = await releaseSite();
  await put(site, 'both', 'old');
  await site.makeDir(at('d'), BY);
  await site.makeDir(at('f'), BY);
  const [one, other] = [site.beginRelease('one', BY), site.beginRelease('other', BY)];
  await put(one, 'both', 'one');
  await put(other, 'both', 'other');
  await other.commit();
  await one.commit();
  expect(await readSite(site)).toEqual({ both: 'one', 'd/': 'dir', 'f/': 'dir' });

  const conflicts: Record<
    string,
    [(files: SiteFiles) => Promise<unknown>, () => Promise<unknown>, () => Promise<unknown>]
  > = {
    both: [(files) => put(files, 'both', 'y'), () => replaceByFolder(site, 'both'), () => replaceByFile(site, 'both')],
    d: [(files) => files.removeDir(at('d'), BY), () => put(site, 'd/other', 'x'), () => site.remove(at('d/other'), BY)],
    'f/x': [(files) => put(files, 'f/x', 'x'), () => site.removeDir(at('f'), BY), () => site.makeDir(at('f'), BY)],
    e: [(files) => files.makeDir(at('e'), BY), () => put(site, 'e', 'x'), () => site.remove(at('e'), BY)],
  };
  for (const [path, [change, disturb, mend]] of Object.entries(conflicts)) {
    const release = site.beginRelease(path, BY);
    await change(release);
    await disturb();
    const before = await readTree(tree);
    await expect(release.commit()).rejects.toMatchObject({ code: 'release.conflict', params: { path } });
    expect(await readTree(tree)).toEqual(before);
    await mend();
    await release.commit();
  }
  expect(await readSite(site)).toEqual({ both: 'y', 'e/': 'dir', 'f/': 'dir', 'f/x': 'x' });
});

async function replaceByFolder(site: SiteFiles, path: string): Promise<void> {
  await site.remove(at(path), BY);
  await site.makeDir(at(path), BY);
}

async function replaceByFile(site: SiteFiles, path: string): Promise<void> {
  await site.removeDir(at(path), BY);
  await put(site, path, 'a file again');
}

test('a step that fails in the middle: all is as it was, in the tree, the journal and the record', async () => {
  let clash = false;
  const folder: { tree?: string } = {};
  const { site, tree, journal, store } = await releaseSite({
    // Within the transaction: all has been checked, and nothing is done yet.
    concerns: () => {
      if (clash) mkdirSync(join(folder.tree ?? '', 'm-clash', 'in the way'), { recursive: true });
      return [];
    },
  });
  folder.tree = tree;
  for (const name of ['a', 'b', 'z']) await put(site, name, `old ${name}`);
  await site.makeDir(at('empty'), BY);
  await site.touch(at('a'), 5_000_000, BY);
  const before = await readTree(tree);
  const rows = () =>
    ['journal', 'entry', 'release', 'release_before', 'plan'].map((table) =>
      store.all(`SELECT * FROM ${table} ORDER BY 1, 2, 3`),
    );
  const release = site.beginRelease('fails', BY);
  await put(release, 'a', 'new a');
  await release.makeDir(at('dir'), BY);
  await put(release, 'dir/x', 'x');
  await release.touch(at('b'), 6_000_000, BY);
  await put(release, 'm-clash', 'new');
  await release.remove(at('z'), BY);
  await release.removeDir(at('empty'), BY);
  const known = rows().slice(0, 4);
  clash = true;
  await expect(release.commit()).rejects.toMatchObject({ code: 'file.is-directory', params: { path: 'm-clash' } });
  expect(await readTree(tree)).toEqual({ ...before, 'm-clash/': 'dir', 'm-clash/in the way/': 'dir' });
  expect(rows().slice(0, 4)).toEqual(known);
  expect(journal.head).toBe(5);
  clash = false;
  rmdirSync(join(tree, 'm-clash', 'in the way'));
  rmdirSync(join(tree, 'm-clash'));
  expect((await incoming(tree)).filter((name) => !name.startsWith('rel-'))).toEqual([]);
  await release.commit();
  expect(await readSite(site)).toEqual({ a: 'new a', b: 'old b', 'dir/': 'dir', 'dir/x': 'x', 'm-clash': 'new' });
  expect(await incoming(tree)).toEqual([]);
});
