import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Decider } from '../../electron/engine/mirror/decider.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { meanwhile, startPublisher } from '../support/site-publisher.ts';

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

test.each(['by itself', 'by itself, later', 'with others'] as const)(
  'what somebody puts where nothing was, between the look at that and the file that comes there %s, is not replaced unseen',
  async (how) => {
    const { root, publisher, ready, done, failed, replaced } = await withFileInTheWay();
    const at = join(root.folder, 'new');
    const fileOf = async (name: string, seq: number): Promise<Ready> => {
      await writeFile(join(root.staging, `f-${seq}`), name);
      const sha256 = createHash('sha256').update(name).digest('hex');
      return ready(name as SitePath, { kind: 'file', size: name.length, mtime: 5000, sha256 }, seq, `f-${seq}`);
    };
    const [file, other] = [await fileOf('new', 2), await fileOf('other', 3)];
    if (how === 'by itself') {
      // The folder is asked about before and after the look.
      let looks = 0;
      const spy = vi.spyOn(root, 'trouble', 'get').mockImplementation(() => {
        looks += 1;
        if (looks === 2) writeFileSync(at, 'by hand');
        return undefined;
      });
      onTestFinished(() => spy.mockRestore());
    } else {
      meanwhile(how === 'with others' ? 'carryOutTogether' : 'carryOut', () => writeFileSync(at, 'by hand'));
      if (how === 'by itself, later') {
        const spy = vi.spyOn(Decider.prototype, 'placeAhead').mockImplementationOnce(() => new Map());
        onTestFinished(() => spy.mockRestore());
      }
    }
    if (how === 'with others') publisher.publishTogether([file, other], () => undefined);
    else publisher.publish(file);
    await expect.poll(() => failed.length + done.length).toBe(how === 'with others' ? 2 : 1);
    expect([await readFile(at, 'utf8'), new Set(failed.map((each) => each.split(' ')[1])), replaced()]).toEqual([
      'by hand',
      new Set(['file.changed']),
      [],
    ]);
  },
);

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
