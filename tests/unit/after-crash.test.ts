import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { notePlaced, wantAgain } from '../../electron/engine/mirror/after-crash.ts';
import { DriftStore } from '../../electron/engine/store/drift-store.ts';
import { GIVEN_UP_SEQ, MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { hashFile } from '../../electron/engine/tree/hash.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const path = (text: string): SitePath => text as SitePath;
const NEW = { kind: 'file', size: 3, mtime: 1000, sha256: '0'.repeat(64) } as const;

const before = (...names: string[]) => new Map(names.map((name) => [path(name), 'before' as const]));

/** `old` stands where the index says that something newer does, which the disk has lost; `lost` stands nowhere. */
async function afterCrash(folder?: string) {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(folder ?? (await temporaryFolder()), true);
  store.run("INSERT INTO site (name) VALUES ('www') ON CONFLICT DO NOTHING");
  const state = new MirrorState(store, 'www');
  const drift = new DriftStore(store, state.site);
  await writeFile(join(root.folder, 'old'), 'older');
  for (const name of ['old', 'lost']) state.setEntry(path(name), NEW, 7);
  return {
    state,
    options: { state, drift, root, now: () => 2000 },
    found: await hashFile(join(root.folder, 'old')),
    seeTo: () => wantAgain({ state, drift, root, now: () => 2000 }, before('old', 'lost')),
  };
}

test('what the disk has lost is wanted again, and the index says what stands there', async () => {
  const { state, found, seeTo } = await afterCrash();
  await seeTo();
  expect(state.entry(path('old'))).toMatchObject({ kind: 'file', sha256: found.sha256 });
  expect(state.entry(path('lost'))).toBeUndefined();
  const wanted = Object.fromEntries([...state.wants.all()].map((want) => [want.path, want.target.kind]));
  expect(wanted).toEqual({ lost: 'file', old: 'file' });
});

test('a delete that waits goes on with what stands there', async () => {
  const { state, found, seeTo } = await afterCrash();
  for (const name of ['old', 'lost'])
    state.wants.set({ ...newWant(1500), path: path(name), target: { kind: 'gone' }, seq: 8, transfer: 1 });
  await seeTo();
  expect(state.entry(path('old'))).toMatchObject({ kind: 'file', sha256: found.sha256 });
  // The same content may be put there again before it is done.
  expect(state.entry(path('lost'))).toBeUndefined();
  expect(state.wants.queuedDeletes(9).map((want) => want.path)).toEqual(['old', 'lost']);
});

test('what was left to somebody else, and is lost, is not wanted again', async () => {
  const { state, seeTo } = await afterCrash();
  state.setEntry(path('lost'), NEW, GIVEN_UP_SEQ);
  await seeTo();
  expect(state.entry(path('lost'))).toBeUndefined();
  expect(state.wants.of(path('lost'))).toBeUndefined();
});

test('what was left to somebody else does not become the master’s where the disk has lost what was made of it', async () => {
  const { state, found, seeTo } = await afterCrash();
  for (const name of ['old', 'lost']) state.setEntry(path(name), NEW, GIVEN_UP_SEQ);
  await seeTo();
  expect(state.entry(path('old'))).toMatchObject({ sha256: found.sha256, seq: GIVEN_UP_SEQ });
  expect([...state.wants.all()]).toEqual([]);
});

test('on a disk that folds case what stands there in another spelling is not what is wanted, or was lost', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, '.lockstep'));
  await mkdir(join(folder, 'news'));
  // As such a disk answers to it.
  for (const [from, to] of [
    ['.lockstep', '.LOCKSTEP'],
    ['news', 'News'],
  ] as const)
    await symlink(from, join(folder, to));
  const { state, options } = await afterCrash(folder);
  for (const name of ['wanted', 'lost', 'going']) {
    await writeFile(join(folder, 'news', name), 'the same');
    await utimes(join(folder, 'news', name), 1, 1);
  }
  const { sha256 } = await hashFile(join(folder, 'news', 'lost'));
  const content = { kind: 'file', size: 8, mtime: 1000, sha256 } as const;
  const want = (name: string, target: typeof content | { readonly kind: 'gone' }) =>
    state.wants.set({ ...newWant(1500), path: path(name), target, seq: 8, transfer: 1 });
  want('News/wanted', content);
  want('News/going', { kind: 'gone' });
  for (const name of ['News/lost', 'News/going']) state.setEntry(path(name), content, 7);
  await wantAgain(options, before('News/lost', 'News/going'));
  await notePlaced(options);
  for (const name of ['News/wanted', 'News/lost', 'News/going']) expect(state.entry(path(name)), name).toBeUndefined();
  expect(state.wants.of(path('News/lost'))?.target).toEqual(content);
});
