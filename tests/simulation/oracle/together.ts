import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileGlob } from '../../../electron/engine/core/routes.ts';
import { spelledOtherwise } from '../spelled-otherwise.ts';
import type { Scheduler } from '../scheduler.ts';
import type { GroupPlan } from '../world/plan.ts';
import type { JournalModel, Version } from './journal-model.ts';
import { isSame, type MirrorWatch } from './mirror-watch.ts';
import { isSpellingCounted, stateAt } from './tree.ts';

/** What a clock in the network may be fast by. */
const FAST = 590 / 600;
/** As long as a page waits for a target that is on its way. */
const LATE_MILLIS = 600_000 * FAST;
const LINK = /href="\/([^"]+)"/g;

/** SPEC §8 at each step: a release is shown as a whole or not at all, and a page not before its targets. */
export class Together {
  readonly #model: JournalModel;
  readonly #scheduler: Scheduler;
  /** When each row was journalled, in simulated time. */
  readonly #since = new Map<number, number>();
  readonly #groups: readonly { readonly limit: number; readonly has: (path: string) => boolean }[];

  constructor(model: JournalModel, scheduler: Scheduler, groups: readonly GroupPlan[]) {
    this.#model = model;
    this.#scheduler = scheduler;
    this.#groups = groups.map(({ members, limit }) => {
      const matchers = members.map((glob) => compileGlob(glob));
      return { limit: limit ?? Infinity, has: (path) => matchers.some((matches) => matches(path)) };
    });
  }

  journalled(seq: number): void {
    this.#since.set(seq, this.#scheduler.now);
  }

  /** What of the paths that a mirror has just changed must not be so. */
  look(mirror: MirrorWatch, all: readonly string[]): string[] {
    if (!mirror.isUp() || mirror.isForgetful || mirror.isDecided) return [];
    const changed = all.filter((path) => !mirror.isPutBack(path));
    const wrong = [...this.#halves(mirror, changed), ...changed.flatMap((path) => this.#early(mirror, path))];
    if (!mirror.isStuck()) return wrong;
    // Also where nothing is wrong so far: what a page leads to goes with it, and may be missing still.
    mirror.mayBeUndone();
    return [];
  }

  /** What a mirror does not show yet of a release, nor what became of it later. */
  lacks(mirror: MirrorWatch, release: number): string[] {
    const members = this.#members(release).filter(([path]) => mirror.wantsAlways(path));
    return members.flatMap(([path, version]) => (this.#isShown(mirror, path, version) === 'before' ? [path] : []));
  }

  /** The master has noted that a mirror shows a release: what of it is older there. */
  claimed(mirror: MirrorWatch, release: number): string[] {
    if (!mirror.isUp() || mirror.isForgetful || mirror.isDecided || this.#model.isLost(release)) return [];
    const lacking = this.lacks(mirror, release).filter((path) => !mirror.isPutBack(path));
    // What a snapshot does not hold is counted by the head that the snapshot is of.
    const isCounted = (path: string): boolean => !this.#model.isTrimmed || this.#model.tree.has(path);
    return lacking
      .filter(isCounted)
      .map((path) => `${mirror.name} is said to show release ${release}, and shows ${path} of before`);
  }

  #halves(mirror: MirrorWatch, changed: readonly string[]): string[] {
    const releases = new Set(changed.flatMap((path) => mirror.version(path)?.release ?? []));
    return [...releases].flatMap((release) => {
      // A journal that was put back knows nothing of it: what it made is published as files that were found.
      if (this.#model.isLost(release)) return [];
      // A mirror that was away for so long gets the index as it is.
      if (this.#model.isForgotten(release)) return [];
      const members = this.#members(release).filter(([path]) => mirror.wantsAlways(path));
      const seen = members.map(([path, version]) => [path, this.#isShown(mirror, path, version)] as const);
      const old = seen.filter(([, shown]) => shown === 'before').map(([path]) => path);
      // On a disk that takes both spellings of a name for one the old one has to go first.
      const isInTheWay = (path: string): boolean =>
        isSpellingCounted(mirror.root) &&
        stateAt(mirror.root, path).kind === 'gone' &&
        [...this.#model.history.keys()].some((each) => spelledOtherwise(path, each) !== undefined);
      const own = seen.filter(([path, shown]) => shown === 'this' && !isInTheWay(path)).map(([path]) => path);
      if (old.length === 0 || own.length === 0) return [];
      return [`${mirror.name} shows release ${release} in part: ${own.join(', ')}, and not ${old.join(', ')}`];
    });
  }

  /** The last that a release made of each path. */
  #members(release: number): [string, Version][] {
    const found = new Map<string, Version>();
    for (let seq = release; this.#model.row(seq)?.release === release; seq -= 1) {
      const row = this.#model.row(seq);
      for (const path of row ? [row.path, row.from ?? row.path] : []) {
        const version = this.#model.history.get(path)?.findLast((each) => each.release === release);
        if (version) found.set(path, version);
      }
    }
    return [...found];
  }

  #isShown(mirror: MirrorWatch, path: string, version: Version): 'before' | 'this' | 'either' {
    const shown = mirror.shown.get(path);
    // What somebody else has made of it there is no part of anything, and noticed only where it is replaced.
    if (version.state.kind === 'dir' || mirror.givenUp.has(path) || mirror.isForeign(path)) return 'either';
    if (version.state.kind === 'gone' && this.#wasFolder(path, version)) return 'either';
    if (shown?.state.kind === 'dir' && this.#isGoneSince(path, version)) return 'either';
    if (shown?.seq === version.seq) return this.#isAgain(path, version) ? 'either' : 'this';
    if (this.#isAtLeast(mirror, path, version)) return 'either';
    // What a person is asked about holds up nothing else.
    return mirror.held().includes(path) ? 'either' : 'before';
  }

  /**
   * An emptied folder goes apart from what it held, as it may hold what is not the mirror's (electron/engine/mirror/publisher.ts): to a
   * reader it is no part of a release. The files that were in it are members of their own.
   */
  #wasFolder(path: string, { seq }: Version): boolean {
    return this.#model.history.get(path)?.findLast((each) => each.seq < seq)?.state.kind === 'dir';
  }

  /** Where a mirror still has a folder: the file that was to take its place is deleted, and the folder goes apart. */
  #isGoneSince(path: string, { seq }: Version): boolean {
    return this.#model.history.get(path)?.some((each) => each.seq >= seq && each.state.kind === 'gone') === true;
  }

  /**
   * It was something else in between, and then this again: a mirror that still shows what it was in between has nothing to do for
   * that, and what it shows now is of the later change, which may be bound to nothing.
   */
  #isAgain(path: string, { seq, state }: Version): boolean {
    const later = this.#model.history.get(path)?.filter((each) => each.seq > seq) ?? [];
    const other = later.findIndex((each) => !isSame(each.state, state));
    return other >= 0 && later.slice(other).some((each) => isSame(each.state, state));
  }

  /** What is shown is what the path was then, or became later: with another change of the same content none is seen. */
  #isAtLeast(mirror: MirrorWatch, path: string, version: Version): boolean {
    const { state, seq } = mirror.shown.get(path) ?? { state: { kind: 'gone' } as const, seq: 0 };
    if (seq >= version.seq) return true;
    const versions = this.#model.history.get(path) ?? [];
    return versions.some((each) => each.seq >= version.seq && isSame(each.state, state));
  }

  /** The targets of a page that are older there than they were at the master when it was published. */
  #early(mirror: MirrorWatch, path: string): string[] {
    const version = mirror.version(path);
    const row = version && this.#model.row(version.seq);
    if (mirror.clockSet || !path.endsWith('.html') || version?.state.kind !== 'file' || row?.op !== 'put') return [];
    if (this.#model.isLost(version.seq)) return [];
    // Somebody may have taken it away in the same step.
    if (!existsSync(join(mirror.root, path))) return [];
    const text = readFileSync(join(mirror.root, path), 'latin1');
    return [...text.matchAll(LINK)].flatMap(([, target = '']) => {
      const wanted = this.#model.history
        .get(target)
        ?.findLast(({ seq }) => seq < version.seq && !this.#model.isLost(seq));
      if (wanted?.state.kind !== 'file' || !mirror.wantsAlways(target)) return [];
      if (this.#isAtLeast(mirror, target, wanted) || mirror.isForeign(target)) return [];
      // A later change of the target may have taken it away meanwhile: nothing of it is on its way then, until somebody puts it anew.
      const later = this.#model.history.get(target)?.filter(({ seq }) => seq > wanted.seq) ?? [];
      if (later.some(({ state }) => state.kind !== 'file')) return [];
      const waited = this.#scheduler.now - (this.#since.get(wanted.seq) ?? 0);
      if (waited > LATE_MILLIS || this.#isLetGo(mirror, path, target)) return [];
      return [
        `${mirror.name} shows ${path} of ${version.seq} before its target ${target} of ${wanted.seq}, after ${Math.round(waited)} ms`,
      ];
    });
  }

  /** Those of one group wait no longer for one another once its limit is over, since the first of them that was not shown. */
  #isLetGo(mirror: MirrorWatch, page: string, target: string): boolean {
    return this.#groups.some(({ limit, has }) => {
      if (!has(page) || !has(target)) return false;
      const until = this.#scheduler.now - limit * FAST;
      return [...this.#model.history].some(([path, versions]) => {
        const first = has(path) ? versions.find(({ seq }) => seq > mirror.seqBefore(path)) : undefined;
        return first !== undefined && (this.#since.get(first.seq) ?? 0) <= until;
      });
    });
  }
}
