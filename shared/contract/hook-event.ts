import type { Millis } from '../domain/change.ts';

/** What a hook is told, as JSON. `id` is of the event: a receiver that has seen it may pass over it. */
export type HookEvent = Head & (Published | ReleaseEverywhere);

interface Head {
  readonly id: string;
  readonly at: Millis;
  readonly node: { readonly id: string; readonly name: string };
  readonly site: string;
}

export interface Published {
  readonly event: 'published';
  /** What became visible in the same moment or shortly after one another; the first of them where they are many. */
  readonly changes: readonly PublishedChange[];
  /** With those that are not listed. */
  readonly total: number;
}

export interface PublishedChange {
  readonly op: string;
  readonly path: string;
  /** Of a rename: the name before. */
  readonly from?: string;
  readonly seq: number;
}

export interface ReleaseEverywhere {
  readonly event: 'release-everywhere';
  readonly release: {
    readonly id: number;
    readonly name: string;
    readonly committedAt: Millis;
    /** From the commit until the last mirror showed it, in milliseconds. */
    readonly convergedAfter: Millis;
    readonly changes: number;
    readonly mirrors: readonly string[];
  };
}
