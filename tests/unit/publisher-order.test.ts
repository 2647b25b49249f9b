import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import { referenceTo } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { meanwhile, startPublisher } from '../support/site-publisher.ts';

async function aPublisher() {
  const started = await startPublisher();
  const { state, root, ready } = started;
  state.belonging.setRules(1, siteRules.parse({ links: { wait: true } }));
  const at = (path: string): string => join(root.folder, path);
  const file = async (path: string, seq: number, linked?: string): Promise<Ready> => {
    const [staged, content] = [`f-${seq}`, `content of ${path}`];
    await writeFile(join(root.staging, staged), content);
    await utimes(join(root.staging, staged), 5, 5);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const refs = linked === undefined ? [] : [referenceTo(linked as SitePath, false)];
    return ready(path as SitePath, { kind: 'file', size: content.length, mtime: 5000, sha256, refs }, seq, staged);
  };
  /** What somebody else has put in the place of a file, and Lockstep does not take away. */
  const block = async (path: string): Promise<void> => {
    await mkdir(at(path));
    await writeFile(join(at(path), 'of somebody else'), '');
  };
  return { ...started, at, file, block };
}

test('what is to appear after a file that the tree does not take is planned anew: a page comes not before its target', async () => {
  const { state, publisher, at, file, block, done, failed, returned } = await aPublisher();
  const [first, target, page, last] = [
    await file('first', 1),
    await file('target', 2),
    await file('page', 3, 'target'),
    await file('last', 4),
  ];
  await block('target');
  for (const set of [[first], [target], [page, last]]) publisher.publishTogether(set, () => undefined);
  await expect
    .poll(() => [...done, ...failed, ...returned])
    .toEqual(['first', 'target file.is-directory', 'page', 'last']);
  expect(['page', 'last'].map((path) => existsSync(at(path)))).toEqual([false, false]);
  expect([state.wants.of('page' as SitePath), state.entry('page' as SitePath)]).toEqual([page.want, undefined]);
  const states = () => state.store.all('SELECT state FROM transfer ORDER BY id').map((row) => row['state']);
  expect(states()).toEqual(['published', 'queued', 'queued', 'queued']);
  // As it is once nothing stands in the way.
  await rm(at('target'), { recursive: true });
  for (const set of [[target], [page, last]]) publisher.publishTogether(set, () => undefined);
  await expect.poll(() => done).toEqual(['first', 'target', 'page', 'last']);
  expect([await readFile(at('page'), 'utf8'), new Set(states())]).toEqual(['content of page', new Set(['published'])]);
});

test.each(['first', 'second'])(
  'and so where the database takes nothing for a moment: the %s transaction after the file is refused',
  async (which) => {
    const { state, publisher, at, file, block, done, failed, returned } = await aPublisher();
    const [target, page] = [await file('target', 1), await file('page', 2, 'target')];
    await block('target');
    const { store } = state;
    const transaction = store.transaction.bind(store);
    // The one before them decides.
    let left = which === 'first' ? 1 : 2;
    let isInside = false;
    store.transaction = (work) => {
      if (isInside) return work();
      if (left === 0) store.transaction = transaction;
      if ((left -= 1) < 0) throw new AppError('node.disk-full');
      isInside = true;
      try {
        return transaction(work);
      } finally {
        isInside = false;
      }
    };
    for (const set of [[target], [page]]) publisher.publishTogether(set, () => undefined);
    await expect.poll(() => [...done, ...failed, ...returned]).toEqual(['target file.is-directory', 'page']);
    expect([existsSync(at('page')), state.wants.of('page' as SitePath)]).toEqual([false, page.want]);
  },
);

test('but what counts on nothing of that set waits for no other plan, as many as there are', async () => {
  const { publisher, at, file, block, done, failed, returned } = await aPublisher();
  const [target, other, page, next, index] = [
    await file('target', 1),
    await file('other', 2),
    await file('page', 3, 'target'),
    await file('next', 4, 'other'),
    await file('index', 5, 'page'),
  ];
  await block('target');
  for (const set of [[target], [other], [page], [next], [index]]) publisher.publishTogether(set, () => undefined);
  await expect.poll(() => [...done, ...failed, ...returned], { timeout: 2000 }).toHaveLength(5);
  expect([done, failed, returned]).toEqual([['other', 'next'], ['target file.is-directory'], ['page', 'index']]);
  expect(['page', 'index'].map((path) => existsSync(at(path)))).toEqual([false, false]);
});

test('nor does a page come that was planned while its target, a file by itself, was decided and not in its place yet', async () => {
  const { publisher, at, file, block, done, failed, returned } = await aPublisher();
  const [target, page, other] = [await file('target', 1), await file('page', 2, 'target'), await file('other', 3)];
  await block('target');
  meanwhile('carryOut', () => {
    for (const set of [[page], [other]]) publisher.publishTogether(set, () => undefined);
  });
  publisher.publish(target);
  await expect.poll(() => [...done, ...failed, ...returned]).toHaveLength(3);
  expect([done, failed, returned]).toEqual([['other'], ['target file.is-directory'], ['page']]);
  expect(existsSync(at('page'))).toBe(false);
});

test('and a delete that nothing held any more, as a page was to be another one by then, is looked at anew', async () => {
  const { state, publisher, at, file, block, done, failed, returned } = await aPublisher();
  const page = await file('page', 1);
  await block('page');
  await writeFile(at('target'), 'target');
  const { mtimeMs } = await stat(at('target'));
  state.setEntry('target' as SitePath, { kind: 'file', size: 6, mtime: Math.round(mtimeMs), sha256: 'a' }, 1);
  const want = { ...page.want, path: 'target' as SitePath, target: { kind: 'gone' } as const, seq: 2, transfer: 99 };
  state.wants.set(want);
  meanwhile('carryOut', () => publisher.publish({ want, verdict: 'delete', staged: null }));
  publisher.publish(page);
  await expect.poll(() => [...done, ...failed, ...returned]).toHaveLength(2);
  expect([failed, returned, existsSync(at('target'))]).toEqual([['page file.is-directory'], ['target'], true]);
});

test('what was planned while a rename was ordered that cannot be done is planned anew', async () => {
  const { state, publisher, at, file, done, returned } = await aPublisher();
  await writeFile(at('old'), 'target');
  const { mtimeMs } = await stat(at('old'));
  state.setEntry('old' as SitePath, { kind: 'file', size: 6, mtime: Math.round(mtimeMs), sha256: 'a' }, 1);
  const page = await file('page', 3, 'target');
  const order = { from: 'old' as SitePath, path: 'target' as SitePath, kind: 'file', seq: 2, transfer: 1 } as const;
  expect(state.store.transaction(() => publisher.orderRename(order))).toBe(true);
  await rm(at('old'));
  meanwhile('carryOut', () => publisher.publishTogether([page], () => undefined));
  publisher.carryOutRenames();
  await expect.poll(() => [...done, ...returned]).toEqual(['page']);
  expect([returned, existsSync(at('page'))]).toEqual([['page'], false]);
});

test.each([
  ['that another release has taken over', 9],
  ['of a journal that is not followed any more', null],
] as const)(
  'what cannot be put in its place of a release %s meanwhile is wanted as what it is by then',
  async (_by, release) => {
    const { state, publisher, file, block, failed } = await aPublisher();
    state.belonging.noteRelease({ last: 2 });
    state.setEntry('page' as SitePath, { kind: 'file', size: 1, mtime: 1, sha256: 'a' }, 1);
    const set = await Promise.all(
      ['page', 'other'].map(async (path, index) => {
        const ready = await file(path, index + 1);
        const want = { ...ready.want, release: 2 };
        state.wants.set(want);
        return { ...ready, want };
      }),
    );
    await block('other');
    meanwhile('carryOutTogether', () =>
      state.store.transaction(() => {
        if (release === null) {
          state.forgetSeqs();
          state.belonging.forget();
        } else {
          state.belonging.noteRelease({ last: release });
          state.belonging.merge(2, release);
        }
      }),
    );
    publisher.publishTogether(set, () => undefined);
    await expect.poll(() => failed.length).toBe(2);
    const seqs = release === null ? [0, 0] : [1, 2];
    expect(['page', 'other'].map((path) => state.wants.of(path as SitePath))).toMatchObject(
      seqs.map((seq) => ({ seq, release })),
    );
    expect(state.entry('page' as SitePath)?.seq).toBe(release === null ? 0 : 1);
  },
);

test('what comes back as the very file that has just gone, and cannot be copied, keeps nothing else from being published', async () => {
  const { state, root, publisher, at, file, done, failed } = await aPublisher();
  const old = await file('old', 1);
  publisher.publish(old);
  await expect.poll(() => done).toEqual(['old']);
  // As long as the disk may have lost what was done the plan of its removal is not forgotten.
  root.failedFlushes.note(new Error('the disk does not answer'));
  await link(at('old'), join(root.staging, 'again'));
  const want = { ...old.want, target: { kind: 'gone' } as const, seq: 2 };
  state.wants.set(want);
  publisher.publish({ want, verdict: 'delete', staged: null });
  await expect.poll(() => existsSync(at('old'))).toBe(false);
  await mkdir(join(root.staging, 'again.part'));
  const back = { ...old, want: { ...old.want, seq: 3 }, staged: 'again' };
  state.wants.set(back.want);
  publisher.publish(back, await file('other', 4));
  await expect
    .poll(() => [...done.slice(2), ...failed], { timeout: 3000 })
    .toEqual(['old', 'other', 'old file.is-directory']);
  expect([existsSync(at('old')), existsSync(at('other'))]).toEqual([false, true]);
});

test('what cannot be published while a publisher is stopped is left to the next one', async () => {
  const { root, publisher, at, file, done } = await aPublisher();
  const page = await file('page', 1);
  await rename(root.staging, `${root.staging} away`);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  publisher.publish(page);
  await publisher.stop();
  await rename(`${root.staging} away`, root.staging);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([done, existsSync(at('page'))]).toEqual([[], false]);
});

test('what is told of a file while its release cannot be put in place appears with the rest of it', async () => {
  const { state, publisher, file, block, failed } = await aPublisher();
  const ofRelease = async (path: string, seq: number): Promise<Ready> => {
    const ready = await file(path, seq);
    const want = { ...ready.want, release: 2 };
    state.wants.set(want);
    return { ...ready, want };
  };
  const [page, other] = [await ofRelease('page', 1), await ofRelease('other', 2)];
  await block('other');
  meanwhile('carryOutTogether', () => file('page', 3));
  publisher.publishTogether([page, other], () => undefined);
  await expect.poll(() => failed).toEqual(['other file.is-directory']);
  const left = ['page', 'other'].map((path) => state.wants.of(path as SitePath));
  expect(left).toMatchObject([
    { seq: 3, release: 2 },
    { seq: 2, release: 2 },
  ]);
  // The first was never seen.
  const transfers = state.transfers.of([page, other].map(({ want }) => want.transfer));
  expect(transfers.map((each) => each.state)).toEqual(['superseded', 'queued']);
});
