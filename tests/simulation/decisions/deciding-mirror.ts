import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { nextAttempt } from '../../../electron/engine/core/retry.ts';
import type { Want } from '../../../electron/engine/core/want.ts';
import type { Peer } from '../../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../../electron/engine/link/link-session.ts';
import { Assembler } from '../../../electron/engine/mirror/assembler.ts';
import { decideWants, HELD_ID } from '../../../electron/engine/mirror/decide-wants.ts';
import type { Publisher } from '../../../electron/engine/mirror/publisher.ts';
import type { Ready } from '../../../electron/engine/mirror/ready.ts';
import { Receiver } from '../../../electron/engine/mirror/receiver.ts';
import { Reporter } from '../../../electron/engine/mirror/reporter.ts';
import type { Staging } from '../../../electron/engine/mirror/staging.ts';
import { Teller } from '../../../electron/engine/mirror/teller.ts';
import { MirrorState } from '../../../electron/engine/store/mirror-state.ts';
import type { SeededRandom } from '../random.ts';
import { silent } from './silent-logger.ts';
import { SITE } from './deciding-master.ts';
import { memoryStore } from './memory-store.ts';

export interface MirrorWorld {
  readonly random: SeededRandom;
  readonly now: () => number;
  readonly later: (millis: number, label: string, work: () => void) => void;
  /** It shows these otherwise than before, all in one moment. */
  readonly onShown: (paths: readonly SitePath[]) => void;
}

const FAILED_MAX = 1000;

interface ReadySet {
  readonly ready: readonly Ready[];
  readonly also: () => void;
}

/**
 * What a mirror decides: receiver, assembler, and what they tell the master. In the place of worker and publisher: files come
 * after a while, or fail, and what is to be shown is shown in one transaction. It has no tree.
 */
export class DecidingMirror {
  readonly peer: Peer;
  readonly store = memoryStore();
  readonly #world: MirrorWorld;
  readonly deleteGuard: number;
  readonly #staged = new Set<string>();
  state!: MirrorState;
  #receiver!: Receiver;
  #assembler!: Assembler;
  #reporter!: Reporter;
  #teller!: Teller;
  #session: LinkSession | undefined;
  #isCurrent = false;
  /** Of this life: what began in an earlier one comes to nothing. */
  #life = 0;
  #single: Ready[] = [];
  #sets: ReadySet[] = [];
  #isPublishing = false;
  readonly #underWay = new Set<string>();

  constructor(name: string, deleteGuard: number, world: MirrorWorld) {
    this.peer = {
      id: name.padEnd(64, '0'),
      name,
      role: 'mirror',
      certificate: '',
      address: null,
      dial: 'them',
    };
    this.deleteGuard = deleteGuard;
    this.#world = world;
    this.open();
  }

  /** Begins, or begins anew after its end. */
  open(): void {
    const { now } = this.#world;
    const state = (this.state = new MirrorState(this.store, SITE));
    state.notLaterThan(now());
    this.#reporter = new Reporter({
      name: SITE,
      state,
      understands: () => true,
      onNoneLeft: () => this.#teller.waitsAreOver(),
    });
    const onTransfer = (id: number): void => this.#reporter.touch(id);
    this.#teller = new Teller({
      site: SITE,
      state,
      reporter: this.#reporter,
      standing: () => [],
      waitsBeyond: () => 0,
      conditions: () => ({}),
      onChange: () => undefined,
    });
    this.#receiver = new Receiver({
      state,
      excludes: () => false,
      filter: '',
      deleteGuard: () => this.deleteGuard,
      now,
      onReplaced: () => undefined,
      onWant: (path) => this.#assembler.changed(path),
      groupsOf: (path) => this.#assembler.groupsOf(path),
      onTransfer,
    });
    this.#assembler = new Assembler({
      state,
      publisher: this.#publisher(),
      staging: this.#staging(),
      excludes: () => false,
      isCurrent: () => this.#isCurrent && !this.#receiver.comparing,
      canFetch: () => true,
      isPaused: () => false,
      now,
      logger: silent,
      onKept: () => undefined,
      onUnused: () => this.#work(),
      onFailed: (want, error) => this.#fail(want, error),
      onWaits: () => this.#teller.waits(),
      onRelease: (id, as, at) => this.#teller.release(id, as, at),
      onTransfer,
    });
    const life = this.#life;
    void this.#assembler.start().then(() => {
      if (life !== this.#life) return;
      for (const { nextAt } of state.wants.inState('failed', FAILED_MAX)) this.#dueLater(nextAt);
      this.#work();
    });
  }

  /** The process is gone: what is in its database is there. */
  end(): void {
    this.#life += 1;
    this.#assembler.stop();
    this.#teller.stop();
    this.#session = undefined;
    this.#reporter.stop();
    this.#isCurrent = false;
    this.#single = [];
    this.#sets = [];
    this.#isPublishing = false;
    this.#underWay.clear();
  }

  opened(session: LinkSession): void {
    const { state } = this;
    this.#session = session;
    session.send({
      type: 'hello',
      protocol: 1,
      node: { name: this.peer.name, role: 'mirror', version: 'simulated' },
      now: this.#world.now(),
      understands: [],
      sites: [
        {
          site: SITE,
          journal: state.filter === '' ? state.journal : null,
          seq: state.cursor,
          ...(state.term !== null && { term: state.term }),
          ...(state.knownTo < state.cursor && { knownTo: state.knownTo }),
          publishedSeq: state.publishedSeq(),
          filtered: false,
        },
      ],
    });
    this.#teller.open(session);
    this.#reporter.open(session);
  }

  closed(session: LinkSession): void {
    this.#isCurrent = false;
    if (this.#session === session) this.#session = undefined;
    this.#teller.close(session);
    this.#reporter.close(session);
  }

  /** As the intake does. */
  receive(session: LinkSession, message: LinkMessage): void {
    const { state } = this;
    switch (message.type) {
      case 'notify':
        if (!this.#receiver.notify(message, () => false)) return;
        if (session === this.#session && message.through >= message.headSeq) this.#isCurrent = true;
        if (message.mode === 'live') this.#teller.receivedNews();
        else this.#teller.received(session);
        break;
      case 'rules':
        if (this.#receiver.rules(message)) this.#assembler.rulesChanged();
        return;
      case 'releaseGo':
        if (message.journal !== state.journal && message.journal !== this.#receiver.comparing) return;
        state.belonging.go(message.release);
        break;
      case 'snapshotNeeded':
        this.#receiver.beginSnapshot(message);
        return session.send({ type: 'snapshotWanted', site: SITE, journal: message.journal, after: '' });
      case 'snapshotPage': {
        const outcome = this.#receiver.page(message, new Set());
        if (!outcome) return;
        if ('done' in outcome) this.#teller.received(session);
        else
          session.send({
            type: 'snapshotWanted',
            site: SITE,
            journal: message.journal,
            after: outcome.next as SitePath,
          });
        break;
      }
      default:
        return;
    }
    this.#assembler.look();
    this.#work();
  }

  /** Paths of which a person has said that they may go. */
  readonly answered = new Set<string>();

  /** A person looks in: what is held goes. */
  answer(): void {
    const held = decideWants(this.state, HELD_ID, 'publish', 'somebody', this.#world.now());
    for (const { path } of held) {
      this.answered.add(path);
      this.#assembler.changed(path);
    }
    this.#assembler.look();
    this.#work();
  }

  get waits(): readonly { readonly id: string }[] {
    return this.#assembler.waits;
  }

  #later(millis: number, label: string, work: () => void): void {
    const life = this.#life;
    this.#world.later(millis, label, () => {
      if (life === this.#life) work();
    });
  }

  /** In the place of the worker: what is queued is fetched, or needs no fetching. */
  #work(): void {
    const { random } = this.#world;
    const sql = "SELECT path, transfer, kind FROM want WHERE site = ? AND state = 'queued' ORDER BY path";
    for (const { path, transfer, kind } of this.store.all(sql, this.state.site)) {
      const key = `${Number(transfer)} ${String(path)}`;
      if (this.#underWay.has(key)) continue;
      this.#underWay.add(key);
      this.#later(random.between(0.1, kind === 'gone' ? 2 : 400), 'fetched', () => {
        this.#underWay.delete(key);
        this.#fetched(String(path) as SitePath, Number(transfer));
      });
    }
  }

  #fetched(path: SitePath, transfer: number): void {
    const { random } = this.#world;
    const current = this.state.wants.of(path);
    if (current?.transfer !== transfer || current.state !== 'queued') return this.#work();
    if (current.target.kind !== 'gone' && random.chance(0.05))
      return this.state.store.transaction(() => this.#fail(current, new AppError('link.lost', { address: '' })));
    const { target } = current;
    const verdict = target.kind === 'gone' ? 'delete' : 'fetch';
    const staged = target.kind === 'file' ? `f-${target.sha256}` : null;
    if (staged !== null) this.#staged.add(staged);
    this.#assembler.deliver([{ want: current, verdict, staged }]);
  }

  /** Within a transaction. */
  #fail(want: Want, error: AppError): void {
    const { now, random } = this.#world;
    const attempts = want.attempts + 1;
    const nextAt = nextAttempt(error, attempts, now(), random.number());
    this.state.wants.set({ ...want, state: 'failed', attempts, nextAt, error: error.toJSON(), staged: null });
    this.state.transfers.update(want.transfer, { state: 'failed', attempts, nextAttemptAt: nextAt });
    this.#assembler.failed(want.path);
    this.#dueLater(nextAt);
  }

  /** What has failed is tried again then. */
  #dueLater(at: number | null): void {
    const { now } = this.#world;
    this.#later((at ?? now()) - now() + 1, 'due', () => {
      for (const { path } of this.state.wants.inState('failed', FAILED_MAX)) this.#assembler.changed(path);
      this.state.wants.requeueDue(now());
      this.#assembler.look();
      this.#work();
    });
  }

  #staging(): Staging {
    const staged = this.#staged;
    const own = {
      readyNameOf: ({ transfer, path }: Want) => `r-${transfer}-${path}`,
      has: (name: string) => staged.has(name),
      rename: (_from: string, to: string) => void staged.add(to),
    };
    return own as unknown as Staging;
  }

  #publisher(): Publisher {
    const soon = (): void => {
      if (this.#isPublishing) return;
      this.#isPublishing = true;
      this.#later(this.#world.random.between(0.1, 20), 'publish', () => this.#publish());
    };
    const own = {
      publish: (...ready: Ready[]) => {
        this.#single.push(...ready);
        soon();
      },
      publishTogether: (ready: readonly Ready[], also: () => void) => {
        this.#sets.push({ ready, also });
        soon();
      },
    };
    return own as unknown as Publisher;
  }

  /** Single ones, then sets, each of them whole: a set with a member that was overtaken is planned anew, and what comes after it. */
  #publish(): void {
    this.#isPublishing = false;
    const [single, sets] = [this.#single.splice(0), this.#sets.splice(0)];
    const overtaken = sets.findIndex(({ ready }) => !ready.every((each) => this.#wanted(each)));
    const planned = overtaken < 0 ? sets : sets.slice(0, overtaken);
    const returned = sets.slice(planned.length).flatMap(({ ready }) => ready);
    const done: Ready[] = [];
    const unused: Ready[] = [];
    this.state.store.transaction(() => {
      for (const ready of single) {
        (this.#show(ready) ? done : unused).push(ready);
        this.#world.onShown([ready.want.path]);
      }
      for (const { ready, also } of planned) {
        also();
        for (const each of ready) (this.#show(each) ? done : unused).push(each);
        this.#world.onShown(ready.map(({ want }) => want.path));
      }
    });
    if (returned.length > 0) this.#assembler.returned(returned);
    for (const ready of [...done, ...unused]) this.#assembler.done(ready);
    for (const { want } of done) this.#reporter.touch(want.transfer);
    this.#work();
  }

  /** False: it is not wanted any more. */
  #show(ready: Ready): boolean {
    const want = this.#wanted(ready);
    if (!want) return false;
    const { path, target, seq, transfer } = want;
    if (target.kind === 'gone') this.state.dropEntry(path);
    else this.state.setEntry(path, target, seq);
    this.state.wants.drop(path);
    if (!want.part || this.state.transfers.isDone(transfer))
      this.state.transfers.update(transfer, { state: 'published', publishedAt: this.#world.now() });
    return true;
  }

  #wanted({ want }: Ready): Want | undefined {
    const now = this.state.wants.of(want.path);
    if (!now || (now.state !== 'queued' && now.state !== 'ready')) return undefined;
    const [one, other] = [now.target, want.target];
    if (one.kind === 'file' && other.kind === 'file') return one.sha256 === other.sha256 ? now : undefined;
    return one.kind === other.kind ? now : undefined;
  }
}
