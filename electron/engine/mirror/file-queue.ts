import type { Target, Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { QueuedFile } from '../store/wants.ts';
import type { InHand } from './in-hand.ts';

/** Files that are read from the database at once. */
const BATCH = 500;

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
  /** Of what was read some has its content on its way already: it can be picked when that is here. */
  #leftOut = { small: false, large: false };

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
    const state = this.#state;
    const free = ({ path, sha256 }: QueuedFile): boolean => {
      if (this.#inHand.has(path)) return false;
      const isOnItsWay = this.#inHand.hasContent(sha256);
      if (isOnItsWay) this.#leftOut[lane] = true;
      return !isOnItsWay;
    };
    for (;;) {
      let read = this.#ahead[lane].shift();
      if (!read && !this.#dry[lane]) {
        this.#leftOut[lane] = false;
        const limit = this.#inHand.size + BATCH;
        const queued = state.wants.queuedFiles(lane, limit);
        this.#ahead[lane] = queued.filter(free);
        read = this.#ahead[lane].shift();
        // There is no more than what was read.
        this.#dry[lane] = read === undefined || queued.length < limit;
      }
      if (!read) return undefined;
      // It was read a while ago.
      const want = state.wants.of(read.path);
      if (want?.state === 'queued' && isFile(want) && free({ path: want.path, sha256: want.target.sha256 }))
        return want;
    }
  }

  /** There is more to read. */
  came(lane: Lane): void {
    this.#dry[lane] = false;
  }

  /** Something can be picked again where there was nothing; in a lane: there is room for another file. */
  lookAgain(where: Lane | 'everywhere'): void {
    if (where === 'everywhere') this.#dry = { small: false, large: false };
    else if (this.#leftOut[where]) this.#dry[where] = false;
  }
}

function isFile(want: Want): want is FileWant {
  return want.target.kind === 'file';
}
