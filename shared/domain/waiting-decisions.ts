import type { Status, WaitingAtMirror, WaitingItem } from '../contract/status.ts';
import { needsPerson } from './needs-person.ts';

type Role = Status['node']['role'];

/** What publishing an item is called, and what it does. */
export type Publishing = 'restore' | 'try' | 'deletes' | 'word' | 'as-it-is' | 'refill' | 'adopt';

/** Undefined: nothing can be put in place of a folder that is not there, but for all of it at a mirror; from elsewhere not even that. */
export function publishing(item: WaitingItem, role: Role): Publishing | undefined {
  const { kind, error } = item;
  if (isFolderLost(item) && error.code === 'site.root-missing') return role === 'mirror' ? 'refill' : undefined;
  if (isFolderLost(item)) return 'adopt';
  // It is seen to there, and noticed there.
  if (endsWithFolder(error.code)) return undefined;
  switch (kind) {
    case 'failing':
      return 'try';
    case 'drift':
      return 'restore';
    case 'delete-guard':
      return 'deletes';
    case 'release':
      return error.code === 'release.mirrors-late' ? 'word' : 'as-it-is';
    case 'group':
    case 'link':
    case 'writing':
      return 'as-it-is';
  }
}

/** The folder of a site of this install is not where it was: a person may say where it is now. */
export function isFolderLost({ peer, error }: WaitingItem): boolean {
  return peer === undefined && endsWithFolder(error.code);
}

function endsWithFolder(code: WaitingItem['error']['code']): boolean {
  return code === 'site.root-missing' || code === 'site.root-other';
}

/** What giving it up would do; undefined where there is nothing to give up: what ails is a whole site, or it is here that it was made. */
export type GivingUp = 'drift' | 'transfer' | 'deletes' | 'changes';

export function givingUp({ kind, path, peer, error }: WaitingItem, role: Role): GivingUp | undefined {
  switch (kind) {
    case 'drift':
      return 'drift';
    case 'failing':
      // What stands in the folder here is given up by whoever takes it away there.
      return path === undefined || (peer === undefined && role === 'master') ? undefined : 'transfer';
    case 'delete-guard':
      return peer === undefined && role === 'master' ? undefined : 'deletes';
    case 'release':
      return error.code === 'release.mirrors-late' ? undefined : 'changes';
    case 'writing':
      return undefined;
    case 'group':
    case 'link':
      return 'changes';
  }
}

/**
 * What ends it, where neither a time nor the next attempt does: the site's folder is there again, what stands in it is mended, the
 * master gives the word, or a person decides.
 */
export type EndedBy = 'folder' | 'mending' | 'word' | 'person';

export function endedBy(item: WaitingItem): EndedBy | undefined {
  const { error, until, nextAttemptAt } = item;
  // Deletes that a watch holds are looked at again and again; what comes of it is that nobody has decided.
  if (item.kind === 'delete-guard') return 'person';
  if (until !== undefined || nextAttemptAt !== undefined) return undefined;
  if (error.code === 'wait.word') return 'word';
  if (endsWithFolder(error.code)) return 'folder';
  if (error.code.startsWith('unfit.')) return 'mending';
  return needsPerson(item) ? 'person' : undefined;
}

/** Files that would be deleted, where that is what a person is asked about. */
export function heldDeletes({ kind, error }: WaitingAtMirror): number | undefined {
  const { count } = error.params;
  return kind === 'delete-guard' && typeof count === 'number' ? count : undefined;
}
