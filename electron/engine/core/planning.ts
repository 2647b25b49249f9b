import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';

/**
 * The values that `plan` works on: what a mirror holds back until what belongs to it is here (SPEC §8,
 * JP H11-154110 ¶32-33).
 */

/** A change that is not published yet. */
export interface Pending {
  readonly path: SitePath;
  readonly kind: 'file' | 'dir' | 'gone';
  readonly seq: number;
  /** When what is published at the path was first overtaken. Limits count from here. */
  readonly since: Millis;
  /** When the newest change of the path was notified. */
  readonly changedAt: Millis;
  /** `coming`: it is being fetched, or will be. `ready`: it can be published. `failed`: not without a person. */
  readonly stage: 'coming' | 'ready' | 'failed';
  /** Of a file. */
  readonly refs: readonly Reference[];
  /** The release that it belongs to, by the seq of its last change; null: none. */
  readonly release: number | null;
  /** A person has said that it waits for nothing. */
  readonly forced: boolean;
}

/** A release of which something is pending. */
export interface ReleaseProgress {
  /** All of its changes have been notified. */
  readonly complete: boolean;
  /** It may be published as far as the other mirrors are concerned. */
  readonly go: boolean;
}

/** What has been notified of a group since it was last published. Members are those of the rules, by their text. */
export interface Round {
  readonly began: Millis;
  readonly changedAt: Millis;
  readonly noted: ReadonlySet<string>;
}

export interface PlanInput {
  readonly now: Millis;
  /** Since when everything is known that the master has: waiting for what is missing begins no earlier. */
  readonly currentSince: Millis;
  /** Up to this seq everything is known, after it perhaps only a part; Infinity: everything up to the cursor is known. */
  readonly knownTo: number;
  /** Since when files can be fetched: waiting for content that is on its way begins then. Infinity: they cannot be fetched now. */
  readonly fetchingSince: Millis;
  readonly rules: SiteRules;
  /**
   * The changes that may have to wait: members of groups and releases, files with references or set links, deletes of what
   * is linked.
   */
  readonly bound: readonly Pending[];
  /** The change that is pending at a path, whether it is bound or not. */
  pendingAt(path: SitePath): Pending | undefined;
  /** The seq of the file that is published at a path; undefined: none. */
  publishedSeq(path: SitePath): number | undefined;
  /** Published pages that link to a path. */
  linkersOf(path: SitePath): readonly SitePath[];
  /** Files that are pending and have the content of the one that is published at `path`: it may be on its way to another name. */
  movedTo(path: SitePath): readonly SitePath[];
  /** True when the published version of the page has this reference too, and it leads nowhere: it was waited for before. */
  wasMissing(page: SitePath, reference: Reference): boolean;
  /** False: the mirror is not told of the path, or leaves it out: it never comes. */
  accepts(path: SitePath): boolean;
  /** When the target of a link that was set by hand was last notified; undefined: not since the link is there. */
  changedAt(target: SitePath): Millis | undefined;
  release(id: number): ReleaseProgress;
  /** Undefined: no member has been notified since the group was last published. */
  round(group: string): Round | undefined;
}

/** Why something waits. `until` (see `Wait`) tells for how long. */
export type WaitReason =
  | { readonly kind: 'content'; readonly path: SitePath }
  /** Rule `all`: these members have not been notified. */
  | { readonly kind: 'group'; readonly group: string; readonly missing: readonly string[] }
  /** Rule `settle`. */
  | { readonly kind: 'settling'; readonly group: string }
  /** Rule `release`. */
  | { readonly kind: 'commit'; readonly group: string }
  /** The limit is over, and a person has to decide (`atLimit: 'hold'`). */
  | { readonly kind: 'held'; readonly group: string; readonly missing: readonly string[] }
  | { readonly kind: 'release'; readonly release: number }
  | { readonly kind: 'word'; readonly release: number }
  /** The target is pending. */
  | { readonly kind: 'target'; readonly page: SitePath; readonly target: SitePath }
  /** Neither the mirror nor the master has it. */
  | { readonly kind: 'missing'; readonly page: SitePath; readonly target: Reference }
  /** A link that was set by hand: `page` has changed, and `target` has not. */
  | { readonly kind: 'set-link'; readonly page: SitePath; readonly target: SitePath }
  /** A delete: a published page still links to it. */
  | { readonly kind: 'linked'; readonly path: SitePath; readonly page: SitePath }
  /** A delete: the same content is not shown under its other name yet. */
  | { readonly kind: 'moved'; readonly path: SitePath; readonly target: SitePath };

/** Changes that are published at once, in this order: folders, files (targets before pages), deletes (the deepest first). */
export interface Batch {
  readonly paths: readonly SitePath[];
  /** Groups whose round ends with it. */
  readonly groups: readonly string[];
  /** References of its pages that lead nowhere: their time is over, or nobody waited for them. */
  readonly missing: readonly { readonly page: SitePath; readonly target: Reference }[];
}

/** Changes that wait, for the same reasons. */
export interface Wait {
  /** Names the wait for a person, and stays the same while it lasts: `group:NAME`, `release:ID`, else the first path. */
  readonly id: string;
  readonly kind: 'group' | 'release' | 'link';
  readonly paths: readonly SitePath[];
  readonly reasons: readonly WaitReason[];
  readonly since: Millis;
  /**
   * What is ready of it is published then; null: not before the reasons are gone, or a person has decided. Deletes of a group,
   * and what is in other groups too, may have to wait longer for reasons of their own.
   */
  readonly until: Millis | null;
}

export interface Plan {
  /** In this order. */
  readonly batches: readonly Batch[];
  readonly waits: readonly Wait[];
  /** When the passing of time alone may change the plan; null: never. */
  readonly next: Millis | null;
}
