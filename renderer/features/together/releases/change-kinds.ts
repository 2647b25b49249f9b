import type { ReleaseChange } from '../../../../shared/contract/releases.ts';

const changeKinds = ['new', 'changed', 'deleted', 'same'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What a release did to a path. Where the journal does not tell any more what it made, `changed`. */
export function kindOf({ before, after }: ReleaseChange): ChangeKind {
  if (before.kind === 'gone') return 'new';
  if (after?.kind === 'gone') return 'deleted';
  if (before.kind === 'file' && after?.kind === 'file' && before.sha256 === after.sha256) return 'same';
  return before.kind === 'dir' && after?.kind === 'dir' ? 'same' : 'changed';
}
