import type { LinkMessage, LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Change } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { LinkSession } from '../link/link-session.ts';
import { type MirrorState } from '../store/mirror-state.ts';
import { LARGE_BYTES } from '../store/wants.ts';
import type { Assembler } from './assembler.ts';
import type { MulticastEar } from './multicast-ear.ts';
import type { Publisher } from './publisher.ts';
import type { Receiver } from './receiver.ts';
import type { Teller } from './teller.ts';
import type { Worker } from './worker.ts';

/** A message of the master: over a link, or announced, and then from the seq `first` on. */
export interface Told {
  readonly session?: LinkSession;
  readonly first?: number;
  readonly message: LinkMessage;
}

export interface IntakeOptions {
  readonly site: string;
  readonly state: MirrorState;
  readonly receiver: Receiver;
  readonly publisher: Publisher;
  readonly assembler: Assembler;
  readonly worker: Worker;
  readonly teller: Teller;
  readonly ear: MulticastEar;
  /** The paths of a page that is about to be taken in at which all is as the master has it. */
  readonly standing: (page: LinkMessageOf<'snapshotPage'>, signal: AbortSignal) => Promise<ReadonlySet<SitePath>>;
  readonly isPaused: () => boolean;
  /** All has come that the master has. */
  readonly onCurrent: () => void;
  readonly resolve: (id: string, how: 'publish' | 'discard', by: string, asked?: number) => Promise<unknown>;
  readonly onBug: (error: unknown) => void;
}

/** What has come is taken in for so long without a break: files, clients and questions have their turn in between. */
const SLICE_MILLIS = 20;
/** So many messages may be here before no more is read, and so few before more is. */
const INBOX_MAX = 8;
const INBOX_LOW = 2;
/** What was notified is not stored later than this for the sake of the file that is being fetched already. */
const BEGUN_MILLIS = 10;

/**
 * Takes in what the master tells of one site, each message after those before it, a turn of the event loop later: by then the
 * transfer of what has just been put is under way.
 */
export class Intake {
  readonly #options: IntakeOptions;
  #inbox: Told[] = [];
  #held: LinkSession | undefined;
  /** What was found of the page that is first in the inbox. */
  #standing: { readonly page: LinkMessage; readonly paths: ReadonlySet<SitePath> } | undefined;
  readonly #ending = new AbortController();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#ending.abort();
    this.#readOn();
  }

  enqueue(told: Told): void {
    const { message, session } = told;
    this.#inbox.push(told);
    if (session && this.#inbox.length >= INBOX_MAX) {
      session.hold(this);
      this.#held = session;
    }
    if (this.#inbox.length > 1) return;
    const flushing = message.type === 'notify' && message.mode === 'live' && this.#options.worker.begin(message.items);
    if (!flushing) return void setImmediate(() => this.#takeIn());
    // The commit of the inbox blocks everything for as long as the disk takes: best while the file waits for the disk as well.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, BEGUN_MILLIS)));
    void Promise.race([flushing, late]).then(() => {
      clearTimeout(timer);
      setImmediate(() => this.#takeIn());
    });
  }

  #takeIn(): void {
    const { state, worker, teller, ear, onBug } = this.#options;
    if (this.#ending.signal.aborted) return;
    const until = performance.now() + SLICE_MILLIS;
    for (let told = this.#inbox[0]; told; told = performance.now() < until ? this.#inbox[0] : undefined) {
      const { session, first, message } = told;
      if (message.type === 'snapshotPage' && this.#standing?.page !== message) break;
      try {
        // What was announced counts only right after what is here: something before it may not have been taken, and of what was missed
        // a part of what comes after it may be here.
        if (first !== undefined && (first !== state.cursor + 1 || state.compared)) ear.retune();
        else this.#take(session, message);
      } catch (error) {
        const of = session ?? teller.session;
        if (!(error instanceof AppError)) onBug(error);
        // It cannot be stored (a full disk): the master tells it again when the link is back.
        else of?.close(error);
        // Another link, that is open by now, has been told where this mirror stands without it, and tells all from there once.
        this.#inbox = this.#inbox.filter((each) => each === told || (each.session ?? of) !== of);
      }
      // As long as something is in there the next turn is on its way, and `enqueue` asks for none.
      this.#inbox.shift();
    }
    worker.endBegun();
    ear.tune();
    if (this.#inbox.length <= INBOX_LOW) this.#readOn();
    const next = this.#inbox[0]?.message;
    if (next?.type === 'snapshotPage' && this.#standing?.page !== next) void this.#lookFor(next);
    else if (next) setImmediate(() => this.#takeIn());
  }

  /** Reads what stands at the names of a page, which is taken in after that. */
  async #lookFor(page: LinkMessageOf<'snapshotPage'>): Promise<void> {
    const { standing, onBug } = this.#options;
    const { signal } = this.#ending;
    try {
      this.#standing = { page, paths: await standing(page, signal) };
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) onBug(error);
      this.#standing = { page, paths: new Set() };
    }
    this.#takeIn();
  }

  #readOn(): void {
    this.#held?.letGo(this);
    this.#held = undefined;
  }

  /** Without a session: it was announced. */
  #take(session: LinkSession | undefined, message: LinkMessage): void {
    const { site, state, receiver, publisher, assembler, worker, teller, ear } = this.#options;
    switch (message.type) {
      case 'notify': {
        let taken: boolean;
        try {
          const renames = (order: Parameters<Publisher['orderRename']>[0]): boolean =>
            !this.#options.isPaused() && publisher.orderRename(order);
          taken = receiver.notify(message, renames);
        } catch (error) {
          publisher.forgetRenames();
          throw error;
        }
        if (!taken) return;
        if (session && session === teller.session && message.through >= message.headSeq) this.#options.onCurrent();
        publisher.carryOutRenames();
        assembler.look();
        worker.wake(message.mode === 'live' && message.items.every(isSmallFile) ? 'small' : 'anything');
        // The guard may hold deletes of what was missed.
        if (message.mode === 'catch-up') teller.waits();
        if (!session) teller.receivedSoon();
        else if (message.mode === 'live') teller.receivedNews();
        else teller.received(session);
        return;
      }
      case 'multicast':
        ear.offered(message).catch((error: unknown) => this.#failed(session, error));
        return;
      case 'rules':
        if (receiver.rules(message)) assembler.rulesChanged();
        return;
      case 'releaseGo':
        if (message.journal !== state.journal && message.journal !== receiver.comparing) return;
        state.belonging.go(message.release);
        return assembler.look();
      case 'resolve':
        if (!session) return;
        this.#options
          .resolve(message.id, message.how, session.peer.name, message.count)
          .catch((error: unknown) => this.#failed(session, error));
        return;
      case 'snapshotNeeded':
        // The next link, where there is one by now, was greeted as if it had not been told, and nobody would answer on this one.
        if (session?.closed && teller.session && teller.session !== session) return;
        receiver.beginSnapshot(message);
        teller.again();
        return session?.send({ type: 'snapshotWanted', site: site, journal: message.journal, after: '' });
      case 'snapshotPage': {
        const outcome = receiver.page(message, this.#standing?.paths ?? new Set());
        if (!outcome) return;
        assembler.look();
        worker.wake();
        teller.waits();
        if ('done' in outcome) return session && teller.received(session);
        const after = outcome.next as SitePath;
        return session?.send({ type: 'snapshotWanted', site: site, journal: message.journal, after });
      }
      default:
        return session?.close(new AppError('link.malformed', { reason: `a master does not send ${message.type}` }));
    }
  }

  #failed(session: LinkSession | undefined, error: unknown): void {
    if (!(error instanceof AppError)) this.#options.onBug(error);
    else (session ?? this.#options.teller.session)?.close(error);
  }
}

function isSmallFile(change: Change): boolean {
  return change.op === 'put' && change.size <= LARGE_BYTES;
}
