import type { Change, Content } from '../../../shared/domain/change.ts';
import type { MirrorState } from '../store/mirror-state.ts';

/**
 * A rename that is told entry by entry moves what waits for its release under the old name: nobody sees it under the new one
 * before the rest. Both names have the number of the rename, and the content that waits under the old one.
 */
export class MovedReleases {
  readonly #state: MirrorState;
  readonly #moved = new Map<string, number>();

  constructor(state: MirrorState) {
    this.#state = state;
  }

  /** Before the deletes among them are taken. */
  note(items: readonly Change[]): void {
    const { wants, belonging } = this.#state;
    if (!belonging.isAnyOpen) return;
    for (const change of items) {
      const want = change.op === 'delete' ? wants.of(change.path) : undefined;
      if (want?.target.kind === 'file' && want.release !== null)
        this.#moved.set(moveOf(change, want.target), want.release);
    }
  }

  /** What the name before waits for; undefined: nothing. Of a change of which more comes after `through` it may be any of its content. */
  releaseOf({ seq, path, sha256 }: Extract<Change, { op: 'put' }>, through: number): number | undefined {
    const { wants, belonging } = this.#state;
    const moved = this.#moved.get(moveOf({ seq }, { sha256 }));
    if (moved !== undefined || seq <= through || !belonging.isAnyOpen) return moved;
    return wants.releaseOfTwin(path, sha256, seq);
  }

  clear(): void {
    this.#moved.clear();
  }
}

function moveOf({ seq }: Pick<Change, 'seq'>, { sha256 }: Pick<Content, 'sha256'>): string {
  return `${seq} ${sha256}`;
}
