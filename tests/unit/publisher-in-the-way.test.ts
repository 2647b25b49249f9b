import { createHash } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

const [FOLDER, FILE] = ['x', 'x/d'] as SitePath[] as [SitePath, SitePath];

/** What a mirror that followed the site before has left: a file, where the master has a folder by now, and a file in it. */
async function withFileInTheWay() {
  const started = await startPublisher();
  const { root, ready, drift } = started;
  const at = (path: string): string => join(root.folder, path);
  await writeFile(at(FOLDER), 'left by somebody');
  const content = 'content of d';
  await writeFile(join(root.staging, 'f-1'), content);
  await utimes(join(root.staging, 'f-1'), 5, 5);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const target = { kind: 'file', size: content.length, mtime: 5000, sha256 } as const;
  return {
    ...started,
    wanted: { folder: () => ready(FOLDER, { kind: 'dir' }, 1), file: () => ready(FILE, target, 2, 'f-1') },
    read: () => readFile(at(FILE), 'utf8'),
    isFolder: async () => (await stat(at(FOLDER))).isDirectory(),
    replaced: () => drift.in('replaced', 10).map(({ path }) => path),
  };
}

test('what is to be in a folder waits for it where a file of somebody else stands in its place, and the folder replaces that', async () => {
  const { state, publisher, wanted, read, isFolder, replaced, done, failed, blocked } = await withFileInTheWay();
  const folder = wanted.folder();
  publisher.publish(wanted.file());
  await expect.poll(() => [...blocked, ...failed]).toEqual([FILE]);
  expect([await isFolder(), state.entry(FOLDER), done, failed]).toEqual([false, undefined, [], []]);
  // A part of a release, say, whose word comes later.
  publisher.publishTogether([folder], () => undefined);
  await expect.poll(() => done).toEqual([FOLDER, FILE]);
  expect([await read(), replaced(), failed]).toEqual(['content of d', [FOLDER], []]);
});

test('a set is not seen without what is to be in a folder in whose place a file stays: it is tried again', async () => {
  const { state, root, publisher, wanted, ready, done, failed, returned } = await withFileInTheWay();
  // It cannot be had, say.
  wanted.folder();
  const content = 'content of other';
  await writeFile(join(root.staging, 'f-2'), content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const other = ready('other' as SitePath, { kind: 'file', size: content.length, mtime: 5000, sha256 }, 3, 'f-2');
  publisher.publishTogether([wanted.file(), other], () => undefined);
  await expect.poll(() => [...failed, ...returned]).toEqual([`${FILE} file.not-directory`, FILE, 'other']);
  expect([done, state.wants.of('other' as SitePath), await readdir(root.folder)]).toEqual([
    [],
    other.want,
    ['.lockstep', FOLDER],
  ]);
});

test('a folder that is wanted replaces the file in its place also where the index has taken it for there', async () => {
  const { state, publisher, wanted, isFolder, replaced, done, failed } = await withFileInTheWay();
  // As what was to be in it leaves it where that could not be put there.
  state.setEntry(FOLDER, { kind: 'dir' }, 0);
  publisher.publishTogether([wanted.folder()], () => undefined);
  await expect.poll(() => [...done, ...failed]).toEqual([FOLDER]);
  expect([await isFolder(), replaced()]).toEqual([true, [FOLDER]]);
});
