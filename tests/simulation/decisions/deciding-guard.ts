import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { DecidingMirror } from './deciding-mirror.ts';
import type { SiteHistory } from './site-history.ts';

interface Missed {
  /** The changes that were committed while it had no link, since it has caught up last: the first and the last. */
  first: number;
  last: number;
  /** The last change that it had heard of before. */
  readonly heard: number;
}

/**
 * SPEC §4: a mirror that was away asks a person before it loses much. What of it has to be asked about at least is known without its
 * help: what it shows, and what was deleted while it had no link.
 */
export class DecidingGuard {
  readonly #history: SiteHistory;
  readonly #missed = new Map<DecidingMirror, Missed>();
  /** What no mirror may delete before somebody has said so, and of how many files that is. */
  readonly #unasked = new Map<DecidingMirror, Map<string, string>>();
  /** How often somebody had to be asked. */
  demands = 0;

  constructor(history: SiteHistory) {
    this.#history = history;
  }

  /** Changes were committed; `away`: mirrors that have no link. */
  committed(seqs: readonly number[], paths: readonly string[], away: readonly DecidingMirror[]): void {
    for (const seq of seqs)
      for (const mirror of away) {
        const missed = this.#missed.get(mirror) ?? { first: seq, last: seq, heard: mirror.state.cursor };
        this.#missed.set(mirror, { ...missed, last: seq });
      }
    // What becomes of these now is decided anew, and may be told to a mirror that is there.
    for (const unasked of this.#unasked.values()) for (const path of paths) unasked.delete(path);
  }

  /** A mirror has taken this in; `shown`: the files that it shows, and since which change of the master they are so. */
  told(mirror: DecidingMirror, message: LinkMessage, shown: ReadonlyMap<string, number>): void {
    const { deleteGuard: share, state } = mirror;
    // What was asked about is compared with the master's index once more, and is perhaps no longer much.
    if (message.type === 'snapshotNeeded' && share > 0) this.#unasked.delete(mirror);
    const missed = this.#missed.get(mirror);
    if (!missed || !isComplete(message) || state.cursor < missed.last) return;
    this.#missed.delete(mirror);
    const deleted = [...shown.keys()].filter((path) =>
      this.#isDeleted(path, shown.get(path) ?? 0, missed, state.cursor),
    );
    if (!mustBeAsked(deleted.length, shown.size, share)) return;
    this.demands += 1;
    const unasked = this.#unasked.get(mirror) ?? new Map<string, string>();
    this.#unasked.set(mirror, unasked);
    // What has become something else since is told after this, to a mirror that is there.
    const asked = deleted.filter((path) => (this.#history.last(path)?.seq ?? 0) <= state.cursor);
    for (const path of asked) unasked.set(path, `${deleted.length} of ${shown.size}`);
  }

  /** A person has said that what is held may go. */
  answered(mirror: DecidingMirror): void {
    this.#unasked.delete(mirror);
  }

  /** A mirror shows nothing at `path` any more. What is wrong about it, if something is. */
  gone(mirror: DecidingMirror, path: string): string[] {
    const of = this.#unasked.get(mirror)?.get(path);
    return of === undefined ? [] : [`${path} is deleted, with ${of} files, and nobody was asked`];
  }

  /** By a delete that was missed, of what the master had before, where the mirror was told of no other one before. */
  #isDeleted(path: string, shownSince: number, { first, last, heard }: Missed, cursor: number): boolean {
    const now = this.#history.at(path, cursor);
    const isMissed = now !== undefined && now.seq >= first && now.seq <= last;
    if (!isMissed || now.sha256 !== undefined || now.isRenamed) return false;
    const known = this.#history.at(path, heard);
    if (known && known.sha256 === undefined && known.seq > shownSince) return false;
    return this.#history.at(path, first - 1)?.sha256 !== undefined;
  }
}

function isComplete(message: LinkMessage): boolean {
  if (message.type === 'snapshotPage') return message.last;
  return message.type === 'notify' && (message.mode === 'live' || message.through >= message.headSeq);
}

/** In the words of docs/config.md: a share of none asks about each; else it is a share of ten files or more, or all there are. */
function mustBeAsked(deleted: number, files: number, share: number): boolean {
  if (deleted === 0) return false;
  return share === 0 || (deleted > files * share && (deleted >= 10 || deleted === files));
}
