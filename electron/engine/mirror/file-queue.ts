import type { Sha256 } from '../../../shared/domain/change.ts';
import { ROOT } from '../../../shared/domain/site-path.ts';
import type { Target, Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { QueuedFile } from '../store/wants.ts';
import type { InHand } from './in-hand.ts';

/** Files that are read from the database at once. */
const BATCH = 500;

/** Something else may be queued anew before it by now: so long what is behind it is read on from, once it was read. */
const SEEN_MILLIS = 1_000;

const NOTHING: QueuedFile = { seq: -Infinity, path: ROOT, sha256: '' };

export type Lane = 'small' | 'large';
export type FileTarget = Extract<Target, { kind: 'file' }>;
export type FileWant = Want & { readonly target: FileTarget };

/** The files that can be fetched, in the order of the journal, read from the database ahead of need. */
export class FileQueue {
  readonly #state: MirrorState;
  readonly #inHand: InHand;
  #ahead: Record<Lane, QueuedFile[]> = { small: [], large: [] };
  /** Nothing more can be picked until something changes. */
  #dry = { small: false, large: false };
  /** Up to here nothing could be picked when it was read: what is behind it is looked at where the first that are queued cannot be picked. */
  readonly #seen: Record<Lane, QueuedFile> = { small: NOTHING, large: NOTHING };
  /** Since when; by the steady clock. */
  readonly #seenAt = { small: 0, large: 0 };
  /** The first that was read of each content that is on its way already: it, and others, can be picked when that is here. */
  readonly #leftOut: Record<Lane, Map<Sha256, QueuedFile>> = { small: new Map(), large: new Map() };

  constructor(state: MirrorState, inHand: InHand) {
    this.#state = state;
    this.#inHand = inHand;
  }

  /** More is waiting than is in hand. */
  get backlogged(): boolean {
    return this.#ahead.small.length > 0;
  }

  /** The next file that nobody works on; those whose content is on its way already are left for later: they will be copied. */
  next(lane: Lane): FileWant | undefined {
    for (;;) {
      if (this.#ahead[lane].length === 0 && !this.#dry[lane]) this.#read(lane);
      const read = this.#ahead[lane].shift();
      if (!read) return undefined;
      // It was read a while ago.
      const want = this.#state.wants.of(read.path);
      if (want?.state !== 'queued' || !isFile(want)) continue;
      if (this.#isFree(lane, { seq: want.seq, path: want.path, sha256: want.target.sha256 })) return want;
    }
  }

  /** Behind what is in hand, or left out: one content that comes slowly may be that of very many. */
  #read(lane: Lane): void {
    const limit = this.#inHand.size + BATCH;
    const first = this.#readPage(lane, limit);
    const now = performance.now();
    if (now - this.#seenAt[lane] > SEEN_MILLIS) {
      this.#seen[lane] = NOTHING;
      this.#seenAt[lane] = now;
    }
    const free = this.#takeFree(lane);
    if (free && isBehind(this.#seen[lane], free)) this.#seen[lane] = free;
    if (!first || isBehind(first, this.#seen[lane])) this.#seen[lane] = first ?? NOTHING;
    while (!this.#dry[lane] && this.#ahead[lane].length === 0)
      this.#seen[lane] = this.#readPage(lane, BATCH, this.#seen[lane]) ?? this.#seen[lane];
  }

  /** The last of so many, if there are as many. */
  #readPage(lane: Lane, limit: number, after?: QueuedFile): QueuedFile | undefined {
    const page = this.#state.wants.queuedFiles(lane, limit, after);
    this.#ahead[lane] = page.filter((each) => this.#isFree(lane, each));
    // There is no more than what was read.
    this.#dry[lane] = page.length < limit;
    return this.#dry[lane] ? undefined : page.at(-1);
  }

  #isFree(lane: Lane, file: QueuedFile): boolean {
    if (this.#inHand.has(file.path)) return false;
    const isOnItsWay = this.#inHand.hasContent(file.sha256);
    if (isOnItsWay && !this.#leftOut[lane].has(file.sha256)) this.#leftOut[lane].set(file.sha256, file);
    return !isOnItsWay;
  }

  /** Before the first that was left out, and is not any more. */
  #takeFree(lane: Lane): QueuedFile | undefined {
    let first: QueuedFile | undefined;
    for (const [sha256, { seq }] of this.#leftOut[lane]) {
      if (this.#inHand.hasContent(sha256)) continue;
      this.#leftOut[lane].delete(sha256);
      if (seq < (first?.seq ?? Infinity)) first = { ...NOTHING, seq };
    }
    return first;
  }

  /** There is more to read. */
  came(lane: Lane): void {
    this.#dry[lane] = false;
  }

  /** Something can be picked again where there was nothing; in a lane: there is room for another file. */
  lookAgain(where: Lane | 'everywhere'): void {
    if (where === 'everywhere') this.#dry = { small: false, large: false };
    else if ([...this.#leftOut[where].keys()].some((sha256) => !this.#inHand.hasContent(sha256)))
      this.#dry[where] = false;
  }
}

function isBehind(one: QueuedFile, other: QueuedFile): boolean {
  return one.seq > other.seq || (one.seq === other.seq && one.path > other.path);
}

function isFile(want: Want): want is FileWant {
  return want.target.kind === 'file';
}
