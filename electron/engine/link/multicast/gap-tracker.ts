import type { Change } from '../../../../shared/domain/change.ts';
import type { Announcement } from './datagram.ts';

export interface GapLimits {
  /** How long a datagram that was overtaken may be on its way before it is taken for lost, in milliseconds. */
  readonly allowance: number;
  /** After how long the link is asked again, in milliseconds. */
  readonly repeat: number;
  /** How far ahead of the cursor changes are kept; what is further ahead has to come through the link. */
  readonly ahead: number;
}

export const GAP_LIMITS: GapLimits = { allowance: 100, repeat: 5_000, ahead: 256 };

/** The link has to tell what comes after `after`, up to `head` at least. */
export interface Gap {
  readonly after: number;
  readonly head: number;
}

/**
 * Brings what is heard of one journal, in any order, with losses and repetitions, into the journal's order: each change
 * comes out once, right after the one before it. What stays missing is a gap for the link. Times are milliseconds of any
 * steady clock.
 */
export class GapTracker {
  readonly journal: string;
  readonly #limits: GapLimits;
  #cursor: number;
  #head: number;
  /** Heard before its turn. Without a change: one that only the link has. */
  readonly #early = new Map<number, { readonly change: Change | undefined; readonly at: number }>();
  /** Since when it is known that the change after the cursor is missing. */
  #missingSince: number | undefined;
  /** The link was asked for all up to `head`, and is asked again at `againAt`. */
  #asked: { readonly head: number; readonly againAt: number } | undefined;

  /** `cursor`: the last seq that is here. */
  constructor(journal: string, cursor: number, limits: GapLimits = GAP_LIMITS) {
    this.journal = journal;
    this.#cursor = cursor;
    this.#head = cursor;
    this.#limits = limits;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The highest seq heard of. */
  get head(): number {
    return this.#head;
  }

  /** What can be taken now, in order. What is said of another journal is not heard: the link tells of a new one. */
  hear(announcement: Announcement, now: number): Change[] {
    if (announcement.journal !== this.journal) return [];
    const change = announcement.kind === 'change' ? announcement.change : undefined;
    const seq = announcement.kind === 'change' ? announcement.change.seq : announcement.seq;
    if (seq <= this.#cursor) return [];
    this.#head = Math.max(this.#head, seq);
    const isNear = seq <= this.#cursor + this.#limits.ahead;
    if (announcement.kind !== 'head' && isNear && !this.#early.has(seq)) this.#early.set(seq, { change, at: now });
    return this.#inOrder(now);
  }

  /** The link has told all up to `through`. Returns what was heard early and follows it. */
  advance(through: number, now: number): Change[] {
    if (through <= this.#cursor) return [];
    for (const seq of this.#early.keys()) if (seq <= through) this.#early.delete(seq);
    this.#cursor = through;
    this.#head = Math.max(this.#head, through);
    this.#missingSince = undefined;
    // It is answering: it may take several messages.
    if (this.#asked !== undefined) this.#asked = { ...this.#asked, againAt: now + this.#limits.repeat };
    return this.#inOrder(now);
  }

  /** When `takeGap` is worth a call; undefined: nothing is missing. */
  get dueAt(): number | undefined {
    if (this.#missingSince === undefined) return undefined;
    if (this.#asked !== undefined) return this.#asked.againAt;
    const isFar = this.#head > this.#cursor + this.#limits.ahead;
    const isOnTheWay = !isFar && !this.#early.has(this.#cursor + 1);
    return isOnTheWay ? this.#missingSince + this.#limits.allowance : this.#missingSince;
  }

  /** The gap that the link is to be asked about now. It is due again after a while, until it is closed. */
  takeGap(now: number): Gap | undefined {
    const dueAt = this.dueAt;
    if (dueAt === undefined || now < dueAt) return undefined;
    this.#asked = { head: this.#head, againAt: now + this.#limits.repeat };
    return { after: this.#cursor, head: this.#head };
  }

  #inOrder(now: number): Change[] {
    const ready: Change[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#cursor += 1;
      this.#early.delete(this.#cursor);
      ready.push(next);
    }
    if (this.#asked !== undefined && this.#cursor >= this.#asked.head) this.#asked = undefined;
    if (this.#cursor === this.#head) {
      this.#missingSince = undefined;
    } else if (ready.length > 0 || this.#missingSince === undefined) {
      // Another change is missing now than before. What was heard beyond it says since when.
      this.#missingSince = Math.min(now, ...[...this.#early.values()].map(({ at }) => at));
    }
    return ready;
  }

  #next(): Change | undefined {
    return this.#early.get(this.#cursor + 1)?.change;
  }
}
