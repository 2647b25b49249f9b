import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { compileGlob } from '../core/routes.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Clock, Logger } from '../ports.ts';
import { MirrorState } from '../store/mirror-state.ts';
import type { Store } from '../store/open.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { Publisher } from './publisher.ts';
import { Receiver } from './receiver.ts';
import { Reporter } from './reporter.ts';
import { FtpPool, type FtpSource } from './retriever/ftp-pool.ts';
import { Throttle } from './retriever/throttle.ts';
import { verify } from './verify.ts';
import { type SourceTrouble, Worker } from './worker.ts';

export interface MirrorSiteOptions {
  readonly follow: FollowConfig;
  readonly root: SiteRoot;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onBug: (error: unknown) => void;
  /** Something that `status` tells may have changed. */
  readonly onChange: () => void;
}

/** A site that is followed: receiver, judge, retriever and publisher of one folder (SPEC §6-7). */
export class MirrorSite {
  readonly follow: FollowConfig;
  readonly root: SiteRoot;
  readonly state: MirrorState;
  readonly #options: MirrorSiteOptions;
  readonly #receiver: Receiver;
  readonly #publisher: Publisher;
  readonly #reporter: Reporter;
  readonly #worker: Worker;
  #pool: FtpPool | undefined;
  #source = '';
  #inbox: Array<{ session: LinkSession; message: LinkMessage }> = [];
  #stopped = false;

  constructor(options: MirrorSiteOptions) {
    const { follow, root, store, clock, logger, onBug } = options;
    this.#options = options;
    this.follow = follow;
    this.root = root;
    this.state = new MirrorState(store, follow.site);
    const now = (): number => clock.now();
    const excludes = excluder(follow.exclude);
    const onTransfer = (id: number): void => {
      this.#reporter.touch(id);
      options.onChange();
    };
    this.#reporter = new Reporter(follow.site, this.state);
    this.#receiver = new Receiver({
      state: this.state,
      excludes,
      filter: filterOf(follow),
      deleteGuard: follow.deleteGuard,
      now,
      onReplaced: (path, sha256) => this.#worker.replaced(path, sha256),
      onTransfer,
    });
    this.#publisher = new Publisher({
      state: this.state,
      root,
      now,
      logger,
      onTransfer,
      onDone: (ready, outcome) => this.#worker.done(ready, outcome),
      onFailed: (want, error) => this.#worker.fail(want, error),
      backlogged: () => this.#worker.backlogged,
      onRenameFailed: (order) => this.#receiver.expandRename(order),
      onBug,
    });
    this.#worker = new Worker({
      state: this.state,
      root,
      publisher: this.#publisher,
      reporter: this.#reporter,
      connections: follow.connections,
      excludes,
      throttle: follow.bytesPerSecond === undefined ? undefined : new Throttle(follow.bytesPerSecond),
      open: () => isOpen(follow.hours, new Date(clock.now()).getHours()),
      now,
      random: Math.random,
      logger,
      onBug,
    });
  }

  async start(): Promise<void> {
    await this.#publisher.start();
    await this.#worker.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker.stop();
    await this.#publisher.stop();
    this.#reporter.stop();
    this.#pool?.stop();
  }

  /** The journal that the cursor is of, as the master is told it; null where the whole index has to be compared. */
  get journal(): string | null {
    return this.state.filter === filterOf(this.follow) ? this.state.journal : null;
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
    this.#pool = new FtpPool(source, this.follow.connections, this.#options.logger);
    this.#pool.warm();
    this.#worker.use(this.#pool);
  }

  /** Compares what is published with what is there, and fetches what is not; see `verify`. */
  async rescan(): Promise<{ found: number; changed: number }> {
    const outcome = await verify({
      state: this.state,
      root: this.root,
      now: () => this.#options.clock.now(),
      isPending: (path) => this.#publisher.isPending(path),
      onTransfer: (id) => this.#reporter.touch(id),
    });
    this.#worker.wake();
    return outcome;
  }

  opened(session: LinkSession): void {
    this.#reporter.open(session);
  }

  closed(session: LinkSession): void {
    this.#reporter.close(session);
  }

  /**
   * A message of the master about this site. It is taken in after those before it, a turn of the event loop later: by then
   * the transfer of what has just been put is under way.
   */
  receive(session: LinkSession, message: LinkMessage): void {
    if (message.type === 'notify' && message.mode === 'live' && this.#inbox.length === 0)
      this.#worker.begin(message.items);
    this.#inbox.push({ session, message });
    if (this.#inbox.length === 1) setImmediate(() => this.#takeIn());
  }

  #takeIn(): void {
    const taken = this.#inbox;
    this.#inbox = [];
    if (this.#stopped) return;
    for (const { session, message } of taken) {
      try {
        this.#take(session, message);
      } catch (error) {
        if (!(error instanceof AppError)) this.#options.onBug(error);
        // It cannot be stored (a full disk): the master tells it again when the link is back.
        else session.close(error);
        break;
      }
    }
    this.#worker.endBegun();
  }

  #take(session: LinkSession, message: LinkMessage): void {
    switch (message.type) {
      case 'notify': {
        let taken: boolean;
        try {
          taken = this.#receiver.notify(message, (order) => this.#publisher.orderRename(order));
        } catch (error) {
          this.#publisher.forgetRenames();
          throw error;
        }
        if (!taken) return;
        this.#publisher.carryOutRenames();
        this.#worker.wake();
        this.#acknowledge(session);
        return;
      }
      case 'snapshotNeeded':
        this.#receiver.beginSnapshot(message);
        return session.send({ type: 'snapshotWanted', site: this.follow.site, journal: message.journal, after: '' });
      case 'snapshotPage': {
        const outcome = this.#receiver.page(message);
        if (!outcome) return;
        this.#worker.wake();
        if ('done' in outcome) return this.#acknowledge(session);
        const after = outcome.next as SitePath;
        return session.send({ type: 'snapshotWanted', site: this.follow.site, journal: message.journal, after });
      }
      default:
        return session.close(new AppError('link.malformed', { reason: `a master does not send ${message.type}` }));
    }
  }

  /** A person decided about what is held or failing: go on, or give it up. False: there is nothing of that name. */
  resolve(id: string, how: 'publish' | 'discard'): boolean {
    const { state } = this;
    if (id === SOURCE_ID) {
      if (!this.trouble || !this.#pool || how === 'discard') return false;
      this.#worker.use(this.#pool);
      return true;
    }
    const found =
      id === HELD_ID
        ? state.inState('held', Number.MAX_SAFE_INTEGER)
        : state.inState('failed', Number.MAX_SAFE_INTEGER).filter((want) => want.path === id);
    if (found.length === 0) return false;
    state.store.transaction(() => {
      for (const want of found) {
        if (how === 'publish') {
          state.setWant({ ...want, state: 'queued', nextAt: null });
          state.updateTransfer(want.transfer, { state: 'queued', nextAttemptAt: null });
        } else {
          state.dropWant(want.path);
          state.updateTransfer(want.transfer, { state: 'skipped', nextAttemptAt: null });
        }
        this.#reporter.touch(want.transfer);
      }
    });
    this.#worker.wake();
    return true;
  }

  #acknowledge(session: LinkSession): void {
    const { journal, cursor } = this.state;
    if (journal !== null) session.send({ type: 'received', site: this.follow.site, journal, seq: cursor });
    this.#reporter.touch();
    this.#options.onChange();
  }
}

/** The id under which the way to the master's files is tried at once. */
export const SOURCE_ID = 'source';
/** The id under which the deletes that the guard holds are decided together. */
export const HELD_ID = 'deletes';

/** Changes with what the mirror leaves out: then it has to look at everything again. */
function filterOf({ exclude }: FollowConfig): string {
  return JSON.stringify(exclude);
}

function excluder(globs: readonly string[]): (path: SitePath) => boolean {
  const compiled = globs.map(compileGlob);
  return (path) => compiled.some((matches) => matches(path));
}

/** `from` after `to` means over midnight. */
export function isOpen(hours: { from: number; to: number } | undefined, hour: number): boolean {
  if (!hours || hours.from === hours.to) return true;
  return hours.from < hours.to ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to;
}
