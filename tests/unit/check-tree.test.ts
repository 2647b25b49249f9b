import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Present } from '../../shared/domain/change.ts';
import type { CheckedSite, Difference } from '../../electron/engine/deep/checked-site.ts';
import { checkTree } from '../../electron/engine/deep/check-tree.ts';
import { Tally } from '../../electron/engine/deep/tally.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A site of `count` files of which the disk has none; what happens at each wait is given, and which paths are moving then. */
async function checkEmpty(
  count: number,
  atWait: (time: number, index: Map<string, Present>, moving: Set<string>) => unknown,
) {
  const tree = join(await temporaryFolder(), 'site');
  await mkdir(tree);
  const root = await SiteRoot.open(tree, true);
  const index = new Map<string, Present>();
  for (let file = 0; file < count; file += 1) {
    const path = `f${String(file).padStart(5, '0')}` as Present['path'];
    index.set(path, { kind: 'file', path, size: 1, mtime: 0, sha256: '0'.repeat(64), seq: file + 1 });
  }
  const moving = new Set<string>();
  const site: CheckedSite = {
    root,
    files: () => index.size,
    page: (after, limit) => [...index.values()].filter(({ path }) => path > after).slice(0, limit),
    entry: (path) => index.get(path),
    isMoving: (path) => moving.has(path),
    ignores: () => false,
    mayHoldLinks: false,
  };
  const found: Difference[] = [];
  const tally = new Tally();
  let waits = 0;
  const options = {
    tally,
    signal: new AbortController().signal,
    rest: () => Promise.resolve(),
    found: (difference: Difference) => Promise.resolve(void found.push(difference)),
  };
  await checkTree(site, options, () => {
    waits += 1;
    atWait(waits, index, moving);
    return Promise.resolve();
  });
  return { waits, found, tally };
}

test('what differs is looked at again a page at a time: thousands of differing files wait as often as there are pages', async () => {
  const { waits, found, tally } = await checkEmpty(1200, () => undefined);
  expect(found).toHaveLength(1200);
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['missing']));
  expect(tally).toMatchObject({ files: 1200, of: 1200, moving: 0 });
  expect(waits).toBe(3);
});

test('of a page only what was moving is waited for again, and never longer than four times', async () => {
  const { waits, found, tally } = await checkEmpty(10, (time, _, moving) => {
    if (time === 1) for (const path of ['f00003', 'f00007']) moving.add(path);
    if (time === 2) moving.delete('f00003');
  });
  expect(waits).toBe(4);
  expect(found).toHaveLength(9);
  expect(found.at(-1)?.path).toBe('f00003');
  expect(tally.moving).toBe(1);
});

test('what is deleted by the time of the second look is no difference', async () => {
  const { waits, found } = await checkEmpty(3, (_, index) => index.delete('f00001'));
  expect(waits).toBe(1);
  expect(found.map(({ path }) => path)).toEqual(['f00000', 'f00002']);
});
