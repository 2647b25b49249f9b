import type { ArrivedRelease, EngineSummary, Need, Place } from '../../shared/contract/desktop.ts';
import { errorCodes } from '../../shared/errors/codes.ts';
import type { Speaker } from './speaker.ts';

/** What the person has been told, and what may have to be told. */
export interface Noticed {
  /** Since when each need is there, by its key; `told` once there was a notification of it. */
  readonly needs: ReadonlyMap<string, { readonly since: number; readonly told: boolean }>;
  /** The last release of each site that is known to be everywhere; absent before the first summary of a site. */
  readonly releases: ReadonlyMap<string, number> | undefined;
}

export type Notice =
  | { readonly kind: 'needs'; readonly needs: readonly [Need, ...Need[]] }
  | { readonly kind: 'release'; readonly release: ArrivedRelease };

export const nothingNoticed: Noticed = { needs: new Map(), releases: undefined };

/** What only a person can mend is told after this; what is tried again by itself gets a while for it. In milliseconds. */
const PATIENCE = { person: 5_000, byItself: 60_000 } as const;

/**
 * What is to be told now, each thing once: needs that have stayed, those of one moment together, and releases that have just
 * reached every mirror. `lookAgainAt`: when a need will have stayed long enough.
 */
export function notice(
  before: Noticed,
  summary: Pick<EngineSummary, 'needs' | 'arrived'>,
  now: number,
): { noticed: Noticed; notices: readonly Notice[]; lookAgainAt: number | undefined } {
  const waiting = summary.needs.map((need) => {
    const known = before.needs.get(need.key) ?? { since: now, told: false };
    return { need, ...known, due: known.since + patienceFor(need) };
  });
  const due = waiting.filter(({ told, due: at }) => !told && at <= now);
  const later = waiting.filter(({ told, due: at }) => !told && at > now).map(({ due: at }) => at);
  const needs = new Map(
    waiting.map(({ need, since, told, due: at }) => [need.key, { since, told: told || at <= now }]),
  );
  const [first, ...others] = due.map(({ need }) => need);
  return {
    noticed: { needs, releases: latest(before.releases, summary.arrived) },
    notices: [
      ...(first === undefined ? [] : [{ kind: 'needs' as const, needs: [first, ...others] as const }]),
      ...arrivedSince(before.releases, summary.arrived).map((release) => ({ kind: 'release' as const, release })),
    ],
    lookAgainAt: later.length === 0 ? undefined : Math.min(...later),
  };
}

/** What a notification says, and where a click on it leads. */
export function describeNotice(
  told: Notice,
  { texts, sentence }: Speaker,
): { title: string; body: string; place: Place } {
  const { notice: words } = texts;
  if (told.kind === 'release') {
    const { id, name, mirrors, millis } = told.release;
    return {
      title: words.releaseTitle(name),
      body: words.release(mirrors, millis),
      place: ['together', 'releases', String(id)],
    };
  }
  const [need, ...others] = told.needs;
  if (others.length > 0) {
    return { title: words.needsTitle(told.needs.length), body: words.needs, place: ['together', 'waiting'] };
  }
  return { title: words.needTitle(need.site, need.peer), body: sentence(need.error), place: need.place };
}

function patienceFor({ error }: Need): number {
  return errorCodes[error.code] === 'never' ? PATIENCE.person : PATIENCE.byItself;
}

/** At the first summary all of them are old. */
function arrivedSince(known: Noticed['releases'], arrived: readonly ArrivedRelease[]): readonly ArrivedRelease[] {
  return known === undefined ? [] : arrived.filter(({ site, id }) => id > (known.get(site) ?? 0));
}

function latest(known: Noticed['releases'], arrived: readonly ArrivedRelease[]): ReadonlyMap<string, number> {
  const next = new Map(known);
  for (const { site, id } of arrived) next.set(site, Math.max(id, next.get(site) ?? 0));
  return next;
}
