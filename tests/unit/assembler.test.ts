import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Assembler, type AssemblerOptions } from '../../electron/engine/mirror/assembler.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import type { Want } from '../../electron/engine/core/want.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** More than are looked at in one turn. */
const MANY = 2_500;

/** An assembler of a mirror that has all of a release; how many it hands over at a time. */
async function withRelease() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  store.run("INSERT INTO site (name) VALUES ('www')");
  const state = new MirrorState(store, 'www');
  const wantOf = (seq: number, release: number): Want => {
    const path = `f${seq}` as SitePath;
    const target = { kind: 'file', size: 1, mtime: 1, sha256: 'a'.repeat(64) } as const;
    const transfer = state.transfers.add({ op: 'put', path, seq, at: 1, ...target }, 'fetch', 'held', 1);
    state.belonging.noteRelease({ last: release });
    const want = { ...newWant(1), path, target, seq, transfer, release, state: 'ready' as const };
    state.wants.set(want);
    return want;
  };
  store.transaction(() => {
    for (let seq = 1; seq <= MANY; seq += 1) wantOf(seq, MANY);
    state.moveCursor('journal', MANY + 1, null);
  });
  const handedOver: number[] = [];
  const kept: (readonly Ready[])[] = [];
  let last: readonly Ready[] = [];
  const options: Partial<Record<keyof AssemblerOptions, unknown>> = {
    state,
    publisher: {
      publishTogether: (ready: readonly Ready[]) => {
        handedOver.push(ready.length);
        last = ready;
      },
    },
    staging: {
      readyNameOf: () => 'r-1',
      has: () => false,
      rename: () => {
        throw Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'rename' });
      },
    },
    onKept: (readies: readonly Ready[]) => kept.push(readies),
    onUnused: () => undefined,
    excludes: () => false,
    isCurrent: () => true,
    canFetch: () => true,
    isPaused: () => false,
    now: () => 2,
    logger: pino({ level: 'silent' }),
    onWaits: () => undefined,
    onRelease: () => undefined,
    onTransfer: () => undefined,
  };
  const assembler = new Assembler(options as unknown as AssemblerOptions);
  onTestFinished(() => assembler.stop());
  return { state, assembler, handedOver, kept, last: () => last, want: wantOf };
}

/** Turns of the event loop that others have until `work` is done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    turns += 1;
    setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

test('what waits is read a part at a time, and nothing of a release is handed over before all of it is read', async () => {
  const { assembler, handedOver } = await withRelease();
  expect(await turnsDuring(() => assembler.start())).toBeGreaterThan(3);
  expect(handedOver).toEqual([MANY]);
});

test('a look meanwhile decides nothing, and other rules begin anew', async () => {
  const { assembler, handedOver } = await withRelease();
  const started = assembler.start();
  assembler.look();
  assembler.rulesChanged();
  assembler.look();
  await started;
  expect(handedOver).toEqual([]);
  await expect.poll(() => handedOver).toEqual([MANY]);
});

test('what the publisher has is not handed over again where other rules come meanwhile, until it comes back', async () => {
  const { assembler, handedOver, last, want } = await withRelease();
  await assembler.start();
  const first = last();
  assembler.rulesChanged();
  // Reads all that waits once more, and resolves when it has.
  await assembler.start();
  assembler.deliver([{ want: want(MANY + 1, MANY + 1), verdict: 'fetch', staged: null }]);
  await expect.poll(() => handedOver.length).toBe(2);
  expect(handedOver).toEqual([MANY, 1]);
  assembler.returned(first);
  await expect.poll(() => handedOver).toEqual([MANY, 1, MANY]);
});

test('what comes, and waits for the rest of its release, is told in one go', async () => {
  const { state, assembler, kept, want } = await withRelease();
  await assembler.start();
  state.moveCursor('journal', MANY + 9, null);
  const release = [2, 3, 4, 5].map((seq) => want(MANY + seq, MANY + 5));
  const [missing, ...here] = release;
  if (missing) state.wants.set({ ...missing, state: 'queued' });
  for (const { path } of release) assembler.changed(path);
  assembler.deliver(here.map((each) => ({ want: each, verdict: 'fetch', staged: null })));
  await expect.poll(() => kept.map((readies) => readies.length)).toEqual([3]);
});

test('what is handed over is of the release in which it goes on by then, not of that with which it came', async () => {
  const { state, assembler, last, want } = await withRelease();
  await assembler.start();
  state.moveCursor('journal', MANY + 9, null);
  const [missing, here] = [want(MANY + 2, MANY + 3), want(MANY + 3, MANY + 3)];
  state.wants.set({ ...missing, state: 'queued' });
  for (const { path } of [missing, here]) assembler.changed(path);
  assembler.deliver([{ want: here, verdict: 'fetch', staged: null }]);
  state.belonging.noteRelease({ last: MANY + 5 });
  for (const each of [missing, here]) state.wants.set({ ...each, release: MANY + 5 });
  for (const { path } of [missing, here]) assembler.changed(path);
  assembler.deliver([{ want: { ...missing, release: MANY + 5 }, verdict: 'fetch', staged: null }]);
  await expect.poll(() => last().map((each) => each.want.release)).toEqual([MANY + 5, MANY + 5]);
});

test('what cannot be read while it is stopped is not read, and handed over, later', async () => {
  const { state, assembler, handedOver } = await withRelease();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  vi.spyOn(state.wants, 'after').mockImplementationOnce(() => {
    assembler.stop();
    throw new AppError('node.disk-full');
  });
  await assembler.start();
  const asked = vi.spyOn(state.wants, 'after').mockClear();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked.mock.calls.length, handedOver]).toEqual([0, []]);
});

test('what could not be read is read also where something else could not be noted meanwhile', async () => {
  const { state, assembler, handedOver, last, want } = await withRelease();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  await assembler.start();
  const refuse = (): never => {
    throw new AppError('node.disk-full');
  };
  vi.spyOn(state.wants, 'after').mockImplementationOnce(refuse);
  assembler.rulesChanged();
  state.store.transaction(() => last().forEach(({ want: { path } }) => state.wants.drop(path)));
  vi.spyOn(state.belonging, 'published').mockImplementationOnce(refuse);
  for (const ready of last()) assembler.done(ready);
  assembler.deliver([{ want: want(MANY + 1, MANY + 1), verdict: 'fetch', staged: null }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(handedOver).toEqual([MANY, 1]);
});

test('what is ready, and not to be found when the database takes nothing, ends nothing else: it is noted later', async () => {
  const { state, assembler, want } = await withRelease();
  await assembler.start();
  const waiting = { ...want(MANY + 5, MANY + 5), state: 'queued' as const };
  state.wants.set(waiting);
  const set = state.wants.set.bind(state.wants);
  const refused = vi.spyOn(state.wants, 'set').mockImplementation((each) => {
    // It was noted that it waits, and its file has gone meanwhile.
    if (each.state === 'queued') throw new AppError('file.disk-full');
    set(each);
  });
  const ended: unknown[] = [];
  const end = (error: unknown): void => void ended.push(error);
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', end);
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const each of listeners) process.on('uncaughtException', each);
  });
  assembler.deliver([{ want: waiting, verdict: 'fetch', staged: 'f-1' }]);
  await expect.poll(() => refused.mock.calls.map(([each]) => each.state)).toEqual(['ready', 'queued']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toEqual([]);
});
