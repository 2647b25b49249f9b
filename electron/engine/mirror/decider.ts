import type { Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { DriftStore } from '../store/drift-store.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { type KeepStep, placeNow, type Step } from '../tree/steps.ts';
import { enterParents, noteStanding } from './after-crash.ts';
import type { Ready } from './ready.ts';
import { findStaged, type Hollow, LOOKED_AT_MAX, type Standing, type Survey } from './survey.ts';

export interface DeciderOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly versions: Versions;
  readonly drift: DriftStore;
  /** What stands at a path is about to be changed by what is decided already. */
  readonly isPending: (path: SitePath) => boolean;
  readonly now: () => Millis;
  readonly logger: Logger;
}

/** What is decided for one want. */
export interface Decision {
  readonly want: Want;
  readonly ready: Ready;
  /** What the index said before. */
  readonly before: Present | undefined;
  readonly steps: readonly Step[];
  /** In which its seqs and its release say something: see `MirrorState`. */
  readonly era: number;
}

/** Decides what is done in the tree for what is ready: index and history say so in the same transaction as the steps. */
export class Decider {
  readonly #options: DeciderOptions;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /**
   * A file that nothing else is bound to is visible before it is noted. Where a crash comes between, its want finds it there. The
   * identities of the files that were placed, until the transaction without another turn of the event loop.
   */
  placeAhead(batch: readonly Ready[], { standing, inTheWay }: Survey): Map<Ready, string> {
    const { state, root, isPending } = this.#options;
    const placed = new Map<Ready, string>();
    const seen = new Set<SitePath>();
    for (const ready of batch) {
      const { want, staged } = ready;
      const { path, target } = want;
      const there = standing.get(path);
      const current = staged === null ? undefined : this.wanted(ready)?.target;
      const isSimple =
        target.kind === 'file' &&
        staged !== null &&
        current?.kind === 'file' &&
        current.mtime === target.mtime &&
        there?.isOurs !== false &&
        state.kindAt(path) !== 'dir' &&
        this.fileAbove(path, inTheWay) === undefined &&
        !isPending(path);
      const identity = isSimple && findStaged(root, staged)?.identity;
      const keep = isSimple && this.keepStep(path, there, target);
      const onto = there?.seen ?? 'nothing';
      if (identity && placeNow(root, { staged, path, onto, keep: keep || undefined }, seen))
        placed.set(ready, identity);
    }
    return placed;
  }

  /** Within the transaction: what to do for one want; 'blocked' by something that is still to be published; 'unused'. */
  decide(
    ready: Ready,
    { identities, standing, times, hollow, inTheWay }: Survey,
    placed: string | undefined,
  ): Decision | 'blocked' | 'unused' {
    const { state } = this.#options;
    const { path } = ready.want;
    if (ready.stands && ready.want.target.kind === 'file') noteStanding(state, path, ready.want.target);
    const want = this.wanted(ready);
    if (!want) return 'unused';
    const entry = state.entry(path);
    const identity = identities.get(path);
    const steps: Step[] = [];
    const { target } = want;
    if (target.kind !== 'gone' && this.fileAbove(path, inTheWay) !== undefined) return 'blocked';
    switch (target.kind) {
      case 'file': {
        if (this.waitsForBelow(want, entry?.kind)) return 'blocked';
        steps.push(...this.#clear(path, entry, identity, hollow.get(path)));
        if (ready.staged !== null) steps.push(...this.#keep(path, standing.get(path), target));
        steps.push(...this.#place(ready, target.mtime, placed, { standing, times }));
        state.setEntry(path, target, want.seq);
        break;
      }
      case 'dir':
        if (identity !== undefined)
          steps.push(...this.#keep(path, standing.get(path)), removeFile(path, identity, standing.get(path)));
        steps.push({ do: 'makeDir', path });
        state.setEntry(path, target, want.seq);
        break;
      case 'gone':
        if (this.waitsForBelow(want, entry?.kind)) return 'blocked';
        if (identity !== undefined && entry?.kind === 'dir') steps.push({ do: 'removeDir', path, identity });
        else if (identity !== undefined)
          steps.push(...this.#keep(path, standing.get(path)), removeFile(path, identity, standing.get(path)));
        state.dropEntry(path);
        break;
    }
    if (target.kind !== 'gone') enterParents(state, path);
    state.wants.drop(path);
    this.#options.drift.settle(path);
    this.#published(want, ready);
    return { want, ready, before: entry, steps, era: state.era };
  }

  /** Work is under way below a folder that goes. */
  waitsForBelow({ path, target }: Want, kind: Present['kind'] | undefined): boolean {
    return target.kind !== 'dir' && kind === 'dir' && this.#options.state.wants.hasBelow(path);
  }

  /**
   * Within the transaction: what goes of a folder for a file to take its place. What the index still has below it is what somebody has
   * decided to keep; where it is gone, the index says so. Where it is not, the step fails, and a person is told.
   */
  #clear(path: SitePath, entry: Present | undefined, identity?: string, hollow: readonly Hollow[] = []): Step[] {
    const { state } = this.#options;
    if (entry?.kind !== 'dir')
      return hollow.length === 0 || state.wants.hasBelow(path) || state.hasBelow(path) ? [] : hollow.map(removeFolder);
    const below = hollow.length > 0 || identity === undefined ? state.entriesBelow(path, LOOKED_AT_MAX) : [];
    const kept = new Set(below.map((each) => each.path));
    for (const each of kept) state.dropEntry(each);
    // A folder that goes by an earlier step is not in the index any more.
    const folders = hollow.filter((each) => kept.has(each.path)).map(removeFolder);
    return identity === undefined ? folders : [...folders, { do: 'removeDir', path, identity }];
  }

  /** The want as it is by now, where what is ready still serves it. */
  wanted({ want }: Ready): Want | undefined {
    const now = this.#options.state.wants.of(want.path);
    return now && (now.state === 'queued' || now.state === 'ready') && sameContent(now, want) ? now : undefined;
  }

  /**
   * Within the transaction: what is replaced or removed is kept, for a rollback, or because somebody else has put it there: it is
   * in no other place.
   */
  #keep(path: SitePath, standing: Standing | undefined, by?: { readonly sha256: Sha256 }): Step[] {
    if (!standing || standing.content.sha256 === by?.sha256) return [];
    const { now, drift, logger } = this.#options;
    const { content, isOurs } = standing;
    const step = this.keepStep(path, standing, by);
    if (!isOurs) {
      drift.noteReplaced(path, content, step ? content.sha256 : null, now());
      logger.warn(
        { path, kept: step !== undefined, sha256: content.sha256 },
        'a file that somebody else has changed here is replaced',
      );
    }
    if (!step) return [];
    this.#options.versions.note(content, now());
    return [isOurs ? step : { ...step, only: true }];
  }

  keepStep(path: SitePath, standing: Standing | undefined, by?: { readonly sha256: Sha256 }): KeepStep | undefined {
    if (!standing || standing.content.sha256 === by?.sha256 || !this.#options.versions.fits(standing.content))
      return undefined;
    return { do: 'keep', path, sha256: standing.content.sha256, identity: standing.identity, same: true };
  }

  #published(want: Want, ready: Ready): void {
    const { state, now } = this.#options;
    if (want.part && !state.transfers.isDone(want.transfer)) return state.transfers.partPublished(want.transfer);
    state.transfers.update(want.transfer, {
      state: 'published',
      publishedAt: now(),
      nextAttemptAt: null,
      error: null,
      ...(want.part ? {} : { verdict: ready.verdict }),
      ...(ready.fetchedAt === undefined ? {} : { fetchedAt: ready.fetchedAt }),
      ...(ready.bytes === undefined ? {} : { bytes: ready.bytes }),
    });
  }

  /** Without an identity, that of a file in staging, the step fails where it is done. */
  #place(
    { staged, want }: Ready,
    mtime: Millis,
    placed: string | undefined,
    { standing, times }: Pick<Survey, 'standing' | 'times'>,
  ): Step[] {
    const { path } = want;
    if (staged === null) return times.has(path) ? [{ do: 'touch', path, mtime, ...times.get(path) }] : [];
    const found = placed === undefined ? findStaged(this.#options.root, staged) : { identity: placed, mtime };
    const place: Step = {
      do: 'place',
      from: 'staging',
      staged,
      path,
      ...(found && { identity: found.identity }),
      onto: standing.get(path)?.seen ?? 'nothing',
    };
    // The time may be newer than that of the want which was fetched: the content is the same.
    const isNewer = want.target.kind === 'file' && want.target.mtime !== mtime;
    return found && isNewer ? [place, { do: 'touch', path, mtime, was: found.mtime }] : [place];
  }

  /** Where a file still is in the place of a folder above: by the index, or because somebody else has left it there, of which it says nothing. */
  fileAbove(path: SitePath, inTheWay: ReadonlySet<SitePath>): SitePath | undefined {
    const { state } = this.#options;
    for (let folder = parentOf(path); folder !== ROOT; folder = parentOf(folder)) {
      if (inTheWay.has(folder) && state.wants.of(folder)?.target.kind === 'dir') return folder;
      const kind = state.kindAt(folder);
      if (kind !== undefined) return kind === 'file' ? folder : undefined;
    }
    return undefined;
  }
}

function removeFile(path: SitePath, identity: string, standing: Standing | undefined): Step {
  return { do: 'remove', path, identity, ...(standing && { seen: standing.seen }) };
}

function removeFolder(folder: Hollow): Step {
  return { do: 'removeDir', ...folder };
}

function sameContent(a: Want, b: Want): boolean {
  if (a.target.kind === 'file' && b.target.kind === 'file') return a.target.sha256 === b.target.sha256;
  return a.target.kind === b.target.kind;
}
