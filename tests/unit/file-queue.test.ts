import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FileQueue } from '../../electron/engine/mirror/file-queue.ts';
import { InHand } from '../../electron/engine/mirror/in-hand.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A queue of a mirror, and the clock that it is read by. */
async function aQueue() {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const state = new MirrorState(store, 'www');
  const inHand = new InHand(state, {} as never);
  const queue = new FileQueue('small', state, inHand);
  return {
    state,
    inHand,
    queue,
    set: (path: string, sha256: string, seq: number): void => {
      const target = { kind: 'file', size: 1, mtime: 1, sha256: sha256.repeat(64) } as const;
      state.wants.set({ ...newWant(1), path: path as SitePath, target, seq, transfer: seq });
    },
    next: (): string | undefined => {
      const want = queue.next();
      if (want) inHand.take(want);
      return want?.path;
    },
  };
}

test('what waits for a content behind very many of a slow one is picked as soon as that has come', async () => {
  const { state, inHand, queue, set, next } = await aQueue();
  state.store.transaction(() => {
    for (let at = 1; at <= 1200; at += 1) set(`slow-${at}`, 'a', at);
    for (let at = 1; at <= 600; at += 1) set(`quick-${at}`, 'b', 1200 + at);
  });
  expect([next(), next(), next()]).toEqual(['slow-1', 'quick-1', undefined]);
  for (const path of ['quick-1', 'quick-2', 'quick-3'] as SitePath[]) {
    const want = state.wants.of(path);
    if (!want) throw new Error('it is not wanted');
    state.wants.drop(path);
    inHand.letGo(want);
    queue.lookForFreed();
    expect(next()).toBe(path.replace(/\d/u, (at) => String(Number(at) + 1)));
    expect(next()).toBeUndefined();
  }
});

test('what is queued anew before what was just read is picked a second later, whatever happens meanwhile', async () => {
  const { state, queue, set, next } = await aQueue();
  state.store.transaction(() => {
    for (let at = 1; at <= 2000; at += 1) set(`slow-${at}`, 'a', at);
  });
  expect([next(), next(), queue.dueIn]).toEqual(['slow-1', undefined, Infinity]);
  set('again', 'b', 700);
  queue.lookAgain();
  expect(next()).toBeUndefined();
  // Nobody has to come by for it.
  expect(queue.dueIn).toBeLessThanOrEqual(1000);
  vi.advanceTimersByTime(queue.dueIn);
  expect(next()).toBe('again');
});
