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

/** The files of a lane that can be fetched, in the order of the journal, read from the database ahead of need. */
export class FileQueue {
  readonly #lane: Lane;
  readonly #state: MirrorState;
  readonly #inHand: InHand;
  #ahead: QueuedFile[] = [];
  /**
   * What the database has beyond `#ahead`. `none`: nothing that can be picked, until something changes. `unsure`: the same, but what was queued anew
   * before `#seen` was not looked at.
   */
  #beyond: 'unread' | 'none' | 'unsure' = 'unread';
  /** Up to here nothing could be picked when it was read: what is behind it is looked at where the first that are queued cannot be picked. */
  #seen = NOTHING;
  /** Since when; by the steady clock. */
  #seenAt = 0;
  /** The first that was read of each content that is on its way already: it, and others, can be picked when that is here. */
  readonly #leftOut = new Map<Sha256, QueuedFile>();

  constructor(lane: Lane, state: MirrorState, inHand: InHand) {
    this.#lane = lane;
    this.#state = state;
    this.#inHand = inHand;
  }

  /** More is waiting than is in hand. */
  get isBacklogged(): boolean {
    return this.#ahead.length > 0;
  }

  /** After so many milliseconds what was passed over is looked at; Infinity: nothing was. */
  get dueIn(): number {
    if (this.#beyond !== 'unsure') return Infinity;
    return Math.max(0, this.#seenAt + SEEN_MILLIS - performance.now());
  }

  /** The next file that nobody works on; those whose content is on its way already are left for later: they will be copied. */
  next(): FileWant | undefined {
    for (;;) {
      if (this.#ahead.length === 0 && (this.#beyond === 'unread' || this.dueIn === 0)) this.#read();
      const read = this.#ahead.shift();
      if (!read) return undefined;
      // It was read a while ago.
      const want = this.#state.wants.of(read.path);
      if (want?.state !== 'queued' || !isFile(want)) continue;
      if (this.#isFree({ seq: want.seq, path: want.path, sha256: want.target.sha256 })) return want;
    }
  }

  /** There may be more to read, or more of it can be picked. */
  lookAgain(): void {
    this.#beyond = 'unread';
  }

  /** Nothing has come but that there is room for another file. */
  lookForFreed(): void {
    if ([...this.#leftOut.keys()].some((sha256) => !this.#inHand.hasContent(sha256))) this.lookAgain();
  }

  /** Behind what is in hand, or left out: one content that comes slowly may be that of very many. */
  #read(): void {
    const first = this.#readPage(this.#inHand.size + BATCH);
    const now = performance.now();
    if (now - this.#seenAt >= SEEN_MILLIS) {
      this.#seen = NOTHING;
      this.#seenAt = now;
    }
    const free = this.#takeFree();
    if (free && isBehind(this.#seen, free)) this.#seen = free;
    const passesOver = first !== undefined && isBehind(this.#seen, first);
    if (!passesOver) this.#seen = first ?? NOTHING;
    while (this.#beyond === 'unread' && this.#ahead.length === 0)
      this.#seen = this.#readPage(BATCH, this.#seen) ?? this.#seen;
    if (passesOver && this.#beyond === 'none') this.#beyond = 'unsure';
  }

  /** The last of so many, if there are as many. */
  #readPage(limit: number, after?: QueuedFile): QueuedFile | undefined {
    const page = this.#state.wants.queuedFiles(this.#lane, limit, after);
    this.#ahead = page.filter((each) => this.#isFree(each));
    this.#beyond = page.length < limit ? 'none' : 'unread';
    return page.length < limit ? undefined : page.at(-1);
  }

  #isFree(file: QueuedFile): boolean {
    if (this.#inHand.has(file.path)) return false;
    const isOnItsWay = this.#inHand.hasContent(file.sha256);
    if (isOnItsWay && !this.#leftOut.has(file.sha256)) this.#leftOut.set(file.sha256, file);
    return !isOnItsWay;
  }

  /** Before the first that was left out, and is not any more. */
  #takeFree(): QueuedFile | undefined {
    let first: QueuedFile | undefined;
    for (const [sha256, { seq }] of this.#leftOut) {
      if (this.#inHand.hasContent(sha256)) continue;
      this.#leftOut.delete(sha256);
      if (seq < (first?.seq ?? Infinity)) first = { ...NOTHING, seq };
    }
    return first;
  }
}

function isBehind(one: QueuedFile, other: QueuedFile): boolean {
  return one.seq > other.seq || (one.seq === other.seq && one.path > other.path);
}

function isFile(want: Want): want is FileWant {
  return want.target.kind === 'file';
}
