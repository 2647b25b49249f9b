import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { DeepPeer } from '../../../shared/contract/deep.ts';
import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Change, Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import { compileGlob } from '../core/routes.ts';
import type { CheckOptions, Difference } from '../deep/checked-site.ts';
import type { CheckPlan, Outcome } from '../deep/deep-check.ts';
import { Throttle } from '../core/throttle.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Clock, Logger } from '../ports.ts';
import { DriftStore } from '../store/drift-store.ts';
import { MirrorState } from '../store/mirror-state.ts';
import type { Store } from '../store/open.ts';
import { Versions } from '../store/versions.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { Assembler } from './assembler.ts';
import { mirrorPlan } from './check-plan.ts';
import { compareWithMaster } from './compare-with-master.ts';
import { IndexQuestions } from './index-questions.ts';
import { Intake } from './intake.ts';
import { decideWants, HELD_ID } from './decide-wants.ts';
import { Drift, DRIFT_ID } from './drift.ts';
import { leaveOut } from './leave-out.ts';
import { MulticastEar } from './multicast-ear.ts';
import { Publisher } from './publisher.ts';
import { Receiver } from './receiver.ts';
import { type Listener, Reporter } from './reporter.ts';
import { FtpPool } from './retriever/ftp-pool.ts';
import type { FtpSource } from './retriever/ftp-source.ts';
import { watchClock } from './watched-clock.ts';
import { type OwnConditions, SiteConditions } from './site-conditions.ts';
import type { SourceTrouble } from './source-trouble.ts';
import { Staging } from './staging.ts';
import { findStandingAlready } from './standing-already.ts';
import { Teller } from './teller.ts';
import { verify } from './verify.ts';
import { describeFailing, describeWait, needsPerson } from './waiting.ts';
import { Worker } from './worker.ts';

export interface MirrorSiteOptions {
  readonly follow: FollowConfig;
  /** Undefined: not paused here. */
  readonly pausedHere?: OwnConditions['pausedHere'];
  /** What the master asked last. */
  readonly asked?: LinkConditions;
  readonly root: SiteRoot;
  readonly store: Store;
  readonly clock: Clock;
  /** The master's pinned certificate, PEM. */
  readonly certificate?: () => string | undefined;
  readonly logger: Logger;
  readonly onBug: (error: unknown) => void;
  /** Something that `status` tells may have changed. */
  readonly onChange: () => void;
  /** Counts what comes, and tells it to whoever listens. Absent: nobody does. */
  readonly watcher?: Watcher;
}

/** What is told of a followed site as it happens. */
export interface Watcher extends Listener {
  fetched(bytes: number): void;
}

/** A site that is followed: receiver, judge, retriever and publisher of one folder (SPEC §6-7). */
export class MirrorSite {
  readonly root: SiteRoot;
  readonly state: MirrorState;
  readonly conditions: SiteConditions;
  /** What somebody else has changed here. */
  readonly drift: Drift;
  readonly #driftStore: DriftStore;
  readonly #options: MirrorSiteOptions;
  readonly #excludes: (path: SitePath) => boolean;
  readonly #receiver: Receiver;
  readonly #publisher: Publisher;
  readonly #reporter: Reporter;
  readonly #worker: Worker;
  readonly #versions: Versions;
  readonly #assembler: Assembler;
  readonly #staging: Staging;
  readonly #ear: MulticastEar;
  readonly #teller: Teller;
  /** Over this link all has come that the master had when it was opened. */
  #current = false;
  #understood: ReadonlySet<string> = new Set();
  /** While the two indexes are compared. */
  #questions: IndexQuestions | undefined;
  #conditionsTimer: NodeJS.Timeout | undefined;
  readonly #throttle: Throttle;
  #pool: FtpPool | undefined;
  #source = '';
  readonly #intake: Intake;
  #stopped = false;

  constructor(options: MirrorSiteOptions) {
    const { follow, root, store, clock, logger, onBug } = options;
    this.#options = options;
    this.root = root;
    this.state = new MirrorState(store, follow.site);
    const now = watchClock({
      now: () => clock.now(),
      store: (by) => {
        if (!this.#stopped) this.state.clockSet(by);
      },
      onSet: (by) => this.#clockSet(by),
    });
    this.conditions = new SiteConditions({ follow, pausedHere: options.pausedHere }, options.asked ?? {}, () =>
      clock.now(),
    );
    this.#throttle = new Throttle(this.conditions.bytesPerSecond);
    const excludes = excluder(follow.exclude);
    this.#excludes = excludes;
    const onTransfer = (id: number): void => {
      this.#reporter.touch(id);
      options.onChange();
      // What failed may have come.
      if (this.#teller.toldOfWaits) this.#teller.waits();
    };
    const staging = new Staging(root, this.state, logger);
    this.#staging = staging;
    this.#versions = new Versions(store, this.state.site, root, () => follow.versions);
    this.#driftStore = new DriftStore(store, this.state.site);
    this.drift = new Drift({
      state: this.state,
      root,
      versions: this.#versions,
      store: this.#driftStore,
      follow: () => this.follow,
      now,
      onTransfer,
    });
    this.#reporter = new Reporter(follow.site, this.state, options.watcher, () => this.#teller.waitsAreOver());
    this.#teller = new Teller({
      site: follow.site,
      state: this.state,
      reporter: this.#reporter,
      standing: (failing) =>
        this.standing(failing).filter(({ kind }) => kind !== 'drift' || this.#understood.has('drift')),
      conditions: () => this.conditions.told,
      onChange: options.onChange,
    });
    this.#receiver = new Receiver({
      state: this.state,
      excludes,
      filter: filterOf(follow),
      deleteGuard: () => this.follow.deleteGuard,
      now,
      onReplaced: (path, sha256) => this.#worker.replaced(path, sha256),
      onWant: (path) => this.#assembler.changed(path),
      groupsOf: (path) => this.#assembler.groupsOf(path),
      onTransfer,
    });
    this.#publisher = new Publisher({
      state: this.state,
      root,
      versions: this.#versions,
      drift: this.#driftStore,
      now,
      logger,
      onTransfer,
      onDone: (ready, outcome) => {
        this.#worker.done(ready, outcome);
        this.#assembler.done(ready);
      },
      onReturned: (ready) => this.#assembler.returned(ready),
      onBlocked: (ready) => this.#assembler.blocked(ready),
      onFailed: (want, error) => this.#worker.fail(want, error),
      backlogged: () => this.#worker.backlogged,
      onRenameFailed: (order) => this.#receiver.expandRename(order),
      onBug,
    });
    this.#worker = new Worker({
      state: this.state,
      root,
      staging,
      versions: this.#versions,
      publisher: this.#publisher,
      deliver: (readies) => this.#assembler.deliver(readies),
      reporter: this.#reporter,
      connections: () => this.conditions.connections,
      excludes,
      onFailed: (path) => {
        this.#assembler.failed(path);
        this.#teller.waits();
      },
      onTrouble: () => {
        this.#teller.waits();
        // What waits for content waits longer for it.
        setImmediate(() => this.#assembler.look());
      },
      throttle: this.#throttle,
      onBytes: (bytes) => options.watcher?.fetched(bytes),
      mode: () => this.conditions.mode,
      now,
      random: Math.random,
      logger,
      onBug,
    });
    this.#assembler = new Assembler({
      state: this.state,
      publisher: this.#publisher,
      staging,
      excludes,
      isCurrent: () => this.#current && !this.#receiver.comparing,
      canFetch: () => this.conditions.mode === 'open' && this.#worker.trouble === undefined,
      isPaused: () => this.conditions.paused !== undefined,
      now,
      logger,
      onKept: (ready) => this.#worker.kept(ready),
      onUnused: (ready) => this.#worker.done(ready, 'unused'),
      onFailed: (want, error) => this.#worker.fail(want, error),
      onWaits: () => this.#teller.waits(),
      onRelease: (id, state, at) => this.#teller.release(id, state, at),
      onTransfer,
    });
    this.#ear = new MulticastEar({
      follow,
      certificate: options.certificate ?? (() => undefined),
      position: () => this.state,
      onChanges: (items, first, through) => this.#announced(items, first, through),
      onGap: (after) => this.#teller.heard('behind', after),
      onHeard: () => this.#teller.heard('listening'),
      logger,
    });
    this.#intake = new Intake({
      site: follow.site,
      state: this.state,
      receiver: this.#receiver,
      publisher: this.#publisher,
      assembler: this.#assembler,
      worker: this.#worker,
      teller: this.#teller,
      ear: this.#ear,
      standing: ({ entries }, signal) =>
        findStandingAlready(entries, {
          state: this.state,
          root,
          excludes,
          isPending: (path) => this.#publisher.isPending(path),
          signal,
        }),
      isPaused: () => this.conditions.paused !== undefined,
      onCurrent: () => {
        this.#current = true;
      },
      resolve: (id, how, by) => this.resolve(id, how, by),
      onBug,
    });
  }

  async start(): Promise<void> {
    this.state.notLaterThan(this.#options.clock.now());
    await this.#publisher.start();
    // It is all visible now, and nothing else is decided yet.
    for (const id of this.state.transfers.untold()) this.#reporter.touch(id);
    if (this.state.filter !== filterOf(this.follow)) leaveOut(this.state, this.#excludes);
    // Before anything is decided: from then on no want may speak for what is in staging.
    const left = await this.#staging.sweep();
    await this.#assembler.start();
    if (this.#stopped) return;
    this.#worker.start(left);
    this.#watchClock();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#intake.stop();
    clearTimeout(this.#conditionsTimer);
    this.#teller.stop();
    await this.#ear.stop();
    this.#assembler.stop();
    await this.#worker.stop();
    await this.#publisher.stop();
    this.#reporter.stop();
    this.#pool?.stop();
  }

  #clockSet(by: Millis): void {
    if (this.#stopped) return;
    // What the worker hands on is planned at once: by then it is known since when the others wait.
    this.#assembler.clockSet(by);
    this.#worker.clockSet(by);
  }

  /** The journal that the cursor is of, as the master is told it; null where the whole index has to be compared. */
  get journal(): string | null {
    return this.state.filter === filterOf(this.follow) ? this.state.journal : null;
  }

  get follow(): FollowConfig {
    return this.conditions.own.follow;
  }

  /** What was set here, or is asked by the master, is something else now: in force at once, also for what is being fetched. */
  setConditions({ own, asked }: { own?: OwnConditions; asked?: LinkConditions }): void {
    const { conditions } = this;
    const before = conditions.bytesPerSecond;
    if (own) conditions.own = own;
    if (asked) conditions.asked = asked;
    const now = conditions.bytesPerSecond;
    this.#throttle.rate = now;
    // Under a limit a transfer gathers less.
    if (before === undefined && now !== undefined) this.#worker.breakOff();
    this.#pool?.resize(conditions.connections);
    this.#conditionsInForce();
  }

  #conditionsInForce(): void {
    if (this.#stopped) return;
    // What the master has meanwhile is known when it has told it.
    if (this.conditions.paused) this.#current = false;
    this.#worker.wake();
    this.#assembler.look();
    this.#teller.conditions();
    this.#watchClock();
    this.#options.onChange();
  }

  /** Hours begin and end by themselves. */
  #watchClock(): void {
    clearTimeout(this.#conditionsTimer);
    const at = this.conditions.changesAt;
    if (at === undefined || this.#stopped) return;
    // The clock may be set meanwhile.
    const delay = Math.min(CLOCK_MILLIS_MAX, Math.max(10, at - this.#options.clock.now()));
    this.#conditionsTimer = setTimeout(() => this.#conditionsInForce(), delay);
    this.#conditionsTimer.unref();
  }

  /** The folder was lost, or is there again: the master hears of it, and what waited for it goes on. */
  lookAtRoot(): void {
    if (!this.#stopped) this.#worker.wake();
  }

  /** Why nothing can be fetched at the moment. */
  get trouble(): SourceTrouble | undefined {
    return this.#worker.trouble;
  }

  /** Where the master's files are fetched from. */
  fetchFrom(source: FtpSource): void {
    const key = JSON.stringify(source);
    if (key === this.#source && this.#pool) return this.#worker.use(this.#pool);
    this.#source = key;
    this.#pool?.stop();
    this.#pool = new FtpPool(source, this.conditions.connections, this.#options.logger);
    this.#pool.warm();
    this.#worker.use(this.#pool);
  }

  /**
   * Compares what is published with what is there, and fetches what is not; see `verify`. `all`: also what is otherwise meant to
   * stay as somebody has left it here.
   */
  async rescan(all = false): Promise<{ found: number; changed: number }> {
    const outcome = await verify({
      state: this.state,
      root: this.root,
      now: () => this.#options.clock.now(),
      isPending: (path) => this.#publisher.isPending(path),
      onTransfer: (id) => this.#reporter.touch(id),
      keeps: (path) => !all && (this.follow.drift === 'keep' || this.#driftStore.open(path)?.state === 'kept'),
    });
    this.#worker.wake();
    return outcome;
  }

  /** Reads all of it, and compares it with the master: see `DeepCheck`. `master`: its name. */
  checkPlan(master: string): CheckPlan {
    const { state, root } = this;
    return mirrorPlan({
      state,
      root,
      versions: this.#versions,
      excludes: this.#excludes,
      isPending: (path) => this.#publisher.isPending(path),
      peers: async (options, tell) => {
        tell([{ name: master, state: 'running' }]);
        tell([{ name: master, ...(await this.#compare(options)) }]);
      },
      seeTo: (differences, mend) => this.#seeTo(differences, mend),
    });
  }

  /** Compares the two indexes over the link, if it is open and all is here that the master has told. */
  async #compare(options: CheckOptions): Promise<Pick<DeepPeer, 'state' | 'error'>> {
    const { state } = this;
    const { session } = this.#teller;
    const { journal } = state;
    if (!session || session.closed) return { state: 'away' };
    if (!this.#understood.has('check')) return { state: 'old' };
    if (journal === null || !this.#current || this.#receiver.comparing || this.#questions) return { state: 'behind' };
    const questions = new IndexQuestions(session, this.follow.site, journal);
    this.#questions = questions;
    try {
      await compareWithMaster({ ...options, state, questions, excludes: this.#excludes });
      return { state: 'done' };
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      return error.code === 'link.lost' ? { state: 'away' } : { state: 'failed', error: error.toJSON() };
    } finally {
      this.#questions = undefined;
    }
  }

  async #seeTo(differences: readonly Difference[], mend: boolean): Promise<Outcome> {
    const seen = await this.drift.seeTo(differences, mend);
    const apart = differences.flatMap(({ path, master }) => (master ? [{ path, master }] : []));
    const mended = seen.mended + (mend ? this.#receiver.correct(apart) : 0);
    this.#assembler.look();
    this.#worker.wake();
    this.#teller.waits();
    return { mended, kept: seen.kept };
  }

  /** What the master of this link understands beyond the rest. */
  greeted(understands: readonly string[]): void {
    this.#understood = new Set(understands);
    this.#teller.waits();
  }

  opened(session: LinkSession): void {
    this.#current = false;
    this.#understood = new Set();
    this.#reporter.open(session);
    this.#teller.open(session);
  }

  closed(session: LinkSession): void {
    this.#reporter.close(session);
    if (!this.#teller.close(session)) return;
    this.#current = false;
    this.#questions?.close();
  }

  /** What does not go on by itself here, or not yet, and why. Of failing files so many at most. */
  standing(failing: number): WaitingAtMirror[] {
    const { state, trouble } = this;
    const [held] = state.inState('held', 1);
    return [
      ...(trouble ? [describeTrouble(trouble)] : []),
      ...(held?.error ? [{ id: HELD_ID, kind: 'delete-guard' as const, error: held.error, since: held.since }] : []),
      ...state.inState('failed', failing).flatMap(describeFailing),
      ...this.waits(),
      ...this.drift.waits(),
    ];
  }

  /** What waits for what belongs to it. */
  waits(): WaitingAtMirror[] {
    return this.#assembler.waits.map(describeWait);
  }

  /** Changes that only a person, or the publisher, can make go on. */
  held(): number {
    const asking = this.#assembler.waits.filter(needsPerson);
    return asking.reduce((sum, { paths }) => sum + paths.length, this.state.countInState('held'));
  }

  /** A message of the master about this site. */
  receive(session: LinkSession, message: LinkMessage): void {
    // What is asked in between is about what was taken in by then.
    if (message.type === 'digestPage' || message.type === 'entriesPage') {
      if (session === this.#teller.session) this.#questions?.hear(message);
      return;
    }
    this.#intake.enqueue({ session, message });
  }

  /** Heard by multicast: as if the link had told it. */
  #announced(items: readonly Change[], first: number, through: number): void {
    const { journal } = this.state;
    // A mirror that is paused lets it go by: it is told where it stands when it goes on.
    if (journal === null || this.conditions.paused) return;
    const message = { site: this.follow.site, journal, items: [...items], through, headSeq: through };
    this.#intake.enqueue({ first, message: { type: 'notify', mode: 'live', ...message } });
  }

  /** Drops what is older than the config keeps. */
  async sweep(historyBefore: Millis): Promise<void> {
    this.state.transfers.trim(historyBefore);
    this.state.belonging.trim(historyBefore);
    this.#driftStore.trim(historyBefore);
    await this.#publisher.trimVersions();
  }

  /** A person at the install `by` decided about what is held or failing: go on, or give it up. False: there is nothing of that name. */
  async resolve(id: string, how: 'publish' | 'discard', by: string): Promise<boolean> {
    const { state } = this;
    if (id === SOURCE_ID) {
      if (!this.trouble || !this.#pool || how === 'discard') return false;
      this.#worker.use(this.#pool);
      return true;
    }
    if (id.startsWith(DRIFT_ID)) {
      if (!(await this.drift.resolve(id, how))) return false;
      this.#worker.wake();
      this.#teller.waits();
      return true;
    }
    if (this.#assembler.resolve(id, how, by)) {
      this.#worker.wake();
      return true;
    }
    const decided = decideWants(state, id, how, by, this.#options.clock.now());
    if (decided.length === 0) return false;
    for (const want of decided) {
      this.#assembler.changed(want.path);
      this.#reporter.touch(want.transfer);
    }
    this.#assembler.look();
    this.#worker.wake();
    return true;
  }
}

/** The longest that the clock is not looked at, where hours are set. */
const CLOCK_MILLIS_MAX = 60_000;

/** The id under which the way to the master's files is tried at once. */
export const SOURCE_ID = 'source';

function describeTrouble({ error, since, nextAttemptAt }: SourceTrouble): WaitingAtMirror {
  return { id: SOURCE_ID, kind: 'failing', error: error.toJSON(), since, nextAttemptAt };
}

/** Changes with what the mirror leaves out: then it has to look at everything again. */
function filterOf({ exclude }: FollowConfig): string {
  return JSON.stringify(exclude);
}

function excluder(globs: readonly string[]): (path: SitePath) => boolean {
  const compiled = globs.map(compileGlob);
  return (path) => compiled.some((matches) => matches(path));
}
