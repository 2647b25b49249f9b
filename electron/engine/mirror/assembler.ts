import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEFAULT_RULES, type SiteRules } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { RESERVED_FOLDER, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { compileGroups } from '../core/groups.ts';
import { plan } from '../core/plan.ts';
import type { Batch, Pending, Plan, PlanInput, Wait } from '../core/planning.ts';
import { compileGlob, isGlob } from '../core/routes.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { fileError } from '../tree/file-error.ts';
import type { Publisher, Ready } from './publisher.ts';
import { ReleaseProgress } from './release-progress.ts';
import type { Staging } from './staging.ts';
import { givenUp } from './waiting.ts';

export interface AssemblerOptions {
  readonly state: MirrorState;
  readonly publisher: Publisher;
  readonly staging: Staging;
  readonly excludes: (path: SitePath) => boolean;
  /** All that the master has is known here: what is not, the master does not have either. */
  readonly isCurrent: () => boolean;
  /** What is wanted can come: neither is it a time at which nothing is fetched, nor is the way to the master out of order. */
  readonly canFetch: () => boolean;
  /** Nothing is published, and no time runs out. */
  readonly isPaused: () => boolean;
  readonly now: () => Millis;
  readonly logger: Logger;
  /** Nobody works on it any more: it waits, durably, for what belongs to it. */
  readonly onKept: (ready: Ready) => void;
  /** It is ready, but not what is wanted any more. */
  readonly onUnused: (ready: Ready) => void;
  /** It is ready, and cannot be kept until what belongs to it is here. Within a transaction. */
  readonly onFailed: (want: Want, error: AppError) => void;
  /** What waits, or why, has changed. */
  readonly onWaits: () => void;
  readonly onRelease: (id: number, state: 'ready' | 'published', at: Millis) => void;
  readonly onTransfer: (id: number) => void;
}

interface Named {
  readonly kept: Ready[];
  readonly lost: Ready[];
}

/** What is ready is gathered this long before it is noted that it waits: most of it is published sooner. */
const KEEP_MILLIS = 20;
/** After a plan that took long the next one is made this many times as long later. */
const REST_FACTOR = 4;
/** Wants that are looked at in one turn of the event loop where all of them are. */
const WANTS_READ = 500;
/** After the database's disk did not take something. */
const RETRY_MILLIS = 5_000;
/** Plans that take less are made at once. */
const QUICK_MILLIS = 2;
/** Files of one content that are looked at where one of them goes. */
const ALIKE_MAX = 20;
/** Timers beyond it are set again. */
const TIMER_MILLIS_MAX = 60_000;

/**
 * Holds together what belongs together (SPEC §8, JP H11-154110 ¶32-33): takes what is ready, lets through what nothing is
 * bound to, and hands the rest to the publisher in the batches that `plan` decides.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  /** Wants that may have to wait. */
  readonly #bound = new Map<SitePath, Want>();
  readonly #ready = new Map<SitePath, Ready>();
  /** Ready, and not noted as such in the database. */
  readonly #fresh = new Set<SitePath>();
  /** Their wants may be others now. */
  readonly #dirty = new Set<SitePath>();
  readonly #releases: ReleaseProgress;
  #rules: SiteRules = DEFAULT_RULES;
  /** The same as long as not all is known here that the publisher has committed. */
  #rulesAhead: SiteRules = DEFAULT_RULES;
  #groupsOf: ReturnType<typeof compileGroups> = () => [];
  #setLinks: ReadonlyArray<(path: string) => boolean> = [];
  #waits: readonly Wait[] = [];
  /** Since when all that the master has is known. */
  #currentSince: Millis | undefined;
  /** Since when files can be fetched; Infinity: they cannot be now. */
  #fetchingSince: Millis = 0;
  /** All wants are being read: what is known of them is a part. */
  #reading: object | undefined;
  /** By the steady clock. */
  #restUntil = 0;
  #lookTimer: NodeJS.Timeout | undefined;
  #keepTimer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#releases = new ReleaseProgress(options);
  }

  /** Resolves when all that waits is known. */
  async start(): Promise<void> {
    this.#stopped = false;
    this.#compile();
    await this.#readWants();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#keepTimer);
  }

  /** What waits, and why, as of the last look. */
  get waits(): readonly Wait[] {
    return this.#waits;
  }

  /** The master's rules are others: everything is looked at again, and nothing is decided before that is done. */
  rulesChanged(): void {
    this.#compile();
    void this.#readWants();
  }

  #compile(): void {
    const { state, excludes } = this.#options;
    const { rules } = state.belonging;
    // Members that this mirror leaves out never come.
    const groups = rules.groups.flatMap((group) => {
      const members = group.members.filter((member) => isGlob(member) || !excludes(member as SitePath));
      return members.length === 0 ? [] : [{ ...group, members }];
    });
    this.#rules = { ...rules, groups };
    this.#rulesAhead = {
      ...rules,
      groups: groups.map((group) => (group.committed > state.cursor ? { ...group, committed: 0 } : group)),
    };
    this.#groupsOf = compileGroups(groups);
    this.#setLinks = rules.links.set.map(({ glob }) => compileGlob(glob));
  }

  /** Page by page: there may be as many as a site has files. What changes meanwhile is dirty, and looked at once more in the end. */
  async #readWants(): Promise<void> {
    const { state, logger } = this.#options;
    const reading = {};
    this.#reading = reading;
    this.#bound.clear();
    try {
      for (let after = ''; ; ) {
        const page = state.wantsAfter(after, WANTS_READ);
        state.store.reading(() => page.forEach((want) => this.#take(want)));
        const last = page.at(-1);
        if (!last || page.length < WANTS_READ) break;
        after = last.path;
        await nextTurn();
        // There are other rules by now, or nobody wants to know any more.
        if (this.#reading !== reading || this.#stopped) return;
      }
      this.#reading = undefined;
      for (const ready of [...this.#ready.values()]) if (!this.#bound.has(ready.want.path)) this.#letThrough(ready);
      this.look();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be read');
      clearTimeout(this.#lookTimer);
      this.#lookTimer = setTimeout(() => void this.#readWants(), RETRY_MILLIS);
    }
  }

  #take(want: Want): void {
    const { state, staging, excludes } = this.#options;
    if (want.state === 'ready' && !this.#ready.has(want.path)) {
      const [transfer] = state.transfers.of([want.transfer]);
      if (transfer && (want.staged === null || staging.has(want.staged)))
        this.#ready.set(want.path, { want, verdict: transfer.verdict, staged: want.staged });
      else state.setWant({ ...want, state: 'queued', staged: null });
    }
    if (!excludes(want.path) && this.#isBound(want)) this.#bound.set(want.path, want);
  }

  /** The clock was set by so much, and the database says so of all that waits. */
  clockSet(by: Millis): void {
    if (this.#stopped) return;
    if (this.#currentSince !== undefined) this.#currentSince += by;
    this.#fetchingSince += by;
    this.rulesChanged();
  }

  /** The groups, by the rules in force, that a path is a member of. */
  groupsOf(path: SitePath): ReturnType<ReturnType<typeof compileGroups>> {
    return this.#groupsOf(path);
  }

  /** The want at a path was set, replaced or dropped; `look` takes notice. */
  changed(path: SitePath): void {
    this.#dirty.add(path);
  }

  /** It failed, and is tried again later or by a person: whoever waits for it may not any more. */
  failed(path: SitePath): void {
    this.#dirty.add(path);
    // Within a transaction.
    setImmediate(() => this.look());
  }

  /** Content is here (or nothing has to be fetched): it is published now, or with what belongs to it. */
  deliver(readies: readonly Ready[]): void {
    for (const ready of readies) {
      const { path } = ready.want;
      // In a flood of files that nothing is bound to, none of them is asked for once more.
      const isKnown = !this.#dirty.has(path) && !this.#bound.has(path) && !this.#ready.has(path);
      if (!isKnown || this.#isBound(ready.want)) this.#refresh(path);
      if (!this.#bound.has(path)) {
        this.#options.publisher.publish(ready);
        continue;
      }
      // It was fetched for a change that has been overtaken meanwhile.
      if (this.#bound.get(path)?.transfer !== ready.want.transfer) {
        this.#options.onUnused(ready);
        continue;
      }
      this.#ready.set(path, ready);
      this.#fresh.add(path);
    }
    this.look();
  }

  /** From the publisher. */
  done({ want }: Ready): void {
    const { path } = want;
    // Another want that came meanwhile was told by itself.
    if (this.#bound.has(path) || this.#ready.has(path)) this.#dirty.add(path);
    this.#safely(() => this.#releases.done(path));
    if (this.#bound.size > 0) this.look();
  }

  /**
   * From the publisher: what stands in the way has to go first, and may be waiting for a file with the same content, or for
   * another change of the same path. So nothing stays in hand for it. What is left of it, as the publisher has it from now on.
   */
  blocked(readies: readonly Ready[]): Ready[] {
    const { state, onUnused } = this.#options;
    const left = readies.filter(({ want }) => want.state === 'ready');
    const inHand = readies.filter(({ want }) => want.state !== 'ready');
    const isOvertaken = ({ want }: Ready): boolean => state.want(want.path)?.transfer !== want.transfer;
    const noted = this.#note(inHand.filter((ready) => !isOvertaken(ready)));
    if (!noted) return [...readies];
    const named = this.#name(noted);
    this.#tell(named);
    for (const ready of inHand) if (isOvertaken(ready)) onUnused(ready);
    return [...left, ...named.kept];
  }

  /** From the publisher: nothing of it was decided, because some of it was overtaken. */
  returned(readies: readonly Ready[]): void {
    const current: Ready[] = [];
    for (const ready of readies) {
      const { path, transfer } = ready.want;
      this.#dirty.add(path);
      this.#releases.returned(path);
      if (this.#options.state.want(path)?.transfer === transfer) current.push(ready);
      else this.#options.onUnused(ready);
    }
    this.deliver(current);
  }

  /** A person decided: what waits under `id` is published as far as it is here (the rest as it comes), or given up. `by`: at that install. */
  resolve(id: string, how: 'publish' | 'discard', by: string): boolean {
    const { state, onTransfer, now } = this.#options;
    const wait = this.#waits.find((each) => each.id === id);
    if (!wait) return false;
    const here = wait.paths.filter((path) => this.#ready.has(path));
    state.store.transaction(() => {
      for (const path of wait.paths) {
        const want = state.want(path);
        if (!want) continue;
        this.#dirty.add(path);
        if (how === 'publish') {
          // What is still on its way does not keep what is here.
          if (here.length === 0 || this.#ready.has(path)) state.setWant({ ...want, forced: true });
          continue;
        }
        state.dropWant(path);
        state.transfers.update(want.transfer, givenUp(by, now()));
        onTransfer(want.transfer);
      }
      if (wait.kind === 'group') for (const { name } of this.#groupsIn(wait.paths)) state.belonging.endRound(name);
    });
    // A person is waiting to see it.
    this.#restUntil = 0;
    this.look();
    return true;
  }

  /** Publishes what may be published, and finds out what waits. Put off while plans take long, and where the database's disk is full. */
  look(): void {
    this.#safely(() => this.#look());
  }

  #safely(work: () => void): void {
    const { now, logger } = this.#options;
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be looked at');
      this.#lookLater(now() + RETRY_MILLIS);
    }
  }

  #look(): void {
    const { now, isPaused, canFetch, state } = this.#options;
    if (this.#stopped || this.#reading) return;
    if (!canFetch()) this.#fetchingSince = Number.POSITIVE_INFINITY;
    else if (this.#fetchingSince === Number.POSITIVE_INFINITY) this.#fetchingSince = now();
    if (isPaused()) return;
    const rest = this.#restUntil - performance.now();
    if (rest > 0) return this.#lookLater(now() + rest);
    if (this.#dirty.size > 0)
      state.store.reading(() => {
        for (const path of [...this.#dirty]) this.#refresh(path);
      });
    const started = performance.now();
    const before = this.#waits;
    const decided: Plan = this.#bound.size === 0 ? { batches: [], waits: [], next: null } : plan(this.#input());
    for (const batch of decided.batches) this.#dispatch(batch);
    this.#waits = decided.waits;
    const took = performance.now() - started;
    this.#restUntil = took < QUICK_MILLIS ? 0 : performance.now() + REST_FACTOR * took;
    this.#releases.look((release) => this.#leftOf(release));
    if (this.#fresh.size > 0) this.#keepTimer ??= setTimeout(() => this.#keep(), KEEP_MILLIS);
    this.#lookLater(decided.next);
    if (before.length > 0 || this.#waits.length > 0) this.#options.onWaits();
  }

  #lookLater(at: Millis | null): void {
    const { now } = this.#options;
    clearTimeout(this.#lookTimer);
    if (at === null || this.#stopped) return;
    const delay = Math.min(TIMER_MILLIS_MAX, Math.max(1, at - now()));
    this.#lookTimer = setTimeout(() => this.look(), delay);
  }

  #refresh(path: SitePath): void {
    const { state, onUnused } = this.#options;
    this.#dirty.delete(path);
    const want = state.want(path);
    const ready = this.#ready.get(path);
    if (want && this.#isBound(want)) this.#bound.set(path, want);
    else this.#bound.delete(path);
    if (!ready || ready.want.transfer === want?.transfer) return;
    this.#ready.delete(path);
    this.#fresh.delete(path);
    // Others become ready by it, and what is ready is looked at at once: by then this one must be what it is now.
    onUnused(ready);
  }

  #letThrough(ready: Ready): void {
    this.#ready.delete(ready.want.path);
    this.#fresh.delete(ready.want.path);
    this.#options.publisher.publish(ready);
  }

  /** A change that may have to wait. All others are published as soon as they are here. */
  #isBound({ path, target, release }: Want): boolean {
    const { state } = this.#options;
    const { links } = this.#rules;
    if (release !== null || this.#groupsOf(path).length > 0) return true;
    if (target.kind === 'gone')
      return (links.wait && state.links.isLinked(path, links.index)) || this.#movedTo(path).length > 0;
    if (target.kind !== 'file') return false;
    return (links.wait && (target.refs ?? []).length > 0) || this.#setLinks.some((matches) => matches(path));
  }

  /** Files with the content of the one that is published at `path` that may have to wait: all others are there before a delete is picked. */
  #movedTo(path: SitePath): SitePath[] {
    const { state } = this.#options;
    const entry = state.entry(path);
    if (entry?.kind !== 'file') return [];
    return state.wantedWithHash(entry.sha256, ALIKE_MAX).flatMap((want) => (this.#isBound(want) ? [want.path] : []));
  }

  #groupsIn(paths: readonly SitePath[]): { readonly name: string }[] {
    return [...new Set(paths.flatMap((path) => this.#groupsOf(path).map(({ group }) => group)))];
  }

  #input(): PlanInput {
    const { state, excludes, isCurrent, now } = this.#options;
    const { belonging, links } = state;
    const rules = this.#rulesInForce();
    const at = now();
    if (!isCurrent()) this.#currentSince = undefined;
    else this.#currentSince ??= at;
    const pending = new Map<SitePath, Pending>();
    for (const [path, want] of this.#bound) pending.set(path, toPending(want, this.#ready.has(path)));
    const others = memoize((path: SitePath) => {
      const want = state.want(path);
      return want && toPending(want, want.state === 'ready');
    });
    return {
      now: at,
      currentSince: this.#currentSince ?? at,
      fetchingSince: this.#fetchingSince,
      rules,
      bound: [...pending.values()],
      pendingAt: (path) => pending.get(path) ?? others(path),
      publishedSeq: memoize((path: SitePath) => {
        const entry = state.entry(path);
        return entry?.kind === 'file' ? entry.seq : undefined;
      }),
      linkersOf: memoize((path: SitePath) => links.linkersOf(path, rules.links.index)),
      movedTo: memoize((path: SitePath) => this.#movedTo(path)),
      wasMissing: (page, reference) => {
        const target = this.#bound.get(page)?.target;
        const isMoved = target?.kind === 'file' && belonging.wasMissingIn(target.sha256, reference);
        return isMoved || belonging.wasMissing(page, reference);
      },
      accepts: (path) => !excludes(path),
      changedAt: (target) => belonging.targetChangedAt(target),
      release: memoize((id: number) => {
        const followed = belonging.release(id);
        return { complete: state.cursor >= id, go: !followed?.together || followed.go };
      }),
      round: memoize((group: string) => belonging.round(group)),
    };
  }

  /**
   * A link begins with the rules of today, and the changes that were missed come after them: a part of what a commit covers
   * is not all of it.
   */
  #rulesInForce(): SiteRules {
    const { cursor } = this.#options.state;
    return this.#rules.groups.some(({ committed }) => committed > cursor) ? this.#rulesAhead : this.#rules;
  }

  #dispatch({ paths, groups, missing }: Batch): void {
    const { state, publisher, now } = this.#options;
    const set: Ready[] = [];
    for (const path of paths) {
      const ready = this.#ready.get(path);
      const release = this.#bound.get(path)?.release ?? null;
      if (!ready) continue;
      set.push(ready);
      if (release !== null) this.#releases.handedOver(release, path);
      this.#ready.delete(path);
      this.#fresh.delete(path);
      this.#bound.delete(path);
    }
    publisher.publishTogether(set, () => {
      for (const group of groups) state.belonging.endRound(group);
      for (const { page, target } of missing) state.belonging.markMissing(page, target, now());
    });
  }

  #keep(): void {
    this.#keepTimer = undefined;
    const noted = this.#note([...this.#fresh].flatMap((path) => this.#ready.get(path) ?? []));
    if (!noted) {
      this.#keepTimer = setTimeout(() => this.#keep(), TIMER_MILLIS_MAX);
      return;
    }
    this.#fresh.clear();
    const named = this.#name(noted);
    for (const { want } of named.lost) this.#ready.delete(want.path);
    for (const ready of named.kept) this.#ready.set(ready.want.path, ready);
    this.#tell(named);
  }

  /** Notes durably that it is ready and waits, if it is still wanted. Undefined: it cannot be noted. */
  #note(readies: readonly Ready[]): Ready[] | undefined {
    const { state, staging, logger } = this.#options;
    const noted: Ready[] = [];
    try {
      state.store.transaction(() => {
        for (const ready of readies) {
          const want = state.want(ready.want.path);
          if (!want || want.transfer !== ready.want.transfer) continue;
          const staged = ready.staged === null ? null : staging.readyNameOf(want);
          state.setWant({ ...want, state: 'ready', staged });
          const { verdict, fetchedAt, bytes } = ready;
          state.transfers.update(want.transfer, {
            state: 'held',
            ...(want.part ? {} : { verdict }),
            ...(fetchedAt === undefined ? {} : { fetchedAt }),
            ...(bytes === undefined ? {} : { bytes }),
          });
          noted.push({ ...ready, want: { ...ready.want, state: 'ready', staged } });
        }
      });
      return noted;
    } catch (error) {
      logger.error({ err: error }, 'what waits cannot be noted');
      return undefined;
    }
  }

  /**
   * Gives what was noted names of their own in staging. `lost`: it is not there any more, and is wanted as before; or something
   * stands in the way of its name, which is a failure like any other.
   */
  #name(noted: readonly Ready[]): Named {
    const { state, staging, logger, onFailed } = this.#options;
    const named: Named = { kept: [], lost: [] };
    for (const ready of noted) {
      const { path, transfer, staged } = ready.want;
      try {
        if (ready.staged !== null && staged !== null && ready.staged !== staged) staging.rename(ready.staged, staged);
        named.kept.push({ ...ready, staged });
      } catch (err) {
        const isThere = ready.staged !== null && staging.has(ready.staged);
        const what = isThere
          ? 'a file that is ready cannot be kept'
          : 'a file that was ready is not in staging any more';
        logger.error({ err, path }, what);
        const want = state.want(path);
        if (want?.transfer === transfer) {
          const error = isThere ? fileError(err, `${RESERVED_FOLDER}/staging/${staged}`) : undefined;
          if (error instanceof AppError) state.store.transaction(() => onFailed(want, error));
          else state.setWant({ ...want, state: 'queued', staged: null });
        }
        named.lost.push(isThere ? ready : { ...ready, staged: null });
      }
    }
    return named;
  }

  /** After all of it is named: what others can be done by it is handed over at once. */
  #tell({ kept, lost }: Named): void {
    const { onTransfer, onKept, onUnused } = this.#options;
    for (const { want } of kept) onTransfer(want.transfer);
    for (const ready of lost) onUnused(ready);
    for (const ready of kept) onKept(ready);
  }

  #leftOf(release: number): { waiting: number; ready: number } {
    const left = [...this.#bound.values()].filter((want) => want.release === release);
    return { waiting: left.length, ready: left.filter(({ path }) => this.#ready.has(path)).length };
  }
}

function toPending(
  { path, target, seq, since, changedAt, release, forced, state, nextAt }: Want,
  ready: boolean,
): Pending {
  const stage = ready ? 'ready' : state === 'failed' && nextAt === null ? 'failed' : 'coming';
  const refs = target.kind === 'file' ? (target.refs ?? []) : [];
  return { path, kind: target.kind, seq, since, changedAt, stage, refs, release, forced };
}

function memoize<K, V>(find: (key: K) => V): (key: K) => V {
  const found = new Map<K, V>();
  return (key) => {
    if (found.has(key)) return found.get(key) as V;
    const value = find(key);
    found.set(key, value);
    return value;
  };
}
