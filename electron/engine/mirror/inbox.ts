import type { Change, Millis, ReleaseTag } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { compileGroups } from '../core/groups.ts';
import { judge } from '../core/judge.ts';
import type { Target, Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { newWant } from '../store/want-rows.ts';
import type { WaitingReleases } from './waiting-releases.ts';

export interface InboxOptions {
  readonly state: MirrorState;
  readonly releases: WaitingReleases;
  readonly excludes: (path: SitePath) => boolean;
  readonly now: () => Millis;
  /** A change took the place of work that may be under way at `path`; `sha256`: what is wanted there now. */
  readonly onReplaced: (path: SitePath, sha256: string | undefined) => void;
  /** The want at a path is another one, or is gone. */
  readonly onWant: (path: SitePath) => void;
  /** By the rules in force. */
  readonly groupsOf: ReturnType<typeof compileGroups>;
  /** A transfer has news. */
  readonly onTransfer: (id: number) => void;
}

/** What is told of one path after the other, judged: it is wanted, or stands in the history with the reason why not. Within a transaction. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #state: MirrorState;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  /** A path has been notified: the rounds of its groups begin, or go on, and what is linked to it by hand hears of it. */
  note(path: SitePath): void {
    const { excludes, groupsOf, now } = this.#options;
    const { belonging } = this.#state;
    if (excludes(path)) return;
    for (const { group, member } of groupsOf(path)) belonging.note(group.name, member, now());
    belonging.noteTarget(path, now());
  }

  /** `sameJournal`: seqs say what is newer. `guarded`: a delete waits until it is known how many there are. */
  judge(change: Exclude<Change, { op: 'rename' }>, how: { sameJournal: boolean; guarded: boolean }): void {
    const state = this.#state;
    const { path } = change;
    const want = state.wants.of(path);
    const judgement = judge(change, {
      entry: state.entry(path),
      want,
      excluded: this.#options.excludes(path),
      elsewhere: change.op === 'put' && state.withHash(change.sha256) !== undefined,
      sameJournal: how.sameJournal,
    });
    // The same change again, after a link that broke before it was acknowledged: it stands in the inbox already.
    if (want && how.sameJournal && want.seq === change.seq) return;
    if (typeof judgement.work === 'object') {
      const transfer = state.transfers.add(change, judgement.verdict, 'queued', this.#options.now());
      this.#options.onTransfer(transfer);
      // Of a snapshot, what is not here as it is there counts as notified.
      if (!how.sameJournal) this.note(path);
      const guarded = how.guarded && judgement.work.kind === 'gone';
      const as = guarded ? 'guarded' : 'whole';
      // Of a snapshot only for what is not here already.
      if (change.release && !how.sameJournal) this.#options.releases.note(change.release);
      return this.want(path, judgement.work, change.seq, transfer, { as, release: change.release });
    }
    if (judgement.work === 'drop') this.supersede(path, want, undefined);
    const entry = state.entry(path);
    if (judgement.verdict === 'already-here' && entry) state.setEntry(path, entry, change.seq);
    // A snapshot of a tree that is the same already leaves no trace of each file in the history.
    if (!how.sameJournal) return;
    this.#options.onTransfer(state.transfers.add(change, judgement.verdict, 'skipped', this.#options.now()));
  }

  want(
    path: SitePath,
    target: Target,
    seq: number,
    transfer: number,
    { as, release }: { as: 'whole' | 'part' | 'guarded'; release?: ReleaseTag | undefined },
  ): void {
    const state = this.#state;
    const before = state.wants.of(path);
    this.supersede(path, before, target.kind === 'file' ? target.sha256 : undefined);
    const belongsTo = this.#options.releases.releaseOf(release, before?.release ?? null);
    if (target.kind === 'gone' && !state.entry(path)) return;
    const own = newWant(this.#options.now());
    state.wants.set({
      ...own,
      path,
      target,
      seq,
      transfer,
      part: as === 'part',
      state: as === 'guarded' ? 'guarded' : 'queued',
      since: before?.since ?? own.since,
      release: belongsTo,
    });
    this.#options.onWant(path);
    // What is about to go from there is waited for.
    if (target.kind === 'file' && state.kindAt(path) === 'dir')
      state.wants.pathsBelow(path).forEach(this.#options.onWant);
  }

  /** What was planned for `path` is overtaken. `sha256`: what is wanted there now. */
  supersede(path: SitePath, want: Want | undefined, sha256: string | undefined): void {
    if (!want) return;
    this.#state.wants.drop(path);
    if (!want.part || this.#state.transfers.isDone(want.transfer)) {
      this.#state.transfers.update(want.transfer, { state: 'superseded', verdict: 'superseded', nextAttemptAt: null });
      this.#options.onTransfer(want.transfer);
    }
    this.#options.onWant(path);
    this.#options.onReplaced(path, sha256);
  }
}
