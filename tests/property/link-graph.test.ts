import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidatesOf, parseReference, type Reference } from '../../shared/domain/reference.ts';
import { LinkGraph } from '../../electron/engine/store/link-graph.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const segment = fc.constantFrom('a', 'b', 'index.html', 'index.htm', '%', "o'x", 'ü');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const reference = fc.oneof(
  path,
  path.map((text) => `${text}/`),
  fc.constant('/'),
);
const indexNames = fc.uniqueArray(fc.constantFrom('index.html', 'index.htm', 'a'), { maxLength: 3 });

interface Site {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly links: readonly (readonly [page: string, target: string])[];
  readonly index: readonly string[];
}

const site: fc.Arbitrary<Site> = fc.record({
  files: fc.uniqueArray(path, { maxLength: 8 }),
  folders: fc.uniqueArray(path, { maxLength: 3 }),
  links: fc.uniqueArray(fc.tuple(path, reference), { maxLength: 20, selector: (link) => link.join(' ') }),
  index: indexNames,
});

test('a link leads nowhere where none of its candidates is in the index', async () => {
  const store = await openStore(join(await temporaryFolder(), 'db'));
  // A second site, in which everything is there: it must not count.
  for (const name of ['www', 'other']) store.run('INSERT INTO site (name) VALUES (?)', name);
  const add = (id: number, kind: string, entry: string): number =>
    store.run('INSERT OR IGNORE INTO entry (site, path, kind, seq) VALUES (?, ?, ?, 1)', id, entry, kind);
  fc.assert(
    fc.property(site, ({ files, folders, links, index }) => {
      store.transaction(() => {
        store.run('DELETE FROM entry');
        store.run('DELETE FROM link');
        for (const file of files) add(1, 'file', file);
        for (const folder of folders) add(1, 'dir', folder);
        for (const [page, target] of links) {
          store.run('INSERT INTO link (site, page, target, at) VALUES (1, ?, ?, 0)', page, target);
          for (const candidate of candidatesOf(target as Reference, index)) add(2, 'file', candidate);
        }
      });
      const expected = links
        .map(([page, target]) => {
          const there = candidatesOf(parseReference(target) as Reference, index).some((one) => files.includes(one));
          return { page, target, missing: !there };
        })
        .toSorted((one, other) => compare([one.page, one.target], [other.page, other.target]));
      const graph = new LinkGraph(store, 'www', index);
      expect([...graph.found()]).toEqual(expected);
      const missing = expected.filter((link) => link.missing);
      expect([...graph.missing()]).toEqual(
        missing.toSorted((one, other) => compare([one.target, one.page], [other.target, other.page])),
      );
    }),
  );
  expect([...new LinkGraph(store, 'nowhere', []).found()]).toEqual([]);
  store.close();
});

/** By the bytes of UTF-8, as the database does. */
function compare(one: readonly string[], other: readonly string[]): number {
  return Buffer.compare(Buffer.from(one.join('\0')), Buffer.from(other.join('\0')));
}
