import { plan } from '../../electron/engine/core/plan.ts';
import type { Pending, PlanInput, ReleaseProgress, Round } from '../../electron/engine/core/planning.ts';
import { type fileGroup, type linkRules, siteRules } from '../../shared/contract/rules.ts';
import { type Reference, referencesTo } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { z } from 'zod';

export const path = (text: string): SitePath => text as SitePath;
const reference = (text: string): Reference => text as Reference;

type GivenGroup = Omit<z.input<typeof fileGroup>, 'members'> & { readonly members: readonly string[] };

export interface Given {
  readonly now?: number;
  /** Since when all that the master has is known. */
  readonly currentSince?: number;
  /** All that there was up to this seq is known. */
  readonly knownTo?: number;
  /** Since when files can be fetched. */
  readonly fetchingSince?: number;
  readonly groups?: readonly GivenGroup[];
  readonly links?: z.input<typeof linkRules>;
  readonly bound: readonly Pending[];
  /** Pending too, and published by somebody else. */
  readonly others?: readonly Pending[];
  /** What is published: seq and references of each file. */
  readonly published?: Readonly<Record<string, { readonly seq: number; readonly refs?: readonly string[] }>>;
  readonly refused?: readonly string[];
  /** Where the content of a published file is pending under other names. */
  readonly moved?: Readonly<Record<string, readonly string[]>>;
  /** When targets of set links were last notified. */
  readonly changed?: Readonly<Record<string, number>>;
  readonly releases?: Readonly<Record<number, ReleaseProgress>>;
  readonly rounds?: Readonly<Record<string, Omit<Round, 'noted'> & { readonly noted: readonly string[] }>>;
}

/** What `plan` is given, from what a mirror knows. */
export function planInput(given: Given): PlanInput {
  const rules = siteRules.parse({ groups: given.groups ?? [], links: given.links ?? {} });
  const published = new Map(Object.entries(given.published ?? {}));
  const pending = new Map([...given.bound, ...(given.others ?? [])].map((change) => [change.path, change]));
  const linkers = new Map<string, SitePath[]>();
  for (const [page, { refs }] of published) {
    for (const ref of new Set(refs)) linkers.set(ref, [...(linkers.get(ref) ?? []), path(page)]);
  }
  return {
    now: given.now ?? 0,
    currentSince: given.currentSince ?? 0,
    knownTo: given.knownTo ?? Infinity,
    fetchingSince: given.fetchingSince ?? 0,
    rules,
    bound: given.bound,
    pendingAt: (at) => pending.get(at),
    publishedSeq: (at) => published.get(at)?.seq,
    linkersOf: (at) => [...new Set(referencesTo(at, rules.links.index).flatMap((ref) => linkers.get(ref) ?? []))],
    movedTo: (at) => (given.moved?.[at] ?? []).map(path),
    wasMissing: (page, ref) => published.get(page)?.refs?.includes(ref) ?? false,
    accepts: (at) => !(given.refused?.includes(at) ?? false),
    changedAt: (at) => given.changed?.[at],
    release: (id) => given.releases?.[id] ?? { complete: true, go: true },
    round: (group) => {
      const round = given.rounds?.[group];
      return round && { ...round, noted: new Set(round.noted) };
    },
  };
}

type Details = Partial<Omit<Pending, 'path' | 'kind' | 'refs'>> & { readonly refs?: readonly string[] };

let seqs = 0;

/** A change of a file that is ready and was notified at 0. */
export function file(name: string, details: Details = {}): Pending {
  return change('file', name, details);
}

export function folder(name: string, details: Details = {}): Pending {
  return change('dir', name, details);
}

export function gone(name: string, details: Details = {}): Pending {
  return change('gone', name, details);
}

function change(kind: Pending['kind'], name: string, details: Details): Pending {
  const since = details.since ?? 0;
  const rest = { seq: ++seqs, changedAt: since, stage: 'ready', release: null, forced: false } as const;
  return { ...rest, ...details, since, kind, path: path(name), refs: (details.refs ?? []).map(reference) };
}

/** What `plan` says of it. */
export const planned = (given: Given) => plan(planInput(given));
export const batch = (paths: readonly string[], more: object = {}) => ({ paths, groups: [], missing: [], ...more });
export const nothingWaits = { waits: [], next: null };
