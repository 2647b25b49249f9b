import { LINK_TEXT_MAX, WAITING_ITEMS_MAX } from '../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { AppError, type ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Wait, WaitReason } from '../core/planning.ts';
import type { Want } from '../core/want.ts';
import { defined } from '../core/defined.ts';
import type { TransferNews } from '../store/transfers.ts';

/** Names of things that are waited for, told to people. */
const NAMED_MAX = 20;

/** What a wait is for people, at this mirror and at its master. */
export function describeWait({ id, kind, paths, reasons, since, until }: Wait): WaitingAtMirror {
  // That content is still on its way is the least of reasons.
  const others = reasons.filter((reason) => reason.kind !== 'content');
  const telling = others.length > 0 ? others : reasons;
  const [first] = telling;
  const waitsFor = [...new Set(telling.flatMap(awaited))].slice(0, NAMED_MAX);
  return defined({
    id,
    kind,
    path: paths[0],
    files: paths.length,
    error: first ? reasonOf(first, reasons) : new AppError('wait.content').toJSON(),
    waitsFor: waitsFor.length === 0 ? undefined : waitsFor,
    since,
    until: until ?? undefined,
  });
}

/** What the history says of a change that a person gave up at the install `by`. */
export function givenUp(by: string, at: Millis): TransferNews {
  return { state: 'skipped', nextAttemptAt: null, error: new AppError('change.given-up', { by, at }).toJSON() };
}

/** What failed, and is tried again by itself or by a person. */
export function describeFailing({ path, error, since, nextAt }: Want): WaitingAtMirror[] {
  if (!error) return [];
  return [defined({ id: path, kind: 'failing' as const, path, error, since, nextAttemptAt: nextAt ?? undefined })];
}

/** So many of them as a message to the master holds: names may be long. */
export function fittingWaits(waits: readonly WaitingAtMirror[]): WaitingAtMirror[] {
  let length = 0;
  const listed = waits.slice(0, WAITING_ITEMS_MAX);
  const first = listed.findIndex((wait) => (length += JSON.stringify(wait).length) > LINK_TEXT_MAX);
  return first < 0 ? listed : listed.slice(0, first);
}

/** True where only a person, or the publisher, can make it go on. */
export function needsPerson({ until, reasons }: Wait): boolean {
  return until === null && reasons.some(({ kind }) => kind === 'held' || kind === 'commit');
}

function reasonOf(reason: WaitReason, all: readonly WaitReason[]): ErrorJson {
  switch (reason.kind) {
    case 'content':
      return { code: 'wait.content', params: { count: all.filter(({ kind }) => kind === 'content').length } };
    case 'group':
      return { code: 'wait.group', params: { group: reason.group, missing: list(reason.missing) } };
    case 'held':
      return { code: 'wait.held', params: { group: reason.group, missing: list(reason.missing) } };
    case 'settling':
      return { code: 'wait.settling', params: { group: reason.group } };
    case 'commit':
      return { code: 'wait.commit', params: { group: reason.group } };
    case 'release':
      return { code: 'wait.release', params: { release: reason.release } };
    case 'word':
      return { code: 'wait.word', params: { release: reason.release } };
    case 'target':
      return { code: 'wait.target', params: { page: reason.page, target: reason.target } };
    case 'missing':
      return { code: 'wait.missing-target', params: { page: reason.page, target: reason.target } };
    case 'set-link':
      return { code: 'wait.set-link', params: { page: reason.page, target: reason.target } };
    case 'linked':
      return { code: 'wait.linked', params: { page: reason.page, target: reason.path } };
    case 'moved':
      return { code: 'wait.moved', params: { path: reason.path, target: reason.target } };
  }
}

function awaited(reason: WaitReason): readonly string[] {
  switch (reason.kind) {
    case 'content':
      return [reason.path];
    case 'group':
    case 'held':
      return reason.missing;
    case 'target':
    case 'missing':
    case 'set-link':
    case 'moved':
      return [reason.target];
    case 'linked':
      return [reason.page];
    case 'settling':
    case 'commit':
    case 'release':
    case 'word':
      return [];
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} …` : shown;
}
