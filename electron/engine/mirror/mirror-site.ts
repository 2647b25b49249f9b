import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Change, Millis } from '../../../shared/domain/change.ts';
import type { CheckPlan } from '../deep/deep-check.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { decideWants, HELD_ID } from './decide-wants.ts';
import { type Drift, DRIFT_ID } from './drift.ts';
import { leaveOut } from './leave-out.ts';
import { FtpPool } from './retriever/ftp-pool.ts';
import type { FtpSource } from './retriever/ftp-source.ts';
import { SiteCheck } from './site-check.ts';
import type { OwnConditions, SiteConditions } from './site-conditions.ts';
import { filterOf, type MirrorSiteOptions, SiteParts } from './site-parts.ts';
import type { SourceTrouble } from './source-trouble.ts';
import { verify } from './verify.ts';
import { describeFailing, describeWait, needsPerson } from './waiting.ts';

/** What waits is described so far: no list of it is longer. */
const WAITS_DESCRIBED = 1_000;

/** A site that is followed: receiver, judge, retriever and publisher of one folder (SPEC §6-7). */
export class MirrorSite {
  readonly #options: MirrorSiteOptions;
  readonly #parts: SiteParts;
  readonly #check: SiteCheck;
  /** Over this link all has come that the master had when it was opened. */
  #current = false;
  #understood: ReadonlySet<string> = new Set();
  #conditionsTimer: NodeJS.Timeout | undefined;
  #pool: FtpPool | undefined;
  #source = '';
  #stopped = false;

  constructor(options: MirrorSiteOptions) {
    const understands = (what: string): boolean => this.#understood.has(what);
    const isCurrent = (): boolean => this.#current && !this.#parts.receiver.comparing;
    this.#options = options;
    this.#parts = new SiteParts(options, {
      isStopped: () => this.#stopped,
      clockSet: (by) => this.#clockSet(by),
      standing: (failing) => this.standing(failing),
      waitsBeyond: () => this.waitsBeyond(),
      understands,
      isCurrent,
      becameCurrent: () => {
        this.#current = true;
      },
      announced: (items, first, through) => this.#announced(items, first, through),
      resolve: (id, how, by, asked) => this.resolve(id, how, by, asked),
    });
    const { root, follow } = options;
    this.#check = new SiteCheck({ parts: this.#parts, site: follow.site, root, understands, isCurrent });
  }

  get root(): SiteRoot {
    return this.#options.root;
  }

  get state(): MirrorState {
    return this.#parts.state;
  }

  get conditions(): SiteConditions {
    return this.#parts.conditions;
  }

  /** What somebody else has changed here. */
  get drift(): Drift {
    return this.#parts.drift;
  }

  async start(): Promise<void> {
    this.state.notLaterThan(this.#options.clock.now());
    await this.#parts.publisher.start();
    // It is all visible now, and nothing else is decided yet.
    for (const id of this.state.transfers.untold()) this.#parts.reporter.touch(id);
    // Also what a crash has lost of it, and is wanted again.
    if (this.follow.exclude.length > 0) await leaveOut(this.state, this.#parts.excludes);
    // Before anything is decided: from then on no want may speak for what is in staging.
    const left = await this.#parts.staging.sweep();
    await this.#parts.assembler.start();
    if (this.#stopped) return;
    this.#parts.worker.start(left);
    this.#watchClock();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#parts.intake.stop();
    clearTimeout(this.#conditionsTimer);
    this.#parts.teller.stop();
    await this.#parts.ear.stop();
    this.#parts.assembler.stop();
    await this.#parts.worker.stop();
    await this.#parts.publisher.stop();
    this.#parts.reporter.stop();
    this.#pool?.stop();
  }

  #clockSet(by: Millis): void {
    if (this.#stopped) return;
    // What the worker hands on is planned at once: by then it is known since when the others wait.
    this.#parts.assembler.clockSet(by);
    this.#parts.worker.clockSet(by);
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
    this.#parts.throttle.rate = now;
    // Under a limit a transfer gathers less.
    if (before === undefined && now !== undefined) this.#parts.worker.breakOff();
    this.#pool?.resize(conditions.connections);
    this.#conditionsInForce();
  }

  #conditionsInForce(): void {
    if (this.#stopped) return;
    // What the master has meanwhile is known when it has told it.
    if (this.conditions.paused) this.#current = false;
    this.#parts.worker.wake();
    this.#parts.assembler.look();
    this.#parts.teller.conditions();
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
    if (!this.#stopped) this.#parts.worker.wake();
  }

  /** Why nothing can be fetched, or shown, at the moment. */
  get trouble(): SourceTrouble | undefined {
    return this.#parts.worker.trouble ?? this.#parts.publisher.trouble;
  }

  /** Where the master's files are fetched from. */
  fetchFrom(source: FtpSource): void {
    const key = JSON.stringify(source);
    if (key === this.#source && this.#pool) return this.#parts.worker.use(this.#pool);
    this.#source = key;
    this.#pool?.stop();
    this.#pool = new FtpPool(source, this.conditions.connections, this.#options.logger);
    this.#pool.warm();
    this.#parts.worker.use(this.#pool);
  }

  /**
   * Compares what is published with what is there, and fetches what is not, but for what is left out here by now; see `verify`. `all`: also
   * what is otherwise meant to stay as somebody has left it here.
   */
  async rescan(all = false): Promise<{ found: number; changed: number }> {
    const outcome = await verify({
      state: this.state,
      root: this.root,
      now: () => this.#options.clock.now(),
      isPending: (path) => this.#parts.publisher.isPending(path),
      onTransfer: (id) => this.#parts.reporter.touch(id),
      keeps: (path) =>
        this.#parts.excludes(path) ||
        (!all && (this.follow.drift === 'keep' || this.#parts.driftStore.open(path)?.state === 'kept')),
    });
    this.#parts.worker.wake();
    return outcome;
  }

  /** Reads all of it, and compares it with the master: see `DeepCheck`. `master`: its name. */
  checkPlan(master: string): CheckPlan {
    return this.#check.plan(master);
  }

  /** What the master of this link understands beyond the rest. */
  greeted(understands: readonly string[]): void {
    this.#understood = new Set(understands);
    this.#parts.teller.waits();
  }

  opened(session: LinkSession): void {
    this.#current = false;
    this.#understood = new Set();
    this.#parts.teller.open(session);
  }

  closed(session: LinkSession): void {
    this.#parts.reporter.close(session);
    if (!this.#parts.teller.close(session)) return;
    this.#current = false;
    this.#check.close();
  }

  /** All that is held is asked about as one, whenever it came. */
  #asked(error: ErrorJson): ErrorJson {
    return { ...error, params: { ...error.params, count: this.state.wants.countFilesInState('held') } };
  }

  /** What does not go on by itself here, or not yet, and why. Of failing files so many at most. */
  standing(failing: number): WaitingAtMirror[] {
    const { state, trouble } = this;
    const [held] = state.wants.inState('held', 1);
    return [
      ...(trouble ? [describeTrouble(trouble)] : []),
      ...(held?.error
        ? [{ id: HELD_ID, kind: 'delete-guard' as const, error: this.#asked(held.error), since: held.since }]
        : []),
      ...state.wants.failing(failing).flatMap(describeFailing),
      ...this.waits(),
      ...this.drift.waits(),
    ];
  }

  /** What waits for what belongs to it: the first of it, as much as anybody is shown. */
  waits(): WaitingAtMirror[] {
    return this.#parts.assembler.waits.slice(0, WAITS_DESCRIBED).map(describeWait);
  }

  /** How many more wait than are described. */
  waitsBeyond(): number {
    return Math.max(0, this.#parts.assembler.waits.length - WAITS_DESCRIBED);
  }

  /** Changes that only a person, or the publisher, can make go on. */
  held(): number {
    const asking = this.#parts.assembler.waits.filter(needsPerson);
    return asking.reduce((sum, { paths }) => sum + paths.length, this.state.wants.countInState('held'));
  }

  /** A message of the master about this site. */
  receive(session: LinkSession, message: LinkMessage): void {
    // What is asked in between is about what was taken in by then.
    if (message.type === 'digestPage' || message.type === 'entriesPage') {
      if (session === this.#parts.teller.session) this.#check.hear(message);
      return;
    }
    this.#parts.intake.enqueue({ session, message });
  }

  /** Heard by multicast: as if the link had told it. */
  #announced(items: readonly Change[], first: number, through: number): void {
    const { journal } = this.state;
    // A mirror that is paused lets it go by: it is told where it stands when it goes on.
    if (journal === null || this.conditions.paused) return;
    const message = { site: this.follow.site, journal, items: [...items], through, headSeq: through };
    this.#parts.intake.enqueue({ first, message: { type: 'notify', mode: 'live', ...message } });
  }

  /** Drops what is older than the config keeps. */
  async sweep(historyBefore: Millis): Promise<void> {
    this.state.transfers.trim(historyBefore);
    this.state.belonging.trim(historyBefore);
    this.#parts.driftStore.trim(historyBefore);
    await this.#parts.publisher.trimVersions();
  }

  /**
   * A person at the install `by` decided about what is held or failing: go on, or give it up. `asked`: of deletes, about so many files.
   * False: there is nothing of that name, or there are more by now, of which nothing was said.
   */
  async resolve(id: string, how: 'publish' | 'discard', by: string, asked = Infinity): Promise<boolean> {
    const { state } = this;
    if (id === HELD_ID && state.wants.countFilesInState('held') > asked) return false;
    if (id === SOURCE_ID) {
      if (!this.trouble || !this.#pool || how === 'discard') return false;
      this.#parts.worker.use(this.#pool);
      return true;
    }
    if (id.startsWith(DRIFT_ID)) {
      if (!(await this.drift.resolve(id, how))) return false;
      this.#parts.worker.wake();
      this.#parts.teller.waits();
      return true;
    }
    const { assembler, publisher, reporter, worker } = this.#parts;
    if (!assembler.resolve(id, how, by)) {
      const decided = decideWants(state, id, how, by, this.#options.clock.now());
      if (decided.length === 0) return false;
      for (const want of decided) {
        if (how === 'discard') worker.replaced(want.path, undefined);
        assembler.changed(want.path);
        reporter.touch(want.transfer);
      }
      assembler.look();
    }
    worker.wake();
    publisher.unblocked();
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
