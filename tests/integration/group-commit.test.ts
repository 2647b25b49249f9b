import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Change } from '../../shared/domain/change.ts';
import type { Reference } from '../../shared/domain/reference.ts';
import { releaseSite, type ReleaseSiteUnderTest } from '../support/release-site.ts';
import { at, put, readSite, sha256 } from '../support/site-calls.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Uploads that have come, each by somebody else, and whose transactions are counted. */
async function waiting({ site, store }: ReleaseSiteUnderTest, names: readonly string[] = NAMES) {
  const uploads = await Promise.all(
    names.map(async (name) => {
      const upload = await site.beginUpload(at(name), { by: { account: `by ${name}` } });
      await upload.write(Buffer.from(`new ${name}`));
      await upload.flush();
      return upload;
    }),
  );
  const counted = { transactions: 0 };
  const transaction = store.transaction.bind(store);
  store.transaction = (work) => {
    counted.transactions += 1;
    return transaction(work);
  };
  return { counted, commit: () => Promise.allSettled(uploads.map((upload) => upload.commit())) };
}

function authors({ store }: ReleaseSiteUnderTest): unknown[] {
  return store.all('SELECT path, account, seq FROM journal ORDER BY seq').map((row) => ({ ...row }));
}

test('files that wait at the same time share one transaction, each with its own author', async () => {
  const under = await releaseSite();
  const { counted, commit } = await waiting(under);
  const changes = await commit();
  expect(changes.map((change) => change.status === 'fulfilled' && change.value.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(counted.transactions).toBe(1);
  expect(authors(under)).toEqual(NAMES.map((name, index) => ({ path: name, account: `by ${name}`, seq: index + 1 })));
  expect(await readSite(under.site)).toEqual(Object.fromEntries(NAMES.map((name) => [name, `new ${name}`])));
});

test('where the tree does not take one of them, that one is refused and nobody else', async () => {
  const told: Change[] = [];
  const under = await releaseSite({ committed: (changes) => told.push(...changes) });
  for (const name of ['c', 'd']) await put(under.site, name, `old ${name}`);
  told.length = 0;
  const { commit } = await waiting(under);
  const incoming = join(under.tree, '.lockstep', 'incoming');
  for (const file of await readdir(incoming))
    if ((await readFile(join(incoming, file), 'utf8')) === 'new c') await rm(join(incoming, file));
  const changes = await commit();
  expect(changes.map(({ status }, index) => [NAMES[index], status])).toEqual(
    NAMES.map((name) => [name, name === 'c' ? 'rejected' : 'fulfilled']),
  );
  const others = NAMES.filter((name) => name !== 'c');
  expect(told.map(({ path, seq }) => [path, seq])).toEqual(others.map((name, index) => [name, index + 3]));
  expect(authors(under).slice(2)).toEqual(
    others.map((name, index) => ({ path: name, account: `by ${name}`, seq: index + 3 })),
  );
  expect(await readSite(under.site)).toEqual({
    ...Object.fromEntries(NAMES.map((name) => [name, `new ${name}`])),
    c: 'old c',
  });
  expect(under.journal.index.entry(at('c'))).toMatchObject({ sha256: sha256('old c'), seq: 1 });
  expect(under.journal.settled).toBe(true);
  expect(under.store.all('SELECT sha256 FROM version').map((row) => row['sha256'])).toContain(sha256('old d'));
});

test('pages that are replaced together keep, or get back, the links that are theirs', async () => {
  const referencesOf = async (path: string): Promise<readonly Reference[]> => [`${path}.css` as Reference];
  const under = await releaseSite({ referencesOf });
  const { site, journal } = under;
  const names = NAMES.map((name) => `${name}.html`);
  await (await waiting(under, names)).commit();
  const before = names.map((name) => journal.index.entry(at(name)));
  const { commit } = await waiting(under, names);
  const incoming = join(under.tree, '.lockstep', 'incoming');
  for (const file of await readdir(incoming))
    if ((await readFile(join(incoming, file), 'utf8')) === 'new c.html') await rm(join(incoming, file));
  const changes = await commit();
  expect(changes.map(({ status }) => status === 'fulfilled')).toEqual(NAMES.map((name) => name !== 'c'));
  expect(journal.index.entry(at('c.html'))).toEqual(before[2]);
  for (const name of names) {
    expect(journal.index.links.of(at(name))).toEqual([`${name}.css`]);
    expect((await site.hash(at(name))) === sha256(`new ${name}`)).toBe(true);
  }
  const seqs = names.map((name) => journal.index.entry(at(name))?.seq);
  expect(seqs).toEqual([7, 8, 3, 9, 10, 11]);
});

test('two of one path come one after the other, and the later one stays', async () => {
  const under = await releaseSite();
  const { commit } = await waiting(under, ['a', 'same', 'b', 'Same', 'same', 'c']);
  const changes = await commit();
  expect(changes.every(({ status }) => status === 'fulfilled')).toBe(true);
  const seqs = under.store.all("SELECT seq FROM journal WHERE path = 'same' ORDER BY seq").map((row) => row['seq']);
  expect(seqs).toHaveLength(2);
  expect(await readSite(under.site)).toEqual({
    a: 'new a',
    b: 'new b',
    c: 'new c',
    same: 'new same',
    Same: 'new Same',
  });
});

test('a full database refuses all that wait, and leaves the tree as it was', async () => {
  const under = await releaseSite();
  const { site, store } = under;
  // More than the pages that are there have room for.
  const names = Array.from({ length: 40 }, (_, index) => `${'long '.repeat(40)}${index}`);
  await put(site, NAMES[0] ?? '', 'old a');
  const { commit } = await waiting(under, names);
  const pages = store.get('PRAGMA page_count')?.['page_count'];
  store.get(`PRAGMA max_page_count = ${String(pages)}`);
  const changes = await commit();
  expect(changes.map(({ status }) => status)).toEqual(names.map(() => 'rejected'));
  expect(await readSite(site)).toEqual({ a: 'old a' });
  expect(authors(under)).toHaveLength(1);
  expect(under.journal.settled).toBe(true);
  // There is room again.
  store.get('PRAGMA max_page_count = 1000000');
  await put(site, 'b', 'new b');
  expect(await readSite(site)).toEqual({ a: 'old a', b: 'new b' });
});
