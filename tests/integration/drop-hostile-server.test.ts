import { expect, test, vi } from 'vitest';
import { compare } from '../../electron/engine/publishing/compare.ts';
import type { Connection } from '../../electron/engine/publishing/connection.ts';
import { ftpPlace } from '../../electron/engine/publishing/ftp-place.ts';
import { HashCache } from '../../electron/engine/publishing/hash-cache.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import { folderOf } from '../support/drops.ts';

const signal = new AbortController().signal;
const options = { into: ROOT, delete: true, hashes: new HashCache(), signal, width: 1 };

/** A server that lists these in every folder. */
function listing(...names: string[]): Connection {
  const infos = names.map((name) => ({
    name,
    size: 0,
    isFile: name.startsWith('f'),
    isDirectory: !name.startsWith('f'),
  }));
  return { features: new Set(), has: () => false, list: () => Promise.resolve(infos) } as unknown as Connection;
}

test('a server that makes up folders without end is not gone through for ever', async () => {
  const tree = await readLocalTree([await folderOf({ 'a.txt': '' })], ROOT, signal);
  const files = Array.from({ length: 2000 }, (_, number) => `f${number}`);
  await expect(compare(tree, ftpPlace(listing(...files, 'd', 'e'), ''), options)).rejects.toMatchObject({
    code: 'release.too-large',
  });
});

test('a name that a server lists is not composed where it is longer than any', async () => {
  const tree = await readLocalTree([await folderOf({ 'a.txt': '' })], ROOT, signal);
  // Marks of two classes in the wrong order: to compose so many takes minutes.
  const name = `a${'\u0301'.repeat(500_000)}${'\u0323'.repeat(500_000)}`;
  const composed = vi.spyOn(String.prototype, 'normalize');
  const { removed } = await compare(tree, ftpPlace(listing(name), ''), options);
  expect(composed.mock.contexts.every((text) => String(text).length < 1000)).toBe(true);
  composed.mockRestore();
  expect(removed).toEqual([]);
});
