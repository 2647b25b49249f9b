import type { Hours } from '../contract/conditions.ts';
import type { PeerStatus, WaitingItem } from '../contract/status.ts';
import type { ErrorJson } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Millis } from './change.ts';
import { isWithinHours } from './hours.ts';
import { folderId } from './waiting-id.ts';

/** Why a mirror is not in step, or may not stay so: what a person should know first comes first. */
export type Reason =
  | { readonly code: 'paused-here'; readonly since: Millis; readonly all: boolean; readonly changes: number }
  | { readonly code: 'paused-there'; readonly since: Millis; readonly changes: number }
  | { readonly code: 'away'; readonly lastSeenAt: Millis; readonly error?: ErrorJson; readonly nextAttemptAt?: Millis }
  /** The link is open, and something is wrong with it. */
  | { readonly code: 'link'; readonly error: ErrorJson }
  | { readonly code: 'never-seen'; readonly error?: ErrorJson; readonly nextAttemptAt?: Millis }
  /** Nothing at all can be fetched. */
  | { readonly code: 'source'; readonly item: WaitingItem }
  /** A person decides. */
  | { readonly code: 'held'; readonly item: WaitingItem }
  /** More of them than are listed. */
  | { readonly code: 'held-more'; readonly changes: number }
  | { readonly code: 'failing'; readonly item: WaitingItem }
  | { readonly code: 'failing-more'; readonly changes: number }
  /** For what belongs to it. */
  | { readonly code: 'waits'; readonly item: WaitingItem }
  | {
      readonly code: 'outside-hours';
      readonly hours: readonly Hours[];
      readonly opensAt: Millis;
      readonly changes: number;
    }
  | { readonly code: 'never-open'; readonly hours: readonly Hours[] }
  | { readonly code: 'limited'; readonly bytesPerSecond: number }
  | { readonly code: 'on-the-way'; readonly changes: number; readonly remainingMillis?: number }
  | { readonly code: 'when-back'; readonly changes: number }
  /** Somebody else has changed it there. */
  | { readonly code: 'drift'; readonly item: WaitingItem }
  | { readonly code: 'version'; readonly theirs: string; readonly ours: string }
  | { readonly code: 'clock'; readonly aheadMillis: number };

export interface Explained {
  readonly peer: PeerStatus;
  readonly headSeq: number;
  /** Of the list of what waits, that of this mirror. */
  readonly waiting: readonly WaitingItem[];
  /** The version of this install. */
  readonly version: string;
  /** How long what is on the way will take, where that is known. */
  readonly remainingMillis?: number;
}

/** Failing files, and things that wait, that are told one by one. */
const LISTED = 5;
/** Nothing goes on before the folder is back. */
const ROOT_LOST: ReadonlySet<ErrorCode> = new Set(['site.root-missing', 'site.root-other']);
/** Clocks that differ by less agree: the way of the message is in it. */
const CLOCK_MILLIS = 1000;

/** Without reasons it is in step, and nothing speaks against that it stays so. */
export function explainPeer({ peer, headSeq, waiting, version, remainingMillis }: Explained, now: Millis): Reason[] {
  const { paused, connected, conditions, clockAheadMillis } = peer;
  const changes = changesBehind(peer, headSeq);
  const listed = waiting.map((item) => ({ item, kind: kindOf(item) }));
  const waits = listed.filter(({ kind }) => kind === 'waits').map(({ item }) => item);
  const others = waits.filter(waitsForOthers);
  const unfetched = changes - peer.failing - peer.held - filesOf(others);
  const closed = paused ? undefined : closedReason(peer, unfetched, now);
  const isStopped = listed.some(({ kind, item }) => kind === 'source' && ROOT_LOST.has(item.error.code));
  const isFetching = !paused && connected && closed === undefined && !isStopped;
  const rest = isFetching ? changes - peer.failing - peer.held - filesOf(waits) : unfetched;
  const told = [
    ...pausedReasons(peer, changes),
    ...awayReasons(peer),
    ...listed.filter(({ kind }) => kind === 'source').map(({ item }): Reason => ({ code: 'source', item })),
    ...some(listed, 'held', peer.held),
    ...some(listed, 'failing', peer.failing),
    ...(isFetching ? waits : others).slice(0, LISTED).map((item): Reason => ({ code: 'waits', item })),
  ];
  return [
    ...told,
    ...(closed ? [closed] : []),
    ...(isFetching && rest > 0 && conditions?.bytesPerSecond !== undefined
      ? [{ code: 'limited' as const, bytesPerSecond: conditions.bytesPerSecond }]
      : []),
    ...(isFetching && rest > 0
      ? [{ code: 'on-the-way' as const, changes: rest, ...(remainingMillis !== undefined && { remainingMillis }) }]
      : []),
    ...(!paused && !connected && rest > 0 ? [{ code: 'when-back' as const, changes: rest }] : []),
    ...listed
      .filter(({ kind }) => kind === 'drift')
      .slice(0, LISTED)
      .map(({ item }): Reason => ({ code: 'drift', item })),
    ...(peer.version !== undefined && peer.version !== version
      ? [{ code: 'version' as const, theirs: peer.version, ours: version }]
      : []),
    ...(clockAheadMillis !== undefined && Math.abs(clockAheadMillis) >= CLOCK_MILLIS
      ? [{ code: 'clock' as const, aheadMillis: clockAheadMillis }]
      : []),
  ];
}

/** Of what waits in a site, what stands in the way of one mirror (of its master, at a mirror): its own, and what holds all of them up. */
export function waitingFor(
  waiting: readonly WaitingItem[],
  { role, site, peer }: { readonly role: 'master' | 'mirror'; readonly site: string; readonly peer: string },
): WaitingItem[] {
  return waiting.filter((item) => {
    if (item.site !== site) return false;
    if (item.peer === undefined) return role === 'mirror' || item.id === folderId(site);
    return role === 'master' && item.peer === peer;
  });
}

/** Those that explain why it is not in step, as against those that are only worth knowing. */
export function isHindrance({ code }: Reason): boolean {
  return code !== 'drift' && code !== 'version' && code !== 'clock' && code !== 'limited';
}

/**
 * Changes that the mirror has not published yet, as far as known. What came after one that fails may be visible all the same, so what
 * it says to wait there is counted, and what it has not received. Routes may pass over some, so at a mirror in step there are none.
 */
export function changesBehind(peer: PeerStatus, headSeq: number): number {
  if (peer.inStep) return 0;
  const { waiting, receivedSeq, publishedSeq } = peer;
  const most = headSeq - publishedSeq;
  const known = waiting > 0 ? Math.min(most, waiting + Math.max(0, headSeq - receivedSeq)) : most;
  return Math.max(waiting, known, peer.paused || !peer.connected ? 0 : 1);
}

/** Changes of the site that are visible at the mirror. */
export function changesShown(peer: PeerStatus, headSeq: number): number {
  return Math.max(0, headSeq - changesBehind(peer, headSeq));
}

/** Changes that are held up by nothing but what belongs to them. */
export function changesWaiting(waiting: readonly WaitingItem[]): number {
  return filesOf(waiting.filter((item) => kindOf(item) === 'waits' && waitsForOthers(item)));
}

/** What waits for nothing but its own content waits for whatever keeps that from being fetched. */
function waitsForOthers({ error }: WaitingItem): boolean {
  return error.code !== 'wait.content';
}

function filesOf(items: readonly WaitingItem[]): number {
  return items.reduce((sum, { files = 1 }) => sum + files, 0);
}

function pausedReasons({ paused }: PeerStatus, changes: number): Reason[] {
  if (!paused) return [];
  const { since } = paused;
  if (paused.by === 'there') return [{ code: 'paused-there', since, changes }];
  return [{ code: 'paused-here', since, all: paused.all === true, changes }];
}

function awayReasons({ connected, lastSeenAt, error, nextAttemptAt }: PeerStatus): Reason[] {
  if (connected) return error ? [{ code: 'link', error }] : [];
  const why = { ...(error && { error }), ...(nextAttemptAt !== undefined && { nextAttemptAt }) };
  return [lastSeenAt === undefined ? { code: 'never-seen', ...why } : { code: 'away', lastSeenAt, ...why }];
}

function closedReason({ conditions }: PeerStatus, changes: number, now: Millis): Reason | undefined {
  const { hours, opensAt } = conditions ?? {};
  if (!hours || changes <= 0) return undefined;
  if (opensAt !== undefined && opensAt > now) return { code: 'outside-hours', hours, opensAt, changes };
  return haveNone(hours) ? { code: 'never-open', hours } : undefined;
}

type Kind = 'source' | 'held' | 'failing' | 'waits' | 'drift';

function kindOf({ kind, path, error }: WaitingItem): Kind {
  switch (kind) {
    case 'delete-guard':
      return 'held';
    case 'failing':
      return path === undefined ? 'source' : 'failing';
    case 'drift':
      return 'drift';
    case 'group':
    case 'release':
    case 'link':
    case 'writing':
      return error.code === 'wait.held' || error.code === 'wait.commit' ? 'held' : 'waits';
  }
}

function some(
  listed: ReadonlyArray<{ item: WaitingItem; kind: Kind }>,
  code: 'held' | 'failing',
  all: number,
): Reason[] {
  const items = listed.filter(({ kind }) => kind === code).map(({ item }) => item);
  const shown = items.slice(0, LISTED);
  const files = shown.reduce((sum, item) => sum + (item.kind === 'delete-guard' ? all : (item.files ?? 1)), 0);
  const more = all - files;
  return [
    ...shown.map((item): Reason => ({ code, item })),
    ...(more > 0
      ? [{ code: code === 'held' ? ('held-more' as const) : ('failing-more' as const), changes: more }]
      : []),
  ];
}

/** No hour of the day that all of them allow. */
function haveNone(all: readonly Hours[]): boolean {
  return !Array.from({ length: 24 }, (_, hour) => hour).some((hour) =>
    all.every((hours) => isWithinHours(hours, hour)),
  );
}
