import { expect, test } from 'vitest';
import type { Unnumbered } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { ReleaseStore } from '../../electron/engine/store/releases.ts';
import { memoryStore } from '../simulation/decisions/memory-store.ts';

const BY = { account: 'tester' };

/** A journal, and what publishes changes as one; the release's number. */
function journalWithReleases() {
  const store = memoryStore();
  const journal = new Journal(store, 'www');
  const releases = new ReleaseStore(store, journal.site);
  const release = (...changes: Unnumbered[]): number => {
    const [first, last] = [journal.head + 1, journal.head + changes.length];
    const own = { first, last, name: 'spring', at: 1, account: 'tester', before: [], peers: [], together: undefined };
    journal.append(changes, BY, 1, () => releases.add(own), { together: false });
    journal.confirm();
    return last;
  };
  const single = (change: Unnumbered): void => {
    journal.append([change], BY, 1);
    journal.confirm();
  };
  return { journal, release, single };
}

const put = (path: string): Unnumbered => ({
  op: 'put',
  path: path as SitePath,
  size: 1,
  mtime: 1,
  sha256: 'a'.repeat(64),
});
const rename = (from: string, path: string, kind: 'file' | 'dir'): Unnumbered => {
  const content = { size: 1, mtime: 1, sha256: 'a'.repeat(64) };
  return { op: 'rename', from: from as SitePath, path: path as SitePath, kind, ...(kind === 'file' && { content }) };
};

test('the names of a release are those of its changes, and what renames have made of them since', () => {
  const { journal, release, single } = journalWithReleases();
  for (const name of ['before', 'e']) single(put(name));
  single(rename('before', 'never', 'file'));
  const one = release(put('a'), put('dir/b'), { op: 'delete', path: 'c' as SitePath });
  const other = release(put('d'), rename('e', 'f', 'file'));
  // What has had a name of both belongs to the newer one.
  single(rename('a', 'd', 'file'));
  single(rename('d', 'g', 'file'));
  single(rename('dir', 'folder', 'dir'));
  single(rename('folder/b', 'h', 'file'));
  expect(Object.fromEntries(journal.pathsOf([one, other]))).toEqual({
    [one]: ['a', 'dir/b', 'c', 'h'],
    [other]: ['d', 'e', 'f', 'g'],
  });
});

test('a release that has renamed a folder, or is very large, is left out, and of many releases the older ones', () => {
  const { journal, release } = journalWithReleases();
  const many = (name: string, count: number): Unnumbered[] =>
    Array.from({ length: count }, (_, i) => put(`${name}${i}`));
  const [older, large] = [release(...many('o', 1200)), release(...many('l', 2001))];
  const [folder, newer] = [release(rename('x', 'y', 'dir')), release(...many('n', 1200))];
  expect([...journal.pathsOf([older, large, folder, newer]).keys()]).toEqual([newer]);
  expect(journal.pathsOf([older]).get(older)).toHaveLength(1200);
});
