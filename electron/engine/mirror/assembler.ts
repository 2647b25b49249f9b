import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Batch, Wait } from '../core/planning.ts';
import { Bindings } from './bindings.ts';
import { BoundWants } from './bound-wants.ts';
import { giveUp } from './decide-wants.ts';
import type { KeeperOptions } from './keeper.ts';
import type { NotShown } from './not-shown.ts';
import { PlanLoop, type PlanLoopOptions } from './plan-loop.ts';
import type { Publisher } from './publisher.ts';
import type { Ready } from './ready.ts';
import { ReleaseProgress } from './release-progress.ts';

export interface AssemblerOptions extends KeeperOptions, PlanLoopOptions {
  readonly publisher: Publisher;
  /** What waits, or why, has changed. */
  readonly onWaits: () => void;
  readonly onRelease: (id: number, state: 'ready' | 'published', at: Millis) => void;
}

/**
 * Holds together what belongs together (SPEC §8, JP H11-154110 ¶32-33): takes what is ready, lets through what nothing is
 * bound to, and hands the rest to the publisher in the batches that `plan` decides.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #releases: ReleaseProgress;
  readonly #bindings: Bindings;
  readonly #wants: BoundWants;
  readonly #loop: PlanLoop;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#releases = new ReleaseProgress(options);
    this.#bindings = new Bindings(options.state, options.excludes);
    this.#wants = new BoundWants({ ...options, bindings: this.#bindings, onRead: () => this.#allRead() });
    this.#loop = new PlanLoop({
      ...options,
      bindings: this.#bindings,
      wants: this.#wants,
      dispatch: (batch) => this.#dispatch(batch),
      onPlanned: (before) => this.#planned(before),
      deliver: (putOff) => this.deliver(putOff),
      publish: (putOff) => this.#publish(putOff),
    });
  }

  /** Resolves when all that waits is known. */
  async start(): Promise<void> {
    this.#loop.start();
    this.#bindings.compile();
    await this.#wants.start();
    while (this.#loop.isPlanning) await nextTurn();
  }

  stop(): void {
    this.#loop.stop();
    this.#wants.stop();
  }

  /** What waits, and why, as of the last look. */
  get waits(): readonly Wait[] {
    return this.#loop.waits;
  }

  /** The master's rules are others: everything is looked at again, and nothing is decided before that is done. */
  rulesChanged(): void {
    this.#bindings.compile();
    const putOff = this.#loop.endRun();
    void this.#wants.readAll();
    this.deliver(putOff);
  }

  #allRead(): void {
    for (const ready of this.#wants.takeUnbound()) this.#publish(ready);
    this.look();
  }

  /** The clock was set by so much, and the database says so of all that waits. */
  clockSet(by: Millis): void {
    this.#loop.clockSet(by);
    this.rulesChanged();
  }

  /** The groups, by the rules in force, that a path is a member of. */
  groupsOf(path: SitePath): ReturnType<Bindings['groupsOf']> {
    return this.#bindings.groupsOf(path);
  }

  /** The want at a path was set, replaced or dropped; `look` takes notice. */
  changed(path: SitePath): void {
    this.#wants.changed(path);
  }

  /** It failed, and is tried again later or by a person: whoever waits for it may not any more. */
  failed(path: SitePath): void {
    this.#wants.changed(path);
    // Within a transaction.
    setImmediate(() => this.look());
  }

  /** Content is here (or nothing has to be fetched): it is published now, or with what belongs to it. */
  deliver(readies: readonly Ready[]): void {
    const wants = this.#wants;
    for (const ready of readies) {
      const { path } = ready.want;
      // In a flood of files that nothing is bound to, none of them is asked for once more.
      if (!wants.isUnknown(path) || this.#bindings.isBound(ready.want)) wants.refresh(path);
      const bound = wants.at(path);
      if (!bound) {
        if (!this.#loop.putsOff(ready)) this.#publish(ready);
      }
      // It was fetched for a change that has been overtaken meanwhile.
      else if (bound.transfer !== ready.want.transfer) this.#options.onUnused(ready);
      else wants.becameReady(ready);
    }
    this.look();
  }

  /** From the publisher. */
  done(ready: Ready): void {
    const { path } = ready.want;
    this.#wants.takeBack(ready);
    // Another want that came meanwhile was told by itself.
    if (this.#wants.isKnown(path)) this.#wants.changed(path);
    this.#loop.safely(() => this.#releases.done(path));
    if (this.#wants.size > 0) this.look();
  }

  /**
   * From the publisher: what stands in the way has to go first, and may be waiting for a file with the same content, or for
   * another change of the same path. So nothing stays in hand for it. What is left of it, as the publisher has it from now on.
   */
  blocked(readies: readonly Ready[]): Ready[] {
    const { state, onUnused } = this.#options;
    const left = readies.filter(({ want }) => want.state === 'ready');
    const inHand = readies.filter(({ want }) => want.state !== 'ready');
    const isOvertaken = ({ want }: Ready): boolean => state.wants.of(want.path)?.transfer !== want.transfer;
    const named = this.#wants.keep(inHand.filter((ready) => !isOvertaken(ready)));
    if (!named) return [...readies];
    for (const ready of inHand) if (isOvertaken(ready)) onUnused(ready);
    inHand.forEach((ready) => this.#wants.takeBack(ready));
    named.kept.forEach((ready) => this.#wants.handOver(ready));
    return [...left, ...named.kept];
  }

  /** From the publisher: nothing of it was decided, because some of it was overtaken, or (`changed`) is not ready any more. */
  returned(readies: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    this.#loop.notShown('all');
    this.#planAnew(readies, changed);
  }

  /** From the publisher: what was to appear does not, and nothing of what may count on it was decided. */
  notShown(lost: NotShown, readies: readonly Ready[]): void {
    this.#loop.notShown(lost);
    if (readies.length > 0) this.#planAnew(readies);
  }

  #planAnew(readies: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    const current: Ready[] = [];
    for (const ready of readies) {
      const { path, transfer } = ready.want;
      this.#wants.takeBack(ready);
      this.#wants.changed(path);
      this.#releases.returned(path);
      if (!changed.has(ready) && this.#options.state.wants.of(path)?.transfer === transfer) current.push(ready);
      else this.#options.onUnused(ready);
    }
    this.deliver(current);
  }

  /** A person decided: what waits under `id` is published as far as it is here (the rest as it comes), or given up. `by`: at that install. */
  resolve(id: string, how: 'publish' | 'discard', by: string): boolean {
    const { state, onTransfer, now } = this.#options;
    const wait = this.waits.find((each) => each.id === id);
    if (!wait) return false;
    const isHere = (path: SitePath): boolean => this.#wants.isReady(path);
    const isAnyHere = wait.paths.some(isHere);
    state.store.transaction(() => {
      for (const path of wait.paths) {
        const want = state.wants.of(path);
        if (!want) continue;
        this.#wants.changed(path);
        if (how === 'publish') {
          // What is still on its way does not keep what is here.
          if (!isAnyHere || isHere(path)) state.wants.set({ ...want, forced: true });
          continue;
        }
        giveUp(state, want, by, now(), true);
        onTransfer(want.transfer);
      }
      if (wait.kind === 'group') for (const group of this.#groupsIn(wait.paths)) state.belonging.endRound(group);
    });
    this.#loop.hurry();
    this.deliver(this.#loop.endRun());
    return true;
  }

  /** Publishes what may be published, and finds out what waits. */
  look(): void {
    this.#loop.look();
  }

  #planned(before: readonly Wait[]): void {
    this.#releases.look((release) => this.#wants.leftOf(release));
    this.#wants.keepSoon();
    if (before.length > 0 || this.waits.length > 0) this.#options.onWaits();
  }

  #publish(ready: Ready): void {
    this.#wants.handOver(ready);
    this.#options.publisher.publish(ready);
  }

  #groupsIn(paths: readonly SitePath[]): Set<string> {
    return new Set(paths.flatMap((path) => this.groupsOf(path).map(({ group }) => group.name)));
  }

  #dispatch({ paths, groups, missing }: Batch): void {
    const { state, publisher, now } = this.#options;
    const set: Ready[] = [];
    for (const path of paths) {
      const ready = this.#wants.readyAt(path);
      if (!ready) continue;
      const release = this.#wants.at(path)?.release ?? null;
      if (release !== null) this.#releases.handedOver(release, path);
      set.push(ready);
      this.#wants.handOver(ready);
      this.#wants.letGo(path);
    }
    publisher.publishTogether(set, () => {
      const goOn = groups.map((group) => state.belonging.endRound(group));
      for (const { page, target } of missing) state.belonging.markMissing(page, target, now());
      return () => goOn.forEach((each) => each());
    });
  }
}
