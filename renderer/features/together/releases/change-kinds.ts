import type { ReleaseChange } from '../../../../shared/contract/releases.ts';

export const changeKinds = ['new', 'changed', 'deleted', 'same'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What a release did to a path. Where the journal does not tell any more what it made, `changed`. */
export function kindOf({ before, after }: ReleaseChange): ChangeKind {
  if (before.kind === 'gone') return 'new';
  if (after?.kind === 'gone') return 'deleted';
  if (before.kind === 'file' && after?.kind === 'file' && before.sha256 === after.sha256) return 'same';
  return before.kind === 'dir' && after?.kind === 'dir' ? 'same' : 'changed';
}

/** What taking a release back does: what it made goes, what it changed is as before, what it deleted comes back. */
export function undoing(changes: readonly ReleaseChange[]): {
  readonly removed: readonly string[];
  readonly restored: readonly string[];
  readonly back: readonly string[];
} {
  const paths = (kind: ChangeKind): string[] =>
    changes.filter((change) => kindOf(change) === kind).map(({ path }) => path);
  return { removed: paths('new'), restored: paths('changed'), back: paths('deleted') };
}
