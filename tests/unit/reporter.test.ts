import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LinkMessage } from '../../shared/contract/link.ts';
import type { Change } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import { Reporter } from '../../electron/engine/mirror/reporter.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { migrations, Store } from '../../electron/engine/store/open.ts';
import { MemoryLink } from '../support/memory-link.ts';

const JOURNAL = 'a'.repeat(32);
const PEER = { id: 'b'.repeat(64), name: 'master' } as Peer;
/** In which a burst is gathered. */
const GATHER_MILLIS = 20;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('what becomes of a single change is told once nothing is in hand, that of a burst is gathered', async () => {
  const state = aState();
  const reporter = new Reporter({ name: 'www', state, understands: () => false, onNoneLeft: () => undefined });
  const told: string[][] = [];
  open(reporter, (message) => {
    if (message.type === 'states') told.push(message.items.map(({ path, state }) => `${path} ${state}`));
  });
  const toldAfter = async (millis: number): Promise<string[][]> => {
    await vi.advanceTimersByTimeAsync(millis);
    // It is told in one turn of the event loop, and heard in the next.
    await nextTurn();
    await nextTurn();
    return told.splice(0);
  };
  const publish = (path: string): void => {
    const sha256 = 'c'.repeat(64);
    const change: Change = { op: 'put', seq: 9, at: 0, path: path as SitePath, size: 1, mtime: 0, sha256 };
    reporter.touch(state.transfers.add(change, 'fetch', 'published', 0));
    reporter.rest();
  };
  expect(await toldAfter(GATHER_MILLIS)).toEqual([[]]);

  await vi.advanceTimersByTimeAsync(1000);
  publish('alone');
  expect(await toldAfter(0)).toEqual([['alone published']]);
  // The link was not silent for long.
  publish('a');
  expect(await toldAfter(1)).toEqual([]);
  publish('b');
  expect(await toldAfter(GATHER_MILLIS)).toEqual([['a published', 'b published']]);
  await vi.advanceTimersByTimeAsync(1000);
  publish('again');
  expect(await toldAfter(0)).toEqual([['again published']]);
  reporter.stop();
});

test('that news has come is told with how it fares, and by itself to an older master', async () => {
  const told: unknown[] = [];
  for (const understood of ['received', 'drift']) {
    const state = aState();
    const understands = (what: string): boolean => what === understood;
    const reporter = new Reporter({ name: 'www', state, understands, onNoneLeft: () => undefined });
    open(reporter, (message) => {
      if (message.type === 'received') told.push({ received: message.seq });
      if (message.type === 'states' && message.receivedSeq !== undefined)
        told.push({ receivedSeq: message.receivedSeq });
    });
    reporter.received();
    await vi.advanceTimersByTimeAsync(1000);
    // It is told once.
    reporter.touch();
    await vi.advanceTimersByTimeAsync(1000);
    reporter.stop();
  }
  expect(told).toEqual([{ receivedSeq: 9 }, { received: 9 }]);
});

function aState(): MirrorState {
  const db = new DatabaseSync(':memory:');
  for (const sql of migrations) db.exec(sql);
  const state = new MirrorState(new Store(db), 'www');
  state.moveCursor(JOURNAL, 9, null);
  return state;
}

/** Opens a link on which the master hears what it is told. */
function open(reporter: Reporter, onMessage: (message: LinkMessage) => void): void {
  const end = { onMessage: () => undefined, onClose: () => undefined };
  new MemoryLink(
    PEER,
    PEER,
    () => ({ ...end, onMessage }),
    (session) => {
      reporter.open(session);
      return end;
    },
  );
}
