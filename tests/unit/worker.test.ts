import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';
import { Staging } from '../../electron/engine/mirror/staging.ts';
import { Worker, type WorkerOptions } from '../../electron/engine/mirror/worker.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const path = (text: string): SitePath => text as SitePath;
const target = (mtime: number) => ({ kind: 'file', size: 3, mtime, sha256: '0'.repeat(64) }) as const;

/** A worker whose master never answers; what it was asked for. */
async function aWorker() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  store.run("INSERT INTO site (name) VALUES ('www') ON CONFLICT DO NOTHING");
  const state = new MirrorState(store, 'www');
  const logger = pino({ level: 'silent' });
  const bugs: unknown[] = [];
  const staging = new Staging(root, state, logger);
  const options: Partial<Record<keyof WorkerOptions, unknown>> = {
    state,
    root,
    staging,
    versions: { has: () => false },
    publisher: { isPending: () => false },
    deliver: () => undefined,
    reporter: { touch: () => undefined },
    connections: () => 4,
    onTrouble: () => undefined,
    onFailed: () => undefined,
    excludes: () => false,
    mode: () => 'open',
    now: () => Date.now(),
    random: Math.random,
    logger,
    onBug: (error: unknown) => bugs.push(error),
  };
  const worker = new Worker(options as unknown as WorkerOptions);
  const asked: SitePath[] = [];
  const retrieve = (order: { path: SitePath; signal: AbortSignal }) => {
    asked.push(order.path);
    return new Promise((_, reject) => {
      order.signal.addEventListener('abort', () => reject(new AppError('cancelled', { path: order.path })));
    });
  };
  worker.use({ retrieve } as unknown as FtpPool);
  onTestFinished(() => worker.stop());
  return { state, worker, asked, staging, root, bugs };
}

test('what waited, and is not wanted any more, does not let others fetch a content that is on its way', async () => {
  const { state, worker, asked } = await aWorker();
  const waiting = { ...newWant(1000), path: path('a'), target: target(1000), seq: 1, transfer: 1 };
  state.wants.set({ ...waiting, state: 'ready', staged: 'r-1' });
  state.wants.set({ ...newWant(1000), path: path('b'), target: target(2000), seq: 2, transfer: 2 });
  worker.start([]);
  await expect.poll(() => asked).toEqual(['b']);
  state.wants.set({ ...newWant(3000), path: path('a'), target: target(3000), seq: 3, transfer: 3 });
  worker.done({ want: waiting, verdict: 'fetch', staged: 'r-1' }, 'unused');
  await sleep(100);
  expect(asked).toEqual(['b']);
});

test('files are not held up by very many before them whose one content comes slowly', async () => {
  const { state, worker, asked } = await aWorker();
  state.store.transaction(() => {
    for (let at = 0; at < 1200; at += 1)
      state.wants.set({
        ...newWant(1000),
        path: path(`alike-${at}`),
        target: target(1000),
        seq: 1 + at,
        transfer: 1 + at,
      });
  });
  const others = ['other-1', 'other-2'].map(path);
  for (const [at, other] of others.entries())
    state.wants.set({
      ...newWant(1000),
      path: other,
      target: { ...target(1000), sha256: `${at + 1}`.repeat(64) },
      seq: 2000 + at,
      transfer: 2000 + at,
    });
  worker.start([]);
  await expect.poll(() => asked).toEqual(['alike-0', ...others]);
  // What comes later is not held up either.
  state.wants.set({
    ...newWant(1000),
    path: path('later'),
    target: { ...target(1000), sha256: '4'.repeat(64) },
    seq: 3000,
    transfer: 3000,
  });
  worker.wake('small');
  await expect.poll(() => asked.at(-1)).toBe('later');
});

/** Of a run that a crash has ended the beginning of a content is in staging; and the worker, started, whose master does not answer. */
async function afterCrash() {
  const started = await aWorker();
  const { state, worker, staging } = started;
  const want = { ...newWant(1000), path: path('a'), target: target(1000), seq: 1, transfer: 1 };
  state.wants.set({ ...want, state: 'failed' });
  await writeFile(staging.absolute(staging.nameOf(want.target.sha256)), '1');
  worker.start(await staging.sweep());
  expect(await readdir(staging.folder)).toHaveLength(1);
  return { ...started, want };
}

test('what was being fetched before a crash goes from staging when it is overtaken before it is fetched again', async () => {
  const { state, worker, staging, want } = await afterCrash();
  state.wants.drop(want.path);
  worker.wake();
  expect(await readdir(staging.folder)).toEqual([]);
});

test('what was being fetched goes from staging as soon as the file has come by another way', async () => {
  const { state, worker, staging, want } = await afterCrash();
  state.wants.drop(want.path);
  worker.done({ want, verdict: 'already-here', staged: null }, 'published');
  expect(await readdir(staging.folder)).toEqual([]);
});

test('what was being fetched stays in staging as long as another file needs it', async () => {
  const { state, worker, staging, want } = await afterCrash();
  state.wants.set({ ...want, path: path('b'), state: 'failed' });
  state.wants.drop(want.path);
  worker.done({ want, verdict: 'already-here', staged: null }, 'published');
  worker.wake();
  expect(await readdir(staging.folder)).toHaveLength(1);
});

test('where the database does not take, on a disk that folds case, that a name is free, all that was published with it is done, and it is tried again', async () => {
  const { state, worker, root, asked } = await aWorker();
  Object.defineProperty(root, 'foldsCase', { value: true });
  const error = new AppError('path.case-clash', { path: 'A', other: 'a' }).toJSON();
  const clashing = { ...newWant(1000), path: path('A'), target: target(1000), seq: 2, transfer: 2 };
  state.wants.set({ ...clashing, state: 'failed', error, nextAt: Number.MAX_SAFE_INTEGER });
  worker.start([]);
  vi.spyOn(state.wants, 'requeueClashes').mockImplementationOnce(() => {
    throw new AppError('file.disk-full');
  });
  const gone = { ...newWant(1000), path: path('a'), target: { kind: 'gone' } as const, seq: 1, transfer: 1 };
  worker.done({ want: gone, verdict: 'delete', staged: null }, 'published');
  worker.wake();
  await expect.poll(() => asked).toEqual(['A']);
});

test('a file whose fetch has failed while the database could not be read for a moment is fetched again', async () => {
  const { state, worker, bugs } = await aWorker();
  const asked: SitePath[] = [];
  const retrieve = async (order: { path: SitePath }) => {
    asked.push(order.path);
    if (asked.length === 1)
      vi.spyOn(state.wants, 'of').mockImplementationOnce(() => {
        throw new AppError('file.io', { reason: 'SQLite 10' });
      });
    throw new AppError('fetch.gone', { path: order.path });
  };
  worker.use({ retrieve } as unknown as FtpPool);
  state.wants.set({ ...newWant(1000), path: path('a'), target: target(1000), seq: 1, transfer: 1 });
  worker.start([]);
  await expect.poll(() => worker.trouble?.error.code).toBe('file.io');
  await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['a', 'a']);
  expect(bugs).toEqual([]);
});
