import type { Change, Present } from '../../../shared/domain/change.ts';
import type { Verdict } from '../../../shared/domain/verdict.ts';
import type { Target, Want } from './want.ts';

/** What a mirror knows about the path of a change. */
export interface Known {
  /** What is published there. */
  readonly entry: Present | undefined;
  /** What it should hold and does not yet. */
  readonly want: Want | undefined;
  /** The mirror's own settings leave the path out. */
  readonly excluded: boolean;
  /** The content is published under another name. */
  readonly elsewhere: boolean;
  /** Seqs can be compared: entries and change are of the same journal. */
  readonly sameJournal: boolean;
}

/** `work`: what the path is to hold from now on; `none`: what was planned for it stays; `drop`: that is not needed any more. */
export type Judgement =
  | { readonly verdict: Extract<Verdict, 'not-wanted' | 'stale'>; readonly work: 'none' }
  | { readonly verdict: 'already-here'; readonly work: 'none' | 'drop' }
  | {
      readonly verdict: Exclude<Verdict, 'not-wanted' | 'stale' | 'already-here' | 'superseded'>;
      readonly work: Target;
    };

/**
 * Decides what a change means for this mirror (SPEC §6, JP H11-154110 ¶30-31): not wanted, stale, already here, superseded
 * (that is the verdict of the older change, given when a newer one takes its place), fetch, delete. Renames are judged by the
 * caller, as their two names.
 */
export function judge(change: Exclude<Change, { op: 'rename' }>, known: Known): Judgement {
  const { entry, want } = known;
  if (known.excluded) return { verdict: 'not-wanted', work: 'none' };
  const seen = Math.max(entry?.seq ?? -1, want?.seq ?? -1);
  if (known.sameJournal && seen > change.seq) return { verdict: 'stale', work: 'none' };
  switch (change.op) {
    case 'put': {
      const { size, mtime, sha256, refs } = change;
      const target: Target = { kind: 'file', size, mtime, sha256, ...(refs && { refs }) };
      if (entry?.kind === 'file' && entry.sha256 === change.sha256 && entry.size === change.size) {
        if (entry.mtime === change.mtime) return { verdict: 'already-here', work: want ? 'drop' : 'none' };
        return { verdict: 'touch', work: target };
      }
      return { verdict: known.elsewhere ? 'copy' : 'fetch', work: target };
    }
    case 'mkdir':
      if (entry?.kind === 'dir') return { verdict: 'already-here', work: want ? 'drop' : 'none' };
      return { verdict: 'mkdir', work: { kind: 'dir' } };
    case 'delete':
    case 'rmdir':
      if (!entry) return { verdict: 'already-here', work: want ? 'drop' : 'none' };
      return { verdict: entry.kind === 'dir' ? 'rmdir' : 'delete', work: { kind: 'gone' } };
  }
}
