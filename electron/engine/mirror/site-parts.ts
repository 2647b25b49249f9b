import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Change, Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileGlob } from '../core/routes.ts';
import { Throttle } from '../core/throttle.ts';
import type { Clock, Logger } from '../ports.ts';
import { DriftStore } from '../store/drift-store.ts';
import { MirrorState } from '../store/mirror-state.ts';
import type { Store } from '../store/open.ts';
import { Versions } from '../tree/versions.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { Assembler } from './assembler.ts';
import { Drift } from './drift.ts';
import { Intake } from './intake.ts';
import { MulticastEar } from './multicast-ear.ts';
import { Publisher } from './publisher.ts';
import { Receiver } from './receiver.ts';
import { type Listener, Reporter } from './reporter.ts';
import { type OwnConditions, SiteConditions } from './site-conditions.ts';
import { Staging } from './staging.ts';
import { findStandingAlready } from './standing-already.ts';
import { Teller } from './teller.ts';
import { watchClock } from './watched-clock.ts';
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

/** What the parts ask of the site as a whole. */
export interface WiredSite {
  isStopped(): boolean;
  clockSet(by: Millis): void;
  /** What does not go on by itself, or not yet. */
  standing(failing: number): WaitingAtMirror[];
  /** How much more waits than is told there. */
  waitsBeyond(): number;
  /** The master of this link does. */
  understands(what: string): boolean;
  /** All that the master has is known here. */
  isCurrent(): boolean;
  becameCurrent(): void;
  announced(items: readonly Change[], first: number, through: number): void;
  resolve(id: string, how: 'publish' | 'discard', by: string, asked?: number): Promise<boolean>;
}

/** The parts of a followed site, and how they hear of each other. */
export class SiteParts {
  readonly state: MirrorState;
  readonly conditions: SiteConditions;
  readonly throttle: Throttle;
  readonly excludes: (path: SitePath) => boolean;
  readonly staging: Staging;
  readonly versions: Versions;
  readonly driftStore: DriftStore;
  readonly drift: Drift;
  readonly reporter: Reporter;
  readonly teller: Teller;
  readonly receiver: Receiver;
  readonly publisher: Publisher;
  readonly worker: Worker;
  readonly assembler: Assembler;
  readonly ear: MulticastEar;
  readonly intake: Intake;
  readonly #options: MirrorSiteOptions;
  readonly #site: WiredSite;
  readonly #now: () => Millis;

  constructor(options: MirrorSiteOptions, site: WiredSite) {
    const { follow, root, store, clock, logger } = options;
    this.#options = options;
    this.#site = site;
    this.state = new MirrorState(store, follow.site);
    this.#now = watchClock({
      now: () => clock.now(),
      store: (by) => {
        if (!site.isStopped()) this.state.clockSet(by);
      },
      onSet: (by) => site.clockSet(by),
    });
    this.conditions = new SiteConditions({ follow, pausedHere: options.pausedHere }, options.asked ?? {}, () =>
      clock.now(),
    );
    this.throttle = new Throttle(this.conditions.bytesPerSecond);
    this.excludes = excluder(follow.exclude);
    this.staging = new Staging(root, this.state, logger);
    this.versions = new Versions(store, this.state.site, root, () => follow.versions);
    this.driftStore = new DriftStore(store, this.state.site);
    this.reporter = new Reporter({
      name: follow.site,
      state: this.state,
      listener: options.watcher,
      understands: (what) => this.#site.understands(what),
      onNoneLeft: () => this.teller.waitsAreOver(),
    });
    this.drift = this.#createDrift();
    this.teller = this.#createTeller();
    this.receiver = this.#createReceiver();
    this.publisher = this.#createPublisher();
    this.worker = this.#createWorker();
    this.assembler = this.#createAssembler();
    this.ear = this.#createEar();
    this.intake = this.#createIntake();
  }

  #createDrift(): Drift {
    const { root } = this.#options;
    return new Drift({
      state: this.state,
      root,
      versions: this.versions,
      store: this.driftStore,
      follow: () => this.conditions.own.follow,
      now: this.#now,
      onTransfer: (id) => this.#transferred(id),
    });
  }

  #createTeller(): Teller {
    const { follow } = this.#options;
    return new Teller({
      site: follow.site,
      state: this.state,
      reporter: this.reporter,
      standing: (failing) =>
        this.#site.standing(failing).filter(({ kind }) => kind !== 'drift' || this.#site.understands('drift')),
      waitsBeyond: () => this.#site.waitsBeyond(),
      conditions: () => this.conditions.told,
      onChange: this.#options.onChange,
    });
  }

  #createReceiver(): Receiver {
    const { follow } = this.#options;
    return new Receiver({
      state: this.state,
      excludes: this.excludes,
      filter: filterOf(follow),
      deleteGuard: () => this.conditions.own.follow.deleteGuard,
      now: this.#now,
      onReplaced: (path, sha256) => this.worker.replaced(path, sha256),
      onWant: (path) => this.assembler.changed(path),
      groupsOf: (path) => this.assembler.groupsOf(path),
      onTransfer: (id) => this.#transferred(id),
    });
  }

  #createPublisher(): Publisher {
    const { root, logger, onBug } = this.#options;
    return new Publisher({
      state: this.state,
      root,
      versions: this.versions,
      drift: this.driftStore,
      excludes: this.excludes,
      now: this.#now,
      logger,
      onTransfer: (id) => this.#transferred(id),
      onTrouble: () => this.teller.waits(),
      onDone: (ready, outcome) => {
        this.worker.done(ready, outcome);
        this.assembler.done(ready);
        if (this.worker.isAtRest) this.reporter.rest();
      },
      onReturned: (ready, changed) => this.assembler.returned(ready, changed),
      onNotShown: (lost, ready) => this.assembler.notShown(lost, ready),
      onBlocked: (ready) => this.assembler.blocked(ready),
      onFailed: (want, error) => this.worker.fail(want, error),
      backlogged: () => this.worker.isBacklogged,
      onRenameFailed: (order) => this.receiver.expandRename(order),
      onWant: (path) => this.assembler.changed(path),
      onTakenApart: () => {
        this.assembler.look();
        this.worker.wake();
      },
      onBug,
    });
  }

  #createWorker(): Worker {
    const { root, logger, onBug } = this.#options;
    return new Worker({
      state: this.state,
      root,
      staging: this.staging,
      versions: this.versions,
      publisher: this.publisher,
      deliver: (readies) => this.assembler.deliver(readies),
      reporter: this.reporter,
      connections: () => this.conditions.connections,
      excludes: this.excludes,
      onFailed: (path) => {
        this.assembler.failed(path);
        this.teller.waits();
      },
      onTrouble: () => {
        this.teller.waits();
        // What waits for content waits longer for it.
        setImmediate(() => this.assembler.look());
      },
      throttle: this.throttle,
      onBytes: (bytes) => this.#options.watcher?.fetched(bytes),
      mode: () => this.conditions.mode,
      now: this.#now,
      random: Math.random,
      logger,
      onBug,
    });
  }

  #createAssembler(): Assembler {
    const { logger } = this.#options;
    return new Assembler({
      state: this.state,
      publisher: this.publisher,
      staging: this.staging,
      excludes: this.excludes,
      isCurrent: () => this.#site.isCurrent(),
      canFetch: () => this.conditions.mode === 'open' && this.worker.trouble === undefined,
      isPaused: () => this.conditions.paused !== undefined,
      now: this.#now,
      logger,
      onKept: (readies) => this.worker.kept(readies),
      onUnused: (ready) => this.worker.done(ready, 'unused'),
      onFailed: (want, error) => this.worker.fail(want, error),
      onWaits: () => this.teller.waits(),
      onRelease: (id, state, at) => this.teller.release(id, state, at),
      onTransfer: (id) => this.#transferred(id),
    });
  }

  #createEar(): MulticastEar {
    const { follow, logger } = this.#options;
    return new MulticastEar({
      follow,
      certificate: this.#options.certificate ?? (() => undefined),
      position: () => this.state,
      onChanges: (items, first, through) => this.#site.announced(items, first, through),
      onGap: (after) => this.teller.heard('behind', after),
      onHeard: () => this.teller.heard('listening'),
      logger,
    });
  }

  #createIntake(): Intake {
    const { follow, root, onBug } = this.#options;
    return new Intake({
      site: follow.site,
      state: this.state,
      receiver: this.receiver,
      publisher: this.publisher,
      assembler: this.assembler,
      worker: this.worker,
      teller: this.teller,
      ear: this.ear,
      standing: ({ entries }, signal) =>
        findStandingAlready(entries, {
          state: this.state,
          root,
          excludes: this.excludes,
          isPending: (path) => this.publisher.isPending(path),
          signal,
        }),
      isPaused: () => this.conditions.paused !== undefined,
      onCurrent: () => this.#site.becameCurrent(),
      resolve: (id, how, by, asked) => this.#site.resolve(id, how, by, asked),
      onBug,
    });
  }

  #transferred(id: number): void {
    this.reporter.touch(id);
    this.#options.onChange();
    // What failed may have come.
    if (this.teller.toldOfWaits) this.teller.waits();
  }
}

/** Changes with what the mirror leaves out: then it has to look at everything again. */
export function filterOf({ exclude }: FollowConfig): string {
  return JSON.stringify(exclude);
}

function excluder(globs: readonly string[]): (path: SitePath) => boolean {
  const compiled = globs.map(compileGlob);
  return (path) => compiled.some((matches) => matches(path));
}
