import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { LiveBatch, LiveChange } from '../../../shared/contract/live.ts';
import type { Change, Millis } from '../../../shared/domain/change.ts';
import { abortedError } from '../core/aborted-error.ts';
import type { Clock } from '../ports.ts';
import { defined } from '../core/defined.ts';
import type { TransferRow } from '../store/transfers.ts';
import { SiteBatch } from './batch.ts';
import { type PeerRates, SitePulse } from './pulse.ts';

type Reported = LinkMessageOf<'states'>['items'][number];

export interface LiveOptions {
  readonly clock: Clock;
  /** The name of a peer by its id. */
  readonly nameOf: (peer: string) => string;
  /** Somebody listens. Else nothing is gathered. */
  readonly isHeard: () => boolean;
  readonly tell: (batch: LiveBatch) => void;
  /** Mirror: is told of the news of transfers also while nobody listens, if it wants to be. */
  readonly hooks?: {
    readonly wants: () => boolean;
    readonly fared: (site: string, rows: readonly TransferRow[]) => void;
  };
}

/** What happens is gathered this long before it is told. */
const GATHER_MILLIS = 80;
/** Clocks that differ by less agree: the way of the message that told them apart is in it. */
const CLOCK_AGREES_MILLIS = 1000;

/**
 * What happens at this install, as it happens: counted always, and told in batches while somebody listens. It stands beside
 * the way of a change, never in it: whoever calls goes on after a few additions.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #pulses = new Map<string, SitePulse>();
  readonly #startedAt: Millis;
  #batches = new Map<string, SiteBatch>();
  #timer: NodeJS.Timeout | undefined;
  #revision = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  pulse(site: string): SitePulse {
    let pulse = this.#pulses.get(site);
    if (!pulse) this.#pulses.set(site, (pulse = new SitePulse()));
    return pulse;
  }

  /** What goes to a mirror; at a mirror: comes from its master. */
  ratesOf(site: string, peer: string): PeerRates {
    return this.pulse(site).peer(peer).rates(this.#options.clock.now());
  }

  /** Of changes and uploads. */
  ratesOfSite(site: string): Pick<PeerRates, 'changesPerSecond' | 'bytesPerSecond'> {
    const { changes, bytes } = this.pulse(site);
    const now = this.#options.clock.now();
    return { changesPerSecond: changes.rate(now), bytesPerSecond: bytes.rate(now) };
  }

  /** The revision of the last batch. What is gathered is told first, so that a snapshot that is taken now holds all of it. */
  settle(): number {
    this.#tell();
    return this.#revision;
  }

  /** Master: changes are committed. */
  committed(site: string, changes: readonly Change[], by: string): void {
    const pulse = this.pulse(site);
    const batch = this.#batch(site);
    const now = this.#options.clock.now();
    pulse.changes.add(changes.length, now);
    for (const change of changes) {
      pulse.times.set(change.seq, change.at);
      batch?.change(toLive(change, by));
    }
  }

  /** Master: an upload was broken off. */
  aborted(site: string, { path, at, by, size, reason }: Aborted): void {
    const error = abortedError(path, reason).toJSON();
    this.#batch(site)?.change({ op: 'aborted', path, at, by, size, error });
  }

  /** Master: bytes of files have come. */
  uploaded(site: string, bytes: number): void {
    this.pulse(site).bytes.add(bytes, this.#options.clock.now());
  }

  /** Master: bytes of files have gone to a mirror. At a mirror: have come from its master. */
  passed(site: string, peer: string, bytes: number): void {
    this.pulse(site).peer(peer).bytes.add(bytes, this.#options.clock.now());
  }

  /** Master: a mirror reports. `ahead`: its clock less ours; `since`: it was paired then, and what was changed before is no delay of it. */
  reported(site: string, peer: string, items: readonly Reported[], ahead: Millis, since: Millis = 0): void {
    if (items.length === 0) return;
    const sitePulse = this.pulse(site);
    const pulse = sitePulse.peer(peer);
    const batch = this.#batch(site)?.peer(peer);
    const now = this.#options.clock.now();
    const skew = Math.abs(ahead) < CLOCK_AGREES_MILLIS ? 0 : ahead;
    for (const item of items) {
      const { seq, publishedAt } = item;
      if (item.state === 'failed') pulse.fail();
      if (item.state !== 'published' || publishedAt === undefined) {
        batch?.state(toState(item));
        continue;
      }
      const changedAt = sitePulse.times.get(seq);
      // Whatever its clock says: after the change, and before it told of it.
      const at = Math.min(now, Math.max(changedAt ?? 0, publishedAt - skew));
      const isNews = changedAt !== undefined && changedAt >= since;
      if (pulse.publish(seq, at, isNews ? changedAt : undefined, now)) batch?.published(seq, at);
    }
  }

  /** Mirror: what hears how the changes of a site fare here. `own`: this install's id, `master`: that of the peer they come from. */
  watcher(site: string, own: string, master: string): Watcher {
    const { isHeard, hooks } = this.#options;
    return {
      isHeard: () => isHeard() || hooks?.wants() === true,
      fetched: (bytes) => this.passed(site, master, bytes),
      fared: (rows) => this.#fared(site, own, master, rows),
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#batches.clear();
  }

  #fared(site: string, own: string, master: string, rows: readonly TransferRow[]): void {
    this.#options.hooks?.fared(site, rows);
    const sitePulse = this.pulse(site);
    const pulse = sitePulse.peer(master);
    const batch = this.#batch(site);
    const now = this.#options.clock.now();
    for (const row of rows) {
      const { seq, notifiedAt, publishedAt } = row;
      // What is told again was received before, or a moment ago.
      if (row.receivedAt >= this.#startedAt && sitePulse.times.get(seq) === undefined) {
        sitePulse.times.set(seq, notifiedAt);
        sitePulse.changes.add(1, now);
        batch?.change(ofTransfer(row));
      }
      if (row.state === 'failed') pulse.fail();
      if (row.state !== 'published' || publishedAt === undefined) batch?.peer(own).state(toState(row));
      else if (pulse.publish(seq, publishedAt, notifiedAt || undefined, now))
        batch?.peer(own).published(seq, publishedAt);
    }
  }

  #batch(site: string): SiteBatch | undefined {
    if (!this.#options.isHeard()) return undefined;
    let batch = this.#batches.get(site);
    if (!batch) this.#batches.set(site, (batch = new SiteBatch()));
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MILLIS);
    return batch;
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batches.size === 0) return;
    const { clock, nameOf, tell } = this.#options;
    const sites = [...this.#batches].map(([site, batch]) => batch.tell(site, nameOf));
    this.#batches = new Map();
    this.#revision += 1;
    tell({ type: 'live', revision: this.#revision, at: clock.now(), sites });
  }
}

interface Watcher {
  isHeard(): boolean;
  fetched(bytes: number): void;
  fared(rows: readonly TransferRow[]): void;
}

interface Aborted {
  readonly path: LiveChange['path'];
  readonly at: Millis;
  readonly by: string;
  readonly size: number;
  readonly reason: string;
}

function toLive(change: Change, by: string): LiveChange {
  const { seq, op, path, at, release } = change;
  const size = op === 'put' ? change.size : undefined;
  const from = op === 'rename' ? change.from : undefined;
  return defined({ seq, op, path, from, size, at, by, release: release?.last });
}

function ofTransfer({ seq, op, path, from, size, notifiedAt, receivedAt }: TransferRow): LiveChange {
  return defined({ seq, op, path, from, size, at: notifiedAt || receivedAt });
}

function toState({ seq, state, error, nextAttemptAt }: Reported | TransferRow) {
  return defined({ seq, state, error, nextAttemptAt });
}
