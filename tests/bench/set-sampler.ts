import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** What a visitor finds: the index and the files it is made of, by their first bytes. */
export type SetState = 'old' | 'mix' | 'broken' | 'new';
export type Seen = Partial<Record<SetState, number>>;

/** The thread of `release-set.ts`: looks about every half millisecond until told to stop, and tells the time seen in each state. */
interface Task {
  readonly folder: string;
  readonly index: string;
  readonly assets: readonly string[];
  readonly fresh: string;
  /** Its first value is set to 1 to end it. */
  readonly stop: SharedArrayBuffer;
}

const { folder, index, assets, fresh, stop } = workerData as Task; // From `release-set.ts`.
const stopped = new Int32Array(stop);
const buffer = Buffer.alloc(fresh.length);

function isFresh(name: string): boolean | undefined {
  try {
    const file = openSync(join(folder, name), 'r');
    try {
      return buffer.toString('latin1', 0, readSync(file, buffer)) === fresh;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function look(): SetState {
  const page = isFresh(index);
  const count = assets.filter(isFresh).length;
  if (page) return count === assets.length ? 'new' : 'broken';
  return count > 0 || page === undefined ? 'mix' : 'old';
}

const seen: Seen = {};
let state = look();
for (let last = performance.now(); Atomics.wait(stopped, 0, 0, 0.5) === 'timed-out'; ) {
  const next = look();
  const now = performance.now();
  seen[state] = (seen[state] ?? 0) + now - last;
  [state, last] = [next, now];
}
parentPort?.postMessage(seen);
