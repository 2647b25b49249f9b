import { LINK_ITEMS_MAX, type LinkMessageOf } from '../../../shared/contract/link.ts';
import type { TransferState } from '../../../shared/domain/verdict.ts';
import type { LinkSession } from '../link/link-session.ts';
import { defined } from '../core/defined.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { TransferRow } from '../store/transfers.ts';

/** News is gathered for this long, so that a burst is told in few messages. */
const GATHER_MILLIS = 20;
/** Where nothing was told for this long, the news is no burst. */
const QUIET_MILLIS = 250;
/** After so many in one message there is a flood, which is gathered for longer. */
const MANY = 50;
const FLOOD_MILLIS = 200;
/** No more is told while the link has this much to do. */
const BACKLOG_BYTES = 1024 * 1024;

/** Hears the same at this install. */
export interface Listener {
  /** Also while there is no link. */
  readonly isHeard: () => boolean;
  fared(rows: readonly TransferRow[]): void;
}

export interface ReporterOptions {
  readonly name: string;
  readonly state: MirrorState;
  readonly listener?: Listener | undefined;
  /** What the master of the link understands beyond the rest. */
  readonly understands: (what: string) => boolean;
  /** The master is about to be told that nothing is on its way any more. */
  readonly onNoneLeft: () => void;
}

/** Tells the master how each of its changes fares here (`states`). */
export class Reporter {
  readonly #name: string;
  readonly #state: MirrorState;
  readonly #listener: Listener | undefined;
  readonly #understands: (what: string) => boolean;
  readonly #pending = new Map<number, TransferState | undefined>();
  #session: LinkSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #gatherMillis = GATHER_MILLIS;
  #received = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #onNoneLeft: () => void;

  constructor({ name, state, listener, understands, onNoneLeft }: ReporterOptions) {
    this.#name = name;
    this.#state = state;
    this.#listener = listener;
    this.#understands = understands;
    this.#onNoneLeft = onNoneLeft;
  }

  open(session: LinkSession): void {
    this.#session = session;
    for (const { id } of this.#state.transfers.latest()) this.#pending.set(id, undefined);
    this.touch();
  }

  close(session: LinkSession): void {
    if (this.#session === session) this.#session = undefined;
  }

  /** Something changed; `now` where the transfer's state of the moment is not in the database. */
  touch(transfer?: number, now?: TransferState): void {
    if (!this.#session && !this.#listener?.isHeard()) return;
    if (transfer !== undefined) this.#pending.set(transfer, now);
    this.#timer ??= setTimeout(() => this.#tell(), this.#gatherMillis);
  }

  /** News has come, and is durable here: told in one go with how it fares, which halves what the link has to do for a file. */
  received(): void {
    this.#received = true;
    this.touch();
  }

  /**
   * Nothing is in hand any more. A single change is told now: who was at work for it a moment ago, here and at the master, has less to do than after
   * having slept, which the shortest timer lets both do.
   */
  rest(): void {
    if (this.#timer === undefined || performance.now() - this.#toldAt < QUIET_MILLIS) return;
    this.#soon ??= setImmediate(() => this.#tell());
  }

  stop(): void {
    this.#tell();
    // What did not fit into one message is told when the link opens again.
    clearTimeout(this.#timer);
    this.#session = undefined;
  }

  #tell(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = undefined;
    this.#soon = undefined;
    this.#toldAt = performance.now();
    const { journal } = this.#state;
    const session = this.#session?.closed === false ? this.#session : undefined;
    // What comes meanwhile is told with it.
    if (session && session.backlog > BACKLOG_BYTES) {
      this.#timer = setTimeout(() => this.#tell(), FLOOD_MILLIS);
      return;
    }
    if (!session && !this.#listener?.isHeard()) return;
    const ids = [...this.#pending.keys()].slice(0, LINK_ITEMS_MAX);
    const { known, publishedSeq, counts } = this.#state.store.reading(() => ({
      known: this.#state.transfers.of(ids),
      publishedSeq: this.#state.publishedSeq(),
      counts: this.#state.counts(),
    }));
    const rows = known.map((row) => ({ ...row, state: this.#pending.get(row.id) ?? row.state }));
    for (const id of ids) this.#pending.delete(id);
    if (session && journal !== null) {
      const { cursor } = this.#state;
      const isWithIt = this.#received && this.#understands('received');
      if (this.#received && !isWithIt) session.send({ type: 'received', site: this.#name, journal, seq: cursor });
      this.#received = false;
      if (counts.waiting === 0) this.#onNoneLeft();
      const items = rows.filter(({ seq }) => seq > 0).map(toItem);
      const received = isWithIt && { receivedSeq: cursor };
      session.send({ type: 'states', site: this.#name, journal, ...received, publishedSeq, ...counts, items });
    }
    this.#listener?.fared(rows);
    this.#gatherMillis = ids.length < MANY || this.#pending.size > 0 ? GATHER_MILLIS : FLOOD_MILLIS;
    if (this.#pending.size > 0) this.touch();
  }
}

function toItem(row: TransferRow): LinkMessageOf<'states'>['items'][number] {
  const { seq, path, state, verdict, receivedAt, fetchedAt, publishedAt, bytes, error, nextAttemptAt } = row;
  return defined({ seq, path, state, verdict, receivedAt, fetchedAt, publishedAt, bytes, error, nextAttemptAt });
}
