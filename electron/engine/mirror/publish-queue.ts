import type { NotShown } from './not-shown.ts';
import type { Ready } from './ready.ts';

/** Changes that are decided in one transaction, and in one go: the event loop stands still meanwhile. */
const PORTION = 100;

/** What is published together. */
export interface ReadySet {
  readonly ready: readonly Ready[];
  readonly also: Also;
}

/** Within the transaction in which a set is decided. What takes it back, where the tree does not take the set. */
export type Also = () => (() => void) | undefined;

/** What is decided in one transaction. A set is never parted. */
export interface Portion {
  readonly single: readonly Ready[];
  readonly sets: readonly ReadySet[];
}

/** What is ready to be published, each by itself or in sets, which are in the order in which they are published. */
export class PublishQueue {
  #single: Ready[] = [];
  #sets: ReadySet[] = [];

  add(ready: readonly Ready[]): void {
    for (const each of ready) this.#single.push(each);
  }

  addSet(set: ReadySet): void {
    this.#sets.push(set);
  }

  /** Nothing but what has time to be gathered. */
  get canWait(): boolean {
    return this.#single.length > 0 && this.#sets.length === 0;
  }

  /** Of what is there by now, one portion after the other. */
  round(): Round {
    this.#single.sort((a, b) => rank(a) - rank(b));
    let single = this.#single.length;
    let sets = this.#sets.length;
    return {
      isOver: () => single + sets === 0,
      take: () => {
        const portion = { single: this.#single.splice(0, Math.min(single, PORTION)), sets: [] as ReadySet[] };
        single -= portion.single.length;
        for (let size = portion.single.length; size < PORTION && sets > 0; sets -= 1) {
          const set = this.#sets.shift();
          if (!set) break;
          portion.sets.push(set);
          size += set.ready.length;
        }
        return portion;
      },
      putBack: (portion) => {
        this.#single = [...portion.single, ...this.#single];
        this.#sets = [...portion.sets, ...this.#sets];
        single += portion.single.length;
        sets += portion.sets.length;
      },
    };
  }

  /** What is in all sets. */
  takeSets(): Ready[] {
    return this.#sets.splice(0).flatMap(({ ready }) => ready);
  }

  /** Sets, and deletes, that may count on what is not shown. */
  takeAlong(lost: NotShown): Ready[] {
    const taken: Ready[] = [];
    const isLeft = (ready: readonly Ready[]): boolean => {
      const isLost = lost.takesAlong(ready);
      if (isLost) for (const each of ready) taken.push(each);
      return !isLost;
    };
    this.#sets = this.#sets.filter(({ ready }) => isLeft(ready));
    this.#single = this.#single.filter((each) => each.want.target.kind !== 'gone' || isLeft([each]));
    return taken;
  }
}

export interface Round {
  readonly isOver: () => boolean;
  readonly take: () => Portion;
  /** Nothing of it was decided: it comes first once more. */
  readonly putBack: (portion: Portion) => void;
}

/** Folders, then files in the order of the journal, then deletes, the deepest first. */
function rank({ want }: Ready): number {
  switch (want.target.kind) {
    case 'dir':
      return -1e15 + want.path.length;
    case 'file':
      return want.seq;
    case 'gone':
      return 1e15 - want.path.length;
  }
}
